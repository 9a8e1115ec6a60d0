"""The account of a mailbox goes wrong, with a real Dovecot: tokens, passwords,
certificates, rights, folders, room; what is said of it; and that it goes on
when it is mended."""

import contextlib
import http.server
import json
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
from contextlib import closing

import harness
from dovecot import PASSWORD, Dovecot, mailbox
from harness import PATIENCE, Daemon, draft, plain
from test_mailbox import (DONE, FAILED, REPLIES, SENT, answer, asked, both,
                          decisions, released, wait_idle, wait_log)


def state_of(d, name="replies"):
    return {m["name"]: m["state"] for m in d.json("status")["mailboxes"]}[name]


def wait_state(d, *words, name="replies"):
    end = time.monotonic() + PATIENCE
    while not all(w in state_of(d, name) for w in words):
        assert time.monotonic() < end, state_of(d, name)
        time.sleep(0.05)


def asked_next(d, subject="another"):
    """As asked(), with receipts of earlier ones in between."""
    number, code = d.held(draft(subject=subject))
    notice = d.inbox.message()
    while code not in plain(notice):
        notice = d.inbox.message()
    return number, code, notice


def decided_by_mail(imap, d, subject="another"):
    number, code, notice = asked_next(d, subject)
    imap.put(answer(notice, "approve\n"))
    d.wait_state(number, "sent")
    return notice


# ---- bearer tokens --------------------------------------------------------------

