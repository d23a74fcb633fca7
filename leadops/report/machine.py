"""Plans and results for programs: JSON and JSON lines (docs/machine-forms.md). Never masked, ASCII only."""

import json
from collections.abc import Iterator
from typing import Any

from leadops.model.forms import Form, change_form, plan_form, refusal_form, result_form, results_form
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan


def plan_json(saved: SavedPlan) -> Form:
    """Return a plan as ``plan --format json`` prints it."""
    return plan_form(saved)


def results_json(saved: SavedPlan | None, result: RunResult) -> Form:
    """Return a run as ``results.json`` holds it."""
    return results_form(saved, result)


def plan_jsonl(saved: SavedPlan) -> Iterator[str]:
    """Yield a plan as lines: first the plan without its changes, then every change, then every refused lead.

    Each line's ``line`` says what it is: ``plan``, ``change`` or ``refused``.
    """
    head = plan_form(saved)
    for step in head["steps"]:
        del step["changes"], step["refused"]
    yield line({"line": "plan", **head})
    for step in saved.steps:
        for change in step.changes:
            yield line({"line": "change", "step_name": step.name, **change_form(change)})
        for refusal in step.refused:
            yield line({"line": "refused", "step_name": step.name, **refusal_form(refusal)})


def results_jsonl(saved: SavedPlan | None, result: RunResult) -> Iterator[str]:
    """Yield a run as lines: first the run without its changes, then every change with its outcome, then refused leads."""
    head = results_form(saved, result)
    del head["changes"], head["refused"]
    yield line({"line": "run", **head})
    for one in result.results:
        yield line({"line": "change", **result_form(one)})
    for refusal in saved.refused if saved else ():
        yield line({"line": "refused", **refusal_form(refusal)})


def line(form: dict[str, Any]) -> str:
    """Return a form as one ASCII line with its newline."""
    return json.dumps(form, ensure_ascii=True, separators=(",", ":")) + "\n"
