"""What the benchmarks share: a daemon that takes mail without login, Postfix's
smtp-source as the client, and CPU time by process and thread."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import harness  # noqa: E402
import postfix  # noqa: E402

FOLDER = Path(os.environ.get("BENCH_FOLDER", harness.BUILD))
TICK = os.sysconf("SC_CLK_TCK")


def smtp_source_or_exit():
    """The root that has smtp-source; ends with the reason without it."""
    root, why = postfix.available(
        os.environ.get("POSTFIX_FOLDER", harness.BUILD))
    if root is None:
        sys.exit(f"not measured: {why}")
    return root


@contextlib.contextmanager
def daemon(limits=""):
    """A fresh one, on the disk of FOLDER, that trusts loopback."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=FOLDER) as folder:
        d = harness.Daemon(folder, agents="""
          , { name = "bench"; networks = [ "127.0.0.1" ];
            senders = [ "*@example.com" ]; }
          """, limits=limits)
        with contextlib.closing(d):
            yield d.start()
            d.stop()


def load(root, port, size, sessions, count):
    """Send count mails over kept connections; seconds it took."""
    command, env = postfix.tool(root, "smtp-source")
    start = time.monotonic()
    run = subprocess.run(
        [command, "-4", "-d", "-s", str(sessions), "-m", str(count),
         "-l", str(size), "-f", "agent@example.com", "-t", "rcpt@example.net",
         f"127.0.0.1:{port}"], env=env, capture_output=True, text=True)
    spent = time.monotonic() - start
    if run.returncode:
        sys.exit(f"smtp-source: {run.stderr[-500:]}")
    return spent


def stat(path):
    """(comm, the fields after it) of /proc/.../stat."""
    name, rest = path.read_text().split("(", 1)[1].rsplit(")", 1)
    return name, rest.split()


def cpu(pids, leader):
    """Seconds used by the processes, and by the leader's ended children."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = stat(Path(f"/proc/{pid}/stat"))[1]
            total += int(fields[11]) + int(fields[12])
            if pid == leader:
                total += int(fields[13]) + int(fields[14])
    return total / TICK


def group(leader):
    """Processes of the leader's group."""
    found = []
    for p in Path("/proc").iterdir():
        if p.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                if int(stat(p / "stat")[1][2]) == leader:
                    found.append(int(p.name))
    return found


def stages(leader):
    """{stage: seconds}: the loop, the busiest other thread, which is the one
    that writes the ledger, all other threads together, and the readers."""
    tasks = {}
    for task in Path(f"/proc/{leader}/task").iterdir():
        fields = stat(task / "stat")[1]
        tasks[int(task.name)] = (int(fields[11]) + int(fields[12])) / TICK
    loop = tasks.pop(leader)
    readers = [pid for pid in group(leader) if pid != leader]
    store = max(tasks.values(), default=0)
    return {"loop": loop, "store": store,
            "jobs": sum(tasks.values()) - store,
            "readers": cpu(readers, None)}