class Authority(http.server.BaseHTTPRequestHandler):
    """Knows which tokens are good; Dovecot asks it."""

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        good = query.get("token", [""])[0] in self.server.good
        body = json.dumps({"email": "review"} if good
                          else {"error": "invalid_token"}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


OAUTH = """
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {conf}
}}
"""


@contextlib.contextmanager
def with_tokens(folder, good, told):
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    web.good = {good}
    threading.Thread(target=web.serve_forever, daemon=True).start()
    conf = folder / "oauth2.conf"
    conf.write_text(
        f"tokeninfo_url = http://127.0.0.1:{web.server_port}/info?token=\n"
        "username_attribute = email\n")
    conf.chmod(0o644)
    folder.chmod(0o755)
    with closing(Dovecot(folder, extra=OAUTH.format(conf=conf))) as imap:
        imap.start()
        token = folder / "token"
        token.write_text(told + "\n")
        token.chmod(0o600)
        stanza = mailbox(imap, more=REPLIES)
        stanza = stanza.replace(
            f'password_file = "{imap.dir}/replies.password"',
            f'token_file = "{token}"')
        assert "token_file" in stanza
        with closing(Daemon(folder,
                            extra=f"mailboxes = ( {stanza} );")) as d:
            d.start()
            yield web, imap, token, d
    web.shutdown()
    web.server_close()


def test_a_bearer_token(folder):
    """As long as those of the large providers; it expires, the next one is
    believed without anybody telling the daemon."""
    tokens = [f"ya29.{n}" + "aB-_" * 700 for n in range(2)]
    with with_tokens(folder, tokens[0], tokens[0]) as (web, imap, file, d):
        wait_idle(d)
        decided_by_mail(imap, d)
        web.good = {tokens[1]}
        imap.kill()
        imap.start()
        wait_state(d, "not connected since", "cannot log in as review: ")
        file.write_text(tokens[1] + "\n")
        decided_by_mail(imap, d, "another")
        assert not any(t[:12] in d.log() for t in tokens)
        assert not any(t[:12] in d.ctl("status").stdout for t in tokens)


def test_a_token_for_a_server_without_them(folder):
    with both(folder, start=False) as (imap, d):
        text = d.conf.read_text()
        d.conf.write_text(text.replace("password_file", "token_file"))
        d.start()
        wait_state(d, "it does not offer XOAUTH2",
                   "write password_file instead of token_file")


def test_a_password_that_is_changed(folder):
    """On the server first, then in the file: no reload is needed."""
    with both(folder) as (imap, d):
        wait_idle(d)
        users = imap.dir / "users"
        users.write_text(users.read_text().replace(PASSWORD, "new-one"))
        imap.kill()
        imap.start()
        wait_state(d, "cannot log in as review: the server says")
        (imap.dir / "replies.password").write_text("new-one\n")
        wait_state(d, "in INBOX")


def test_a_secret_that_cannot_be_read(folder):
    with both(folder) as (imap, d):
        wait_idle(d)
        file = imap.dir / "replies.password"
        file.chmod(0o644)
        imap.kill()
        imap.start()
        wait_state(d, "can be read by everybody: chmod o= it")
        file.unlink()
        wait_state(d, "cannot read password_file", "No such file")


# ---- certificates ---------------------------------------------------------------

def test_a_certificate_that_expires(folder):
    with both(folder) as (imap, d):
        wait_idle(d)
        good = imap.dir / "good"
        cert = (good / "cert.pem").read_text()
        subprocess.run(
            ["openssl", "x509", "-req", "-in", "cert.csr", "-CA", "ca.pem",
             "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1",
             "-out", "cert.pem", "-extfile", "cert.ext"],
            check=True, capture_output=True, cwd=good)
        imap.kill()
        with contextlib.suppress(AssertionError):
            imap.wait_up = lambda: time.sleep(0.5) or True
            imap.start()
        wait_state(d, "certificate has expired")
        (good / "cert.pem").write_text(cert)
        del imap.wait_up
        imap.kill()
        imap.start()
        decided_by_mail(imap, d)


# ---- rights, folders, room ----------------------------------------------------------

ACL = """
mail_plugins = acl
protocol imap {{
  mail_plugins = acl imap_acl
}}
plugin {{
  acl = vfile:{acl}
}}
"""


def rights(imap, folder, letters):
    """What the user may do there from now on, whatever the owner's are; it
    remembers them for a while, so it begins anew."""
    with imap.client() as c:
        typ, data = c.setacl(folder, "review", letters)
        assert typ == "OK", data
    imap.kill()
    imap.start()


def test_no_right_to_remove(folder):
    """The mail is heard, and is not copied again and again."""
    acl = folder / "acl"
    acl.mkdir()
    folder.chmod(0o755)
    with both(folder, dovecot={"extra": ACL.format(acl=acl)},
              more=REPLIES + 'poll = "1s";') as (imap, d):
        number, code, notice = asked(d)
        rights(imap, "INBOX", "lrswipa")
        imap.put(answer(notice, "approve\n"))
        d.wait_state(number, "sent")
        wait_state(d, "in INBOX, but ", f"cannot move a mail to {DONE}",
                   "Permission denied")
        wait_log(d, "not-moved", 2)
        assert imap.mails(DONE) == []
        assert len(decisions(d, number)) == 1
        rights(imap, "INBOX", "lrswipaet")
        decided_by_mail(imap, d, "another")
        imap.wait(2, DONE)


def test_the_folder_is_removed_while_it_is_in_use(folder):
    with both(folder, more=REPLIES + 'folder = "Review/In"; poll = "1s";',
              start=False) as (imap, d):
        d.start()
        wait_state(d, "not connected since", "cannot select Review/In",
                   "the server says")
        number, code, notice = asked(d)
        imap.put(answer(notice, "approve\n"), folder="Review/In")
        d.wait_state(number, "sent")
        with imap.client() as c:
            assert c.delete("Review/In")[0] == "OK"
        wait_state(d, "not connected since")
        number, code, notice = asked_next(d)
        imap.put(answer(notice, "approve\n"), folder="Review/In")
        d.wait_state(number, "sent")


def test_no_room_to_put_away(folder):
    """Heard all the same; put away when there is room again."""
    with both(folder, dovecot={"quota": "40k"},
              more=REPLIES + 'poll = "1s";') as (imap, d):
        notice = decided_by_mail(imap, d)
        imap.wait(1, DONE)
        other = answer(notice, "x" * 70 + "\n", to="someone@else.example")
        with contextlib.suppress(AssertionError):
            while True:
                imap.put(other + b"y" * 5000, folder="Full")
        number, code, notice = asked_next(d)
        small = answer(notice, "approve\n")
        with contextlib.suppress(AssertionError):
            imap.put(small)
        with imap.client() as c:
            c.select("Full")
            c.store("1:*", "+FLAGS", "\\Deleted")
            c.expunge()
        if d.state_of(number) != "sent" and not imap.mails():
            imap.put(small)
        d.wait_state(number, "sent")
        imap.wait(2, DONE)


# ---- copies ------------------------------------------------------------------------

def test_a_copy_has_the_signature_that_left(folder):
    key = folder / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True,
                   capture_output=True)
    key.chmod(0o600)
    with both(folder, start=False, **SENT) as (imap, d):
        d.conf.write_text(d.conf.read_text() + """dkim = ( {
            domain = "agents.example"; selector = "out";
            key_file = "dkim.pem"; } );""")
        d.start()
        for n in range(1, 3):
            number, code = d.held(draft(subject=f"mail {n}"))
            d.ctl("approve", number)
            d.wait_state(number, "sent")
            copies = [raw for _, _, raw in imap.wait(n, "Sent/Agents")]
            left = harness.envelope_of(d.outbox.wait()[0])[2]
            assert b"DKIM-Signature: " in left.split(b"\r\n\r\n")[0]
            assert left in copies, (left, copies)


