"""``leadops fmt``: the one canonical spelling."""

import difflib
from pathlib import Path

import click

from leadops.cli import completing, options
from leadops.cli.compiling import show_findings
from leadops.cli.console import Console, open_console
from leadops.cli.fixing import write_whole
from leadops.cli.source import read_playbook
from leadops.core.errors import FindingsError, UsageError
from leadops.core.exit_codes import Exit
from leadops.syntax.formatter import format_source


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, shell_complete=completing.files)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a file is not formatted.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@options.voice
def command(files: tuple[str, ...], check: bool, diff: bool, **voice: object) -> int:
    """Write playbooks in their canonical spelling. `-` reads stdin and writes stdout.

    Every comment keeps its place; the meaning is proved to be the same before anything is written.
    """
    console = open_console(quiet=bool(voice["quiet"]), no_color=bool(voice["no_color"]))
    if "-" in files and len(files) > 1:
        raise UsageError("- stands alone: stdin is one playbook")
    changed = broken = 0
    for file in files:
        source = read_playbook(file, None)
        text = source.parsed.source
        if any(d.severity == "error" for d in source.parsed.diagnostics):
            show_findings(source.parsed.diagnostics, {source.parsed.file: text}, console)
            broken += 1
            continue
        formatted = format_source(source.parsed)
        changed += formatted != text
        _write(file, text, formatted, console, check=check, diff=diff)
    if broken:
        raise FindingsError((), "files with errors are left as they are")
    if check and changed:
        console.warn(f"{changed} file{'s' * (changed > 1)} would be written anew")
    return int(Exit.FINDINGS if changed and (check or diff) else Exit.DONE)


def _write(file: str, before: str, after: str, console: Console, *, check: bool, diff: bool) -> None:
    if diff:
        lines = difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), file, file
        )
        console.stream(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )
    elif check:
        if before != after:
            console.result(file)
    elif file == "-":
        console.stream([after])
    elif before != after:
        write_whole(Path(file), after)
        console.note(f"formatted {file}")
