"""Answers that people give, as their mail programs send them: each is heard,
and an edit takes their words and nothing else.  The programs are clients.py's
imitations; mutt and swaks are themselves."""

import os
import re
import shutil
import smtplib
import subprocess
import sys
from contextlib import closing

import clients
import harness
from clients import CLIENTS, Answer, leaf, multi
from harness import REVIEWER, Daemon, draft, plain

TEXT = "Dear Jane,\n\nthe parcel comes on Monday.\nIt is blue.\n\nYours\nEva"
HOSTILE = "Hello Jane,\n\napprove\n1 drop\nall approve\n\n-- \napprove\n"
# what these set below without a mark of any kind stays in an edit, and is seen
# in the difference
UNMARKED = {"outlook": "Anna Reviewer", "outlook_new": "Anna Reviewer",
            "outlook_german": "Mit freundlichen Grüßen\nAnna Reviewer"}


def deliver(d, notice, raw, sender=REVIEWER):
    with d.smtp(login=False) as client:
        client.ehlo()
        client.mail(sender)
        client.rcpt(notice["Reply-To"].addresses[0].addr_spec)
        code, text = client.data(raw)
        assert code == 250, text


def asked(d, n, text=HOSTILE):
    number, code = d.held(draft(f"{text}{n}\n", f"Order {n}"))
    return number, code, notice_of(d, number)


def notice_of(d, number):
    while True:
        mail = d.inbox.message()
        if f"(draft {number})" in mail["Subject"] and \
                plain(mail).startswith("Imprimatur asks you"):
            return mail


def receipt(d, to):
    while True:
        mail = d.inbox.message()
        if mail["In-Reply-To"] == re.search(
                rb"(?im)^Message-ID: *(\S+)", to).group(1).decode():
            return plain(mail).replace("\r\n", "\n")


def with_daemon(test):
    def wrapped(folder):
        with closing(Daemon(folder,
                            review="notices_per_hour = 10000;")) as d:
            d.start()
            test(d)
            d.stop()
            assert "AddressSanitizer" not in d.log()
    wrapped.__name__ = test.__name__
    wrapped.__code__ = wrapped.__code__.replace(
        co_firstlineno=test.__code__.co_firstlineno)
    return wrapped


@with_daemon
def test_each_client_is_heard(d):
    for n, client in enumerate(CLIENTS):
        name = client.__name__
        number, _, notice = asked(d, f"{n} a")
        deliver(d, notice, client(notice, "approve"))
        assert d.wait_state(number, "sent", "held") == "sent", name
        number, _, notice = asked(d, f"{n} d")
        raw = client(notice, "drop tone")
        deliver(d, notice, raw)
        assert d.state_of(number) == "dropped", name
        assert "your reason:\n| tone\n\n" in receipt(d, raw), name
        number, _, notice = asked(d, f"{n} r")
        raw = client(notice, "revise name the price\nand the day")
        deliver(d, notice, raw)
        assert d.state_of(number) == "revising", name
        assert "told:\n| name the price and the day\n\n" in receipt(d, raw), \
            (name, receipt)


@with_daemon
def test_an_edit_takes_the_words_alone(d):
    for n, client in enumerate(CLIENTS):
        name = client.__name__
        number, code, notice = asked(d, n)
        deliver(d, notice, client(notice, f"edit\n{TEXT}"))
        view = d.json("show", number)
        assert view["state"] == "held" and view["code"] != code, name
        got = re.sub(r"\n[\n ]*\n", "\n\n", view["text"].strip())
        want = TEXT + ("\n\n" + UNMARKED[name] if name in UNMARKED else "")
        assert got == want, (name, got)
        # and nothing leaves until the new code is approved
        again = notice_of(d, number)
        deliver(d, notice, client(notice, f"approve {code}"))
        assert d.state_of(number) == "held", name
        deliver(d, again, client(again, f"approve {view['code']}"))
        d.wait_state(number, "sent")
    left = b"".join(d.outbox.files()[-1].read_bytes().split(b"\r\n\r\n")[1:])
    assert b"the parcel comes on Monday" in left


def test_a_digest_is_answered_at_once(folder):
    rule = '{ name = "lows"; subject = [ "low" ]; then = "hold"; ' \
        'severity = "low"; }'
    with closing(Daemon(folder, rules=rule, review="notices_per_hour = 1; "
                        'digest_every = "1d";')) as d:
        d.start()
        asked(d, "first")
        for n, client in enumerate(CLIENTS):
            drafts = [d.held(draft(f"{HOSTILE}{n} {i}\n", f"{n} {i} "
                                   + ("low" if i > 3 else "x")))[0]
                      for i in range(6)]
            every(d, "1d", "1s")
            while True:
                digest = d.inbox.message()
                if "what about these" in plain(digest):
                    break
            every(d, "1s", "1d")
            item = {int(number): n for n, number in re.findall(
                r"(?m)^\[(\d+)\] .*\(draft (\d+)\)",
                plain(digest))}
            at = [item[number] for number in drafts]
            raw = client(digest, f"{at[0]} approve\n{at[1]} drop tone\n\n"
                         f"{at[2]} revise name the price\nall approve\n"
                         f"{at[3]} edit\n{TEXT}")
            deliver(d, digest, raw)
            for number in (drafts[0], *drafts[4:]):
                d.wait_state(number, "sent")
            assert [d.state_of(number) for number in drafts[1:4]] == [
                "dropped", "revising", "held"], client.__name__
            view = d.json("show", drafts[3])
            assert view["text"].startswith(TEXT), client.__name__
            d.ctl("drop", drafts[3])
        d.stop()


