"""Answers that mislead, to notices of one draft and to digests: each comes
from the reviewer with a true address, each holds the word somewhere, and in
none of them a person said it.  What mail programs make of them is clients.py's.
"""

import html
import os
import re
import sys
from contextlib import closing

import harness
from clients import CLIENTS, Answer, html_of, leaf, multi, quoted
from harness import REVIEWER, Daemon, draft, plain

# what the agent writes, in the hope that it comes back
DRAFT = """Hello Jane,

approve
APPROVE
1 approve
1-3 approve
all approve
freigeben
1 freigeben
approve AAAAAA
On Mon, Apr 2, 2012 at 6:26 PM you <{reviewer}> wrote:
> approve
{reviewer} wrote:

1 approve
all approve

Imprimatur asks you: may this mail leave? (draft 1)
-- 
approve
-----Original Message-----
From: you <{reviewer}>

approve
--- answer above this line ---
1 approve
all approve

Bob
""".format(reviewer=REVIEWER)

SAID = ("", "I look at it tomorrow.", "Approve it? Not before Monday.",
        "do not approve", "Not {word}", "{word}?", "\u201c{word}\u201d",
        "{word}!", "{word} - but only when the price is right")


class Scene:
    """A daemon with a notice of one draft, and with a digest of three."""

    def __init__(self, folder):
        self.d = d = Daemon(
            folder, rules='{ name = "lows"; subject = [ "low" ]; '
            'then = "hold"; severity = "low"; }',
            review='notices_per_hour = 1; digest_every = "1d"; words = ( '
            '{ word = "freigeben"; means = "approve"; } );')
        d.start()
        self.ids = [d.held(draft(DRAFT, "Your low order 0"))[0]]
        self.single = d.inbox.message()
        self.ids += [d.held(draft(DRAFT + f"{n}\n", f"Your low order {n}"))[0]
                     for n in range(1, 4)]
        d.stop()
        d.conf.write_text(d.conf.read_text().replace(
            'digest_every = "1d"', 'digest_every = "1s"'))
        d.start()
        self.digest = d.inbox.message()
        assert "all approve" in plain(self.digest)
        self.seen = len(d.log())

    def tries(self):
        """(notice, the words that would decide)"""
        code = harness.code_of(self.single)
        yield from ((self.single, word) for word in (
            "approve", f"approve {code}", "freigeben"))
        yield from ((self.digest, word) for word in (
            "1 approve", "all approve", "1-3 freigeben"))

    def deliver(self, notice, raw):
        to = notice["Reply-To"].addresses[0].addr_spec
        with self.d.smtp(login=False) as client:
            client.ehlo()
            client.mail(REVIEWER)
            client.rcpt(to)
            return client.data(raw)

    def said(self):
        """What the log has told since it was asked last."""
        log = self.d.log()
        new, self.seen = log[self.seen:], len(log)
        return new

    def nothing_was_decided(self):
        for number in self.ids:
            view = self.d.json("show", number)
            assert view["state"] == "held" and view["decisions"] == [] and \
                view["current"] == 1, (number, view["state"])
        assert self.d.outbox.fresh() == []


def mislead(scene, answers):
    """Deliver them all: none decides; the names of those that did."""
    n, wrong = 0, []
    for notice, word in scene.tries():
        for name, raw in answers(notice, word):
            n += 1
            code, text = scene.deliver(notice, raw)
            assert code == 250, (name, code, text)
            if " answered draft=" in scene.said():
                wrong.append((name, word))
    assert wrong == [], wrong
    scene.nothing_was_decided()
    print(f"# {n} answers, 0 decisions", flush=True)


def with_scene(test):
    def wrapped(folder):
        scene = Scene(folder)
        with closing(scene.d):
            test(scene)
            scene.d.stop()
            assert "AddressSanitizer" not in scene.d.log()
    wrapped.__name__ = test.__name__
    wrapped.__code__ = wrapped.__code__.replace(
        co_firstlineno=test.__code__.co_firstlineno)
    return wrapped


@with_scene
def test_what_clients_quote(scene):
    def answers(notice, word):
        for n, client in enumerate(CLIENTS):
            for said in {"", SAID[1 + n % (len(SAID) - 1)]}:
                yield (f"{client.__name__} {said}",
                       client(notice, said.format(word=word)))
    mislead(scene, answers)


