"""``leadops check``: everything that can be said about playbooks without the network."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from leadops import __version__
from leadops.analysis.compiler import Compiled
from leadops.cli import completing, options
from leadops.cli.compiling import Request, compile_source, show_findings
from leadops.cli.console import Console, open_console
from leadops.cli.failures import report_failure
from leadops.cli.fixing import fix_source, write_fixed
from leadops.cli.schemas import schema_at_hand
from leadops.cli.settings import load_settings
from leadops.cli.source import Source, playbook_clock, read_parameters, read_playbook
from leadops.core.clock import SystemClock
from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit

NO_VALUE = "E410"
"""A parameter has neither a default nor a value from the command line."""


@click.command("check")
@click.argument("files", nargs=-1, shell_complete=completing.files)
@click.option("-e", "text", metavar="TEXT", help="The playbook itself instead of FILES.")
@click.option("-p", "--param", "params", multiple=True, metavar="K=V", help="A parameter of the playbook.")
@click.option(
    "--param-file", metavar="FILE", shell_complete=completing.files, help="Parameters, one K=V a line."
)
@click.option("--fix", is_flag=True, help="First make the corrections that are safe, in the files.")
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
    fix: bool,
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
    Secrets need no value here. --fix changes only what cannot change the meaning, and checks what is left.
    """
    if fix and (text is not None or "-" in files):
        raise UsageError("--fix rewrites files; -e and - are none", "put the playbook into a file")
    console = open_console(quiet=voice["quiet"], no_color=voice["no_color"])
    settings = load_settings(profile=profile, sandbox=sandbox, state=state)
    clock = SystemClock()
    schema = schema_at_hand(settings)
    found: list[Diagnostic] = []
    sources: dict[str, str] = {}
    failures: list[UsageError] = []
    for file in files or (None,):
        try:
            source = read_playbook(file, text)
            parameters = dict(read_parameters(params, param_file, source.parsed))
            clock_ms = playbook_clock(now, source.parsed, settings, clock)
        except UsageError as error:  # of this file: what is found in the others is told all the same
            failures.append(error)
            continue

        def compiled_of(
            source: Source, parameters: dict[str, str] = parameters, clock_ms: int = clock_ms
        ) -> Compiled:
            request = Request(source, parameters, clock_ms, unchecked, environment={})
            return compile_source(request, schema, settings, stand_ins=True)

        if fix:
            source = _fixed(source, lambda one: compiled_of(one).diagnostics, console)
        compiled = compiled_of(source)
        found += [_without_values(one) for one in compiled.diagnostics]
        sources |= {source.parsed.file: source.parsed.source, **compiled.sources}
    _show(tuple(found), sources, form, console)
    errors = sum(d.severity is Severity.ERROR for d in found)
    if form == "text":
        warnings = sum(d.severity is Severity.WARNING for d in found)
        checked = max(1, len(files)) - len(failures)
        if checked:
            console.note(_verdict(errors, warnings, checked))
    if failures:
        for other in {
            str(error): error for error in failures[:-1] if str(error) != str(failures[-1])
        }.values():
            report_failure(other)
        raise failures[-1]
    return int(Exit.FINDINGS if errors else Exit.DONE)


def _without_values(found: Diagnostic) -> Diagnostic:
    """Return a finding as `check` weighs it: that a parameter has no value yet is no mistake of the text."""
    return replace(found, severity=Severity.HINT) if found.code == NO_VALUE else found


def _fixed(source: Source, findings: Callable[[Source], Sequence[Diagnostic]], console: Console) -> Source:
    """Rewrite the playbook's file with its safe corrections, and say each; return it as it then is."""
    fixed = fix_source(source, findings)
    if fixed.done:
        write_fixed(Path(source.parsed.file), fixed.source.parsed.source)
        for one in fixed.done:
            where = f"{one.span.file}:{one.span.line}:{one.span.column}: " if one.span else ""
            console.note(f"{where}fixed [{one.code}]: {one.fix.title if one.fix else one.message}")
    return fixed.source


def _show(found: tuple[Diagnostic, ...], sources: dict[str, str], form: str, console: Console) -> None:
    if form == "text":
        show_findings(found, sources, console, hints=True)
        if not (found and os.environ.get("GITHUB_ACTIONS") == "true"):
            return
    from leadops.report import diagnostics as forms  # noqa: PLC0415 (only for machine forms)

    if form == "json":
        console.json(forms.as_json(found))
    elif form == "sarif":
        console.json(forms.as_sarif(found, sources, __version__))
    else:
        if form != "text":
            show_findings(found, sources, console, hints=True)
        console.result(forms.as_github(found))


def _verdict(errors: int, warnings: int, files: int) -> str:
    what = "the playbook is" if files == 1 else f"all {files} playbooks are"
    if not errors:
        return f"{what} sound" + (f" ({warnings} warning{'s' * (warnings > 1)})" if warnings else "")
    return f"{errors} error{'s' * (errors > 1)}" + (
        f", {warnings} warning{'s' * (warnings > 1)}" if warnings else ""
    )
