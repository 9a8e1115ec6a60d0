"""A bridge's webhooks under the daemon: what is asked in its room, who may
answer there, once, whatever happens to the bridge or to us.

The bridge here is a stand-in: it takes what is posted to a webhook, and tells
of messages as the bridge does whose requests it was written after.
"""

import http.client
import http.server
import itertools
import json
import os
import queue
import sys
import threading
import time
from contextlib import closing

import harness
from harness import Daemon, draft

TOKEN = "0f6c8a52-1111-4222-8333-944455556666"
ROOM = "!review:hs.example"
SERIAL = itertools.count()  # of what people say


class Bridge:
    def __init__(self):
        bridge = self
        self.posts, self.status, self.n = queue.Queue(), 200, 0

        class Hook(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bridge.n += 1
                if self.path != "/webhook/hook-id":
                    status = 404
                else:
                    status = bridge.status
                if status == 200:
                    bridge.posts.put(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook/hook-id"

    def post(self):
        return self.posts.get(timeout=harness.PATIENCE)

    def post_with(self, words):
        while True:
            post = self.post()
            if words in post["text"]:
                return post

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def tell(d, sender, text, event="$1", token=TOKEN, method="PUT", **more):
    """A message of the room, as a bridge tells of it; the status."""
    told = {"type": "m.room.message", "room_id": ROOM, "event_id": event,
            "sender": sender, "origin_server_ts": 1795262140000,
            "content": {"msgtype": "m.text", "body": text}, **more}
    edge = "axios-1.13.2-boundary-x7"
    body = (f'--{edge}\r\nContent-Disposition: form-data; name="event"; '
            'filename="event_data.json"\r\nContent-Type: application/json'
            f'\r\n\r\n{json.dumps(told)}\r\n--{edge}--\r\n\r\n')
    line = http.client.HTTPConnection("127.0.0.1", d.http_port, timeout=60)
    line.request(method, "/hookshot/bridge", body.encode(), {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "X-Matrix-Hookshot-EventId": event,
        "X-Matrix-Hookshot-RoomId": ROOM, "X-Matrix-Hookshot-Token": token})
    status = line.getresponse().status
    line.close()
    return status


def answer(d, bridge, words, wanted):
    """Say it as ben until it counts: what was shown a moment ago is not
    recorded yet, and that, or what became of the one before, is said.  What
    came of it."""
    for _ in range(1000):
        assert tell(d, "@ben:hs.example", words, f"$answer{next(SERIAL)}") == 200
        post = bridge.post()
        while wanted not in post["text"]:
            if any(w in post["text"] for w in ("not recorded yet",
                                               "Too late: you edited")):
                break
            post = bridge.post()
        else:
            return post
    raise AssertionError("it is never recorded")


def bridged(folder, bridge, hears=True, more=""):
    def secret(name, text):
        path = folder / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return name
    ears = (f'secret_file = "{secret("secret", TOKEN)}"; room = "{ROOM}";'
            if hears else "")
    ben = harness.Maildir(folder / "ben")
    d = Daemon(folder, http="none", reviewers=f"""
      {{ name = "you"; address = "{harness.REVIEWER}"; media = [ "mail" ];
         matrix = "@you:hs.example";
         maildir = "{folder}/inbox"; admin = true; users = [ {os.getuid()} ]; }},
      {{ name = "ben"; address = "ben@reviewers.example";
         media = [ "mail", "bridge" ]; matrix = "@ben:hs.example";
         maildir = "{ben.path}"; }}""",
               extra=f"""
chats = ( {{ name = "bridge"; kind = "hookshot"; retry_most = "1s";
  hook_file = "{secret("hook", bridge.url)}"; per_minute = 6000; {ears} }} );
{more}""")
    d.ben = ben
    d.channel("support", """
channel: { name = "support"; owner = "you"; mode = "review";
  match = { agent = [ "bot" ]; }; reviewers = [ "you", "ben" ];
  deadline = "2h"; ladder = ( { at = "2h"; do = "hold"; } );
  reasons = [ "tone", "wrong-price" ]; };
""")
    return d


def test_a_person_decides_in_a_bridged_room(folder):
    with closing(Bridge()) as bridge, closing(bridged(folder, bridge)) as d:
        d.start()
        number, code = d.held(draft())
        post = bridge.post()
        assert post["text"].startswith("May this mail leave? (draft 1)")
        assert f"{number} approve {code.lower()}" in post["text"].lower()
        assert "<blockquote>Hello Jane" in post["html"]
        assert set(post) == {"text", "html"}
        d.wait_shown(1)
        # talk, people who are no reviewers, who was not asked, no token
        assert tell(d, "@ben:hs.example", "good morning", "$t1") == 200
        assert tell(d, "@eve:hs.example", f"{number} approve {code}",
                    "$t2") == 200
        assert tell(d, "@ben:hs.example.evil", f"{number} approve {code}",
                    "$t3") == 200
        assert tell(d, "@ben:hs.example", f"{number} approve {code}", "$t4",
                    token="x" * 36) == 403
        assert tell(d, "@ben:hs.example", f"{number} approve {code}", "$t5",
                    room_id="!other:hs.example") == 400
        assert tell(d, "@ben:hs.example", f"{number} approve wrong1",
                    "$t6") == 200
        bridge.post_with("not one of the reviewers")
        assert d.state_of(number) == "held"
        assert tell(d, "@ben:hs.example", f"{number} approve {code}",
                    "$yes") == 200
        assert d.wait_state(number, "sent")
        told = bridge.post_with("Approved")
        # told again it does nothing
        assert tell(d, "@ben:hs.example", f"{number} approve {code}", "$yes",
                    method="POST") == 200
        decisions = d.json("show", number)["decisions"]
        assert [(x["actor"], x["medium"]) for x in decisions] == [
            ("ben", "bridge")], decisions
        assert "ben" in told["text"] or "Approved" in told["text"]
        d.ctl("audit", "verify")
        d.stop()


def test_words_below_an_edit(folder):
    with closing(Bridge()) as bridge, closing(bridged(folder, bridge)) as d:
        d.start()
        number, _ = d.held(draft())
        bridge.post()
        answer(d, bridge, f"{number} edit\nHello Jane,\n\nanother text.\n",
               "Revision 2")
        again = bridge.post_with("as it was edited")
        assert "another text" in again["text"]
        answer(d, bridge, f"{number} drop tone it is rude", "ropped")
        assert d.wait_state(number, "dropped")
        decision = d.json("show", number)["decisions"][-1]
        assert decision["text"].startswith("tone"), decision
        d.stop()


def test_a_bridge_that_hears_nothing_is_answered_by_mail(folder):
    with closing(Bridge()) as bridge, \
            closing(bridged(folder, bridge, hears=False)) as d:
        d.start()
        number, code = d.held(draft())
        post = bridge.post()
        assert "Answer by mail" in post["text"], post["text"]
        assert "ben: d-" in post["text"]
        assert '<a href="mailto:d-' in post["html"]
        assert tell(d, "@ben:hs.example", f"{number} approve {code}") == 404
        assert d.state_of(number) == "held"
        d.stop()


def test_what_is_decided_elsewhere_is_told(folder):
    with closing(Bridge()) as bridge, closing(bridged(folder, bridge)) as d:
        d.start()
        number, _ = d.held(draft())
        bridge.post()
        d.ctl("drop", number, "tone")
        over = bridge.post_with("you")
        assert "ropped" in over["text"], over["text"]
        assert "Asked:" not in over["text"]
        d.stop()


def test_a_bridge_that_is_away_gets_it_later(folder):
    with closing(Bridge()) as bridge, closing(bridged(folder, bridge)) as d:
        bridge.status = 503
        d.start()
        number, code = d.held(draft())
        end = time.monotonic() + harness.PATIENCE
        while bridge.n < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        d.kill()
        d.start()
        bridge.status = 200
        assert "May this mail leave" in bridge.post()["text"]
        answer(d, bridge, f"{number} approve {code}", "Approved")
        assert d.wait_state(number, "sent")
        assert "hook-id" not in d.log()  # the URL is a secret
        d.stop()


def test_a_hook_that_is_gone_is_said(folder):
    with closing(Bridge()) as bridge, closing(bridged(folder, bridge)) as d:
        bridge.status = 404
        d.start()
        d.held(draft())
        end = time.monotonic() + harness.PATIENCE
        while "there is no such webhook" not in d.log():
            assert time.monotonic() < end, d.log()[-2000:]
            time.sleep(0.02)
        assert "hook-id" not in d.log()
        bridge.status = 200  # it is looked at again by itself
        assert "May this mail leave" in bridge.post()["text"]
        d.stop()


def test_a_long_draft_comes_in_parts(folder):
    with closing(Bridge()) as bridge, closing(bridged(folder, bridge)) as d:
        d.start()
        lines = [f"line {n} of a long draft, with @room and <b>" + "x" * 20
                 for n in range(900)]
        number, code = d.held(draft("\n".join(lines) + "\n"))
        posts = [bridge.post()]
        while "approve" not in posts[-1]["text"]:
            posts.append(bridge.post())
        text = "".join(p["html"] for p in posts[:-1])
        for n in range(900):
            assert f"line {n} of a long draft, with @room and &lt;b&gt;" \
                in text, n
        for post in posts:
            assert len(json.dumps(post, ensure_ascii=False)) < 21000
            assert "@room" not in post["text"]
        answer(d, bridge, f"{number} approve {code}", "Approved")
        assert d.wait_state(number, "sent")
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