def texts(notice, word):
    """(name, text) of plain answers."""
    to = notice["Reply-To"].addresses[0].addr_spec
    whole = plain(notice).replace("\r\n", "\n")
    marked = quoted(notice)
    bare = re.sub(r"(?m)^\| ?", "", whole)
    middle = bare[bare.index("Hello Jane"):]
    wrote = f"On Sat, 21 Nov 2026 at 06:55, Imprimatur <{to}> wrote:\n"
    yield "the notice alone", whole
    yield "without its bars", bare
    yield "a table of it", re.sub(r"(?m)^\| (.*)$", r"| \1 |", whole)
    yield "the draft alone", middle
    yield "the draft, marked", "> " + middle.replace("\n", "\n> ")
    yield "the draft, indented", "    " + middle.replace("\n", "\n    ")
    yield "the draft, by initials", "I> " + middle.replace("\n", "\nI> ")
    yield "by name", "Imprimatur> " + middle.replace("\n", "\nImprimatur> ")
    yield "in stars", "* " + middle.replace("\n", "\n* ")
    yield "numbered", "".join(f"{n}. {line}\n" for n, line in
                              enumerate(middle.splitlines(), 1))
    yield "below a quote", f"{wrote}{marked}\n\n{word}\n"
    yield "between quotes", f"{wrote}> Hello\n\n{word}\n\n> more\n"
    yield "below one's words", f"I will see.\n\n{word}\n"
    yield "below a greeting", f"Hi Imprimatur,\n\n{word}\n"
    yield "below a mark", f"-- \n{word}\n\n{wrote}{marked}"
    yield "below a bare mark", f"--\n{word}\n"
    yield "below a rule", f"____________\n{word}\n"
    yield "a sentinel of its own", f"##- Please type above this -##\n{word}\n"
    yield "below our sentinel", f"Imprimatur asks you: x\n\n{word}\n"
    yield "below an attribution", f"{wrote}\n{word}\n"
    yield "below one without colon", f"{wrote[:-2]}\n{word}\n"
    yield "below a false one", f"On Sat, you <{REVIEWER}> wrote:\n{word}\n"
    yield ("in a title", f"-----Original Message----- {word}\n")
    yield "below a title", f"-----Original Message-----\n{word}\n"
    yield ("forwarded", "---------- Forwarded message ---------\nFrom: "
           f"Imprimatur <{to}>\nDate: Sat, 21 Nov 2026\nSubject: x\nTo: <"
           f"{REVIEWER}>\n\n\n{word}\n{whole}")
    yield ("forwarded by Apple", "Begin forwarded message:\n\n"
           f"> From: Imprimatur <{to}>\n> Subject: x\n> \n> {word}\n")
    yield ("forwarded by Outlook", f"\n\nFrom: Imprimatur <{to}>\nSent: "
           f"Saturday\nTo: you\nSubject: x\n\n{word}\n")
    yield ("forwarded by mutt", "----- Forwarded message from Imprimatur "
           f"<{to}> -----\n\n{word}\n\n----- End forwarded message -----\n")
    yield ("forwarded, German", "-------- Weitergeleitete Nachricht --------"
           f"\nBetreff: x\nVon: Imprimatur\nAn: you\n\n{word}\n")
    yield ("the code in words", f"The code {word.split()[-1]} is right, I "
           f"{word} it then.\n")
    yield "two in a line", f"{word} / drop\n"
    yield "asked back", f"{word} ?\n"
    yield "crossed out", f"~~{word}~~\n"
    yield "in brackets", f"[{word}]\n"
    yield "in dashes", f"- {word}\n"
    yield "in a box", f"[ ] {word}\n[x] drop\n"
    yield "a second answer", f"{word}\n\nno, wait:\ndrop\n"
    yield "taken back", f"{word}\n\n{word.replace('approve', 'drop')}\n" \
        if "approve" in word else f"{word}\n\n1 drop\ndrop\n"
    yield "with a condition", f"{word}\nbut only when the price is right\n"
    yield "with a condition, apart", f"{word}\n\nIf Bob agrees.\n"
    yield "not yet", f"{word}\nnot yet!\n"
    yield "German, not yet", f"{word}\nAber erst am Montag.\n"
    yield "French, not", f"{word}\nMais pas avant lundi\n"
    yield "behind a zero width", f"\u200b{word}\n"
    yield "joined by one", f"{word[:3]}\u200d{word[3:]}\n"
    yield "with a soft hyphen", f"{word[:3]}\u00ad{word[3:]}\n"
    yield "turned", f"\u202e{word}\u202c\n"
    yield "fullwidth", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c
                               for c in word) + "\n"
    yield "in mathematics", "".join(
        chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c
        for c in word) + "\n"
    yield "Cyrillic", word.replace("a", "\u0430").replace("e", "\u0435") + "\n"
    yield "behind a form feed", f"no\f{word}\n"
    yield "behind a next line", f"no\u0085{word}\n"
    for banner in ("[EXTERNAL]", "CAUTION: This email originated from outside "
                   "of the organization. Do not click links.",
                   "ACHTUNG: Diese E-Mail kommt von ausserhalb.",
                   "You don't often get email from you@reviewers.example. "
                   "Learn why this is important<https://aka.ms/x>",
                   "**External sender**", "This message needs your attention"):
        yield f"below a banner: {banner[:12]}", f"{banner}\n\n{word}\n"
    yield ("beside a banner", f"[EXTERNAL] {word}\n")
    yield ("translated", "Imprimatur fragt Sie: darf diese Mail hinaus?\n\n"
           f"Beantworten Sie diese Mail:\n  {word}   sie geht hinaus\n\n"
           f"Der Entwurf:\n| Hallo Jane,\n| {word}\n{word}\n")
    yield ("translated, the draft first", f"Hallo Jane,\n\n{word}\n1 {word}\n")
    yield ("a list's footer", "\n_______________________________________\n"
           f"review mailing list\n{word}\n")
    yield ("a disclaimer", "CONFIDENTIALITY NOTICE: this mail is for its\n"
           f"addressee alone.\n\n{word}\n")
    yield "a vote", f"You: I vote for\n{word}\n"


