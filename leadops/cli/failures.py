"""From a failure to what stderr says and the exit code."""

import errno
import os
import sys

from leadops.cli.console import Console
from leadops.core.errors import FindingsError, LeadopsError, UsageError
from leadops.core.excerpt import render
from leadops.core.exit_codes import Exit

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a stream answers when its disk is full or its terminal gone."""


def report_failure(error: Exception) -> Exit | None:
    """Print a failure that leadops understands and return its exit code; None for a bug."""
    if isinstance(error, BaseExceptionGroup):
        known = [inner for inner in leaves_of(error) if isinstance(inner, LeadopsError)]
        return report_failure(known[0]) if len(known) == len(leaves_of(error)) else None
    console = Console()
    if isinstance(error, LeadopsError):
        if isinstance(error, FindingsError):
            for diagnostic in error.diagnostics:
                console.warn(render(diagnostic, None))
        console.warn(f"error: {error.message}")
        if error.help:
            console.warn("  = help: " + error.help.replace("\n", "\n          "))
        return error.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        console.warn(f"error: {error.strerror}: {error.filename}")
        return Exit.USAGE if isinstance(error, FileNotFoundError | IsADirectoryError) else Exit.FINDINGS
    if isinstance(error, OSError) and error.errno in _FULL:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is left in it is not tried again
        console.warn(f"error: {error.strerror}")
        return Exit.FINDINGS
    return None


def is_own_mistake(error: Exception) -> bool:
    """Whether whoever typed the command or the playbook made it, and reads of it where it was typed."""
    return all(isinstance(one, FindingsError | UsageError) for one in leaves_of(error))


def leaves_of(error: BaseException) -> list[Exception]:
    """Return the failures that ``error`` holds: itself, or those of a group, whatever it is nested in."""
    if not isinstance(error, BaseExceptionGroup):
        return [error] if isinstance(error, Exception) else []
    return [leaf for inner in error.exceptions for leaf in leaves_of(inner)]
