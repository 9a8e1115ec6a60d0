"""Programs and services in the daemon: held until they have spoken, judged
again, never less strict, found again after a crash.
"""

import http.server
import json
import sys
import threading
from contextlib import closing

import harness
from harness import Daemon, draft

EVIL = harness.TOP / "tests/unit/evil-program.py"
KEYWORDS = harness.TOP / "plugins/program/keywords.py"
CHECK_SH = harness.TOP / "plugins/program/check.sh"


def program(name, *command, deadline="20s"):
    words = ", ".join(f'"{word}"' for word in command)
    return (f'{{ name = "{name}"; deadline = "{deadline}"; '
            f'command = [ {words} ]; }}')


def evil(deadline="20s", start="well"):
    return program("evil", "/usr/bin/env", "python3", EVIL, start, "evil",
                   deadline=deadline)


def daemon(folder, programs="", services="", names=("evil",), rules="",
           channel="", mode="exception"):
    """One channel whose mail these look at."""
    channels = folder / "channels"
    channels.mkdir()
    listed = ", ".join(f'"{name}"' for name in names)
    (channels / "support.conf").write_text(f"""
channel: {{ name = "support"; owner = "you"; mode = "{mode}";
  match = {{ agent = [ "bot" ]; }}; reviewers = [ "you" ];
  deadline = "2h"; ladder = ( {{ at = "2h"; do = "hold"; }} );
  cost = "low"; reversible = true;
  reasons = [ "tone" ]; programs = [ {listed} ]; rules = ( {rules} );
  {channel} }};
""")
    return Daemon(folder, extra=f"""
channels = "{channels}";
programs = ( {programs} );
services = ( {services} );
""")


def submit(d, subject):
    """A draft that the program sees with this subject; its id."""
    return d.held(draft(subject=subject))[0]


def findings(d, number):
    return {f["name"]: f for f in d.json("show", number)["findings"]}


def test_passes_when_they_find_nothing(folder):
    with closing(daemon(folder, evil())) as d:
        d.start()
        number = submit(d, "fine")
        assert b"Your" not in d.outbox.wait()[0]
        assert d.wait_state(number, "sent") == "sent"
        d.stop()


def test_a_finding_holds_and_asks(folder):
    rule = '{ name = "rude"; finding = "tone"; then = "hold"; }'
    with closing(daemon(folder, evil(), rules=rule)) as d:
        d.start()
        number = submit(d, "worry-not")
        d.wait_state(number, "sent")
        d.outbox.wait()
        number = submit(d, "worry")
        notice = d.inbox.message()
        assert d.state_of(number) == "held"
        assert "rude" in harness.plain(notice)
        assert "tone" in findings(d, number)
        d.stop()


def test_a_refusal_drops_and_tells_the_agent(folder):
    with closing(daemon(folder, evil())) as d:
        d.start()
        number = submit(d, "grave")
        assert d.wait_state(number, "dropped") == "dropped"
        report = d.outbox.message()
        assert "no thank you" in report.as_string()
        d.stop()


def test_trouble_holds(folder):
    with closing(daemon(folder, evil(deadline="3s"))) as d:
        d.start()
        for subject, name in (("late", "program-failed"),
                              ("garbage", "program-failed"),
                              ("die", "program-failed"),
                              ("huge", "program-failed"),
                              ("half", "program-failed"),
                              ("approve", "program-nonsense")):
            number = submit(d, subject)
            d.inbox.wait()
            assert d.state_of(number) == "held", subject
            assert name in findings(d, number), subject
            # it is there again for the next one
            d.wait_state(submit(d, "fine"), "sent")
        d.stop()


def test_what_was_held_stays_held(folder):
    with closing(daemon(folder, evil(), mode="review")) as d:
        d.start()
        number = submit(d, "fine")
        d.inbox.wait()
        assert d.state_of(number) == "held"
        d.stop()


def test_asked_again_after_a_crash(folder):
    with closing(daemon(folder, evil(deadline="60s"))) as d:
        d.start()
        number = submit(d, "late")
        assert not d.inbox.fresh()
        d.kill()
        conf = d.conf.read_text().replace('"60s"', '"500ms"')
        d.conf.write_text(conf)
        d.start()
        d.inbox.wait()
        assert d.state_of(number) == "held"
        assert "program-failed" in findings(d, number)
        d.stop()


def test_the_examples(folder):
    words = folder / "words"
    words.write_text("guarantee tripwire money back\n")
    programs = ", ".join((program("words", KEYWORDS, words),
                          program("shell", "/bin/sh", CHECK_SH, "parcel")))
    with closing(daemon(folder, programs, names=("words", "shell"))) as d:
        d.start()
        number, _ = d.held(draft("You get your money back.\n",
                                 subject="Your parcel"))
        d.inbox.wait()
        found = findings(d, number)
        assert found["guarantee"]["weight"] == "tripwire", found
        assert "has-text" in found, found
        d.stop()


class Service(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((dict(self.headers), json.loads(body)))
        answer = json.dumps({"check": self.seen[-1][1]["check"], "findings": [
            {"name": "risk", "value": 0.9}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


def test_a_service_with_a_token(folder):
    token = folder / "token"
    token.write_text("a-token\n")
    token.chmod(0o600)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    services = (f'{{ name = "risk"; token_file = "{token}"; url = '
                f'"http://127.0.0.1:{server.server_port}/"; }}')
    with closing(daemon(folder, services=services, names=("risk",))) as d:
        d.start()
        number = submit(d, "x")
        d.inbox.wait()
        assert "risk" in findings(d, number)
        headers, question = Service.seen[-1]
        assert headers["Authorization"] == "Bearer a-token"
        assert question["draft"]["subject"] == "x"
        assert question["draft"]["id"] == number
        d.stop()
    server.shutdown()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
