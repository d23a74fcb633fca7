"""Lead and effects to changes: what one step would do to each of its leads, and what is so already."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leadops.engine.op_keys import change_key
from leadops.engine.plan.diff.actions import (
    NoSuchActionError,
    Updates,
    Wish,
    append_change,
    in_journal,
    on_timeline,
    wish,
)
from leadops.engine.plan.diff.fields import Wanted, leaves
from leadops.engine.plan.diff.values import CannotRenderError, TwoValuesError, Values
from leadops.model.change import Change, FieldChange, Kind, LeadRef
from leadops.model.journal import Made, MadeState
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Append, Assign, Plan, Row, Step, UpdateAction
from leadops.model.saved import Refusal
from leadops.model.schema import Schema
from leadops.model.values import is_missing, same
from leadops.predicate.facts import Facts


@dataclass(frozen=True, slots=True)
class Case:
    """One lead of a step, or one that the step is to create.

    Attributes:
        lead: as the step finds it; for a create an empty one.
        create: assignments of the lead to create; None when it exists.
        fields: assignments that the source itself makes on an existing lead (upsert).
        appends: that the source itself makes (``retry rejects``).
        unresolved: why the lead has no id.
        exists: why the plan is refused if anything is to be done: ``create`` meets a lead that is there.
        unborn: an earlier step will create the lead; the run knows its id by then.
    """

    lead: Lead
    row: Row | None = None
    create: tuple[Assign, ...] | None = None
    fields: tuple[Assign, ...] = ()
    appends: tuple[Append, ...] = ()
    unresolved: Refusal | None = None
    exists: str = ""
    unborn: bool = False

    @property
    def depends(self) -> str:
        """What only the service can know of changes to the lead."""
        return "the new lead's id" if self.unborn else ""


@dataclass(slots=True)
class Draft:
    """A case with its wishes, before the journal and the timelines were asked.

    Attributes:
        change: of fields: the update or the create; None when they are as asked.
        refusals: why something cannot be done; with any of ``fatal`` nothing of the lead is.
    """

    case: Case
    ref: LeadRef
    values: Values
    change: Change | None = None
    wishes: list[Wish] = field(default_factory=list)
    updates: list[UpdateAction] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    fatal: bool = False

    @property
    def creating(self) -> bool:
        """Whether the lead is to be created."""
        return self.case.create is not None


@dataclass(frozen=True, slots=True)
class Diffed:
    """What a step does to one lead.

    Attributes:
        other_text: appends that were made before with another text.
    """

    case: Case
    ref: LeadRef
    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...] = ()
    other_text: int = 0

    @property
    def complies(self) -> bool:
        """Whether the lead needs nothing."""
        return not self.changes and not self.refusals


def reference(lead: Lead, schema: Schema) -> LeadRef:
    """Return how plans and reports name ``lead``."""
    return LeadRef(lead.id, str(lead.fields.get(schema.identifier.api_name) or ""), lead.name)


def draft(case: Case, index: int, step: Step, plan: Plan, facts: Facts) -> Draft:
    """Evaluate the step's effects for one lead."""
    values = Values(plan, step, case.lead, case.row)
    one = Draft(case, reference(case.lead, plan.schema), values)
    try:
        effects = (*case.appends, *leaves(step.effects, values, facts))
        wanted = Wanted(case.lead.fields)
        for assign in (*(case.create or ()), *case.fields):
            wanted.assign(assign, values)
        for effect in effects:
            wanted.take(effect, values)
        fields = wanted.changes(plan.country_code)
        row = case.row.number if case.row else None
        if case.create is not None:
            one.ref = _new_reference(fields, plan.schema)
        one.wishes = [
            wish(effect, values, one.ref, plan.schema.enterprise_id, ordinal)
            for ordinal, effect in enumerate(effects)
            if isinstance(effect, Append)
        ]
        one.updates = [effect for effect in effects if isinstance(effect, UpdateAction)]
    except CannotRenderError as error:
        one.refusals.append(
            Refusal(
                one.ref,
                f"template: {error.reason}",
                _TEMPLATE_HELP,
                field=error.field,
                value=error.text,
                row=_row(case),
            )
        )
        one.fatal = True
        return one
    except TwoValuesError as error:
        one.refusals.append(_two_values(error, one.ref, _row(case)))
        one.fatal = True
        return one
    if case.create is not None:
        _check_create(one, plan)
        key = change_key("create", index, one.ref.identifier)
        depends = "status and stamps of the new lead, and what automations make of it"
        one.change = Change(key, index, Kind.CREATE, one.ref, fields, depends=depends, row=row)
    elif fields:
        key = change_key("update", index, one.ref.id or one.ref.identifier)
        one.change = Change(key, index, Kind.UPDATE, one.ref, fields, depends=case.depends, row=row)
    return one


