"""imprimatur doctor: it finds what is wrong, says what to do, and changes
nothing; its own mail must come back, and decides nothing when it does."""

import base64
import contextlib
import os
import re
import smtplib
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from email import message_from_bytes

import harness
import postfix
import slack
from chats import BEN, Team
from dovecot import PASSWORD, Dovecot, mailbox
from harness import PATIENCE, Daemon, certificate, draft
from nameserver import FAILS, NameServer
from relayhost import Relayhost

MX = {("review.test", "MX"): ["20 b.review.test.", "10 a.review.test."],
      ("a.review.test", "A"): ["192.0.2.1"]}


class Way:
    """What takes mails of the relay host to review.test to the daemon."""

    def __init__(self, host, port, hold_back=False):
        self.host, self.port = host, port
        self.go = threading.Event()
        if not hold_back:
            self.go.set()
        self.answers = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with self.host.changed:
            self.host.changed.wait_for(lambda: self.host.mails, PATIENCE)
            sender, rcpts, data = self.host.mails[0]
        self.mail = message_from_bytes(data)
        self.sender = sender
        self.go.wait(PATIENCE)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as client:
            client.ehlo()
            self.answers = [client.mail(sender), client.rcpt(rcpts[0]),
                            client.data(data)]

    def end(self):
        self.thread.join(PATIENCE)
        return [code for code, _ in self.answers]


@contextlib.contextmanager
def patient(folder, zone=None, extra="", tls="starttls", user=True,
            ca=None, host_name="localhost", **kw):
    """(daemon, relay host, name server); the daemon is not started."""
    authority, cert, key = postfix.authority(folder / "ca", "localhost")
    password = folder / "password"
    password.write_text("a-secret\n")
    password.chmod(0o600)
    login = f'user = "u"; password_file = "{password}";' if user else ""
    with contextlib.ExitStack() as stack:
        ns = stack.enter_context(closing(NameServer(
            MX if zone is None else zone)))
        host = Relayhost(cert, key)
        stack.callback(host.server_close)
        stack.callback(host.shutdown)
        d = stack.enter_context(closing(Daemon(
            folder, relay=f"""host = "{host_name}"; port = {host.port};
              tls = "{tls}"; ca_file = "{ca or authority}"; {login}
              connect_timeout = 2; command_timeout = 2; retry_first = 1;""",
            extra=f"""dns = {{ servers = [ "127.0.0.1:{ns.port}" ]; }};
              {extra}""", **kw)))
        yield d, host, ns


def examine(d, *args):
    """(exit status, {(of, what): item}) of the JSON form."""
    run = d.ctl("--json", "doctor", *args, ok=False)
    answer = harness.json.loads(run.stdout)
    assert answer["done"], answer
    assert all(i["state"] != "open" for i in answer["items"]), answer
    return run.returncode, {i["of"]: i for i in answer["items"]}


# ---- all is well ------------------------------------------------------------

def test_all_is_well(folder):
    """Each check is good, the mail comes back, nothing else has changed."""
    with patient(folder, tls="starttls") as (d, host, _):
        d.start()
        number, _ = d.held(draft())
        before = d.json("log")["events"]
        way = Way(host, d.port)
        run = d.ctl("doctor", ok=False)
        assert run.returncode == 0, run.stdout
        assert way.end() == [250, 250, 250], way.answers
        assert "BAD" not in run.stdout and "doubt" not in run.stdout, \
            run.stdout
        assert "all is well" in run.stdout
        assert re.search(r"good +relay: the relay host takes our mail "
                         r"\(\d+\.\d s\)\n +localhost port \d+, TLSv1\.\d",
                         run.stdout), run.stdout
        assert "mail to review.test goes to a.review.test, 192.0.2.1" \
            in " ".join(run.stdout.split())
        assert "it came back by 127.0.0.1" in run.stdout
        # what it is for is told to who reads it, and to programs
        assert way.sender == ""
        assert way.mail["Auto-Submitted"] == "auto-generated"
        assert "decides nothing" in way.mail.get_payload(decode=True).decode()
        assert d.state_of(number) == "held"
        assert d.json("log")["events"] == before
        for secret in ("a-secret", "dTo", base64.b64encode(
                b"\0u\0a-secret").decode()):
            assert secret not in run.stdout + d.log(), secret
        d.stop()


