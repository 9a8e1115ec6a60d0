"""imprimatur check and explain: the tests beside the rules run through real
readers, failures say where and why, and what is strange is said with file and
line."""

import json
import subprocess
import sys
from contextlib import closing

import harness
from harness import BUILD, Daemon, draft

MAIN = f"""
hostname = "relay.test"; state_dir = "/nonexistent/state";
listeners = ( {{ address = "127.0.0.1"; port = 0; tls = "none";
  clear_auth = true; reviews = true; }} );
agents = ( {{ name = "bot"; networks = [ "127.0.0.1" ];
  senders = [ "*@agents.example" ]; }} );
reviewers = ( {{ name = "anna"; address = "anna@r.example"; admin = true; }},
  {{ name = "ben"; address = "ben@r.example"; }} );
relay = {{ maildir = "/nonexistent/out"; }};
check = {{ reader = "{BUILD}/imprimatur-check"; deadline = 20000; }};
"""

RULES = """
    { name = "legal"; body = [ "contract|cancellation" ]; then = "hold";
      severity = "high"; ask = [ "anna" ]; },
    { name = "unfinished"; text = [ "[{][{]" ]; then = "refuse";
      say = "unresolved placeholder"; },
    { name = "new-people"; finding = [ "first-contact" ]; then = "hold"; }
"""

TESTS = """
    { name = "contract"; text = "Your contract.\\n"; expect = "hold";
      rule = "legal"; },
    { name = "hole"; subject = "Grüße an {{name}}"; text = "Hello";
      html = "<p>Hello</p>"; expect = "refuse"; rule = "unfinished"; },
    { name = "somebody new"; text = "Hello"; confidence = "0.95";
      expect = "hold"; rule = "new-people"; findings = [ "first-contact" ]; },
    { name = "sure"; text = "Hello"; to = [ "jane@c.example" ];
      known = [ "jane@c.example" ]; confidence = "95%"; expect = "pass"; },
    { name = "unsure"; text = "Hello"; to = [ "jane@c.example" ];
      known = [ "jane@c.example" ]; confidence = "0.5"; expect = "hold"; },
    { name = "a file"; file = "case.eml"; known = [ "jane@c.example" ];
      to = [ "jane@c.example" ]; expect = "hold"; rule = "legal"; }
"""


def channel(folder, rules=RULES, tests=TESTS, more=""):
    (folder / "channels").mkdir(exist_ok=True)
    (folder / "imprimatur.conf").write_text(MAIN)
    (folder / "channels/case.eml").write_text(
        "From: bot@agents.example\nTo: jane@c.example\nSubject: x\n\n"
        "the cancellation\n")
    (folder / "channels/support.conf").write_text(f"""channel: {{
  name = "support"; owner = "anna"; mode = "confidence";
  match = {{ agent = [ "bot" ]; }};
  threshold = 0.85; calibrated = true; sample = 0.5;
  reviewers = [ "ben" ]; deadline = "2h";
  ladder = ( {{ at = "1h"; remind = true; }}, {{ at = "1d"; do = "hold"; }} );
  reasons = [ "tone" ]; {more}
  rules = ( {rules} );
  tests = ( {tests} );
}};
""")
    return folder / "imprimatur.conf"


def line_of(folder, words):
    text = (folder / "channels/support.conf").read_text().splitlines()
    return next(n for n, line in enumerate(text, 1) if words in line)


def imprimatur(*args):
    return subprocess.run([BUILD / "imprimatur", *map(str, args)],
                          capture_output=True, text=True, timeout=120)


def test_all_is_right(folder):
    run = imprimatur("check", channel(folder))
    assert run.returncode == 0, run
    assert "6 of 6 tests right" in run.stdout, run.stdout
    assert "Mail of agent bot to anybody is channel 'support'" in run.stdout
    assert "Rule 'legal': when its body has" in run.stdout, run.stdout
    assert "warning" not in run.stdout and run.stderr == "", run
    quiet = imprimatur("check", folder / "imprimatur.conf", "--quiet")
    assert quiet.returncode == 0 and quiet.stdout == "", quiet


def test_a_wrong_test_tells_where_and_why(folder):
    tests = TESTS.replace('confidence = "0.5"; expect = "hold"',
                          'confidence = "0.5"; expect = "pass"')
    run = imprimatur("check", channel(folder, tests=tests), "--quiet")
    assert run.returncode == 1, run
    where = f"support.conf:{line_of(folder, 'unsure')}: test 'unsure' "
    assert where + "expected pass, got hold by mode confidence" in run.stdout
    assert "against passing: confidence 0.5 is below 0.85" in run.stdout
    assert "5 of 6 tests right" in run.stdout, run.stdout
    answer = json.loads(imprimatur(
        "--json", "check", folder / "imprimatur.conf").stdout)
    assert answer["right"] is False
    failure, = answer["tests"]["failures"]
    assert failure["test"] == "unsure" and "outcome: hold" in failure["trace"]


