"""Appends and action updates of a step for one lead: what is there already, and what is to be made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadops.engine.action_match import equal_actions
from leadops.engine.op_keys import change_key, new_lead, op_key, payload
from leadops.engine.plan.diff.values import CannotRenderError, TwoValuesError, Values
from leadops.model.actions import PAYMENT
from leadops.model.change import ActionSpec, Change, FieldChange, Kind, LeadRef
from leadops.model.journal import Made, MadeState
from leadops.model.lead import TimelineAction
from leadops.model.plan import Append, Cell, UpdateAction
from leadops.model.predicate import Window
from leadops.model.values import Value, is_missing, same


@dataclass(frozen=True, slots=True)
class Wish:
    """An append that the step asks for, for one lead, before it is known whether it is there.

    Attributes:
        keys: under which the journal may know it: by the lead's id, and as the lead's own create would.
    """

    effect: Append
    action: ActionSpec
    keys: tuple[str, ...]
    ordinal: int


def wish(effect: Append, values: Values, ref: LeadRef, enterprise: str, ordinal: int) -> Wish:
    """Return what ``effect`` asks for; raises CannotRenderError."""
    action = action_spec(effect, values)
    leads = [ref.id] if ref.id else []
    leads.append(new_lead(ref.identifier))
    keys = tuple(op_key(enterprise, effect.rule, effect.type, effect.once.occurrence, lead) for lead in leads)
    return Wish(effect, action, keys, ordinal)


def action_spec(effect: Append | UpdateAction, values: Values) -> ActionSpec:
    """Return the action with its fields evaluated, those that get nothing left out.

    Raises:
        CannotRenderError: a template meets a missing value; or nothing is put where something must stand.
    """
    fields: dict[str, Value] = {}
    types = {}
    for assign in effect.fields:
        value = values.of(assign, effect.type)
        needed = effect.type == PAYMENT or isinstance(effect, UpdateAction)
        if is_missing(value) and needed and not (isinstance(assign.value, Cell) and effect.type != PAYMENT):
            why = f"{assign.name} would be nothing, which it cannot be set to"
            raise CannotRenderError(assign.name, values.written(assign), why)
        if not is_missing(value):
            fields[assign.name] = value
            types[assign.name] = assign.type
    return ActionSpec(effect.type, fields, types)


def append_change(one: Wish, ref: LeadRef, step: int, row: int | None, *, with_create: bool) -> Change:
    """Return the change that makes the append."""
    kind = Kind.PAYMENT if one.effect.type == PAYMENT else Kind.APPEND
    run = one.effect.once.kind == "run"
    key = f"{one.keys[0]}" if not run else f"{one.keys[0][:48]}{step:08x}{one.ordinal:08x}"
    return Change(
        key,
        step,
        kind,
        ref,
        action=one.action,
        with_create=with_create,
        occurrence=one.effect.once.window,
        each_run=run,
        depends="the new lead's id" if with_create else "",
        row=row,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal says of a wish.

    Attributes:
        verdict: ``open`` (not known), ``already``, ``other`` (made, with another text), ``doubt``.
    """

    verdict: str
    made: Made | None = None


def in_journal(one: Wish, made: dict[str, Made]) -> Known:
    """Return what the journal knows of ``one``."""
    if one.effect.once.kind == "run":
        return Known("open")
    record = next((made[key] for key in one.keys if key in made), None)
    if record is None:
        return Known("open")
    if record.state is not MadeState.MADE:
        return Known("doubt", record)
    return Known("already" if record.payload == payload(one.action) else "other", record)


def on_timeline(one: Wish, timeline: Sequence[TimelineAction], country_code: str) -> bool:
    """Whether an equal action stands on the timeline, in the wish's period."""
    inside = [action for action in timeline if _within(action, one.effect.once.window)]
    return bool(equal_actions(inside, one.action, country_code))


def _within(action: TimelineAction, window: Window | None) -> bool:
    if window is None:
        return True
    return action.at_ms is None or window.start_ms <= action.at_ms < window.end_ms


class NoSuchActionError(Exception):
    """There is no action to update, or several where one was meant."""


@dataclass(slots=True)
class Updates:
    """Updates of actions that one lead's effects ask for: what each action shall hold, whoever asks first."""

    country_code: str
    _asked: dict[tuple[str, str], tuple[Value, str]] = field(default_factory=dict)

    def change(
        self,
        effect: UpdateAction,
        values: Values,
        ref: LeadRef,
        step: int,
        timeline: Sequence[TimelineAction],
    ) -> Change | None:
        """Return the change of the latest action that matches; None when it is as asked already.

        Raises:
            NoSuchActionError: none matches, or several do and the effect has no ``where``.
            CannotRenderError: a template meets a missing value.
            TwoValuesError: another effect asks for another value of the same action's field.
        """
        asked = action_spec(effect, values)
        latest, action_id = _latest(effect, timeline, self.country_code)
        written = {one.name: values.written(one) for one in effect.fields}
        for key, value in asked.fields.items():
            before, said = self._asked.setdefault((action_id, key), (value, written[key]))
            if not same(before, value, asked.types[key], self.country_code):
                raise TwoValuesError(key, (said, written[key]))
        fields = {
            key: FieldChange(latest.fields.get(key), value, asked.types[key])
            for key, value in asked.fields.items()
            if not same(latest.fields.get(key), value, asked.types[key], self.country_code)
        }
        if not fields:
            return None
        action = ActionSpec(
            effect.type,
            {key: one.after for key, one in fields.items()},
            {key: one.type for key, one in fields.items()},
            action_id,
        )
        return Change(
            change_key("update_action", step, ref.id or ref.identifier, action_id),
            step,
            Kind.UPDATE_ACTION,
            ref,
            fields=fields,
            action=action,
            row=values.row.number if values.row else None,
        )


def _latest(
    effect: UpdateAction, timeline: Sequence[TimelineAction], country_code: str
) -> tuple[TimelineAction, str]:
    name = "payment" if effect.type == PAYMENT else f"action {effect.type}"
    found = [
        one
        for one in timeline
        if one.type == effect.type
        and all(same(one.fields.get(h.key), h.value, h.type, country_code) for h in effect.where)
    ]
    if not found:
        raise NoSuchActionError(f"there is no {name} to update{' that matches' if effect.where else ''}")
    if len(found) > 1 and not effect.where:
        raise NoSuchActionError(f"there are {len(found)} of {name}; `where` says which one is meant")
    latest = max(found, key=lambda one: one.at_ms or 0)
    if latest.id is None:
        raise NoSuchActionError(
            f"the id of this {name} is not known: an earlier step of this run makes it, or the service does not tell it"
        )
    return latest, latest.id
