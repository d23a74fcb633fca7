"""Finding the executable parts of our documentation."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.M | re.S)
_EXIT = re.compile(r"\s+# exit (\d+)$")


def pages():
    """Return every Markdown page but the error pages, whose examples are run by tests/analysis and tests/syntax."""
    return [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if p.parent.name != "errors")]


def fenced(page, language):
    """Return (line, text) of each fenced block of ``language``."""
    text = page.read_text("utf-8")
    return [
        (text.count("\n", 0, m.start()) + 1, m.group(2)) for m in _FENCE.finditer(text) if m.group(1) == language
    ]


def console_blocks(page):
    """Return (line, [(command, expected output, exit code)]) of each console block."""
    found = []
    for line, text in fenced(page, "console"):
        commands = []
        for row in text.splitlines():
            if row.startswith("$ "):
                command = row[2:]
                code = _EXIT.search(command)
                commands.append([_EXIT.sub("", command), [], int(code.group(1)) if code else 0])
            elif row.startswith("> ") and commands and not commands[-1][1]:
                commands[-1][0] += "\n" + row[2:]
            elif commands:
                commands[-1][1].append(row)
        found.append((line, [(c, "\n".join(out), code) for c, out, code in commands]))
    return found
