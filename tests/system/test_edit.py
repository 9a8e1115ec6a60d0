"""Edits of more than the text: subject, recipients, words in HTML, a whole
mail; by reply, on the command line and over HTTP.  Prints TAP.
"""

import os
import re
import sys
from contextlib import closing
from email.message import EmailMessage
import email.policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import harness  # noqa: E402
from harness import (  # noqa: E402
    REVIEWER, Daemon, code_of, crlf, draft, envelope_of, parse, plain,
    without_received)

CHANNELS = {
    name: f"""
channel: {{
  name = "{name}"; owner = "{who}"; mode = "review"; cost = "low";
  match = {{ agent = [ "bot" ]; recipient = [ "*@{domain}" ]; }};
  reviewers = [ "{who}" ]; reasons = [ "tone" ];
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
}};
""" for name, domain, who in (
        ("customers", "customer.example", "you"),
        ("press", "press.example", "boss"))}


def two_reviewers(folder):
    folder = Path(folder)
    boss = harness.Maildir(folder / "boss")
    return boss, f"""
      {{ name = "you"; address = "{REVIEWER}";
         maildir = "{folder}/inbox";
         users = [ {os.getuid()} ]; }},
      {{ name = "boss"; address = "boss@reviewers.example";
         maildir = "{boss.path}"; }}"""


def with_daemon(test):
    def run(folder):
        with closing(Daemon(folder)) as d:
            d.start()
            test(d)
    run.__name__ = test.__name__
    return run


def notice_of(d, mail, **kw):
    number, code = d.held(mail, **kw)
    return number, code, d.inbox.message()


def edited(d, number, notice, text, **kw):
    """Answer with an edit; the notice about the new revision."""
    before = d.json("show", number)["code"]
    assert d.reply(notice, text, **kw)[0] == 250
    for raw in d.inbox.wait(2):
        letter = parse(raw)
        m = re.search(r"approve ([A-Z2-7]{6})", plain(letter))
        if m and m.group(1) != before and letter["Reply-To"]:
            return letter
    raise AssertionError("no notice of the new revision")


def sent(d):
    return envelope_of(d.outbox.wait()[0])


def approve(d, number):
    d.ctl("approve", number)
    return sent(d)


@with_daemon
def test_subject_and_recipients_by_reply(d):
    mail = draft("We refund 490 EUR.\n", subject="Your refund",
                 to="jane@customer.example, joe@customer.example")
    number, code, notice = notice_of(
        d, mail, rcpts=("jane@customer.example", "joe@customer.example",
                        "archive@agents.example"))
    new = edited(d, number, notice, "edit\n\n"
                 "Subject: Your refund of 49 €\n"
                 "To: Jane Doe <jane@customer.example>, "
                 "Zoë <zoe@customer.example>\n"
                 "\n"
                 "We refund 49 EUR.\n")
    words = plain(new)
    for line in ("- Subject: Your refund", "+ Subject: Your refund of 49 €",
                 "- Goes to: joe@customer.example",
                 "+ Goes to: zoe@customer.example",
                 "- We refund 490 EUR.", "+ We refund 49 EUR."):
        assert any(got.startswith("| " + line)
                   for got in words.splitlines()), (line, words)
    view = d.json("show", number)
    assert [r["address"] for r in view["envelope"]["recipients"]] == [
        "jane@customer.example", "archive@agents.example",
        "zoe@customer.example"], view["envelope"]
    first = d.json("show", number, "--revision", "1")
    assert [r["address"] for r in first["envelope"]["recipients"]] == [
        "jane@customer.example", "joe@customer.example",
        "archive@agents.example"]
    names = {f["name"]: f["value"] for f in view["findings"]
             if f["name"] == "first-contact"}
    assert names, view["findings"]
    d.reply(new, f"approve {code_of(new)}\n")
    sender, rcpts, data = sent(d)
    assert sender == "bot@agents.example"
    assert sorted(rcpts) == sorted([
        "jane@customer.example", "archive@agents.example",
        "zoe@customer.example"]), rcpts
    out, was = parse(without_received(data)), parse(crlf(mail))
    assert out["Subject"] == "Your refund of 49 €"
    assert [a.addr_spec for a in out["To"].addresses] == [
        "jane@customer.example", "zoe@customer.example"]
    assert out["To"].addresses[1].display_name == "Zoë"
    for name in ("Message-ID", "Date", "From"):
        assert out[name] == was[name]
    assert out.get_content().split() == "We refund 49 EUR.".split()
    assert data.isascii()
    verify = d.json("audit", "verify")
    assert not verify.get("first_bad"), verify