@with_scene
def test_plain_answers(scene):
    def answers(notice, word):
        for name, text in texts(notice, word):
            yield name, Answer(notice).bytes(leaf(text))
            yield name + ", flowed", Answer(notice).bytes(
                leaf(text, cte="base64", more="; format=flowed"))
    mislead(scene, answers)


def pages(notice, word):
    """(name, HTML) of answers in which nobody sees the word as said."""
    seen = "<p>I look at it tomorrow.</p>"
    for n, css in enumerate((
            "display:none", "visibility:hidden", "visibility:collapse",
            "opacity:0", "font-size:0", "font:0/0 a", "color:transparent",
            "color:#fff;background:#fff", "color:white",
            "max-height:0;overflow:hidden", "height:0;overflow:hidden",
            "width:0;overflow:hidden", "text-indent:-9999px",
            "position:absolute;left:-9999px", "position:fixed;top:-500px",
            "transform:scale(0)", "clip-path:inset(100%)",
            "clip:rect(0,0,0,0);position:absolute", "filter:opacity(0)",
            "display:none!important", "mso-hide:all",
            "DISPLAY : /* x */ NONE", "content-visibility:hidden",
            "display:var(--x,none)", "line-height:0;font-size:1px",
            "margin-left:-9999px")):
        yield f"hidden {n}", f"<div style='{css}'>{word}</div>{seen}"
    for n, rule in enumerate((
            ".x{display:none}", "div.x{display:none}", "#i{display:none}",
            "body>div:first-child{display:none}", "*{font-size:0}p{font-size:"
            "12px}", "[class]{display:none}", "@media all{.x{display:none}}",
            "@media screen{.x{visibility:hidden}}",
            "@supports (display:grid){.x{display:none}}",
            ":not(p).x{display:none}", "div:has(+p){display:none}",
            ".x{display:block}.x{display:none}",
            ".x{display:none!important}.x{display:block}",
            "div[class~=x i]{display:none}", "@layer a{.x{display:none}}",
            "body{& .x{display:none}}", ":is(.x){display:none}",
            ":where(.x,.y){display:none}", "div:nth-child(1){display:none}")):
        yield (f"hidden by a sheet {n}",
               f"<html><head><style>{rule}</style></head><body><div class=x "
               f"id=i>{word}</div>{seen}</body></html>")
    yield ("a sheet elsewhere", "<link rel=stylesheet href=https://x/a.css>"
           f"<div hidden>{word}</div>{seen}")
    for n, page in enumerate((
            "<div hidden>{w}</div>", "<details><summary>I see</summary>{w}"
            "</details>", "<dialog>{w}</dialog>", "<template>{w}</template>",
            "<iframe>{w}</iframe>", "<canvas>{w}</canvas>",
            "<video>{w}</video>", "<audio>{w}</audio>",
            "<input type=hidden value='{w}'>", "<img alt='{w}'>",
            "<select><option>no</option><option selected>{w}</option>"
            "</select>", "<datalist><option>{w}</datalist>",
            "<title>{w}</title>", "<!-- {w} -->", "<!--[if mso]>{w}<![endif]"
            "-->", "<script>{w}</script>", "<style>{w}</style>",
            "<a title='{w}'>x</a>", "<p aria-label='{w}'>x</p>",
            "<blockquote>{w}</blockquote>", "<q>{w}</q>",
            "<blockquote type=cite>{w}</blockquote>", "<s>{w}</s>",
            "<del>{w}</del>", "<strike>{w}</strike>",
            "<div style='text-decoration:line-through'>{w}</div>",
            "<bdo dir=rtl>{w}</bdo>", "<div class=gmail_quote>{w}</div>",
            "<div class='gmail_extra'><div class=gmail_quote>{w}</div></div>",
            "<div id=divRplyFwdMsg>From: x</div><p>{w}</p>",
            "<div id=appendonsend></div><p>{w}</p>",
            "<div class=moz-cite-prefix>x wrote:</div><p>{w}</p>",
            "<div class=moz-forward-container>{w}</div>",
            "<div class=yahoo_quoted>{w}</div>",
            "<div class=protonmail_quote>{w}</div>",
            "<div class='gmail_signature'>{w}</div>",
            "<div class='moz-signature'>{w}</div>",
            "<div id=Signature>{w}</div>",
            "<div id=AppleMailSignature>{w}</div>",
            "<div id=ms-outlook-mobile-signature>{w}</div>",
            "<table><tr><td bgcolor=#ffeb9c>CAUTION: external sender</td>"
            "</tr></table><p>{w}</p>",
            "<div style='background:#ffeb9c'>[EXTERNAL]</div><div>{w}</div>",
            "<ul><li>{w}</li></ul>", "<h1>I say</h1>{w}",
            "<div style='display:flex;flex-direction:column-reverse'><div>"
            "{w}</div><div>no</div></div>",
            "<div style='position:absolute;top:900px'>{w}</div><p>no</p>")):
        yield f"page {n}: {page[:30]}", page.format(w=word)
    yield "the notice itself", html_of(notice)
    yield "no tag at all", html.escape(plain(notice))


