"""The schema from the service's metadata, in every shape that was seen."""

from typing import Any

import httpx
import pytest

from leadops.core.errors import DeniedError, UnavailableError
from leadops.crm.discovery import pull_schema
from leadops.crm.metadata import field_type
from leadops.crm.secrets import Secret
from leadops.model.schema import ActionField, FieldType, Label, Member
from tests.crm.scripts import Script, refusal

METADATA = {"name": "Acme", "id": "e1", "leadIdentifierFieldId": "phone", "integrations": []}
FIELDS = {
    "customFields": [
        {"id": "f1", "type": "PHONE", "apiName": "phone", "lockAfterCreate": True, "isLeadid": True},
        {"id": "f2", "type": "DROPDOWN", "apiName": "city", "options": [{"id": "1", "label": "Pune"}, {"id": "2", "label": "Goa"}]},
        {"id": "f3", "type": "MULTI_SELECT", "apiName": "interests", "options": ["VIP", "VIP", ""]},
        {"id": "f4", "type": "HOLOGRAM", "apiName": "odd", "lockAfterCreate": None, "isLeadid": None, "options": None},
        {"id": "f5", "type": "DROPDOWN", "apiName": "status"},
        {"id": "f6", "type": "NUMBER", "apiName": "rating"},
    ]
}  # fmt: skip
ACTIONS = {
    "customActions": [
        {"code": "ACTION_1002", "displayName": "Brochure", "source": "USER", "fieldSchema": {}},
        {
            "code": "ACTION_1001",
            "displayName": "Site visit",
            "source": "USER",
            "fieldSchema": {
                "note": {"type": "TEXT"},
                "outcome": {"type": "DROPDOWN", "options": ["Yes", {"label": "No"}]},
            },
        },
        {"code": "OUTGOING_CALL", "displayName": "Call", "source": "SYSTEM"},
    ]
}
PIPELINE = {
    "leadStages": [
        {
            "stageType": "OPEN",
            "activeStatuses": [{"statusid": 1, "label": "Fresh"}],
            "archivedStatuses": [{"label": "Old"}],
        },
        {
            "stageType": "WON",
            "activeStatuses": [{"label": "Enrolled"}],
            "archivedStatuses": [{"label": "Fresh"}],
        },
    ],
    "activeLeadLostReasons": [{"reasonid": 1, "reasonLabel": "Price"}],
    "archivedLeadLostReasons": [{"reasonid": 2, "reasonLabel": "Other"}],
}


def members(count):
    return [
        {
            "name": f"M{n}",
            "email": f"m{n:02}@a.in",
            "status": "Deleted" if n == 3 else "Active",
            "license": None,
        }
        for n in range(count)
    ]


class Service:
    """Answers the metadata endpoints; ``overrides`` replaces what one path answers."""

    def __init__(self, team=12, **overrides: Any):
        self.team = members(team)
        self.answers = {"/metadata": METADATA, "/custom-fields": FIELDS, "/custom-actions": ACTIONS,
                        "/lead-stage-pipeline": PIPELINE, **overrides}  # fmt: skip
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.split("64f000000000000000000001")[1]
        self.asked.append(path)
        if path == "/team-members":
            assert request.url.params["includeDeleted"] == "true"
            skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
            assert 1 <= limit <= 10
            data = self.team[skip : skip + limit]
            return httpx.Response(
                200, json={"data": data, "total_count": len(self.team), "skip": skip, "limit": limit}
            )
        return httpx.Response(200, json=self.answers[path])


def pull(scripted, clock, service):
    return scripted(Script(service), lambda client: pull_schema(client, clock))


def test_a_documented_workspace_is_read_whole(scripted, clock):
    service = Service()
    schema = pull(scripted, clock, service)
    assert (schema.name, schema.enterprise_id, schema.pulled_at_ms) == (
        "Acme",
        "64f000000000000000000001",
        clock.now_ms(),
    )
    assert schema.identifier.api_name == "phone"
    assert schema.field("phone").locked
    assert schema.field("city").options == ("Pune", "Goa")
    assert schema.field("interests").options == ("VIP",)
    assert [(a.code, a.name, a.writable) for a in schema.actions] == [
        ("1001", "Site visit", True),
        ("1002", "Brochure", True),
        ("OUTGOING_CALL", "Call", False),
    ]
    assert schema.action("1001").fields == (
        ActionField("note", FieldType.TEXT),
        ActionField("outcome", FieldType.DROPDOWN, ("Yes", "No")),
    )
    assert schema.statuses == (
        Label("Fresh", "OPEN"),
        Label("Enrolled", "WON"),
        Label("Old", "OPEN", archived=True),
    )
    assert schema.lost_reasons == (Label("Price"), Label("Other", archived=True))
    assert len(schema.members) == 12
    assert schema.members[3] == Member("m03@a.in", "M3", former=True)
    assert service.asked.count("/team-members") == 2


