"""Failures of the world, one exit code each. Mistakes in a user's text are Diagnostic values instead.

    LeadopsError
    ├── FindingsError        1   diagnostics were found; carries them
    ├── RefusedError         4   refused before any write (belt, expectation, permission)
    ├── StalePlanError       5   the plan is of another playbook, schema, workspace or age, or was applied
    ├── LockedError          6   another runner holds the workspace
    ├── UsageError          64   the command line is wrong
    ├── UnavailableError    69   the service cannot be reached, or answers nonsense
    │   ├── RequestRefusedError  the service refuses this one request as such; repeating it is pointless
    │   ├── LeadGoneError        there is no such lead
    │   └── UnreadableError      one lead, or its timeline, cannot be read
    ├── TemporaryError      75   the run's budget of time or retries ended; run again
    │   └── CallBudgetError      one more call would exceed the run's budget of calls
    ├── DeniedError         77   the service refuses the token, or revoked it
    └── ConfigurationError  78   settings are missing or contradictory

Anything else that escapes is a bug: traceback and exit 70.
"""

from collections.abc import Sequence
from typing import ClassVar

from leadops.core.diagnostics import Diagnostic
from leadops.core.exit_codes import Exit


class LeadopsError(Exception):
    """A failure of the world that leadops understands.

    Attributes:
        message: what happened, one sentence, without a secret in it.
        help: what to do about it; empty when there is nothing to do.
    """

    exit_code: ClassVar[Exit] = Exit.FINDINGS

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class FindingsError(LeadopsError):
    """The user's text has mistakes; all of them are in ``diagnostics``."""

    def __init__(self, diagnostics: Sequence[Diagnostic], message: str = "the playbook has errors") -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class RefusedError(LeadopsError):
    """Refused before any write."""

    exit_code = Exit.REFUSED


class StalePlanError(LeadopsError):
    """The plan may not be applied: another playbook, schema, workspace or age, or applied already."""

    exit_code = Exit.STALE_PLAN


class LockedError(LeadopsError):
    """Another runner works on this workspace on this machine."""

    exit_code = Exit.LOCKED


class UsageError(LeadopsError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = Exit.USAGE


class UnavailableError(LeadopsError):
    """The service cannot be reached or does not answer as the service does."""

    exit_code = Exit.UNAVAILABLE


class RequestRefusedError(UnavailableError):
    """The service refuses this one request as such (a filter, a list too long); repeating it is pointless.

    Attributes:
        status: its HTTP status.
    """

    def __init__(self, message: str, status: int, help: str = "") -> None:
        super().__init__(message, help)
        self.status = status


class LeadGoneError(UnavailableError):
    """There is no such lead: deleted, merged, or never there."""


class UnreadableError(UnavailableError):
    """One lead, or its timeline, holds what cannot be read; all others can be."""


class TemporaryError(LeadopsError):
    """A budget of time, calls or retries ended; the same command may succeed later."""

    exit_code = Exit.TEMPORARY


class CallBudgetError(TemporaryError):
    """One more call would exceed the run's budget of calls; it was not made."""


class DeniedError(LeadopsError):
    """The service refuses the token."""

    exit_code = Exit.DENIED


class ConfigurationError(LeadopsError):
    """Settings are missing or contradict each other."""

    exit_code = Exit.CONFIGURATION
