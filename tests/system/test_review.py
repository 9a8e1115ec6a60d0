"""The main job: an agent submits, a reviewer answers, mail goes out or not."""

import json
import re
import sqlite3
import sys
from contextlib import closing
from email.message import EmailMessage

import harness
from harness import (Daemon, REVIEWER, code_of, crlf, draft, envelope_of,
                     parse, plain, without_received)


def with_daemon(test):
    def wrapped(folder):
        with closing(Daemon(folder)) as d:
            d.start()
            test(d)
            d.stop()
            assert b"ERROR: AddressSanitizer" not in d.log().encode()
    wrapped.__name__ = test.__name__
    wrapped.__code__ = wrapped.__code__.replace(
        co_firstlineno=test.__code__.co_firstlineno)
    return wrapped


def crlf_bytes(message):
    return message.as_bytes().replace(b"\n", b"\r\n")


def notice_of(d, message, **kw):
    """Submit a draft; its id, code and notice."""
    number, code = d.held(message, **kw)
    notice = d.inbox.message()
    assert code_of(notice) == code
    return number, code, notice


def nothing_left(d):
    d.json("status")
    assert d.outbox.fresh() == []


@with_daemon
def test_approve_sends_the_very_bytes(d):
    mail = draft(Bcc="boss@agents.example", Imprimatur_Why="asked twice")
    raw = crlf(mail)
    number, code, notice = notice_of(
        d, mail, rcpts=("jane@customer.example", "boss@agents.example"))
    assert "asked twice" in plain(notice)
    nothing_left(d)
    assert d.reply(notice, "approve\n")[0] == 250
    sender, rcpts, sent = envelope_of(d.outbox.wait()[0])
    assert sender == "bot@agents.example"
    assert rcpts == ["jane@customer.example", "boss@agents.example"]
    wanted = re.sub(rb"(Bcc|Imprimatur-Why): [^\r]*\r\n", b"", raw)
    assert without_received(sent) == wanted
    receipt = d.inbox.message()
    assert receipt["In-Reply-To"] and "approved" in plain(receipt).lower()
    d.wait_state(number, "sent")


@with_daemon
def test_approve_with_code_in_any_case(d):
    number, code, notice = notice_of(d, draft())
    d.reply(notice, f"\n\nAPPROVE {code.lower()}\n")
    d.outbox.wait()


@with_daemon
def test_wrong_code_decides_nothing(d):
    number, code, notice = notice_of(d, draft())
    d.reply(notice, "approve AAAAAA\n")
    answer = plain(d.inbox.message())
    assert code in answer
    assert d.state_of(number) == "held"
    nothing_left(d)


@with_daemon
def test_drop_tells_the_agent_why(d):
    number, code, notice = notice_of(d, draft())
    d.reply(notice, "drop wrong price, see the list\n")
    sender, rcpts, raw = envelope_of(d.outbox.wait()[0])
    dsn = parse(raw)
    assert sender == "" and rcpts == ["bot@agents.example"]
    assert dsn.get_content_type() == "multipart/report"
    assert "wrong price, see the list" in raw.decode()
    status = [p for p in dsn.walk()
              if p.get_content_type() == "message/delivery-status"]
    assert "Action: failed" in status[0].as_string()
    assert d.state_of(number) == "dropped"


@with_daemon
def test_edit_needs_its_own_approval(d):
    mail = draft("We refund 490 EUR.\n")
    mail.add_attachment(bytes(range(256)), maintype="application",
                        subtype="octet-stream", filename="list.bin")
    before = crlf(mail)
    number, code, notice = notice_of(d, mail)
    d.reply(notice, "edit\n\nWe refund 49 EUR.\n\nYours, Jane\n")
    letters = [parse(raw) for raw in d.inbox.wait(2)]
    new = next(m for m in letters if m["Reply-To"]
               and m["Message-ID"] and "approve" in plain(m)
               and re.search(r"approve [A-Z2-7]{6}", plain(m)))
    new_code = code_of(new)
    assert new_code != code
    assert "490" in plain(new) and "We refund 49 EUR." in plain(new)
    nothing_left(d)
    d.reply(notice, "approve\n")  # the old notice, the old revision
    d.inbox.wait()
    assert d.state_of(number) == "held"
    d.reply(new, f"approve {new_code}\n")
    sent = without_received(envelope_of(d.outbox.wait()[0])[2])
    out, was = parse(sent), parse(before)
    text = out.get_body(("plain",)).get_content()
    assert text.split() == "We refund 49 EUR. Yours, Jane".split(), text
    assert out["Message-ID"] == was["Message-ID"]
    assert out["Date"] == was["Date"]
    part = before.split(b"\r\n--")[2]
    assert part in sent


