"""How leads and actions look in answers; the places that the sheet leaves open follow the switches."""

from collections.abc import Mapping

from leadops.sandbox.world.definition import WorkspaceDefinition
from leadops.sandbox.world.records import Action, Lead
from leadops.sandbox.world.switches import Switches

PAYMENT = "PAYMENT"
_NOTE_SHOWN = 500
"""How many characters of a note a timeline shows."""


def search_row(lead: Lead, workspace: WorkspaceDefinition, switches: Switches) -> dict[str, object]:
    """Return a row of the lead search."""
    fields = dict(lead.fields)
    assignee = fields.pop("assignee", "")
    status, rating = fields.pop("status", None), fields.pop("rating", None)
    reason = fields.pop("lost_reason", None)
    row: dict[str, object] = {"id": lead.id} if switches["search_id"] == "on" else {}
    if status is not None:
        _place(row, fields, "status", status, switches["status_place"])
    if switches["assignee_read"] == "employeeid":
        row["employeeid"] = assignee
    elif assignee:
        fields["assignee"] = assignee
    if reason is not None:
        row["lostReasonid"] = (
            reason if switches["lost_reason_read"] == "label" else reason_id(workspace, str(reason))
        )
    if rating is not None:
        _place(row, fields, "rating", rating, switches["rating_place"])
    fields |= {"created_on": lead.created, "modified_on": lead.modified, "capture_frequency": lead.captures}
    return row | {"actions": [], "fields": fields}


def _place(row: dict[str, object], fields: dict[str, object], name: str, value: object, where: str) -> None:
    if where != "fields":
        row[name] = value
    if where != "top":
        fields[name] = value


def reason_id(workspace: WorkspaceDefinition, label: str) -> str:
    """Return the id of a lost reason, as the pipeline numbers them."""
    labels = (*workspace.lost_reasons, *workspace.archived_lost_reasons)
    return str(labels.index(label) + 1) if label in labels else label


def read_fields(lead: Lead, switches: Switches) -> dict[str, object]:
    """Return the fields of a lead as reading and updating it answer them."""
    fields = dict(lead.fields)
    assignee = fields.pop("assignee", "")
    if switches["get_body"] == "documented":
        return fields
    if switches["assignee_read"] == "employeeid":
        fields["employeeid"] = assignee
    elif assignee:
        fields["assignee"] = assignee
    return fields | {"created_on": lead.created, "modified_on": lead.modified}


def is_custom(action_type: str) -> bool:
    """Whether a type is the bare code of a custom action."""
    return action_type.isascii() and action_type.isdigit()


def timeline_row(action: Action, switches: Switches) -> dict[str, object]:
    """Return an entry of a timeline."""
    custom = is_custom(action.type)
    spelt = f"ACTION_{action.type}" if custom and switches["type_on_read"] != "bare" else action.type
    row: dict[str, object] = {
        "id": action.id,
        "type": spelt,
        "creationTimestamp": action.at,
        "modificationTimestamp": action.modified,
        "employeeid": action.performer,
    }
    detail = dict(action.detail)
    text = detail.get("text")
    if isinstance(text, str):
        detail |= {"text": text[:_NOTE_SHOWN], "isTruncated": len(text) > _NOTE_SHOWN}
    if detail.get("duration") == -1 and switches["unconnected_call"] == "zero":
        detail["duration"] = 0
    return row | detail


def action_body(action: Action, switches: Switches) -> dict[str, object]:
    """Return a custom action or payment as reading it by its id answers."""
    if action.type == PAYMENT:
        return {"type": PAYMENT} | dict(action.detail)
    spelt = f"ACTION_{action.type}" if switches["type_on_read"] == "prefixed" else action.type
    return {"type": spelt, "fields": action.detail.get("fields", {})}


def fields_of(action: Action) -> Mapping[str, object]:
    """Return the fields of a custom action."""
    fields = action.detail.get("fields", {})
    assert isinstance(fields, Mapping)
    return fields
