"""From what the user typed to a compiled playbook, with its findings shown."""

from dataclasses import replace
from pathlib import Path

from leadops.analysis.compiler import Compiled, Surroundings, compile_playbook
from leadops.analysis.files import ProjectFiles
from leadops.analysis.params import SECRET_PREFIX
from leadops.analysis.scope import gather
from leadops.cli.console import Console
from leadops.cli.settings import DEFAULT_TIMEZONE, Settings
from leadops.cli.source import Source
from leadops.core.diagnostics import Diagnostic, Findings, Severity
from leadops.core.errors import FindingsError
from leadops.core.excerpt import render
from leadops.core.fast_dataclass import record
from leadops.model.schema import Schema
from leadops.syntax.parser import Parsed

__all__ = [
    "DEFAULT_TIMEZONE",
    "Request",
    "compile_source",
    "require_sound",
    "show_findings",
    "surroundings",
    "with_stand_ins",
]


@record()
class Request:
    """A playbook with everything that gives it one meaning.

    Attributes:
        parameters: from the command line, texts.
        clock_ms: the playbook's clock.
        environment: where ``param: secret`` is looked up.
    """

    source: Source
    parameters: dict[str, str]
    clock_ms: int
    unchecked: bool
    environment: dict[str, str]


def compile_source(
    request: Request, schema: Schema | None, settings: Settings, *, stand_ins: bool = False
) -> Compiled:
    """Return the playbook compiled against ``schema``; ``stand_ins``: as ``with_stand_ins``."""
    parsed, around = request.source.parsed, surroundings(request, settings)
    return compile_playbook(parsed, schema, with_stand_ins(parsed, around) if stand_ins else around)


def surroundings(request: Request, settings: Settings) -> Surroundings:
    """Return what the playbook of ``request`` is compiled in."""
    return Surroundings(
        timezone=settings.timezone,
        country_code=settings.country_code,
        now_ms=request.clock_ms,
        parameters=request.parameters,
        files=ProjectFiles(_root_of(request.source, settings)),
        environment=request.environment,
        call_types=settings.call_types,
        unchecked=request.unchecked,
        notify_names=frozenset(settings.notify) if settings.notify else None,
    )


def with_stand_ins(parsed: Parsed, around: Surroundings) -> Surroundings:
    """Return ``around`` with a stand-in for each secret that it lacks: for commands that send nothing anywhere."""
    params = gather(parsed, around.files, Findings()).params
    needed = {SECRET_PREFIX + name.upper() for name, param in params.items() if param.type == "secret"}
    return replace(around, environment=dict.fromkeys(needed, "a secret") | dict(around.environment))


def _root_of(source: Source, settings: Settings) -> Path:
    return settings.root if source.base.is_relative_to(settings.root) else source.base


def show_findings(
    diagnostics: tuple[Diagnostic, ...], sources: dict[str, str], console: Console, *, hints: bool = False
) -> None:
    """Print each finding with its excerpt to stderr; hints only if asked for, and where there are no errors."""
    broken = any(d.severity is Severity.ERROR for d in diagnostics)
    for diagnostic in diagnostics:
        if diagnostic.severity is Severity.HINT and (broken or console.quiet or not hints):
            continue
        text = sources.get(diagnostic.span.file) if diagnostic.span else None
        console.warn(render(diagnostic, text, width=console.width))


def require_sound(compiled: Compiled) -> None:
    """Stop with exit 1 when there are errors; they have been shown.

    Raises:
        FindingsError: without diagnostics: they stand on stderr already.
    """
    errors = sum(d.severity is Severity.ERROR for d in compiled.diagnostics)
    if errors:
        raise FindingsError((), f"{errors} error{'s' if errors > 1 else ''}; nothing was searched or changed")
