"""Pages of a timeline put together: repeats left out, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadops.model.lead import TimelineAction


@dataclass(slots=True)
class Collected:
    """Entries of one timeline.

    Attributes:
        type, window: which entries count; None: all. The window is inclusive epoch ms.
        rows: how many were received, repeats included.
    """

    type: str | None = None
    window: tuple[int, int] | None = None
    rows: int = 0
    _all: list[TimelineAction] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _last: Sequence[TimelineAction] = ()

    def add(self, page: Sequence[TimelineAction]) -> bool:
        """Take a page; False when it held nothing new. Entries without an id are told apart by page only."""
        self.rows += len(page)
        repeated = list(page) == list(self._last)
        fresh = [one for one in page if (one.id not in self._ids if one.id is not None else not repeated)]
        self._last = page
        self._ids.update(one.id for one in fresh if one.id is not None)
        self._all += fresh
        return bool(fresh)

    def fitting(self) -> int:
        """Return how many entries count."""
        return sum(self._fits(one) for one in self._all)

    def newest_first(self) -> tuple[TimelineAction, ...]:
        """Return the entries that count; those without a time keep their place after the others."""
        known = (one for one in self._all if self._fits(one))
        return tuple(sorted(known, key=lambda one: (one.at_ms is None, -(one.at_ms or 0))))

    def _fits(self, action: TimelineAction) -> bool:
        if self.type is not None and action.type != self.type.removeprefix("ACTION_"):
            return False
        if self.window is None or action.at_ms is None:
            return True
        return self.window[0] <= action.at_ms <= self.window[1]
