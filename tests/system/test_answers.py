"""Answers to a digest: lines that say by number what is to become of which
draft; one receipt tells what became of them all."""

import sys
import time
from contextlib import closing
from email.message import EmailMessage

import harness
from harness import Daemon, REVIEWER, draft, envelope_of, plain

WORDS = '''words = ( { word = "freigeben"; means = "approve"; },
    { word = "sp\u00e4ter"; means = "snooze"; } );'''


def answer(digest, text):
    """The bytes of an answer, to be delivered as often as one likes."""
    m = EmailMessage(policy=harness.email.policy.SMTP)
    m["From"] = REVIEWER
    m["To"] = digest["Reply-To"].addresses[0].addr_spec
    m["Subject"] = "Re: " + str(digest["Subject"])
    m["Message-ID"] = f"<{time.time_ns()}@reviewers.example>"
    m["In-Reply-To"] = str(digest["Message-ID"])
    m.set_content(text)
    return m["Message-ID"], m.as_bytes()


class Digest:
    """A daemon, a digest of n drafts, and what is answered to it."""

    def __init__(self, folder, n):
        self.d = d = Daemon(folder, review='notices_per_hour = 1; '
                            'digest_every = "1d"; ' + WORDS)
        d.start()
        d.held(draft(subject="The first of this hour"))
        d.inbox.message()
        self.drafts = [d.held(draft(f"Text number {i}\n", f"Subject {i}",
                                    f"jane{i}@customer.example"),
                              rcpts=(f"jane{i}@customer.example",))
                       for i in range(1, n + 1)]
        d.stop()
        d.conf.write_text(d.conf.read_text().replace(
            'digest_every = "1d"', 'digest_every = "1s"'))
        d.start()
        self.mail = d.inbox.message()
        # gravest first, then oldest: all are alike
        text = plain(self.mail)
        at = [text.index(f"Text number {i}") for i in range(1, n + 1)]
        assert at == sorted(at), text

    def close(self):
        self.d.close()

    def id(self, n):
        return self.drafts[n - 1][0]

    def code(self, n):
        return self.drafts[n - 1][1]

    def states(self):
        return [self.d.state_of(number) for number, _ in self.drafts]

    def deliver(self, raw):
        to = self.mail["Reply-To"].addresses[0].addr_spec
        return self.d.reply(self.mail, None, to=to, raw=raw)[0]

    def receipt(self, message_id):
        """The answer to that answer; notices may come before it."""
        while True:
            mail = self.d.inbox.message()
            if mail["In-Reply-To"] == message_id:
                return plain(mail).replace("\r\n", "\n")

    def say(self, text):
        message_id, raw = answer(self.mail, text)
        assert self.deliver(raw) == 250
        return self.receipt(message_id)

    def sent(self):
        """Who got mail that was approved, so far."""
        return sorted(rcpt for raw in self.d.outbox.fresh()
                      for rcpt in envelope_of(raw)[1]
                      if rcpt.startswith("jane"))


def with_digest(n):
    def decorate(test):
        def wrapped(folder):
            with closing(Digest(folder, n)) as digest:
                test(digest)
                digest.d.stop()
                assert "ERROR: AddressSanitizer" not in digest.d.log()
        wrapped.__name__ = test.__name__
        wrapped.__code__ = wrapped.__code__.replace(
            co_firstlineno=test.__code__.co_firstlineno)
        return wrapped
    return decorate


@with_digest(6)
def test_each_draft_has_its_own_end(digest):
    d = digest.d
    said = digest.say(f"1 approve {digest.code(1)}\n"
                      "2 drop the price is wrong\n"
                      "3 revise name the price\n\n"
                      "4 snooze 2h\n"
                      "6 edit\n\nAn other text.\nYours, Eva\n")
    assert said.startswith("Done: 1-4, 6.\n"), said
    assert "still waiting: 5." in said, said
    assert "| the price is wrong" in said and "| name the price" in said
    d.wait_state(digest.id(1), "sent")
    assert digest.states() == ["sent", "dropped", "revising", "held", "held",
                               "held"]
    view = d.json("show", str(digest.id(6)))
    assert view["code"] in said and view["revision"] == 2, (view, said)
    assert "An other text." in view["text"], view
    events = [e["event"] for e in d.json("log", str(digest.id(4)))["events"]]
    assert "snoozed" in events, events
    # what was done can be taken back by the same address
    assert "Done: 2-3.\n" in digest.say("2-3 undo\n")
    assert digest.states()[1:3] == ["held", "held"]
    assert d.json("audit", "verify")["right"]


