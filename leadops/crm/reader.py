"""Every read of leads: searches, leads, timelines. Has no method that writes (docs/api.md §5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadops.core.errors import LeadGoneError, RequestRefusedError, UnavailableError, UnreadableError
from leadops.core.text import visible
from leadops.crm.decode import LeadRow, ListReply, read_as, shallow, to_actions, to_row
from leadops.crm.paths import is_object_id, lead_path
from leadops.crm.retrying_reads import Asker
from leadops.crm.strict_json import MalformedError
from leadops.crm.timeline_pages import Collected
from leadops.crm.transport import Ask
from leadops.model.lead import UNREADABLE_HELP, Lead, TimelineAction
from leadops.model.query import PAGE, Body, Calls, Page

_MOST_PAGES = 1_000
"""No timeline has more pages; a service that says so is not believed."""


class TeleReader:
    """Fits ``planner.ports.Reader``."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    @property
    def calls(self) -> Calls:
        """Requests made so far, retries included."""
        return self._asker.door.calls

    @property
    def skew_ms(self) -> int:
        """The server's clock minus this machine's; 0 while unknown."""
        return self._asker.door.skew.ms

    async def get(self, path: str, **query: str | int) -> Any:
        """Return the JSON value of a GET below the workspace's root; ``path`` begins with a slash.

        Raises:
            RequestRefusedError, DeniedError, UnavailableError, TemporaryError, CallBudgetError: as their names say.
        """
        return (await self._asker.ask(Ask("GET", path, query)))[0]

    async def search(self, body: Body, skip: int, limit: int) -> Page:
        """Return one page of a lead search; ``limit`` is 1 to 100. A row that cannot be read is an unreadable lead."""
        ask = Ask("POST", "/lead/search", {"skip": skip, "limit": limit}, body)
        value, answer = await self._asker.ask(ask)
        reply = self._page(value, "a lead search")
        if reply.total_count is None:
            raise self._odd("a lead search", "/total_count is missing")
        leads = tuple(to_row(row, f"row {skip + at} of the search") for at, row in enumerate(reply.data, 1))
        return Page(leads, reply.total_count, skip, limit, answer.server_ms, answer.sent_ms)

    async def lead(self, lead_id: str, *, timeline: bool = False) -> Lead | None:
        """Return the lead, with its whole timeline if asked; None when there is no such lead.

        Raises:
            UnreadableError: it, or an entry of its timeline, holds what cannot be read.
        """
        path = lead_path(lead_id)
        if path is None:
            return None
        query: dict[str, str | int] = {"includeActions": "true", "limit": PAGE, "skip": 0} if timeline else {}
        try:
            row = _own(self._row(await self.get(path, **query), lead_id), lead_id)
        except RequestRefusedError as error:
            # A 400 to a request without a parameter can only be about the id.
            if error.status == 404 or (error.status == 400 and not is_object_id(lead_id)):
                return None
            raise
        found = row.to_lead(lead_id)
        if not timeline:
            return found
        return Lead(found.id, found.fields, await self._rest_of_timeline(lead_id, path, row))

    async def timeline(
        self,
        lead_id: str,
        *,
        type: str | None = None,
        window: tuple[int, int] | None = None,
        most: int | None = None,
    ) -> Sequence[TimelineAction]:
        """Return the timeline's entries, newest first: all, or at least the ``most`` newest.

        Entries are tested again here: a service that ignores a filter changes nothing.

        Raises:
            LeadGoneError: there is no such lead.
            UnreadableError: an entry cannot be read.
        """
        path = lead_path(lead_id)
        if path is None:
            raise _gone(lead_id)
        body: dict[str, Any] = {} if type is None else {"type": type}
        if window is not None:
            body["created_on"] = {"from": window[0], "to": window[1]}
        limit = PAGE if most is None else max(1, min(PAGE, most))
        found = Collected(type, window)
        try:
            for _ in range(_MOST_PAGES):
                query: dict[str, str | int] = {"skip": found.rows, "limit": limit}
                value, _answer = await self._asker.ask(Ask("POST", f"{path}/action/search", query, body))
                reply = self._page(value, "an action search")
                news = found.add(_actions(reply.data, lead_id))
                total = reply.total_count
                if not reply.data or (most is not None and found.fitting() >= most):
                    break
                if found.rows >= total if total is not None else len(reply.data) < limit:
                    break
                if not news:
                    # This service does not page an action search; the lead's own read does.
                    whole = await self.lead(lead_id, timeline=True)
                    if whole is None or whole.timeline is None:
                        raise _gone(lead_id)
                    found = Collected(type, window)
                    found.add(whole.timeline)
                    break
            else:
                raise self._odd("an action search", "it has no end")
        except RequestRefusedError as error:
            if error.status == 404:
                raise _gone(lead_id) from None
            raise
        return found.newest_first()

    async def _rest_of_timeline(self, lead_id: str, path: str, row: LeadRow) -> tuple[TimelineAction, ...]:
        if row.actions is None:
            return tuple(await self.timeline(lead_id))
        found = Collected()
        rows = _entries(row, lead_id)
        found.add(_actions(rows, lead_id))
        while len(rows) >= PAGE:
            if found.rows > _MOST_PAGES * PAGE:
                raise self._odd("a lead's timeline", "it has no end")
            query: dict[str, str | int] = {"includeActions": "true", "limit": PAGE, "skip": found.rows}
            rows = _entries(self._row(await self.get(path, **query), lead_id), lead_id)
            if not found.add(_actions(rows, lead_id)):
                break
        return found.newest_first()

    def _row(self, value: Any, lead_id: str) -> LeadRow:
        if not isinstance(value, Mapping):
            raise self._odd("a lead", "/: it is no object")
        try:
            return read_as(LeadRow, value)
        except MalformedError as error:
            raise _unreadable(f"the lead {visible(lead_id)}", error) from None

    def _page(self, value: Any, what: str) -> ListReply:
        try:
            return shallow(ListReply, value)
        except MalformedError as error:
            raise self._odd(what, str(error)) from None

    def _odd(self, what: str, why: str) -> UnavailableError:
        return UnavailableError(f"{self._asker.door.host} answers {what} in a shape that is not known: {why}")


def _own(row: LeadRow, lead_id: str) -> LeadRow:
    """Return ``row``; raises UnreadableError where it says that it is another lead's."""
    if row.id is not None and row.id.lower() != lead_id.lower():
        raise _unreadable(
            f"the lead {visible(lead_id)}", f"the answer is about another lead, {visible(row.id)}"
        )
    return row


def _entries(row: LeadRow, lead_id: str) -> list[Any]:
    if not isinstance(row.actions, list | None):
        raise _unreadable(f"the timeline of lead {visible(lead_id)}", "/actions: it is no list")
    return row.actions or []


def _actions(rows: Sequence[Any], lead_id: str) -> list[TimelineAction]:
    try:
        return to_actions(rows)
    except MalformedError as error:
        raise _unreadable(f"the timeline of lead {visible(lead_id)}", error) from None


def _unreadable(what: str, why: object) -> UnreadableError:
    return UnreadableError(f"{what} cannot be read: {why}", UNREADABLE_HELP)


def _gone(lead_id: str) -> LeadGoneError:
    return LeadGoneError(f"there is no lead {visible(lead_id)}: it was deleted or merged, or never was there")
