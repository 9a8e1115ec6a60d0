"""A reviewer's day: drafts that are shown by mail, at Slack and at Matrix at
once.  Whoever answers first, anywhere, decides; the others hear of it."""

import re
import sys
import threading

import blocks
import chats
import harness
import slack
from chats import ANNA, BEN, EVE, Team, press
from harness import draft, envelope_of, plain

CHECK, CROSS = "\u2705", "\u274c"


def body(event):
    return event["content"]["body"]


def closed(team, message, event, *words):
    """Both messages say what became of it, and nothing can be pressed."""
    now = team.slack.wait(
        lambda: (m := team.slack.now(message["ts"], *words)) and
        not team.slack.buttons(message["ts"]) and m, "closed message")
    content = team.bot.wait_now(team.room, event["event_id"], *words)
    return blocks.words(now), content["body"]


def left(team, n=1):
    """The mails that left, which are exactly so many."""
    mails = team.daemon.outbox.wait(n)
    assert len(mails) == n, len(mails)
    return [envelope_of(m) for m in mails]


def test_slack_is_first(folder):
    team = Team(folder)
    try:
        team.start()
        n, code = team.daemon.held(draft())
        message, event, notice = team.asked("Your parcel")
        assert code in blocks.words(message) and code in body(event)
        assert blocks.wakes(message) == {ANNA, BEN}
        assert set(event["content"]["m.mentions"]["user_ids"]) == {
            team.anna.id, team.ben.id}
        press(team, ANNA, message, "^Approve")
        assert left(team)[0][1] == ["jane@customer.example"]
        for text in closed(team, message, event, "anna"):
            assert "Approved" in text, text
        # the others are late, and are told so where they are
        person = team.person(team.ben)
        person.do("react", event=event["event_id"], key=CHECK)
        late = team.bot.wait(
            team.room, lambda e: e["sender"] == team.bot.id and
            team.ben.id in str(e["content"].get("m.mentions")) and
            e["content"].get("m.relates_to", {}).get("rel_type") == "m.thread")
        assert "anna" in body(late), body(late)
        team.daemon.reply(notice, f"approve {code}",
                          sender="anna@reviewers.example")
        assert "pproved" in plain(team.daemon.inbox.message())
        assert team.daemon.state_of(n) == "sent"
        nothing_left(team)
    finally:
        team.close()


def test_matrix_is_first(folder):
    team = Team(folder)
    try:
        team.start()
        n, _ = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        person = team.person(team.ben)
        person.do("wait", words=["Your parcel"])
        person.do("react", event=event["event_id"], key=CHECK)
        left(team)
        for text in closed(team, message, event, "ben"):
            assert "Approved" in text, text
        # as Element shows it
        seen = person.do("wait", event=event["event_id"], edited=True)
        assert "ben" in seen["body"], seen
        # taking the reaction away changes nothing
        reaction = person.do("react", event=event["event_id"], key=CROSS)
        person.do("redact", event=reaction)
        assert team.daemon.state_of(n) == "sent"
    finally:
        team.close()


def test_mail_is_first(folder):
    team = Team(folder)
    try:
        team.start()
        n, code = team.daemon.held(draft())
        message, event, notice = team.asked("Your parcel")
        team.daemon.reply(notice, "drop it is not true",
                          sender="anna@reviewers.example")
        assert team.daemon.wait_state(n, "dropped")
        for text in closed(team, message, event, "anna"):
            assert "Dropped" in text, text
        # nothing can be pressed any more, but a click may be on its way
        team.slack.deliver(stale(team, message, ANNA))
        team.slack.whispered(ANNA, "Too late")
        nothing_left(team)
    finally:
        team.close()


def nothing_left(team):
    """No mail to a customer; reports to the agent may have come."""
    for mail in team.daemon.outbox.fresh():
        _, rcpts, _ = envelope_of(mail)
        assert rcpts == ["bot@agents.example"], rcpts


def stale(team, message, user):
    """A click on what stood in the message when it could be answered."""
    given = [m for what, m in team.slack.history
             if what == "post" and m["ts"] == message["ts"]][0]["given"]
    now = team.slack.messages[slack.CHANNEL, message["ts"]]
    kept, now["blocks"] = now["blocks"], [
        b for _, m in team.slack.history if m["ts"] == message["ts"]
        for b in m["given"].get("blocks", []) if b["type"] == "actions"][:1] \
        or given["blocks"]
    try:
        (action, button), = [
            (e["action_id"], e) for _, e in blocks.elements(now)
            if e["type"] == "button" and e["text"]["text"] == "Approve"]
        return team.slack.press_payload(user, message["ts"], action,
                                        button.get("value"))
    finally:
        now["blocks"] = kept


