"""The SQL that answers a lead search from the clustered index: one statement for the count, one for a page.

The field filter with the fewest leads drives; the others are single look-ups in the same index.
"""

from dataclasses import dataclass

from leadops.sandbox.api.search import ActionFilter, OneOf, Query, Range
from leadops.sandbox.world.store import Store

_MANY = 5000
"""From so many index rows on, the exact number does not matter."""


@dataclass(frozen=True, slots=True)
class Statements:
    """Two statements with the same parameters; the page takes (limit, skip) after them."""

    count: str
    page: str
    parameters: tuple[object, ...]


def statements(query: Query, store: Store, *, tie_seed: int = 0) -> Statements:
    """Return the SQL for ``query``. With a ``tie_seed``, leads of the same moment come in another order."""
    filters = sorted(query.fields, key=lambda part: _weight(part[0], part[1], store))
    where: list[str] = []
    values: list[object] = []
    if filters:
        source, several, lead = "lead_values d", _yields_twice(filters[0][1]), "d.lead"
        condition, more = _condition("d", *filters[0])
        where.append(condition)
        values += more
    else:
        source, several, lead = "leads d", False, "d.seq"
        where.append("d.deleted = 0")
    if query.created:
        where.append("d.created BETWEEN ? AND ?")
        values += [query.created.low, query.created.high]
    for name, part in filters[1:]:
        condition, more = _condition("v", name, part)
        same = f"v.created = d.created AND v.lead = {lead}"
        where.append(f"EXISTS (SELECT 1 FROM lead_values v WHERE {condition} AND {same})")  # noqa: S608 (built of constants; every value is bound)
        values += more
    if query.nothing:
        where.append("0")
    counted = paged = " AND ".join(where)
    if query.actions:
        condition, more = _action_condition(query.actions)
        listed = f"{lead} IN (SELECT a.lead FROM actions a WHERE {condition})"  # noqa: S608 (as above)
        looked_up = f"EXISTS (SELECT 1 FROM actions a WHERE {condition} AND a.lead = {lead})"  # noqa: S608 (as above)
        counted += f" AND {listed}"
        paged += f" AND {listed if _action_weight(condition, more, store) < _MANY else looked_up}"
        values += more
    distinct = "DISTINCT " if several else ""
    ties = f"({lead} * {2 * tie_seed + 1}) % 9973" if tie_seed else lead
    return Statements(
        f"SELECT count(*) FROM (SELECT {distinct}d.created, {lead} FROM {source} WHERE {counted})",  # noqa: S608 (as above)
        f"SELECT {distinct}{lead} AS lead, d.created AS created FROM {source} WHERE {paged}"  # noqa: S608 (as above)
        f" ORDER BY d.created DESC, {ties} DESC LIMIT ? OFFSET ?",
        tuple(values),
    )


def _condition(alias: str, name: str, part: OneOf | Range) -> tuple[str, list[object]]:
    named = f"{alias}.field = ?"
    if isinstance(part, Range):
        return f"{named} AND {alias}.value BETWEEN ? AND ?", [name, part.low, part.high]
    if len(part.values) == 1:
        return f"{named} AND {alias}.value = ?", [name, part.values[0]]
    return f"{named} AND {alias}.value IN ({_marks(part.values)})", [name, *part.values]


def _action_condition(actions: ActionFilter) -> tuple[str, list[object]]:
    parts = ["1"]
    values: list[object] = []
    for column, wanted in (("type", actions.types), ("performer", actions.performers)):
        if wanted is not None:
            parts.append(f"a.{column} IN ({_marks(wanted)})")
            values += wanted
    if actions.at:
        parts.append("a.at BETWEEN ? AND ?")
        values += [actions.at.low, actions.at.high]
    return " AND ".join(parts), values


def _marks(values: tuple[object, ...]) -> str:
    return ",".join("?" * len(values))


def _yields_twice(part: OneOf | Range) -> bool:
    return isinstance(part, Range) or len(part.values) > 1


def _weight(name: str, part: OneOf | Range, store: Store) -> int:
    """Return how many index rows a filter reads, at most ``_MANY``."""
    condition, values = _condition("d", name, part)
    return _rows(f"lead_values d WHERE {condition}", values, store)


def _action_weight(condition: str, values: list[object], store: Store) -> int:
    return _rows(f"actions a WHERE {condition}", values, store)


def _rows(tail: str, values: list[object], store: Store) -> int:
    row = store.connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM {tail} LIMIT {_MANY})", values)  # noqa: S608 (as above)
    return int(row.fetchone()[0])
