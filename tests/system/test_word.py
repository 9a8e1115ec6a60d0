"""Word back to the agent: webhooks that are signed, in order and come at least
once; reports of every kind; the API that agents ask with their own credential.
"""

import base64
import contextlib
import http.client
import http.server
import json
import queue
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import harness
from harness import (Daemon, PATIENCE, SECRET, TOP, certificate, draft,
                     envelope_of, parse)

HOOK_SECRET = "0123456789abcdef0123456789abcdef"


class Receiver:
    """An HTTPS server that keeps what is posted; answers lists what it says,
    then it says 204."""

    def __init__(self, folder, port=0, answers=()):
        self.seen = queue.Queue()
        self.answers = list(answers)
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)
        if not (self.folder / "cert.pem").exists():
            certificate(self.folder, "localhost")
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                outer.seen.put(("GET", self.path, self.headers, b""))
                self.answer(204)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if outer.answers else 204
                outer.seen.put((status, self.path, self.headers, body))
                self.answer(status)

            def answer(self, status):
                if status == 299:  # taken, and the end is not a clean one
                    self.wfile.write(b"HTTP/1.0 299 Fine\r\n\r\nthank you")
                    self.close_connection = True
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "cert.pem",
                                self.folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket,
                                                 server_side=True)
        # who is killed does not say goodbye
        self.server.handle_error = lambda *_: None
        self.port = self.server.server_address[1]
        self.url = f"https://localhost:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def next(self):
        """The next event that was taken or not; checks its signature."""
        status, path, headers, body = self.seen.get(timeout=PATIENCE)
        assert path == "/hook", path
        check_signature(headers, body)
        event = json.loads(body)
        assert headers["Imprimatur-Event-Id"] == str(event["event_id"])
        assert headers["Imprimatur-Event"] == event["event"]
        return status, event

    def events(self, n):
        """The next n that were taken."""
        taken = []
        while len(taken) < n:
            status, event = self.next()
            if status in (204, 299):
                taken.append(event)
        return taken

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def example():
    """The check that imprimatur-agent(7) gives to copy."""
    manual = (TOP / "doc/imprimatur-agent.7").read_text()
    code = re.search(r"^import hashlib.*?(?=^\.Ed)", manual, re.M | re.S)
    given = {}
    exec(code.group(0), given)
    return given["is_genuine"]


IS_GENUINE = example()


def check_signature(headers, body):
    assert IS_GENUINE(HOOK_SECRET, headers, body)
    at = int(headers["Imprimatur-Signature"].split(",")[0].split("=")[1])
    assert not IS_GENUINE(HOOK_SECRET + "x", headers, body)
    assert not IS_GENUINE(HOOK_SECRET, headers, body + b" ")
    assert not IS_GENUINE(HOOK_SECRET, headers, body, at + 301)
    assert not IS_GENUINE(HOOK_SECRET, {"Imprimatur-Signature": None}, body)


def daemon(folder, receiver=None, bot="", hook="", ca=None, **kw):
    secret = folder / "hook.secret"
    secret.write_text(HOOK_SECRET + "\n")
    secret.chmod(0o600)
    if receiver is not None:
        bot += f"""webhook = {{ url = "{receiver.url}";
          secret_file = "{secret}"; retry_first = "1s"; retry_most = "2s";
          ca_file = "{ca or receiver.folder / 'ca.pem'}"; {hook} }};"""
    return Daemon(folder, bot=bot, **kw)


def with_hook(test):
    def run(folder):
        with closing(Receiver(folder / "hook")) as receiver:
            with closing(daemon(folder, receiver)) as d:
                d.start()
                test(d, receiver)
                said = d.log()
                assert HOOK_SECRET not in said and SECRET not in said
                d.stop()
    run.__name__ = test.__name__
    return run


def applied(text, diff):
    """The text that a unified difference makes of another; by patch(1)."""
    with tempfile.TemporaryDirectory() as at:
        old = Path(at) / "text"
        old.write_text(text)
        run = subprocess.run(["patch", "-s", "-u", old], input=diff, text=True,
                             capture_output=True)
        assert run.returncode == 0, (run.stdout, run.stderr)
        return old.read_text()


