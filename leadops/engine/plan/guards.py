"""Guards of a step and belts of a plan. What they refuse is said with belt, value, count and the way to loosen it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from leadops.engine.plan.options import BeltFlags
from leadops.model.change import Change, Kind, LeadRef
from leadops.model.lead import Lead
from leadops.model.plan import CountGuard, Limits, Step
from leadops.model.saved import Belt
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts
from leadops.predicate.words import words

DEFAULT_LEADS = 100
DEFAULT_PERCENT = Decimal(10)
ALWAYS_FINE = 20
"""The default percentage never refuses so few leads."""


def count_refusals(step: Step, matched: int, *, exact: bool) -> list[str]:
    """Return what ``expect A..B leads`` says against so many leads."""
    return [_count(step, guard, matched) for guard in step.counts if _misses(guard, matched, exact=exact)]


def _misses(guard: CountGuard, matched: int, *, exact: bool) -> bool:
    too_few = guard.at_least is not None and matched < guard.at_least and exact
    return too_few or (guard.at_most is not None and matched > guard.at_most)


def _count(step: Step, guard: CountGuard, matched: int) -> str:
    return f"step “{step.name}”: {guard.text}, and it finds {matched}"


def every_refusals(step: Step, leads: Sequence[Lead], facts: Facts) -> list[str]:
    """Return what ``expect every lead COND`` says against these leads."""
    found: list[str] = []
    for condition in step.every:
        wrong = [lead for lead in leads if not holds(condition, lead, facts)]
        if wrong:
            some = ", ".join(lead.name or lead.id or "a lead" for lead in wrong[:3])
            more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            text = condition.text or words(condition)
            found.append(
                f"step “{step.name}”: expect every lead {text}, and {len(wrong)} are not so: {some}{more}"
            )
    return found


@dataclass(frozen=True, slots=True)
class Loads:
    """What a plan weighs.

    Attributes:
        leads: that would be written, creates included.
        created: of these, the ones that do not exist yet.
        total: leads of the workspace; None where nobody asked.
        calls: that the whole may make.
        before: leads that the same command has written already, by finishing an earlier run.
    """

    leads: int
    created: int
    total: int | None
    calls: int
    before: int = 0


def loads_of(changes: Sequence[Change]) -> tuple[int, int]:
    """Return how many leads would be written, and how many of them are to be created."""
    names = {lead_name(change.lead) for change in changes}
    created = {change.lead.identifier for change in changes if change.kind is Kind.CREATE}
    return len(names), len(created)


def others_of(changes: Sequence[Change], written: frozenset[str]) -> int:
    """Return how many other leads than those of ``changes`` are ``written`` already; 0 where nothing is to be written."""
    return len(written - {lead_name(change.lead) for change in changes}) if changes else 0


def lead_name(lead: LeadRef) -> str:
    """Return what a lead is counted by: its id, or ``~`` and its identifier."""
    return lead.id or f"~{lead.identifier}"


def needs_total(limits: Limits, flags: BeltFlags, leads: int, created: int) -> bool:
    """Whether a belt depends on how many leads the workspace holds."""
    if _stated(limits, flags):
        return limits.percent is not None or flags.max_percent is not None or "percent" in flags.overrides
    return leads - created > ALWAYS_FINE


def belts(limits: Limits, flags: BeltFlags, loads: Loads) -> tuple[Belt, ...]:
    """Return every belt in force with its count. Flags tighten what the file states; overrides replace it."""
    found: list[Belt | None] = []
    if _stated(limits, flags):
        found.append(_belt("leads", limits.leads, flags.max_leads, loads.leads + loads.before, flags))
        if loads.total is not None:
            found.append(_belt("percent", limits.percent, flags.max_percent, _percent(loads), flags))
    else:
        found.append(_default(loads))
    found.append(_belt("calls", limits.calls, flags.max_calls, loads.calls, flags))
    return tuple(belt for belt in found if belt is not None)


def _default(loads: Loads) -> Belt:
    """Return the belt where none is stated: 100 leads, or a tenth of the workspace but at least 20, the smaller.

    The tenth never applies to creates.
    """
    limit, count = DEFAULT_LEADS, loads.leads + loads.before
    if loads.total is not None:
        share = max(ALWAYS_FINE, int(loads.total * DEFAULT_PERCENT / 100))
        updated = count - loads.created
        if share < limit and (updated > share or not loads.created):
            limit, count = share, updated
    return Belt("leads", limit, count, "default", count > limit)


def belt_refusal(belt: Belt, loads: Loads) -> str:
    """Return one sentence with belt, value, count and how to loosen it."""
    limit, count = _number(belt.limit), _number(belt.count)
    share = belt.origin == "default" and belt.limit < DEFAULT_LEADS
    why = f" (a tenth of the workspace's {loads.total} leads, at least {ALWAYS_FINE})" if share else ""
    before = f", {loads.before} of them just now by the run that was finished first" if loads.before else ""
    what = {
        "leads": f"{count} leads would be written{before}; the belt is {limit}{why}",
        "percent": f"{count} % of the workspace's {loads.total} leads would be written{before}; the belt is {limit} %",
        "calls": f"it may take {count} calls; the belt is {limit}",
    }[belt.name]
    origin = {
        "default": "the default",
        "playbook": "the playbook's",
        "flag": "a flag's",
        "override": "an override's",
    }
    loosen = f"--override-belt {belt.name}={_up(belt.count)} --reason TEXT"
    stated = "; or state the limit in the playbook: limits { … }" if belt.origin == "default" else ""
    return f"belt {belt.name} ({origin[belt.origin]}): {what}. To go on: {loosen}{stated}"


def _stated(limits: Limits, flags: BeltFlags) -> bool:
    values = (limits.leads, limits.percent, flags.max_leads, flags.max_percent)
    return any(value is not None for value in values) or bool({"leads", "percent"} & set(flags.overrides))


def _belt(
    name: str,
    stated: Decimal | int | None,
    flag: Decimal | int | None,
    count: Decimal | int,
    flags: BeltFlags,
) -> Belt | None:
    override = flags.overrides.get(name)
    if override is not None:
        limit, origin, reason = override.value, "override", override.reason
    elif stated is not None and (flag is None or stated <= flag):
        limit, origin, reason = Decimal(stated), "playbook", ""
    elif flag is not None:
        limit, origin, reason = Decimal(flag), "flag", ""
    else:
        return None
    return Belt(name, float(limit), float(count), origin, count > limit, reason)


def _percent(loads: Loads) -> Decimal:
    """Return which share of the workspace would be updated, in per cent, to two digits, rounded up."""
    updated = loads.leads - loads.created + loads.before
    if not updated or not loads.total:
        return Decimal(0) if not updated else Decimal(100)
    return Decimal(-(-updated * 10_000 // loads.total)) / 100


def _number(value: float) -> str:
    return f"{value:g}" if value < 100_000 else f"{value:.0f}"


def _up(value: float) -> str:
    return str(-int(-value // 1))
