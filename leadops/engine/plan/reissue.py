"""``retry rejects of run``: what the service refused or ignored, as cases to be planned again."""

from collections.abc import Sequence
from dataclasses import replace

from leadops.engine.plan.diff.lead import Case
from leadops.engine.select.lead_ids import Resolver
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead
from leadops.model.plan import Append, Assign, Constant, Once, Plan
from leadops.model.run import Outcome, Result
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Reader

RETRIED = frozenset({Outcome.REJECTED, Outcome.IGNORED_BY_CRM})


def rejects(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results that hold something the service refused or ignored."""
    return tuple(
        one for one in results if one.outcome in RETRIED or any(o in RETRIED for o in one.fields.values())
    )


def refused_fields(result: Result) -> dict[str, Assign]:
    """Return assignments of the fields that were refused or ignored."""
    return {
        name: Assign(name, change.type, Constant(change.after))
        for name, change in result.change.fields.items()
        if result.fields.get(name, result.outcome) in RETRIED
    }


def append_of(change: Change) -> Append | None:
    """Return the append that ``change`` asked for, under a rule of its own key; None when it is none."""
    action = change.action
    if action is None or change.kind not in {Kind.APPEND, Kind.PAYMENT}:
        return None
    fields = tuple(Assign(name, action.types[name], Constant(value)) for name, value in action.fields.items())
    return Append(action.type, fields, Once("lead"), f"retry {change.key}")


async def reissued(results: Sequence[Result], plan: Plan, reader: Reader, resolver: Resolver) -> list[Case]:
    """Return a case for each lead with rejects; its effects are the rejects themselves."""
    by = plan.schema.identifier
    wanted = rejects(results)
    identifiers = [one.change.lead.identifier for one in wanted if one.change.lead.identifier]
    rows = await lookup_identifiers(identifiers, plan.schema, reader, country_code=plan.country_code)
    cases: dict[str, Case] = {}
    for one in wanted:
        ref = one.change.lead
        name = canonical(ref.identifier, by, plan.country_code)
        there = resolver.resolve(rows.get(name, ()))
        lead_id = ref.id or one.lead_id
        lead = next((row for row in there if lead_id in {None, row.id}), None)
        key = lead_id or name
        case = cases.get(key)
        if case is None:
            if lead is None and one.change.kind is not Kind.CREATE:
                continue
            create = None if lead is not None else ()
            unread = resolver.unreadable([lead]) if lead is not None and lead.unreadable else ()
            case = Case(lead or Lead(None), create=create, unresolved=next(iter(unread), None))
        fields = tuple(refused_fields(one).values())
        append = append_of(one.change)
        if case.create is not None:
            case = replace(case, create=(*case.create, *fields))
        else:
            fields = tuple(one for one in fields if one.name != by.api_name)
            case = replace(case, fields=(*case.fields, *fields))
        cases[key] = replace(case, appends=(*case.appends, *((append,) if append else ())))
    return list(cases.values())
