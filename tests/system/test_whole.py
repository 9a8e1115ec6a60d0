"""Review over mail, all of it in one configuration as the manual has it: digests,
proven replies in an IMAP mailbox, copies in Sent, DKIM, a webhook, the feed;
what the admin is told of it, and what a reload changes."""

import base64
import contextlib
import functools
import http.server
import json
import os
import queue
import re
import smtplib
import subprocess
import sys
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP

import debian  # noqa: F401
import dkim
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


@functools.cache
def key(name, kind, *more):
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
        self.person, record = key("person", "RSA", "-pkeyopt",
                                  "rsa_keygen_bits:2048")
        ours, self.ours = key("ours", "RSA", "-pkeyopt",
                              "rsa_keygen_bits:2048")
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


def shown(h, drafts):
    """The mail that shows each draft, and its number there; None: alone."""
    found = {}
    while len(found) < len(drafts):
        m = h.d.inbox.message()
        for draft_id in drafts:
            item = re.search(rf"(\[(\d)\] )?may (it|this mail) leave\? "
                             rf"\(draft {draft_id}\)", plain(m))
            if item:
                found.setdefault(draft_id, (m, item.group(2)))
    return found


def answer(h, found, verbs, **kw):
    """One answer to each mail, with what is to become of its drafts."""
    mails = {}
    for draft_id, verb in verbs.items():
        m, n = found[draft_id]
        mails.setdefault(m["Message-ID"], (m, []))[1].append(
            f"{n} {verb}" if n else verb)
    for m, lines in mails.values():
        h.put(m, "\n".join(lines) + "\n", **kw)
    return len(mails)


def fact(h, draft, label):
    for f in h.d.json("show", draft)["facts"]:
        if f["label"] == label:
            return f["value"]
    return None


def signatures(h, raw):
    return dkim.DKIM(raw).verify(
        dnsfunc=lambda *a, **k: h.ours.encode())


@house
def test_all_of_it_together(h):
    h.d.start()
    grave, _ = h.d.held(draft(text="Our lawyers will sue you.\n"))
    first, _ = h.d.held(draft(text="Your parcel is there.\n"))
    other, _ = h.d.held(draft(text="Something else, dear Jane.\n"))
    found = shown(h, (grave, first, other))
    # what is grave comes alone; the others share a mail, unless the second
    # ended between them
    assert found[grave][1] is None
    said = {first: "approve", other: "snooze 2h"}
    mails = answer(h, found, said, sign=False)
    for _ in range(mails):
        told = plain(h.d.inbox.message())
        assert "not proven" in told and "Nothing was decided" in told
    answer(h, found, said)
    for _ in range(mails):
        assert "not proven" not in plain(h.d.inbox.message())
    h.imap.wait(2 * mails, DONE)
    h.hook.until("sent", first)
    sent = envelope_of(h.d.outbox.wait()[0])[2]
    assert signatures(h, sent)
    # the copy is what was approved
    assert sent.endswith(h.imap.wait(1, "Sent", user="support")[0][2])

    # what the admin sees of it
    assert fact(h, other, "Waits for").startswith("you, put off until ")
    assert fact(h, grave, "Waits for").startswith("you, told ")
    asked = h.d.json("show", other)["asked"]
    assert [a["reviewer"] for a in asked] == ["you"]
    assert asked[0]["snoozed_until"]
    status = h.d.json("status")
    assert status["snoozed"] == 1
    assert status["copies"] == {"waiting": 0, "failing": 0}
    assert "replies in INBOX" in h.d.ctl("status").stdout
    log = h.d.ctl("log", other).stdout
    assert f"draft {other} snoozed by you over mail" in log, log

    h.d.ctl("revise", grave, "no lawyers please")
    h.hook.until("revising", grave)
    assert fact(h, grave, "Waits for").startswith(
        "a better one of its agent, until ")
    # what was approved and has not left is called back
    h.d.ctl("stop")
    h.d.ctl("approve", other)
    h.from_outside()
    h.d.wait_state(other, "held")
    assert "customer-wrote-again" in fact(h, other, "Checks found")


