"""A real Postfix in a private root: unpacked from Debian's package, never
installed, run from a folder of its own on a port of its own.

As relay host it offers STARTTLS with a certificate of a test authority and
passes everything on to a sink; as HOLD server it is what the benchmark
measures against.  Postfix's master has to be root; available() says why it
cannot be had.
"""

import contextlib
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USERS = (("postfix", "postfix"), ("postdrop", "postdrop"))
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
          "incoming", "private", "saved", "trace")

MAIN = """
compatibility_level = 3.7
queue_directory = {base}/spool
data_directory = {base}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
meta_directory = {base}/etc
shlib_directory = {root}/usr/lib/postfix
import_environment = LD_LIBRARY_PATH={root}/usr/lib/postfix MAIL_CONFIG TZ LANG=C
mail_owner = postfix
setgid_group = postdrop
myhostname = postfix.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_forbid_bare_newline = yes
biff = no
maillog_file = {base}/mail.log
maillog_file_prefixes = /var, /dev/stdout, {base}
in_flow_delay = 0
default_process_limit = 100
message_size_limit = 50000000
minimal_backoff_time = 5
maximal_backoff_time = 10
queue_run_delay = 5
{more}
"""

MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def unpacked(folder):
    """The root that the package was unpacked into; fetched when missing."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "postfix-root"
    with open(folder / "postfix.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (root / "usr/sbin/smtp-source").exists():
            return root
        fetch = ["apt-get", "download", "postfix"]
        if subprocess.run(fetch, cwd=folder, capture_output=True,
                          timeout=120).returncode:
            subprocess.run(["apt-get", "update"], check=True,
                           capture_output=True, timeout=300)
            subprocess.run(fetch, cwd=folder, check=True,
                           capture_output=True, timeout=120)
        package = sorted(folder.glob("postfix_*.deb"))[-1]
        fresh = folder / "postfix-root.new"
        shutil.rmtree(fresh, ignore_errors=True)
        subprocess.run(["dpkg", "-x", package, fresh], check=True,
                       capture_output=True)
        fresh.rename(root)
    return root


def make_users():
    for name, group in USERS:
        if subprocess.run(["getent", "group", group],
                          capture_output=True).returncode:
            subprocess.run(["groupadd", "-r", group], check=True)
    if subprocess.run(["getent", "passwd", "postfix"],
                      capture_output=True).returncode:
        subprocess.run(["useradd", "-r", "-g", "postfix", "-d", "/nonexistent",
                        "-s", "/usr/sbin/nologin", "postfix"], check=True)


def tool(root, name):
    """Command line and environment of smtp-source, postqueue ..."""
    env = dict(os.environ, LD_LIBRARY_PATH=f"{root}/usr/lib/postfix")
    return str(root / "usr/sbin" / name), env


def available(folder):
    """(root, None), or (None, why not)."""
    if os.geteuid() != 0:
        return None, "Postfix's master needs root"
    try:
        root = unpacked(folder)
        make_users()
    except (OSError, IndexError, subprocess.SubprocessError) as e:
        said = (getattr(e, "stderr", None) or b"").decode().strip()
        return None, f"Postfix cannot be had: {said or e}".replace("\n", " ")
    smtpd = root / "usr/lib/postfix/sbin/smtpd"
    env = tool(root, "postfix")[1]
    found = subprocess.run(["ldd", smtpd], capture_output=True, text=True,
                           env=env).stdout
    missing = [line.split()[0] for line in found.splitlines()
               if "not found" in line]
    if missing:
        return None, "Postfix needs " + ", ".join(missing)
    return root, None


def free_port():
    """A port below those that the kernel gives to clients."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


def authority(folder, name="localhost"):
    """A test CA and a certificate for name: (ca.pem, cert.pem, key.pem)."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True,
                       capture_output=True)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "30", "-subj", "/CN=Test CA")
    openssl("req", *curve, "-keyout", "key.pem", "-out", "cert.csr",
            "-subj", f"/CN={name}")
    (folder / "ext").write_text(f"subjectAltName=DNS:{name}\n")
    openssl("x509", "-req", "-in", "cert.csr", "-CA", "ca.pem",
            "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem",
            "-days", "30", "-extfile", "ext")
    return folder / "ca.pem", folder / "cert.pem", folder / "key.pem"


class Postfix:
    """One instance; master is our child."""

    def __init__(self, root, more="", parent=None):
        self.root, self.more = root, more
        self.base = Path(tempfile.mkdtemp(prefix="postfix-", dir=parent))
        self.base.chmod(0o755)
        self.master = None
        self.port = None

    def _folders(self):
        for name in ("etc", "spool", "data", "spool/pid"):
            (self.base / name).mkdir(exist_ok=True)
        shutil.chown(self.base / "data", "postfix", "postfix")
        for name in QUEUES:
            (self.base / "spool" / name).mkdir(mode=0o700, exist_ok=True)
            shutil.chown(self.base / "spool" / name, "postfix")
        for name, mode in (("public", 0o2710), ("maildrop", 0o1730)):
            path = self.base / "spool" / name
            path.mkdir(exist_ok=True)
            shutil.chown(path, "postfix", "postdrop")
            path.chmod(mode)
        (self.base / "etc/dynamicmaps.cf").touch()

    def start(self):
        self._folders()
        for _ in range(5):
            self.port = free_port()
            (self.base / "etc/main.cf").write_text(
                MAIN.format(base=self.base, root=self.root, more=self.more))
            (self.base / "etc/master.cf").write_text(
                MASTER.format(port=f"127.0.0.1:{self.port}"))
            env = dict(tool(self.root, "postfix")[1],
                       MAIL_CONFIG=str(self.base / "etc"))
            with open(self.base / "master.out", "ab") as out:
                self.master = subprocess.Popen(
                    [self.root / "usr/lib/postfix/sbin/master", "-d",
                     "-c", self.base / "etc"], env=env, stdout=out,
                    stderr=out, stdin=subprocess.DEVNULL,
                    start_new_session=True)
            if self._answers():
                return self
            self.stop()
        raise AssertionError("Postfix did not start:\n" + self.log())

    def _answers(self, patience=30):
        end = time.monotonic() + patience
        while time.monotonic() < end and self.master.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(
                    ("127.0.0.1", self.port), 5) as s:
                if s.recv(4) == b"220 ":
                    return True
            time.sleep(0.02)
        return False

    def log(self):
        return "".join(p.read_text(errors="replace")[-3000:] for p in (
            self.base / "master.out", self.base / "mail.log") if p.exists())

    def held(self):
        return sum(len(files) for _, _, files
                   in os.walk(self.base / "spool/hold"))

    def queued(self):
        return sum(len(files) for name in ("incoming", "active", "deferred")
                   for _, _, files in os.walk(self.base / "spool" / name))

    def set_aside(self):
        """Move the held mails away: deleting them slows what comes next."""
        aside = Path(tempfile.mkdtemp(prefix="aside-", dir=self.base))
        hold = self.base / "spool/hold"
        hold.rename(aside / "hold")
        hold.mkdir(mode=0o700)
        shutil.chown(hold, "postfix")

    def pids(self):
        """master and all its children, which are its process group."""
        return [int(p.name) for p in Path("/proc").iterdir()
                if p.name.isdigit() and _group(p) == self.master.pid]

    def stop(self):
        if self.master and self.master.poll() is None:
            self.master.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.master.wait(10)
        if self.master:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.master.pid, signal.SIGKILL)
            self.master.wait(10)

    def close(self):
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)


def _group(process):
    with contextlib.suppress(OSError, IndexError):
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[2])
    return None
