"""GitHub workflow commands: annotations within GitHub's limits, and free text that cannot be taken for a command."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypedDict

from leadops.core.positions import Span
from leadops.core.text import visible
from leadops.model.run import CLEAN, RunResult
from leadops.model.saved import SavedPlan
from leadops.report.shown import count
from leadops.report.style import words
from leadops.report.view import view_of

MOST = 10
"""How many annotations of a level GitHub shows a step; the rest vanish without a word."""

_LEVELS = ("error", "warning", "notice")


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation.

    Attributes:
        level: error, warning or notice.
        line, column, end_line, end_column: 1-based, the end exclusive; 0 where there is no place.
    """

    level: str
    title: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


class Place(TypedDict, total=False):
    """Where an annotation stands; nothing for what stands in no file."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def place_of(span: Span | None) -> Place:
    """Return where an annotation of ``span`` stands; a text of the command line is no file that GitHub could open."""
    if span is None or span.file == "<-e>":
        return {}
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def annotations(found: Iterable[Annotation]) -> str:
    """Return at most ten annotations a level, errors first; the last of a full level says how many more there are."""
    every = tuple(found)
    return "\n".join(
        line for level in _LEVELS for line in _level([one for one in every if one.level == level])
    )


def plan_annotations(saved: SavedPlan, result: RunResult | None = None, *, mask: bool = False) -> str:
    """Return what a person should know of a plan or a run as annotations: refusals, trouble, warnings."""
    view = view_of(saved, result, pii="mask" if mask else "show")
    found = [Annotation("error", "plan refused", text) for text in view.refusals]
    found += [
        Annotation("error", f"{words(one.outcome)}: {one.name or one.identifier}", one.reason)
        for one in view.refused
    ]
    clean = {outcome.value for outcome in CLEAN}
    if result is not None:
        for lead in view.leads:
            if lead.outcome not in clean:
                said = "; ".join(f"{remark.shown()}: {remark.words}" for remark in lead.remarks)
                why = ". ".join(text for text in (lead.reason, said) if text)
                who = lead.name or lead.identifier or lead.id
                found.append(Annotation("error", f"{words(lead.outcome)}: {who}", why or words(lead.outcome)))
    found += [
        Annotation("warning", warning.code, text, **place_of(warning.span))
        for warning, text in zip(saved.warnings, view.warnings, strict=True)
    ]
    return annotations(found)


def quoted(text: str, token: str) -> str:
    """Return ``text`` so that GitHub takes no line of it for a command; ``token`` is fresh and hard to guess."""
    return f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n"


def _level(found: list[Annotation]) -> Iterator[str]:
    if len(found) <= MOST:
        yield from map(_command, found)
        return
    yield from map(_command, found[: MOST - 1])
    level = found[0].level
    more = count(len(found) - MOST + 1, f"more {level}")
    yield _command(
        Annotation(level, f"and {more}", f"and {more}: GitHub shows {MOST} a step; the log has all")
    )


def _command(one: Annotation) -> str:
    here = one.line == one.end_line
    places = {
        "file": one.file,
        "line": str(one.line or ""),
        "endLine": str(one.end_line or ""),
        "col": str(one.column if here and one.column else ""),
        "endColumn": str(one.end_column - 1 if here and one.end_column > one.column else ""),
    }
    named = {**(places if one.file else {}), "title": one.title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in named.items() if value)
    return f"::{one.level} {properties}::{_data(one.message)}"


def _data(text: str) -> str:
    shown = visible(text, keep_newlines=True)
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
