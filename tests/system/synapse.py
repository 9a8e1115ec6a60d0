"""A real Matrix homeserver, Synapse, in a chroot that tests/chat/install made.

It listens on a Unix socket; in front of it stands a door on a port that the
kernel chose, which can be shut, or made slow, and stays when Synapse is killed.
"""

import contextlib
import hashlib
import hmac
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import harness
from harness import PATIENCE

NAME = "synapse.test"
SECRET = "for-registering-users"
PASSWORD = "a-password-of-a-person"

CONF = """
server_name: {name}
report_stats: false
pid_file: {dir}/pid
listeners:
  - path: {dir}/sock
    type: http
    resources:
      - names: [client]
        compress: false
database:
  name: sqlite3
  args:
    database: {dir}/db
log_config: {dir}/log.yaml
media_store_path: {dir}/media
enable_media_repo: false
signing_key_path: {dir}/signing.key
registration_shared_secret: {secret}
macaroon_secret_key: nobody-has-to-know
form_secret: nobody-has-to-know
trusted_key_servers: []
suppress_key_server_warning: true
bcrypt_rounds: 4
presence:
  enabled: false
federation_domain_whitelist: []
rc_message: {rate}
rc_joins:
  local: {many}
rc_joins_per_room: {many}
rc_invites:
  per_room: {many}
  per_user: {many}
  per_issuer: {many}
rc_room_creation: {many}
rc_login:
  address: {many}
  account: {many}
  failed_attempts: {many}
"""
MANY = "{per_second: 10000, burst_count: 10000}"

LOGGING = """
version: 1
formatters:
  plain: {format: '%(asctime)s %(name)s %(levelname)s %(message)s'}
handlers:
  file: {class: logging.StreamHandler, formatter: plain}
root: {level: WARNING, handlers: [file]}
disable_existing_loggers: false
"""


def chroot():
    return (harness.CACHE / "synapse").resolve()


def need():
    """Skips, loudly, where there is none."""
    why = None
    if not (chroot() / "usr/lib/python3/dist-packages/synapse").is_dir():
        why = f"{harness.CACHE}/synapse is not there; run tests/chat/install"
    elif os.getuid() != 0:
        why = "a chroot needs root"
    if why:
        print(f"# SKIP: no Synapse could be had: {why}", flush=True)
        harness.skip(f"no Synapse could be had: {why}")


class Door:
    """A TCP port before a Unix socket.

    delay: seconds before what the server says is handed on; shut: who comes is
    sent away at once; deaf: who comes is let in, and never hears anything.
    """

    def __init__(self, path):
        self.path = path
        self.delay, self.shut, self.deaf = 0, False, False
        self.came = 0  # connections, also those that were sent away
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.socket.getsockname()[1]
        self.open, self.lock = set(), threading.Lock()
        self.end = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.end.is_set():
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.came += 1
            with self.lock:
                self.open.add(client)
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        with self.lock:
            self.open.add(server)
        with contextlib.suppress(OSError, ValueError):
            if not self.shut:
                server.connect(str(self.path))
                self.hand(client, server)
        with self.lock:
            self.open -= {client, server}
        client.close()
        server.close()

    def hand(self, client, server):
        while True:
            ready = select.select([client, server], [], [])[0]
            for one in ready:
                data = one.recv(65536)
                if not data:
                    return
                if one is client:
                    server.sendall(data)
                elif self.deaf:
                    continue
                else:
                    self.end.wait(self.delay)
                    client.sendall(data)

    def cut(self):
        """Everybody who is connected is sent away."""
        with self.lock:
            for one in self.open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.end.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.cut()


class Refused(Exception):
    """The homeserver said no: .code (of HTTP), .errcode, .text."""

    def __init__(self, code, body):
        super().__init__(f"{code} {body}")
        self.code, self.text = code, body
        self.errcode = body.get("errcode") if isinstance(body, dict) else None


