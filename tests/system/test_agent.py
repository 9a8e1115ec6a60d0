"""What an agent can do with its drafts: it is told to make one better, sends a
better one, takes one back, says when it may leave; and what a customer who
writes again does to drafts.  Prints TAP.
"""

import re
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import (PATIENCE, Daemon, code_of, crlf, draft,  # noqa: E402
                     plain, stored)
from relayhost import Relayhost  # noqa: E402
from test_word import Api  # noqa: E402

FEED = "feed-8c1f0e62b9d34a75"
CHANNEL = """
channel: {{
  name = "support"; owner = "you"; mode = "{mode}"; cost = "low";
  match = {{ agent = [ "bot" ]; }}; reviewers = [ "you" ];
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
  reasons = [ "wrong-price", "tone" ];
  revise_rounds = {rounds}; revise_within = "{within}";
}};
"""
OTHER = f""", {{ name = "other"; password = "{stored('o' * 16)}";
  senders = [ "*@agents.example" ]; }}"""


def daemon(folder, mode="review", rounds=3, within="1d", **kw):
    kw.setdefault("review", f'feed = "{FEED}";')
    return Daemon(folder, agents=OTHER, channels={
        "support": CHANNEL.format(mode=mode, rounds=rounds, within=within)},
        **kw)


def show(d, number):
    return d.json("show", number)


def findings(d, number):
    return {f["name"]: f for f in show(d, number)["findings"]}


def notices(d):
    """The next notice that asks, receipts and outcomes apart."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        m = d.inbox.message()
        if re.search(r"approve [A-Z2-7]{6}", plain(m)):
            return m
    raise AssertionError("no notice came")


def withdraw(d, name, login=("bot", harness.SECRET)):
    m = draft("", subject="take it back", Imprimatur_Withdraw=name)
    with d.smtp(login=False) as client:
        client.login(*login)
        client.ehlo()
        client.mail("bot@agents.example")
        client.rcpt("jane@customer.example")
        code, text = client.data(crlf(m))
    return code, text.decode()


def customer(d, text="One more thing.", sender="jane@customer.example",
             to=f"{FEED}@review.test", **fields):
    """A copy of a customer's mail comes by; the answer to its dot."""
    m = EmailMessage()
    m["From"] = f"Jane <{sender}>"
    m["To"] = "support@agents.example"
    m["Subject"] = "Re: Your parcel"
    m["Message-ID"] = fields.pop(
        "message_id", f"<{time.time_ns()}@customer.example>")
    path = fields.pop("path", sender)
    for name, value in fields.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    with d.smtp(login=False) as client:
        client.ehlo()
        client.mail(path)
        code, said = client.rcpt(to)
        if code == 250:
            code, said = client.data(crlf(m))
    return code, said.decode()


def test_a_draft_goes_back_and_comes_better(folder):
    with closing(daemon(folder)) as d:
        d.start()
        old, code = d.held(draft("The lamp costs a lot.\n"))
        first = notices(d)
        assert "revise <remark>" in plain(first)
        d.reply(first, "revise name the price")
        d.wait_state(old, "revising")
        it = show(d, old)
        assert it["remark"] == "name the price" and it["rounds"] == 1, it
        # by its number; what it says of that does not leave
        new, code = d.held(draft("The lamp costs 12 EUR.\n",
                                 Imprimatur_Revises=str(old)))
        assert d.state_of(old) == "superseded"
        assert show(d, old)["replaced_by"] == new
        assert show(d, new)["replaces"] == old
        notice = notices(d)
        text = plain(notice)
        assert "name the price" in text, text
        assert f"in place of draft {old}, which you sent back" in text, text
        assert "costs 12 EUR" in text and "costs a lot" in text, text
        d.reply(notice, f"approve {code_of(notice)}")
        d.wait_state(new, "sent")
        left = [m for m in d.outbox.wait()
                if b"costs 12 EUR" in m]
        assert len(left) == 1 and b"Imprimatur-" not in left[0], left
        # to the old notice it is too late
        d.reply(first, "approve")
        assert d.state_of(old) == "superseded"
        d.stop()


