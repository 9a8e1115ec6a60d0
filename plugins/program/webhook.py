#!/usr/bin/env python3
"""A program for imprimaturd(8) that asks people in a chat, by webhooks.

    webhook.py SETTINGS

For any chat that has an incoming and an outgoing webhook: Mattermost,
Rocket.Chat and many more.  SETTINGS is JSON in a file that nobody else reads:

    { "post": "https://chat.example/hooks/xyz",   where messages go
      "member": "text",                           "content" for some chats
      "most": 4000,                               characters of a message
      "listen": "127.0.0.1:8065",                 for the outgoing webhook
      "token": "a long random one",               that it sends along
      "people": { "u8f2k": "anna" } }             who is who, by user_id

A prompt is posted with its number.  People answer with that number in front,
and with the code of what they saw, as in a mail:

    31 approve K7Q4RM       31 drop tone it is rude      31 claim
    31 ask who knows her?   31 snooze 2h                 31 fine
    31 edit (and the new text on the lines below)

The outgoing webhook brings that to http://LISTEN/ as a form or as JSON with
token, user_id and text; what came of it is the answer to it, as {"text": ...},
which such chats show.  Put TLS in front if it comes from another machine.

Whoever may post with that token decides as any of these people: keep it as you
keep a password, and see that the chat's user_id is really who is logged in.
"""

import hmac
import http.server
import json
import queue
import re
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ANSWER_S = 20          # that a person waits for what came of it
POST_S = 20
RETRY_MOST_S = 300
BODY_MOST = 1 << 20
TAKES_WORDS = ("ask", "delegate", "drop", "revise", "snooze", "wrong")
HOW = ("Answer with this number: {0} approve CODE, {0} drop reason, {0} ask "
       "question, {0} edit (and the new text below) ...")

out_lock = threading.Lock()


def say(message):
    """One line, at once: what waits in a buffer is an answer too late."""
    with out_lock:
        print(json.dumps(message), flush=True)


def complain(text):
    print(f"webhook.py: {text}", file=sys.stderr, flush=True)


# ---- what is posted ----------------------------------------------------------

def pieces(text, most):
    """Whole lines, and no piece longer than that."""
    piece = ""
    for line in text.splitlines():
        while len(line) > most:
            yield from [piece] if piece else []
            piece, line = line[:most], line[most:]
        if len(piece) + len(line) + 1 > most:
            yield piece
            piece = ""
        piece += ("\n" if piece else "") + line
    yield piece


def quoted(text):
    """A block in which nothing is a link or calls anybody."""
    text = re.sub(r"(?<!\w)@(?=\w)", "@ ", text).replace("```", "'''")
    return f"```\n{text}\n```"


def messages(kind, message, most):
    """What a prompt or an outcome says in the chat."""
    number, reviewer = message[kind], message["reviewer"]
    if kind == "outcome":
        who = message["who"] or "nobody"
        yield (f"{number} for {reviewer} is over: the draft is "
               f"{message['state']}, by {who}.")
        return
    parts = list(pieces(message["text"], most))
    for n, part in enumerate(parts, 1):
        yield f"{number} for {reviewer} ({n}/{len(parts)})\n{quoted(part)}"
    yield HOW.format(number)


