"""The endpoints of team members."""

import re
from typing import cast, get_args

from leadops.sandbox.api.paging import page_of
from leadops.sandbox.api.replies import RefusalError, Reply, Request, bad_request
from leadops.sandbox.world.definition import Member, MemberStatus
from leadops.sandbox.world.world import World

ROLES = ("ADMIN", "MANAGER", "CALLER", "MARKETING_USER")
STATES = ("Active", "Inactive", "On Leave", "Working")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TRUTH = {"true": True, "false": False}
_PAGE = 10
"""The largest page of this list; other lists go up to 100."""


def _wants_deleted(request: Request) -> bool:
    wanted = request.query.get("includeDeleted", "false")
    if wanted not in _TRUTH:
        raise bad_request("includeDeleted should be true or false")
    return _TRUTH[wanted]


def list_members(world: World, request: Request) -> Reply:
    """GET /team-members: ascending by name, ten at most."""
    skip, limit = page_of(request.query, world.switches, most=_PAGE)
    deleted = _wants_deleted(request)
    shown = [one for one in world.rules.workspace.members if deleted or one.status != "Deleted"]
    shown.sort(key=lambda one: (one.name.casefold(), one.email))
    data = [_row(world, one) for one in shown[skip : skip + limit]]
    return Reply(200, {"data": data, "total_count": len(shown), "skip": skip, "limit": limit})


def get_member(world: World, request: Request) -> Reply:
    """GET /team-members/{email}: the case does not count, blanks do."""
    email = request.params["email"]
    if not _EMAIL.fullmatch(email):
        raise bad_request("Invalid email format")
    deleted = _wants_deleted(request)
    member = world.rules.workspace.member(email)
    if member is None or (member.status == "Deleted" and not deleted):
        raise RefusalError(404, "TEAM_MEMBER_NOT_FOUND", "Team member not found")
    return Reply(200, _row(world, member))


def _row(world: World, member: Member) -> dict[str, object]:
    manager = world.rules.workspace.member(member.manager)
    license_ = {"status": "ACTIVE", "type": "GROWTH", "start_date": "2024-04-01", "end_date": "2034-03-31"}
    return {
        "name": member.name,
        "email": member.email,
        "status": member.status,
        "phone_number": member.phone,
        "manager_name": manager.name if manager else "",
        "manager_email": member.manager,
        "permission_template_name": member.role.replace("_", " ").title(),
        "license": None if member.status == "Deleted" else license_,
    }


def create_member(world: World, request: Request) -> Reply:
    """POST /team-members."""
    body = request.body if isinstance(request.body, dict) else {}
    faults = [
        {"field": name, "message": f"{name} is required"}
        for name in ("name", "email", "phone_number", "role")
        if not isinstance(body.get(name), str) or not body[name].strip()
    ]
    faults += [
        {"field": name, "message": f"{name} is not known"}
        for name in sorted(set(body) - {"name", "email", "phone_number", "role", "password"})
    ]
    known = {fault["field"] for fault in faults}
    if "role" not in known and body["role"] not in ROLES:
        faults.append({"field": "role", "message": f"Invalid role. Allowed roles: {', '.join(ROLES)}"})
    if "phone_number" not in known and not re.fullmatch(r"[0-9]{11,15}", body["phone_number"]):
        faults.append({"field": "phone_number", "message": "Invalid phone_number format"})
    if "email" not in known and not _EMAIL.fullmatch(body["email"]):
        faults.append({"field": "email", "message": "Invalid email format"})
    if not isinstance(body.get("password", ""), str):
        faults.append({"field": "password", "message": "Invalid password format"})
    if faults:
        raise RefusalError(400, "BAD_REQUEST", "Validation failed", details=faults)
    workspace = world.rules.workspace
    if workspace.member(body["email"]) is not None:
        code = "TEAM_MEMBER_ALREADY_EXISTS" if world.switches["member_duplicate"] == "409" else "BAD_REQUEST"
        raise RefusalError(int(world.switches["member_duplicate"]), code, "Team member already exists")
    if sum(1 for one in workspace.members if one.status != "Deleted") >= workspace.seats:
        raise RefusalError(402, "BUY_LICENSE", "No free licence")
    status = "Active" if body.get("password") else world.switches["invited_spelling"]
    member = Member(
        name=body["name"],
        email=body["email"],
        phone=body["phone_number"],
        role=body["role"],
        status=cast("MemberStatus", status),
    )
    world.store.definition = workspace.with_member(member)
    return Reply(
        201,
        {
            "name": member.name,
            "email": member.email,
            "phone_number": member.phone,
            "role": member.role,
            "status": member.status,
        },
    )


def change_state(world: World, request: Request) -> Reply:
    """POST /teammember/state_change: one word, unlike the other paths."""
    body = request.body if isinstance(request.body, dict) else {}
    state, email = body.get("state"), body.get("email")
    if state not in STATES or not isinstance(email, str) or not set(body) <= {"state", "email"}:
        raise bad_request(f"state should be one of {', '.join(STATES)}, and email is required")
    assert state in get_args(MemberStatus)
    workspace = world.rules.workspace
    member = workspace.member(email)
    if member is None or member.status == "Deleted":
        status = int(world.switches["state_unknown_email"])
        code = "TEAM_MEMBER_NOT_FOUND" if status == 404 else "BAD_REQUEST"
        raise RefusalError(status, code, "Team member not found")
    world.store.definition = workspace.with_member(member.model_copy(update={"status": state}))
    return Reply(200, {"email": member.email, "status": state})