def test_each_way_to_be_wrong(folder):
    for test, words in [
            ('expect = "hold"; rule = "unfinished"',
             ["expected hold by rule unfinished, got hold by rule legal"]),
            ('expect = "hold"; findings = [ "amount" ]',
             ["expected the finding amount, which is not there"]),
            ('expect = "hold"; file = "missing.eml"',
             ["cannot read", "missing.eml"]),
            ('expect = "pass"; agent = "bot"; from = "x@else.example"',
             ["got hold by no rule: from-not-authorised"])]:
        tests = f'{{ name = "t"; text = "contract"; {test}; }}'
        if "file" in test:
            tests = tests.replace('text = "contract"; ', "")
        run = imprimatur("check", channel(folder, tests=tests), "--quiet")
        assert run.returncode == 1, (test, run)
        for word in words:
            assert word in run.stdout, (word, run.stdout)


def test_mail_that_goes_elsewhere(folder):
    conf = channel(folder, tests='{ name = "t"; text = "x"; '
                                 'to = [ "q@other.example" ]; '
                                 'expect = "hold"; }')
    first = (folder / "channels/support.conf").read_text()
    (folder / "channels/abroad.conf").write_text(
        first.replace('name = "support"', 'name = "abroad"').replace(
            'match = {', 'match = { recipient = [ "*@other.example" ];')
        .split("  tests =")[0] + "};\n")
    run = imprimatur("check", conf, "--quiet")
    assert run.returncode == 1, run
    assert "goes to channel abroad, not to channel support" in run.stdout


def test_warnings(folder):
    rules = RULES + """,
    { name = "never"; body = [ "contract|cancellation" ];
      recipient = [ "*@c.example" ]; then = "pass"; }"""
    conf = channel(folder, rules=rules)
    run = imprimatur("check", conf, "--quiet")
    assert run.returncode == 0, run
    where = f"support.conf:{line_of(folder, 'never')}: warning: rule 'never' "
    assert where + "never passes anything" in run.stdout, run.stdout
    assert imprimatur("check", conf, "--quiet", "--strict").returncode == 1
    run = imprimatur("check", conf, "--quiet", "--per-day", "100000",
                     "--strict")
    assert run.returncode == 1 and "TOO MUCH" in run.stdout, run


def test_what_does_not_load(folder):
    conf = channel(folder, rules=RULES.replace("contract|", "(contract|"))
    run = imprimatur("check", conf)
    assert run.returncode == 78, run
    assert f"support.conf:{line_of(folder, 'legal')}: " in run.stderr, run
    assert "parenthesis" in run.stderr and run.stderr.count("\n") == 1, run
    run = imprimatur("--json", "check", conf)
    assert run.returncode == 78 and "parenthesis" in json.loads(
        run.stdout)["text"], run
    conf = channel(folder, more='colour = "red";')
    run = imprimatur("check", conf)
    assert run.returncode == 78 and "colour" in run.stderr, run
    run = imprimatur("check", folder / "none")
    assert run.returncode == 78 and "none" in run.stderr, run


def test_required_context_is_there(folder):
    tests = '{ name = "t"; text = "Hello"; to = [ "jane@c.example" ]; ' \
            'known = [ "jane@c.example" ]; confidence = "1"; ' \
            'expect = "pass"; }'
    conf = channel(folder, tests=tests, more='require = [ "why", "case" ];')
    run = imprimatur("check", conf, "--quiet")
    assert run.returncode == 0, run
    mail = folder / "mail.eml"
    mail.write_text("From: bot@agents.example\nTo: jane@c.example\n"
                    "Imprimatur-Confidence: 1\nImprimatur-Why: so\n\nHello\n")
    said = imprimatur("explain", mail, "--config", conf).stdout
    assert 'against passing: the agent gave no "case"' in said, said


def test_wrong_arguments(folder):
    for args in (["a", "b"], ["--wibble"], ["--per-day", "x"],
                 ["--minutes", "0"]):
        run = imprimatur("check", *args)
        assert run.returncode == 64 and run.stdout == "", (args, run)
    for args in ([], ["a", "b"], ["--wibble"]):
        assert imprimatur("explain", *args).returncode == 64, args


