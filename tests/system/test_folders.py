"""Review by moving, with a real Dovecot: what waits for a reviewer stands in a
folder of their own account; a mail that is dragged to another one is decided,
and never more than what was put there."""

import contextlib
import os
import re
import sys
import time
from contextlib import closing

import harness
from dovecot import PASSWORD, Dovecot, mailbox
from harness import PATIENCE, REVIEWER, Daemon, draft, plain
from test_mailbox import wait_idle, wait_log

WAITING = "Imprimatur/Waiting"
APPROVE = "Imprimatur/Approve"
DROP = "Imprimatur/Drop"
DONE = "Imprimatur/Done"
FAILED = "Imprimatur/Failed"
FOLDERS = (WAITING, APPROVE, DROP, DONE, FAILED)


@contextlib.contextmanager
def account(folder, more='settle = "1s"; poll = "1s";', start=True,
            dovecot=None, **kw):
    """A Dovecot with an account of "you", and a daemon that uses it."""
    with closing(Dovecot(folder, users=("you",), **(dovecot or {}))) as imap:
        imap.start()
        stanza = mailbox(imap, name="yours", use="review", user="you",
                         more=f'reviewer = "you"; {more}')
        with closing(Daemon(folder, extra=f"mailboxes = ( {stanza} );",
                            **kw)) as d:
            if start:
                d.start()
            yield imap, d


def there(imap, folder):
    return imap.mails(folder, user="you")


def wait(imap, folder, n):
    return imap.wait(n, folder, user="you")


def drag(imap, uid, to, source=WAITING, by="MOVE"):
    """As mail programs do: MOVE; or COPY, \\Deleted and, if at all, EXPUNGE."""
    with imap.client("you") as c:
        assert c.select(imap.quoted(source))[0] == "OK"
        if by == "MOVE":
            typ, data = c._simple_command(
                "UID", "MOVE", str(uid), imap.quoted(to))
            assert typ == "OK", data
            return
        typ, data = c.uid("COPY", str(uid), imap.quoted(to))
        assert typ == "OK", data
        c.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        if by == "EXPUNGE":
            c.expunge()


def delete(imap, uid, folder=WAITING):
    with imap.client("you") as c:
        c.select(imap.quoted(folder))
        c.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        c.expunge()


def replace(imap, uid, raw, folder=WAITING, to=None):
    """As an editor does: the new one is put there, then the old one goes."""
    imap.put(raw, to or folder, user="you")
    delete(imap, uid, folder)


def shown(imap, d, **kw):
    """A held draft, its mail in the folder, and the notice about it."""
    before = {uid for uid, _, _ in there(imap, WAITING)}
    number, code = d.held(draft(**kw))
    notice = d.inbox.message()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        new = [m for m in there(imap, WAITING) if m[0] not in before]
        if new:
            [(uid, _, raw)] = new
            assert f"Draft: {number}, revision 1, code {code}".encode() in raw
            return number, code, notice, uid, raw
        time.sleep(0.02)
    raise AssertionError(f"draft {number} is not shown\n" + d.log()[-2000:])


def flat(message):
    return " ".join(plain(message).split())


