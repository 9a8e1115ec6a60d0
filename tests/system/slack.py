"""A stand-in for Slack, written from its published protocol: the Web API's
methods that matter here, incoming webhooks, signed requests to an app, Socket
Mode, and its ways of being slow, busy and broken.

It is not Slack.  What it does is judged by test_standin.py, where Slack's own
clients for node (tests/chat/judge.cjs: web-api, webhook, socket-mode, and
bolt's check of signatures) take it for Slack.
"""

import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import socketserver
import ssl
import threading
import time
import urllib.parse

import blocks
import ws
from harness import PATIENCE

TEAM, APP, BOT, BOT_ID = "T0TEAM0001", "A0APP00001", "U0BOT00001", "B0BOT00001"
CHANNEL = "C0REVIEW01"
TOKEN, APP_TOKEN = "xoxb-1-of-the-stand-in", "xapp-1-of-the-stand-in"
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
SCOPES = ("chat:write,channels:read,groups:read,channels:history,"
          "groups:history")
# methods that read take a form or a query alone, whatever JSON says
FORMS = ("conversations.", "users.")


class Refused(Exception):
    """An answer with ok: false."""

    def __init__(self, error, **more):
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # who goes away in the middle is no matter


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, body, kind="application/json; charset=utf-8",
               **headers):
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str)
                    else json.dumps(body)).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def arguments(self):
        """(what was given, was it JSON?)"""
        path, _, query = self.path.partition("?")
        given = dict(urllib.parse.parse_qsl(query))
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/json"):
            try:
                return {**given, **json.loads(body)}, True
            except (ValueError, TypeError):
                raise Refused("invalid_json") from None
        form = dict(urllib.parse.parse_qsl(body.decode(),
                                           keep_blank_values=True))
        for name in ("blocks", "view", "metadata", "attachments"):
            if name in form:
                form[name] = json.loads(form[name])
        return {**given, **form}, False

    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            return self.server.slack.serve_socket(self)
        return self.do_POST()

    def do_POST(self):
        slack = self.server.slack
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith("/api/"):
            slack.serve_api(self, path.removeprefix("/api/"))
        elif path.startswith("/services/"):
            slack.serve_hook(self, path)
        else:
            self.answer(404, "no such page", "text/plain")


