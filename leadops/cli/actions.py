"""GitHub Actions: the step's summary, annotations beside the text, and text that cannot be taken for a command.

Annotations go to stdout, and only beside text for people: machine forms stay what they are (``--format github`` is
the form that holds nothing else).
"""

import os
import secrets
from pathlib import Path

from leadops.cli.console import Console
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.report.github import plan_annotations, quoted
from leadops.report.summary import BUDGET, summary


def in_actions() -> bool:
    """Whether a step of GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def guarded(text: str) -> str:
    """Return a text for people so that no line of it is a command to the runner, where there is one."""
    return quoted(text, secrets.token_hex(16)) if in_actions() else text


def annotate(saved: SavedPlan, result: RunResult | None, console: Console) -> None:
    """Print what a person should know of a plan or a run as annotations, where a runner reads them."""
    text = plan_annotations(saved, result, mask=True) if in_actions() else ""
    if text:
        console.result(text)


def summarise(
    saved: SavedPlan, result: RunResult | None, console: Console, schema: Schema | None = None
) -> None:
    """Append a plan or a run to the step's summary, within what GitHub takes; that it cannot is a warning."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    path = Path(name)
    try:
        used = path.stat().st_size if path.exists() else 0
        if used + 1024 > BUDGET:
            console.warn("warning: the step's summary is full; the report is in the run's folder")
            return
        text = summary(saved, result, mask=True, schema=schema, room=BUDGET - used)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text.rstrip("\n") + "\n\n")
    except OSError as error:
        console.warn(f"warning: the step's summary cannot be written: {error.strerror}")
