"""Programs and services in the daemon: held until they have spoken, judged
again, never less strict, found again after a crash.
"""

import http.server
import json
import os
import signal
import sys
import threading
import time
from contextlib import closing

import harness
from harness import Daemon, draft

EVIL = harness.TOP / "tests/unit/evil-program.py"
MEDIUM = harness.TOP / "tests/unit/medium-program.py"
KEYWORDS = harness.TOP / "plugins/program/keywords.py"
FOLDER = harness.TOP / "plugins/program/folder.py"
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


class Medium:
    """A program that asks people, led by the test."""

    def __init__(self, folder, name):
        self.name, self.folder, self.read = name, folder / name, 0
        self.folder.mkdir()

    def conf(self):
        return (f'{{ name = "{self.name}"; medium = true; command = [ '
                f'"/usr/bin/env", "python3", "{MEDIUM}", "{self.folder}" ]; }}')

    def wait(self, kind, patience=harness.PATIENCE):
        """The next message of that kind; the ones before it are passed."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            path = self.folder / "heard"
            lines = path.read_text().split("\n")[:-1] if path.exists() else []
            while self.read < len(lines):
                self.read += 1
                message = json.loads(lines[self.read - 1])
                if kind in message:
                    return message
            time.sleep(0.01)
        raise AssertionError(f"no '{kind}' came to {self.name}")

    def say(self, *messages):
        """Each is a line; a text is sent as it is."""
        path = self.folder / "say"
        end = time.monotonic() + harness.PATIENCE
        while path.exists():  # until it is on its way
            assert time.monotonic() < end
            time.sleep(0.01)
        new = self.folder / "new"
        new.write_text("".join(
            (m if isinstance(m, str) else json.dumps(m)) + "\n"
            for m in messages))
        new.rename(path)

    def decide(self, prompt, verb, reviewer=None, **more):
        """Say it, as who was asked; what came of it."""
        self.say({"decide": prompt["prompt"], "verb": verb,
                  "reviewer": reviewer or prompt["reviewer"], **more})
        return self.wait("decided")

    def kill(self):
        os.kill(int((self.folder / "pid").read_text()), signal.SIGKILL)


def media(folder, *programs, ben='"mail"', you='"mail"', review=""):
    """Two reviewers who are asked about everything."""
    ben_inbox = harness.Maildir(folder / "ben")
    conf = ", ".join(program.conf() for program in programs)
    d = Daemon(
        folder, review=review, reviewers=f"""
      {{ name = "you"; address = "{harness.REVIEWER}"; media = [ {you} ];
         maildir = "{folder}/inbox"; admin = true; users = [ {os.getuid()} ]; }},
      {{ name = "ben"; address = "ben@reviewers.example"; media = [ {ben} ];
         maildir = "{ben_inbox.path}"; }}""",
        extra=f"programs = ( {conf} );")
    d.ben = ben_inbox
    d.channel("support", """
channel: { name = "support"; owner = "you"; mode = "review";
  match = { agent = [ "bot" ]; }; reviewers = [ "you", "ben" ];
  deadline = "2h"; ladder = ( { at = "2h"; do = "hold"; } );
  reasons = [ "tone", "wrong-price" ]; };
