#!/usr/bin/env python3
"""A program for imprimaturd(8) that looks for words in drafts.

    keywords.py FILE

Each line of FILE is the name of a finding, a weight (note, caution or
tripwire) and a word or several:

    insult     caution   stupid
    guarantee  tripwire  money back

Findings have the word as value, so that rules can ask for them.  Everything
that imprimatur-program(7) wants of a program is in here; copy it.
"""

import json
import re
import sys


def read_words(name):
    """(finding, weight, word, pattern) of each line."""
    words = []
    with open(name, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.partition("#")[0].strip()
            if not line:
                continue
            try:
                finding, weight, word = line.split(None, 2)
            except ValueError:
                sys.exit(f"{name}:{number}: want: finding weight word")
            pattern = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
            words.append((finding, weight, word, pattern))
    return words


def look(draft, words):
    """The findings of a draft."""
    text = f"{draft['subject'] or ''}\n{draft['text'] or ''}"
    return [{"name": finding, "weight": weight, "value": word,
             "detail": f"it says '{word}'"}
            for finding, weight, word, pattern in words
            if pattern.search(text)]


def say(message):
    """One line, at once: what waits in a buffer is an answer too late."""
    print(json.dumps(message), flush=True)


def main():
    words = read_words(sys.argv[1])
    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        message = json.loads(line)
        if "hello" in message:
            say({"imprimatur": 1, "hello": "keywords", "can": ["check"]})
        elif "check" in message:
            say({"check": message["check"],
                 "findings": look(message["draft"], words)})


main()
