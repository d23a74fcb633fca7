"""``undo``: a playbook that gives fields their old values back, where they still hold ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from leadops.engine.lines import append_text, comment, exact_text, pairs_text, step_text, value_text
from leadops.model.actions import PAYMENT
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead
from leadops.model.phones import written_phone
from leadops.model.run import Outcome, Result
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value, is_missing, reached, same
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Reader
from leadops.syntax.printing.canonical import print_column, print_text

_A_STEP = 50
_DONE = frozenset({Outcome.CHANGED, Outcome.CREATED})


@dataclass(frozen=True, slots=True)
class Undo:
    """A playbook that takes a run back.

    Attributes:
        text: the playbook.
        restored: fields that it gives their old value back.
        lost: what it cannot restore, a sentence each; these stand in the text as comments too.
    """

    text: str
    restored: int
    lost: tuple[str, ...]


_Old: TypeAlias = tuple[str, Value, FieldType, bool]
"""A field's name, old value and type; whether it differs from the new one by case or blanks only."""


@dataclass(frozen=True, slots=True)
class _Restore:
    """The old values of one lead."""

    ref: str
    identifier: str
    fields: tuple[_Old, ...]


async def undo_playbook(
    results: Sequence[Result],
    schema: Schema,
    reader: Reader,
    *,
    run: str,
    timezone: str,
    country_code: str = "91",
    neutralise: bool = False,
) -> Undo:
    """Return the playbook; the leads are read, in lists, to see which fields still hold our value.

    ``neutralise`` also cancels payments and marks custom actions as void, for an append cannot be taken back.
    """
    zone = ZoneInfo(timezone)
    done = [one for one in results if one.outcome in _DONE]
    now = await _current(done, schema, reader, country_code)
    lost: list[str] = []
    restores: dict[str, dict[str, _Old]] = {}
    names: dict[str, str] = {}
    for one in reversed(done):
        change = one.change
        key = change.lead.id or one.lead_id or ""
        names[key] = change.lead.identifier
        if change.kind is Kind.UPDATE:
            _take(one, key, now, restores, lost, country_code)
        elif change.kind is Kind.CREATE:
            lost.append(f"the lead {_who(change)} was created; the service has no way to delete it")
        elif change.kind is not Kind.UPDATE_ACTION and not neutralise:
            lost.append(
                f"an action {_kind(change)} was added to {_who(change)}; it can only be marked (--neutralise)"
            )
    found = [_Restore(key, names[key], tuple(fields.values())) for key, fields in restores.items() if fields]
    steps = [
        *_steps(found, schema, zone, country_code),
        *_action_steps(done, schema, zone, neutralise=neutralise),
    ]
    leads = {one.ref for one in found} | {
        one.change.lead.id or one.lead_id for one in done if one.change.action
    }
    head = [
        comment(f"Takes run {run} back, as far as that is possible: look at its plan before it is applied."),
        *(comment(f"cannot be restored: {one}") for one in lost),
        f"playbook {print_text(f'Undo run {run}')}",
        f"timezone {print_text(timezone)}",
        f"limits {{ at most {max(1, len(leads))} leads }}",
    ]
    text = "\n".join(head) + "\n\n" + "\n\n".join(steps) + ("\n" if steps else "")
    return Undo(text, sum(len(one.fields) for one in found), tuple(lost))


async def _current(
    done: Sequence[Result], schema: Schema, reader: Reader, country_code: str
) -> Mapping[str, Lead]:
    updated = [one for one in done if one.change.kind is Kind.UPDATE]
    by = schema.identifier
    identifiers = list(
        dict.fromkeys(one.change.lead.identifier for one in updated if one.change.lead.identifier)
    )
    rows = await lookup_identifiers(identifiers, schema, reader, country_code=country_code)
    found: dict[str, Lead] = {}
    for one in updated:
        key = one.change.lead.id or one.lead_id or ""
        there = rows.get(canonical(one.change.lead.identifier, by, country_code), ())
        lead = next((row for row in there if row.id in {key, None}), None)
        if lead is not None:
            found[key] = lead
    return found


