"""Looking leads up by lists of identifiers: 100 a call, halved when the service refuses the list."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadops.core.errors import RefusedError, RequestRefusedError
from leadops.model.lead import Lead
from leadops.model.predicate import Activity
from leadops.model.query import PAGE
from leadops.model.schema import Field, FieldType, Schema
from leadops.model.values import Comparable, Value, comparable, is_missing
from leadops.planner.call_meter import Memory
from leadops.planner.filters import phone_spellings
from leadops.planner.ports import Searcher
from leadops.planner.search_body import activity_block


async def lookup_identifiers(
    values: Iterable[Value],
    schema: Schema,
    searcher: Searcher,
    *,
    country_code: str = "91",
    field: Field | None = None,
    memory: Memory | None = None,
) -> Mapping[str, tuple[Lead, ...]]:
    """Return the leads of each value of the identifier (or of ``field``), keyed by the value's canonical text.

    Every value is a key (see ``canonical``); no lead, one, or several may stand under it. One call takes 100 values.
    A row that cannot be read does not tell whose it is: the values without a lead are then asked for one by one.

    Raises:
        RefusedError: the service answers leads that were not asked for: it ignores the filter.
        RequestRefusedError: it refuses even a list of one.
    """
    by = field or schema.identifier
    found: dict[str, list[Lead]] = {}
    written: dict[str, str] = {}
    for value in values:
        if not is_missing(value):
            key = canonical(value, by, country_code)
            found.setdefault(key, [])
            written.setdefault(key, str(value).strip())

    def spell(key: str) -> tuple[str, ...]:
        if by.type is not FieldType.PHONE:
            return (written[key],)
        return (key,) if by.identifier else phone_spellings(key, country_code)

    lists = _Lists(searcher, by, memory or Memory())
    nameless = False
    async for row in lists.read(list(found), spell):
        key = _held(row.fields.get(by.api_name), by, country_code, found)
        if key in found:
            found[key].append(row)
        elif row.unreadable:
            nameless = True
        else:
            raise _ignored(by)
    if nameless:
        for key in [key for key, rows in found.items() if not rows]:
            found[key] += [row async for row in lists.read([key], spell)]
    return {key: tuple(rows) for key, rows in found.items()}


async def which_hold(
    leads: Sequence[Lead],
    term: Activity,
    searcher: Searcher,
    *,
    by: Field,
    key: Callable[[Lead], str],
    resolve: Callable[[Sequence[Lead]], Sequence[Lead]],
    memory: Memory,
    country_code: str = "91",
) -> frozenset[str]:
    """Return the keys of those of ``leads`` for which one search says that ``term`` holds.

    Every lead has a value of ``by``, as it was read.

    Raises:
        RefusedError, RequestRefusedError: see ``lookup_identifiers``.
    """
    asked = {key(lead) for lead in leads}
    values = list(dict.fromkeys(str(lead.fields[by.api_name]) for lead in leads))
    known = {canonical(value, by, country_code) for value in values}
    holders: set[str] = set()
    block = activity_block(term)
    async for row in _Lists(searcher, by, memory).read(values, lambda value: (value,), block):
        if row.unreadable:
            continue
        if canonical(row.fields.get(by.api_name), by, country_code) not in known:
            raise _ignored(by)
        holders.update(key(one) for one in resolve([row]))
    return frozenset(holders & asked)


def canonical(value: Value, by: Field, country_code: str = "91") -> str:
    """Return the text under which a value of ``by`` is compared with others."""
    form: Comparable = comparable(value, by.type, country_code)
    return "" if form is None else str(form)


def _held(value: Value, by: Field, country_code: str, asked: Collection[str]) -> str:
    """Return the key of a value that the service holds: an identifier is whole, though it has ten digits."""
    text = str(value)
    return text if by.identifier and text in asked else canonical(value, by, country_code)


def _ignored(by: Field) -> RefusedError:
    return RefusedError(
        f"the service ignores a list of {by.api_name}: it answers leads that were not asked for",
        help="`leadops doctor` tells what the service does with searches",
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    searcher: Searcher
    by: Field
    memory: Memory

    async def read(
        self,
        values: Sequence[str],
        spell: Callable[[str], Collection[str]],
        block: Mapping[str, Any] | None = None,
    ) -> AsyncIterator[Lead]:
        """Yield the rows of all ``values``, a list at a time."""
        at = 0
        while at < len(values):
            part = values[at : at + self.memory.lookup]
            sent = list(dict.fromkeys(form for value in part for form in spell(value)))
            body: dict[str, Any] = {"fields": {self.by.api_name: sent[0] if len(sent) == 1 else sent}}
            if block is not None:
                body["actions"] = block
            try:
                page = await self.searcher.search(body, 0, PAGE)
            except RequestRefusedError as refusal:
                if refusal.status >= 500 or len(part) == 1:
                    raise
                self.memory.lookup = max(1, len(part) // 2)
                continue
            at += len(part)
            for row in page.leads:
                yield row
            seen = len(page.leads)
            while seen < page.total_count:
                page = await self.searcher.search(body, seen, PAGE)
                if not page.leads:
                    raise RefusedError(
                        f"the service counts {page.total_count} leads for a list of {self.by.api_name} "
                        f"and hands out {seen}",
                        help="run again; leads may have changed while they were read",
                    )
                for row in page.leads:
                    yield row
                seen += len(page.leads)
