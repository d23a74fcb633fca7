"""A plan or a run in the form that was asked for, to stdout and to files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from leadops.cli.actions import annotate, guarded, summarise
from leadops.cli.console import Console
from leadops.cli.template_files import template_text
from leadops.core.errors import ConfigurationError, StalePlanError, UsageError
from leadops.model.forms import plan_form, results_form
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.report.github import plan_annotations
from leadops.report.junit import junit
from leadops.report.machine import plan_jsonl, results_jsonl
from leadops.report.render import render_html
from leadops.report.shown import count
from leadops.report.summary import summary
from leadops.report.terminal import plan_text, run_text
from leadops.report.usertemplate import render_template_text
from leadops.report.variables import View
from leadops.report.view import view_of
from leadops.state.outputs import write_output
from leadops.state.planfile import read_plan, write_plan
from leadops.state.runs import RunFolder


def save_plan(saved: SavedPlan, path: str, console: Console) -> None:
    """Write ``saved`` to ``path``, readable by its owner only.

    Raises:
        ConfigurationError: it cannot be written.
    """
    write_plan(Path(path), saved)
    console.note(f"saved the plan as {path} (digest {saved.digest})")


def load_plan(path: str) -> SavedPlan:
    """Return the plan saved in ``path``.

    Raises:
        UsageError: there is no such file. StalePlanError: it is no plan of this version.
    """
    try:
        return read_plan(Path(path).read_text("utf-8"), path)
    except OSError as error:
        raise UsageError(f"the plan {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StalePlanError(f"{path} is no plan of leadops: it is not UTF-8", "plan again") from None


@dataclass(frozen=True, slots=True)
class Form:
    """How results shall be shown.

    Attributes:
        form: text, json, jsonl, md, html, junit or github.
        template: the user's own Jinja template instead.
        json_file, junit_file: written besides.
    """

    form: str = "text"
    full: bool = False
    explain: bool = False
    template: str | None = None
    json_file: str | None = None
    junit_file: str | None = None


def form_from(given: Mapping[str, Any]) -> Form:
    """Return the form that the flags ask for."""
    return Form(
        given["form"],
        given["full"],
        given["explain"],
        given["template"],
        given["json_file"],
        given["junit_file"],
    )


def show(
    saved: SavedPlan,
    result: RunResult | None,
    form: Form,
    console: Console,
    schema: Schema | None = None,
    *,
    folder: RunFolder | None = None,
    again: bool = False,
    silent: bool = False,
) -> None:
    """Print a plan (or, with ``result``, what became of it) and write the files that were asked for.

    ``folder`` is the run's: its log knows when which calls were made.

    ``silent``: only the files. Unless it is shown ``again``, it also stands in the summary of a step of GitHub Actions.

    Raises:
        UsageError: a file cannot be written.
        FindingsError: the user's template has a mistake.
    """
    if form.json_file is not None:
        value = plan_form(saved) if result is None else results_form(saved, result)
        write_text(form.json_file, json.dumps(value, ensure_ascii=True, indent=2) + "\n")
    if form.junit_file is not None:
        write_text(form.junit_file, junit(saved, result))
    mask = console.pii == "mask"
    if silent:
        pass
    elif form.template is not None or form.form == "html":
        calls = folder.calls_at_ms() if folder is not None else ()
        view = view_of(saved, result, pii=console.pii, full=form.full, schema=schema, calls_at_ms=calls)
        console.stream(render_html(view) if form.template is None else [_by_template(form.template, view)])
    elif form.form == "text":
        text = (
            partial(plan_text, saved, explain=form.explain)
            if result is None
            else partial(run_text, saved, result)
        )
        said = text(width=console.width, color=console.color, full=form.full, mask=mask, schema=schema)
        console.stream([guarded(said)])
        annotate(saved, result, console)
    else:
        console.stream(_machine(saved, result, form, mask=mask, schema=schema))
    if not again:
        summarise(saved, result, console, schema)


def _by_template(name: str, view: View) -> str:
    return render_template_text(name, template_text(name), view)


def warn_refused(saved: SavedPlan, form: Form, console: Console) -> None:
    """Say on stderr what a plan refuses, where stdout holds another form than text for people."""
    if form.form != "text" or form.template is not None:
        for refusal in saved.refusals:
            console.warn(f"refused: {refusal}")
        if saved.rejected:
            many = len(saved.rejected)
            console.warn(f"refused: {count(many, 'lead')} cannot be changed as asked; the plan names each")


def _machine(
    saved: SavedPlan, result: RunResult | None, form: Form, *, mask: bool, schema: Schema | None
) -> Iterable[str]:
    match form.form:
        case "json":
            value = plan_form(saved) if result is None else results_form(saved, result)
            return [json.dumps(value, ensure_ascii=True, indent=2) + "\n"]
        case "jsonl":
            return plan_jsonl(saved) if result is None else results_jsonl(saved, result)
        case "junit":
            return [junit(saved, result)]
        case "github":
            return [plan_annotations(saved, result, mask=mask)]
        case _:
            return [summary(saved, result, mask=mask, schema=schema)]


def write_text(path: str, text: str) -> None:
    """Write a file that the user named, readable by its owner only and whole, or a stream.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        write_output(Path(path), (text.encode("utf-8", "backslashreplace"),))
    except ConfigurationError as error:
        raise UsageError(error.message) from None