@with_daemon
def test_words_that_are_no_command_decide_nothing(d):
    number, code, notice = notice_of(d, draft())
    for text in ("do not approve", "approve?", "yes", "ok", "approved",
                 "please approve", "approve if you fix the price",
                 "> approve", "approve 4711", "approve\u200b",
                 "I drop by tomorrow", "\U0001F44D"):
        assert d.reply(notice, text + "\n")[0] == 250
        assert d.state_of(number) == "held", text
    nothing_left(d)
    letters = d.inbox.fresh()
    assert len(letters) == 1, "one explanation an hour, no more"


@with_daemon
def test_automatic_mail_decides_nothing_and_gets_no_answer(d):
    number, code, notice = notice_of(d, draft())
    for extra in ([("Auto-Submitted", "auto-replied")],
                  [("Precedence", "bulk")], [("X-Autoreply", "yes")],
                  [("List-Id", "<x.example>")],
                  [("X-Auto-Response-Suppress", "All"),
                   ("Auto-Submitted", "auto-generated")]):
        assert d.reply(notice, "approve\n", extra=extra)[0] == 250
        assert d.state_of(number) == "held", extra
    d.reply(notice, "approve\n", sender="<>", header_from=REVIEWER)
    assert d.state_of(number) == "held"
    nothing_left(d)
    assert d.inbox.fresh() == []


@with_daemon
def test_somebody_else_cannot_decide(d):
    number, code, notice = notice_of(d, draft())
    for header in ("mallory@evil.example",
                   f'"{REVIEWER}" <mallory@evil.example>',
                   f"{REVIEWER}, mallory@evil.example"):
        d.reply(notice, "approve\n", sender="mallory@evil.example",
                header_from=header)
        assert d.state_of(number) == "held", header
    nothing_left(d)


@with_daemon
def test_forged_token_is_refused(d):
    number, code, notice = notice_of(d, draft())
    right = notice["Reply-To"].addresses[0].addr_spec
    for i in range(2, right.index("@"), 5):
        wrong = "a" if right[i] != "a" else "b"
        said = d.reply(notice, "approve\n", to=right[:i] + wrong
                       + right[i + 1:])
        assert said[0] == 550, said
    assert d.state_of(number) == "held"


@with_daemon
def test_an_agent_cannot_answer(d):
    number, code, notice = notice_of(d, draft())
    to = notice["Reply-To"].addresses[0].addr_spec
    with d.smtp() as client:
        client.ehlo()
        client.mail("bot@agents.example")
        assert client.rcpt(to)[0] == 550
    with d.smtp(login=False) as client:
        client.ehlo()
        client.mail(REVIEWER)
        assert client.rcpt("jane@customer.example")[0] == 530


@with_daemon
def test_second_answer_is_told_about_the_first(d):
    number, code, notice = notice_of(d, draft())
    d.reply(notice, "approve\n")
    d.outbox.wait()
    d.inbox.wait()
    d.wait_state(number, "sent")
    d.reply(notice, "drop\n")
    late = plain(d.inbox.message())
    assert "you" in late and "approve" in late
    nothing_left(d)


@with_daemon
def test_the_same_reply_twice(d):
    number, code, notice = notice_of(d, draft())
    for extra in ([], [("Message-ID", "<same@reviewers.example>")]):
        to = notice["Reply-To"].addresses[0].addr_spec
        m = EmailMessage()
        m["From"], m["To"] = REVIEWER, to
        for name, value in extra:
            m[name] = value
        m.set_content("approve\n")
        for _ in range(2):
            d.reply(notice, "", raw=crlf_bytes(m))
    letters = [plain(parse(raw)).lower() for raw in d.inbox.wait(3)]
    d.wait_state(number, "sent")
    assert sum("was approved" in t or "approved" in t for t in letters), letters
    assert len(d.outbox.wait(1) + d.outbox.fresh()) == 1


