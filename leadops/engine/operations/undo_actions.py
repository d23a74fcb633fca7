"""What undo says of actions: updates go back to their old values, appends can only be marked (``--neutralise``)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from leadops.engine.operations.guarded import Sound, Ways
from leadops.engine.operations.playbook_text import pairs_text
from leadops.model.actions import PAYMENT
from leadops.model.change import ActionSpec, Change, Kind
from leadops.model.run import Result
from leadops.model.schema import FieldType, Schema
from leadops.model.values import is_missing


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that stays; ``unsaid``: no playbook can say it."""

    sentence: str
    unsaid: bool = False


@dataclass(slots=True)
class ActionLines:
    """Statements by the lead's id, and what stays."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)


def action_lines(
    done: Sequence[Result], schema: Schema, zone: ZoneInfo, sound: Sound, *, neutralise: bool
) -> ActionLines:
    """Return what takes the actions of a run back; ``where`` holds what the run left there, as a guard."""
    found = ActionLines()
    wanted: list[tuple[Result, str]] = []
    for one in reversed(done):
        change, action = one.change, one.change.action
        if action is None or not (change.lead.id or one.lead_id):
            continue
        if change.kind is Kind.UPDATE_ACTION:
            wanted += [(one, line) for line in _old_values(change, action, zone, found)]
        elif neutralise:
            line = _void(change, action, schema, zone)
            wanted += [(one, line)] if line else []
            found.lost += [] if line else [Lost(f"{_stays(change, action)}; it has no text field to mark it")]
        else:
            found.lost.append(Lost(f"{_stays(change, action)}; it can only be marked (--neutralise)"))
    ways: list[Ways] = [(line,) for _, line in wanted]
    sound.effects(ways)
    for (one, line), way in zip(wanted, ways, strict=True):
        if way in sound.chosen:
            found.lines.append((one.change.lead.id or one.lead_id or "", line))
        else:
            found.lost.append(
                Lost(f"{_stays(one.change, one.change.action)}; {sound.reasons[way]}", unsaid=True)
            )
    return found


def _old_values(change: Change, action: ActionSpec, zone: ZoneInfo, found: ActionLines) -> list[str]:
    old = {name: one.before for name, one in change.fields.items() if not is_missing(one.before)}
    found.lost += [
        Lost(
            f"{name} of the action {action.type} of {_who(change)} was missing; an action's field cannot be emptied"
        )
        for name in change.fields
        if name not in old
    ]
    if not old:
        return []
    where = {name: one.after for name, one in change.fields.items()}
    return [
        f"update {_what(action)} where {pairs_text(where, action.types, zone)} with {pairs_text(old, action.types, zone)}"
    ]


def _void(change: Change, action: ActionSpec, schema: Schema, zone: ZoneInfo) -> str:
    """Return the statement that cancels a payment, or marks a custom action as void in its first text field."""
    where = f" where {pairs_text(action.fields, action.types, zone)}" if action.fields else ""
    if change.kind is Kind.PAYMENT:
        return f"update payment{where} with status = CANCELLED"
    known = schema.action(action.type)
    text = next((one.key for one in (known.fields if known else ()) if one.type is FieldType.TEXT), None)
    if text is None:
        return ""
    said = action.fields.get(text)
    void = pairs_text({text: f"[void] {said}" if said else "[void]"}, action.types, zone)
    return f"update {_what(action)}{where} with {void}"


def _stays(change: Change, action: ActionSpec | None) -> str:
    verb = "of" if change.kind is Kind.UPDATE_ACTION else "was added to"
    return f"an action {action.type if action else ''} {verb} {_who(change)}"


def _what(action: ActionSpec) -> str:
    return "payment" if action.type == PAYMENT else f"action {action.type}"


def _who(change: Change) -> str:
    return change.lead.name or change.lead.identifier or change.lead.id or "a lead"
