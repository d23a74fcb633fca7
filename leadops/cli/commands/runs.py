"""``leadops runs``: what was done in this workspace, newest first."""

from datetime import UTC, datetime
from typing import Any

import click

from leadops.cli import options
from leadops.cli.console import open_console
from leadops.cli.history import open_history
from leadops.cli.settings import load_settings
from leadops.core.clock import SystemClock
from leadops.core.exit_codes import Exit
from leadops.core.text import visible
from leadops.model.journal import RunRecord, RunState
from leadops.state.lock import Holder, WorkspaceLock

_BROKEN_OFF = "broken off"


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
    with open_history(settings) as (journal, home):
        lock = WorkspaceLock(home / "lock.db", Holder(pid=0, host=""), SystemClock())
        runs = list(journal.runs())[:most]
        damage = list(journal.audit())
    if form == "json":
        console.json(
            [
                {
                    "run": run.id, "title": run.title, "state": _state(run, lock), "exit_code": run.exit_code,
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
            state = _state(run, lock)
            why = f"`leadops resume {run.id}` goes on" if state == _BROKEN_OFF else visible(run.exit_reason)
            console.result(f"{run.id}  {state}{ended}  {why}".rstrip())
    for finding in damage:
        console.warn(f"error: the journal is damaged: {finding.table} {finding.row}: {finding.message}")
    return int(Exit.FINDINGS if damage else Exit.DONE)


def _state(run: RunRecord, lock: WorkspaceLock) -> str:
    """Return how far a run came; a killed one could not write down that it ended."""
    return _BROKEN_OFF if run.state is RunState.RUNNING and not lock.at_work() else run.state.value


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
