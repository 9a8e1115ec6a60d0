"""smuggle.py HOST PORT [--user U --password P] [--from ADDRESS] [--tls |
--starttls] [--bdat]: can a second mail be smuggled behind an odd end of data?

Each variant is the text of a mail, an odd end of data, the commands of a second
mail, and the true end.  A sound server answers once, and then to the command
that follows.  More answers mean that it read text as commands: "smuggled" when
it took the first mail at the odd end, "rejected, then commands" when it refused
it there.  Each is tried in one write and byte by byte; with --bdat also in
one chunk and torn apart by two.  Ends with 1 when any
variant, or the control, is unsound.
"""

import argparse
import base64
import socket
import ssl
import sys

VARIANTS = (
    b"\n.\n", b"\n.\r\n", b"\n.\r", b"\r.\r", b"\r.\r\n", b"\r.\n",
    b"\r\n.\r", b"\r\n.\n", b"\n\n.\r\n", b"\r\r.\r\r", b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n", b"\r\n\n.\n\r\n", b"\n\r.\r\n\r", b"\n\r\n.\n",
    b"\r\n\x00.\r\n", b"\r\n.\x00\r\n", b"\r\x00\n.\r\n", b"\x00\r\n.\x00\r\n",
    b"\r\n\x0b.\r\n", b"\r\n.\x0b\r\n", b"\x0b.\x0b", b"\x0c.\x0c",
    b"\x85.\x85", b"\xc2\x85.\xc2\x85", b"\xe2\x80\xa8.\xe2\x80\xa8",
    b"\r\n.\x1a\r\n", b"\r\n. \r\n", b"\r\n.\t\r\n",
)
# RFC 5321 4.1.1.4: this one is an end of data, whatever stands before it
CONTROL = b"\r\r\n.\r\n"
LAST = b"VRFY the-command-that-follows\r\n"


def unverified():
    """What is tried here is the framing, not the certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Session:
    def __init__(self, options):
        self.options = options
        self.sock = socket.create_connection(
            (options.host, options.port), 30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.tls:
            self.sock = unverified().wrap_socket(self.sock)
        self.file = self.sock.makefile("rb")
        self.answer()
        if options.starttls:
            self.command("EHLO smuggle.test", (250,))
            self.command("STARTTLS", (220,))
            self.sock = unverified().wrap_socket(self.sock)
            self.file = self.sock.makefile("rb")

    def answer(self):
        """The code of the next answer, or None at the end."""
        while True:
            line = self.file.readline()
            if not line:
                return None
            if line[3:4] != b"-":
                return int(line[:3])

    def command(self, line, wanted):
        self.sock.sendall(line.encode() + b"\r\n")
        code = self.answer()
        if code not in wanted:
            sys.exit(f"{line.split(' ')[0]} was answered {code}")

    def begin(self):
        o = self.options
        self.command("EHLO smuggle.test", (250,))
        if o.user:
            token = base64.b64encode(
                f"\0{o.user}\0{o.password}".encode()).decode()
            self.command(f"AUTH PLAIN {token}", (235,))
        self.command(f"MAIL FROM:<{o.sender}>", (250,))
        self.command(f"RCPT TO:<{o.to}>", (250, 251))

    def send(self, data, bytewise):
        if bytewise:
            for n in range(len(data)):
                self.sock.sendall(data[n:n + 1])
        else:
            self.sock.sendall(data)

    def answers_until_last(self):
        """Codes of all answers; the last one is that to LAST."""
        self.sock.sendall(LAST + b"QUIT\r\n")
        codes = []
        while (code := self.answer()) is not None:
            codes.append(code)
            if code == 221:
                break
        return codes

    def close(self):
        self.file.close()
        self.sock.close()


def second_mail(o):
    return (f"MAIL FROM:<{o.sender}>\r\nRCPT TO:<{o.to}>\r\nDATA\r\n"
            "Subject: smuggled\r\n\r\nsmuggled\r\n.\r\n").encode()


def verdict(codes):
    """What the answers after DATA's text say."""
    if len(codes) == 3 and codes[-1] == 221:
        return None
    if len(codes) < 3:
        return None if codes and codes[0] >= 400 else f"ended: {codes}"
    if codes[0] < 400:
        return f"SMUGGLED: {codes}"
    return f"REJECTED, THEN COMMANDS: {codes}"


def attempt(options, end, bytewise):
    session = Session(options)
    session.begin()
    session.command("DATA", (354,))
    head = (f"From: <{options.sender}>\r\nSubject: first\r\n\r\nfirst"
            ).encode()
    session.sock.sendall(head)
    session.send(end, bytewise)
    session.sock.sendall(second_mail(options))
    codes = session.answers_until_last()
    session.close()
    return codes


def attempt_chunk(options, end, torn):
    """The same mail in one chunk, or in two with the odd end torn apart."""
    session = Session(options)
    session.begin()
    head = f"From: <{options.sender}>\r\nSubject: first\r\n\r\nfirst".encode()
    text = head + end + second_mail(options)
    cut = len(head) + len(end) // 2 if torn else 0
    first = None
    if torn:
        session.sock.sendall(b"BDAT %d\r\n" % cut + text[:cut])
        first = session.answer()
    session.sock.sendall(b"BDAT %d LAST\r\n" % (len(text) - cut) + text[cut:])
    codes = session.answers_until_last()
    session.close()
    assert not torn or first == 250 or codes[0] >= 500, (first, codes)
    return codes


def control(options):
    """The strict end of data after a lone CR is an end; one answer then."""
    session = Session(options)
    session.begin()
    session.command("DATA", (354,))
    session.sock.sendall(b"Subject: control\r\n\r\ntext" + CONTROL)
    codes = session.answers_until_last()
    session.close()
    return len(codes) == 3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--from", dest="sender", default="a@sender.example")
    parser.add_argument("--to", default="b@receiver.example")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--bdat", action="store_true")
    options = parser.parse_args()
    ways = [("", attempt)] + [("BDAT ", attempt_chunk)] * options.bdat
    tried = unsound = 0
    for way, run in ways:
        for end in VARIANTS:
            for apart in (False, True):
                codes = run(options, end, apart)
                said = verdict(codes)
                tried += 1
                unsound += said is not None
                print(f"{way}{end!r}{' apart' if apart else ''}: "
                      f"{said or 'sound'} {codes[:1]}")
    sound = control(options)
    print(f"control: {'an end of data' if sound else 'NOT an end of data'}")
    print(f"{unsound} of {tried} unsound")
    sys.exit(1 if unsound or not sound else 0)


if __name__ == "__main__":
    main()