@with_digest(3)
def test_the_same_answer_twice_does_nothing_twice(digest):
    d = digest.d
    message_id, raw = answer(digest.mail, "1 approve\n2 drop no\n3 claim\n")
    assert digest.deliver(raw) == 250
    assert "Done: 1-3.\n" in digest.receipt(message_id)
    d.wait_state(digest.id(1), "sent")
    before = [d.json("log", str(number))["events"]
              for number, _ in digest.drafts]
    assert digest.deliver(raw) == 250
    said = digest.say("help\n")
    assert "Nothing was decided" in said, said
    assert digest.states() == ["sent", "dropped", "held"]
    after = [d.json("log", str(number))["events"]
             for number, _ in digest.drafts]
    decided = [[e for e in log if e["event"] != "not-decided"]
               for log in after]
    assert decided == before, after
    # nor when it was taken back meanwhile
    assert "Done: 2.\n" in digest.say("2 undo\n")
    assert digest.deliver(raw) == 250
    digest.say("help\n")
    assert digest.states() == ["sent", "held", "held"]


@with_digest(4)
def test_what_changed_meanwhile_keeps_nothing_back(digest):
    d = digest.d
    d.ctl("edit", str(digest.id(2)), "--file", "-",
          stdin="Changed meanwhile.\n")
    d.ctl("drop", str(digest.id(3)), "too", "late")
    said = digest.say("1-4 approve\n")
    assert said.startswith("Done: 1, 4.\nNot done: 2-3.\n"), said
    second = said[said.index("2. draft"):said.index("3. draft")]
    third = said[said.index("3. draft"):said.index("4. draft")]
    assert "newer notice" in second, second
    assert "dropped" in third and "command" in third, third
    d.wait_state(digest.id(1), "sent")
    d.wait_state(digest.id(4), "sent")
    assert digest.states() == ["sent", "held", "dropped", "sent"]


@with_digest(4)
def test_an_unclear_answer_does_nothing(digest):
    d = digest.d
    for text, why in (
            ("1 approve\n1 drop\n", "something else"),
            ("1 approve\n9 drop\n", "no number 9"),
            ("1-4 approve\nbut not the third\n", "directly below one"),
            ("1 approve\n\nplease drop 2\n3 approve\n", "below words"),
            ("1 approve\n2 aprove\n", "begins like a command"),
            (f"1 approve {digest.code(2)}\n", "its code is not that"),
            ("approve\n", "which draft it is for"),
            (f"approve {digest.code(1)}\n", "which draft it is for"),
            ("1 edit\nNew text.\n2 approve\n", "text of an edit")):
        said = " ".join(digest.say(text).split())
        assert said.startswith("Nothing was decided"), (text, said)
        assert why in said, (text, said)
        assert digest.states() == ["held"] * 4, text
    assert d.outbox.fresh() == []


@with_digest(3)
def test_quoted_words_decide_nothing(digest):
    quoted = "".join(f"> {line}\n" for line in
                     plain(digest.mail).splitlines())
    said = digest.say("2 approve\n\nRegards, Anna\n\nOn Saturday Imprimatur "
                      "wrote:\n" + quoted)
    assert said.startswith("Done: 2.\n"), said
    digest.d.wait_state(digest.id(2), "sent")
    # nothing of one's own
    message_id, raw = answer(digest.mail,
                             "On Saturday Imprimatur wrote:\n" + quoted)
    assert digest.deliver(raw) == 250
    assert "could not read" in digest.receipt(message_id)
    assert digest.states() == ["held", "sent", "held"]


@with_digest(2)
def test_words_of_the_house(digest):
    assert "Done: 1-2.\n" in digest.say("1 Freigeben\n2 SP\u00c4TER 1d\n")
    digest.d.wait_state(digest.id(1), "sent")
    assert digest.states()[1] == "held"


@with_digest(2)
def test_revise_and_snooze_on_the_command_line(digest):
    d = digest.d
    first, second = (str(digest.id(n)) for n in (1, 2))
    for wrong in ("2", "2w", "0h", "31d"):
        assert d.ctl("snooze", first, wrong, ok=False).returncode != 0
    assert d.ctl("snooze", first, ok=False).returncode != 0
    d.ctl("snooze", first, "2h")
    assert d.ctl("revise", second, ok=False).returncode != 0
    d.ctl("revise", second, "name", "the", "price")
    assert digest.states() == ["held", "revising"]
    log = d.json("log", second)["events"]
    assert any(e["event"] == "revising" and e["text"] == "name the price"
               for e in log), log
    d.ctl("undo", second)
    assert digest.states() == ["held", "held"]


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
