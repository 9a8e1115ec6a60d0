"""Drafts that try to deceive, and ordinary ones: through a sealed reader with
the plug-ins that look for deception, and through a real daemon with a channel
that uses them.  Each deceptive one has the findings that it must have, and an
ordinary one raises none.
"""

import contextlib
import json
import re
import smtplib
import struct
import sys

import harness
import tricks
import usual
from harness import BUILD, Daemon, TOP
from test_plugin import DRAFT, READING, READY, SETUP, Reader

SPOOF = TOP / "tests/corpora/spoof"
ORDINARY = TOP / "tests/corpora/ordinary"
ORDINARY_SAMPLE = 40

SENDERS = ("bot", "billing", "hello", "service")

# What a reader alone cannot know.
OTHERS = {"from-not-authorised", "lookalike-of-known-recipient"}

PLUGINS = {
    "recipients": {"internal": "corp.example", "known": "customer.example"},
    "attachments": {},
    "links": {"internal": "corp.example", "known": "customer.example",
              "trackers": "click.mailer.example"},
    "deception": {}, "amount": {}, "words": {}, "placeholders": {},
    "secrets": {},
}

CHANNEL = """
channel: {
  name = "all";
  owner = "you";
  mode = "review";
  cost = "high";
  reviewers = [ "you" ];
  reasons = [ "deceives" ];
  deadline = "1d";
  ladder = ( { at = "1d"; do = "hold"; } );
  match = { agent = [ "bot" ]; };
  plugins = (
    { name = "recipients"; internal = [ "corp.example" ];
      known = [ "customer.example" ]; },
    { name = "attachments"; },
    { name = "links"; internal = [ "corp.example" ];
      known = [ "customer.example" ];
      trackers = [ "click.mailer.example" ]; },
    { name = "deception"; }, { name = "amount"; }, { name = "words"; },
    { name = "placeholders"; }, { name = "secrets"; }
  );
};
"""


def sealed():
    reader = Reader()
    setup = {"plugin_dir": f"{BUILD}/plugins/.libs", "conditions": [],
             "channels": [{"name": "all", "file": "all.conf", "plugins": [
                 {"name": name, "line": 1, "options": options}
                 for name, options in PLUGINS.items()]}]}
    reader.put(SETUP, json.dumps(setup).encode())
    kind, said = reader.get()
    assert kind == READY, said
    return reader


def read(reader, raw, sender, rcpts):
    """What the reader answers, as bytes: texts stand in it as they are."""
    about = "a bot\nf " + sender + "\n"
    about += "".join(f"t {rcpt}\n" for rcpt in rcpts) + "c 0\n"
    about = about.encode()
    reader.put(DRAFT, struct.pack("<I", len(about)) + about + raw)
    kind, answer = reader.get()
    assert kind == READING, kind
    return answer


def has(answer, name):
    """Is a finding of that name in a packed reading?"""
    name = name.encode()
    return struct.pack("<I", len(name)) + name in answer


def test_a_sealed_reader_finds_them(folder):
    expected = json.loads((SPOOF / "expected.json").read_text())
    assert len(expected) > 30
    reader, missing = sealed(), []
    for name, want in sorted(expected.items()):
        sender, rcpts = envelope((SPOOF / f"{name}.env").read_text())
        answer = read(reader, (SPOOF / f"{name}.eml").read_bytes(), sender,
                      rcpts)
        missing += [(name, flag) for flag in want["must_flag"]
                    if flag not in OTHERS and not has(answer, flag)]
    reader.close()
    assert not missing, missing


def test_a_sealed_reader_reads_all_kinds_of_files(folder):
    """libmagic and ICU open nothing behind the seal."""
    reader = sealed()
    names = [line.split() for line in
             (ORDINARY / "envelopes").read_text().splitlines()]
    assert len(names) >= 300
    for name, sender, *rcpts in names:
        answer = read(reader, (ORDINARY / f"{name}.eml").read_bytes(), sender,
                      rcpts)
        assert not has(answer, "plugin-failed"), name
        assert not has(answer, "attachment-type"), name
    reader.close()


def daemon(folder):
    d = Daemon(folder, channels={"all": CHANNEL})
    d.conf.write_text(d.conf.read_text().replace(
        '"*@agents.example"', ", ".join(f'"{name}@corp.example"' for name in
                                        SENDERS)))
    return d


