"""Why a token cannot stand where it stands."""

from lark import Token

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.syntax.mistakes import Mistake, Place
from leadops.syntax.source import Source


def diagnose(place: Place) -> Mistake:
    """Name the cause of what stopped reading at ``place``."""
    token = place.token
    span = place.source.span(token.start_pos or 0, token.end_pos or 0)
    expected = ", ".join(sorted(place.tables.accepts(place.stack)))
    return Mistake(Diagnostic("E001", Severity.ERROR, f"unexpected “{token}”", span, f"expected {expected}"))


def unclosed(source: Source, opened: int) -> Diagnostic:
    """Say that the bracket at ``opened`` is never closed."""
    bracket = source.text[opened]
    closing = {"{": "}", "(": ")", "[": "]"}[bracket]
    return Diagnostic(
        "E013",
        Severity.ERROR,
        f"this “{bracket}” is never closed",
        source.span(opened, opened + 1),
        f"add “{closing}”",
    )


def stray(source: Source, token: Token) -> Diagnostic:
    """Say that a closing bracket closes nothing."""
    span = source.span(token.start_pos or 0, token.end_pos or 0)
    return Diagnostic("E014", Severity.ERROR, f"this “{token}” closes nothing", span, "remove it")


def too_many(source: Source, at: int, most: int) -> Diagnostic:
    """Say that the rest of the text was not read."""
    return Diagnostic(
        "E024",
        Severity.ERROR,
        f"more than {most} mistakes; the rest is not read",
        source.span(at, at),
        "mend those above first",
    )
