"""Running a query plan: rows are read, tested again, and asked about, until only the condition's leads remain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadGoneError, RefusedError, UnreadableError
from leadops.engine.select.lead_ids import Resolver
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Permissions
from leadops.model.predicate import Activity
from leadops.model.query import PAGE, Body
from leadops.planner.call_meter import Meter
from leadops.planner.lookup import which_hold
from leadops.planner.ports import Reader
from leadops.planner.probes import Probes
from leadops.planner.query_plan import Arm, Ask
from leadops.planner.scan import Scan
from leadops.planner.search_body import Search, spelled
from leadops.predicate.evaluate import decide
from leadops.predicate.facts import Facts, performed
from leadops.predicate.words import words


@dataclass(slots=True)
class Gatherer:
    """Reads what a query plan asks for, one arm after another.

    Attributes:
        skip: keys of leads that are decided elsewhere (the overlay's).
        foreign: rows that did not satisfy what their search asked for.
        pages: pages read, by the canonical text of the body.
        timelines: timelines read.
    """

    reader: Reader
    meter: Meter
    probes: Probes
    facts: Facts
    resolver: Resolver
    permissions: Permissions
    freeze_ms: int | None
    skip: frozenset[str] = frozenset()
    foreign: int = 0
    pages: dict[str, int] = field(default_factory=dict)
    timelines: int = 0
    unreadable: dict[str, Lead] = field(default_factory=dict)
    _holders: dict[tuple[Activity, str], frozenset[str]] = field(default_factory=dict)

    async def arm(self, arm: Arm) -> list[Lead]:
        """Return the leads of ``arm``."""
        rows: list[Lead] = []
        for body in self.probes.bodies(arm.search):
            scan = self.scan(body)
            while not scan.done:
                rows += self.kept(arm, await scan.page())
            self.note_pages(body, scan.pages)
        return await self.decided(arm, rows)

    def scan(self, body: Body, *, newest: bool = True, wanted: int | None = None) -> Scan:
        """Return a scan of ``body``, of which only ``wanted`` rows are likely to be needed."""
        count = self.probes.memory.counts.get(spelled(body), PAGE)
        return Scan(
            self.meter, body, count, self._key, freeze_ms=self.freeze_ms, newest=newest, wanted=wanted
        )

    def note_pages(self, body: Body, pages: int) -> None:
        """Add pages read of ``body`` to the account."""
        key = spelled(body)
        self.pages[key] = self.pages.get(key, 0) + pages

    def kept(self, arm: Arm, rows: Sequence[Lead]) -> list[Lead]:
        """Return the rows of ``arm`` that may be its leads, with their ids; what the search gives is learned."""
        leads = self.readable(self.resolver.resolve(rows))
        if arm.given is not None:
            keys = [self.facts.key(lead) for lead in leads]
            self.facts.learn(arm.given, keys, keys)
        kept = [lead for lead in leads if decide(arm.condition, lead, self.facts) is not False]
        self.foreign += len(leads) - len(kept) if arm.exact else 0
        return [lead for lead in kept if self.facts.key(lead) not in self.skip]

    async def decided(self, arm: Arm, leads: Sequence[Lead]) -> list[Lead]:
        """Return those of ``leads`` that satisfy the arm's condition; what is unknown is asked."""
        open_ = list(leads)
        for ask in arm.asks:
            unknown = [lead for lead in open_ if decide(arm.condition, lead, self.facts) is None]
            unknown = [lead for lead in unknown if self.facts.activity(ask.term, lead) is None]
            if unknown:
                await self.learn(ask, unknown)
            open_ = [lead for lead in open_ if decide(arm.condition, lead, self.facts) is not False]
        return self.readable(open_)

    def readable(self, leads: Iterable[Lead]) -> list[Lead]:
        """Return ``leads`` without those that cannot be read, which are kept in ``unreadable``."""
        kept = []
        for lead in leads:
            key = self.facts.key(lead)
            if lead.unreadable:
                self.unreadable.setdefault(key, lead)
            if key not in self.unreadable:
                kept.append(lead)
        return kept

    async def learn(self, ask: Ask, leads: Sequence[Lead]) -> None:
        """Learn for which of ``leads`` an activity holds, by the cheaper of looking them up and reading all it finds."""
        keys = [self.facts.key(lead) for lead in leads]
        holders: frozenset[str] = frozenset(keys)
        if ask.search is not None and ask.search.activity is not None:
            holders = await self._found(ask, ask.search, leads, ask.search.activity)
        if ask.verify:
            await self._verify(ask.term, [lead for lead in leads if self.facts.key(lead) in holders])
            self.facts.learn(ask.term, [key for key in keys if key not in holders], ())
        else:
            self.facts.learn(ask.term, keys, holders)

    async def _found(self, ask: Ask, search: Search, leads: Sequence[Lead], part: Activity) -> frozenset[str]:
        where = (part, " ".join(spelled(body) for body in self.probes.bodies(search)))
        if where in self._holders:
            return self._holders[where]
        nameless = any(not self.resolver.identifier(lead) for lead in leads)
        lookups = -(-len(leads) // self.probes.memory.lookup)
        if nameless or (ask.scannable and ask.count.pages <= lookups):
            self._holders[where] = await self._all(search)
            return self._holders[where]
        return await which_hold(
            leads,
            part,
            self.meter,
            by=self.resolver.by,
            key=self.facts.key,
            resolve=self.resolver.resolve,
            memory=self.probes.memory,
            country_code=self.facts.country_code,
        )

    async def _all(self, search: Search) -> frozenset[str]:
        found: set[str] = set()
        for body in self.probes.bodies(search):
            scan = self.scan(body)
            while not scan.done:
                found.update(self.facts.key(lead) for lead in self.resolver.resolve(await scan.page()))
            self.note_pages(body, scan.pages)
        return frozenset(found)

    async def _verify(self, term: Activity, leads: Sequence[Lead]) -> None:
        """Read the timelines of ``leads`` as far as ``term`` asks, and learn for which of them it holds.

        Raises:
            RefusedError: these are more timelines than the step allows, or a lead has no id.
        """
        most = self.permissions.timelines_at_most
        wanted = self.timelines + len(leads)
        if not self.permissions.timelines or (most is not None and wanted > most):
            raise RefusedError(
                f"`{words(term)}` needs the timelines of {wanted} leads"
                + (f"; the step allows {most}" if self.permissions.timelines else ""),
                help="write `allow timelines at most N` in the step (one call a lead), or narrow the condition",
            )
        holders: set[str] = set()
        for lead in leads:
            actions = lead.timeline if lead.timeline is not None else await self._timeline(lead, term)
            if any(performed(term, action, self.facts.country_code) for action in actions):
                holders.add(self.facts.key(lead))
        self.facts.learn(term, [self.facts.key(lead) for lead in leads], holders)

    async def _timeline(self, lead: Lead, term: Activity) -> Sequence[TimelineAction]:
        if lead.id is None:
            raise RefusedError(
                f"the timeline of {self.resolver.identifier(lead) or 'a lead'} cannot be read: the lead has no id",
                help=self.resolver.refusals([lead])[0].help,
            )
        self.meter.spend()
        self.timelines += 1
        window = (term.window.start_ms, term.window.end_ms - 1) if term.window else None
        type_ = term.types[0] if len(term.types) == 1 else None
        try:
            return await self.reader.timeline(lead.id, type=type_, window=window)
        except LeadGoneError:
            return ()
        except UnreadableError as error:
            self.unreadable[self.facts.key(lead)] = replace(lead, unreadable=error.message)
            return ()

    def _key(self, lead: Lead) -> str:
        return self.facts.key(self.resolver.assigned(lead))


def unique(facts: Facts, leads: Iterable[Lead]) -> dict[str, Lead]:
    """Return ``leads`` by key, each once."""
    found: dict[str, Lead] = {}
    for lead in leads:
        found.setdefault(facts.key(lead), lead)
    return found


def in_order(leads: Iterable[Lead], *, newest: bool) -> list[Lead]:
    """Return ``leads`` by creation; those without a time last."""
    dated = [(lead.created_ms, lead.id or "", lead) for lead in leads]
    sign = -1 if newest else 1
    dated.sort(key=lambda entry: (entry[0] is None, sign * (entry[0] or 0)))
    return [lead for _, _, lead in dated]
