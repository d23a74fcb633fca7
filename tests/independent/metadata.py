"""The metadata and team-member endpoints (docs/api.md §9 and §10)."""

import re

from tests.independent.definitions import CUSTOM_ACTIONS, ENTERPRISE, FIELDS, STAGES, Member
from tests.independent.replies import Refusal, Reply

_ROLES = ("ADMIN", "MANAGER", "CALLER", "MARKETING_USER")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def workspace(world, switches):
    """GET /metadata."""
    return Reply(
        200,
        {
            "name": "Independent Homes",
            "id": ENTERPRISE,
            "creationTimeStamp": world.built_ms - 900 * 86_400_000,
            "teamSize": "10-50",
            "industry": "Real estate",
            "website": "https://homes.example.com",
            "leadIdentifierFieldId": _field_id(1) if switches.identifier_by_id else "phone",
            "integrations": ["WHATSAPP"],
        },
    )


def fields(world, switches, *, detail):
    """GET /custom-fields."""
    shown = [
        (n, one)
        for n, one in enumerate(FIELDS)
        if switches.metadata_fields == "all"
        or one.name not in ("rating", "status", "assignee", "lost_reason")
    ]
    return Reply(200, {"customFields": [_field(world, n, one, detail=detail) for n, one in shown]})


def field(world, name):
    """GET /custom-fields/{apiName}."""
    for n, one in enumerate(FIELDS):
        if one.name == name:
            return Reply(200, _field(world, n, one, detail=True))
    raise Refusal(404, "NOT_FOUND", f"Could not find custom field with apiName {name}")


def actions(world, *, detail):
    """GET /custom-actions."""
    own = [_action(world, code, detail=detail) for code in CUSTOM_ACTIONS]
    built_in = {"code": "ACTION_1", "displayName": "Note", "score": 0, "source": "SYSTEM"}
    if detail:
        built_in |= {"id": "a" * 24, "description": "", "fieldSchema": {}, "displaySchema": {}}
    return Reply(200, {"customActions": [*own, built_in]})


def action(world, code):
    """GET /custom-actions/{code}."""
    if code.removeprefix("ACTION_") not in CUSTOM_ACTIONS or not code.startswith("ACTION_"):
        raise Refusal(404, "NOT_FOUND", f"Custom action with code {code} was not found.")
    return Reply(200, {**_action(world, code.removeprefix("ACTION_"), detail=True), "icon": "pin"})


def pipeline(world, switches):
    """GET /lead-stage-pipeline."""
    numbers = {
        label: n + 1 for n, label in enumerate(s for _, active, old in STAGES for s in (*active, *old))
    }
    reasons = [
        {"reasonid": n + 1, "reasonLabel": r, "isDefault": n == 0} for n, r in enumerate(world.reasons)
    ]
    if switches.pipeline == "statuses":
        statuses = [
            {"statusid": numbers[label], "label": label, "stageType": kind, "color": "#AABBCC"}
            for kind, active, _ in STAGES
            for label in active
        ]
        return Reply(200, {"statuses": statuses, "lostReasons": reasons, "version": 3})
    stages = [
        {
            "stageid": f"s{n}",
            "stageType": kind,
            "visibility": True,
            "activeStatuses": [{"statusid": numbers[s], "label": s, "color": "#AABBCC"} for s in active],
            "archivedStatuses": [{"statusid": numbers[s], "label": s, "color": "#AABBCC"} for s in old],
        }
        for n, (kind, active, old) in enumerate(STAGES)
    ]
    return Reply(
        200,
        {
            "leadStages": stages,
            "activeLeadLostReasons": reasons,
            "archivedLeadLostReasons": [],
            "creationTimestamp": world.built_ms,
            "modificationTimestamp": world.built_ms,
            "lastModifiedBy": "agent@company.com",
            "version": 3,
        },
    )