class Poster(threading.Thread):
    """Posts one after the other, and again until the chat takes it; only then
    is it acknowledged, so that nothing is lost whoever dies."""

    def __init__(self, settings):
        super().__init__(daemon=True)
        self.settings, self.waiting = settings, queue.Queue()

    def post(self, text):
        member = self.settings.get("member", "text")
        request = urllib.request.Request(
            self.settings["post"], json.dumps({member: text}).encode(),
            {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=POST_S).close()

    def insist(self, text):
        pause = 1
        while True:
            try:
                return self.post(text)
            except (OSError, ValueError) as trouble:
                # its text may name the URL, which is a secret
                complain(f"cannot post: {type(trouble).__name__}"
                         f" {getattr(trouble, 'code', '')}")
                time.sleep(pause)
                pause = min(2 * pause, RETRY_MOST_S)

    def run(self):
        while True:
            kind, message = self.waiting.get()
            for text in messages(kind, message,
                                 self.settings.get("most", 4000)):
                self.insist(text)
            say({"prompted" if kind == "prompt" else kind: message[kind]})


# ---- what people answer ------------------------------------------------------

def read_answer(text):
    """A prompt's number and the members of a decision; None: it is talk.  What
    makes no sense the daemon refuses."""
    first, _, below = text.strip().partition("\n")
    found = re.fullmatch(r"(\d{1,15})\s+([A-Za-z]+)\b\s*(.*)", first.strip())
    if not found:
        return None
    number, verb, rest = int(found[1]), found[2].lower(), found[3]
    answer = {"verb": verb}
    if verb == "approve":
        code, _, why = rest.partition(" ")
        answer["code"] = code.upper()
        answer["text"] = why.strip().removeprefix("because").strip() or None
    elif verb == "edit" and not rest:
        answer["text"] = below
    elif verb in ("drop", "wrong") and below == "":
        answer["text"] = rest or None
    elif verb in TAKES_WORDS or rest:
        answer["text"] = "\n".join(filter(None, (rest, below))) or None
    return number, answer


class Decisions:
    """Those under way: the daemon answers each, in the order they were said."""

    def __init__(self):
        self.lock, self.open = threading.Lock(), {}

    def decide(self, number, reviewer, answer):
        told = queue.Queue()
        with self.lock:
            self.open.setdefault(number, []).append(told)
            say({"decide": number, "reviewer": reviewer, **answer})
        try:
            return told.get(timeout=ANSWER_S)
        except queue.Empty:
            return "It may have been done, or not: look again in a minute."

    def decided(self, message):
        with self.lock:
            told = self.open[message["decided"]].pop(0)
        told.put(message["text"])


def members(headers, body):
    """Of a form or of JSON; all of it texts."""
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    if kind == "application/json":
        said = json.loads(body)
        if not isinstance(said, dict):
            raise ValueError("no object")
        return {k: v for k, v in said.items() if isinstance(v, str)}
    form = urllib.parse.parse_qs(body.decode(), strict_parsing=True)
    if any(len(values) > 1 for values in form.values()):
        raise ValueError("a member stands twice")
    return {k: values[0] for k, values in form.items()}


class Hook(http.server.BaseHTTPRequestHandler):
    timeout = 30
    settings = decisions = None

    def log_message(self, *args):
        """Not each request."""

    def reply(self, status, text=""):
        body = json.dumps({"text": text} if text else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > BODY_MOST:
            return self.reply(413)
        try:
            said = members(self.headers, self.rfile.read(int(size)))
        except ValueError:
            return self.reply(400)
        if not hmac.compare_digest(said.get("token", "").encode(),
                                   self.settings["token"].encode()):
            return self.reply(403)
        answer = read_answer(said.get("text", ""))
        if answer is None:
            return self.reply(200)
        reviewer = self.settings["people"].get(said.get("user_id", ""))
        if reviewer is None:
            return self.reply(200, "Nothing was done: you are no reviewer.")
        number, words = answer
        return self.reply(
            200, f"{number}: {self.decisions.decide(number, reviewer, words)}")


# ---- the daemon ----------------------------------------------------------------

def load(path):
    """The settings, or a sentence of what is wrong with them."""
    settings = json.loads(open(path, encoding="utf-8").read())
    for name in ("post", "listen", "token"):
        if not isinstance(settings.get(name), str) or not settings[name]:
            sys.exit(f"webhook.py: {path}: \"{name}\" is missing")
    if len(settings["token"]) < 16:
        sys.exit(f"webhook.py: {path}: \"token\" has less than 16 characters")
    if not isinstance(settings.get("people"), dict):
        sys.exit(f"webhook.py: {path}: \"people\" is missing")
    return settings


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: webhook.py SETTINGS")
    settings, decisions = load(sys.argv[1]), Decisions()
    poster = Poster(settings)
    Hook.settings, Hook.decisions = settings, decisions
    host, _, port = settings["listen"].rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Hook)
    complain(f"listens on port {server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    poster.start()
    for line in sys.stdin:
        message = json.loads(line)
        if "hello" in message:
            say({"imprimatur": 1, "hello": "webhook", "can": ["medium"]})
        elif "decided" in message:
            decisions.decided(message)
        for kind in ("prompt", "outcome"):
            if kind in message:
                poster.waiting.put((kind, message))


main()