def test_without_a_mail(folder):
    with patient(folder) as (d, host, _):
        d.start()
        status, found = examine(d, "--no-probe")
        assert status == 0, found
        assert found["answers"]["state"] == "skipped", found
        assert found["relay"]["state"] == "good", found
        assert host.mails == []
        d.stop()


def test_embedded(folder):
    """Without a relay host there is no way to try."""
    with closing(Daemon(folder)) as d:
        d.start()
        status, found = examine(d)
        assert status == 0
        assert found["answers"]["state"] == "skipped", found
        assert found["relay"]["state"] == "good", found
        assert str(d.outbox.path) in found["relay"]["found"]
        d.stop()


# ---- what is wrong ----------------------------------------------------------

def test_mail_that_does_not_come_back(folder):
    """It is waited for as long as was said; what comes too late is harmless."""
    with patient(folder) as (d, host, _):
        d.start()
        way = Way(host, d.port, hold_back=True)
        run = d.ctl("doctor", "--wait", "1", ok=False)
        assert run.returncode == 1, run.stdout
        said = " ".join(run.stdout.split())
        assert "it did not come back within 1 s; relay host: " in said, said
        assert "use = \"replies\"" in said and "1 of " in said, said
        way.go.set()
        assert way.end() == [250, 250, 250], way.answers
        assert "probe-heard" in d.log()
        assert "too-late" in d.log()
        assert [e for e in d.json("log")["events"]] == []
        d.stop()


def test_on_a_terminal(folder):
    """What is waited for is told meanwhile, and written over."""
    with patient(folder) as (d, host, _):
        d.start()
        way = Way(host, d.port, hold_back=True)
        ours, theirs = os.openpty()
        with subprocess.Popen([harness.BUILD / "imprimatur", "--socket",
                               d.control, "doctor"], stdout=theirs) as run:
            os.close(theirs)
            said = b""
            while b"waiting  answers: mail to us comes back" not in said:
                said += os.read(ours, 4096)
            way.go.set()
            with contextlib.suppress(OSError):  # its end is an error here
                while more := os.read(ours, 4096):
                    said += more
            assert run.wait(PATIENCE) == 0, said
        os.close(ours)
        assert way.end() == [250, 250, 250], way.answers
        lines = [line.split("\r")[-1]
                 for line in said.decode().replace("\r\n", "\n").split("\n")]
        assert not any("waiting" in line for line in lines), lines
        assert all(len(line) < 80 for line in lines), lines
        assert "all is well" in lines, lines
        d.stop()


def test_the_relay_host(folder):
    """Each way in which it fails has its advice."""
    cases = (
        (("banner", "5xx"), "BAD", "ask whoever runs"),
        (("ehlo", "4xx"), "BAD", "ask whoever runs"),
        (("banner", "silence"), "BAD", "did not answer within 2 s"),
        (("tls", "close"), "BAD", "relay.ca_file"),
        (("auth", "5xx"), "BAD", "relay.password_file"),
    )
    with patient(folder) as (d, host, _):
        d.start()
        for fault, _, words in cases:
            host.faults.append(fault)
            run = d.ctl("doctor", "--no-probe", ok=False)
            assert run.returncode == 1, (fault, run.stdout)
            assert words in " ".join(run.stdout.split()), (fault, run.stdout)
            assert "a-secret" not in run.stdout
        # who refused us is not asked again at once
        connections = host.connections
        run = d.ctl("doctor", "--no-probe", ok=False)
        assert run.returncode == 1 and "relay.password_file" in run.stdout
        assert host.connections == connections
        d.stop()


def test_no_relay_host(folder):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    with closing(Daemon(folder, relay=f"""host = "127.0.0.1";
            port = {port}; tls = "none";""")) as d:
        d.start()
        run = d.ctl("doctor", "--no-probe", ok=False)
        assert run.returncode == 1
        assert "firewall" in run.stdout, run.stdout
        d.stop()


