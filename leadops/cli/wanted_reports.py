"""``report to "out.md" [using "my.md.j2"]``: files of a run inside the project, in the form that their name says."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from leadops.cli.console import Console
from leadops.cli.places import SCHEMA_FILE
from leadops.cli.template_files import project_template
from leadops.core.errors import FindingsError, LeadopsError, UsageError
from leadops.core.excerpt import render
from leadops.core.project_files import FileRefused, refuse_links
from leadops.model.forms import results_form
from leadops.model.plan import Plan, Report
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan
from leadops.report.junit import junit
from leadops.report.machine import results_jsonl
from leadops.report.render import markdown, render_html, render_text
from leadops.report.table import table
from leadops.report.usertemplate import render_template_text
from leadops.report.variables import View
from leadops.report.view import view_of
from leadops.state.private import write_private

_OF_VIEW: dict[str, Callable[[View], Iterable[str]]] = {
    ".md": markdown,
    ".markdown": markdown,
    ".html": render_html,
    ".htm": render_html,
    ".txt": lambda view: [render_text(view)],
    ".csv": table,
}
_OF_RUN: dict[str, Callable[[SavedPlan, RunResult], Iterable[str]]] = {
    ".json": lambda saved, result: [
        json.dumps(results_form(saved, result), ensure_ascii=True, indent=2) + "\n"
    ],
    ".jsonl": results_jsonl,
    ".xml": lambda saved, result: [junit(saved, result)],
}


def require_reports(plan: Plan, root: Path) -> None:
    """Look before anything is searched or written whether each report has a place and its template.

    Raises:
        UsageError: a report leads out of the project, or its template cannot be read.
    """
    for report in _reports(plan):
        _place(report.path, root)
        if report.template is not None:
            project_template(report.template, root)


def write_wanted(
    saved: SavedPlan, plan: Plan, result: RunResult, root: Path, console: Console, *, masked: bool
) -> tuple[str, ...]:
    """Write the reports that the playbook asks for; return those that could not be written, after saying why."""
    missing: list[str] = []
    for report in _reports(plan):
        try:
            place = _place(report.path, root)
            text = "".join(_text(report, place, saved, plan, result, root, masked=masked))
            place.parent.mkdir(parents=True, exist_ok=True)
            write_private(place, text.encode("utf-8", "backslashreplace"))
        except FindingsError as error:
            for diagnostic in error.diagnostics:
                console.warn(render(diagnostic, None))
            missing.append(report.path)
        except LeadopsError as error:
            console.warn(f"error: the report {report.path} could not be written: {error.message}")
            missing.append(report.path)
        except OSError as error:
            console.warn(f"error: the report {report.path} could not be written: {error.strerror}")
            missing.append(report.path)
        else:
            console.note(f"report: {report.path}")
    return tuple(missing)


def _reports(plan: Plan) -> tuple[Report, ...]:
    return tuple(
        dict.fromkeys(effect for step in plan.steps for effect in step.effects if isinstance(effect, Report))
    )


def _text(
    report: Report,
    place: Path,
    saved: SavedPlan,
    plan: Plan,
    result: RunResult,
    root: Path,
    *,
    masked: bool,
) -> Iterable[str]:
    ending = place.suffix.lower()
    if report.template is None and ending in _OF_RUN:
        return _OF_RUN[ending](saved, result)
    view = view_of(saved, result, pii="mask" if masked else "show", full=True, schema=plan.schema)
    if report.template is not None:
        return [render_template_text(report.template, project_template(report.template, root), view)]
    if ending in _OF_VIEW:
        return _OF_VIEW[ending](view)
    raise UsageError(
        f"a report's name ends in {', '.join((*_OF_VIEW, *_OF_RUN))}; or name a template (`using`)"
    )


def _place(path: str, root: Path) -> Path:
    try:
        place = refuse_links(root, Path(path))
    except FileRefused as error:
        raise UsageError(str(error), "a report and its template lie inside the project") from None
    if place.name == SCHEMA_FILE or (place.exists() and not place.is_file()):
        raise UsageError(f"a report cannot be written to {path}: something else stands there")
    return place
