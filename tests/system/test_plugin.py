"""A plug-in built out of tree, as imprimatur-plugin(7) says, by the installed
header and pkg-config file, and loaded into a real sealed reader."""

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import harness

TOP = Path(os.environ.get("top_srcdir", Path(__file__).parents[2]))
BUILD = Path(os.environ.get("top_builddir", TOP))

READY, REFUSED, SETUP, DRAFT, READING = 1, 2, 3, 4, 10
MAIL = (b"From: bot@agent.example\r\n\r\n"
        b"DEAR BOB, SEND THE MONEY AT ONCE, OR ELSE\r\n")


def run(*args, **more):
    done = subprocess.run([str(a) for a in args], capture_output=True,
                          text=True, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def install(folder):
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    run("make", "-C", BUILD, f"DESTDIR={folder}", "install-pkgconfigDATA",
        "install-plugin_includeHEADERS", env=env)
    found = list(Path(folder).rglob("imprimatur.pc"))
    assert len(found) == 1, found
    return found[0].parent


def pkg_config(folder, pc, *args):
    return run("pkg-config", *args, "imprimatur", env=dict(
        os.environ, PKG_CONFIG_PATH=str(pc), PKG_CONFIG_SYSROOT_DIR=folder))


def compile_shout(folder, flags):
    text = (TOP / "plugins/skeleton.c").read_text()
    assert '.name = "skeleton"' in text
    source = Path(folder) / "shout.c"
    source.write_text(text.replace('.name = "skeleton"', '.name = "shout"'))
    run("cc", "-Wall", "-Werror", "-shared", "-fPIC", *flags.split(), "-o",
        Path(folder) / "shout.so", source)


class Reader:
    """The sealed reader, with this test in the place of the daemon."""

    def __init__(self):
        self.socket, theirs = socket.socketpair()
        page = os.memfd_create("page")
        os.ftruncate(page, 4096)
        fds = [os.dup(theirs.fileno()), os.dup(page)]

        def arrange():
            # above all others first, so that neither is overwritten
            high = [os.dup2(fds[0], 60), os.dup2(fds[1], 61)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)
            os.closerange(5, 64)
        self.process = subprocess.Popen(
            [BUILD / "imprimatur-check", "reader", str(512 << 20)],
            preexec_fn=arrange, close_fds=False)
        for fd in (*fds, page):
            os.close(fd)
        theirs.close()
        self.socket.settimeout(60)

    def put(self, kind, payload):
        self.socket.sendall(struct.pack("<IBI", len(payload), kind, 7)
                            + payload)

    def read(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            assert piece, "the reader is gone"
            data += piece
        return data

    def get(self):
        length, kind, _ = struct.unpack("<IBI", self.read(9))
        return kind, self.read(length)

    def close(self):
        self.socket.close()
        self.process.wait(60)


def set_up(folder, options):
    reader = Reader()
    setup = {"plugin_dir": str(folder), "conditions": [], "channels": [
        {"name": "one", "file": "one.conf", "plugins": [
            {"name": "shout", "line": 3, "options": options}]}]}
    reader.put(SETUP, json.dumps(setup).encode())
    return reader


def test_finds(folder):
    reader = set_up(folder, {"share": "0.5"})
    kind, _ = reader.get()
    assert kind == READY, kind
    about = b"a bot\nf bot@agent.example\nt bob@customer.example\nc 0\n"
    reader.put(DRAFT, struct.pack("<I", len(about)) + about + MAIL)
    kind, answer = reader.get()
    reader.close()
    assert kind == READING, kind
    assert b"shouting" in answer and b"letters are capitals" in answer, answer


def test_complains(folder):
    reader = set_up(folder, {"share": "2"})
    kind, answer = reader.get()
    reader.close()
    assert kind == REFUSED, kind
    assert answer == (b"one.conf:3: plug-in 'shout': share is '2'; it must "
                      b"be above 0, at most 1"), answer


# What nasty does, by the recipient's domain, and what comes of it.
DEEDS = {
    "crash": "crashed", "abort": "crashed", "exit": "crashed",
    "eat": None, "socket": "crashed", "exec": "crashed",
    "memory": "used too much memory", "loop": "took too long",
    "babble": None, "flood": None}

CHANNEL = """channel: {{
  name = "{deed}"; owner = "you"; mode = "exception"; cost = "low";
  reversible = true; reviewers = [ "you" ]; reasons = [ "wrong" ];
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
  match = {{ recipient = [ "*@{deed}.example" ]; }};
  {plugins}
}};
"""
NASTY = 'plugins = ( {{ name = "nasty"; deed = "{}"; word = "poison"; }} );'


def nasty_daemon(folder):
    """A daemon whose channels use nasty, and one that lets all pass."""
    plugins = Path(folder) / "plugins"
    plugins.mkdir()
    shutil.copy(BUILD / "tests/plugins/.libs/nasty.so", plugins)
    channels = {deed: CHANNEL.format(deed=deed, plugins=NASTY.format(deed))
                for deed in DEEDS}
    channels["good"] = CHANNEL.format(deed="good", plugins="")
    d = harness.Daemon(folder, channels=channels)
    conf = d.conf.read_text()
    conf = conf.replace(f'plugins = "{BUILD}/plugins/.libs"',
                        f'plugins = "{plugins}"')
    d.conf.write_text(conf.replace("deadline = 20000", "deadline = 4000"))
    return d.start()


def passed(d, text, deed, n=0):
    """The answer to the dot of a mail to that channel."""
    return d.submit(harness.draft(text, subject=f"{deed} {n}",
                                  to=f"jane@{deed}.example"),
                    rcpts=[f"jane@{deed}.example"])


def test_nasty_holds_its_mail_only(folder):
    """While plug-ins fail in all ways, other mail flows, and none is lost."""
    with closing(nasty_daemon(folder)) as d:
        answers, lock = {}, threading.Lock()

        def send(deed, n, text):
            answer = passed(d, text, deed, n)
            with lock:
                answers[deed, n] = answer
        threads = [threading.Thread(target=send, args=(
            "good", n, f"Hello Jane {n}, this is number {n * 7919}.\n"))
            for n in range(50)]
        threads += [threading.Thread(target=send, args=(
            deed, 0, f"A poison for {deed}.\n")) for deed in DEEDS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(harness.PATIENCE)
        assert len(answers) == 50 + len(DEEDS), sorted(answers)
        assert all(code == 250 for code, _ in answers.values()), answers
        rows = d.json("list", "--all", "--limit", 1000)["drafts"]
        assert len(rows) == 50 + len(DEEDS), len(rows)
        for n in range(50):
            code, text = answers["good", n]
            assert "held" not in text, (n, text)
        for deed, how in DEEDS.items():
            number = int(re.search(r"id=(\d+)", answers[deed, 0][1]).group(1))
            found = d.json("show", number)["findings"]
            assert d.state_of(number) == "held", (deed, found)
            failed = [f for f in found if f["name"] == "plugin-failed"]
            assert failed and failed[0]["weight"] == "tripwire", (deed, found)
            assert how is None or how in failed[0]["detail"], (deed, failed)
        d.outbox.wait(50)
        assert d.process.poll() is None
        d.stop()


def test_no_storm_of_readers(folder):
    """Each poison costs a reader, not more; what is no poison costs none."""
    with closing(nasty_daemon(folder)) as d:
        for n in range(6):
            code, text = passed(d, f"A poison, number {n}.\n", "crash", n)
            assert code == 250 and "held" in text, text
        assert d.log().count("ended reason=") == 6, d.log()[-3000:]
        for n in range(6):
            code, text = passed(d, f"Hello, number {n * 7919}.\n", "crash",
                                f"good {n}")
            assert code == 250 and "held" not in text, text
        assert d.log().count("ended reason=") == 6, d.log()[-3000:]
        d.stop()


def test_a_bad_plugin_is_not_loaded(folder):
    """A reload to one that fails is refused; the old configuration stays."""
    with closing(nasty_daemon(folder)) as d:
        for deed, words in [("early-crash", "crashed while it was set up"),
                            ("silent-failure", "configure() failed")]:
            d.channel("good", CHANNEL.format(
                deed="good", plugins=NASTY.format(deed)))
            refused = d.ctl("reload", ok=False)
            assert refused.returncode == 78, refused
            assert words in refused.stderr, refused.stderr
            assert "held" not in passed(d, f"Hello {deed}.\n", "good")[1]
            assert "held" in passed(d, f"A poison {deed}.\n", "crash")[1]
        d.channel("good", CHANNEL.format(deed="good", plugins=(
            'plugins = ( { name = "absent"; } );')))
        refused = d.ctl("reload", ok=False)
        assert refused.returncode == 78 and "absent" in refused.stderr
        d.channel("good", CHANNEL.format(deed="good", plugins=""))
        d.ctl("reload")
        d.stop()


def main():
    if not shutil.which("pkg-config") or not shutil.which("cc"):
        print("1..0 # SKIP no compiler or no pkg-config")
        return
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        pc = install(folder)
        plugins = pkg_config(folder, pc, "--variable=plugindir")
        assert plugins.endswith("/imprimatur"), plugins
        compile_shout(folder, pkg_config(folder, pc, "--cflags"))
        tests = (test_finds, test_complains, test_nasty_holds_its_mail_only,
                 test_no_storm_of_readers, test_a_bad_plugin_is_not_loaded)
        print(f"1..{len(tests)}")
        for n, test in enumerate(tests, 1):
            try:
                own = Path(folder) / str(n)
                own.mkdir()
                test(own if n > 2 else folder)
                print(f"ok {n} - {test.__name__}", flush=True)
            except Exception as e:
                failed += 1
                print(f"not ok {n} - {test.__name__}\n# {e!r}", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
