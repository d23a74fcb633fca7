"""A query plan: which searches find the leads of a condition, what is decided locally, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from leadops.model.predicate import Activity, Condition
from leadops.model.query import PAGE
from leadops.planner.probes import Count
from leadops.planner.search_body import Search

REPAIR = 3
"""Pages that a scan may read again when leads moved while it was read; one more for every ten pages."""


@dataclass(frozen=True, slots=True)
class Ask:
    """How it is learned for which leads of an arm an activity term holds.

    Attributes:
        term: the term.
        search: finds every lead of the arm's base search that it may hold for; None: no search helps.
        count: how many those are; an upper bound where nobody counted.
        verify: the leads found must have their timelines read.
        negative: the term is only there to take leads away; asked last.
        scannable: ``count`` is known to hold, so that reading all of ``search`` is an alternative to looking the
            arm's leads up by lists of identifiers.
    """

    term: Activity
    search: Search | None
    count: Count
    verify: bool = False
    negative: bool = False
    scannable: bool = True

    def calls(self, leads: int) -> int:
        """Return the most calls that it takes for an arm of so many leads."""
        if leads == 0:
            return 0
        looked_up = 1 if leads <= PAGE else -(-leads // PAGE)
        pages = 0 if self.search is None else min(self.count.pages, looked_up)
        return pages + (min(self.count.leads, leads) if self.verify else 0)


@dataclass(frozen=True, slots=True)
class Local:
    """A part of a condition that is decided on the returned rows, and why no search decides it."""

    condition: Condition
    reason: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One search and what is left to decide about its rows. The union of a plan's arms is its result.

    Attributes:
        condition: what a lead of this arm must satisfy, whole; each arm's implies the plan's condition.
        given: the activity term that is true of every row of ``search``.
        pushed: parts that ``search`` says exactly.
    """

    condition: Condition
    search: Search
    count: Count
    given: Activity | None = None
    asks: tuple[Ask, ...] = ()
    pushed: tuple[Condition, ...] = ()
    local: tuple[Local, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the search's rows are the arm's leads and no others."""
        return not self.local

    @property
    def calls(self) -> int:
        """The calls that it takes when nothing goes wrong."""
        return self.count.pages + sum(ask.calls(self.count.leads) for ask in self.asks)


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The searches of a condition.

    Attributes:
        full_scan: it reads every lead of the workspace.
    """

    condition: Condition
    arms: tuple[Arm, ...]
    full_scan: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def calls(self) -> int:
        """The calls that it takes when nothing goes wrong."""
        return sum(arm.calls for arm in self.arms)

    @property
    def bound(self) -> int:
        """The most calls that it may take: room to read moved pages again is included."""
        return sum(arm.calls + slack(arm) for arm in self.arms)

    @property
    def timelines(self) -> int:
        """The most timelines that are read."""
        return sum(min(a.count.leads, ask.count.leads) for a in self.arms for ask in a.asks if ask.verify)

    def searches(self) -> Iterator[tuple[Search, Count]]:
        """Yield each search and its count: an arm's own, then those of its activities."""
        for arm in self.arms:
            yield arm.search, arm.count
            for ask in arm.asks:
                if ask.search is not None and arm.count.leads:
                    yield ask.search, ask.count


def slack(arm: Arm) -> int:
    """Return how many pages beyond its cost an arm may read to repair what moved."""
    if arm.calls == 0:
        return 0
    shorter_lists = sum(3 * -(-arm.count.leads // PAGE) for ask in arm.asks if not ask.scannable)
    return REPAIR * (1 + len(arm.asks)) + arm.calls // 10 + shorter_lists
