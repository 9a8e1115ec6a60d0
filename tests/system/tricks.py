"""Drafts that try to deceive, for test_spoof: a row says what a draft is and
which finding it must have.  "amount=12000.00 EUR" asks for a value, too.

FROM writes to one recipient, BOB, unless a row says otherwise; BOB is known
to the ledger and to the plug-ins.
"""

import base64

FROM = "bot@corp.example"
BOB = "bob@customer.example"
KEY = "ghp_" + "a1B2c3D4e5F6" * 3
EVIL = "https://evil.test/login"

TRICKS = []


def add(name, flag, raw, *rcpts):
    assert name not in {trick[0] for trick in TRICKS}, name
    if isinstance(raw, str):
        raw = raw.encode()
    TRICKS.append((name, flag, raw.replace(b"\n", b"\r\n"), rcpts or (BOB,)))


def fields(to=None, subject="Our order", sender=f"Corp <{FROM}>", more=""):
    return (f"From: {sender}\nTo: {to or BOB}\nSubject: {subject}\n"
            "Date: Sat, 21 Nov 2026 10:00:00 +0000\n"
            f"Message-ID: <{len(TRICKS)}.tricks@corp.example>\n{more}"
            "MIME-Version: 1.0\n")


TEXT = "Hello Bob,\n\nthe goods leave on Monday.\n"


def plain(text=TEXT, **more):
    return (fields(**more) + "Content-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n" + text)


def html(body, head="", **more):
    return (fields(**more) + "Content-Type: text/html; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n"
            f"<html><head>{head}</head><body><p>Hello Bob,</p>"
            f"<p>the goods leave on Monday.</p>{body}</body></html>\n")


def part(kind, body, more=""):
    return f"Content-Type: {kind}; charset=utf-8\n{more}\n{body}\n"


def multi(kind, *parts, more=""):
    return (fields(more=more) + f'Content-Type: multipart/{kind}; '
            'boundary="cut"\n\n'
            + "".join(f"--cut\n{p}" for p in parts) + "--cut--\n")


def pair(text, page):
    return multi("alternative", part("text/plain", text),
                 part("text/html", page))


# ---- domains that look like another ------------------------------------

def domain(name, recipient, shown=None):
    """A recipient whose domain only looks like a known one."""
    add("domain: " + name, "confusable-domain",
        plain(to=shown or recipient), recipient)


domain("Cyrillic es, punycode", "bob@" + "сustomer".encode("idna").decode()
       + ".example")
domain("Greek omicron, punycode", "bob@" + "custοmer".encode("idna").decode()
       + ".example")
domain("Cyrillic in UTF-8", "bob@cuѕtomer.example")
domain("wholly Cyrillic", "bob@" + "раура".encode("idna").decode() + ".com")
domain("accent", "bob@" + "customér".encode("idna").decode() + ".example")
domain("dotless i", "bob@" + "pаypаl".encode("idna").decode() + ".com")
domain("rn for m", "bob@custorner.example")
domain("zero for o", "bob@cust0mer.example")
domain("doubled letter", "bob@custommer.example")
domain("swapped letters", "bob@cusotmer.example")
domain("known name in front", "bob@customer.example.evil.test")
domain("hyphen for the dot", "bob@customer-example.test")
domain("mail. and login. in front", "bob@login.cust0mer.example")
add("domain: homograph of our own", "confusable-domain",
    plain(to="bob@c0rp.example"), "bob@c0rp.example")
add("domain: look-alike in Cc only", "confusable-domain",
    plain(more="Cc: bob@custorner.example\n"), BOB, "bob@custorner.example")

# ---- names before addresses ---------------------------------------------

EVE = "eve@evil.test"


def display(name, to):
    add("name: " + name, "address-in-display-name", plain(to=to), EVE)


display("another address", f'"{BOB}" <{EVE}>')
display("another address, encoded",
        f"=?utf-8?q?bob=40customer=2Eexample?= <{EVE}>")
display("another address, base64", "=?utf-8?b?"
        + base64.b64encode(BOB.encode()).decode() + f"?= <{EVE}>")