def test_a_folder_that_refuses_copies(folder):
    """They go elsewhere all the same; what is wrong stands in the status."""
    with both(folder, dovecot={"quota": "60k"}, **SENT) as (imap, d):
        wait_idle(d, "sent")
        released(imap, d, text="x" * 70 * 1000 + "\n")
        wait_state(d, "in Sent/Agents, but no copy of draft 1: ",
                   "cannot put a mail into Sent/Agents: the server says: ",
                   "uota", name="sent")


# ---- the same mail elsewhere ------------------------------------------------------

def asks(d, number):
    return [e for e in d.json("log", number)["events"]
            if e["event"] in ("ask", "asked")]


def test_the_same_mail_in_two_mailboxes(folder):
    with both(folder, dovecot={"users": ("review", "second")},
              start=False) as (imap, d):
        text = d.conf.read_text()
        second = mailbox(imap, name="second", user="second", more=REPLIES)
        d.conf.write_text(text.replace("mailboxes = (",
                                       f"mailboxes = ( {second},"))
        d.start()
        number, code, notice = asked(d)
        raw = answer(notice, "ask what is this?\n")
        imap.put(raw)
        imap.put(raw, user="second")
        imap.wait(1, DONE)
        imap.wait(1, DONE, user="second")
        assert len(asks(d, number)) == 1, asks(d, number)
        # another copy on its way has other Received fields
        imap.put(b"Received: from a by b; Sat, 21 Nov 2026 12:00:00 +0000\r\n"
                 + raw)
        imap.wait(2, DONE)
        assert len(asks(d, number)) == 1, asks(d, number)


def test_put_back_by_hand(folder):
    """Somebody moves it from Done to INBOX: it goes back, and says nothing."""
    with both(folder) as (imap, d):
        number, code, notice = asked(d)
        imap.put(answer(notice, "ask what is this?\n"))
        imap.wait(1, DONE)
        with imap.client() as c:
            c.select(DONE)
            c.copy("1", "INBOX")
            c.store("1", "+FLAGS", "\\Deleted")
            c.expunge()
        wait_log(d, "known-before")
        imap.wait(1, DONE)
        assert len(asks(d, number)) == 1


# ---- the machine ------------------------------------------------------------------

def test_many_descriptors(folder):
    """Above 1024, where select() ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 3000:
        harness.skip("few descriptors")
    with both(folder, start=False) as (imap, d):
        resource.setrlimit(resource.RLIMIT_NOFILE, (3000, hard))
        held = []
        try:
            d.start()
            # clients that say nothing: the mailbox connects when they are in
            wait_idle(d)
            imap.kill()
            held = [socket.create_connection(("127.0.0.1", d.port))
                    for _ in range(10)]
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        imap.start()
        decided_by_mail(imap, d)
        for s in held:
            s.close()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
