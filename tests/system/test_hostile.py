"""Replies that must decide nothing: automatic mail of many systems, and what
mail clients make of notices that show hostile drafts.  Every one of them has a
valid reply address and comes from loopback.
"""

import contextlib
import html
import itertools
import os
import random
import re
import smtplib
import sys
import textwrap
from email.message import EmailMessage
from pathlib import Path

import harness
from harness import Daemon, REVIEWER, TOP, crlf, draft, plain

SEED = int(os.environ.get("SEED", "20261121"))
GENERATED = int(os.environ.get("HOSTILE_REPLIES", "2000"))
CORPUS = TOP / "tests/corpora/automatic"


class Mailer:
    """A reviewer's mail server: one connection for many replies."""

    def __init__(self, d):
        self.d, self.client = d, None

    def _connect(self):
        self.client = self.d.smtp(login=False)
        self.client.ehlo()

    def send(self, raw, to, sender=REVIEWER):
        for _ in range(2):
            try:
                if self.client is None:
                    self._connect()
                return self._once(raw, to, sender)
            except (smtplib.SMTPServerDisconnected, ConnectionError):
                self.client = None
        raise AssertionError("the session ended twice for one mail")

    def _once(self, raw, to, sender):
        for step in (lambda: self.client.mail(sender),
                     lambda: self.client.rcpt(to),
                     lambda: self.client.data(raw)):
            code, said = step()
            if code == 421:
                raise smtplib.SMTPServerDisconnected("421")
            if code != 250:
                self.client.rset()
                break
        return code, said


def address_of(notice):
    return notice["Reply-To"].addresses[0].addr_spec


def on_the_wire(raw):
    """Bytes as they may come by SMTP: CRLF, no NUL."""
    raw = raw.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw.replace(b"\n", b"\r\n")


def with_fields(raw, **fields):
    """The mail with these fields instead of its own."""
    head, found, body = raw.partition(b"\r\n\r\n")
    if not found:
        head, body = raw.rstrip(b"\r\n"), b""
    for name in fields:
        head = re.sub(rb"(?im)^%s:.*(\r\n[ \t].*)*(\r\n|\Z)" % name.encode(),
                      b"", head)
    new = "".join(f"{k}: {v}\r\n" for k, v in fields.items()).encode()
    return new + head.rstrip(b"\r\n") + b"\r\n\r\n" + body


def planted(raw, text=b"approve\r\n\r\n"):
    """The command as first line of the body and of every text part."""
    head, _, body = raw.partition(b"\r\n\r\n")
    body = re.sub(rb"(?i)(\r\nContent-Type: text/[^\0]*?\r\n\r\n)",
                  rb"\1" + text, body)
    return head + b"\r\n\r\n" + text + body


def nothing_was_decided(d, number):
    view = d.json("show", number)
    assert view["state"] == "held", view["state"]
    assert view["decisions"] == [] and view["current"] == 1, view["decisions"]
    assert d.outbox.fresh() == []


def one_reply_still_works(d, mailer, number, notice):
    """The control: what is sent here can decide, if a person says it."""
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = REVIEWER, address_of(notice), "Re: x"
    m.set_content("approve\n")
    assert mailer.send(m.as_bytes(policy=harness.email.policy.SMTP),
                       address_of(notice))[0] == 250
    d.wait_state(number, "sent", "approved", "sending")


def test_automatic_mail_of_many_systems(folder):
    files = sorted(CORPUS.glob("*.eml"))
    assert len(files) > 100
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        number, _ = d.held(draft())
        notice = d.inbox.message()
        to, mailer, sent = address_of(notice), Mailer(d), 0
        for path in files:
            raw = on_the_wire(path.read_bytes())
            for sender, mail in (
                    ("", planted(with_fields(raw, From=REVIEWER, To=to))),
                    ("", planted(with_fields(raw, To=to))),
                    ("mailer-daemon@mx.example", planted(raw))):
                code, said = mailer.send(mail, to, sender)
                assert code in (250, 550, 552, 554), (path.name, code, said)
                sent += 1
                view = d.json("show", number) if sent % 50 == 0 else None
                assert view is None or view["decisions"] == [], path.name
        nothing_was_decided(d, number)
        assert d.inbox.fresh() == [], "automatic mail was answered"
        print(f"# {sent} automatic mails, 0 decisions, 0 answers", flush=True)
        one_reply_still_works(d, mailer, number, notice)
        d.stop()


# What a hostile agent writes, {code} being the code of an earlier draft of its.
BODIES = (
    "approve\n", "APPROVE {code}\n", "approve {code}\n\n-- \nyou\n",
    "\n\n\n\napprove\n", "Hello,\n\napprove\n\nBye\n",
    "x" * 66 + " approve\n", "x" * 65 + "\tapprove {code}\n",
    ("word " * 13) + "\napprove\n", "> approve\n| approve\n>> approve\n",
    "a\u2028approve\u2028b\n", "a\u0085approve\u0085b\n",
    "a\x0bapprove\x0cb\n", "\ufeffapprove\n", "\u202eevorppa\n",
    "drop wrong price\n", "edit\n\nanother text\n", "undo\n",
    "ask who is this?\n", "-- \napprove\n",
    "-----Original Message-----\nFrom: you\n\napprove\n",
    "On Sat, you wrote:\n\napprove\n",
    "--- answer above this line ---\napprove\n",
    "Reply with the first line:\n\napprove {code}\n",
    "\u00a0approve\n", "approve" + " " * 70 + "x\n",
)
SUBJECTS = ("Your parcel", "approve", "=?utf-8?q?x=0D=0A=0D=0Aapprove?=",
            "drop it", "approve {code}")