def _take(
    one: Result,
    key: str,
    now: Mapping[str, Lead],
    restores: dict[str, dict[str, _Old]],
    lost: list[str],
    country_code: str,
) -> None:
    """Add the old values of an update's fields; a later change of the same field was undone before."""
    change = one.change
    lead = now.get(key)
    if lead is None:
        lost.append(f"the lead {_who(change)} is not found any more")
        return
    mine = restores.setdefault(key, {})
    for name, field in change.fields.items():
        if one.fields.get(name, one.outcome) is not Outcome.CHANGED:
            continue
        held = mine[name][1] if name in mine else lead.fields.get(name)
        if not reached(held, field.before, field.after, field.type, country_code):
            lost.append(f"{name} of {_who(change)} was changed since")
        elif is_missing(field.before):
            lost.append(f"{name} of {_who(change)} was missing; whether a field can be cleared is not known")
            mine.pop(name, None)
        else:
            only_form = same(field.before, field.after, field.type, country_code)
            mine[name] = (name, field.before, field.type, only_form)


def _steps(found: Sequence[_Restore], schema: Schema, zone: ZoneInfo, country_code: str) -> list[str]:
    """Return a step for the leads that get the same values back, fifty at a time."""
    by = print_column(schema.identifier.api_name)
    groups: dict[tuple[_Old, ...], list[_Restore]] = {}
    for one in found:
        groups.setdefault(one.fields, []).append(one)
    steps: list[str] = []
    for fields, some in groups.items():
        lines = [
            f"set {print_column(name)} = {exact_text(str(value)) if only_form else value_text(value, kind, zone)}"
            for name, value, kind, only_form in fields
        ]
        names = [(one, _written(one.identifier, schema, country_code)) for one in some]
        named = [(one, name) for one, name in names if name]
        parts = [named[start : start + _A_STEP] for start in range(0, len(named), _A_STEP)]
        for part in (*parts, *([pair] for pair in names if not pair[1])):
            if len(part) == 1:
                source = f"find lead {print_text(part[0][0].ref)}"
            else:
                source = f"find leads where {by} in [{', '.join(print_text(name) for _, name in part)}]"
            steps.append(step_text(f"restore {len(steps) + 1}", source, lines))
    return steps


def _written(identifier: str, schema: Schema, country_code: str) -> str:
    """Return how a playbook names the lead; empty where only its id can: the service may hold what is no phone."""
    return (
        written_phone(identifier, country_code) if schema.identifier.type is FieldType.PHONE else identifier
    )


def _action_steps(done: Sequence[Result], schema: Schema, zone: ZoneInfo, *, neutralise: bool) -> list[str]:
    """Return steps that give updated actions their old values back, and with ``neutralise`` void appends."""
    steps: list[str] = []
    for one in reversed(done):
        change, action = one.change, one.change.action
        lead_id = change.lead.id or one.lead_id
        if action is None or lead_id is None:
            continue
        what = "payment" if action.type == PAYMENT else f"action {action.type}"
        title = f"{what} of {_who(change)} ({len(steps) + 1})"
        find = f"find lead {print_text(lead_id)}"
        if change.kind is Kind.UPDATE_ACTION:
            old = {
                name: field.before for name, field in change.fields.items() if not is_missing(field.before)
            }
            if old:
                where = _where({n: f.after for n, f in change.fields.items()}, action.types, zone)
                line = f"update {what}{where} with {pairs_text(old, action.types, zone)}"
                steps.append(step_text(title, find, [line]))
        elif neutralise and change.kind is Kind.PAYMENT:
            where = _where(action.fields, action.types, zone)
            steps.append(step_text(title, find, [f"update payment{where} with status = CANCELLED"]))
        elif neutralise:
            steps.append(step_text(title, find, [_void(change, schema, zone)]))
    return steps


def _void(change: Change, schema: Schema, zone: ZoneInfo) -> str:
    """Return the statement that marks a custom action as void, in its first text field."""
    action = change.action
    assert action is not None
    known = schema.action(action.type)
    text = next(
        (field.key for field in (known.fields if known else ()) if field.type is FieldType.TEXT), None
    )
    if text is None:
        return comment(f"has no text field to mark it: {append_text(action, zone)}")
    said = action.fields.get(text)
    void = f"[void] {said}" if said else "[void]"
    where = _where(action.fields, action.types, zone)
    return f"update action {action.type}{where} with {pairs_text({text: void}, action.types, zone)}"


def _where(fields: Mapping[str, Value], types: Mapping[str, FieldType], zone: ZoneInfo) -> str:
    return f" where {pairs_text(fields, types, zone)}" if fields else ""


def _who(change: Change) -> str:
    return change.lead.name or change.lead.identifier or change.lead.id or "a lead"


def _kind(change: Change) -> str:
    return change.action.type if change.action else ""
