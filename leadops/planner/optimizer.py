"""The planner: from a condition to the cheapest searches that find its leads.

Cost is calls. A union, an intersection or a difference is chosen by counting: ``limit=1`` searches give exact
counts. Whatever is chosen finds every lead of the condition; what it finds too much is taken out locally.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadops.core.errors import RefusedError
from leadops.model.plan import Permissions
from leadops.model.predicate import (
    Activity,
    And,
    Condition,
    Everything,
    LeadIs,
    Missing,
    Not,
    Or,
)
from leadops.model.query import PAGE
from leadops.model.schema import FieldType, Schema
from leadops.planner.disjoint import apart
from leadops.planner.filters import (
    AnyOf,
    Filter,
    always_there,
    intersection,
    is_exact,
    known,
    others,
    present,
    pushed,
)
from leadops.planner.probes import Count, FilterUnsupportedError, Probes
from leadops.planner.query_plan import Arm, Ask, Local, QueryPlan
from leadops.planner.refusals import require_timelines, unsearchable, why_more, why_not
from leadops.planner.search_body import Search, with_filter
from leadops.predicate.evaluate import activities
from leadops.predicate.lists import NOTHING
from leadops.predicate.normalise import conjunction, normalise

_GROUPS = 3
"""How many of a conjunction's Or groups are tried for distribution."""
DOUBTFUL = frozenset({"modified_on"})
"""Fields whose filters are used only after a probe has shown that they are honoured (docs/api.md §14.17)."""


async def plan_query(
    condition: Condition, schema: Schema, probes: Probes, permissions: Permissions, country_code: str = "91"
) -> QueryPlan:
    """Return the cheapest query plan of ``condition``.

    Raises:
        RefusedError: no search can find the leads and ``allow full scan`` is missing, or timelines are needed and
            ``allow timelines`` is, or the service ignores a filter that the plan rests on.
    """
    wanted = normalise(condition, country_code)
    while True:
        try:
            return await _Planner(schema, probes, permissions, country_code).plan(wanted)
        except FilterUnsupportedError:
            continue


@dataclass(slots=True)
class _Said:
    """A conjunction, sorted by what one search can say of it."""

    fields: dict[str, Filter] = field(default_factory=dict)
    pushed: list[Condition] = field(default_factory=list)
    local: list[Local] = field(default_factory=list)
    positive: list[Activity] = field(default_factory=list)
    refused: list[Not] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


