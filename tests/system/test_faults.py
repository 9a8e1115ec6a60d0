"""What fails around the daemon: the disk, descriptors, readers, clients that
dawdle, signals.  Whatever happens, a 250 is a draft, a missing 250 is at most
one draft when the client tries again, and the next mail is served.

FAULT_POINTS limits how many calls are made to fail (0: each of them).
"""

import base64
import collections
import concurrent.futures
import contextlib
import itertools
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import zipfile
from io import BytesIO
from pathlib import Path

import harness
from harness import BUILD, SECRET, Daemon, crlf, draft

POINTS = int(os.environ.get("FAULT_POINTS", "36"))


def with_setting(d, old, new):
    text = d.conf.read_text()
    assert old in text
    d.conf.write_text(text.replace(old, new))


def attempt(d, raw):
    """Submit once; the draft's number, or None when it was not promised."""
    try:
        code, text = d.submit(raw)
    except (OSError, AssertionError, smtplib.SMTPException):
        return None
    found = re.search(r"id=(\d+)", text)
    return int(found.group(1)) if code == 250 and found else None


def audit_is_right(d):
    assert d.json("audit", "verify")["right"]


def drafts(d):
    return d.json("list", "--all", "--limit", 1000)["drafts"]


def readers_of(d):
    """Process numbers of the sealed readers."""
    found = []
    for p in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if (p / "comm").read_text().startswith("imprimatur-chec"):
                stat = (p / "stat").read_text().rsplit(")", 1)[1].split()
                if int(stat[2]) == d.process.pid and stat[0] != "Z":
                    found.append(int(p.name))
    return found


def wait_for(question, what):
    end = time.monotonic() + harness.PATIENCE
    while not question():
        assert time.monotonic() < end, what
        time.sleep(0.02)


# ---- a fault at the Nth call -------------------------------------------------

# Calls that also have to do with other things than the store: only those on
# the store's files fail.
NARROW = ("openat", "write")


def strace(d, call, fault, out):
    """-D keeps the daemon's process number, which LISTEN_PID names."""
    narrow = []
    if call in NARROW:
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            narrow += ["-P", d.state / name]
    return ["strace", "-D", "-f", "-qq", "-o", out, *map(str, narrow),
            "-e", f"trace={call}",
            *(["-e", f"inject={call}:{fault}"] if fault else [])]


def ready_or_gone(d):
    """Start it; whether it became ready."""
    with contextlib.suppress(AssertionError):
        d.start()
        return True
    d.kill()
    return False


def large_draft():
    """So large that its body becomes a file of its own."""
    return crlf(draft("A text.\n" * 10000))


class Scenario:
    """One draft held already; a second one is submitted under a fault."""

    def __init__(self, folder):
        self.folder, self.first = folder, folder / "first"
        self.places = itertools.count()
        with contextlib.closing(Daemon(folder / "seed")) as d:
            d.start()
            d.held(draft(message_id="<first@agents.example>"))
            d.stop()
            self.first = d.state

    def daemon(self):
        place = self.folder / f"run{next(self.places)}"
        shutil.copytree(self.first, place / "state")
        return Daemon(place)

    def count(self, call):
        """How often the busiest thread makes the call."""
        with contextlib.closing(self.daemon()) as d:
            out = self.folder / "count"
            d.wrapper = strace(d, call, None, out)
            d.start()
            assert attempt(d, large_draft()) is not None
            d.stop()
        threads = collections.Counter(
            line.split()[0] for line in out.read_text().splitlines()
            if f" {call}(" in line)
        return max(threads.values(), default=0)

    def run(self, call, fault, n):
        """The fault at the nth call, then a start without it."""
        mail = large_draft()
        with contextlib.closing(self.daemon()) as d:
            d.wrapper = strace(d, call, f"{fault}:when={n}",
                               d.folder / "trace")
            number = attempt(d, mail) if ready_or_gone(d) else None
            d.kill()
            d.wrapper = []
            d.start()
            again = attempt(d, mail)
            what = f"{call} {fault} at {n}"
            assert again is not None, f"{what}: not taken afterwards"
            assert number in (None, again), f"{what}: {number}, {again}"
            rows = drafts(d)
            assert len(rows) == 2, f"{what}: {rows}"
            audit_is_right(d)
            d.stop()
        shutil.rmtree(d.folder, ignore_errors=True)
        return number is not None