@with_scene
def test_html_answers(scene):
    def answers(notice, word):
        for name, page in pages(notice, word):
            yield name, Answer(notice).bytes(leaf(page, "text/html"))
    mislead(scene, answers)


def wholes(notice, word):
    """(name, the mail's part) of answers that are made of parts."""
    yes, no = leaf(word + "\n"), leaf("I look at it tomorrow.\n")
    page, wait = (leaf(f"<p>{text}</p>", "text/html")
                  for text in (word, "I look at it."))
    mail = (f"From: {REVIEWER}\nSubject: x\n\n{word}\n").encode()
    ours = notice.as_bytes().replace(b"\r\n", b"\n")
    attached = b"Content-Type: message/rfc822\n\n"
    file = leaf(word + "\n", more="; name=a.txt\nContent-Disposition: "
                "attachment; filename=a.txt")
    inline = leaf(word + "\n", more="\nContent-Disposition: attachment")
    yield "text against HTML", multi("alternative", yes, wait)
    yield "HTML against text", multi("alternative", no, page)
    yield "HTML with nothing", multi("alternative", yes, leaf(
        "<html><body></body></html>", "text/html"))
    yield "HTML with a picture", multi("alternative", yes, leaf(
        "<img src=cid:1 width=1>", "text/html"))
    yield "HTML within related", multi("alternative", yes, multi(
        "related", wait, leaf("x", "image/png"), boundary="=_inner"))
    yield "HTML first", multi("alternative", wait, yes)
    yield "three forms", multi("alternative", yes, leaf(
        "I look at it", "text/enriched"), wait)
    yield "quoted in HTML", multi("alternative", yes, leaf(
        f"<blockquote>{word}</blockquote>", "text/html"))
    yield "hidden in HTML", multi("alternative", yes, leaf(
        f"<p style='display:none'>{word}</p>no", "text/html"))
    yield "a banner in HTML alone", multi("alternative", yes, leaf(
        f"<p>[EXTERNAL]</p><p>{word}</p>", "text/html"))
    yield "a file first", multi("mixed", file, no)
    yield "a nameless file first", multi("mixed", inline, no)
    yield "a file behind", multi("mixed", no, file)
    yield "text behind", multi("mixed", no, yes)
    yield "a list's part first", multi("mixed", leaf(
        "This came over the list.\n"), yes)
    yield "a mail of one's own", multi("mixed", leaf("\n"), attached + mail)
    yield "the notice attached", multi("mixed", leaf("\n"), attached + ours)
    yield "said, with a mail", multi("mixed", yes, attached + mail)
    yield "forwarded as a file", attached + mail
    yield "a report", multi("report", yes, leaf("x", "message/"
                                                "delivery-status"))
    yield "a receipt", multi("report; report-type=disposition-notification",
                             yes, leaf("Disposition: manual-action/"
                                       "MDN-sent-manually; displayed",
                                       "message/disposition-notification"))
    yield "a calendar's", multi("alternative", yes, leaf(
        "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR", "text/calendar",
        more="; method=REPLY"))
    yield "in the preamble", multi("mixed", no).replace(
        b"\n\n--", f"\n\n{word}\n--".encode(), 1)
    yield "in the epilogue", multi("mixed", no) + f"{word}\n".encode()
    yield "a digest", multi("digest", b"\n" + mail)
    yield "another charset's", leaf(f"{word}\n", cte="base64",
                                    charset="utf-16-be").replace(
        b"utf-16-be", b"utf-8")
    yield "two types", b"Content-Type: text/html\n" + leaf(
        f"<p hidden>{word}</p>no")
    yield "two encodings", (b"Content-Transfer-Encoding: base64\n"
                            + leaf(f"no\n{word}\n"))
    yield "a partial one", f"Content-Type: message/partial; id=1; number=1;" \
        f" total=2\n\n{word}\n".encode()
    yield "from elsewhere", f"Content-Type: message/external-body; " \
        f"access-type=url\n\n{word}\n".encode()
    yield "sealed", leaf(word, "application/pkcs7-mime", more="; smime-type="
                         "enveloped-data; name=smime.p7m")
    yield "encrypted", multi("encrypted", leaf("Version: 1",
                             "application/pgp-encrypted"), yes)
    yield "rich text", leaf(word, "text/rtf")
    yield "Markdown's table", leaf(f"| {word} |\n|---|\n| x |\n")


