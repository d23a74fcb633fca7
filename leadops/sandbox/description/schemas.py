"""The schemas of the OpenAPI document."""

from typing import Any

from leadops.sandbox.api.members import ROLES, STATES
from leadops.sandbox.api.writes import CURRENCIES, PAYMENT_STATUSES

Node = dict[str, Any]

_TEXT: Node = {"type": "string"}
_WHOLE: Node = {"type": "integer"}
_COUNT: Node = {"type": "integer", "minimum": 0}
_TRUTH: Node = {"type": "boolean"}
_ID: Node = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
_TEXTS: Node = {"type": "array", "items": _TEXT}
_FIELDS: Node = {"type": "object", "additionalProperties": True, "description": "keyed by API name"}
_VALUES: Node = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean", "array"], "items": _TEXT},
    "description": "keyed by API name",
}
_TIME: Node = {
    "anyOf": [{"type": "integer"}, _TEXT],
    "description": "epoch milliseconds, or the workspace's format",
}
_RANGE: Node = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"from": _TIME, "to": _TIME},
}
_SCALAR: Node = {"type": ["string", "number", "boolean"]}
_ONE_OR_MORE: Node = {"anyOf": [_TEXT, _TEXTS]}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(items: Node, **more: Any) -> Node:
    return {"type": "array", "items": items, **more}


def _closed(required: Node, **optional: Node) -> Node:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": required | optional,
    }


def _page(items: str) -> Node:
    return _closed({"data": _list(_ref(items)), "total_count": _COUNT, "skip": _COUNT, "limit": _COUNT})


_NEW_ACTION: Node = _closed(
    {"type": {"type": "string", "pattern": "^([0-9]{1,9}|PAYMENT)$"}},
    fields={
        "description": "of a custom action: an object keyed by schema key; what is wrong in it is remarked on"
    },
    created_on={"description": "of a custom action: when it happened, where it may be dated back"},
    status={"description": f"of a payment: one of {', '.join(PAYMENT_STATUSES)}"},
    currency={"description": f"of a payment: one of {', '.join(CURRENCIES)}"},
    amount={"description": "of a payment: a numeric text above 0"},
    paymentid={"description": "of a payment: an id from elsewhere"},
)
_PAYMENT: Node = _closed(
    {"type": {"const": "PAYMENT"}, "status": _TEXT, "currency": _TEXT, "amount": _TEXT}, paymentid=_TEXT
)
_CUSTOM: Node = _closed({"type": {"type": "string", "pattern": "^(ACTION_)?[0-9]+$"}, "fields": _VALUES})
_OPTION: Node = _closed({"id": _TEXT, "label": _TEXT})
_FIELD: Node = {"type": _TEXT, "apiName": _TEXT, "lockAfterCreate": _TRUTH, "isLeadid": _TRUTH}
_ACTION: Node = {"code": _TEXT, "displayName": _TEXT, "score": _WHOLE, "source": {"enum": ["USER", "SYSTEM"]}}
_ACTION_DETAIL: Node = _ACTION | {
    "id": _TEXT,
    "description": _TEXT,
    "fieldSchema": {"type": "object", "additionalProperties": _closed({"type": _TEXT}, options=_TEXTS)},
    "displaySchema": {"type": "object", "additionalProperties": False},
    "allowPredatedActivity": _closed({"enabled": _TRUTH}),
    "quickAdd": _TRUTH,
    "definitionType": _TEXT,
    "createdOn": _WHOLE,
    "createdBy": _TEXT,
    "modifiedOn": _WHOLE,
    "modifiedBy": _TEXT,
}
_STATUS: Node = {"statusid": _WHOLE, "label": _TEXT, "color": _TEXT}
_STAGE_TYPE: Node = {"enum": ["OPEN", "WON", "LOST"]}
_REASON: Node = _closed({"reasonid": _WHOLE, "reasonLabel": _TEXT, "isDefault": _TRUTH})
_LICENCE: Node = _closed({"status": _TEXT, "type": _TEXT, "start_date": _TEXT, "end_date": _TEXT})