@with_hook
def test_an_approved_draft_is_told_from_held_to_sent(d, receiver):
    mail = draft("We refund 490 EUR.\n\nYours,\nthe bot\n")
    number, code = d.held(mail)
    [held] = receiver.events(1)
    assert held["event"] == "held" and held["who"] == "rule", held
    assert held["draft"]["id"] == number and held["draft"]["code"] == code
    assert held["draft"]["message_id"] == str(mail["Message-ID"])
    assert held["draft"]["agent"] == "bot" and not held["draft"]["edited"]
    assert "text" not in held and "diff" not in held
    edit(d, number)
    [edited] = receiver.events(1)
    assert edited["event"] == "edited" and edited["who"] == "reviewer"
    assert edited["draft"]["edited"] and edited["draft"]["revision"] == 2
    assert "We refund 49 EUR." in edited["text"]
    d.ctl("approve", number, edited["draft"]["code"])
    approved, sent = receiver.events(2)
    assert [approved["event"], sent["event"]] == ["approved", "sent"]
    assert approved["who"] == "reviewer" and sent["who"] == "relay"
    assert approved["draft"]["leaves"] or sent["draft"]["state"] == "sent"
    assert sent["draft"]["recipients"][0]["state"] == "sent"
    assert sent["draft"]["sha256"] == edited["draft"]["sha256"]
    assert sent["text"] == edited["text"]
    assert "-We refund 490 EUR.\n" in sent["diff"], sent["diff"]
    assert "+We refund 49 EUR.\n" in sent["diff"]
    ids = [e["event_id"] for e in (held, edited, approved, sent)]
    assert ids == sorted(set(ids)), ids
    before = d.json("show", number, "--revision", "1")["text"]
    assert applied(before, sent["diff"]) == sent["text"]


def edit(d, number):
    """As a reviewer's mail does it."""
    notice = d.inbox.message()
    d.reply(notice, "edit\n\nWe refund 49 EUR.\n\nYours,\nthe bot\n")


REASONS = """
channel: { name = "support"; owner = "you"; mode = "review"; cost = "low";
  match = { agent = [ "bot" ]; }; reviewers = [ "you" ]; deadline = "1d";
  ladder = ( { at = "1d"; do = "hold"; } );
  reasons = [ "wrong-price", "tone" ]; };
"""


def test_a_category_is_told_once(folder):
    with closing(Receiver(folder / "hook")) as receiver:
        with closing(daemon(folder, receiver, http="none",
                            channels={"support": REASONS})) as d:
            d.start()
            for text, words in (("wrong-price: zu günstig", "zu günstig"),
                                ("wrong-price", None)):
                number, code = d.held(draft(f"It costs {text}.\n"))
                d.ctl("drop", number, text)
                held, dropped = receiver.events(2)
                wanted = {"category": "wrong-price", "text": words}
                assert dropped["reason"] == wanted, dropped
                assert Api(d)("GET", f"/v1/agent/drafts/{number}")[1][
                    "reason"] == wanted
                report, message, [jane] = status_of(d.outbox.wait()[0])
                said = report.get_body(("plain",)).get_content()
                assert ("Reason: wrong-price" + (f", {words}" if words
                                                 else "")) in said, said
                assert str(jane["Diagnostic-Code"]).endswith(
                    "dropped in review (wrong-price)"
                    + (f": {words}" if words else "")), jane
                assert message["X-Imprimatur-Reason"] == "wrong-price"


@with_hook
def test_a_drop_is_told_with_its_reason_and_without_a_name(d, receiver):
    number, code = d.held(draft())
    d.ctl("drop", number, "wrong price, see the list")
    held, dropped = receiver.events(2)
    assert dropped["event"] == "dropped" and dropped["who"] == "reviewer"
    assert dropped["reason"]["text"] == "wrong price, see the list"
    assert dropped["draft"]["state"] == "dropped"
    assert dropped["draft"]["reason"] == dropped["reason"]
    assert "you@reviewers" not in json.dumps(dropped)
    assert '"you"' not in json.dumps(dropped)


def decide(d, number, verb, text):
    """As the command line does, over its socket."""
    about = d.json("show", number)
    body = json.dumps({"verb": verb, "sha256": about["sha256"],
                       "text": text}).encode()
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(d.control)
        s.sendall(b"POST /v1/drafts/%d/decision HTTP/1.1\r\nHost: x\r\n"
                  b"Connection: close\r\nContent-Length: %d\r\n\r\n%s"
                  % (number, len(body), body))
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), answer


