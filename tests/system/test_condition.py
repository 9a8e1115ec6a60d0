"""Text conditions that meet a limit: a mail that nobody could look at to its
end is held, by rules that hold, by rules that let pass and by the mode.
"""

import contextlib
import sys

import harness
from harness import Daemon

CHANNEL = """channel: {{
  name = "{name}"; owner = "you"; mode = "{mode}"; cost = "low";
  reversible = true; reviewers = [ "you" ]; reasons = [ "wrong" ];
  deadline = "1d"; ladder = ( {{ at = "1d"; do = "hold"; }} );
  match = {{ recipient = [ "*@{name}.example" ]; }};
  rules = ( {rules} );
}};
"""
ENDLESS = '"(a+)+[xyz]", "(?:a*)*?[bc]\\\\d"'
CHANNELS = {
    "holds": ("exception", '{ name = "one"; own = [ ' + ENDLESS
              + ' ]; then = "hold"; }'),
    "subject": ("exception", '{ name = "one"; subject = "needle"; '
                'then = "hold"; }'),
    "refuses": ("exception", '{ name = "one"; text = "needle"; '
                'then = "refuse"; say = "no needles"; }'),
    "passes": ("review", '{ name = "one"; none = ( { body = [ ' + ENDLESS
               + ' ]; }, { text = "needle"; } ); then = "pass"; }'),
    "notes": ("exception", '{ name = "one"; body = [ ' + ENDLESS
              + ' ]; then = "note"; }'),
    "header": ("exception", '{ name = "one"; header = { name = "X-Note"; '
               'matches = "needle"; }; then = "hold"; }'),
}


def mail(to, subject=b"x", text=b"Hello.\r\n", more=b"", number=0):
    return (b"From: bot@agents.example\r\nTo: jane@" + to.encode()
            + b".example\r\nSubject: " + subject + b"\r\nMessage-ID: <"
            + str(number).encode() + b"@agents.example>\r\n" + more
            + b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8"
            b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text)


def folded(size):
    return b"a" * 900 + b"\r\n " + (b"b" * 900 + b"\r\n ") * (size // 903)


LONG = (b"a" * 900 + b"\r\n") * 200
HUGE = (b"words of no matter " * 40 + b"\r\n") * 900
HARMLESS = b"Good evening.\r\n"
BROKEN = b"\xff\xfe\xc3( \xf0\x9f\x92 all well\r\n"

# channel, mail, is it held?
CASES = [
    ("holds", {"text": HARMLESS}, False),
    ("holds", {"text": LONG}, True),
    ("holds", {"text": HUGE}, True),
    ("holds", {"text": BROKEN}, True),
    ("subject", {"subject": b"a needle"}, True),
    ("subject", {"subject": b"nothing"}, False),
    ("subject", {"subject": folded(20000)}, True),
    ("subject", {"subject": folded(1000000)}, True),
    ("subject", {"subject": b"=?utf-8?b?" + b"/////w==" + b"?= x"}, None),
    ("refuses", {"text": HUGE}, True),
    ("passes", {"text": HARMLESS}, False),
    ("passes", {"text": LONG}, True),
    ("passes", {"text": HUGE}, True),
    ("passes", {"subject": folded(1000000)}, True),
    ("passes", {"text": b"nee\xe2\x80\x8bdle\r\n"}, True),
    ("notes", {"text": HARMLESS}, False),
    ("notes", {"text": LONG}, True),
    ("header", {"more": b"X-Note: x\r\n"}, False),
    ("header", {"more": b"X-Note: " + folded(20000) + b"c\r\n"}, True),
    ("header", {"subject": folded(1000000)}, True),
]


def test_what_nobody_could_look_at_is_held(folder):
    channels = {name: CHANNEL.format(name=name, mode=mode, rules=rules)
                for name, (mode, rules) in CHANNELS.items()}
    with contextlib.closing(Daemon(folder, channels=channels)) as d:
        d.start()
        wrong = []
        for n, (channel, more, held) in enumerate(CASES):
            code, text = d.submit(mail(channel, number=n, **more),
                                  rcpts=[f"jane@{channel}.example"])
            was = "held" in text if code == 250 else f"{code} {text}"
            if held is not None and was != held:
                wrong.append((n, channel, was))
        assert not wrong, wrong
        d.stop()


if __name__ == "__main__":
    harness.run(harness.tests_of(sys.modules[__name__]))
