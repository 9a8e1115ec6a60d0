"""kill -9 at any moment, under load, many times; after each restart the ledger
must still tell the truth:

L1  each 250 has exactly one draft;
L2  each mail at the relay host is the approved revision of a draft;
L3  no mail is at the relay host more often than somebody approved it;
L4  nothing approved is left unsent without being shown as in doubt;
L5  the audit chain verifies.

KILL_CYCLES and SEED change the number of kills and the order of chance.
"""

import collections
import contextlib
import http.client
import json
import os
import random
import re
import smtplib
import socket
import sys
import threading
import time

import harness
from harness import Daemon, crlf, draft
from sink import Sink

CYCLES = int(os.environ.get("KILL_CYCLES", "200"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 1000000)))
AGENTS = 4


class Api:
    """The HTTP API over the unix socket, quick enough for a load."""

    def __init__(self, path):
        self.path = path

    def __call__(self, method, path, body=None):
        c = http.client.HTTPConnection("localhost", timeout=harness.PATIENCE)
        c.sock = socket.socket(socket.AF_UNIX)
        c.sock.settimeout(harness.PATIENCE)
        c.sock.connect(self.path)
        with contextlib.closing(c):
            c.request(method, path, json.dumps(body) if body else None)
            answer = c.getresponse()
            return answer.status, json.loads(answer.read())


class Agent(threading.Thread):
    """Submits one mail after the other, each until it hears 250."""

    def __init__(self, d, seed, stop):
        super().__init__(daemon=True)
        self.d, self.rng, self.stopping = d, random.Random(seed), stop
        self.promised = {}  # Message-ID -> id that the 250 told
        self.doubled = []

    def run(self):
        n = 0
        while not self.stopping.is_set():
            n += 1
            mid = f"<{self.rng.getrandbits(64)}.{n}@agents.example>"
            size = self.rng.choice((1, 10, 80, 1500))
            raw = crlf(draft("A line of the text.\n" * size, message_id=mid))
            while not self.stopping.is_set():
                number = self.attempt(raw)
                if number is not None:
                    self.promised[mid] = number
                    break

    def attempt(self, raw):
        try:
            with self.d.smtp() as client:
                client.ehlo()
                client.mail("bot@agents.example")
                client.rcpt("jane@customer.example")
                code, text = client.data(raw)
        except (OSError, smtplib.SMTPException):
            return None
        found = re.search(r"id=(\d+)", text.decode())
        # 550: it was promised before, and dropped in review meanwhile
        return int(found.group(1)) if code in (250, 550) and found else None


class Reviewer(threading.Thread):
    def __init__(self, api, seed, stop):
        super().__init__(daemon=True)
        self.api, self.rng, self.stopping = api, random.Random(seed), stop

    def run(self):
        while not self.stopping.is_set():
            try:
                self.decide_some()
            except (OSError, http.client.HTTPException, ValueError):
                pass

    def decide_some(self):
        _, page = self.api("GET", "/v1/drafts?state=held&limit=20")
        for row in page["drafts"]:
            if self.stopping.is_set():
                return
            _, view = self.api("GET", f"/v1/drafts/{row['id']}")
            verb = self.rng.choices(("approve", "drop", "edit"),
                                    (8, 1, 1))[0]
            if verb == "edit" and view["current"] < 3:
                self.api("POST", f"/v1/drafts/{row['id']}/edit",
                         {"sha256": view["sha256"],
                          "text": f"changed {self.rng.random()}\n"})
            elif verb != "edit":
                self.api("POST", f"/v1/drafts/{row['id']}/decision",
                         {"sha256": view["sha256"], "verb": verb,
                          "text": "said by the test"})


def all_drafts(api):
    rows, after = [], 0
    while True:
        _, page = api("GET",
                      f"/v1/drafts?state=all&limit=1000&after={after}")
        rows += page["drafts"]
        if not page["more"]:
            return rows
        after = rows[-1]["id"]


def message_id(raw):
    return re.search(rb"^Message-ID: (<[^>]+>)", raw, re.M).group(1).decode()


