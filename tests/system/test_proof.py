"""Who really wrote a reply: DKIM, Authentication-Results, S/MIME; and drafts
that are signed when they leave."""

import base64
import email.policy
import os
import re
import smtplib
import socket
import subprocess
import sys
import time
from contextlib import closing
from email.message import EmailMessage

import debian  # noqa: F401
import dkim
import harness
from harness import REVIEWER, Daemon, draft, envelope_of, parse, plain
from nameserver import FAILS, SILENT, NameServer

DOMAIN = "reviewers.example"
KEY_NAME = f"s1._domainkey.{DOMAIN}"
_keys = {}


def rsa(bits=2048):
    """A private key (PEM) and the record that publishes it."""
    if bits not in _keys:
        pem = subprocess.run(["openssl", "genrsa", str(bits)], check=True,
                             capture_output=True).stdout
        der = subprocess.run(
            ["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem,
            check=True, capture_output=True).stdout
        _keys[bits] = (pem, "v=DKIM1; k=rsa; p="
                       + base64.b64encode(der).decode())
    return _keys[bits]


def proving(zone=None, level="aligned", review="", reviewer="", extra="",
            deadline="10s", daemon=Daemon, **kw):
    """A test with a daemon whose only reviewer must prove what they write."""
    def decorate(test):
        def wrapped(folder):
            with closing(NameServer(zone)) as ns:
                inbox = folder / "inbox"
                reviewers = f"""{{ name = "you"; address = "{REVIEWER}";
                    maildir = "{inbox}"; users = [ {os.getuid()} ];
                    admin = true; level = "{level}"; {reviewer} }}"""
                with closing(daemon(folder, reviewers=reviewers,
                        review=review, extra=f"""dns = {{
                            servers = [ "127.0.0.1:{ns.port}" ];
                            deadline = "{deadline}"; }};
                            {extra.format(folder=folder)}""", **kw)) as d:
                    d.ns = ns
                    if level == "signed":
                        certificates(folder)
                    d.start()
                    test(d)
                    d.stop()
                    assert "AddressSanitizer" not in d.log()
        wrapped.__name__ = test.__name__
        wrapped.__code__ = wrapped.__code__.replace(
            co_firstlineno=test.__code__.co_firstlineno)
        return wrapped
    return decorate


def asked(d):
    number, _ = d.held(draft())
    return number, d.inbox.message()


def answer(notice, text="approve\n", header_from=REVIEWER, **fields):
    m = EmailMessage(policy=email.policy.SMTP)
    m["From"] = header_from
    m["To"] = notice["Reply-To"].addresses[0].addr_spec
    m["Subject"] = "Re: " + str(notice["Subject"])
    m["Message-ID"] = f"<{time.time_ns()}@{DOMAIN}>"
    m["Date"] = "Sat, 21 Nov 2026 08:00:00 +0000"
    for name, value in fields.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    return m.as_bytes()


def signed(raw, domain=DOMAIN, selector=b"s1", bits=2048, **kw):
    return dkim.sign(raw, selector, domain.encode(), rsa(bits)[0], **kw) + raw


def send(d, notice, raw):
    return d.reply(notice, "", raw=raw)


def decided(d, number, notice, raw):
    code, said = send(d, notice, raw)
    assert code == 250, (code, said)
    d.wait_state(number, "sent")
    d.outbox.wait()


def refused(d, number, notice, raw, *why):
    """550, nothing decided; the answer."""
    code, said = send(d, notice, raw)
    assert code == 550, (code, said)
    for word in why:
        assert word in said, said
    assert d.state_of(number) == "held"
    assert d.outbox.fresh() == []
    return said


GOOD = {KEY_NAME: [rsa()[1]]}


# ---- DKIM ----


@proving(GOOD)
def test_a_signature_of_its_domain_is_believed(d):
    number, notice = asked(d)
    decided(d, number, notice, signed(answer(notice)))
    assert f"DKIM signature of {DOMAIN}" in d.log()
    d.inbox.message()  # the receipt


@proving(GOOD)
def test_a_token_alone_is_not_enough_and_that_is_said_once(d):
    number, notice = asked(d)
    for _ in range(3):
        refused(d, number, notice, answer(notice), "no DKIM signature")
    told = d.inbox.wait()
    assert len(told) == 1
    text = plain(parse(told[0]))
    assert "not proven" in text and "Nothing was decided" in text
    decided(d, number, notice, signed(answer(notice)))


@proving(GOOD)
def test_what_was_changed_is_not_believed(d):
    number, notice = asked(d)
    good = signed(answer(notice, "drop\n"))
    refused(d, number, notice, good.replace(b"\r\ndrop", b"\r\napprove"),
            "does not fit")
    long = signed(answer(notice, "approve\n"), length=True)
    refused(d, number, notice, long + b"more\r\n", "l=")
    refused(d, number, notice, long, "l=")
    refused(d, number, notice, good.replace(b"Subject: Re", b"Subject: Fw"),
            "signature")


@proving(GOOD | {"s1._domainkey.agents.example": [rsa()[1]],
                 "_dmarc.reviewers.example": ["v=DMARC1; p=none"]})
def test_another_domain_proves_nothing(d):
    number, notice = asked(d)
    refused(d, number, notice,
            signed(answer(notice), domain="agents.example"))
    # of somebody of that domain, with the token
    code, _ = send(d, notice, signed(answer(
        notice, header_from="eve@agents.example"), domain="agents.example"))
    assert code == 250 and d.state_of(number) == "held"
    assert not d.ns.asked


@proving(GOOD)
def test_what_is_not_covered_is_not_believed(d):
    number, notice = asked(d)
    refused(d, number, notice, signed(
        answer(notice), include_headers=[b"From", b"To", b"Subject"]), "Date")
    other = answer(notice).replace(
        notice["Reply-To"].addresses[0].addr_spec.encode(),
        b"someone@reviewers.example")
    refused(d, number, notice, signed(other), "address of the notice")
    twice = signed(answer(notice))
    refused(d, number, notice, b"Subject: other\r\n" + twice, "twice")
    refused(d, number, notice, b"To: other@x.example\r\n" + twice, "twice")


MICROSOFT = [b"From", b"Date", b"Subject", b"Message-ID", b"Content-Type",
             b"MIME-Version"]


@proving(GOOD)
def test_a_signature_that_does_not_say_to_whom(d):
    number, notice = asked(d)
    code = harness.code_of(notice)
    assert send(d, notice, signed(
        answer(notice), include_headers=MICROSOFT))[0] == 250
    assert f"approve {code}" in plain(d.inbox.message())
    assert d.state_of(number) == "held"
    other = answer(notice, f"approve {code}\n").replace(
        notice["Reply-To"].addresses[0].addr_spec.encode(),
        b"someone@reviewers.example")
    refused(d, number, notice, signed(other, include_headers=MICROSOFT),
            "address of the notice")
    decided(d, number, notice, signed(
        answer(notice, f"approve {code}\n"), include_headers=MICROSOFT))


def copies(raw):
    """A mail as its signature lets others change it."""
    yield raw
    yield re.sub(rb"Message-ID: <", b"Message-ID: <x", raw)
    yield re.sub(rb"Message-ID: .*\r\n", b"", raw)
    yield re.sub(rb"Message-ID: .*\r\n", b"", raw) + b"\r\n \r\n\r\n"
    yield raw.replace(b"Date: Sat, ", b"Date:  Sat, \r\n\t ")


@proving(GOOD, review='undo = "1h";')
def test_an_old_answer_is_no_new_one(d):
    number, notice = asked(d)
    old = signed(answer(notice), include_headers=[
        b"From", b"To", b"Cc", b"Subject", b"Date"],
        canonicalize=(b"relaxed", b"relaxed"))
    assert send(d, notice, old)[0] == 250
    d.wait_state(number, "approved")
    assert send(d, notice, signed(answer(notice, "undo\n")))[0] == 250
    d.wait_state(number, "held")
    for n, raw in enumerate(copies(old)):
        assert send(d, notice, raw)[0] == 250, n
        assert d.state_of(number) == "held", n
    # what is said anew is heard
    new = answer(notice).replace(b"08:00:00", b"08:00:01")
    assert send(d, notice, signed(new))[0] == 250
    d.wait_state(number, "approved")


@proving({KEY_NAME: [rsa(1024)[1] + "; t=y"]})
def test_a_domain_that_only_tries_dkim(d):
    number, notice = asked(d)
    refused(d, number, notice, signed(answer(notice), bits=1024), "t=y")
    d.ns.zone[KEY_NAME] = ["v=DKIM1; k=rsa; p="]
    refused(d, number, notice, signed(answer(notice), bits=1024))
    d.ns.zone[KEY_NAME] = [rsa(1024)[1]] * 2
    refused(d, number, notice, signed(answer(notice), bits=1024))
    d.ns.zone[KEY_NAME] = [rsa(1024)[1]]
    decided(d, number, notice, signed(answer(notice), bits=1024))


class Expiring(dkim.DKIM):
    """Signs with an end (x=), which dkimpy does not by itself."""

    end = b""

    def gen_header(self, fields, *args, **kw):
        fields.insert(-1, (b"x", self.end))
        return super().gen_header(fields, *args, **kw)


def expiring(raw, end):
    signer = Expiring(raw)
    signer.end = str(int(end)).encode()
    return signer.sign(b"s1", DOMAIN.encode(), rsa()[0]) + raw


@proving(GOOD)
def test_an_expired_signature(d):
    number, notice = asked(d)
    raw = answer(notice)
    real = time.time
    try:
        time.time = lambda: real() - 864000
        old = expiring(raw, real() - 432000)
    finally:
        time.time = real
    refused(d, number, notice, old, "expired")
    decided(d, number, notice, expiring(raw, time.time() + 86400))


@proving({"s1._domainkey.mail.reviewers.example": [rsa()[1]]})
def test_relaxed_alignment_unless_the_domain_is_strict(d):
    number, notice = asked(d)
    of_mail = signed(answer(notice), domain="mail.reviewers.example")
    d.ns.zone["_dmarc.reviewers.example"] = ["v=DMARC1; p=none; adkim=s"]
    refused(d, number, notice, of_mail)
    d.ns.zone["_dmarc.reviewers.example"] = FAILS
    assert send(d, notice, of_mail)[0] == 451
    assert d.state_of(number) == "held"
    d.ns.zone["_dmarc.reviewers.example"] = ["v=DMARC1; p=none"]
    decided(d, number, notice, of_mail)


@proving({KEY_NAME: FAILS}, deadline="1s")
def test_nobody_knows_is_not_no(d):
    number, notice = asked(d)
    raw = signed(answer(notice))
    assert send(d, notice, raw)[0] == 451
    d.ns.zone[KEY_NAME] = SILENT
    assert send(d, notice, raw)[0] == 451
    assert d.state_of(number) == "held" and d.inbox.fresh() == []
    del d.ns.zone[KEY_NAME]
    refused(d, number, notice, raw, "not in the DNS")
    d.ns.zone[KEY_NAME] = [rsa()[1]]
    decided(d, number, notice, raw)


@proving(GOOD | {KEY_NAME: SILENT}, deadline="60s")
def test_the_end_does_not_wait_for_name_servers(d):
    number, notice = asked(d)
    raw = signed(answer(notice))
    with d.smtp(login=False) as client:
        client.ehlo()
        client.mail(REVIEWER)
        client.rcpt(notice["Reply-To"].addresses[0].addr_spec)
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(raw + b".\r\n")
        until = time.monotonic() + harness.PATIENCE
        while KEY_NAME not in d.ns.asked:
            assert time.monotonic() < until
            time.sleep(0.01)
        start = time.monotonic()
        d.stop()
        assert time.monotonic() - start < 50
        client.close()
    d.ns.zone[KEY_NAME] = [rsa()[1]]
    d.start()
    assert d.state_of(number) == "held"
    decided(d, number, notice, raw)


@proving({KEY_NAME: [rsa(4096)[1], "x" * 3000]})
def test_a_large_key_comes_over_tcp(d):
    number, notice = asked(d)
    raw = signed(answer(notice), bits=4096)
    refused(d, number, notice, raw)  # two records: nobody knows which
    d.ns.zone[KEY_NAME] = [rsa(4096)[1]]
    decided(d, number, notice, raw)


@proving(GOOD, level="token")
def test_token_is_enough_from_who_is_trusted(d):
    number, notice = asked(d)
    decided(d, number, notice, answer(notice))
    assert not d.ns.asked


# ---- Authentication-Results ----


RESULTS = ("mx.example.com; spf=pass smtp.mailfrom=reviewers.example;\r\n"
           " dmarc=pass (p=none dis=none) header.from=reviewers.example")


def with_results(raw, *fields):
    return b"".join(f"Authentication-Results: {f}\r\n".encode()
                    for f in fields) + raw


@proving(review='authserv = [ "mx.example.com" ];')
def test_a_named_host_is_believed(d):
    number, notice = asked(d)
    decided(d, number, notice, with_results(answer(notice), RESULTS))
    assert "Authentication-Results of mx.example.com" in d.log()


@proving(review='authserv = [ "mx.example.com" ];')
def test_only_the_topmost_results_count(d):
    number, notice = asked(d)
    raw = answer(notice)
    for fields in (
            ["other.example.com; dkim=none", RESULTS],
            [RESULTS.replace("mx.example.com", "evil.example")],
            [RESULTS.replace("dmarc=pass", "dmarc=fail")],
            [RESULTS.replace("dmarc=pass", "dmarc=none")],
            ["mx.example.com; none", RESULTS],
            [RESULTS.replace("from=reviewers", "from=evil")],
            ["mx.example.com; spf=pass smtp.mailfrom=reviewers.example"],
            ['evil.example (mx.example.com; dmarc=pass header.from='
             'reviewers.example); dkim=none'],
            ['mx.example.com; dkim=fail reason="; dmarc=pass '
             'header.from=reviewers.example"'],
            ["mx.example.com; dkim=fail (bad; dmarc=pass header.from="
             "reviewers.example) header.d=reviewers.example"],
            ["mx.example.com; dkim=pass header.d=evil.example"],
            ["mx.example.com; dkim=pass header.d=example"],
            ["mx.example.com; dkim=pass header.d=reviewers.example; "
             "dmarc=fail header.from=reviewers.example"],
            ["mx.example.com (; dmarc=pass header.from=reviewers.example"]):
        refused(d, number, notice, with_results(raw, *fields))
    decided(d, number, notice, with_results(
        raw, "mx.example.com 1; dkim = pass (2048 bit) header.d = "
        "reviewers.example header.s=s1"))


@proving(GOOD)
def test_nobody_is_named(d):
    number, notice = asked(d)
    refused(d, number, notice, with_results(answer(notice), RESULTS))


# ---- from elsewhere ----


def own_address():
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # a route is looked for, no more
        except OSError:
            harness.skip("this machine has no address but loopback")
        found = s.getsockname()[0]
    if found.startswith("127."):
        harness.skip("this machine has no address but loopback")
    return found


class Elsewhere(Daemon):
    """Reviews come in from an address that nobody lists."""

    def start(self, **kw):
        self.address = own_address()
        sock = socket.create_server((self.address, 0))
        self.public = sock.getsockname()[1]
        if len(self.sockets) == 1:
            self.sockets.append(sock)
            self.conf.write_text(self.conf.read_text().replace(
                "listeners = (", f"""listeners = ( {{
                address = "{self.address}"; port = {self.public};
                tls = "none"; agents = false; reviews = true; }},"""))
        return super().start(**kw)

    def bring(self, notice, raw):
        to = notice["Reply-To"].addresses[0].addr_spec
        with smtplib.SMTP(self.address, self.public,
                          timeout=harness.PATIENCE) as client:
            client.ehlo("client.test")
            client.mail(REVIEWER)
            code, said = client.rcpt(to)
            assert code == 250, said
            code, said = client.data(raw)
        return code, said.decode()


@proving(GOOD, level="token", review='authserv = [ "mx.example.com" ];',
         daemon=Elsewhere)
def test_from_elsewhere_only_a_signature_counts(d):
    number, notice = asked(d)
    raw = answer(notice)
    for unproven in (raw, with_results(raw, RESULTS)):
        code, said = d.bring(notice, unproven)
        assert code == 550 and "not proven" in said, (code, said)
    assert d.state_of(number) == "held"
    assert d.bring(notice, signed(raw))[0] == 250
    d.wait_state(number, "sent")


# ---- S/MIME ----


def certificates(folder):
    for name in ("you", "eve"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-keyout", folder / f"{name}.key", "-out",
             folder / f"{name}.pem", "-days", "2", "-subj",
             f"/CN={name}/emailAddress={REVIEWER}"],
            check=True, capture_output=True)


