"""What the system tests share: a daemon of their own, agents, reviewers, a
Maildir that can be waited on, and TAP.

Sockets are bound by the test on ports that the kernel chooses and handed to
the daemon as a service manager would, so a restarted daemon has the same port
and no port has to be free.
"""

import contextlib
import ctypes
import email
import email.policy
import hashlib
import json
import os
import re
import select
import shutil
import signal
import smtplib
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from email.message import EmailMessage
from pathlib import Path

TOP = Path(os.environ.get("top_srcdir", Path(__file__).parents[2])).resolve()
BUILD = Path(os.environ.get("top_builddir", TOP)).resolve()
# what tests/chat/install fetched
CACHE = Path(os.environ.get("TEST_CACHE", BUILD / "cache"))
PATIENCE = int(os.environ.get("PATIENCE", "60"))  # seconds until a thing that should happen counts as missing

REVIEWER = "you@reviewers.example"
SECRET = "a-secret-of-the-agent"


def stored(secret, salt=b"0123456789abcdef"):
    """The stored form of a random secret (imprimatur password)."""
    import base64
    hashed = hashlib.sha256(salt + secret.encode()).digest()
    return "{SHA256}" + base64.b64encode(salt + hashed).decode()


class Maildir:
    """A Maildir whose new/ can be waited on by inotify."""

    def __init__(self, path):
        self.path = Path(path)
        for name in ("tmp", "new", "cur"):
            (self.path / name).mkdir(parents=True, exist_ok=True)
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self.fd >= 0, "no inotify instances left"
        moved_to, created = 0x80, 0x100
        if self.fd >= 0:  # the system lends only so many of them
            libc.inotify_add_watch(self.fd, bytes(self.path / "new"),
                                   moved_to | created)
        self.seen = set()

    def files(self):
        return sorted((self.path / "new").iterdir(),
                      key=lambda p: (p.stat().st_mtime_ns, p.name))

    def fresh(self, most=None):
        """Mails not returned before; no more than that."""
        found = [p for p in self.files() if p.name not in self.seen][:most]
        self.seen.update(p.name for p in found)
        return [p.read_bytes() for p in found]

    def wait(self, n=1, patience=PATIENCE, most=None):
        """The next n mails, as bytes; fails when they do not come.  Those that
        come with them are returned, too, up to so many at a time."""
        found, end = self.fresh(most), time.monotonic() + patience
        while len(found) < n:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(
                    f"{len(found)} of {n} mails came to {self.path.name}")
            if self.fd < 0:
                time.sleep(0.02)
            else:
                select.select([self.fd], [], [], left)
                with contextlib.suppress(BlockingIOError):
                    os.read(self.fd, 65536)
            found += self.fresh(most)
        return found

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    def message(self, patience=PATIENCE):
        """The next one; what comes with it is the next one after."""
        return parse(self.wait(1, patience, 1)[0])