def chosen(last, most):
    """Some of 1..last, the ends among them; all of them when most is 0."""
    if not most or last <= most:
        return list(range(1, last + 1))
    return sorted({1 + round(i * (last - 1) / (most - 1))
                   for i in range(most)})


SWEEPS = (
    ("fdatasync", "error=EIO"), ("fdatasync", "error=ENOSPC"),
    ("fdatasync", "signal=KILL"),
    ("pwrite64", "error=EIO"), ("pwrite64", "error=ENOSPC"),
    ("pwrite64", "signal=KILL"),
    ("fsync", "error=EIO"), ("fsync", "signal=KILL"),
    ("rename", "error=ENOSPC"), ("rename", "signal=KILL"),
    ("openat", "error=EIO"), ("openat", "error=EMFILE"),
    ("ftruncate", "error=EIO"),
    ("read", "signal=KILL"), ("recvfrom", "signal=KILL"),
    ("recvmsg", "signal=KILL"), ("readv", "signal=KILL"),
    ("sendmsg", "signal=KILL"),
    ("writev", "signal=KILL"), ("epoll_wait", "signal=KILL"),
)


def test_a_fault_at_each_call_of_an_intake(folder):
    if shutil.which("strace") is None:
        harness.skip("strace is missing")
    scenario = Scenario(folder)
    counts = {call: scenario.count(call) for call, _ in SWEEPS}
    live = [(c, f) for c, f in SWEEPS if counts[c]]
    each = POINTS and max(2, POINTS // len(live))
    points = [(call, fault, n) for call, fault in live
              for n in chosen(counts[call], each)]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        promised = sum(pool.map(lambda p: scenario.run(*p), points))
    print(f"# {len(points)} faults, {promised} of them after the 250; calls "
          f"{counts}", flush=True)
    assert len(points) > len(live)


# ---- the disk -----------------------------------------------------------------

@contextlib.contextmanager
def small_disk(where, size):
    where.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700",
                    "tmpfs", where], check=True, capture_output=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", where], check=True)


def fill(d, most=2000):
    """Submit until it says 452; the numbers promised."""
    promised = []
    for n in range(most):
        code, text = d.submit(draft("filler\n" * 4000, subject=f"n {n}"))
        if code != 250:
            assert code == 452 and "4.3.1" in text, (code, text)
            return promised
        promised.append(int(re.search(r"id=(\d+)", text).group(1)))
    raise AssertionError("the disk never became full")


def test_disk_full_then_room_again(folder):
    if os.geteuid() != 0:
        harness.skip("mounting a small disk needs root")
    with small_disk(folder / "state", "20m") as disk, \
            contextlib.closing(Daemon(folder)) as d:
        # more than the reserve: notices go on using that meanwhile
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(9 << 20))
        with_setting(d, "disk_reserve = 0", f"disk_reserve = {5 << 20}")
        d.start()
        promised = fill(d)
        assert len(promised) > 10
        # decisions and their results use the reserve
        d.ctl("drop", promised[0], "too dear")
        d.ctl("approve", promised[1])
        d.wait_state(promised[1], "sent")
        assert d.state_of(promised[0]) == "dropped"
        ballast.unlink()
        with_setting(d, f"disk_reserve = {5 << 20}", "disk_reserve = 0")
        assert attempt(d, draft(subject="room again")) is not None
        ids = {r["id"] for r in drafts(d)}
        assert set(promised) <= ids
        audit_is_right(d)
        d.stop()


def test_disk_full_without_a_reserve(folder):
    """No byte is left at all: nothing is promised, nothing is lost, and when
    there is room again it goes on, at the latest after a restart."""
    if os.geteuid() != 0:
        harness.skip("mounting a small disk needs root")
    with small_disk(folder / "state", "14m") as disk, \
            contextlib.closing(Daemon(folder)) as d:
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(8 << 20))
        d.start()
        promised = fill(d)
        ballast.unlink()
        number = attempt(d, draft(subject="room again"))
        assert number is not None, "it did not recover"
        d.ctl("drop", promised[0], "too dear")
        ids = {r["id"] for r in drafts(d)}
        assert set(promised) | {number} == ids, (promised, ids)
        audit_is_right(d)
        d.stop()


