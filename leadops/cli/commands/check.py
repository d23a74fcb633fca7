"""``leadops check``: everything that can be said about playbooks without the network."""

import asyncio
from typing import Any

import click

from leadops.cli import options
from leadops.cli.compiling import Request, compile_source, show_findings
from leadops.cli.console import Console, open_console
from leadops.cli.schemas import offline_schema
from leadops.cli.settings import Settings, load_settings
from leadops.cli.source import playbook_clock, read_parameters, read_playbook
from leadops.core.clock import SystemClock
from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.exits import Exit
from leadops.model.schema import Schema


@click.command("check")
@click.argument("files", nargs=-1)
@click.option("-e", "text", metavar="TEXT", help="The playbook itself instead of FILES.")
@click.option("-p", "--param", "params", multiple=True, metavar="K=V", help="A parameter of the playbook.")
@click.option("--param-file", metavar="FILE", help="Parameters, one K=V a line.")
@click.option("--unchecked", is_flag=True, help="Errors about values become warnings.")
@click.option("--now", metavar="TIME", help="The playbook's clock, like 2026-05-02T09:00.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    help="What stdout holds.",
)
@options.place
@options.voice
def command(
    files: tuple[str, ...],
    text: str | None,
    params: tuple[str, ...],
    param_file: str | None,
    unchecked: bool,
    now: str | None,
    form: str,
    profile: str | None,
    sandbox: bool,
    state: str | None,
    **voice: Any,
) -> int:
    """Check playbooks: syntax, names, types, periods. Makes no change, needs no network.

    Names are checked against leadops.schema.json, else against what was last pulled from the workspace, else
    (with --sandbox) against the sandbox; without any of these only what needs no schema is checked, and that is said.
    """
    console = open_console(quiet=voice["quiet"], no_color=voice["no_color"])
    settings = load_settings(profile=profile, sandbox=sandbox, state=state)
    clock = SystemClock()
    schema = _schema(settings)
    found: list[Diagnostic] = []
    sources: dict[str, str] = {}
    for file in files or (None,):
        source = read_playbook(file, text)
        request = Request(
            source=source,
            parameters=dict(read_parameters(params, param_file, source.parsed)),
            clock_ms=playbook_clock(now, source.parsed, settings, clock),
            unchecked=unchecked,
            environment={},
        )
        compiled = compile_source(request, schema, settings)
        found += compiled.diagnostics
        sources |= {source.parsed.file: source.parsed.source, **compiled.sources}
    _show(tuple(found), sources, form, console)
    errors = sum(d.severity is Severity.ERROR for d in found)
    if form == "text":
        warnings = sum(d.severity is Severity.WARNING for d in found)
        console.note(_verdict(errors, warnings, max(1, len(files))))
    return int(Exit.FINDINGS if errors else Exit.DONE)


def _schema(settings: Settings) -> Schema | None:
    if not settings.sandbox:
        return offline_schema(settings)
    from leadops.cli.session import open_session  # noqa: PLC0415 (httpx and starlette, only for the sandbox)

    async def ask() -> Schema:
        async with open_session(settings) as session:
            return await session.schema()

    return asyncio.run(ask())


def _show(found: tuple[Diagnostic, ...], sources: dict[str, str], form: str, console: Console) -> None:
    if form == "text":
        show_findings(found, sources, console, hints=True)
        return
    from leadops.report import diagnostics as forms  # noqa: PLC0415 (only for machine forms)

    if form == "json":
        console.json(forms.as_json(found))
    elif form == "sarif":
        console.json(forms.as_sarif(found, sources))
    else:
        show_findings(found, sources, console, hints=True)
        console.result(forms.as_github(found))


def _verdict(errors: int, warnings: int, files: int) -> str:
    what = "the playbook is" if files == 1 else f"all {files} playbooks are"
    if not errors:
        return f"{what} sound" + (f" ({warnings} warning{'s' * (warnings > 1)})" if warnings else "")
    return f"{errors} error{'s' * (errors > 1)}" + (
        f", {warnings} warning{'s' * (warnings > 1)}" if warnings else ""
    )
