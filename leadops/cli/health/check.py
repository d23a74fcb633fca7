"""One finding of ``doctor``: a verdict, what was seen, and the way forward."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from textwrap import wrap
from typing import Any

from leadops.core.text import visible


class Verdict(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    """It works, and somebody should know."""
    FAIL = "fail"
    """It does not work, or must not stay so."""
    SKIP = "skip"
    """It could not be looked at."""


_MARKS = {Verdict.OK: "ok  ", Verdict.WARN: "warn", Verdict.FAIL: "FAIL", Verdict.SKIP: "skip"}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: stable, for programs: ``token``, ``search_ids``.
        says: one sentence.
        help: what to do; empty where there is nothing to do.
        data: for programs: plain JSON values.
    """

    name: str
    verdict: Verdict
    says: str
    help: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def lines(checks: Sequence[Check], columns: int) -> Iterator[str]:
    """Yield the findings as text of at most ``columns`` columns, the way forward below each."""
    names = max(len(check.name) for check in checks)
    room = max(20, columns - names - 8)
    for check in checks:
        head = f"{_MARKS[check.verdict]}  {check.name.replace('_', ' '):<{names}}  "
        for text in (check.says, *check.help.splitlines()):
            for line in wrap(visible(text), room, break_on_hyphens=False):
                yield f"{head}{line}"
                head = " " * len(head)
    bad = sum(check.verdict is Verdict.FAIL for check in checks)
    warned = sum(check.verdict is Verdict.WARN for check in checks)
    yield ""
    yield (
        "everything is as it should be"
        if not bad and not warned
        else f"{bad} to repair, {warned} to know about"
    )


def form(checks: Sequence[Check]) -> dict[str, Any]:
    """Return the findings as docs/machine-forms.md has them."""
    return {
        "format_version": 1,
        "healthy": all(check.verdict is not Verdict.FAIL for check in checks),
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict.value,
                "says": check.says,
                "help": check.help,
                "data": check.data,
            }
            for check in checks
        ],
    }
