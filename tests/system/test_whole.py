"""Review over mail, all of it in one configuration as the manual has it: digests,
proven replies in an IMAP mailbox, copies in Sent, DKIM, a webhook, the feed;
what the admin is told of it, and what a reload changes."""

import os
import subprocess
import sys

try:
    import dkim
    import dns.message  # noqa: F401
except ImportError:  # they are of the system's Python
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

import base64
import contextlib
import http.server
import json
import queue
import re
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP

import harness
from dovecot import Dovecot, mailbox
from harness import (BUILD, PATIENCE, Daemon, Maildir, draft, envelope_of,
                     parse, plain)
from nameserver import NameServer

REVIEWER = "you@reviewers.example"
FEED = "feed-8c1f0e62b9d34a75"
DONE = "Imprimatur/Done"

CHANNEL = """channel: { name = "support"; owner = "you"; mode = "review";
  match = { agent = [ "bot" ]; }; reviewers = [ "you" ]; deadline = "4h";
  ladder = ( { at = "1d"; do = "hold"; } ); reasons = [ "wrong-price" ];
  revise_rounds = 2; revise_within = "6h";
  plugins = ( { name = "words"; } );
  rules = ( { name = "law"; finding = "legal"; then = "hold";
    severity = "critical"; } ); };
"""


def key(kind, *more):
    """A private key, and the record that publishes it."""
    pem = subprocess.run(["openssl", "genpkey", "-algorithm", kind, *more],
                         check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"],
                         input=pem, check=True, capture_output=True).stdout
    return pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


class Hook:
    """Where the agent's program is told; on loopback, so in clear."""

    def __init__(self):
        self.seen = queue.Queue()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.seen.put(json.loads(body))
                self.send_response(204)
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def until(self, event, number):
        while True:
            said = self.seen.get(timeout=PATIENCE)
            if said["event"] == event and said["draft"]["id"] == number:
                return said

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class House:
    """The daemon and all that is around it."""

    def __init__(self, folder, stack):
        self.folder = folder
        self.person, record = key("RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        ours, self.ours = key("RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        self.hook = stack.enter_context(contextlib.closing(Hook()))
        ns = stack.enter_context(contextlib.closing(NameServer(
            {"s1._domainkey.reviewers.example": [record]})))
        self.imap = stack.enter_context(contextlib.closing(
            Dovecot(folder, users=("review", "support"))))
        self.imap.start()
        for name, data in (("dkim.pem", ours), ("hook", b"s" * 32 + b"\n")):
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o600)
        accounts = ",".join([
            mailbox(self.imap, more=f'done = "{DONE}";'),
            mailbox(self.imap, name="sent", use="sent", user="support",
                    more='agent = "bot";')])
        self.d = stack.enter_context(contextlib.closing(Daemon(
            folder, channels={"support": CHANNEL},
            reviewers=f"""{{ name = "you"; address = "{REVIEWER}";
                maildir = "{folder}/inbox"; users = [ {os.getuid()} ];
                admin = true; level = "aligned"; calendar = "round";
                digest = {{ every = "1s"; above = "critical"; }}; }}""",
            bot=f"""webhook = {{ url = "http://127.0.0.1:{self.hook.port}/h?s";
                secret_file = "hook"; }};""",
            review=f'feed = "{FEED}"; undo = "1s";',
            extra=f"""
calendars = ( {{ name = "round"; zone = "Europe/Berlin"; }} );
mailboxes = ( {accounts} );
dns = {{ servers = [ "127.0.0.1:{ns.port}" ]; }};
dkim = ( {{ domain = "agents.example"; selector = "r1";
  key_file = "dkim.pem"; }} );""")))

    def put(self, notice, text, sign=True):
        """An answer, in the mailbox."""
        m = EmailMessage(policy=SMTP)
        m["From"] = REVIEWER
        m["To"] = notice["Reply-To"].addresses[0].addr_spec
        m["Subject"] = "Re: " + str(notice["Subject"])
        m["Message-ID"] = f"<{time.time_ns()}@reviewers.example>"
        m["Date"] = "Sat, 21 Nov 2026 08:00:00 +0000"
        m.set_content(text)
        raw = m.as_bytes()
        if sign:
            raw = dkim.sign(raw, b"s1", b"reviewers.example",
                            self.person) + raw
        self.imap.put(raw)

    def from_outside(self):
        m = draft(subject="Re: it", to="support@agents.example")
        m.replace_header("From", "jane@customer.example")
        with self.d.smtp(login=False) as client:
            client.ehlo()
            client.sendmail("jane@customer.example", [f"{FEED}@review.test"],
                            m.as_bytes(policy=SMTP))

    def check(self, *more):
        return subprocess.run([BUILD / "imprimatur", "check", *more,
                               self.d.conf], capture_output=True, text=True)


def house(test):
    def run(folder):
        with contextlib.ExitStack() as stack:
            test(House(folder, stack))
    run.__name__ = test.__name__
    run.__code__ = run.__code__.replace(
        co_firstlineno=test.__code__.co_firstlineno)
    return run


@house
def test_all_of_it_together(h):
    h.d.start()
    grave, _ = h.d.held(draft(text="Our lawyers will sue you.\n"))
    low, code = h.d.held(draft(text="Your parcel is there.\n"))
    other, _ = h.d.held(draft(text="Something else, dear Jane.\n"))
    for i in range(2):
        m=h.d.inbox.message(); print(m["Subject"])
    h.put(m, "1 approve\n", sign=False)
    print(plain(h.d.inbox.message()))
    h.put(m, "1 approve\n2 snooze 2h\n")
    h.put(h.d.inbox.message() if 0 else m, "1 approve\n2 snooze 2h\n")
    print(h.hook.until("approved", low)["event"])
    print(h.hook.until("sent", low)["who"])
    raw = h.d.outbox.wait()[0]
    print(raw.decode())
    print(len(h.imap.wait(1, "Sent", user="support")))
    for m in [parse(x) for x in h.d.inbox.wait()]: print(plain(m))
    for c in (["status"],["list"],["show",low],["show",other],["show",grave],["log"],["explain",grave]):
        print("$", c); print(h.d.ctl(*c).stdout)
    h.d.ctl("revise", grave, "no lawyers please")
    print(h.d.ctl("show",grave).stdout)
    h.d.ctl("approve", other)
    h.from_outside()
    while h.d.state_of(other) != "held" and h.d.state_of(other)!="sent": time.sleep(.1)
    print(h.d.ctl("list").stdout, h.d.ctl("list", "--all").stdout, h.d.ctl("show", other).stdout)
    print(h.d.log())
    assert 0


harness.run(harness.tests_of(sys.modules[__name__]))