def parse(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def envelope_of(raw):
    """(sender, recipients, the mail's own bytes) of a file in a Maildir."""
    sender, rcpts = None, []
    while True:
        line, rest = raw.split(b"\r\n", 1)
        if line.startswith(b"Return-Path: "):
            sender = line[13:].strip(b"<>").decode()
        elif line.startswith(b"X-Envelope-To: "):
            rcpts.append(line[15:].strip(b"<> ").decode())
        else:
            return sender, rcpts, raw
        raw = rest


def without_received(raw):
    """Our own Received field taken off the top."""
    assert raw.startswith(b"Received: "), raw[:80]
    return re.sub(rb"\A.*?\r\n(?![ \t])", b"", raw, count=1, flags=re.S)


def plain(notice):
    return notice.get_body(("plain",)).get_content()


def code_of(notice):
    return re.search(r"\bapprove ([A-Z2-7]{6})\b", plain(notice)).group(1)


def certificate(folder, name="relay.test", days=30):
    """A certificate of its own authority: cert.pem, key.pem, ca.pem."""
    def openssl(*args):
        subprocess.run(["openssl", *map(str, args)], check=True,
                       capture_output=True, cwd=folder)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    openssl("req", "-x509", *key, "-nodes", "-days", days,
            "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test CA")
    openssl("req", *key, "-nodes", "-keyout", "key.pem",
            "-out", "cert.csr", "-subj", f"/CN={name}")
    extensions = Path(folder) / "cert.ext"
    extensions.write_text(f"subjectAltName=DNS:{name}\n")
    openssl("x509", "-req", "-in", "cert.csr", "-CA", "ca.pem", "-CAkey",
            "ca.key", "-CAcreateserial", "-days", days, "-out", "cert.pem",
            "-extfile", extensions)


class Daemon:
    """imprimaturd in a folder of its own."""

    def __init__(self, folder, extra="", relay=None, reviewers=None,
                 rules="", limits="", agents="", review="", tls=False,
                 channels=None, bot="", http=None):
        self.folder = Path(folder)
        self.state = self.folder / "state"
        self.state.mkdir(parents=True, exist_ok=True)
        self.outbox = Maildir(self.folder / "outbox")
        self.inbox = Maildir(self.folder / "inbox")
        self.sockets = [socket.create_server(("127.0.0.1", 0), backlog=512)
                        for _ in range(3 if tls else 1)]
        self.port, *self.tls_ports = [
            s.getsockname()[1] for s in self.sockets]
        listeners = ""
        if http is not None:  # its address for agents that ask
            self.sockets.append(socket.create_server(("127.0.0.1", 0),
                                                     backlog=64))
            self.http_port = self.sockets[-1].getsockname()[1]
            extra += f"""
http = {{ address = "127.0.0.1"; port = {self.http_port};
  tls = "{http}"; }};"""
        if tls:
            certificate(self.folder)
            listeners = "".join(
                f""", {{ address = "127.0.0.1"; port = {port};
                    tls = "{kind}"; }}"""
                for port, kind in zip(self.tls_ports,
                                      ("starttls", "implicit")))
            extra += f"""
tls = {{ certificate = "{self.folder}/cert.pem";
  key = "{self.folder}/key.pem"; }};"""
        self.conf = self.folder / "imprimatur.conf"
        # a unix socket's path is short; a test's folder may not be
        self.short = tempfile.mkdtemp(prefix="imp")
        self.control = f"{self.short}/control"
        self.log_path = self.folder / "daemon.log"
        self.process = None
        self.wrapper = []
        if reviewers is None:
            reviewers = f"""
              {{ name = "you"; address = "{REVIEWER}";
                 maildir = "{self.inbox.path}"; admin = true;
                 users = [ {os.getuid()} ]; }}"""
        self.conf.write_text(f"""
hostname = "relay.test";
state_dir = "{self.state}";
control = "{self.control}";
listeners = ( {{ address = "127.0.0.1"; port = {self.port}; tls = "none";
  clear_auth = true; reviews = true; }} {listeners} );
agents = ( {{ name = "bot"; password = "{stored(SECRET)}";
  senders = [ "*@agents.example" ]; {bot} }} {agents} );
reviewers = ( {reviewers} );
relay = {{ {relay or f'maildir = "{self.outbox.path}";'} }};
review = {{ domain = "review.test"; from = "imprimatur@relay.test"; {review} }};
limits = {{ disk_reserve = 0; {"" if "auth_failures" in limits else "auth_failures = 1000;"} {limits} }};
check = {{ reader = "{BUILD}/imprimatur-check"; deadline = 20000; }};
plugins = "{BUILD}/plugins/.libs";
rules = ( {rules} );
{extra}
""")
        for name, text in (channels or {}).items():
            self.channel(name, text)

    def channel(self, name, text):
        """Write channels/NAME.conf; text None takes it away."""
        path = self.folder / "channels" / f"{name}.conf"
        path.parent.mkdir(exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)

    @property
    def listener(self):
        return self.sockets[0]

    @listener.setter
    def listener(self, new):
        self.sockets[0] = new

    def start(self, expect_ready=True, environment=None):
        ready, theirs = os.pipe()
        os.set_inheritable(theirs, True)
        fds = [s.fileno() for s in self.sockets]
        env = dict(os.environ, LISTEN_FDS=str(len(fds)),
                   **(environment or {}))
        if self.wrapper:  # leaks cannot be looked for under a tracer
            env["ASAN_OPTIONS"] = (
                env.get("ASAN_OPTIONS", "") + ":detect_leaks=0").lstrip(":")
        # the service manager's protocol: sockets from 3 on, LISTEN_PID;
        # moved out of the way first, so that none overwrites another
        far = max(*fds, theirs) + 1
        moves = [f"{far + n}<&{fd}" for n, fd in enumerate([*fds, theirs])]
        moves += [f"{3 + n}<&{far + n} {far + n}<&-"
                  for n in range(len(fds))]
        ready_fd = 3 + len(fds)
        moves.append(f"{ready_fd}>&{far + len(fds)} {far + len(fds)}>&-")
        script = f'exec {" ".join(moves)}; LISTEN_PID=$$ exec "$@"'
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["/bin/bash", "-c", script, "sh", *self.wrapper,
                 BUILD / "imprimaturd", "-c", self.conf, "--ready-fd", str(ready_fd)],
                stderr=log, stdout=log, stdin=subprocess.DEVNULL, env=env,
                pass_fds=(*fds, theirs), start_new_session=True)
        os.close(theirs)
        if expect_ready:
            got = select.select([ready], [], [], PATIENCE)[0]
            if not got or os.read(ready, 1) != b"\n":
                self.process.kill()
                raise AssertionError("the daemon did not become ready:\n"
                                     + self.log()[-3000:])
        os.close(ready)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def kill(self):
        """kill -9, with everything it started."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait(PATIENCE)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(PATIENCE) == 0, self.log()[-3000:]

    def close(self):
        self.kill()
        for s in (*self.sockets, self.outbox, self.inbox):
            s.close()
        shutil.rmtree(self.short, ignore_errors=True)

    def ctl(self, *args, ok=True, stdin=None, env=None):
        run = subprocess.run(
            [BUILD / "imprimatur", "--socket", self.control, *map(str, args)],
            capture_output=True, text=True, input=stdin, timeout=PATIENCE,
            env=dict(os.environ, **(env or {})))
        if ok:
            assert run.returncode == 0, (args, run.stdout, run.stderr)
        return run

    def json(self, *args):
        return json.loads(self.ctl("--json", *args).stdout)

    def state_of(self, draft):
        return self.json("show", draft)["state"]

    def wait_state(self, draft, *wanted, patience=PATIENCE):
        """A state has no event to wait for from outside: asked in turns."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            state = self.state_of(draft)
            if state in wanted:
                return state
            time.sleep(0.02)
        raise AssertionError(f"draft {draft} is {state}, not {wanted}\n"
                             + self.log()[-3000:])

    def wait_shown(self, n, remote=None):
        """Until the ledger knows where n notices stand in chats (in that
        message): from then on words are heard that do not say which draft they
        mean, as those of a person who has read it, and forms open.  It has no
        event for that either."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.closing(sqlite3.connect(
                    f"file:{self.state / 'ledger.db'}?mode=ro",
                    uri=True)) as db:
                if db.execute("select count(*) from shown where remote ="
                              " coalesce(?, remote)",
                              [remote]).fetchone()[0] >= n:
                    return
            time.sleep(0.02)
        raise AssertionError(f"fewer than {n} notices are shown\n"
                             + self.log()[-3000:])

    def smtp(self, login=True):
        client = smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE,
                              local_hostname="client.test")
        if login:
            client.login("bot", SECRET)
        return client

    def submit(self, message, sender="bot@agents.example",
               rcpts=("jane@customer.example",), options=()):
        """Submit as the agent; (code, text) of the answer to the dot."""
        raw = message if isinstance(message, bytes) else crlf(message)
        with self.smtp() as client:
            client.ehlo()
            code, text = client.mail(sender, options)
            assert code == 250, (code, text)
            for rcpt in rcpts:
                code, text = client.rcpt(rcpt)
                assert code == 250, (code, text)
            code, text = client.data(raw)
        return code, text.decode()

    def held(self, message, **kw):
        """Submit; (id, code) of the held draft."""
        code, text = self.submit(message, **kw)
        m = re.search(r"held for review id=(\d+) code=([A-Z2-7]{6})", text)
        assert code == 250 and m, (code, text)
        return int(m.group(1)), m.group(2)

    def reply(self, notice, text, sender=REVIEWER, header_from=None,
              to=None, extra=(), raw=None):
        """Answer a notice as a reviewer's mail server would pass it on."""
        to = to or notice["Reply-To"].addresses[0].addr_spec
        if raw is None:
            m = EmailMessage(policy=email.policy.SMTP)
            m["From"] = header_from or sender
            m["To"] = to
            m["Subject"] = "Re: " + str(notice["Subject"])
            m["Message-ID"] = f"<{time.time_ns()}@reviewers.example>"
            m["In-Reply-To"] = str(notice["Message-ID"])
            for name, value in extra:
                m[name] = value
            m.set_content(text)
            raw = m.as_bytes()
        with self.smtp(login=False) as client:
            client.ehlo()
            code, said = client.mail(sender if sender != "<>" else "")
            if code == 250:
                code, said = client.rcpt(to)
            if code == 250:
                code, said = client.data(raw)
        return code, said.decode()


