"""A relay host that takes everything and remembers it: what arrived, for whom,
in which order.  Threads and sockets of the standard library, no more."""

import re
import socket
import socketserver
import threading


class _Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def handle(self):
        try:
            self.serve()
        except (ConnectionError, ValueError, OSError):
            pass

    def serve(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.say("220 sink.test ESMTP")
        sender, rcpts, chunks = None, [], b""
        while True:
            line = self.rfile.readline(4096)
            if not line.endswith(b"\r\n"):
                return
            words = line[:-2].decode("utf-8", "replace")
            verb = words.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-sink.test")
                for keyword in self.server.keywords:
                    self.say(f"250-{keyword}")
                self.say("250 ENHANCEDSTATUSCODES")
            elif verb == "MAIL":
                sender = re.search(r"<(.*?)>", words).group(1)
                rcpts, chunks = [], b""
                self.say("250 2.1.0 ok")
            elif verb == "RCPT":
                rcpts.append(re.search(r"<(.*?)>", words).group(1))
                self.say("250 2.1.5 ok")
            elif verb == "DATA":
                self.say("354 go on")
                self.took(sender, rcpts, self.read_data())
                self.say("250 2.0.0 taken")
            elif verb == "BDAT":
                size, *last = words.split(" ")[1:]
                chunks += self.rfile.read(int(size))
                if last:
                    self.took(sender, rcpts, chunks)
                self.say("250 2.0.0 taken")
            elif verb == "RSET":
                self.say("250 2.0.0 ok")
            elif verb == "QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("502 5.5.1 what?")

    def read_data(self):
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                raise ConnectionError
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def took(self, sender, rcpts, data):
        with self.server.lock:
            self.server.mails.append((sender, tuple(rcpts), data))
            self.server.changed.notify_all()


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, keywords=("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN")):
        self.keywords = keywords
        self.mails = []
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        super().__init__(("127.0.0.1", 0), _Session)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, n, patience=60):
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(self.mails) >= n, patience), (
                f"{len(self.mails)} of {n} mails came to the sink")
            return list(self.mails)
