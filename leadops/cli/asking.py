"""Asking a person, who types the number of leads when it is large."""

from textwrap import fill

import click

from leadops.cli.console import Console, interactive
from leadops.core.errors import UsageError
from leadops.model.saved import SavedPlan
from leadops.report.shown import count

_LARGE = 50
"""From this many leads on, the count itself is the answer."""


def require_answerable(*, yes: bool, no_input: bool, verb: str) -> None:
    """Refuse at once where an answer would be needed and nobody can give it.

    Raises:
        UsageError: no terminal (or --no-input), and no --yes.
    """
    if yes:
        return
    if no_input or not interactive():
        raise UsageError(
            f"`{verb}` asks before it changes leads, and nobody can be asked here",
            f"look with `leadops plan`, then `leadops {verb} --yes …`; belts and canaries hold all the same",
        )


def confirm(saved: SavedPlan, console: Console, *, yes: bool) -> bool:
    """Whether the person agrees to apply ``saved``; always true with ``yes``."""
    if yes:
        return True
    leads = len({(c.lead.id, c.lead.identifier) for c in saved.changes})
    place = (
        "the embedded sandbox" if saved.sandbox else f"workspace {saved.workspace_name or saved.workspace}"
    )
    changes = f"{count(len(saved.changes), 'change')} on {count(leads, 'lead')} in {place}."
    warning = " Actions cannot be taken back." if any(c.action for c in saved.changes) else ""
    console.warn("\n" + fill(changes + warning, console.width))
    if leads >= _LARGE:
        answer = click.prompt(f"Type the number of leads ({leads}) to apply, anything else to stop", err=True)
        return str(answer).strip() == str(leads)
    return click.confirm("Apply?", default=False, err=True)
