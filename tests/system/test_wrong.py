"""Each file in tests/wrong is wrong in one place.  Its first line says in which
line, and which words the message must have:

    # 5: first words | more words

channel-NAME.conf is a channel beside a good configuration; main-NAME.conf has
the wrong part of a configuration, to which the good rest is added.
"""

import re
import subprocess
import sys

import harness
from harness import BUILD, TOP, stored

WRONG = TOP / "tests/wrong"
SECRETS = ("hunter2", "12345", "geheim", "{SHA256}")

MAIN = {
    "hostname": '"relay.test"',
    "state_dir": '"/nonexistent/state"',
    "listeners": '''( { address = "127.0.0.1"; port = 0; tls = "none";
        reviews = true; } )''',
    "agents": f'''( {{ name = "bot"; password = "{stored('x' * 20)}";
        senders = [ "*@agents.example" ]; }} )''',
    "calendars": '( { name = "berlin"; zone = "Europe/Berlin"; } )',
    "reviewers": '''( { name = "anna"; address = "anna@reviewers.example"; },
        { name = "ben"; address = "ben@reviewers.example"; } )''',
    "groups": '( { name = "leads"; members = [ "anna", "ben" ]; } )',
    "programs": '( { name = "tone"; command = [ "/bin/true" ]; } )',
    "rules": '''( { name = "no-keys"; finding = "secret-like";
        then = "refuse"; say = "it has a key in it"; } )''',
    "relay": '{ maildir = "/nonexistent/out"; }',
}

FIRST = """channel: { name = "first"; owner = "anna"; mode = "review";
  deadline = "4h"; ladder = ( { at = "1d"; do = "hold"; } );
  reasons = "tone"; };
"""

FILES = {
    "writable-words": (b"legal\n", 0o666),
    "latin1-words": (b"legal\nk\xfcndigung\n", 0o644),
    "cases-of-zoe": (b"4711 anna\n4712 zoe\n", 0o644),
    "cases-without-owner": (b"4711\n", 0o644),
    "readable-token": (b"geheim\n", 0o644),
    "no-key": (b"geheim\n", 0o600),
    "private-password": (b"geheim\n", 0o600),
    "short-token": (b"geheim\n", 0o600),
    "long-token": (b"geheim" * 8 + b"\n", 0o600),
    "private-secret": (b"geheim-geheim-geheim\n", 0o600),
    "bot-token": (b"xoxb-geheim\n", 0o600),
    "app-token": (b"xapp-geheim\n", 0o600),
    "blank-token": (b"geheim geheim\n", 0o600),
    "hook": (b"https://hooks.slack.example/geheim\n", 0o600),
    "clear-hook": (b"http://hooks.slack.example/geheim\n", 0o600),
    "empty-first-line": (b"\ngeheim\n", 0o600),
}


def made(*args):
    return subprocess.run(["openssl", *args], capture_output=True,
                          check=True).stdout, 0o600


# Keys of the kinds that people have, and that DKIM cannot sign with.
FILES["ec-key"] = made("genpkey", "-algorithm", "EC", "-pkeyopt",
                       "ec_paramgen_curve:P-256")
FILES["ed-key"] = made("genpkey", "-algorithm", "ed25519")
FILES["locked-key"] = made("genpkey", "-algorithm", "ed25519", "-aes256",
                           "-pass", "pass:geheim")
FILES["short-rsa"] = made("genrsa", "768")
FILES["public-key"] = (b"-----BEGIN PUBLIC KEY-----\n"
                       b"MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbL"
                       b"DFw4rXAxZuE=\n-----END PUBLIC KEY-----\n", 0o600)


def refused(folder, name, text):
    """What is said of it; and the file that must be named."""
    conf, channels = folder / "imprimatur.conf", folder / "channels"
    channels.mkdir(exist_ok=True)
    channel = channels / "support.conf"
    channel.unlink(missing_ok=True)
    for other, (data, mode) in FILES.items():
        for place in (folder, channels):
            (place / other).write_bytes(data)
            (place / other).chmod(mode)
    (channels / "first.conf").write_text(FIRST)
    if name.startswith("channel-"):
        channel.write_text(text)
        main, wrong = "", channel
    else:
        main, wrong = text, conf
    conf.write_text(main + "".join(
        f"{option} = {value};\n" for option, value in MAIN.items()
        if not re.search(rf"^{option} *=", main, re.M)
        # what the wrong part has changed may be asked for here
        and not (name.startswith("main-") and option in ("groups", "rules")
                 and "reviewers" in main)))
    run = subprocess.run([BUILD / "imprimaturd", "-t", "-c", conf],
                         capture_output=True, text=True)
    return run, wrong


def test_the_rest_is_good(folder):
    run, _ = refused(folder, "main-nothing", "")
    assert run.returncode == 0, run.stderr


def complaints(folder, path):
    text = path.read_text()
    head = re.match(r"# (\d+): (.*)\n", text)
    assert head, path
    run, wrong = refused(folder, path.stem, text)
    said = run.stderr
    if run.returncode != 78:
        yield f"exit code {run.returncode}"
    if said.count("\n") != 1:
        yield "not one line"
    place = f"{wrong}:{head[1]}: "
    if place not in said:
        yield f"not {place}"
    for words in head[2].split(" | "):
        if words not in said:
            yield f"not {words!r}"
    for secret in SECRETS:
        if secret in said:
            yield "a secret"
    if len(said) > 480:
        yield "longer than what an error can hold"


def test_each_wrong_file_is_refused_in_plain_words(folder):
    paths = sorted(WRONG.glob("*.conf"))
    assert len(paths) >= 100, len(paths)
    bad = []
    for path in paths:
        found = list(complaints(folder, path))
        if found:
            run, _ = refused(folder, path.stem, path.read_text())
            bad.append(f"{path.name}: {', '.join(found)}: {run.stderr}")
    assert not bad, "\n".join(bad)


def test_garbage_in_channels_never_crashes(folder):
    import random
    rng = random.Random(20261121)
    samples = [p.read_bytes() for p in
               sorted((TOP / "conf/channels").glob("*.conf"))]
    refused(folder, "main-nothing", "")
    for n in range(300):
        data = bytearray(samples[n % len(samples)])
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            data[at:at + rng.randrange(9)] = bytes(
                rng.choice(b'{}();="[],\\\0\xff 09ax#/*')
                for _ in range(rng.randrange(4)))
        (folder / "channels/support.conf").write_bytes(data)
        run = subprocess.run(
            [BUILD / "imprimaturd", "-t", "-c", folder / "imprimatur.conf"],
            capture_output=True, text=True)
        assert run.returncode in (0, 78), (run.returncode, bytes(data))


harness.run(harness.tests_of(sys.modules[__name__]))