def smime(d, text, who="you", opaque=False, digest="sha256", options=()):
    """A MIME entity signed by openssl: header fields and body."""
    return subprocess.run(
        ["openssl", "cms", "-sign", "-signer", d.folder / f"{who}.pem",
         "-inkey", d.folder / f"{who}.key", "-md", digest, "-outform",
         "SMIME", *options, *(["-nodetach"] if opaque else [])],
        input=("Content-Type: text/plain; charset=utf-8\r\n\r\n"
               + text).encode(),
        check=True, capture_output=True).stdout.replace(
            b"\r\n", b"\n").replace(b"\n", b"\r\n")


def envelop(notice, entity):
    """An entity under the header of an answer."""
    head = answer(notice).split(b"\r\n\r\n")[0].split(b"\r\n")
    keep = [h for h in head if not h.lower().startswith(
        (b"content-", b"mime-version"))]
    return b"\r\n".join(keep) + b"\r\n" + entity


SIGNED = {"level": "signed", "reviewer": 'certificate = "you.pem";'}


@proving(**SIGNED)
def test_smime_by_the_reviewers_certificate(d):
    number, notice = asked(d)
    decided(d, number, notice, envelop(notice, smime(d, "approve\r\n")))
    d.inbox.message()
    number, notice = asked(d)
    decided(d, number, notice,
            envelop(notice, smime(d, "approve\r\n", opaque=True)))
    assert "S/MIME" in d.log()


