"""Finding the few leads that lack what a step sets when no search can ask for them: by counting.

How many there are is known: the leads of a search, less those that have it. Reading newest first stops when all are
found. Where they are few among many, creation times are halved, and only the halves that hold some are looked into.
"""

from dataclasses import dataclass, field

from leadops.engine.select.arm_reader import Gatherer
from leadops.model.lead import Lead
from leadops.model.predicate import Condition
from leadops.model.query import PAGE, Body
from leadops.planner.filters import FAR_FUTURE_MS, Between
from leadops.planner.probes import Count
from leadops.planner.scan import Scan
from leadops.planner.search_body import Search, with_filter
from leadops.predicate.evaluate import decide

_NONE = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Hunt:
    """What is hunted.

    Attributes:
        search: finds all leads of the step; one body.
        found: finds those that need not be hunted; one body.
        count: of ``search``; ``missing`` of them are not found by ``found``.
        lacking: true of the leads wanted.
        hunted: true of those of them that ``found`` does not find.
        named: finds the leads wanted that ``found`` finds too, for they hold another value that a search can name.
    """

    search: Search
    found: Search
    count: Count
    missing: int
    lacking: Condition
    hunted: Condition
    named: Search | None = None
    named_count: Count = _NONE

    @property
    def halving(self) -> int | None:
        """The calls that halving takes at most; None where reading all pages is as good."""
        calls, parts, leads = 3 + self.missing, 1, self.count.leads
        while leads > PAGE:
            calls += 2 * min(parts, self.missing)
            parts, leads = parts * 2, -(-leads // 2)
        return calls if calls * 10 <= self.count.pages * 9 else None

    @property
    def calls(self) -> int:
        """The most calls that it takes when nothing moves."""
        return self.named_count.pages + self.count.pages + (self.halving or 0)


async def hunt(gather: Gatherer, what: Hunt) -> tuple[list[Lead], bool]:
    """Return the leads of ``what``, and whether all that could be some were read.

    They are fewer than counted where a lead holds its value in another form (``"5"`` for 5): the search does not find
    it, and it complies. Where not all were read, the caller compares the numbers.

    Raises:
        RefusedError: as a scan.
    """
    chase = _Chase(gather, what)
    if what.named is not None:
        for body in gather.probes.bodies(what.named):
            await chase.read(gather.scan(body), body)
    if what.halving is None or not await chase.halve(what.halving):
        await chase.read_all()
    found = gather.readable(chase.found.values())
    return [lead for lead in found if gather.facts.key(lead) not in gather.skip], chase.complete


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of creation time, ends included, with its leads and how many of them lack it."""

    start: int
    end: int
    leads: int
    missing: int


@dataclass(slots=True)
class _Chase:
    gather: Gatherer
    what: Hunt
    found: dict[str, Lead] = field(default_factory=dict)
    complete: bool = False
    torn: bool = False
    """A part that was read was not the part that was counted."""

    @property
    def done(self) -> bool:
        return len(self.found) >= self.what.missing + self.what.named_count.leads

    async def read_all(self) -> None:
        """Read newest first until all are found."""
        [body] = self.gather.probes.bodies(self.what.search)
        scan = self.gather.scan(body)
        await self.read(scan, body)
        self.complete = scan.done

    async def read(self, scan: Scan, body: Body) -> None:
        """Read a search until it ends or all are found."""
        while not scan.done and not self.done:
            self._take(await scan.page())
        self.gather.note_pages(body, scan.pages)

    async def halve(self, most: int) -> bool:
        """Find them by halving, in ``most`` calls; False when that did not find all."""
        start = self.gather.meter.calls
        [body] = self.gather.probes.bodies(self.what.search)
        page = await self.gather.meter.search(body, 0, PAGE)
        self.gather.note_pages(body, 1)
        self._take(page.leads)
        oldest = await self.gather.meter.search(body, max(0, page.total_count - 1), 1)
        times = [lead.created_ms for lead in page.leads if lead.created_ms is not None]
        first = oldest.leads[0].created_ms if oldest.leads else None
        if self.done or not times or first is None:
            return self.done
        edge = min(times)
        newer = sum(at > edge for at in times)
        kept = sum(
            (lead.created_ms or 0) > edge and bool(decide(self.what.hunted, lead, self.gather.facts))
            for lead in self.found.values()
        )
        parts = [_Part(first, edge, self.what.count.leads - newer, self.what.missing - kept)]
        while parts and not self.done:
            if self.gather.meter.calls - start + 2 > most:
                return False
            parts += await self._looked_into(parts.pop())
        self.complete = not parts and not self.torn
        return self.complete or self.done

    async def _looked_into(self, part: _Part) -> list[_Part]:
        """Return the halves of a part that hold some; a part of one page is read."""
        if part.leads <= PAGE or part.start >= part.end:
            await self._read(part)
            return []
        middle = (part.start + part.end) // 2
        older = await self._counted(part.start, middle)
        newer = _Part(middle + 1, part.end, part.leads - older.leads, part.missing - older.missing)
        return [half for half in (older, newer) if half.missing > 0]

    async def _counted(self, start: int, end: int) -> _Part:
        probes = self.gather.probes
        leads = (await probes.count(_within(self.what.search, start, end))).leads
        if leads == 0:
            return _Part(start, end, 0, 0)
        return _Part(
            start, end, leads, leads - (await probes.count(_within(self.what.found, start, end))).leads
        )

    async def _read(self, part: _Part) -> None:
        for body in self.gather.probes.bodies(_within(self.what.search, part.start, part.end)):
            page = await self.gather.meter.search(body, 0, PAGE)
            self.gather.note_pages(body, 1)
            self._take(page.leads)
            self.torn |= not len(page.leads) == page.total_count == part.leads

    def _take(self, rows: tuple[Lead, ...]) -> None:
        for lead in self.gather.resolver.resolve(rows):
            if lead.unreadable or decide(self.what.lacking, lead, self.gather.facts):
                self.found.setdefault(self.gather.facts.key(lead), lead)


def _within(search: Search, start: int, end: int) -> Search:
    narrower = with_filter(search, "created_on", Between(max(0, start), min(end, FAR_FUTURE_MS)))
    return narrower or search