def test_by_message_id_and_so_often(folder):
    with closing(daemon(folder, rounds=1)) as d:
        d.start()
        old, _ = d.held(draft("One.\n", message_id="<a@agents.example>"))
        d.reply(notices(d), "revise better")
        d.wait_state(old, "revising")
        new, _ = d.held(draft("Two.\n",
                              Imprimatur_Revises="<a@agents.example>"))
        notice = notices(d)
        assert "revise <remark>" not in plain(notice)
        d.reply(notice, "revise still better")
        told = plain(d.inbox.message())
        assert "1 time already" in told, told
        assert d.state_of(new) == "held"
        d.stop()


def test_nothing_better_comes(folder):
    with closing(daemon(folder, within="1s")) as d:
        d.start()
        old, _ = d.held(draft())
        d.reply(notices(d), "revise better")
        d.wait_state(old, "expired")
        text = ""
        while "nothing better" not in text:
            text = plain(d.inbox.message())
        # too late; it is a draft of its own
        new, _ = d.held(draft("Late.\n", Imprimatur_Revises=str(old)))
        assert "replaces-nothing" in findings(d, new)
        d.stop()


def test_an_agent_takes_its_draft_back(folder):
    with closing(daemon(folder, review='undo = "1h";')) as d:
        d.start()
        one, _ = d.held(draft("One.\n", message_id="<1@agents.example>"))
        two, _ = d.held(draft("Two.\n"))
        # not another's, and it says no more than of what is not there
        nothing = withdraw(d, "4711", ("other", "o" * 16))
        assert nothing[0] == 550, nothing
        assert withdraw(d, str(one), ("other", "o" * 16)) == nothing
        assert withdraw(
            d, "<1@agents.example>", ("other", "o" * 16)) == nothing
        assert d.state_of(one) == "held"
        code, text = withdraw(d, "<1@agents.example>")
        assert code == 250 and f"withdrawn id={one} " in text, text
        assert d.state_of(one) == "withdrawn"
        code, text = withdraw(d, str(one))
        assert code == 250 and "(before)" in text, text
        # approved, and not gone
        d.ctl("approve", two)
        assert d.state_of(two) == "approved"
        assert withdraw(d, str(two))[0] == 250
        # the mail itself is no draft
        assert show(d, two)["id"] == max(
            row["id"] for row in d.json("list", "--all")["drafts"])
        # the same mail again does not bring it back
        code, text = d.submit(draft("One.\n",
                                    message_id="<1@agents.example>"))
        assert code == 550 and "withdrawn" in text, (code, text)
        d.stop()


def test_what_left_is_not_taken_back(folder):
    with closing(daemon(folder)) as d:
        d.start()
        one, _ = d.held(draft())
        d.ctl("approve", one)
        d.wait_state(one, "sent")
        code, text = withdraw(d, str(one))
        assert code == 550 and "is sent, so it is too late" in text, text
        d.stop()


def test_a_better_one_is_held_whatever_a_rule_says(folder):
    with closing(daemon(folder, mode="exception")) as d:
        d.start()
        # a rule lets it go, and what replaces it too
        code, text = d.submit(draft("One.\n"), options=["HOLDFOR=3600"])
        assert code == 250 and text.startswith("2.0.0 approved"), text
        one = int(re.search(r"id=(\d+)", text).group(1))
        d.ctl("undo", one)
        # a person had a word in it now
        two, _ = d.held(draft("Another.\n",
                              Imprimatur_Supersedes=str(one)))
        assert d.state_of(one) == "superseded"
        assert findings(d, two)["replaces"]["value"] == str(one)
        d.stop()


def test_dropped_is_dropped(folder):
    with closing(daemon(folder)) as d:
        d.start()
        mail = draft("It is free.\n", message_id="<x@agents.example>")
        one, _ = d.held(mail)
        d.reply(notices(d), "drop wrong-price it is not")
        d.wait_state(one, "dropped")
        code, text = d.submit(mail)
        assert code == 550 and "wrong-price" in text, (code, text)
        assert f"id={one}" in text and "it is not" in text, text
        # the same id, another text: another draft, that says so
        two, _ = d.held(draft("It costs nothing at all, dear Jane.\n",
                              message_id="<x@agents.example>"))
        said = findings(d, two)["resubmitted"]
        assert said["value"] == str(one), said
        assert "wrong-price" in said["detail"], said
        assert d.state_of(one) == "dropped"
        d.stop()


