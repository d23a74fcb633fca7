"""The leads of a step: its condition's query plan is chosen, priced, and run."""

from collections.abc import Sequence
from dataclasses import replace

from leadops.core.errors import RefusedError, UnreadableError
from leadops.engine.select import noncompliant as compliance
from leadops.engine.select.activity_lookup import Learning
from leadops.engine.select.arm_reader import Gatherer, in_order, unique
from leadops.engine.select.bisect import Hunt, hunt
from leadops.engine.select.lead_ids import Resolver
from leadops.engine.select.query_explain import by_id_tree, lines, notes, tree
from leadops.engine.select.selection import SelectAround, Selection
from leadops.engine.select.streaming import stream
from leadops.model.lead import Lead
from leadops.model.plan import Append, Find, FindById, Plan, Step
from leadops.model.predicate import Activity, Condition
from leadops.model.query import PAGE
from leadops.model.saved import SearchUse
from leadops.model.values import is_missing
from leadops.planner.call_meter import Meter
from leadops.planner.optimizer import plan_query
from leadops.planner.ports import Reader
from leadops.planner.probes import Probes
from leadops.planner.query_plan import Arm, QueryPlan, slack
from leadops.planner.search_body import Search, spelled
from leadops.predicate.evaluate import activities, decide
from leadops.predicate.facts import Facts
from leadops.predicate.words import words

__all__ = ["SelectAround", "Selecting", "Selection", "holders", "select", "workspace_total"]


async def select(step: Step, plan: Plan, reader: Reader, around: SelectAround) -> Selection:
    """Return the leads of a ``find`` step, each row tested again, as earlier steps will have left them.

    Raises:
        RefusedError: no search can find them and the step does not allow a full scan, or timelines; ``find lead``
            finds none or several; the service's answers contradict each other.
        CallBudgetError: it would take more calls than ``around.max_calls``; nothing was read but counts.
        LeadopsError: as the reader.
    """
    run = Selecting(step, plan, reader, around)
    match step.source:
        case FindById(lead_id):
            return await run.by_id(lead_id)
        case Find(condition, single, everyone):
            if everyone and not step.permissions.full_scan:
                raise RefusedError(
                    f"`{words(condition)}` is true of every lead of the workspace",
                    help="write the condition that is meant, or `allow full scan` in the step",
                )
            found = await run.find(condition)
            if single and found.matched != 1:
                raise RefusedError(
                    f"`find lead` needs exactly one lead, and {found.matched or 'no'} leads match",
                    help="narrow the condition, or write `find leads` to take them all",
                )
            return found
        case _:
            raise TypeError(f"{type(step.source).__name__} is no search; look its identifiers up")


async def holders(
    leads: Sequence[Lead], append: Append, step: Step, plan: Plan, reader: Reader, around: SelectAround
) -> frozenset[str]:
    """Return the keys (Facts.key) of those of ``leads`` that may hold an action of the append's type already.

    In the append's period, if it has one; whatever its values: only these leads' timelines need reading. Lists of 100
    leads a call, or, where a count shows that it is cheaper, one search for all that the step's condition may select.
    """
    run = Selecting(step, plan, reader, around)
    window = append.once.window if append.once.kind == "period" else None
    term = Activity((append.type,), (), window)
    saved = [
        lead
        for lead in leads
        if lead.id is not None or not is_missing(lead.fields.get(run.resolver.by.api_name))
    ]
    ask = replace(await run.learning.ask(term), verify=False)
    if ask.search is None:
        return frozenset(run.facts.key(lead) for lead in saved)
    unknown = [lead for lead in saved if run.facts.activity(term, lead) is None]
    kept = [lead for lead in unknown if run.facts.key(lead) not in run.touched]
    among = await run.learning.among(ask, len(kept))
    if among is not None:
        await run.gather.learn(among, kept)
        unknown = [lead for lead in unknown if run.facts.key(lead) in run.touched]
    if unknown:
        await run.gather.learn(ask, unknown)
    return frozenset(run.facts.key(lead) for lead in saved if run.facts.activity(term, lead))


