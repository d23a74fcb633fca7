"""``leadops show``: a saved plan, as `plan` showed it."""

from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.console import open_console
from leadops.cli.writing import form_from, load_plan, show
from leadops.core.exit_codes import Exit


@click.command("show")
@click.argument("plan_file", metavar="PLAN", shell_complete=completing.files)
@options.shown
@options.voice
def command(plan_file: str, **given: Any) -> int:
    """Show the saved PLAN in any form. Needs no network."""
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    show(load_plan(plan_file), None, form_from(given), console, again=True)
    return int(Exit.DONE)
