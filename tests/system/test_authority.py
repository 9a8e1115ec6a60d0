"""Who may let a draft go: limits, exceptions, deputies, groups, two people,
over mail and the command line, and authority that is taken away again while
an approved draft waits.  Prints TAP.
"""

import collections
import os
import re
import sys
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import Daemon, Maildir, draft, plain  # noqa: E402

CHANNEL = """
channel: {{
  name = "support"; owner = "olga"; mode = "review"; cost = "low";
  match = {{ agent = [ "bot" ]; }};
  reviewers = [ {reviewers} ]; persons = {persons};
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
  reasons = [ "wrong-price", "tone" ];
  plugins = ( {{ name = "amount"; currency = "EUR"; }},
              {{ name = "words"; topics = [ "legal" ]; }} );
  rules = ( {rules} );
}};
"""

# on the command line this user is cli
STAFF = {
    "anna": 'limit = [ "1000.00 EUR" ];',
    "ben": "",
    "carla": 'except = [ "legal" ];',
    "olga": 'limit = [ "5000.00 EUR" ];',
    "adam": 'admin = true; limit = [ "500.00 EUR" ];',
    "root": "admin = true;",
    "zoe": "",
    "cli": f'limit = [ "1000.00 EUR" ]; users = [ {os.getuid()} ];',
}


def address(name):
    return f"{name}@reviewers.example"


class Box(Maildir):
    """One of many: looked at in turns, since the system lends only so many
    inotify instances."""

    def __init__(self, path):
        self.path, self.fd, self.seen = Path(path), -1, set()
        for name in ("tmp", "new", "cur"):
            (self.path / name).mkdir(parents=True, exist_ok=True)


class Company:
    """A daemon and the mailboxes of its reviewers."""

    def __init__(self, folder, staff=None, reviewers='"anna", "ben", "carla"',
                 persons=1, rules="", extra="", **kw):
        self.folder = folder
        self.boxes = {}
        self.channel = CHANNEL.format(reviewers=reviewers, persons=persons,
                                      rules=rules)
        self.staff = dict(staff or STAFF)
        self.daemon = Daemon(folder, reviewers=self.people(), extra=extra,
                             channels={"support": self.channel}, **kw)
        self.daemon.start()

    def people(self):
        out = []
        for name, more in self.staff.items():
            if name not in self.boxes:
                self.boxes[name] = Box(self.folder / ("box-" + name))
            out.append(f'{{ name = "{name}"; address = "{address(name)}"; '
                       f'maildir = "{self.boxes[name].path}"; {more} }}')
        return ",\n".join(out)

    def reload(self, **staff):
        """With these people changed; None takes one away."""
        before = self.people()
        for name, more in staff.items():
            if more is None:
                del self.staff[name]
            else:
                self.staff[name] = more
        conf = self.daemon.conf.read_text()
        assert before in conf
        n = self.daemon.log().count("reload done")
        self.daemon.conf.write_text(conf.replace(before, self.people()))
        self.daemon.process.send_signal(1)
        self.wait_log("reload done", n + 1)
        assert "refused" not in self.daemon.ctl("status").stdout, \
            self.daemon.log()[-2000:]

    def wait_log(self, words, times=1):
        end = time.monotonic() + harness.PATIENCE
        while self.daemon.log().count(words) < times:
            assert time.monotonic() < end, self.daemon.log()[-3000:]
            time.sleep(0.02)

    def letters(self, name):
        """All that this one ever got."""
        return [harness.parse(p.read_bytes())
                for p in self.boxes[name].files()]

    def notice(self, name, number, words="may this mail leave?"):
        """The newest letter to that one about the draft with these words."""
        end = time.monotonic() + harness.PATIENCE
        while time.monotonic() < end:
            for letter in reversed(self.letters(name)):
                if (f"(draft {number})" in letter["Subject"]
                        and words in " ".join(plain(letter).split())):
                    return letter
            time.sleep(0.02)
        raise AssertionError(
            f"{name} got no '{words}' of draft {number}, but "
            + repr([m["Subject"] for m in self.letters(name)]))

    def says(self, name, notice, text):
        """That one replies; what comes back."""
        box = self.boxes[name]
        box.fresh()
        code, said = self.daemon.reply(notice, text, sender=address(name))
        assert code == 250, said
        return " ".join(plain(box.message()).split())

    def close(self):
        self.daemon.close()
        for box in self.boxes.values():
            box.close()