@with_hook
def test_a_draft_goes_back_and_comes_better(d, receiver):
    number, code = d.held(draft("It is free.\n"))
    decide(d, number, "revise", "ask for the order number first")
    held, back = receiver.events(2)
    assert back["event"] == "revising" and back["who"] == "reviewer", back
    assert back["reason"]["text"] == "ask for the order number first"
    assert back["draft"]["state"] == "revising"
    assert back["draft"]["revise_until"] and back["draft"]["rounds"] == 1
    report, message, [jane] = status_of(d.outbox.wait()[0])
    assert jane["Action"] == "delayed" and jane["Will-Retry-Until"]
    assert message["X-Imprimatur-Event"] == "revising"
    text = report.get_body(("plain",)).get_content()
    assert "Remark: ask for the order number first" in text
    assert f"Imprimatur-Revises: {number}" in text
    better, code = d.held(draft("Your order number, please?\n",
                                Imprimatur_Revises=str(number)))
    # two drafts: in any order
    two = {e["event"]: e for e in receiver.events(2)}
    assert two["held"]["draft"]["id"] == better
    assert two["held"]["draft"]["replaces"] == number
    assert two["superseded"]["draft"]["id"] == number
    assert two["superseded"]["who"] == "agent"
    assert two["superseded"]["draft"]["replaced_by"] == better
    code, said = d.submit(draft("", Imprimatur_Withdraw=str(better)))
    assert code == 250 and "withdrawn" in said, said
    [gone] = receiver.events(1)
    assert gone["event"] == "withdrawn" and gone["who"] == "agent"
    assert gone["draft"]["id"] == better


def test_what_was_not_taken_comes_again_in_order(folder):
    with closing(Receiver(folder / "hook",
                          answers=[500, 302, 404])) as receiver:
        with closing(daemon(folder, receiver)) as d:
            d.start()
            number, code = d.held(draft())
            d.ctl("drop", number, "no")
            tries = [receiver.next() for _ in range(5)]
            assert [s for s, _ in tries] == [500, 302, 404, 204, 204], tries
            # the first one four times, with one id; then the second
            assert len({e["event_id"] for _, e in tries[:4]}) == 1
            assert [e["event"] for _, e in tries[3:]] == ["held", "dropped"]
            assert receiver.seen.empty()  # nobody followed to /elsewhere


def test_what_is_owed_survives_a_crash(folder):
    # it takes nothing, however long it is until it ends
    with closing(Receiver(folder / "hook", answers=[503] * 1000)) as receiver:
        port = receiver.port
        d = daemon(folder, receiver)
        with closing(d):
            d.start()
            number, code = d.held(draft())
            assert receiver.next()[0] == 503
            receiver.close()
            d.ctl("drop", number, "no")
            d.kill()
            d.start()
            with closing(Receiver(folder / "hook", port)) as again:
                held, dropped = again.events(2)
                assert [held["event"], dropped["event"]] == [
                    "held", "dropped"]
                assert dropped["draft"]["id"] == number


def test_any_2xx_takes_it(folder):
    """However the rest of the answer ends."""
    with closing(Receiver(folder / "hook",
                          answers=[299, 302, 299])) as receiver:
        with closing(daemon(folder, receiver)) as d:
            d.start()
            number, code = d.held(draft())
            d.ctl("drop", number, "no")
            tries = [receiver.next() for _ in range(3)]
            assert [(s, e["event"]) for s, e in tries] == [
                (299, "held"), (302, "dropped"), (299, "dropped")], tries
            wait_log(d, "told agent=bot event=dropped")
            assert "redirects are not followed" in d.log()


