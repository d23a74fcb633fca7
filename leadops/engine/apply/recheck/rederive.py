"""Whether a step would still ask for what was planned of a lead: its effects, evaluated anew on the lead as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadops.engine.op_keys import payload
from leadops.engine.plan.diff.actions import action_spec
from leadops.engine.plan.diff.lead import Case, Draft, draft
from leadops.engine.plan.diff.values import CannotRenderError
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead
from leadops.model.plan import EachRow, Find, FindById, Plan, Row, UpdateAction
from leadops.model.schema import Field
from leadops.model.values import Value, reached, same
from leadops.planner.lookup import canonical
from leadops.predicate.facts import Facts


@dataclass(slots=True)
class Rederiver:
    """Evaluates the effects of a plan's steps again: their cases (``when``), templates and rows."""

    plan: Plan
    _rows: dict[int, Mapping[int, Row]] = field(default_factory=dict)

    def draft(self, changes: Sequence[Change], lead: Lead, facts: Facts) -> Draft | None:
        """Return what the step asks for of ``lead``; None where that cannot be told.

        It cannot where the step is about one new lead, or where a case turns on what nobody has asked for.
        """
        first = changes[0]
        step = self.plan.steps[first.step]
        row = self._row(first)
        if row is None and not isinstance(step.source, Find | FindById):
            return None
        try:
            return draft(Case(lead, row), first.step, step, self.plan, facts)
        except LookupError:
            return None

    def matches(self, change: Change, lead: Lead) -> bool:
        """Whether ``lead`` still has the value by which a row of a file found it."""
        source = self.plan.steps[change.step].source
        row = self._row(change)
        if not isinstance(source, EachRow) or row is None:
            return True
        by = self.plan.schema.field(source.match_field) or Field(source.match_field, source.match_type)
        typed = [value for (_, name), value in row.values.items() if name == source.match_field]
        wanted: Value = typed[0] if typed and str(typed[0]) else row.key
        code = self.plan.country_code
        return canonical(lead.fields.get(by.api_name), by, code) == canonical(wanted, by, code)

    def _row(self, change: Change) -> Row | None:
        source = self.plan.steps[change.step].source
        if not isinstance(source, EachRow) or change.row is None:
            return None
        if change.step not in self._rows:
            self._rows[change.step] = {row.number: row for row in source.rows}
        return self._rows[change.step].get(change.row)


def objection(change: Change, made: Draft, lead: Lead, country_code: str) -> str:
    """Return why ``change`` is not what the step asks for now; empty when it is."""
    if made.fatal:
        return f"what it is made from changed since the plan: {made.refusals[-1].reason}"
    if change.kind is Kind.UPDATE:
        wanted = made.change.fields if made.change else {}
        other = [
            name
            for name, one in change.fields.items()
            if not reached(lead.fields.get(name), one.before, one.after, one.type, country_code)
            and (name not in wanted or not same(wanted[name].after, one.after, one.type, country_code))
        ]
        return f"what it is made from changed since the plan: {', '.join(other)}" if other else ""
    if change.kind is Kind.UPDATE_ACTION:
        return "" if any(_asks(effect, change, made, country_code) for effect in made.updates) else _OTHER
    mine = payload(change.action)
    return "" if any(payload(one.action) == mine for one in made.wishes) else _OTHER


def still_meant(change: Change, made: Draft, there: Mapping[str, Value], country_code: str) -> bool:
    """Whether an update of an action means the action whose fields are ``there``."""
    return any(
        all(same(there.get(one.key), one.value, one.type, country_code) for one in effect.where)
        for effect in made.updates
        if _asks(effect, change, made, country_code)
    )


def _asks(effect: UpdateAction, change: Change, made: Draft, country_code: str) -> bool:
    action = change.action
    if action is None or effect.type != action.type:
        return False
    try:
        spec = action_spec(effect, made.values)
    except CannotRenderError:
        return False
    return all(
        name in spec.fields and same(spec.fields[name], value, spec.types[name], country_code)
        for name, value in action.fields.items()
    )


_OTHER = "what it is made from changed since the plan"