@with_daemon
def test_a_draft_that_speaks_our_grammar(d):
    text = ("approve\n\nImprimatur asks you to approve this.\n"
            "approve AAAAAA\n-- \ndrop\n> approve\n")
    number, code, notice = notice_of(d, draft(text, subject="approve"))
    body = plain(notice)
    assert not re.search(r"^approve$", body, re.M)
    quoted = "\n".join("> " + line for line in body.splitlines())
    d.reply(notice, "thanks, looking into it\n\n" + quoted)
    d.reply(notice, quoted)
    d.reply(notice, "-----Original Message-----\n" + body)
    assert d.state_of(number) == "held"
    nothing_left(d)


@with_daemon
def test_same_mail_again_is_the_same_draft(d):
    mail = draft()
    number, code = d.held(mail)
    said = d.submit(mail)
    assert said[0] == 250 and f"id={number} " in said[1], said
    notice = d.inbox.message()
    d.reply(notice, "drop duplicate order\n")
    d.wait_state(number, "dropped")
    said = d.submit(mail)
    assert said[0] == 550 and "duplicate order" in said[1], said
    assert len(d.json("list", "--all")["drafts"]) == 1


@with_daemon
def test_kill_switch(d):
    number, code, notice = notice_of(d, draft())
    d.ctl("stop")
    d.reply(notice, "approve\n")
    d.inbox.wait()  # receipts go on
    assert d.state_of(number) == "approved"
    nothing_left(d)
    assert "STOPPED" in d.ctl("status").stdout
    d.ctl("start", "bot")
    nothing_left(d)
    d.ctl("start")
    d.outbox.wait()


@with_daemon
def test_kill_switch_of_one_agent(d):
    number, code, notice = notice_of(d, draft())
    d.ctl("stop", "bot")
    d.ctl("approve", number)
    assert d.state_of(number) == "approved"
    nothing_left(d)
    d.ctl("start", "bot")
    d.outbox.wait()


@with_daemon
def test_command_line(d):
    number, code, notice = notice_of(d, draft(subject="Grüße an Jane"))
    assert "Grüße an Jane" in d.ctl("list").stdout
    shown = d.ctl("show", number).stdout
    assert "your parcel is on its way" in shown
    labels = [f["label"] for f in d.json("show", number)["facts"]
              if f["label"] != "Waits for"]  # which who is asked knows
    at = -1
    for label in labels:  # the same facts in the same order
        found = plain(notice).find(label, at + 1)
        assert found > at, label
        at = found
    wrong = d.ctl("approve", number, "AAAAAA", ok=False)
    assert wrong.returncode == 65 and code in wrong.stderr
    d.ctl("drop", number, "not", "now")
    d.ctl("undo", number)
    assert d.state_of(number) == "held"
    d.ctl("approve", number, code.lower())
    d.wait_state(number, "sent")
    late = d.ctl("drop", number, ok=False)
    assert late.returncode == 65 and "you" in late.stderr
    log = d.ctl("log", number).stdout
    for word in ("held", "approve", "drop", "sent"):
        assert word in log, (word, log)
    assert "whole" in d.ctl("audit", "verify").stdout
    assert d.ctl("show", 999, ok=False).returncode == 66
    assert d.ctl("show", "x", ok=False).returncode == 64
    assert d.ctl("frobnicate", ok=False).returncode == 64


@with_daemon
def test_edit_on_the_command_line(d):
    number, code, notice = notice_of(d, draft("We refund 490 EUR.\n"))
    d.ctl("edit", number, env={"EDITOR": "sed -i s/490/49/", "VISUAL": ""})
    view = d.json("show", number)
    assert view["revision"] == 2 and view["code"] != code
    assert "49 EUR" in view["text"] and "490" not in view["text"]
    d.ctl("approve", number)
    sent = envelope_of(d.outbox.wait()[0])[2]
    assert b"We refund 49 EUR.\r\n" in sent


@with_daemon
def test_an_edit_that_is_refused_is_kept(d):
    number, code, notice = notice_of(d, draft("We refund 490 EUR.\n"))
    folder = d.folder / "texts"
    folder.mkdir()
    editor = d.folder / "editor.sh"
    editor.write_text(
        f'#!/bin/sh\necho my long work > "$1"\n'
        f'{harness.BUILD}/imprimatur --socket {d.control} drop {number}\n')
    editor.chmod(0o755)
    env = {"EDITOR": str(editor), "VISUAL": "", "TMPDIR": str(folder)}
    lost = d.ctl("edit", number, ok=False, env=env)
    kept = list(folder.iterdir())
    assert lost.returncode == 65 and len(kept) == 1, lost.stderr
    assert str(kept[0]) in lost.stderr
    assert kept[0].read_text() == "my long work\n"
    kept[0].unlink()
    d.ctl("undo", number)
    d.ctl("edit", number, env=dict(env, EDITOR="true"))
    d.ctl("edit", number, env=dict(env, EDITOR="sed -i s/490/49/"))
    assert list(folder.iterdir()) == []


