"""kill -9 at any moment, as in test_crash.py, while agents send better drafts in
the place of others, take drafts back and answer what reviewers send back, and
customers write again.  Besides L1 to L5:

A1  what an agent heard to be withdrawn or replaced is so, and never left;
A2  nothing is at the relay host that is not sent, or in doubt;
A3  the webhook was told each event at least once, those of a draft in order,
    and they are what the log says.

KILL_CYCLES and SEED change the number of kills and the order of chance.
"""

import collections
import contextlib
import http.client
import json
import os
import queue
import random
import re
import smtplib
import sqlite3
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import crlf, draft  # noqa: E402
from sink import Sink  # noqa: E402
from test_agent import CHANNEL, FEED, customer  # noqa: E402
from test_crash import SEED, Api, all_drafts, message_id, settle  # noqa: E402
from test_word import Api as AgentApi, Receiver, daemon  # noqa: E402

CYCLES = int(os.environ.get("KILL_CYCLES", "15"))
AGENTS = 4
RCPTS = [f"{name}@customer.example" for name in ("jane", "joe", "ann", "bob")]
TOLD = {"held": "held", "called-back": "held"} | {
    name: name for name in (
        "approved", "sent", "failed", "in-doubt", "dropped", "revising",
        "expired", "withdrawn", "superseded")}
TROUBLE = (OSError, http.client.HTTPException, ValueError,
           smtplib.SMTPException)


class Bot(threading.Thread):
    """Each mail is sent until its answer is read."""

    def __init__(self, d, seed, stop):
        super().__init__(daemon=True)
        self.d, self.rng, self.stopping = d, random.Random(seed), stop
        self.api = AgentApi(d)
        self.promised = {}  # Message-ID -> id that the 250 told
        self.replaced = {}  # id -> by which
        self.withdrawn = set()

    def run(self):
        while not self.stopping.is_set():
            with contextlib.suppress(*TROUBLE):
                self.act()

    def act(self):
        mine = list(self.promised.values())[-6:]
        what = self.rng.choices(("new", "better", "back"), (5, 3, 2))[0]
        if what == "new" or not mine:
            self.send()
            return
        one = self.rng.choice(mine)
        state = self.api("GET", f"/v1/agent/drafts/{one}")[1]["state"]
        if state == "revising":
            self.send(Imprimatur_Revises=str(one))
        elif what == "better":
            self.send(Imprimatur_Supersedes=str(one))
        elif self.rng.random() < 0.5:
            status, _, _ = self.api("POST",
                                    f"/v1/agent/drafts/{one}/withdraw")
            if status == 200:
                self.withdrawn.add(one)
        else:
            answer = self.submit(crlf(draft(Imprimatur_Withdraw=str(one))))
            if answer and answer[0] == 250:
                self.withdrawn.add(one)

    def send(self, **fields):
        mid = f"<{self.rng.getrandbits(64)}@agents.example>"
        rcpt = self.rng.choice(RCPTS)
        words = " ".join(f"{self.rng.getrandbits(32):x}" for _ in range(30))
        raw = crlf(draft(words + "\n", message_id=mid, to=rcpt, **fields))
        answer = None
        while answer is None and not self.stopping.is_set():
            answer = self.submit(raw, rcpt)
        found = answer and re.search(r"id=(\d+)", answer[1])
        if not found:
            return
        number = int(found.group(1))
        self.promised[mid] = number
        old = re.search(r"replaces=(\d+)", answer[1])
        if old:
            self.replaced[int(old.group(1))] = number

    def submit(self, raw, rcpt="jane@customer.example"):
        """The answer, 250 or 550; None: it was not read."""
        with contextlib.suppress(*TROUBLE), self.d.smtp() as client:
            client.ehlo()
            client.mail("bot@agents.example")
            client.rcpt(rcpt)
            code, text = client.data(raw)
            return (code, text.decode()) if code in (250, 550) else None


class You(threading.Thread):
    def __init__(self, api, seed, stop):
        super().__init__(daemon=True)
        self.api, self.rng, self.stopping = api, random.Random(seed), stop

    def run(self):
        while not self.stopping.is_set():
            with contextlib.suppress(*TROUBLE):
                self.decide_some()

    def decide_some(self):
        _, page = self.api("GET", "/v1/drafts?state=held&limit=20")
        for row in page["drafts"]:
            verb = self.rng.choices(
                ("approve", "drop", "revise", "wait"), (8, 1, 2, 1))[0]
            if verb == "wait":
                continue
            _, view = self.api("GET", f"/v1/drafts/{row['id']}")
            self.api("POST", f"/v1/drafts/{row['id']}/decision",
                     {"sha256": view["sha256"], "verb": verb,
                      "text": "said by the test"})


class Jane(threading.Thread):
    """The customer, who writes again."""

    def __init__(self, d, seed, stop):
        super().__init__(daemon=True)
        self.d, self.rng, self.stopping = d, random.Random(seed), stop
        self.wrote = 0

    def run(self):
        while not self.stopping.wait(self.rng.uniform(0.2, 1.0)):
            with contextlib.suppress(*TROUBLE):
                self.wrote += customer(self.d)[0] == 250


