"""The endpoints of metadata: the workspace, its fields, its custom actions, its pipeline."""

from leadops.sandbox.api.replies import RefusalError, Reply, Request, bad_request
from leadops.sandbox.api.rows import reason_id
from leadops.sandbox.world.definition import ActionDefinition, FieldDefinition, Kind
from leadops.sandbox.world.world import World, stable_id

_TRUTH = {"true": True, "false": False}
_LONG = {
    Kind.TAGS: "MULTI_SELECT",
    Kind.MONEY: "CURRENCY",
    Kind.WEBSITE: "URL",
    Kind.MEDIALINK: "MEDIA_LINK",
    Kind.MEMBER: "ACTIVE_USERS",
    Kind.LOST_REASON: "LOST_REASON",
    Kind.CHECKBOX: "BOOLEAN",
}
_COLOURS = ("#4A90D9", "#F5A623", "#7ED321", "#417505", "#D0021B", "#9B9B9B")


def metadata(world: World, request: Request) -> Reply:
    """GET /metadata."""
    del request
    workspace = world.rules.workspace
    by_id = world.switches["identifier_ref"] == "id"
    return Reply(
        200,
        {
            "name": workspace.name,
            "id": world.enterprise_id,
            "creationTimeStamp": workspace.created_on,
            "teamSize": "1-50",
            "industry": "Real estate",
            "website": "https://sandbox.example",
            "leadIdentifierFieldId": stable_id("field", workspace.identifier)
            if by_id
            else workspace.identifier,
            "integrations": ["WHATSAPP"],
        },
    )


def _detail(request: Request) -> bool:
    wanted = request.query.get("detail", "false")
    if wanted not in _TRUTH:
        raise bad_request("detail should be true or false")
    return _TRUTH[wanted]


def list_fields(world: World, request: Request) -> Reply:
    """GET /custom-fields: standard fields too."""
    detail = _detail(request)
    fields = world.rules.workspace.fields
    return Reply(200, {"customFields": [_field(world, one, detail=detail) for one in fields]})


def get_field(world: World, request: Request) -> Reply:
    """GET /custom-fields/{api_name}: the case counts."""
    name = request.params["api_name"]
    field = world.rules.workspace.field(name)
    if field is None:
        raise RefusalError(404, "NOT_FOUND", f"Could not find custom field with apiName {name}")
    return Reply(200, _field(world, field, detail=True))


def _field(world: World, field: FieldDefinition, *, detail: bool) -> dict[str, object]:
    item: dict[str, object] = {
        "type": _kind(world, field.kind),
        "apiName": field.name,
        "lockAfterCreate": field.locked,
        "isLeadid": field.name == world.rules.workspace.identifier,
    }
    labels = _labels(field)
    if detail:
        item = {"id": stable_id("field", field.name), "description": field.description} | item
        if field.kind is Kind.DATE:
            item["dateFormat"] = world.switches["date_format"]
        if labels is not None:
            item["options"] = [
                {"id": stable_id("option", f"{field.name} {one}"), "label": one} for one in labels
            ]
    elif labels is not None:
        item["options"] = labels
    return item


def _labels(field: FieldDefinition) -> list[str] | None:
    return list(field.options) if field.kind in {Kind.DROPDOWN, Kind.TAGS} else None


def _kind(world: World, kind: Kind) -> str:
    return _LONG.get(kind, kind.value) if world.switches["type_names"] == "long" else kind.value


def list_actions(world: World, request: Request) -> Reply:
    """GET /custom-actions: here the code has its prefix."""
    detail = _detail(request)
    actions = world.rules.workspace.actions
    return Reply(200, {"customActions": [_action(world, one, detail=detail) for one in actions]})


def get_action(world: World, request: Request) -> Reply:
    """GET /custom-actions/{code}: by the code with its prefix."""
    code = request.params["code"]
    action = (
        world.rules.workspace.action(code.removeprefix("ACTION_")) if code.startswith("ACTION_") else None
    )
    if action is None:
        raise RefusalError(404, "NOT_FOUND", f"Custom action with code {code} was not found.")
    return Reply(200, _action(world, action, detail=True) | {"icon": "note"})


def _action(world: World, action: ActionDefinition, *, detail: bool) -> dict[str, object]:
    item: dict[str, object] = {
        "code": f"ACTION_{action.code}",
        "displayName": action.name,
        "score": action.score,
        "source": "USER",
    }
    if not detail:
        return item
    workspace = world.rules.workspace
    schema: dict[str, object] = {}
    for field in action.fields:
        entry: dict[str, object] = {"type": _kind(world, field.kind)}
        if field.kind in {Kind.DROPDOWN, Kind.TAGS}:
            entry["options"] = list(field.options)
        schema[field.name] = entry
    owner = workspace.members[0].email if workspace.members else ""
    return item | {
        "id": stable_id("action", action.code),
        "description": action.name,
        "fieldSchema": schema,
        "displaySchema": {},
        "allowPredatedActivity": {"enabled": action.predated},
        "quickAdd": False,
        "definitionType": "USER_DEFINED",
        "createdOn": workspace.created_on,
        "createdBy": owner,
        "modifiedOn": workspace.created_on,
        "modifiedBy": owner,
    }


def pipeline(world: World, request: Request) -> Reply:
    """GET /lead-stage-pipeline, in the documented or the live shape."""
    del request
    workspace = world.rules.workspace
    numbered: dict[str, dict[str, object]] = {}
    for stage in workspace.stages:
        for label in (*stage.active, *stage.archived):
            number = len(numbered) + 1
            numbered[label] = {
                "statusid": number,
                "label": label,
                "color": _COLOURS[(number - 1) % len(_COLOURS)],
            }
    reasons = [_reason(world, label) for label in workspace.lost_reasons]
    if world.switches["pipeline_shape"] == "flat":
        statuses = [
            numbered[label] | {"stageType": stage.type, "archived": label in stage.archived}
            for stage in workspace.stages
            for label in (*stage.active, *stage.archived)
        ]
        return Reply(200, {"statuses": statuses, "lostReasons": reasons})
    return Reply(
        200,
        {
            "leadStages": [
                {
                    "stageid": stage.id,
                    "stageType": stage.type,
                    "visibility": True,
                    "activeStatuses": [numbered[label] for label in stage.active],
                    "archivedStatuses": [numbered[label] for label in stage.archived],
                }
                for stage in workspace.stages
            ],
            "activeLeadLostReasons": reasons,
            "archivedLeadLostReasons": [_reason(world, label) for label in workspace.archived_lost_reasons],
            "creationTimestamp": workspace.created_on,
            "modificationTimestamp": workspace.created_on,
            "lastModifiedBy": workspace.members[0].email if workspace.members else "",
            "version": 3,
        },
    )


def _reason(world: World, label: str) -> dict[str, object]:
    number = reason_id(world.rules.workspace, label)
    return {"reasonid": int(number), "reasonLabel": label, "isDefault": number == "1"}
