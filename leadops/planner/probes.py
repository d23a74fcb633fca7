"""Probes: exact counts by ``limit=1`` searches, and whether the service honours a kind of filter at all."""

from dataclasses import dataclass, replace

from leadops.core.errors import RefusedError, RequestRefusedError
from leadops.model.lead import Lead
from leadops.model.predicate import Activity
from leadops.model.query import PAGE, Body
from leadops.model.schema import Field, FieldType, Schema
from leadops.planner.call_meter import PROBES, Memory
from leadops.planner.filters import FAR_FUTURE_MS, AnyOf, Between, Filter, impossible
from leadops.planner.ports import Capabilities, Searcher
from leadops.planner.search_body import Search, bodies, spelled

_NO_TYPE = "999999999"
_NOBODY = "nobody@leadops.invalid"


class FilterUnsupportedError(Exception):
    """The service refuses a kind of filter; the verdict is kept, and the condition is to be planned anew."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many leads a search finds, and on how many pages; ``exact`` False: at most."""

    leads: int
    pages: int
    exact: bool = True

    def at_most(self) -> "Count":
        """Return the same as a mere upper bound."""
        return replace(self, exact=False)


class Probes:
    """Counts and verdicts, each asked for once a plan (verdicts once a day)."""

    def __init__(
        self, searcher: Searcher, capabilities: Capabilities, schema: Schema, memory: Memory
    ) -> None:
        self._searcher = searcher
        self._capabilities = capabilities
        self._schema = schema
        self.memory = memory

    def affordable(self, gain: int, probes: int = 1) -> bool:
        """Whether so many more probes are worth it: free ones first, then only against pages they may save."""
        beyond = self.memory.probes + probes - PROBES
        return beyond <= 0 or beyond <= gain // 4

    def untried(self, search: Search) -> int:
        """Return of how many filters of ``search`` nobody knows yet whether the service honours them."""
        return sum(self._capabilities.get(_kind(name, one)) is None for name, one in search.fields.items())

    def bodies(self, search: Search) -> tuple[Body, ...]:
        """Return the bodies of ``search``, its lists no longer than the service takes."""
        return bodies(search, self._schema, self.memory.longest)

    async def count(self, search: Search) -> Count:
        """Return how many leads ``search`` finds.

        Raises:
            FilterUnsupportedError: the service refuses a range it takes; the verdict is kept.
            RefusedError: it refuses the search for another reason.
        """
        while True:
            parts = self.bodies(search)
            try:
                counts = [await self.count_body(body) for body in parts]
            except RequestRefusedError as refusal:
                self._learn(search, refusal)
                continue
            return Count(sum(counts), sum(-(-n // PAGE) for n in counts))

    async def count_body(self, body: Body) -> int:
        """Return how many leads a body finds."""
        key = spelled(body)
        if key not in self.memory.counts:
            self.memory.probes += 1
            page = await self._searcher.search(body, 0, 1)
            if len(page.leads) != min(1, page.total_count):
                raise RefusedError(
                    f"the service counts {page.total_count} leads and hands out {len(page.leads)} of one asked for "
                    f"(search {key})",
                    help="its counts cannot be trusted: run again; `leadops doctor` tells what it does with searches",
                )
            self.memory.counts[key] = page.total_count
        return self.memory.counts[key]

    def usable(self, name: str, one: Filter) -> bool:
        """Whether a filter may be sent at all: nothing is known against it."""
        return self._capabilities.get(_kind(name, one)) is not False

    def takes_activities(self) -> bool:
        """Whether an actions block may be sent at all: nothing is known against it."""
        return self._capabilities.get("actions:type") is not False

    async def honours(self, name: str, one: Filter) -> bool:
        """Whether the service honours this kind of filter on this field: an impossible value counts 0."""
        field = self._schema.field(name) or Field(name, _builtin_type(name))
        value = impossible(field, "range" if isinstance(one, Between) else "list")
        return value is not None and await self._verdict(_kind(name, one), {"fields": {name: value}})

    async def finds_single_tags(self, name: str, one: AnyOf) -> bool:
        """Whether a search for a tag finds leads that have other tags too; no page of the service says so.

        Learned from a lead with several tags: the newest that the search itself finds, else one among the newest
        leads of the workspace. Where there is none the answer is yes, and a note says that nobody knows.
        """
        kind = f"field:{name}:each"
        verdict = self._capabilities.get(kind)
        if verdict is None and name not in self.memory.untold:
            try:
                verdict = await self._single_tag(name, one)
            except RequestRefusedError as refusal:
                if refusal.status >= 500:
                    raise
            if verdict is None:
                self.memory.untold.add(name)
            else:
                self._capabilities.put(kind, verdict)
        return verdict is not False

    async def _single_tag(self, name: str, one: AnyOf) -> bool | None:
        self.memory.probes += 1
        found = await self._searcher.search({"fields": {name: one.values[0]}}, 0, 1)
        if any(len(_tags(lead, name)) > 1 for lead in found.leads):
            return True
        by = self._schema.identifier.api_name
        newest = await self._searcher.search({}, 0, PAGE)
        for lead in newest.leads:
            value, tags = lead.fields.get(by), _tags(lead, name)
            if len(tags) < 2 or not isinstance(value, str):
                continue
            itself = {by: value}
            self.memory.probes += 2
            if (await self._searcher.search({"fields": {**itself, name: tags[0]}}, 0, 1)).total_count:
                return True
            if (await self._searcher.search({"fields": itself}, 0, 1)).total_count:
                return False
        return None

    async def searchable(self, term: Activity) -> tuple[Activity | None, bool]:
        """Return the part of ``term`` that a search can say, and whether that is the whole of it.

        None: the service honours no actions block.
        """
        if not await self._verdict("actions:type", {"actions": {"type": _NO_TYPE}}):
            return None, False
        part, whole = replace(term, having=()), not term.having
        if term.by and not await self._verdict(
            "actions:performed_by", {"actions": {"performed_by": _NOBODY}}
        ):
            part, whole = replace(part, by=()), False
        span = {"from": FAR_FUTURE_MS - 1, "to": FAR_FUTURE_MS}
        if term.window and not await self._verdict(
            "actions:performed_at", {"actions": {"performed_at": span}}
        ):
            part, whole = replace(part, window=None), False
        return part, whole

    async def _verdict(self, kind: str, body: Body) -> bool:
        verdict = self._capabilities.get(kind)
        if verdict is None:
            self.memory.probes += 1
            try:
                page = await self._searcher.search(body, 0, 1)
                verdict = page.total_count == 0 and not page.leads
            except RequestRefusedError as refusal:
                if refusal.status >= 500:
                    raise
                verdict = not kind.endswith(":range") and kind != "actions:performed_at"
            self._capabilities.put(kind, verdict)
        return verdict

    def _learn(self, search: Search, refusal: RequestRefusedError) -> None:
        """Draw the lesson of a refused search: shorter lists, or a range that is not to be had."""
        lists = [len(one.values) for one in search.fields.values() if not isinstance(one, Between)]
        longest = min(max(lists, default=1), self.memory.longest)
        if longest > 10:
            self.memory.longest = longest // 2
            return
        for name, one in search.fields.items():
            if isinstance(one, Between) and name != "created_on" and self.usable(name, one):
                self._capabilities.put(_kind(name, one), False)
                raise FilterUnsupportedError(name) from refusal
        raise RefusedError(
            f"the service refuses the search {spelled(self.bodies(search)[0])}: {refusal.message}",
            help="write the condition another way; `leadops plan --explain` shows what is searched for",
        ) from refusal


def _kind(name: str, one: Filter) -> str:
    return f"field:{name}:{'range' if isinstance(one, Between) else 'list'}"


def _tags(lead: Lead, name: str) -> tuple[str, ...]:
    value = lead.fields.get(name)
    return tuple(str(tag) for tag in value) if isinstance(value, tuple | list) else ()


def _builtin_type(name: str) -> FieldType:
    return {
        "phone": FieldType.PHONE,
        "email": FieldType.EMAIL,
        "rating": FieldType.RATING,
        "status": FieldType.STATUS,
        "assignee": FieldType.MEMBER,
        "created_on": FieldType.DATE,
        "modified_on": FieldType.DATE,
    }.get(name, FieldType.TEXT)
