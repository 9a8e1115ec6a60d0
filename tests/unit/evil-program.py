#!/usr/bin/env python3
"""A program for imprimaturd that does what the subjects of its drafts say.

argv[1]: how it starts: "well", "mute", "rude", "ends", "raw", "unable",
"medium".
"""

import json
import os
import sys
import time

out = sys.stdout
kept = []


def say(value):
    out.write(json.dumps(value) + "\n")
    out.flush()


def shout(text):
    out.write(text)
    out.flush()


def finding(name, **more):
    return {"name": name, **more}


def world(i, draft):
    fds = [int(f) for f in os.listdir("/proc/self/fd")]
    fds.remove(max(fds))  # of the listing itself
    # what starts python adds variables of its own
    known = [v for v in ("HOME", "LANG", "PATH", "SECRET") if v in os.environ]
    value = [known, os.getcwd(), fds, os.getpgrp() == os.getpid()]
    say({"check": i, "findings": [finding("world", value=json.dumps(value))]})


def reverse(i, draft):
    kept.append(i)
    while len(kept) > 1:
        j = kept.pop()
        say({"check": j, "findings": [finding("seen", value=len(kept))]})
        if len(kept) == 1:
            say({"check": kept.pop(), "findings": []})


def unknown(i, draft):
    say({"check": i + 1000, "findings": [finding("wrong")]})
    say({"hello": "again"})
    say({"check": i, "findings": [finding("right")]})


def raw(i, draft):
    import base64
    value = base64.b64decode(draft["raw"]).decode() if "raw" in draft else "-"
    say({"check": i, "findings": [finding("raw", value=value)]})


def echo(i, draft):
    draft["findings"] = len(draft["findings"])
    say({"check": i, "findings": [
        finding(k.replace("_", "-"), value=json.dumps(v))
        for k, v in draft.items()]})


def child(i, draft):
    """What a program started is to end with it."""
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
    say({"check": i, "findings": [finding("child", value=pid)]})


def noise(i, draft):
    for n in range(1000):
        print(f"noise \x1b[31m {n}", file=sys.stderr)
    sys.stderr.flush()
    say({"check": i, "findings": []})


def prompted(i, subject):
    if subject == "die":
        os._exit(3)
    if subject == "deaf":
        while True:
            say({"decide": i, "reviewer": "anna", "verb": "drop"})
    if subject == "useless":
        for n in range(5000):
            say({"prompted": i + 1 + n})
    if subject == "odd":
        for more in ({}, {"reviewer": "anna"}, {"verb": "drop"},
                     {"reviewer": "anna", "verb": None},
                     {"reviewer": "anna", "verb": 1},
                     {"reviewer": "anna", "verb": "drop", "code": 1},
                     {"reviewer": "anna", "verb": "drop", "text": ["x"]}):
            say({"decide": i, **more})
        say({"decide": "1", "reviewer": "anna", "verb": "drop"})
        say({"decide": 1.5, "reviewer": "anna", "verb": "drop"})
    if subject == "decide":
        say({"decide": i, "reviewer": "anna", "verb": "drop", "code": None,
             "text": "x\ny", "category": "tone", "unknown": True})
        return
    say({"prompted": i})


def flood(i, draft):
    for n in range(100000):
        say({"talk": n})


ways = {
    "world": world,
    "reverse": reverse,
    "unknown": unknown,
    "rawmail": raw,
    "echo": echo,
    "child": child,
    "noise": noise,
    "flood": flood,
    "late": lambda i, d: None,
    "die": lambda i, d: os._exit(3),
    "kill": lambda i, d: os.kill(os.getpid(), 9),
    "garbage": lambda i, d: shout("this is no JSON\n"),
    "list": lambda i, d: shout("[1, 2]\n"),
    "double": lambda i, d: shout('{"check": %d, "check": %d}\n' % (i, i)),
    "utf8": lambda i, d: (out.buffer.write(b'{"check": "\xff"}\n'),
                          out.flush()),
    "huge": lambda i, d: say({"check": i, "x": "y" * 2000000}),
    "endless": lambda i, d: shout("x" * 2000000),
    "half": lambda i, d: (shout('{"check": %d, "fin' % i), os._exit(0)),
    "deaf": lambda i, d: time.sleep(600),
    "approve": lambda i, d: say({"check": i, "approve": True,
                                 "findings": [finding("seen")]}),
    "worry": lambda i, d: say({
        "check": i, "severity": "critical", "ask": ["carl"],
        "findings": [finding("tone", detail="rude")]}),
    "stranger": lambda i, d: say({"check": i, "ask": ["zoe"]}),
    "grave": lambda i, d: say({
        "check": i, "refuse": "no\nthank you", "severity": "critical",
        "ask": ["anna", "leads"], "findings": [
            finding("risk", weight="tripwire", value="0.9",
                    detail="looks\x00bad".replace("\x00", "\t"))]}),
}

start = sys.argv[1]
hello = json.loads(sys.stdin.readline())
assert hello == {"imprimatur": 1, "hello": "program", "name": sys.argv[2]}
if start == "ends":
    sys.exit(1)
if start == "rude":
    shout("hello!\n")
if start == "mute":
    time.sleep(600)
say({"imprimatur": 1, "hello": "evil", "raw": start == "raw",
     "can": [] if start == "unable" else
     ["medium"] if start == "medium" else ["check", "case"]})
for line in sys.stdin:
    ask = json.loads(line)
    if "prompt" in ask:
        prompted(ask["prompt"], ask["subject"])
        continue
    if "outcome" in ask:
        say({"outcome": ask["outcome"]})
    if "decided" in ask:
        say({"prompted": ask["decided"] + 1000})
    if "check" not in ask and "case" not in ask:
        continue
    assert 0 <= ask["deadline_ms"] <= 60000
    if "case" in ask:
        owner = ask["draft"]["context"]["case"]
        say({"case": ask["case"],
             "reviewer": "anna" if owner == "C-1" else None})
        continue
    way = ways.get(ask["draft"]["subject"])
    if way:
        way(ask["check"], ask["draft"])
    else:
        say({"check": ask["check"], "findings": []})