display("fullwidth at and dot", f'"bob＠customer．example" <{EVE}>')
display("small at", f'"bob﹫customer.example" <{EVE}>')
display("brackets of its own", f'"Bob <{BOB}>" <{EVE}>')
display("in a comment", f"{EVE} ({BOB})")
display("only a domain", f'"customer.example accounts" <{EVE}>')
display("blanks push it away", f'"Bob Bobson{" " * 90}." <{EVE}>')
display("wide blanks push it away", f'"Bob Bobson{"　" * 40}." <{EVE}>')
add("name: address as the local part", "address-in-display-name",
    plain(to='"bob@customer.example"@evil.test'),
    '"bob@customer.example"@evil.test')
add("name: the author's", "address-in-display-name",
    plain(sender=f'"boss@bank.example" <{FROM}>'))
add("name: right-to-left", "bidi", plain(to=f"\"Bob \u202etset.live\" <{EVE}>"),
    EVE)
add("name: filler", "invisible-characters",
    plain(to=f'"Bobㅤ" <{BOB}>'))
add("name: zero width", "invisible-characters",
    plain(to=f'"bob@cust\u200bomer.example" <{EVE}>'), EVE)
add("name: Cyrillic local part", "confusable-address",
    plain(to="bоb@customer.example"), "bоb@customer.example")
add("name: zero width non-joiner", "invisible-characters",
    plain(to=f'"Bo\u200cb" <{BOB}>'))
add("reply: look-alike", "reply-to-differs",
    plain(more="Reply-To: Corp <bot@c0rp.example>\n"))
add("reply: one of two", "reply-to-differs",
    plain(more=f"Reply-To: {FROM}, {EVE}\n"))
add("author: another's Sender", "from-not-authorised",
    plain(more="Sender: boss@bank.example\n"))
add("author: second From", "from-not-authorised",
    plain(sender=f"Corp <{FROM}>, Boss <boss@bank.example>"))
add("author: From in capitals", "from-not-authorised",
    plain(sender="Boss <BOSS@BANK.EXAMPLE>"))
add("recipient: not in a field", "hidden-recipient", plain(), BOB, EVE)
add("recipient: only shown", "to-envelope-mismatch",
    plain(more="Cc: Boss <boss@customer.example>\n"))

# ---- hidden text --------------------------------------------------------

SECRET = "Pay the sum to the other account."


def hides(name, style, flag="hidden-text"):
    add("hidden: " + name, flag, html(f'<p style="{style}">{SECRET}</p>'))


def page_hides(name, body, head="", flag="hidden-text"):
    add("hidden: " + name, flag, html(body, head))


hides("scale", "transform:scale(0.01)")
hides("scaled in one direction", "transform: scaleX(0)")
hides("turned away", "transform:rotateY(90deg)")
hides("moved", "transform:translateX(-9999px)")
hides("to the right", "position:absolute;left:9999px")
hides("right of the right", "position:fixed;right:-9999px")
hides("below", "position:absolute;bottom:-5000px")
hides("inset", "position:absolute;inset:-9999px auto auto auto")
hides("margins in one", "margin:0 0 0 -9999px")
hides("by screens", "margin-left:-200vw")
hides("white as hsl", "color:hsl(0,0%,100%)")
hides("white in per cent", "color:rgb(100%,100%,100%)")
hides("white with blanks", "color:rgb(255 255 255)")
hides("transparent with a slash", "color:rgb(0 0 0 / 0)")
hides("transparent in eight digits", "color:#00000000")
hides("transparent in four digits", "color:#0000")
hides("nearly white", "color:#f6f6f6")
hides("white by another name", "color:snow")
hides("smoke", "color: WhiteSmoke")
hides("black on black", "background:#000;color:#010101")
hides("gradient behind it", "background:linear-gradient(#fff,#fff);color:#fff")
hides("filled with nothing", "-webkit-text-fill-color:transparent")
hides("filter", "filter:opacity(0)")
hides("filter of old", "filter:alpha(opacity=0)")
hides("blurred", "filter:blur(40px)")
hides("clipped to a circle", "clip-path:circle(0)")
hides("clipped to a polygon", "clip-path:polygon(0 0,0 0,0 0)")
hides("one pixel", "height:1px;width:1px;overflow:hidden")
hides("one pixel high at most", "max-height:1px;overflow:hidden")
hides("clipped axis", "height:0;overflow-y:clip")
hides("computed size", "font-size:calc(0px)")
hides("size in screens", "font-size:0.01vw")
hides("size in exponents", "font-size:1e-9px")
hides("whole font", "font:italic 700 0px/1 Arial")
hides("letters on each other", "letter-spacing:-1em")
hides("zoom", "zoom:0.01")
hides("content hidden", "content-visibility:hidden")
hides("escaped name", r"d\69 splay:no\6e e")
hides("comment in the name", "dis/**/play:none")
hides("custom property", "--x:none;display:var(--x)")
hides("indent to the right", "text-indent:9999px;overflow:hidden;"
      "white-space:nowrap")