FIELDS = (
    {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"},
    {"List_Id": "<team.example>"}, {"X_Autoreply": "yes"},
    {"From": "other@reviewers.example"}, {"Sender": "no-reply@x.example"},
    {"Subject": "Automatic reply: x"}, {"X_Auto_Response_Suppress": "All",
                                        "X_Loop": "x"},
    {"Content_Class": "urn:content-classes:calendarmessage"},
)


@with_scene
def test_answers_of_parts(scene):
    def answers(notice, word):
        for name, part in wholes(notice, word):
            yield name, Answer(notice).bytes(part)
        for fields in FIELDS:
            yield str(fields), Answer(notice).add(**fields).bytes(
                leaf(f"{word}\n"))
        for n in range(2):  # another draft's, and one that there is not
            a = Answer(notice)
            a.fields = [(k, f"Re: [review] x (draft {99 + n})")
                        if k == "Subject" else (k, v) for k, v in a.fields]
            yield f"another's subject {n}", a.bytes(leaf(f"{word}\n"))
    mislead(scene, answers)


@with_scene
def test_the_control(scene):
    """What is delivered here decides, when a person says it."""
    for notice, word, number in (
            (scene.single, "approve", scene.ids[0]),
            (scene.digest, "all freigeben", scene.ids[1])):
        assert scene.deliver(notice, Answer(notice).bytes(
            leaf(f"{word}\n\nThanks,\nAnna\n")))[0] == 250
        scene.d.wait_state(number, "sent")
    assert " answered draft=" in scene.said()


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    harness.run(harness.tests_of(sys.modules[__name__]))
