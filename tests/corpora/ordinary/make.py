"""Make the ordinary mails of this folder: python3 make.py.  The same seed gives
the same mails.  They are what mail programs and libraries would write for an
agent of corp.example; none of them tries to deceive anybody.
"""

import base64
import html as markup
import io
import pathlib
import quopri
import random
import re
import textwrap
import zipfile

import words

SEED = 20261121
HERE = pathlib.Path(__file__).parent
OWN = "corp.example"
R = random.Random(SEED)


# ---- content: a list of blocks ------------------------------------------------

def facts():
    first, last = R.choice(words.NAMES)
    cents = R.choice(["00", "50", "95"])
    whole = R.choice([R.randint(5, 99), R.randint(100, 999), R.randint(1000, 9999)])
    host = R.choice(["shop.corp.example", "www.corp.example", "app.corp.example"])
    return {
        "first": first, "last": last, "name": f"{first} {last}",
        "order": f"{R.choice('ABRX')}-{R.randint(10000, 99999)}",
        "n": R.randint(2, 9),
        "amount": R.choice([f"{whole}.{cents} EUR", f"EUR {whole:,}.{cents}",
                            f"\u20ac{whole:,}.{cents}", f"{whole},{cents} \u20ac",
                            f"${whole}.{cents}", f"CHF {whole}.\u2013"]),
        "date": R.choice(["2 December 2026", "03.12.2026", "2026-12-04",
                          "12/05/2026", "Friday, 4 December"]),
        "time": R.choice(["9:30", "14:00", "16.15"]),
        "host": host, "url": f"https://{host}/t/{R.randint(10**6, 10**7)}",
        "product": R.choice(words.PRODUCTS),
    }


def inline(text):
    """[(kind, text, url)] of '**bold** and [links](url)'."""
    out = []
    for piece in re.split(r"(\*\*.+?\*\*|\[.+?\]\(.+?\))", text):
        if piece.startswith("**"):
            out.append(("b", piece[2:-2], None))
        elif m := re.fullmatch(r"\[(.+?)\]\((.+?)\)", piece):
            out.append(("a", m[1], m[2]))
        elif piece:
            out.append(("t", piece, None))
    return out


def blocks(lang, topic, fill):
    greet, close = (R.choice(x).format(**fill) for x in words.GREET[lang])
    out = [("p", inline(greet))]
    for text in words.TEXTS[lang][topic][1]:
        text = text.format(**fill)
        lines = text.split("\n")
        if lines[0].startswith("|"):
            out.append(("table", [[c.strip() for c in row.strip("|").split("|")]
                                  for row in lines]))
        elif lines[0].startswith("- "):
            out.append(("ul", [inline(row[2:]) for row in lines]))
        elif lines[0].startswith("1. "):
            out.append(("ol", [inline(row[3:]) for row in lines]))
        else:
            out.append(("p", inline(text)))
    return out + [("p", inline(close))]


# ---- as HTML, as each program writes it ------------------------------------------

STYLES = {
    "gmail": ('<div dir="ltr">', "</div>", '<div>{}</div><div><br></div>\r\n', "{}"),
    "outlook": ('<body lang="EN-GB" link="#0563C1" vlink="#954F72" style="word-wrap:break-word"><div class="WordSection1">',
                "</div></body>",
                '<p class="MsoNormal"><span style="font-size:11.0pt">{}<o:p></o:p></span></p>\r\n<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\r\n', "{}"),
    "thunderbird": ("<body>", "</body>", "<p>{}</p>\r\n", "{}"),
    "apple": ('<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">',
              "</body>", "<div>{}</div><div><br></div>", "{}"),
    "template": ('<body style="margin:0;background-color:#f4f4f4"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center"><table width="600" style="background:#ffffff;color:#333333">',
                 "</table></td></tr></table></body>",
                 '<tr><td style="padding:12px 24px;font:16px/24px Arial,sans-serif;color:#333333">{}</td></tr>\r\n', "{}"),
}