def events(d, number):
    return [(e["event"], e["actor"]) for e in d.json("log", number)["events"]]


def nothing_left(d, number):
    assert d.state_of(number) == "held", d.state_of(number)
    assert not d.outbox.fresh()


RATES = 'exchange = ( { currency = "USD"; is = "0.50 EUR"; } );'


def test_limits_of_authority(folder):
    """Own currency, another with a rate, one without, and findings."""
    cases = (
        ("We pay 1,000.00 EUR.\n", {"anna", "ben", "carla"}),
        ("We pay 1,000.01 EUR.\n", {"ben", "carla"}),
        ("We pay 2,000.00 USD.\n", {"anna", "ben", "carla"}),
        ("We pay 2,001.00 USD.\n", {"ben", "carla"}),
        ("We pay 5.00 CHF.\n", {"ben", "carla"}),
        ("We pay 10.00 EUR and 5.00 CHF.\n", {"ben", "carla"}),
        ("We pay 10.00 EUR and then 3,000.00 EUR.\n", {"ben", "carla"}),
        ("Our lawyer takes you to court.\n", {"anna", "ben"}),
        ("Our lawyer wants 3,000.00 EUR.\n", {"ben"}),
    )
    with closing(Company(folder, extra=RATES)) as c:
        d = c.daemon
        for n, (text, able) in enumerate(cases):
            number, code = d.held(draft(text, subject=f"case {n}"))
            assert set(d.json("show", number)["ask"]) == able, (text, able)
            notices = {name: c.notice(name, number) for name in able}
            # who was not asked, and is not able, cannot by the code either
            said = d.ctl("approve", number, code, ok=False)
            if n not in (0, 2):
                assert said.returncode == 77, (text, said)
                assert "ben" in said.stderr, said.stderr
                nothing_left(d, number)
            name = sorted(able)[0]
            if d.state_of(number) == "held":
                c.says(name, notices[name], f"approve {code}")
            d.outbox.wait()
        d.stop()


def test_nobody_below_or_beside(folder):
    """Owner and admin over their limits; who is in no channel."""
    staff = dict(STAFF)
    staff["zoe"] = f"users = [ {os.getuid()} ];"
    staff["cli"] = ""
    with closing(Company(folder, staff=staff)) as c:
        d = c.daemon
        number, code = d.held(draft("We pay 9,000.00 EUR.\n"))
        said = d.ctl("approve", number, ok=False)
        assert said.returncode == 77 and "'zoe' was not asked" in said.stderr
        assert d.ctl("drop", number, ok=False).returncode == 77
        assert d.ctl("edit", number, "--file", "-", stdin="x\n",
                     ok=False).returncode == 77
        bens = c.notice("ben", number)
        # below: adam (admin, 500), olga (owner, 5000), anna (1000); nobody
        for name in ("adam", "olga", "anna", "bot", "nobody"):
            said = c.says("ben", bens, f"delegate {name}")
            assert "Nothing was changed" in said, said
            assert d.json("show", number)["ask"] == ["ben", "carla"], said
        said = c.says("ben", bens, "delegate zoe")
        assert "zoe" not in d.json("show", number)["ask"], said
        c.says("ben", bens, "delegate root")
        roots = c.notice("root", number)
        assert "root" in d.json("show", number)["ask"]
        c.says("root", roots, "approve")
        d.outbox.wait()
        d.stop()