def envelope(text):
    sender, *rcpts = re.findall(r":<([^>]*)>", text)
    return sender, rcpts


def on_the_wire(raw):
    raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw.replace(b"\n", b"\r\n")


def submit(d, raw, sender, rcpts):
    """The number of the held draft, or None and what SMTP said."""
    options = [] if all(a.isascii() for a in (sender, *rcpts)) else ["SMTPUTF8"]
    try:
        code, text = d.submit(on_the_wire(raw), sender=sender, rcpts=rcpts,
                              options=options)
    except (AssertionError, smtplib.SMTPException) as refused:
        return None, str(refused)
    m = re.search(r"held for review id=(\d+)", text)
    return (int(m.group(1)), text) if code == 250 and m else (None, text)


def findings(d, number):
    return d.json("show", number)["findings"]


def befriend(d):
    """Bob is somebody whom the agent wrote to: look-alikes are found."""
    number, said = submit(d, (SPOOF / "01_control_plain.eml").read_bytes(),
                          "bot@corp.example", ["bob@customer.example"])
    assert number is not None, said
    d.ctl("approve", number)
    d.wait_state(number, "sent")


def test_deceptions_are_held_with_their_findings(folder):
    expected = json.loads((SPOOF / "expected.json").read_text())
    assert len(expected) > 30
    with contextlib.closing(daemon(folder)) as d:
        d.start()
        befriend(d)
        missing = []
        for name, want in sorted(expected.items()):
            sender, rcpts = envelope((SPOOF / f"{name}.env").read_text())
            raw = (SPOOF / f"{name}.eml").read_bytes()
            # the same mail twice would be another finding
            number, said = submit(d, raw.replace(b"Message-ID: <",
                                                 b"Message-ID: <x"), sender,
                                  rcpts)
            if number is None:
                if not want["may_refuse_at_smtp"]:
                    missing.append((name, "refused", said))
                continue
            have = {f["name"] for f in findings(d, number)}
            lost = set(want["must_flag"]) - have
            if lost:
                missing.append((name, sorted(lost), sorted(have)))
        assert not missing, missing
        d.stop()


def lacks(flag, found):
    """Is no finding of that name, and of that value, among them?"""
    name, _, value = flag.partition("=")
    return not any(f["name"] == name and (not value or f["value"] == value)
                   for f in found)


def test_tricks_are_held_with_their_findings(folder):
    assert len(tricks.TRICKS) > 40
    with contextlib.closing(daemon(folder)) as d:
        d.start()
        befriend(d)
        missing = []
        for name, flag, raw, rcpts in tricks.TRICKS:
            number, said = submit(d, raw, tricks.FROM, rcpts)
            if number is None:
                missing.append((name, said))
            elif lacks(flag, findings(d, number)):
                missing.append((name, flag, findings(d, number)))
        assert not missing, "\n".join(map(str, missing))
        d.stop()


def test_ordinary_mails_raise_nothing(folder):
    lines = (ORDINARY / "envelopes").read_text().splitlines()
    assert len(lines) >= 300
    step = len(lines) // ORDINARY_SAMPLE
    with contextlib.closing(daemon(folder)) as d:
        d.start()
        alarms = []
        for line in lines[::step]:
            name, sender, *rcpts = line.split()
            number, said = submit(d, (ORDINARY / f"{name}.eml").read_bytes(),
                                  sender, rcpts)
            assert number is not None, (name, said)
            alarms += [(name, f["name"], f["detail"])
                       for f in findings(d, number)
                       if f["weight"] != "note"]
        assert not alarms, alarms
        d.stop()


def test_usual_mails_raise_nothing(folder):
    assert len(usual.MAILS) > 50
    with contextlib.closing(daemon(folder)) as d:
        d.start()
        alarms = []
        for name, raw, rcpts in usual.MAILS:
            number, said = submit(d, raw, usual.FROM, rcpts)
            assert number is not None, (name, said)
            alarms += [(name, f["name"], f["detail"])
                       for f in findings(d, number)
                       if f["weight"] != "note" and f["by"] != "ledger"]
        assert not alarms, alarms
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
