"""The OpenAPI 3.1 document of what the sandbox answers: closed schemas, no ``default`` responses.

docs/openapi.json is this document for any workspace; ``/openapi.json`` of a running sandbox names its own.
"""

from typing import Any

from leadops.sandbox.description.schemas import SCHEMAS
from leadops.sandbox.world.definition import Kind
from leadops.sandbox.world.world import World

Node = dict[str, Any]

_ID: Node = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
_TRUTH: Node = {"type": "boolean", "default": False}
_SYNC = "/autoupdate/v2/enterprise/{enterpriseId}"


def document(world: World | None = None) -> Node:
    """Return the document; for a running ``world`` it names its enterprise, and a lead as an example."""
    paths = _paths()
    for path, item in paths.items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        item["parameters"] = [_path_parameter(name, world) for name in names]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TeleCRM, as the leadops sandbox answers it",
            "version": "1",
            "description": "What is known of the service's Sync and Async APIs; docs/sandbox.md tells of the switches.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": SCHEMAS if world is None else SCHEMAS | {"NewLead": _own_lead(world)},
        },
    }


def _path_parameter(name: str, world: World | None) -> Node:
    schemas: dict[str, Node] = {
        "enterpriseId": _ID if world is None else {"enum": [world.enterprise_id]},
        "leadId": _ID,
        "actionId": _ID,
        "email": {"type": "string", "format": "email"},
        "code": {"type": "string", "pattern": "^ACTION_[0-9]{1,9}$"},
    }
    schema = schemas.get(name, {"type": "string", "minLength": 1})
    parameter: Node = {"name": name, "in": "path", "required": True, "schema": schema}
    lead = world.store.lead_at(1) if world is not None and name == "leadId" else None
    return parameter | ({"example": lead.id} if lead else {})


def _own_lead(world: World) -> Node:
    """Return the schema of a new lead with the identifier of this workspace."""
    workspace = world.store.definition
    identifier = workspace.field(workspace.identifier)
    assert identifier is not None
    schema: Node = {"type": "string", "minLength": 1}
    if identifier.kind is Kind.PHONE:
        schema = {"type": "string", "pattern": f"^{workspace.country_code}[6-9][0-9]{{9}}$"}
    fields = {
        "type": "object",
        "required": [identifier.name],
        "properties": {identifier.name: schema},
        "additionalProperties": True,
    }
    general = SCHEMAS["NewLead"]
    return {**general, "properties": {**general["properties"], "fields": fields}}


def _paths() -> dict[str, Node]:
    lead, action = f"{_SYNC}/lead", f"{_SYNC}/lead/{{leadId}}/action"
    return {
        lead: {
            "post": _operation(
                "createLead", "Create a lead", body="NewLead", answers={201: "Created", 409: "Error"}
            )
        },
        f"{lead}/search": {
            "post": _operation(
                "searchLeads",
                "Search leads, newest first",
                body="LeadSearch",
                needed=False,
                query=_paging(100),
                answers={200: "LeadPage", 500: "Error"},
            )
        },
        f"{lead}/{{leadId}}": {
            "get": _operation(
                "readLead",
                "Read a lead",
                query=[_query("includeActions", _TRUTH), *_paging(100)],
                answers={200: "LeadRead", 404: "Error"},
            ),
            "post": _operation(
                "updateLead",
                "Update a lead",
                body="LeadUpdate",
                answers={200: "LeadUpdated", 403: "Error", 404: "Error"},
            ),
        },
        action: {
            "post": _operation(
                "createActions",
                "Put actions on a timeline",
                body="NewActions",
                answers={200: "ActionsCreated", 404: "Error"},
            )
        },
        f"{action}/search": {
            "post": _operation(
                "searchActions",
                "Search a timeline, newest first",
                body="ActionSearch",
                needed=False,
                query=_paging(100),
                answers={200: "ActionPage", 404: "Error"},
            )
        },
        f"{action}/{{actionId}}": {
            "get": _operation("readAction", "Read an action", answers={200: "ActionBody", 404: "Error"}),
            "post": _operation(
                "updateAction",
                "Update an action",
                body="ActionUpdate",
                answers={200: "ActionBody", 404: "Error"},
            ),
        },
        **_other_paths(),
    }