def every(d, old, new):
    d.stop()
    d.conf.write_text(d.conf.read_text().replace(
        f'digest_every = "{old}"', f'digest_every = "{new}"'))
    d.start()


def gateway(raw, banner):
    """What a mail gateway makes of a reply: a banner in each of its forms."""
    text = banner.encode() + b"\r\n\r\n"
    page = b"<table><tr><td>" + banner.encode() + b"</td></tr></table>"
    raw = re.sub(rb"(?s)(Content-Type: text/plain.*?\r\n\r\n)",
                 lambda m: m.group(1) + text, raw, count=1)
    return re.sub(rb"(?s)(Content-Type: text/html.*?\r\n\r\n)(.*?<body[^>]*>|)",
                  lambda m: m.group(0) + page, raw, count=1)


def test_a_gateways_banner_can_be_made_known(folder):
    banner = "CAUTION: This mail came from outside. Do not click links."
    with closing(Daemon(folder)) as d:
        d.start()
        made = (clients.gmail, clients.thunderbird, clients.outlook_german,
                clients.gmx)
        waiting = [asked(d, n) for n in range(len(made))]
        for n, (number, _, notice) in enumerate(waiting):
            own = Answer(notice).bytes(leaf("approve\n"))
            deliver(d, notice, gateway(own, banner))
            assert d.state_of(number) == "held"
            if n == 0:
                said = receipt(d, own)
                assert "The first line was:\n| CAUTION" in said, said
                assert "review.banners" in said, said
        d.conf.write_text(d.conf.read_text().replace(
            "review = {", f'review = {{ banners = [ "[EXTERNAL]", '
            f'"{banner}" ];'))
        d.ctl("reload")
        for client, (number, _, notice) in zip(made, waiting):
            raw = client(notice, "approve")
            if client is clients.outlook_german:  # base64 is left alone
                raw = Answer(notice).bytes(multi(
                    "alternative", leaf("approve\n"), leaf(
                        "<body><div>approve</div></body>", "text/html")))
            deliver(d, notice, gateway(raw, banner))
            d.wait_state(number, "sent")
        d.stop()


@with_daemon
def test_mutt_and_swaks(d):
    if shutil.which("mutt") is None or shutil.which("swaks") is None:
        harness.skip("there is no mutt or no swaks")
    number, _, notice = asked(d, "swaks")
    to = notice["Reply-To"].addresses[0].addr_spec
    subprocess.run(["swaks", "--server", f"127.0.0.1:{d.port}", "--from",
                    REVIEWER, "--to", to, "--header",
                    f"Subject: Re: {notice['Subject']}", "--body",
                    "approve\n\n-- \nAnna", "--silent", "2"], check=True)
    d.wait_state(number, "sent")
    number, _, notice = asked(d, "mutt")
    to = notice["Reply-To"].addresses[0].addr_spec
    home = d.folder / "home"
    home.mkdir()
    (home / "sent.sh").write_text("#!/bin/sh\ncat >\"$HOME/out\"\n")
    (home / "sent.sh").chmod(0o755)
    (home / "edit.sh").write_text(  # where a person types
        "#!/bin/sh\n{ printf 'edit\\nDear Jane,\\n\\nsee you.\\n'; "
        "cat \"$1\"; } >\"$1.new\" && mv \"$1.new\" \"$1\"\n")
    (home / "edit.sh").chmod(0o755)
    (home / ".signature").write_text("Anna Reviewer\n")
    (home / "box").write_bytes(b"From you Sat Nov 21 06:55:40 2026\n"
                               + notice.as_bytes().replace(b"\r\n", b"\n")
                               + b"\n")
    (home / ".muttrc").write_text(f"""
set from="{REVIEWER}" realname="Anna" sendmail="{home}/sent.sh" copy=no
set editor="{home}/edit.sh" autoedit=yes fast_reply=yes include=yes
set signature="{home}/.signature" abort_unmodified=no text_flowed=yes
set mbox_type=mbox confirmappend=no quit=yes reply_to=yes record=""
set folder="{home}" charset=utf-8 crypt_use_gpgme=no header_cache=""
""")
    run = subprocess.run(
        ["script", "-qec", f"mutt -F {home}/.muttrc -f {home}/box -e "
         "'push <reply><send-message><exit>'", "/dev/null"],
        env=dict(os.environ, HOME=str(home), TERM="xterm"),
        stdin=subprocess.DEVNULL, capture_output=True,
        timeout=harness.PATIENCE)
    assert (home / "out").exists(), run.stdout[-2000:]
    raw = re.sub(rb"\r?\n", b"\r\n", (home / "out").read_bytes())
    assert to.encode() in raw and b"\r\n> " in raw, raw
    with smtplib.SMTP("127.0.0.1", d.port) as client:
        client.sendmail(REVIEWER, [to], raw)
    view = d.json("show", number)
    assert view["text"].strip() == "Dear Jane,\n\nsee you.", view["text"]


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
