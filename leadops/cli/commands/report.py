"""``leadops report``: the report of a run, in any form, by your own template too."""

from pathlib import Path
from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.console import open_console
from leadops.cli.recorded import recorded
from leadops.cli.settings import load_settings
from leadops.cli.writing import form_from, show
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit
from leadops.report.variables import list_variables


@click.command("report")
@click.argument("run", default="last", shell_complete=completing.runs)
@click.option("--path", is_flag=True, help="Only say where the run's files lie.")
@click.option("--list-variables", "variables", is_flag=True, help="List what a template may use.")
@options.shown
@options.place
@options.voice
def command(run: str, path: bool, variables: bool, **given: Any) -> int:
    """Show the report of RUN (an id, a part of one, a folder, or `last`). Needs no network.

    `--format html > report.html` makes one self-contained page; `--template FILE` uses your own Jinja template.
    """
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    if variables:
        console.stream([list_variables()])
        return int(Exit.DONE)
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    known = recorded(settings, run)
    if path and not Path(known.folder.path).is_dir():
        raise UsageError(
            f"the folder {known.folder.path} is gone",
            f"`leadops report {known.result.run}` shows what it held",
        )
    if path:
        for file in ("report.html", "report.md", "results.json"):
            console.result(str(Path(known.folder.path) / file))
        return int(Exit.DONE)
    show(known.saved, known.result, form_from(given), console, folder=known.folder, again=True)
    return int(Exit.DONE)
