#!/usr/bin/env python3
"""run-dialogs.py [FILE...]: plays SMTP dialogues with the real daemon.  Prints
TAP.  A dialogue is a file *.txt beside this one; its lines:

  # a remark
  listener: clear        where it is played: clear (the default), starttls,
                         implicit; before the first line that is played
  limits: errors = 3;    settings of the daemon; likewise
  C: NOOP                sends the line, and CRLF
  >: a\\nb                sends the text alone
  S: 250 2.0.0           the next line of the server begins so
  S*: 250 ENHANCED       the last line of its next whole reply begins so
  HAS: 250-AUTH          a line of that last whole reply begins so
  LACKS: 250-STARTTLS    none does
  TLS                    does the handshake
  END                    the server closes, and says no more

\\r, \\n, \\0, \\xNN and \\\\ are understood in C and >, as are ${plain} (a right
login for AUTH PLAIN), ${wrong} (a wrong one), ${name}, ${secret} (for AUTH
LOGIN), ${x:N} (N letters x) and ${lines:N} (N lines of 64 bytes).
"""

import base64
import re
import socket
import ssl
import sys
import tempfile
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from harness import PATIENCE, SECRET, Daemon  # noqa: E402

LISTENERS = ("clear", "starttls", "implicit")
SETTINGS = ("listener", "limits")


def b64(text):
    return base64.b64encode(text.encode()).decode()


WORDS = {
    "plain": b64(f"\0bot\0{SECRET}"),
    "wrong": b64("\0bot\0wrong"),
    "name": b64("bot"),
    "secret": b64(SECRET),
}


def expand(text):
    """What a line of a dialogue sends, as bytes."""
    text = re.sub(r"\$\{(\w+)\}", lambda m: WORDS[m.group(1)], text)
    text = re.sub(r"\$\{x:(\d+)\}", lambda m: "x" * int(m.group(1)), text)
    text = re.sub(r"\$\{lines:(\d+)\}",
                  lambda m: ("x" * 62 + "\r\n") * int(m.group(1)), text)
    return text.encode().decode("unicode_escape").encode("latin-1")


def read(path):
    """The settings and the steps [(number, verb, text)] of a dialogue."""
    settings, steps = {"listener": "clear", "limits": ""}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        verb, _, text = line.partition(":")
        text = text.removeprefix(" ")
        if verb in SETTINGS:
            assert not steps, f"line {number}: settings come first"
            settings[verb] = text
        else:
            steps.append((number, verb, text))
    assert settings["listener"] in LISTENERS
    return settings, steps


class Player:
    """One connection, and the last reply that was read on it."""

    def __init__(self, port, implicit, context):
        self.context = context
        self.buffer = b""
        self.reply = []
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if implicit:
            self.secure()

    def close(self):
        self.socket.close()

    def secure(self):
        self.socket = self.context.wrap_socket(self.socket)

    def line(self):
        while b"\n" not in self.buffer:
            got = self.socket.recv(65536)
            assert got, "the server closed"
            self.buffer += got
        line, _, self.buffer = self.buffer.partition(b"\n")
        assert line.endswith(b"\r"), line
        return line[:-1].decode("ascii")

    def whole(self):
        self.reply = [self.line()]
        while self.reply[-1][3] == "-":
            self.reply.append(self.line())
        return self.reply[-1]

    def ended(self):
        """Nothing but the end comes, in good order or not."""
        try:
            rest = self.buffer + self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            rest = self.buffer
        assert not rest, rest

    def step(self, verb, text):
        if verb == "C":
            self.socket.sendall(expand(text) + b"\r\n")
        elif verb == ">":
            self.socket.sendall(expand(text))
        elif verb in ("S", "S*"):
            said = self.line() if verb == "S" else self.whole()
            assert said.startswith(text), f"the server said: {said}"
        elif verb in ("HAS", "LACKS"):
            has = any(line.startswith(text) for line in self.reply)
            assert has == (verb == "HAS"), f"the server said: {self.reply}"
        elif verb == "TLS":
            self.secure()
        elif verb == "END":
            self.ended()
        else:
            raise AssertionError(f"no such verb: {verb}")


def play(path, daemon):
    settings, steps = read(path)
    kind = settings["listener"]
    port = (daemon.port, *daemon.tls_ports)[LISTENERS.index(kind)]
    context = ssl.create_default_context(cafile=daemon.folder / "ca.pem")
    context.check_hostname = False  # we connect to 127.0.0.1
    player = Player(port, kind == "implicit", context)
    with closing(player):
        for number, verb, text in steps:
            try:
                player.step(verb, text)
            except (AssertionError, OSError) as error:
                raise AssertionError(
                    f"line {number}: {verb}: {text}: {error}") from error


def play_all(paths):
    """Play in groups that share a daemon; yields (path, what went wrong)."""
    groups = {}
    for path in paths:
        groups.setdefault(read(path)[0]["limits"], []).append(path)
    for limits, group in groups.items():
        with tempfile.TemporaryDirectory(prefix="imprimatur-dialog-") as folder:
            with closing(Daemon(folder, tls=True, limits=limits)) as daemon:
                daemon.start()
                for path in group:
                    try:
                        play(path, daemon)
                        yield path, None
                    except AssertionError as error:
                        yield path, error
                daemon.stop()


def main():
    paths = [Path(p) for p in sys.argv[1:]] or sorted(HERE.glob("*.txt"))
    print(f"1..{len(paths)}", flush=True)
    failures = 0
    for number, (path, wrong) in enumerate(play_all(paths), 1):
        failures += wrong is not None
        print(f"{'not ok' if wrong else 'ok'} {number} - {path.stem}",
              flush=True)
        if wrong:
            print(f"# {wrong}", flush=True)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