def crlf(message):
    """A message's bytes with CRLF."""
    if isinstance(message, EmailMessage):
        return message.as_bytes(policy=email.policy.SMTP)
    return message


def draft(text="Hello Jane,\n\nyour parcel is on its way.\n",
          subject="Your parcel", to="jane@customer.example", **fields):
    m = EmailMessage(policy=email.policy.SMTP)
    m["From"] = "Support <bot@agents.example>"
    m["To"] = to
    m["Subject"] = subject
    m["Date"] = "Sat, 21 Nov 2026 06:55:40 +0000"
    m["Message-ID"] = fields.pop(
        "message_id", f"<{time.time_ns()}@agents.example>")
    for name, value in fields.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    return m


class Skipped(Exception):
    """This cannot be tested here; says why."""


def skip(why):
    raise Skipped(why)


def run(tests):
    """Run test functions that take a folder; print TAP."""
    only = sys.argv[1:]
    tests = [t for t in tests if not only or t.__name__ in only]
    print(f"1..{len(tests)}", flush=True)
    failures = 0
    for n, test in enumerate(tests, 1):
        folder = tempfile.mkdtemp(prefix="imprimatur-test-")
        name = test.__name__.removeprefix("test_").replace("_", " ")
        try:
            test(Path(folder))
            print(f"ok {n} - {name}", flush=True)
        except Skipped as why:
            print(f"ok {n} - {name} # SKIP {why}", flush=True)
        except Exception:  # noqa: BLE001: every failure is a result
            failures += 1
            print(f"not ok {n} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
            log = Path(folder) / "daemon.log"
            if log.exists():
                for line in log.read_text(errors="replace").splitlines()[-40:]:
                    print(f"# log: {line}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failures > 0)


def tests_of(module):
    return [f for name, f in sorted(
        vars(module).items(), key=lambda kv: getattr(
            getattr(kv[1], "__code__", None), "co_firstlineno", 0))
        if name.startswith("test_")]
