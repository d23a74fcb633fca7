"""The service's rows as leadops' own: tolerant of every spelling that was seen (docs/api.md §5.2, §5.4, §8.3)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from leadops.crm.flaws import Ambiguous, flaw_of, mended
from leadops.crm.strict_json import MalformedError
from leadops.model.lead import Lead, TimelineAction
from leadops.model.values import Value, is_missing

ASSIGNEE = "assignee"
"""The API name under which the assignee is written and searched; rows say ``employeeid``."""
_IDS = ("id", "_id", "lead_id", "leadId")
_ACTION_IDS = ("id", "_id", "action_id", "actionId")
_OWN_KEYS = frozenset(
    {
        *_ACTION_IDS,
        "type",
        "creationTimestamp",
        "modificationTimestamp",
        "employeeid",
        "fields",
        "lead_id",
        "leadId",
    }
)


def to_value(raw: Any) -> Value:
    """Return a JSON value as a field's value; an object or a list of anything but tags stays readable as text."""
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list() | tuple():
            return tuple(_tag(one) for one in raw)
        case _:
            return json.dumps(raw, ensure_ascii=False, sort_keys=True)


def _tag(raw: Any) -> str:
    if isinstance(raw, Mapping):
        return _tag(
            next((raw[key] for key in ("label", "name", "value", "email") if key in raw), str(dict(raw)))
        )
    return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)


def _id(raw: Any) -> Any:
    if isinstance(raw, Mapping):
        raw = raw.get("$oid")
    return str(raw).strip() or None if isinstance(raw, str | int) and not isinstance(raw, bool) else None


def _millis(raw: Any) -> Any:
    if isinstance(raw, bool):
        return None
    try:
        return round(float(raw))
    except (TypeError, ValueError, OverflowError):
        return None


def _mapping(raw: Any) -> Any:
    return {} if raw is None or raw == [] else raw