async def workspace_total(plan: Plan, reader: Reader, around: SelectAround) -> int:
    """Return how many leads the workspace holds: one ``limit=1`` search a plan."""
    meter = Meter(reader, around.max_calls)
    return (await Probes(meter, around.capabilities, plan.schema, around.memory).count(Search())).leads


class Selecting:
    """One selection under way."""

    def __init__(self, step: Step, plan: Plan, reader: Reader, around: SelectAround) -> None:
        self.step = step
        self.plan = plan
        self.reader = reader
        self.around = around
        self.meter = Meter(reader, around.max_calls)
        self.probes = Probes(self.meter, around.capabilities, plan.schema, around.memory)
        self.resolver = Resolver(around.index, plan.schema, plan.country_code)
        self.facts = Facts(plan.schema.identifier, plan.country_code)
        self.touched = around.overlay.leads()
        freeze = max(plan.clock_ms, around.wall_ms or 0)
        self.gather = Gatherer(
            reader, self.meter, self.probes, self.facts, self.resolver, step.permissions, freeze,
            skip=frozenset(self.touched),
        )  # fmt: skip
        self.seen_facts = around.overlay.facts(self.facts)
        self.learning = Learning(step, plan, self.probes, self.gather, self.seen_facts)

    async def find(self, condition: Condition) -> Selection:
        """Return the leads of a condition; raises as ``select``."""
        whole = await plan_query(
            condition, self.plan.schema, self.probes, self.step.permissions, self.plan.country_code
        )
        narrowed = await self._narrowed(condition, whole)
        query = narrowed.query if narrowed else whole
        limited = self.step.limit is not None
        hunted = narrowed.hunt if narrowed else None
        read, passed = False, 0
        planned = (
            self._pages(hunted or query)
            + self.learning.calls(sum(arm.count.leads for arm in query.arms) + len(self.touched))
            + self._overlay_calls(condition)
        )
        if not limited:
            self.meter.require(planned)
        asks = 1 + max((len(arm.asks) for arm in query.arms), default=0) + len(self.learning.terms())
        room = sum(slack(arm) for arm in query.arms) + (3 if planned else 0)
        self.meter.promise(planned * (asks if limited else 1) + room)
        bound = self.meter.bound
        if hunted:
            prey, read = await hunt(self.gather, hunted)
            leads = in_order([*prey, *await self._touched(condition)], newest=self.step.newest)
            complying, exact = 0, True
        elif limited:
            leads, complying, passed, exact = await self._first(query, condition)
        else:
            leads, complying, exact = await self._all(query, condition)
        matched = len(leads) + len(self.gather.unreadable) + complying + passed
        compliant = complying
        if narrowed:
            matched, compliant = self._counted(narrowed, leads, condition, exact=exact, read=read)
        elif not exact and len(query.arms) == 1 and query.arms[0].exact:
            matched = max(matched, query.arms[0].count.leads)
        await self.learning.of(leads)
        leads = list(self.resolver.distinct(self.gather.readable(leads)))
        spoken = notes(self.plan, self.step, condition, leads, self.gather, query)
        if limited and not exact:
            spoken = (*spoken, f"limit {self.step.limit}: {len(leads)} of at least {matched} leads")
        return Selection(
            leads=tuple(leads),
            matched=matched,
            compliant=compliant,
            facts=self.seen_facts,
            searches=self._uses(query, narrowed),
            notes=spoken,
            explain=lines(query, self.probes, narrowed, self.meter.calls, bound),
            tree=tree(query, self.probes, narrowed, self.meter.calls, bound),
            unresolved=self.resolver.refusals(
                [lead for lead in leads if self.seen_facts.key(lead) not in self.seen_facts.unborn]
            ),
            unreadable=self.resolver.unreadable(self.gather.unreadable.values()),
            indexed=frozenset(self.resolver.indexed),
            read_ms=self.around.wall_ms or self.plan.clock_ms,
            bound=bound,
            calls=self.meter.calls,
            exact=exact,
        )

    async def by_id(self, lead_id: str) -> Selection:
        """Return the lead of this id; raises as ``select``."""
        touched = self.touched.get(lead_id)
        if touched is None:
            self.meter.spend()
            try:
                read = await self.reader.lead(lead_id)
            except UnreadableError as error:
                return self._unreadable(lead_id, error)
            if read is None:
                raise RefusedError(
                    f"there is no lead with the id {lead_id}",
                    help="ids are 24 hex digits; `find lead where …` searches",
                )
            touched = replace(read, id=lead_id)
            self.resolver.resolve([touched])
        await self.learning.of([touched])
        return Selection(
            (touched,), 1, 0, self.seen_facts, read_ms=self.around.wall_ms or self.plan.clock_ms,
            explain=(f"lead {lead_id}: read by its id, 1 call",),
            tree=by_id_tree(lead_id, self.meter.calls, self.meter.bound),
            bound=self.meter.bound, calls=self.meter.calls,
        )  # fmt: skip

    def _unreadable(self, lead_id: str, error: UnreadableError) -> Selection:
        unread = self.resolver.unreadable([Lead(lead_id, unreadable=error.message)])
        return Selection((), 1, 0, self.seen_facts, unreadable=unread, calls=self.meter.calls)

    # ── whole and limited selections ─────────────────────────────────────────────────────────────

    async def _all(self, query: QueryPlan, condition: Condition) -> tuple[list[Lead], int, bool]:
        found: dict[str, Lead] = {}
        for arm in query.arms:
            for key, lead in unique(self.facts, await self.gather.arm(arm)).items():
                found.setdefault(key, lead)
        leads = [*found.values(), *await self._touched(condition)]
        return in_order(leads, newest=self.step.newest), 0, True

    async def _first(self, query: QueryPlan, condition: Condition) -> tuple[list[Lead], int, int, bool]:
        """Return the first leads that need a change, how many complied, how many were passed over, and whether all were read.

        Passed over are leads that have their turn only where nobody else needs a change (``Judge.rank``).
        """
        assert self.step.limit is not None
        taken: list[Lead] = []
        last: list[tuple[int, Lead]] = []
        room, counts = self.step.limit, self.around.counts
        complying = 0
        async for batch in stream(
            query,
            await self._touched(condition),
            self.gather,
            self.probes,
            newest=self.step.newest,
            wanted=self._wanted,
        ):
            if self.around.judge is not None:
                await self.learning.of(batch, dear=False)
                await self.around.judge.prepare(batch, self.seen_facts)
            at = 0
            while at < len(batch):
                if not room:
                    return taken, complying, len(last), False
                some = batch[at : at + room]
                at += len(some)
                needing = some
                if self.around.judge is not None:
                    await self.learning.of(some)
                    verdicts = await self.around.judge.complying(some, self.seen_facts)
                    complying += sum(verdicts)
                    needing, behind = self._in_turn(
                        [lead for lead, so in zip(some, verdicts, strict=True) if not so]
                    )
                    last += behind
                taken += needing
                room -= len(needing) if counts is None else sum(map(counts, needing))
            if not room and not self._more_is_free(query):
                return taken, complying, len(last), False
        last.sort(key=lambda one: one[0])
        return [*taken, *(lead for _, lead in last[:room])], complying, len(last[room:]), True

    def _in_turn(self, needing: Sequence[Lead]) -> tuple[list[Lead], list[tuple[int, Lead]]]:
        """Return the leads that are next, and those that come last, with their rank."""
        assert self.around.judge is not None
        ranks = [self.around.judge.rank(lead) for lead in needing]
        ranked = list(zip(ranks, needing, strict=True))
        return [lead for rank, lead in ranked if rank is None], [
            (rank, lead) for rank, lead in ranked if rank is not None
        ]

    def _more_is_free(self, query: QueryPlan) -> bool:
        """Whether all leads have been read once some have: then it costs nothing to say how many there are."""
        leads = sum(arm.count.leads for arm in query.arms)
        most = self._wanted(query.arms[0]) if len(query.arms) == 1 else None
        return leads <= min(PAGE, most or PAGE) and not any(arm.asks for arm in query.arms)

    def _wanted(self, arm: Arm) -> int | None:
        """Return how many rows of ``arm`` a limited step needs, where every row counts; None: nobody knows."""
        free = self.around.judge is None and self.around.counts is None
        return self.step.limit if free and arm.exact and not arm.asks else None

    def _pages(self, query: QueryPlan | Hunt) -> int:
        """Return the calls that reading takes, no more pages than ``limit`` is sure to need."""
        if isinstance(query, QueryPlan) and len(query.arms) == 1:
            wanted = self._wanted(query.arms[0])
            if wanted is not None:
                return min(query.calls, -(-wanted // PAGE))
        return query.calls

    # ── what earlier steps leave ─────────────────────────────────────────────────────────────────

    async def _touched(self, condition: Condition) -> list[Lead]:
        """Return the leads of earlier steps that will satisfy ``condition`` after them."""
        maybe = [
            lead for lead in self.touched.values() if decide(condition, lead, self.seen_facts) is not False
        ]
        for term in activities(condition):
            unknown = [lead for lead in maybe if decide(condition, lead, self.seen_facts) is None]
            unknown = [lead for lead in unknown if self.seen_facts.activity(term, lead) is None]
            if unknown:
                await self.gather.learn(await self.learning.ask(term), unknown)
        return [lead for lead in maybe if decide(condition, lead, self.seen_facts)]

    def _overlay_calls(self, condition: Condition) -> int:
        maybe = [lead for lead in self.touched.values() if decide(condition, lead, self.seen_facts) is None]
        terms = activities(condition)
        read = len(maybe) if any(term.having for term in terms) else 0
        return len(terms) * -(-len(maybe) // PAGE) + read

    # ── compliance ───────────────────────────────────────────────────────────────────────────────

    async def _narrowed(self, condition: Condition, whole: QueryPlan) -> compliance.Narrowed | None:
        goal = self.around.goal
        if goal is None or (self.touched and (activities(condition) or activities(goal))):
            return None
        return await compliance.narrowed(condition, whole, goal, self.plan, self.step, self.probes)

    def _counted(
        self,
        narrowed: compliance.Narrowed,
        leads: Sequence[Lead],
        condition: Condition,
        *,
        exact: bool,
        read: bool,
    ) -> tuple[int, int]:
        """Return how many leads match and how many of them comply, by the count and what was found.

        ``read``: every lead that could lack it was read, so that what was found is true, not the count.
        """
        overlay = self.around.overlay
        found = len(leads) + len(self.gather.unreadable)
        before = [
            lead
            for entry in overlay.touched.values()
            if (lead := entry.before) is not None and decide(condition, lead, self.facts)
        ]
        after = [lead for lead in self.touched.values() if decide(condition, lead, self.facts)]
        matched = narrowed.matched.leads - len(before) + len(after)
        counted = exact and not read and narrowed.missing is not None and not self.touched
        if counted and found != narrowed.missing:
            raise RefusedError(
                f"{narrowed.missing} of {matched} leads lack what the step sets, by count, and {found} were found",
                help="leads may have changed while they were read: run again",
            )
        return matched, matched - found if exact else 0

    def _uses(self, query: QueryPlan, narrowed: compliance.Narrowed | None) -> tuple[SearchUse, ...]:
        searches = [search for search, _ in query.searches()]
        if narrowed:
            searches.append(narrowed.base)
        used: dict[str, SearchUse] = {}
        for search in searches:
            for body in self.probes.bodies(search):
                key = spelled(body)
                count = self.probes.memory.counts.get(key)
                pages = self.gather.pages.get(key, 0)
                if count is not None or pages:
                    used.setdefault(key, SearchUse(body, count or 0, pages))
        return tuple(used.values())
