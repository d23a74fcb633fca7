"""Reading every row of a search: pages that moved are found by ids and counts, and repaired or refused by name."""

from collections.abc import Callable

from leadops.core.errors import RefusedError
from leadops.model.lead import Lead
from leadops.model.query import PAGE, Body, Page
from leadops.planner.call_meter import Meter
from leadops.planner.query_plan import REPAIR
from leadops.planner.search_body import frozen, spelled

_HALF = PAGE // 2


class Scan:
    """The rows of one body, page by page, each lead once.

    The service pages newest first by offset. A scan of several pages freezes ``created_on``, so that new leads do
    not shift it. Rows that leave the search shift the rest: the gap is read again. What cannot be made good is
    refused: a set with a hole is worse than none. A lead that enters the search behind the reading is not missed.

    Attributes:
        total: how many leads match, as the service said last.
        done: every row was handed out.
        pages: pages read.
    """

    def __init__(
        self,
        meter: Meter,
        body: Body,
        count: int,
        key: Callable[[Lead], str],
        *,
        freeze_ms: int | None = None,
        newest: bool = True,
        wanted: int | None = None,
    ) -> None:
        """Prepare to read ``body``; nothing is asked yet.

        ``wanted``: only so many rows are likely to be asked for, so that no page is larger than what is missing.
        """
        self.total = count
        self.done = count == 0
        self.pages = 0
        self._meter = meter
        self._plain = body
        several = min(count, wanted or count) > PAGE
        self._body = frozen(body, freeze_ms) if freeze_ms is not None and several else body
        self._key = key
        self._newest = newest
        self._wanted = wanted
        self._handed = 0
        self._at = 0 if newest else count
        """The offset from which to read on; going backwards, the offset up to which."""
        self._seen: set[str] = set()
        self._moved: list[int] = []
        self._entered = 0
        self._left = 0

    async def page(self) -> tuple[Lead, ...]:
        """Return the leads of the next page that were not handed out before; the last call sets ``done``.

        Raises:
            RefusedError: the service's pages and counts contradict each other, and reading again did not help.
        """
        skip, limit = self._window()
        page = await self._read(skip, limit)
        if self.pages == 1:
            page = await self._opened(page, skip, limit)
            if self._at and page.total_count != self.total:
                self._at = page.total_count
                skip, limit = self._window()
                page = await self._read(skip, limit)
            self.total = page.total_count
        page = await self._whole(page, skip, limit)
        fresh = self._take(page)
        if not fresh and page.leads:
            fresh = self._take(await self._read(skip, limit))
            if not fresh:
                raise self._refused("hands out the same page again and again")
        if len(fresh) < len(page.leads):
            self._moved.append(skip)
        fresh += await self._counted(page, skip, limit)
        self._handed += len(page.leads)
        self._at = skip + limit if self._newest else skip
        overfull = len(page.leads) == limit and self._at > self.total
        self.done = self._at >= self.total and not overfull if self._newest else skip == 0
        return tuple(fresh + await self._settled() if self.done else fresh)

    def _window(self) -> tuple[int, int]:
        left = PAGE if self._wanted is None else self._wanted - self._handed
        size = min(PAGE, left) if left > 0 else PAGE
        if self._newest:
            return self._at, size
        return max(0, self._at - size), max(1, min(size, self._at))

    async def _read(self, skip: int, limit: int) -> Page:
        self.pages += 1
        return await self._meter.search(self._body, skip, limit)

    async def _opened(self, page: Page, skip: int, limit: int) -> Page:
        """Return the first page, of the search without its frozen window where the window loses leads."""
        if self._body is self._plain or page.total_count >= self.total:
            return page
        self._body, frozen_body = self._plain, self._body
        plain = await self._read(skip, limit)
        if plain.total_count > page.total_count:
            return plain
        self._body = frozen_body
        return page

    async def _whole(self, page: Page, skip: int, limit: int) -> Page:
        """Return the page, read again when rows are missing from it."""
        if len(page.leads) >= min(limit, page.total_count - skip):
            return page
        again = await self._read(skip, limit)
        return again if len(again.leads) >= len(page.leads) else page

    async def _counted(self, page: Page, skip: int, limit: int) -> list[Lead]:
        """Take note of the page's count; return the rows that slid over the page's edge, if leads left."""
        change = page.total_count - self.total
        self.total = page.total_count
        self._entered += max(0, change)
        self._left += max(0, -change)
        if change < 0 and self._newest and skip:
            start = max(0, skip + change)
            return self._take(await self._read(start, min(PAGE, skip - start)))
        if change > 0 and not self._newest:
            return self._take(await self._read(skip + limit, min(PAGE, change)))
        return []

    def _take(self, page: Page) -> list[Lead]:
        fresh = []
        for lead in page.leads:
            key = self._key(lead)
            if key not in self._seen:
                self._seen.add(key)
                fresh.append(lead)
        return fresh

    async def _settled(self) -> list[Lead]:
        """Read again where pages moved, until the rows are as many as the service counts.

        Raises:
            RefusedError: they do not become as many.
        """
        found: list[Lead] = []
        wanted = self.total - self._entered
        suspects = list(dict.fromkeys(self._moved)) or list(range(PAGE, self.total, PAGE))
        for skip in suspects[: REPAIR + self.pages // 10]:
            if len(self._seen) >= wanted:
                break
            found += self._take(await self._read(max(0, skip - _HALF), PAGE))
        if not wanted <= len(self._seen) <= self.total + self._left:
            raise self._refused(f"counts {self.total} leads and hands out {len(self._seen)}")
        return found

    def _refused(self, what: str) -> RefusedError:
        return RefusedError(
            f"the service {what} (search {spelled(self._plain)})",
            help="leads may have changed while they were read: run again; if it stays so, narrow the condition",
        )