class User:
    """A person, or the relay's account, by the client-server API."""

    def __init__(self, home, name, token):
        self.home, self.name, self.token = home, name, token
        self.id = f"@{name}:{NAME}"
        self.n = 0

    def call(self, method, path, body=None, raw=None):
        request = urllib.request.Request(
            f"{self.home.url}/_matrix/client/v3{path}", method=method,
            data=raw if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json",
                     # a Unix socket has no address, which /login asks for
                     "X-Forwarded-For": "127.0.0.1"})
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                raise Refused(error.code, json.loads(text)) from None
            except ValueError:
                raise Refused(error.code, text) from None

    def room(self, *invite, alias=None, **more):
        """A new private room, without encryption; its id."""
        body = {"preset": "private_chat", "invite": [u.id for u in invite],
                "name": "review", **more}
        if alias:
            body["room_alias_name"] = alias
        room = self.call("POST", "/createRoom", body)["room_id"]
        for user in invite:
            user.join(room)
        return room

    def join(self, room):
        return self.call("POST", f"/join/{quote(room)}", {})["room_id"]

    def send(self, room, content, kind="m.room.message"):
        """An event of that kind; its id."""
        self.n += 1
        return self.call(
            "PUT", f"/rooms/{quote(room)}/send/{kind}/py{self.n}",
            content)["event_id"]

    def say(self, room, text, **more):
        return self.send(room, {"msgtype": "m.text", "body": text, **more})

    def reply(self, room, root, text, **more):
        """In the thread of root, as clients do."""
        return self.say(room, text, **{"m.relates_to": {
            "rel_type": "m.thread", "event_id": root,
            "is_falling_back": True, "m.in_reply_to": {"event_id": root}},
            **more})

    def react(self, room, event, key):
        return self.send(room, {"m.relates_to": {
            "rel_type": "m.annotation", "event_id": event, "key": key}},
            "m.reaction")

    def redact(self, room, event):
        self.n += 1
        return self.call("PUT", f"/rooms/{quote(room)}/redact/"
                         f"{quote(event)}/py{self.n}", {})["event_id"]

    def edit(self, room, event, text):
        """What it says from now on."""
        return self.send(room, {
            "msgtype": "m.text", "body": "* " + text,
            "m.new_content": {"msgtype": "m.text", "body": text},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event}})

    def state(self, room, kind, content, key=""):
        return self.call("PUT", f"/rooms/{quote(room)}/state/{kind}/{key}",
                         content)

    def events(self, room):
        """What is in the room, oldest first; edits stand for themselves."""
        found, at = [], ""
        while True:
            page = self.call("GET", f"/rooms/{quote(room)}/messages"
                             f"?dir=b&limit=100{at}")
            found += page["chunk"]
            if not page.get("end") or not page["chunk"]:
                return found[::-1]
            at = f"&from={quote(page['end'])}"

    def wait(self, room, fits, what="an event", patience=PATIENCE):
        """The first event of the room, oldest first, that fits; waits by the
        long poll of /sync, never by looking again and again."""
        end = time.monotonic() + patience
        since = self.call("GET", "/sync?timeout=0")["next_batch"]
        while True:
            for event in self.events(room):
                if fits(event):
                    return event
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{what} did not come to {room}")
            since = self.call(
                "GET", f"/sync?timeout={int(min(left, 10) * 1000)}"
                f"&since={quote(since)}")["next_batch"]

    def wait_text(self, room, *words, **kw):
        """The first message with all of these words in its body."""
        return self.wait(
            room, lambda e: e["type"] == "m.room.message" and all(
                w in e["content"].get("body", "") for w in words),
            f"a message with {words}", **kw)

    def now(self, room, event):
        """An event's content after its last edit by its own sender."""
        first = self.call("GET", f"/rooms/{quote(room)}/event/{quote(event)}")
        content = first["content"]
        for later in self.events(room):
            relation = later["content"].get("m.relates_to", {})
            if relation.get("rel_type") == "m.replace" and (
                    relation.get("event_id") == event and
                    later["sender"] == first["sender"]):
                content = later["content"]["m.new_content"]
        return content

    def wait_now(self, room, event, *words, patience=PATIENCE):
        """Until the event says these words, after edits; its content."""
        def says(_):
            content = self.now(room, event)
            return all(w in content.get("body", "") for w in words)
        self.wait(room, says, f"an edit with {words}", patience)
        return self.now(room, event)