class Slack:
    """A workspace with one app; all is shared between threads by `lock`, and
    whoever waits for something waits for `changed`.

    trouble(METHOD, ...) says what happens next to calls of that method, one
    each: ("rate", seconds), ("status", code), ("error", name), ("slow",
    threading.Event to wait for), ("garbage",), ("lost",): done, but the answer
    never comes.
    """

    def __init__(self, certificate=None):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.slack = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        s = "s" if certificate else ""
        self.url = f"http{s}://127.0.0.1:{self.port}/api"
        self.ws_url = f"ws{s}://127.0.0.1:{self.port}/link/?ticket="
        self.hook = f"http{s}://127.0.0.1:{self.port}/services/T0/B0/secret"
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.ended = threading.Event()
        self.scopes = SCOPES
        self.channels = {CHANNEL: {"is_member": True, "is_archived": False,
                                   "is_private": True}}
        self.members = ["U0ANNA0001", "U0BEN00001", "U0EVE00001"]
        self.tells_own = False  # the app hears at once of what it posts
        self.messages = {}  # (channel, ts): message as it is now
        self.history = []   # (what, message), in order: post, update, delete
        self.whispers = []  # chat.postEphemeral
        self.hooked = []    # what came to the incoming webhook
        self.views = []     # opened and updated
        self.calls = []     # (method, arguments)
        self.triggers = {}  # trigger_id: until when (monotonic)
        self.troubles = {}
        self.sockets, self.tickets = [], set()
        self.acks = {}      # envelope_id: payload
        self.n = 0
        self.request_url = None  # (host, port, path) of the app, for HTTP
        self.clock = 1795285600
        threading.Thread(target=self.server.serve_forever,
                         kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.ended.set()
        self.drop_sockets()
        self.server.shutdown()
        self.server.server_close()

    # ---- the Web API ------------------------------------------------------

    def trouble(self, method, *what):
        with self.lock:
            self.troubles.setdefault(method, []).extend(what)

    def next_trouble(self, method):
        with self.lock:
            queue = self.troubles.get(method) or self.troubles.get("*") or []
            return queue.pop(0) if queue else ("none",)

    def serve_api(self, request, method):
        try:
            given, is_json = request.arguments()
        except Refused as no:
            return request.answer(200, no.answer)
        kind, *more = self.next_trouble(method)
        with self.lock:
            self.calls.append((method, given))
            self.changed.notify_all()
        if kind == "slow":
            more[0].wait(PATIENCE)
        if kind == "rate":
            return request.answer(429, {"ok": False, "error": "ratelimited"},
                                  Retry_After=more[0])
        if kind == "status":
            return request.answer(more[0], "trouble", "text/html")
        if kind == "garbage":
            return request.answer(200, b'{"ok": tru\xff')
        if kind == "error":
            return request.answer(200, {"ok": False, "error": more[0]})
        answer = self.call(request, method, given, is_json)
        if kind == "lost":
            request.close_connection = True
            return None
        return request.answer(200, answer, **(
            {} if method == "api.test" else {"X_OAuth_Scopes": self.scopes}))

    def call(self, request, method, given, is_json):
        if is_json and method.startswith(FORMS):
            given = {}
        handler = getattr(self, "api_" + method.replace(".", "_"), None)
        try:
            if handler is None:
                raise Refused("unknown_method", req_method=method)
            self.authorize(request, method, given)
            with self.lock:
                answer = handler(given)
                self.changed.notify_all()
            return {"ok": True, **answer}
        except blocks.Wrong as why:
            return {"ok": False, "error": "invalid_arguments"
                    if method.startswith("views.") else "invalid_blocks",
                    "response_metadata": {"messages": [f"[ERROR] {why}"]}}
        except Refused as no:
            return no.answer

    def authorize(self, request, method, given):
        head = request.headers.get("Authorization", "")
        token = head.removeprefix("Bearer ") or given.get("token")
        wanted = (APP_TOKEN if method == "apps.connections.open" else TOKEN)
        if not token:
            raise Refused("not_authed")
        if token in (TOKEN, APP_TOKEN) and token != wanted:
            raise Refused("not_allowed_token_type")
        if token != wanted:
            raise Refused("invalid_auth")

    def scope(self, *any_of):
        if not set(any_of) & set(self.scopes.split(",")):
            raise Refused("missing_scope", needed=any_of[0],
                          provided=self.scopes)

    def channel(self, given, member=True):
        channel = self.channels.get(given.get("channel"))
        if not given.get("channel"):
            raise Refused("invalid_arguments", response_metadata={
                "messages": ["[ERROR] missing required field: channel"]})
        if channel is None or (channel["is_private"]
                               and not channel["is_member"]):
            raise Refused("channel_not_found")
        if member and not channel["is_member"]:
            raise Refused("not_in_channel")
        if member and channel["is_archived"]:
            raise Refused("is_archived")
        return given["channel"]

    def ts(self):
        """Times of messages are unique, and name them."""
        self.n += 1
        return f"{self.clock}.{self.n:06d}"

    def check_message(self, given):
        if not given.get("text") and not given.get("blocks"):
            raise Refused("no_text")
        if len(given.get("text") or "") > blocks.MESSAGE_TEXT:
            raise Refused("msg_too_long")
        if given.get("blocks") is not None:
            blocks.check_blocks(given["blocks"], blocks.MESSAGE_BLOCKS)
            if blocks.total(given["blocks"]) > blocks.MESSAGE_TOTAL:
                raise Refused("msg_blocks_too_long")

    def api_api_test(self, given):
        return {"args": given}

    def api_auth_test(self, given):
        return {"url": "https://stand-in.slack.com/", "team": "Stand-in",
                "user": "imprimatur", "team_id": TEAM, "user_id": BOT,
                "bot_id": BOT_ID, "is_enterprise_install": False}

    def api_apps_connections_open(self, given):
        self.n += 1
        self.tickets.add(f"t{self.n}")
        return {"url": f"{self.ws_url}t{self.n}&app_id={APP}"}

    def api_conversations_info(self, given):
        self.scope("channels:read", "groups:read")
        name = self.channel(given, member=False)
        return {"channel": {"id": name, "name": "review", "is_channel": True,
                            **self.channels[name]}}

    def api_conversations_members(self, given):
        self.scope("channels:read", "groups:read")
        self.channel(given, member=False)
        return {"members": [BOT, *self.members],
                "response_metadata": {"next_cursor": ""}}

    def page(self, given, fits):
        found = [m for (c, _), m in sorted(self.messages.items())
                 if c == given["channel"] and fits(m)]
        found = [m for m in found
                 if m["ts"] >= (given.get("oldest") or "0")
                 and m["ts"] <= (given.get("latest") or "9")]
        if str(given.get("include_all_metadata")).lower() not in ("1", "true"):
            found = [{k: v for k, v in m.items() if k != "metadata"}
                     for m in found]
        limit = int(given.get("limit") or 100)
        return found, limit

    def api_conversations_history(self, given):
        self.scope("channels:history", "groups:history")
        self.channel(given)
        found, limit = self.page(given, lambda m: "thread_ts" not in m
                                 or m["thread_ts"] == m["ts"])
        return {"messages": found[::-1][:limit], "has_more":
                len(found) > limit, "pin_count": 0}

    def api_conversations_replies(self, given):
        self.scope("channels:history", "groups:history")
        root = self.messages.get((self.channel(given), given.get("ts")))
        if root is None:
            raise Refused("thread_not_found")
        found, limit = self.page(given, lambda m: given["ts"] in (
            m["ts"], m.get("thread_ts")))
        return {"messages": found[:limit], "has_more": len(found) > limit}

    def api_chat_postMessage(self, given):
        self.scope("chat:write")
        channel = self.channel(given)
        self.check_message(given)
        root = given.get("thread_ts")
        if root and (channel, root) not in self.messages:
            raise Refused("thread_not_found")
        message = {"type": "message", "subtype": "bot_message", "user": BOT,
                   "bot_id": BOT_ID, "app_id": APP, "team": TEAM,
                   "ts": self.ts(), "text": given.get("text", "")}
        del message["subtype"]  # apps of today post as their bot user
        for name in ("blocks", "thread_ts", "metadata"):
            if given.get(name):
                message[name] = given[name]
        self.messages[channel, message["ts"]] = message
        self.history.append(("post", dict(message, given=given)))
        if self.tells_own:
            threading.Thread(target=self.tell_own, args=(message,),
                             daemon=True).start()
        return {"channel": channel, "ts": message["ts"], "message": message}

    def own(self, given, error):
        message = self.messages.get((self.channel(given), given.get("ts")))
        if message is None:
            raise Refused("message_not_found")
        if message["user"] != BOT:
            raise Refused(error)
        return message

    def api_chat_update(self, given):
        self.scope("chat:write")
        message = self.own(given, "cant_update_message")
        self.check_message(given)
        message["text"] = given.get("text", "")
        message["blocks"] = given.get("blocks") or []
        if given.get("metadata"):
            message["metadata"] = given["metadata"]
        message["edited"] = {"user": BOT, "ts": self.ts()}
        self.history.append(("update", dict(message, given=given)))
        return {"channel": given["channel"], "ts": message["ts"],
                "text": message["text"], "message": message}

    def api_chat_delete(self, given):
        self.scope("chat:write")
        message = self.own(given, "cant_delete_message")
        del self.messages[given["channel"], given["ts"]]
        self.history.append(("delete", message))
        return {"channel": given["channel"], "ts": given["ts"]}

    def api_chat_postEphemeral(self, given):
        self.scope("chat:write")
        self.channel(given)
        if not given.get("user"):
            raise Refused("invalid_arguments")
        self.check_message(given)
        self.whispers.append(given)
        return {"message_ts": self.ts()}

    def api_views_open(self, given):
        until = self.triggers.pop(given.get("trigger_id"), None)
        if until is None:
            raise Refused("invalid_trigger_id")
        if time.monotonic() > until:
            raise Refused("expired_trigger_id")
        blocks.check_view(given.get("view"))
        return {"view": self.view(given["view"])}

    def view(self, view):
        self.n += 1
        view = dict(view, id=f"V{self.n:09d}", hash=f"{self.clock}.{self.n}",
                    team_id=TEAM, app_id=APP, bot_id=BOT_ID, state={
                        "values": {}})
        self.views.append(view)
        return view

    def api_views_update(self, given):
        blocks.check_view(given.get("view"))
        if not any(v["id"] == given.get("view_id") for v in self.views):
            raise Refused("not_found")
        return {"view": self.view(given["view"])}

    # ---- the incoming webhook ---------------------------------------------

    def serve_hook(self, request, path):
        try:
            given, _ = request.arguments()
        except Refused:
            return request.answer(400, "invalid_payload", "text/html")
        if isinstance(given.get("payload"), str):
            given = json.loads(given["payload"])
        kind, *more = self.next_trouble("hook")
        if kind == "rate":
            return request.answer(429, "rate_limited", "text/html",
                                  Retry_After=more[0])
        if kind == "status":
            return request.answer(more[0], "trouble", "text/html")
        if kind == "error":
            return request.answer(403, more[0], "text/html")
        if not self.hook.endswith(path):
            return request.answer(404, "no_service", "text/html")
        try:
            self.check_message(given)
        except blocks.Wrong:
            return request.answer(400, "invalid_blocks", "text/html")
        except Refused as no:
            return request.answer(400, str(no), "text/html")
        with self.lock:
            self.hooked.append(given)
            self.changed.notify_all()
        return request.answer(200, "ok", "text/html")

    # ---- requests to the app ----------------------------------------------

    def signed(self, body, at=None, secret=SIGNING):
        at = str(int(time.time()) if at is None else at)
        mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body,
                       hashlib.sha256)
        return {"X-Slack-Request-Timestamp": at,
                "X-Slack-Signature": "v0=" + mac.hexdigest()}

    def post(self, body, kind, headers=None, **sign):
        """POST it to the app, signed; (status, body)."""
        host, port, path = self.request_url
        connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", path, body, {
                "Content-Type": kind, "User-Agent": "Slackbot 1.0",
                **self.signed(body, **sign), **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post_json(self, payload, **more):
        return self.post(json.dumps(payload).encode(), "application/json",
                         **more)

    def post_form(self, payload, **more):
        return self.post(urllib.parse.urlencode(
            {"payload": json.dumps(payload)}).encode(),
            "application/x-www-form-urlencoded", **more)

    def deliver(self, payload, **more):
        """To the app, by whichever way it has; what it answers: JSON, or
        None."""
        if self.request_url is None:
            kind = ("events_api" if payload["type"] == "event_callback"
                    else "interactive")
            return self.envelope(kind, payload)
        post = (self.post_json if payload["type"] == "event_callback"
                else self.post_form)
        status, body = post(payload, **more)
        assert status == 200, (status, body)
        return json.loads(body) if body.strip() else None

    def common(self, user, kind):
        return {"type": kind, "team": {"id": TEAM, "domain": "stand-in"},
                "user": {"id": user, "username": user.lower(),
                         "name": user.lower(), "team_id": TEAM},
                "api_app_id": APP, "token": "verification-of-old",
                "enterprise": None, "is_enterprise_install": False}

    def trigger(self, lifetime=3.0):
        with self.lock:
            self.n += 1
            name = f"{self.n}.{TEAM}.trigger"
            self.triggers[name] = time.monotonic() + lifetime
        return name

    def press_payload(self, user, ts, action_id, value=None, channel=CHANNEL):
        """As a click makes it: only what stands in the message now can be
        pressed.  value: which of several with that action_id, or the option of
        a menu."""
        with self.lock:
            message = self.messages[channel, ts]
            found = [(b, e) for b, e in blocks.elements(message)
                     if e.get("action_id") == action_id]
            if value is not None and not any("options" in e
                                             for _, e in found):
                found = [(b, e) for b, e in found if e.get("value") == value]
            assert found, f"nothing to press: {action_id} {value}"
            block, element = found[0]
            action = {"action_id": action_id, "block_id": block,
                      "type": element["type"], "action_ts": self.ts()}
            if "options" in element:
                option, = [o for o in element["options"]
                           if o["value"] == value]
                action["selected_option"] = option
            else:
                action["text"] = element["text"]
                if "value" in element:
                    action["value"] = element["value"]
            payload = self.common(user, "block_actions")
            payload.update(
                trigger_id=self.trigger(), actions=[action],
                channel={"id": channel, "name": "privategroup"},
                container={"type": "message", "message_ts": ts,
                           "channel_id": channel, "is_ephemeral": False},
                message=dict(message), state={"values": {}},
                response_url="https://hooks.slack.com/actions/none")
            if "thread_ts" in message:
                payload["container"]["thread_ts"] = message["thread_ts"]
        return payload

    def press(self, user, ts, action_id, value=None, channel=CHANNEL):
        return self.deliver(
            self.press_payload(user, ts, action_id, value, channel))

    def submit_payload(self, user, view, values):
        """values: block_id: text of its input, or value of its option."""
        state = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            element, given = block["element"], values.get(block["block_id"])
            if element["type"] == "plain_text_input":
                # what is not touched comes as it stood there; empty: null
                if block["block_id"] not in values:
                    given = element.get("initial_value") or None
                most = element.get("max_length", 3000)
                assert given is None or len(given) <= most, "too long to type"
                assert given or block.get("optional"), "must be filled in"
                said = {"type": element["type"], "value": given}
            else:
                if block["block_id"] not in values:
                    option = element.get("initial_option")
                else:
                    option, = [o for o in element["options"]
                               if o["value"] == given]
                assert option or block.get("optional"), "must be chosen"
                said = {"type": element["type"], "selected_option": option}
            state[block["block_id"]] = {element["action_id"]: said}
        payload = self.common(user, "view_submission")
        payload.update(trigger_id=self.trigger(), response_urls=[],
                       view=dict(view, state={"values": state}))
        return payload

    def submit(self, user, view, **values):
        return self.deliver(self.submit_payload(user, view, values))

    def event(self, event):
        """The callback with an event in it."""
        with self.lock:
            self.n += 1
            return {"token": "verification-of-old", "team_id": TEAM,
                    "api_app_id": APP, "event": event,
                    "type": "event_callback", "event_id": f"Ev{self.n:010d}",
                    "event_time": self.clock, "is_ext_shared_channel": False,
                    "authorizations": [{"enterprise_id": None,
                                        "team_id": TEAM, "user_id": BOT,
                                        "is_bot": True}]}

    def message_event(self, user, text, thread=None, channel=CHANNEL, **more):
        """What a person writes; it stands in the channel, too."""
        with self.lock:
            message = {"type": "message", "user": user, "ts": self.ts(),
                       "text": text, "team": TEAM, "client_msg_id":
                       f"00000000-0000-4000-8000-{self.n:012d}"}
            if thread:
                message["thread_ts"] = thread
                message["parent_user_id"] = BOT
            self.messages[channel, message["ts"]] = message
            self.history.append(("said", message))
        return self.event({**message, "channel": channel, "channel_type":
                           "group", "event_ts": message["ts"], **more})

    def say(self, user, text, thread=None, channel=CHANNEL):
        """A person writes; the time of it."""
        payload = self.message_event(user, text, thread, channel)
        self.deliver(payload)
        return payload["event"]["ts"]

    def edit(self, user, ts, text, channel=CHANNEL):
        """A person changes what they wrote."""
        with self.lock:
            before = dict(self.messages[channel, ts])
            self.messages[channel, ts]["text"] = text
            now = dict(self.messages[channel, ts], edited={
                "user": user, "ts": self.ts()})
        self.deliver(self.event({
            "type": "message", "subtype": "message_changed",
            "message": now, "previous_message": before, "channel": channel,
            "channel_type": "group", "hidden": True, "ts": self.ts(),
            "event_ts": f"{self.clock}.{self.n:06d}"}))

    def own_posts_are_told(self):
        """The app hears of its own messages, too, as at Slack."""
        for what, message in list(self.history):
            if what == "post":
                self.own_post(message)

    def tell_own(self, message):
        """Whether it listens or not."""
        with contextlib.suppress(AssertionError, OSError, ValueError):
            self.own_post(message)

    def own_post(self, message):
        self.deliver(self.event({
            **{k: v for k, v in message.items() if k != "given"},
            "channel": CHANNEL, "channel_type": "group",
            "event_ts": message["ts"]}))

    # ---- Socket Mode ------------------------------------------------------

    def serve_socket(self, request):
        query = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(request.path).query))
        with self.lock:
            known = query.get("ticket") in self.tickets
            self.tickets.discard(query.get("ticket"))
        key = request.headers.get("Sec-WebSocket-Key")
        if not known or not key:
            return request.answer(401, "no such ticket", "text/plain")
        request.send_response(101)
        request.send_header("Upgrade", "websocket")
        request.send_header("Connection", "Upgrade")
        request.send_header("Sec-WebSocket-Accept", ws.accept(key))
        request.end_headers()
        request.wfile.flush()
        request.close_connection = True
        peer = ws.Peer(request.rfile, request.wfile)
        peer.connection = request.connection
        self.say_json(peer, {"type": "hello", "num_connections": 1,
                             "debug_info": {"host": "stand-in",
                                            "approximate_connection_time":
                                                18060},
                             "connection_info": {"app_id": APP}})
        with self.lock:
            self.sockets.append(peer)
            self.changed.notify_all()
        try:
            while (text := peer.message()) is not None:
                self.heard(json.loads(text))
        except (ws.Broken, OSError, ValueError):
            pass
        with self.lock:
            if peer in self.sockets:
                self.sockets.remove(peer)
            self.changed.notify_all()
        return None

    def heard(self, said):
        with self.lock:
            self.acks[said["envelope_id"]] = said.get("payload")
            self.changed.notify_all()

    def say_json(self, peer, thing):
        peer.send(ws.TEXT, json.dumps(thing).encode())

    def envelope(self, kind, payload, name=None, attempt=0):
        """Through the newest connection; waits for the ack, and returns what
        came with it.  name: of an envelope that was sent before."""
        with self.lock:
            self.wait(lambda: self.sockets, "a connection of Socket Mode")
            self.n += 1
            name = name or f"00000000-0000-4000-9000-{self.n:012d}"
            self.acks.pop(name, None)
            peer = self.sockets[-1]
        envelope = {"envelope_id": name, "payload": payload, "type": kind,
                    "accepts_response_payload": kind == "interactive"}
        if kind == "events_api":
            envelope.update(retry_attempt=attempt,
                            retry_reason="timeout" if attempt else "")
        self.say_json(peer, envelope)
        with self.lock:
            self.wait(lambda: name in self.acks, "an ack")
            return self.acks[name] or None

    def refresh(self, reason="refresh_requested"):
        """Ask the app to connect once more, as Slack does every few hours."""
        with self.lock:
            for peer in self.sockets:
                self.say_json(peer, {"type": "disconnect", "reason": reason,
                                     "debug_info": {"host": "stand-in"}})

    def drop_sockets(self):
        """All connections die without a word."""
        with self.lock:
            for peer in self.sockets:
                with contextlib.suppress(OSError):
                    peer.connection.shutdown(2)

    # ---- what a test waits for ---------------------------------------------

    def wait(self, fits, what, patience=PATIENCE):
        """Until that returns something true, and returns it."""
        end = time.monotonic() + patience
        with self.changed:
            while not (found := fits()):
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"no {what}; there is:\n" + "\n".join(
                        f"{kind} {m['ts']}: {blocks.words(m)[:300]}"
                        for kind, m in self.history[-8:]) + "".join(
                        f"\nwhisper {w['user']}: {blocks.words(w)[:300]}"
                        for w in self.whispers) + "\ncalls: " + " ".join(
                            method for method, _ in self.calls))
                self.changed.wait(left)
            return found

    def find(self, *words, thread=None):
        """The newest message of the app with all of these words in it now, in
        that thread (None: anywhere); or None."""
        with self.lock:
            for (_, ts), m in sorted(self.messages.items(), reverse=True):
                if m["user"] == BOT and (
                        thread is None or m.get("thread_ts") == thread) and all(
                        w in blocks.words(m) for w in words):
                    return m
        return None

    def posted(self, *words, thread=None):
        """Waits for it; the message."""
        return self.wait(lambda: self.find(*words, thread=thread),
                         f"message with {words}")

    def now(self, ts, *words, channel=CHANNEL):
        """Waits until that message has these words; the message."""
        return self.wait(lambda: (m := self.messages.get((channel, ts))) and
                         all(w in blocks.words(m) for w in words) and m,
                         f"{words} in {ts}")

    def whispered(self, user, *words):
        """Waits for a message that only this person sees."""
        def fits():
            for w in reversed(self.whispers):
                if w["user"] == user and all(
                        x in blocks.words(w) for x in words):
                    return w
            return None
        return self.wait(fits, f"whisper to {user} with {words}")

    def opened(self, n=1):
        """Waits for the n-th modal; the view."""
        return self.wait(lambda: len(self.views) >= n and self.views[n - 1],
                         "modal")

    def buttons(self, ts, channel=CHANNEL):
        """action_ids that can be pressed now."""
        with self.lock:
            return [e["action_id"] for _, e in blocks.elements(
                self.messages[channel, ts])]