def test_the_end_does_not_wait_for_a_webhook(folder):
    """It is told while the receiver says nothing: it comes after a restart."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (folder / "hook").mkdir()
        certificate(folder / "hook", "localhost")

        class Silent:
            url = f"https://localhost:{silent.getsockname()[1]}/hook"
        Silent.folder = folder / "hook"
        with closing(daemon(folder, Silent, hook='deadline = "60s";')) as d:
            d.start()
            number, code = d.held(draft())
            silent.settimeout(PATIENCE)
            connection, _ = silent.accept()
            before = time.monotonic()
            d.stop()
            assert time.monotonic() - before < 10
            connection.close()
            d.start()
            silent.accept()[0].close()
            d.stop()


def test_one_agents_trouble_is_not_anothers(folder):
    """Its webhook is down; the other's is told at once."""
    with closing(Receiver(folder / "hook")) as good, \
            closing(Receiver(folder / "dead")) as dead:
        dead.close()
        secret = folder / "hook.secret"
        other = f"""name = "other"; senders = [ "*@other.example" ];
            password = "{harness.stored(SECRET)}";
            webhook = {{ url = "{good.url}"; secret_file = "{secret}";
              ca_file = "{good.folder / 'ca.pem'}"; }};"""
        with closing(daemon(folder, dead, agents=f", {{ {other} }}")) as d:
            d.start()
            d.held(draft())
            with d.smtp(login=False) as client:
                client.login("other", SECRET)
                client.sendmail("a@other.example", ["x@y.example"],
                                harness.crlf(draft()))
            [held] = good.events(1)
            assert held["draft"]["agent"] == "other"


def test_an_unknown_authority_is_told_nothing(folder):
    certificate_of_others = folder / "others"
    certificate_of_others.mkdir()
    certificate(certificate_of_others, "localhost")
    with closing(Receiver(folder / "hook")) as receiver:
        with closing(daemon(folder, receiver, hook='retry_lifetime = "1s";',
                            ca=certificate_of_others / "ca.pem")) as d:
            d.start()
            d.held(draft())
            wait_log(d, "webhook gave-up agent=bot")
            assert receiver.seen.empty()
            assert "webhook trouble agent=bot" in d.log()
            assert HOOK_SECRET not in d.log()


def wait_log(d, words):
    """The log has no event to wait for from outside: asked in turns."""
    end = time.monotonic() + PATIENCE
    while words not in d.log():
        assert time.monotonic() < end, d.log()[-3000:]
        time.sleep(0.05)


def test_a_reload_changes_who_is_told(folder):
    with closing(Receiver(folder / "hook")) as first, \
            closing(Receiver(folder / "other")) as second:
        with closing(daemon(folder, first)) as d:
            d.start()
            number, code = d.held(draft())
            first.events(1)
            text = d.conf.read_text()
            d.conf.write_text(text.replace(first.url, second.url).replace(
                str(first.folder / "ca.pem"), str(second.folder / "ca.pem")))
            d.ctl("reload")
            d.ctl("drop", number, "no")
            [dropped] = second.events(1)
            assert dropped["event"] == "dropped"
            # nobody any more: then nothing is owed either
            d.conf.write_text(re.sub(r"webhook = \{.*?\};", "", text,
                                     flags=re.S))
            d.ctl("reload")
            number, code = d.held(draft("Another.\n"))
            d.conf.write_text(text)
            d.ctl("reload")
            d.ctl("drop", number, "no")
            [dropped] = first.events(1)
            assert dropped["event"] == "dropped", dropped
            assert second.seen.empty()


def test_only_what_was_asked_for_is_told(folder):
    with closing(Receiver(folder / "hook")) as receiver:
        with closing(daemon(folder, receiver,
                            hook='events = [ "dropped" ];')) as d:
            d.start()
            number, code = d.held(draft())
            d.ctl("drop", number, "no")
            [only] = receiver.events(1)
            assert only["event"] == "dropped"


# ---- reports ---------------------------------------------------------------


def status_of(raw):
    """(fields of the message, fields of each recipient) of a report."""
    sender, rcpts, mail = envelope_of(raw)
    report = parse(mail)
    assert sender == "" and rcpts == ["bot@agents.example"], (sender, rcpts)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    parts = list(report.iter_parts())
    assert [p.get_content_type() for p in parts] == [
        "text/plain", "message/delivery-status", "text/rfc822-headers"]
    assert "reviewers.example" not in mail.decode()
    fields = parts[1].get_payload()
    return report, fields[0], fields[1:]


def test_a_held_draft_is_reported_when_that_is_wanted(folder):
    with closing(daemon(folder, bot='reports = [ "held" ];')) as d:
        d.start()
        number, code = d.held(draft())
        report, message, [jane] = status_of(d.outbox.wait()[0])
        assert jane["Action"] == "delayed" and jane["Status"] == "4.7.1"
        assert message["X-Imprimatur-Draft"] == str(number)
        assert message["X-Imprimatur-Event"] == "held"
        # and nothing else is
        d.ctl("drop", number, "no")
        d.wait_state(number, "dropped")
        again, code = d.held(draft("Another one.\n"))
        assert status_of(d.outbox.wait()[0])[1]["X-Imprimatur-Draft"] == str(
            again)