Shape = TypeVar("Shape", bound=BaseModel)
Id = Annotated[str | None, BeforeValidator(_id)]
Millis = Annotated[int | None, BeforeValidator(_millis)]
Fields = Annotated[dict[str, Any], BeforeValidator(_mapping)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ActionRow(_Shape):
    """An entry of a timeline; payments, notes and calls keep their values beside ``type``."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: Annotated[str, Field(coerce_numbers_to_str=True)]
    creationTimestamp: Millis = None  # noqa: N815 (the service's spelling)
    employeeid: Any = None
    fields: Fields = Field(default_factory=dict)

    @property
    def lead_id(self) -> str | None:
        """Whose action it is, where it says so."""
        return _first_id(self.model_extra or {}, ("lead_id", "leadId"))

    def to_action(self) -> TimelineAction:
        """Return it in leadops' form."""
        extra = self.model_extra or {}
        beside = {key: to_value(raw) for key, raw in extra.items() if key not in _OWN_KEYS}
        fields = beside | {key: to_value(raw) for key, raw in self.fields.items()}
        duration = fields.get("duration")
        if isinstance(duration, int | float) and duration < 0:  # -1: attempted, not connected
            fields["duration"] = 0
        at_ms = self.creationTimestamp
        return TimelineAction(
            id=_first_id(extra, _ACTION_IDS),
            type=self.type.removeprefix("ACTION_"),
            at_ms=at_ms,
            performer=self.employeeid.strip() if isinstance(self.employeeid, str) else "",
            fields=fields,
        )


class LeadRow(_Shape):
    """A row of a search, or the body of a lead's read."""

    id: Id = None
    fields: Fields = Field(default_factory=dict)
    status: Any = None
    rating: Any = None
    employeeid: Any = None
    lost_reason: Any = Field(default=None, alias="lostReasonid")
    actions: Any = None

    @model_validator(mode="before")
    @classmethod
    def _find_id(cls, raw: Any) -> Any:
        return {**raw, "id": _first_id(raw, _IDS)} if isinstance(raw, Mapping) else raw

    def to_lead(self, lead_id: str | None = None) -> Lead:
        """Return it in leadops' form, without the timeline; ``lead_id`` is the id it was asked by."""
        fields = to_fields(self.fields)
        for name, beside in (
            ("status", self.status),
            ("rating", self.rating),
            (ASSIGNEE, self.employeeid),
        ):
            if not is_missing(beside):
                fields[name] = to_value(beside)
        if not is_missing(self.lost_reason) and is_missing(fields.get("lost_reason")):
            fields["lost_reason"] = to_value(self.lost_reason)
        return Lead(lead_id or self.id, fields)


class ListReply(_Shape):
    """A page of anything."""

    data: list[Any]
    total_count: Annotated[int, Field(ge=0)] | None = None


def shallow(shape: type[Shape], raw: Any) -> Shape:
    """Return ``raw`` as ``shape``; what stands in its lists and objects is not looked at.

    Raises:
        MalformedError: it is not of that shape.
    """
    if isinstance(raw, Ambiguous):
        raise MalformedError("/: a key stands twice in one object")
    plain = raw
    if isinstance(raw, Mapping):
        plain = {
            key: value if isinstance(value, list | Mapping) else mended(value) for key, value in raw.items()
        }
    return _validated(shape, plain)


def to_row(raw: Any, place: str) -> Lead:
    """Return a search's row as a lead; one that cannot be relied on is ``unreadable``, with what of it can be read.

    ``place`` names the row where nothing in it does.
    """
    flaw, plain = flaw_of(raw), mended(raw)
    try:
        lead = read_as(LeadRow, plain).to_lead()
    except MalformedError as error:
        flaw = flaw or str(error)
        lead = Lead(_first_id(plain, _IDS) if isinstance(plain, Mapping) else None)
    if not flaw and lead.id is None and not lead.fields:
        flaw = "/: it tells neither an id nor a field"
    return replace(lead, unreadable=f"{place}, {flaw}") if flaw else lead


class UpdateReply(_Shape):
    """What an update echoes."""

    lead_id: Id = None
    fields: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _find_id(cls, raw: Any) -> Any:
        return {**raw, "lead_id": _first_id(raw, _IDS)} if isinstance(raw, Mapping) else raw


class EntryRow(_Shape):
    """The verdict on one action."""

    action_id: Id = None
    status: str


class RemarkRow(_Shape):
    """What the service ignored, and why."""

    field: str = ""
    status: str = ""
    remark: str = ""


class WriteReply(_Shape):
    """What a create or an append answers."""

    lead_id: Id = None
    actions: list[EntryRow] | None = None
    remarks: list[RemarkRow] | None = None

    @model_validator(mode="before")
    @classmethod
    def _find_id(cls, raw: Any) -> Any:
        return {**raw, "lead_id": _first_id(raw, ("lead_id", "leadId"))} if isinstance(raw, Mapping) else raw


def to_fields(raw: Mapping[str, Any]) -> dict[str, Value]:
    """Return a lead's fields with the assignee under the name by which it is written."""
    fields = {name: to_value(value) for name, value in raw.items() if name != "employeeid"}
    if "employeeid" in raw and (is_missing(fields.get(ASSIGNEE)) or not is_missing(raw["employeeid"])):
        fields[ASSIGNEE] = to_value(raw["employeeid"])
    return fields


def to_actions(rows: Iterable[Mapping[str, Any]]) -> list[TimelineAction]:
    """Return timeline rows in leadops' form, in their order.

    Raises:
        MalformedError: a row is none.
    """
    return [read_as(ActionRow, row).to_action() for row in rows]


def read_as(shape: type[Shape], raw: Any) -> Shape:
    """Return ``raw`` as ``shape``.

    Raises:
        MalformedError: it is not of that shape, or holds what cannot be read; names the place as a JSON pointer.
    """
    if flaw := flaw_of(raw):
        raise MalformedError(flaw)
    return _validated(shape, raw)


def _validated(shape: type[Shape], raw: Any) -> Shape:
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        pointer = "".join(f"/{part}" for part in first["loc"]) or "/"
        raise MalformedError(f"{pointer}: {first['msg']}") from None


def _first_id(raw: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((found for found in (_id(raw.get(name)) for name in names) if found), None)
