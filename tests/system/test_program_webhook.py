"""The program that asks people by a chat's webhooks, under the daemon: what it
posts, whom it believes, and that nothing is lost when the chat is away.
"""

import http.server
import json
import os
import queue
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing

import harness
from harness import Daemon, draft

WEBHOOK = harness.TOP / "plugins/program/webhook.py"
TOKEN = "3f9a-not-a-secret-but-long"


class Chat:
    """The chat's side of both webhooks."""

    def __init__(self):
        chat = self
        self.posts, self.away, self.refused = queue.Queue(), False, 0

        class Hook(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if chat.away:
                    chat.refused += 1
                    self.send_response(503)
                else:
                    chat.posts.put(json.loads(body)["text"])
                    self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/xyz"

    def post(self):
        return self.posts.get(timeout=harness.PATIENCE)

    def posts_until(self, words):
        """All that comes, up to the one with these words."""
        all = [self.post()]
        while words not in all[-1]:
            all.append(self.post())
        return all

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def webhook_daemon(folder, chat, most=4000):
    ben = harness.Maildir(folder / "ben")
    settings = folder / "webhook.json"
    settings.write_text(json.dumps({
        "post": chat.url, "most": most, "listen": "127.0.0.1:0",
        "token": TOKEN, "people": {"U1": "ben", "U2": "you"}}))
    settings.chmod(0o600)
    d = Daemon(
        folder, reviewers=f"""
      {{ name = "you"; address = "{harness.REVIEWER}"; media = [ "mail" ];
         maildir = "{folder}/inbox"; admin = true; users = [ {os.getuid()} ]; }},
      {{ name = "ben"; address = "ben@reviewers.example"; media = [ "chat" ];
         maildir = "{ben.path}"; }}""",
        extra=f"""programs = ( {{ name = "chat"; medium = true;
           command = [ "/usr/bin/env", "python3", "{WEBHOOK}",
                       "{settings}" ]; }} );""")
    d.channel("support", """
channel: { name = "support"; owner = "you"; mode = "review";
  match = { agent = [ "bot" ]; }; reviewers = [ "you", "ben" ];
  deadline = "2h"; ladder = ( { at = "2h"; do = "hold"; } );
  reasons = [ "tone", "wrong-price" ]; };
""")
    return d


def port_of(d):
    """Where the program listens, as it says in the log."""
    end = time.monotonic() + harness.PATIENCE
    while True:
        found = re.findall(r"listens on port (\d+)", d.log())
        if found:
            return int(found[-1])
        assert time.monotonic() < end, d.log()[-3000:]
        time.sleep(0.02)


def tell(d, text, user="U1", token=TOKEN, form=True):
    """What somebody writes, as the chat tells it; the answer, or a status."""
    said = {"token": token, "user_id": user, "user_name": "ben", "text": text}
    body, kind = ((urllib.parse.urlencode(said),
                   "application/x-www-form-urlencoded") if form
                  else (json.dumps(said), "application/json; charset=utf-8"))
    request = urllib.request.Request(f"http://127.0.0.1:{port_of(d)}/",
                                     body.encode(), {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer).get("text")
    except urllib.error.HTTPError as error:
        return error.code


def test_a_person_decides_in_a_chat(folder):
    with closing(Chat()) as chat, closing(webhook_daemon(folder, chat)) as d:
        d.start()
        number, code = d.held(draft())
        posts = chat.posts_until("Answer with this number")
        prompt = posts[0].partition(" ")[0]
        assert "for ben" in posts[0] and "parcel is on its way" in posts[0]
        assert posts[0].count("```") == 2
        # whom it does not know, or who was not asked by it
        assert tell(d, f"{prompt} approve {code}", token="x" * 20) == 403
        assert tell(d, f"{prompt} approve {code}", token="") == 403
        assert "no reviewer" in tell(d, f"{prompt} approve {code}", user="U9")
        assert "Nothing was decided" in tell(d, f"{prompt} drop", user="U2")
        # talk
        for talk in ("good morning", "", prompt, f"{prompt}. approve"):
            assert tell(d, talk) is None, talk
        assert "code" in tell(d, f"{prompt} approve")
        assert d.state_of(number) == "held"
        answer = tell(d, f"{prompt} approve {code}")
        assert answer.startswith(f"{prompt}: Approved."), answer
        d.outbox.wait()
        assert d.wait_state(number, "sent")
        assert f"{prompt} for ben is over" in chat.post()
        decision = d.json("show", number)["decisions"][-1]
        assert decision["medium"] == "chat" and decision["actor"] == "ben"
        d.stop()


def test_words_below_and_reasons(folder):
    with closing(Chat()) as chat, closing(webhook_daemon(folder, chat)) as d:
        d.start()
        number, _ = d.held(draft())
        prompt = chat.posts_until("Answer with")[0].partition(" ")[0]
        answer = tell(d, f"{prompt} edit\nHello Jane,\n\nanother text.\n",
                      form=False)
        assert "Revision 2 was made" in answer, answer
        later = [p for p in chat.posts_until("Answer with") if "for ben" in p]
        again = later[-1].partition(" ")[0]
        assert again != prompt and "another text" in "".join(later)
        assert "Dropped" in tell(d, f"{again} drop tone it is rude")
        decision = d.json("show", number)["decisions"][-1]
        assert decision["text"].startswith("tone"), decision
        d.stop()


def test_a_chat_that_is_away_gets_it_later(folder):
    with closing(Chat()) as chat, closing(webhook_daemon(folder, chat)) as d:
        chat.away = True
        d.start()
        d.held(draft())
        end = time.monotonic() + harness.PATIENCE
        while chat.refused < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        d.kill()
        chat.away = False
        d.start()
        assert "parcel is on its way" in chat.post()
        assert "hooks/xyz" not in d.log()  # the URL is a secret
        d.stop()


def test_a_long_draft_is_posted_whole(folder):
    with closing(Chat()) as chat, \
            closing(webhook_daemon(folder, chat, most=2000)) as d:
        d.start()
        lines = [f"line {n} ``` @channel max@customer.example"
                 for n in range(300)]
        d.held(draft("\n".join(lines) + "\n"))
        posts = chat.posts_until("Answer with")
        assert len(posts) > 8
        text = "".join(posts)
        for n in range(300):
            assert f"line {n} ''' @ channel" in text, n
        assert "@channel" not in text
        for post in posts[:-1]:
            assert post.count("```") == 2 and len(post) < 2300
        d.stop()


def test_wrong_settings_are_said(folder):
    with closing(Chat()) as chat, closing(webhook_daemon(folder, chat)) as d:
        path = folder / "webhook.json"
        settings = json.loads(path.read_text())
        path.write_text(json.dumps(dict(settings, token="short")))
        d.start()
        end = time.monotonic() + harness.PATIENCE
        while "less than 16 characters" not in d.log():
            assert time.monotonic() < end
            time.sleep(0.02)
        path.write_text(json.dumps(settings))
        d.held(draft())  # it is started again, and told
        assert "parcel" in chat.post()
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
