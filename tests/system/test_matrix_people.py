"""What people do in a room of Matrix, and what others make of it: one real
homeserver for all, a room of its own for each test."""

import contextlib
import re
import sys
import time

import harness
import synapse
from harness import draft
from matrix import NO, YES, asked, team, until, whispered

LONG = "".join(f"{n}: a line of a mail that is long\n" for n in range(1300))
HOME = []


def home():
    if not HOME:
        HOME.append(synapse.Synapse())
    return HOME[0]


def thread(h, event):
    """What stands in the thread of that event."""
    return [e for e in h.anna.events(h.room) if e["content"].get(
        "m.relates_to", {}).get("rel_type") == "m.thread" and
        e["content"]["m.relates_to"]["event_id"] == event]


def plain_reply(user, room, event, text):
    """By a client that knows no threads, with the fallback of old ones."""
    return user.say(room, f"> <@imprimatur:{synapse.NAME}> approve\n> drop\n\n"
                    + text, **{
        "format": "org.matrix.custom.html",
        "formatted_body": "<mx-reply><blockquote>approve</blockquote>"
        "</mx-reply>" + text,
        "m.relates_to": {"m.in_reply_to": {"event_id": event}}})


def test_clients_without_threads(folder):
    with team(folder, home=home()) as (h, d):
        number, _ = d.held(draft(LONG, subject="A long one"))
        event = h.anna.wait(
            h.room, lambda e: e["sender"] == h.bot.id and
            e["type"] == "m.room.message")["event_id"]
        h.anna.wait_now(h.room, event, YES, "approve")
        part = thread(h, event)[-1]["event_id"]
        # a sign at a part of it means nothing, and one is told so
        h.anna.react(h.room, part, YES)
        whispered(h, h.anna, "a reaction counts only at")
        # what is said to each other may carry any sign
        talk = h.eve.reply(h.room, event, "I would send it")
        h.anna.react(h.room, talk, NO)
        # a reply to any message of the thread is one to the draft
        plain_reply(h.anna, h.room, part, "ask who is Jane?")
        until(d, lambda: "verb=ask" in d.log(), "not heard")
        assert d.state_of(number) in ("asked", "held", "waiting"), \
            d.state_of(number)
        # what we said to that; and what took the place of the question
        said = h.anna.wait(h.room, lambda e: e["sender"] == h.bot.id and
                           e["event_id"] in [t["event_id"] for t in
                                             thread(h, event)] and
                           "question" in e["content"]["body"])["event_id"]
        plain_reply(h.anna, h.room, said, "snooze 2h")
        until(d, lambda: "verb=snooze" in d.log(), "not heard")
        now = [e for e in h.anna.events(h.room) if e["content"].get(
            "m.relates_to", {}).get("rel_type") == "m.replace"][-1]["event_id"]
        plain_reply(h.anna, h.room, now, "drop")
        d.wait_state(number, "dropped")


def test_changed_before_it_was_read(folder):
    with team(folder, home=home()) as (h, d):
        one, first = asked(h, d, "The first")
        two, second = asked(h, d, "The second")
        three, third = asked(h, d, "The third")
        d.kill()
        said = h.anna.reply(h.room, first, "approve")
        h.anna.edit(h.room, said, "drop")
        sign = h.anna.react(h.room, second, YES)
        h.anna.redact(h.room, sign)
        for n in range(40):
            h.eve.say(h.room, f"talk {n}")
        # somebody else changes nothing
        said = h.anna.reply(h.room, third, "drop")
        h.eve.edit(h.room, said, "approve")
        d.start()
        d.wait_state(three, "dropped")
        whispered(h, h.anna, "changed")
        for number, event in ((one, first), (two, second)):
            assert d.state_of(number) == "held", (number, d.state_of(number))
            h.anna.reply(h.room, event, "drop")
            d.wait_state(number, "dropped")


