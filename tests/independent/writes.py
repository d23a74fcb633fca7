"""Creates, updates and appends, with the service's silences (docs/api.md §5.1, §5.3, §5.5, §5.7 and §11)."""

from tests.independent.definitions import CUSTOM_ACTIONS
from tests.independent.replies import Refusal, Reply, action_body, lead_fields
from tests.independent.values import Dropped, Invalid, accept, payment_fault

_NOT_WRITABLE = "Only custom actions and payment actions can be created"


def create_lead(world, body, now, switches):
    """POST /lead."""
    fields = body.get("fields")
    if set(body) - {"fields", "actions"} or not isinstance(fields, dict):
        raise Refusal(400, switches.lead_error_code, "fields is required")
    actions = _list_of_actions(body.get("actions", []), switches)
    try:
        phone = accept("PHONE", fields.get("phone"), world)
    except (Invalid, Dropped):
        raise Refusal(400, switches.lead_error_code, "Lead identifier phone is missing or invalid") from None
    if world.by_phone(phone):
        raise Refusal(409, "LEAD_ALREADY_EXISTS", "A lead with this identifier already exists")
    kept, remarks = _take_fields(world, fields, switches)
    lead = world.add(world.tick(now), **{"status": "Fresh", **kept})
    done, said = _append(world, lead, actions, now)
    reply = {"lead_id": lead.id, "actions": done, "remarks": remarks + said}
    return Reply(201, reply)


def update_lead(world, lead, body, now, switches):
    """POST /lead/{id}: all or nothing, but unknown statuses, names and members vanish in silence."""
    fields = body.get("fields")
    if not isinstance(fields, dict):
        raise Refusal(400, switches.lead_error_code, "fields is required")
    if "phone" in fields:
        raise Refusal(403, "INVALID_LEAD", "Cannot modify lead identifier field")
    kept = {}
    for name, value in fields.items():
        if name not in world.types or name in world.locked:
            continue
        try:
            kept[name] = accept(world.types[name], value, world, world.options.get(name))
        except Dropped:
            continue
        except Invalid as error:
            raise Refusal(400, switches.lead_error_code, str(error)) from None
    if switches.tags == "append" and "interests" in kept:
        kept["interests"] = list(dict.fromkeys([*lead.fields.get("interests", []), *kept["interests"]]))
    at = world.tick(now)
    if "assignee" in kept and kept["assignee"] != lead.fields.get("assignee"):
        world.log(lead, "LEAD_ASSIGNMENT", at, "", assignedto=kept["assignee"], reassignmentNote="")
    lead.fields.update(kept)
    lead.modified = at
    return Reply(200, {"fields": lead_fields(lead)})


def append_actions(world, lead, body, now, switches):
    """POST /lead/{id}/action."""
    actions = _list_of_actions(body.get("actions"), switches)
    if set(body) != {"actions"} or not actions:
        raise Refusal(400, "BAD_REQUEST", "actions is required")
    done, remarks = _append(world, lead, actions, now)
    return Reply(200, {"lead_id": lead.id, "actions": done, "remarks": remarks})


def update_action(world, entry, body, now):
    """POST /lead/{id}/action/{actionId}."""
    if body.get("type") != entry.type:
        raise Refusal(400, "BAD_REQUEST", "Action type does not match")
    if entry.type == "PAYMENT":
        if {"amount", "currency", "paymentid"} & set(body):
            raise Refusal(
                400,
                "BAD_REQUEST",
                "Cannot update amount, currency, or paymentid fields for existing payment action.",
            )
        if fault := payment_fault({**entry.extra, "status": body.get("status")}):
            raise Refusal(400, "BAD_REQUEST", fault[1])
        entry.extra["status"] = body["status"]
    else:
        kept, faults = _action_fields(world, entry.type, body.get("fields"))
        if faults:
            raise Refusal(400, "BAD_REQUEST", faults[0][1])
        entry.fields = {**(entry.fields or {}), **kept}
    entry.modified = world.tick(now)
    return Reply(200, action_body(entry))


