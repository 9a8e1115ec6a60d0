"""IMAP servers that are odd, slow, mistaken or hostile: the daemon lives, does
not run hot, does not hammer, says what is wrong, and goes on when it ends."""

import contextlib
import sys
import time
from contextlib import closing

import harness
from dovecot import mailbox
from harness import PATIENCE, Daemon
from strange import Strange
from test_mailbox import FAILED, REPLIES, answer, asked, wait_log

OTHER = b"Subject: x\r\nFrom: a@b.example\r\n\r\nhello\r\n"


@contextlib.contextmanager
def strange(folder, more=REPLIES + 'poll = "1s";', use="replies",
            timeout="2s", start=True, retry="1s", **kw):
    with closing(Strange(**kw)) as s:
        stanza = mailbox(s, host="localhost", more=more, use=use,
                         timeout=timeout)
        stanza = stanza.replace('retry_most = "1s"', f'retry_most = "{retry}"')
        with closing(Daemon(folder, extra=f"mailboxes = ( {stanza} );")) as d:
            if start:
                d.start()
            yield s, d


def heard_all_the_same(s, d):
    """It is well again: a reply does what it says."""
    s.answers.clear()
    number, _, notice = asked(d)
    s.validity += 1
    s.mails = {1: answer(notice, "approve\n")}
    d.wait_state(number, "sent")


def state_of(d):
    [m] = d.json("status")["mailboxes"]
    assert m["name"] == "replies"
    return m["state"]


def wait_state(d, *words):
    end = time.monotonic() + PATIENCE
    while not all(w in state_of(d) for w in words):
        assert time.monotonic() < end, state_of(d)
        time.sleep(0.02)
    return state_of(d)


# ---- what would eat memory, stack or time --------------------------------------

def fetch_says(s, *lines):
    def fetch(t, tag, args):
        t.say(*lines)
        t.ok(tag)
    s.answers["UID FETCH"] = fetch
    s.mails = {1: OTHER}


def test_parentheses_without_end(folder):
    """libetpan goes down its stack for each of them."""
    with strange(folder) as (s, d):
        fetch_says(s, "* 1 FETCH (BODYSTRUCTURE " + "(" * 200000)
        wait_log(d, "too many parentheses")
        # nor may they hide behind what looks like a literal in a text
        fetch_says(s, "* OK see {200000}",
                   "* 1 FETCH (BODYSTRUCTURE " + "(" * 200000)
        s.wait("UID FETCH", s.seen["UID FETCH"] + 2)
        fetch_says(s, '* 1 FETCH (BODY[] "] {200000}',
                   '" BODYSTRUCTURE ' + "(" * 200000)
        wait_log(d, "quotes that do not end")
        heard_all_the_same(s, d)


def peak_of(d):
    """Address space, in kB."""
    return next(int(line.split()[1])
                for line in open(f"/proc/{d.process.pid}/status")
                if line.startswith("VmPeak"))


def test_a_literal_of_4_gb(folder):
    with strange(folder) as (s, d):
        s.wait_idle()
        before = peak_of(d)
        fetch_says(s, "* 1 FETCH (UID 1 BODY[] {4294967295}", "hello")
        wait_log(d, "announces more than it was asked for")
        assert peak_of(d) - before < 2 << 20
        heard_all_the_same(s, d)


def test_words_without_end_in_idle(folder):
    """Each of them wakes us; but we are not kept busy."""
    def idle(t, tag, args):
        t.say("+ idling", "* OK still here")
        t.line()
        t.ok(tag)
    with strange(folder) as (s, d):
        s.answers["IDLE"] = idle
        s.wait("IDLE", 5)
        before = s.seen["IDLE"]
        time.sleep(2)
        assert s.seen["IDLE"] - before < 60, s.seen
        heard_all_the_same(s, d)


def test_a_move_that_does_not_move(folder):
    """The server says that it did; it is asked a few times, not for ever."""
    with strange(folder) as (s, d):
        s.answers["UID MOVE"] = lambda t, tag, args: t.ok(tag)
        s.mails = {1: OTHER}
        s.wait("UID MOVE", 2)
        time.sleep(2)
        assert s.seen["UID MOVE"] < 10, s.seen
        assert d.log().count("outcome=others") == 1
        heard_all_the_same(s, d)


