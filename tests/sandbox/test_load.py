"""A workspace of the user's own: a schema file and a CSV."""

import json
from pathlib import Path
from typing import Any

import pytest

from leadops.core.clock import ManualClock
from leadops.core.errors import ConfigurationError
from leadops.model.schema import FieldType
from leadops.sandbox.world.load import kind_of, load

pytestmark = pytest.mark.anyio

SCHEMA: dict[str, Any] = {
    "enterprise_id": "0" * 24,
    "name": "My School",
    "pulled_at_ms": 5,
    "fields": [
        {"api_name": "mail", "type": "email", "identifier": True},
        {"api_name": "created_on", "type": "date", "read_only": True},
        {"api_name": "course", "type": "dropdown", "options": ["Arts", "Science"], "label": "Course"},
        {"api_name": "seen_on", "type": "date"},
        {"api_name": "tags", "type": "tags", "options": ["VIP"]},
        {"api_name": "marks", "type": "number"},
        {"api_name": "paid", "type": "checkbox"},
        {"api_name": "status", "type": "status"},
    ],
    "actions": [
        {"code": "7", "name": "Visit", "fields": [{"key": "note", "type": "text"}]},
        {"code": "8", "name": "Built in", "writable": False},
    ],
    "statuses": [
        {"label": "New", "stage": "OPEN"},
        {"label": "Old", "stage": "OPEN", "archived": True},
        {"label": "Enrolled", "stage": "WON"},
    ],
    "lost_reasons": [{"label": "Moved"}],
    "members": [{"email": "a@school.in", "name": "A"}, {"email": "b@school.in", "name": "B", "former": True}],
}
CSV = """mail,course,seen_on,tags,marks,paid,status,created_on,id
x@y.in,Arts,02/01/2026,VIP;Old boy,71.5,true,Enrolled,1767225600000,
z@y.in,,,,,,Old,,0123456789abcdef01234567
"""


def world(folder: Path, clock: ManualClock, schema: Any = SCHEMA, rows: str = CSV) -> Any:
    (folder / "leadops.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (folder / "leads.csv").write_text(rows, encoding="utf-8")
    return load(clock, folder / "leadops.schema.json", folder / "leads.csv")


async def test_the_service_shows_the_users_workspace_and_leads(tmp_path: Path, service: Any) -> None:
    s = service(world(tmp_path, ManualClock(1_778_562_000_000)))
    fields = (await s.get("/custom-fields")).json()["customFields"]
    assert [field["apiName"] for field in fields if field["isLeadid"]] == ["mail"]
    codes = (await s.get("/custom-actions")).json()["customActions"]
    assert [action["code"] for action in codes] == ["ACTION_7"]
    stages = (await s.get("/lead-stage-pipeline")).json()["leadStages"]
    assert [stage["stageType"] for stage in stages] == ["OPEN", "WON"]
    assert (await s.get("/team-members")).json()["total_count"] == 1
    second, first = (await s.search())["data"]
    assert (second["id"], second["status"]) == ("0123456789abcdef01234567", "Old")
    assert first["fields"] == {
        "mail": "x@y.in", "course": "Arts", "seen_on": 1_767_292_200_000, "tags": ["VIP", "Old boy"], "marks": 71.5,
        "paid": True, "created_on": 1_767_225_600_000, "modified_on": 1_767_225_600_000, "capture_frequency": 1,
    }  # fmt: skip
    assert (await s.post("/lead", {"fields": {"mail": "X@Y.in"}})).status_code == 409
    assert (await s.search({"fields": {"tags": "old boy"}}))["total_count"] == 1


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("mail,colour\nx@y.in,red\n", "no field 'colour'"),
        ("mail,marks\nx@y.in,1\nz@y.in,many\n", "row 3, column marks"),
        ("mail,seen_on\nx@y.in,2026-01-02\n", "row 2, column seen_on"),
        ("mail,created_on\nx@y.in,soon\n", "row 2, column created_on"),
        ("mail,marks\nx@y.in\n", "row 2: as many cells"),
        ("mail,marks\nx@y.in,1,2\n", "row 2: as many cells"),
    ],
)
def test_a_cell_that_is_no_value_is_named(tmp_path: Path, rows: str, place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        world(tmp_path, ManualClock(5), rows=rows)


@pytest.mark.parametrize(
    "schema", [[], {"name": "x"}, SCHEMA | {"fields": [{"api_name": "a", "type": "text"}]}]
)
def test_a_file_that_is_no_schema_is_refused(tmp_path: Path, schema: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"leadops\.schema\.json"):
        world(tmp_path, ManualClock(5), schema=schema)


def test_every_type_of_the_model_has_a_kind() -> None:
    assert len({kind_of(one) for one in FieldType}) == len(FieldType)