@with_daemon
def test_only_the_subject(d):
    mail = draft("We refund 490 EUR.\n")
    number, code, notice = notice_of(d, mail)
    new = edited(d, number, notice, "edit\n\nSubject: Refund\n")
    assert "+ Subject: Refund" in plain(new)
    _, rcpts, data = approve(d, number)
    body = crlf(mail).split(b"\r\n\r\n", 1)[1]
    assert data.split(b"\r\n\r\n", 1)[1] == body
    assert parse(without_received(data))["Subject"] == "Refund"


@with_daemon
def test_header_lines_that_are_wrong_change_nothing(d):
    number, code, notice = notice_of(d, draft())
    for text, why in (
            ("Subject: a\nHello Jane,\n", "empty line"),
            ("Subject: a\nSubject: b\n\nx\n", "two lines Subject"),
            ("To: jane at customer\n\nx\n", "no address"),
            ("To:\n\nx\n", "nobody would get"),
            ("To: jane@kölner.example\n\nx\n", "written as xn--"),
            ("To: zoë@köln.example\n\nx\n", "only the agent itself"),
            ("To: team:;\n\nx\n", "name of a group")):
        assert d.reply(notice, "edit\n\n" + text)[0] == 250
        answer = plain(parse(d.inbox.wait()[0]))
        assert why in answer.replace("\n", " "), (text, answer)
        assert d.json("show", number)["revision"] == 1
    assert d.state_of(number) == "held"


def test_others_are_others_reviewers(folder):
    boss, reviewers = two_reviewers(folder)
    with closing(boss), closing(Daemon(folder, reviewers=reviewers,
                                       channels=CHANNELS)) as d:
        d.start()
        number, code, notice = notice_of(d, draft())
        assert d.json("show", number)["channel"] == "customers"
        d.ctl("edit", number, "--to", "news@press.example")
        view = d.json("show", number)
        assert view["channel"] == "press", view["channel"]
        assert view["ask"] == ["boss"], view["ask"]
        asked = parse(boss.wait()[0])
        assert "news@press.example" in plain(asked)
        # who may not decide for the press may not let it go
        refused = d.ctl("approve", number, ok=False)
        assert refused.returncode != 0 and "boss" in refused.stderr, refused
        d.reply(asked, f"approve {code_of(asked)}\n",
                sender="boss@reviewers.example")
        assert sent(d)[1] == ["news@press.example"]


@with_daemon
def test_hidden_recipients(d):
    number, code, notice = notice_of(
        d, draft(), rcpts=("jane@customer.example", "h1@agents.example",
                           "h2@agents.example"))
    d.ctl("edit", number, "--cc", "joe@customer.example")
    def goes():
        return {r["address"]
                for r in d.json("show", number)["envelope"]["recipients"]}
    assert goes() == {"jane@customer.example", "joe@customer.example",
                      "h1@agents.example", "h2@agents.example"}
    d.ctl("edit", number, "--bcc", "h2@agents.example, h3@agents.example")
    assert goes() == {"jane@customer.example", "joe@customer.example",
                      "h2@agents.example", "h3@agents.example"}
    d.ctl("edit", number, "--bcc", "", "--cc", "")
    assert goes() == {"jane@customer.example"}
    _, rcpts, data = approve(d, number)
    assert list(rcpts) == ["jane@customer.example"]
    assert b"Cc:" not in data and b"Bcc" not in data and b"h3@" not in data


@with_daemon
def test_the_same_mail_to_others_counts(d):
    """What is sent to somebody by an edit makes them known."""
    number, code, notice = notice_of(d, draft())
    d.ctl("edit", number, "--to", "zoe@customer.example")
    approve(d, number)
    d.wait_state(number, "sent")
    n2, *_ = notice_of(d, draft("Other words.\n", subject="Other",
                                to="zoe@customer.example"),
                       rcpts=("zoe@customer.example",))
    names = {f["name"] for f in d.json("show", n2)["findings"]}
    assert "first-contact" not in names, names


@with_daemon
def test_in_the_editor(d):
    number, code, notice = notice_of(d, draft("We refund 490 EUR.\n"))
    d.ctl("edit", number, env={
        "VISUAL": "", "EDITOR": "sed -i -e s/490/49/ "
        "-e 's/^Subject: .*/Subject: Refund/' "
        "-e 's/^To: .*/&, joe@customer.example/'"})
    view = d.json("show", number)
    assert view["subject"] == "Refund" and "49 EUR" in view["editable"]
    assert view["to"] == "jane@customer.example, joe@customer.example"
    assert len(view["envelope"]["recipients"]) == 2
    # a text that was deleted is not one that stays
    said = d.ctl("edit", number, ok=False, env={
        "VISUAL": "", "EDITOR": "sed -i -e '/^$/,$d'"})
    assert said.returncode != 0 and "the text is gone" in said.stderr, said
    assert "is kept in" in said.stderr
    Path(said.stderr.split("'")[-2]).unlink()
    # nothing of it changed
    said = d.ctl("edit", number, env={"VISUAL": "", "EDITOR": "true"})
    assert "nothing was changed" in said.stdout


