"""Wrong configurations: each must be refused with the file, the line where
there is one, and words that a tired admin understands."""

import os
import subprocess
import sys

import harness
from harness import BUILD, stored

GOOD = {
    "top": 'hostname = "relay.test"; state_dir = "/nonexistent/state";',
    "listeners": '''( { address = "127.0.0.1"; port = 0; tls = "none";
        clear_auth = true; reviews = true; } )''',
    "agents": f'''( {{ name = "bot"; password = "{stored('x' * 20)}";
        senders = [ "*@agents.example" ]; }} )''',
    "reviewers": '( { name = "you"; address = "you@reviewers.example"; } )',
    "relay": '{ maildir = "/nonexistent/out"; }',
}


def text_of(**change):
    parts = dict(GOOD, **change)
    top = parts.pop("top")
    return top + "\n" + "\n".join(
        f"{name} = {value};" for name, value in parts.items()
        if value is not None) + "\n"


def listener(more, address="127.0.0.1"):
    return f'( {{ address = "{address}"; {more} }} )'


def agent(more):
    return f'( {{ name = "bot"; {more} }} )'


SENDERS = 'senders = [ "*@agents.example" ];'
PASSWORD = f'password = "{stored("y" * 20)}";'

# (what is changed, words that must be in the message)
WRONG = [
    (dict(top="hostnam = \"x\";"), ["did you mean 'hostname'"]),
    (dict(top="hostname = 7;"), ["hostname", "text in quotes"]),
    (dict(top='hostname = "a"; hostname = "b";'), ["twice"]),
    (dict(top='hostname = "a'), [":"]),
    (dict(top='state_dir = "relative";'), ["absolute path"]),
    (dict(top=f'control = "/{"x" * 120}";'), ["100"]),
    (dict(top='wibble = { };'), ["wibble", "no option"]),
    (dict(listeners=None), ["no listener"]),
    (dict(listeners="( )"), ["no listener"]),
    (dict(listeners='{ address = "127.0.0.1"; }'), ["list of groups"]),
    (dict(listeners="( 7 )"), ["list of groups"]),
    (dict(listeners='( { port = 25; } )'), ["address", "missing"]),
    (dict(listeners=listener('tls = "none"; reviews = true;', "localhost")),
     ["not numeric"]),
    (dict(listeners=listener('reviews = true;')), ["tls.certificate"]),
    (dict(listeners=listener('tls = "ssl"; reviews = true;')),
     ["must be one of", "starttls"]),
    (dict(listeners=listener('tls = "none"; port = 70000; reviews = true;')),
     ["port", "65535"]),
    (dict(listeners=listener('tls = "none"; port = -1; reviews = true;')),
     ["port"]),
    (dict(listeners=listener('tls = "none"; port = "smtp"; reviews = true;')),
     ["port"]),
    (dict(listeners=listener('tls = "none"; clear_auth = true; '
                             'reviews = false;')), ["reviews = true"]),
    (dict(listeners=listener('tls = "none"; clear_auth = true;',
                             "0.0.0.0")), ["in clear"]),
    (dict(listeners=listener('tls = "none"; reviews = true; '
                             'review_networks = [ "0.0.0.0/0" ];',
                             "0.0.0.0")), ["open relay"]),
    (dict(listeners=listener('tls = "none"; reviews = true; '
                             'agents = false;')), ["no listener takes agents"]),
    (dict(listeners=listener('tls = "none"; reviews = "yes";')),
     ["true or false"]),
    (dict(agents="( )"), ["no agents"]),
    (dict(agents=agent(SENDERS)), ["neither password nor networks"]),
    (dict(agents=agent(PASSWORD)), ["no sender address"]),
    (dict(agents=agent('password = "hunter2";' + SENDERS)),
     ["stored form", "imprimatur password"]),
    (dict(agents=agent('password = "{SHA256}AAAA";' + SENDERS)),
     ["stored form"]),
    (dict(agents=agent('networks = [ "0.0.0.0/0" ];' + SENDERS)),
     ["open relay"]),
    (dict(agents=agent('networks = [ "::/0" ];' + SENDERS)), ["open relay"]),
    (dict(agents=agent('networks = [ "::ffff:0:0/96" ];' + SENDERS)),
     ["open relay"]),
    (dict(agents=agent('networks = [ "::/80" ];' + SENDERS)), ["open relay"]),
    (dict(agents=agent('networks = [ "::ffff:1.0.0.0/100" ];' + SENDERS)),
     ["open relay"]),
    (dict(agents=f'( {{ name = "a b"; {PASSWORD} {SENDERS} }} )'),
     ["characters"]),
    (dict(rules='( { name = "x"; agent = []; then = "pass"; } )'),
     ["empty list"]),
    (dict(rules='( { name = "x"; recipient = [ "*" ]; then = "pass"; } )'),
     ["pass every mail"]),
    (dict(rules='( { name = "x"; agent = "bto"; then = "hold"; } )'),
     ["no such agent"]),
    (dict(reviewers='( { name = "a"; address = "a@b.example"; }, '
                    '{ name = "b"; address = "A@b.example"; } )'),
     ["same address"]),
    (dict(reviewers='( { name = "a"; address = "a@b.example"; users = [ 0 ];'
                    ' }, { name = "b"; address = "b@b.example"; '
                    'users = [ 0 ]; } )'), ["another reviewer's"]),
    (dict(relay='{ maildir = "out"; }'), ["absolute path"]),
    (dict(agents=agent('networks = [ "10.0.0.0/99" ];' + SENDERS)),
     ["wrong length"]),
    (dict(agents=agent('networks = [ "ten" ];' + SENDERS)), ["no network"]),
    (dict(agents=agent(PASSWORD + 'senders = [ "*" ];')),
     ["you@reviewers.example", "could answer"]),
    (dict(agents=agent(PASSWORD + 'senders = [ 7 ];')), ["list of them"]),
    (dict(agents=f'( {{ name = "bot"; {PASSWORD} {SENDERS} }}, '
                 f'{{ name = "bot"; {PASSWORD} {SENDERS} }} )'),
     ["two agents"]),
    (dict(reviewers="( )"), ["nothing could ever be approved"]),
    (dict(reviewers='( { name = "you"; } )'), ["address", "missing"]),
    (dict(reviewers='( { name = "you"; address = "*@reviewers.example"; }, '
                    '{ name = "you"; address = "a@b.example"; } )'),
     ["two reviewers"]),
    (dict(reviewers='( { name = "you"; address = "You <a@b.example>"; } )'),
     ["plain mail address"]),
    (dict(reviewers='( { name = "you"; address = "a@b.example"; '
                    'users = [ "no-such-user-here" ]; } )'), ["users"]),
    (dict(relay="{ }"), ["relay.host or relay.maildir"]),
    (dict(relay='{ host = "a"; maildir = "/b"; }'),
     ["relay.host or relay.maildir"]),
    (dict(relay='{ host = "a"; user = "u"; }'), ["go together"]),
    (dict(relay='{ host = "a"; tls = "none"; user = "u"; '
                'password_file = "/nonexistent"; }'), ["in clear"]),
    (dict(relay='{ host = "a"; user = "u"; '
                'password_file = "/nonexistent"; }'), ["password_file"]),
    (dict(relay='{ host = "a"; prot = 25; }'), ["did you mean 'port'"]),
    (dict(relay='{ host = "a"; port = 99999999999; }'), ["nine digits"]),
    (dict(relay='{ host = "a"; retry_first = "1 hour"; }'), ["retry_first"]),
    (dict(limits='{ message_size = "1K"; }'), ["message_size"]),
    (dict(limits='{ message_size = "1T"; }'), ["message_size"]),
    (dict(limits='{ recipients = 5; }'), ["recipients", "100"]),
    (dict(check='{ readers = 1000; }'), ["readers"]),
    (dict(rules='( { then = "pass"; } )'), ["name", "missing"]),
    (dict(rules='( { name = "all"; then = "pass"; } )'),
     ["pass every mail"]),
    (dict(rules='( { name = "r"; agent = "bot"; then = "refuse"; } )'),
     ["say"]),
    (dict(rules='( { name = "r"; then = "maybe"; } )'), ["must be one of"]),
    (dict(review='{ domain = "a@b"; }'), ["no domain"]),
    (dict(review='{ from = "Imprimatur"; }'), ["plain mail address"]),
]