hides("opacity in exponents", "opacity:1e-3")
hides("discs", "-webkit-text-security:disc")
page_hides("class", f'<p class="a">{SECRET}</p>',
           "<style>.a{display:none}</style>")
page_hides("id", f'<p id=a>{SECRET}</p>', "<style>p#a{opacity:0}</style>")
page_hides("element", f"<address>{SECRET}</address>",
           "<style>h1,address{font-size:0!important}</style>")
page_hides("descendant", f"<div class=a><i>{SECRET}</i></div>",
           "<style>.a > i {visibility:hidden}</style>")
page_hides("attribute", f'<p title=a>{SECRET}</p>',
           "<style>[title=a]{display:none}</style>")
page_hides("screen", f'<p class="a b">{SECRET}</p>',
           "<style>@media screen{ .b { display : none } }</style>")
page_hides("wide screens", f'<p class="b">{SECRET}</p>',
           "<style>@media (min-width:1px){.b{display:none}}</style>")
page_hides("narrow screens", f'<p class="b">{SECRET}</p>',
           "<style>@media only screen and (max-width:600px)"
           "{.b{display:none!important}}</style>")
page_hides("sheet behind", f'<p class="b">{SECRET}</p>'
           "<style>.b{color:white}</style>")
page_hides("sheet in a comment's arrows", f'<p class="b">{SECRET}</p>',
           "<style><!-- .b{display:none} --></style>")
page_hides("sheet for Outlook", f'<p class="b">{SECRET}</p>',
           "<!--[if mso]><style>.b{display:none}</style><![endif]-->")
page_hides("attribute class", f'<p class="ab">{SECRET}</p>',
           '<style>*[class~="ab"]{max-height:0;overflow:hidden}</style>')
page_hides("nested at-rule", f'<p class="b">{SECRET}</p>',
           "<style>@supports(display:block){@media all{.b{display:none}}}"
           "</style>")
page_hides("sheet writes", '<p class="b"></p>',
           f'<style>.b::after{{content:"{SECRET}"}}</style>')
page_hides("sheet writes an attribute", f'<p class="b" data-a="{SECRET}"></p>',
           "<style>.b:before{content:attr(data-a)}</style>")
page_hides("sheet writes in escapes", '<p class="b"></p>',
           r'<style>.b::after{content:"\70\61\79\20\65\76\65"}</style>')
page_hides("not for Outlook", "<p>We do <!--[if !mso]><!-->not"
           "<!--<![endif]--> agree.</p>")
page_hides("not for Outlook, the other way",
           "<p>We do <![if !mso]>not<![endif]> agree.</p>")
page_hides("for Outlook, other words", '<!--[if mso]><v:roundrect '
           f'href="{EVIL}"><center>Pay</center></v:roundrect><![endif]-->'
           '<a href="https://corp.example/" style="mso-hide:all">See</a>')
page_hides("for Outlook, another link", '<!--[if mso]><v:roundrect '
           f'href="{EVIL}"><center>See</center></v:roundrect><![endif]-->'
           '<a href="https://corp.example/" style="mso-hide:all">See</a>')
page_hides("dialog", f"<dialog>{SECRET}</dialog>")
page_hides("canvas", f"<canvas>{SECRET}</canvas>")
page_hides("video", f"<video>{SECRET}</video>")
page_hides("list of data", f"<datalist><p>{SECRET}</p></datalist>")
page_hides("white body", f"<p>{SECRET}</p>",
           "</head><body text=white bgcolor=white>")
