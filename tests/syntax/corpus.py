"""The corpus in grammar/corpus: what stands in it, and how its golden files are made.

Valid cases share a stem: NAME.lead, NAME.canonical (what ``fmt`` writes), NAME.ast (the AST, without places), and
NAME.plan (the steps as they are planned) for those that are sound in the sandbox's workspace.
Invalid cases hold marks: ``⟦E009|Not Interested⟧`` is the text ``Not Interested`` with a finding E009 on it.
``python -m tests.syntax.corpus`` writes the golden files anew; look at the difference before you keep it.
"""

import asyncio
import re
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.syntax.formatter import format_source
from leadops.syntax.parser import parse, read_source
from tests.workspace import sandbox_schema

CORPUS = Path(__file__).parents[2] / "grammar" / "corpus"
VALID = sorted(CORPUS.glob("valid/*.lead"))
INVALID = sorted(CORPUS.glob("invalid/*.lead"))
NOON_IN_MAY_2026 = 1_777_703_400_000
"""2026-05-02T12:00 in Asia/Kolkata, in epoch ms: the clock of every case."""
_MARK = re.compile(r"⟦(?:(E\d{3})\||)|⟧")


def parsed(path):
    """Return a case as it is parsed."""
    text, findings = read_source(path.read_bytes(), path.name)
    assert findings == ()
    return parse(text, path.name)


def dump(held, indent=0):
    """Return an AST node as indented lines, one for each node and plain part; places are left out."""
    pad = "  " * indent
    if isinstance(held, tuple):
        return "".join(dump(part, indent) for part in held) if held else f"{pad}()\n"
    if not is_dataclass(held):
        return f"{pad}{held!r}\n"
    parts = [(field.name, getattr(held, field.name)) for field in fields(held) if field.compare]
    plain = " ".join(
        f"{name}={part!r}" for name, part in parts if not is_dataclass(part) and not isinstance(part, tuple)
    )
    nested = [(name, part) for name, part in parts if is_dataclass(part) or isinstance(part, tuple)]
    lines = f"{pad}{type(held).__name__}{f' {plain}' if plain else ''}\n"
    return lines + "".join(f"{pad}  .{name}\n{dump(part, indent + 2)}" for name, part in nested)


def unmarked(marked):
    """Return the text without its marks, and (code, start, end) for each of them."""
    text, marks, open_marks, at = "", [], [], 0
    for found in _MARK.finditer(marked):
        text += marked[at : found.start()]
        at = found.end()
        if found[1]:
            open_marks.append((found[1], len(text)))
        else:
            code, start = open_marks.pop()
            marks.append((code, start, len(text)))
    assert not open_marks
    return text + marked[at:], sorted(marks, key=lambda mark: mark[1:])


def planned(path):
    """Return what a case asks for in the sandbox's workspace, as it is planned; empty where it is not sound there."""
    around = Surroundings(None, NOON_IN_MAY_2026, files=EmbeddedFiles({}))
    plan = compile_playbook(parsed(path), schema(), around).plan
    return "" if plan is None else dump(plan.steps)


@cache
def schema():
    """Return the schema of the sandbox's workspace."""
    return asyncio.run(sandbox_schema())


def main():
    """Write the golden files of the valid cases."""
    for path in VALID:
        held = parsed(path)
        if plan := planned(path):
            path.with_suffix(".plan").write_text(plan, encoding="utf-8", newline="\n")
        path.with_suffix(".canonical").write_text(format_source(held), encoding="utf-8", newline="\n")
        path.with_suffix(".ast").write_text(dump(held.playbook), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
