"""What came of tests, as text for people, as JSON, as JUnit XML and as GitHub annotations."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from leadops.cli.rehearsal.rehearse import RehearsalReport, Rehearsed
from leadops.cli.rehearsal.verdict import Failure
from leadops.core.positions import Span
from leadops.core.text import visible
from leadops.report.github import Annotation, annotations
from leadops.report.junit import Case, suite


def as_text(report: RehearsalReport) -> Iterator[str]:
    """Yield the lines of one playbook's tests; a failing clause with what was expected and what the plan does."""
    yield visible(report.file)
    for result in report.results:
        yield from map(visible, _lines(result))


def _lines(result: Rehearsed) -> Iterator[str]:
    if result.passed:
        yield f"  ok    {result.title} ({_counted(result.claims, 'claim')})"
        return
    yield f"  FAIL  {result.title} ({len(result.failures)} of {_counted(result.claims, 'claim')})"
    for failure in result.failures:
        place = _place(failure.span)
        blank = " " * len(place)
        yield f"        {place}expected  {failure.expected}"
        yield f"        {blank}actual    {failure.actual}"
        yield from (f"        {blank}          {line}" for line in failure.details)


def summary(reports: Sequence[RehearsalReport]) -> str:
    """Return one line that counts."""
    passed = sum(len(report.results) - len(report.failed) for report in reports)
    failed = sum(len(report.failed) for report in reports)
    if not passed + failed:
        return "no tests"
    return f"{_counted(passed, 'test')} passed" + (f", {failed} failed" if failed else "")


def as_json(reports: Iterable[RehearsalReport]) -> list[dict[str, Any]]:
    """Return every test: its file, title, line, whether it passed, and its failures."""
    return [
        {
            "file": report.file,
            "test": result.title,
            "line": result.span.line,
            "passed": result.passed,
            "claims": result.claims,
            "failures": [_failure_form(failure) for failure in result.failures],
        }
        for report in reports
        for result in report.results
    ]


def as_junit(reports: Iterable[RehearsalReport]) -> str:
    """Return the tests as JUnit XML: a case a test, its classname the file."""
    cases = [_case(report.file, result) for report in reports for result in report.results]
    return suite("leadops test", cases)


def as_github(reports: Iterable[RehearsalReport]) -> str:
    """Return an annotation for each clause that does not hold."""
    return annotations(
        Annotation(
            "error",
            f"test: {result.title}",
            "\n".join((f"expected {failure.expected}", f"actual {failure.actual}", *failure.details)),
            failure.span.file if failure.span and not failure.span.file.startswith("<") else "",
            failure.span.line if failure.span else 0,
            failure.span.column if failure.span else 0,
            failure.span.end_line if failure.span else 0,
            failure.span.end_column if failure.span else 0,
        )
        for report in reports
        for result in report.failed
        for failure in result.failures
    )


def _failure_form(failure: Failure) -> dict[str, Any]:
    return {
        "expected": failure.expected,
        "actual": failure.actual,
        "details": list(failure.details),
        "line": failure.span.line if failure.span else None,
        "column": failure.span.column if failure.span else None,
    }


def _case(file: str, result: Rehearsed) -> Case:
    if result.passed:
        return Case(file, result.title)
    first = result.failures[0]
    lines = [
        line
        for failure in result.failures
        for line in (
            f"{_place(failure.span)}expected {failure.expected}",
            f"actual {failure.actual}",
            *failure.details,
        )
    ]
    message = f"expected {first.expected}; actual {first.actual}"
    return Case(file, result.title, "failure", message, "\n".join(lines), "claim")


def _place(span: Span | None) -> str:
    return f"line {span.line}: " if span else ""


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
