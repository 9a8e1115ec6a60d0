"""Deadlines in trouble: a reload under a draft that waits, people who are
away, clocks and time zones, an answer in the second of the deadline, mail that
is looked at when it has left.  Prints TAP.
"""

import collections
import re
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import code_of, draft, plain  # noqa: E402
from test_deadline import (ASK_BOSS, CHANNEL, REMIND, World,  # noqa: E402
                           deadline_of, events, fact, last, left, steps)

BOSS = "boss@reviewers.example"


def write(w, name="support", **kw):
    """The channel anew, and a reload."""
    known = dict(agent="bot", cost="low", rules="", deadline="1d",
                 mode="review", calendar="office",
                 ladder=steps(("1d", last("hold"))))
    known.update(kw)
    text = CHANNEL.format(**known).replace(
        'name = "support"', f'name = "{name}"')
    (w.daemon.folder / "channels" / f"{name}.conf").write_text(text)
    reload(w)


def reload(w):
    n = w.daemon.log().count("reload done")
    w.daemon.process.send_signal(1)
    end = time.monotonic() + harness.PATIENCE
    while w.daemon.log().count("reload done") == n:
        assert time.monotonic() < end, w.daemon.log()[-2000:]
        time.sleep(0.02)


def wait_event(d, number, event):
    end = time.monotonic() + harness.PATIENCE
    while not any(e == event for e, _ in events(d, number)):
        assert time.monotonic() < end, events(d, number)
        time.sleep(0.05)


def test_a_ladder_that_is_shortened(folder):
    """What waits goes by the new steps; what is cut off is handed up."""
    ladder = steps(("2s", REMIND), ("4s", REMIND), ("1h", last("expire")))
    with closing(World(folder, ladder, deadline="1h")) as w:
        d = w.start()
        number, _ = d.held(draft())
        wait_event(d, number, "reminded")
        write(w, deadline="1s", ladder=steps(("1s", last("expire"))))
        # its second step is no more: nobody lets it go or ends it
        w.boss.message()
        assert d.state_of(number) == "held"
        # a new one goes by the new ladder
        other, _ = d.held(draft(subject="new"))
        d.wait_state(other, "expired")
        assert d.state_of(number) == "held" and not left(d)
        d.stop()


def test_a_ladder_whose_end_changes(folder):
    """An end by approval that was written later counts, and one that was
    taken away does not."""
    with closing(World(folder, steps(("4s", last("approve"))),
                       deadline="4s")) as w:
        d = w.start()
        number, _ = d.held(draft())
        write(w, deadline="4s", cost="high",
              ladder=steps(("4s", last("expire"))))
        d.wait_state(number, "expired")
        assert not left(d)
        d.stop()


def test_a_channel_that_goes(folder):
    with closing(World(folder, steps(("3s", last("approve"))),
                       deadline="3s")) as w:
        d = w.start()
        number, code = d.held(draft())
        write(w, name="other")
        (folder / "channels" / "support.conf").unlink()
        reload(w)
        w.wait_log("its channel is no longer configured")
        w.boss.message()
        assert d.state_of(number) == "held" and not left(d)
        d.ctl("approve", number, code)
        d.outbox.wait()
        d.stop()


def test_away_on_the_day(folder):
    """Who is away when the draft comes is not asked, nor reminded of it."""
    ladder = steps(("3s", ASK_BOSS), ("1d", last("hold")))
    with closing(World(folder, ladder, deadline="1d",
                       at="@2026-11-20 23:59:50")) as w:
        conf = w.daemon.conf.read_text()
        w.daemon.conf.write_text(conf.replace(
            'name = "you";', 'name = "you"; absent = [ "2026-11-21" ]; '
            'calendar = "office";'))
        d = w.start()
        # 00:59 in Berlin: away since an hour
        number, _ = d.held(draft())
        assert d.json("show", number)["ask"] == ["boss"]
        w.boss.message()
        d.stop()
        w.at("@2026-11-21 23:00:01")  # 00:00:01 of the next day in Berlin
        w.start()
        number, _ = d.held(draft(subject="next day"))
        assert d.json("show", number)["ask"] == ["you"]
        d.stop()


