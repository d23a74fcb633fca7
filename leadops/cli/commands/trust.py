"""``leadops trust``: let this project's file name hosts and commands."""

from pathlib import Path

import click

from leadops.cli import completing, options
from leadops.cli.console import interactive, open_console
from leadops.cli.projectfile import FILE, open_project
from leadops.cli.settings import project_file, state_folder
from leadops.cli.trust import is_trusted, trust
from leadops.core.errors import ConfigurationError, UsageError
from leadops.core.exit_codes import Exit


@click.command("trust")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--state",
    callback=options.filled,
    metavar="DIR",
    shell_complete=completing.folders,
    help="State folder (or LEADOPS_STATE).",
)
def command(yes: bool, state: str | None) -> int:
    """Trust leadops.toml as it is now: it may name a token command and hosts that are not TeleCRM's.

    Files of the project that it names for tokens, addresses and commands are trusted with it. Any change to one of them
    takes the trust away again.
    """
    console = open_console()
    path = project_file(Path.cwd().resolve())
    if path is None:
        raise ConfigurationError(f"there is no {FILE} here or above")
    folder = state_folder(state)
    opened = open_project(path)
    if is_trusted(folder, opened):
        console.note(f"{path} is trusted already")
        return int(Exit.DONE)
    console.warn(opened.data.decode("utf-8", "backslashreplace"))
    for name in opened.named:
        console.warn(f"it also names {name}, a file of this project, which is trusted with it as it is now")
    if not yes:
        if not interactive():
            raise UsageError(
                "`trust` asks, and nobody can be asked here", "read the file, then `leadops trust --yes`"
            )
        if not click.confirm(f"Let {path} run its commands and send the token to its hosts?", err=True):
            return int(Exit.FINDINGS)
    trust(folder, opened)
    console.note(f"{path} is trusted as it is now")
    return int(Exit.DONE)