SCHEMAS: dict[str, Node] = {
    "Error": _closed(
        {
            "error": _closed(
                {"code": _TEXT, "message": _TEXT},
                details={
                    "anyOf": [_list(_closed({"field": _TEXT, "message": _TEXT})), _closed({"lead_id": _ID})]
                },
            )
        }
    ),
    "Remark": _closed({"field": _TEXT, "status": {"const": "IGNORED"}, "remark": _TEXT}),
    "Entry": _closed(
        {
            "action_id": {"anyOf": [_ID, {"type": "null"}]},
            "status": {"enum": ["CREATED", "IGNORED"]},
        }
    ),
    "NewAction": _NEW_ACTION,
    "NewLead": _closed({"fields": _FIELDS}, actions=_list(_ref("NewAction"))),
    "Created": _closed({"lead_id": _ID}, actions=_list(_ref("Entry")), remarks=_list(_ref("Remark"))),
    "LeadUpdate": _closed({"fields": _FIELDS}, actions={"description": "not looked at"}),
    "LeadUpdated": _closed({"fields": _VALUES}),
    "LeadRead": _closed(
        {"fields": _VALUES},
        id=_ID,
        actions=_list(_ref("TimelineRow")),
        actions_skip=_COUNT,
        actions_limit=_COUNT,
    ),
    "LeadSearch": _closed(
        {},
        fields={
            "type": "object",
            "additionalProperties": {"anyOf": [_SCALAR, _list(_SCALAR), _RANGE]},
        },
        actions=_closed({}, type=_ONE_OR_MORE, performed_by=_ONE_OR_MORE, performed_at=_RANGE),
    ),
    "LeadRow": _closed(
        {"actions": _list({}, maxItems=0), "fields": _VALUES},
        id=_ID,
        status=_TEXT,
        employeeid=_TEXT,
        lostReasonid=_TEXT,
        rating={"type": "integer", "minimum": 1, "maximum": 5},
    ),
    "LeadPage": _page("LeadRow"),
    "NewActions": _closed({"actions": _list(_ref("NewAction"), minItems=1)}),
    "ActionsCreated": _closed(
        {"lead_id": _ID, "actions": _list(_ref("Entry"))}, remarks=_list(_ref("Remark"))
    ),
    "ActionSearch": _closed({}, type=_TEXT, created_on=_RANGE, performed_by=_ONE_OR_MORE),
    "ActionUpdate": _NEW_ACTION,
    "ActionBody": {"anyOf": [_PAYMENT, _CUSTOM]},
    "TimelineRow": _closed(
        {"type": _TEXT, "creationTimestamp": _WHOLE, "modificationTimestamp": _WHOLE, "employeeid": _TEXT},
        id=_ID,
        fields=_VALUES,
        text=_TEXT,
        isTruncated=_TRUTH,
        duration=_WHOLE,
        note=_TEXT,
        status=_TEXT,
        currency=_TEXT,
        amount=_TEXT,
        paymentid=_TEXT,
        assignedto=_TEXT,
        reassignmentNote=_TEXT,
    ),
    "ActionPage": _page("TimelineRow"),
    "Member": _closed(
        {
            "name": _TEXT,
            "email": _TEXT,
            "status": {
                "enum": ["Active", "Inactive", "On Leave", "Working", "Invited", "INVITED", "Deleted"]
            },
            "phone_number": _TEXT,
            "manager_name": _TEXT,
            "manager_email": _TEXT,
            "permission_template_name": _TEXT,
            "license": {"anyOf": [{"type": "null"}, _LICENCE]},
        }
    ),
    "MemberPage": _page("Member"),
    "NewMember": _closed(
        {
            "name": {"type": "string", "pattern": "\\S"},
            "email": {"type": "string", "format": "email"},
            "phone_number": {"type": "string", "pattern": "^[0-9]{11,15}$"},
            "role": {"enum": list(ROLES)},
        },
        password=_TEXT,
    ),
    "MemberCreated": _closed(
        {"name": _TEXT, "email": _TEXT, "phone_number": _TEXT, "role": _TEXT, "status": _TEXT}
    ),
    "StateChange": _closed({"state": {"enum": list(STATES)}, "email": _TEXT}),
    "StateChanged": _closed({"email": _TEXT, "status": _TEXT}),
    "Metadata": _closed(
        {
            "name": _TEXT,
            "id": _TEXT,
            "creationTimeStamp": _WHOLE,
            "teamSize": _TEXT,
            "industry": _TEXT,
            "website": _TEXT,
            "leadIdentifierFieldId": _TEXT,
            "integrations": _TEXTS,
        }
    ),
    "FieldSummary": _closed(_FIELD, options=_TEXTS),
    "FieldDetail": _closed(
        {"id": _TEXT, "description": _TEXT, **_FIELD}, options=_list(_OPTION), dateFormat=_TEXT
    ),
    "FieldList": _closed({"customFields": _list({"anyOf": [_ref("FieldSummary"), _ref("FieldDetail")]})}),
    "CustomActionSummary": _closed(_ACTION),
    "CustomActionDetail": _closed(_ACTION_DETAIL, icon=_TEXT),
    "CustomActionList": _closed(
        {"customActions": _list({"anyOf": [_ref("CustomActionSummary"), _ref("CustomActionDetail")]})}
    ),
    "Stage": _closed(
        {
            "stageid": _TEXT,
            "stageType": _STAGE_TYPE,
            "visibility": _TRUTH,
            "activeStatuses": _list(_closed(_STATUS)),
            "archivedStatuses": _list(_closed(_STATUS)),
        }
    ),
    "Pipeline": {
        "anyOf": [
            _closed(
                {
                    "leadStages": _list(_ref("Stage")),
                    "activeLeadLostReasons": _list(_REASON),
                    "archivedLeadLostReasons": _list(_REASON),
                    "creationTimestamp": _WHOLE,
                    "modificationTimestamp": _WHOLE,
                    "lastModifiedBy": _TEXT,
                    "version": _WHOLE,
                }
            ),
            _closed(
                {
                    "statuses": _list(_closed(_STATUS | {"stageType": _STAGE_TYPE, "archived": _TRUTH})),
                    "lostReasons": _list(_REASON),
                }
            ),
        ]
    },
    "Upsert": {
        "type": "object",
        "additionalProperties": True,
        "description": "as NewLead, with ACTION_ types",
    },
    "Queued": {
        "anyOf": [
            _closed({"status": {"const": "QUEUED"}}),
            _closed(
                {
                    "modifiedLeadIds": _TEXTS,
                    "status": _TEXT,
                    "errorString": _TEXT,
                    "uniqueIdentifier": _TEXT,
                }
            ),
        ]
    },
}
"""Every schema of the document by name."""
