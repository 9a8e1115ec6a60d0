"""Imported for what it does: goes on in the system's Python when this one has
not what contrib/packages installed for that."""

import importlib.util
import os
import sys

SYSTEM = "/usr/bin/python3"

if sys.executable != SYSTEM and not all(
        importlib.util.find_spec(name) for name in ("dkim", "dns")):
    os.execv(SYSTEM, [SYSTEM, *sys.argv])