def test_explain_a_file(folder):
    conf = channel(folder)
    mail = folder / "mail.eml"
    mail.write_text("From: bot@agents.example\nTo: Jane <jane@c.example>,\n"
                    " b@c.example\nSubject: x\n\nYour contract.\n")
    run = imprimatur("explain", mail, "--config", conf)
    assert run.returncode == 0, run
    for words in ("would be held, channel support, severity high",
                  "agent bot, from <bot@agents.example>, to <jane@c.example>, "
                  "<b@c.example>",
                  'rule legal fits: body has "contract|cancellation" -> hold, '
                  "severity high, asks anna",
                  "rule unfinished does not fit",
                  "outcome: hold by legal", "  ben\n  anna\n",
                  "the ledger was not looked at"):
        assert words in run.stdout, (words, run.stdout)
    answer = json.loads(imprimatur(
        "--json", "explain", mail, "--config", conf, "--from",
        "x@else.example", "--to", "q@c.example").stdout)
    assert answer["verdict"] == "hold" and answer["rule"] == "legal"
    assert answer["ask"] == "ben\nanna", answer
    mail.write_text("Subject: nobody\n\nHello\n")
    run = imprimatur("explain", mail, "--config", conf)
    assert run.returncode == 65 and "--from" in run.stderr, run
    run = imprimatur("explain", mail, "--config", conf, "--from",
                     "a@agents.example")
    assert run.returncode == 65 and "--to" in run.stderr, run
    run = imprimatur("explain", folder / "none", "--config", conf)
    assert run.returncode == 66 and "none" in run.stderr, run
    run = imprimatur("explain", mail, "--config", conf, "--agent", "bt")
    assert run.returncode == 64, run
    assert "no agent 'bt'; did you mean 'bot'?" in run.stderr, run
    run = imprimatur("explain", mail, "--config", conf, "--from", "x@y",
                     "--to", "a@b")
    assert run.returncode == 0 and (
        "its submission would be refused: that agent may not send as <x@y>"
        in run.stdout), run


def test_findings_that_nothing_reports(folder):
    conf = channel(
        folder, more='plugins = ( { name = "words"; } );',
        rules='{ name = "law"; finding = [ "leagl", "first-contact" ]; '
              'then = "hold"; }', tests=TESTS.split("},")[3] + "}")
    conf.write_text(conf.read_text() + f"""plugins = "{BUILD}/plugins/.libs";
rules = ( {{ name = "dear"; finding = "amount"; then = "note"; }},
          {{ name = "angry"; finding = "complaint"; then = "note"; }} );""")
    run = imprimatur("check", "--quiet", conf)
    assert run.returncode == 0, run
    said = run.stdout.splitlines()
    assert len(said) == 2, said
    assert said[0].endswith(
        "warning: rule 'dear' waits for a finding 'amount', which nothing "
        "reports; add the plug-in that does to the channel's plugins "
        "(imprimatur-plugins(7) lists what each finds)"), said
    assert said[1].startswith(
        f"{folder}/channels/support.conf:{line_of(folder, 'leagl')}: ") and \
        said[1].endswith("; did you mean 'legal'?"), said


def test_the_configuration_is_named_once(folder):
    conf = channel(folder)
    mail = folder / "channels/case.eml"
    for args in [("--config", conf, "check"), ("check", "--config", conf),
                 ("--config", conf, "explain", mail)]:
        run = imprimatur(*args)
        assert run.returncode == 0, (args, run)
    run = subprocess.run([BUILD / "imprimatur", "check", "--quiet"],
                         env={"IMPRIMATUR_CONFIG": str(conf)},
                         capture_output=True, text=True)
    assert run.returncode == 0, run


def test_wrong_words_on_the_command_line(folder):
    for args, words in [(("aprove", 1), "did you mean 'approve'?"),
                        (("--confg", "x", "check"), "there is no option"),
                        (("--config",), "its value is missing")]:
        run = imprimatur(*args)
        assert run.returncode == 64 and words in run.stderr, run
        assert run.stderr.count("\n") < 3, run


def test_explain_a_draft(folder):
    with closing(Daemon(folder)) as daemon:
        daemon.start()
        daemon.submit(draft())
        said = daemon.ctl("explain", 1).stdout
        assert said.startswith("draft 1 (") and "is held" in said, said
        assert "outcome: hold" in said and "not kept" not in said, said
        assert daemon.json("explain", 1)["id"] == 1
        assert daemon.ctl("explain", 99, ok=False).returncode == 66
        daemon.stop()


harness.run(harness.tests_of(sys.modules[__name__]))