def send_with(d, notify, text):
    with d.smtp() as client:
        client.ehlo()
        assert client.mail("bot@agents.example", ["ENVID=job+2B7"])[0] == 250
        assert client.rcpt("jane@customer.example", [
            f"NOTIFY={notify}", "ORCPT=rfc822;jane@customer.example"])[0] == 250
        code, said = client.data(harness.crlf(draft(text)))
    assert code == 250, said
    m = re.search(rb"id=(\d+) code=(\w+)", said)
    return int(m.group(1)), m.group(2).decode()


def test_success_is_reported_to_who_asked(folder):
    with closing(daemon(folder)) as d:
        d.start()
        number, code = send_with(d, "SUCCESS", "One.\n")
        d.ctl("approve", number, code)
        mails = d.outbox.wait(2)
        [raw] = [m for m in mails if b"multipart/report" in m]
        report, message, [jane] = status_of(raw)
        assert message["Original-Envelope-Id"] == "job+7"
        assert jane["Action"] == "relayed" and jane["Status"] == "2.0.0"
        assert "was sent" in report["Subject"]
        # NEVER is never, also when it is dropped
        number, code = send_with(d, "NEVER", "Two.\n")
        d.ctl("drop", number, "no")
        d.wait_state(number, "dropped")
        number, code = send_with(d, "FAILURE", "Three.\n")
        d.ctl("drop", number, "no")
        report, message, [jane] = status_of(d.outbox.wait()[0])
        assert message["X-Imprimatur-Draft"] == str(number)
        assert jane["Action"] == "failed" and jane["Status"] == "5.7.1"


def test_a_whole_mail_comes_back_to_who_asked(folder):
    with closing(daemon(folder, bot='reports = [ "held", "dropped" ];')) as d:
        d.start()
        mail = draft("Grüße, liebe Jane!\n", Imprimatur_Why="She asked.")
        number, code = d.held(mail, options=["RET=FULL"])
        held = parse(envelope_of(d.outbox.wait()[0])[2])
        assert held.get_payload(2).get_content_type() == "text/rfc822-headers"
        assert held["In-Reply-To"] == mail["Message-ID"]
        d.ctl("drop", number, "no")
        _, _, raw = envelope_of(d.outbox.wait()[0])
        report = parse(raw)
        assert report.get_param("report-type") == "delivery-status"
        assert not report.defects and report["References"] == mail[
            "Message-ID"]
        [back] = report.get_payload(2).get_payload()
        assert back["Message-ID"] == mail["Message-ID"]
        assert back.get_content().splitlines() == ["Grüße, liebe Jane!"]
        assert b"Imprimatur-Why" not in raw


def test_a_changed_text_is_reported(folder):
    with closing(daemon(folder, bot='reports = [ "edited" ];')) as d:
        d.start()
        number, code = d.held(draft("We refund 490 EUR.\n"))
        edit(d, number)
        notice = next(n for n in iter(d.inbox.message, None)
                      if re.search(r"\bapprove [A-Z2-7]{6}",
                                   harness.plain(n)))
        d.ctl("approve", number, harness.code_of(notice))
        [raw] = [m for m in d.outbox.wait(2) if b"multipart/report" in m]
        report, message, [jane] = status_of(raw)
        assert jane["Action"] == "relayed"
        assert report["X-Imprimatur-Edited"] == "yes"
        assert "49 EUR" not in raw.decode()


# ---- the API ---------------------------------------------------------------


class Api:
    def __init__(self, d, context=None):
        self.d, self.context = d, context

    def __call__(self, method, path, login=("bot", SECRET), headers=None):
        if self.context:
            c = http.client.HTTPSConnection(
                "localhost", self.d.http_port, timeout=PATIENCE,
                context=self.context)
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.d.http_port,
                                           timeout=PATIENCE)
        with closing(c):
            headers = dict(headers or {})
            if login:
                pair = ":".join(login).encode()
                headers["Authorization"] = (
                    "Basic " + base64.b64encode(pair).decode())
            c.request(method, path, headers=headers)
            answer = c.getresponse()
            return answer.status, json.loads(answer.read()), answer.headers


