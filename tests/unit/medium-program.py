#!/usr/bin/env python3
"""A program for imprimaturd that is a medium, led by a test through files.

argv[1]: a folder.  What the daemon says is appended to "heard", each line at
once; what is put into "say" (by rename) is sent and taken away.  With "mute"
in it nothing is acknowledged; with "deaf" the hello does not say "medium".
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

folder = Path(sys.argv[1])
lock = threading.Lock()


def say(value):
    with lock:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


def speak():
    while True:
        try:
            lines = (folder / "say").read_text().splitlines()
            (folder / "say").unlink()
        except FileNotFoundError:
            time.sleep(0.02)
            continue
        for line in lines:
            with lock:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


heard = open(folder / "heard", "a", encoding="utf-8")
(folder / "pid").write_text(str(os.getpid()))
for line in sys.stdin:
    message = json.loads(line)
    heard.write(line)
    heard.flush()
    if "hello" in message:
        can = ["check"] if (folder / "deaf").exists() else ["medium"]
        say({"imprimatur": 1, "hello": "medium", "can": can})
        threading.Thread(target=speak, daemon=True).start()
    elif (folder / "mute").exists():
        pass
    elif "check" in message:
        say({"check": message["check"], "findings": []})
    elif "prompt" in message:
        say({"prompted": message["prompt"]})
    elif "outcome" in message:
        say({"outcome": message["outcome"]})
