"""kill -9 at any moment, as in test_crash.py, while drafts come in and people
decide by mail, at Slack and at Matrix at once.  Besides L1 to L5:

C1  no prompt that waits is without a card, at Slack and at Matrix;
C2  every card says in the end what became of its draft, and asks no more;
C3  no card is posted twice.

KILL_CYCLES and SEED change the number of kills and the order of chance.
"""

import collections
import contextlib
import http.client
import os
import random
import re
import smtplib
import sqlite3
import sys
import threading
import time
import urllib.error

import blocks
import harness
import slack
import synapse
from chats import ANNA, BEN, Team
from harness import crlf, draft, plain
from sink import Sink
from test_crash import SEED, Api, all_drafts, message_id, settle

CYCLES = int(os.environ.get("KILL_CYCLES", "8"))
MOST = 12  # that wait at a time: each is shown in two places and two mails
TROUBLE = (OSError, http.client.HTTPException, ValueError, AssertionError,
           smtplib.SMTPException, urllib.error.URLError, synapse.Refused)
WAITS = ("held", "in-doubt")  # that is another card
CARD = re.compile(r"May this mail leave\? \(draft (\d+)\)")


class Bot(threading.Thread):
    """One mail after the other, each until it hears 250."""

    def __init__(self, team, api, seed, stop):
        super().__init__(daemon=True)
        self.d, self.api = team.daemon, api
        self.rng, self.stopping = random.Random(seed), stop
        self.promised = {}

    def run(self):
        while not self.stopping.is_set():
            with contextlib.suppress(*TROUBLE):
                held = self.api("GET", "/v1/status")[1]["drafts"]["held"]
                if held >= MOST:
                    self.stopping.wait(0.05)
                    continue
                self.send()

    def send(self):
        mid = f"<{self.rng.getrandbits(64)}@agents.example>"
        raw = crlf(draft(f"Words {self.rng.getrandbits(64):x}.\n" *
                         self.rng.choice((1, 3, 900)), message_id=mid))
        while not self.stopping.is_set():
            with contextlib.suppress(*TROUBLE), self.d.smtp() as client:
                client.ehlo()
                client.mail("bot@agents.example")
                client.rcpt("jane@customer.example")
                code, text = client.data(raw)
                found = re.search(r"id=(\d+)", text.decode())
                if code in (250, 550) and found:
                    self.promised[mid] = int(found.group(1))
                    return


class Person(threading.Thread):
    def __init__(self, team, seed, stop):
        super().__init__(daemon=True)
        self.team, self.rng = team, random.Random(seed)
        self.stopping, self.said = stop, 0

    def run(self):
        while not self.stopping.wait(self.rng.uniform(0.0, 0.1)):
            with contextlib.suppress(*TROUBLE):
                self.said += bool(self.act())


class AtSlack(Person):
    """Slower than the others, who look for what there is.  Presses buttons and writes in threads.  Slack delivers an answer until
    it is taken, up to so often."""

    def act(self):
        place = self.team.slack
        with place.lock:
            cards = [m for m in place.messages.values() if m["user"] ==
                     slack.BOT and place.buttons(m["ts"])]
        if not cards or self.stopping.wait(self.rng.uniform(0, 0.4)):
            return False
        card, user = self.rng.choice(cards), self.rng.choice((ANNA, BEN))
        if self.rng.random() < 0.6:
            with place.lock:
                live = [e for _, e in blocks.elements(card)
                        if e["type"] == "button" and
                        e["text"]["text"].startswith(("Approve", "Send"))]
            if not live:
                return False  # somebody was quicker
            button = live[0]
            payload = place.press_payload(
                user, card["ts"], button["action_id"], button.get("value"))
        else:
            payload = place.message_event(
                user, self.rng.choice(("approve", "drop not so", "hm?")),
                card.get("thread_ts", card["ts"]))
        for _ in range(3):
            with contextlib.suppress(OSError, http.client.HTTPException,
                                     AssertionError):
                place.deliver(payload)
                return True
        return False