def html_inline(items, style):
    out = ""
    for kind, text, url in items:
        text = markup.escape(text)
        if kind == "b":
            text = f"<b>{text}</b>" if style != "template" else f"<strong>{text}</strong>"
        if kind == "a":
            text = f'<a href="{markup.escape(url)}">{text}</a>'
        out += text
    return re.sub(r"((?:shop|www|app)\.corp\.example(?:/[\w/-]+[\w])?)(?![^<]*</a>|[^<]*>)",
                  r'<a href="https://\1">\1</a>' if style in ("outlook", "gmail") else r"\1", out)


def html_block(block, style):
    kind, body = block
    wrap = STYLES[style][2]
    if kind in ("p", "h"):
        text = html_inline(body, style)
        return f"<h2>{text}</h2>" if kind == "h" else wrap.format(text)
    if kind in ("ul", "ol"):
        return wrap.format(f"<{kind}>" + "".join(
            f"<li>{html_inline(i, style)}</li>" for i in body) + f"</{kind}>")
    if kind == "table":
        return wrap.format('<table border="1">' + "".join(
            "<tr>" + "".join(f"<td>{markup.escape(c)}</td>" for c in row) + "</tr>"
            for row in body) + "</table>")
    if kind == "img":
        return wrap.format(f'<img src="{body[1]}" alt="{markup.escape(body[0])}" width="120">')
    if kind == "sig":
        lines = "<br>".join(html_inline(inline(x), style) for x in body)
        lead = '<div class="moz-signature">-- <br>' if style == "thunderbird" else "<div>"
        return f"{lead}{lines}</div>" if style != "template" else wrap.format(lines)
    if kind == "quote":
        return html_quote(body, style)
    raise ValueError(kind)


def html_quote(body, style):
    who, address, when, text = body
    lines = markup.escape(text).replace("\n", "<br>")
    address = markup.escape(address)
    if style == "gmail":
        return (f'<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On {when}, {who} &lt;<a href="mailto:{address}">{address}</a>&gt; wrote:<br></div>'
                f'<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">{lines}</blockquote></div>')
    if style == "outlook":
        return (f'<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> {who} &lt;{address}&gt;<br><b>Sent:</b> {when}<br><b>To:</b> Service<br><b>Subject:</b> Question</p></div>\r\n'
                f'<p class="MsoNormal">{lines}</p>')
    if style == "thunderbird":
        return f'<div class="moz-cite-prefix">Am {when} schrieb {who}:<br></div><blockquote type="cite" cite="mid:1@x.example">{lines}</blockquote>'
    return f'<blockquote type="cite"><div>On {when}, {who} &lt;<a href="mailto:{address}">{address}</a>&gt; wrote:</div><br><div>{lines}</div></blockquote>'


def as_html(content, style, head="", before=""):
    start, end = STYLES[style][:2]
    if style == "outlook":
        head = ('<meta name="Generator" content="Microsoft Word 15 (filtered medium)"><!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]-->'
                "<style><!--\r\np.MsoNormal, li.MsoNormal {margin:0cm;font-size:11.0pt;font-family:\"Calibri\",sans-serif;}\r\n--></style>"
                '<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]-->' + head)
    html = f"<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">{head}</head>{start}{before}"
    if style == "gmail":
        return f"{start}{''.join(html_block(b, style) for b in content)}{end}\r\n"
    return html + "".join(html_block(b, style) for b in content) + end + "</html>\r\n"


# ---- as plain text, as each program writes it ----------------------------------------

def text_inline(items, style):
    out = ""
    for kind, text, url in items:
        if kind == "b":
            text = {"gmail": f"*{text}*", "thunderbird": f"*{text}*"}.get(style, text)
        if kind == "a":
            text = {"outlook": f"{text}<{url}>", "template": f"{text} [{url}]",
                    "newsletter": f"{text} ({url})",
                    "apple": f"{text} <{url}>"}.get(style, f"{text} <{url}>")
        out += text
    return out


