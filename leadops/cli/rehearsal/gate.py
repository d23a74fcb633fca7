"""The gate of ``run`` and ``apply``: nothing is written while one of the playbook's own tests fails."""

import os

from leadops.analysis.compiler import Surroundings
from leadops.analysis.files import EmbeddedFiles
from leadops.cli.compiling import Request, surroundings
from leadops.cli.rehearsal.rehearse import rehearse
from leadops.cli.settings import Settings
from leadops.core.errors import RefusedError
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.syntax import ast
from leadops.syntax.parser import Parsed, parse


async def require_rehearsed(request: Request, schema: Schema, settings: Settings) -> None:
    """Refuse to go on unless every test of the playbook passes; without tests nothing happens.

    Raises:
        RefusedError: one fails; names the clause, what was expected and what the plan would do.
    """
    await _require(request.source.parsed, schema, surroundings(request, settings))


async def require_saved_rehearsed(saved: SavedPlan, schema: Schema, settings: Settings) -> None:
    """Do the same for the playbook that a saved plan carries, with the plan's clock and params.

    Raises:
        RefusedError: as ``require_rehearsed``.
    """
    name, text = next(iter(saved.sources.items()))
    await _require(parse(text, name), schema, saved_surroundings(saved, settings))


def saved_surroundings(saved: SavedPlan, settings: Settings) -> Surroundings:
    """Return what the texts that a plan carries are compiled in: its clock, its time zone, its params."""
    return Surroundings(
        timezone=saved.timezone,
        country_code=settings.country_code,
        now_ms=saved.clock_ms,
        parameters={p.name: p.text for p in saved.parameters if not p.secret},
        files=EmbeddedFiles(dict(saved.sources)),
        environment=dict(os.environ),
        call_types=settings.call_types,
        unchecked=saved.unchecked,
        notify_names=frozenset(settings.notify) if settings.notify else None,
    )


async def _require(parsed: Parsed, schema: Schema, around: Surroundings) -> None:
    if not any(isinstance(item, ast.Test) for item in parsed.playbook.items):
        return
    report = await rehearse(parsed, schema, around)
    if not report.failed:
        return
    first = report.failed[0]
    failure = first.failures[0]
    more = len(report.failed) - 1
    where = f"{failure.span.file}:{failure.span.line}: " if failure.span else ""
    raise RefusedError(
        f"the playbook's own test “{first.title}” fails" + (f", and {more} more" if more else ""),
        f"{where}expected {failure.expected}\nactual: {failure.actual}\n`leadops test` shows all of them",
    )