@with_daemon
def test_a_header_that_is_not_changed_in_the_editor(d):
    raw = (b"From: bot@agents.example\r\n"
           b"To:  \"Doe, Jane\" <jane@customer.example>,\r\n\tteam:;\r\n"
           b"Subject: =?utf-8?Q?_two__blanks_=09=E2=80=AE?=  end \r\n"
           b"Message-ID: <odd@agents.example>\r\n\r\nText\r\n")
    number, code, notice = notice_of(d, raw)
    d.ctl("edit", number, env={
        "VISUAL": "", "EDITOR": "sed -i -e s/Text/Words/"})
    data = approve(d, number)[2]
    assert without_received(data) == raw.replace(b"Text", b"Words"), data


def whole(**fields):
    m = EmailMessage(policy=email.policy.SMTP)
    m["From"] = fields.pop("sender", "Support <bot@agents.example>")
    m["To"] = fields.pop("to", "jane@customer.example")
    m["Subject"] = fields.pop("subject", "A better mail")
    for name, value in fields.items():
        m[name.replace("_", "-")] = value
    m.set_content("Better words.\n")
    m.add_attachment(b"%PDF-1.4 new", maintype="application", subtype="pdf",
                     filename="offer.pdf")
    return m


@with_daemon
def test_a_whole_mail(d):
    mail = draft(In_Reply_To="<q@customer.example>",
                 References="<p@customer.example> <q@customer.example>",
                 X_Ticket="4711", Imprimatur_Why="asked twice")
    number, code, notice = notice_of(
        d, mail, rcpts=("jane@customer.example", "archive@agents.example"))
    path = d.folder / "new.eml"
    path.write_bytes(whole(
        Message_ID="<other@reviewers.example>", X_Mailer="Thunderbird",
        References="<notice@relay.test>", Imprimatur_Why="mine",
        Received="from here by there; Sat, 21 Nov 2026 06:55:40 +0000",
        Cc="joe@customer.example", Bcc="h@agents.example",
    ).as_bytes().replace(b"\r\n", b"\n"))
    d.ctl("edit", number, "--mail", str(path))
    view = d.json("show", number)
    assert view["context"]["why"] == "asked twice"
    assert [p["filename"] for p in view["parts"] if p["filename"]] == [
        "offer.pdf"]
    _, rcpts, data = approve(d, number)
    assert set(rcpts) == {"jane@customer.example", "joe@customer.example",
                          "h@agents.example"}, rcpts
    out, was = parse(without_received(data)), parse(crlf(mail))
    for name in ("Message-ID", "In-Reply-To", "References", "Date",
                 "X-Ticket"):
        assert str(out[name]) == str(was[name]), name
    assert out["Subject"] == "A better mail"
    for name in (b"Thunderbird", b"notice@relay.test", b"Bcc", b"Imprimatur-",
                 b"from here by there"):
        assert name not in data, name
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"JVBERi0xLjQgbmV3" in data


@with_daemon
def test_a_whole_mail_by_reply(d):
    number, code, notice = notice_of(d, draft())
    answer = EmailMessage(policy=email.policy.SMTP)
    answer["From"] = REVIEWER
    answer["To"] = notice["Reply-To"]
    answer["Subject"] = "Re: " + str(notice["Subject"])
    answer["Message-ID"] = "<a1@reviewers.example>"
    answer.set_content("edit\n")
    answer.add_attachment(whole(), filename="better.eml")
    assert d.reply(notice, "", raw=answer.as_bytes())[0] == 250
    letters = [plain(parse(raw)) for raw in d.inbox.wait(2)]
    assert any("Better words." in text for text in letters), letters
    view = d.json("show", number)
    assert view["revision"] == 2 and view["subject"] == "A better mail"
    _, _, data = approve(d, number)
    assert b"Better words." in data


