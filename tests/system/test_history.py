"""What the ledger knows of a draft: caps that are exact, first contacts,
threads, what is nearly the same, what was dropped, who looks like another; all
of it after a restart too.  Prints TAP.
"""

import re
import sys
import threading
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import Daemon, crlf, draft  # noqa: E402

CHANNEL = """
channel: {{
  name = "support"; owner = "you"; mode = "{mode}"; cost = "low";
  match = {{ agent = [ "bot" ]; }}; reviewers = [ "you" ];
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
  reasons = [ "wrong-price", "tone" ];
  rules = ( {rules} );
}};
"""

STRANGER = """{ name = "new"; finding = "first-contact"; then = "hold"; }"""
LONG = ("Dear Jane, thank you for your order of last week. Your parcel with "
        "the blue lamp and two bulbs left our house on Monday and should be "
        "with you before the end of the week. The carrier will ring twice; "
        "if nobody is there it goes to the shop at the corner, where it is "
        "kept for ten days. {} Yours, the people of the lamp shop.\n")


def daemon(folder, rules="", mode="exception", **kw):
    return Daemon(folder, channels={
        "support": CHANNEL.format(mode=mode, rules=rules)}, **kw)


def findings(d, number):
    return {f["name"]: f for f in d.json("show", number)["findings"]}


def number_of(said):
    return int(re.search(r"id=(\d+)", said[1]).group(1))


def again(d, kind):
    """The same daemon once more: nothing is forgotten."""
    if kind == "restart":
        d.stop()
    else:
        d.kill()
    d.start()


