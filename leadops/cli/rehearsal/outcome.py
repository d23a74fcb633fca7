"""What a plan leaves behind: each lead as it would be, and what the plan would do to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leadops.model.change import Change, Kind
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Plan
from leadops.model.saved import Refusal, SavedPlan
from leadops.model.values import Comparable, Value, comparable, is_missing


@dataclass(slots=True)
class After:
    """A lead after the plan.

    Attributes:
        lead: its fields and its timeline, newest first.
        done: what the plan would do to it, in words.
        refused: why something was refused for it, in words.
    """

    lead: Lead
    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """Every lead that a test knows, by its identifier in its compared form.

    Attributes:
        before: for each step, the leads as the step finds them.
    """

    plan: Plan
    leads: dict[Comparable, After]
    before: list[tuple[Lead, ...]] = field(default_factory=list)

    def of(self, identifier: Value) -> After | None:
        """Return what became of the lead of this identifier; None when there is none."""
        return self.leads.get(self._key(identifier))

    def _key(self, identifier: Value) -> Comparable:
        return comparable(identifier, self.plan.schema.identifier.type, self.plan.country_code)


def outcome_of(plan: Plan, saved: SavedPlan, given: Sequence[Lead]) -> Outcome:
    """Return the given leads, and those that the plan creates, as ``saved`` would leave them."""
    name = plan.schema.identifier.api_name
    result = Outcome(plan, {})
    for lead in given:
        result.leads[result._key(lead.fields.get(name))] = After(lead)  # noqa: SLF001 (its maker)
    ids = {after.lead.id: after for after in result.leads.values()}
    for step in saved.steps:
        result.before.append(tuple(after.lead for after in result.leads.values()))
        for change in step.changes:
            key = result._key(change.lead.identifier)  # noqa: SLF001 (as above)
            after = ids.get(change.lead.id) if change.lead.id else None
            after = after or result.leads.setdefault(key, After(Lead(None, {}, ())))
            after.lead = _changed(after.lead, change, plan.clock_ms)
            after.done.append(in_words(change))
        for refusal in step.refused:
            refused = ids.get(refusal.lead.id) or result.of(refusal.lead.identifier)
            if refused is not None:
                refused.refused.append(_reason(refusal))
    return result


def _changed(lead: Lead, change: Change, now_ms: int) -> Lead:
    timeline = lead.timeline or ()
    action = change.action
    if change.kind is Kind.UPDATE_ACTION and action is not None:
        updated = tuple(
            replace(one, fields={**one.fields, **action.fields}) if one.id == action.action_id else one
            for one in timeline
        )
        return replace(lead, timeline=updated)
    if change.kind in {Kind.APPEND, Kind.PAYMENT} and action is not None:
        made = TimelineAction(None, action.type, now_ms, "", dict(action.fields))
        return replace(lead, timeline=(made, *timeline))
    after = {name: one.after for name, one in change.fields.items()}
    return replace(lead, fields={**lead.fields, **after})


def in_words(change: Change) -> str:
    """Return what a change does, on one line."""
    fields = ", ".join(
        f"{name}: {shown(one.before)} → {shown(one.after)}" for name, one in change.fields.items()
    )
    action = change.action
    match change.kind:
        case Kind.APPEND | Kind.PAYMENT if action is not None:
            return f"+ {action_in_words(action.type, action.fields)}"
        case Kind.UPDATE_ACTION if action is not None:
            return f"action {action.type} updated ({fields})"
        case Kind.CREATE:
            return f"created ({fields})"
        case _:
            return fields


def action_in_words(type: str, fields: Mapping[str, Value]) -> str:
    """Return an action as text: its type and its fields."""
    held = ", ".join(f"{name} = {shown(value)}" for name, value in fields.items())
    return f"action {type}" + (f" with {held}" if held else "")


def shown(value: Value) -> str:
    """Return a value as text."""
    if is_missing(value):
        return "(missing)"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def names(leads: Iterable[Lead], plan: Plan) -> str:
    """Return leads as a list of their identifiers."""
    by = plan.schema.identifier.api_name
    return ", ".join(shown(lead.fields.get(by)) for lead in leads)


def _reason(refusal: Refusal) -> str:
    return f"{refusal.field}: {refusal.reason}" if refusal.field else refusal.reason
