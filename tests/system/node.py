"""The clients that tests/chat/install fetched from npm, run by node."""

import json
import os
import selectors
import shutil
import subprocess
import time

import harness
from harness import PATIENCE, TOP

CHAT = TOP / "tests/chat"


OLDEST = 20  # that the clients of Slack run on


def modules():
    return harness.CACHE / "node_modules"


def program():
    """The one that came with the clients, where the machine's is too old."""
    own = sorted(modules().glob("node-linux-*/bin/node"))
    return str(own[0]) if own else "node"


def version():
    said = subprocess.run([program(), "--version"], capture_output=True,
                          text=True, check=True, timeout=PATIENCE).stdout
    return int(said.removeprefix("v").split(".")[0])


def need():
    """Skips, loudly, where there are none."""
    why = None
    if shutil.which(program()) is None:
        why = "there is no node"
    elif version() < OLDEST:
        why = f"node {version()} is older than {OLDEST}"
    elif not modules().is_dir():
        why = f"{modules()} is not there; run tests/chat/install"
    if why:
        print(f"# SKIP: no clients of Slack and Matrix: {why}", flush=True)
        harness.skip(f"no clients of Slack and Matrix: {why}")


def environment():
    return dict(os.environ, NODE_PATH=str(modules()), NO_COLOR="1")


def run(script, *args, stdin=None, patience=PATIENCE):
    """The script's standard output; it must end well."""
    done = subprocess.run([program(), CHAT / script, *map(str, args)],
                          input=stdin, capture_output=True, text=True,
                          env=environment(), timeout=patience)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout


class Lines:
    """A script that takes a command in JSON a line, and answers each."""

    def __init__(self, script, *args):
        self.process = subprocess.Popen(
            [program(), CHAT / script, *map(str, args)], env=environment(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.rest = b""
        self.answer()

    def answer(self, patience=PATIENCE):
        end = time.monotonic() + patience
        with selectors.DefaultSelector() as wait:
            wait.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.rest:
                left = end - time.monotonic()
                assert left > 0 and wait.select(left), "no answer of node"
                data = os.read(self.process.stdout.fileno(), 65536)
                assert data, f"node ended: {self.rest!r}"
                self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        said = json.loads(line)
        assert "ok" in said, said.get("error")
        return said["ok"]

    def do(self, verb, **more):
        self.process.stdin.write(json.dumps(
            {"do": verb, **more}).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def reviewer(user, room):
    """A person at Matrix (synapse.User) by matrix-js-sdk: do("say", text=),
    do("reply", root=, text=), do("react", event=, key=), do("edit", event=,
    text=), do("redact", event=): the event's id; do("see"): all messages, as
    they are seen; do("wait", words=[], event=, edited=): the first that is
    so."""
    return Lines("reviewer.cjs", user.home.url, user.id, user.token, room)
