"""quickstart.py CLONE: what a first user would try on a quickstart that runs
in CLONE.  The standard library's SMTP client, Maildirs, and the command line.
One line per check; ends with 1 when any of them failed.
"""

import json
import re
import smtplib
import subprocess
import sys
import time
import traceback
import urllib.request
from pathlib import Path

from harness import (Maildir, code_of, crlf, draft, envelope_of, parse, plain,
                     without_received)

CLONE = Path(sys.argv[1])
REVIEWER = "you@localhost"


def quickstart(*args):
    run = subprocess.run([CLONE / "contrib/quickstart", *map(str, args)],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, (args, run.stdout, run.stderr)
    return run.stdout


def mail(text, **kw):
    m = draft(text, **kw)
    del m["From"]
    m["From"] = "Demo <agent@demo.example>"
    return crlf(m)


def submit(raw):
    with smtplib.SMTP("127.0.0.1", 2525, timeout=60) as client:
        client.login("demo", "demo")
        client.ehlo_or_helo_if_needed()
        assert client.mail("agent@demo.example")[0] == 250
        assert client.rcpt("jane@customer.example")[0] == 250
        code, text = client.data(raw)
    found = re.search(rb"held for review id=(\d+) code=([A-Z2-7]{6})", text)
    assert code == 250 and found, (code, text)
    return int(found.group(1)), found.group(2).decode()


def reply(notice, text, sender=REVIEWER):
    to = notice["Reply-To"].addresses[0].addr_spec
    raw = (f"From: {sender}\r\nTo: {to}\r\nSubject: Re: it\r\n"
           f"Message-ID: <{time.time_ns()}@localhost>\r\n\r\n"
           + text.replace("\n", "\r\n") + "\r\n").encode()
    with smtplib.SMTP("127.0.0.1", 2525, timeout=60) as client:
        try:
            client.sendmail(sender, [to], raw)
        except smtplib.SMTPException:
            assert sender != REVIEWER


class Trial:
    def __init__(self):
        self.reviewer = Maildir(CLONE / "quickstart/reviewer")
        self.outbox = Maildir(CLONE / "quickstart/outbox")

    def notice_of(self, code):
        """The notice that shows this revision."""
        while True:
            m = self.reviewer.message()
            if code in plain(m) and re.search(r"\bapprove [A-Z2-7]{6}\b",
                                              plain(m)):
                return m

    def health(self):
        with urllib.request.urlopen("http://127.0.0.1:8025/healthz") as a:
            assert a.read() == b"ok\n"

    def approve_by_mail(self):
        raw = mail("Your refund of 49.90 EUR is on its way.\n")
        number, code = submit(raw)
        notice = self.notice_of(code)
        assert code_of(notice) == code and "49.90 EUR" in plain(notice)
        assert self.outbox.fresh() == []
        reply(notice, "approve")
        sender, rcpts, sent = envelope_of(self.outbox.wait()[0])
        assert sender == "agent@demo.example"
        assert rcpts == ["jane@customer.example"]
        assert without_received(sent) == raw
        self.reviewer.wait()  # the receipt
        reply(notice, "approve")  # the same again: no second mail
        self.reviewer.wait()
        assert self.outbox.fresh() == []

    def words_that_decide_nothing(self):
        number, code = submit(mail("approve\n\nHello\n", subject="approve"))
        notice = self.notice_of(code)
        reply(notice, "do not approve")
        reply(notice, "approve", sender="other@localhost")
        reply(notice, "I am away.\n\n> approve")
        view = json.loads(quickstart("ctl", "--json", "show", number))
        assert view["state"] == "held" and view["decisions"] == []
        quickstart("ctl", "drop", number)
        self.outbox.wait()  # the agent's report
        self.reviewer.fresh()

    def drop_with_a_reason(self):
        number, code = submit(mail("This one is wrong.\n"))
        reply(self.notice_of(code), "drop the price is wrong")
        sender, rcpts, raw = envelope_of(self.outbox.wait()[0])
        assert sender == "" and rcpts == ["agent@demo.example"]
        assert "the price is wrong" in raw.decode()
        assert parse(raw).get_content_type() == "multipart/report"

    def edit_and_approve(self):
        number, code = submit(mail("We refund 490 EUR.\n"))
        old = self.notice_of(code)
        reply(old, "edit\n\nWe refund 49 EUR.")
        while True:
            new = self.reviewer.message()
            found = re.search(r"\bapprove ([A-Z2-7]{6})\b", plain(new))
            if found and found.group(1) != code:
                break
        assert "490" in plain(new) and self.outbox.fresh() == []
        reply(new, f"approve {found.group(1)}")
        sent = parse(without_received(envelope_of(self.outbox.wait()[0])[2]))
        assert sent.get_content().strip() == "We refund 49 EUR."

    def the_command_line(self):
        said = quickstart("try")
        assert "ctl list" in said
        row = json.loads(quickstart("ctl", "--json", "list"))["drafts"][0]
        assert str(row["id"]) in quickstart("ctl", "list")
        assert "4711" in quickstart("ctl", "show", row["id"])
        quickstart("ctl", "approve", row["id"])
        assert b"4711" in self.outbox.wait()[0]
        assert "right" in quickstart("ctl", "--json", "audit", "verify")

    def the_rules(self):
        assert "demo.conf" not in quickstart("ctl", "check", "--quiet")
        said = quickstart("ctl", "check")
        assert "channel 'demo'" in said and "tests right" in said, said
        raw = CLONE / "quickstart/try.eml"
        raw.write_bytes(mail("Dear {{name}}, we refund 12,000 EUR.\n"))
        said = quickstart("ctl", "explain", raw)
        assert "would be refused, channel demo" in said, said
        number, code = submit(mail("Your lawyers wrote to us.\n"))
        said = quickstart("ctl", "explain", number)
        assert "outcome: hold by legal" in said, said
        quickstart("ctl", "drop", number)
        channel = CLONE / "quickstart/channels/demo.conf"
        text = channel.read_text()
        channel.write_text(text.replace('"first-contact"', '"first-contct"'))
        said = quickstart("ctl", "check", "--quiet")
        assert "did you mean 'first-contact'?" in said, said
        channel.write_text(text.replace('"1000.00 EUR"', '"900.00 EUR"'))
        assert "reloaded" in quickstart("ctl", "reload")
        channel.write_text(text)
        assert "reloaded" in quickstart("ctl", "reload")


    def the_demo(self):
        said = quickstart("demo")
        assert "what about these 3 drafts?" in said, said
        assert "Done: 1-3." in said and "wrong-price: 50 EUR" in said, said
        assert re.search(r"- .* from 8 to 6.*\n.*\+ .* from 8 to 8", said), said
        left = said[said.index("have left"):]
        assert left.count("Subject: ") == 2 and "8 to 8" in left, left


def main():
    trial, failed = Trial(), 0
    for name in ("health", "approve_by_mail", "words_that_decide_nothing",
                 "drop_with_a_reason", "edit_and_approve", "the_command_line",
                 "the_rules", "the_demo"):
        try:
            getattr(trial, name)()
            print(f"ok: {name.replace('_', ' ')}", flush=True)
        except Exception:  # noqa: BLE001: every failure is a result
            failed = 1
            traceback.print_exc(file=sys.stdout)
            print(f"not ok: {name.replace('_', ' ')}", flush=True)
    sys.exit(failed)


main()