def finish(
    one: Draft,
    index: int,
    plan: Plan,
    made: Mapping[str, Made],
    timeline: Sequence[TimelineAction],
    *,
    lane_async: bool,
    at_work: Callable[[], bool] = lambda: False,
) -> Diffed:
    """Decide each wish by the journal and the lead's timeline (as far as it was read).

    ``at_work``: whether another run is at work now, so that an intent without an outcome is under way, not in doubt.
    """
    if one.fatal:
        return Diffed(one.case, one.ref, (), tuple(one.refusals))
    changes = [one.change] if one.change else []
    refusals = list(one.refusals)
    other = 0
    row = _row(one.case)
    for each in one.wishes:
        known = in_journal(each, dict(made))
        if known.verdict == "doubt" and known.made is not None:
            under_way = known.made.state is MadeState.INTENT and at_work()
            refusals.append((_under_way if under_way else _doubtful)(one.ref, each, known.made, row))
        elif known.verdict == "other":
            other += 1
        elif known.verdict == "open" and (
            each.effect.once.kind == "run" or not on_timeline(each, timeline, plan.country_code)
        ):
            append = append_change(each, one.ref, index, row, with_create=one.creating)
            changes.append(replace(append, depends=append.depends or one.case.depends))
    updates = Updates(plan.country_code)
    for effect in one.updates:
        try:
            change = updates.change(effect, one.values, one.ref, index, timeline)
        except NoSuchActionError as error:
            refusals.append(
                Refusal(one.ref, str(error), "narrow it with `where`, or leave these leads out", row=row)
            )
        except TwoValuesError as error:
            return Diffed(one.case, one.ref, (), (*refusals, _two_values(error, one.ref, row)))
        except CannotRenderError as error:
            refusals.append(
                Refusal(
                    one.ref,
                    f"template: {error.reason}",
                    _TEMPLATE_HELP,
                    field=error.field,
                    value=error.text,
                    row=row,
                )
            )
        else:
            changes += [change] if change else []
    unresolved = one.case.unresolved
    queued = lane_async and _fields_only(changes) and not one.case.lead.unreadable
    if unresolved is not None and changes and not queued:
        return Diffed(one.case, one.ref, (), (unresolved, *refusals))
    return Diffed(one.case, one.ref, tuple(changes), tuple(refusals), other)


_ONE_VALUE = "make the cases exclude each other: when A { … } otherwise when B { … }"
_TEMPLATE_HELP = "give the placeholder a `default`, or leave such leads out of the condition"


def _two_values(error: TwoValuesError, ref: LeadRef, row: int | None) -> Refusal:
    reason = f"{error.field} would get two values"
    return Refusal(ref, reason, _ONE_VALUE, field=error.field, value=error.values, row=row)


def _fields_only(changes: Sequence[Change]) -> bool:
    return all(change.kind is Kind.UPDATE for change in changes)


def _row(case: Case) -> int | None:
    return case.row.number if case.row else None


def _new_reference(fields: Mapping[str, FieldChange], schema: Schema) -> LeadRef:
    def text(name: str) -> str:
        one = fields.get(name)
        return "" if one is None or one.after is None else str(one.after)

    return LeadRef(None, text(schema.identifier.api_name), text("name"))


def _check_create(one: Draft, plan: Plan) -> None:
    by = plan.schema.identifier
    if is_missing(one.ref.identifier) or same(one.ref.identifier, None, by.type):
        one.refusals.append(
            Refusal(one.ref, f"a lead cannot be made without its {by.api_name}", row=_row(one.case))
        )
        one.fatal = True


def _doubtful(ref: LeadRef, each: Wish, made: Made, row: int | None) -> Refusal:
    return Refusal(
        ref,
        f"run {made.run} may have made this action {each.action.type}; nobody knows yet",
        f"`leadops resume {made.run}` looks again; `leadops resolve {made.run}` settles it by hand",
        row=row,
    )


def _under_way(ref: LeadRef, each: Wish, made: Made, row: int | None) -> Refusal:
    return Refusal(
        ref,
        f"run {made.run}, which is at work, is making this action {each.action.type}",
        "plan again when it has ended",
        outcome="skipped_by_guard",
        row=row,
    )