def test_a_copy_that_cannot_be_removed(folder):
    """Without MOVE; each try would leave one more copy in the folder."""
    with strange(folder, capabilities="IDLE UIDPLUS AUTH=PLAIN") as (s, d):
        s.answers["UID COPY"] = lambda t, tag, args: t.ok(tag)
        s.answers["UID STORE"] = lambda t, tag, args: t.say(
            tag + " NO [NOPERM] you may not delete here")
        s.mails = {1: OTHER}
        wait_log(d, "not-moved uid=1 .*you may not delete here")
        s.wait("IDLE", s.seen["IDLE"] + 2)
        assert s.seen["UID COPY"] == 1, s.seen


def test_a_mail_that_goes_while_it_is_looked_at(folder):
    """It was to be looked at again: no reason to look all the time."""
    def fetch(t, tag, args):
        t.ok(tag)
        s.mails.clear()
    with strange(folder) as (s, d):
        s.answers["UID FETCH"] = fetch
        s.mails = {1: OTHER}
        s.wait("UID FETCH")
        s.wait("IDLE", s.seen.get("IDLE", 0) + 3)
        before = s.seen["IDLE"]
        time.sleep(2)
        assert s.seen["IDLE"] - before < 10, s.seen
        heard_all_the_same(s, d)


def test_a_folder_with_120000_mails(folder):
    """Old ones are left alone, whoever comes after them is seen."""
    with strange(folder, more='poll = "1s";', use="feed", start=False,
                 timeout="20s") as (s, d):
        s.mails = dict.fromkeys(range(1, 120001), OTHER)
        d.start()
        wait_state(d, "in INBOX")
        s.arrived[120001] = time.strftime("%d-%b-%Y %H:%M:%S +0000",
                                          time.gmtime())
        s.mails[120001] = OTHER
        wait_log(d, "mailbox replies uid=120001 outcome=")
        assert "uid=1 " not in d.log()


# ---- nonsense -------------------------------------------------------------------

def test_nonsense(folder):
    """Whatever comes: the connection may end, the daemon does not."""
    said = [
        b"* 1 FETCH (UID 1 BODY[] NIL)",
        b"* 1 FETCH (UID 99 FLAGS () RFC822.SIZE 5)",
        b"* 1 FETCH (UID 0 RFC822.SIZE 99999999999999999999)",
        b"* 0 EXISTS", b"* -1 EXISTS", b"* 4294967296 EXISTS",
        b"* 7 EXPUNGE", b"* 0 EXPUNGE", b"* VANISHED 1:*",
        b"* SEARCH 0 0 4294967295 1 1 1",
        b"* 1 FETCH (UID 1 FLAGS (\\Seen \\Seen \\) RFC822.SIZE 1)",
        b"* OK [UIDVALIDITY 0] x", b"* OK [UIDNEXT -5] x", b"* OK [",
        b"* FLAGS NIL", b"* LIST (((", b"+ go on", b"* PREAUTH hello",
        b"A1 OK what", b"", b"\xff\x00\xfe", b"*" * 3000, b"* 1 FETCH",
        b"* 1 FETCH (UID 1 BODY[] {0}\r\n)", b"* 1 FETCH (UID 1 BODY[] {3}\r\n",
        b"* 1 FETCH (UID 1 INTERNALDATE \"99-Xyz-0000 99:99:99 +9999\")",
    ]
    wrong = {f"n{n}": text for n, text in enumerate(said)}

    def say(verb):
        def first(t, tag, args):
            if t.user in wrong and (t.user, verb) not in told:
                told.add((t.user, verb))
                t.say(wrong[t.user])
            return False
        return first
    told = set()
    with closing(Strange()) as s:
        for verb in ("SELECT", "UID SEARCH", "UID FETCH", "UID MOVE"):
            s.answers[verb] = say(verb)
        stanzas = ",".join(
            mailbox(s, name=user, host="localhost", user=user, timeout="1s",
                    more=REPLIES + 'poll = "1s";')
            for user in [*wrong, "well"])
        with closing(Daemon(folder, extra=f"mailboxes = ( {stanzas} );")) as d:
            d.start()
            number, _, notice = asked(d)
            end = time.monotonic() + PATIENCE
            while len(told) < 2 * len(wrong):
                s.mails.setdefault(1 + len(s.moved), OTHER)
                assert d.process.poll() is None, d.log()
                assert time.monotonic() < end, told
                time.sleep(0.05)
            s.answers.clear()
            s.validity += 1
            s.mails = {5000: answer(notice, "approve\n")}
            d.wait_state(number, "sent")
            # all of them are shown
            shown = d.ctl("status").stdout
            assert all(f" {user} " in shown for user in [*wrong, "well"])


