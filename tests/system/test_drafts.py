"""Mailboxes into which mail comes, with a real Dovecot: an agent that only
writes drafts, and customers who write again."""

import contextlib
import email
import random
import sys
import time
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP

import harness
from dovecot import Dovecot, mailbox
from harness import PATIENCE, Daemon, crlf, draft, plain

DONE, FAILED = "Imprimatur/Done", "Imprimatur/Failed"
DRAFTS = 'agent = "bot"; settle = "0s";'


@contextlib.contextmanager
def both(folder, use="drafts", more=DRAFTS, start=True, **kw):
    with closing(Dovecot(folder)) as imap:
        imap.start()
        stanza = mailbox(imap, use, use, more=more)
        with closing(Daemon(folder, extra=f"mailboxes = ( {stanza} );",
                            **kw)) as d:
            if start:
                d.start()
            yield imap, d


def numbers(d):
    return [x["id"] for x in d.json("list", "--all")["drafts"]]


def wait_drafts(d, n):
    end = time.monotonic() + PATIENCE
    while len(found := numbers(d)) != n:
        assert time.monotonic() < end, (found, d.log()[-2000:])
        time.sleep(0.02)
    return sorted(found)


def names(view):
    return [f["name"] for f in view["findings"]]


# ---- drafts ------------------------------------------------------------------

def test_a_draft_is_a_submission(folder):
    """Its header is its envelope; Bcc gets it and is not in it."""
    m = draft(to="Jane <jane@customer.example>, joe@customer.example")
    m["Cc"] = "Jane <jane@CUSTOMER.example>, max@customer.example"
    m["Bcc"] = "secret@customer.example"
    with both(folder) as (imap, d):
        imap.put(crlf(m), "Drafts", flags=r"(\Draft)")
        number, = wait_drafts(d, 1)
        view = d.json("show", number)
        assert view["state"] == "held" and view["agent"] == "bot"
        assert view["envelope"]["from"] == "bot@agents.example"
        assert [r["address"] for r in view["envelope"]["recipients"]] == [
            "jane@customer.example", "joe@customer.example",
            "max@customer.example", "secret@customer.example"]
        assert "from-drafts-folder" in names(view)
        notice = d.inbox.message()
        assert "mailbox drafts" in plain(notice)
        (_, _, raw), = imap.wait(1, DONE)
        assert raw == crlf(m)
        assert imap.mails("Drafts") == []
        d.reply(notice, f"approve {view['code']}")
        sent, = d.outbox.wait()
        for address in ("jane", "joe", "max", "secret"):
            assert f"X-Envelope-To: <{address}@customer.example>".encode() \
                in sent
        assert b"\nBcc:" not in sent and b"with IMAP;" in sent
        assert sent.count(b"secret@customer.example") == 1  # the envelope
        d.stop()


def test_what_cannot_be_taken_is_explained(folder):
    good, to = crlf(draft()), b"To: jane@customer.example"
    bad = {
        "neither To nor Cc nor Bcc": good.replace(to, b"X-To: nobody"),
        "may send as": good.replace(b"bot@agents", b"bot@else"),
        "is no list of addresses": good.replace(to, to + b", <<x@@"),
        "no address of plain letters": good.replace(
            to, "To: j\u00e4ne@customer.example".encode()),
        "more than 1000 people": good.replace(to, b"To: " + b",\r\n ".join(
            b"p%d@customer.example" % n for n in range(1001))),
    }
    with both(folder, start=False) as (imap, d):
        for raw in bad.values():
            assert raw != good
            imap.put(raw, "Drafts")
        d.start()
        found = [email.message_from_bytes(raw, policy=SMTP)
                 for _, _, raw in imap.wait(2 * len(bad), FAILED)]
        texts = [plain(m) for m in found if m["Subject"] == "Not taken: a draft"]
        assert len(texts) == len(bad)
        for text in texts:
            assert 'put it back into "Drafts"' in text
        for why in bad:
            assert any(why in t for t in texts), (why, texts)
        assert imap.mails("Drafts") == [] and numbers(d) == []
        assert not d.inbox.seen and not list((d.inbox.path / "new").iterdir())
        d.stop()


