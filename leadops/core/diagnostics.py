"""A mistake in the user's text, as data. How it is shown is decided at the edge."""

from collections.abc import Iterable, Iterator
from dataclasses import field
from enum import StrEnum

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span


class Severity(StrEnum):
    """How much a diagnostic weighs: an error stops the playbook, a warning does not."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@record()
class Edit:
    """Replace the text under ``span`` by ``text``."""

    span: Span
    text: str


@record()
class Fix:
    """A ready correction.

    Attributes:
        title: what it does, an imperative phrase.
        edits: non-overlapping replacements in one file.
        safe: True when it cannot change what the playbook means (``check --fix`` applies only these).
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@record()
class Diagnostic:
    """One finding.

    Attributes:
        code: permanent, ``E…`` for errors and ``W…`` for warnings; a page each in docs/errors/.
        message: what is wrong, one line.
        span: where; None for a finding about no place in a text (a parameter, a schema).
        help: what to write instead, or how to go on.
        fix: a ready correction, if there is one.
        otherwise: what is told instead where the correction turns out to be none.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None
    help: str = ""
    fix: Fix | None = field(default=None, compare=False)
    otherwise: "Diagnostic | None" = field(default=None, compare=False, repr=False)


class TooManyError(Exception):
    """So much is wrong that looking on tells nobody more."""


class Findings:
    """A collector of diagnostics: reasons are gathered first, then spoken.

    Attributes:
        most: after so many, adding another raises TooManyError; None: without end.
    """

    def __init__(self, initial: Iterable[Diagnostic] = (), most: int | None = None) -> None:
        self._all: dict[Diagnostic, None] = dict.fromkeys(initial)
        self.most = most

    def error(
        self, code: str, message: str, span: Span | None, help: str = "", fix: Fix | None = None
    ) -> None:
        """Add an error."""
        self.add(Diagnostic(code, Severity.ERROR, message, span, help, fix))

    def warning(
        self, code: str, message: str, span: Span | None, help: str = "", fix: Fix | None = None
    ) -> None:
        """Add a warning."""
        self.add(Diagnostic(code, Severity.WARNING, message, span, help, fix))

    def add(self, diagnostic: Diagnostic) -> None:
        """Add ``diagnostic`` unless the same one stands there already."""
        if self.most is not None and len(self._all) >= self.most and diagnostic not in self._all:
            raise TooManyError
        self._all.setdefault(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add each of ``diagnostics``."""
        for diagnostic in diagnostics:
            self.add(diagnostic)

    @property
    def has_errors(self) -> bool:
        """Whether at least one error was found."""
        return any(d.severity is Severity.ERROR for d in self._all)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Return all findings by place in the text; those without a place come first."""
        return tuple(sorted(self._all, key=_place))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.in_order())

    def __len__(self) -> int:
        return len(self._all)


def _place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    span = diagnostic.span
    return (span.file, span.start, span.end, diagnostic.code) if span else ("", -1, -1, diagnostic.code)
