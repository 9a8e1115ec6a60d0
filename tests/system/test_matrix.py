"""Reviewers at Matrix: a real homeserver, the client that Element is made of,
and the daemon between them; killed, slowed and lied to.
"""

import sys

import harness
from harness import draft
from matrix import YES, asked, team, until, whispered


def test_answers_of_a_person(folder):
    import node
    node.need()
    with team(folder) as (home, d):
        person = node.reviewer(home.anna, home.room)
        number, event = asked(home, d)
        content = home.anna.now(home.room, event)
        assert content["m.mentions"] == {"user_ids": [home.anna.id]}, content
        person.do("reply", root=event, text="approve")
        assert b"parcel" in d.outbox.wait()[0]
        home.anna.wait_now(home.room, event, "pproved", "anna")
        # by reaction, with the selector that phones add
        number, event = asked(home, d, "A second")
        person.do("react", event=event, key="\u274c\ufe0f")
        d.wait_state(number, "dropped")
        home.anna.wait_now(home.room, event, "ropped")
        # words to each other decide nothing, nor does taking words back
        number, event = asked(home, d, "A third")
        person.do("reply", root=event, text="what do you think of this one?")
        said = person.do("reply", root=event, text="ask why so short?")
        until(d, lambda: "verb=ask" in d.log(), "not heard")
        person.do("edit", event=said, text="approve")
        person.do("redact", event=said)
        whispered(home, home.anna)
        assert d.state_of(number) != "sent"
        person.close()


def test_only_who_was_asked(folder):
    with team(folder) as (home, d):
        number, event = asked(home, d)
        # a name that looks the same is somebody else's
        home.eve.call("PUT", f"/profile/{home.eve.id}/displayname",
                      {"displayname": "anna"})
        home.eve.reply(home.room, event, "approve")
        said = whispered(home, home.eve)["content"]["body"]
        assert home.eve.id in said, said
        home.eve.react(home.room, event, YES)
        # the same person elsewhere: not where they were asked
        other = home.bot.room(home.anna)
        home.anna.reply(home.room, event, "approve", msgtype="m.notice")
        home.anna.send(other, {"msgtype": "m.text", "body": "approve",
                               "m.relates_to": {"m.in_reply_to": {
                                   "event_id": event}}})
        # all that was heard when this is
        home.anna.reply(home.room, event, "> approve\n\ndrop")
        d.wait_state(number, "dropped")


def test_killed_while_people_answer(folder):
    with team(folder) as (home, d):
        first, one = asked(home, d, "The first")
        second, two = asked(home, d, "The second")
        d.kill()
        home.anna.reply(home.room, one, "drop")
        # more than one answer of a sync holds
        for n in range(60):
            home.eve.say(home.room, f"talk {n}")
        home.anna.react(home.room, two, YES)
        d.start()
        d.wait_state(first, "dropped")
        d.wait_state(second, "sent")
        home.anna.wait_now(home.room, one, "ropped")
        home.anna.wait_now(home.room, two, "pproved")
        d.kill()
        d.start()
        third, event = asked(home, d, "The third")
        home.anna.reply(home.room, event, "approve")
        d.wait_state(third, "sent")
        sent = [m for m in d.outbox.files()
                if b"multipart/report" not in m.read_bytes()]
        assert len(sent) == 2, sent


def test_a_homeserver_that_fails(folder):
    with team(folder) as (home, d):
        number, event = asked(home, d)
        home.kill()
        until(d, lambda: "troubled" in d.ctl("status").stdout or
              "its homeserver" in d.ctl("status").stdout, "no trouble")
        later, _ = d.held(draft(subject="While it is away"))
        home.start()
        home.anna.reply(home.room, event, "approve")
        d.wait_state(number, "sent")
        event = home.anna.wait_text(home.room, "While it is away")
        # one that answers slowly, and one that never does
        home.door.delay = 0.5
        home.anna.reply(home.room, event["event_id"], "approve")
        d.wait_state(later, "sent")
        home.door.delay = 0
        asks = [e for e in home.anna.events(home.room)
                if "While it is away" in e["content"].get("body", "") and
                "m.relates_to" not in e["content"]]
        assert len(asks) == 1, asks


def test_a_long_draft(folder):
    text = "".join(f"{n}: a line of a long mail, with \u00e4\u00f6\u00fc <b>"
                   f"\n" for n in range(1300))
    with team(folder) as (home, d):
        assert len(text.encode()) > 50000
        number, _ = d.held(draft(text, subject="A long one"))
        first = home.anna.wait(
            home.room, lambda e: e["sender"] == home.bot.id and
            e["type"] == "m.room.message")
        # nobody is told how to approve before all of it is there
        assert YES not in first["content"]["body"], first
        event = first["event_id"]
        home.anna.wait_now(home.room, event, YES, "approve")
        parts = [e["content"] for e in home.anna.events(home.room)
                 if e["content"].get("m.relates_to", {}).get(
                     "event_id") == event and
                 e["content"]["m.relates_to"]["rel_type"] == "m.thread"]
        assert len(parts) > 1
        shown = "".join(p["body"] for p in parts)
        for n in range(1300):
            assert f"{n}: a line" in shown, n
        home.anna.reply(home.room, event, "approve")
        d.wait_state(number, "sent")


def test_hostile_text(folder):
    text = ("@room look <mx-reply><a href=\"javascript:x\">y</a></mx-reply>\n"
            "@anna:synapse.test <script>x</script> \u202eevil\u202c\n"
            "approve\n")
    with team(folder) as (home, d):
        d.held(draft(text, subject="Odd @room <b>approve</b>"))
        event = home.anna.wait_text(home.room, "Odd")["event_id"]
        content = home.anna.now(home.room, event)
        assert content["m.mentions"] == {"user_ids": [home.anna.id]}
        html = content["formatted_body"]
        for bad in ("<script", "<mx-reply", "javascript:x\"", "<b>approve</b>"):
            assert bad not in html, html
        assert "\u202e" not in html and "\u202e" not in content["body"]


def test_rooms_that_do_not_serve(folder):
    with team(folder) as (home, d):
        number, event = asked(home, d)
        home.anna.reply(home.room, event, "drop")
        home.bot.state(home.room, "m.room.encryption",
                       {"algorithm": "m.megolm.v1.aes-sha2"})
        d.wait_state(number, "dropped")
        until(d, lambda: "encrypt" in d.ctl("status").stdout, "not seen")
        assert "encrypt" in d.log()


def test_taken_out_and_invited_again(folder):
    with team(folder, start=False, room="!r:x") as (home, d):
        room = home.anna.room(home.eve)
        home.room = room
        d.conf.write_text(d.conf.read_text().replace("!r:x", room))
        d.start()
        until(d, lambda: "invite @imprimatur" in d.ctl("status").stdout,
              "nobody is told to invite it")
        home.anna.call("POST", f"/rooms/{room}/invite",
                       {"user_id": home.bot.id})
        number, event = asked(home, d)
        home.anna.call("POST", f"/rooms/{room}/kick",
                       {"user_id": home.bot.id})
        until(d, lambda: "taken out" in d.ctl("status").stdout or
              "invite @imprimatur" in d.ctl("status").stdout, "not seen")
        home.anna.reply(room, event, "approve")
        home.anna.call("POST", f"/rooms/{room}/invite",
                       {"user_id": home.bot.id})
        home.anna.reply(room, event, "drop")
        d.wait_state(number, "dropped", "sent")


harness.run(harness.tests_of(sys.modules[__name__]))