def test_new_york_skips_and_repeats_an_hour(folder):
    all_day, office = '"mon-sun 00:00-24:00"', '"mon-fri 09:00-17:00"'
    zone = "America/New_York"
    rows = (
        # 01:30 EST and two hours: 04:30 EDT
        ("2026-03-08 06:30:00", "2h", all_day,
         "Sun 8 Mar 2026, 04:30 -0400"),
        # 00:30 EDT and two hours of the day that has 25
        ("2026-11-01 04:30:00", "2h", all_day,
         "Sun 1 Nov 2026, 01:30 -0500"),
        # Friday 16:30 EST and an hour: Monday 09:30 EDT
        ("2026-03-06 21:30:00", "1h", office,
         "Mon 9 Mar 2026, 09:30 -0400"),
        ("2026-10-30 20:30:00", "1h", office,
         "Mon 2 Nov 2026, 09:30 -0500"),
    )
    for n, (at, deadline, hours, wanted) in enumerate(rows):
        sub = folder / str(n)
        sub.mkdir()
        said = deadline_of(sub, at, deadline, hours, zone)
        assert said == f"{wanted} ({zone})", (at, said)


def test_off_for_a_day(folder):
    """Two steps came due at once: each is taken once, the warning first, and
    who was warned has the time between the two."""
    ladder = steps(("1h", REMIND), ("2h", ASK_BOSS), ("3h", last("expire")))
    with closing(World(folder, ladder, deadline="3h")) as w:
        d = w.start()
        number, _ = d.held(draft())
        d.inbox.message()
        d.stop()
        w.at("+1d")
        w.start()
        w.boss.message()
        wait_event(d, number, "escalated")
        end = time.monotonic() + harness.PATIENCE
        while True:  # until all that was due at once is done
            view = d.json("show", number)
            if view["next_step"] > view["received"][:10] + "T99":
                break
            assert time.monotonic() < end, view["next_step"]
            time.sleep(0.05)
        assert view["state"] == "held"
        names = [e for e, _ in events(d, number)]
        assert names.count("escalated") == 1, names
        d.stop()
        w.at("+2d")
        w.start()
        d.wait_state(number, "expired")
        assert not left(d)
        d.stop()


def test_an_answer_in_the_second_of_the_deadline(folder):
    """One of the two, never both, whoever is first."""
    rounds = 100
    with closing(World(folder, steps(("2s", last("expire"))),
                       deadline="2s")) as w:
        d = w.start()
        ids = []
        with d.smtp() as client:
            for n in range(rounds):
                client.sendmail("bot@agents.example", "jane@customer.example",
                                harness.crlf(draft(subject=f"no. {n}")))
                ids.append(n + 1)
        due = time.monotonic() + 2

        def decide(part):
            for number in part:
                d.ctl("approve", number, ok=False)
        threads = [threading.Thread(target=decide, args=(ids[k::4],))
                   for k in range(4)]
        time.sleep(max(0, due - time.monotonic() - 1))  # the moment itself
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for number in ids:
            d.wait_state(number, "sent", "expired")
        states = collections.Counter()
        for number in ids:
            names = [e for e, _ in events(d, number)]
            state = d.state_of(number)
            states[state] += 1
            assert ("approved" in names) != ("expired" in names), names
            assert (state == "sent") == ("approved" in names), names
        assert len(left(d)) == states["sent"], states
        print("#", dict(states))
        d.ctl("audit", "verify")
        d.stop()


def test_looked_at_afterwards(folder):
    with closing(World(folder, steps(("1d", last("hold"))), deadline="1d",
                       mode="after")) as w:
        d = w.start()
        d.submit(draft(subject="one"))
        d.outbox.wait()
        first = d.inbox.message()
        d.wait_state(1, "sent")
        assert "was that right?" in plain(first)
        d.reply(first, "fine")
        said = " ".join(plain(d.inbox.message()).split())
        assert "right" in said, said
        # twice, over the other way, and the other word
        for word in ("fine", "wrong"):
            again = d.ctl(word, 1, ok=False)
            assert again.returncode == 65, again
            assert "said already" in again.stderr, again.stderr
        d.reply(first, "wrong tone")
        assert "said already" in " ".join(plain(d.inbox.message()).split())
        # what is for before it leaves is not for afterwards
        for verb in ("approve", "drop", "undo"):
            assert d.ctl(verb, 1, ok=False).returncode == 65, verb
        d.submit(draft(subject="two"))
        d.outbox.wait()
        d.wait_state(2, "sent")
        d.ctl("wrong", 2, "wrong-price", "80 not 90")
        assert ("found-wrong", "you") in events(d, 2)
        # somebody who reviewed it before it left is not asked afterwards
        assert d.ctl("fine", 2, ok=False).returncode == 65
        d.stop()


def look(d):
    """It looks once a minute at what is due, and when something is approved;
    this one leaves no sooner than in an hour."""
    number, code = d.held(draft(subject="something else"))
    d.ctl("approve", number, code)