def refused(folder, change):
    conf = folder / "imprimatur.conf"
    conf.write_text(text_of(**change))
    run = subprocess.run([BUILD / "imprimaturd", "--test", "-c", conf],
                         capture_output=True, text=True)
    return run.returncode, run.stderr, str(conf)


def test_the_good_one_is_good(folder):
    assert refused(folder, {})[0] == 0, refused(folder, {})


def test_each_wrong_one_is_refused_in_plain_words(folder):
    for change, words in WRONG:
        rc, said, name = refused(folder, change)
        assert rc == 78, (change, rc, said)
        assert name in said, (change, said)
        assert said.count("\n") == 1, (change, said)
        for word in words:
            assert word in said, (change, word, said)


def test_missing_file(folder):
    run = subprocess.run([BUILD / "imprimaturd", "-c", folder / "none"],
                         capture_output=True, text=True)
    assert run.returncode == 78 and "none" in run.stderr, run


def test_ready_fd_must_be_a_number(folder):
    for wrong in ("abc", "3x", "", "-1", "99999999999999999999"):
        run = subprocess.run(
            [BUILD / "imprimaturd", f"--ready-fd={wrong}", "-t",
             "-c", folder / "none"], capture_output=True, text=True)
        assert run.returncode == 64 and "--ready-fd" in run.stderr, run


def test_relay_password_must_be_private(folder):
    secret = folder / "password"
    secret.write_text("hunter2\n")
    secret.chmod(0o644)
    relay = f'{{ host = "a"; user = "u"; password_file = "{secret}"; }}'
    rc, said, _ = refused(folder, dict(relay=relay))
    assert rc == 78 and "chmod" in said and "hunter2" not in said, said
    os.chmod(secret, 0o600)
    assert refused(folder, dict(relay=relay))[0] == 0


def test_garbage_never_crashes(folder):
    import random
    rng = random.Random(20261121)
    good = text_of()
    for _ in range(300):
        data = bytearray(good.encode())
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            data[at:at + rng.randrange(4)] = bytes(
                rng.randrange(256) for _ in range(rng.randrange(4)))
        conf = folder / "imprimatur.conf"
        conf.write_bytes(data)
        run = subprocess.run([BUILD / "imprimaturd", "--test", "-c", conf],
                             capture_output=True)
        assert run.returncode in (0, 78), (run.returncode, bytes(data))


harness.run(harness.tests_of(sys.modules[__name__]))
