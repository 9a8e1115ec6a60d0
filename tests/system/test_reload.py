"""Reload: a changed configuration is taken whole or not at all, while mail
comes in; what began under the old one ends under it.
"""

import contextlib
import os
import re
import signal
import smtplib
import sys
import threading

import harness
from harness import Daemon, draft, run, tests_of

CHANNEL = """
channel: {{
  name = "support"; owner = "you"; mode = "review"; cost = "low";
  reversible = true; reviewers = [ "you" ]; deadline = "4h";
  match = {{ agent = [ "bot" ]; }};
  ladder = ( {{ at = "1d"; do = "hold"; }} );
  reasons = [ "tone", "made-up-fact" ];
  rules = ( {{ name = "{rule}"; subject = "{word}"; then = "{then}";
              say = "no {word} here"; }} );
  tests = ( {{ name = "one"; subject = "a {word}"; text = "x";
              expect = "{expect}"; rule = "{rule}"; }} );
}};
"""


def channel(rule="first", word="zebra", then="refuse", expect="refuse"):
    return CHANNEL.format(**locals())


@contextlib.contextmanager
def running(folder, **kw):
    daemon = Daemon(folder, channels={"support": channel()}, **kw).start()
    try:
        yield daemon
    finally:
        daemon.close()


def subject(daemon, word):
    return daemon.submit(draft(subject=f"a {word}"))


def hash_of(daemon):
    found = re.search(r"configuration ([0-9a-f]{12})",
                      daemon.ctl("status").stdout)
    return found.group(1)


def test_another_rule_counts_at_once(folder):
    with running(folder) as d:
        assert subject(d, "zebra")[0] == 550
        assert subject(d, "horse")[0] == 250
        before = hash_of(d)
        d.channel("support", channel("second", "horse"))
        said = d.ctl("reload").stdout
        assert "1 channel" in said, said
        assert subject(d, "zebra")[0] == 250
        code, text = subject(d, "horse")
        assert code == 550 and "no horse here" in text, text
        assert hash_of(d) != before


def test_a_hangup_does_the_same(folder):
    with running(folder) as d:
        d.channel("support", channel("second", "horse"))
        os.kill(d.process.pid, signal.SIGHUP)
        d.ctl("reload")  # follows the one that the signal began
        assert d.log().count("reload done") == 2, d.log()
        assert subject(d, "horse")[0] == 550


WRONG = {
    "syntax": ("channel: {", ["support.conf"]),
    "no owner": (channel().replace('owner = "you"; ', ""), ["owner"]),
    "unknown": (channel().replace("deadline", "deadlin"),
                ["did you mean 'deadline'"]),
    "reviewer": (channel().replace('reviewers = [ "you" ]',
                                   'reviewers = [ "yuo" ]'), ["yuo"]),
    "pattern": (channel(word="(a"), ["support.conf:8", "parenthesis"]),
    "plug-in": (channel().replace("rules =",
                                  'plugins = ( { name = "nosuch"; } );\n'
                                  "  rules ="), ["nosuch"]),
    "failing test": (channel(expect="pass"), ["1 of 1", "one"]),
}


def test_what_is_wrong_changes_nothing(folder):
    with running(folder) as d:
        before = hash_of(d)
        for name, (text, words) in WRONG.items():
            d.channel("support", text)
            failed = d.ctl("reload", ok=False)
            assert failed.returncode == 78, (name, failed)
            for word in words:
                assert word in failed.stderr, (name, word, failed.stderr)
            assert subject(d, "zebra")[0] == 550, name
            assert hash_of(d) == before
            status = d.ctl("status").stdout
            assert "a reload was refused" in status, status
        d.channel("support", channel())
        d.ctl("reload")
        assert "a reload was refused" not in d.ctl("status").stdout


def test_what_needs_a_restart_says_so(folder):
    with running(folder) as d:
        good = d.conf.read_text()
        for old, new, word in [
                ('hostname = "relay.test"', 'hostname = "other.test"',
                 "hostname"),
                ("reviews = true; }", "reviews = true; clear_auth = false; }",
                 "listeners"),
                ('domain = "review.test"', 'domain = "r.test"',
                 "review.domain")]:
            changed = good.replace(old, new, 1)
            if word == "listeners":
                changed = good.replace("clear_auth = true; ", "", 1)
            d.conf.write_text(changed)
            failed = d.ctl("reload", ok=False)
            assert failed.returncode == 78, failed
            assert word in failed.stderr and "restart" in failed.stderr, failed
        d.conf.write_text(good)
        d.ctl("reload")


def test_a_reviewer_who_goes_can_decide_no_more(folder):
    two = f"""
      {{ name = "you"; address = "{harness.REVIEWER}";
         maildir = "{folder}/inbox"; admin = true;
         users = [ {os.getuid()} ]; }},
      {{ name = "bob"; address = "bob@reviewers.example";
         maildir = "{folder}/bob"; }}"""
    bobs = harness.Maildir(folder / "bob")
    with running(folder, reviewers=two) as d:
        d.channel("support", channel().replace('[ "you" ]',
                                               '[ "you", "bob" ]'))
        d.ctl("reload")
        number, code = d.held(draft())
        notice = bobs.message()
        d.conf.write_text(re.sub(
            r",\s*\{ name = \"bob\".*?\}", "", d.conf.read_text(),
            flags=re.S))
        d.channel("support", channel())
        d.ctl("reload")
        d.reply(notice, f"approve {code}\n", sender="bob@reviewers.example")
        assert d.state_of(number) == "held"
        d.ctl("approve", number, code)
        assert d.wait_state(number, "sent") == "sent"
    bobs.close()


def test_under_load_no_mail_is_lost_or_misjudged(folder):
    """Agents submit without pause while the rules change to and fro."""
    with running(folder) as d:
        stop, answers, broken = threading.Event(), [], []

        def submit(n):
            client, i = d.smtp(), 0
            while not stop.is_set():
                i += 1
                try:
                    client.mail("bot@agents.example")
                    client.rcpt("jane@customer.example")
                    word = "zebra" if i % 2 else "horse"
                    answers.append((word, client.data(harness.crlf(
                        draft(subject=f"a {word}")))[0]))
                except smtplib.SMTPException as why:
                    broken.append(why)
            client.quit()

        threads = [threading.Thread(target=submit, args=(n,))
                   for n in range(4)]
        for t in threads:
            t.start()
        for i in range(10):
            d.channel("support", channel("r", ("horse", "zebra")[i % 2]))
            d.ctl("reload")
        stop.set()
        for t in threads:
            t.join()
        assert not broken, broken[:3]
        assert answers and {code for _, code in answers} == {250, 550}
        kept = d.json("status")["drafts"]
        told = {code: sum(c == code for _, c in answers)
                for code in (250, 550)}
        assert kept["held"] == told[250], (kept, told)
        assert kept["refused"] == told[550], (kept, told)


run(tests_of(sys.modules[__name__]))
