"""Digests as those who get them live with them: when they come, what stands
alone, which thread it stands in, what a crash leaves of them.  Prints TAP."""

import os
import re
import sys
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import Daemon, draft, parse, plain  # noqa: E402

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
ANNA, BEN = "anna@reviewers.example", "ben@reviewers.example"
MONDAY = 1795420200  # 2026-11-23 07:50 UTC: 08:50 in Berlin


class World:
    """Anna has digests, Ben each notice at once; a clock to set."""

    def __init__(self, folder, digest, fake=True):
        self.clock = folder / "clock"
        self.fake = fake
        self.at(0)
        self.ben = harness.Maildir(folder / "ben")
        self.d = Daemon(folder, reviewers=f"""
            {{ name = "anna"; address = "{ANNA}"; calendar = "office";
               maildir = "{folder}/inbox"; users = [ {os.getuid()} ];
               admin = true; digest = {{ {digest} }}; }},
            {{ name = "ben"; address = "{BEN}"; maildir = "{folder}/ben"; }}""",
            extra="""calendars = ( { name = "office"; zone = "Europe/Berlin";
              hours = [ "mon-fri 09:00-17:30" ]; } );""",
            rules="""{ name = "grave"; recipient = [ "*@grave.example" ];
              severity = "high"; }, { name = "light"; severity = "low"; }""")

    def at(self, seconds):
        """Set the daemon's wall clock, that much after Monday, 08:50."""
        new = self.clock.with_suffix(".new")
        new.write_text(f"@{time_of(MONDAY + seconds)}\n")
        new.rename(self.clock)

    def start(self):
        if self.fake and not FAKETIME.exists():
            harness.skip("no libfaketime")
        self.d.start(environment={
            "LD_PRELOAD": str(FAKETIME), "TZ": "UTC",
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DISABLE_SHM": "1",
            "ASAN_OPTIONS": "verify_asan_link_order=0"} if self.fake else {})
        return self.d

    def held(self, subject, to="jane@light.example"):
        return self.d.held(draft(subject=subject, to=to), rcpts=(to,))[0]

    def close(self):
        self.d.close()
        self.ben.close()


def time_of(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def drafts_of(digest):
    """Which number is which draft."""
    return {int(draft): int(n) for n, draft in re.findall(
        r"^\[(\d+)\] [^\n]*\(draft (\d+)\)\r?$", plain(digest), re.M)}


def test_it_comes_when_the_clock_says_so(folder):
    with closing(World(folder, 'at = [ "09:00", "13:30" ];')) as w:
        d = w.start()
        first, second = w.held("one"), w.held("two")
        grave = w.held("grave", "jane@grave.example")
        assert f"(draft {grave})" in d.inbox.message()["Subject"]
        assert d.inbox.fresh() == []
        # the machine slept, or its clock was set: timers know nothing of it
        w.at(601)
        digest = d.inbox.message()
        assert sorted(drafts_of(digest)) == [first, second]
        third = w.held("three")
        d.reply(digest, "1 snooze 2h\n", ANNA)
        said = plain(d.inbox.message())
        assert "11:00 +0100 (Europe/Berlin)" in " ".join(said.split()), said
        # until 10:00 UTC; it comes alone, in the thread of the digest
        w.at(2 * 3600 + 700)
        woken = d.inbox.message()
        assert woken["In-Reply-To"] == digest["Message-ID"], woken
        assert woken["Subject"].endswith(f"(draft {first})"), woken
        w.at(5 * 3600)
        assert list(drafts_of(d.inbox.message())) == [third]
        d.stop()


def test_what_one_edits_comes_at_once(folder):
    with closing(World(folder, 'at = [ "09:00" ];')) as w:
        d = w.start()
        number, other = w.held("one"), w.held("two")
        w.at(601)
        digest = d.inbox.message()
        n = drafts_of(digest)[number]
        d.reply(digest, f"{n} edit\nHello,\n\nanother text.\n", ANNA)
        mails = [parse(raw) for raw in d.inbox.wait(2)]
        receipt = next(m for m in mails if m["Subject"].startswith("Re:"))
        shown = next(m for m in mails if m is not receipt)
        assert "another text" in plain(shown), plain(shown)
        assert shown["In-Reply-To"] == digest["Message-ID"]
        # answers that were sent from elsewhere do not tear the thread
        assert digest["Message-ID"] in receipt["References"].split()
        d.reply(shown, "approve\n", ANNA)
        d.wait_state(number, "sent")
        # what somebody else edits waits for the next
        d.inbox.message()
        told = next(m for m in map(parse, w.ben.wait(2))
                    if m["Subject"].endswith(f"(draft {other})"))
        d.reply(told, "edit\nBen's text.\n", BEN)
        w.ben.wait(2)
        assert d.inbox.fresh() == []
        d.stop()


def test_a_stranger_gets_nothing_from_a_digest(folder):
    with closing(World(folder, 'every = "1s";', fake=False)) as w:
        d = w.start()
        number = w.held("one")
        digest = d.inbox.message()
        d.reply(digest, "1 approve\nall approve\n", "eve@outside.example")
        told = d.inbox.message()
        assert told["In-Reply-To"] == digest["Message-ID"], told
        assert "| eve@outside.example" in plain(told), plain(told)
        d.reply(digest, "1 approve\n", BEN)  # nor a colleague with hers
        d.reply(digest, "help\n", ANNA)
        d.inbox.message()
        assert d.state_of(number) == "held"
        d.stop()


def test_a_crash_loses_no_item_and_repeats_none(folder):
    with closing(World(folder, 'every = "1s"; items = 3;', fake=False)) as w:
        d = w.start()
        numbers = []
        for turn in range(4):
            numbers += [w.held(f"{turn} {i}") for i in range(7)]
            d.kill()
            w.start()
        mails, seen = {}, {}
        while len(seen) < len(numbers):
            for raw in d.inbox.wait():
                m = parse(raw)
                assert mails.setdefault(m["Message-ID"], raw) == raw
                for number in drafts_of(m):
                    seen.setdefault(number, set()).add(m["Message-ID"])
        assert sorted(seen) == numbers
        assert all(len(ids) == 1 for ids in seen.values()), seen
        d.stop()


def test_a_reload_changes_what_waits(folder):
    with closing(World(folder, 'every = "1d"; above = "high";')) as w:
        d = w.start()

        def turn(old, new):
            d.conf.write_text(d.conf.read_text().replace(old, new))
            d.ctl("reload")

        numbers = [w.held(str(i)) for i in range(3)]
        assert d.inbox.fresh() == []
        turn('above = "high"', 'above = "low"')
        alone = [parse(raw) for raw in d.inbox.wait(3)]
        assert sorted(m["Subject"] for m in alone) == [
            f"[review] {i} (draft {n})" for i, n in enumerate(numbers)]
        turn('above = "low"', 'above = "high"')
        number = w.held("gathered")
        assert d.inbox.fresh() == []
        turn('every = "1d"', 'every = "1s"')
        assert list(drafts_of(d.inbox.message())) == [number]
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
