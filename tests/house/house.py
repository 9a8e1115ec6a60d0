"""House rules, checked on the source itself: layers, doors of libraries, names,
lengths, headers that stand alone, options that are documented.  Prints TAP.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(os.environ.get("top_srcdir", Path(__file__).parents[2]))
BUILD = Path(os.environ.get("top_builddir", TOP))
SRC = TOP / "src"

FILE_LINES_MOST = 650
FUNCTION_LINES_MOST = 80
FUNCTION_LINES_USUAL = 50
FUNCTIONS_USUAL_SHARE = 0.9

# From top to bottom; a file may include what stands below its own layer.
ROOMS = ("accept", "chat", "check", "hold", "mailbox", "review", "send")
NOUNS = ("checkup", "message", "reading", "verdict", "pack", "pack_rows")
# Between rooms and nouns: what the admin wrote.
CONFIG = "config"
# What stands above the rooms, and what of it the command line may use.
ABOVE = ("doctor.h", "doctor_dns.h", "doctor_look.h", "doctor_mail.h",
         "house.h", "pipeline.h", "pipeline_again.h", "pipeline_agent.h",
         "pipeline_folder.h", "pipeline_hear.h", "pipeline_login.h",
         "pipeline_mailbox.h", "pipeline_medium.h", "pipeline_move.h",
         "pipeline_opinion.h", "pipeline_proof.h", "reload.h", "remark.h",
         "local.h", "trial.h", "trial_mail.h")
ABOVE_OF_CTL = ("local.h", "trial.h")
# Rooms that share the truth of the ledger.
MAY_USE_HOLD = ("chat", "mailbox", "review", "send", "study")
# Rooms in which each kind of a thing has files of its own.
OF_KINDS = ("chat",)
# What review composes, chat shows.
MAY_USE_REVIEW = ("chat",)
OF_REVIEW = ("review/review.h", "review/card.h", "review/facts.h",
             "review/diff.h", "review/notice.h", "review/text.h")

# Which files may include which library.
DOORS = {
    "sqlite3.h": r"src/hold/store\w*\.[ch]$",
    "libconfig.h": r"src/config/setting(_value)?\.[ch]$",
    "openssl/": r"src/(util/(tls|digest)|check/reader/signed|mailbox/stream)\.c$",
    "opendkim/": r"src/check/reader/dkimsig\.c$",
    "libpsl.h": r"src/util/suffix\.c$",
    "resolv.h": r"src/util/dns\.c$",
    "arpa/nameser.h": r"src/util/dns\.c$",
    "libetpan/": r"src/(check/reader/|mailbox/(session\w*|stream)\.[ch]$)",
    "libxml/": r"src/check/reader/",
    "iconv.h": r"src/check/reader/",
    "pthread.h": r"src/util/job\.c$",
    "curl/": r"src/(ctl/|util/fetch\.c$)",
    "libwebsockets.h": r"src/util/websocket\.c$",
    "dlfcn.h": r"src/check/reader/plugin\.c$",
    "pcre2.h": r"src/check/reader/condition\.c$",
    "unicode/": r"src/(config/calendar\.c$|check/reader/)",
}

results = []


def check(name, complaints):
    results.append((name, complaints))


def sources(pattern="*.[ch]"):
    return sorted(SRC.rglob(pattern))


def name_of(path):
    return str(path.relative_to(TOP))


def includes(path):
    for n, line in enumerate(path.read_text().splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if m:
            yield n, m.group(1) == '"', m.group(2)


def room_of(path):
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else ""


def layer_complaint(path, target):
    """Why this file may not include that one of ours, or None."""
    room, parts = room_of(path), target.split("/")
    stem = path.stem
    if parts[0] == "util":
        return None
    if room == "util":
        return "util knows no room"
    if len(parts) == 1:
        noun = parts[0][:-2] in NOUNS
        if room == "" and stem in NOUNS and not noun:
            return "a noun includes what stands above it"
        if room == CONFIG and not noun:
            return "the configuration includes what stands above it"
        if (room and parts[0] in ABOVE
                and not (room == "ctl" and parts[0] in ABOVE_OF_CTL)):
            return "a room includes what stands above it"
        return None
    if room == "" and stem in NOUNS:
        return "a noun includes what stands above it"
    if parts[0] == CONFIG:
        return None
    if room == CONFIG:
        return "the configuration includes a room"
    if room == "" and (stem in ("main",) and parts[0] != "hold"):
        return "main knows only the house"
    if room in ("", parts[0]):
        return None
    if room in MAY_USE_HOLD and target == "hold/hold.h":
        return None
    if room in MAY_USE_REVIEW and target in OF_REVIEW:
        return None
    return "a room includes another room"


def check_layers():
    bad = []
    for path in sources():
        for n, ours, target in includes(path):
            why = layer_complaint(path, target) if ours else None
            if why:
                bad.append(f"{name_of(path)}:{n}: {target}: {why}")
    check("rooms include only what stands below them", bad)


def check_doors():
    bad = []
    for path in sources():
        for n, ours, target in includes(path):
            for library, allowed in DOORS.items():
                if (not ours and target.startswith(library)
                        and not re.search(allowed, name_of(path))):
                    bad.append(f"{name_of(path)}:{n}: {target}")
    check("each library has its one door", bad)


def strip_comments(text):
    """Blank out comments and literals, keep the lines."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'",
                  blank, text, flags=re.S)


