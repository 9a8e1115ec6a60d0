"""What reviewers see at Slack, whatever Slack does meanwhile: one message for
each draft, whole before it can be decided, rewritten when it was; a webhook
likewise, with links that write mails."""

import re
import sys
import time
import urllib.parse

import blocks
import harness
import slack
from chats import ANNA, BEN, Team, press
from harness import Daemon, draft

POST, UPDATE = "chat.postMessage", "chat.update"


def roots(team):
    """The messages in the channel that stand in no thread."""
    with team.slack.lock:
        return [m for m in team.slack.messages.values()
                if "thread_ts" not in m]


def shown(team, *words):
    """The message with these words, when it can be decided."""
    message = team.slack.wait(
        lambda: (m := team.slack.find(*words)) and
        team.slack.buttons(m["ts"]) and m, f"buttons under {words}")
    team.known(2, message["ts"])  # for anna and for ben
    return message


def rewritten(team, message, *words):
    return team.slack.wait(
        lambda: not team.slack.buttons(message["ts"]) and
        team.slack.now(message["ts"], *words), f"outcome {words}")


def with_team(folder, test, **more):
    team = Team(folder, matrix=False, socket=False, **more)
    try:
        test(team.start())
    finally:
        team.close()


def test_one_message(folder):
    def test(team):
        n, code = team.daemon.held(draft())
        message = shown(team, "Your parcel")
        assert code in blocks.words(message)
        assert "your parcel is on its way." in blocks.words(message)
        assert blocks.wakes(message) == {ANNA, BEN}
        post, = (given for method, given in team.slack.calls
                 if method == POST)
        assert post["unfurl_links"] is False
        assert post["unfurl_media"] is False
        assert post["parse"] == "none" and post["link_names"] is False
        team.daemon.ctl("approve", str(n), code)
        now = rewritten(team, message, "Approved", "anna")
        assert not blocks.wakes(now)
        assert len(roots(team)) == 1
    with_team(folder, test)


def test_long_draft(folder):
    """60 kB: nothing can be pressed before all of it is there."""
    lines = [f"Line {i} of many, <!channel> & so on.\n" for i in range(1600)]

    def test(team):
        team.daemon.held(draft("".join(lines)))
        message = shown(team, "Your parcel")
        with team.slack.lock:
            history = list(team.slack.history)
        kinds = [what for what, m in history]
        assert kinds == ["post"] * (len(history) - 1) + ["update"], kinds
        assert all("thread_ts" in m for _, m in history[1:-1])
        assert not any(list(blocks.elements(m)) for _, m in history[:-1])
        whole = blocks.words(history[-1][1]) + "".join(
            blocks.words(m) for _, m in history[1:-1])
        for line in lines:
            assert line.strip() in whole, line
        assert blocks.wakes(message) == {ANNA, BEN}
    with_team(folder, test)


def test_answer_was_lost(folder):
    """It was posted, and we do not know: it is looked for, not posted twice."""
    def test(team):
        team.slack.trouble(POST, ("lost",))
        team.daemon.held(draft())
        shown(team, "Your parcel")
        n, code = team.daemon.held(draft(subject="Another"))
        message = shown(team, "Another")
        team.slack.trouble(UPDATE, ("lost",))
        team.daemon.ctl("drop", str(n), "no")
        rewritten(team, message, "Dropped")
        assert len(roots(team)) == 2, [m["text"] for m in roots(team)]
    with_team(folder, test)


def test_slack_is_ill(folder):
    def test(team):
        team.slack.trouble(POST, ("status", 500), ("garbage",), ("rate", 1),
                           ("error", "internal_error"), ("status", 503))
        n, code = team.daemon.held(draft())
        message = shown(team, "Your parcel")
        team.slack.trouble(UPDATE, ("rate", 1), ("status", 502), ("garbage",))
        team.daemon.ctl("approve", str(n), code)
        # what was decided does not wait for it
        team.daemon.outbox.message()
        rewritten(team, message, "Approved")
        assert len(roots(team)) == 1
    with_team(folder, test)


