"""The server's side of a WebSocket (RFC 6455) on a socket that did HTTP."""

import base64
import hashlib
import struct

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def accept(key):
    """What Sec-WebSocket-Accept has to say."""
    return base64.b64encode(
        hashlib.sha1((key + MAGIC).encode()).digest()).decode()


class Broken(Exception):
    """The client does not keep to the protocol, or is gone."""


class Peer:
    """One client; rfile and wfile as after the upgrade."""

    def __init__(self, rfile, wfile):
        self.rfile, self.wfile = rfile, wfile
        self.pongs = []  # what came back

    def send(self, opcode, data=b""):
        size = len(data)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([size])
        elif size < 65536:
            head += b"\x7e" + struct.pack("!H", size)
        else:
            head += b"\x7f" + struct.pack("!Q", size)
        self.wfile.write(head + data)
        self.wfile.flush()

    def exactly(self, n):
        data = self.rfile.read(n)
        if data is None or len(data) < n:
            raise Broken("gone")
        return data

    def frame(self):
        """(fin, opcode, data), unmasked; a client must mask."""
        first, second = self.exactly(2)
        size = second & 0x7f
        if first & 0x70 or not second & 0x80:
            raise Broken("bits that nobody agreed on, or no mask")
        if size == 126:
            size, = struct.unpack("!H", self.exactly(2))
        elif size == 127:
            size, = struct.unpack("!Q", self.exactly(8))
        if size > 1 << 24:
            raise Broken("a frame that is too large")
        mask = self.exactly(4)
        data = bytes(b ^ mask[i & 3] for i, b in enumerate(
            self.exactly(size)))
        return bool(first & 0x80), first & 0x0f, data

    def message(self):
        """The next text, whole; None when the client says goodbye.  Pings are
        answered, pongs remembered."""
        parts = b""
        while True:
            fin, opcode, data = self.frame()
            if opcode == CLOSE:
                self.send(CLOSE, data[:2])
                return None
            if opcode == PING:
                self.send(PONG, data)
            elif opcode == PONG:
                self.pongs.append(data)
            elif opcode == BINARY:
                raise Broken("not text")
            else:
                parts += data
                if fin:
                    return parts.decode()
