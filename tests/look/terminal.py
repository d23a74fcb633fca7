"""Shows a plan and a run in terminals of several kinds and looks at what comes out.

80x24 and 160x50, NO_COLOR, TERM=dumb, CI=true on a terminal, and piped: no line over the width, colour only where a
terminal takes it, the same words everywhere, phones masked where it is no terminal.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from leadops.core.excerpt import cells

SAMPLE = Path(__file__).parents[1] / "report" / "sample.py"
CHILD = f"""
import runpy
from leadops.cli.console import open_console
from leadops.report.terminal import plan_text, run_text
sample = runpy.run_path({str(SAMPLE)!r})
plan = sample["plan"]()
console = open_console()
shown = {{"width": console.width, "color": console.color, "mask": console.pii == "mask"}}
console.result(plan_text(plan, **shown) + run_text(plan, sample["troubled"](plan), **shown))
"""
CODE = re.compile(r"\x1b\[[\d;]*m")
# name, columns and rows (None: piped), environment, whether colour is expected
KINDS = (
    ("80x24", (80, 24), {"TERM": "xterm-256color"}, True),
    ("160x50", (160, 50), {"TERM": "xterm-256color"}, True),
    ("NO_COLOR", (80, 24), {"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
    ("TERM=dumb", (80, 24), {"TERM": "dumb"}, False),
    ("CI=true on a terminal", (120, 40), {"TERM": "xterm", "CI": "true"}, True),
    ("piped", None, {"TERM": "xterm-256color"}, False),
    ("piped in CI", None, {"CI": "true"}, False),
)


def shown(size, environment):
    """Return what the child writes to a terminal of ``size``, or to a pipe."""
    bare = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "LC_ALL"}} | {
        "PYTHONUTF8": "1"
    }
    command = [sys.executable, "-c", CHILD]
    if size is None:
        return subprocess.run(
            command, env=bare | environment, capture_output=True, check=True, text=True
        ).stdout
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    child = subprocess.Popen(command, env=bare | environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    chunks = []
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end of a terminal that closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(ours)
    if child.wait() != 0:
        raise RuntimeError(b"".join(chunks).decode(errors="replace"))
    return b"".join(chunks).decode().replace("\r\n", "\n")


def troubles(size, text, color):
    """Return what is wrong with ``text``, as sentences."""
    plain = CODE.sub("", text)
    width = size[0] if size else 100
    found = [f"wider than {width}: {line!r}" for line in plain.split("\n") if cells(line) > width]
    if bool(CODE.search(text)) is not color:
        found.append(f"colour is {'missing' if color else 'there'}")
    if "\x1b" in plain:
        found.append("an escape code that is no colour")
    if ("919800000001" in plain) is not (size is not None):
        found.append("phones are masked exactly where it is no terminal")
    head = " ".join(plain.split("\n")[:5])
    found += [
        f"not within the first five lines: {part}"
        for part in ("15 leads to change", "1 refused")
        if part not in head
    ]
    return found


def main():
    """Look at every kind of terminal; exit 1 if something is wrong."""
    failed = False
    for name, size, environment, color in KINDS:
        found = troubles(size, shown(size, environment), color)
        sys.stdout.write(
            "\n        ".join([f"{'FAILED' if found else 'ok':7}terminal {name}", *found]) + "\n"
        )
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
