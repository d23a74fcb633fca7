"""What a mistake in the syntax makes seem wrong as well: echoes of it, which are not told of beside it."""

import re
from collections.abc import Iterable, Mapping

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import Span

_FROM_ABSENCE = frozenset({"E501", "E503", "E518", "E601", "E602"})
"""Findings about something that is not there: it may stand in what could not be read."""
_DECLARED = re.compile(r"\b(?:param|define)\s+(\W?\w+(?:[ \t]+\w+)?)", re.IGNORECASE)
_NAME = re.compile(r"[^\W0-9]\w*")


def attempted(texts: Iterable[str]) -> frozenset[str]:
    """Return the names that ``texts``, which could not be read as a whole, seem to declare."""
    declared = (found[1] for text in texts for found in _DECLARED.finditer(text))
    return frozenset(name for names in declared for name in _NAME.findall(names))


def without_echoes(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return ``findings`` without those that only repeat what is wrong with the syntax.

    Beside a mistake in the syntax, advice (warnings and hints about a place) waits until the text can be read;
    an error that touches the place of such a mistake is about what was read instead.
    """
    found = tuple(findings)
    broken: Mapping[str, list[Span]] = {}
    for each in found:
        if _is_syntax(each) and each.span is not None:
            broken = {**broken, each.span.file: [*broken.get(each.span.file, []), each.span]}
    if not broken:
        return found
    return tuple(
        each
        for each in found
        if each.span is None or _is_syntax(each) or not _echo(each, each.span, broken.get(each.span.file, []))
    )


def _is_syntax(finding: Diagnostic) -> bool:
    return finding.code.startswith("E0")


def _echo(finding: Diagnostic, span: Span, broken: list[Span]) -> bool:
    if finding.severity is not Severity.ERROR or finding.code in _FROM_ABSENCE:
        return True
    return any(span.start <= wrong.end and wrong.start <= span.end for wrong in broken)