class _Planner:
    def __init__(self, schema: Schema, probes: Probes, permissions: Permissions, country_code: str) -> None:
        self._schema = schema
        self._probes = probes
        self._permissions = permissions
        self._cc = country_code
        self._left = 200
        """Conjunctions that may still be looked at: ends the search for a cheaper plan."""

    async def plan(self, wanted: Condition) -> QueryPlan:
        if wanted == NOTHING:
            return QueryPlan(wanted, ())
        arms = None if isinstance(wanted, Everything) else await self._arms(_terms(wanted))
        whole = arms is None
        if arms is None or (self._permissions.full_scan and _cost(arms) > 1):
            if not self._permissions.full_scan:
                raise unsearchable(self._probes, wanted, self._schema, self._cc)
            total = await self._probes.count(Search())
            if arms is None or total.pages < _cost(arms):
                scan = await self._finished(
                    _Said(local=[Local(wanted, "every lead is read")]), Search(), wanted, total
                )
                if arms is None or _cost([scan]) < _cost(arms):
                    arms, whole = [scan], True
        plan = QueryPlan(wanted, tuple(arms), full_scan=whole)
        if not whole:
            for arm in arms:
                await self._suspect(arm)
        require_timelines(self._permissions, plan)
        return plan

    # ── arms ─────────────────────────────────────────────────────────────────────────────────────

    async def _arms(self, terms: tuple[Condition, ...]) -> list[Arm] | None:
        """Return the arms of a conjunction; None where no search narrows it."""
        self._left -= 1
        best = await self._together(terms)
        groups = [term for term in terms if isinstance(term, Or)]
        for group in groups[:_GROUPS]:
            if best is not None and not self._worth_trying(best, group):
                continue
            made = await self._distributed(terms, group)
            if made is not None and (best is None or _cost(made) < _cost(best)):
                best = made
        return best

    def _worth_trying(self, best: list[Arm], group: Or) -> bool:
        cost = _cost(best)
        return cost > len(group.terms) and self._left > 0 and self._probes.affordable(cost)

    async def _distributed(self, terms: tuple[Condition, ...], group: Or) -> list[Arm] | None:
        rest = [term for term in terms if term is not group]
        made = await self._union(rest, group.terms)
        split = apart(group.terms, self._schema, self._cc)
        if not made or not split or self._left <= 0 or not self._probes.affordable(_cost(made)):
            return made
        disjoint = await self._union(rest, split)
        return disjoint if disjoint is not None and _cost(disjoint) < _cost(made) else made

    async def _union(self, rest: list[Condition], alternatives: Sequence[Condition]) -> list[Arm] | None:
        made: list[Arm] = []
        for alternative in alternatives:
            both = conjunction([*rest, alternative], self._cc)
            if both == NOTHING:
                continue
            arms = await self._arms(_terms(both))
            if arms is None:
                return None
            made += arms
        return made

    async def _together(self, terms: tuple[Condition, ...]) -> list[Arm] | None:
        """Return the arms of a conjunction whose Or groups are decided locally."""
        said = await self._sorted(terms)
        whole = terms[0] if len(terms) == 1 else And(terms)
        given, search, count = await self._base(said)
        if count is None:
            if not (said.refused or said.missing):
                return None
            count = await self._probes.count(search)
        if count.leads == 0:
            return [Arm(whole, search, count, given, (), tuple(said.pushed), tuple(said.local))]
        searches = [search]
        if count.pages > 1 or search.everything:
            if await self._none_missing(said, search, count):
                return []
            searches, count = await self._covered(said, search, count)
        if searches == [search] and search.everything:
            return None
        arms: list[Arm] = []
        for one in searches:
            own = count if len(searches) == 1 else await self._probes.count(one)
            arms.append(await self._finished(said, one, whole, own, given))
        return arms

    async def _sorted(self, terms: Sequence[Condition]) -> _Said:
        said = _Said()
        for term in terms:
            match term:
                case Activity():
                    said.positive.append(term)
                case Not(Activity()):
                    said.local.append(Local(term, "leads that have it are searched for and taken out"))
                case Not(Missing() as inner):
                    await self._push(
                        said, term, inner.field, present(inner, self._schema), "no search asks for presence"
                    )
                case Not() | Missing():
                    (said.refused if isinstance(term, Not) else said.missing).append(term)  # type: ignore[arg-type]
                    said.local.append(Local(term, "a search can only ask for values"))
                case Or():
                    said.local.append(Local(term, "decided on the rows of the rest"))
                case LeadIs() | Everything() | And():
                    said.local.append(Local(term, "no search asks for it"))
                case _:
                    one = pushed(term, self._schema, self._cc)
                    await self._push(said, term, term.field, one, why_not(term), exact=is_exact(term))
        return said

    async def _push(
        self, said: _Said, term: Condition, name: str, one: Filter | None, reason: str, *, exact: bool = True
    ) -> None:
        if one is None:
            said.local.append(Local(term, reason))
            return
        if not self._probes.usable(name, one) or (
            name in DOUBTFUL and not await self._probes.honours(name, one)
        ):
            said.local.append(Local(term, f"the service does not take this filter on {name}"))
            return
        if isinstance(one, AnyOf) and one.several and not await self._probes.finds_single_tags(name, one):
            said.local.append(Local(term, f"the service finds only leads that have no other {name}"))
            return
        both = intersection(said.fields[name], one) if name in said.fields else one
        if both is None:
            said.local.append(Local(term, f"{name} is narrowed by another test already"))
            return
        said.fields[name] = both
        if exact:
            said.pushed.append(term)
        else:
            said.local.append(Local(term, why_more(term)))

    async def _base(self, said: _Said) -> tuple[Activity | None, Search, Count | None]:
        """Return the search of a conjunction: its fields, with the rarest of its activities."""
        fields = await self._without_breakage(said)
        best: tuple[Activity | None, Search, Count] | None = None
        chosen: Activity | None = None
        for term in said.positive:
            part, whole = await self._probes.searchable(term)
            if part is None:
                continue
            search = Search(fields, part)
            count = await self._probes.count(search)
            if best is None or count.leads < best[2].leads:
                best, chosen = (term if whole else None, search, count), term
        for term in said.positive:
            if term is chosen and best is not None and best[0] is not None:
                said.pushed.append(term)
            else:
                said.local.append(Local(term, "an activity of its own; one search asks for one"))
        if best is not None:
            return best
        search = Search(fields)
        return None, search, None if search.everything else await self._probes.count(search)

    async def _without_breakage(self, said: _Said) -> dict[str, Filter]:
        """Return the filters, without a long list of statuses beside an assignee where that is cheaper.

        The service fails on assignee with a list of statuses: the alternative is one search a status.
        """
        status = next((f.api_name for f in self._schema.fields if f.type is FieldType.STATUS), "status")
        one = said.fields.get(status)
        if (
            "assignee" not in said.fields
            or not isinstance(one, AnyOf)
            or len(one.values) < 3
            or said.positive
        ):
            return said.fields
        rest = {name: filter_ for name, filter_ in said.fields.items() if name != status}
        if (await self._probes.count(Search(rest))).pages >= len(one.values):
            return said.fields
        moved = [term for term in said.pushed if getattr(term, "field", None) == status]
        said.pushed = [term for term in said.pushed if term not in moved]
        said.local += [
            Local(term, "the service fails on a list of statuses beside an assignee") for term in moved
        ]
        said.fields = rest
        return rest

    # ── negations ────────────────────────────────────────────────────────────────────────────────

    async def _none_missing(self, said: _Said, search: Search, count: Count) -> bool:
        """Whether a field that must be missing is known to be there in every lead of ``search``."""
        for term in said.missing:
            values = known(term.field, term.type, self._schema)
            narrower = with_filter(search, term.field, values) if values else None
            if values is None or narrower is None or not self._probes.affordable(count.pages):
                continue
            if await self._probes.count(narrower) == count and await self._probes.honours(term.field, values):
                return True
        return False

    async def _covered(self, said: _Said, search: Search, count: Count) -> tuple[list[Search], Count]:
        """Return the searches that ask for the other values instead of the excluded ones, if that is right and cheaper.

        It is right when every lead of ``search`` has the excluded value or another known one: the coverage probe.
        """
        for term in said.refused:
            test = term.term
            if isinstance(test, Activity | LeadIs | Everything | And | Or | Not):
                continue
            rest = others(test, self._schema, self._cc)
            excluded = pushed(test, self._schema, self._cc)
            if rest is None or excluded is None:
                continue
            if not all(self._probes.usable(test.field, one) for one in rest):
                continue
            narrower = [
                s for one in rest if (s := with_filter(search, test.field, one)) is not None and not s.empty
            ]
            asked = sum(len(self._probes.bodies(one)) for one in narrower)
            if asked >= count.pages and len(narrower) < asked and not search.everything:
                continue  # a body that finds anything is a page: no gain
            if not self._probes.affordable(count.pages, max(1, asked)):
                continue
            counts = [await self._probes.count(one) for one in narrower]
            found = Count(sum(c.leads for c in counts), sum(c.pages for c in counts))
            if found.pages >= count.pages and not search.everything:
                continue
            if not always_there(test.field):
                cover = with_filter(search, test.field, excluded)
                if cover is None or found.leads + (await self._probes.count(cover)).leads != count.leads:
                    continue
                if not narrower and not await self._probes.honours(test.field, excluded):
                    continue
            said.local = [local for local in said.local if local.condition is not term]
            said.pushed.append(term)
            if len(narrower) != 1:
                return narrower, found
            search, count = narrower[0], found
        return [search], count

    # ── what is left to ask ──────────────────────────────────────────────────────────────────────

    async def _finished(
        self, said: _Said, search: Search, whole: Condition, count: Count, given: Activity | None = None
    ) -> Arm:
        asks: list[Ask] = []
        positive = {term for term in activities(whole) if term in _terms(whole)}
        for term in activities(whole):
            if term == given or count.leads == 0:
                continue
            asks.append(await self._ask(term, search, count, negative=term not in positive))
        asks.sort(key=lambda ask: (ask.verify, ask.negative))
        return Arm(whole, search, count, given, tuple(asks), tuple(said.pushed), tuple(said.local))

    async def _ask(self, term: Activity, search: Search, count: Count, *, negative: bool) -> Ask:
        part, whole = await self._probes.searchable(term)
        if part is None or part == search.activity:
            return Ask(term, None, count.at_most(), verify=True, negative=negative)
        narrower = Search(search.fields, part)
        if count.leads > PAGE:
            return Ask(
                term, narrower, await self._probes.count(narrower), verify=not whole, negative=negative
            )
        scannable = search.activity is None
        return Ask(term, narrower, count.at_most(), verify=not whole, negative=negative, scannable=scannable)

    # ── refusals ─────────────────────────────────────────────────────────────────────────────────

    async def _suspect(self, arm: Arm) -> None:
        """Make sure that a search which finds the whole workspace is not one whose filters are ignored.

        Raises:
            RefusedError: they are.
        """
        if arm.count.pages <= 1 or arm.search.activity is not None or self._permissions.full_scan:
            return
        total = await self._probes.count(Search())
        if arm.count.leads < total.leads:
            return
        for name, one in arm.search.fields.items():
            if not always_there(name) and not await self._probes.honours(name, one):
                raise RefusedError(
                    f"the service seems to ignore the filter on {name}: the search finds all {total.leads} leads",
                    help="if that is true of the workspace, write `allow full scan` in the step",
                )


def _terms(condition: Condition) -> tuple[Condition, ...]:
    return condition.terms if isinstance(condition, And) else (condition,)


def _cost(arms: Sequence[Arm]) -> int:
    return sum(arm.calls for arm in arms)