def test_admin_and_owner_within_their_limits(folder):
    only = '"zoe"'
    staff = dict(STAFF, zoe='limit = [ "1.00 EUR" ];')
    del staff["root"]
    with closing(Company(folder, staff=staff, reviewers=only)) as c:
        d = c.daemon
        # zoe cannot, so the owner is asked
        number, _ = d.held(draft("We pay 4,000.00 EUR.\n", subject="one"))
        assert d.json("show", number)["ask"] == ["olga"]
        c.says("olga", c.notice("olga", number), "approve")
        d.outbox.wait()
        # nobody can: somebody is told, nobody approves
        number, code = d.held(draft("We pay 6,000.00 EUR.\n", subject="two"))
        assert d.json("show", number)["ask"] == ["adam"]
        said = c.says("adam", c.notice("adam", number), f"approve {code}")
        assert "500.00 EUR" in said and "nobody" in said, said
        nothing_left(d, number)
        c.says("adam", c.notice("adam", number), "drop too much")
        assert d.state_of(number) == "dropped"
        d.stop()


def day(offset):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset * 86400))


def test_deputies(folder):
    """Who stands in is asked, and may; when the other is back, no more."""
    away = f'absent = [ "{day(-1)}..{day(1)}" ]; '
    staff = dict(STAFF)
    staff["anna"] += away + 'deputy = "zoe";'
    staff["zoe"] = f"users = [ {os.getuid()} ];"
    staff["cli"] = ""
    with closing(Company(folder, staff=staff, reviewers='"anna"',
                         review="undo = 3;")) as c:
        d = c.daemon
        number, code = d.held(draft(subject="asked"))
        assert d.json("show", number)["ask"] == ["zoe"]
        c.notice("zoe", number)
        # not asked, but stands in: a draft of before the absence
        c.reload(anna=STAFF["anna"])
        before, _ = d.held(draft(subject="before"))
        assert d.json("show", before)["ask"] == ["anna"]
        assert d.ctl("approve", before, ok=False).returncode == 77
        c.reload(anna=staff["anna"])
        d.ctl("approve", before)
        assert d.state_of(before) == "approved"
        # anna is back: zoe's word of that time does not count any more
        c.reload(anna=STAFF["anna"])
        d.wait_state(before, "held")
        c.notice("anna", before, "zoe, who approved it")
        assert not d.outbox.fresh()
        # who was asked stays one who may
        d.ctl("approve", number)
        d.outbox.wait()
        d.stop()


def test_a_deputy_with_less_authority_does_not_load(folder):
    staff = dict(STAFF)
    staff["ben"] = 'deputy = "anna"; '
    try:
        Company(folder, staff=staff)
    except AssertionError as why:
        assert "'anna', who may approve less" in str(why), why
    else:
        raise AssertionError("it started")


def test_turns_are_fair(folder):
    group = """groups = ( { name = "team"; share = "turns";
      members = [ "anna", "ben", "carla", "zoe" ]; } );"""
    with closing(Company(folder, reviewers='"team"', extra=group,
                         review="notices_per_hour = 10000;")) as c:
        d = c.daemon
        n = collections.Counter()
        with d.smtp() as client:
            for i in range(200):
                client.sendmail("bot@agents.example", "jane@customer.example",
                                harness.crlf(draft(subject=f"no. {i}")))
        for row in d.json("list", "--all", "--limit", 1000)["drafts"]:
            asked = d.json("show", row["id"])["ask"]
            assert len(asked) == 1, asked
            n[asked[0]] += 1
        print("#", dict(n))
        assert len(n) == 4 and min(n.values()) >= 25, n
        d.stop()


def test_two_people_over_three_ways(folder):
    with closing(Company(folder, persons=2,
                         reviewers='"anna", "ben", "cli"')) as c:
        d = c.daemon
        number, code = d.held(draft())
        annas, bens = c.notice("anna", number), c.notice("ben", number)
        assert "one more person" in c.says("anna", annas, f"approve {code}")
        assert "you approved it already" in c.says("anna", annas, "approve")
        nothing_left(d, number)
        d.ctl("approve", number)
        sent = d.outbox.wait()
        assert len(sent) == 1
        assert "anna" in str(d.json("show", number)["decisions"])
        # and once more: nothing happens twice
        c.says("ben", bens, "approve")
        d.wait_state(number, "sent")
        assert not d.outbox.fresh()
        # the same person over the command line and by mail
        number, code = d.held(draft(subject="second"))
        clis = c.notice("cli", number)
        d.ctl("approve", number)
        assert "you approved it already" in c.says("cli", clis, "approve")
        nothing_left(d, number)
        d.stop()


