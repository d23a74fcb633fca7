"""Leads of a plan, read again: which of them the step still selects, its own settled writes set aside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadGoneError, UnreadableError
from leadops.engine.apply.recheck.ours import Ours
from leadops.engine.select.activity_lookup import effect_terms
from leadops.engine.select.selection import SelectAround
from leadops.engine.select.selector import Selecting
from leadops.model.change import LeadRef
from leadops.model.lead import Lead
from leadops.model.plan import Find, Plan, Step
from leadops.model.predicate import Activity
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Reader
from leadops.planner.probes import Count
from leadops.planner.query_plan import Arm
from leadops.planner.search_body import Search
from leadops.predicate.evaluate import activities, decide
from leadops.predicate.facts import Facts, performed


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What leads are now.

    Attributes:
        current: those that were found, by id, as they are.
        selected: ids of those of them that the step selects.
        facts: what is known of their activities.
        read_ms: when they were asked for, on the service's clock; None where the reader does not tell.
    """

    current: Mapping[str, Lead] = field(default_factory=dict)
    selected: frozenset[str] = frozenset()
    facts: Facts = field(default_factory=Facts)
    read_ms: int | None = None


async def recheck(
    step: Step,
    plan: Plan,
    reader: Reader,
    leads: Sequence[LeadRef],
    around: SelectAround,
    own: Mapping[str, Ours] | None = None,
) -> Rechecked:
    """Read ``leads`` again, all of which have an id; ``own`` by id is what the step itself did to them.

    Lists of identifiers, 100 a call, and one more call for each activity of the condition; a lead without identifier is
    read by its id. The overlay is left out: the CRM is as earlier steps have really left it.

    Raises:
        LeadopsError: as the reader.
    """
    run = Selecting(step, plan, reader, around)
    by = run.resolver.by
    found = await lookup_identifiers(
        [ref.identifier for ref in leads],
        plan.schema,
        run.meter,
        country_code=plan.country_code,
        memory=around.memory,
    )
    read_ms = run.meter.oldest_ms
    rows = [row for ref in leads for row in found.get(canonical(ref.identifier, by, plan.country_code), ())]
    wanted = {ref.id for ref in leads}
    current = {
        lead.id: lead
        for lead in run.resolver.resolve(rows)
        if lead.id is not None and lead.id in wanted and not lead.unreadable
    }
    for ref in leads:
        if ref.id is not None and not ref.identifier:
            run.meter.spend()
            read = await _read(reader, ref.id)
            current |= {} if read is None else {ref.id: replace(read, id=ref.id)}
            read_ms = None
    done = own or {}
    nothing = Ours()
    before = [done.get(key, nothing).without(lead, plan.country_code) for key, lead in current.items()]
    run.facts.unknown = {run.facts.key(lead): done.get(str(lead.id), nothing).moved for lead in before}
    selected = (
        before if not isinstance(step.source, Find) else await _selected(run, step.source, before, done)
    )
    await _learn_effects(run, selected, done)
    ids = frozenset(lead.id for lead in selected if lead.id is not None)
    return Rechecked(current, ids, run.facts, read_ms)


async def _selected(
    run: Selecting, source: Find, before: Sequence[Lead], own: Mapping[str, Ours]
) -> list[Lead]:
    condition = source.condition
    terms = activities(condition)
    for term in terms:
        await _learn_without(run, term, (one for one in before if str(one.id) in own), own)
    asks = [await run.learning.ask(term) for term in terms]
    whole = Arm(condition, Search(), Count(len(before), 1), asks=tuple(asks))
    return await run.gather.decided(
        whole, [lead for lead in before if decide(condition, lead, run.facts) is not False]
    )


async def _learn_effects(run: Selecting, leads: Sequence[Lead], own: Mapping[str, Ours]) -> None:
    """Learn what the cases of the step's effects turn on."""
    for term in effect_terms(run.step):
        await _learn_without(run, term, (one for one in leads if str(one.id) in own), own)
        unknown = [lead for lead in leads if run.facts.activity(term, lead) is None]
        if unknown:
            await run.gather.learn(await run.learning.ask(term), unknown)


async def _learn_without(
    run: Selecting, term: Activity, leads: Iterable[Lead], own: Mapping[str, Ours]
) -> None:
    """Learn from their timelines whether an activity of a type that the step itself added or changed holds without that."""
    for lead in leads:
        done = own[str(lead.id)]
        if lead.id is None or not done.types & set(term.types):
            continue
        run.meter.spend()
        type_ = term.types[0] if len(term.types) == 1 else None
        window = (term.window.start_ms, term.window.end_ms - 1) if term.window else None
        try:
            rows = await run.reader.timeline(lead.id, type=type_, window=window)
        except (LeadGoneError, UnreadableError):
            continue
        holds = any(performed(term, row, run.plan.country_code) for row in done.timeline(rows))
        key = run.facts.key(lead)
        run.facts.learn(term, [key], [key] if holds else [])


async def _read(reader: Reader, lead_id: str) -> Lead | None:
    """Return the lead; None when there is none, or when it cannot be read."""
    try:
        return await reader.lead(lead_id)
    except UnreadableError:
        return None