def text_block(block, style, width):
    kind, body = block
    def fill(text, indent=""):
        if width is None:
            return indent + text
        return textwrap.fill(text, width, subsequent_indent=" " * len(indent),
                             initial_indent=indent, break_long_words=False,
                             break_on_hyphens=False)
    if kind == "p":
        return fill(text_inline(body, style))
    if kind == "h":
        text = text_inline(body, style)
        return {"template": text.upper(), "newsletter": "** " + text + "\n" + "-" * 60}.get(style, text)
    if kind in ("ul", "ol"):
        mark = {"gmail": "   - ", "thunderbird": "  * ", "outlook": "  *   "}.get(style, " * ")
        return "\n".join(fill(text_inline(item, style), f" {n}. " if kind == "ol" else mark)
                         for n, item in enumerate(body, 1))
    if kind == "table":
        return "\n".join({"outlook": "\t", "gmail": "\n"}.get(style, "   ").join(row) for row in body)
    if kind == "img":
        return {"gmail": f"[image: {body[0]}]", "outlook": f"[{body[1]}]"}.get(style, "")
    if kind == "sig":
        lines = [text_inline(inline(x), style) for x in body]
        return ("-- \n" if style in ("thunderbird", "mutt") else "") + "\n".join(lines)
    who, address, when, text = body
    if style == "outlook":
        return f"From: {who} <{address}>\nSent: {when}\nTo: Service\nSubject: Question\n\n{text}"
    lead = f"Am {when} schrieb {who}:" if style == "thunderbird" else f"On {when}, {who} <{address}> wrote:"
    return lead + "\n\n" + "\n".join(("> " + line).rstrip() for line in text.split("\n"))


def as_text(content, style, width=72):
    return "\n\n".join(filter(None, (text_block(b, style, width) for b in content))) + "\n"


# ---- MIME, by hand: each program has its own ways ---------------------------------------

def word(text):
    """A header text, encoded where it must be."""
    if text.isascii():
        return text
    return " ".join(f"=?utf-8?{'B' if R.random() < .5 else 'Q'}?X?=".replace(
        "B?X", "B?" + base64.b64encode(piece.encode()).decode()).replace(
        "Q?X", "Q?" + "".join(f"={b:02X}" for b in piece.encode()))
        for piece in textwrap.wrap(text, 12, drop_whitespace=False))


def leaf(kind, text, encoding="quoted-printable", params="; charset=utf-8", more=""):
    raw = text.encode() if isinstance(text, str) else text
    raw = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if kind.startswith("text/") else raw
    if encoding == "base64":
        body = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    else:
        body = raw
    head = f"Content-Type: {kind}{params}\r\n{more}Content-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def multi(kind, parts, boundary=None, params="", lead=b""):
    boundary = boundary or f"{R.getrandbits(96):024x}"
    out = f'Content-Type: multipart/{kind}; boundary="{boundary}"{params}\r\n\r\n'.encode() + lead
    for part in parts:
        out += b"--" + boundary.encode() + b"\r\n" + part
        out += b"" if part.endswith(b"\r\n") else b"\r\n"
    return out + b"--" + boundary.encode() + b"--\r\n"


def domain_ascii(domain):
    return domain.encode("idna").decode()


def pdf(fill):
    stream = f"BT /F1 12 Tf 72 720 Td (Invoice {fill['order']}) Tj ET"
    return (f"%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
            f"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n"
            f"4 0 obj\n<< /Length {len(stream)} >>\nstream\n{stream}\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n").encode("latin-1")


PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