def capped(folder, rule, wanted, rcpts):
    """50 sessions at once, 500 mails: who is let in."""
    with closing(daemon(folder, rules=rule, limits="connections_per_peer = "
                        "1000;")) as d:
        d.start()
        gate, answers = threading.Barrier(50), []

        def session(k):
            with d.smtp() as client:
                gate.wait()
                for n in range(10):
                    client.ehlo_or_helo_if_needed()
                    client.mail("bot@agents.example")
                    client.rcpt(rcpts(k, n))
                    answers.append(client.data(crlf(draft(
                        f"{k} {n} {k * 7919 + n * 104729}\n",
                        subject=f"{k}/{n}"))))
        threads = [threading.Thread(target=session, args=(k,))
                   for k in range(50)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(answers) == 500
        taken = [a for a in answers if a[0] == 250]
        refused = [a for a in answers if a[0] == 550]
        assert len(taken) == wanted, len(taken)
        assert len(refused) == 500 - wanted
        assert all(b"too many for today" in a[1] for a in refused)
        again(d, "kill")
        code, text = d.submit(draft("one more\n", subject="more"),
                              rcpts=(rcpts(0, 0),))
        assert code == 550 and "too many" in text, text
        counts = d.json("status")["drafts"]
        assert counts["refused"] == 501 - wanted, counts
        d.stop()


CAP = """{{ name = "cap"; then = "refuse"; say = "too many for today";
  rate = {{ of = "{}"; per = "1h"; above = {}; }}; }}"""


def test_a_cap_of_an_agent_is_exact(folder):
    capped(folder, CAP.format("agent", 100), 100,
           lambda k, n: "jane@customer.example")


def test_a_cap_of_a_recipient_is_exact(folder):
    # five people, each in a hundred mails, of which twelve may come
    capped(folder, CAP.format("recipient", 12), 60,
           lambda k, n: f"p{n % 5}@customer.example")


def test_a_cap_of_a_domain_is_exact(folder):
    capped(folder, CAP.format("domain", 40), 80,
           lambda k, n: f"p{k}@d{n % 2}.example")


def test_a_stranger_until_something_was_sent(folder):
    with closing(daemon(folder, rules=STRANGER)) as d:
        d.start()
        first, code = d.held(draft("Hello for the first time.\n"))
        assert "first-contact" in findings(d, first)
        # held is not sent, dropped is not sent
        second, _ = d.held(draft("Something else altogether.\n"))
        d.ctl("drop", second)
        third, _ = d.held(draft("And a third word.\n"))
        assert "first-contact" in findings(d, third)
        # approved, but stopped: still not sent
        d.ctl("stop")
        d.ctl("approve", first)
        fourth, _ = d.held(draft("A fourth, of other things.\n"))
        assert "first-contact" in findings(d, fourth)
        d.ctl("start")
        d.wait_state(first, "sent")
        for kind in ("restart", "kill"):
            said = d.submit(draft(f"A fifth: {kind} it.\n"))
            assert said[0] == 250 and "held" not in said[1], said
            assert "first-contact" not in findings(d, number_of(said))
            # in other letters it is the same person
            said = d.submit(draft(f"A sixth, as {kind} has it.\n"),
                            rcpts=("jane@CUSTOMER.example",))
            assert "held" not in said[1], said
            d.held(draft(f"Somebody else: {kind}.\n"),
                   rcpts=("joe@customer.example",))
            again(d, kind)
        d.stop()


def test_a_known_thread(folder):
    with closing(daemon(folder)) as d:
        d.start()
        said = d.submit(draft(message_id="<start@agents.example>"))
        number = number_of(said)
        d.wait_state(number, "sent")
        for kind in ("restart", "kill"):
            again(d, kind)
            for n, (field, to, known) in enumerate((
                    ("In_Reply_To", "jane@customer.example", True),
                    ("References", "jane@customer.example", True),
                    ("In_Reply_To", "joe@customer.example", False))):
                said = d.submit(draft(
                    f"{kind} {field} {to} {n * 7919}\n",
                    **{field: "<start@agents.example>"}), rcpts=(to,))
                found = findings(d, number_of(said))
                assert ("known-thread" in found) == known, (field, to, found)
            said = d.submit(draft(f"{kind} of nothing\n",
                                  In_Reply_To="<other@agents.example>"))
            assert "known-thread" not in findings(d, number_of(said))
        d.stop()


def test_nearly_the_same_to_the_same_person(folder):
    with closing(daemon(folder)) as d:
        d.start()
        said = d.submit(draft(LONG.format("Good luck.")))
        first = number_of(said)
        d.wait_state(first, "sent")
        for kind in ("restart", "kill"):
            again(d, kind)
            number, _ = d.held(draft(LONG.format(f"Be well, {kind}.")))
            found = findings(d, number)
            assert "near-duplicate" in found, found
            # to somebody else it is another mail
            said = d.submit(draft(LONG.format("Good luck.")),
                            rcpts=(f"{kind}@customer.example",))
            assert "near-duplicate" not in findings(d, number_of(said)), said
        d.stop()


def test_what_was_dropped_comes_again(folder):
    with closing(daemon(folder, mode="review")) as d:
        d.start()
        mail = draft(LONG.format("It costs 80 EUR."))
        number, _ = d.held(mail)
        d.ctl("drop", number, "wrong-price", "it", "is", "90", "EUR")
        for kind in ("restart", "kill"):
            again(d, kind)
            # the very same: the earlier reason is the answer
            code, text = d.submit(mail)
            assert code == 550 and "it is 90 EUR" in text, text
            # nearly the same: held, and the reviewer reads why
            other, _ = d.held(draft(LONG.format(f"It costs 80 EUR, {kind}.")))
            found = findings(d, other)
            assert "it is 90 EUR" in found["resubmitted"]["detail"], found
            d.ctl("drop", other, "it is 90 EUR")
        d.stop()


def test_who_looks_like_another(folder):
    with closing(daemon(folder)) as d:
        d.start()
        said = d.submit(draft("Hello.\n"), rcpts=("paul@paypal.example",))
        d.wait_state(number_of(said), "sent")
        for kind in ("restart", "kill"):
            again(d, kind)
            for n, (to, alike) in enumerate((
                    ("paul@paypa1.example", True),
                    ("pau1@paypal.example", True),
                    ("paul@paypal.example", False),
                    ("carl@other.example", False))):
                said = d.submit(draft(f"{kind}, the {n}th: {n * 7919}.\n"),
                                rcpts=(to,))
                found = findings(d, number_of(said))
                assert ("lookalike-of-known-recipient" in found) == alike, (
                    to, found)
                assert ("held" in said[1]) == alike, said
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