def test_two_people_one_of_them_the_editor(folder):
    """An edit forgets the approvals; the editor counts as one."""
    with closing(Company(folder, persons=2,
                         reviewers='"anna", "ben", "cli"')) as c:
        d = c.daemon
        number, code = d.held(draft())
        c.says("anna", c.notice("anna", number), f"approve {code}")
        d.ctl("edit", number, "--file", "-", stdin="Other words.\n")
        assert d.json("show", number)["approvals"] == 0
        d.ctl("approve", number)
        assert d.ctl("approve", number, ok=False).returncode == 65
        nothing_left(d, number)
        new = c.notice("ben", number,
                       "approve " + d.json("show", number)["code"])
        c.says("ben", new, "approve")
        raw = d.outbox.wait()[0]
        assert b"Other words." in raw
        d.stop()


def taken_away(folder, change, persons=1):
    """Approved, waits for its undo window; then its approver may no more."""
    with closing(Company(folder, reviewers='"anna", "ben"', persons=persons,
                         review="undo = 3;")) as c:
        d = c.daemon
        number, code = d.held(draft("We pay 900.00 EUR.\n"))
        annas, bens = c.notice("anna", number), c.notice("ben", number)
        if persons == 2:
            c.says("ben", bens, "approve")
        c.says("anna", annas, f"approve {code}")
        assert d.state_of(number) == "approved"
        if change["anna"] is None:
            d.channel("support", c.channel.replace('"anna", ', ""))
        c.reload(**change)
        d.wait_state(number, "held")
        assert not d.outbox.fresh()
        # somebody who may is asked again
        again = c.notice("ben", number, "anna, who approved it")
        c.says("ben", again, "approve")
        if persons == 2:
            assert d.state_of(number) == "held"
            assert d.json("show", number)["approvals"] == 1
        else:
            d.outbox.wait()
        d.stop()


def test_removed_before_it_left(folder):
    taken_away(folder, {"anna": None})


def test_limited_before_it_left(folder):
    taken_away(folder, {"anna": 'limit = [ "800.00 EUR" ];'})


def test_one_of_two_limited_before_it_left(folder):
    taken_away(folder, {"anna": 'limit = [ "800.00 EUR" ];'}, persons=2)


def test_the_only_one_is_removed(folder):
    """Somebody else is asked by the next step of the ladder."""
    with closing(Company(folder, reviewers='"anna"')) as c:
        d = c.daemon
        d.channel("support", c.channel.replace(
            '( { at = "1d"', '( { at = "2s"; remind = true; }, { at = "1d"'))
        c.reload()
        number, code = d.held(draft())
        c.notice("anna", number)
        d.channel("support", c.channel.replace('"anna"', '"ben"').replace(
            '( { at = "1d"', '( { at = "2s"; remind = true; }, { at = "1d"'))
        c.reload(anna=None)
        assert c.notice("ben", number)
        assert d.json("show", number)["ask"] == ["anna", "ben"]
        assert not d.outbox.fresh()
        d.stop()


def test_an_agent_never_decides(folder):
    with closing(Company(folder)) as c:
        d = c.daemon
        number, code = d.held(draft())
        to = c.notice("anna", number)["Reply-To"].addresses[0].addr_spec
        with d.smtp() as client:
            client.ehlo()
            for sender in ("bot@agents.example", address("anna")):
                client.rset()
                if client.mail(sender)[0] == 250:
                    code, said = client.rcpt(to)
                    assert code == 550, said
        nothing_left(d, number)
        d.stop()
    for n, (conf, word) in enumerate((
            ('name = "bot"; address = "x@reviewers.example";', "bot"),
            ('name = "eve"; address = "bot@agents.example";', "bot"))):
        other = folder / f"wrong{n}"
        other.mkdir()
        with closing(Daemon(other, reviewers=f"{{ {conf} }}")) as d:
            d.start(expect_ready=False)
            assert d.process.wait(harness.PATIENCE) != 0
            assert word in d.log() and "agent" in d.log(), d.log()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
