"""What is answered at Slack, by whoever and however often: one decision, by
somebody who was asked, about what they saw; and what was answered with 200 is
not lost."""

import copy
import json
import re
import signal
import sys
import threading
import time
import urllib.parse

import blocks
import chats
import harness
import slack
from chats import ANNA, BEN, EVE, Team, press
from harness import draft, envelope_of

SPENT = "no longer|already|was decided|is over|dropped|approved|sent"


def with_team(test, **how):
    def run(folder):
        team = Team(folder, matrix=False, **{"socket": False, **how})
        try:
            test(team.start())
        except BaseException:
            print("# log: " + team.daemon.log()[-5000:].replace(
                "\n", "\n# log: "))
            raise
        finally:
            team.close()
    run.__name__ = test.__name__
    return run


def by_both(test):
    """Over HTTP, and over Socket Mode."""
    def run(folder):
        for way in (False, True):
            place = folder / ("socket" if way else "http")
            place.mkdir()
            with_team(test, socket=way)(place)
    run.__name__ = test.__name__
    return run


def shown(team, *words):
    """The message as it is now, when it can be decided."""
    message = team.slack.wait(
        lambda: (m := team.slack.find(*words)) and
        team.slack.buttons(m["ts"]) and copy.deepcopy(m), f"buttons {words}")
    team.known(2, message["ts"])
    return message


def closed(team, message, *words):
    return team.slack.wait(
        lambda: not team.slack.buttons(message["ts"]) and
        team.slack.now(message["ts"], *words), f"outcome {words}")


def payload_of(team, user, message, words):
    """As if it were pressed: of the message as it was then."""
    (_, button), = [(k, v) for k, v in chats.actions(message).items()
                    if re.search(words, k, re.I)]
    with team.slack.lock:
        now = team.slack.messages[slack.CHANNEL, message["ts"]]
        team.slack.messages[slack.CHANNEL, message["ts"]] = message
        try:
            return team.slack.press_payload(
                user, message["ts"], button["action_id"], button["value"])
        finally:
            team.slack.messages[slack.CHANNEL, message["ts"]] = now


def opened(team, user, message, words):
    with team.slack.lock:
        n = len(team.slack.views)
    press(team, user, message, words)
    return team.slack.wait(lambda: team.slack.views[n:], "a form")[0]


def left(team, n=1):
    """The mails that left, exactly so many; what its agent is told is not
    counted."""
    mails = []
    while len(mails) < n:
        mails += [e for e in map(envelope_of, team.daemon.outbox.wait(1))
                  if "bot@agents.example" not in e[1]]
    assert len(mails) == n, mails
    return mails


def refused(team, user, view, said):
    """The form says so below an input; or a whisper does, when that took
    more than a second."""
    if said is None:
        text = blocks.words(team.slack.whispered(user))
        with team.slack.lock:
            team.slack.whispers.clear()
        return text
    assert said["response_action"] == "errors", said
    (block, text), = said["errors"].items()
    assert block in [b.get("block_id") for b in view["blocks"]], said
    return text


def nothing_left(team):
    """A later draft is decided, and of the earlier nothing left."""
    n, code = team.daemon.held(draft(subject="The last one"))
    team.daemon.ctl("approve", str(n), code)
    (_, _, raw), = left(team)
    assert b"The last one" in raw, raw


# ---- forged -----------------------------------------------------------------