page_hides("font element", f'<font color="#FEFEFE">{SECRET}</font>')
page_hides("long preheader", '<div style="display:none;max-height:0">'
           f"{SECRET * 9}</div>")
page_hides("preheader that says more",
           '<div style="display:none;max-height:0;overflow:hidden">'
           "the goods do not leave on Monday.</div>")
add("hidden: preheader with another sum", "hidden-text", html("").replace(
    "<body>", '<body><div style="display:none;max-height:0;overflow:hidden;'
    'mso-hide:all">the goods leave for 900 EUR on Monday</div>'))
add("hidden: preheader that turns it round", "hidden-text", html("").replace(
    "<body>", '<body><div style="display:none;max-height:0;overflow:hidden;'
    'mso-hide:all">Monday the goods leave Bob</div>'))
page_hides("turned figures", "<p>Pay <bdo dir=rtl>0009</bdo> EUR.</p>",
           flag="bidi")
page_hides("turned figures by style", '<p>Pay <span style="direction:rtl;'
           'unicode-bidi:bidi-override">0009</span> EUR.</p>', flag="bidi")
page_hides("turned figures by sheet", "<p>Pay <i class=a>0009</i> EUR.</p>",
           "<style>.a{unicode-bidi: bidi-override;direction:rtl}</style>",
           flag="bidi")

# ---- characters that nobody sees ---------------------------------------

add("character: zero width in the subject", "invisible-characters",
    plain(subject="=?utf-8?q?No_guar=E2=80=8Bantee?="))
add("character: joiner in a word", "invisible-characters",
    plain("We give a gua\u200drantee.\n"))
add("character: grapheme joiner in a sum", "invisible-characters",
    plain("You owe 12\u034f000 EUR.\n"))
add("character: soft hyphen in a sum", "invisible-characters",
    plain("You owe 12\u00ad000 EUR.\n"))
add("character: right-to-left mark in a sum", "bidi",
    plain("You owe 12\u200f000 EUR.\n"))
add("character: Arabic mark in a word", "bidi", plain("no guar\u061cantee\n"))
add("character: turned by a reference", "bidi",
    html("<p>Pay &#x202e;0009 EUR&#x202c;.</p>"))
add("character: isolate in a link's text", "bidi",
    html(f'<a href="{EVIL}">\u2066customer.example\u2069</a>'))
add("character: tags in a link's text", "invisible-characters",
    html(f'<a href="{EVIL}">here\U000e0041\U000e0042</a>'))
add("character: selectors carry bytes", "invisible-characters",
    plain("Hello\U000e0101\U000e0120\U000e0131 Bob\n"))
add("character: low selectors carry bytes", "invisible-characters",
    plain("Hello\ufe01\ufe07\ufe03\ufe0c Bob\n"))
add("character: file name", "bidi", multi(
    "mixed", part("text/plain", TEXT),
    "Content-Type: application/octet-stream\nContent-Disposition: attachment;"
    " filename*=utf-8''bill%E2%80%AEfdp.exe\n\nx\n"))
add("character: Mongolian separator", "invisible-characters",
    plain("no guar\u180eantee\n"))
add("character: invisible times", "invisible-characters",
    plain("You owe 12\u2062000 EUR.\n"))
add("character: Cyrillic in words", "mixed-script-words",
    plain("This is the оnly раyment асcount.\n"))
add("character: Greek in the subject", "mixed-script-words",
    plain(subject="=?utf-8?q?Yοur_invοice?="))

# ---- links --------------------------------------------------------------


def link(name, flag, body, head=""):
    add("link: " + name, flag, html(f"<p>{body}</p>", head))


SITE = "https://customer.example/"
link("name before the host", "link-lookalike",
     '<a href="https://customer.example@evil.test/">Your page</a>')
link("password before the host", "link-lookalike",
     '<a href="https://customer.example:443@evil.test/">Your page</a>')
link("backslashes", "link-mismatch",
     r'<a href="https:\\evil.test\@customer.example">'
     "https://customer.example</a>")