def test_odd_events(folder):
    with team(folder, home=home()) as (h, d):
        number, event = asked(h, d)
        relation = {"rel_type": "m.thread", "event_id": event,
                    "is_falling_back": True}
        for content in (
                {"msgtype": "m.text", "body": "approve\0", "\0": "\0" * 9000},
                {"msgtype": "m.emote", "body": "approve"},
                {"msgtype": "m.notice", "body": "approve"},
                {"msgtype": "m.image", "body": "approve", "url": "mxc://x/y",
                 "filename": "a.png", "info": {}},
                {"msgtype": "m.text", "body": "x" * 60000},
                {"msgtype": "m.text", "body": "x", "n": 2 ** 53 - 1}):
            for user in (h.eve, h.anna):
                user.send(h.room, {**content, "m.relates_to": relation})
        # what a homeserver may refuse, and another may not
        for odd in ("[" * 3000 + "]" * 3000, "[" * 600 + "]" * 600,
                    '"\\ud800"', "1e999"):
            with contextlib.suppress(synapse.Refused):
                h.eve.call("PUT", f"/rooms/{h.room}/send/m.room.message/"
                           f"odd{len(odd)}", raw=b'{"msgtype": "m.text", "body"'
                           b': "approve", "x": ' + odd.encode() + b"}")
        assert d.state_of(number) == "held"
        h.anna.reply(h.room, event, "drop")
        d.wait_state(number, "dropped")


def test_a_room_that_was_replaced(folder):
    with team(folder, home=home()) as (h, d):
        _, event = asked(h, d)
        new = h.bot.call("POST", f"/rooms/{h.room}/upgrade",
                         {"new_version": "11"})["replacement_room"]
        # the alias went with it: the next one is asked about there
        until(d, lambda: "replaced" in d.log(), "not seen")
        h.bot.call("POST", f"/rooms/{new}/invite", {"user_id": h.anna.id})
        h.anna.join(new)
        h.room = new
        number, event = asked(h, d, "A new one")
        h.anna.reply(h.room, event, "drop")
        d.wait_state(number, "dropped")


def test_a_room_that_was_replaced_by_id(folder):
    h = home()
    with team(folder, home=h, start=False, room="!r:x") as (h, d):
        d.conf.write_text(d.conf.read_text().replace("!r:x", h.room))
        d.start()
        asked(h, d)
        new = h.bot.call("POST", f"/rooms/{h.room}/upgrade",
                         {"new_version": "11"})["replacement_room"]
        until(d, lambda: new in d.ctl("status").stdout, "not seen")
        # and it stays so
        d.stop()
        d.start()
        until(d, lambda: new in d.ctl("status").stdout, "not seen")
        for _ in range(2):  # the second look comes when the first is over
            came = h.door.came
            h.door.cut()
            until(d, lambda: h.door.came > came, "it does not look again")
        assert "room up" not in d.ctl("status").stdout


def test_token_revoked(folder):
    with team(folder, home=home()) as (h, d):
        number, event = asked(h, d)
        other = h.login("imprimatur")
        (folder / "access").write_text(other.token)
        d.ctl("reload")
        until(d, lambda: "room up" in d.ctl("status").stdout, "not up")
        other.call("POST", "/logout", {})
        until(d, lambda: "log in again" in d.ctl("status").stdout, "not seen")
        h.anna.reply(h.room, event, "drop")
        (folder / "access").write_text(h.bot.token)
        d.ctl("reload")
        d.wait_state(number, "dropped")


def test_quick_while_it_polls(folder):
    with team(folder, home=home(), poll="60s") as (h, d):
        asked(h, d)
        began = time.monotonic()
        d.ctl("reload")
        number, event = asked(h, d, "After that")
        h.anna.reply(h.room, event, "drop")
        d.wait_state(number, "dropped")
        d.stop()
        # a poll lasts longer
        assert time.monotonic() - began < 50, time.monotonic() - began