def functions(path):
    """(name, first line, length) of each function body at column 0."""
    lines = strip_comments(path.read_text()).splitlines()
    for start, line in enumerate(lines):
        if line != "{":
            continue
        end = next(i for i in range(start, len(lines)) if lines[i] == "}")
        head = start - 1
        while head > 0 and re.match(r"[\s]|\w+\($", lines[head]):
            head -= 1
        yield lines[head].strip(), head + 1, end - head + 1


def check_lengths():
    bad, lengths = [], []
    for path in sources():
        n = len(path.read_text().splitlines())
        if n > FILE_LINES_MOST:
            bad.append(f"{name_of(path)}: {n} lines")
        for name, line, length in functions(path):
            lengths.append(length)
            if length > FUNCTION_LINES_MOST:
                bad.append(f"{name_of(path)}:{line}: {length} lines: {name}")
    usual = sum(n <= FUNCTION_LINES_USUAL for n in lengths)
    if usual < FUNCTIONS_USUAL_SHARE * len(lengths):
        bad.append(f"only {usual} of {len(lengths)} functions stay within "
                   f"{FUNCTION_LINES_USUAL} lines")
    if len(lengths) < 100:
        bad.append("this test no longer finds the functions")
    check("files and functions are short", bad)


def check_openings():
    bad = [name_of(p) for p in sources()
           if not p.read_text().startswith("/*\n * ")]
    check("each file opens with what it is for", bad)


def check_prototypes():
    """A prototype stands under a comment, or under another prototype."""
    bad = []
    for path in sources("*.h"):
        commented, depth = False, 0
        for n, line in enumerate(path.read_text().splitlines(), 1):
            code = re.sub(r'"[^"]*"', '""', line)
            if depth == 0:
                if line.startswith(("/*", " *")) or line.endswith("*/"):
                    commented = True
                elif not line.strip():
                    commented = False
                elif (re.match(r"(?!typedef|#|static|struct \w+;|[A-Z_]+\()[a-z][\w*\s]+\(",
                               code) and not commented):
                    bad.append(f"{name_of(path)}:{n}: {line}")
            depth += code.count("{") - code.count("}")
    check("each prototype in a header has a comment", bad)


def check_headers():
    compiler = shutil.which("gcc") or shutil.which("cc")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "libxml-2.0", "sqlite3", "jansson",
         "libevent"], capture_output=True, text=True).stdout.split()
    bad = []
    for path in sources("*.h"):
        run = subprocess.run(
            [compiler, "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only",
             f"-I{SRC}", f"-I{TOP}/include", *flags, "-x", "c", "-"],
            input=f'#include "{path.relative_to(SRC)}"\n',
            capture_output=True, text=True)
        if run.returncode:
            bad.append(f"{name_of(path)}: {run.stderr.splitlines()[0]}")
    check("each header stands alone", bad)