def test_the_customer_wrote_again(folder):
    with closing(daemon(folder, review=f'feed = "{FEED}"; undo = "1h";')) as d:
        d.start()
        one, _ = d.held(draft("To Jane.\n"))
        first = notices(d)
        assert customer(d)[0] == 250
        said = findings(d, one)["customer-wrote-again"]
        assert "jane@customer.example wrote again" in said["detail"], said
        assert "Re: Your parcel" in said["detail"], said
        # who was shown it before does not know
        d.reply(first, f"approve {code_of(first)}")
        second = notices(d)
        assert plain(second).startswith(
            "Imprimatur asks you: may this mail still leave? The other side "
            "wrote again (draft"), plain(second)
        assert str(second["Subject"]).startswith("[review] wrote again: ")
        # what they wrote about is theirs: no line begins with it
        for line in plain(second).splitlines():
            assert "Re: Your parcel" not in line or line.startswith("| ! ")
        assert d.state_of(one) == "held"
        d.reply(second, f"approve {code_of(second)}")
        d.wait_state(one, "approved")
        # and once more
        assert customer(d, sender="JANE@Customer.example")[0] == 250
        assert d.state_of(one) == "held"
        third = notices(d)
        because = show(d, one)["reason"]
        assert because.startswith("JANE@Customer.example wrote again on 2")
        assert because.endswith("reviewed (rule mode-review)"), because
        d.reply(third, f"approve {code_of(third)}")
        d.wait_state(one, "approved")
        d.stop()
        d.start()
        assert d.state_of(one) == "approved"
        d.ctl("audit", "verify")
        d.stop()


def relayed(folder, retry="1s"):
    """A daemon whose relay host fails as recipients tell it to."""
    host = Relayhost()
    return host, daemon(folder, relay=f"""host = "127.0.0.1";
        port = {host.port}; tls = "none"; retry_first = "{retry}";""")


def cell(d, name, *states):
    """A draft that is approved and comes so far; its recipient."""
    rcpt = f"{name}.1@cells.example"
    number, _ = d.held(draft(f"To {name}.\n", to=rcpt), rcpts=[rcpt],
                       sender=f"cell+{name}.1@agents.example")
    notice = next(n for n in iter(lambda: notices(d), None)
                  if f"(draft {number})" in n["Subject"])
    d.reply(notice, f"approve {code_of(notice)}")
    d.wait_state(number, *states)
    return number, rcpt


def test_they_wrote_while_it_was_on_its_way(folder):
    host, d = relayed(folder)
    with closing(d):
        d.start()
        one, rcpt = cell(d, "data.silence", "sending")
        assert customer(d, sender=rcpt)[0] == 250
        assert "customer-wrote-again" in findings(d, one)
        # claimed, and the relay host is slow: it is not let go after that
        d.kill()
        d.start()
        d.wait_state(one, "held")
        notice = notices(d)
        assert "may this mail still leave?" in plain(notice), plain(notice)
        assert "; at first: " in show(d, one)["reason"], show(d, one)
        d.reply(notice, f"approve {code_of(notice)}")
        d.wait_state(one, "sent")
        d.ctl("audit", "verify")
        d.stop()
    assert [m[1][0].split(".")[0] for m in host.mails] == ["data"]


def test_a_dot_that_was_refused_handed_nothing_over(folder):
    """Nobody got it, so it is as if it had not been tried."""
    host, d = relayed(folder, retry="1h")
    with closing(d):
        d.start()

        def deferred(name):
            number, rcpt = cell(d, name, "approved", "sending")
            while not any(e["event"] == "deferred"
                          for e in d.json("log", number)["events"]):
                time.sleep(0.02)
            return number, rcpt
        one, rcpt = deferred("dot.4xx")
        assert customer(d, sender=rcpt)[0] == 250
        assert d.state_of(one) == "held"
        assert withdraw(d, str(one))[0] == 250
        two, rcpt = deferred("dot.421")
        assert withdraw(d, str(two))[0] == 250
        assert d.state_of(two) == "withdrawn"
        d.ctl("audit", "verify")
        d.stop()
    assert not [m for m in host.mails if m[0]]


