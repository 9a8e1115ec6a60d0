"""The homeserver of the tests, and the reviewers' client in front of it: each
does what the tests rely on."""

import sys

import harness
import node
import synapse


def test_a_homeserver_serves_people(folder):
    home = synapse.Synapse()
    try:
        bot, anna = home.user("bot"), home.user("anna")
        room = bot.room(anna, alias="review")
        assert bot.join(f"#review:{synapse.NAME}") == room
        root = bot.say(room, "a draft waits")
        assert anna.wait_text(room, "draft")["event_id"] == root
        anna.reply(room, root, "approve")
        seen = bot.wait_text(room, "approve")
        assert seen["sender"] == anna.id
        assert seen["content"]["m.relates_to"]["event_id"] == root
        bot.edit(room, root, "approved by anna")
        assert anna.wait_now(room, root, "approved")["msgtype"] == "m.text"
        anna.react(room, root, "\u2705")
        try:
            anna.react(room, root, "\u2705")
            raise AssertionError("a second reaction was taken")
        except synapse.Refused as no:
            assert no.errcode == "M_DUPLICATE_ANNOTATION", no
        # killed and started again it knows what it knew
        home.kill()
        home.start()
        assert bot.now(room, root)["body"] == "approved by anna"
        home.door.shut = True
        home.door.cut()
        try:
            bot.events(room)
            raise AssertionError("a shut door let somebody in")
        except OSError:
            pass
    finally:
        home.close()


def test_the_reviewers_client_does_what_people_do(folder):
    node.need()
    home = synapse.Synapse()
    try:
        bot, anna = home.user("bot"), home.user("anna")
        room = bot.room(anna)
        root = bot.say(room, "a draft waits")
        person = node.reviewer(anna, room)
        assert person.do("wait", words=["draft"])["event"] == root
        said = person.do("reply", root=root, text="aprove")
        reply = bot.wait_text(room, "aprove")
        assert reply["event_id"] == said
        relation = reply["content"]["m.relates_to"]
        assert relation["rel_type"] == "m.thread", reply
        assert relation["event_id"] == root, reply
        person.do("edit", event=said, text="approve")
        assert bot.wait_now(room, said, "approve")["body"] == "approve"
        heart = person.do("react", event=root, key="\u2705")
        assert bot.wait(room, lambda e: e["event_id"] == heart)[
            "content"]["m.relates_to"]["key"] == "\u2705"
        person.do("redact", event=heart)
        bot.wait(room, lambda e: e["type"] == "m.room.redaction")
        bot.edit(room, root, "approved by anna")
        seen = person.do("wait", words=["approved by anna"])
        assert seen["event"] == root and seen["edited"], seen
        bot.reply(room, root, "it is sent")
        assert person.do("wait", words=["it is sent"])["thread"] == root
        assert person.do("wait", event=said)["event"] == said
        person.close()
    finally:
        home.close()


harness.run(harness.tests_of(sys.modules[__name__]))
