"""A small IMAP server in the test: honest, until the test replaces what it
says to one command.  One folder with mails; the others only take them."""

import contextlib
import re
import shutil
import socket
import ssl
import tempfile
import threading
from pathlib import Path

import harness
from harness import PATIENCE


OLD = "01-Jan-2026 00:00:00 +0000"


class Talk:
    """One connection."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.rest = b""
        self.idle = None

    def line(self):
        while b"\n" not in self.rest:
            got = self.sock.recv(65536)
            if not got:
                raise OSError("gone")
            self.rest += got
        line, self.rest = self.rest.split(b"\n", 1)
        return line.rstrip(b"\r")

    def exactly(self, n):
        while len(self.rest) < n:
            got = self.sock.recv(65536)
            if not got:
                raise OSError("gone")
            self.rest += got
        got, self.rest = self.rest[:n], self.rest[n:]
        return got

    def say(self, *lines):
        self.sock.sendall(b"".join(
            (x if isinstance(x, bytes) else x.encode()) + b"\r\n"
            for x in lines))

    def ok(self, tag, *lines):
        self.say(*lines, tag + " OK done")

    def serve(self):
        self.say("* OK hello")
        while True:
            tag, _, rest = self.line().decode("latin-1").partition(" ")
            verb, _, args = rest.partition(" ")
            verb = verb.upper()
            if verb == "UID":
                verb, _, args = args.partition(" ")
                verb = "UID " + verb.upper()
            self.server.note(verb)
            special = self.server.answers.get(verb)
            if special is not None and special(self, tag, args) is not False:
                continue
            getattr(self, "do_" + verb.lower().replace(" ", "_"))(tag, args)

    def do_capability(self, tag, args):
        self.ok(tag, "* CAPABILITY IMAP4rev1 " + self.server.capabilities)

    def do_login(self, tag, args):
        self.user = args.split()[0].strip('"')
        self.ok(tag)

    def do_logout(self, tag, args):
        self.ok(tag, "* BYE bye")

    def do_list(self, tag, args):
        self.ok(tag, '* LIST (\\Noselect) "/" ""')

    def do_create(self, tag, args):
        self.ok(tag)

    do_subscribe = do_noop = do_create

    def do_select(self, tag, args):
        s = self.server
        self.ok(tag, f"* {len(s.mails)} EXISTS",
                f"* OK [UIDVALIDITY {s.validity}] valid",
                "* FLAGS (\\Seen \\Deleted)")

    def do_uid_search(self, tag, args):
        uids = " ".join(str(u) for u in sorted(self.server.mails))
        self.ok(tag, "* SEARCH " + uids if uids else "* SEARCH")

    def do_uid_fetch(self, tag, args):
        wanted, what = args.split(" ", 1)
        for n, uid in enumerate(map(int, wanted.split(",")), 1):
            raw = self.server.mails.get(uid)
            if raw is None:
                continue
            if "BODY" in what:
                self.say(f"* {n} FETCH (UID {uid} BODY[] "
                         f"{{{len(raw)}}}".encode())
                self.sock.sendall(raw)
                self.say(")")
            else:
                self.say(f"* {n} FETCH (UID {uid} FLAGS () INTERNALDATE "
                         f'"{self.server.arrived.get(uid, OLD)}" '
                         f"RFC822.SIZE {len(raw)})")
        self.ok(tag)

    def do_uid_move(self, tag, args):
        self.server.moved.append(self.server.mails.pop(int(args.split()[0])))
        self.ok(tag)

    def do_append(self, tag, args):
        self.say("+ go on")
        size = int(re.search(r"\{(\d+)\}$", args).group(1))
        self.server.moved.append(self.exactly(size))
        self.line()
        self.ok(tag)

    def do_idle(self, tag, args):
        self.say("+ idling")
        self.server.idling.release()
        self.idle = tag
        assert self.line().upper() == b"DONE"
        self.idle = None
        self.ok(tag)


class Strange:
    def __init__(self, capabilities="IDLE MOVE UIDPLUS AUTH=PLAIN"):
        self.dir = Path(tempfile.mkdtemp(prefix="strange"))
        harness.certificate(self.dir, "localhost")
        self.ca = self.dir / "ca.pem"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.dir / "cert.pem",
                                     self.dir / "key.pem")
        self.capabilities = capabilities
        self.validity = 7
        self.mails, self.moved = {}, []
        self.arrived = {}  # uid -> INTERNALDATE
        self.answers = {}
        self.seen = {}
        self.talks = []
        self.idling = threading.Semaphore(0)
        self.changed = threading.Condition()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.imap = self.imaps = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(c,), daemon=True).start()

    def talk(self, c):
        c.settimeout(PATIENCE * 2)
        self.note("connect")
        with contextlib.suppress(OSError, AssertionError, ValueError,
                                 KeyError, AttributeError):
            with self.context.wrap_socket(c, server_side=True) as sock:
                talk = Talk(self, sock)
                self.talks.append(talk)
                talk.serve()

    def note(self, verb):
        with self.changed:
            self.seen[verb] = self.seen.get(verb, 0) + 1
            self.changed.notify_all()

    def wait(self, verb, n=1):
        with self.changed:
            assert self.changed.wait_for(
                lambda: self.seen.get(verb, 0) >= n, PATIENCE), self.seen

    def wait_idle(self):
        assert self.idling.acquire(timeout=PATIENCE), self.seen

    def close(self):
        self.socket.close()
        shutil.rmtree(self.dir, ignore_errors=True)
