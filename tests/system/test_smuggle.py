"""Odd ends of data.  Coming in, nothing after one of them is ever read as
commands; going out, what was approved is one mail on the wire, whatever it
holds, and nothing follows it.
"""

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import harness
from harness import SECRET, Daemon, draft
from recording import RecordingSink

SMUGGLE = Path(__file__).with_name("smuggle.py")
SECOND = ("MAIL FROM:<smuggled@agents.example>\r\n"
          "RCPT TO:<victim@customer.example>\r\nDATA\r\n"
          "Subject: smuggled\r\n\r\nsmuggled\r\n.\r\n").encode()
# What some servers take for an end of data, or cut from a line.
ENDS = (
    b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r",
    b"\r.\n", b"\n.\r", b"\n\n.\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n",
    b"\r\n\x00.\r\n", b"\r\n.\x00\r\n", b"\r\n.\x0b\r\n", b"\r\n.\x0c\r\n",
    b"\r\n.\x1a\r\n", b"\r\n.\x85\r\n", b"\r\n.\xc2\x85\r\n",
    b"\xe2\x80\xa8.\xe2\x80\xa8", b"\r\n.\xe2\x80\xa9\r\n", b"\x0b.\x0b",
    b"\x0c.\x0c", b"\x1e.\x1e", b"\r\n. \r\n", b"\r\n .\r\n", b"\r\n.\t\r\n",
    b"\r\n..\r\n", b"\r\n...\r\n", b"\r\n.=\r\n", b"\r\n=2E\r\n",
)
HEAD = (b"From: bot@agents.example\r\nTo: jane@customer.example\r\n"
        b"Subject: odd %d\r\nMIME-Version: 1.0\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n")


BARE = rb"\r(?!\n)|(?<!\r)\n|\0"


def mail_with(end, n):
    return HEAD % n + b"first line" + end + SECOND


def submit_raw(client, raw, chunked):
    """The answer to the end of the mail, sent as DATA or as BDAT."""
    assert client.mail("bot@agents.example", ["BODY=8BITMIME"])[0] == 250
    assert client.rcpt("jane@customer.example")[0] == 250
    if chunked:
        client.send(b"BDAT %d LAST\r\n" % len(raw) + raw)
        return client.getreply()
    assert client.docmd("DATA")[0] == 354
    client.send(raw)  # not dot-stuffed: SECOND's dot is the true end
    return client.getreply()


def in_step(client, mark):
    """The next answer is the answer to the next command."""
    code, said = client.docmd("VRFY", mark)
    assert code in (252, 502, 550, 553), (code, said)
    assert client.noop()[0] == 250


def submit_all(d, edits=True):
    """Every end by DATA, BDAT and edit; the numbers that were held."""
    held = []
    with d.smtp() as client:
        client.ehlo()
        for n, end in enumerate(ENDS):
            for chunked in (False, True):
                code, said = submit_raw(client, mail_with(end, n), chunked)
                assert code == 250 or 500 <= code < 600, (end, code, said)
                odd = re.search(BARE, mail_with(end, n))
                assert (code == 250) == (odd is None), (end, code, said)
                in_step(client, "nobody")
                if code == 250:
                    held.append(int(re.search(rb"id=(\d+)", said).group(1)))
    for n, end in enumerate(ENDS if edits else ()):
        number, _ = d.held(draft(subject=f"to edit {n}"))
        text = (b"first line" + end + SECOND).replace(b"\0", b"")
        d.ctl("edit", number, "--file", "-",
              stdin=text.decode("utf-8", "replace"), ok=False)
        held.append(number)
    return sorted(set(held))


def one_mail_each(stream):
    """The mails of a raw stream; fails when the framing is not exact."""
    bodies, chunks = [], b""
    while stream:
        line, end, stream = stream.partition(b"\r\n")
        assert end, line
        verb = line.split(b" ")[0].upper()
        assert verb in (b"EHLO", b"MAIL", b"RCPT", b"DATA", b"BDAT", b"RSET",
                        b"NOOP", b"QUIT"), f"read as a command: {line!r}"
        assert not re.search(rb"[\r\n\0]", line), line
        if verb == b"DATA":
            body, end, stream = stream.partition(b"\r\n.\r\n")
            assert end, "no end of data"
            for text in body.split(b"\r\n"):
                assert not text.startswith(b".") or text.startswith(b".."), text
            bodies.append(body)
        elif verb == b"BDAT":
            size = int(line.split(b" ")[1])
            chunks, stream = chunks + stream[:size], stream[size:]
            if line.upper().endswith(b" LAST"):
                bodies.append(chunks)
                chunks = b""
    for body in bodies:
        odd = re.search(BARE, body)
        assert not odd, body[max(0, odd.start() - 40):odd.end() + 40]
    return bodies


def goes_out_as_one(folder, keywords):
    sink = RecordingSink(keywords)
    relay = (f'host = "127.0.0.1"; port = {sink.port}; tls = "none"; '
             'connections = 2;')
    with contextlib.closing(Daemon(folder, relay=relay)) as d:
        d.start()
        held = submit_all(d)
        assert len(held) > len(ENDS) / 3
        for number in held:
            d.ctl("approve", number)
        for number in held:
            d.wait_state(number, "sent")
        d.stop()
    senders = {m[0] for m in sink.mails}
    assert senders == {"bot@agents.example"}, senders
    assert len(sink.mails) == len(held)
    bodies = [b for s in sink.streams for b in one_mail_each(bytes(s))]
    assert len(bodies) == len(held)
    print(f"# {len(held)} odd mails of {3 * len(ENDS)} left, each as one",
          flush=True)


def test_going_out_by_data(folder):
    goes_out_as_one(folder, ("PIPELINING", "8BITMIME", "SMTPUTF8"))


def test_going_out_by_bdat(folder):
    goes_out_as_one(folder, ("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING"))


def test_coming_in(folder):
    """The scanner of all known variants finds nothing."""
    with contextlib.closing(Daemon(folder, limits="errors = 1000;")) as d:
        d.start()
        run = subprocess.run(
            [sys.executable, SMUGGLE, "127.0.0.1", str(d.port), "--user",
             "bot", "--password", SECRET, "--from", "bot@agents.example"],
            capture_output=True, text=True, timeout=300)
        for line in (run.stdout + run.stderr).splitlines()[-40:]:
            print(f"# {line}", flush=True)
        assert run.returncode == 0
        for row in d.json("list", "--all", "--limit", 1000)["drafts"]:
            assert "smuggled" not in str(row), row
        d.stop()


harness.run(harness.tests_of(sys.modules[__name__]))