# ---- who is gone, and who refuses ------------------------------------------------

def test_it_says_why_it_hangs_up(folder):
    with strange(folder) as (s, d):
        s.wait_idle()
        s.talks[-1].say("* BYE Server shutting down for the night")
        s.talks[-1].sock.close()
        wait_log(d, 'reason="localhost: the server hangs up, it says: '
                    'Server shutting down for the night"')
        heard_all_the_same(s, d)


def test_it_is_silent_in_idle(folder):
    """The connection is dead, nothing says so: after poll and timeout."""
    with strange(folder) as (s, d):
        s.wait_idle()
        s.answers["IDLE"] = lambda t, tag, args: (
            t.say("+ idling"), time.sleep(PATIENCE))
        begun = time.monotonic()
        wait_log(d, "cannot end waiting: it is silent for too long")
        assert time.monotonic() - begun < PATIENCE / 2
        s.answers.clear()
        heard_all_the_same(s, d)


def test_one_that_hangs_up_each_time_is_not_hammered(folder):
    def idle(t, tag, args):
        t.sock.close()
    with strange(folder, retry="10m") as (s, d):
        s.answers["IDLE"] = idle
        s.wait("connect", 3)  # after 0, 1 and 2 seconds, then 4, 8 ...
        begun = time.monotonic()
        s.wait("connect", 4)
        assert time.monotonic() - begun > 2.5


def test_refused_is_not_tried_again_at_once(folder):
    """Servers shut out who tries often: not before retry_most."""
    def login(t, tag, args):
        t.say(tag + " NO [AUTHENTICATIONFAILED] Invalid credentials \x1b[31m")
    with strange(folder, retry="10m", start=False) as (s, d):
        s.answers["LOGIN"] = login
        d.start()
        said = wait_state(d, "not connected since", "Invalid credentials",
                          "tried again at")
        assert "\x1b" not in said
        time.sleep(3)
        assert s.seen["LOGIN"] == 1
        # the right password is believed as soon as the daemon knows it
        s.answers.clear()
        file = s.dir / "replies.password"
        file.write_text("another\n")
        d.ctl("reload")
        wait_state(d, "in INBOX")


def test_another_reason_is_in_the_log(folder):
    with strange(folder, start=False) as (s, d):
        s.answers["LOGIN"] = lambda t, tag, args: t.say(tag + " NO wrong")
        d.start()
        s.wait("LOGIN", 4)
        assert d.log().count("server says: wrong") == 1
        s.answers["LOGIN"] = lambda t, tag, args: t.say(tag + " NO locked")
        wait_log(d, "server says: locked")


def test_status_says_what_cannot_be_done(folder):
    with strange(folder) as (s, d):
        s.answers["UID MOVE"] = lambda t, tag, args: t.say(
            tag + " NO [OVERQUOTA] the folder is full")
        s.mails = {1: OTHER}
        wait_state(d, "in INBOX, but ", "cannot move a mail to",
                   "the folder is full")
        assert FAILED in state_of(d)
        s.answers.clear()
        s.wait("UID MOVE", 2)
        end = time.monotonic() + PATIENCE
        while state_of(d) != "in INBOX":
            assert time.monotonic() < end, state_of(d)
            time.sleep(0.05)


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