def receipt(d):
    """What was said of a move; notices that come before it are read over."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        text = flat(d.inbox.message())
        if text.startswith(("You moved", "The mail of draft")):
            return text
    raise AssertionError("no receipt came")


def left(d):
    """What left for customers by now: the agent gets reports besides."""
    found = [harness.envelope_of(m) for m in d.outbox.fresh()]
    return [m for _, rcpts, m in found if rcpts != ["bot@agents.example"]]


def decisions(d, number):
    return [(e["event"], e["actor"], e["medium"])
            for e in d.json("log", number)["events"]
            if e["event"] in ("approved", "dropped", "edited")]


def without_ours(raw):
    lines = raw.split(b"\r\n")
    while lines[0].startswith(b"Imprimatur-"):
        lines.pop(0)
    return b"\r\n".join(lines)


# ---- moving -------------------------------------------------------------------

def test_what_waits_is_the_mail_itself(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        assert [m[1] for m in there(imap, WAITING)] in ([""], ["\\Recent"])
        held = d.ctl("show", number, "--raw").stdout.replace("\r\n", "\n")
        assert without_ours(raw).decode().replace("\r\n", "\n") == held
        d.stop()
        assert PASSWORD not in d.log()
        token = re.search(rb"Token: \d+-(\w+)", raw).group(1).decode()
        assert token not in d.log()


def test_a_move_to_approve_lets_it_go(folder):
    with account(folder) as (imap, d):
        for by in "MOVE", "EXPUNGE", "DELETED":
            number, code, _, uid, raw = shown(imap, d, subject=by)
            drag(imap, uid, APPROVE, by=by)
            d.wait_state(number, "sent")
            assert decisions(d, number) == [("approved", "you", "yours")]
            text = receipt(d)
            assert f"draft {number} to {APPROVE}" in text, text
            assert "Approved" in text, text
        wait(imap, DONE, 3)
        wait(imap, APPROVE, 0)
        sent = d.outbox.wait(3)
        assert all(b"Imprimatur-" not in harness.envelope_of(m)[2]
                   for m in sent)
        # a mail is not left where it can be moved again
        with imap.client("you") as c:
            c.select(imap.quoted(WAITING))
            c.expunge()
        wait(imap, WAITING, 0)


def test_a_move_to_drop_drops_it(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        drag(imap, uid, DROP)
        d.wait_state(number, "dropped")
        assert decisions(d, number) == [("dropped", "you", "yours")]
        assert "Dropped" in receipt(d)
        wait(imap, DONE, 1)
        assert left(d) == []


def test_many_are_moved_at_once(folder):
    with account(folder) as (imap, d):
        numbers = [shown(imap, d, subject=f"mail {n}")[0] for n in range(8)]
        with imap.client("you") as c:
            c.select(imap.quoted(WAITING))
            c._simple_command("UID", "MOVE", "1:*", imap.quoted(APPROVE))
        for number in numbers:
            d.wait_state(number, "sent")
            assert len(decisions(d, number)) == 1
        wait(imap, DONE, 8)
        assert len(d.outbox.wait(8)) == 8


def test_what_is_decided_elsewhere_disappears(folder):
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        other, _, _, _, _ = shown(imap, d, subject="another")
        d.ctl("approve", number)
        [(_, _, left)] = wait(imap, WAITING, 1)
        assert f"Draft: {other},".encode() in left
        d.ctl("drop", other)
        wait(imap, WAITING, 0)
        assert there(imap, DONE) == []


def test_too_late(folder):
    """It was decided before the move is seen: said so, nothing else."""
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        d.stop()
        drag(imap, uid, APPROVE)
        d.start()
        wait(imap, DONE, 1)
        assert "Approved" in receipt(d)
        number, code, notice, uid, raw = shown(imap, d, subject="second")
        imap.kill()
        d.ctl("drop", number)
        imap.start()
        imap.put(raw, APPROVE, user="you")
        wait_log(d, f"draft={number} outcome=refused")
        assert d.state_of(number) == "dropped"
        wait(imap, APPROVE, 0)
        wait(imap, WAITING, 0)
        text = receipt(d)
        assert "You already dropped draft" in text, text
        assert "command line" in text, text


def test_put_back_when_it_is_only_deleted(folder):
    """Whoever deletes it has decided nothing: it still waits."""
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        delete(imap, uid)
        [(again, _, same)] = wait(imap, WAITING, 1)
        while again == uid:
            [(again, _, same)] = wait(imap, WAITING, 1)
        assert same == raw
        assert d.state_of(number) == "held"
        drag(imap, again, APPROVE)
        d.wait_state(number, "sent")


def test_copies_are_one(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        imap.put(raw, WAITING, user="you")
        wait(imap, WAITING, 1)
        imap.put(raw, APPROVE, user="you")
        imap.put(raw, APPROVE, user="you")
        d.wait_state(number, "sent")
        wait(imap, DONE, 2)
        wait(imap, WAITING, 0)
        assert decisions(d, number) == [("approved", "you", "yours")]
        assert len(d.outbox.wait()) == 1
        # one receipt: the second move says nothing new
        assert "Approved" in receipt(d)
        assert d.inbox.fresh() == []


def test_moved_back_from_done(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        drag(imap, uid, DROP)
        d.wait_state(number, "dropped")
        [(done, _, _)] = wait(imap, DONE, 1)
        drag(imap, done, APPROVE, source=DONE)
        wait_log(d, f"draft={number} outcome=refused")
        wait(imap, WAITING, 0)
        assert d.state_of(number) == "dropped"
        d.ctl("undo", number)
        # it is asked about anew, with a token of its own
        [(uid, _, new)] = wait(imap, WAITING, 1)
        assert new != raw and without_ours(new) == without_ours(raw)
        imap.put(raw, APPROVE, user="you")
        wait(imap, APPROVE, 0)
        d.wait_state(number, "held", "approved", "sent")


# ---- what is not what was put there ---------------------------------------------

def test_an_edit_in_the_folder(folder):
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        replace(imap, uid, raw.replace(b"on its way", b"still in Bremen"))
        text = receipt(d)
        assert "counts as an edit" in text, text
        assert "new notice" in text, text
        assert d.state_of(number) == "held"
        end = time.monotonic() + PATIENCE
        while b"revision 2" not in b"".join(
                m[2] for m in there(imap, WAITING)):
            assert time.monotonic() < end, d.log()[-2000:]
            time.sleep(0.02)
        [(uid, _, new)] = wait(imap, WAITING, 1)
        assert b"still in Bremen" in new
        assert left(d) == []
        drag(imap, uid, APPROVE)
        d.wait_state(number, "sent")
        [out] = d.outbox.wait()
        assert b"still in Bremen" in out and b"Imprimatur-" not in out
        assert [e[0] for e in decisions(d, number)][-1:] in (
            ["edited"], ["approved"])


def test_changed_and_moved_to_approve_is_an_edit(folder):
    """What is approved is what was shown: another text asks again."""
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        replace(imap, uid, raw.replace(b"on its way", b"lost"), to=APPROVE)
        text = receipt(d)
        assert "so it was not approved: it counts as an edit" in text, text
        wait(imap, DONE, 1)
        assert d.state_of(number) == "held"
        assert left(d) == []
        [(uid, _, new)] = wait(imap, WAITING, 1)
        assert b"revision 2" in new and b"lost" in new
        drag(imap, uid, APPROVE)
        d.wait_state(number, "sent")
        assert b"lost" in d.outbox.wait()[0]


def test_a_program_that_writes_it_anew(folder):
    """Another encoding of the same words: not approved, asked again."""
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        head, body = raw.split(b"\r\n\r\n", 1)
        import base64
        head = re.sub(rb"Content-Transfer-Encoding: [^\r]*",
                      b"Content-Transfer-Encoding: base64", head)
        replace(imap, uid, b"X-Mozilla-Status: 0001\r\n" + head + b"\r\n\r\n"
                + base64.encodebytes(body).replace(b"\n", b"\r\n"),
                to=APPROVE)
        assert "counts as an edit" in receipt(d)
        wait(imap, DONE, 1)
        assert d.state_of(number) == "held"
        assert left(d) == []
        assert decisions(d, number)[0][0] == "edited"


def test_fields_added_on_the_way(folder):
    """Taken to another account and back: nothing is changed, nor approved."""
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        replace(imap, uid, b"X-Mozilla-Status: 0001\r\nX-Keys: x\r\n" + raw,
                to=APPROVE)
        text = receipt(d)
        assert d.state_of(number) == "held", text
        assert left(d) == []
        wait(imap, APPROVE, 0)
        [(uid, _, _)] = wait(imap, WAITING, 1)
        drag(imap, uid, APPROVE)
        d.wait_state(number, "sent")


def test_an_edit_that_cannot_be_is_kept(folder):
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        stranger = re.sub(rb"\r\nFrom: [^\r]*",
                          b"\r\nFrom: boss@elsewhere.example", raw)
        replace(imap, uid, stranger)
        text = receipt(d)
        assert "may not use" in text and FAILED in text, text
        [(_, _, kept)] = wait(imap, FAILED, 1)
        assert kept == stranger
        [(_, _, again)] = wait(imap, WAITING, 1)
        while again == stranger:  # it was copied, and is about to go
            [(_, _, again)] = wait(imap, WAITING, 1)
        assert again == raw
        assert d.state_of(number) == "held"


def test_foreign_mails(folder):
    """Without our token, with a forged one, of another draft: explained."""
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        other, _, _, uid2, raw2 = shown(imap, d, subject="another",
                                        text="Pay 1000 EUR.\n")
        token = re.search(rb"Token: (\d+)-(\w+)", raw)
        token2 = re.search(rb"Token: (\d+)-(\w+)", raw2)
        forged = [
            without_ours(raw),
            raw.replace(token.group(2), token2.group(2)),
            raw.replace(token.group(1) + b"-", token2.group(1) + b"-"),
            raw.replace(b"Token: ", b"Token: 9"),
            b"Imprimatur-Token: " + token2.group(0)[7:] + b"\r\n" + raw,
            b"Subject: hello\r\n\r\n" + raw,
        ]
        for n, mail in enumerate(forged, 1):
            imap.put(mail, APPROVE, user="you")
            found = wait(imap, FAILED, 2 * n)
            assert any(b"Nothing was decided" in m[2] for m in found)
        wait(imap, APPROVE, 0)
        assert d.state_of(number) == d.state_of(other) == "held"
        assert left(d) == []
        # the token of one above the text of the other is an edit, no approval
        swapped = raw[:raw.index(b"\r\n")] + b"\r\n" + without_ours(raw2)
        imap.put(swapped, APPROVE, user="you")
        wait(imap, APPROVE, 0)
        d.wait_state(number, "held")
        assert left(d) == []


def test_foreign_mails_where_it_waits_are_left_alone(folder):
    with account(folder) as (imap, d):
        imap.put(b"Subject: mine\r\n\r\nkeep this\r\n", WAITING, user="you")
        number, code, _, uid, raw = shown(imap, d)
        drag(imap, uid, DROP)
        d.wait_state(number, "dropped")
        [(_, _, left)] = wait(imap, WAITING, 1)
        assert b"keep this" in left


def test_an_agent_that_writes_our_fields(folder):
    """They are cut when the draft comes in, so it stands there once."""
    with account(folder) as (imap, d):
        fields = {"Imprimatur-Token": "1-" + "a" * 26,
                  "X-Imprimatur-Token": "1-" + "a" * 26,
                  "Imprimatur-Waits": "for nothing"}
        number, code, _, uid, raw = shown(imap, d, **fields)
        assert raw.count(b"Imprimatur-Token") == 1
        assert b"for nothing" not in raw
        drag(imap, uid, APPROVE)
        d.wait_state(number, "sent")
        assert len(left(d)) == 1


# ---- what a mail cannot show ------------------------------------------------------

def test_a_hidden_recipient_is_not_approved_by_a_move(folder):
    with account(folder) as (imap, d):
        number, code = d.held(draft(), rcpts=("jane@customer.example",
                                              "eve@else.example"))
        notice = d.inbox.message()
        [(uid, _, raw)] = wait(imap, WAITING, 1)
        assert b"Waits: for an answer to its notice" in raw
        drag(imap, uid, APPROVE)
        text = receipt(d)
        assert "cannot show all that matters" in text, text
        [(uid, _, _)] = wait(imap, WAITING, 1)
        assert d.state_of(number) == "held"
        d.reply(notice, f"approve {code}\n")
        d.wait_state(number, "sent")
        wait(imap, WAITING, 0)


CHANNEL = """
channel: {{
  name = "support"; owner = "you"; mode = "review"; cost = "low";
  match = {{ agent = [ "bot" ]; }};
  reviewers = [ "you", "ben" ]; persons = {persons}; {more}
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
  reasons = [ "wrong-price", "tone" ];
  rules = ( );
}};
"""


def people(folder):
    return ",".join(f"""
      {{ name = "{name}"; address = "{name}@reviewers.example"; {more}
         maildir = "{folder}/{box}"; }}"""
      for name, box, more in (
          ("you", "inbox", f"users = [ {os.getuid()} ]; admin = true;"),
          ("ben", "ben", "")))


def test_two_persons(folder):
    """What one of two has approved waits for the other, not for the first."""
    with account(folder, reviewers=people(folder), channels={
            "support": CHANNEL.format(persons=2, more="")}) as (imap, d), \
            closing(harness.Maildir(folder / "ben")) as ben:
        number, code, _, uid, raw = shown(imap, d)
        drag(imap, uid, APPROVE)
        wait(imap, DONE, 1)
        assert "leaves when one more person agrees" in receipt(d)
        wait(imap, WAITING, 0)
        assert d.state_of(number) == "held"
        assert decisions(d, number) == []
        d.reply(ben.message(), f"approve {code}\n",
                sender="ben@reviewers.example")
        d.wait_state(number, "sent")


def test_a_reason_that_must_be_given(folder):
    """A move cannot say why: put back, and told how to."""
    with account(folder, reviewers=people(folder), channels={
            "support": CHANNEL.format(persons=1, more="reason = true;")}) as (
            imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        drag(imap, uid, DROP)
        text = receipt(d)
        assert "wants a reason" in text and "answer the notice" in text, text
        assert f"is in {WAITING} again" in text, text
        [(_, _, again)] = wait(imap, WAITING, 1)
        assert again == raw and d.state_of(number) == "held"
        d.reply(notice, "drop tone\n", sender="you@reviewers.example")
        d.wait_state(number, "dropped")
        wait(imap, WAITING, 0)


# ---- servers and daemons that die ---------------------------------------------------

def test_dovecot_and_daemon_are_killed(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        imap.kill()
        wait_log(d, "mailbox yours failed")
        other, _ = d.held(draft(subject="while it was away"))
        d.kill()
        imap.start()
        drag(imap, uid, APPROVE)
        d.start()
        d.wait_state(number, "sent")
        [(uid, _, raw)] = wait(imap, WAITING, 1)
        assert f"Draft: {other},".encode() in raw
        d.kill()
        d.start()
        wait_idle(d, "yours", 2)
        assert [m[0] for m in there(imap, WAITING)] == [uid]
        assert decisions(d, number) == [("approved", "you", "yours")]


def test_killed_between_decision_and_putting_away(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        # Done cannot be made: something lies where it would be
        blocked = imap.dir / "mail/you/Imprimatur/Done"
        blocked.write_text("in the way\n")
        drag(imap, uid, DROP)
        d.wait_state(number, "dropped")
        assert "Dropped" in receipt(d)
        wait_log(d, "mailbox yours not-moved")
        d.kill()
        blocked.unlink()
        d.start()
        wait(imap, DONE, 1)
        assert decisions(d, number) == [("dropped", "you", "yours")]
        assert d.inbox.fresh() == []


def test_another_uidvalidity(folder):
    with account(folder) as (imap, d):
        number, code, _, uid, raw = shown(imap, d)
        drag(imap, uid, DROP)
        d.wait_state(number, "dropped")
        wait(imap, DONE, 1)
        number, code, _, uid, raw = shown(imap, d, subject="second")
        imap.kill()
        for name in FOLDERS:
            imap.new_validity(name, user="you")
        imap.start()
        wait_log(d, "uidvalidity old=")
        [(uid, _, same)] = wait(imap, WAITING, 1)
        assert same == raw
        drag(imap, uid, APPROVE)
        d.wait_state(number, "sent")
        wait(imap, DONE, 2)


def test_a_full_account(folder):
    """What cannot be put there does not block the others, nor its notice."""
    with account(folder, dovecot={"quota": "60k"}) as (imap, d):
        number, code = d.held(draft(text="x" * 70 * 1000 + "\n"))
        notice = d.inbox.message()
        wait_log(d, "mailbox yours not-put")
        small, _, _, uid, _ = shown(imap, d, subject="small")
        drag(imap, uid, APPROVE)
        d.wait_state(small, "sent")
        d.reply(notice, f"approve {code}\n")
        d.wait_state(number, "sent")


def test_a_snoozed_one_goes_and_comes_back(folder):
    with account(folder) as (imap, d):
        number, code, notice, uid, raw = shown(imap, d)
        d.reply(notice, "snooze 30m\n")
        wait(imap, WAITING, 0)
        assert d.state_of(number) == "held"


def test_another_separator(folder):
    with account(folder, dovecot={"separator": "."},
                 more='folder = "Prüfung/Wartet"; approve = "Prüfung/Ja"; '
                      'drop = "Prüfung/Nein";') as (imap, d):
        number, code = d.held(draft())
        [(uid, _, raw)] = imap.wait(1, "Pr&APw-fung/Wartet", user="you")
        drag(imap, uid, "Pr&APw-fung/Ja", source="Pr&APw-fung/Wartet")
        d.wait_state(number, "sent")


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
