"""What a team does to the room on a bad day: two answers in the same
millisecond, hundreds of drafts at once, reviewers and chats that come and go,
a homeserver that is never there.  ROUNDS changes the number of races."""

import contextlib
import os
import random
import re
import sqlite3
import sys
import threading
import time

import blocks
import harness
import slack
from chats import ANNA, BEN, Team, actions, press
from harness import draft, envelope_of, plain

ROUNDS = int(os.environ.get("ROUNDS", "12"))
CHECK, CROSS = "\u2705", "\u274c"
TWO = """channel: { name = "support"; owner = "anna"; mode = "review";
  match = { agent = [ "bot" ]; }; reviewers = [ "anna", "ben" ]; persons = 2;
  reasons = [ "tone" ]; deadline = "1d"; ladder = ( { at = "1d"; do = "hold"; } ); };"""
AFTER = TWO.replace("persons = 2", "persons = 1").replace(
    '"review"', '"after"')


@contextlib.contextmanager
def running(folder, **kw):
    team = Team(folder, **{"socket": False, **kw})
    try:
        team.start()
        yield team
    finally:
        team.close()


def ledger(team, sql, *args):
    path = team.daemon.state / "ledger.db"
    with contextlib.closing(sqlite3.connect(
            f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(sql, args).fetchall()


def root(team, *words):
    """The message with buttons under these words."""
    return team.slack.wait(
        lambda: (m := team.slack.find(*words)) and
        team.slack.buttons(m["ts"]) and m, f"buttons under {words}")


def over(team, message, *words):
    return team.slack.wait(
        lambda: not team.slack.buttons(message["ts"]) and
        team.slack.now(message["ts"], *words), f"outcome {words}")


def until(true, what="that"):
    """There is no event to wait for: asked in turns."""
    end = time.monotonic() + harness.PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return found


# ---- first answer wins -------------------------------------------------------

def test_three_answers_at_once(folder):
    rng = random.Random(7)
    with running(folder) as team:
        sent = 0
        for n in range(ROUNDS):
            number, code = team.daemon.held(draft(subject=f"Round {n} of"))
            message, event, notice = team.asked(f"Round {n} of")
            # the wish of each, and a moment that is not quite the same
            wish = [rng.choice(("approve", "drop")) for _ in range(3)]
            late = [rng.uniform(0, 0.01) for _ in range(3)]
            gate = threading.Barrier(3)
            payload = None
            if wish[0] == "approve":
                button = actions(message)["Approve"]
                payload = team.slack.press_payload(
                    ANNA, message["ts"], button["action_id"],
                    button["value"])
            else:
                payload = team.slack.message_event(
                    ANNA, "drop no", message["ts"])

            def at_slack():
                gate.wait()
                time.sleep(late[0])
                team.slack.deliver(payload)

            def at_matrix():
                gate.wait()
                time.sleep(late[1])
                team.ben.react(team.room, event["event_id"],
                               CHECK if wish[1] == "approve" else CROSS)

            def by_mail():
                gate.wait()
                time.sleep(late[2])
                team.daemon.reply(
                    notice, f"approve {code}" if wish[2] == "approve"
                    else "drop no", sender="anna@reviewers.example")
            threads = [threading.Thread(target=t)
                       for t in (at_slack, at_matrix, by_mail)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            state = team.daemon.wait_state(number, "sent", "dropped")
            won = ledger(team, "SELECT actor, medium, verb FROM decision "
                         "WHERE draft = ?", number)
            assert len(won) == 1, won
            actor, medium, verb = won[0]
            place = {"team": 0, "room": 1, "mail": 2}[medium]
            assert (wish[place] == "approve") == (state == "sent"), (
                won, wish, state)
            sent += state == "sent"
            word = "Approved" if state == "sent" else "Dropped"
            where = "by mail" if medium == "mail" else f"in {medium}"
            over(team, message, word, f"by {actor} {where}")
            team.bot.wait_now(team.room, event["event_id"], word,
                              f"by {actor} {where}")
            while True:  # the receipt of the mail, before the next round
                receipt = team.daemon.inbox.message()
                if f"Round {n} of" in str(receipt["Subject"]):
                    break
        mails = [m for m in team.daemon.outbox.fresh()
                 if envelope_of(m)[1] == ["jane@customer.example"]]
        assert len(mails) == sent, (len(mails), sent)


# ---- two persons ---------------------------------------------------------------

def test_two_persons_at_two_places(folder):
    with running(folder, channels={"support": TWO}) as team:
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        press(team, ANNA, message, "^Approve")
        # it goes on asking ben, and says that one approval is there
        now = team.slack.now(message["ts"], "1 of 2")
        assert team.slack.buttons(message["ts"])
        assert blocks.wakes(now) <= {BEN}, blocks.wakes(now)
        content = team.bot.wait_now(team.room, event["event_id"], "1 of 2")
        assert "Asked: ben" in content["body"], content["body"]
        assert team.daemon.state_of(n) == "held"
        # anna cannot be the second
        press(team, ANNA, message, "^Approve")
        team.slack.whispered(ANNA)
        assert team.daemon.state_of(n) == "held"
        team.ben.react(team.room, event["event_id"], CHECK)
        assert team.daemon.wait_state(n, "sent")
        over(team, message, "Approved")
        team.bot.wait_now(team.room, event["event_id"], "Approved")


# ---- every verb -----------------------------------------------------------------

def say(team, message, text, user=ANNA):
    team.slack.say(user, text, thread=message["ts"])


def test_verbs_in_a_thread(folder):
    with running(folder) as team:
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        team.known(4)
        say(team, message, "claim")
        team.slack.posted("you are on", thread=message["ts"])
        say(team, message, "ask Is the parcel there?")
        team.slack.posted("Your question", thread=message["ts"])
        mail = team.bens.message()
        while "Is the parcel there?" not in plain(mail):
            mail = team.bens.message()
        # anna is asked again later; ben still is
        say(team, message, "snooze 2h")
        team.slack.posted("You are asked about", thread=message["ts"])
        now = team.slack.wait(
            lambda: (m := team.slack.messages[slack.CHANNEL, message["ts"]])
            and blocks.wakes(m) == {BEN} and m, "ben alone")
        assert team.slack.buttons(now["ts"])
        # what is dropped lives again after an undo
        team.ben.react(team.room, event["event_id"], CROSS)
        over(team, message, "Dropped by ben in room")
        team.bot.wait_now(team.room, event["event_id"], "Dropped by ben")
        team.ben.reply(team.room, event["event_id"], "undo")
        team.slack.wait(lambda: team.slack.buttons(message["ts"]), "buttons")
        content = team.bot.wait_now(
            team.room, event["event_id"], "May this mail leave?")
        assert "Dropped" not in content["body"].split("\n")[0]
        team.ben.reply(team.room, event["event_id"], f"approve {code}")
        assert team.daemon.wait_state(n, "sent")
        over(team, message, "Approved by ben")


def test_delegated_at_slack(folder):
    with running(folder) as team:
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        team.known(4)
        say(team, message, "delegate ben")
        team.slack.posted("ben is asked", thread=message["ts"])
        team.slack.wait(
            lambda: blocks.wakes(team.slack.messages[
                slack.CHANNEL, message["ts"]]) == {BEN}, "ben alone")
        content = team.bot.wait_now(
            team.room, event["event_id"], "Asked: ben")
        assert "anna" not in content["body"].split("\n")[1], content["body"]
        press(team, BEN, message, "^Approve")
        assert team.daemon.wait_state(n, "sent")
        over(team, message, "Approved by ben")


# ---- what comes and goes ----------------------------------------------------------

def edit_conf(team, *pairs):
    text = team.daemon.conf.read_text()
    for old, new in pairs:
        assert re.search(old, text, re.S), old
        text = re.sub(old, new, text, flags=re.S)
    team.daemon.conf.write_text(text)
    team.daemon.ctl("reload")


def insist(team, user, message):
    """Press Approve until the app takes it: 503 while it begins anew."""
    payload = team.slack.press_payload(
        user, message["ts"], *(actions(message)["Approve"][k]
                               for k in ("action_id", "value")))
    until(lambda: team.slack.post_form(payload)[0] == 200,
          "a daemon that hears")


def test_a_reviewer_is_taken_away(folder):
    with running(folder) as team:
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        team.known(4)
        edit_conf(team, (r',\{ name = "ben";.*?\}(?=\s*\);)', ""))
        insist(team, BEN, message)
        team.slack.whispered(BEN, "not one of the reviewers")
        team.ben.react(team.room, event["event_id"], CHECK)
        team.bot.wait(team.room, lambda e: e["sender"] == team.bot.id and
                      team.ben.id in str(e["content"].get("m.mentions"))
                      and "not one of the" in e["content"]["body"])
        assert team.daemon.state_of(n) == "held"
        press(team, ANNA, message, "^Approve")
        assert team.daemon.wait_state(n, "sent")
        over(team, message, "Approved by anna")
        team.bot.wait_now(team.room, event["event_id"], "Approved by anna")


def test_chats_are_taken_away_and_come_back(folder):
    with running(folder) as team:
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        team.known(4)
        conf = team.daemon.conf.read_text()
        edit_conf(team, (r', (\{ name = "room"; kind = "matrix";[^{}]*\})', ""),
                  (r', "room"', ""))
        insist(team, ANNA, message)
        assert team.daemon.wait_state(n, "sent")
        over(team, message, "Approved by anna")
        # a new draft goes where there still is something
        m, code2 = team.daemon.held(draft(subject="Another parcel"))
        other = root(team, "Another parcel")
        # the room is back: what stands there is told what became of it,
        # what came meanwhile is asked there, too
        team.daemon.conf.write_text(conf)
        team.daemon.ctl("reload")
        team.bot.wait_now(team.room, event["event_id"], "Approved by anna")
        new = team.bot.wait_text(team.room, "Another parcel")
        team.ben.react(team.room, new["event_id"], CROSS)
        over(team, other, "Dropped by ben in room")
        posts = [p for what, p in team.slack.history
                 if what == "post" and "thread_ts" not in p]
        assert len(posts) == 2, len(posts)
        mine = [e for e in team.bot.events(team.room) if
                e["sender"] == team.bot.id and e["type"] ==
                "m.room.message" and "m.relates_to" not in e["content"]]
        assert len(mine) == 2, [e["content"]["body"][:60] for e in mine]


def test_a_reload_while_it_is_posted(folder):
    """What was on its way to Slack is there once."""
    with running(folder, matrix=False) as team:
        go = threading.Event()
        team.slack.trouble("chat.postMessage", ("slow", go))
        n, code = team.daemon.held(draft())
        team.slack.wait(lambda: [c for c, _ in team.slack.calls
                                 if c == "chat.postMessage"], "a post")
        team.daemon.ctl("reload")
        go.set()
        message = root(team, "Your parcel")
        team.known(2)
        press(team, ANNA, message, "^Approve")
        assert team.daemon.wait_state(n, "sent")
        posts = [p for what, p in team.slack.history
                 if what == "post" and "thread_ts" not in p]
        for p in posts:
            over(team, p, "Approved")


def test_a_homeserver_that_is_never_there(folder):
    """Who is asked only there gets mail instead."""
    with running(folder, review='mail_after = "1s";') as team:
        team.home.kill()
        edit_conf(team, (r'media = \[ "mail", "team", "room" \]',
                         'media = [ "room" ]'))
        n, code = team.daemon.held(draft())
        notice = team.daemon.inbox.message()
        assert "Your parcel" in str(notice["Subject"])
        assert "room" in team.daemon.ctl("status").stdout
        team.daemon.reply(notice, f"approve {code}",
                          sender="anna@reviewers.example")
        assert team.daemon.wait_state(n, "sent")
        # back at last: nothing is asked there that was decided long ago
        team.home.start()
        m, _ = team.daemon.held(draft(subject="A later one"))
        team.bot.wait_text(team.room, "A later one", patience=120)
        assert not [e for e in team.bot.events(team.room) if "Your parcel" in
                    e["content"].get("body", "")]


# ---- hundreds ---------------------------------------------------------------------

def test_five_hundred_at_once(folder):
    many = int(os.environ.get("MANY", "500"))
    with running(folder, matrix=False,
                 review="notices_per_hour = 10000;") as team:
        edit_conf(team, (r"per_minute = 6000", "per_minute = 600"))
        before = time.monotonic()
        ids = []
        with team.daemon.smtp() as client:
            client.ehlo()
            for i in range(many):
                client.mail("bot@agents.example")
                client.rcpt("jane@customer.example")
                code, text = client.data(harness.crlf(draft(
                    f"Number {i} of them.\n", subject=f"Parcel {i}")))
                ids.append(int(re.search(rb"id=(\d+)", text)[1]))
        worst = 0
        end = time.monotonic() + 5
        while time.monotonic() < end:
            start = time.monotonic()
            team.daemon.smtp(login=False).close()
            worst = max(worst, time.monotonic() - start)
        with team.slack.lock:
            posts = [m for what, m in team.slack.history if what == "post"]
        took = time.monotonic() - before
        # a burst, and then as many as its minute has
        assert len(posts) <= took * 10 + 62, (len(posts), took)
        heads = [m for m in posts if "thread_ts" not in m]
        print(f"# {len(posts)} posts, {len(heads)} in the channel in "
              f"{took:.1f} s, worst greeting {worst * 1000:.0f} ms",
              flush=True)
        assert worst < 5, worst
        # they come gathered: the channel itself stays readable
        assert len(heads) < len(posts) / 4 + 10, (len(heads), len(posts))


# ---- digests -----------------------------------------------------------------------

def numbers(text):
    """The numbers of a head, by draft."""
    return {int(d): int(n) for n, d in re.findall(
        r"(\d+)\.\s+\S.*?\(draft (\d+)", text)}


def gathered(team, n):
    """Drafts that came while Slack was slow with the first of them."""
    go = threading.Event()
    team.slack.trouble("chat.postMessage", ("slow", go))
    ids = [team.daemon.held(draft(
        subject=f"Parcel {i} of all", text=f"Parcel number {i} came.\n"))[0]
        for i in range(n)]
    for _ in ids:
        team.daemon.inbox.message()
    go.set()
    for i in range(n):
        root(team, f"Parcel number {i} came")
    team.known(4 * n)
    return ids


def test_digests_by_number(folder):
    with running(folder, chat="gather_above = 1;") as team:
        ids = gathered(team, 9)
        head = team.slack.find("drafts wait for a decision")
        here = numbers(blocks.words(head))
        event = team.bot.wait_text(team.room, "drafts wait for a decision")
        there = numbers(body := event["content"]["body"])
        both = [d for d in ids if d in here and d in there]
        assert len(both) >= 7, (blocks.words(head), body)
        # one mistake, and nothing is done; it is said where it is
        first = here[both[0]]
        for text, why in (
                (f"{first} approve\n99 approve", "line 2"),
                (f"{first} aprove", "line 1"),
                ("approve", "number"),
                (f"{first} approve\n{first} drop no", "line 2"),
                (f"{first}-{first + 500} approve", "line 1"),
                # severity of all of them is normal
                ("all approve", "numbers")):
            seen = len(team.slack.whispers)
            team.slack.say(ANNA, text, thread=head["ts"])
            [whisper] = team.slack.wait(
                lambda: team.slack.whispers[seen:], "a whisper")
            words = blocks.words(whisper)
            assert "Nothing was decided" in words and why in words, words
        # talk is nobody's business
        team.slack.say(BEN, "2 of these look odd to me", thread=head["ts"])
        # a range, in the other chat
        back = sorted((there[d], d) for d in both)[:3]
        if [n for n, _ in back] == list(range(back[0][0], back[0][0] + 3)):
            team.ben.reply(team.room, event["event_id"],
                           f"{back[0][0]}-{back[2][0]} approve")
        else:
            team.ben.reply(team.room, event["event_id"], "\n".join(
                f"{n} approve" for n, _ in back))
        for _, d in back:
            assert team.daemon.wait_state(d, "sent", "dropped") == "sent", d
        rest = [d for d in both if d not in [d for _, d in back]]
        team.slack.say(ANNA, "\n".join(
            f"{here[d]} drop not now" for d in rest), thread=head["ts"])
        for d in rest:
            assert team.daemon.wait_state(d, "dropped")
        if len(both) == len(here):
            team.slack.now(head["ts"], "All of these are decided")
        assert len(team.slack.whispers) == 6


# ---- other questions ---------------------------------------------------------------

def test_what_left_is_looked_at_afterwards(folder):
    with running(folder, channels={"support": AFTER}) as team:
        n, m = (int(re.search(r"id=(\d+)", team.daemon.submit(draft(
            subject=f"Note {i} to see"))[1])[1]) for i in (1, 2))
        first, second = root(team, "Note 1 to see"), root(
            team, "Note 2 to see")
        assert not [k for k in actions(first) if k.startswith("Approve")]
        event = team.bot.wait_text(team.room, "Note 2 to see")
        press(team, ANNA, first, "fine|right")
        over(team, first, "right", "anna")
        team.known(8)
        team.ben.reply(team.room, event["event_id"], "wrong tone too short")
        over(team, second, "wrong", "ben")
        team.bot.wait_now(team.room, event["event_id"], "wrong")


def test_what_is_too_long_is_not_approved_there(folder):
    with running(folder, chat='text = "2K";') as team:
        n, code = team.daemon.held(draft(
            "A line of many.\n" * 400 + "the very last words\n"))
        message, event, _ = team.asked("Your parcel")
        labels = list(actions(message))
        assert not [k for k in labels if k.startswith("Approve")], labels
        assert [k for k in labels if k.startswith("Drop")], labels
        assert f"imprimatur show {n}" in blocks.words(message)
        team.known(4)
        say(team, message, "approve")
        team.slack.whispered(ANNA, "Nothing was decided",
                             f"imprimatur approve {n} {code}")
        team.ben.react(team.room, event["event_id"], CHECK)
        team.bot.wait(
            team.room, lambda e: e["sender"] == team.bot.id and
            team.ben.id in str(e["content"].get("m.mentions")) and
            "Nothing was decided" in e["content"]["body"])
        assert team.daemon.state_of(n) == "held"
        team.daemon.ctl("approve", n, code)
        over(team, message, "Approved")


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
