"""Compliance push-down: what a step wants, as a condition, so that only leads which lack it are searched for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadops.core.errors import RefusedError
from leadops.engine.select.bisect import Hunt
from leadops.model.plan import (
    Append,
    ChangeTags,
    Constant,
    Effect,
    Find,
    Notify,
    Plan,
    Report,
    SetField,
    Step,
    When,
)
from leadops.model.predicate import And, Condition, Equals, HasTags, Not, OneOf, Or
from leadops.model.schema import FieldType
from leadops.planner.filters import AnyOf, Filter, is_exact, known, others, pushed
from leadops.planner.optimizer import plan_query
from leadops.planner.probes import Count, Probes
from leadops.planner.query_plan import QueryPlan
from leadops.planner.search_body import Search, with_filter
from leadops.predicate.evaluate import activities
from leadops.predicate.normalise import conjunction, normalise


def goal(step: Step) -> Condition | None:
    """Return what is true of exactly the leads that ``step`` would leave as they are; None when no condition says it.

    None for whatever depends on the lead (templates, a CSV's cells), for appends, whose rule is the
    journal's and the timeline's, and for steps that look at every lead they find (``expect every``, timelines).
    """
    if not isinstance(step.source, Find) or step.source.single or step.every:
        return None
    return _kept(step.effects) if _changes(step.effects) else None


def _changes(effects: Sequence[Effect]) -> bool:
    return any(not isinstance(effect, Report | Notify) for effect in effects)


def _kept(effects: Sequence[Effect]) -> Condition | None:
    """Return what is true of exactly the leads that ``effects`` leave as they are; None when no condition says it."""
    parts: list[Condition] = []
    for effect in effects:
        match effect:
            case SetField(assign) if isinstance(assign.value, Constant) and assign.type is not FieldType.TAGS:
                parts.append(Equals(assign.name, assign.type, assign.value.value))
            case ChangeTags(verb, name, tags) if all(isinstance(tag, Constant) for tag in tags):
                texts = tuple(str(tag.value) for tag in tags if isinstance(tag, Constant))
                parts.append(
                    HasTags(name, "all", texts) if verb == "add" else Not(HasTags(name, "any", texts))
                )
            case When(condition, then, otherwise) if not any(term.having for term in activities(condition)):
                if_so, if_not = _kept(then), _kept(otherwise)
                if if_so is None or if_not is None:
                    return None
                parts += [Or((Not(condition), if_so)), Or((condition, if_not))]
            case Report() | Notify():
                continue
            case _:
                return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def appends(step: Step) -> tuple[Append, ...]:
    """Return the step's converging appends that stand outside ``when``."""
    return tuple(
        effect for effect in step.effects if isinstance(effect, Append) and effect.once.kind != "run"
    )


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A cheaper search: only the leads that do not comply.

    Attributes:
        query: finds them.
        matched: how many leads the condition selects in all.
        missing: how many of them do not comply, by count; None when no search can count it.
        base: the search that counted ``matched``.
        hunt: find them by counting instead of by ``query``.
    """

    query: QueryPlan
    matched: Count
    missing: int | None
    base: Search
    hunt: Hunt | None = None


async def narrowed(
    condition: Condition, whole: QueryPlan, wanted: Condition, plan: Plan, step: Step, probes: Probes
) -> Narrowed | None:
    """Return the search for the leads of ``condition`` that lack ``wanted``, where it is right and cheaper than ``whole``.

    It needs a condition that one search says exactly, for ``matched`` is then its count.
    """
    schema, cc = plan.schema, plan.country_code
    if len(whole.arms) != 1 or not whole.arms[0].exact or whole.arms[0].asks or whole.calls <= 1:
        return None
    arm = whole.arms[0]
    if not _worth_counting(arm.search, whole.calls, probes):
        return None
    if not await _counts_are_true(arm.search, probes):
        return None
    wanted, complying = await _hardest(arm.search, arm.count, wanted, plan, probes)
    missing: int | None = None
    if complying is not None:
        missing = arm.count.leads - (await probes.count(complying)).leads
        if missing < 0:
            raise RefusedError(
                "the service counts more leads when a search is narrower: its counts cannot be trusted",
                help="run again; `leadops doctor` tells what the service does with searches",
            )
        if (missing == 0 or len(_added(complying, arm.search)) > 1) and not await _honoured(
            complying, arm.search, probes
        ):
            return None
        if missing == 0:
            return Narrowed(QueryPlan(normalise(condition, cc), ()), arm.count, 0, arm.search)
    lacking = conjunction([normalise(condition, cc), normalise(Not(wanted), cc)], cc)
    query = await plan_query(lacking, schema, probes, step.permissions, cc)
    if not query.full_scan and query.calls < whole.calls:
        return Narrowed(query, arm.count, missing, arm.search)
    if missing is None or complying is None or arm.given is not None or step.limit is not None:
        return None
    if len(probes.bodies(arm.search)) != 1 or len(probes.bodies(complying)) != 1:
        return None
    prey = Hunt(arm.search, complying, arm.count, missing, lacking, lacking)
    return Narrowed(
        whole, arm.count, missing, arm.search, await _by_value(prey, wanted, plan, probes) or prey
    )


async def _by_value(prey: Hunt, wanted: Condition, plan: Plan, probes: Probes) -> Hunt | None:
    """Return the hunt of only those leads that hold no known value, the others being searched for by their value.

    None where no value can be named, none of the leads holds another one, or halving does not pay.
    """
    if not isinstance(wanted, Equals) or not probes.affordable(prey.count.pages):
        return None
    rest = others(wanted, plan.schema, plan.country_code)
    every = known(wanted.field, wanted.type, plan.schema)
    named = with_filter(prey.search, wanted.field, rest[0]) if rest and len(rest) == 1 else None
    found = with_filter(prey.search, wanted.field, every) if every else None
    if named is None or found is None or named.empty or not isinstance(every, AnyOf):
        return None
    if len(probes.bodies(found)) != 1:
        return None
    count = await probes.count(named)
    unnamed = prey.count.leads - (await probes.count(found)).leads
    if count.leads == 0 or unnamed != prey.missing - count.leads:
        return None
    hunted = Not(OneOf(wanted.field, wanted.type, every.values))
    made = replace(prey, found=found, missing=unnamed, hunted=hunted, named=named, named_count=count)
    return made if made.halving is not None else None


async def _hardest(
    search: Search, matched: Count, wanted: Condition, plan: Plan, probes: Probes
) -> tuple[Condition, Search | None]:
    """Return ``wanted`` and the search for the leads that have it; where none says it, its one part that leads lack.

    Two tags of one field are two searches. Where counts show that every lead has all parts but one, that one stands
    for all.
    """
    whole = await _complying(search, wanted, plan, probes)
    parts = _parts(wanted)
    if whole is not None or len(parts) < 2 or not probes.affordable(matched.pages, len(parts)):
        return wanted, whole
    whole_of: list[tuple[Condition, Search]] = []
    lacked: list[tuple[Condition, Search]] = []
    for part in parts:
        one = await _complying(search, part, plan, probes)
        if one is None or not await _honoured(one, search, probes):
            return wanted, None
        all_have = (await probes.count(one)).leads == matched.leads
        (whole_of if all_have else lacked).append((part, one))
    return (lacked or whole_of)[0] if len(lacked) < 2 else (wanted, None)


def _parts(wanted: Condition) -> tuple[Condition, ...]:
    """Return tests that together are ``wanted``, one for each tag."""
    parts: list[Condition] = []
    for part in wanted.terms if isinstance(wanted, And) else (wanted,):
        if isinstance(part, HasTags) and part.which == "all":
            parts += [replace(part, which="any", values=(tag,)) for tag in part.values]
        else:
            parts.append(part)
    return tuple(parts)


async def _complying(search: Search, wanted: Condition, plan: Plan, probes: Probes) -> Search | None:
    """Return the search for the leads that have ``wanted`` already, where one says it exactly."""
    parts = wanted.terms if isinstance(wanted, And) else (wanted,)
    for part in parts:
        if not isinstance(part, Equals | HasTags) or not is_exact(part):
            return None
        one = pushed(part, plan.schema, plan.country_code)
        if isinstance(part, HasTags) and not (
            isinstance(one, AnyOf) and await probes.finds_single_tags(part.field, one)
        ):
            return None
        narrower = with_filter(search, part.field, one) if one else None
        if narrower is None or narrower.empty:
            return None
        search = narrower
    return search


def _worth_counting(search: Search, pages: int, probes: Probes) -> bool:
    """Whether counting who complies may cost less than the pages it may save."""
    filters = 0 if _compared(search) else probes.untried(search)
    return probes.affordable(pages, filters + len(probes.bodies(search)))


def _compared(search: Search) -> bool:
    """Whether the planner has compared the count of ``search`` with the workspace's: its only filter is honoured."""
    return len(search.fields) == 1 and search.activity is None


async def _counts_are_true(search: Search, probes: Probes) -> bool:
    """Whether every filter of ``search`` is honoured, so that its count is the number of its leads."""
    if _compared(search):
        return True
    return all([await probes.honours(name, one) for name, one in search.fields.items()])


async def _honoured(narrower: Search, search: Search, probes: Probes) -> bool:
    return all([await probes.honours(name, one) for name, one in _added(narrower, search).items()])


def _added(narrower: Search, search: Search) -> dict[str, Filter]:
    return {name: one for name, one in narrower.fields.items() if search.fields.get(name) != one}