@house
def test_a_reload_changes_all_of_it(h):
    h.d.start()
    conf = h.d.conf.read_text()

    def reload(*pairs, ok=True):
        text = h.d.conf.read_text()
        for old, new in pairs:
            assert text.count(old) == 1, (old, text.count(old))
            text = text.replace(old, new)
        h.d.conf.write_text(text)
        run = h.d.ctl("reload", ok=ok)
        return run.stdout + run.stderr

    # no digests, no proof, no undo; a word; nothing is signed or told
    reload(('digest = { every = "1s"; above = "critical"; };', ""),
           ('level = "aligned";', 'level = "token";'),
           ('undo = "1s";', 'words = ( { word = "ja"; means = "approve"; } );'),
           (re.search(r"dkim = \(.*?\);", conf, re.S).group(0), ""),
           (f'feed = "{FEED}";', ""))
    one, _ = h.d.held(draft(text="One more parcel.\n"))
    m = h.d.inbox.message()
    assert f"(draft {one})" in str(m["Subject"])
    assert h.d.reply(m, "ja\n")[0] == 250
    sent = envelope_of(h.d.outbox.wait()[0])[2]
    assert b"DKIM-Signature" not in sent
    h.hook.until("sent", one)
    h.d.inbox.message()
    try:
        h.from_outside()
        raise AssertionError("the feed is still there")
    except smtplib.SMTPRecipientsRefused:
        pass
    # who reads which mailbox
    reload((re.search(r"mailboxes = \(.*?\) *;", h.d.conf.read_text(),
                      re.S).group(0), ""))
    end = time.monotonic() + PATIENCE
    while "mailboxes" in h.d.ctl("status").stdout:
        assert time.monotonic() < end
        time.sleep(0.05)
    # what a restart is needed for says so, and nothing changes
    before = h.d.conf.read_text()
    said = reload((re.search(r"dns = .*?;\n", before).group(0), ""), ok=False)
    assert "dns.servers is looked at only at start" in said, said
    h.d.conf.write_text(before)
    h.d.channel("support", CHANNEL.replace("revise_rounds = 2",
                                           "revise_rounds = 0"))
    reload()
    two, _ = h.d.held(draft(text="And another parcel.\n"))
    run = h.d.ctl("revise", two, "better", ok=False)
    assert run.returncode == 65, run
    # everything again
    h.d.conf.write_text(conf)
    reload()
    three, _ = h.d.held(draft(text="The last of all parcels.\n"))
    found = shown(h, (two, three))
    answer(h, found, {three: "approve"})
    h.hook.until("sent", three)
    assert signatures(h, envelope_of(h.d.outbox.wait()[0])[2])
    h.imap.wait(2, "Sent", user="support")


@house
def test_check_says_what_people_will_experience(h):
    run = h.check()
    assert run.returncode == 0, run
    for words in (
            "It can be sent back to its agent 2 times, with 6 h each time",
            "you gets a digest every 1 s, with up to 50 drafts each; what is "
            "critical, or due before the next one, comes at once",
            "An answer by mail counts when it has a DKIM signature",
            "A draft may be put off (snooze) for at most 3 d. What is "
            "approved leaves after 1 s, and can be undone until then.",
            "is told by mail of revising, sent, dropped, expired and failed, "
            f"and at http://127.0.0.1:{h.hook.port} of every event.",
            "Mailbox 'replies': answers are read from INBOX of review at "
            "127.0.0.1, and moved to Imprimatur/Done; what is no answer stays",
            "Mailbox 'sent': a copy of what agent bot sent is put into Sent",
            "Mail from agents.example is signed with DKIM (r1) as it leaves.",
            "When people outside write to the feed"):
        assert words in run.stdout, (words, run.stdout)
    for secret in (FEED, "/h?s"):
        assert secret not in run.stdout


@house
def test_check_warns_of_what_does_nothing(h):
    text = h.d.conf.read_text()
    for old, new in ((' above = "critical";', ' above = "low";'),
                     ('domain = "agents.example"', 'domain = "other.example"'),
                     ('senders = [', 'reports = [ "sent" ]; senders = ['),
                     ('secret_file = "hook";',
                      'secret_file = "hook"; events = [ "sent" ];')):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    h.d.conf.write_text(text)
    said = [re.sub(r"^.*?:\d+: warning: ", "", line)
            for line in h.check("--quiet").stdout.splitlines()]
    assert len(said) == 3, said
    assert said[0].startswith("nothing goes into the digests of reviewer "
                              "'you'"), said
    assert said[1].startswith("agent 'bot' never hears that a reviewer wants "
                              "a better draft"), said
    assert said[2].startswith("nothing is ever signed for other.example"), said


harness.run(harness.tests_of(sys.modules[__name__]))
