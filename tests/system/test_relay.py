"""The relay host fails at each of twelve places in each of nine ways.  Before
the dot nothing was taken and the mail is tried again, or has failed and says
so; after the dot without an answer it is in doubt and never repeats itself.
"""

import collections
import contextlib
import sys
import time

import harness
import postfix
from harness import Daemon, draft, without_received
from relayhost import (CONNECTION_PLACES, KEYWORDS, MAIL_PLACES, WAYS,
                       Relayhost)

UNANSWERED = ("wrong", "garbage", "silence", "reset", "close", "endless")
OVER = ("sent", "failed", "in-doubt", "dropped")


def wanted(place, way):
    """States that a draft may end in, with how often it may be taken."""
    if place == "dot" and way in UNANSWERED:
        return {("in-doubt", 1)}
    if place in ("mail", "rcpt", "data", "dot") and way == "5xx":
        return {("failed", 0)}
    if place == "body":
        # whether the dot was on its way already is the network's choice
        return {("sent", 1), ("failed", 0), ("in-doubt", 0)}
    return {("sent", 1)}


@contextlib.contextmanager
def relayed(folder, keywords=KEYWORDS, idle=0):
    """(daemon, relay host), joined by STARTTLS and AUTH."""
    ca, cert, key = postfix.authority(folder / "ca", "localhost")
    password = folder / "password"
    password.write_text("a-password\n")
    password.chmod(0o600)
    host = Relayhost(cert, key, keywords)
    relay = (f'host = "localhost"; port = {host.port}; tls = "starttls"; '
             f'ca_file = "{ca}"; user = "u"; password_file = "{password}"; '
             f'connections = 24; connect_timeout = 2; command_timeout = 2; '
             f'dot_timeout = 3; idle = {idle}; retry_first = 1; '
             f'retry_most = 1;')
    with contextlib.closing(Daemon(folder, relay=relay)) as d:
        yield d.start(), host
        d.stop()
    host.shutdown()
    host.server_close()


def submit_cells(d, cells):
    """{number: (place, way, recipient)}, approved."""
    numbers = {}
    for n, (place, way) in enumerate(cells):
        local = f"{place}.{way}.{n}"
        number, _ = d.held(
            draft(f"{local}\n.\nthe end\n" * 200, subject=local),
            sender=f"cell+{local}@agents.example",
            rcpts=[f"{local}@cells.example"])
        numbers[number] = (place, way, f"{local}@cells.example")
    for number in numbers:
        d.ctl("approve", number)
    return numbers


def states(d):
    rows = d.json("list", "--all", "--limit", 1000)["drafts"]
    return {r["id"]: r["state"] for r in rows}


def settle(d, patience=80):
    """Wait until no draft is approved or under way."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = states(d)
        if all(s in OVER for s in found.values()):
            return found
        time.sleep(0.1)
    return found


def taken(host):
    with host.lock:
        return collections.Counter(r for m in host.mails for r in m[1])


def compare(numbers, found, counts):
    wrong = [f"{place} {way}: {found[number]}, taken {counts[rcpt]} times"
             for number, (place, way, rcpt) in numbers.items()
             if (found[number], counts[rcpt]) not in wanted(place, way)]
    assert not wrong, "\n".join(wrong)


def bytes_are_right(d, host, numbers):
    by_rcpt = {m[1][0]: m[2] for m in host.mails}
    for number, (place, way, rcpt) in list(numbers.items())[::7]:
        if rcpt in by_rcpt:
            shown = d.ctl("show", number, "--raw").stdout
            assert (without_received(by_rcpt[rcpt]).decode().splitlines()
                    == without_received(shown.replace("\n", "\r\n").encode())
                    .decode().splitlines()), rcpt


def mail_cells(folder, places, keywords=KEYWORDS):
    cells = [(place, way) for place in places for way in WAYS]
    with relayed(folder, keywords) as (d, host):
        numbers = submit_cells(d, cells)
        found = settle(d)
        compare(numbers, found, taken(host))
        assert {(p, r) for p, _, r in numbers.values()} == host.done, (
            "cells that never failed", {(p, r) for p, _, r
                                        in numbers.values()} - host.done)
        bytes_are_right(d, host, numbers)
        # a restart, a new mail: still nothing is repeated
        before = taken(host)
        d.stop()
        d.start()
        number, _ = d.held(draft(), rcpts=["last@customer.example"])
        d.ctl("approve", number)
        d.wait_state(number, "sent")
        after = taken(host)
        assert all(after[r] == before[r] for *_, r in numbers.values())
        compare(numbers, states(d), after)
        print(f"# {len(numbers)} cells: "
              f"{dict(collections.Counter(found.values()))}", flush=True)
        in_doubt_is_decided_by_a_person(d, host, numbers, found)


def in_doubt_is_decided_by_a_person(d, host, numbers, found):
    doubtful = [n for n in numbers if found[n] == "in-doubt"][:2]
    assert len(doubtful) == 2
    again, settled = doubtful
    d.ctl("approve", again)
    d.wait_state(again, "sent")
    before = taken(host)
    assert before[numbers[again][2]] == wanted_count(numbers[again]) + 1
    d.ctl("drop", settled)
    assert taken(host)[numbers[settled][2]] == before[numbers[settled][2]]
    assert d.state_of(settled) in ("sent", "dropped")


def wanted_count(cell):
    return 1 if cell[0] == "dot" else 0


def test_mail_fails_at_six_places(folder):
    mail_cells(folder, MAIL_PLACES)


def test_mail_fails_with_chunking(folder):
    """The last BDAT chunk is the dot."""
    mail_cells(folder, ("mail", "rcpt", "dot", "quit"),
               (*KEYWORDS, "CHUNKING"))


def test_mail_fails_without_pipelining(folder):
    mail_cells(folder, ("rcpt", "data", "dot"), ("8BITMIME",))


def test_connections_fail_at_six_places(folder):
    """However a connection ends before MAIL, no mail has failed by it."""
    with relayed(folder) as (d, host):
        host.faults = [(place, way) for way in WAYS
                       for place in CONNECTION_PLACES]
        count = len(host.faults)
        numbers = [d.held(draft(), rcpts=[f"r{n}@customer.example"])[0]
                   for n in range(count)]
        for number in numbers:
            d.ctl("approve", number)
        found = settle(d)
        assert not host.faults, f"faults left: {host.faults}"
        assert set(found.values()) == {"sent"}, (
            collections.Counter(found.values()), d.ctl("status").stdout)
        assert set(taken(host).values()) == {1}
        assert len(taken(host)) == count
        print(f"# {count} faults, {count} mails sent once, over "
              f"{host.connections} connections", flush=True)


def test_some_recipients_are_refused(folder):
    """Each recipient has a result of its own; only what may work is retried."""
    with relayed(folder) as (d, host):
        rcpts = ["rcpt.4xx.a@cells.example", "rcpt.5xx.b@cells.example",
                 "fine@customer.example"]
        number, _ = d.held(draft(), rcpts=rcpts)
        d.ctl("approve", number)
        assert d.wait_state(number, *OVER) == "failed"
        counts = taken(host)
        assert [counts[r] for r in rcpts] == [1, 0, 1], counts
        shown = {r["address"]: r["state"] for r in
                 d.json("show", number)["envelope"]["recipients"]}
        assert [shown[r] for r in rcpts] == ["sent", "failed", "sent"], shown


harness.run(harness.tests_of(sys.modules[__name__]))
