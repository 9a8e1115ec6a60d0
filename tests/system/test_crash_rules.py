"""kill -9 at any moment, as in test_crash.py, where mail passes by mode, waits
for a program, needs two people or may not leave at all.  Besides L1 to L5:

P1  a draft that waited for an opinion is asked about again, and has exactly
    one outcome;
P2  what a program worried about, or two people must approve, never left
    without them;
P3  what the program refused never left.

KILL_CYCLES and SEED change the number of kills and the order of chance.
"""

import collections
import contextlib
import http.client
import os
import random
import smtplib
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import Daemon, Maildir, crlf, draft  # noqa: E402
from sink import Sink  # noqa: E402
from test_crash import (SEED, Agent, Api, all_drafts,  # noqa: E402
                        message_id, settle)

CYCLES = int(os.environ.get("KILL_CYCLES", "25"))
AGENTS = 4
BEN = "ben@reviewers.example"
KINDS = {"fine": 8, "worry": 4, "grave": 2, "die": 1, "two persons": 4}

PROGRAM = """
import json, os, sys, time
for line in sys.stdin:
    q = json.loads(line)
    if "hello" in q:
        print(json.dumps({"imprimatur": 1, "hello": "judge",
                          "can": ["check"]}), flush=True)
    if "check" not in q:
        continue
    subject, answer = q["draft"]["subject"], {"check": q["check"]}
    time.sleep(0.01)
    if "die" in subject:
        os._exit(3)
    if "hang" in subject:
        time.sleep(3600)
    answer["findings"] = []
    if "worry" in subject:
        answer["findings"] = [{"name": "tone", "weight": "caution"}]
    if "grave" in subject:
        answer["refuse"] = "no thank you"
    print(json.dumps(answer), flush=True)
"""

CHANNEL = """
channel: { name = "support"; owner = "you"; mode = "exception";
  match = { agent = [ "bot" ]; }; reviewers = [ "you", "ben" ];
  deadline = "2h"; ladder = ( { at = "2h"; do = "hold"; } );
  cost = "low"; reversible = true;
  reasons = [ "tone" ]; programs = [ "judge" ];
  rules = ( { name = "two"; subject = "two persons"; then = "hold";
              persons = 2; } ); };
"""


def company(folder, sink, deadline="3s"):
    judge = folder / "judge.py"
    judge.write_text(PROGRAM)
    box = Maildir(folder / "ben")
    box.close()
    return Daemon(
        folder, channels={"support": CHANNEL},
        relay=f'host = "127.0.0.1"; port = {sink.port}; tls = "none"; '
              'retry_first = 1; connections = 4;',
        review="notices_per_hour = 10000;",
        reviewers=f"""
          {{ name = "you"; address = "{harness.REVIEWER}";
             maildir = "{folder / 'inbox'}"; admin = true;
             users = [ {os.getuid()} ]; }},
          {{ name = "ben"; address = "{BEN}"; maildir = "{box.path}"; }}""",
        extra=f"""programs = ( {{ name = "judge"; deadline = "{deadline}";
          waiting = 100; command = [ "{sys.executable}", "{judge}" ]; }} );
""")


class Bot(Agent):
    """Submits what each kind asks for, each mail until it hears 250."""

    def run(self):
        n = 0
        while not self.stopping.is_set():
            n += 1
            kind = self.rng.choices(list(KINDS), KINDS.values())[0]
            mid = f"<{self.rng.getrandbits(64)}.{n}@agents.example>"
            words = " ".join(f"{self.rng.getrandbits(32):x}"
                             for _ in range(40))
            raw = crlf(draft(words + "\n", subject=f"{kind} {n}",
                             message_id=mid))
            while not self.stopping.is_set():
                number = self.attempt(raw)
                if number is not None:
                    self.promised[mid] = number
                    break


class You(threading.Thread):
    """Decides over the API what is asked, and ben by mail."""

    def __init__(self, d, api, folder, seed, stop):
        super().__init__(daemon=True)
        self.d, self.api, self.box = d, api, folder / "ben" / "new"
        self.rng, self.stopping, self.seen = random.Random(seed), stop, set()

    def run(self):
        while not self.stopping.is_set():
            try:
                self.decide_some()
                self.answer_some()
            except (OSError, http.client.HTTPException, ValueError,
                    smtplib.SMTPException):
                pass

    def decide_some(self):
        _, page = self.api("GET", "/v1/drafts?state=held&limit=10")
        for row in page["drafts"]:
            _, view = self.api("GET", f"/v1/drafts/{row['id']}")
            verb = self.rng.choices(("approve", "drop"), (8, 1))[0]
            self.api("POST", f"/v1/drafts/{row['id']}/decision",
                     {"sha256": view["sha256"], "verb": verb,
                      "text": "said by the test"})

    def answer_some(self):
        for path in sorted(self.box.iterdir())[-20:]:
            notice = harness.parse(path.read_bytes())
            if path.name in self.seen:
                continue
            if "may this mail leave?" in harness.plain(notice):
                self.d.reply(notice, "approve", sender=BEN)
            self.seen.add(path.name)