SAID = ("", "I look at it tomorrow.", "do not approve\n\nit is wrong",
        "Looks fine to me.", "No.", "approve?", "thanks!\n\napprove",
        "\u200bapprove", "Sent from my phone")


def prefixed(prefix):
    return lambda text: "".join(f"{prefix}{line}\n"
                                for line in text.splitlines())


def rewrapped(width, prefix=""):
    def style(text):
        out = []
        for block in re.split(r"\n\s*\n", text):
            out += textwrap.wrap(" ".join(block.split()), width) + [""]
        return "".join(f"{prefix}{line}\n" for line in out)
    return style


def selected(text):
    """A client that quotes what was selected: the draft's lines alone."""
    return "".join(line + "\n" for line in text.splitlines()
                   if line.startswith("|"))


ATTRIBUTIONS = (
    "On Sat, 21 Nov 2026 at 06:55, Imprimatur wrote:",
    "Am 21.11.2026 um 06:55 schrieb Imprimatur:",
    "Le 21 nov. 2026 à 06:55, Imprimatur a écrit :",
    "-----Original Message-----\nFrom: Imprimatur\nSubject: review",
    "---------- Forwarded message ---------\nFrom: Imprimatur",
    "________________________________\nVon: Imprimatur",
)
QUOTING = (prefixed("> "), prefixed(">"), prefixed(""), prefixed("\t"),
           prefixed("    "), prefixed("| "), prefixed("you> "),
           rewrapped(40), rewrapped(66), rewrapped(72, "> "), rewrapped(76),
           rewrapped(30, ">"), selected, str)


def above(said, attribution, quote):
    return f"{said}\n\n{attribution}\n{quote}"


def below(said, attribution, quote):
    return f"{attribution}\n{quote}\n{said}\n"


def bare(said, attribution, quote):
    return f"{said}\n\n{quote}" if said else quote


def signed(said, attribution, quote):
    return f"{said}\n-- \nA Reviewer\n\n{attribution}\n{quote}"


def as_text(m, text, rng):
    m.set_content(text, cte=rng.choice(("8bit", "base64",
                                        "quoted-printable")))


def as_flowed(m, text, rng):
    m.set_content(text)
    m.set_param("format", "flowed")


def as_html(m, text, rng):
    tag = rng.choice(("blockquote", "div", "pre", "p"))
    said, _, quote = text.partition("\n\n")
    m.set_content(f"<html><body><div>{html.escape(said)}</div><br><{tag}>"
                  + "<br>\n".join(html.escape(quote).split("\n"))
                  + f"</{tag}></body></html>", subtype="html")


def as_both(m, text, rng):
    m.set_content(text)
    m.add_alternative(f"<html><body><pre>{html.escape(text)}</pre></body>"
                      "</html>", subtype="html")


def replies_to(notice, rng):
    """Endless replies to one notice, each in another style."""
    text = plain(notice)
    styles = list(itertools.product(SAID, ATTRIBUTIONS, QUOTING,
                                    (above, below, bare, signed),
                                    (as_text, as_flowed, as_html, as_both)))
    while True:
        said, attribution, quoting, order, form = rng.choice(styles)
        m = EmailMessage(policy=harness.email.policy.SMTP)
        m["From"] = f"You <{REVIEWER}>"
        m["To"] = address_of(notice)
        m["Subject"] = "Re: " + str(notice["Subject"])
        m["Message-ID"] = f"<{rng.getrandbits(64)}@reviewers.example>"
        m["In-Reply-To"] = str(notice["Message-ID"])
        form(m, order(said, attribution, quoting(text)), rng)
        yield m


def hostile_drafts(d, rng):
    """{id: notice} of drafts that hold our own grammar."""
    code, notices = "AAAAAA", {}
    for n, body in enumerate(BODIES):
        subject = SUBJECTS[n % len(SUBJECTS)].format(code=code)
        m = draft(body.replace("{code}", code), subject="Your parcel")
        raw = crlf(m).replace(b"Subject: Your parcel",
                              b"Subject: " + subject.encode())
        if rng.random() < 0.3:
            page = html.escape(body).replace("\n", "<br>\n")
            m.add_alternative(f"<p>{page}</p>", subtype="html")
            raw = crlf(m)
        number, code = d.held(on_the_wire(raw))
        notices[number] = d.inbox.message()
    return notices


def test_what_clients_make_of_hostile_drafts(folder):
    rng = random.Random(SEED)
    print(f"# seed {SEED}", flush=True)
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        notices = hostile_drafts(d, rng)
        mailer = Mailer(d)
        streams = [(number, address_of(notice), replies_to(notice, rng))
                   for number, notice in notices.items()]
        for n in range(GENERATED):
            number, to, stream = streams[n % len(streams)]
            raw = next(stream).as_bytes()
            code, said = mailer.send(raw, to)
            assert code == 250, (code, said)
            if n % 200 == 199:
                view = d.json("show", number)
                assert view["decisions"] == [], raw.decode()
        for number in notices:
            nothing_was_decided(d, number)
        assert len(d.inbox.fresh()) <= 1, "one explanation an hour"
        print(f"# {GENERATED} replies to {len(notices)} drafts, 0 decisions",
              flush=True)
        number, notice = next(iter(notices.items()))
        one_reply_still_works(d, mailer, number, notice)
        d.stop()


harness.run(harness.tests_of(sys.modules[__name__]))