def check_symbols():
    """Exported names begin with the file's or the room's name; in a room of
    several kinds, with the kind's, which its files begin with."""
    bad, seen = [], 0
    for obj in sorted((BUILD / "src").rglob("*.o")):
        stem = obj.stem.split("-")[-1]
        room = obj.parent.name
        run = subprocess.run(["nm", "--defined-only", "-g", str(obj)],
                             capture_output=True, text=True)
        for line in run.stdout.splitlines():
            kind, symbol = line.split()[-2:]
            if kind not in "TDBRC" or symbol.startswith("_"):
                continue
            seen += 1
            kinds = (stem.split("_")[0] + "_",) if room in OF_KINDS else ()
            if symbol != "main" and symbol != stem and not symbol.startswith(
                    (stem + "_", room + "_", *kinds)):
                bad.append(f"{obj.relative_to(BUILD)}: {symbol}")
    if seen < 100:
        bad.append("this test no longer finds the symbols")
    check("exported names begin with their file's name", bad)


def daemon(*args):
    return subprocess.run([BUILD / "imprimaturd", *args], text=True,
                          capture_output=True).stdout


def check_options():
    manual = (TOP / "doc/imprimatur.conf.5").read_text().replace("\\-", "-")
    samples = [TOP / "conf/imprimatur.conf",
               *sorted((TOP / "conf/channels").glob("*.conf"))]
    sample = "".join(s.read_text() for s in samples)
    options = daemon("--options").splitlines()
    bad = [] if len(options) > 150 else ["imprimaturd --options is too short"]
    for line in options:
        name, kind, fallback, *limits = line.split()
        # a rule is a rule, whoever's it is
        name = name.replace("channel.rules.", "rules.")
        leaf = name.split(".")[-1]
        if not re.search(rf"^\.It Ic {re.escape(name)} ", manual, re.M):
            bad.append(f"imprimatur.conf.5: {name} is missing")
        if not re.search(rf"\b{leaf} *=", sample):
            bad.append(f"the samples in conf: {name} is missing")
        entry = re.search(rf"^\.It Ic {re.escape(name)} (.*?)(?=^\.It|^\.El)",
                          manual, re.M | re.S)
        for word in ([fallback] if fallback != "-" and kind != "string"
                     else []):
            if entry and word not in entry.group(1):
                bad.append(f"imprimatur.conf.5: {name}: no default {word}")
        for span in limits:
            words = span.replace("..", " to ")
            if entry and words not in entry.group(1).split("\n")[0]:
                bad.append(f"imprimatur.conf.5: {name}: not {words}")
    check("each option is in the manual and in the samples",
          sorted(set(bad)))