def quote(text):
    return urllib.parse.quote(text, safe="")


class Synapse:
    """One homeserver; close() it."""

    def __init__(self, rate=MANY):
        need()
        self.root = chroot()
        (self.root / "srv").mkdir(exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="t", dir=self.root / "srv"))
        self.inside = "/" + str(self.folder.relative_to(self.root))
        (self.folder / "homeserver.yaml").write_text(CONF.format(
            name=NAME, dir=self.inside, secret=SECRET, rate=rate, many=MANY))
        (self.folder / "log.yaml").write_text(LOGGING)
        # a socket's path is short
        self.short = Path(tempfile.mkdtemp(prefix="syn"))
        (self.short / "d").symlink_to(self.folder)
        self.door = Door(self.short / "d/sock")
        self.url = f"http://127.0.0.1:{self.door.port}"
        self.log_path = self.folder / "log"
        self.process = None
        self.users = {}
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def command(self):
        """In a namespace of mounts of its own, where one may have it: /proc
        in the chroot goes away with the process."""
        inside = ["chroot", str(self.root), "python3", "-m",
                  "synapse.app.homeserver", "-c",
                  f"{self.inside}/homeserver.yaml"]
        if (self.root / "proc/self").exists():
            return inside
        return ["unshare", "--mount", "sh", "-c",
                'mount -t proc proc "$0/proc"; exec "$@"', str(self.root),
                *inside]

    def start(self):
        if not (self.folder / "signing.key").exists():
            subprocess.run([*self.command(), "--generate-keys"], check=True,
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, timeout=PATIENCE)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "sock").unlink()
        # it tells a service manager when it is ready, and nothing else does
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(self.folder / "ready"))
        notify.settimeout(1)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env=dict(os.environ, NOTIFY_SOCKET=f"{self.inside}/ready",
                         PYTHONDONTWRITEBYTECODE="1"))
        try:
            self.await_ready(notify)
        finally:
            notify.close()
            (self.folder / "ready").unlink()
        return self

    def await_ready(self, notify):
        end = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in notify.recv(4096):
                    return
            if self.process.poll() is not None:
                break
        self.kill()
        raise AssertionError("Synapse did not start:\n" + self.log()[-3000:])

    def log(self):
        return self.log_path.read_text(errors="replace")

    def kill(self):
        """kill -9; the door stays."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)
        self.door.cut()

    def close(self):
        self.door.close()
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.short, ignore_errors=True)

    def user(self, name):
        """Registered the first time."""
        if name not in self.users:
            self.users[name] = User(self, name, self.register(name))
        return self.users[name]

    def login(self, name):
        """Once more, by password: with a token of its own."""
        again = User(self, name, None)
        again.token = again.call("POST", "/login", {
            "type": "m.login.password", "password": PASSWORD,
            "identifier": {"type": "m.id.user", "user": name}})["access_token"]
        return again

    def register(self, name):
        """By the shared secret (of Synapse's admin API); its access token."""
        base = f"{self.url}/_synapse/admin/v1/register"
        with urllib.request.urlopen(base, timeout=PATIENCE) as answer:
            nonce = json.load(answer)["nonce"]
        mac = hmac.new(SECRET.encode(), "\0".join(
            (nonce, name, PASSWORD, "notadmin")).encode(), hashlib.sha1)
        body = json.dumps({"nonce": nonce, "username": name,
                           "password": PASSWORD, "admin": False,
                           "mac": mac.hexdigest()}).encode()
        request = urllib.request.Request(
            base, data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["access_token"]