@proving(review='undo = "1h";', **SIGNED)
def test_an_old_smime_answer_is_no_new_one(d):
    number, notice = asked(d)
    entity = smime(d, "approve\r\n")
    assert send(d, notice, envelop(notice, entity))[0] == 250
    d.wait_state(number, "approved")
    assert send(d, notice, envelop(notice, smime(d, "undo\r\n")))[0] == 250
    d.wait_state(number, "held")
    # the outer header is anybody's: another id, another date
    raw = envelop(notice, entity)
    for copy in (raw, re.sub(rb"Date: .*\r\n", b"", raw),
                 re.sub(rb"Message-ID: .*\r\n", b"", raw)):
        assert send(d, notice, copy)[0] == 250
        assert d.state_of(number) == "held"


@proving(GOOD, **SIGNED)
def test_nothing_but_that_certificate(d):
    number, notice = asked(d)
    refused(d, number, notice, answer(notice), "not signed with S/MIME")
    refused(d, number, notice, signed(answer(notice)))
    for opaque in (False, True):
        refused(d, number, notice, envelop(notice, smime(
            d, "approve\r\n", who="eve", opaque=opaque)), "certificate")
        refused(d, number, notice, envelop(notice, smime(
            d, "approve\r\n", opaque=opaque, digest="sha1")), "weak")
    good = envelop(notice, smime(d, "drop it\r\n"))
    refused(d, number, notice,
            good.replace(b"drop it", b"approve"), "changed")


