"""kill -9 at any moment while replies come in by IMAP and copies go to Sent;
now and then the server goes down, too.  In the end

M1  each draft that was approved left once, and has exactly one copy in Sent;
M2  each reply had its effect exactly once: one approval, one question;
M3  every reply was put away, once;
M4  the audit chain verifies.

MAILBOX_KILL_CYCLES and SEED change the number of kills and the order of
chance."""

import collections
import contextlib
import email
import os
import random
import re
import smtplib
import sys
import time
from contextlib import closing

import harness
from dovecot import Dovecot, mailbox
from harness import PATIENCE, Daemon, crlf, draft, parse, plain
from test_mailbox import DONE, FAILED, REPLIES, answer

CYCLES = int(os.environ.get("MAILBOX_KILL_CYCLES", "10"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 1000000)))
DRAFTS = 3  # in each cycle


class Campaign:
    def __init__(self, d, imap, rng):
        self.d, self.imap, self.rng = d, imap, rng
        self.notices = {}  # number -> notice
        self.asked, self.approved = [], []
        self.answers = self.looked = 0

    def submit(self, n):
        """A mail that the daemon took, whatever happens to it meanwhile."""
        raw = crlf(draft(f"Mail {n}.\n" * self.rng.choice((1, 30, 2000)),
                         subject=f"mail {n}",
                         message_id=f"<{n}.{SEED}@agents.example>"))
        with contextlib.suppress(OSError, smtplib.SMTPException):
            with self.d.smtp() as client:
                client.sendmail("bot@agents.example",
                                ["jane@customer.example"], raw)

    def read_notices(self):
        for raw in self.d.inbox.fresh():
            notice = parse(raw)
            found = re.search(r"\(draft (\d+)", str(notice["Subject"]))
            if (found and str(notice["Subject"]).startswith("[review]")
                    and "approve" in plain(notice)
                    and notice["Reply-To"] is not None):
                self.notices.setdefault(int(found.group(1)), notice)

    def answer_some(self):
        """Questions first, the approval later; each a mail of its own."""
        for number, notice in sorted(self.notices.items()):
            if self.rng.random() < 0.5:
                continue
            if number not in self.asked and number not in self.approved:
                if self.rng.random() < 0.5:
                    self.put(notice, f"ask is number {number} true?\n")
                    self.asked.append(number)
                    continue
            if number not in self.approved:
                self.put(notice, "approve\n")
                self.approved.append(number)

    def look(self, number):
        """What was past its dot when it was killed: a person looks at the
        relay host, and says whether it is there."""
        there = f"Subject: mail {number - 1}\r\n".encode()
        left = sum(there in p.read_bytes() for p in self.d.outbox.files())
        self.looked += 1
        self.d.ctl(*(("drop", number) if left else ("approve", number)),
                   ok=False)

    def put(self, notice, text):
        self.imap.put(answer(notice, text))
        self.answers += 1


def run(folder, rng):
    with closing(Dovecot(folder)) as imap:
        imap.start()
        stanzas = (mailbox(imap, more=REPLIES) + "," +
                   mailbox(imap, name="sent", use="sent"))
        with closing(Daemon(folder, review="notices_per_hour = 1000;",
                            extra=f"mailboxes = ( {stanzas} );")) as d:
            c = Campaign(d, imap, rng)
            for cycle in range(CYCLES):
                d.start()
                for n in range(DRAFTS):
                    c.submit(cycle * DRAFTS + n)
                c.read_notices()
                c.answer_some()
                if rng.random() < 0.2:
                    imap.kill()
                    time.sleep(rng.random() / 2)
                    imap.start()
                time.sleep(rng.random() ** 2 * 1.5)
                d.kill()
            settle(c)
            check(c)
            d.stop()


def settle(c):
    """Nobody is killed any more: all is answered, all comes to rest."""
    d = c.d
    d.start()
    end = time.monotonic() + PATIENCE * 2
    while True:
        c.read_notices()
        c.answer_some()
        states = {r["id"]: r["state"]
                  for r in d.json("list", "--all")["drafts"]}
        for number, state in states.items():
            if state == "in-doubt":
                c.look(number)
        if (set(states.values()) == {"sent"}
                and len(c.imap.mails(DONE)) == c.answers
                and len(c.imap.mails("Sent")) >= len(states)):
            break
        assert time.monotonic() < end, (
            states, c.answers, len(c.imap.mails(DONE)),
            len(c.imap.mails("Sent")), d.log()[-3000:])
        time.sleep(0.1)


def ids(mails):
    return collections.Counter(
        str(email.message_from_bytes(raw)["Message-ID"]) for raw in mails)


def check(c):
    d, imap = c.d, c.imap
    left = ids(harness.envelope_of(raw)[2] for raw in d.outbox.fresh())
    copies = ids(raw for _, _, raw in imap.mails("Sent"))
    assert set(left.values()) == {1}, left
    assert copies == left, (copies, left)
    for number in c.approved:
        events = d.json("log", number)["events"]
        n = sum(e["event"] == "approved" and e["medium"] == "mail"
                for e in events)
        assert n == 1, (number, events)
        asked = [e for e in events if e["event"] in ("ask", "asked")]
        assert len(asked) == (number in c.asked), (number, asked)
    assert imap.mails() == [] and imap.mails(FAILED) == []
    assert len(imap.mails(DONE)) == c.answers
    d.ctl("audit", "verify")
    print(f"# {CYCLES} kills, {sum(left.values())} mails left and copied,"
          f" {c.looked} in doubt, {c.answers} replies, {len(c.asked)} of them questions,"
          f" {d.log().count('known-before')} known before,"
          f" {d.log().count('result=conflict')} heard twice", flush=True)


def test_killed_at_any_moment(folder):
    print(f"# SEED={SEED}", flush=True)
    run(folder, random.Random(SEED))


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
