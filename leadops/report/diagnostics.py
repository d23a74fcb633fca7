"""Findings as text, JSON, SARIF and GitHub annotations: one source, four sinks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadops.core.diagnostics import Diagnostic
from leadops.core.excerpt import render
from leadops.model.forms import diagnostics_form
from leadops.report.github import Annotation, annotations, place_of
from leadops.report.sarif import sarif


def as_text(found: Iterable[Diagnostic], sources: Mapping[str, str]) -> str:
    """Return findings with the lines that they point into; ``sources`` are the files' texts by path."""
    return "\n\n".join(render(one, sources.get(one.span.file) if one.span else None) for one in found)


def as_json(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return findings as docs/machine-forms.md says."""
    found = tuple(found)
    return [form | {"fix": _fix(one)} for form, one in zip(diagnostics_form(found), found, strict=True)]


def _fix(one: Diagnostic) -> dict[str, Any] | None:
    if one.fix is None:
        return None
    edits = [
        {"file": edit.span.file, "start": edit.span.start, "end": edit.span.end, "text": edit.text}
        for edit in one.fix.edits
    ]
    return {"title": one.fix.title, "safe": one.fix.safe, "edits": edits}


def as_sarif(found: Sequence[Diagnostic], sources: Mapping[str, str], version: str = "") -> dict[str, Any]:
    """Return findings as a SARIF 2.1.0 log."""
    return sarif(found, sources, version=version)


def as_github(found: Iterable[Diagnostic]) -> str:
    """Return findings as GitHub workflow commands, the worst first, no more than GitHub shows.

    A text from the command line (``<-e>``) is no file that GitHub could open.
    """
    return annotations(
        Annotation(
            level={"error": "error", "warning": "warning"}.get(one.severity.value, "notice"),
            title=f"{one.code}",
            message=one.message + (f"\n{one.help}" if one.help else ""),
            **place_of(one.span),
        )
        for one in found
    )
