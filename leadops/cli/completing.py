"""What the shell offers after a word that is half typed: files, folders, runs, profiles."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def files(_: click.Context, __: click.Parameter, incomplete: str) -> list["CompletionItem"]:
    """Let the shell complete a file's name."""
    return [_item(incomplete, type="file")]


def folders(_: click.Context, __: click.Parameter, incomplete: str) -> list["CompletionItem"]:
    """Let the shell complete a folder's name."""
    return [_item(incomplete, type="dir")]


def runs(_: click.Context, __: click.Parameter, incomplete: str) -> list["CompletionItem"]:
    """Return the runs of the project, newest first, and ``last``."""
    from leadops.cli.places import runs_root  # noqa: PLC0415 (only for completion)
    from leadops.cli.settings import project_file  # noqa: PLC0415 (as above)
    from leadops.state.runs import run_folders  # noqa: PLC0415 (as above)

    here = Path.cwd()
    path = project_file(here)
    names = ["last", *(one.run for one in run_folders(runs_root(path.parent if path else here)))]
    return [_item(name) for name in names if name.startswith(incomplete)]


def profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list["CompletionItem"]:
    """Return the profiles of leadops.toml; none where it cannot be read: a shell is no place for errors."""
    from leadops.cli.projectfile import read_project  # noqa: PLC0415 (only for completion)
    from leadops.cli.settings import project_file  # noqa: PLC0415 (as above)
    from leadops.core.errors import ConfigurationError  # noqa: PLC0415 (as above)

    path = project_file(Path.cwd())
    try:
        names = read_project(path).profiles if path else {}
    except ConfigurationError:
        return []
    return [_item(name) for name in names if name.startswith(incomplete)]


def _item(value: str, *, type: str = "plain") -> "CompletionItem":
    from click.shell_completion import CompletionItem  # noqa: PLC0415 (only for completion)

    return CompletionItem(value, type=type)
