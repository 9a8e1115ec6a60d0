"""The examples of the manual pages load, and do what they say."""

import re
import subprocess
import sys

import harness
from harness import BUILD, TOP

MAIN = f"""
hostname = "relay.test"; state_dir = "/nonexistent/state";
listeners = ( {{ address = "127.0.0.1"; port = 0; tls = "none";
  clear_auth = true; reviews = true; }} );
agents = ( {{ name = "billing-bot"; networks = [ "127.0.0.1" ];
  senders = [ "*@agents.example" ]; }} );
calendars = ( {{ name = "berlin"; zone = "Europe/Berlin"; }} );
reviewers = ( {{ name = "anna"; address = "anna@r.example"; }},
  {{ name = "ben"; address = "ben@r.example"; }},
  {{ name = "carla"; address = "carla@r.example"; }} );
groups = ( {{ name = "accounts"; members = [ "ben", "carla" ]; }},
  {{ name = "managers"; members = [ "anna", "carla" ]; }},
  {{ name = "counsel"; members = [ "anna" ]; }},
  {{ name = "leads"; members = [ "anna" ]; }} );
relay = {{ maildir = "/nonexistent/out"; }};
plugins = "{BUILD}/plugins/.libs";
check = {{ reader = "{BUILD}/imprimatur-check"; deadline = 20000; }};
"""

CHANNEL = """channel: { name = "support"; owner = "anna"; mode = "review";
  reviewers = "carla"; deadline = "4h"; ladder = ( { at = "1d"; do = "hold"; } );
  reasons = "tone";
%s
};
"""


def examples(page):
    """The literal blocks of a page, as a reader sees them."""
    text = (TOP / "doc" / page).read_text()
    return [block.replace("\\e", "\\").replace("\\-", "-") for block in
            re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.M | re.S)]


def check(folder, channel, more=""):
    (folder / "channels").mkdir(exist_ok=True)
    (folder / "channels/support.conf").write_text(channel)
    (folder / "imprimatur.conf").write_text(MAIN + more)
    run = subprocess.run(
        [BUILD / "imprimatur", "check", "--quiet", "--strict",
         folder / "imprimatur.conf"], capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout + run.stderr == "", (
        run.stdout + run.stderr + channel)


def test_a_whole_channel(folder):
    channels = [e for e in examples("imprimatur.conf.5")
                if e.startswith("channel:")]
    assert channels
    for channel in channels:
        check(folder, channel)


def test_review_over_mail(folder):
    """As it stands there, with the secrets made as it says."""
    conf, recipe = [e for e in examples("imprimatur.conf.5")
                    if e.startswith(("hostname =", "umask"))]
    run = subprocess.run(["sh", "-e", "-c", recipe], cwd=folder, check=True,
                         capture_output=True, text=True)
    assert re.fullmatch(r"s1\._domainkey\.example\.com\. TXT v=DKIM1; k=rsa; "
                        r"p=[A-Za-z0-9+/=]{300,}\n", run.stdout), run.stdout
    for name in re.findall(r'password_file = "(.*?)"', conf):
        (folder / name).write_text("one\n")
        (folder / name).chmod(0o640)
    (folder / "imprimatur.conf").write_text(
        conf + f'check = {{ reader = "{BUILD}/imprimatur-check"; '
               'deadline = 20000; };')
    run = subprocess.run([BUILD / "imprimatur", "check", "--strict",
                          folder / "imprimatur.conf"],
                         capture_output=True, text=True)
    assert run.returncode == 0 and "warning" not in run.stdout, run
    for words in ("anna gets a digest at 09:00 and 13:30 in the business hours "
                  "of calendar berlin", "what is high or critical, or due",
                  "ben gets a notice of each draft at once",
                  "for at most 3 d. What is approved leaves after 2 min"):
        assert words in run.stdout, (words, run.stdout)


def test_the_plug_ins(folder):
    (folder / "codenames").write_text("Swallow\n")
    first, stanza = examples("imprimatur-plugins.7")
    check(folder, CHANNEL % first)
    stanza = stanza.replace("/etc/imprimatur/codenames",
                            str(folder / "codenames"))
    check(folder, CHANNEL % f"plugins = ( {stanza} );")


def test_the_first_plug_in(folder):
    """Of the skeleton, which the page has renamed."""
    plugins = folder / "plugins"
    plugins.mkdir()
    (plugins / "shout.c").write_text(
        (TOP / "plugins/skeleton.c").read_text().replace(
            '.name = "skeleton"', '.name = "shout"'))
    subprocess.run(["cc", "-shared", "-fPIC", f"-I{TOP}/include", "-o",
                    plugins / "shout.so", plugins / "shout.c"], check=True)
    parts = [e for e in examples("imprimatur-plugin.7")
             if e.startswith(("plugins =", "tests ="))]
    assert len(parts) == 2
    main = MAIN.replace(f"{BUILD}/plugins/.libs", str(plugins))
    (folder / "channels").mkdir()
    (folder / "channels/support.conf").write_text(CHANNEL % "\n".join(parts))
    (folder / "imprimatur.conf").write_text(main)
    run = subprocess.run([BUILD / "imprimatur", "check", "--strict",
                          folder / "imprimatur.conf"],
                         capture_output=True, text=True)
    assert run.returncode == 0 and "1 of 1 tests right" in run.stdout, run


def test_programs(folder):
    block = next(e for e in examples("imprimatur-program.7")
                 if e.startswith("programs ="))
    main, channel = block.split("channel: {")
    main = main.replace("/usr/local/bin/tone", "/bin/true")
    check(folder, CHANNEL % channel.replace("...", "").rsplit("};", 1)[0],
          main)


def test_the_samples_at_any_time(folder):
    """No test of a sample says today what it does not say tomorrow."""
    for sample in sorted((TOP / "conf/channels").glob("*.conf")):
        tests = sample.read_text().split("  tests = (")[1]
        assert tests.count("expect =") == tests.count(" at = "), sample


harness.run(harness.tests_of(sys.modules[__name__]))
