"""``retry``: what the service refused or ignored in a run, sent again, or written as a playbook to edit."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from leadops.engine.operations.guarded import Sound, TagsMoved, Ways, holds_text
from leadops.engine.operations.playbook_text import append_text, comment, pairs_text, step_text, value_text
from leadops.engine.plan.reissue import refused_fields, rejects
from leadops.model.change import Kind, LeadRef
from leadops.model.plan import Assign, Constant, Limits, Plan, Rejects, Step
from leadops.model.run import Outcome, Result
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value, is_missing
from leadops.syntax.parser import read_once
from leadops.syntax.printing.canonical import print_column, print_text
from leadops.syntax.printing.printer import print_playbook


def retry_plan(plan: Plan, run: str) -> Plan:
    """Return the playbook that sends the rejects of ``run`` again, as they are; to be planned with them as options.

    The limits and the lane of ``plan`` stand in its text: what goes on with it later holds to them too.
    """
    text = f"retry rejects of run {print_text(run)}"
    step = Step(text, None, Rejects(run), (), text)
    canonical = print_playbook(read_once(f"{_limits(plan.limits)}\n{text}\n", "<retry>").playbook)
    return replace(plan, title=f"Rejects of run {run}", canonical=canonical, steps=(step,), parameters=())


def _limits(limits: Limits) -> str:
    stated = [
        f"at most {limits.leads} leads" if limits.leads is not None else "",
        f"at most {limits.percent:f} % of leads" if limits.percent is not None else "",
        f"at most {limits.calls} calls" if limits.calls is not None else "",
        "lane async" if limits.lane == "async" else "",
    ]
    said = "; ".join(one for one in stated if one)
    return f"limits {{ {said} }}" if said else ""


def retry_playbook(
    results: Sequence[Result], schema: Schema, *, run: str, timezone: str, country_code: str = "91"
) -> str:
    """Return a playbook with the rejects of a run; each has the refused value and the service's words as a comment.

    Corrected by hand, it sends the refused fields and actions only, each field where it still holds what it held when
    the run was planned. Empty of steps when nothing was refused.
    """
    zone = ZoneInfo(timezone)
    sound = Sound(schema, timezone, country_code)
    sound.conditions(_held(one, name, zone) for one in rejects(results) for name in refused_fields(one))
    leads: dict[str, list[Result]] = {}
    for one in rejects(results):
        ref = one.change.lead
        leads.setdefault(ref.id or one.lead_id or f"~{ref.identifier}", []).append(one)
    steps = [_step(key, some, results, sound, zone) for key, some in leads.items()]
    head = [
        comment(f"What the service refused or ignored in run {run}: correct it, then run this file."),
        f"playbook {print_text(f'Rejects of run {run}')}",
        f"timezone {print_text(timezone)}",
        f"limits {{ at most {max(1, len(leads))} leads }}",
    ]
    return "\n".join(head) + "\n\n" + "\n\n".join(steps) + ("\n" if steps else "")


def _step(key: str, some: Sequence[Result], results: Sequence[Result], sound: Sound, zone: ZoneInfo) -> str:
    ref = some[0].change.lead
    title = f"{ref.name or ref.identifier or key} ({key.removeprefix('~')})"
    create = next(
        (one for one in some if one.change.kind is Kind.CREATE and one.outcome is not Outcome.CREATED), None
    )
    if create is not None:
        return _create(title, create, results, zone)
    lines: list[str] = []
    for one in some:
        lines += _lines(one, sound, zone)
    return step_text(title, _source(key, ref, sound.schema), lines)


def _source(key: str, ref: LeadRef, schema: Schema) -> str:
    if not key.startswith("~"):
        return f"find lead {print_text(key)}"
    return f"find lead where {print_column(schema.identifier.api_name)} = {print_text(ref.identifier)}"


def _create(title: str, create: Result, results: Sequence[Result], zone: ZoneInfo) -> str:
    fields = {name: one.after for name, one in create.change.fields.items()}
    types = {name: one.type for name, one in create.change.fields.items()}
    lines = [*_words(create, zone)]
    for other in results:
        change = other.change
        if (
            change.with_create
            and change.action
            and change.lead == create.change.lead
            and change.step == create.change.step
        ):
            lines.append(append_text(change.action, zone))
    return step_text(title, f"create lead with {pairs_text(fields, types, zone)}", lines)


def _lines(one: Result, sound: Sound, zone: ZoneInfo) -> list[str]:
    change = one.change
    said = _words(one, zone)
    action = change.action
    if action is not None and change.kind is Kind.UPDATE_ACTION:
        what = "payment" if action.type == "PAYMENT" else f"action {action.type}"
        old = {name: field.before for name, field in change.fields.items() if not is_missing(field.before)}
        where = f" where {pairs_text(old, action.types, zone)}" if old else ""
        return [*said, f"update {what}{where} with {pairs_text(action.fields, action.types, zone)}"]
    if action is not None:
        if (
            one.outcome is Outcome.CHANGED
        ):  # the action stands, without a field: it can be updated, not added again
            missing = {name: value for name, value in action.fields.items() if name in one.fields}
            return [*said, f"update action {action.type} with {pairs_text(missing, action.types, zone)}"]
        return [*said, append_text(action, zone)]
    lines = list(said)
    for name, assign in refused_fields(one).items():
        lines.append(_guarded(one, name, assign, sound, zone))
    return lines


def _guarded(one: Result, name: str, assign: Assign, sound: Sound, zone: ZoneInfo) -> str:
    """Return the effect that sends a refused value again, where the field holds what it held when that was planned."""
    if assign.type is FieldType.TAGS:
        return TagsMoved.between(_after(assign), one.change.fields[name].before).back(name)[0]
    column = print_column(name)
    held = sound.chosen.get(_held(one, name, zone), f"{column} is present")
    value = _after(assign)
    effect = (
        f"clear {column}" if is_missing(value) else f"set {column} = {value_text(value, assign.type, zone)}"
    )
    return f"when {held} {{ {effect} }}"


def _held(one: Result, name: str, zone: ZoneInfo) -> Ways:
    field = one.change.fields[name]
    return holds_text(name, field.type, field.before, zone)


def _after(assign: Assign) -> Value:
    assert isinstance(assign.value, Constant)
    return assign.value.value


def _words(one: Result, zone: ZoneInfo) -> list[str]:
    """Return the service's words, a comment a remark."""
    change = one.change
    said: list[str] = []
    for remark in one.remarks:
        types = change.action.types if change.action and remark.name in change.action.fields else {}
        field = change.fields.get(remark.name)
        kind = types.get(remark.name) or (field.type if field else None)
        value = str(remark.value) if kind is None else value_text(remark.value, kind, zone)
        said.append(comment(f"{remark.name or remark.field}: {value} was refused: {remark.words}"))
    return said or [comment(f"refused: {one.reason}")]
