"""A room at a real homeserver, the people in it, and the daemon."""

import json
import os
import sys
import time
from contextlib import contextmanager

import synapse
from harness import PATIENCE, Daemon, draft

YES, NO = "\u2705", "\u274c"


@contextmanager
def team(folder, start=True, room=None, home=None, **chat):
    """anna decides at Matrix alone; eve is in the room, and is nobody.  A
    homeserver that is given is left as it is, and the room is a new one."""
    ours = home is None
    home = home or synapse.Synapse()
    d = None
    settings = "".join(f"{name} = {json.dumps(value)}; " for name, value in {
        "retry_most": "1s", "poll": "2s", **chat}.items())
    try:
        home.bot, home.anna, home.eve = (
            home.user(n) for n in ("imprimatur", "anna", "eve"))
        alias = f"review{time.time_ns()}"
        home.room = home.bot.room(home.anna, home.eve, alias=alias)
        room = room or f"#{alias}:{synapse.NAME}"
        token = folder / "access"
        token.write_text(home.bot.token + "\n")
        token.chmod(0o600)
        d = Daemon(folder, reviewers=f"""{{ name = "anna";
          address = "anna@reviewers.example"; maildir = "{folder}/inbox";
          matrix = "@anna:{synapse.NAME}"; media = [ "room" ]; admin = true;
          users = [ {os.getuid()} ]; }}""", extra=f"""
chats = ( {{ name = "room"; kind = "matrix"; url = "{home.url}";
  room = "{room}"; token_file = "access"; per_minute = 6000;
  {settings} }} );
""")
        if start:
            d.start()
        yield home, d
        d.stop()
    except BaseException:
        if d is not None:
            sys.stderr.write(d.log()[-3000:])
        raise
    finally:
        if d is not None:
            d.close()
        if ours:
            home.close()


def asked(home, d, subject="Your parcel", **more):
    """A draft that waits, and the event that asks about it: its number and
    the event."""
    number, _ = d.held(draft(subject=subject, **more))
    event = home.anna.wait(
        home.room, lambda e: e["sender"] == home.bot.id and subject in
        e["content"].get("body", "") and "approve" in e["content"]["body"] and
        "m.replace" != e["content"].get("m.relates_to", {}).get("rel_type"),
        f"a question about {subject}")
    return number, event["event_id"]


def whispered(home, to, *words, patience=PATIENCE):
    """What was said to that person alone."""
    return home.anna.wait(
        home.room, lambda e: e["sender"] == home.bot.id and
        e["content"].get("msgtype") == "m.notice" and
        e["content"].get("m.mentions", {}).get("user_ids") == [to.id] and
        all(w in e["content"]["body"] for w in words),
        f"a whisper to {to.id} with {words}", patience)


def until(d, test, what):
    """The log tells of every change, so nothing else is waited for."""
    end = time.monotonic() + PATIENCE
    while not test():
        assert time.monotonic() < end, what + "\n" + d.log()[-3000:]
        time.sleep(0.05)
