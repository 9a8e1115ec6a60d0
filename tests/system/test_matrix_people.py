"""What people do in a room of Matrix, and what others make of it: one real
homeserver for all, a room of its own for each test."""

import contextlib
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
        whispered(h, h.anna, "a reaction counts at")
        # what is said to each other may carry any sign
        talk = h.eve.reply(h.room, event, "I would send it")
        h.anna.react(h.room, talk, NO)
        # a reply to any message of the thread is one to the draft
        plain_reply(h.anna, h.room, part, "ask who is Jane?")
        until(d, lambda: "verb=ask" in d.log(), "not heard")
        assert d.state_of(number) in ("asked", "held", "waiting"), \
            d.state_of(number)
        answer = h.anna.wait_text(h.room, "question")["event_id"]
        plain_reply(h.anna, h.room, answer, "drop")
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
            assert d.state_of(number) == "held", d.state_of(number)
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


try:
    harness.run(harness.tests_of(sys.modules[__name__]))
finally:
    for one in HOME:
        one.close()