@with_daemon
def test_a_whole_mail_of_somebody_else(d):
    number, code, notice = notice_of(d, draft())
    for mail, why in (
            (whole(sender="ceo@elsewhere.example"), "may not use"),
            (b"no mail at all\n", "From")):
        path = d.folder / "new.eml"
        path.write_bytes(mail if isinstance(mail, bytes) else mail.as_bytes())
        refused = d.ctl("edit", number, "--mail", str(path), ok=False)
        assert refused.returncode != 0 and why in refused.stderr, \
            refused.stderr
    assert d.json("show", number)["revision"] == 1


HTML = """<html><head><style>p { color: #333 }</style></head><body>
<p>Dear <b>Jane</b>,</p>
<p>we refund <span style="color:red">490 EUR</span> within <i>ten</i> days
for order&nbsp;77.</p>
<ul><li>one lamp</li><li>two bulbs &amp; more</li></ul>
</body></html>
"""
TEXT = """Dear Jane,

we refund 490 EUR within ten days
for order 77.

* one lamp
* two bulbs & more
"""


@with_daemon
def test_words_in_html(d):
    mail = draft(TEXT)
    mail.add_alternative(HTML, subtype="html")
    number, code, notice = notice_of(d, mail)
    new = edited(d, number, notice, "edit\n\n" + TEXT.replace(
        "490 EUR", "49 EUR").replace("one lamp", "one <blue> lamp"))
    assert "into the HTML part" in plain(new), plain(new)
    _, _, data = approve(d, number)
    out = parse(without_received(data))
    html = out.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert html == HTML.replace("490 EUR", "49 EUR").replace(
        "one lamp", "one &lt;blue&gt; lamp"), html


@with_daemon
def test_thirty_parts(d):
    mail = draft("We refund 490 EUR.\n")
    for n in range(29):
        mail.add_attachment(bytes(range(256)) * (n + 1),
                            maintype="application", subtype="octet-stream",
                            filename=f"part{n}.bin")
    raw = crlf(mail)
    number, code, notice = notice_of(d, mail)
    edited(d, number, notice,
           "edit\n\nSubject: Refund\n\nWe refund 49 EUR.\n")
    _, _, data = approve(d, number)
    boundary = b"--" + mail.get_boundary().encode()
    was, now = raw.split(boundary), without_received(data).split(boundary)
    assert len(was) == len(now) == 32
    assert was[2:] == now[2:]


@with_daemon
def test_sixty_kilobytes(d):
    text = "".join(f"Line {n} of a long mail, which says {n * 7}.\n"
                   for n in range(1500))
    assert len(text) > 60000
    number, code, notice = notice_of(d, draft(text))
    words = text.replace("Line 700 of", "Row 700 of")
    d.ctl("edit", number, "--text", "-", stdin=words)
    assert d.json("show", number)["editable"] == words
    _, _, data = approve(d, number)
    assert b"Row 700 of" in data and data.count(b"\r\nLine ") == 1499


SIGNED = (b"From: bot@agents.example\r\nTo: jane@customer.example\r\n"
          b"Subject: s\r\nMessage-ID: <s@agents.example>\r\n"
          b"MIME-Version: 1.0\r\nContent-Type: multipart/signed; "
          b"protocol=\"application/pkcs7-signature\"; micalg=sha-256; "
          b"boundary=b\r\n\r\n--b\r\n\r\nWe refund 490 EUR.\r\n--b\r\n"
          b"Content-Type: application/pkcs7-signature\r\n\r\nMIA=\r\n"
          b"--b--\r\n")


@with_daemon
def test_signed_mail_is_left_alone(d):
    number, code, notice = notice_of(d, SIGNED)
    for option in (("--text", "-"), ("--subject", "x"),
                   ("--to", "joe@customer.example"), ("--mail", "-")):
        refused = d.ctl("edit", number, *option, ok=False,
                        stdin=whole().as_string())
        assert refused.returncode != 0 and "signed" in refused.stderr, \
            (option, refused.stderr)
    assert approve(d, number)[2].endswith(SIGNED.split(b"\r\n\r\n", 1)[1])


@with_daemon
def test_signatures_that_break_go(d):
    raw = (b"DKIM-Signature: v=1; a=rsa-sha256; d=agents.example; s=a; "
           b"h=from:subject; bh=x; b=y\r\n" + crlf(draft()))
    number, code, notice = notice_of(d, raw)
    new = edited(d, number, notice, "edit\n\nSubject: Refund\n")
    assert "signatures" in plain(new)
    assert b"DKIM-Signature" not in approve(d, number)[2]