def look_at(api, number):
    """One draft at the end of all."""
    _, view = api("GET", f"/v1/drafts/{number}")
    _, log = api("GET", f"/v1/log?draft={number}&limit=1000")
    names = [e["event"] for e in log["events"]]
    assert not view["opinions"], f"P1: {number} still waits for opinions"
    assert names.count("sent") <= 1, f"L3: {number} {names}"
    if view["state"] not in ("sent", "in-doubt"):
        return view["state"]
    by = {x["actor"] for x in view["decisions"] if x["verb"] == "approve"
          and x["code"] == view["code"]}
    people = by & {"you", "ben"}
    kind = view["subject"].rsplit(" ", 1)[0]
    found = {f["name"] for f in view["findings"]}
    if kind == "two persons":
        assert people == {"you", "ben"}, f"P2: {number} {view['decisions']}"
    elif kind == "worry":
        assert people and found & {"tone", "program-failed"}, f"P2: {number}"
    elif kind in ("grave", "die"):
        assert people and "program-failed" in found, f"P3: {number} {found}"
    elif not people:
        assert by and "program-failed" not in found, f"P1: {number} {view}"
    return "passed" if not people else view["state"]


def wait_opinions(api):
    """Until each program had its time, however many drafts there are."""
    fewest = end = None
    while True:
        waiting = [r["id"] for r in all_drafts(api) if r["state"] == "held"
                   and api("GET", f"/v1/drafts/{r['id']}")[1]["opinions"]]
        if not waiting:
            return
        if fewest is None or len(waiting) < fewest:
            fewest, end = len(waiting), time.monotonic() + harness.PATIENCE
        assert time.monotonic() < end, f"P1: {waiting} wait for ever"
        time.sleep(0.1)


def approved_in_doubt(api, number):
    """How often somebody let it leave that may have left before."""
    if number is None:
        return 0
    _, log = api("GET", f"/v1/log?draft={number}&limit=1000")
    names = [e["event"] for e in sorted(log["events"], key=lambda e: e["id"])]
    first = names.index("in-doubt") if "in-doubt" in names else len(names)
    return names[first:].count("approved")


def check(d, api, agents, sink):
    promised = {}
    for a in agents:
        promised.update(a.promised)
    ids = {r["id"] for r in all_drafts(api)}
    assert set(promised.values()) <= ids, "L1"
    assert len(set(promised.values())) == len(promised), "L1"
    with sink.lock:
        mails = [m for m in sink.mails if m[0] != ""]
    doubled = [m for m, n in collections.Counter(
        message_id(m[2]) for m in mails).items()
        if n > 1 and n > 1 + approved_in_doubt(api, promised.get(m))]
    assert not doubled, f"L3: {doubled}"
    for sender, rcpts, raw in mails:
        number = promised.get(message_id(raw))
        if number is not None:
            state = api("GET", f"/v1/drafts/{number}")[1]["state"]
            assert state in ("sent", "in-doubt"), f"L2: {number} {state}"
    states = collections.Counter(look_at(api, number) for number in ids)
    assert set(states) <= {"held", "dropped", "sent", "in-doubt",
                           "passed"}, f"L4: {states}"
    assert api("GET", "/v1/audit")[1]["right"], "L5"
    return states


def campaign(folder, cycles, end_it):
    rng = random.Random(SEED)
    print(f"# seed {SEED}, {cycles} ends", flush=True)
    sink, stop = Sink(), threading.Event()
    with contextlib.closing(company(folder, sink)) as d:
        api = Api(d.control)
        d.start()
        agents = [Bot(d, rng.random(), stop) for _ in range(AGENTS)]
        crowd = agents + [You(d, api, folder, rng.random(), stop)]
        for thread in crowd:
            thread.start()
        for _ in range(cycles):
            # chance decides when: this is the test's only clock
            time.sleep(rng.uniform(0.05, 1.0))
            end_it(d, rng)
            d.start()
        stop.set()
        for thread in crowd:
            thread.join(harness.PATIENCE)
        wait_opinions(api)
        settle(api)
        states = check(d, api, agents, sink)
        print(f"# {sum(len(a.promised) for a in agents)} promised, "
              f"{dict(states)}", flush=True)
        for state in ("passed", "sent", "dropped"):
            assert states[state] > 0, states
        d.stop()


def test_kill_9_while_programs_think(folder):
    campaign(folder, CYCLES, lambda d, rng: d.kill())


def test_sigterm_and_kill_in_turns(folder):
    campaign(folder, CYCLES // 4,
             lambda d, rng: d.stop() if rng.random() < 0.7 else d.kill())


def test_a_program_that_hangs_and_is_killed(folder):
    """What waits is held with that finding, and the next ones are asked."""
    sink = Sink()
    with contextlib.closing(company(folder, sink, deadline="1s")) as d:
        d.start()
        hung = [d.held(draft(f"{n} {n * 7919}\n", subject=f"hang {n}"))[0]
                for n in range(3)]
        d.inbox.wait(3)
        for number in hung:
            view = d.json("show", number)
            assert view["state"] == "held"
            assert "program-failed" in {f["name"] for f in view["findings"]}
        number, _ = d.held(draft("after that\n", subject="fine after"))
        assert d.wait_state(number, "sent", "held")
        d.stop()
    assert not [m for m in sink.mails if b"hang" in m[2]]


def test_stopped_while_a_program_hangs(folder):
    """SIGTERM waits for no program; after the start it is asked again."""
    sink = Sink()
    with contextlib.closing(company(folder, sink, deadline="60s")) as d:
        d.start()
        number, _ = d.held(draft(subject="hang on"))
        begin = time.monotonic()
        d.stop()
        assert time.monotonic() - begin < 15
        judge = folder / "judge.py"
        judge.write_text(PROGRAM.replace('"hang" in', '"nothing" in'))
        d.start()
        d.wait_state(number, "sent")
        events = [e["event"] for e in d.json("log", number)["events"]]
        assert events.count("sent") == 1, events
        d.stop()
    assert len([m for m in sink.mails if m[0]]) == 1


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