def test_killed_amid_many_decisions(folder):
    with team(folder, home=home(), gather_above=40) as (h, d):
        asks = []
        for n in range(12):
            asks.append(asked(h, d, f"Draft <{n}>"))
            if n % 4 == 2:
                d.kill()
                d.start()
        for n, (_, event) in enumerate(asks):
            if n % 2:
                h.anna.reply(h.room, event, "drop")
                h.anna.reply(h.room, event, "approve")
            else:
                h.anna.react(h.room, event, YES)
                h.anna.react(h.room, event, NO)
            if n % 3 == 2:
                d.kill()
                d.start()
        for n, (number, event) in enumerate(asks):
            d.wait_state(number, "dropped" if n % 2 else "sent")
            h.anna.wait_now(h.room, event, "ropped" if n % 2 else "pproved")
        left = [m for m in d.outbox.files()
                if b"X-Envelope-To: <jane" in m.read_bytes()]
        assert len(left) == 6, left
        events = h.anna.events(h.room)
        for n, (_, event) in enumerate(asks):
            first = [e for e in events if f"Draft <{n}>" in
                     e["content"].get("body", "") and
                     "m.relates_to" not in e["content"]]
            assert len(first) == 1, first
            # what came of the first answer, and that the second is late
            said = [e["content"]["body"] for e in thread(h, event)
                    if e["sender"] == h.bot.id]
            assert len(said) == len(set(said)) <= 2, said


def test_gathered(folder):
    with team(folder, home=home(), gather_above=2) as (h, d):
        h.door.shut = True
        h.door.cut()
        numbers = [d.held(draft(subject=f"Item {n}"))[0] for n in range(4)]
        h.door.shut = False
        head = h.anna.wait(h.room, lambda e: e["sender"] == h.bot.id and all(
            f"Item {n}" in e["content"].get("body", "") for n in range(4)))
        head = head["event_id"]
        items = [h.anna.wait(
            h.room, lambda e: e["sender"] == h.bot.id and e["content"].get(
                "m.relates_to", {}).get("rel_type") == "m.thread" and
            f"Item {n}" in e["content"]["body"])["event_id"]
            for n in range(4)]
        # which of them would that be?
        h.anna.react(h.room, head, YES)
        h.anna.say(h.room, "drop", **{
            "m.relates_to": {"m.in_reply_to": {"event_id": head}}})
        h.anna.reply(h.room, head, "2 drop")
        d.wait_state(numbers[1], "dropped")
        for n in (0, 2, 3):
            assert d.state_of(numbers[n]) == "held", n
        h.anna.react(h.room, items[2], NO)
        d.wait_state(numbers[2], "dropped")


def test_two_daemons_of_one_account(folder):
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    with team(folder / "a", home=home()) as (h, a):
        with team(folder / "b", home=h) as (h, b):
            room = h.room
            b.stop()
            # both in one room, with the same numbers
            a.stop()
            text = a.conf.read_text()
            a.conf.write_text(re.sub(r'room = "#.*?"', f'room = "{room}"',
                                     text))
            a.start()
            b.start()
            mine, one = asked(h, a, "Of a")
            theirs, two = asked(h, b, "Of b")
            assert mine == theirs
            h.anna.reply(room, one, "drop")
            a.wait_state(mine, "dropped")
            h.anna.reply(room, two, "approve")
            b.wait_state(theirs, "sent")
            assert a.state_of(mine) == "dropped"
            for _, event in ((0, one), (0, two)):
                said = [e for e in thread(h, event)
                        if e["sender"] == h.bot.id]
                assert len(said) == 1, said


def test_a_sign_at_what_was_replaced(folder):
    with team(folder, home=home()) as (h, d):
        number, old = asked(h, d)
        h.anna.reply(h.room, old, "edit\n\nHello Jane,\n\nit is late.\n")
        new = h.anna.wait(
            h.room, lambda e: e["sender"] == h.bot.id and
            "it is late" in e["content"].get("body", "") and YES in
            e["content"]["body"] and e["event_id"] != old and "m.replace" !=
            e["content"].get("m.relates_to", {}).get("rel_type"))["event_id"]
        # what it shows is not what would leave
        h.anna.react(h.room, old, YES)
        whispered(h, h.anna, "Too late", "newer message")
        assert d.state_of(number) == "held"
        # somebody takes the question back, and the answer counts
        h.bot.redact(h.room, new)
        h.anna.reply(h.room, new, "approve")
        d.wait_state(number, "sent")
        assert b"it is late" in d.outbox.wait()[0]


try:
    harness.run(harness.tests_of(sys.modules[__name__]))
finally:
    for one in HOME:
        one.close()