def _other_paths() -> dict[str, Node]:
    members = f"{_SYNC}/team-members"
    detail = [_query("detail", _TRUTH)]
    deleted = _query("includeDeleted", _TRUTH)
    return {
        members: {
            "get": _operation(
                "listMembers",
                "List the team by name",
                query=[*_paging(10), deleted],
                answers={200: "MemberPage"},
            ),
            "post": _operation(
                "createMember",
                "Add a member",
                body="NewMember",
                answers={201: "MemberCreated", 402: "Error", 409: "Error"},
            ),
        },
        f"{members}/{{email}}": {
            "get": _operation(
                "readMember", "Read a member", query=[deleted], answers={200: "Member", 404: "Error"}
            )
        },
        f"{_SYNC}/teammember/state_change": {
            "post": _operation(
                "changeState",
                "Change a member's state",
                body="StateChange",
                answers={200: "StateChanged", 404: "Error"},
            )
        },
        f"{_SYNC}/metadata": {"get": _operation("metadata", "Read the workspace", answers={200: "Metadata"})},
        f"{_SYNC}/custom-fields": {
            "get": _operation("listFields", "List the fields", query=detail, answers={200: "FieldList"})
        },
        f"{_SYNC}/custom-fields/{{apiName}}": {
            "get": _operation("readField", "Read a field", answers={200: "FieldDetail", 404: "Error"})
        },
        f"{_SYNC}/custom-actions": {
            "get": _operation(
                "listActions", "List the custom actions", query=detail, answers={200: "CustomActionList"}
            )
        },
        f"{_SYNC}/custom-actions/{{code}}": {
            "get": _operation(
                "readCustomAction",
                "Read a custom action",
                answers={200: "CustomActionDetail", 404: "Error"},
            )
        },
        f"{_SYNC}/lead-stage-pipeline": {
            "get": _operation("pipeline", "Read the pipeline", answers={200: "Pipeline"})
        },
        "/enterprise/{enterpriseId}/autoupdatelead": {
            "post": _operation(
                "upsertLead", "Queue a create or update", body="Upsert", answers={200: "Queued"}
            )
        },
    }


def _operation(
    name: str,
    summary: str,
    *,
    answers: dict[int, str],
    body: str = "",
    needed: bool = True,
    query: list[Node] | None = None,
) -> Node:
    always = {400: "Error", 401: "Error", 404: "Error", 429: "Error"}
    operation: Node = {"operationId": name, "summary": summary}
    if query:
        operation["parameters"] = query
    if body:
        operation["requestBody"] = {"required": needed, "content": _json(body)}
    operation["responses"] = {
        str(status): {"description": _REASONS[status], "content": _json(schema)}
        for status, schema in sorted({**always, **answers}.items())
    }
    return operation


_REASONS = {
    200: "Done",
    201: "Created",
    400: "Refused: the request is not valid",
    401: "Refused: wrong token, wrong kind of token or unknown enterprise",
    402: "Refused: no free licence",
    403: "Refused: the identifier cannot change",
    404: "Not found",
    409: "It exists already",
    429: "Too many requests in the last hour",
    500: "The service broke: assignee with a list of statuses",
}


def _json(schema: str) -> Node:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _query(name: str, schema: Node) -> Node:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _paging(most: int) -> list[Node]:
    skip = {"type": "integer", "minimum": 0, "maximum": 2**31, "default": 0}
    return [
        _query("skip", skip),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": most, "default": 10}),
    ]


if __name__ == "__main__":
    import json
    import sys

    sys.stdout.write(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