def test_a_stranger_decides_nothing(folder):
    team = Team(folder)
    try:
        team.start()
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        press(team, EVE, message, "^Approve")
        team.slack.whispered(EVE)
        team.slack.say(EVE, f"approve {code}", thread=message["ts"])
        person = team.person(team.eve)
        person.do("wait", words=["Your parcel"])
        person.do("react", event=event["event_id"], key=CHECK)
        told = team.bot.wait(
            team.room, lambda e: e["sender"] == team.bot.id and
            team.eve.id in str(e["content"].get("m.mentions")))
        assert "approve" not in body(told).lower().split("\n")[0], body(told)
        person.do("reply", root=event["event_id"], text=f"approve {code}")
        # who may is heard after all of that, so all of that was dealt with
        team.person(team.anna).do("react", event=event["event_id"], key=CROSS)
        assert team.daemon.wait_state(n, "dropped")
        assert not re.search(r"\beve\b", team.daemon.ctl("show", n).stdout)
        nothing_left(team)
    finally:
        team.close()


def test_an_edit_at_slack_is_approved_at_matrix(folder):
    team = Team(folder)
    try:
        team.start()
        n, code = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        press(team, ANNA, message, "^Edit")
        view = team.slack.opened()
        fields = {b["block_id"]: b["element"] for b in view["blocks"]
                  if b["type"] == "input"}
        texts = [i for i, e in fields.items()
                 if "parcel is on" in e.get("initial_value", "")]
        assert texts, fields
        team.slack.submit(ANNA, view, **{
            texts[0]: "Hello Jane,\n\nyour parcel is late.\n"})
        # a message of its own for what is new, here and there
        new = team.slack.wait(
            lambda: (m := team.slack.find("is late")) and
            team.slack.buttons(m["ts"]) and m, "new revision")
        assert new["ts"] != message["ts"] and code not in blocks.words(new)
        assert not team.slack.buttons(message["ts"])
        again = team.bot.wait(
            team.room, lambda e: "is late" in e["content"].get("body", "")
            and e["content"].get("m.relates_to", {}).get("rel_type")
            != "m.replace", "the new revision")
        # the old one approves nothing: it shows what is no longer so
        person = team.person(team.ben)
        person.do("wait", words=["is late"])
        person.do("react", event=event["event_id"], key=CHECK)
        team.bot.wait(
            team.room, lambda e: e["sender"] == team.bot.id and
            team.ben.id in str(e["content"].get("m.mentions")) and
            e["content"].get("m.relates_to", {}).get("rel_type") ==
            "m.thread")
        nothing_left(team)
        person.do("react", event=again["event_id"], key=CHECK)
        _, rcpts, raw = left(team)[0]
        assert rcpts == ["jane@customer.example"] and b"is late" in raw
        closed(team, new, again, "ben")
    finally:
        team.close()


def test_many_are_gathered_and_answered_by_number(folder):
    team = Team(folder, chat="gather_above = 1;")
    try:
        team.start()
        # while Slack is slow with the first, more come
        go = threading.Event()
        team.slack.trouble("chat.postMessage", ("slow", go))
        ids = []
        for i in range(4):
            ids.append(team.daemon.held(draft(
                subject=f"Parcel {i}", text=f"Parcel number {i} came.\n"))[0])
        for _ in ids:
            team.daemon.inbox.message()
        go.set()
        items = [team.slack.wait(
            lambda i=i: (m := team.slack.find(f"Parcel number {i}")) and
            team.slack.buttons(m["ts"]) and m, f"buttons of {i}")
            for i in range(4)]
        team.known(16)
        roots = {m.get("thread_ts") for m in items[1:]}
        assert len(roots) == 1 and None not in roots, roots
        head = team.slack.now(roots.pop())
        assert blocks.wakes(head) <= {ANNA, BEN}
        # the numbers are those of the head
        number = {i: int(re.search(rf"(\d+)\.\s+Parcel {i} ",
                                   blocks.words(head))[1]) for i in (1, 2, 3)}
        team.slack.say(ANNA, f"{number[1]} approve\n{number[2]} drop it is "
                       f"wrong\n{number[3]} approve", thread=head["ts"])
        assert team.daemon.wait_state(ids[2], "dropped")
        for i in (1, 3):
            assert team.daemon.wait_state(ids[i], "sent")
        assert team.daemon.state_of(ids[0]) == "held"
        team.slack.now(items[2]["ts"], "Dropped by anna")
    finally:
        team.close()


HOSTILE = """<!channel> <!here> <@U0BEN00001> @room @channel
<https://evil.example|your bank> [click](javascript:alert(1)) *bold* `code`
<script>alert(1)</script><img src=x onerror=alert(1)><mx-reply>x</mx-reply>
</pre></blockquote><a href="https://evil.example">x</a> &lt;!everyone&gt;
https://matrix.to/#/@ben:synapse.test \u202eexe.txt\u202c \u2066hidden\u2069
"""