link("one slash", "link-mismatch",
     '<a href="https:/evil.test/">https://customer.example</a>')
link("no slash", "link-mismatch",
     '<a href="https:evil.test">https://customer.example</a>')
link("blanks within", "link-mismatch",
     '<a href=" ht\ttps://evil\n.test/">https://customer.example</a>')
link("base", "link-mismatch", f'<a href="/login">{SITE}</a>',
     '<base href="https://evil.test/">')
link("area", "link-mismatch", f'<a href="{EVIL}"><img src="cid:a" '
     f'alt="{SITE}"></a>')
link("svg", "link-mismatch", f'<svg><a xlink:href="{EVIL}"><text>{SITE}'
     "</text></a></svg>")
link("text in pieces", "link-mismatch", f'<a href="{EVIL}">https://<b>cust'
     "</b>omer<!-- -->.example</a>")
link("text with a zero width", "link-mismatch",
     f'<a href="{EVIL}">https://cust&#8203;omer.example/</a>')
link("text without a scheme", "link-mismatch",
     f'<a href="{EVIL}">www.customer.example</a>')
link("text in fullwidth", "link-mismatch",
     f'<a href="{EVIL}">https://customer．example/</a>')
link("text with another dot", "link-mismatch",
     f'<a href="{EVIL}">https://customer。example/</a>')
link("escaped host", "link-mismatch",
     f'<a href="https://%65vil.test/">{SITE}</a>')
link("number", "link-ip", '<a href="http://3232235777/">Your page</a>')
link("octal number", "link-ip", '<a href="http://0300.0250.1.1/">Page</a>')
link("six", "link-ip", '<a href="http://[::ffff:192.168.1.1]/">Page</a>')
link("punycode", "link-lookalike", '<a href="https://'
     + "сustomer".encode("idna").decode() + '.example/">Your page</a>')
link("known name in front", "link-lookalike",
     '<a href="https://customer.example.evil.test/">Your page</a>')
link("one letter", "link-lookalike",
     '<a href="https://custorner.example/">Your page</a>')
link("data", "link-scheme",
     '<a href="data:text/html;base64,PHA+">Your page</a>')
link("script in references", "link-scheme",
     '<a href="&#106;ava&Tab;script:alert(1)">Your page</a>')
link("mail to another", "link-mismatch",
     f'<a href="mailto:{EVE}">{BOB}</a>')
link("mail by a header", "link-mismatch",
     f'<a href="mailto:?to={EVE}">{BOB}</a>')
link("mail with a hidden copy", "link-mismatch",
     f'<a href="mailto:{BOB}?bcc={EVE}">{BOB}</a>')
link("another telephone", "link-mismatch",
     '<a href="tel:+19005550199">+44 20 7946 0000</a>')
link("in plain text", "link-lookalike", "https://customer.example@evil.test/")
link("quoteless", "link-mismatch", f"<a href={EVIL}>{SITE}</a>")
link("second href", "link-mismatch", f'<a href="{EVIL}" href="{SITE}">{SITE}'
     "</a>")
link("meta", "active-content", "See above.",
     f'<meta http-equiv="refresh" content="0;url={EVIL}">')
link("form", "active-content", f'<form action="{EVIL}"><input name=pin>'
     "<button>Send</button></form>")

# ---- sums -----------------------------------------------------------

TWELVE = "amount=12000.00 EUR"
for title, words in {
        "bold point": "12<b>.</b>000 EUR", "comment": "12<!-- , -->000 EUR",
        "span": "1<span>2</span>0<i>0</i>0 EUR", "wbr": "12<wbr>000 EUR",
        "zero width": "12&#8203;000 EUR", "word joiner": "12&#x2060;000 EUR",
        "zero width joiner": "12&zwj;000 EUR", "shy": "12&shy;000 EUR",
        "left-to-right mark": "12&lrm;000 EUR",
        "fullwidth": "１２０００ EUR", "mathematical": "𝟏𝟐𝟎𝟎𝟎 EUR",
        "thin space": "12&thinsp;000 EUR", "narrow": "12\u202f000\u00a0€",
        "currency split": "12000 E<b>U</b>R",
        "currency with a zero width": "12000 E&#8203;UR",
        "entity digits": "&#49;&#50;000 &euro;"}.items():
    add("sum: " + title, TWELVE, html(f"<p>You owe {words} by May.</p>"))