def test_name_servers(folder):
    cases = (
        ({}, "doubt", "neither MX nor address"),
        ({("review.test", "MX"): ["0 ."]}, "bad", "takes no mail"),
        ({("review.test", "MX"): [r"10 a\000b.test.", r"5 a\;b.test."]},
         "bad", "names no host"),
        ({("review.test", "MX"): ["10 gone.test."]}, "bad",
         "gone.test, which has no address"),
        ({("review.test", "A"): ["192.0.2.7"]}, "good",
         "no MX, so mail goes to its address, 192.0.2.7"),
        ({("review.test", "AAAA"): ["2001:db8::7"]}, "good", "2001:db8::7"),
        ({("review.test", "MX"): FAILS}, "bad", "no answer"),
        ({("review.test", "MX"): ["10 a.test."], ("a.test", "A"): FAILS},
         "bad", "no answer"),
    )
    with patient(folder, {}) as (d, _, ns):
        d.start()
        for zone, state, words in cases:
            ns.zone = zone
            _, found = examine(d, "--no-probe")
            assert found["dns"]["state"] == state, (zone, found["dns"])
            assert words in found["dns"]["found"], (zone, found["dns"])
            assert (found["dns"]["advice"] is None) == (state == "good")
        d.stop()


def public_of(path, ed25519):
    der = subprocess.run(["openssl", "pkey", "-in", path, "-pubout",
                          "-outform", "DER"], check=True,
                         capture_output=True).stdout
    return base64.b64encode(der[-32:] if ed25519 else der).decode()


def test_keys_of_signatures(folder):
    keys = ""
    public = {}
    for name, how in (("rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
                      ("ed", ["ED25519"])):
        path = folder / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", *how, "-out",
                        path], check=True, capture_output=True)
        path.chmod(0o600)
        public[name] = public_of(path, name == "ed")
        keys += f"""{"," if keys else ""} {{ domain = "{name}.test";
          selector = "s1"; key_file = "{path}"; }}"""
    with patient(folder, {}, extra=f"dkim = ({keys});") as (d, _, ns):
        d.start()

        def looked(text, name="rsa"):
            ns.zone = {} if text is None else {
                f"s1._domainkey.{name}.test":
                text if text == FAILS else [text]}
            return examine(d, "--no-probe")[1][f"dkim {name}.test"]

        for name, kind in (("rsa", "rsa"), ("ed", "ed25519")):
            item = looked(None, name)
            assert item["state"] == "bad" and "no key" in item["found"], item
            # what it tells to publish is right
            record = item["advice"].split(": ", 1)[1]
            assert record == f"v=DKIM1; k={kind}; p={public[name]}", item
            assert looked(record, name)["state"] == "good", record
        p = public["rsa"]
        for text in (f"v=DKIM1; p={p[:40]} {p[40:]};", f"p = {p}",
                     f"v=DKIM1; t=s; k=rsa; p={p}"):
            assert looked(text)["state"] == "good", text
        for text, words in ((f"v=DKIM1; p={public['ed']}", "another key"),
                            ("v=DKIM1; p=", "revoked"),
                            (f"v=DKIM1; xp={p}", "no key"),
                            ("p", "no key"), (";;=;p", "no key"),
                            (FAILS, "no answer")):
            item = looked(text)
            assert item["state"] == "bad" and words in item["found"], item
        d.stop()


def test_our_certificate(folder):
    with closing(Daemon(folder, tls=True)) as d:
        d.start()
        _, found = examine(d)
        item = found["certificate"]
        assert item["state"] == "good" and "relay.test" in item["found"], item
        for name, days, state, words in (
                ("other.test", 30, "doubt", "but not for relay.test"),
                ("relay.test", 5, "doubt", "good until")):
            certificate(folder, name, days)
            item = examine(d)[1]["certificate"]
            assert item["state"] == state, item
            assert words in item["found"] and item["advice"], item
        (folder / "cert.pem").write_text("nothing\n")
        run = d.ctl("doctor", ok=False)
        assert run.returncode == 1 and "no certificate" in run.stdout
        d.stop()


def test_configuration(folder):
    """What stands in the file is looked at, too."""
    with closing(Daemon(folder)) as d:
        d.start()
        good = d.conf.read_text()
        d.conf.write_text(good.replace("disk_reserve = 0",
                                       "disk_reserve = 1"))
        _, found = examine(d)
        assert found["configuration"]["state"] == "doubt", found
        assert "imprimatur reload" in found["configuration"]["advice"]
        d.conf.write_text(good + "nonsense = 1;\n")
        status, found = examine(d)
        assert status == 1
        assert found["configuration"]["state"] == "bad", found
        assert "nonsense" in found["configuration"]["found"]
        d.stop()