def test_not_in_the_channel(folder):
    """Somebody must mend it; then it goes on by itself."""
    def test(team):
        with team.slack.lock:
            team.slack.channels[slack.CHANNEL]["is_member"] = False
        team.daemon.held(draft())
        team.daemon.inbox.message()  # mail goes on
        wait_until(lambda: "/invite" in team.daemon.ctl("status").stdout)
        with team.slack.lock:
            team.slack.channels[slack.CHANNEL]["is_member"] = True
        shown(team, "Your parcel")
        assert len(roots(team)) == 1
    with_team(folder, test)


def test_killed_between(folder):
    """Posted, killed before that was written down: no second message."""
    def test(team):
        team.slack.trouble(POST, ("lost",))
        team.daemon.held(draft())
        team.slack.wait(lambda: roots(team), "a message")
        team.daemon.kill()
        team.daemon.start()
        message = shown(team, "Your parcel")
        assert len(roots(team)) == 1, [m["text"] for m in roots(team)]
        assert message["ts"] == roots(team)[0]["ts"]
    with_team(folder, test)


def opened(team, message, words):
    """The form that a button opens."""
    with team.slack.lock:
        n = len(team.slack.views)
    team.known(2, message["ts"])
    press(team, ANNA, message, words)
    # one that only says that it is on its way may come before
    return team.slack.wait(
        lambda: [v for v in team.slack.views[n:] if any(
            b["type"] == "input" for b in v["blocks"])],
        f"a form for {words}")[-1]


def test_forms(folder):
    lines = [f"Line {i} of many.\n" for i in range(700)]

    def test(team):
        n, _ = team.daemon.held(draft("".join(lines)))
        message = shown(team, "Your parcel")
        view = opened(team, message, "^Edit")
        # it is long: several inputs, one of which is changed
        inputs = [b for b in view["blocks"]
                  if b.get("block_id", "").startswith("text")]
        assert len(inputs) > 4
        block = next(b for b in inputs if "Line 333 of many."
                     in b["element"]["initial_value"])
        team.slack.submit(ANNA, view, **{
            block["block_id"]: block["element"]["initial_value"].replace(
                "Line 333 of many.", "Line 333 was <changed> & so on.")})
        message = shown(team, "as it was edited", "Line 333 was <changed>")
        view = opened(team, message, "^Ask")
        team.slack.submit(ANNA, view, text="Is 333 right?")
        view = opened(team, message, "^Drop")
        team.slack.submit(ANNA, view, text="It is too long.")
        rewritten(team, message, "Dropped", "It is too long.")
        assert team.daemon.state_of(n) == "dropped"
        text = team.daemon.ctl("show", str(n)).stdout
        assert "Line 333 was <changed> & so on." in text
        assert "Line 699 of many." in text
    with_team(folder, test)


# ---- an incoming webhook ---------------------------------------------------


def test_webhook(folder):
    place = slack.Slack()
    hook = folder / "hook"
    hook.write_text(place.hook + "\n")
    hook.chmod(0o600)
    daemon = Daemon(folder, reviewers=f"""
      {{ name = "anna"; address = "anna@reviewers.example";
         maildir = "{folder}/inbox"; admin = true;
         media = [ "mail", "hook" ]; }}""", extra=f"""
chats = ( {{ name = "hook"; kind = "slack-webhook"; hook_file = "hook";
  retry_most = "1s"; per_minute = 6000; }} );""")
    try:
        daemon.start()
        place.trouble("hook", ("status", 500), ("rate", 1))
        n, code = daemon.held(draft())
        message = place.wait(lambda: place.hooked, "a message")[0]
        words = blocks.words(message)
        assert "your parcel is on its way." in words
        link = re.search(r"<mailto:([^?|>]+)\?subject=([^&|>]+)&amp;body="
                         r"([^|>]+)\|Approve>", str(message["blocks"]))
        address, body = link[1], urllib.parse.unquote(link[3])
        assert body == f"approve {code}", body
        assert address.endswith("@review.test"), address
        # what the link writes decides, when she sends it
        notice = daemon.inbox.message()
        assert daemon.reply(notice, body, sender="anna@reviewers.example",
                            to=address)[0] == 250
        daemon.wait_state(n, "sent")
        over = place.wait(lambda: place.hooked[1:], "the outcome")[0]
        assert "Approved" in blocks.words(over)
        assert "mailto:" not in str(over)
    finally:
        daemon.close()
        place.close()


def wait_until(true):
    """There is no event to wait for: asked in turns."""
    end = time.monotonic() + harness.PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
