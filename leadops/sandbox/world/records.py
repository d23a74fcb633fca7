"""Leads and actions as the store keeps them, and how their values are looked up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leadops.sandbox.world.definition import Kind


@dataclass(frozen=True, slots=True)
class Lead:
    """A stored lead. Times are epoch milliseconds; ``fields`` holds neither times nor the id."""

    seq: int
    id: str
    created: int
    modified: int
    captures: int
    deleted: bool
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Action:
    """An entry of a timeline; ``type`` of a custom action is the bare code, ``detail`` the rest of its body."""

    seq: int
    id: str
    lead: int
    type: str
    performer: str
    at: int
    modified: int
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead to be stored; without an id it gets one."""

    fields: Mapping[str, object]
    created: int
    modified: int
    id: str = ""


@dataclass(frozen=True, slots=True)
class NewAction:
    """An entry to be put on a timeline; without an id it gets one."""

    lead: int
    type: str
    at: int
    performer: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    id: str = ""


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumps(value: object) -> str:
    """Return the compact JSON text of ``value``."""
    return _ENCODER.encode(value)


def search_key(value: object) -> str:
    """Return the form in which search compares a value that is no date: exact but for the case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).casefold()


def index_entries(lead: Lead, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, object]]:
    """Yield the (field, value) pairs by which search finds ``lead``. Dates are numbers, the rest is text."""
    yield "modified_on", lead.modified
    for name, value in lead.fields.items():
        if kinds.get(name) is Kind.DATE:
            yield name, value
        elif isinstance(value, list):
            yield from ((name, search_key(one)) for one in value)
        else:
            yield name, search_key(value)
        if kinds.get(name) is Kind.STATUS:
            yield f"{name}:exact", value


def to_lead(row: tuple[int, str, int, int, int, int, str]) -> Lead:
    """Return the lead that a row of the table ``leads`` holds."""
    seq, lead_id, created, modified, captures, deleted, doc = row
    return Lead(seq, lead_id, created, modified, captures, bool(deleted), json.loads(doc))


def to_action(row: tuple[int, str, int, str, str, int, int, str]) -> Action:
    """Return the action that a row of the table ``actions`` holds."""
    seq, action_id, lead, kind, performer, at, modified, doc = row
    return Action(seq, action_id, lead, kind, performer, at, modified, json.loads(doc))