def test_programs_and_who_they_reach(folder):
    """A program that is down, and the reviewer whom it alone reaches."""
    up = folder / "up.py"
    up.write_text('#!/usr/bin/env python3\nimport json, sys\n'
                  'print(json.dumps({"type": "hello", "version": 1, '
                  '"medium": True}), flush=True)\n'
                  'for line in sys.stdin: pass\n')
    up.chmod(0o755)
    reviewers = f"""
      {{ name = "you"; address = "{harness.REVIEWER}"; admin = true;
         users = [ {os.getuid()} ]; }},
      {{ name = "zoe"; address = "zoe@reviewers.example";
         media = [ "desk", "mail" ]; }},
      {{ name = "yan"; address = "yan@reviewers.example";
         media = [ "desk" ]; }}"""
    with closing(Daemon(folder, reviewers=reviewers, extra=f"""
            programs = ( {{ name = "desk"; medium = true;
              command = [ "/bin/false" ]; }},
              {{ name = "idle"; command = [ "{up}" ]; }} );""")) as d:
        d.start()
        status, found = examine(d)
        assert status == 1
        assert found["program desk"]["state"] == "bad", found
        assert "ended" in found["program desk"]["found"]
        assert found["reviewer you"]["state"] == "good", found
        assert found["reviewer zoe"]["state"] == "doubt", found
        assert found["reviewer zoe"]["found"] == "by mail, not by desk"
        assert found["reviewer yan"]["state"] == "doubt", found
        assert found["reviewer yan"]["found"] == "not by desk"
        # what failed comes first, and what is the same is told once
        said = d.ctl("doctor", ok=False).stdout.split("What to do:")[1]
        assert said.index("1. program desk") < said.index("reviewer zoe")
        assert all(len(line) < 80 for line in said.split("\n")), said
        d.stop()


# ---- by a mailbox -----------------------------------------------------------

def test_a_mailbox(folder):
    """Answers come by IMAP: so does the doctor's mail, and is put away."""
    with closing(Dovecot(folder)) as imap:
        imap.start()
        good = mailbox(imap, more='level = "token"; done = "Done";')
        bad = mailbox(imap, name="locked", user="other", password="not-it")
        with patient(folder, extra=f"mailboxes = ( {good}, {bad} );") as (
                d, host, _):
            d.start()

            def put():
                with host.changed:
                    host.changed.wait_for(lambda: host.mails, PATIENCE)
                imap.put(host.mails[0][2])
            # both have been tried, whatever came of it
            end = time.monotonic() + PATIENCE
            while not re.search(r"replies in INBOX(.|\n)*locked not connected",
                                d.ctl("status").stdout):
                assert time.monotonic() < end, d.ctl("status").stdout
                time.sleep(0.02)
            way = threading.Thread(target=put)
            way.start()
            status, found = examine(d)
            way.join()
            assert status == 1
            assert found["answers"]["state"] == "good", found["answers"]
            assert "by mailbox replies" in found["answers"]["found"]
            assert found["mailbox replies"]["state"] == "good", found
            assert found["mailbox locked"]["state"] == "bad", found
            assert "password_file" in found["mailbox locked"]["advice"]
            assert PASSWORD not in str(found) and "not-it" not in str(found)
            imap.wait(1, "Done")
            assert imap.mails() == []
            d.stop()


# ---- at Slack ----------------------------------------------------------------

def at_slack(folder, change, socket=True, args=("--wait", "2")):
    """(exit status, {what: item of the chat}, what a person reads)."""
    team = Team(folder, matrix=False, socket=socket)
    try:
        team.slack.tells_own = True
        change(team)
        team.daemon.start()
        end = time.monotonic() + PATIENCE
        while "team starting" in team.daemon.ctl("status").stdout:
            assert time.monotonic() < end
            time.sleep(0.02)
        if socket and "broken" not in team.daemon.ctl("status").stdout:
            team.slack.wait(lambda: team.slack.sockets, "Socket Mode")
        run = team.daemon.ctl("--json", "doctor", *args, ok=False)
        items = harness.json.loads(run.stdout)["items"]
        assert slack.TOKEN not in run.stdout
        return run.returncode, {i["what"]: i for i in items
                                if i["of"] == "chat team"}
    finally:
        team.close()