def check_findings():
    """What is found without a plug-in is known to lint and to the manual."""
    known = set(re.findall(r'"([a-z-]+)"', re.search(
        r"core\[\] = \{(.*?)\};", (SRC / "config/lint_finding.c").read_text(),
        re.S).group(1)))
    manual = (TOP / "doc/imprimatur.conf.5").read_text()
    manual = manual[manual.index(".Sh FINDINGS"):manual.index(".Sh RELAY")]
    listed = set(re.findall(r"[a-z]+(?:-[a-z]+)*", manual))
    used = set()
    for path in sources("*.c"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        used |= set(re.findall(
            r'\b(?:FINDING_[A-Z]+|found\(l,[^"]*?),\s*"([a-z-]+)"', text))
        used |= set(re.findall(
            r'struct finding\b[^;"]*?\.name = "([a-z-]+)"', text))
        used |= set(re.findall(
            r'\b(?:note_add\(|trouble\(said,)[^;"]*?"([a-z]+(?:-[a-z]+)*)"', text))
    bad = [f"lint_finding.c lacks {name}" for name in used - known
           if not name.startswith("rspamd-")]
    bad += [f"lint_finding.c: nothing reports {name}" for name in known - used]
    bad += [f"imprimatur.conf.5: FINDINGS lacks {name}"
            for name in known - listed]
    for path in sorted((TOP / "plugins").glob("*.c")):
        if path.stem == "skeleton":
            continue
        table = re.search(r"struct imprimatur_finding \w+\[\] = \{(.*?)\n\};",
                          path.read_text(), re.S)
        for name in re.findall(r'\{\s*"([a-z-]+)",', table.group(1)) if table else []:
            if name not in listed:
                bad.append(f"imprimatur.conf.5: FINDINGS lacks {name}")
    if len(used) < 20:
        bad.append("this test no longer finds the findings")
    check("each finding is known to lint and to the manual", sorted(bad))


def check_sample():
    run = subprocess.run(
        [BUILD / "imprimaturd", "--test", "--config",
         TOP / "conf/imprimatur.conf"], capture_output=True, text=True)
    check("the sample configuration is valid",
          [] if run.returncode == 0 else [run.stderr.strip()])


def check_moves():
    doc = (TOP / "doc/flow.md").read_text()
    table = daemon("--moves").strip()
    check("doc/flow.md has the table of moves as the code has it",
          [] if table and table in doc else
          ["paste the output of imprimaturd --moves"])


def check_format():
    tool = shutil.which("clang-format")
    if not tool:
        check("formatted by clang-format # SKIP no clang-format", [])
        return
    paths = [str(p) for p in sources()
             + sorted((TOP / "plugins").rglob("*.c"))
             + sorted((TOP / "tests").rglob("*.[ch]"))]
    run = subprocess.run([tool, "--dry-run", *paths], capture_output=True,
                         text=True)
    bad = sorted({line.split(":")[0] for line in run.stderr.splitlines()
                  if "[-Wclang-format" in line})
    check("formatted by clang-format", bad)


def check_words():
    bad = []
    for path in sources():
        for n, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                bad.append(f"{name_of(path)}:{n}: {line.strip()}")
    check("nothing is left for later in the code", bad)


def check_scripts():
    complaints = []
    for path in [TOP / "bootstrap", *sorted((TOP / "contrib").rglob("*")),
                 *sorted((TOP / "tests").glob("*/*.sh"))]:
        text = path.read_text(errors="replace") if path.is_file() else ""
        if text.startswith("#!/bin/") or path.name in ("packages", "imprimatur"):
            run = subprocess.run(["bash", "-n", path], capture_output=True,
                                 text=True)
            if run.returncode != 0:
                complaints.append(f"{name_of(path)}: {run.stderr.strip()}")
    check("shell files can be read", complaints)


def check_prose():
    """A page that two hands have changed must not say a thing twice."""
    complaints = []
    pages = [TOP / n for n in ("README", "HACKING", "NEWS")]
    for path in [*pages, *sorted((TOP / "doc").glob("*.md"))]:
        text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
        words, seen = text.split(), {}
        for n in range(len(words) - 9):
            ten = " ".join(words[n:n + 10])
            if n - seen.setdefault(ten, n) >= 10:
                complaints.append(f"{name_of(path)}: twice: {ten}")
                break
        rows = re.findall(r"^\| (\S+/) \|", text, re.M)
        complaints += [f"{name_of(path)}: two rows for {r}"
                       for r in sorted(set(rows)) if rows.count(r) > 1]
    check("pages say nothing twice", complaints)


def check_pages():
    complaints = []
    mandoc = shutil.which("mandoc")
    for path in sorted((TOP / "doc").glob("*.[1578]")) if mandoc else []:
        run = subprocess.run([mandoc, "-T", "lint", "-W", "warning", path],
                             capture_output=True, text=True)
        complaints += run.stdout.splitlines()
    check("pages of the manual are well formed", complaints)


def check_relay_door():
    """One file opens connections to the relay host."""
    bad = []
    for path in sources("*.c"):
        if name_of(path) == "src/send/relay.c" or room_of(path) == "ctl":
            continue
        text = strip_comments(path.read_text())
        if re.search(r"\b(connect|bufferevent_socket_connect\w*)\s*\(", text):
            bad.append(name_of(path))
    # a probe for stale sockets; name servers; IMAP servers
    allowed = {"src/util/listen.c", "src/util/httpd.c", "src/util/dns.c",
               "src/mailbox/stream.c"}
    check("only send/relay.c connects", [b for b in bad if b not in allowed])


def main():
    for step in (check_layers, check_doors, check_lengths, check_openings,
                 check_prototypes, check_headers, check_symbols,
                 check_options, check_findings, check_sample, check_moves,
                 check_format, check_words, check_relay_door,
                 check_scripts, check_prose, check_pages):
        step()
    print(f"1..{len(results)}")
    for n, (name, complaints) in enumerate(results, 1):
        print(f"{'not ok' if complaints else 'ok'} {n} - {name}")
        for c in complaints:
            print(f"# {c}")
    sys.exit(any(c for _, c in results))


main()
