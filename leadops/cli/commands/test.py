"""``leadops test``: the tests in playbooks, on a world made in the sandbox from the user's own schema."""

import asyncio
import re
from pathlib import Path
from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.compiling import Request, compile_source, show_findings, surroundings
from leadops.cli.console import Console, open_console
from leadops.cli.rehearsal import forms
from leadops.cli.rehearsal.rehearse import RehearsalReport, rehearse
from leadops.cli.schemas import require_schema
from leadops.cli.settings import Settings, load_settings
from leadops.cli.source import Source, playbook_clock, read_parameters, read_playbook
from leadops.cli.writing import write_text
from leadops.core.clock import SystemClock
from leadops.core.diagnostics import Severity
from leadops.core.errors import FindingsError, UsageError
from leadops.core.exit_codes import Exit
from leadops.model.schema import Schema
from leadops.syntax import ast


@click.command("test")
@click.argument("files", nargs=-1, shell_complete=completing.files)
@click.option("-e", "text", metavar="TEXT", help="The playbook itself instead of FILES.")
@click.option(
    "--run", "pattern", metavar="RE", help="Only tests whose title the regular expression is found in."
)
@click.option("-p", "--param", "params", multiple=True, metavar="K=V", help="A parameter of the playbook.")
@click.option(
    "--param-file", metavar="FILE", shell_complete=completing.files, help="Parameters, one K=V a line."
)
@click.option("--unchecked", is_flag=True, help="Errors about values become warnings.")
@click.option("--now", metavar="TIME", help="The clock of tests that give none, like 2026-05-02T09:00.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit", "github"]),
    default="text",
    help="What stdout holds.",
)
@click.option(
    "--junit-file",
    callback=options.written,
    metavar="FILE",
    shell_complete=completing.files,
    help="Also write the JUnit form to FILE.",
)
@options.place
@options.voice
def command(files: tuple[str, ...], text: str | None, pattern: str | None, **given: Any) -> int:
    """Run the tests in playbooks, without the network: each on a world of its own with the leads that it gives.

    FILES are playbooks or folders; without any, all playbooks below the working folder. The world is made from
    leadops.schema.json, else from what was last pulled, else (with --sandbox) from the sandbox's workspace.
    """
    console = open_console(quiet=given["quiet"], no_color=given["no_color"])
    settings = load_settings(profile=given["profile"], sandbox=given["sandbox"], state=given["state"])
    only = _compiled(pattern)
    sources = [read_playbook(None, text)] if text is not None and not files else _sources(files, text)
    schema = require_schema(settings, "a test")
    reports: list[RehearsalReport] = []
    broken = 0
    for source in sources:
        request = Request(
            source=source,
            parameters=dict(read_parameters(given["params"], given["param_file"], source.parsed)),
            clock_ms=playbook_clock(given["now"], source.parsed, settings, SystemClock()),
            unchecked=given["unchecked"],
            environment={},
        )
        if not _sound(request, schema, settings, console):
            broken += 1
        elif _has_tests(source):
            around = surroundings(request, settings)
            reports.append(asyncio.run(rehearse(source.parsed, schema, around, only=only)))
    if only is not None and not broken and not any(report.results for report in reports):
        raise UsageError(f"no test has a title in which “{pattern}” is found")
    _show([report for report in reports if report.results], given["form"], given["junit_file"], console)
    if broken:
        raise FindingsError((), f"{broken} of {len(sources)} playbooks have errors; their tests were not run")
    return int(Exit.FINDINGS if any(report.failed for report in reports) else Exit.DONE)


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    try:
        return None if pattern is None else re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--run: “{pattern}” is no regular expression: {error}") from None


def _sources(files: tuple[str, ...], text: str | None) -> list[Source]:
    """Return the playbooks of FILES; of folders, and where none is named, those with tests."""
    found: list[Source] = []
    for name in files or (".",):
        if Path(name).is_dir():
            below = sorted(Path(name).rglob("*.lead"))
            seen = [p for p in below if not any(part.startswith(".") for part in p.relative_to(name).parts)]
            read = [read_playbook(str(path), None) for path in seen]
            found += [source for source in read if _has_tests(source)]
        else:
            found.append(read_playbook(name, text))
    return found


def _has_tests(source: Source) -> bool:
    return any(isinstance(item, ast.Test) for item in source.parsed.playbook.items)


def _sound(request: Request, schema: Schema, settings: Settings, console: Console) -> bool:
    """Whether the playbook has no errors; they are shown. A param without a value may yet be given by a test."""
    compiled = compile_source(request, schema, settings, stand_ins=True)
    errors = tuple(d for d in compiled.diagnostics if d.severity is Severity.ERROR and d.code != "E410")
    sources = {request.source.parsed.file: request.source.parsed.source, **compiled.sources}
    show_findings(errors, sources, console)
    return not errors


def _show(reports: list[RehearsalReport], form: str, junit_file: str | None, console: Console) -> None:
    if junit_file is not None:
        write_text(junit_file, forms.as_junit(reports))
    match form:
        case "json":
            console.json(forms.as_json(reports))
        case "junit":
            console.stream([forms.as_junit(reports)])
        case "github":
            console.result(forms.as_github(reports))
        case _:
            for report in reports:
                if not console.quiet or report.failed:
                    console.stream(f"{line}\n" for line in forms.as_text(report))
            console.note(forms.summary(reports))
