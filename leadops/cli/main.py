"""The entry point. ``--version`` imports nothing at all: editors and scripts ask for it often."""

import gc
import sys

from leadops import __version__


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code (docs/exit-codes.md)."""
    if arguments == ["--version"]:
        sys.stdout.write(f"leadops {__version__}\n")
        return 0
    gc.set_threshold(50_000, 20, 20)  # a start makes much that stays, and little that goes
    from leadops.cli.dispatch import dispatch  # noqa: PLC0415 (click and what it needs)

    return dispatch(arguments)
