"""The lead search: what a body means."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadops.sandbox.api.replies import RefusalError, bad_request
from leadops.sandbox.world.definition import Kind
from leadops.sandbox.world.records import search_key
from leadops.sandbox.world.values import Rules, phone_digits

_FAR = 2**62
_MOST_VALUES = 10_000
"""What SQLite takes as parameters in any case."""


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of ``values``, as the index holds them."""

    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ActionFilter:
    """One action that meets all of this; None is no restriction."""

    types: tuple[str, ...] | None
    performers: tuple[str, ...] | None
    at: Range | None


@dataclass(frozen=True, slots=True)
class Query:
    """A search body, understood. ``nothing`` is True when no lead can match."""

    fields: tuple[tuple[str, OneOf | Range], ...]
    created: Range | None
    actions: ActionFilter | None
    nothing: bool = False


def read_query(body: object, rules: Rules) -> Query:
    """Return what a search body asks for.

    Raises:
        RefusalError: 400 for a body outside the grammar; 500 for the combination that breaks the service.
    """
    if body is None:
        body = {}
    if not isinstance(body, dict) or not set(body) <= {"fields", "actions"}:
        raise bad_request("Invalid filter")
    fields = body.get("fields", {})
    if not isinstance(fields, dict):
        raise bad_request("Invalid filter")
    status = fields.get("status")
    if "assignee" in fields and isinstance(status, list) and rules.switches["assignee_status_list"] == "500":
        raise RefusalError(500, "INTERNAL_SERVER_ERROR", "Something went wrong")
    created: Range | None = None
    read: list[tuple[str, OneOf | Range]] = []
    nothing = False
    for name, value in fields.items():
        part = _field_filter(name, value, rules)
        if part is None:
            continue
        if isinstance(part, OneOf) and not part.values:
            nothing = True
        elif name != "created_on":
            read.append((_indexed(name, rules), part))
        elif isinstance(part, Range):
            created = part
        else:
            moments = [moment for moment in part.values if isinstance(moment, int)]
            if len(moments) != 1:
                raise bad_request("Invalid filter")
            created = Range(moments[0], moments[0])
    actions = _action_filter(body["actions"], rules) if "actions" in body else None
    if actions is not None and (actions.types == () or actions.performers == ()):
        nothing = True
    return Query(tuple(read), created, actions, nothing)


def _field_filter(name: str, value: object, rules: Rules) -> OneOf | Range | None:
    field = rules.workspace.field(name)
    kind = Kind.DATE if name in {"created_on", "modified_on"} else field.kind if field else None
    if kind is None:
        scalars(value, rules)
        return _by_switch(rules, "unknown_filter", OneOf(()))
    if isinstance(value, dict):
        if kind is not Kind.DATE:
            raise bad_request("Invalid filter")
        window = read_range(value, rules)
        if name == "modified_on":
            return _by_switch(rules, "modified_on_filter", window)
        return window if name == "created_on" else _by_switch(rules, "custom_date_range", window)
    wanted = scalars(value, rules)
    if wanted is None:
        return None
    if kind is Kind.DATE:
        moments = [rules.instant(one) for one in wanted]
        if None in moments:
            raise bad_request("Invalid filter")
        found = OneOf(tuple(moments))
        return _by_switch(rules, "modified_on_filter", found) if name == "modified_on" else found
    if kind is Kind.STATUS and rules.switches["status_case"] == "sensitive":
        return OneOf(tuple(dict.fromkeys(one for one in wanted if isinstance(one, str))))
    keys = [search_key(one) for one in wanted]
    if kind is Kind.PHONE and rules.switches["phone_search"] == "normalised":
        keys = [phone_digits(key, rules.workspace.country_code) or key for key in keys]
    return OneOf(tuple(dict.fromkeys(keys)))


def _indexed(name: str, rules: Rules) -> str:
    field = rules.workspace.field(name)
    exact = field is not None and field.kind is Kind.STATUS and rules.switches["status_case"] == "sensitive"
    return f"{name}:exact" if exact else name


def _by_switch(rules: Rules, switch: str, works: OneOf | Range | None) -> OneOf | Range | None:
    position = rules.switches[switch]
    if position == "400":
        raise bad_request("Invalid filter")
    return None if position == "ignored" else works


def scalars(value: object, rules: Rules) -> list[str | int | float | bool] | None:
    """Return the values of a filter that is a scalar or a list of them; None when it is no filter at all.

    Raises:
        RefusalError: 400 for anything else, and for a list beyond the cap.
    """
    given = value if isinstance(value, list) else [value]
    values = [one for one in given if isinstance(one, str | int | float | bool)]
    if len(values) != len(given):
        raise bad_request("Invalid filter")
    cap = rules.switches["filter_cap"]
    if len(values) > (_MOST_VALUES if cap == "none" else int(cap)):
        raise bad_request("Invalid filter")
    return None if not values and rules.switches["empty_list"] == "all" else values


def read_range(value: object, rules: Rules) -> Range | None:
    """Return the window that ``{from, to}`` means; None when it is no restriction.

    Raises:
        RefusalError: 400 for anything else, or a time that is none.
    """
    if not isinstance(value, dict) or not set(value) <= {"from", "to"}:
        raise bad_request("Invalid filter")
    if len(value) == 1:
        position = rules.switches["half_open"]
        if position == "400":
            raise bad_request("Invalid filter")
        if position == "ignored":
            return None
    ends = {key: rules.instant(one) for key, one in value.items()}
    if None in ends.values():
        raise bad_request("Invalid filter")
    if not ends:
        return None
    low, high = ends.get("from"), ends.get("to")
    if high is not None and rules.switches["range_end"] == "exclusive":
        high -= 1
    return Range(-_FAR if low is None else low, _FAR if high is None else high)


def _action_filter(value: object, rules: Rules) -> ActionFilter | None:
    if not isinstance(value, dict) or not set(value) <= {"type", "performed_by", "performed_at"}:
        raise bad_request("Invalid filter")
    types = _texts(value, "type", rules)
    performers = _texts(value, "performed_by", rules)
    at = read_range(value["performed_at"], rules) if "performed_at" in value else None
    if performers is not None:
        performers = tuple(one.strip().lower() for one in performers)
    return ActionFilter(types, performers, at)


def _texts(value: Mapping[str, object], key: str, rules: Rules) -> tuple[str, ...] | None:
    if key not in value:
        return None
    wanted = scalars(value[key], rules)
    if wanted is None:
        return None
    if not all(isinstance(one, str) for one in wanted):
        raise bad_request("Invalid filter")
    return tuple(dict.fromkeys(one for one in wanted if isinstance(one, str)))