class AtMatrix(Person):
    def __init__(self, team, user, seed, stop):
        super().__init__(team, seed, stop)
        self.user, self.since, self.cards = user, None, []

    def act(self):
        at = f"&since={synapse.quote(self.since)}" if self.since else ""
        page = self.user.call("GET", f"/sync?timeout=200{at}")
        joined = page["rooms"]["join"] if "rooms" in page else {}
        for event in joined.get(self.team.room, {}).get(
                "timeline", {}).get("events", ()):
            content = event["content"]
            if event["sender"] == self.team.bot.id and \
                    event["type"] == "m.room.message" and \
                    CARD.search(content.get("body", "")):
                self.cards.append(event["event_id"])
        self.since = page["next_batch"]
        self.cards = self.cards[-20:]
        if not self.cards:
            return False
        card = self.cards.pop(self.rng.randrange(len(self.cards)))
        if self.rng.random() < 0.6:
            self.user.react(self.team.room, card, self.rng.choice(
                ("\u2705", "\u2705", "\u274c")))
        else:
            self.user.reply(self.team.room, card, self.rng.choice(
                ("approve", "drop it is not so", "what is this?")))
        return True


class ByMail(Person):
    def __init__(self, team, name, box, seed, stop):
        super().__init__(team, seed, stop)
        self.address, self.box = f"{name}@reviewers.example", box

    def act(self):
        for raw in self.box.fresh(1):
            notice = harness.parse(raw)
            found = re.search(r"\bapprove ([A-Z2-7]{6})\b", plain(notice))
            if not found or "Reply-To" not in notice:
                return False
            said = self.rng.choice((f"approve {found[1]}", "drop no", None))
            while said and not self.stopping.is_set():
                with contextlib.suppress(*TROUBLE):
                    code, _ = self.team.daemon.reply(
                        notice, said, sender=self.address)
                    if code == 250:
                        return True
        return False


# ---- what must be so --------------------------------------------------------