def test_they_wrote_when_nobody_knows(folder):
    host, d = relayed(folder)
    with closing(d):
        d.start()
        for name, state, asks in (
                ("dot.close", "in-doubt", "did this mail arrive?"),
                ("dot.5xx", "failed", "a mail that was refused?")):
            one, rcpt = cell(d, name, state)
            old = notices(d)
            assert asks in plain(old), plain(old)
            assert customer(d, sender=rcpt)[0] == 250
            assert d.state_of(one) == state
            d.reply(old, f"approve {code_of(old)}")
            new = notices(d)
            assert asks in plain(new), plain(new)
            assert "The other side wrote after" in plain(new), plain(new)
            assert d.state_of(one) == state
            # once is enough
            assert customer(d, sender=rcpt)[0] == 250
            d.reply(new, f"approve {code_of(new)}")
            d.wait_state(one, "sent")
        d.ctl("audit", "verify")
        d.stop()


def test_its_agent_knows_that_they_wrote(folder):
    with closing(daemon(folder, http="none")) as d:
        d.start()
        api = Api(d)
        one, _ = d.held(draft())
        for n in range(3):
            path = f"/v1/agent/drafts/{one}"
            assert api("GET", path)[1]["wrote_again"] == n
            assert customer(d)[0] == 250
        d.stop()


def test_a_better_one_does_not_hide_what_they_wrote(folder):
    with closing(daemon(folder)) as d:
        d.start()
        assert customer(d)[0] == 250  # before: whoever looks knows that
        one, _ = d.held(draft("One.\n"))
        assert customer(d, message_id="<again@customer.example>")[0] == 250
        two, _ = d.held(draft("Two.\n", Imprimatur_Supersedes=str(one)))
        three, _ = d.held(draft("Three.\n", Imprimatur_Supersedes=str(two)))
        for number in (two, three):
            assert len([f for f in show(d, number)["findings"]
                        if f["name"] == "customer-wrote-again"]) == 1
        # it answers what they wrote
        four, _ = d.held(draft("Four.\n", Imprimatur_Supersedes=str(three),
                               In_Reply_To="<again@customer.example>"))
        assert "customer-wrote-again" not in findings(d, four)
        d.stop()


def test_which_draft_is_replaced(folder):
    """The agent's program reads it in the answer."""
    with closing(daemon(folder)) as d:
        d.start()
        one, _ = d.held(draft("One.\n"))
        two, _ = d.held(draft("Two.\n"))
        mail = crlf(draft("Three.\n"))
        for names in ([one, two], [two, one]):
            fields = "".join(f"Imprimatur-Supersedes: {n}\r\n" for n in names)
            code, text = d.submit(fields.encode() + mail)
            assert code == 250 and text.endswith(" replaces=nothing"), text
            said = findings(d, int(re.search(r"id=(\d+)", text).group(1)))
            assert "several drafts" in said["replaces-nothing"]["detail"]
        assert d.state_of(one) == d.state_of(two) == "held"
        code, text = d.submit(draft("Of 4711.\n", Imprimatur_Revises="4711"))
        assert code == 250 and text.endswith(" replaces=nothing"), text
        code, text = d.submit(
            draft("Of the second.\n", Imprimatur_Revises=str(two),
                  Imprimatur_Supersedes=str(two)))
        assert code == 250 and text.endswith(f" replaces={two}"), text
        d.stop()