def test_a_file_too_large(folder):
    """RLIMIT_FSIZE: an error of the disk, not death by SIGXFSZ."""
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        first = attempt(d, draft())
        pid = str(d.process.pid)
        size = (d.state / "ledger.db-wal").stat().st_size
        subprocess.run(["prlimit", "--pid", pid, f"--fsize={size + 40000}"],
                       check=True)
        promised, mail = [first], None
        for n in range(100):
            mail = crlf(draft("filler\n" * 3000, subject=f"n {n}"))
            number = attempt(d, mail)
            if number is None:
                break
            promised.append(number)
        else:
            raise AssertionError("the limit was never reached")
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert d.process.wait(5) == 74, d.log()[-2000:]
        d.kill()
        d.start()
        promised.append(attempt(d, mail))
        assert {r["id"] for r in drafts(d)} == set(promised)
        audit_is_right(d)
        d.stop()


# ---- descriptors, a second daemon ----------------------------------------------

def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_no_descriptors_left(folder):
    with contextlib.closing(Daemon(folder)) as d:
        d.wrapper = ["prlimit", "--nofile=60:60"]
        d.start()
        crowd = []
        for _ in range(100):
            crowd.append(socket.create_connection(("127.0.0.1", d.port), 5))
        before = cpu_seconds(d.process.pid)
        time.sleep(1)  # a second of doing nothing is what is measured
        spent = cpu_seconds(d.process.pid) - before
        assert spent < 0.3, f"busy with nothing: {spent:.2f} s in a second"
        for s in crowd:
            s.close()
        wait_for(lambda: attempt(d, draft()) is not None, "no recovery")
        d.stop()


def test_a_second_daemon_refuses_to_start(folder):
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        other = folder / "other.conf"
        other.write_text(re.sub(r"port = \d+;", "port = 0;", d.conf.read_text())
                         .replace(d.control, d.control + "2"))
        run = subprocess.run([BUILD / "imprimaturd", "-c", other],
                             capture_output=True, text=True, timeout=30)
        assert run.returncode == 69, (run.returncode, run.stderr)
        assert str(d.state) in run.stderr, run.stderr
        assert attempt(d, draft()) is not None
        d.stop()


# ---- readers ---------------------------------------------------------------------

def test_readers_are_killed_under_load(folder):
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        done = threading.Event()
        killed = []

        def killer():
            while not done.is_set():
                for pid in readers_of(d)[:3]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)
                done.wait(0.1)
        thread = threading.Thread(target=killer)
        thread.start()
        mails = [draft("line\n" * 2000, subject=f"n {n}") for n in range(60)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(lambda m: attempt(d, m), mails))
        done.set()
        thread.join()
        assert None not in numbers, numbers
        rows = {r["id"]: r for r in drafts(d)}
        assert set(numbers) == set(rows) and len(rows) == len(mails)
        assert {r["state"] for r in rows.values()} == {"held"}
        wait_for(lambda: readers_of(d), "readers are not replaced")
        d.held(draft())
        print(f"# {len(killed)} readers killed, {len(rows)} drafts held",
              flush=True)
        d.stop()


def test_a_hung_reader_holds_the_draft_and_others_flow(folder):
    with contextlib.closing(Daemon(folder)) as d:
        with_setting(d, "deadline = 20000", "deadline = 1500")
        d.start()
        for pid in readers_of(d):
            os.kill(pid, signal.SIGSTOP)
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            numbers = list(pool.map(
                lambda n: attempt(d, draft(subject=f"n {n}")), range(8)))
        assert None not in numbers, numbers
        assert time.monotonic() - start < 20
        views = [d.json("show", n) for n in numbers]
        assert all(v["state"] == "held" for v in views)
        stuck = [v for v in views if v["trouble"] or v["findings"]]
        assert stuck, "a draft nobody read must say so"
        number, _ = d.held(draft())
        assert d.json("show", number)["text"], "readers are not replaced"
        d.stop()


def many_parts(n):
    parts = "".join(f"--b\r\n\r\npart {i}\r\n" for i in range(n))
    return head("multipart/mixed; boundary=b") + parts.encode() + b"--b--\r\n"


def nested(depth):
    out = head("multipart/mixed; boundary=b0")
    for i in range(depth):
        out += (f"--b{i}\r\nContent-Type: multipart/mixed; "
                f"boundary=b{i + 1}\r\n\r\n").encode()
    return out + b"the end\r\n"


def head(content_type, extra=b""):
    return (b"From: bot@agents.example\r\nTo: jane@customer.example\r\n"
            b"Subject: a bomb\r\nMIME-Version: 1.0\r\n" + extra
            + b"Content-Type: " + content_type.encode() + b"\r\n\r\n")