def test_a_short_description_is_the_label_where_no_label_is_told(scripted, clock):
    def labels(**keys):
        rows = [{**row, **keys} if row["apiName"] == "city" else row for row in FIELDS["customFields"]]
        service = Service(**{"/custom-fields": {"customFields": rows}})
        return {field.api_name: field.label for field in pull(scripted, clock, service).fields}

    assert labels(description=" Home city ")["city"] == "Home city"
    assert labels(description="Home city", label="Town")["city"] == "Town"
    assert (
        labels(description="The city in which the family lives now, or wants to live in later")["city"]
        is None
    )
    assert labels(description="", label=None)["city"] is None


def test_standard_fields_and_stamps_are_there_listed_or_not(scripted, clock):
    schema = pull(scripted, clock, Service())
    kinds = {
        name: schema.field(name).type for name in ("name", "phone", "email", "rating", "status", "assignee")
    }
    assert kinds == {
        "name": FieldType.TEXT,
        "phone": FieldType.PHONE,
        "email": FieldType.EMAIL,
        "rating": FieldType.RATING,
        "status": FieldType.STATUS,
        "assignee": FieldType.MEMBER,
    }
    assert all(
        schema.field(name).read_only and schema.field(name).type is FieldType.DATE
        for name in ("created_on", "modified_on")
    )
    assert [field.api_name for field in schema.fields] == sorted(field.api_name for field in schema.fields)


def test_the_identifier_may_be_named_by_id_or_api_name_only(scripted, clock):
    rows = [{**row, "isLeadid": False} for row in FIELDS["customFields"]] + [
        {"id": "f9", "type": "EMAIL", "apiName": "email_1"}
    ]
    for reference, wanted in (
        ("f9", "email_1"),
        ("email_1", "email_1"),
        (None, "phone"),
        ("nothing", "phone"),
    ):
        service = Service(**{
            "/custom-fields": {"customFields": rows},
            "/metadata": {**METADATA, "leadIdentifierFieldId": reference},
        })  # fmt: skip
        schema = pull(scripted, clock, service)
        assert schema.identifier.api_name == wanted
        assert sum(field.identifier for field in schema.fields) <= 1


def test_a_list_without_field_schemas_costs_one_call_a_custom_action(scripted, clock):
    plain = [{k: v for k, v in row.items() if k != "fieldSchema"} for row in ACTIONS["customActions"]]
    one = {"code": "ACTION_1001", "displayName": "Site visit", "fieldSchema": {"note": {"type": "TEXT"}}}
    service = Service(**{
        "/custom-actions": {"customActions": plain},
        "/custom-actions/ACTION_1001": one,
        "/custom-actions/ACTION_1002": {**one, "code": "ACTION_1002", "fieldSchema": [{"key": "a", "type": "DATE"}]},
    })  # fmt: skip
    schema = pull(scripted, clock, service)
    assert schema.action("1001").fields == (ActionField("note", FieldType.TEXT),)
    assert schema.action("1002").fields == (ActionField("a", FieldType.DATE),)
    assert not any("OUTGOING" in path for path in service.asked)


def test_the_live_shape_of_the_pipeline_is_read_too(scripted, clock):
    live = {
        "statuses": [
            {"label": "Fresh", "stageType": "open"},
            {"name": "Won", "category": "WON"},
            {"label": "X", "type": 7},
        ],
        "lostReasons": ["Price", {"name": "Other"}],
    }
    schema = pull(scripted, clock, Service(**{"/lead-stage-pipeline": live}))
    assert schema.statuses == (Label("Fresh", "OPEN"), Label("Won", "WON"), Label("X"))
    assert schema.lost_reasons == (Label("Price"), Label("Other"))


