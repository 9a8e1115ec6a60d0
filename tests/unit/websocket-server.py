"""A WebSocket server (RFC 6455) that behaves as its client's path says, in
clear and with certificates good and bad.  Of the standard library alone, so
that nothing of what is tested judges itself.  Prints its ports.

usage: websocket-server.py FOLDER
"""

import asyncio
import base64
import hashlib
import json
import os
import ssl
import struct
import subprocess
import sys
import warnings

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
warnings.simplefilter("ignore")  # an old TLS is offered on purpose
folder = sys.argv[1]


def frame(opcode, data, final=True):
    head = bytes([opcode | (0x80 if final else 0)])
    if len(data) < 126:
        return head + bytes([len(data)]) + data
    if len(data) < 65536:
        return head + b"\x7e" + struct.pack(">H", len(data)) + data
    return head + b"\x7f" + struct.pack(">Q", len(data)) + data


async def read_frame(reader):
    one, two = await reader.readexactly(2)
    size = two & 0x7F
    if not two & 0x80:
        raise ValueError("a client's frame is to be masked")
    if size == 126:
        size, = struct.unpack(">H", await reader.readexactly(2))
    elif size == 127:
        size, = struct.unpack(">Q", await reader.readexactly(8))
    mask = await reader.readexactly(4)
    data = await reader.readexactly(size)
    return one & 15, bytes(b ^ mask[i % 4] for i, b in enumerate(data))


async def echo(reader, writer):
    while True:
        opcode, data = await read_frame(reader)
        if opcode == CLOSE:
            return
        if opcode == TEXT:
            writer.write(frame(TEXT, data))
        elif opcode == PING:
            writer.write(frame(PONG, data))
        await writer.drain()


# ---- Slack's Socket Mode ----------------------------------------------------

SELF = {"team_id": "T1", "api_app_id": "A1"}