class Moods:
    """What a webhook that is not well answers, for ever."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def pop(self, _):
        return self.rng.choices((204, 404, 503), (60, 5, 1))[0]


def wait_told(folder):
    """Until the webhook owes nothing, however much there is."""
    fewest = end = None
    while True:
        with contextlib.closing(sqlite3.connect(
                f"file:{folder}/state/ledger.db?mode=ro", uri=True)) as db:
            [left] = db.execute(
                "SELECT count(*) FROM word WHERE hook > 0").fetchone()
        if left == 0:
            return
        if fewest is None or left < fewest:
            fewest, end = left, time.monotonic() + harness.PATIENCE
        assert time.monotonic() < end, f"A3: {left} events are not told"
        time.sleep(0.05)


def told_by(receiver):
    """Draft -> events as they were first taken; all that came is genuine."""
    told, seen = collections.defaultdict(list), set()
    while True:
        try:
            status, _, _, body = receiver.seen.get_nowait()
        except queue.Empty:
            return told
        event = json.loads(body)
        if status == 204 and event["event_id"] not in seen:
            seen.add(event["event_id"])
            told[event["draft"]["id"]].append(
                (event["event_id"], event["event"]))


def check_drafts(api, bots, sink):
    promised, replaced, withdrawn = {}, {}, set()
    for bot in bots:
        promised.update(bot.promised)
        replaced.update(bot.replaced)
        withdrawn |= bot.withdrawn
    states = {r["id"]: r["state"] for r in all_drafts(api)}
    assert set(promised.values()) <= set(states), "L1"
    assert len(set(promised.values())) == len(promised), "L1"
    assert set(states.values()) <= {
        "held", "dropped", "sent", "in-doubt", "revising", "withdrawn",
        "superseded"}, f"L4: {states}"
    for number in withdrawn:
        assert states[number] == "withdrawn", f"A1: {number}"
    for old, new in replaced.items():
        assert states[old] == "superseded", f"A1: {old}"
        assert api("GET", f"/v1/drafts/{new}")[1]["replaces"] == old, "A1"
    with sink.lock:
        mails = [m for m in sink.mails if m[0] != ""]
    counts = collections.Counter(message_id(m[2]) for m in mails)
    assert not [m for m, n in counts.items() if n > 1], "L3"
    for mid in counts:
        number = promised.get(mid)
        if number is None:
            continue  # its agent did not hear the 250
        assert states[number] in ("sent", "in-doubt"), f"A2: {number}"
        _, view = api("GET", f"/v1/drafts/{number}")
        assert [x for x in view["decisions"] if x["verb"] == "approve"
                and x["code"] == view["code"]], f"L2: {view}"
    assert api("GET", "/v1/audit")[1]["right"], "L5"
    return states


def check_told(api, states, told):
    for number in states:
        _, log = api("GET", f"/v1/log?draft={number}&limit=1000")
        wanted = [TOLD[e["event"]] for e in reversed(log["events"])
                  if e["event"] in TOLD]
        ids = [n for n, _ in told[number]]
        assert ids == sorted(ids), f"A3: {number} {told[number]}"
        assert [e for _, e in told[number]] == wanted, (
            f"A3: {number} {told[number]} {wanted}")


def test_kill_9_while_agents_change_their_minds(folder):
    rng = random.Random(SEED)
    print(f"# seed {SEED}, {CYCLES} kills", flush=True)
    sink, stop = Sink(), threading.Event()
    receiver = Receiver(folder / "hook", answers=())
    receiver.answers = Moods(rng.random())
    with contextlib.closing(receiver), contextlib.closing(daemon(
            folder, receiver, http="none",
            relay=f'host = "127.0.0.1"; port = {sink.port}; tls = "none"; '
                  'retry_first = 1; connections = 4;',
            review=f'feed = "{FEED}"; undo = "1s"; notices_per_hour = 10000;',
            channels={"support": CHANNEL.format(
                mode="review", rounds=20, within="1d")})) as d:
        api = Api(d.control)
        d.start()
        bots = [Bot(d, rng.random(), stop) for _ in range(AGENTS)]
        jane = Jane(d, rng.random(), stop)
        crowd = [*bots, jane, You(api, rng.random(), stop)]
        for thread in crowd:
            thread.start()
        for _ in range(CYCLES):
            # chance decides when: this is the test's only clock
            time.sleep(rng.uniform(0.05, 1.0))
            d.kill()
            d.start()
        stop.set()
        for thread in crowd:
            thread.join(harness.PATIENCE)
        settle(api)
        wait_told(folder)
        states = check_drafts(api, bots, sink)
        check_told(api, states, told_by(receiver))
        kinds = collections.Counter(states.values())
        print(f"# {sum(len(b.promised) for b in bots)} promised, {jane.wrote}"
              f" written, {dict(kinds)}", flush=True)
        for state in ("sent", "dropped", "withdrawn", "superseded"):
            assert kinds[state] > 0, kinds
        assert jane.wrote > 0
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
