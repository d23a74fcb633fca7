"""The entry point. ``--version`` imports nothing at all: editors and scripts ask for it often."""

import gc
import os
import sys

from leadops import __version__


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    code = run(sys.argv[1:])
    if sys.argv[1:2] == ["check"] and _all_said():
        # It holds nothing that must be put away; taking the interpreter apart is a twentieth of what it does.
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code (docs/exit-codes.md)."""
    _fill_streams()
    if arguments == ["--version"]:
        try:
            sys.stdout.write(f"leadops {__version__}\n")
            sys.stdout.flush()
        except OSError as error:
            sys.stderr.write(f"error: {error.strerror}\n")
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return 1
        return 0
    gc.set_threshold(50_000, 20, 20)  # a start makes much that stays, and little that goes
    from leadops.cli.dispatch import dispatch  # noqa: PLC0415 (click and what it needs)

    return dispatch(arguments)


def _all_said() -> bool:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return False
    return True


def _fill_streams() -> None:
    """Open streams that were closed by whoever started us: a file of ours must not get the number of one."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
