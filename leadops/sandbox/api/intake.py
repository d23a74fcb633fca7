"""The async API: it says QUEUED to everything and applies later what it can; the rest is lost without a word."""

import re
from collections.abc import Mapping

from leadops.sandbox.api.replies import Reply, Request, bad_request
from leadops.sandbox.api.rows import PAYMENT
from leadops.sandbox.api.writes import keep_action
from leadops.sandbox.world.values import Accepted, identifier_key
from leadops.sandbox.world.world import Entry, World


def receive(world: World, request: Request) -> Reply:
    """POST /enterprise/{enterprise_id}/autoupdatelead."""
    body = request.body
    if not isinstance(body, dict):
        raise bad_request("Invalid body")
    due = world.clock.now_ms() + round(world.async_delay_s * 1000)
    world.store.postpone(due, "upsert", body)
    if world.switches["async_reply"] == "legacy":
        return Reply(
            200, {"modifiedLeadIds": [], "status": "SUCCESS", "errorString": "", "uniqueIdentifier": ""}
        )
    return Reply(200, {"status": "QUEUED"})


def apply(world: World, body: Mapping[str, object]) -> None:
    """Create or update the lead that ``body`` speaks of; drop silently what is wrong with it."""
    fields, actions = body.get("fields"), body.get("actions", [])
    workspace = world.rules.workspace
    identifier = workspace.field(workspace.identifier)
    if not isinstance(fields, dict) or identifier is None:
        return
    key = identifier_key(identifier, fields.get(identifier.name), workspace.country_code)
    if key is None:
        return
    lead = world.store.lead_called(key)
    kept: dict[str, object] = {}
    for name, value in fields.items():
        known = workspace.field(name)
        if known is None or value is None or value == "":
            continue
        if lead is not None and (known.locked or name == identifier.name):
            continue
        taken = world.rules.accept(known, value)
        if isinstance(taken, Accepted):
            kept[name] = taken.value
            world.add_options(name, taken.new_labels)
    lead = world.new_lead(kept) if lead is None else world.change(lead, kept, captured=True)
    entries: list[Entry | None] = []
    for action in actions if isinstance(actions, list) else []:
        kind = action.get("type") if isinstance(action, dict) else None
        if not isinstance(kind, str):
            continue
        code = re.fullmatch(r"ACTION_([0-9]+)", kind)
        if code or kind == PAYMENT:
            entries.append(keep_action(world, {**action, "type": code[1] if code else PAYMENT}, "")[0])
    world.append(lead, [entry for entry in entries if entry])
