"""A relay host that fails on demand: at one of twelve places, in one of nine
ways, once, and works the next time.

Places up to AUTH are about a connection: Relayhost.faults is a list of (place,
way), of which each new connection takes the first.  Later places are about a
mail: its recipient, "place.way.anything@cells.example", says what happens to
it the first time it comes.

Each mail that was taken becomes a line of the log file, if there is one: when,
its SHA-256, sender and recipients; it is on disk before the answer is said.
"""

import contextlib
import hashlib
import json
import os
import re
import socket
import socketserver
import ssl
import struct
import threading
import time

CONNECTION_PLACES = ("connect", "banner", "ehlo", "starttls", "tls", "auth")
MAIL_PLACES = ("mail", "rcpt", "data", "body", "dot", "quit")
WAYS = ("4xx", "5xx", "421", "wrong", "garbage", "silence", "reset", "close",
        "endless")
KEYWORDS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN")


class Gone(Exception):
    """This session is over."""


class _Session(socketserver.BaseRequestHandler):
    def setup(self):
        self.sock = self.request
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.place = self.way = None  # the fault of this connection
        self.last = None  # the recipient of the last mail
        self.secure = False

    def handle(self):
        with contextlib.suppress(Gone, OSError, ValueError):
            self.serve()
        with contextlib.suppress(OSError):
            self.sock.close()

    # ---- bytes ----

    def say(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.buffer += data

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def exactly(self, size):
        while len(self.buffer) < size:
            self.fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    # ---- faults ----

    def at(self, place):
        """Act if this connection's fault is here; True if it answered."""
        if self.place != place:
            return False
        self.place = None
        self.act(self.way)
        return True

    def at_mail(self, place, rcpts):
        way = self.server.fault_of(place, rcpts)
        if way:
            self.act(way, "250" if place == "data" else "354")
        return way is not None

    def act(self, way, wrong="354"):
        if way == "4xx":
            self.say("450 4.2.0 not now")
        elif way == "5xx":
            self.say("550 5.7.0 never")
        elif way == "421":
            self.say("421 4.3.2 going down")
            raise Gone
        elif way == "wrong":
            self.say(f"{wrong} what nobody asked for")
        elif way == "garbage":
            self.sock.sendall(b"\x00\xff\x80 2500 ?\r\n")
        elif way == "silence":
            self.until_closed()
        elif way == "reset":
            self.reset()
        elif way == "close":
            raise Gone
        elif way == "endless":
            with contextlib.suppress(OSError):
                for _ in range(40000):
                    self.sock.sendall(b"250-" + b"x" * 60 + b"\r\n")
            raise Gone

    def until_closed(self):
        while self.sock.recv(65536):
            pass
        raise Gone

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        if isinstance(self.sock, ssl.SSLSocket):
            # no close_notify
            socket.close(self.sock.detach())
        raise Gone

    # ---- the session ----

    def serve(self):
        self.place, self.way = self.server.next_fault()
        if not self.at("connect"):
            if self.place == "banner":
                self.say("220-relayhost.test begins")
            if not self.at("banner"):
                self.say("220 relayhost.test ESMTP")
        self.sender, self.rcpts, self.chunks = None, [], b""
        while True:
            words = self.line().decode("utf-8", "replace").split(" ", 1)
            verb = words[0].lower()
            handler = getattr(self, "do_" + verb, None)
            if handler is None:
                self.say("502 5.5.1 what?")
            else:
                handler(words[1] if len(words) > 1 else "")

    def do_ehlo(self, _):
        if self.at("ehlo"):
            return
        keywords = list(self.server.keywords)
        if self.server.tls and not self.secure:
            keywords.append("STARTTLS")
        if self.secure:
            keywords.append("AUTH PLAIN LOGIN")
        self.say("250-relayhost.test")
        for keyword in keywords:
            self.say(f"250-{keyword}")
        self.say("250 ENHANCEDSTATUSCODES")

    def do_starttls(self, _):
        if self.at("starttls"):
            return
        self.say("220 2.0.0 go ahead")
        if self.at("tls"):
            raise Gone
        self.sock = self.server.tls.wrap_socket(self.sock, server_side=True)
        self.buffer, self.secure = b"", True

    def do_auth(self, words):
        if self.at("auth"):
            return
        if " " not in words:
            self.say("334 ")
            self.line()
        self.say("235 2.7.0 welcome")

    def do_mail(self, words):
        """Which cell it is, only RCPT will tell; so the sender tells too."""
        self.sender, self.rcpts, self.chunks = address(words), [], b""
        if not self.at_mail("mail", [self.server.expected(words)]):
            self.say("250 2.1.0 ok")
        else:
            self.sender = None

    def do_rcpt(self, words):
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif not self.at_mail("rcpt", [address(words)]):
            self.rcpts.append(address(words))
            self.say("250 2.1.5 ok")

    def do_data(self, _):
        if not self.rcpts:
            self.say("503 5.5.1 no recipients")
        elif not self.at_mail("data", self.rcpts):
            self.say("354 go on")
            self.take(self.read_data())

    def read_data(self):
        lines = []
        while True:
            line = self.line()
            if line == b".":
                return b"".join(lines)
            lines.append((line[1:] if line.startswith(b".") else line)
                         + b"\r\n")
            if len(lines) == 1 and self.at_mail("body", self.rcpts):
                raise Gone

    def do_bdat(self, words):
        size, _, last = words.partition(" ")
        chunk = self.exactly(int(size))
        if not self.rcpts:
            self.say("503 5.5.1 no recipients")
            return
        if self.at_mail("data", self.rcpts):
            self.rcpts = []
            return
        self.chunks += chunk
        if last.upper() == "LAST":
            self.take(self.chunks)
        else:
            self.say("250 2.0.0 more")

    def take(self, data):
        """After the dot: whether the mail was taken, and what is said."""
        way = self.server.fault_of("dot", self.rcpts)
        if way in (None, "wrong", "garbage", "silence", "reset", "close",
                   "endless"):
            self.server.took(self.sender, self.rcpts, data)
        self.last, self.rcpts = self.rcpts, []
        if way:
            self.act(way)
        else:
            self.say("250 2.0.0 taken")

    def do_rset(self, _):
        self.sender, self.rcpts, self.chunks = None, [], b""
        self.say("250 2.0.0 ok")

    def do_noop(self, _):
        self.say("250 2.0.0 ok")

    def do_quit(self, _):
        if not self.at_mail("quit", self.last or []):
            self.say("221 2.0.0 bye")
        raise Gone


def address(words):
    return re.search(r"<(.*?)>", words).group(1)


class Relayhost(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, certificate=None, key=None, keywords=KEYWORDS,
                 log=None):
        self.keywords, self.tls, self.log = keywords, None, log
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate, key)
        self.faults = []
        self.done = set()  # (place, recipient) that have failed once
        self.mails = []  # (sender, recipients, bytes) that were taken
        self.connections = 0
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        super().__init__(("127.0.0.1", 0), _Session)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def next_fault(self):
        with self.lock:
            self.connections += 1
            return self.faults.pop(0) if self.faults else (None, None)

    @staticmethod
    def expected(words):
        """MAIL FROM:<cell+place.way.n@agents.example> names its recipient."""
        local = address(words).partition("@")[0]
        return local.partition("+")[2] + "@cells.example"

    def fault_of(self, place, rcpts):
        """The way in which this mail is to fail here, once."""
        for rcpt in rcpts:
            parts = rcpt.split("@")[0].split(".")
            if rcpt.endswith("@cells.example") and parts[0] == place:
                with self.lock:
                    if (place, rcpt) not in self.done:
                        self.done.add((place, rcpt))
                        return parts[1]
        return None

    def took(self, sender, rcpts, data):
        with self.changed:
            self.mails.append((sender, tuple(rcpts), data))
            if self.log:
                self.write_log(sender, rcpts, data)
            self.changed.notify_all()

    def write_log(self, sender, rcpts, data):
        row = {"time": time.time(), "sha256": hashlib.sha256(data).hexdigest(),
               "from": sender, "to": rcpts}
        with open(self.log, "a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")
            out.flush()
            os.fsync(out.fileno())
