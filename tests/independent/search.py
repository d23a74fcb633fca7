"""What a search body selects (docs/api.md §5.8 and §6)."""

from tests.independent.replies import Refusal
from tests.independent.values import Invalid, date_ms, phone_digits

_ACTION_KEYS = {"type", "performed_by", "performed_at"}


def search_leads(world, body, switches):
    """Return the leads that ``body`` selects, newest first.

    Raises:
        Refusal: 400 for a malformed body, 500 for the combination that breaks the service.
    """
    if set(body) - {"fields", "actions"}:
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    fields = body.get("fields", {})
    actions = body.get("actions")
    if not isinstance(fields, dict) or (actions is not None and not isinstance(actions, dict)):
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    if (
        switches.assignee_with_statuses_fails
        and "assignee" in fields
        and isinstance(fields.get("status"), list)
    ):
        raise Refusal(500, "INTERNAL_SERVER_ERROR", "Something went wrong")
    tests = [_field_test(world, name, wanted, switches) for name, wanted in fields.items()]
    if actions:
        tests.append(_actions_test(actions))
    return [lead for lead in world.alive() if all(test(lead) for test in tests)]


def search_actions(lead, body, switches):
    """Return the entries of a timeline that ``body`` selects, newest first.

    Raises:
        Refusal: 400 for a malformed body.
    """
    if set(body) - {"type", "created_on", "performed_by"}:
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    types = body.get("type")
    if (
        types is not None
        and not isinstance(types, str)
        and not (switches.action_type_list and isinstance(types, list))
    ):
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    wanted = None if types is None else set(_strings(types))
    people = (
        None if "performed_by" not in body else {one.casefold() for one in _strings(body["performed_by"])}
    )
    low, high = _range(body["created_on"]) if "created_on" in body else (float("-inf"), float("inf"))
    return [
        entry
        for entry in reversed(lead.timeline)
        if (wanted is None or entry.type in wanted)
        and (people is None or entry.by.casefold() in people)
        and low <= entry.at <= high
    ]


def _field_test(world, name, wanted, switches):
    if name in ("created_on", "modified_on"):
        if name == "modified_on" and switches.modified_on != "works":
            return _unsupported(switches.modified_on)
        low, high = _range(wanted)
        return lambda lead: low <= (lead.created if name == "created_on" else lead.modified) <= high
    kind = world.types.get(name)
    if kind is None:
        return _unsupported(switches.unknown_filter)
    if isinstance(wanted, dict):
        if kind != "DATE":
            raise Refusal(400, "BAD_REQUEST", "Invalid filter")
        low, high = _range(wanted)
        return lambda lead: name in lead.fields and low <= lead.fields[name] <= high
    options = wanted if isinstance(wanted, list) else [wanted]
    if not options or any(one is None or isinstance(one, dict | list | bool) for one in options):
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    exact = kind == "STATUS" and switches.status_case
    if kind == "PHONE" and switches.phone_search == "normalised":
        options = [_spelled(one) for one in options]
    folded = {_fold(one, exact=exact) for one in options}

    def test(lead):
        value = lead.fields.get(name)
        if value is None:
            return False
        return any(
            _fold(one, exact=exact) in folded for one in (value if isinstance(value, list) else [value])
        )

    return test


def _unsupported(mode):
    if mode == "refused":
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    return lambda _lead: mode == "ignored"


def _actions_test(actions):
    if set(actions) - _ACTION_KEYS:
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    types = set(_strings(actions["type"])) if "type" in actions else None
    people = (
        {one.casefold() for one in _strings(actions["performed_by"])} if "performed_by" in actions else None
    )
    low, high = (
        _range(actions["performed_at"]) if "performed_at" in actions else (float("-inf"), float("inf"))
    )

    def test(lead):
        return any(
            (types is None or entry.type in types)
            and (people is None or entry.by.casefold() in people)
            and low <= entry.at <= high
            for entry in lead.timeline
        )

    return test


def _strings(value):
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) for one in values):
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    return values


def _range(value):
    """Return a range's two inclusive bounds; a half-open one is refused (docs/api.md §6: never seen to work)."""
    if not isinstance(value, dict) or set(value) != {"from", "to"}:
        raise Refusal(400, "BAD_REQUEST", "Invalid filter")
    try:
        return date_ms(value["from"]), date_ms(value["to"])
    except Invalid:
        raise Refusal(400, "BAD_REQUEST", "Invalid filter") from None


def _spelled(value):
    try:
        return phone_digits(value)
    except Invalid:
        return value


def _fold(value, *, exact):
    return value.casefold() if isinstance(value, str) and not exact else value
