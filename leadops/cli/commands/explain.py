"""``leadops explain CODE``: the page of a diagnostic."""

import click

from leadops.cli.console import open_console
from leadops.cli.packaged import packaged_text
from leadops.core.codes import CODES
from leadops.core.errors import UsageError
from leadops.core.exits import Exit
from leadops.core.suggest import did_you_mean


@click.command("explain")
@click.argument("code")
def command(code: str) -> int:
    """Print the page of a diagnostic's CODE: what it says, why, a wrong and a right example."""
    wanted = code.upper()
    if wanted not in CODES:
        raise UsageError(
            f"there is no code {code}", did_you_mean(wanted, CODES) or "codes look like E041 or W107"
        )
    open_console().result(packaged_text("errors", f"{wanted}.md").rstrip())
    return int(Exit.DONE)
