"""The step summary of GitHub Actions: Markdown that is never so long that GitHub drops it."""

from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.report.render import markdown
from leadops.report.view import view_of

BUDGET = 900 * 1024
"""Bytes; GitHub drops a whole summary above 1 MiB."""


def summary(
    saved: SavedPlan,
    result: RunResult | None = None,
    *,
    mask: bool = True,
    schema: Schema | None = None,
    room: int = BUDGET,
) -> str:
    """Return a plan or a run as Markdown of at most ``room`` bytes; masked, for a summary is read by many.

    What does not fit is left out at the end of a line, and the last line says so.
    """
    view = view_of(saved, result, pii="mask" if mask else "show", schema=schema)
    kept: list[str] = []
    used = 0
    for line in "".join(markdown(view, most=50)).splitlines(keepends=True):
        size = len(line.encode())
        if used + size > room - 200:
            kept.append("\n… the rest does not fit here: see the report among the artifacts\n")
            break
        kept.append(line)
        used += size
    return "".join(kept)
