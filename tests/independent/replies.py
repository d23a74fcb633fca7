"""The shapes of answers (docs/api.md §3, §5 and §8)."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Reply:
    """An answer: a status and a JSON value, or a text of another kind."""

    status: int
    body: object
    headers: dict = field(default_factory=dict)
    kind: str = "application/json"


class Refusal(Exception):  # noqa: N818 (an answer, not a mistake)
    """A call that the service answers with an error envelope."""

    def __init__(self, status, code, message, details=None):
        super().__init__(message)
        self.status = status
        error = {"code": code, "message": message}
        if details is not None:
            error["details"] = details
        self.body = {"error": error}

    def reply(self):
        """Return it as an answer."""
        return Reply(self.status, self.body)


def search_row(lead, switches):
    """Return a lead as a row of a search."""
    fields = {k: v for k, v in lead.fields.items() if k not in ("status", "assignee", "lost_reason")}
    row = {
        "status": lead.fields.get("status"),
        "employeeid": lead.fields.get("assignee", ""),
        "actions": [],
        "fields": {
            **fields,
            "created_on": lead.created,
            "modified_on": lead.modified,
            "capture_frequency": 1,
        },
    }
    if switches.search_status == "fields":
        row["fields"]["status"] = row.pop("status")
    if "rating" in lead.fields:
        row["rating"] = lead.fields["rating"]
    if "lost_reason" in lead.fields:
        row["lostReasonid"] = lead.fields["lost_reason"]
    return row if switches.search_id is None else {switches.search_id: lead.id, **row}


def lead_fields(lead):
    """Return a lead's fields as a GET and the answer to an update show them."""
    shown = {k: v for k, v in lead.fields.items() if k != "assignee"}
    return {
        **shown,
        "employeeid": lead.fields.get("assignee", ""),
        "created_on": lead.created,
        "modified_on": lead.modified,
    }


def timeline_row(entry, switches):
    """Return an action as it stands on a timeline."""
    prefixed = entry.type.isdigit() and switches.timeline_code == "prefixed"
    row = {
        "id": entry.id,
        "type": f"ACTION_{entry.type}" if prefixed else entry.type,
        "creationTimestamp": entry.at,
        "modificationTimestamp": entry.modified,
        "employeeid": entry.by,
        **entry.extra,
    }
    return row if entry.fields is None else {**row, "fields": entry.fields}


def action_body(entry):
    """Return a custom action or a payment as its own endpoint shows it."""
    if entry.type == "PAYMENT":
        return {"type": "PAYMENT", **{k: entry.extra[k] for k in ("status", "currency", "amount")}}
    return {"type": entry.type, "fields": entry.fields}