def test_too_large_is_explained(folder):
    with both(folder, more=DRAFTS + ' mail_size = "64K";') as (imap, d):
        imap.put(crlf(draft(text="many words\n" * 8000)), "Drafts")
        mails = [raw for _, _, raw in imap.wait(2, FAILED)]
        assert any(b"mail_size" in raw for raw in mails)
        imap.put(crlf(draft()), "Drafts")
        wait_drafts(d, 1)
        d.stop()


def test_a_draft_may_settle(folder):
    """A mail program saves it again and again: only the last one counts."""
    with both(folder, more='agent = "bot"; settle = "2s";') as (imap, d):
        for n in range(3):
            with imap.client() as c:
                c.create("Drafts")
                typ, (exists,) = c.select("Drafts")
                if int(exists) > 0:
                    c.store("1:*", "+FLAGS", r"(\Deleted)")
                    c.expunge()
                c.append("Drafts", r"(\Draft)", None,
                         crlf(draft(f"version {n}\n", message_id="<a@x>")))
        number, = wait_drafts(d, 1)
        assert "version 2" in d.json("show", number)["text"]
        imap.wait(1, DONE)
        assert len(numbers(d)) == 1
        d.stop()


def test_withdrawn_and_refused_by_rule(folder):
    rules = ('{ name = "no"; subject = "forbidden"; then = "refuse"; '
             'say = "not that"; }')
    with both(folder, rules=rules) as (imap, d):
        imap.put(crlf(draft(subject="forbidden")), "Drafts")
        assert any(b"not that" in raw for _, _, raw in imap.wait(2, FAILED))
        imap.put(crlf(draft(message_id="<w@agents.example>")), "Drafts")
        imap.wait(1, DONE)
        number = max(numbers(d))
        m = draft()
        m["Imprimatur-Withdraw"] = "<w@agents.example>"
        imap.put(crlf(m), "Drafts")
        d.wait_state(number, "withdrawn")
        imap.wait(2, DONE)
        d.stop()


def test_each_draft_is_taken_once_whatever_dies(folder):
    rng, n = random.Random(7), 30
    with both(folder, start=False) as (imap, d):
        for i in range(n):
            imap.put(crlf(draft(f"words {i}\n", subject=f"draft {i}")), "Drafts")
        end = time.monotonic() + PATIENCE
        while imap.mails("Drafts"):
            assert time.monotonic() < end
            d.start()
            # chance decides when: this is the test's only clock
            time.sleep(rng.uniform(0.02, 0.3))
            d.kill()
        d.start()
        rows = d.json("list", "--all")["drafts"]
        assert sorted(r["subject"] for r in rows) == sorted(
            f"draft {i}" for i in range(n))
        # the server may have copied one it had not yet taken out
        assert len({raw for _, _, raw in imap.mails(DONE)}) == n
        d.stop()


# ---- customers who write again ------------------------------------------------

def inbound(text="One more thing.\n", sender="jane@customer.example", **fields):
    m = EmailMessage(policy=SMTP)
    m["From"] = sender
    m["To"] = "support@agents.example"
    m["Subject"] = "my order"
    m["Message-ID"] = f"<{time.time_ns()}@customer.example>"
    for name, value in fields.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    return crlf(m)


def wait_found(d, number, name):
    end = time.monotonic() + PATIENCE
    while name not in names(view := d.json("show", number)):
        assert time.monotonic() < end, view
        time.sleep(0.02)
    return view


def test_a_customer_who_wrote_again(folder):
    with both(folder, "feed", "", review='undo = "10m";') as (imap, d):
        number, code = d.held(draft())
        d.reply(d.inbox.message(), f"approve {code}")
        d.wait_state(number, "approved")
        imap.put(inbound(Auto_Submitted="auto-replied"))
        imap.put(inbound(sender="somebody@else.example"))
        imap.put(inbound())
        wait_found(d, number, "customer-wrote-again")
        d.wait_state(number, "held")
        found = imap.wait(3)
        assert all(r"\Seen" not in flags for _, flags, _ in found)
        # it is remembered: the same mails count once
        before = len(d.json("log", number)["events"])
        d.stop()
        d.start()
        imap.put(inbound(sender="another@else.example"))
        end = time.monotonic() + PATIENCE
        while d.log().count("drafts are looked at once more") < 3:
            assert time.monotonic() < end, d.log()[-2000:]
            time.sleep(0.02)
        assert len(d.json("log", number)["events"]) == before
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
