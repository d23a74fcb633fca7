"""A query plan for people and for machines: searches, counts, what is pushed, what is local and why, calls, time."""

from typing import Any

from leadops.engine.select.arm_reader import Gatherer
from leadops.engine.select.noncompliant import Narrowed
from leadops.model.lead import Lead
from leadops.model.plan import Plan, Step
from leadops.model.predicate import Compare, Condition, Equals, InWindow, Not, OneOf
from leadops.model.values import is_missing
from leadops.planner.probes import Count, Probes
from leadops.planner.query_plan import Arm, Ask, QueryPlan
from leadops.planner.search_body import Search, spelled
from leadops.predicate.evaluate import leaves
from leadops.predicate.normalise import normalise
from leadops.predicate.words import words


def lines(
    query: QueryPlan, probes: Probes, narrowed: Narrowed | None, calls: int, bound: int
) -> tuple[str, ...]:
    """Return the query plan as lines of a tree."""
    out: list[str] = []
    if narrowed:
        out.append(
            f"compliance: {narrowed.matched.leads} leads match by count; only those that need a change are read"
        )
        out += [f"  count {spelled(body)}" for body in probes.bodies(narrowed.base)]
        if narrowed.hunt:
            out.append(f"  {narrowed.missing} lack it by count; reading stops when all are found")
    if query.full_scan:
        out.append("full scan: every lead of the workspace is read")
    if not query.arms:
        out.append("no lead needs to be read")
    indent = "  " if len(query.arms) > 1 else ""
    if len(query.arms) > 1:
        out.append(f"union of {len(query.arms)} searches")
    for arm in query.arms:
        out += [indent + line for line in _arm_lines(arm, probes)]
    out.append(f"calls: {calls} made, at most {bound}; {query.calls} after the counts")
    return tuple(out)


def tree(
    query: QueryPlan, probes: Probes, narrowed: Narrowed | None, calls: int, bound: int
) -> dict[str, Any]:
    """Return the same as JSON-able data."""
    made: dict[str, Any] = {
        "condition": words(query.condition),
        "full_scan": query.full_scan,
        "calls": {"made": calls, "bound": bound, "planned": query.calls},
        "union": [_arm_tree(arm, probes) for arm in query.arms],
        "compliance": None,
    }
    if narrowed:
        made["compliance"] = {
            "matched": narrowed.matched.leads,
            "lacking": narrowed.missing,
            "counted_by": [dict(body) for body in probes.bodies(narrowed.base)],
        }
    return made


def by_id_tree(lead_id: str, calls: int, bound: int) -> dict[str, Any]:
    """Return the tree of a lead that is read by its id."""
    return {
        "condition": f"lead {lead_id}",
        "full_scan": False,
        "calls": {"made": calls, "bound": bound, "planned": 1},
        "union": [],
        "compliance": None,
    }


def notes(
    plan: Plan, step: Step, condition: Condition, leads: list[Lead], gather: Gatherer, query: QueryPlan
) -> tuple[str, ...]:
    """Return what people should know about this selection."""
    del step, query
    found: list[str] = [
        f"none of the newest leads has several {name}, so nobody knows whether a search for one finds such leads"
        for name in sorted(gather.probes.memory.untold)
    ]
    for term in _negated_fields(normalise(condition, plan.country_code)):
        missing = sum(1 for lead in leads if is_missing(lead.fields.get(_field(term))))
        if missing:
            found.append(
                f"{missing} of {len(leads)} leads have no {_field(term)}; `{words(term)}` includes them"
            )
    if gather.foreign:
        found.append(
            f"the service returned {gather.foreign} rows that its search does not allow; they were left out"
        )
    return tuple(found)


def _negated_fields(condition: Condition) -> list[Not]:
    found: list[Not] = []
    stack = [condition]
    while stack:
        term = stack.pop()
        if isinstance(term, Not) and isinstance(term.term, Equals | OneOf | Compare | InWindow):
            found.append(term)
        elif not isinstance(term, Not):
            stack += getattr(term, "terms", ())
    return found


def _field(term: Not) -> str:
    return next(str(getattr(leaf, "field", "")) for leaf in leaves(term))


def _counted(count: Count) -> str:
    return f"{'' if count.exact else 'at most '}{count.leads} leads, {count.pages} page{'' if count.pages == 1 else 's'}"


def _calls(count: int) -> str:
    return f"{count} call{'' if count == 1 else 's'}"


def _arm_lines(arm: Arm, probes: Probes) -> list[str]:
    bodies = probes.bodies(arm.search)
    out = [f"search {spelled(body)}" for body in bodies] or ["no search: nothing can match"]
    out[0] = f"{out[0]} → {_counted(arm.count)}"
    out += [f"  pushed: {words(part)}" for part in arm.pushed]
    out += [f"  local: {words(part.condition)} ({part.reason})" for part in arm.local]
    out += [line for ask in arm.asks for line in _ask_lines(ask, probes, arm.count)]
    return out


def _ask_lines(ask: Ask, probes: Probes, base: Count) -> list[str]:
    verb = "difference" if ask.negative else "intersection"
    out = [f"  {verb}: {words(ask.term)}, {_calls(ask.calls(base.leads))}"]
    if ask.search is not None:
        out += [f"    search {spelled(body)} → {_counted(ask.count)}" for body in probes.bodies(ask.search)]
        if not ask.scannable or ask.calls(base.leads) < ask.count.pages:
            out.append("    by lists of identifiers")
    if ask.verify:
        out.append("    timelines of the leads found are read")
    return out


def _search_tree(search: Search, count: Count, probes: Probes) -> dict[str, Any]:
    return {
        "bodies": [dict(body) for body in probes.bodies(search)],
        "count": count.leads,
        "exact": count.exact,
        "pages": count.pages,
    }


def _arm_tree(arm: Arm, probes: Probes) -> dict[str, Any]:
    return {
        "search": _search_tree(arm.search, arm.count, probes),
        "pushed": [words(part) for part in arm.pushed],
        "local": [{"condition": words(part.condition), "reason": part.reason} for part in arm.local],
        "activities": [
            {
                "condition": words(ask.term),
                "kind": "difference" if ask.negative else "intersection",
                "search": None if ask.search is None else _search_tree(ask.search, ask.count, probes),
                "timelines": ask.verify,
                "calls": ask.calls(arm.count.leads),
            }
            for ask in arm.asks
        ],
        "calls": arm.calls,
    }