def written(name, text):
    return lambda team: (team.daemon.folder / name).write_text(text + "\n")


def test_slack_is_well(folder):
    for socket in True, False:
        (folder / str(socket)).mkdir()
        status, found = at_slack(folder / str(socket), lambda _: None, socket)
        assert status == 0, found
        assert {i["state"] for i in found.values()} == {"good"}, found
        assert "came back" in found["what is written in the channel reaches "
                                    "us"]["found"], found


def test_what_is_wrong_at_slack(folder):
    """Each in one place, with what mends it and nothing that does not."""
    back = "what is written in the channel reaches us"
    cases = (
        (lambda t: setattr(t.slack, "tells_own", False), True,
         {back: "message.groups"}),
        (lambda t: t.slack.members.remove(BEN), True,
         {"its reviewers are in its channel": "member"}),
        (written("app", "xapp-wrong"), True,
         {"its answers reach us over Socket Mode": "app_token_file"}),
        (written("signing", "0" * 32), False,
         {"its requests reach us": "Signing Secret"}),
        (lambda t: setattr(t.slack, "tells_own", False), False,
         {"its requests reach us": "/slack/team"}),
        (written("bot", "xoxb-wrong"), True,
         {"its token is accepted": "token_file"}),
    )
    for n, (change, socket, wrong) in enumerate(cases):
        (folder / str(n)).mkdir()
        status, found = at_slack(folder / str(n), change, socket)
        assert status == 1, (n, found)
        bad = {what: i for what, i in found.items() if i["state"] == "bad"}
        assert set(bad) == set(wrong), (n, bad)
        for what, words in wrong.items():
            assert words in bad[what]["advice"], (n, bad)


# ---- who may ask ------------------------------------------------------------

def test_only_an_admin(folder):
    reviewers = f"""
      {{ name = "you"; address = "{harness.REVIEWER}";
         users = [ {os.getuid()} ]; }},
      {{ name = "boss"; address = "boss@reviewers.example"; admin = true; }}"""
    with closing(Daemon(folder, reviewers=reviewers)) as d:
        d.start()
        run = d.ctl("doctor", ok=False)
        assert run.returncode == 77, run
        assert "only an admin" in run.stderr, run.stderr
        d.stop()


def test_wrong_words(folder):
    with closing(Daemon(folder)) as d:
        d.start()
        for args in (("--wait", "0"), ("--wait", "2x"), ("--wait", "2d"),
                     ("--wait", "61m"), ("--wait", "-1"), ("relay",)):
            run = d.ctl("doctor", *args, ok=False)
            assert run.returncode == 64, (args, run)
        for path, code in (("/v1/doctor/0", 404), ("/v1/doctor/99", 404),
                           ("/v1/doctor/x", 404), ("/v1/doctor/", 404)):
            run = subprocess.run(
                ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                 "--unix-socket", d.control, f"http://x{path}"],
                capture_output=True, text=True, check=True)
            assert run.stdout == str(code), (path, run.stdout)
        for body in ("", "[]", '{"wait": 0}', '{"wait": 99999}',
                     '{"probe": 1}', '{"wait": "2m"}', "x" * 5000):
            run = subprocess.run(
                ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                 "--unix-socket", d.control, "-d", body,
                 "http://x/v1/doctor"],
                capture_output=True, text=True, check=True)
            assert run.stdout == "400", (body, run.stdout)
        d.stop()


def test_many_at_a_time(folder):
    """Four wait for their mail; a fifth is told to wait, and all end with the
    daemon."""
    with patient(folder) as (d, _, _):
        d.start()
        waiting = [subprocess.Popen(
            [harness.BUILD / "imprimatur", "--socket", d.control, "doctor"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)]
        for w in waiting:  # each has begun when it tells of something
            assert w.stdout.readline()
        run = d.ctl("doctor", ok=False)
        assert run.returncode == 69 and "busy" in run.stderr, run
        d.stop()
        for w in waiting:
            out, err = w.communicate(timeout=PATIENCE)
            assert w.returncode != 0, (out, err)


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