class Slack:
    """One connection of Socket Mode, as its published protocol has it."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def say(self, what):
        text = what if isinstance(what, str) else json.dumps(what)
        self.writer.write(frame(TEXT, text.encode()))
        await self.writer.drain()

    async def hello(self):
        await self.say({"type": "hello", "num_connections": 1,
                        "debug_info": {"host": "applink-1"},
                        "connection_info": {"app_id": "A1"}})

    async def reply(self, envelope, words, ts=None):
        await self.say({
            "type": "events_api", "envelope_id": envelope,
            "accepts_response_payload": False, "retry_attempt": 0,
            "payload": dict(SELF, type="event_callback", event_id="Ev1",
                            event={"type": "message", "channel": "C1",
                                   "user": "U2", "team": "T1",
                                   "text": words, "ts": ts or "2.1",
                                   "thread_ts": "1.1"})})

    async def form(self, envelope, words):
        meta = {"m": "1.1", "p": "17.1.K7Q4RM.form.ask", "c": "C1"}
        await self.say({
            "type": "interactive", "envelope_id": envelope,
            "accepts_response_payload": True,
            "payload": {
                "type": "view_submission", "team": {"id": "T1"},
                "user": {"id": "U2", "team_id": "T1"},
                "view": {"id": "V1", "callback_id": "imp-form",
                         "private_metadata": json.dumps(meta),
                         "state": {"values": {"text": {"input": {
                             "type": "plain_text_input",
                             "value": words}}}}}}})

    async def answer(self):
        """What the client says next; pings are answered on the way."""
        while True:
            opcode, data = await read_frame(self.reader)
            if opcode == TEXT:
                return json.loads(data)
            if opcode == PING:
                self.writer.write(frame(PONG, data))
            if opcode == CLOSE:
                raise ConnectionError("closed")

    async def expect(self, wanted):
        got = await self.answer()
        if got != wanted:
            await self.reply("wrong", "wrong: %r" % (got,))

    async def acked(self, envelope):
        await self.expect({"envelope_id": envelope})

    async def stay(self):
        while True:
            await self.answer()


async def slack(path, s):
    if path == "/slack/mute":
        await s.stay()
    await s.hello()
    if path == "/slack/all":
        await s.reply("E1", "one")
        await s.acked("E1")
        await s.reply("E1", "one")  # as after a lost acknowledgement
        await s.acked("E1")
        await s.form("E2", "refuse me")
        got = await s.answer()
        if (got.get("envelope_id") != "E2" or got.get("payload") != {
                "response_action": "errors",
                "errors": {"text": "Not so, \u00fcber all."}}):
            await s.reply("wrong", "wrong: %r" % (got,))
        await s.form("E3", "take me")
        await s.acked("E3")
        await s.say({"type": "slash_commands", "envelope_id": "E4",
                     "payload": {"command": "/x"}})
        await s.acked("E4")
        await s.say({"type": "interactive", "envelope_id": "E5",
                     "payload": ["what"]})
        await s.acked("E5")
        for odd in ("Ping from applink-1", "[1]", "{", "\"x\"", "{}",
                    {"type": 7}, {"type": "events_api"},
                    {"type": "events_api", "envelope_id": 7},
                    {"type": "events_api", "envelope_id": "x" * 5000},
                    {"type": "hello"}):
            await s.say(odd)
    elif path == "/slack/lost":
        await s.reply("E1", "lose me")
        await s.reply("E2", "keep me", "2.2")
        await s.acked("E2")
        await s.reply("E1", "lose me")
        await s.acked("E1")
    elif path == "/slack/slow":
        await s.reply("E1", "wait")
        await s.acked("E1")
    elif path == "/slack/refresh":
        await s.say({"type": "disconnect", "reason": "warning"})
        await s.say({"type": "disconnect", "reason": "refresh_requested"})
        await s.stay()
    elif path == "/slack/off":
        await s.say({"type": "disconnect", "reason": "link_disabled"})
        await s.stay()
    elif path == "/slack/hangup":
        return
    await s.reply("Ex", "done", "9.9")
    await s.stay()


async def behave(path, head, reader, writer):
    if path == "/echo":
        await echo(reader, writer)
    elif path == "/head":
        writer.write(frame(TEXT, head))
        await echo(reader, writer)
    elif path == "/pieces":  # a message in three frames, a ping between
        writer.write(frame(TEXT, b"one ", False) + frame(PING, b"p")
                     + frame(0, "zw\u00f6lf ".encode(), False)
                     + frame(0, b"three"))
        await echo(reader, writer)
    elif path == "/large":
        writer.write(frame(TEXT, b"x" * 90000))
        await echo(reader, writer)
    elif path == "/larger":
        writer.write(frame(TEXT, b"x" * 100001))
        await echo(reader, writer)
    elif path == "/endless":
        for _ in range(100000):
            writer.write(frame(TEXT if _ == 0 else 0, b"x" * 1000, False))
            await writer.drain()
    elif path == "/binary":
        writer.write(frame(BINARY, b"\x00\x01"))
        await echo(reader, writer)
    elif path == "/bye":
        writer.write(frame(TEXT, b"last words") +
                     frame(CLOSE, struct.pack(">H", 1001)))
        await writer.drain()
    elif path == "/cut":
        writer.write(b"\x81\x7e\x01")
        await writer.drain()
    elif path == "/nonsense":
        writer.write(b"\xff" * 50)
        await echo(reader, writer)
    elif path == "/deaf":  # takes all, says nothing, not even pong
        while await reader.read(1000):
            pass
    elif path == "/alive":  # says nothing but pong, then all it has heard
        pings = 0
        while pings < 3:
            opcode, data = await read_frame(reader)
            if opcode == PING:
                pings += 1
                writer.write(frame(PONG, data))
                await writer.drain()
        writer.write(frame(TEXT, b"three pings"))
        await echo(reader, writer)
    elif path.startswith("/slack/"):
        await slack(path, Slack(reader, writer))


async def serve(reader, writer):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        path = lines[0].split(" ")[1].split("?")[0]
        fields = {n.lower(): v for n, v in
                  (line.split(": ", 1) for line in lines[1:] if line)}
        if path == "/never":
            await reader.read()
        elif path == "/redirect":
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:%d"
                         b"/echo\r\nContent-Length: 0\r\n\r\n" % clear)
        elif path == "/denied":
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        elif path == "/page":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        elif path == "/liar":
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\n"
                         b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="
                         b"\r\n\r\n")
        else:
            accept = base64.b64encode(hashlib.sha1(
                fields["sec-websocket-key"].encode() + GUID).digest())
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\n"
                         b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
            await behave(path, head, reader, writer)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    finally:
        writer.close()


def openssl(*args):
    subprocess.run(["openssl", *args], cwd=folder, check=True,
                   capture_output=True)


def authority(name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
            "-out", name + ".pem", "-days", "2", "-subj", "/CN=" + name)


def certificate(name, signer, host, days="2"):
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
            "-subj", "/CN=" + host)
    with open(os.path.join(folder, name + ".ext"), "w") as f:
        f.write("subjectAltName=DNS:%s\n" % host)
    openssl("x509", "-req", "-in", name + ".csr", "-CA", signer + ".pem",
            "-CAkey", signer + ".key", "-CAcreateserial", "-out",
            name + ".pem", "-days", days, "-extfile", name + ".ext")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, name + ".pem"),
                            os.path.join(folder, name + ".key"))
    return context


async def listen(context=None):
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    return server.sockets[0].getsockname()[1]


async def main():
    global clear
    authority("ours")
    authority("theirs")
    old = certificate("old", "ours", "localhost", "-1")
    dated = certificate("dated", "ours", "localhost")
    dated.maximum_version = ssl.TLSVersion.TLSv1_1
    dated.set_ciphers("ALL:@SECLEVEL=0")
    clear = await listen()
    ports = [clear,
             await listen(certificate("good", "ours", "localhost")),
             await listen(certificate("other", "ours", "other.example")),
             await listen(certificate("alien", "theirs", "localhost")),
             await listen(old), await listen(dated)]
    print(*ports, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # whoever started it is gone


asyncio.run(main())
