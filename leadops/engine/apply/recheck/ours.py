"""What a step's own settled writes did to a lead, set aside: so that the lead is judged as its plan saw it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leadops.model.change import Change, FieldChange, Kind
from leadops.model.lead import Lead, TimelineAction
from leadops.model.run import Outcome, Result
from leadops.model.schema import Schema
from leadops.model.values import Value, reached


@dataclass(frozen=True, slots=True)
class Ours:
    """What the step has written to one lead so far.

    Attributes:
        fields: of the lead, before and after.
        made: ids of actions that were added, by type.
        updated: fields of actions before the change, by the action's id.
        types: of all these actions.
        moved: fields that the service keeps and that may have moved with any of this run's writes.
    """

    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    updated: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()

    def without(self, lead: Lead, country_code: str) -> Lead:
        """Return ``lead`` with the fields that still hold what the step wrote as they were before."""
        before = {
            name: one.before
            for name, one in self.fields.items()
            if reached(lead.fields.get(name), one.before, one.after, one.type, country_code)
        }
        return replace(lead, fields={**lead.fields, **before}) if before else lead

    def timeline(self, rows: Sequence[TimelineAction]) -> tuple[TimelineAction, ...]:
        """Return the rows of a timeline that are not the step's own, those it changed as they were before."""
        return tuple(
            replace(row, fields={**row.fields, **self.updated[row.id]})
            if row.id is not None and row.id in self.updated
            else row
            for row in rows
            if row.id is None or row.id not in self.made
        )


OursOf = Callable[[Lead], Ours]


def ours(changes: Sequence[Change], results: Mapping[str, Result], schema: Schema, *, wrote: bool) -> Ours:
    """Return what those of a lead's ``changes`` in one step did that are settled.

    Args:
        changes: of the lead in the step.
        results: of the run, by key of the change.
        schema: tells the fields that the service keeps.
        wrote: any of the run's writes, of any step, reached the lead.
    """
    fields: dict[str, FieldChange] = {}
    made: set[str] = set()
    updated: dict[str, Mapping[str, Value]] = {}
    types: set[str] = set()
    for change in changes:
        result = results.get(change.key)
        if result is None or result.outcome is not Outcome.CHANGED:
            continue
        if change.kind is Kind.UPDATE:
            fields |= change.fields
        elif change.action is not None:
            types.add(change.action.type)
            if change.kind is Kind.UPDATE_ACTION and change.action.action_id is not None:
                updated[change.action.action_id] = {name: one.before for name, one in change.fields.items()}
            elif result.action_id is not None:
                made.add(result.action_id)
    kept = {one.api_name for one in schema.fields if one.read_only and one.api_name != "created_on"}
    moved = frozenset(kept | {"modified_on"}) if wrote else frozenset()
    return Ours(fields, frozenset(made), updated, frozenset(types), moved)
