"""A real Dovecot in a folder of its own: private base_dir, own authority, users
of the test, and listeners whose certificates are wrong in one way each."""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import harness
from harness import PATIENCE

NAME = "imap.example.test"
PASSWORD = "a-password-of-the-mailbox"

CONF = """
base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/dovecot.log
protocols = imap
ssl = required
ssl_cert = <{dir}/good/cert.pem
ssl_key = <{dir}/good/key.pem
auth_mechanisms = plain login
mail_location = maildir:{dir}/mail/%u:LAYOUT=fs
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {internal_group}
mail_max_userip_connections = 100
maildir_very_dirty_syncs = no
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {dir}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {dir}/users
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
}}
{quota}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1 127.0.0.2 127.0.0.3
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1 127.0.0.2 127.0.0.3
    port = {imaps}
    ssl = yes
  }}
}}
local 127.0.0.2 {{
  ssl_cert = <{dir}/wrong/cert.pem
  ssl_key = <{dir}/wrong/key.pem
}}
local 127.0.0.3 {{
  ssl_cert = <{dir}/other/cert.pem
  ssl_key = <{dir}/other/key.pem
}}
{extra}
"""

QUOTA = """
mail_plugins = quota
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={quota}
  quota_grace = 0
}}
"""


def free_ports(n):
    """Ports that were free a moment ago; who starts must be ready to lose."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Dovecot:
    """127.0.0.1 is good; 127.0.0.2 has a certificate for another host,
    127.0.0.3 one of an authority that nobody trusts."""

    def __init__(self, folder, users=("review",), separator="/", quota=None,
                 extra="", password=PASSWORD):
        if not shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin"):
            harness.skip("no dovecot")
        if not Path("/usr/lib/dovecot/modules/lib10_quota_plugin.so").exists() and quota:
            harness.skip("no quota plug-in of dovecot")
        # sockets in base_dir have short paths
        self.dir = Path(harness.tempfile.mkdtemp(prefix="dove"))
        self.dir.chmod(0o755)
        self.separator = separator
        self.quota = quota
        self.extra = extra
        for name in ("good", "wrong", "other"):
            (self.dir / name).mkdir()
            harness.certificate(self.dir / name, NAME)
        self.sign("good", "good", "IP:127.0.0.1,DNS:localhost")
        self.sign("wrong", "good", "IP:127.0.0.1,DNS:localhost")
        self.sign("other", "other", "IP:127.0.0.3")
        self.ca = self.dir / "good/ca.pem"
        # root keeps no mail in it, and runs no part that faces the network
        self.user, self.internal, self.login = (
            (pwd.getpwnam(name) for name in ("nobody", "dovecot", "dovenull"))
            if os.getuid() == 0 else [pwd.getpwuid(os.getuid())] * 3)
        (self.dir / "mail").mkdir()
        os.chown(self.dir / "mail", self.user.pw_uid, self.user.pw_gid)
        (self.dir / "users").write_text("".join(
            f"{u}:{password}:{self.user.pw_uid}:{self.user.pw_gid}::"
            f"{self.dir}/mail/{u}::\n" for u in users))
        self.process = None
        self.ports = None

    def sign(self, name, authority, names):
        """Its certificate, for these names, by that one's authority."""
        here, there = self.dir / name, self.dir / authority
        (here / "cert.ext").write_text(f"subjectAltName={names}\n")
        subprocess.run(
            ["openssl", "x509", "-req", "-in", here / "cert.csr",
             "-CA", there / "ca.pem", "-CAkey", there / "ca.key",
             "-CAcreateserial", "-days", "30", "-out", here / "cert.pem",
             "-extfile", here / "cert.ext"], check=True, capture_output=True)

    @property
    def imap(self):
        return self.ports[0]

    @property
    def imaps(self):
        return self.ports[1]

    def write(self):
        group = [grp.getgrgid(who.pw_gid).gr_name
                 for who in (self.user, self.internal)]
        (self.dir / "dovecot.conf").write_text(CONF.format(
            dir=self.dir, user=self.user.pw_name, group=group[0],
            internal=self.internal.pw_name, internal_group=group[1],
            login=self.login.pw_name, imap=self.imap,
            imaps=self.imaps, separator=self.separator, extra=self.extra,
            quota=QUOTA.format(quota=self.quota) if self.quota else ""))

    def start(self):
        """Ports stay the same once it has run."""
        for attempt in range(20):
            if self.ports is None:
                self.ports = free_ports(2)
                fresh = True
            else:
                fresh = False
            self.write()
            self.process = subprocess.Popen(
                [shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin"),
                 "-F", "-c", self.dir / "dovecot.conf"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=open(self.dir / "stderr", "ab"),
                start_new_session=True)
            if self.wait_up():
                return self
            self.kill()
            if fresh:
                self.ports = None
        raise AssertionError("dovecot does not start:\n" + self.log()[-3000:])

    def wait_up(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                with self.client(user=None):
                    return True
            time.sleep(0.05)
        return False

    def log(self):
        text = ""
        for name in ("stderr", "dovecot.log"):
            with contextlib.suppress(FileNotFoundError):
                text += (self.dir / name).read_text(errors="replace")
        return text

    def children(self):
        """All that it started, by pid; dovecot's own are in its session."""
        found = []
        for p in Path("/proc").iterdir():
            if p.name.isdigit():
                with contextlib.suppress(OSError, ValueError):
                    stat = (p / "stat").read_text().rsplit(")", 1)[1].split()
                    if int(stat[3]) == self.process.pid:
                        found.append(int(p.name))
        return found

    def kill(self):
        """As a power cut would; connections die with it."""
        if self.process is None:
            return
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process = None
        with contextlib.suppress(FileNotFoundError):
            (self.dir / "run/master.pid").unlink()
        # a lock file that the dead hold would be waited for minutes
        for lock in (self.dir / "mail").rglob("*.lock"):
            lock.unlink(missing_ok=True)

    def freeze(self, stop=True):
        """All of it stands still (or goes on): a server that is silent."""
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP if stop else signal.SIGCONT)

    def close(self):
        if self.process is not None:
            self.freeze(False)
        self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- what people do with a mail program ----

    @contextlib.contextmanager
    def client(self, user="review"):
        context = ssl.create_default_context(cafile=self.ca)
        context.check_hostname = False
        c = imaplib.IMAP4_SSL("127.0.0.1", self.imaps, ssl_context=context,
                              timeout=PATIENCE)
        try:
            if user:
                c.login(user, PASSWORD)
            yield c
        finally:
            with contextlib.suppress(Exception):
                c.logout()

    def quoted(self, folder):
        return '"' + folder.replace("/", self.separator) + '"'

    def put(self, raw, folder="INBOX", user="review", flags=None):
        with self.client(user) as c:
            if folder != "INBOX":
                c.create(self.quoted(folder))
            typ, data = c.append(self.quoted(folder), flags, None, raw)
            assert typ == "OK", data

    def mails(self, folder="INBOX", user="review"):
        """[(uid, flags, bytes)]; none when there is no such folder."""
        with self.client(user) as c:
            typ, _ = c.select(self.quoted(folder), readonly=True)
            if typ != "OK":
                return []
            typ, data = c.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])")
            assert typ == "OK", data
            found = []
            for item in data:
                if isinstance(item, tuple):
                    head = item[0].decode()
                    uid = int(head.split("UID ")[1].split()[0])
                    flags = head.split("FLAGS (")[1].split(")")[0]
                    found.append((uid, flags, item[1]))
            return sorted(found)

    def wait(self, n, folder="INBOX", user="review"):
        """Exactly n mails are there: asked in turns, IMAP tells others only
        of what happens in their own folder."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.mails(folder, user)
            if len(found) == n:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{folder} has {len(found)} mails, not {n}")

    def new_validity(self, folder="INBOX", user="review"):
        """Another UIDVALIDITY, as after a restore: all UIDs are new."""
        path = self.dir / "mail" / user
        if folder != "INBOX":
            path = path / folder
        for name in path.glob("dovecot*"):
            if name.is_file():
                name.unlink()


def mailbox(d, name="replies", use="replies", host="127.0.0.1", tls="implicit",
            user="review", password=PASSWORD, timeout="20s", more=""):
    """A stanza for the daemon's configuration."""
    file = d.dir / f"{name}.password"
    file.write_text(password + "\n")
    file.chmod(0o600)
    port = d.imaps if tls == "implicit" else d.imap
    return f"""
{{ name = "{name}"; use = "{use}"; host = "{host}"; port = {port};
  tls = "{tls}"; ca_file = "{d.ca}"; user = "{user}";
  password_file = "{file}"; timeout = "{timeout}"; retry_most = "1s"; {more} }}"""
