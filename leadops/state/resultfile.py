"""results.json, read back: for ``retry``, ``undo``, ``verify``, ``report`` and ``show``."""

import json
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from leadops.core.errors import RefusedError
from leadops.model.query import Calls
from leadops.model.run import Outcome, Remark, Result, RunResult
from leadops.state.planmodels import AnyValue, ChangeForm, to_ms

_OWN = frozenset(
    {
        "outcome",
        "evidence",
        "reason",
        "remarks",
        "action_id",
        "lead_id",
        "field_outcomes",
        "step_name",
    }
)
"""Keys of a result that a change of a plan has not."""


class _RemarkForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    field: str
    name: str
    value: AnyValue
    remark: str


class _ResultForm(BaseModel):
    model_config = ConfigDict(extra="ignore")
    outcome: Outcome
    evidence: str
    reason: str
    remarks: list[_RemarkForm]
    action_id: str | None
    lead_id: str | None
    field_outcomes: dict[str, Outcome]


class _RunForm(BaseModel):
    model_config = ConfigDict(extra="ignore")
    format_version: Literal[1]
    run: str
    plan_digest: str
    exit_code: int
    exit_reason: str
    calls: dict[str, int]
    changes: list[dict[str, Any]]
    started: Annotated[int, BeforeValidator(to_ms)]
    finished: Annotated[int, BeforeValidator(to_ms)]


def read_results(text: str, where: str = "results.json") -> RunResult:
    """Return the run that ``text`` holds; ``where`` names the file in errors.

    Raises:
        RefusedError: it does not have the published shape.
    """
    try:
        form = _RunForm.model_validate(json.loads(text))
        results = tuple(_result(one) for one in form.changes)
    except (ValidationError, ValueError, KeyError, RecursionError) as error:
        reason = str(error).splitlines()[0]
        raise RefusedError(f"{where} is not a run of leadops: {reason}") from None
    return RunResult(
        form.run,
        form.plan_digest,
        form.exit_code,
        form.exit_reason,
        results,
        Calls(form.calls.get("reads", 0), form.calls.get("writes", 0)),
        form.started,
        form.finished,
    )


def _result(data: dict[str, Any]) -> Result:
    change = ChangeForm.model_validate({key: one for key, one in data.items() if key not in _OWN})
    form = _ResultForm.model_validate(data)
    model = change.model()
    if form.outcome is Outcome.CREATED:  # the file shows the new lead's id; the plan had none
        model = replace(model, lead=replace(model.lead, id=None))
    return Result(
        model,
        form.outcome,
        form.evidence,
        form.reason,
        tuple(Remark(one.field, one.name, one.value, one.remark) for one in form.remarks),
        form.action_id,
        form.lead_id,
        {name: one for name, one in form.field_outcomes.items() if one is not form.outcome},
    )
