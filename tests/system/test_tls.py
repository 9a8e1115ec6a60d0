"""TLS towards agents: STARTTLS, implicit TLS, no password in clear."""

import smtplib
import ssl
import sys
import warnings
from contextlib import closing

import harness
from harness import Daemon, SECRET, crlf, draft


def context(d):
    c = ssl.create_default_context(cafile=d.folder / "ca.pem")
    c.check_hostname = False  # we connect to 127.0.0.1
    return c


def submit(client):
    client.login("bot", SECRET)
    return client.sendmail("bot@agents.example", ["jane@customer.example"],
                           crlf(draft()))


def test_starttls(folder):
    with closing(Daemon(folder, tls=True)) as d:
        d.start()
        with smtplib.SMTP("127.0.0.1", d.tls_ports[0],
                          timeout=harness.PATIENCE) as client:
            client.ehlo()
            assert not client.has_extn("auth")
            code, text = client.docmd("AUTH PLAIN", "AGJvdABib3Q=")
            assert code in (530, 538), (code, text)
            client.starttls(context=context(d))
            client.ehlo()
            assert client.has_extn("auth") and not client.has_extn("starttls")
            assert submit(client) == {}
        assert b"with ESMTPSA" in d.ctl("show", 1, "--raw").stdout.encode()
        d.stop()


def test_implicit_tls(folder):
    with closing(Daemon(folder, tls=True)) as d:
        d.start()
        with smtplib.SMTP_SSL("127.0.0.1", d.tls_ports[1],
                              timeout=harness.PATIENCE,
                              context=context(d)) as client:
            assert submit(client) == {}
        d.stop()


def test_the_end_is_said(folder):
    with closing(Daemon(folder, tls=True)) as d:
        d.start()
        c = context(d)
        with c.wrap_socket(harness.socket.create_connection(
                ("127.0.0.1", d.tls_ports[1]), harness.PATIENCE),
                suppress_ragged_eofs=False) as s:
            s.recv(4096)
            s.sendall(b"QUIT\r\n")
            said = b""
            while piece := s.recv(4096):  # fails without close_notify
                said += piece
            assert said.startswith(b"221"), said
        d.stop()


def test_old_tls_is_refused(folder):
    with closing(Daemon(folder, tls=True)) as d:
        d.start()
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings(action="ignore"):
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            smtplib.SMTP_SSL("127.0.0.1", d.tls_ports[1], context=old,
                             timeout=harness.PATIENCE)
        except (ssl.SSLError, OSError):
            pass
        else:
            raise AssertionError("TLS 1.1 was taken")
        d.stop()


harness.run(harness.tests_of(sys.modules[__name__]))
