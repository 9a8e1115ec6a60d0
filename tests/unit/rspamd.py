#!/usr/bin/env python3
"""Starts rspamd in a folder of its own and prints "real PORT" when it answers;
where it is not installed, a stand-in that speaks its protocol: "stand-in PORT".
Ends when its standard input does.

    rspamd.py FOLDER
"""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

GTUBE = (b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL"
         b"*C.34X")
PATIENCE = 60

CONFIG = """
options {{
    pidfile = "{folder}/pid"; tempdir = "{folder}"; hs_cache_dir = "{folder}";
    control_socket = "{folder}/control mode=0600"; rrd = null;
    history_file = "{folder}/history"; filters = "regexp";
    dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
}}
logging {{ type = "console"; level = "error"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
metric "default" {{ actions {{ reject = 15; add_header = 6; greylist = 4; }} }}
"""


class StandIn(http.server.BaseHTTPRequestHandler):
    """What rspamd documents of /checkv2."""

    def do_POST(self):
        mail = self.rfile.read(int(self.headers["Content-Length"]))
        bad = GTUBE in mail
        answer = json.dumps({
            "is_skipped": bad, "score": 15.0 if bad else 0.0,
            "required_score": 15.0,
            "action": "reject" if bad else "no action",
            "symbols": {"GTUBE": {"name": "GTUBE", "score": 0.0}}
            if bad else {}}).encode()
        good = self.path == "/checkv2" and self.headers.get_all("Rcpt")
        self.send_response(200 if good else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping",
                                    timeout=1):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_real(folder):
    """(process, port), or (None, 0) when it does not come up."""
    if not shutil.which("rspamd"):
        return None, 0
    port = free_port()
    with open(f"{folder}/rspamd.conf", "w") as f:
        f.write(CONFIG.format(folder=folder, port=port))
    process = subprocess.Popen(
        ["rspamd", "-f", "-i", "-c", f"{folder}/rspamd.conf"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if answers(port):
            return process, port
        time.sleep(0.05)
    process.kill()
    process.wait()
    return None, 0


def main():
    os.environ.pop("http_proxy", None)
    process, port = start_real(sys.argv[1])
    if process is None:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
    print("stand-in" if process is None else "real", port, flush=True)
    sys.stdin.read()
    if process is not None:
        process.terminate()
        process.wait()


main()