@proving(**SIGNED)
def test_what_is_decided_on_is_what_was_signed(d):
    number, notice = asked(d)
    entity = smime(d, "some words\r\n")
    # unsigned text around and before the signed one
    raw = envelop(notice, entity)
    head, body = raw.split(b"\r\n\r\n", 1)
    assert send(d, notice, head + b"\r\n\r\napprove\r\n" + body)[0] == 250
    mixed = (b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "
             b"boundary=zz\r\n\r\n--zz\r\nContent-Type: text/plain\r\n\r\n"
             b"approve\r\n--zz\r\n" + entity + b"\r\n--zz--\r\n")
    refused(d, number, notice, envelop(notice, mixed), "not signed")
    assert d.state_of(number) == "held"
    # three parts, of which the first is not what was signed
    bound = head.split(b'boundary="')[1].split(b'"')[0]
    extra = body.replace(
        b"--" + bound, b"--" + bound + b"\r\nContent-Type: text/plain\r\n\r\n"
        b"approve\r\n--" + bound, 1)
    refused(d, number, notice, head + b"\r\n\r\n" + extra)


# ---- what leaves is signed ----


def signing(options=""):
    """As proving(), with a key for the agents' domain."""
    def decorate(test):
        def wrapped(folder):
            key = folder / "dkim.pem"
            key.write_bytes(rsa()[0])
            key.chmod(0o600)
            with closing(Daemon(folder, extra=f"""dkim = ( {{
                    domain = "agents.example"; selector = "out";
                    key_file = "dkim.pem"; {options} }} );""")) as d:
                d.start()
                test(d)
                d.stop()
                assert "PRIVATE KEY" not in d.log()
        wrapped.__name__ = test.__name__
        wrapped.__code__ = wrapped.__code__.replace(
            co_firstlineno=test.__code__.co_firstlineno)
        return wrapped
    return decorate


