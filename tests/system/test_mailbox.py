"""Mailboxes, with a real Dovecot: replies are heard once, whatever happens to
server and daemon; copies of what was released are put once."""

import contextlib
import re
import socket
import sys
import threading
import time
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP

import harness
from dovecot import PASSWORD, Dovecot, mailbox
from harness import PATIENCE, REVIEWER, Daemon, crlf, draft, plain

DONE = "Imprimatur/Done"
FAILED = "Imprimatur/Failed"
REPLIES = f'level = "token"; failed = "{FAILED}";'


@contextlib.contextmanager
def both(folder, dovecot=None, more=REPLIES, extra="", start=True, **kw):
    """A Dovecot that runs, and a daemon with mailboxes in it."""
    with closing(Dovecot(folder, **(dovecot or {}))) as imap:
        imap.start()
        stanzas = mailbox(imap, more=more, **kw) + extra
        with closing(Daemon(folder,
                            extra=f"mailboxes = ( {stanzas} );")) as d:
            if start:
                d.start()
            yield imap, d


def answer(notice, text, header_from=REVIEWER, to=None):
    m = EmailMessage(policy=SMTP)
    m["From"] = header_from
    m["To"] = to or notice["Reply-To"].addresses[0].addr_spec
    m["Subject"] = "Re: " + str(notice["Subject"])
    m["Message-ID"] = f"<{time.time_ns()}@reviewers.example>"
    m["In-Reply-To"] = str(notice["Message-ID"])
    m.set_content(text)
    return m.as_bytes()


def asked(d, **kw):
    """A held draft and the notice about it."""
    number, code = d.held(draft(**kw))
    return number, code, d.inbox.message()


def wait_log(d, pattern, n=1):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = re.findall(pattern, d.log())
        if len(found) >= n:
            return found
        time.sleep(0.02)
    raise AssertionError(f"the log has no {pattern!r}\n" + d.log()[-2000:])


def wait_idle(d, name="replies", n=1):
    """It has looked, n connections so far; what comes now comes in IDLE."""
    wait_log(d, f"mailbox {name} connected", n)
    end = time.monotonic() + PATIENCE
    while f"{name} in " not in d.ctl("status").stdout:
        assert time.monotonic() < end, d.ctl("status").stdout
        time.sleep(0.02)


def decisions(d, number):
    return [e for e in d.json("log", number)["events"]
            if e["event"] in ("approved", "dropped")]


# ---- replies ----------------------------------------------------------------

def test_a_reply_decides_and_is_put_away(folder):
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        wait_idle(d)
        imap.put(answer(notice, f"approve {code}\n"))
        d.wait_state(number, "sent")
        assert len(d.outbox.wait()) == 1
        [(_, flags, _)] = imap.wait(1, DONE)
        assert "\\Seen" not in flags, flags
        assert imap.mails() == []
        assert PASSWORD not in d.log()
        d.stop()
        assert PASSWORD not in d.log()


def test_starttls_and_another_separator(folder):
    with both(folder, dovecot={"separator": "."}, tls="starttls",
              host="localhost",
              more=f'level = "token"; done = "Prüfung/Erledigt";') as (imap, d):
        number, code, notice = asked(d)
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        imap.wait(1, "Pr&APw-fung/Erledigt")


def test_what_is_there_at_start_is_heard(folder):
    with both(folder, start=False) as (imap, d):
        d.start()
        number, code, notice = asked(d)
        d.stop()
        imap.put(answer(notice, "approve\n"))
        d.start()
        d.wait_state(number, "sent")
        imap.wait(1, DONE)


def test_others_are_put_aside_and_never_answered(folder):
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        to = notice["Reply-To"].addresses[0].addr_spec
        strangers = [
            answer(notice, "approve\n", to="someone@else.example"),
            answer(notice, "approve\n", to=to.replace("d-", "d-a", 1)),
            b"\x00\xff not a mail at all \r\n\r\n\x80\x81",
        ]
        for raw in strangers:
            with contextlib.suppress(AssertionError):
                imap.put(raw)
        n = len(imap.mails()) + len(imap.mails(FAILED))
        imap.wait(n if n else 2, FAILED)
        assert d.state_of(number) == "held"
        assert d.inbox.fresh() == []
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")


