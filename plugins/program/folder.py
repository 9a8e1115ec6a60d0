#!/usr/bin/env python3
"""A program for imprimaturd(8) that asks people by files: a medium.

    folder.py DIR

Each reviewer has a folder DIR/NAME, which the admin makes.  A prompt is two
files in it: ID.txt is for people, ID.json is the daemon's whole message.  To
answer, put a file ID.answer there (write it under another name first, then
rename it).  Its first line says what to do, as in a mail:

    approve K7Q4RM          drop wrong-price it was 80       claim
    approve K7Q4RM because  drop                             undo
    ask who knows her?      delegate ben                     fine
    edit (the new text follows below)                        wrong tone

What came of it goes into the file "log".  When the prompt is over its files
are taken away.  Whoever can write into DIR/NAME decides as NAME, so let
nobody else: the daemon's user and that person alone.

It is a whole medium: what is here for files is the same for a chat.  A prompt
is acknowledged when it is on disk, so that none is lost, whoever dies.
"""

import json
import os
import select
import sys
import time
from pathlib import Path

LOOK_S = 1.0
TAKES_WORDS = ("ask", "delegate", "drop", "wrong")


def say(message):
    """One line, at once: what waits in a buffer is an answer too late."""
    print(json.dumps(message), flush=True)


def put(path, text):
    """A file that is there whole and on disk, or not at all."""
    new = path.with_suffix(path.suffix + ".new")
    with open(new, "w", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def note(folder, number, text):
    """A line of the person's log."""
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    with open(folder / "log", "a", encoding="utf-8") as log:
        log.write(f"{when} {number}: {' '.join(text.split())}\n")


def read_answer(text):
    """The members of a decision; what makes no sense the daemon refuses."""
    first, _, below = text.partition("\n")
    verb, _, rest = first.strip().partition(" ")
    verb, rest = verb.lower(), rest.strip()
    if verb == "approve":
        code, _, why = rest.partition(" ")
        why = why.strip().removeprefix("because").strip()
        return {"verb": verb, "code": code.upper(), "text": why or None}
    if verb == "edit" and not rest:
        return {"verb": verb, "text": below}
    if verb in TAKES_WORDS or rest:
        return {"verb": verb, "text": rest or None}
    return {"verb": verb}


class Folder:
    def __init__(self, top):
        self.top = Path(top)
        self.asked = {}  # number of a decision under way: its folder

    def of(self, message):
        name = message["reviewer"]
        if "/" in name or name.startswith("."):
            raise OSError(f"'{name}' is no name of a folder")
        return self.top / name

    def prompt(self, message):
        folder, number = self.of(message), message["prompt"]
        put(folder / f"{number}.json", json.dumps(message, indent=1))
        put(folder / f"{number}.txt", message["text"])
        say({"prompted": number})

    def outcome(self, message):
        folder, number = self.of(message), message["outcome"]
        files = [folder / f"{number}.{kind}"
                 for kind in ("txt", "json", "answer")]
        if any(f.exists() for f in files):
            note(folder, number, f"over: the draft is {message['state']}, "
                                 f"by {message['who'] or 'nobody'}")
        for f in files:
            f.unlink(missing_ok=True)
        say({"outcome": number})

    def decided(self, message):
        folder = self.asked.pop(message["decided"], None)
        if folder is not None:
            word = "done" if message["ok"] else "NOT done"
            note(folder, message["decided"], f"{word}: {message['text']}")

    def look(self):
        """Answers that people have put there."""
        for path in self.top.glob("*/*.answer"):
            if not path.stem.isdigit() or int(path.stem) in self.asked:
                continue
            number = int(path.stem)
            try:
                answer = read_answer(path.read_text(encoding="utf-8"))
            except UnicodeDecodeError:
                answer = {"verb": "?"}
            path.unlink()
            self.asked[number] = path.parent
            say({"decide": number, "reviewer": path.parent.name, **answer})

    def hear(self, message):
        if "hello" in message:
            say({"imprimatur": 1, "hello": "folder", "can": ["medium"]})
        for kind in ("prompt", "outcome", "decided"):
            if kind in message:
                getattr(self, kind)(message)


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: folder.py DIR, with a folder for each reviewer in it")
    folder, rest = Folder(sys.argv[1]), b""
    while True:
        if select.select([0], [], [], LOOK_S)[0]:
            data = os.read(0, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                try:
                    folder.hear(json.loads(line))
                except OSError as trouble:  # not acknowledged: comes again
                    print(f"folder.py: {trouble}", file=sys.stderr, flush=True)
        folder.look()


main()