def check_ledger(d, api, agents, sink, final):
    promised = {}  # first, since the agents go on
    for a in agents:
        promised.update(dict(a.promised))
    rows = all_drafts(api)
    ids = {r["id"] for r in rows}
    assert len(ids) == len(rows)
    for mid, number in promised.items():  # L1
        assert number in ids, f"L1: draft {number} of a 250 is gone"
    assert len(set(promised.values())) == len(promised), "L1"
    with sink.lock:  # reports to the agent are system mail: at least once
        mails = [m for m in sink.mails if m[0] != ""]
    counts = collections.Counter(message_id(m[2]) for m in mails)
    doubled = [mid for mid, n in counts.items() if n > 1]
    assert not doubled, f"L3: sent twice: {doubled}"
    if not final:
        return len(mails)
    for sender, rcpts, raw in mails:  # L2
        number = promised.get(message_id(raw))
        if number is None:
            continue  # approved before its agent heard the 250
        _, view = api("GET", f"/v1/drafts/{number}")
        approvals = [x for x in view["decisions"] if x["verb"] == "approve"]
        assert [x["code"] for x in approvals] == [view["code"]], view
        assert d.ctl("show", number, "--raw").stdout.encode().replace(
            b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n"), f"L2: {number}"
    for row in rows:  # L4
        assert row["state"] in ("held", "dropped", "sent", "in-doubt"), row
    right = api("GET", "/v1/audit")[1]  # L5
    assert right["right"], right
    return len(mails)


def test_kill_9_under_load(folder):
    rng = random.Random(SEED)
    print(f"# seed {SEED}, {CYCLES} kills", flush=True)
    sink, stop = Sink(), threading.Event()
    relay = (f'host = "127.0.0.1"; port = {sink.port}; tls = "none"; '
             'retry_first = 1; connections = 4;')
    with contextlib.closing(Daemon(folder, relay=relay)) as d:
        api = Api(d.control)
        d.start()
        agents = [Agent(d, rng.random(), stop) for _ in range(AGENTS)]
        crowd = agents + [Reviewer(api, rng.random(), stop)]
        for thread in crowd:
            thread.start()
        for cycle in range(1, CYCLES + 1):
            # chance decides when: this is the test's only clock
            time.sleep(rng.uniform(0.005, 0.5))
            d.kill()
            d.start()
            if cycle % 20 == 0:
                n = check_ledger(d, api, agents, sink, False)
                print(f"# {cycle} kills, {n} mails sent", flush=True)
        stop.set()
        for thread in crowd:
            thread.join(harness.PATIENCE)
        settle(api)
        n = check_ledger(d, api, agents, sink, True)
        states = collections.Counter(r["state"] for r in all_drafts(api))
        print(f"# {CYCLES} kills, {sum(len(a.promised) for a in agents)} "
              f"promised, {n} sent, {dict(states)}", flush=True)
        assert n > 0 and sum(len(a.promised) for a in agents) > CYCLES / 4
        d.stop()


def settle(api):
    """Wait until nothing is approved or under way any more."""
    fewest = end = None
    while True:
        counts = api("GET", "/v1/status")[1]["drafts"]
        left = counts["approved"] + counts["sending"]
        if left == 0:
            return
        if fewest is None or left < fewest:
            fewest, end = left, time.monotonic() + harness.PATIENCE
        assert time.monotonic() < end, f"L4: left unsent: {counts}"
        time.sleep(0.05)


def test_two_deciders_at_once(folder):
    """Two reviewers at the same moment: one wins, the other is told who."""
    sink = Sink()
    relay = f'host = "127.0.0.1"; port = {sink.port}; tls = "none";'
    with contextlib.closing(Daemon(folder, relay=relay)) as d:
        d.start()
        api = Api(d.control)
        rounds = 100
        for n in range(rounds):
            number, _ = d.held(draft(subject=f"round {n}"))
            view = api("GET", f"/v1/drafts/{number}")[1]
            gate, results = threading.Barrier(2), []

            def decide(verb):
                body = {"sha256": view["sha256"], "verb": verb}
                gate.wait()
                results.append((verb, *api(
                    "POST", f"/v1/drafts/{number}/decision", body)))
            threads = [threading.Thread(target=decide, args=(v,))
                       for v in ("approve", "drop" if n % 2 else "approve")]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            won = [r for r in results if r[1] == 200]
            lost = [r for r in results if r[1] == 409]
            assert len(won) == len(lost) == 1, results
            assert lost[0][2]["prior"]["actor"] == "you", results
        settle(api)
        sent = [r for r in all_drafts(api) if r["state"] == "sent"]
        mails = [m for m in sink.mails if m[0] == "bot@agents.example"]
        assert len(mails) == len(sent) >= rounds / 2, len(mails)
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