def test_others_stay_where_no_folder_is_named(folder):
    with both(folder, more='level = "token";') as (imap, d):
        number, code, notice = asked(d)
        imap.put(answer(notice, "approve\n", to="someone@else.example"))
        wait_log(d, "outcome=others")
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        imap.wait(1, DONE)
        d.stop()
        d.start()
        wait_idle(d, n=2)
        assert len(imap.mails()) == 1
        # it stands in the ledger, so it was not read again
        assert d.log().count("outcome=others") == 1, d.log()


def test_without_proof_nothing_is_decided(folder):
    """The server does not vouch for anybody: the reply has to prove itself."""
    with both(folder, more="") as (imap, d):
        number, code, notice = asked(d)
        imap.put(answer(notice, "approve\n"))
        imap.wait(1, DONE)
        assert d.state_of(number) == "held"


def test_the_same_mail_decides_once(folder):
    """Delivered twice; then all UIDs are new; then it is put back by hand."""
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        raw = answer(notice, "ask what is this?\n")
        imap.put(raw)
        imap.wait(1, DONE)
        imap.put(raw)
        imap.wait(2, DONE)
        d.stop()
        imap.kill()
        imap.new_validity()
        imap.start()
        imap.put(raw)
        d.start()
        imap.wait(3, DONE)
        log = [e for e in d.json("log", number)["events"]
               if e["event"] in ("ask", "asked")]
        assert len(log) == 1, log
        assert d.log().count("known-before") == 2


def test_uidvalidity_changes_while_it_waits(folder):
    with both(folder, more='level = "token";') as (imap, d):
        number, code, notice = asked(d)
        imap.put(answer(notice, "hello\n", to="someone@else.example"))
        wait_log(d, "outcome=others")
        wait_idle(d)
        imap.kill()
        imap.new_validity()
        imap.start()
        wait_log(d, "uidvalidity old=")
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        assert d.log().count("outcome=others") == 1


def test_dovecot_is_killed_in_the_middle_of_idle(folder):
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        for n in range(1, 4):
            wait_idle(d, n=n)
            imap.kill()
            wait_log(d, "mailbox replies failed", n)
            imap.start()
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        imap.wait(1, DONE)


def test_the_daemon_is_killed_between_decision_and_move(folder):
    """Dovecot cannot move (the folder is a file): decided, noted, not moved."""
    with both(folder, start=False) as (imap, d):
        d.start()
        number, code, notice = asked(d)
        wait_idle(d)
        blocked = imap.dir / "mail/review/Imprimatur"
        assert not blocked.exists()
        blocked.write_text("in the way\n")
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        wait_log(d, "not-moved")
        d.kill()
        blocked.unlink()
        d.start()
        imap.wait(1, DONE)
        assert len(decisions(d, number)) == 1
        assert len(d.outbox.wait()) == 1
        assert d.log().count("outcome=done") == 1


POOR = "imap_capability = IMAP4rev1 SASL-IR LITERAL+ NAMESPACE"


def test_a_server_that_can_only_the_least(folder):
    """No IDLE: it is asked in turns.  No MOVE, no UIDPLUS: what was dealt with
    stays behind as deleted, and is not looked at again."""
    with both(folder, dovecot={"extra": POOR},
              more=REPLIES + 'poll = "1s";') as (imap, d):
        wait_idle(d)
        both_asked = [asked(d, subject=f"mail {n}") for n in (1, 2)]
        for n, (number, code, notice) in enumerate(both_asked, 1):
            imap.put(answer(notice, "approve\n"))
            d.wait_state(number, "sent")
            imap.wait(n, DONE)
        assert all("\\Deleted" in flags for _, flags, _ in imap.mails())
        assert d.log().count("outcome=done") == 2


def test_a_server_with_uidplus_alone(folder):
    with both(folder, dovecot={"extra": POOR + " UIDPLUS"},
              more=REPLIES + 'poll = "1s";') as (imap, d):
        number, code, notice = asked(d)
        other = answer(notice, "hello\n", to="someone@else.example")
        imap.put(other, flags="\\Deleted")
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        imap.wait(1, DONE)
        # what a person marked is theirs to remove
        [(_, flags, _)] = imap.wait(1)
        assert "\\Deleted" in flags