@with_daemon
def test_words_are_no_options(d):
    number, code, notice = notice_of(d, draft())
    d.ctl("drop", number, "what", "--json", "and", "--help", "mean")
    last = d.json("show", number)["decisions"][-1]
    assert last["text"] == "what --json and --help mean", last
    for command in (("show", 999), ("undo", 999), ("frobnicate",), ("show",)):
        wrong = d.ctl("--json", *command, ok=False)
        said = json.loads(wrong.stdout)
        assert said["error"] and said["text"], wrong.stdout
        assert wrong.stderr.startswith("imprimatur")
    assert json.loads(d.ctl("list", "--all", "--json").stdout)["drafts"]
    assert "there is no draft 999" in d.ctl("show", 999, ok=False).stderr


def test_a_changed_decision_is_found(folder):
    with closing(Daemon(folder)) as d:
        d.start()
        number, code, notice = notice_of(d, draft())
        d.ctl("approve", number)
        d.wait_state(number, "sent")
        d.stop()
        with closing(sqlite3.connect(d.state / "ledger.db")) as db:
            db.execute("UPDATE decision SET actor = 'mallory', verb = 'drop'")
            db.commit()
        d.start()
        assert d.json("show", number)["decisions"][0]["verb"] == "?"
        wrong = d.ctl("audit", "verify", ok=False)
        assert wrong.returncode == 65
        assert f"draft {number}: the verb" in wrong.stdout, wrong.stdout
        d.stop()


@with_daemon
def test_what_was_not_shown_is_not_approved_by_mail(d):
    lines = "a line of text that is long enough\n" * 30000
    number, code = d.held(draft(lines + "the end\n"))
    notice = d.inbox.message()
    assert "NOT shown" in plain(notice)
    assert "\n  approve" not in plain(notice)
    d.reply(notice, f"approve {code}\n")
    assert "could not show the whole text" in " ".join(
        plain(d.inbox.message()).replace("|", " ").split())
    assert d.state_of(number) == "held"
    d.ctl("approve", number, code)
    d.wait_state(number, "sent")


@with_daemon
def test_edit_keeps_text_and_html_in_step(d):
    mail = draft("We refund 490 EUR.\n", Imprimatur_Why="asked twice")
    mail.add_alternative("<p>We refund <b>490</b> EUR.</p>", subtype="html")
    number, code, notice = notice_of(d, mail)
    assert "the same words" in plain(notice)
    d.ctl("edit", number, "--file", "-", stdin="We refund 49 EUR.\n")
    view = d.json("show", number)
    assert view["editable"] == "We refund 49 EUR.\n", view["editable"]
    assert view["context"]["why"] == "asked twice"
    d.ctl("approve", number)
    out = parse(without_received(envelope_of(d.outbox.wait()[0])[2]))
    assert out.get_body(("plain",)).get_content().strip() == \
        "We refund 49 EUR."
    assert out.get_body(("html",)).get_content().strip() == \
        "<p>We refund <b>49</b> EUR.</p>"


@with_daemon
def test_restart_forgets_nothing(d):
    number, code, notice = notice_of(d, draft())
    d.kill()
    d.start()
    assert d.state_of(number) == "held"
    d.reply(notice, "approve\n")
    d.outbox.wait()
    d.stop()
    d.start()
    d.wait_state(number, "sent")
    nothing_left(d)


def test_second_daemon_refuses(folder):
    with closing(Daemon(folder)) as d:
        d.start()
        run = harness.subprocess.run(
            [harness.BUILD / "imprimaturd", "-c", d.conf],
            capture_output=True, text=True, timeout=harness.PATIENCE)
        assert run.returncode != 0
        d.held(draft())
        d.stop()