def verifies(raw):
    """By a verifier that is not ours."""
    def lookup(name, timeout=5):
        assert name.rstrip(b".") == b"out._domainkey.agents.example", name
        return rsa()[1].encode()
    return dkim.verify(raw, dnsfunc=lookup)


def released(d, number, notice, code=""):
    d.reply(notice, f"approve {code}\n")
    d.wait_state(number, "sent")
    return envelope_of(d.outbox.wait()[0])[2]


def with_attachment():
    m = draft("Gr\u00fc\u00dfe, .\n.\n..dots\n\n\n")
    m.add_attachment(bytes(range(256)) * 40, maintype="application",
                     subtype="octet-stream", filename="list.bin")
    return m


@signing()
def test_what_leaves_is_signed(d):
    for mail in (draft(), with_attachment(),
                 draft("x" * 900 + "\n", Bcc="boss@agents.example")):
        number, _ = d.held(mail)
        raw = released(d, number, d.inbox.message())
        assert raw.startswith(b"DKIM-Signature: "), raw[:80]
        assert verifies(raw)
        assert not verifies(raw.replace(b"Subject: ", b"Subject: x", 1))
        assert not verifies(b"Subject: other\r\n" + raw)
        assert not verifies(raw + b"more\r\n")
        d.inbox.message()  # the receipt


