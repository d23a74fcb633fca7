"""``leadops version``."""

import click

from leadops import __version__


@click.command("version")
def command() -> None:
    """Print the version."""
    click.echo(f"leadops {__version__}")