def team(world, query, skip, limit):
    """GET /team-members."""
    shown = [one for one in world.members if query.get("includeDeleted") == "true" or one.status != "Deleted"]
    shown.sort(key=lambda one: one.name)
    rows = [_member(one) for one in shown[skip : skip + limit]]
    return Reply(200, {"data": rows, "total_count": len(shown), "skip": skip, "limit": limit})


def teammate(world, email, query):
    """GET /team-members/{email}."""
    if not _EMAIL.fullmatch(email):
        raise Refusal(400, "BAD_REQUEST", "Invalid email format")
    found = world.member(email, deleted=query.get("includeDeleted") == "true")
    if found is None:
        raise Refusal(404, "TEAM_MEMBER_NOT_FOUND", "Team member not found")
    return Reply(200, _member(found))


def invite(world, body):
    """POST /team-members."""
    faults = [{"field": k, "message": f"{k} is required"} for k in ("name", "email") if not body.get(k)]
    if body.get("role") not in _ROLES:
        faults.append({"field": "role", "message": f"Invalid role. Allowed roles: {', '.join(_ROLES)}"})
    if not re.fullmatch(r"[0-9]{11,15}", str(body.get("phone_number", ""))):
        faults.append({"field": "phone_number", "message": "Invalid phone_number format"})
    if faults:
        raise Refusal(400, "BAD_REQUEST", "Validation failed", faults)
    status = "Active" if body.get("password") else "INVITED"
    world.members.append(Member(body["name"], body["email"], status.capitalize(), body["phone_number"]))
    return Reply(201, {k: body[k] for k in ("name", "email", "phone_number", "role")} | {"status": status})


def change_state(world, body):
    """POST /teammember/state_change."""
    found = world.member(body.get("email"))
    if body.get("state") not in ("Active", "Inactive", "On Leave", "Working"):
        raise Refusal(400, "BAD_REQUEST", "Invalid state")
    if found is None:
        raise Refusal(404, "TEAM_MEMBER_NOT_FOUND", "Team member not found")
    found.status = body["state"]
    return Reply(200, {"email": found.email, "status": found.status})


def _member(one):
    licence = {"status": "ACTIVE", "type": "GROWTH", "start_date": "2026-01-01", "end_date": "2030-01-01"}
    return {
        "name": one.name,
        "email": one.email,
        "status": one.status,
        "phone_number": one.phone_number,
        "manager_name": "",
        "manager_email": "",
        "permission_template_name": "Caller",
        "license": None if one.status == "Deleted" else licence,
    }


def _field_id(n):
    return f"65f0c0ffee0badc0de1{n:05x}"


def _field(world, n, one, *, detail):
    shown = {
        "type": one.type,
        "apiName": one.name,
        "lockAfterCreate": one.locked,
        "isLeadid": one.name == "phone",
    }
    labels = world.options[one.name]
    if detail:
        shown |= {"id": _field_id(n), "description": one.description}
        if one.type == "DATE":
            shown["dateFormat"] = "dd/MM/yyyy"
    if labels:
        shown["options"] = (
            [{"id": f"o{k}", "label": label} for k, label in enumerate(labels)] if detail else labels
        )
    return shown


def _action(world, code, *, detail):
    title, schema = CUSTOM_ACTIONS[code]
    shown = {"code": f"ACTION_{code}", "displayName": title, "score": 10, "source": "USER"}
    if not detail:
        return shown
    own = {
        k: {**spec, "options": world.action_options[code, k]} if "options" in spec else spec
        for k, spec in schema.items()
    }
    return shown | {
        "id": f"65f0c0ffee0badc0de2{int(code):05x}",
        "description": title,
        "fieldSchema": own,
        "displaySchema": {},
        "allowPredatedActivity": {"enabled": False},
        "quickAdd": True,
        "definitionType": "USER_DEFINED",
        "createdOn": world.built_ms,
        "createdBy": "agent@company.com",
        "modifiedOn": world.built_ms,
        "modifiedBy": "agent@company.com",
    }