def test_a_password_that_is_not_ascii(folder):
    """LOGIN cannot carry it, AUTHENTICATE PLAIN can."""
    word = "pässwörd \u20ac"
    with both(folder, dovecot={"password": word}, password=word) as (imap, d):
        number, code, notice = asked(d)
        with imap.client(None) as c:
            c.authenticate("PLAIN", lambda _: f"\0review\0{word}".encode())
            c.append("INBOX", None, None, answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        assert word not in d.log()


# ---- servers that are not what they should be ---------------------------------

def refused(folder, pattern, **kw):
    with both(folder, **kw) as (imap, d):
        number, code, notice = asked(d)
        imap.put(answer(notice, "approve\n"))
        wait_log(d, pattern)
        assert d.state_of(number) == "held"
        assert len(imap.mails()) == 1
        assert PASSWORD not in d.log()
        # nobody even tried to log in with it
        return imap.log(), d.ctl("status").stdout


def test_a_certificate_for_another_host(folder):
    for tls in "implicit", "starttls":
        log, status = refused(folder / tls, r"IP address mismatch",
                              host="127.0.0.2", tls=tls)
        assert "lip=127.0.0.2" not in [
            line for line in log.splitlines() if "Login:" in line]
        assert "not connected" in status


def test_a_certificate_of_an_unknown_authority(folder):
    for tls in "implicit", "starttls":
        refused(folder / tls,
                r"unable to get local issuer certificate|self.signed",
                host="127.0.0.3", tls=tls)


def test_login_refused(folder):
    refused(folder, r"cannot log in as review: the server says",
            password="not-the-password")


def test_a_server_that_is_silent(folder):
    """It stands still in the middle of things, and goes on later."""
    with both(folder, timeout="1s", more=REPLIES + 'poll = "1s";') as (
            imap, d):
        number, code, notice = asked(d)
        wait_idle(d)
        imap.freeze()
        try:
            wait_log(d, "silent for too long")
            # nothing waits for it: the daemon answers, and stops at once
            assert d.state_of(number) == "held"
        finally:
            imap.freeze(False)
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")


def test_the_daemon_ends_while_a_server_is_silent(folder):
    with both(folder, timeout="10m", more=REPLIES + 'poll = "1s";') as (
            imap, d):
        wait_idle(d)
        imap.freeze()
        try:
            begun = time.monotonic()
            d.stop()
            assert time.monotonic() - begun < PATIENCE / 2
        finally:
            imap.freeze(False)


class Liar:
    """Speaks as an IMAP server would in clear, then injects or drips."""

    def __init__(self, script):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.script = script
        self.heard = b""
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            with c, contextlib.suppress(OSError):
                c.settimeout(PATIENCE)
                self.script(self, c)

    def line(self, c):
        got = b""
        while not got.endswith(b"\n"):
            byte = c.recv(1)
            if not byte:
                raise OSError("gone")
            got += byte
        self.heard += got
        return got.split(b" ")[0]

    def close(self):
        self.socket.close()


def lied_to(folder, script, pattern):
    with closing(Dovecot(folder)) as imap, closing(Liar(script)) as liar:
        imap.ports = [liar.port, liar.port]
        stanza = mailbox(imap, tls="starttls", timeout="1s", more=REPLIES)
        with closing(Daemon(folder, extra=f"mailboxes = ( {stanza} );")) as d:
            d.start()
            wait_log(d, pattern)
            d.stop()
        assert b"LOGIN" not in liar.heard.upper().replace(
            b"LOGINDISABLED", b"")
        assert PASSWORD.encode() not in liar.heard
        return d.log()


def hello(liar, c, capabilities=b"IMAP4rev1 STARTTLS"):
    c.sendall(b"* OK hello\r\n")
    tag = liar.line(c)
    c.sendall(b"* CAPABILITY " + capabilities + b"\r\n" + tag
              + b" OK done\r\n")


def test_a_server_without_starttls(folder):
    lied_to(folder, lambda liar, c: (hello(liar, c, b"IMAP4rev1"),
                                     c.recv(1000)),
            "does not offer STARTTLS")


def test_words_injected_before_tls(folder):
    def script(liar, c):
        hello(liar, c)
        tag = liar.line(c)
        c.sendall(tag + b" OK begin\r\n* OK injected\r\n")
        c.recv(1000)
    lied_to(folder, script, "cannot begin TLS|came in clear")


def test_a_server_that_drips(folder):
    def script(liar, c):
        c.sendall(b"* OK ")
        while True:
            c.sendall(b"x")
            time.sleep(0.05)
    lied_to(folder, script, "takes too long|silent for too long")


def test_a_server_that_floods(folder):
    def script(liar, c):
        c.sendall(b"* OK ")
        while True:
            c.sendall(b"x" * 65536)
    lied_to(folder, script, "more than it was asked for")


# ---- limits ---------------------------------------------------------------------

def test_a_mail_of_50_mb(folder):
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        head, body = answer(notice, "approve\n").split(b"\r\n\r\n", 1)
        imap.put(head + b"\r\n\r\n" + b"approve\r\n"
                 + (b"x" * 78 + b"\r\n") * 655360)
        wait_log(d, "bytes, .* are the most")
        imap.wait(1, FAILED)
        assert d.state_of(number) == "held"
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")


# ---- copies ----------------------------------------------------------------------

SENT = dict(name="sent", use="sent", more='folder = "Sent/Agents";')


def released(imap, d, **kw):
    number, code, notice = asked(d, **kw)
    d.ctl("approve", number)
    d.wait_state(number, "sent")
    return number, d.ctl("show", number, "--raw").stdout


def test_what_was_released_is_copied_once(folder):
    with both(folder, **SENT) as (imap, d):
        wait_idle(d, "sent")
        released(imap, d)
        [(_, flags, raw)] = imap.wait(1, "Sent/Agents")
        assert "\\Seen" in flags
        left = harness.envelope_of(d.outbox.wait()[0])[2]
        left = left.split(b"\r\nReceived: ", 1)[-1]
        assert raw.endswith(left), (raw, left)
        number, _ = released(imap, d, subject="another")
        imap.wait(2, "Sent/Agents")
        dropped, _, _ = asked(d, subject="a third")
        d.ctl("drop", dropped)
        d.stop()
        d.start()
        wait_idle(d, "sent", 2)
        assert len(imap.mails("Sent/Agents")) == 2


def test_copies_wait_for_the_server(folder):
    with both(folder, **SENT) as (imap, d):
        wait_idle(d, "sent")
        imap.kill()
        for n in range(3):
            released(imap, d, subject=f"mail {n}")
        d.kill()
        d.start()
        imap.start()
        imap.wait(3, "Sent/Agents")


def test_a_copy_whose_end_nobody_saw_is_looked_for(folder):
    """The ledger says it was tried; the copy is there: it is not put again."""
    import sqlite3
    with both(folder, **SENT) as (imap, d):
        released(imap, d)
        [(_, _, raw)] = imap.wait(1, "Sent/Agents")
        wait_log(d, "mailbox sent copied")
        d.stop()
        with contextlib.closing(
                sqlite3.connect(d.state / "ledger.db")) as ledger:
            ledger.execute("UPDATE copy SET due_ms = 0")
            ledger.commit()
        d.start()
        wait_log(d, "mailbox sent copied", 2)
        assert len(imap.mails("Sent/Agents")) == 1


def test_copies_of_one_agent(folder):
    with both(folder, name="sent", use="sent",
              more='folder = "Sent"; agent = "bot";') as (imap, d):
        released(imap, d)
        imap.wait(1, "Sent")


def test_a_full_mailbox_takes_the_copy_later(folder):
    with both(folder, dovecot={"quota": "60k"}, **SENT) as (imap, d):
        wait_idle(d, "sent")
        released(imap, d, text="x" * 70 * 1000 + "\n")
        wait_log(d, "not-copied")
        # others go on
        released(imap, d, subject="small")
        imap.wait(1, "Sent/Agents")


# ---- reload ------------------------------------------------------------------------

def test_a_reload_changes_the_mailboxes(folder):
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        wait_idle(d)
        text = d.conf.read_text()
        d.conf.write_text(text.replace(f'failed = "{FAILED}";',
                                       'failed = "Elsewhere";'))
        d.ctl("reload")
        wait_idle(d, n=2)
        imap.put(answer(notice, "x\n", to="someone@else.example"))
        imap.wait(1, "Elsewhere")
        d.conf.write_text(re.sub(r"mailboxes = \(.*\);", "", text,
                                 flags=re.S))
        d.ctl("reload")
        assert "mailboxes" not in d.ctl("status").stdout
        imap.put(answer(notice, "approve\n"))
        assert d.state_of(number) == "held"


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