def test_forged(team):
    n, _ = team.daemon.held(draft())
    message = shown(team, "Your parcel")
    body = urllib.parse.urlencode({"payload": json.dumps(
        payload_of(team, ANNA, message, "^Approve"))}).encode()
    kind = "application/x-www-form-urlencoded"
    now = int(time.time())
    for at in (now - 302, now + 302, 0, -1, "1e9", "", "x", f"{now}.0",
               f" {now - 400}", "9" * 30):
        status, _ = team.slack.post(body, kind, at=at)
        assert status == 401, (at, status)
    good = team.slack.signed(body)
    signature = good["X-Slack-Signature"]
    for bad in (signature.upper(), signature.replace("v0=", "v1="),
                signature[:-1], signature + "0", signature[3:], "", "v0=",
                f"{signature}, {signature}", "v0=" + "0" * 64):
        status, _ = team.slack.post(body, kind,
                                    {"X-Slack-Signature": bad})
        assert status == 401, (bad, status)
    for i in range(0, len(body), max(1, len(body) // 200)):
        worse = bytearray(body)
        worse[i] ^= 1
        status, _ = team.slack.post(bytes(worse), kind, good)
        assert status == 401, (i, status)
    status, _ = team.slack.post(body.replace(b"%7B", b"%7b"), kind, good)
    assert status == 401
    assert team.daemon.state_of(n) == "held"
    assert team.slack.post(body, kind, good)[0] == 200
    left(team)


def test_a_field_twice(team):
    """Two signatures, one of which is right, are none."""
    team.daemon.held(draft())
    message = shown(team, "Your parcel")
    body = urllib.parse.urlencode({"payload": json.dumps(
        payload_of(team, ANNA, message, "^Approve"))}).encode()
    good = team.slack.signed(body)
    host, port, path = team.slack.request_url
    for again in good:
        with harness.socket.create_connection((host, port),
                                              harness.PATIENCE) as s:
            s.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n"
                      f"Connection: close\r\nContent-Length: {len(body)}\r\n"
                      .encode() + "".join(
                          f"{k}: {v}\r\n" for k, v in
                          [*good.items(), (again, good[again])]).encode()
                      + b"\r\n" + body)
            assert b" 401 " in s.makefile("rb").readline()
    assert team.slack.post(
        body, "application/x-www-form-urlencoded", good)[0] == 200
    left(team)


def test_again_and_again(team):
    """The same thrice, as Slack signs it anew: one decision."""
    n, code = team.daemon.held(draft())
    message = shown(team, "Your parcel")
    payload = payload_of(team, ANNA, message, "^Approve")
    now = int(time.time())
    for i in range(3):
        if team.slack.request_url:
            assert team.slack.post_form(payload, at=now - i, headers={
                "X-Slack-Retry-Num": str(i)})[0] == 200
        else:
            team.slack.envelope("interactive", payload)
    left(team)
    closed(team, message, "Approved")
    event = team.slack.message_event(ANNA, f"approve {code}",
                                     message["ts"])
    for i in range(3):
        team.slack.deliver(event)
    nothing_left(team)


# ---- who --------------------------------------------------------------------


def test_strangers(team):
    n, code = team.daemon.held(draft())
    message = shown(team, "Your parcel")
    true = payload_of(team, ANNA, message, "^Approve")

    def but(change):
        payload = copy.deepcopy(true)
        payload["actions"][0]["action_ts"] = team.slack.ts()
        change(payload)
        return payload
    strange = [
        but(lambda p: p["user"].update(id=EVE)),
        but(lambda p: p["user"].update(id=EVE, name="anna",
                                       username="anna")),
        but(lambda p: p["user"].update(team_id="T0OTHER001")),
        but(lambda p: (p["user"].update(team_id="T0OTHER001"),
                       p["team"].update(id="T0OTHER001"))),
        but(lambda p: p["user"].update(id=ANNA.lower())),
        but(lambda p: p["user"].update(id=ANNA + " ")),
        but(lambda p: p["user"].update(id=["U0ANNA0001"])),
        but(lambda p: p.pop("user")),
        but(lambda p: p["container"].update(channel_id="C0ANOTHER1")),
        but(lambda p: p.update(container=None)),
        but(lambda p: p.update(actions=[])),
        but(lambda p: p["actions"][0].update(value="1.1.AAAAAA.do.approve")),
        but(lambda p: p["actions"][0].update(value=None)),
        but(lambda p: p["actions"][0].update(value=f"{n}.1.{code}.do.\n")),
    ]
    for payload in strange:
        team.slack.deliver(payload)
        assert team.daemon.state_of(n) == "held", payload
    # words of bots, of guests of another workspace, changed and broadcast ones
    for more in ({"bot_id": "B0OTHER001"}, {"subtype": "bot_message"},
                 {"user_team": "T0OTHER001"}, {"user": slack.BOT},
                 {"user": EVE}, {"channel": "C0ANOTHER1"},
                 {"subtype": "file_share"}, {"thread_ts": None}):
        event = team.slack.message_event(ANNA, f"approve {code}",
                                         message["ts"])
        event["event"].update(more)
        team.slack.deliver(event)
    assert team.daemon.state_of(n) == "held"
    press(team, BEN, message, "^Approve")
    left(team)
    text = closed(team, message, "Approved")
    assert "ben" in blocks.words(text)


# ---- about what -------------------------------------------------------------


def test_a_button_of_another_card(team):
    """What stands in the value and where it was pressed must fit."""
    team.daemon.held(draft(subject="First one"))
    second, code = team.daemon.held(draft(subject="Second one"))
    first, other = shown(team, "First one"), shown(team, "Second one")
    for here, there in ((first, other), (other, first)):
        payload = payload_of(team, ANNA, here, "^Approve")
        payload["actions"][0]["value"] = payload_of(
            team, ANNA, there, "^Approve")["actions"][0]["value"]
        team.slack.deliver(payload)
        team.slack.whispered(ANNA, "othing")
        with team.slack.lock:
            team.slack.whispers.clear()
    press(team, ANNA, other, "^Approve")
    (_, _, raw), = left(team)
    assert b"Second one" in raw


def test_an_old_card(team):
    """Edited meanwhile: who presses what stood there decides nothing."""
    n, _ = team.daemon.held(draft())
    message = shown(team, "Your parcel")
    old = [payload_of(team, BEN, message, w)
           for w in ("^Approve",)]
    form = opened(team, BEN, message, "^Drop")
    edit = opened(team, ANNA, message, "^Edit")
    late = opened(team, BEN, message, "^Edit")
    assert team.slack.submit(
        ANNA, edit, text0="Hello Jane,\n\nit is late.\n") is None
    new = shown(team, "it is late.")
    assert new["ts"] != message["ts"]
    for payload in old:
        team.slack.deliver(payload)
        team.slack.whispered(BEN)
        with team.slack.lock:
            team.slack.whispers.clear()
    refused(team, BEN, late, team.slack.submit(BEN, late,
                                               text0="Bens words\n"))
    refused(team, BEN, form, team.slack.submit(BEN, form, text="no"))
    assert team.daemon.state_of(n) == "held"
    press(team, BEN, new, "^Approve")
    (_, _, raw), = left(team)
    assert b"it is late." in raw and b"Bens" not in raw


def test_two_at_once(team):
    for i in range(5):
        n, _ = team.daemon.held(draft(subject=f"Both {i}"))
        message = shown(team, f"Both {i}")
        both = [payload_of(team, ANNA, message, "^Approve")]
        form = opened(team, BEN, message, "^Drop")
        both.append(team.slack.submit_payload(BEN, form, {"text": "no"}))
        said = [None, None]

        def send(k):
            said[k] = team.slack.deliver(both[k])
        threads = [threading.Thread(target=send, args=(k,))
                   for k in (i % 2, 1 - i % 2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        state = team.daemon.wait_state(n, "sent", "dropped")
        if state == "sent":
            closed(team, message, "Approved", "anna")
            refused(team, BEN, form, said[1])
            left(team)
        else:
            closed(team, message, "Dropped", "ben")
            team.slack.whispered(ANNA)
            with team.slack.lock:
                team.slack.whispers.clear()
    nothing_left(team)


def test_too_late(team):
    """Dropped by its time while somebody writes."""
    n, _ = team.daemon.held(draft())
    message = shown(team, "Your parcel")
    views = {w: opened(team, ANNA, message, w)
             for w in ("^Edit", "^Drop", "^Ask", "^Snooze")}
    team.daemon.ctl("drop", str(n), "by its admin")
    closed(team, message, "Dropped")
    for words, view in views.items():
        values = ({"text0": "Another\n"} if words == "^Edit" else
                  {"choice": "1h"} if words == "^Snooze" else
                  {"text": "why?"})
        text = refused(team, ANNA, view,
                       team.slack.submit(ANNA, view, **values))
        assert re.search(SPENT, text, re.I), text
    # a button that a slow phone still has
    team.slack.deliver(payload_of(team, ANNA, message, "^Approve"))
    team.slack.whispered(ANNA)
    with team.slack.lock:
        before = len(team.slack.views)
    team.slack.deliver(payload_of(team, ANNA, message, "^Edit"))
    view, = team.slack.wait(lambda: team.slack.views[before:], "a note")
    assert "submit" not in view
    assert re.search(SPENT, blocks.words(view)), blocks.words(view)
    nothing_left(team)


# ---- what leaves (A2) -------------------------------------------------------


def test_smuggled_by_a_form(team):
    odd = ["one\r\n.\r\nMAIL FROM:<a@b.example>\r\n", "two\n.\ntwo",
           "three\r.\rthree", ".\n..\n.\n", "four\r\n.\rfour", "five\r\r\nend",
           "\n.\n", "six\u2028.\u2028\u0085.\u0085six", "seven\u0000.seven",
           "eight\u000b.\u000c"]
    for i, text in enumerate(odd):
        n, _ = team.daemon.held(draft(subject=f"Odd {i}"))
        message = shown(team, f"Odd {i}")
        view = opened(team, ANNA, message, "^Edit")
        payload = team.slack.submit_payload(ANNA, view, {
            "text0": text, "subject": f"Odd {i}"})
        if "\0" in text:  # no JSON of ours, and none of Slack's either
            status, _ = (team.slack.post_form(payload)
                         if team.slack.request_url else (400, b""))
            assert status == 400, status
            continue
        said = team.slack.deliver(payload)
        if said is not None:
            assert said["response_action"] == "errors", said
            continue
        new = shown(team, f"Odd {i}", "edited")
        press(team, ANNA, new, "^Approve")
        (_, rcpts, raw), = left(team)
        assert rcpts == ["jane@customer.example"]
        body = raw.split(b"\r\n\r\n" if b"\r\n" in raw else b"\n\n", 1)[1]
        assert not re.search(rb"\r(?!\n)|\0", raw), raw
        assert text.split(".")[0].strip()[:3].encode() in body, raw


def test_a_subject_of_two_lines(team):
    n, _ = team.daemon.held(draft())
    message = shown(team, "Your parcel")
    for bad in ("It\r\nBcc: eve@evil.example", "It\nBcc: eve@evil.example",
                "It\rBcc: eve@evil.example", "It\r\n\r\nBody"):
        view = opened(team, ANNA, message, "^Edit")
        said = team.slack.submit(ANNA, view, subject=bad)
        if said is not None:
            assert said["response_action"] == "errors", said
            continue
        message = shown(team, "as it was edited")
    press(team, ANNA, message, "^Approve")
    (_, rcpts, raw), = left(team)
    assert rcpts == ["jane@customer.example"]
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    assert not re.search(rb"(?im)^bcc:", head), head


def test_a_long_text_of_another_script(team):
    """60,000 characters, which Slack escapes twice over."""
    lines = [f"{i} {'ж' * 46} <!channel> & \U0001f600.\n" for i in range(870)]
    n, _ = team.daemon.held(draft("".join(lines)))
    message = shown(team, "Your parcel")
    view = opened(team, ANNA, message, "^Edit")
    inputs = [b for b in view["blocks"] if b["type"] == "input"
              and b["block_id"].startswith("text")]
    assert len(inputs) > 25, view
    first = inputs[0]
    said = team.slack.submit(ANNA, view, **{
        first["block_id"]: "И " + first["element"]["initial_value"]})
    assert said is None, said
    new = shown(team, "as it was edited")
    # more than what is shown here: no button lets that go
    assert not re.search("Approve", str(chats.actions(new)))
    command = re.search(rf"imprimatur (approve {n} \w+)", blocks.words(new))
    team.daemon.ctl(*command[1].split())
    (_, _, raw), = left(team)
    text = harness.parse(raw).get_body().get_content()
    assert text.replace("\r\n", "\n") == "И " + "".join(lines)


def test_a_picture_in_words(team):
    """Slack's text has only the name of it."""
    team.daemon.held(draft())
    message = shown(team, "Your parcel")
    team.slack.deliver(team.slack.message_event(
        ANNA, "edit\n\nIt comes &lt;soon&gt; :tada: &amp; by <http://a.example|"
        "a.example>", message["ts"], blocks=[
            {"type": "rich_text", "elements": [
                {"type": "rich_text_section", "elements": [
                    {"type": "text", "text": "edit\n\nIt comes <soon> "},
                    {"type": "emoji", "name": "tada", "unicode": "1f389"}]}]}]))
    press(team, BEN, shown(team, "as it was edited"), "^Approve")
    (_, _, raw), = left(team)
    assert harness.parse(raw).get_body().get_content().strip() == (
        "It comes <soon> \U0001f389 & by a.example")


# ---- TLS --------------------------------------------------------------------


def test_only_slack_itself(folder):
    """A server with another name, or whom nobody vouches for, gets neither
    the token nor a socket, and is told of."""
    (folder / "good").mkdir()
    (folder / "other").mkdir()
    harness.certificate(folder / "good", "localhost")
    harness.certificate(folder / "other", "slack.example")

    def attempt(of, ca, socket_of=None, works=False):
        place = folder / f"{of}-{ca}-{socket_of}"
        place.mkdir()
        at = folder / of
        team = Team(place, matrix=False, certificate=(
            at / "cert.pem", at / "key.pem"),
            chat=f'ca_file = "{folder / ca / "ca.pem"}";')
        gate = None
        try:
            if socket_of:  # the API is right, the socket is somebody else's
                at = folder / socket_of
                gate = slack.Slack((at / "cert.pem", at / "key.pem"))
                gate.tickets = team.slack.tickets
            team.slack.ws_url = (gate or team.slack).ws_url.replace(
                "127.0.0.1", "localhost")
            team.daemon.start()
            if works:
                team.slack.wait(lambda: team.slack.sockets, "a socket")
                return
            wanted = ("certificate" if not socket_of else
                      "mismatch|certificate")
            end = time.monotonic() + harness.PATIENCE
            while not re.search(wanted, team.daemon.ctl("status").stdout):
                assert time.monotonic() < end, team.daemon.log()[-2000:]
                time.sleep(0.05)
            calls = [m for m, _ in team.slack.calls]
            assert bool(calls) == bool(socket_of), calls
            assert not team.slack.sockets
            assert not (gate and gate.sockets)
        finally:
            team.close()
            if gate:
                gate.close()
    attempt("good", "good", works=True)
    attempt("other", "other")
    attempt("good", "other")
    attempt("good", "good", "other")


def test_the_socket_comes_and_goes(team):
    """Told on a connection that dies, and again on the next, the later first:
    each is done once."""
    numbers = [team.daemon.held(draft(subject=f"Told {i}."))[0]
               for i in range(4)]
    told = [payload_of(team, ANNA, shown(team, f"Told {i}."), "^Approve")
            for i in range(4)]
    names = [f"envelope-{i}" for i in range(4)]

    def send(peer, i):
        team.slack.say_json(peer, {
            "envelope_id": names[i], "payload": told[i], "type": "interactive",
            "accepts_response_payload": True})
    peer = team.slack.sockets[-1]
    send(peer, 0)
    team.slack.drop_sockets()
    team.slack.wait(lambda: peer not in team.slack.sockets, "its end")
    for i in (3, 0, 1, 0, 3):
        team.slack.envelope("interactive", told[i], names[i], 1)
    # another connection takes the place of this one, which is still open
    peer = team.slack.wait(lambda: team.slack.sockets, "a connection")[-1]
    team.slack.refresh()
    send(peer, 2)
    team.slack.wait(lambda: team.slack.sockets[-1:] not in ([], [peer]),
                    "another connection")
    team.slack.envelope("interactive", told[2], names[2], 1)
    team.slack.envelope("interactive", told[2])
    for n in numbers:
        team.daemon.wait_state(n, "sent")
    left(team, 4)
    nothing_left(team)


# ---- reload, shutdown, kill -------------------------------------------------


def test_reload_in_between(team):
    """Configurations come and go while people press."""
    going = threading.Event()

    def shake():
        while not going.is_set():
            team.daemon.process.send_signal(signal.SIGHUP)
            going.wait(0.05)
    drafts = [team.daemon.held(draft(subject=f"Shaken {i}."))[0]
              for i in range(6)]
    thread = threading.Thread(target=shake)
    messages = [shown(team, f"Shaken {i}.") for i in range(6)]
    thread.start()
    try:
        for n, message in zip(drafts, messages):
            payload = payload_of(team, ANNA, message, "^Approve")

            def asked():
                """503 or no ack: Slack asks for another try."""
                if team.slack.request_url:
                    payload["actions"][0]["action_ts"] = team.slack.ts()
                    status, _ = team.slack.post_form(payload)
                    assert status in (200, 503), status
                    return status == 200
                try:
                    team.slack.envelope("interactive", payload)
                    return True
                except (OSError, ValueError):
                    return False
            end = time.monotonic() + harness.PATIENCE
            while not asked():
                assert time.monotonic() < end
            team.daemon.wait_state(n, "sent")
    finally:
        going.set()
        thread.join()
    left(team, 6)
    for message in messages:
        closed(team, message, "Approved")
    nothing_left(team)


def test_killed_after_200(team):
    """What was answered with 200 is decided, once, after kill -9."""
    for i in range(4):
        n, _ = team.daemon.held(draft(subject=f"Killed {i}."))
        message = shown(team, f"Killed {i}.")
        payload = payload_of(team, ANNA, message, "^Approve")
        assert team.slack.post_form(payload)[0] == 200
        team.daemon.kill()
        team.daemon.start()
        team.daemon.wait_state(n, "sent")
        end = time.monotonic() + harness.PATIENCE
        while team.slack.post_form(payload, at=int(
                time.time()) - i)[0] == 503:
            assert time.monotonic() < end
        left(team)
        closed(team, message, "Approved")
    nothing_left(team)


def test_stopped_while_open(team):
    """Requests and forms are open: the end is clean."""
    team.daemon.held(draft())
    message = shown(team, "Your parcel")
    go = threading.Event()
    team.slack.trouble("views.open", ("slow", go))
    for words in ("^Edit", "^Drop", "^Ask"):
        press(team, ANNA, message, words)
    team.slack.wait(lambda: [m for m, _ in team.slack.calls
                             if m == "views.open"], "a form")
    try:
        team.daemon.stop()
    finally:
        go.set()
    team.daemon.start()
    assert team.daemon.state_of(1) == "held"


def test_the_doctor(team):
    for i in range(5):
        run = team.daemon.ctl("doctor", "--wait", "1s", ok=False)
        assert "its token is accepted" in run.stdout, run
        if i % 2:
            team.daemon.process.send_signal(signal.SIGHUP)
    assert team.daemon.process.poll() is None
    n, _ = team.daemon.held(draft())
    press(team, ANNA, shown(team, "Your parcel"), "^Approve")
    left(team)
    team.daemon.stop()


TESTS = [by_both(test_a_long_text_of_another_script),
         by_both(test_a_picture_in_words), test_only_slack_itself,
         with_team(test_the_socket_comes_and_goes, socket=True),
         with_team(test_forged), with_team(test_a_field_twice),
         by_both(test_again_and_again), by_both(test_strangers),
         by_both(test_a_button_of_another_card), by_both(test_an_old_card),
         by_both(test_two_at_once), by_both(test_too_late),
         with_team(test_smuggled_by_a_form),
         with_team(test_a_subject_of_two_lines),
         with_team(test_reload_in_between), with_team(test_killed_after_200),
         by_both(test_stopped_while_open), by_both(test_the_doctor)]

if __name__ == "__main__":
    harness.run(TESTS)
