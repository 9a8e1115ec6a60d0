"""What happens to drafts that nobody decides, with the daemon's wall clock in
the hand of the test: ladders, business hours, clocks that jump.  Prints TAP.
"""

import os
import sys
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import REVIEWER, Daemon, Maildir, code_of, draft, plain  # noqa: E402

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
LOOK = 5  # seconds: how often the daemon compares its clocks
AGENT = "bot"

CHANNEL = """
channel: {{
  name = "support";
  about = "answers to customers";
  owner = "boss";
  match = {{ agent = [ "{agent}" ]; }};
  mode = "{mode}";
  cost = "{cost}";
  reversible = true;
  reviewers = [ "you" ];
  deadline = "{deadline}";
  calendar = "{calendar}";
  ladder = ( {ladder} );
  reasons = [ "wrong-price", "tone" ];
  rules = ( {rules} );
}};
"""


def left(daemon):
    """Mails that left for somebody outside, reports to the agent apart."""
    return [m for m in daemon.outbox.fresh()
            if harness.envelope_of(m)[1] != ["bot@agents.example"]]


class World:
    """A daemon with one channel, a reviewer, an owner, and a clock."""

    def __init__(self, folder, ladder, deadline="1s", cost="low", rules="",
                 mode="review", hours='"mon-sun 00:00-24:00"',
                 zone="Europe/Berlin", at="+0"):
        self.boss = Maildir(folder / "boss")
        inbox = folder / "inbox"
        channels = folder / "channels"
        channels.mkdir()
        (channels / "support.conf").write_text(CHANNEL.format(
            agent=AGENT, cost=cost, rules=rules, deadline=deadline, mode=mode,
            calendar="office", ladder=ladder))
        self.clock = folder / "clock"
        self.at(at)
        self.daemon = Daemon(folder, reviewers=f"""
            {{ name = "you"; address = "{REVIEWER}"; maildir = "{inbox}";
               users = [ {os.getuid()} ]; }},
            {{ name = "boss"; address = "boss@reviewers.example";
               maildir = "{self.boss.path}"; admin = true; }}""",
            extra=f"""
channels = "{channels}";
calendars = ( {{ name = "office"; zone = "{zone}"; hours = [ {hours} ]; }} );
""")

    def at(self, when):
        """Set the daemon's wall clock; "+1d" is ahead by that."""
        new = self.clock.with_suffix(".new")
        new.write_text(when + "\n")
        new.rename(self.clock)

    def start(self):
        if not FAKETIME.exists():
            harness.skip("no libfaketime")
        self.daemon.start(environment={
            "LD_PRELOAD": str(FAKETIME), "TZ": "UTC",
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0"})
        return self.daemon

    def wait_log(self, words, patience=harness.PATIENCE):
        end = time.monotonic() + patience
        while words not in self.daemon.log():
            if time.monotonic() > end:
                raise AssertionError(
                    f"no \"{words}\" in the log:\n{self.daemon.log()[-3000:]}")
            time.sleep(0.05)

    def close(self):
        self.daemon.close()
        self.boss.close()


def fact(d, number, label):
    return next((f["value"] for f in d.json("show", number)["facts"]
                 if f["label"] == label), None)


def events(d, number):
    return [(e["event"], e["actor"]) for e in d.json("log", number)["events"]]


def left(d):
    """Mail that left for somebody but the agent, who is told of the end."""
    return [rcpts for _, rcpts, _ in map(harness.envelope_of, d.outbox.fresh())
            if rcpts != ["bot@agents.example"]]


def steps(*pairs):
    return ", ".join(f'{{ at = "{at}"; {what} }}' for at, what in pairs)


REMIND = "remind = true;"
ASK_BOSS = 'ask = [ "boss" ];'


def last(what):
    return f'do = "{what}";'


def test_a_ladder_is_climbed(folder):
    ladder = steps(("2s", REMIND), ("4s", ASK_BOSS), ("6s", last("expire")))
    with closing(World(folder, ladder, deadline="6s")) as w:
        d = w.start()
        number, code = d.held(draft())
        first = d.inbox.message()
        assert code_of(first) == code
        assert "Decide by:" in plain(first).replace("\n", " "), plain(first)
        again = d.inbox.message()
        assert "Reminder" in again["Subject"], again["Subject"]
        assert plain(again).startswith("Imprimatur asks you: Reminder: ")
        told = w.boss.message()
        assert f"(draft {number})" in told["Subject"]
        assert d.wait_state(number, "expired") == "expired"
        assert ("expired", "deadline") in events(d, number), events(d, number)
        # it is over: nobody revives it
        late = d.ctl("approve", number, code, ok=False)
        assert late.returncode != 0
        assert d.state_of(number) == "expired"
        assert not left(d)
        d.stop()


def test_hold_hands_it_up(folder):
    ladder = steps(("1s", last("hold")))
    with closing(World(folder, ladder)) as w:
        d = w.start()
        number, code = d.held(draft())
        assert f"(draft {number})" in w.boss.message()["Subject"]
        assert d.state_of(number) == "held"
        d.ctl("approve", number, code)
        d.outbox.wait()
        d.stop()


def test_approve_where_it_costs_little(folder):
    ladder = steps(("1s", last("approve")))
    with closing(World(folder, ladder)) as w:
        d = w.start()
        number, _ = d.held(draft())
        d.outbox.wait()
        assert ("approved", "deadline") in events(d, number), events(d, number)
        d.stop()


TWO = """{ name = "two"; size_above = 1; then = "hold"; persons = 2;
  ask = [ "you", "boss" ]; }"""


def test_two_people_are_not_a_deadline(folder):
    ladder = steps(("1s", last("approve")))
    with closing(World(folder, ladder, rules=TWO)) as w:
        d = w.start()
        number, _ = d.held(draft())
        w.wait_log("two people must approve it")
        assert d.state_of(number) == "held"
        assert not left(d)
        d.stop()


def test_two_people_approve(folder):
    ladder = steps(("1d", last("hold")))
    with closing(World(folder, ladder, deadline="1d", rules=TWO)) as w:
        d = w.start()
        number, code = d.held(draft())
        mine, theirs = d.inbox.message(), w.boss.message()
        d.reply(mine, f"approve {code}")
        assert "one more person agrees" in plain(d.inbox.message()).replace(
            "\n", " ")
        assert d.state_of(number) == "held"
        assert fact(d, number, "Approvals") == "1 of 2 people approved: you"
        d.reply(mine, "approve")  # the same person twice is one
        assert d.state_of(number) == "held"
        d.reply(theirs, "approve", sender="boss@reviewers.example")
        d.outbox.wait()
        d.stop()


def test_claim_and_delegate(folder):
    ladder = steps(("1d", last("hold")))
    with closing(World(folder, ladder, deadline="1d")) as w:
        d = w.start()
        number, _ = d.held(draft())
        d.inbox.message()
        d.ctl("claim", number)
        assert d.json("show", number)["claimed_by"] == "you"
        assert "opened it" in fact(d, number, "Claimed")
        assert d.ctl("delegate", number, "bos", ok=False).returncode != 0
        d.ctl("delegate", number, "boss")
        notice = w.boss.message()
        d.reply(notice, "drop wrong-price it is 80 EUR",
                sender="boss@reviewers.example")
        d.wait_state(number, "dropped")
        d.stop()


def test_what_was_sent_is_judged(folder):
    ladder = steps(("1d", last("hold")))
    with closing(World(folder, ladder, deadline="1d", mode="after")) as w:
        d = w.start()
        code, said = d.submit(draft())
        assert code == 250 and "held" not in said, said
        d.outbox.wait()
        notice = d.inbox.message()
        assert "was that right?" in plain(notice), plain(notice)
        d.reply(notice, "wrong tone it was rude")
        assert "should not have left" in plain(d.inbox.message()).replace(
            "\n", " ")
        assert any(e == "found-wrong" for e, _ in events(d, 1)), events(d, 1)
        assert d.ctl("fine", 1, ok=False).returncode != 0
        d.stop()


def jump(folder, final):
    ladder = steps(("1h", last(final)))
    with closing(World(folder, ladder, deadline="1h")) as w:
        d = w.start()
        number, code = d.held(draft())
        d.inbox.message()
        w.at("+1d")
        w.wait_log("clock jumped forward")
        w.wait_log("the clock jumped, so nothing is done")
        w.boss.message()
        assert d.state_of(number) == "held"
        assert not left(d)
        # and a person still decides
        d.ctl("approve", number, code)
        d.outbox.wait()
        d.stop()


def test_a_jump_approves_nothing(folder):
    jump(folder, "approve")


def test_a_jump_expires_nothing(folder):
    jump(folder, "expire")


def test_a_jump_back_revives_nothing(folder):
    ladder = steps(("1s", last("expire")))
    with closing(World(folder, ladder)) as w:
        d = w.start()
        number, code = d.held(draft())
        d.wait_state(number, "expired")
        w.at("-10y")
        w.wait_log("clock jumped back")
        assert d.state_of(number) == "expired"
        late = d.ctl("approve", number, code, ok=False)
        assert late.returncode != 0
        assert d.state_of(number) == "expired"
        d.ctl("audit", "verify")
        assert not left(d)
        d.stop()


def test_the_year_2038_is_a_year(folder):
    ladder = steps(("1s", last("expire")))
    with closing(World(folder, ladder, at="@2038-01-19 03:14:05")) as w:
        d = w.start()
        number, _ = d.held(draft())
        d.wait_state(number, "expired")
        assert d.json("show", number)["received"].startswith("2038-01-19T03:14")
        d.stop()


def deadline_of(folder, at, deadline, hours, zone="Europe/Berlin"):
    """What people read of a draft of that moment."""
    ladder = steps((deadline, last("hold")))
    with closing(World(folder, ladder, deadline=deadline, hours=hours,
                       zone=zone, at="@" + at)) as w:
        d = w.start()
        number, _ = d.held(draft())
        said = fact(d, number, "Decide by")
        d.stop()
    return said


def test_business_hours_over_the_end_of_summer(folder):
    # Friday 16:30 in Berlin, the clocks go back on Sunday
    said = deadline_of(folder, "2026-10-23 14:30:00", "1h",
                       '"mon-fri 09:00-17:00"')
    assert said == "Mon 26 Oct 2026, 09:30 +0100 (Europe/Berlin)", said


def test_a_time_that_does_not_exist(folder):
    # 00:30 and two hours: there is no 02:30 that night
    said = deadline_of(folder, "2026-03-28 23:30:00", "2h",
                       '"mon-sun 00:00-24:00"')
    assert said == "Sun 29 Mar 2026, 03:30 +0200 (Europe/Berlin)", said


def test_half_an_hour_of_summer(folder):
    # 01:45, a quarter of an hour before 02:00 becomes 01:30
    said = deadline_of(folder, "2026-04-04 14:45:00", "30m",
                       '"mon-sun 00:00-24:00"', "Australia/Lord_Howe")
    assert said == "Sun 5 Apr 2026, 01:45 +1030 (Australia/Lord_Howe)", said


def test_over_the_end_of_a_year(folder):
    said = deadline_of(folder, "2026-12-31 21:30:00", "4h",
                       '"mon-sun 00:00-24:00"', "America/New_York")
    assert said == "Thu 31 Dec 2026, 20:30 -0500 (America/New_York)", said


def test_what_came_due_while_it_was_off(folder):
    ladder = steps(("1s", last("expire")))
    with closing(World(folder, ladder)) as w:
        d = w.start()
        number, _ = d.held(draft())
        d.stop()
        w.at("+1h")  # a start knows of no jump: it was just off for an hour
        w.start()
        d.wait_state(number, "expired")
        d.stop()


def test_many_at_once_do_not_block_intake(folder):
    n = 300
    ladder = steps(("30s", last("expire")))
    with closing(World(folder, ladder, deadline="30s")) as w:
        d = w.start()
        with d.smtp() as client:
            for i in range(n):
                client.sendmail("bot@agents.example", "jane@customer.example",
                                harness.crlf(draft(subject=f"No. {i}")))
        # all of them are late when it starts again
        d.stop()
        w.at("+1h")
        w.start()
        slowest = 0
        for i in range(20):
            begin = time.monotonic()
            d.submit(draft(subject=f"in between {i}"))
            slowest = max(slowest, time.monotonic() - begin)
        end = time.monotonic() + harness.PATIENCE
        while d.json("status")["drafts"]["expired"] < n:
            assert time.monotonic() < end, d.json("status")
            time.sleep(0.1)
        assert slowest < 5, slowest
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