for title, words in {"plain zero width": "12\u200b000 EUR",
                     "plain joiner": "12\u200d000 EUR",
                     "plain isolate": "12\u2066000\u2069 EUR",
                     "plain byte order mark": "12\ufeff000 EUR"}.items():
    add("sum: " + title, TWELVE, plain(f"You owe {words} by May.\n"))
add("sum: in the subject", TWELVE, plain(
    subject="=?utf-8?q?Invoice=3A_12=E2=80=8B000_EUR?="))
add("sum: hidden figure", "hidden-text", html(
    '<p>You owe 1<span style="font-size:0">2</span>000 EUR.</p>'))

# ---- what was not filled in ---------------------------------------------

for title, words in {
        "title": '<p title="Dear {{name}}">Hi</p>',
        "title with an arrow": '<p title="a > b {{name}}">Hi</p>',
        "title in references": '<p title="&#123;&#123;name}}">Hi</p>',
        "alt": '<img src="cid:a" alt="[Your Name]">',
        "link": '<a href="https://corp.example/?u={{id}}">Page</a>',
        "link in per cent": '<a href="https://corp.example/?u=%7B%7Bid%7D%7D">'
        "Page</a>", "picture": '<img src="https://corp.example/${image}.png">',
        "split": "<p>Dear {<b>{name}</b>},</p>",
        "zero width": "<p>Dear {&#8203;{name}&#8203;},</p>",
        "merge field": '<a href="*|LINK|*">Page</a>',
        "button": '<input type=button value="{{label}}">'}.items():
    add("placeholder: " + title, "placeholder", html(words))
add("placeholder: header", "placeholder", plain(
    more="List-Unsubscribe: <https://corp.example/leave/{{id}}>\n"))
add("placeholder: file name", "placeholder", multi(
    "mixed", part("text/plain", TEXT),
    part("text/csv", "a,b", "Content-Disposition: attachment;"
         ' filename="report-{{month}}.csv"\n')))
add("placeholder: name", "placeholder", plain(to=f'"{{{{name}}}}" <{BOB}>'))

# ---- secrets ------------------------------------------------------------


def b64(data):
    return base64.encodebytes(data).decode()


CODED = "Content-Transfer-Encoding: base64\n"
add("secret: base64 text", "secret-like", fields()
    + "Content-Type: text/plain; charset=utf-8\n" + CODED + "\n"
    + b64(f"The key is {KEY}\n".encode()))
add("secret: base64 page", "secret-like", multi(
    "alternative", part("text/plain", TEXT),
    part("text/html", b64(f"<!-- {KEY} --><p>Hi</p>".encode()), CODED)))
for title, kind, data in [
        ("base64 file", "application/octet-stream", f"token={KEY}".encode()),
        ("UTF-16 file", "application/octet-stream",
         f"token={KEY}".encode("utf-16")),
        ("JSON", "application/json", f'{{"a":"{KEY}"}}'.encode()),
        ("page as a file", "text/html", f"<a title='{KEY}'>".encode()),
        ("message", "text/plain", f"{KEY}".encode())]:
    add("secret: " + title, "secret-like", multi(
        "mixed", part("text/plain", TEXT),
        f"Content-Type: {kind}\nContent-Disposition: attachment; "
        f'filename="a.dat"\n{CODED}\n{b64(data)}'))
add("secret: base64 within the text", "secret-like",
    plain("Our note: " + base64.b64encode(f"token {KEY}".encode()).decode()
          + "\n"))
add("secret: zero width", "secret-like",
    plain(f"The key is {KEY[:9]}\u200b{KEY[9:]}\n"))
add("secret: split by markup", "secret-like",
    html(f"<p>The key is {KEY[:9]}<b>{KEY[9:]}</b></p>"))