def test_long_and_hostile_drafts_are_shown_whole(folder):
    team = Team(folder)
    try:
        team.start()
        text, n_lines = HOSTILE, 0
        while len(text) < 60500:
            text += f"line {n_lines} {HOSTILE.splitlines()[n_lines % 5]}\n"
            n_lines += 1
        text += "the very last words\n"
        n, code = team.daemon.held(draft(
            text, subject="<!channel> @room <b>your parcel</b>"))
        team.slack.posted("the very last words")
        message, event, _ = team.asked("your parcel")
        posts = [m for what, m in team.slack.history if what == "post"]
        for post in posts + [message]:
            assert blocks.wakes(post) <= {ANNA, BEN}, blocks.wakes(post)
            given = post.get("given", {"unfurl_links": False,
                                       "unfurl_media": False})
            assert given["unfurl_links"] is False, given.keys()
            assert given["unfurl_media"] is False, given.keys()
        whole = "\n".join(blocks.words(m) for m in posts + [message])
        for i in range(n_lines):
            assert f"line {i} " in whole, i
        team.bot.wait_text(team.room, "the very last words")
        mine = [e for e in team.bot.events(team.room)
                if e["sender"] == team.bot.id and e["type"] ==
                "m.room.message"]
        whole = "\n".join(body(e) for e in mine)
        for i in range(n_lines):
            assert f"line {i} " in whole, i
        for e in mine:
            html = e["content"].get("formatted_body", "")
            for bad in ("<script", "<img", "<mx-reply", 'href="https://evil',
                        "<b>your"):
                assert bad not in html, html[:3000]
            assert not e["content"].get("m.mentions", {}).get("room")
            assert set(e["content"].get("m.mentions", {}).get(
                "user_ids", [])) <= {team.anna.id, team.ben.id}
        press(team, BEN, message, "^Approve")
        sender, rcpts, raw = left(team)[0]
        assert b"the very last words" in raw and b"<!channel>" in raw
    finally:
        team.close()


def test_requests_are_believed_once_and_only_if_signed(folder):
    team = Team(folder, matrix=False, socket=False)
    try:
        team.start()
        n, _ = team.daemon.held(draft())
        message, _, _ = team.asked("Your parcel")
        button = chats.actions(message)["Approve"]
        payload = team.slack.press_payload(
            ANNA, message["ts"], button["action_id"], button["value"])
        for bad in ({"secret": "another-secret"}, {"at": 1795000000}):
            status, _ = team.slack.post_form(payload, **bad)
            assert status in (400, 401, 403), status
        assert team.daemon.state_of(n) == "held"
        for _ in range(3):  # Slack comes again when it heard nothing
            assert team.slack.post_form(payload)[0] == 200
        left(team)
        nothing_left(team)
    finally:
        team.close()


def test_places_that_are_down_are_asked_when_they_are_back(folder):
    team = Team(folder)
    try:
        team.start()
        team.home.kill()
        team.slack.trouble("chat.postMessage", ("status", 503), ("rate", 1),
                           ("garbage",), ("lost",))
        n, _ = team.daemon.held(draft())
        message = team.slack.wait(
            lambda: (m := team.slack.find("Your parcel")) and
            team.slack.buttons(m["ts"]) and m, "buttons")
        team.home.start()
        event = team.bot.wait_text(team.room, "Your parcel")
        team.daemon.ctl("status")
        person = team.person(team.anna)
        person.do("react", event=event["event_id"], key=CHECK)
        left(team)
        closed(team, message, event, "anna")
        # what was posted when the answer was lost was not posted twice
        posts = [m for what, m in team.slack.history
                 if what == "post" and "thread_ts" not in m]
        assert len(posts) == 1, [blocks.words(m)[:80] for m in posts]
    finally:
        team.close()


def test_a_killed_daemon_goes_on(folder):
    team = Team(folder)
    try:
        team.start()
        n, _ = team.daemon.held(draft())
        message, event, _ = team.asked("Your parcel")
        team.daemon.kill()
        # answered while nobody was there to hear it
        person = team.person(team.ben)
        person.do("react", event=event["event_id"], key=CHECK)
        team.start()
        left(team)
        closed(team, message, event, "ben")
        mine = [e for e in team.bot.events(team.room)
                if "Your parcel" in e["content"].get("body", "")
                and "m.relates_to" not in e["content"]]
        assert len(mine) == 1, len(mine)
        nothing_left(team)
    finally:
        team.close()


harness.run(harness.tests_of(sys.modules[__name__]))