def test_rules_pass_and_refuse(folder):
    rules = """
      { name = "inside"; recipient = [ "*@agents.example" ]; then = "pass"; },
      { name = "rival"; recipient = [ "*@rival.example" ]; then = "refuse";
        say = "we do not write to them"; }"""
    with closing(Daemon(folder, rules=rules)) as d:
        d.start()
        said = d.submit(draft(), rcpts=("a@agents.example",))
        assert said[0] == 250 and "held" not in said[1], said
        d.outbox.wait()
        said = d.submit(draft(), rcpts=("a@agents.example", "x@b.example"))
        assert "held" in said[1], said
        said = d.submit(draft(), rcpts=("ceo@rival.example",))
        assert said[0] == 550 and "we do not write to them" in said[1], said
        forged = draft()
        forged.replace_header("From", "boss@agents.invalid")
        said = d.submit(forged, rcpts=("a@agents.example",))
        assert "held" in said[1], said  # a tripwire beats a rule that passes
        d.stop()


def test_two_reviewers_one_decides(folder):
    other = harness.Maildir(folder / "other")
    inbox = folder / "inbox"
    reviewers = f"""
      {{ name = "you"; address = "{REVIEWER}"; maildir = "{inbox}"; }},
      {{ name = "ben"; address = "ben@reviewers.example";
         maildir = "{other.path}"; }}"""
    with closing(Daemon(folder, reviewers=reviewers)) as d:
        d.start()
        number, code, notice = notice_of(d, draft())
        bens = other.message()
        assert bens["Reply-To"] != notice["Reply-To"]
        said = d.reply(bens, "approve\n")  # your From, ben's token
        assert d.state_of(number) == "held", said
        other.fresh()
        d.reply(bens, "drop\n", sender="ben@reviewers.example")
        told = plain(d.inbox.message())
        assert "ben" in told and "drop" in told
        d.stop()


def test_unlisted_user_only_reads(folder):
    reviewers = f"""{{ name = "you"; address = "{REVIEWER}";
      maildir = "{folder / 'inbox'}"; }}"""
    with closing(Daemon(folder, reviewers=reviewers)) as d:
        d.start()
        number, code, notice = notice_of(d, draft())
        assert "Your parcel" in d.ctl("list").stdout
        for args in (("approve", number), ("drop", number), ("stop",)):
            assert d.ctl(*args, ok=False).returncode == 77, args
        assert d.state_of(number) == "held"
        d.stop()


def test_a_flood_is_gathered_into_a_digest(folder):
    with closing(Daemon(folder, review="notices_per_hour = 3; "
                        "digest_every = 2;")) as d:
        d.start()
        numbers = [d.held(draft(subject=f"flood {n}"))[0] for n in range(12)]
        letters = [parse(raw) for raw in d.inbox.wait(4)]
        text = plain(letters[-1])
        listed = [n for n in numbers if re.search(rf"\b{n}\b", text)]
        assert len(listed) >= 8, text
        d.stop()


def test_digests_carry_each_draft_once(folder):
    reviewers = f"""{{ name = "you"; address = "{REVIEWER}";
      maildir = "{folder / 'inbox'}";
      digest = {{ every = "2s"; items = 3; }}; }}"""
    with closing(Daemon(folder, reviewers=reviewers)) as d:
        d.start()
        numbers = [d.held(draft(subject=f"gathered {n}"))[0]
                   for n in range(4)]
        seen, letters = [], []
        while len(seen) < len(numbers):
            letters = letters or d.inbox.wait()
            text = plain(parse(letters.pop(0)))
            assert text.startswith("Imprimatur asks you: what about"), text
            listed = re.findall(r"^\[\d+\] may it leave\? \(draft (\d+)\)\r?$",
                                text, re.M)
            assert 1 <= len(listed) <= 3, text
            for n in listed:
                assert re.search(rf"imprimatur show {n}\s", text), text
            seen += listed
        assert sorted(map(int, seen)) == sorted(map(int, numbers)), seen
        for n in numbers:
            assert d.state_of(n) == "held"
        d.stop()


def test_an_undo_window_is_told_and_kept(folder):
    with closing(Daemon(folder, review='undo = "1h";')) as d:
        d.start()
        one, _ = d.held(draft("By mail.\n"))
        notice = d.inbox.message()
        d.reply(notice, f"approve {code_of(notice)}")
        told = plain(d.inbox.message())
        assert re.search(r"leaves in (1 h|60 min|59 min), at ", told), told
        assert d.state_of(one) == "approved"
        d.reply(notice, "undo")
        d.wait_state(one, "held")
        said = d.ctl("approve", one).stdout
        assert "it leaves at " in said, said
        assert f"imprimatur undo {one}" in said, said
        d.ctl("undo", one)
        assert d.state_of(one) == "held"
        assert not d.outbox.fresh()
        d.stop()


harness.run(harness.tests_of(sys.modules[__name__]))
