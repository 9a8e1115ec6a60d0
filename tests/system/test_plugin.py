"""A plug-in built out of tree, as imprimatur-plugin(7) says, by the installed
header and pkg-config file, and loaded into a real sealed reader."""

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(os.environ.get("top_srcdir", Path(__file__).parents[2]))
BUILD = Path(os.environ.get("top_builddir", TOP))

READY, REFUSED, SETUP, DRAFT, READING = 1, 2, 3, 4, 8
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
        tests = (test_finds, test_complains)
        print(f"1..{len(tests)}")
        for n, test in enumerate(tests, 1):
            try:
                test(folder)
                print(f"ok {n} - {test.__name__}", flush=True)
            except Exception as e:
                failed += 1
                print(f"not ok {n} - {test.__name__}\n# {e!r}", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
