"""Runs and findings as JUnit XML: what CI systems show beside tests."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET  # only written here, never parsed

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.text import visible
from leadops.model.run import Outcome, RunResult
from leadops.model.saved import SavedPlan
from leadops.report.style import words
from leadops.report.variables import LeadView, RefusalView
from leadops.report.view import view_of

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold."""

Verdict = Literal["passed", "failure", "error", "skipped"]

VERDICTS: dict[Outcome, Verdict] = {
    Outcome.CHANGED: "passed",
    Outcome.ALREADY: "passed",
    Outcome.CREATED: "passed",
    Outcome.REJECTED: "failure",
    Outcome.IGNORED_BY_CRM: "failure",
    Outcome.STALE: "skipped",
    Outcome.NOT_ATTEMPTED: "skipped",
    Outcome.SKIPPED_BY_GUARD: "skipped",
    Outcome.IN_DOUBT: "error",
    Outcome.GHOST: "error",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A test case: its group, its name, how it went, why, and what else is worth reading."""

    group: str
    name: str
    verdict: Verdict = "passed"
    message: str = ""
    text: str = ""
    kind: str = ""


def junit(saved: SavedPlan, result: RunResult | None = None, *, mask: bool = False) -> str:
    """Return a plan or a run as JUnit XML: one test case a lead and step.

    failure: rejected, ignored by the CRM · error: in doubt, ghost, a plan that may not be applied · skipped: stale,
    not attempted, held back by a guard.
    """
    view = view_of(saved, result, pii="mask" if mask else "show")
    cases = [Case("plan", "may be applied", "error", text, kind="refused") for text in view.refusals]
    for step in view.steps:
        cases += [_lead(lead) for lead in step.leads]
        cases += [_refusal(refusal) for refusal in step.refused]
    seconds = (result.finished_ms - result.started_ms) / 1000 if result else 0.0
    return suite(view.title or "leadops", cases, seconds=seconds)


def findings(found: Iterable[Diagnostic], files: Sequence[str]) -> str:
    """Return the findings of ``check`` as JUnit XML; a file without an error is a case that passed."""
    cases = []
    bad = set()
    for one in found:
        where = f"{one.span.file}:{one.span.line}:{one.span.column}" if one.span else "playbook"
        if one.severity is Severity.ERROR:
            bad.add(one.span.file if one.span else "")
            cases.append(Case(one.code, where, "failure", one.message, one.help, one.code))
        else:
            cases.append(Case(one.code, where, "passed", text=f"{one.message} {one.help}".strip()))
    cases += [Case("check", file) for file in files if file not in bad]
    return suite("leadops check", cases)


def suite(name: str, cases: Sequence[Case], *, seconds: float = 0.0) -> str:
    """Return test cases as one JUnit document."""
    counts = {
        "tests": len(cases),
        "failures": sum(case.verdict == "failure" for case in cases),
        "errors": sum(case.verdict == "error" for case in cases),
        "skipped": sum(case.verdict == "skipped" for case in cases),
    }
    numbers = {key: str(value) for key, value in counts.items()} | {"time": f"{seconds:.3f}"}
    root = ET.Element("testsuites", {"name": _legal(name), **numbers})
    inner = ET.SubElement(root, "testsuite", {"name": _legal(name), **numbers})
    for case in cases:
        element = ET.SubElement(
            inner, "testcase", {"classname": _legal(case.group), "name": _legal(case.name), "time": "0"}
        )
        if case.verdict == "passed":
            if case.text:
                ET.SubElement(element, "system-out").text = _legal(case.text)
            continue
        verdict = ET.SubElement(element, case.verdict, {"message": _legal(case.message)})
        if case.kind:
            verdict.set("type", _legal(case.kind))
        verdict.text = _legal(case.text) if case.text else None
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _lead(lead: LeadView) -> Case:
    verdict = VERDICTS[Outcome(lead.outcome)] if lead.outcome else "passed"
    lines = [f"{one.name}: {one.before} → {one.after}" + _of(one.outcome) for one in lead.fields]
    lines += [f"+ {one.text}" + _of(one.outcome) for one in lead.actions]
    lines += [f"{remark.shown()}: {remark.words}" for remark in lead.remarks]
    said = "; ".join(f"{remark.field}: {remark.words}" for remark in lead.remarks)
    message = ": ".join(text for text in (words(lead.outcome), lead.reason or said) if text)
    return Case(lead.step_name, _who(lead), verdict, message, "\n".join(lines), lead.outcome)


def _refusal(refusal: RefusalView) -> Case:
    verdict = VERDICTS[Outcome(refusal.outcome)]
    return Case(refusal.step_name, _who(refusal), verdict, refusal.reason, refusal.help, refusal.outcome)


def _who(one: LeadView | RefusalView) -> str:
    parts = [part for part in (one.name, one.identifier, one.id) if part]
    return " ".join(parts) or (f"row {one.row}" if one.row is not None else "a lead")


def _of(outcome: str) -> str:
    return f" [{words(outcome)}]" if outcome else ""


def _legal(text: str) -> str:
    return _ILLEGAL.sub(lambda match: f"#x{ord(match.group()):02X}", visible(text, keep_newlines=True))
