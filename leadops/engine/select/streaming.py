"""The leads of a limited step, in order, one page after the other: whoever has enough stops asking."""

from collections.abc import AsyncIterator, Callable, Sequence

from leadops.engine.select.arm_reader import Gatherer, in_order
from leadops.model.lead import Lead
from leadops.model.query import Body
from leadops.planner.probes import Probes
from leadops.planner.query_plan import Arm, QueryPlan
from leadops.planner.scan import Scan


async def stream(
    query: QueryPlan,
    touched: Sequence[Lead],
    gather: Gatherer,
    probes: Probes,
    *,
    newest: bool,
    wanted: Callable[[Arm], int | None],
) -> AsyncIterator[list[Lead]]:
    """Yield the query's leads in order, as they come, reading no page before it is needed.

    Args:
        query: what is searched for.
        touched: leads of earlier steps that belong among them.
        gather: reads and decides rows.
        probes: knows the bodies of a search.
        newest: newest first, else oldest first.
        wanted: how many rows of an arm are needed; None: nobody knows.
    """
    sources = [
        _Source(arm, gather.scan(body, newest=newest, wanted=wanted(arm)), body)
        for arm in query.arms
        for body in probes.bodies(arm.search)
    ]
    waiting = {gather.facts.key(lead): lead for lead in touched}
    gone: set[str] = set()
    while True:
        open_ = [source for source in sources if not source.scan.done]
        frontier = [source.frontier for source in open_]
        ready = [lead for lead in waiting.values() if all(_before(lead, f, newest) for f in frontier)]
        if ready:
            keys = [gather.facts.key(lead) for lead in ready]
            gone.update(keys)
            for key in keys:
                del waiting[key]
            yield in_order(ready, newest=newest)
        if not open_:
            return
        source = next((s for s in open_ if s.frontier is None), None) or (max if newest else min)(
            open_, key=lambda s: s.frontier or 0
        )
        rows = await source.scan.page()
        gather.note_pages(source.body, 1)
        times = [row.created_ms for row in rows if row.created_ms is not None]
        if times:
            source.frontier = min(times) if newest else max(times)
        for lead in await gather.decided(source.arm, gather.kept(source.arm, rows)):
            if (key := gather.facts.key(lead)) not in gone:
                waiting.setdefault(key, lead)


class _Source:
    """A scan that a limited selection draws from; the frontier is the creation time that it has come to."""

    def __init__(self, arm: Arm, scan: Scan, body: Body) -> None:
        self.arm = arm
        self.scan = scan
        self.body = body
        self.frontier: int | None = None


def _before(lead: Lead, frontier: int | None, newest: bool) -> bool:
    if frontier is None:
        return False
    at = lead.created_ms
    return at is not None and (at >= frontier if newest else at <= frontier)