@signing("edited = true;")
def test_only_what_was_edited_is_signed(d):
    number, _ = d.held(draft())
    assert b"DKIM-Signature" not in released(d, number, d.inbox.message())
    d.inbox.message()
    number, _ = d.held(draft())
    notice = d.inbox.message()
    d.reply(notice, "edit\n\nIt is on its way, promised.\n")
    letters = [parse(raw) for raw in d.inbox.wait(2)]
    new = next(m for m in letters if m["Reply-To"]
               and re.search(r"approve [A-Z2-7]{6}", plain(m)))
    raw = released(d, number, new, harness.code_of(new))
    assert b"promised" in raw and verifies(raw)


def wait_log(d, words):
    until = time.monotonic() + harness.PATIENCE
    while words not in d.log():
        assert time.monotonic() < until, d.log()[-3000:]
        time.sleep(0.02)


@signing()
def test_what_cannot_be_signed_stays_here(d):
    # its header names two types: what it says depends on who reads it
    raw = harness.crlf(draft()).replace(
        b"Content-Type: text/plain", b"Content-Type: text/html\r\n"
        b"Content-Type: text/plain", 1)
    number, _ = d.held(raw)
    notice = d.inbox.message()
    d.reply(notice, "approve\n")
    wait_log(d, "not-signed")
    assert d.outbox.fresh() == []
    d.wait_state(number, "approved")


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