def upsert(world, body, now):
    """Do what the async API does with a body, some time after it said QUEUED; what is wrong vanishes."""
    fields = body.get("fields")
    if not isinstance(fields, dict):
        return
    try:
        phone = accept("PHONE", fields.get("phone"), world)
    except (Invalid, Dropped):
        return
    kept, _ = _take_fields(world, fields, None)
    lead = world.by_phone(phone)
    if lead is None:
        lead = world.add(world.tick(now), **{"status": "Fresh", **kept})
    else:
        lead.fields.update({k: v for k, v in kept.items() if k not in world.locked})
        lead.modified = world.tick(now)
    actions = []
    for action in body.get("actions", []):
        kind = action.get("type") if isinstance(action, dict) else None
        if kind == "PAYMENT":
            actions.append(action)
        elif (
            isinstance(kind, str)
            and kind.startswith("ACTION_")
            and kind.removeprefix("ACTION_") in CUSTOM_ACTIONS
        ):
            actions.append({**action, "type": kind.removeprefix("ACTION_")})
    _append(world, lead, actions, now)


def _take_fields(world, fields, switches):
    kept, remarks = {}, []
    for name, value in fields.items():
        if name not in world.types:
            if switches is None or switches.unknown_field_remark:
                remarks.append(_remark(f"fields.{name}", "Field does not exist"))
            continue
        try:
            kept[name] = accept(world.types[name], value, world, world.options.get(name))
        except (Invalid, Dropped) as error:
            remarks.append(_remark(f"fields.{name}", str(error)))
    return kept, remarks


def _list_of_actions(actions, switches):
    """Return the actions of a sync call; one of a type that cannot be created refuses the whole call."""
    if not isinstance(actions, list) or not all(isinstance(one, dict) for one in actions):
        raise Refusal(400, "BAD_REQUEST", "actions must be a list")
    for action in actions:
        kind = action.get("type")
        prefixed = isinstance(kind, str) and kind.removeprefix("ACTION_") in CUSTOM_ACTIONS
        dropped = prefixed and kind.startswith("ACTION_") and switches.prefixed_create == "dropped"
        if kind != "PAYMENT" and kind not in CUSTOM_ACTIONS and not dropped:
            raise Refusal(400, "BAD_REQUEST", _NOT_WRITABLE)
    return actions


def _append(world, lead, actions, now):
    done, remarks = [], []
    for index, action in enumerate(actions):
        kind = action["type"]
        if kind.startswith("ACTION_"):
            faults, kept, extra = [("type", "Action type does not exist")], None, {}
        elif kind == "PAYMENT":
            fault = payment_fault(action)
            faults, kept = ([fault] if fault else []), None
            extra = {k: action.get(k) for k in ("status", "currency", "amount")}
        else:
            kept, faults = _action_fields(world, kind, action.get("fields"))
            faults, extra = [(f"fields.{key}", text) for key, text in faults], {}
        if faults:
            remarks += [_remark(f"actions[{index}].{key}", text) for key, text in faults]
            done.append({"action_id": None, "status": "IGNORED"})
            continue
        entry = world.log(lead, kind, world.tick(now), "", kept, **extra)
        done.append({"action_id": entry.id, "status": "CREATED"})
    return done, remarks


def _action_fields(world, code, fields):
    """Return (accepted fields, [(key, remark)]) of a custom action."""
    if not isinstance(fields, dict):
        return {}, [("", "fields is required")]
    schema, kept, faults = CUSTOM_ACTIONS[code][1], {}, []
    for key, value in fields.items():
        if key not in schema:
            faults.append((key, "Field does not exist"))
            continue
        try:
            kept[key] = accept(schema[key]["type"], value, world, world.action_options.get((code, key)))
        except (Invalid, Dropped) as error:
            faults.append((key, str(error)))
    return kept, faults


def _remark(path, text):
    return {"field": path, "status": "IGNORED", "remark": text}
