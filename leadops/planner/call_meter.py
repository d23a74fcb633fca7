"""Searches, counted: nothing is asked beyond what was promised."""

from dataclasses import dataclass, field

from leadops.core.errors import CallBudgetError, RefusedError
from leadops.model.query import Body, Page
from leadops.planner.ports import Searcher

PROBES = 6
"""How many ``limit=1`` searches a plan may spend on choosing before they must earn their price."""


@dataclass(slots=True)
class Memory:
    """What one plan has learned so far, shared by its steps.

    Attributes:
        counts: leads by the canonical text of a body.
        probes: ``limit=1`` searches made.
        longest: the most values in one list of a search; halved when the service refuses one.
        lookup: the same for lists of identifiers.
        untold: tags fields of which no lead tells whether a search for one tag finds leads with several.
    """

    counts: dict[str, int] = field(default_factory=dict)
    probes: int = 0
    longest: int = 50
    lookup: int = 100
    untold: set[str] = field(default_factory=set)


class Meter:
    """A Searcher that counts, and that stops at a promised bound and at the run's budget of calls.

    Attributes:
        oldest_ms: when the first of its pages was asked for (``Page.sent_ms``); None where that is not known.
    """

    def __init__(self, searcher: Searcher, max_calls: int | None = None) -> None:
        self._searcher = searcher
        self._max_calls = max_calls
        self._bound: int | None = None
        self.calls = 0
        self.oldest_ms: int | None = None

    @property
    def bound(self) -> int:
        """The most calls that this step's selection may make in all; before a promise, those made."""
        return self.calls if self._bound is None else self._bound

    def promise(self, more: int) -> None:
        """Promise that at most ``more`` calls will follow.

        Raises:
            CallBudgetError: even these exceed the budget of calls.
        """
        self._bound = self.calls + more

    def require(self, more: int) -> None:
        """Make sure that the budget of calls has room for ``more``.

        Raises:
            CallBudgetError: it has not; nothing was sent.
        """
        if self._max_calls is not None and self.calls + more > self._max_calls:
            raise CallBudgetError(
                f"reading these leads takes {self.calls + more} calls; the limit is {self._max_calls}",
                help="raise --max-calls (or the file's `limits`), or narrow the step's condition",
            )

    def spend(self) -> None:
        """Count one call that is about to be made.

        Raises:
            CallBudgetError, RefusedError: it would break the budget, or the promised bound.
        """
        self.require(1)
        if self._bound is not None and self.calls + 1 > self._bound:
            raise RefusedError(
                f"the service needs more than the {self._bound} calls that were promised: what it answers "
                "changes while it is being read",
                help="run again; if it stays so, `leadops doctor` tells what the service does with searches",
            )
        self.calls += 1

    async def search(self, body: Body, skip: int, limit: int) -> Page:
        """Return one page, counted (see Searcher.search)."""
        self.spend()
        page = await self._searcher.search(body, skip, limit)
        if page.sent_ms is not None:
            self.oldest_ms = page.sent_ms if self.oldest_ms is None else min(self.oldest_ms, page.sent_ms)
        return page