OTHER = f""", {{ name = "other"; senders = [ "*@other.example" ];
    password = "{harness.stored('another-secret')}"; }}"""


def test_an_agent_asks_what_became_of_its_draft(folder):
    with closing(daemon(folder, http="none", agents=OTHER)) as d:
        d.start()
        api = Api(d)
        mail = draft()
        number, code = d.held(mail)
        status, told, _ = api("GET", f"/v1/agent/drafts/{number}")
        assert status == 200 and told["state"] == "held", told
        assert told["code"] == code and told["reason"] is None
        d.ctl("drop", number, "wrong price")
        message_id = str(mail["Message-ID"]).strip("<>").replace("@", "%40")
        status, told, _ = api("GET",
                              f"/v1/agent/drafts?message_id={message_id}")
        assert status == 200 and told["state"] == "dropped", told
        assert told["reason"]["text"] == "wrong price"
        assert '"you"' not in json.dumps(told)
        # another's draft is as one that there is not
        other = ("other", "another-secret")
        mine = api("GET", f"/v1/agent/drafts/{number}", other)
        none = api("GET", "/v1/agent/drafts/4711", other)
        assert mine[0] == none[0] == 404 and mine[1] == none[1]
        assert api("GET", f"/v1/agent/drafts?message_id={message_id}",
                   other)[0] == 404
        for login in (None, ("bot", "wrong"), ("nobody", SECRET)):
            status, told, headers = api("GET", f"/v1/agent/drafts/{number}",
                                        login)
            assert status == 401, (login, told)
            assert headers["WWW-Authenticate"].startswith("Basic ")
        # what people ask with is not here
        assert api("GET", f"/v1/drafts/{number}")[0] == 404
        assert api("GET", "/v1/agent/drafts/0x1")[0] == 400
        assert api("GET", "/v1/agent/drafts")[0] == 400
        assert SECRET not in d.log() and "another-secret" not in d.log()


def test_an_agent_takes_its_draft_back(folder):
    with closing(daemon(folder, http="none", agents=OTHER)) as d:
        d.start()
        api = Api(d)
        number, code = d.held(draft())
        # neither by looking, nor by another
        assert api("GET", f"/v1/agent/drafts/{number}/withdraw")[0] == 400
        assert api("POST", f"/v1/agent/drafts/{number}/withdraw",
                   ("other", "another-secret"))[0] == 404
        assert api("POST", f"/v1/agent/drafts/{number}/withdraw", None)[0] == 401
        assert d.state_of(number) == "held"
        status, told, _ = api("POST", f"/v1/agent/drafts/{number}/withdraw")
        assert status == 200 and told["state"] == "withdrawn", told
        assert not told["repeated"]
        assert d.state_of(number) == "withdrawn"
        status, told, _ = api("POST", f"/v1/agent/drafts/{number}/withdraw")
        assert status == 200 and told["repeated"], told
        mail = draft("Another.\n")
        number, code = d.held(mail)
        d.ctl("approve", number, code)
        d.wait_state(number, "sent")
        message_id = str(mail["Message-ID"]).strip("<>").replace("@", "%40")
        status, told, _ = api(
            "POST", f"/v1/agent/drafts/withdraw?message_id={message_id}")
        assert status == 409 and "too late" in told["text"], told


def test_passwords_are_not_guessed(folder):
    with closing(daemon(folder, http="none",
                        limits="auth_failures = 5;")) as d:
        d.start()
        api = Api(d)
        seen = [api("GET", "/v1/agent/drafts/1", ("bot", f"guess{n}"))[0]
                for n in range(7)]
        assert seen == [401] * 5 + [429] * 2, seen
        assert api("GET", "/v1/agent/drafts/1")[0] == 429


def test_the_api_over_tls(folder):
    with closing(daemon(folder, http="implicit", tls=True)) as d:
        d.start()
        context = ssl.create_default_context(cafile=folder / "ca.pem")
        context.check_hostname = False
        api = Api(d, context)
        number, code = d.held(draft())
        status, told, _ = api("GET", f"/v1/agent/drafts/{number}")
        assert status == 200 and told["id"] == number
        with contextlib.suppress(OSError, http.client.HTTPException):
            status, told, _ = Api(d)("GET", f"/v1/agent/drafts/{number}")
            raise AssertionError("it was answered in clear")
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