@pytest.mark.parametrize("empty", [{}, {"leadStages": []}, {"statuses": []}, {"leadStages": None}], ids=str)
def test_an_empty_pipeline_is_an_error(scripted, clock, empty):
    with pytest.raises(UnavailableError, match="no status at all"):
        pull(scripted, clock, Service(**{"/lead-stage-pipeline": empty}))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/custom-fields", {}),
        ("/custom-fields", {"customFields": [{}]}),
        ("/custom-actions", []),
        ("/metadata", []),
    ],
    ids=str,
)
def test_another_shape_is_named_by_path_and_place(scripted, clock, path, answer):
    with pytest.raises(UnavailableError, match=path):
        pull(scripted, clock, Service(**{path: answer}))


def test_a_team_of_many_pages_ends_and_a_repeating_page_too(scripted, clock):
    assert len(pull(scripted, clock, Service(team=35)).members) == 35
    service = Service(team=35)
    original = service.__call__

    def stuck(request):
        if request.url.path.endswith("/team-members"):
            return httpx.Response(200, json={"data": service.team[:10], "total_count": 35})
        return original(request)

    assert len(pull(scripted, clock, stuck).members) == 10


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("TEXT", FieldType.TEXT), ("NUMBER", FieldType.NUMBER), ("EMAIL", FieldType.EMAIL), ("PHONE", FieldType.PHONE),
        ("DATE", FieldType.DATE), ("DROPDOWN", FieldType.DROPDOWN), ("TAGS", FieldType.TAGS), ("TAG", FieldType.TAGS),
        ("MULTI_SELECT", FieldType.TAGS), ("MULTISELECT", FieldType.TAGS), ("MONEY", FieldType.MONEY),
        ("CURRENCY", FieldType.MONEY), ("WEBSITE", FieldType.WEBSITE), ("URL", FieldType.WEBSITE),
        ("MEDIALINK", FieldType.MEDIALINK), ("MEDIA_LINK", FieldType.MEDIALINK), ("ACTIVEUSERS", FieldType.MEMBER),
        ("activeUsers", FieldType.MEMBER), ("ACTIVE_USERS", FieldType.MEMBER), ("RATING", FieldType.RATING),
        ("STATUS", FieldType.STATUS), ("LOSTREASON", FieldType.LOST_REASON), ("LOST_REASON", FieldType.LOST_REASON),
        ("CHECKBOX", FieldType.CHECKBOX), ("BOOLEAN", FieldType.CHECKBOX), ("HOLOGRAM", FieldType.TEXT), ("", FieldType.TEXT),
    ],
)  # fmt: skip
def test_type_names_are_understood_and_unknown_ones_are_text(name, kind):
    assert field_type(name) is kind


# ── the emulated workspace ────────────────────────────────────────────────────────────────────────
def test_the_emulated_workspace_is_discovered(in_sandbox, clock, world):
    schema = in_sandbox(lambda client: pull_schema(client, clock))
    assert schema.enterprise_id == world.enterprise_id
    assert {field.name for field in world.rules.workspace.fields} <= {
        field.api_name for field in schema.fields
    }
    assert schema.action("Site visit").code == "1001"
    assert Label("Won", "WON") in schema.statuses


@pytest.mark.parametrize(
    "switches", [{"type_names": "long"}, {"pipeline_shape": "flat"}, {"identifier_ref": "id"}], ids=str
)
def test_it_is_the_same_in_every_shape_of_metadata(in_sandbox, clock, world, switches):
    plain = in_sandbox(lambda client: pull_schema(client, clock))
    for name, position in switches.items():
        world.switches.set(name, position)
    other = in_sandbox(lambda client: pull_schema(client, clock))
    assert (other.fields, other.actions, other.members) == (plain.fields, plain.actions, plain.members)
    assert other.statuses == plain.statuses


def test_a_wrong_token_and_a_wrong_enterprise_are_denied(in_sandbox, clock):
    async def pulling(client):
        return await pull_schema(client, clock)

    with pytest.raises(DeniedError):
        in_sandbox(pulling, sync_token=Secret("wrong"))
    with pytest.raises(DeniedError):
        in_sandbox(pulling, enterprise_id="64f0000000000000000000ff")


def test_an_unknown_enterprise_that_is_404_is_denied_too(in_sandbox, clock, world):
    world.switches.set("unknown_enterprise", "404")

    async def pulling(client):
        return await pull_schema(client, clock)

    with pytest.raises(DeniedError):
        in_sandbox(pulling, enterprise_id="64f0000000000000000000ff")


def test_a_denial_ends_discovery_at_its_first_call(scripted, clock):
    script = Script(refusal(401, "NOT_AUTHORIZED"))
    with pytest.raises(DeniedError):
        scripted(script, lambda client: pull_schema(client, clock))
    assert len(script.requests) == 1
