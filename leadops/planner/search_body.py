"""Search bodies: filters and one activity written as the service wants them (docs/api.md §6).

One logical search may be several bodies: the service breaks on assignee together with a list of statuses, and how
long a list may be is unknown.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from leadops.model.predicate import Activity
from leadops.model.query import Body
from leadops.model.schema import FieldType, Schema
from leadops.planner.filters import AnyOf, Between, Filter, intersection, is_empty

LIST = 50
"""The most values in one list; whether the service caps lists is unknown (docs/api.md §2)."""


@dataclass(frozen=True, slots=True)
class Search:
    """A logical search: filters by API name, and one activity at most."""

    fields: Mapping[str, Filter] = field(default_factory=dict)
    activity: Activity | None = None

    @property
    def empty(self) -> bool:
        """Whether no lead can match."""
        return any(is_empty(one) for one in self.fields.values())

    @property
    def everything(self) -> bool:
        """Whether it finds every lead of the workspace."""
        return not self.fields and self.activity is None


def bodies(search: Search, schema: Schema, longest: int = LIST) -> tuple[Body, ...]:
    """Return the bodies whose results together are those of ``search``; none when no lead can match."""
    if search.empty:
        return ()
    single = _status_field(search, schema)
    choices: list[list[tuple[str, Any]]] = []
    for name, one in search.fields.items():
        if isinstance(one, Between):
            start = max(0, one.start_ms) if name == "created_on" else one.start_ms
            choices.append([(name, {"from": start, "to": one.end_ms})])
            continue
        size = 1 if name == single else longest
        parts = [one.values[i : i + size] for i in range(0, len(one.values), size)]
        choices.append([(name, part[0] if len(part) == 1 else list(part)) for part in parts])
    block = activity_block(search.activity) if search.activity else None
    made: list[Body] = []
    for combination in product(*choices):
        body: dict[str, Any] = {}
        if combination:
            body["fields"] = dict(combination)
        if block is not None:
            body["actions"] = block
        made.append(body)
    return tuple(made)


def activity_block(term: Activity) -> dict[str, Any]:
    """Return the ``actions`` part that finds leads with one action of ``term``; ``having`` cannot be said."""
    block: dict[str, Any] = {"type": _scalar_or_list(term.types)}
    if term.by:
        block["performed_by"] = _scalar_or_list(term.by)
    if term.window:
        block["performed_at"] = {"from": term.window.start_ms, "to": term.window.end_ms - 1}
    return block


def frozen(body: Body, until_ms: int) -> Body:
    """Return ``body`` cut to leads created up to ``until_ms``, so that new leads do not shift its pages."""
    fields = dict(body.get("fields", {}))
    window = fields.get("created_on")
    if isinstance(window, dict):
        fields["created_on"] = {"from": window["from"], "to": min(window["to"], until_ms)}
    else:
        fields["created_on"] = {"from": 0, "to": until_ms}
    return {**body, "fields": fields}


def spelled(body: Body) -> str:
    """Return ``body`` in one canonical text: equal texts mean equal searches."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def with_filter(search: Search, name: str, one: Filter) -> Search | None:
    """Return ``search`` narrowed by a filter; None when one search cannot say both."""
    before = search.fields.get(name)
    if before is None:
        return Search({**search.fields, name: one}, search.activity)
    both = intersection(before, one)
    return None if both is None else Search({**search.fields, name: both}, search.activity)


def _status_field(search: Search, schema: Schema) -> str | None:
    """Return the field whose list must be split value by value: the status, beside an assignee."""
    if "assignee" not in search.fields:
        return None
    for name, one in search.fields.items():
        declared = schema.field(name)
        is_status = declared.type is FieldType.STATUS if declared else name == "status"
        if is_status and isinstance(one, AnyOf) and len(one.values) > 1:
            return name
    return None


def _scalar_or_list(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
