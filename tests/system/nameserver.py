"""A name server on loopback that says what a test wants, over UDP and TCP."""

import socket
import struct
import threading

import debian  # noqa: F401
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

SILENT, FAILS = "silent", "fails"  # what a name may do instead of answering


class NameServer:
    """zone: a name, to a list of TXT records, or SILENT or FAILS; a name and
    a type, ("example.com", "MX"), to a list of records of that type."""

    def __init__(self, zone=None):
        self.zone = dict(zone or {})
        self.asked = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        for serve in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def answer(self, wire, most=None):
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        kind = dns.rdatatype.to_text(question.rdtype)
        found = self.zone.get(name if kind == "TXT" else (name, kind),
                              self.zone.get((name, "ALL")))
        if found == SILENT:
            return None
        reply = dns.message.make_response(query)
        if found == FAILS:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        if isinstance(found, list) and kind != "TXT":
            reply.answer.append(dns.rrset.from_text(
                question.name, 60, "IN", kind, *found))
            found = []
        for text in found if isinstance(found, list) else []:
            pieces = [text[i:i + 255] for i in range(0, len(text), 255)]
            quoted = " ".join('"%s"' % p.replace("\\", "\\\\").replace(
                '"', '\\"') for p in pieces)
            reply.answer.append(dns.rrset.from_text(
                question.name, 60, "IN", "TXT", quoted))
        out = reply.to_wire(max_size=65535)
        if most and len(out) > most:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            out = reply.to_wire()
        return out

    def serve_udp(self):
        while True:
            try:
                wire, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            out = self.answer(wire, 1232)
            if out:
                self.udp.sendto(out, peer)

    def serve_tcp(self):
        while True:
            try:
                client, _ = self.tcp.accept()
            except OSError:
                return
            with client:
                client.settimeout(30)
                head = client.recv(2, socket.MSG_WAITALL)
                if len(head) < 2:
                    continue
                wire = client.recv(struct.unpack("!H", head)[0],
                                   socket.MSG_WAITALL)
                out = self.answer(wire)
                if out:
                    client.sendall(struct.pack("!H", len(out)) + out)

    def close(self):
        for s in (self.tcp, self.udp):
            s.close()