add("secret: field", "secret-like", plain(more=f"X-Note: {KEY}\n"))
add("secret: display name", "secret-like", plain(to=f'"{KEY}" <{BOB}>'))
add("secret: link", "secret-like",
    html(f'<a href="https://corp.example/?t={KEY}">Page</a>'))
add("secret: file name", "secret-like", multi(
    "mixed", part("text/plain", TEXT),
    part("text/plain", "x", "Content-Disposition: attachment;"
         f' filename="{KEY}.txt"\n')))

# ---- text and page ------------------------------------------------------

for title, one, other in [
        ("not", "We do not accept your offer.", "We do accept your offer."),
        ("n't", "We can't accept your offer.", "We can accept your offer."),
        ("cannot", "We cannot accept your offer.",
         "We can accept your offer."),
        ("un-", "The offer is binding on us.",
         "The offer is non-binding on us."),
        ("dis-", "We agree to your terms of May.",
         "We disagree to your terms of May."),
        ("kein", "Das ist ein Angebot an Sie.", "Das ist kein Angebot an Sie."),
        ("ne pas", "Nous acceptons votre offre.",
         "Nous n'acceptons pas votre offre."),
        ("opposite", "We accept your offer of May.",
         "We reject your offer of May."),
        ("no", "There is a fee for this service.",
         "There is no fee for this service."),
        ("sum", "Please pay 900 EUR by Monday.",
         "Please pay 9000 EUR by Monday."),
        ("day", "Please pay 900 EUR by Monday.",
         "Please pay 900 EUR by Friday."),
        ("account", "Our account is GB29 NWBK 6016 1331 9268 19.",
         "Our account is GB94 BARC 1020 1530 0934 59."),
        ("order", "First pay 100 EUR, then 900 EUR.",
         "First pay 900 EUR, then 100 EUR."),
        ("who", "Alice owes money to Robert Brown.",
         "Robert Brown owes money to Alice."),
        ("more in the page", "Hello Bob.", "Hello Bob. Send all to Eve now.")]:
    add("differ: " + title, "parts-differ", pair(one, f"<p>{other}</p>"))
add("differ: page comes first", "parts-differ", multi(
    "alternative", part("text/html", "<p>We accept your offer.</p>"),
    part("text/plain", "We do not accept your offer.")))
add("differ: a second page", "parts-differ", multi(
    "alternative", part("text/plain", "We do not accept your offer."),
    part("text/html", "<p>We do not accept your offer.</p>"),
    part("text/html", "<p>We accept your offer.</p>")))
add("differ: a second text", "parts-differ", multi(
    "alternative", part("text/plain", "We do not accept your offer."),
    part("text/plain", "We accept your offer.")))
add("differ: AMP", "parts-differ", multi(
    "alternative", part("text/plain", "We do not accept your offer."),
    part("text/x-amp-html", "<p>We accept your offer.</p>"),
    part("text/html", "<p>We do not accept your offer.</p>")))
add("differ: enriched", "parts-differ", multi(
    "alternative", part("text/plain", "We do not accept your offer."),
    part("text/enriched", "We accept your offer.")))
add("differ: page within related", "parts-differ", multi(
    "alternative", part("text/plain", "We do not accept your offer."),
    'Content-Type: multipart/related; boundary="in"\n\n--in\n'
    + part("text/html", "<p>We accept your offer.</p>") + "--in--\n"))

# ---- structure ----------------------------------------------------------

add("structure: behind the end", "text-outside-parts", multi(
    "mixed", part("text/plain", TEXT)) + "Pay Eve.\n")
add("structure: two encodings", "mime-ambiguous", fields()
    + "Content-Type: text/plain\n" + CODED
    + "Content-Transfer-Encoding: 7bit\n\n" + TEXT)
add("structure: two boundaries", "mime-ambiguous", fields()
    + 'Content-Type: multipart/mixed; boundary="a"; boundary="b"\n\n--a\n'
    + part("text/plain", TEXT) + "--a--\n--b\n"
    + part("text/plain", "Pay Eve.") + "--b--\n")
add("structure: boundary in pieces", "mime-ambiguous", fields()
    + 'Content-Type: multipart/mixed; boundary="a"; boundary*0="b"\n\n--a\n'
    + part("text/plain", TEXT) + "--a--\n--b\n"
    + part("text/plain", "Pay Eve.") + "--b--\n")
