"""The endpoints of timelines: create, read, update, search."""

from leadops.sandbox.api.leads import find
from leadops.sandbox.api.paging import page_of
from leadops.sandbox.api.replies import RefusalError, Reply, Request, bad_request
from leadops.sandbox.api.rows import PAYMENT, action_body, fields_of, is_custom, timeline_row
from leadops.sandbox.api.search import read_range, scalars
from leadops.sandbox.api.writes import ENTRY_KEYS, PAYMENT_STATUSES, check_types, keep_action
from leadops.sandbox.world.records import Action, Lead, to_action
from leadops.sandbox.world.values import Refused
from leadops.sandbox.world.world import Entry, World


def create(world: World, request: Request) -> Reply:
    """POST /lead/{lead_id}/action: each entry stands or falls alone, but one foreign type refuses all."""
    lead = find(world, request, "Lead with ID {} was not found.")
    body = request.body
    if not isinstance(body, dict) or not isinstance(body.get("actions"), list) or not body["actions"]:
        raise bad_request("actions is required")
    if set(body) != {"actions"}:
        raise bad_request("only actions is known")
    check_types(world, body["actions"])
    entries: list[Entry | None] = []
    remarks: list[dict[str, str]] = []
    for index, action in enumerate(body["actions"]):
        entry, notes = keep_action(world, action, f"actions[{index}]")
        entries.append(entry)
        remarks += notes
    answer: dict[str, object] = {"lead_id": lead.id, "actions": world.append(lead, entries)}
    if remarks or world.switches["empty_lists"] == "present":
        answer["remarks"] = remarks
    return Reply(200, answer)


def read(world: World, request: Request) -> Reply:
    """GET /lead/{lead_id}/action/{action_id}: custom actions and payments only."""
    lead = find(world, request, "Lead with ID {} was not found.")
    return Reply(200, action_body(_readable(world, request, lead), world.switches))


def _readable(world: World, request: Request, lead: Lead) -> Action:
    action_id = request.params["action_id"]
    action = world.store.action(lead.seq, action_id)
    if action is None:
        raise RefusalError(404, "ACTION_NOT_FOUND", f"Action with ID {action_id} was not found.")
    if action.type != PAYMENT and not is_custom(action.type):
        raise bad_request("Only custom actions and payment actions can be retrieved")
    return action


def update(world: World, request: Request) -> Reply:
    """POST /lead/{lead_id}/action/{action_id}: changed fields of a custom action, or a payment's status."""
    lead = find(world, request, "Lead with ID {} was not found.")
    action = _readable(world, request, lead)
    body = request.body
    if not isinstance(body, dict) or not set(body) <= ENTRY_KEYS:
        raise bad_request("Invalid action")
    if body.get("type") != action.type:
        raise bad_request("Type of the action does not match")
    detail = _new_payment(body, action) if action.type == PAYMENT else _new_fields(world, body, action)
    world.store.change_action(action, detail, modified=world.clock.now_ms())
    return Reply(200, action_body(_readable(world, request, lead), world.switches))


def _new_payment(body: dict[str, object], action: Action) -> dict[str, object]:
    if {"amount", "currency", "paymentid"} & set(body):
        raise bad_request("Cannot update amount, currency, or paymentid fields for existing payment action.")
    if body.get("status") not in PAYMENT_STATUSES:
        raise bad_request("Payment status is invalid")
    return dict(action.detail) | {"status": body["status"]}


def _new_fields(world: World, body: dict[str, object], action: Action) -> dict[str, object]:
    fields = body.get("fields", {})
    definition = world.rules.workspace.action(action.type)
    if not isinstance(fields, dict) or definition is None:
        raise bad_request("Invalid action")
    new = dict(fields_of(action))
    labels: list[tuple[str, tuple[str, ...]]] = []
    for name, value in fields.items():
        known = definition.field(name)
        if known is None:
            continue
        taken = world.rules.accept(known, value)
        if isinstance(taken, Refused):
            raise bad_request(f"{name}: {taken.remark}")
        new[name] = taken.value
        labels.append((name, taken.new_labels))
    for name, added in labels:
        world.add_action_options(action.type, name, added)
    return {"fields": new}


def search(world: World, request: Request) -> Reply:
    """POST /lead/{lead_id}/action/search: newest first."""
    lead = find(world, request, "Lead with given ID {} was not found.")
    honoured = world.switches["action_paging"] == "query"
    skip, limit = page_of(request.query, world.switches) if honoured else (0, 10)
    where, values = _conditions(world, request.body)
    tail = " AND ".join(["lead = ?", *where])
    total = world.count(f"SELECT count(*) FROM actions WHERE {tail}", (lead.seq, *values))  # noqa: S608 (built of constants; every value is bound)
    rows = world.store.connection.execute(
        f"SELECT seq, id, lead, type, performer, at, modified, doc FROM actions WHERE {tail}"  # noqa: S608 (as above)
        " ORDER BY at DESC, seq DESC LIMIT ? OFFSET ?",
        (lead.seq, *values, limit, skip),
    ).fetchall()
    data = [timeline_row(to_action(row), world.switches) for row in rows]
    return Reply(200, {"data": data, "total_count": total, "skip": skip, "limit": limit})


def _conditions(world: World, body: object) -> tuple[list[str], list[object]]:
    if body is None:
        body = {}
    if not isinstance(body, dict) or not set(body) <= {"type", "created_on", "performed_by"}:
        raise bad_request("Invalid filter")
    where: list[str] = []
    values: list[object] = []
    if "type" in body:
        kinds = body["type"] if isinstance(body["type"], list) else [body["type"]]
        listed = isinstance(body["type"], list) and world.switches["action_type_list"] == "400"
        if listed or not all(isinstance(kind, str) for kind in kinds):
            raise bad_request("Invalid filter")
        where.append(f"type IN ({','.join('?' * len(kinds))})")
        values += kinds
    if "created_on" in body and (window := read_range(body["created_on"], world.rules)):
        where.append("at BETWEEN ? AND ?")
        values += [window.low, window.high]
    if "performed_by" in body and (wanted := scalars(body["performed_by"], world.rules)) is not None:
        if not all(isinstance(one, str) for one in wanted):
            raise bad_request("Invalid filter")
        people = [world.performer(str(one)) for one in wanted]
        where.append(f"performer IN ({','.join('?' * len(people))})")
        values += people
    return where, values