@with_daemon
def test_a_restart_keeps_old_envelopes(d):
    number, code, notice = notice_of(d, draft())
    d.ctl("edit", number, "--to", "zoe@customer.example")
    d.ctl("edit", number, "--to", "joe@customer.example, zoe@customer.example")
    d.kill()
    d.start()
    goes = [[r["address"] for r in d.json("show", number, "--revision", str(n))
             ["envelope"]["recipients"]] for n in (1, 2, 3)]
    assert goes[0] == ["jane@customer.example"]
    assert goes[1] == ["zoe@customer.example"]
    assert sorted(goes[2]) == ["joe@customer.example", "zoe@customer.example"]
    for n in (1, 2, 3):  # hashed again, each with the envelope it had
        assert d.ctl("show", number, "--raw", "--revision", str(n)).stdout
    verify = d.json("audit", "verify")
    assert not verify.get("first_bad"), verify


def answer(notice, text, name):
    """The bytes of a reply, to be delivered as often as one likes."""
    m = EmailMessage(policy=email.policy.SMTP)
    m["From"] = REVIEWER
    m["To"] = notice["Reply-To"].addresses[0].addr_spec
    m["Subject"] = "Re: " + str(notice["Subject"])
    m["Message-ID"] = f"<{name}@reviewers.example>"
    m.set_content(text)
    return m.as_bytes()


@with_daemon
def test_the_same_edit_twice_is_one(d):
    number, code, notice = notice_of(d, draft("One.\n"))
    raw = answer(notice, "edit\n\nTwo.\n", "a1")
    assert d.reply(notice, "", raw=raw)[0] == 250
    d.inbox.wait(2)
    assert d.reply(notice, "", raw=raw)[0] == 250
    said = plain(d.inbox.message())
    assert "You already edited draft 1 by mail" in said, said
    assert d.json("show", number)["revision"] == 2
    # also when the draft is as it was again: what was said was said
    d.ctl("edit", number, "--text", "-", stdin="One.\n")
    view = d.json("show", number)
    assert view["revision"] == 3 and view["code"] == code
    d.inbox.wait()
    assert d.reply(notice, "", raw=raw)[0] == 250
    again = d.json("show", number)
    assert again["revision"] == 3 and again["text"] == "One.\n", again
    # another person's words, or a new mail, are another edit
    assert d.reply(notice, "", raw=answer(
        notice, "edit\n\nTwo.\n", "a2"))[0] == 250
    assert d.json("show", number)["revision"] == 4


@with_daemon
def test_show_tells_what_changed(d):
    number, code, notice = notice_of(d, draft("We refund 490 EUR.\n"))
    assert "changed" not in d.ctl("show", number).stdout
    new = edited(d, number, notice, "edit\n\nSubject: Your refund\n\n"
                 "We refund 49 EUR.\n")
    shown = d.ctl("show", number).stdout
    for line in ("What you changed:", "| - We refund 490 EUR.",
                 "| + We refund 49 EUR.", '| ~ "490" is now "49"',
                 "| + Subject: Your refund", "The whole new text:"):
        assert line in shown.splitlines(), (line, shown)
        assert line in plain(new), (line, plain(new))


@with_daemon
def test_an_attached_mail_with_parts_of_the_notice(d):
    number, code, notice = notice_of(d, draft())
    token = notice["Reply-To"].addresses[0].addr_spec
    for text in (f"Better.\n\nOn Monday, {token} wrote:\n> x\n",
                 "Better.\n\n" + plain(notice)):
        m = EmailMessage(policy=email.policy.SMTP)
        m["From"] = "Support <bot@agents.example>"
        m["To"] = "jane@customer.example"
        m["Subject"] = "Better"
        m.set_content(text, cte="base64")
        outer = EmailMessage(policy=email.policy.SMTP)
        outer["From"] = REVIEWER
        outer["To"] = token
        outer["Subject"] = "Re: x"
        outer["Message-ID"] = f"<{len(text)}@reviewers.example>"
        outer.set_content("edit\n")
        outer.add_attachment(m, filename="better.eml")
        assert d.reply(notice, "", raw=outer.as_bytes())[0] == 250
        said = plain(d.inbox.message())
        assert "parts of the notice" in said.replace("\n", " "), said
    assert d.json("show", number)["revision"] == 1


def test_mail_of_any_size_is_not_made(folder):
    with closing(Daemon(folder, limits='message_size = "64K";')) as d:
        d.start()
        number, code, notice = notice_of(d, draft())
        for option, words, why in (
                ("--text", "many words\n" * 7000, "limits.message_size"),
                ("--mail", whole().as_string() + "x" * 1000 + "\n", "998")):
            refused = d.ctl("edit", number, option, "-", ok=False,
                            stdin=words)
            assert refused.returncode != 0, refused
            assert why in refused.stderr, refused.stderr
        assert d.json("show", number)["revision"] == 1


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
