"""Finding the executable parts of our documentation.

A fence's first line is ``language words…``. A word with a dot in it names a file: the block is that file's text, and
the page's later commands find it. The word ``moving`` on a console block says that its numbers, ids and names are
those of one day: see ``matching``.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: the line of its opening, its language, its words and its text."""

    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def file(self):
        """The file that the block is, or None."""
        return next((word for word in self.words if "." in word), None)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, what it prints, its exit code, and whether the values move."""

    line: int
    text: str
    expected: str
    code: int
    moving: bool


@cache
def pages():
    """Return every Markdown page but the error pages, whose examples are run by tests/analysis and tests/syntax."""
    roots = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return [*roots, *sorted(p for p in DOCS.rglob("*.md") if p.parent.name != "errors")]


def name(page):
    """Return a page's path inside the repository."""
    return str(page.relative_to(ROOT))


def fences(page, *languages):
    """Return the fenced blocks of ``languages`` (of any, without), in order."""
    text = page.read_text("utf-8")
    found = [
        Fence(
            text.count("\n", 0, m.start()) + 1,
            m.group(2),
            tuple(m.group(3).split()),
            _dedent(m.group(4), m.group(1)),
        )
        for m in _FENCE.finditer(text)
    ]
    return [fence for fence in found if not languages or fence.language in languages]


def commands(fence):
    """Return the commands of a console block: ``$ `` begins one, ``> `` continues it, other lines are its output."""
    found = []
    for row in fence.text.splitlines():
        if row.startswith("$ "):
            found.append([row[2:], []])
        elif row.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += "\n" + row[2:]
        else:
            assert found, f"line {fence.line}: a console block begins with a command"
            found[-1][1].append(row)
    return [
        Command(fence.line, _EXIT.sub("", text), "\n".join(output), _code(text), "moving" in fence.words)
        for text, output in found
    ]


def _code(text):
    said = _EXIT.search(text)
    return int(said.group(1)) if said else 0


def _dedent(text, indent):
    return "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))