""")
    return d


def test_a_person_approves_by_a_program(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"')) as d:
        d.start()
        number, code = d.held(draft())
        prompt = chat.wait("prompt")
        assert prompt["reviewer"] == "ben" and prompt["kind"] == "decide"
        assert prompt["code"] == code and prompt["cut"] is False
        assert prompt["draft"]["id"] == number
        assert prompt["draft"]["text"].startswith("Hello Jane")
        assert "parcel is on its way" in prompt["text"]
        assert "Answer this mail" not in prompt["text"]
        assert prompt["subject"].startswith("[review] ")
        assert prompt["reasons"] == ["tone", "wrong-price"]
        answer = chat.decide(prompt, "approve", code=code)
        assert answer["decided"] == prompt["prompt"], answer
        assert answer["ok"] is True and "Approved" in answer["text"]
        d.outbox.wait()
        assert d.wait_state(number, "sent")
        over = chat.wait("outcome")
        assert over["outcome"] == prompt["prompt"] and over["who"] == "ben"
        decision = d.json("show", number)["decisions"][-1]
        assert decision["medium"] == "chat" and decision["actor"] == "ben"
        # whom only the program reaches got no mail; the other did, and
        # hears by mail who decided
        assert not d.ben.fresh()
        told = harness.parse(d.inbox.wait(2)[1])
        assert "ben approved it by chat" in harness.plain(told)
        d.ctl("audit", "verify")
        d.stop()


def test_what_a_program_may_not(folder):
    chat, other = Medium(folder, "chat"), Medium(folder, "other")
    with closing(media(folder, chat, other, ben='"chat"',
                       you='"mail", "other"')) as d:
        d.start()
        number, code = d.held(draft())
        prompt, others = chat.wait("prompt"), other.wait("prompt")
        assert others["prompt"] != prompt["prompt"]

        def refused(answer):
            assert answer["ok"] is False, answer
            assert "Nothing was" in answer["text"], answer
            assert d.state_of(number) == "held"
            return answer["text"]

        # who was not asked, or not by this program, or not this
        refused(chat.decide(prompt, "approve", reviewer="you", code=code))
        refused(chat.decide(prompt, "drop", reviewer="zoe"))
        refused(other.decide(prompt, "approve", code=code))
        refused(other.decide(prompt, "approve", reviewer="you", code=code))
        refused(chat.decide(others, "approve", code=code))
        for nothing in (999, 0, -1, 2 ** 62):
            refused(chat.decide(dict(prompt, prompt=nothing), "drop"))
        # without the code, or with a wrong one
        assert "code" in refused(chat.decide(prompt, "approve"))
        refused(chat.decide(prompt, "approve", code="AAAAAA"))
        refused(chat.decide(prompt, "drop", code="AAAAAA"))
        refused(chat.decide(prompt, "approve", code=code + "\u200b"))
        # what is no decision
        refused(chat.decide(prompt, "pass", code=code))
        refused(chat.decide(prompt, "ask"))
        refused(chat.decide(prompt, "claim", text="x"))
        refused(chat.decide(prompt, "drop", category="nonsense"))
        refused(chat.decide(prompt, "approve", code=code, category="tone"))
        refused(chat.decide(prompt, "delegate", text="zoe"))
        refused(chat.decide(prompt, "revise"))
        refused(chat.decide(prompt, "snooze"))
        for wrong in ("2", "0h", "tomorrow", "9999d"):
            refused(chat.decide(prompt, "snooze", text=wrong))
        refused(chat.decide(prompt, "fine"))
        chat.say({"decide": prompt["prompt"], "verb": "drop"},
                 {"decide": prompt["prompt"], "verb": 1, "reviewer": "ben"},
                 {"decide": str(prompt["prompt"]), "verb": "drop",
                  "reviewer": "ben"}, {"decide": None}, {"prompted": 4711})
        # once in the log for each of them, and it works on
        answer = chat.decide(prompt, "drop", category="tone", text="rude")
        assert answer["ok"] is True, answer
        assert d.wait_state(number, "dropped")
        assert d.log().count(" refused medium=chat") == 1, d.log()
        assert d.log().count(" refused medium=other") == 1, d.log()
        d.stop()


def test_an_old_revision(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"')) as d:
        d.start()
        number, code = d.held(draft())
        old = chat.wait("prompt")
        answer = chat.decide(old, "edit", text="Hello Jane,\n\nsoon.\n")
        assert answer["ok"] is True and "Revision 2" in answer["text"]
        over = chat.wait("outcome")
        assert over["outcome"] == old["prompt"] and over["state"] == "held"
        new = chat.wait("prompt")
        assert new["draft"]["revision"] == 2 and new["code"] != code
        # neither with its own code nor with the new one
        for c in (code, new["code"]):
            answer = chat.decide(old, "approve", code=c)
            assert answer["ok"] is False, answer
        assert chat.decide(new, "approve", code=code)["ok"] is False
        assert d.state_of(number) == "held"
        assert chat.decide(new, "approve", code=new["code"])["ok"] is True
        assert b"soon." in d.outbox.wait()[0]
        d.stop()


def test_what_is_cut_cannot_be_approved(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"')) as d:
        d.start()
        number, code = d.held(draft("word word word word word\n" * 20000))
        prompt = chat.wait("prompt")
        assert prompt["cut"] is True
        answer = chat.decide(prompt, "approve", code=code)
        assert answer["ok"] is False and "whole text" in answer["text"]
        assert d.state_of(number) == "held"
        d.stop()


def test_an_outcome_after_a_mail_decided(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"', you='"chat", "mail"')) as d:
        d.start()
        number, code = d.held(draft())
        prompts = {p["reviewer"]: p for p in (chat.wait("prompt"),
                                              chat.wait("prompt"))}
        assert sorted(prompts) == ["ben", "you"]
        d.reply(d.inbox.message(), "drop tone")
        # also to who decided, who might look at the program next
        overs = [chat.wait("outcome"), chat.wait("outcome")]
        assert {o["outcome"] for o in overs} == {
            p["prompt"] for p in prompts.values()}
        for over in overs:
            assert over["who"] == "you" and over["state"] == "dropped"
            assert "you dropped it by mail" in over["text"], over["text"]
            assert over["draft"]["id"] == number
        answer = chat.decide(prompts["ben"], "approve", code=code)
        assert answer["ok"] is False and "you dropped" in answer["text"]
        assert d.state_of(number) == "dropped"
        d.stop()


def test_told_again_until_it_acknowledges(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"')) as d:
        (chat.folder / "mute").touch()
        d.start()
        number, code = d.held(draft())
        first = chat.wait("prompt")
        # the program dies
        chat.kill()
        assert chat.wait("prompt") == first
        # the daemon dies, and both; in between it is acknowledged
        d.kill()
        d.start()
        assert chat.wait("prompt") == first
        chat.say({"prompted": first["prompt"]},
                 {"decide": 999, "reviewer": "ben", "verb": "drop"})
        chat.wait("decided")  # so the line before it was read, too
        # what was acknowledged is not told again, what came since is
        second, _ = d.held(draft(subject="Another"))
        prompt = chat.wait("prompt")
        assert prompt["draft"]["id"] == second
        chat.kill()
        assert chat.wait("prompt") == prompt
        answer = chat.decide(first, "approve", code=code)
        assert answer["ok"] is True, answer
        over = chat.wait("outcome")
        chat.kill()
        again = chat.wait("outcome")
        assert again["outcome"] == over["outcome"] == first["prompt"]
        d.stop()


def test_two_media_and_one_winner(folder):
    chat, other = Medium(folder, "chat"), Medium(folder, "other")
    with closing(media(folder, chat, other, ben='"chat"', you='"other"')) as d:
        d.start()
        for n in range(10):
            number, code = d.held(draft(subject=f"Race {n}"))
            a, b = chat.wait("prompt"), other.wait("prompt")
            assert a["draft"]["id"] == b["draft"]["id"] == number
            chat.say({"decide": a["prompt"], "reviewer": "ben",
                      "verb": "approve", "code": code})
            other.say({"decide": b["prompt"], "reviewer": "you",
                       "verb": "drop"})
            answers = [chat.wait("decided"), other.wait("decided")]
            assert [x["ok"] for x in answers].count(True) == 1, answers
            state = "sent" if answers[0]["ok"] else "dropped"
            assert d.wait_state(number, "sent", "dropped") == state
            assert len(d.json("show", number)["decisions"]) == 1
        d.stop()


def test_mail_when_the_program_is_gone(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"',
                       review='mail_after = "1s";')) as d:
        (chat.folder / "mute").touch()
        d.start()
        number, code = d.held(draft())
        prompt = chat.wait("prompt")
        assert code in harness.plain(d.ben.message())
        # the program counts all the same
        assert chat.decide(prompt, "approve", code=code)["ok"] is True
        d.wait_state(number, "sent")
        d.stop()


def test_the_example_that_asks_by_files(folder):
    desk = folder / "desk"
    (desk / "ben").mkdir(parents=True)

    def until(what):
        end = time.monotonic() + harness.PATIENCE
        while not (found := what()):
            assert time.monotonic() < end, list(desk.glob("*/*"))
            time.sleep(0.01)
        return found

    def prompts():
        return list((desk / "ben").glob("*.txt"))

    def answer(number, text):
        new = desk / "ben" / "new"
        new.write_text(text)
        new.rename(desk / "ben" / f"{number}.answer")

    class Example:
        @staticmethod
        def conf():
            return (f'{{ name = "desk"; medium = true; '
                    f'command = [ "{FOLDER}", "{desk}" ]; }}')

    with closing(media(folder, Example, ben='"desk"')) as d:
        d.start()
        number, code = d.held(draft())
        # whose notice is the first one depends on who is quicker
        first = until(prompts)[0]
        assert f"approve {code}" in first.read_text()
        answer(first.stem, "edit\nHello Jane,\n\nsoon.\n")
        second = until(lambda: [p for p in prompts() if p != first])[0]
        code = json.loads(second.with_suffix(".json").read_text())["code"]
        answer(second.stem, "approve AAAAAA\n")
        log = desk / "ben" / "log"
        until(lambda: log.exists() and "NOT done" in log.read_text())
        answer(second.stem, f"approve {code} because it is right\n")
        assert b"soon." in d.outbox.wait()[0]
        until(lambda: not prompts())
        d.stop()


def test_a_medium_that_is_none(folder):
    chat = Medium(folder, "chat")
    with closing(media(folder, chat, ben='"chat"',
                       review='mail_after = "1s";')) as d:
        (chat.folder / "deaf").touch()
        d.start()
        number, code = d.held(draft())
        assert code in harness.plain(d.ben.message())
        chat.say({"decide": 1, "reviewer": "ben", "verb": "drop"})
        d.ctl("approve", number, code)
        d.wait_state(number, "sent")
        assert "medium-unwilling" in d.log()
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
