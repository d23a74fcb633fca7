"""The endpoints of leads: create, read, update, search."""

import re
from typing import Any

from leadops.sandbox.api.paging import page_of
from leadops.sandbox.api.replies import RefusalError, Reply, Request, bad_request
from leadops.sandbox.api.rows import read_fields, search_row, timeline_row
from leadops.sandbox.api.search import read_query
from leadops.sandbox.api.statements import statements
from leadops.sandbox.api.writes import check_types, keep_action, keep_on_create, keep_on_update
from leadops.sandbox.world.definition import Kind
from leadops.sandbox.world.records import Lead, to_action
from leadops.sandbox.world.values import identifier_key
from leadops.sandbox.world.world import Entry, World

_TRUTH = {"true": True, "false": False}


def find(world: World, request: Request, message: str) -> Lead:
    """Return the lead that the path names.

    Raises:
        RefusalError: 404, or 400 for what is no id, by the switch malformed_id.
    """
    lead_id = request.params["lead_id"]
    if world.switches["malformed_id"] == "400" and not re.fullmatch(r"[0-9a-f]{24}", lead_id):
        raise bad_request("Invalid lead id")
    lead = world.store.lead(lead_id)
    if lead is None or (lead.deleted and world.switches["deleted_lead"] == "gone"):
        raise RefusalError(404, "LEAD_NOT_FOUND", message.format(lead_id))
    return lead


def create(world: World, request: Request) -> Reply:
    """POST /lead: not an upsert."""
    body = _written(world, request)
    actions = body.get("actions", [])
    if not isinstance(actions, list):
        raise _invalid(world, "actions must be a list")
    check_types(world, actions)
    workspace = world.rules.workspace
    identifier = workspace.field(workspace.identifier)
    assert identifier is not None
    key = identifier_key(identifier, body["fields"].get(identifier.name), workspace.country_code)
    if key is None:
        raise _invalid(world, f"Lead identifier {identifier.name} is missing or invalid")
    twin = world.store.lead_called(key)
    if twin is not None:
        named = {"lead_id": twin.id} if world.switches["conflict_id"] == "on" else None
        raise RefusalError(409, "LEAD_ALREADY_EXISTS", "Lead already exists", details=named)
    kept = keep_on_create(world, body["fields"])
    if identifier.kind is Kind.EMAIL:
        kept.fields[identifier.name] = key
    entries: list[Entry | None] = []
    for index, action in enumerate(actions):
        entry, remarks = keep_action(world, action, f"actions[{index}]")
        entries.append(entry)
        kept.remarks += remarks
    lead = world.new_lead(kept.fields)
    written = world.append(lead, entries)
    answer: dict[str, object] = {"lead_id": lead.id}
    whole = world.switches["empty_lists"] == "present"
    if written or whole:
        answer["actions"] = written
    if kept.remarks or whole:
        answer["remarks"] = kept.remarks
    return Reply(201, answer)


def _written(world: World, request: Request) -> dict[str, Any]:
    """Return the body of a create or an update; an update may carry actions, which are not looked at."""
    body = request.body
    if not isinstance(body, dict) or not isinstance(body.get("fields"), dict):
        raise _invalid(world, "fields is required")
    if not set(body) <= {"fields", "actions"}:
        raise _invalid(world, "only fields and actions are known")
    return body


def _invalid(world: World, message: str) -> RefusalError:
    return RefusalError(400, world.switches["validation_code"], message)


def read(world: World, request: Request) -> Reply:
    """GET /lead/{lead_id}: the fields, and on request a slice of the timeline."""
    lead = find(world, request, "The lead with ID {} was not found.")
    live = world.switches["get_body"] == "live"
    answer: dict[str, object] = {"id": lead.id} if live else {}
    answer["fields"] = read_fields(lead, world.switches)
    wanted = request.query.get("includeActions", "false")
    if wanted not in _TRUTH:
        raise bad_request("includeActions should be true or false")
    if not _TRUTH[wanted]:
        return Reply(200, answer)
    skip, limit = page_of(request.query, world.switches)
    order = "DESC" if world.switches["timeline_order"] == "newest" else "ASC"
    rows = world.store.connection.execute(
        "SELECT seq, id, lead, type, performer, at, modified, doc FROM actions WHERE lead = ?"  # noqa: S608 (order is one of two words)
        f" ORDER BY at {order}, seq {order} LIMIT ? OFFSET ?",
        (lead.seq, limit, skip),
    ).fetchall()
    entries = [timeline_row(to_action(row), world.switches) for row in rows]
    if world.switches["timeline_id"] == "off":
        entries = [{key: value for key, value in entry.items() if key != "id"} for entry in entries]
    return Reply(200, answer | {"actions": entries, "actions_skip": skip, "actions_limit": limit})


def update(world: World, request: Request) -> Reply:
    """POST /lead/{lead_id}: only the fields that are sent change; the answer is the lead as it now is."""
    lead = find(world, request, "Lead with ID {} was not found.")
    body = _written(world, request)
    kept = keep_on_update(world, body["fields"])
    new = world.change(lead, kept.fields, kept.cleared)
    return Reply(200, {"fields": read_fields(new, world.switches)})


def search(world: World, request: Request) -> Reply:
    """POST /lead/search: newest first, with the exact total."""
    skip, limit = page_of(request.query, world.switches)
    query = read_query(request.body, world.rules)
    sql = statements(query, world.store, tie_seed=world.tie_seed)
    total = world.count(sql.count, sql.parameters)
    numbers = world.store.connection.execute(sql.page, (*sql.parameters, limit, skip)).fetchall()
    leads = world.store.leads_at(number for number, _ in numbers)
    workspace = world.rules.workspace
    data = [search_row(lead, workspace, world.switches) for lead in leads]
    return Reply(200, {"data": data, "total_count": total, "skip": skip, "limit": limit})