def test_what_does_not_count(folder):
    with closing(daemon(folder)) as d:
        d.start()
        one, _ = d.held(draft("An answer.\n", In_Reply_To="<c1@x.example>",
                              References="<c0@x.example> <c1@x.example>"))
        quiet = [
            dict(Auto_Submitted="auto-replied"),
            dict(Precedence="bulk", Auto_Submitted="auto-generated"),
            dict(path=""),
            dict(message_id="<c1@x.example>"),
            dict(sender="bot@agents.example"),
            dict(sender="nobody@elsewhere.example"),
        ]
        for fields in quiet:
            assert customer(d, **fields)[0] == 250, fields
            assert "customer-wrote-again" not in findings(d, one), fields
        # of the thread, by somebody else
        assert customer(d, sender="boss@elsewhere.example",
                        In_Reply_To="<c1@x.example>")[0] == 250
        assert "customer-wrote-again" in findings(d, one)
        # a draft that comes later
        assert customer(d, message_id="<c5@x.example>")[0] == 250
        assert customer(d, message_id="<c6@x.example>")[0] == 250
        two, _ = d.held(draft("To the fifth.\n", In_Reply_To="<c5@x.example>"))
        assert "customer-wrote-again" in findings(d, two)
        three, _ = d.held(draft("To the sixth.\n",
                                In_Reply_To="<c6@x.example>"))
        assert "customer-wrote-again" not in findings(d, three)
        d.stop()


def test_whose_mail_is_odd_counts_by_its_return_path(folder):
    with closing(daemon(folder)) as d:
        d.start()
        for n, fields in enumerate((
                "From: jane@customer.example, joe@customer.example\r\n",
                "From: Jane\r\n", "")):
            one, _ = d.held(draft(f"{n}\n"))
            raw = (f"{fields}Subject: wait\r\n"
                   f"Message-ID: <odd{n}@customer.example>\r\n\r\nhi\r\n")
            with d.smtp(login=False) as client:
                client.ehlo()
                client.mail("Jane@Customer.example")
                client.rcpt(f"{FEED}@review.test")
                assert client.data(raw.encode())[0] == 250
            assert "customer-wrote-again" in findings(d, one), fields
        d.stop()


def test_only_the_feed_is_the_feed(folder):
    with closing(daemon(folder)) as d:
        d.start()
        one, _ = d.held(draft())
        for to in ("feed@review.test", f"{FEED[:-1]}@review.test",
                   f"{FEED}x@review.test", f"{FEED}@customer.example"):
            assert customer(d, to=to)[0] in (530, 550), to
        # an agent cannot write there
        with d.smtp() as client:
            client.ehlo()
            client.mail("bot@agents.example")
            assert client.rcpt(f"{FEED}@review.test")[0] == 550
        assert "customer-wrote-again" not in findings(d, one)
        assert FEED not in d.log()
        d.stop()


def test_when_it_may_leave(folder):
    with closing(daemon(folder, mode="exception")) as d:
        d.start()
        with d.smtp() as client:
            client.ehlo()
            assert client.has_extn("futurerelease")
            assert client.has_extn("deliverby")
        code, text = d.submit(draft("Later.\n"), options=["HOLDFOR=3600"])
        assert code == 250 and "approved" in text, text
        one = int(re.search(r"id=(\d+)", text).group(1))
        until = datetime.now(timezone.utc) + timedelta(hours=2)
        code, text = d.submit(draft("Much later.\n"), options=[
            f"HOLDUNTIL={until:%Y-%m-%dT%H:%M:%SZ}"])
        two = int(re.search(r"id=(\d+)", text).group(1))
        code, text = d.submit(draft("Now.\n"), options=[
            "HOLDUNTIL=2001-01-01T00:00:00Z", "BY=3600;R"])
        three = int(re.search(r"id=(\d+)", text).group(1))
        d.wait_state(three, "sent")
        assert d.state_of(one) == d.state_of(two) == "approved"
        assert show(d, two)["not_before"].startswith(
            f"{until:%Y-%m-%dT%H:%M}"), show(d, two)
        with d.smtp() as client:
            client.ehlo()
            for options, code in ((["HOLDFOR=99999999"], 501),
                                  (["HOLDFOR=60", "BY=60;R"], 501)):
                assert client.mail("bot@agents.example", options)[0] == code
        d.stop()


def test_by_then_or_never(folder):
    with closing(daemon(folder)) as d:
        d.start()
        one, _ = d.held(draft("Quick.\n"), options=["BY=1;R"])
        two, _ = d.held(draft("No hurry.\n"), options=["BY=1;N"])
        d.wait_state(one, "expired")
        assert d.state_of(two) == "held"
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