def office(kind):
    """A small real .docx or .xlsx."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        inner = "word/document.xml" if kind == "docx" else "xl/workbook.xml"
        for name in ("[Content_Types].xml", "_rels/.rels", inner):
            z.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 10, 0, 0)), f"<?xml version=\"1.0\"?><x name='{name}'/>")
    return out.getvalue()


def attachment(lang, topic, fill):
    name = {"invoice+": {"de": "Rechnung", "fr": "Facture", "es": "Factura", "it": "Fattura", "nl": "Factuur", "pt": "Fatura"}.get(lang, "Invoice"),
            "offer+": "Angebot" if lang == "de" else "Offer", "report+": "Report"}[topic]
    kind = R.choice(["pdf", "pdf", "pdf", "xlsx", "docx", "csv"]) if topic != "invoice+" else "pdf"
    name = R.choice([f"{name}_{fill['order']}.{kind}", f"{name} {fill['order']} ({fill['last']}).{kind}",
                     f"{name.lower()}-2026.{R.randint(10, 12)}.v2.{kind}"])
    data = {"pdf": pdf(fill), "csv": b"Region,Sales\r\nNorth,120\r\nSouth,80\r\n"}.get(kind) or office(kind)
    mime = {"pdf": "application/pdf", "csv": R.choice(["text/csv", "application/vnd.ms-excel"]),
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}[kind]
    mime = R.choice([mime, mime, "application/octet-stream"])
    shown = f'"{name}"' if name.isascii() else f'"{word(name)}"'
    return leaf(mime, data, "base64", f"; name={shown}",
                f"Content-Disposition: attachment; filename={shown}\r\n")


def mail(head, body):
    lines = [f"{k}: {v}" for k, v in head]
    return ("\r\n".join(lines) + "\r\nMIME-Version: 1.0\r\n").encode() + body


# ---- the mail programs --------------------------------------------------------------------

def signature(lang):
    name, role = R.choice(["Service Team", "Billing", "Anna Berg", "Tom Reed"]), R.choice(
        ["Customer Care", "Account Manager", "directeur adjoint", "Director adjunto", "Vertrieb"])
    lines = [name, f"{role} | Corp Example Ltd", f"Tel. +49 30 9018{R.randint(100, 999)}",
             R.choice(["www.corp.example", "https://www.corp.example/", "[corp.example](https://www.corp.example)"])]
    if R.random() < .4 and lang in words.DISCLAIMER:
        lines += ["", words.DISCLAIMER[lang]]
    return lines


def gmail(content, files):
    content = [b for b in content]
    alternative = multi("alternative", [
        leaf("text/plain", as_text(content, "gmail", 76), "quoted-printable", '; charset="UTF-8"'),
        leaf("text/html", as_html(content, "gmail"), "quoted-printable", '; charset="UTF-8"')])
    return multi("mixed", [alternative] + files) if files else alternative


def outlook(content, files):
    cid = f"image001.png@01DB{R.getrandbits(32):08X}.{R.getrandbits(32):08X}"
    logo = R.random() < .5
    if logo:
        content = content + [("img", ("Logo, company name", "cid:" + cid))]
    body = multi("alternative", [
        leaf("text/plain", as_text(content, "outlook", None), "base64"),
        leaf("text/html", as_html(content, "outlook"), "base64")])
    if logo:
        body = multi("related", [body, leaf("image/png", PNG, "base64", '; name="image001.png"',
            f'Content-Description: image001.png\r\nContent-Disposition: inline; filename="image001.png"; size={len(PNG)}\r\nContent-ID: <{cid}>\r\n')],
            params='; type="multipart/alternative"')
    return multi("mixed", [body] + files) if files else body


def thunderbird(content, files):
    if R.random() < .5:
        body = leaf("text/plain", as_text(content, "thunderbird"), "8bit", "; charset=UTF-8; format=flowed")
    else:
        body = multi("alternative", [
            leaf("text/plain", as_text(content, "thunderbird"), "8bit", "; charset=UTF-8; format=flowed"),
            leaf("text/html", as_html(content, "thunderbird"), "8bit", "; charset=UTF-8")])
    return multi("mixed", [body] + files, lead=b"This is a multi-part message in MIME format.\r\n") if files else body


def apple(content, files):
    plain = leaf("text/plain", as_text(content, "apple", None), "quoted-printable")
    body = multi("alternative", [plain, leaf("text/html", as_html(content, "apple"), "quoted-printable")],
                 boundary="Apple-Mail=_" + f"{R.getrandbits(64):016X}")
    return multi("mixed", [body] + files) if files else body


def mutt(content, files):
    plain = leaf("text/plain", as_text(content, "mutt"), "8bit", "; charset=utf-8", "Content-Disposition: inline\r\n")
    if R.random() < .3:
        signed = multi("signed", [plain, leaf("application/pgp-signature",
            b"-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAEBCAAdFiEE\r\n=abcd\r\n-----END PGP SIGNATURE-----\r\n", "7bit", '; name="signature.asc"')],
            params="; micalg=pgp-sha256; protocol=\"application/pgp-signature\"")
        return multi("mixed", [signed] + files) if files else signed
    return multi("mixed", [plain] + files) if files else plain


def script(content, files):
    """smtplib and a text."""
    plain = leaf("text/plain", as_text(content, "script", R.choice([None, 78])), R.choice(["base64", "quoted-printable", "8bit"]))
    return multi("mixed", [plain] + files) if files else plain


def template(content, files):
    """A Node or Django application with a template, and text made of it."""
    head = "<title>Corp Example</title><style>@media only screen and (max-width:600px){.w{width:100%!important}}</style>"
    logo = [("img", ("Corp Example", "https://www.corp.example/logo.png"))]
    html = as_html(logo + content, "template", head)
    if R.random() < .3:  # the text was written by hand, and has no footer
        foot = STYLES["template"][2].format("&copy; 2026 Corp Example Ltd, 12 High Street, Leeds LS1 4AA. All rights reserved.<br><a href=\"https://www.corp.example/privacy\">Privacy</a> | <a href=\"https://www.corp.example/terms\">Terms</a>")
        html = html.replace("</table></td></tr></table></body>", foot + "</table></td></tr></table></body>")
    body = multi("alternative", [leaf("text/plain", as_text(content, "template", 80)), leaf("text/html", html)])
    return multi("mixed", [body] + files) if files else body


PREHEADER = '<div style="display:none;font-size:1px;color:#ffffff;line-height:1px;max-height:0px;max-width:0px;opacity:0;overflow:hidden;">{}&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div>'


def newsletter(content, fill, lead, hidden):
    """A mailing by a service: tables, tracking, a way to leave."""
    host = "click.mailer.example"
    def track(url):
        return f"https://{host}/u/{R.getrandbits(64):016x}/{R.getrandbits(64):016x}"
    def tracked(items):
        return [(k, t, track(u) if k == "a" else u) for k, t, u in items]
    leave, view = track(""), track("")
    foot = [("p", inline(f"You get this mail because you are a customer of Corp Example, 12 High Street, Leeds. If you no longer want it, [unsubscribe]({leave}).")),
            ("p", inline(f"[View this email in your browser]({view})"))]
    content = [(k, tracked(b) if k in ("p", "h") else b) for k, b in content] + foot
    head = ("<title>" + markup.escape(lead) + "</title><!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->"
            "<style>.x{mso-hide:all}a{color:#0055aa}</style>")
    before = PREHEADER.format(markup.escape(lead)) if hidden else ""
    html = as_html([("img", ("Corp Example", "https://img.mailer.example/logo.png"))] + content, "template", head, before)
    html = html.replace("</body>", f'<img src="https://{host}/o/{R.getrandbits(64):016x}.gif" width="1" height="1" alt=""></body>')
    shown = content if R.random() < .7 else content[:-2] + [("p", inline(f"[Unsubscribe]({leave})"))]
    return multi("alternative", [leaf("text/plain", as_text(shown, "newsletter", 80)), leaf("text/html", html)])


def invitation(content, fill):
    ics = (f"BEGIN:VCALENDAR\r\nPRODID:-//Corp Example//Calendar//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{fill['order']}@corp.example\r\n"
           f"DTSTAMP:20261121T100000Z\r\nDTSTART:20261204T093000Z\r\nDTEND:20261204T100000Z\r\nSUMMARY:Call with {fill['name']}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    alternative = multi("alternative", [
        leaf("text/plain", as_text(content, "gmail")), leaf("text/html", as_html(content, "gmail")),
        leaf("text/calendar", ics, "7bit", "; charset=utf-8; method=REQUEST")])
    return multi("mixed", [alternative, leaf("application/ics", ics.encode(), "base64", '; name="invite.ics"',
        'Content-Disposition: attachment; filename="invite.ics"\r\n')])


PROGRAMS = {"gmail": gmail, "outlook": outlook, "thunderbird": thunderbird, "apple": apple,
            "mutt": mutt, "script": script, "template": template}
AGENTS = {"outlook": ("X-Mailer", "Microsoft Outlook 16.0"), "thunderbird": ("User-Agent", "Mozilla Thunderbird"),
          "apple": ("X-Mailer", "Apple Mail (2.3826)"), "mutt": ("User-Agent", "Mutt/2.2.9")}


# ---- one mail -----------------------------------------------------------------------------

def people(fill):
    """Header fields and envelope."""
    bot = R.choice(["bot", "service", "billing", "hello"]) + "@" + OWN
    to = [(fill["name"], f"{fill['first'].lower()}@{domain_ascii(R.choice(words.FIRMS))}".encode("ascii", "ignore").decode())]
    cc = []
    for _ in range(R.choice([0, 0, 0, 1, 2])):
        first, last = R.choice(words.NAMES)
        cc.append((f"{first} {last}", f"{last.lower().replace(' ', '').replace(chr(39), '')}@{domain_ascii(R.choice(words.FIRMS))}".encode("ascii", "ignore").decode()))
    def show(people):
        return ", ".join(R.choice([f"{word(n)} <{a}>" if not n.isascii() else f'"{n}" <{a}>', a, f"'{a}' <{a}>" if R.random() < .2 else f"<{a}>"]) for n, a in people)
    head = [("From", R.choice([f"Corp Example <{bot}>", f'"Corp Example - Service" <{bot}>', bot])),
            ("To", show(to))]
    if cc:
        head.append(("Cc", show(cc)))
    if R.random() < .3:
        head.append(("Reply-To", f"support@{R.choice([OWN, 'help.' + OWN])}"))
    return bot, head, [a for _, a in to + cc]


def one(number):
    lang = R.choice(["en"] * 6 + ["de"] * 4 + ["fr", "fr", "es", "es", "it", "nl", "pt", "pl", "ru", "ja", "el"])
    topic = R.choice(sorted(words.TEXTS[lang]))
    fill = facts()
    fill = {k: (v.format(**fill) if isinstance(v, str) else v) for k, v in fill.items()}
    bot, head, recipients = people(fill)
    subject = words.TEXTS[lang][topic][0].format(**fill)
    content = blocks(lang, topic, fill)
    files = [attachment(lang, topic, fill) for _ in range(R.choice([1, 1, 2]))] if topic.endswith("+") else []
    kind = R.choice(sorted(PROGRAMS) + ["newsletter", "invitation"] if not files else sorted(PROGRAMS))
    style = kind
    if kind == "newsletter":
        hidden = R.random() < .5
        content = [("h", inline(subject))] + content
        body = newsletter(content, fill, subject, hidden)
        head.append(("List-Unsubscribe", "<mailto:leave@corp.example>"))
        kind = "newsletter-preheader" if hidden else "newsletter"
    elif kind == "invitation":
        body = invitation(content, fill)
    else:
        if R.random() < .7:
            content = content + [("sig", signature(lang))]
        if R.random() < .35 and lang in words.ASKED and kind not in ("template", "script"):
            first, last = R.choice(words.NAMES)
            content = content + [("quote", (f"{first} {last}", f"{recipients[0]}", R.choice(["Mon, 16 Nov 2026 at 09:12", "16.11.2026 09:12", "Monday, 16 November 2026 09:12"]),
                                            R.choice(words.ASKED[lang]).format(**fill)))]
            subject = subject if subject.startswith(("Re:", "AW:")) else "Re: " + subject
            head.append(("In-Reply-To", f"<{R.getrandbits(64):016x}@mail.example>"))
        body = PROGRAMS[kind](content, files)
    head += [("Subject", word(subject)), ("Date", "Sat, 21 Nov 2026 10:00:00 +0000"), ("Message-ID", f"<{number}.{R.getrandbits(48):012x}@{OWN}>")]
    if style in AGENTS:
        head.append(AGENTS[style])
    return f"{number:03}-{lang}-{topic.rstrip('+')}-{kind}", bot, recipients, mail(head, body)


def main():
    for path in HERE.glob("*.eml"):
        path.unlink()
    with open(HERE / "envelopes", "w") as envelopes:
        for number in range(1, 401):
            name, sender, recipients, raw = one(number)
            (HERE / f"{name}.eml").write_bytes(raw)
            print(name, sender, *recipients, file=envelopes)


main()