WINDOW = """{ name = "window"; then = "hold"; not_before = "1h";
  not_after = "3h"; }"""


def test_not_before_and_not_after(folder):
    with closing(World(folder, steps(("1d", last("approve"))), deadline="1d",
                       rules=WINDOW)) as w:
        d = w.start()
        early, _ = d.held(draft(subject="early"))
        late, _ = d.held(draft(subject="late"))
        d.ctl("approve", early)
        assert d.state_of(early) == "approved" and not left(d)
        w.at("+61m")
        w.wait_log("clock jumped forward")
        look(d)
        d.wait_state(early, "sent")
        assert len(left(d)) == 1
        w.at("+181m")
        said = d.ctl("approve", late, ok=False)
        assert said.returncode == 65 and "is over" in said.stderr, said
        assert d.state_of(late) == "held" and not left(d)
        # nor does a deadline that would let it go
        w.at("+2d")
        w.boss.message()
        assert d.state_of(late) == "held" and not left(d)
        d.ctl("drop", late)
        d.stop()


def test_approved_and_then_too_late(folder):
    """Held again before it leaves, and somebody is told."""
    with closing(World(folder, steps(("1d", last("hold"))), deadline="1d",
                       rules=WINDOW)) as w:
        d = w.start()
        number, _ = d.held(draft())
        d.inbox.message()
        d.ctl("approve", number)
        w.at("+4h")
        w.wait_log("clock jumped forward")
        look(d)
        d.wait_state(number, "held")
        w.wait_log("notice 3 made")
        again = " ".join(plain(harness.parse(raw)) for raw in
                         [p.read_bytes() for p in d.inbox.files()])
        assert "until which it could leave is over" in " ".join(
            again.split()), again
        assert not left(d)
        d.stop()


def test_what_a_deadline_never_lets_go(folder):
    """A dearer channel's recipient, a tripwire of all mail, a duplicate."""
    tripwire = """rules = ( { name = "zebra"; subject = "zebra";
      then = "hold"; tripwire = true; } );"""
    with closing(World(folder, steps(("2s", last("approve"))),
                       deadline="2s")) as w:
        conf = w.daemon.conf.read_text()
        assert "rules = (  );" in conf
        w.daemon.conf.write_text(conf.replace("rules = (  );", tripwire))
        dear = CHANNEL.format(
            agent="bot", cost="high", rules="", deadline="2s", mode="review",
            calendar="office", ladder=steps(("2s", last("hold"))))
        channels = folder / "channels"
        (channels / "zz.conf").write_text(dear.replace(
            'name = "support"', 'name = "dear"'))
        cheap = channels / "support.conf"
        cheap.write_text(cheap.read_text().replace(
            'agent = [ "bot" ];',
            'agent = [ "bot" ]; recipient = [ "*@customer.example" ];'))
        d = w.start()
        mixed, _ = d.held(draft(subject="both"), rcpts=(
            "jane@customer.example", "ceo@dear.example"))
        trips, _ = d.held(draft(subject="a zebra"))
        plainly, _ = d.held(draft(subject="plain", message_id="<1@a.example>"))
        d.wait_state(plainly, "sent")
        d.outbox.wait()
        for number in (mixed, trips):
            w.wait_log(f"draft {number} deadline step=")
            wait_event(d, number, "escalated")
            assert d.state_of(number) == "held"
        assert "different channels" in d.log() and "a tripwire" in d.log()
        assert not left(d)
        d.stop()


def test_the_sample(folder):
    with closing(World(folder, steps(("1d", last("hold"))), deadline="1d",
                       mode="exception")) as w:
        channel = folder / "channels" / "support.conf"
        channel.write_text(channel.read_text().replace(
            'cost =', 'sample = 0.25; cost ='))
        d = w.start()
        with d.smtp() as client:
            for n in range(200):
                client.sendmail("bot@agents.example", "jane@customer.example",
                                harness.crlf(draft(
                                    f"{n} is the number of your parcel "
                                    f"{n * 7919}\n", subject=f"no. {n}")))
        end = time.monotonic() + harness.PATIENCE
        while True:
            counts = d.json("status")["drafts"]
            if counts["sent"] + counts["held"] == 200:
                break
            assert time.monotonic() < end, counts
            time.sleep(0.05)
        rows = d.json("list", "--all", "--limit", 1000)["drafts"]
        picked = [r for r in rows if "picked for review" in r["reason"]]
        print(f"# {len(picked)} of 200 picked, {counts['held']} held")
        assert 25 <= len(picked) <= 80, len(picked)
        assert len(left(d)) == counts["sent"]
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
