"""The stand-in for Slack is judged: by Slack's own clients for node, which
take it for Slack; and by the limits that Slack publishes."""

import json
import sys
import threading

import blocks
import harness
import node
import slack
from slack import CHANNEL


def judged(s):
    node.need()
    return node.Lines("judge.cjs", json.dumps({
        "url": s.url, "hook": s.hook, "token": slack.TOKEN,
        "app_token": slack.APP_TOKEN, "signing": slack.SIGNING}))


def button(action_id, text="Approve", **more):
    return {"type": "button", "action_id": action_id, "text": {
        "type": "plain_text", "text": text}, **more}


CARD = [
    {"type": "header", "text": {"type": "plain_text", "text": "Draft 17"}},
    {"type": "section", "block_id": "s", "text": {
        "type": "mrkdwn", "text": "from *bot* to jane &lt;j@x&gt;"},
     "accessory": {"type": "static_select", "action_id": "snooze",
                   "options": [{"text": {"type": "plain_text",
                                         "text": "2 hours"},
                                "value": "2h"}]}},
    {"type": "rich_text", "elements": [{
        "type": "rich_text_preformatted", "elements": [{
            "type": "text", "text": "Hello <!channel>"}]}]},
    {"type": "actions", "block_id": "a", "elements": [
        button("approve", value="17.1"), button("drop", "Drop")]},
]
VIEW = {"type": "modal", "callback_id": "edit", "private_metadata": "17.1",
        "title": {"type": "plain_text", "text": "Edit"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [
            {"type": "input", "block_id": "subject", "label": {
                "type": "plain_text", "text": "Subject"}, "element": {
                    "type": "plain_text_input", "action_id": "x",
                    "initial_value": "Your parcel"}},
            {"type": "input", "block_id": "why", "optional": True, "label": {
                "type": "plain_text", "text": "Why"}, "element": {
                    "type": "static_select", "action_id": "x", "options": [{
                        "text": {"type": "plain_text", "text": "Tone"},
                        "value": "tone"}]}}]}


def call(judge, method, **args):
    return judge.do("call", method=method, args=args)


def test_the_web_client_takes_it_for_slack(folder):
    s = slack.Slack()
    judge = judged(s)
    try:
        me = call(judge, "auth.test")
        assert me["ok"] and me["team_id"] == slack.TEAM, me
        assert "chat:write" in me["response_metadata"]["scopes"], me
        info = call(judge, "conversations.info", channel=CHANNEL)
        assert info["channel"]["is_member"], info
        post = call(judge, "chat.postMessage", channel=CHANNEL, text="Draft",
                    blocks=CARD, unfurl_links=False, unfurl_media=False,
                    metadata={"event_type": "x", "event_payload": {"o": "1"}})
        ts = post["ts"]
        assert post["ok"] and s.buttons(ts) == ["snooze", "approve", "drop"]
        reply = call(judge, "chat.postMessage", channel=CHANNEL,
                     text="more", thread_ts=ts)
        replies = call(judge, "conversations.replies", channel=CHANNEL, ts=ts)
        assert [m["ts"] for m in replies["messages"]] == [ts, reply["ts"]]
        history = call(judge, "conversations.history", channel=CHANNEL,
                       include_all_metadata=True)
        assert [m["ts"] for m in history["messages"]] == [ts], history
        assert history["messages"][0]["metadata"]["event_type"] == "x"
        call(judge, "chat.update", channel=CHANNEL, ts=ts, text="approved",
             blocks=[])
        assert blocks.words(s.now(ts, "approved")) == "approved"
        call(judge, "chat.postEphemeral", channel=CHANNEL, user="U1",
             text="not you", thread_ts=ts)
        assert s.whispered("U1", "not you")["thread_ts"] == ts
        view = call(judge, "views.open", trigger_id=s.trigger(), view=VIEW)
        assert view["ok"] and s.opened()["callback_id"] == "edit", view
        call(judge, "chat.delete", channel=CHANNEL, ts=reply["ts"])
    finally:
        judge.close()
        s.close()


def test_it_says_no_as_slack_does(folder):
    s = slack.Slack()
    judge = judged(s)
    try:
        def no(method, **args):
            said = call(judge, method, **args)
            assert said["code"] == "slack_webapi_platform_error", said
            return said["refused"]

        post = "chat.postMessage"
        assert no(post, channel="C0OTHER", text="x") == "channel_not_found"
        assert no(post, channel=CHANNEL) == "no_text"
        assert no(post, channel=CHANNEL, text="x" * 40001) == "msg_too_long"
        assert no(post, channel=CHANNEL, text="x", blocks=[
            {"type": "divider"}] * 51) == "invalid_blocks"
        assert no(post, channel=CHANNEL, text="x", blocks=[
            {"type": "section", "text": {"type": "plain_text",
                                         "text": "y" * 2900}}
        ] * 5) == "msg_blocks_too_long"
        assert no("chat.update", channel=CHANNEL, ts="1.2",
                  text="x") == "message_not_found"
        assert no("views.open", trigger_id="no", view=VIEW) == \
            "invalid_trigger_id"
        assert no("views.open", trigger_id=s.trigger(-1), view=VIEW) == \
            "expired_trigger_id"
        person = s.message_event("U1", "hello")["event"]["ts"]
        assert no("chat.update", channel=CHANNEL, ts=person,
                  text="x") == "cant_update_message"
        s.channels[CHANNEL]["is_archived"] = True
        assert no(post, channel=CHANNEL, text="x") == "is_archived"
        s.channels[CHANNEL] = {"is_member": False, "is_private": False,
                               "is_archived": False}
        assert no(post, channel=CHANNEL, text="x") == "not_in_channel"
        s.scopes = "channels:read"
        said = call(judge, post, channel=CHANNEL, text="x")
        assert said["data"]["needed"] == "chat:write", said
    finally:
        judge.close()
        s.close()


def test_it_is_busy_and_broken_as_slack_is(folder):
    s = slack.Slack()
    judge = judged(s)
    try:
        s.trouble("chat.postMessage", ("rate", 1), ("status", 503))
        said = call(judge, "chat.postMessage", channel=CHANNEL, text="x")
        assert said["ok"], said
        # the client came again after each; one message was made
        assert [m for m, _ in s.calls].count("chat.postMessage") == 3
        assert len(s.messages) == 1
        # done, but the answer is lost: the client posts twice, as ours must
        # not
        s.trouble("chat.postMessage", ("lost",))
        call(judge, "chat.postMessage", channel=CHANNEL, text="y")
        assert len([m for m in s.messages.values() if m["text"] == "y"]) == 2
    finally:
        judge.close()
        s.close()


def test_the_webhook_is_one(folder):
    s = slack.Slack()
    judge = judged(s)
    try:
        assert judge.do("hook", message={"text": "x", "blocks": CARD[:2]})[
            "text"] == "ok"
        assert s.hooked[0]["text"] == "x"
        said = judge.do("hook", message={"text": ""})
        assert said["code"] == "slack_webhook_http_error", said
    finally:
        judge.close()
        s.close()


def test_bolt_believes_its_requests(folder):
    s = slack.Slack()
    judge = judged(s)
    try:
        port = judge.do("listen")
        s.request_url = ("127.0.0.1", port, "/slack/team")
        post = call(judge, "chat.postMessage", channel=CHANNEL, text="Draft",
                    blocks=CARD)
        assert s.post_json({"type": "url_verification", "challenge": "c1",
                            "token": "t"})[1] == b'{"challenge":"c1"}'
        s.press("U1", post["ts"], "approve")
        s.press("U1", post["ts"], "snooze", "2h")
        view = call(judge, "views.open", trigger_id=s.trigger(),
                    view=VIEW)["view"]
        said = s.submit("U1", view, subject="Hello", why="tone")
        assert said == {"response_action": "clear"}, said
        s.say("U1", "approve", thread=post["ts"])
        press, menu, modal, word = judge.do("seen")
        assert press["action"] == "approve" and press["value"] == "17.1"
        assert press["ts"] == post["ts"] and press["user"] == "U1", press
        assert menu["chosen"] == "2h", menu
        assert modal["values"]["subject"]["x"]["value"] == "Hello", modal
        assert word["text"] == "approve" and word["thread"] == post["ts"]
        # what is not from Slack is not believed
        payload = s.press_payload("U1", post["ts"], "drop")
        for sign in ({"secret": "another"}, {"at": 1795285600 - 86400 * 365}):
            assert s.post_form(payload, **sign)[0] == 401, sign
        assert judge.do("seen") == []
    finally:
        judge.close()
        s.close()


def test_socket_mode_is_spoken(folder):
    s = slack.Slack()
    judge = judged(s)
    try:
        assert judge.do("socket") == "connected"
        post = call(judge, "chat.postMessage", channel=CHANNEL, text="Draft",
                    blocks=CARD)
        assert s.press("U1", post["ts"], "approve") is None
        view = call(judge, "views.open", trigger_id=s.trigger(),
                    view=VIEW)["view"]
        assert s.submit("U1", view) == {"response_action": "clear"}
        s.say("U1", "approve " + "x" * 70000, thread=post["ts"])
        press, modal, word = judge.do("seen")
        assert press["action"] == "approve", press
        # what nobody touched comes as it stood there
        assert modal["values"]["subject"]["x"]["value"] == "Your parcel"
        assert len(word["text"]) == 70008
        # asked to connect anew, and cut off, it comes back
        for again in (s.refresh, s.drop_sockets):
            old = list(s.sockets)
            again()
            s.wait(lambda: s.sockets and s.sockets[-1] not in old,
                   "new connection")
            s.press("U1", post["ts"], "drop")
            assert judge.do("seen")[0]["action"] == "drop"
    finally:
        judge.close()
        s.close()


def test_it_can_be_slow(folder):
    """What is held up ends when the test says so, not by the clock."""
    import urllib.request
    s = slack.Slack()
    try:
        go = threading.Event()
        s.trouble("auth.test", ("slow", go))
        answers = []

        def ask():
            with urllib.request.urlopen(urllib.request.Request(
                    s.url + "/auth.test", method="POST", headers={
                        "Authorization": f"Bearer {slack.TOKEN}"}),
                    timeout=harness.PATIENCE) as answer:
                answers.append(json.load(answer))
        thread = threading.Thread(target=ask)
        thread.start()
        s.wait(lambda: s.calls, "call")
        assert not answers
        go.set()
        thread.join(harness.PATIENCE)
        assert answers[0]["ok"]
    finally:
        s.close()


def text(n, kind="plain_text"):
    return {"type": kind, "text": "x" * n}


# What is taken, and the same with one too many.
LIMITS = [
    lambda n: [{"type": "section", "text": text(2999 + n, "mrkdwn")}],
    lambda n: [{"type": "section", "fields": [text(1)] * (9 + n)}],
    lambda n: [{"type": "section", "fields": [text(1999 + n)]}],
    lambda n: [{"type": "header", "text": text(149 + n)}],
    lambda n: [{"type": "context", "elements": [text(1)] * (9 + n)}],
    lambda n: [{"type": "actions", "elements": [
        button(f"b{i}") for i in range(24 + n)]}],
    lambda n: [{"type": "actions", "elements": [
        button("b", "x" * (74 + n))]}],
    lambda n: [{"type": "actions", "elements": [
        button("b", value="x" * (1999 + n))]}],
    lambda n: [{"type": "actions", "elements": [
        button("x" * (254 + n))]}],
    lambda n: [{"type": "actions", "elements": [button("b", confirm={
        "title": text(99 + n), "text": text(1), "confirm": text(1),
        "deny": text(1)})]}],
    lambda n: [{"type": "actions", "elements": [button("b", confirm={
        "title": text(1), "text": text(299 + n), "confirm": text(1),
        "deny": text(1)})]}],
    lambda n: [{"type": "actions", "elements": [button("b", confirm={
        "title": text(1), "text": text(1), "confirm": text(29 + n),
        "deny": text(1)})]}],
    lambda n: [{"type": "actions", "elements": [{
        "type": "static_select", "options": [
            {"text": text(74 + n), "value": "v"}]}]}],
    lambda n: [{"type": "actions", "elements": [{
        "type": "static_select", "options": [
            {"text": text(1), "value": "v" * (149 + n)}]}]}],
    lambda n: [{"type": "actions", "elements": [{
        "type": "static_select", "options": [
            {"text": text(1), "value": str(i)} for i in range(99 + n)]}]}],
    lambda n: [{"type": "divider", "block_id": "x" * (254 + n)}],
    lambda n: [{"type": "divider"}] * (49 + n),
    lambda n: [{"type": "divider", "block_id": "a"},
               {"type": "divider", "block_id": "ab"[n % 2]}],
]


def test_the_limits_are_the_published_ones(folder):
    def taken(message):
        try:
            blocks.check_blocks(message, blocks.MESSAGE_BLOCKS)
            return True
        except blocks.Wrong:
            return False

    for n, make in enumerate(LIMITS):
        assert taken(make(1)), n
        assert not taken(make(2)), n
    for wrong in ([{"type": "section"}], [{"type": "input"}], ["x"], [{}],
                  [{"type": "section", "text": text(0)}],
                  [{"type": "header", "text": text(1, "mrkdwn")}],
                  [{"type": "actions", "elements": []}],
                  [{"type": "rich_text", "elements": []}], {}, None):
        assert not taken(wrong), wrong


def test_it_knows_whom_a_message_wakes(folder):
    def woken(*parts):
        return blocks.wakes({"text": "", "blocks": list(parts)})

    line = "<!channel> <@U1|x> <!subteam^S1> & <!here>"
    assert woken({"type": "section", "text": {
        "type": "mrkdwn", "text": line}}) == {
            "!channel", "U1", "!subteam^S1", "!here"}
    assert woken({"type": "section", "text": {
        "type": "plain_text", "text": line}}) == set()
    assert blocks.wakes({"text": line}) != set()
    assert woken({"type": "rich_text", "elements": [{
        "type": "rich_text_section", "elements": [
            {"type": "text", "text": line},
            {"type": "user", "user_id": "U2"}]}]}) == {"U2"}
    assert blocks.words({"blocks": CARD}).splitlines()[1] == \
        "from *bot* to jane <j@x>"


harness.run(harness.tests_of(sys.modules[__name__]))