def zipped():
    """60 kB that unpack to 60 MB."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("zeros", bytes(60 << 20))
    text = base64.encodebytes(packed.getvalue()).replace(b"\n", b"\r\n")
    return (head("multipart/mixed; boundary=b")
            + b"--b\r\n\r\nsee the file\r\n--b\r\nContent-Type: "
              b"application/zip\r\nContent-Transfer-Encoding: base64\r\n"
              b"Content-Disposition: attachment; filename=a.zip\r\n\r\n"
            + text + b"--b--\r\n")


def folded(name, size):
    return name + b": " + b"\r\n ".join([b"x" * 900] * (size // 900)) + b"\r\n"


BOMBS = (
    ("10,000 parts", lambda: many_parts(10000), True),
    ("1,000 deep", lambda: nested(1000), True),
    ("a field of 1 MB", lambda: head("text/plain", folded(b"X-Long", 1 << 20))
     + b"text\r\n", False),
    ("a subject of 1 MB", lambda: head(
        "text/plain", folded(b"References", 1 << 20)) + b"text\r\n", False),
    ("20,000 fields", lambda: head("text/plain", b"".join(
        b"X-%d: y\r\n" % i for i in range(20000))) + b"text\r\n", False),
    ("a zip", zipped, False),
    ("entities", lambda: head("text/html") + b"<div>" * 200000 + b"\r\n"
     .join([b""] * 3), False),
    ("a quoted bomb", lambda: head(
        "text/plain", b"Content-Transfer-Encoding: quoted-printable\r\n")
     + b"=\r\n" * 300000, False),
)


def test_bombs_are_held_and_others_flow(folder):
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        for name, make, finding in BOMBS:
            raw = re.sub(rb"[^\r\n]{990}(?=[^\r\n])", rb"\g<0>\r\n", make())
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                bomb = pool.submit(d.submit, raw)
                start = time.monotonic()
                d.held(draft(subject=f"beside {name}"))
                beside = time.monotonic() - start
                code, text = bomb.result(harness.PATIENCE)
            spent = time.monotonic() - start
            assert code == 250 or 500 <= code < 600, (name, code, text)
            print(f"# {name}: {code} after {spent:.2f} s, a mail beside it "
                  f"{beside:.2f} s", flush=True)
            assert beside < 10, name
            if code != 250:
                continue
            view = d.json("show", re.search(r"id=(\d+)", text).group(1))
            assert view["state"] == "held"
            assert not finding or view["findings"] or view["trouble"], name
        d.stop()


def test_one_line_of_a_megabyte(folder):
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        for extra, body in ((b"X-Long: " + b"x" * (1 << 20) + b"\r\n", b"t"),
                            (b"", b"x" * (1 << 20))):
            raw = head("text/plain", extra) + body + b"\r\n"
            with d.smtp() as client:
                client.ehlo()
                client.mail("bot@agents.example")
                client.rcpt("jane@customer.example")
                code, said = client.data(raw)
                assert code == 250 or 500 <= code < 600, said
                # in step afterwards, whatever it said
                assert client.noop()[0] == 250
        d.held(draft())
        d.stop()


# ---- clients, signals ----------------------------------------------------------------

def test_clients_that_dawdle(folder):
    limits = ("command_timeout = 2; data_timeout = 2; message_timeout = 4;"
              "connections_per_peer = 1000;")
    with contextlib.closing(Daemon(folder, limits=limits)) as d:
        d.start()
        crowd = [socket.create_connection(("127.0.0.1", d.port), 5)
                 for _ in range(150)]
        token = base64.b64encode(f"\0bot\0{SECRET}".encode())
        slow = b"EHLO x\r\nAUTH PLAIN " + token + b"\r\n" + (
            b"MAIL FROM:<bot@agents.example>\r\nRCPT TO:<a@b.example>\r\n"
            b"DATA\r\n")
        for s in crowd[:50]:
            s.sendall(slow)
        stop = threading.Event()

        def drip():
            while not stop.wait(0.3):
                for s in crowd:
                    with contextlib.suppress(OSError):
                        s.send(b"x")
        thread = threading.Thread(target=drip)
        thread.start()
        times = []
        for n in range(10):
            start = time.monotonic()
            d.held(draft(subject=f"n {n}"))
            times.append(time.monotonic() - start)
        assert max(times) < 2, times
        left = set(crowd)
        end = time.monotonic() + harness.PATIENCE
        while left and time.monotonic() < end:
            left -= {s for s in left if closed(s)}
            time.sleep(0.05)
        stop.set()
        thread.join()
        assert not left, f"{len(left)} of {len(crowd)} are still open"
        for s in crowd:
            s.close()
        d.stop()


def closed(s):
    s.setblocking(False)
    try:
        while True:
            if not s.recv(65536):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_signals_in_storms(folder):
    with contextlib.closing(Daemon(folder)) as d:
        d.start()
        promised, stop = [], threading.Event()

        def load():
            while not stop.is_set():
                number = attempt(d, draft())
                if number is not None:
                    promised.append(number)
        threads = [threading.Thread(target=load) for _ in range(4)]
        for t in threads:
            t.start()
        for _ in range(50):
            for s in (signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
                d.process.send_signal(s)
            time.sleep(0.01)
        assert d.process.poll() is None, d.log()[-2000:]
        for _ in range(50):
            d.process.send_signal(signal.SIGTERM)
        start = time.monotonic()
        assert d.process.wait(harness.PATIENCE) == 0, d.log()[-2000:]
        assert time.monotonic() - start < 12
        stop.set()
        d.listener.close()  # clients that wait for a successor are let go
        for t in threads:
            t.join(harness.PATIENCE)
        d.listener = socket.create_server(("127.0.0.1", 0))
        with_setting(d, f"port = {d.port};",
                     f"port = {d.listener.getsockname()[1]};")
        d.port = d.listener.getsockname()[1]
        d.start()
        assert {*promised} <= {r["id"] for r in drafts(d)}
        d.stop()


# ---- secrets ------------------------------------------------------------------------------

MARKS = {
    "a password": SECRET,
    "a wrong password": "marker-wrong-password",
    "the relay's password": "marker-relay-password",
    "a body": "marker-body-text",
    "a subject": "marker-subject-text",
    "a reason": "marker-drop-reason",
}


def test_secrets_are_never_logged(folder):
    password = folder / "relay-password"
    password.write_text(MARKS["the relay's password"] + "\n")
    password.chmod(0o600)
    port = socket.create_server(("127.0.0.1", 0))
    relay = (f'host = "localhost"; port = {port.getsockname()[1]}; '
             f'tls = "starttls"; user = "u"; password_file = "{password}"; '
             'connect_timeout = 1; retry_first = 1;')
    with contextlib.closing(Daemon(folder, relay=relay)) as d:
        d.wrapper = ["/bin/sh", "-c", 'exec "$@" --verbose', "sh"]
        d.start()
        for user in ("bot", "nobody"):
            with d.smtp(login=False) as client, contextlib.suppress(
                    smtplib.SMTPAuthenticationError):
                client.login(user, MARKS["a wrong password"])
        mail = draft(MARKS["a body"] + "\n", subject=MARKS["a subject"])
        number, _ = d.held(mail)
        notice = d.inbox.message()
        token = notice["Reply-To"].addresses[0].username
        assert d.reply(notice, "ask " + MARKS["a body"] + "\n")[0] == 250
        forged = token[:-1] + ("a" if token[-1] != "a" else "b")
        assert d.reply(notice, "approve\n", to=f"{forged}@review.test")[0] >= 500
        d.reply(notice, "drop " + MARKS["a reason"] + "\n")
        d.wait_state(number, "dropped")
        other, _ = d.held(draft())
        d.ctl("approve", other)
        d.stop()
        log = d.log()
        assert "draft" in log, "nothing was logged at all"
        hidden = {**MARKS, "a reply address": token[2:],
                  "an AUTH line": base64.b64encode(
                      f"\0bot\0{SECRET}".encode()).decode()}
        for what, text in hidden.items():
            assert text.lower() not in log.lower(), f"{what} is in the log"
        kept = b"".join(p.read_bytes() for p in d.state.rglob("*")
                        if p.is_file())
        for what in ("a password", "a wrong password", "the relay's password"):
            assert MARKS[what].encode() not in kept, f"{what} is on the disk"
        modes = {p.name: p.stat().st_mode & 0o077 for p in d.state.rglob("*")}
        assert not any(modes.values()), modes
    port.close()


harness.run(harness.tests_of(sys.modules[__name__]))
