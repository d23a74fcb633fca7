"""``leadops explain CODE``: the page of a diagnostic."""

from importlib import resources
from pathlib import Path

import click

from leadops.cli.console import open_console
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
        raise UsageError(f"there is no code {code}", did_you_mean(wanted, CODES) or "codes look like E041 or W107")
    open_console().result(page(wanted).rstrip())
    return int(Exit.DONE)


def page(code: str) -> str:
    """Return the page of a code, from the installed package or the checkout."""
    packaged = resources.files("leadops") / "errors" / f"{code}.md"
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).resolve().parents[3] / "docs" / "errors" / f"{code}.md").read_text("utf-8")
