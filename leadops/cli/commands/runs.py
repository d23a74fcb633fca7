"""``leadops runs``: what was done in this workspace, newest first."""

from datetime import UTC, datetime
from typing import Any

import click

from leadops.cli import options
from leadops.cli.console import open_console
from leadops.cli.history import open_history
from leadops.cli.settings import load_settings
from leadops.core.exits import Exit
from leadops.core.text import visible


@click.command("runs")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What stdout holds."
)
@click.option("-n", "most", type=click.IntRange(1), default=20, help="How many.")
@options.place
@options.voice
def command(form: str, most: int, **given: Any) -> int:
    """List the runs of this workspace, newest first; a damaged journal row is found and named (exit 1)."""
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    with open_history(settings) as journal:
        runs = list(journal.runs())[:most]
        damage = list(journal.audit())
    if form == "json":
        console.json(
            [
                {
                    "run": run.id, "title": run.title, "state": run.state.value, "exit_code": run.exit_code,
                    "exit_reason": run.exit_reason, "digest": run.digest, "folder": run.folder,
                    "started": _iso(run.started_ms), "finished": _iso(run.finished_ms),
                    "calls": {"reads": run.calls_read, "writes": run.calls_write},
                }
                for run in runs
            ]
        )  # fmt: skip
    elif not runs:
        console.note("no runs yet")
    else:
        for run in runs:
            ended = "" if run.exit_code is None else f" exit {run.exit_code}"
            console.result(f"{run.id}  {run.state.value}{ended}  {visible(run.exit_reason)}".rstrip())
    for finding in damage:
        console.warn(f"error: the journal is damaged: {finding.table} {finding.row}: {finding.message}")
    return int(Exit.FINDINGS if damage else Exit.DONE)


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