add("structure: two charsets", "mime-ambiguous", fields()
    + "Content-Type: text/plain; charset=us-ascii; charset=utf-7\n\n"
    + "+AFA-ay Eve.\n")
add("structure: UTF-7", "charset-unclear", fields()
    + "Content-Type: text/html; charset=utf-7\n\n+ADw-p+AD4-Pay\n")
add("structure: encoded whole", "mime-ambiguous", fields()
    + 'Content-Type: multipart/mixed; boundary="a"\n' + CODED + "\n"
    + b64(b"--a\n\nPay Eve.\n--a--\n"))
add("structure: unknown encoding", "mime-ambiguous", fields()
    + "Content-Type: text/plain\nContent-Transfer-Encoding: x-uue\n\n" + TEXT)
add("structure: uuencoded file", "mime-ambiguous", plain(
    TEXT + "begin 644 run.exe\n#0V%T\n`\nend\n"))
add("structure: winmail.dat", "attachment-type", multi(
    "mixed", part("text/plain", TEXT),
    "Content-Type: application/ms-tnef\nContent-Disposition: attachment;"
    f' filename="winmail.dat"\n{CODED}\n'
    + b64(bytes.fromhex("789f3e22") + b"\x01" * 60)))
add("structure: signed opaquely", "unreadable-content", fields()
    + "Content-Type: application/pkcs7-mime; smime-type=signed-data; "
    f'name="smime.p7m"\n{CODED}\n' + b64(b"0\x80\x06\x09*\x86H" + b"x" * 90))
add("structure: encrypted", "unreadable-content", multi(
    'encrypted; protocol="application/pgp-encrypted"',
    "Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
    "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n"
    "\nhQEMA\n-----END PGP MESSAGE-----\n"))
add("structure: from elsewhere", "remote-content", multi(
    "mixed", part("text/plain", TEXT), "Content-Type: message/external-body;"
    ' access-type=URL; URL="https://evil.test/a"\n\n\n'))
add("structure: piece of a message", "unreadable-content", fields()
    + 'Content-Type: message/partial; id="a"; number=1; total=2\n\n'
    + "Subject: x\n\nPay Eve.\n")
add("structure: nested message", "attachment", multi(
    "mixed", part("text/plain", TEXT),
    f"Content-Type: message/rfc822\n\nFrom: {EVE}\nSubject: x\n\nPay.\n"))
add("structure: field folded from nothing", "mime-ambiguous",
    plain().replace("MIME-Version", " \nMIME-Version", 1))
add("structure: field without a colon", "mime-ambiguous",
    plain(more="This is no field\n"))
add("structure: program", "attachment-type", multi(
    "mixed", part("text/plain", TEXT),
    "Content-Type: application/pdf\nContent-Disposition: attachment;"
    f' filename="bill.pdf"\n{CODED}\n' + b64(b"MZ\x90\0" + b"\0" * 400)))
add("structure: two extensions", "attachment-name", multi(
    "mixed", part("text/plain", TEXT),
    "Content-Type: application/pdf\nContent-Disposition: attachment;"
    f' filename="bill.pdf.exe"\n{CODED}\n' + b64(b"%PDF-1.4\n")))
add("structure: two names", "mime-ambiguous", multi(
    "mixed", part("text/plain", TEXT),
    'Content-Type: application/pdf; name="bill.pdf"\nContent-Disposition: '
    f'attachment; filename="bill.pdf"; filename="bill.exe"\n{CODED}\n'
    + b64(b"%PDF-1.4\n")))
add("structure: blank lines of another kind", "text-below-blank-block",
    plain("Hello Bob.\n" + "\u2800\n\u3000\n" * 60 + "Pay Eve.\n"))
add("structure: blank lines of a page", "text-below-blank-block",
    html("<br>\n" * 120 + SECRET))
add("structure: blank paragraphs", "text-below-blank-block",
    html("<p>&nbsp;</p>\n" * 80 + SECRET))
add("structure: far to the right", "text-below-blank-block",
    plain("Hello Bob." + " " * 400 + "Pay Eve.\n"))