def ledger(team, sql):
    path = team.daemon.state / "ledger.db"
    with contextlib.closing(sqlite3.connect(
            f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def until(check, what):
    """As long as it gets better, however much there is."""
    end, before = None, None
    while left := check():
        if left != before:
            before, end = left, time.monotonic() + harness.PATIENCE
        assert time.monotonic() < end, f"{what}: {left[:10]}"
        time.sleep(0.1)


def uncarded(team):
    """C1: prompts that wait and that a chat does not show."""
    return ledger(team, """
        SELECT d.id, m.column1, w.column1 FROM draft d
        JOIN (VALUES ('team'), ('room')) m JOIN (VALUES ('anna'), ('ben')) w
        WHERE d.state = 1 AND NOT EXISTS (SELECT 1 FROM shown s
        JOIN notice n ON n.id = s.notice JOIN item i ON i.notice = n.id
        WHERE s.chat = m.column1 AND n.reviewer = w.column1
        AND i.draft = d.id)""")


def cards_at_slack(team):
    """(draft, message) of every card that could ever be answered."""
    found = {}
    with team.slack.lock:
        for _, message in team.slack.history:
            given = message.get("given", {})
            if message["user"] != slack.BOT:
                continue
            for _, e in blocks.elements(given):
                number = re.search(r"\d+", str(e.get("value", "")))
                if e["type"] == "button" and number:
                    found[message["ts"]] = int(number[0])
    return [(n, team.slack.messages[slack.CHANNEL, ts])
            for ts, n in found.items()]


def open_at_slack(team, states):
    return [(n, m["ts"], states[n]) for n, m in cards_at_slack(team)
            if states.get(n) not in WAITS and (
                team.slack.buttons(m["ts"]) or
                not re.search("Approved|Dropped", blocks.words(m)))]


def cards_at_matrix(team):
    """Draft -> event -> what it says now."""
    first, now = {}, {}
    for event in team.bot.events(team.room):
        content = event["content"]
        if event["sender"] != team.bot.id or \
                event["type"] != "m.room.message":
            continue
        relation = content.get("m.relates_to", {})
        if relation.get("rel_type") == "m.replace":
            now[relation["event_id"]] = content["m.new_content"]["body"]
            content = content["m.new_content"]
            name = relation["event_id"]
        else:
            name = event["event_id"]
            now.setdefault(name, content["body"])
        found = CARD.search(content["body"])
        if found:
            first.setdefault(name, int(found[1]))
    return [(n, name, now[name]) for name, n in first.items()]


def open_at_matrix(team, states):
    return [(n, name, states[n], text[:300])
            for n, name, text in cards_at_matrix(team)
            if states.get(n) not in WAITS and
            not re.search("Approved|Dropped", text)]


def doubled(cards):
    counts = collections.Counter(card[0] for card in cards)
    return [n for n, times in counts.items() if times > 1]


def check_ledger(api, bots, sink):
    promised = {}
    for bot in bots:
        promised.update(bot.promised)
    rows = all_drafts(api)
    states = {r["id"]: r["state"] for r in rows}
    assert set(promised.values()) <= set(states), "L1"
    assert len(set(promised.values())) == len(promised), "L1"
    assert set(states.values()) <= {"held", "dropped", "sent",
                                    "in-doubt"}, f"L4: {states}"
    with sink.lock:
        mails = [m for m in sink.mails if m[0] != ""]
    for mid, n in collections.Counter(
            message_id(m[2]) for m in mails).items():
        number = promised.get(mid)
        if number is None:
            continue
        assert states[number] in ("sent", "in-doubt"), f"L2: {number}"
        _, view = api("GET", f"/v1/drafts/{number}")
        approvals = [x for x in view["decisions"] if x["verb"] == "approve"
                     and x["code"] == view["code"]]
        assert n <= len(approvals), f"L3: {view}"
    assert api("GET", "/v1/audit")[1]["right"], "L5"
    return states


def test_kill_9_while_all_decide(folder):
    rng = random.Random(SEED)
    print(f"# seed {SEED}, {CYCLES} kills", flush=True)
    sink, stop = Sink(), threading.Event()
    team = Team(folder, socket=False, chat="gather_above = 3;", relay=(
        f'host = "127.0.0.1"; port = {sink.port}; tls = "none"; '
        'retry_first = 1; connections = 4;'))
    try:
        team.start()
        d, api = team.daemon, Api(team.daemon.control)
        bots = [Bot(team, api, rng.random(), stop) for _ in range(2)]
        people = [AtSlack(team, rng.random(), stop),
                  AtMatrix(team, team.anna, rng.random(), stop),
                  AtMatrix(team, team.ben, rng.random(), stop),
                  ByMail(team, "anna", d.inbox, rng.random(), stop),
                  ByMail(team, "ben", team.bens, rng.random(), stop)]
        for thread in [*bots, *people]:
            thread.start()
        for _ in range(CYCLES):
            # chance decides when: this is the test's only clock
            time.sleep(rng.uniform(0.1, 3.0))
            d.kill()
            d.start()
        stop.set()
        for thread in [*bots, *people]:
            thread.join(harness.PATIENCE)
        settle(api)
        states = check_ledger(api, bots, sink)
        until(lambda: uncarded(team), "C1: no card")
        until(lambda: open_at_slack(team, states), "C2: open at Slack")
        until(lambda: open_at_matrix(team, states), "C2: open at Matrix")
        at_slack, at_matrix = cards_at_slack(team), cards_at_matrix(team)
        kinds = collections.Counter(states.values())
        actors = collections.Counter(m for m, in ledger(
            team, "SELECT medium FROM decision WHERE verb <= 2"))
        print(f"# {sum(len(b.promised) for b in bots)} promised, "
              f"{dict(kinds)}, {len(at_slack)} cards at Slack, "
              f"{len(at_matrix)} at Matrix, said {[p.said for p in people]}, "
              f"decided {dict(actors)}", flush=True)
        # a question about a mail in doubt is another card
        doubt = {n for n, s in states.items() if s == "in-doubt"} | {
            n for n, in ledger(team, "SELECT draft FROM item WHERE kind IN (2, 3)")}
        assert not set(doubled(at_slack)) - doubt, (
            f"C3: {set(doubled(at_slack)) - doubt}")
        assert not set(doubled(at_matrix)) - doubt, (
            f"C3: {set(doubled(at_matrix)) - doubt}")
        assert kinds["sent"] > 0 and kinds["dropped"] > 0, kinds
        d.stop()
    finally:
        stop.set()
        team.close()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
