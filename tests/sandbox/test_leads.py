"""Creating, reading and updating leads: docs/api.md §5.1 to §5.3."""

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def test_a_create_keeps_what_is_valid_and_remarks_on_the_rest(empty: Any) -> None:
    answer = await empty.post(
        "/lead",
        {
            "fields": {
                "phone": "919999999999",
                "name": "Jane Doe",
                "email": "jane.doe@example.com",
                "contact_source": "Website",
                "interests": ["VIP", "Returning"],
                "deal_size": "1000",
                "rating": 9,
            },
            "actions": [
                {"type": "1001", "fields": {"note": "Site visit completed", "outcome": "Interested"}},
                {"type": "1001", "fields": {"note": "x", "email": "not-an-email"}},
            ],
        },
    )
    body = answer.json()
    assert answer.status_code == 201
    assert [entry["status"] for entry in body["actions"]] == ["CREATED", "IGNORED"]
    assert body["actions"][1]["action_id"] is None
    assert body["remarks"] == [
        {"field": "fields.rating", "status": "IGNORED", "remark": "Rating must be between 1 and 5"},
        {"field": "actions[1].fields.email", "status": "IGNORED", "remark": "Email is invalid"},
    ]
    fields = (await empty.get(f"/lead/{body['lead_id']}")).json()["fields"]
    assert fields["interests"] == ["VIP", "Returning"]
    assert fields["status"] == "Fresh"
    assert "rating" not in fields


@pytest.mark.parametrize("spelling", ["919999999999", "+91 99999 99999", "9999999999", "099999-99999"])
async def test_a_known_identifier_in_any_spelling_is_a_conflict_and_changes_nothing(
    empty: Any, spelling: str
) -> None:
    lead = await empty.create("919999999999", name="First")
    answer = await empty.post("/lead", {"fields": {"phone": spelling, "name": "Second"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "LEAD_ALREADY_EXISTS")
    assert (await empty.get(f"/lead/{lead}")).json()["fields"]["name"] == "First"


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"fields": []},
        {"fields": {"name": "no phone"}},
        {"fields": {"phone": "12"}},
        {"fields": {"phone": "919999999999"}, "actions": {}},
        {"fields": {"phone": "919999999999"}, "note": "x"},
    ],
)
async def test_a_create_without_a_valid_identifier_or_shape_is_400(empty: Any, body: Any) -> None:
    assert (await empty.post("/lead", body)).status_code == 400
    assert empty.world.store.count_leads() == 0


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("rating", 5, 5),
        ("rating", "3", None),
        ("rating", 0, None),
        ("rating", 2.5, None),
        ("rating", True, None),
        ("email", "a@b", None),
        ("email", " a@b.in ", "a@b.in"),
        ("alt_phone", "98123 45678", "919812345678"),
        ("alt_phone", "123", None),
        ("visits", 2.5, 2.5),
        ("visits", "2", None),
        ("visits", False, None),
        ("lead_date", 1_767_292_200_000, 1_767_292_200_000),
        ("lead_date", "2/1/2026", 1_767_292_200_000),
        ("lead_date", "02/01/2026 11:30:00", 1_767_333_600_000),
        ("lead_date", "2026-01-02", None),
        ("lead_date", "31/02/2026", None),
        ("interests", "VIP,Villa", None),
        ("interests", ["VIP", "VIP"], ["VIP"]),
        ("deal_size", "1000.50", "1000.50"),
        ("deal_size", 1000, None),
        ("deal_size", "1,000", None),
        ("website", "https://example.com/x", "https://example.com/x"),
        ("website", "not a url", None),
        ("assignee", "AGENT@company.com", "agent@company.com"),
        ("assignee", "tanvi@company.com", None),
        ("status", "won", None),
        ("status", "Callback", None),
        ("lost_reason", "Wrong number", "Wrong number"),
        ("lost_reason", "No budget", None),
        ("newsletter", True, True),
        ("newsletter", "yes", None),
        ("company", "x" * 121, None),
        ("name", "  kept as sent ", "  kept as sent "),
        ("name", 5, None),
        ("name", "नया 👩‍👩‍👧 \u202e \x00", "नया 👩‍👩‍👧 \u202e \x00"),
    ],
)
async def test_a_value_is_stored_or_remarked_on_by_the_type_of_its_field(
    empty: Any, name: str, value: Any, stored: Any
) -> None:
    answer = (await empty.post("/lead", {"fields": {"phone": "919999999999", name: value}})).json()
    fields = (await empty.get(f"/lead/{answer['lead_id']}")).json()["fields"]
    shown = fields.get("employeeid") if name == "assignee" else fields.get(name)
    if stored is None:
        assert [remark["field"] for remark in answer["remarks"]] == [f"fields.{name}"]
        assert shown != value
    else:
        assert (answer["remarks"], shown) == ([], stored)


async def test_the_identifier_in_an_update_is_403_even_unchanged(empty: Any) -> None:
    lead = await empty.create("919999999999")
    answer = await empty.post(f"/lead/{lead}", {"fields": {"phone": "919999999999", "rating": 5}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "INVALID_LEAD")
    assert "rating" not in (await empty.get(f"/lead/{lead}")).json()["fields"]


async def test_an_update_answers_the_fields_as_they_now_are(empty: Any) -> None:
    lead = await empty.create(rating=1, city="Pune")
    empty.clock.advance(60)
    answer = await empty.post(f"/lead/{lead}", {"fields": {"rating": 5}})
    assert set(answer.json()) == {"fields"}
    fields = answer.json()["fields"]
    assert (fields["rating"], fields["city"]) == (5, "Pune")
    assert fields["modified_on"] == fields["created_on"] + 60_000


async def test_an_invalid_value_refuses_the_whole_update(empty: Any) -> None:
    lead = await empty.create(rating=1)
    answer = await empty.post(f"/lead/{lead}", {"fields": {"city": "Goa", "rating": 7}})
    assert answer.status_code == 400
    assert "city" not in (await empty.get(f"/lead/{lead}")).json()["fields"]
    options = (await empty.get("/custom-fields/city")).json()["options"]
    assert "Goa" not in [option["label"] for option in options]


async def test_an_assignment_is_seen_on_the_timeline(empty: Any) -> None:
    lead = await empty.create()
    await empty.post(f"/lead/{lead}", {"fields": {"assignee": "kavya@company.com"}})
    (entry,) = await empty.timeline(lead)
    assert (entry["type"], entry["assignedto"]) == ("LEAD_ASSIGNMENT", "kavya@company.com")


async def test_reading_slices_the_timeline_and_echoes_the_slice(seeded: Any) -> None:
    lead = await seeded.create()
    for number in range(7):
        await seeded.post(
            f"/lead/{lead}/action", {"actions": [{"type": "1002", "fields": {"note": str(number)}}]}
        )
    body = (await seeded.get(f"/lead/{lead}", includeActions="true", skip=2, limit=3)).json()
    assert [entry["fields"]["note"] for entry in body["actions"]] == ["4", "3", "2"]
    assert (body["actions_skip"], body["actions_limit"]) == (2, 3)
    assert "actions" not in (await seeded.get(f"/lead/{lead}", limit=500)).json()
    assert (await seeded.get(f"/lead/{lead}", includeActions="true", limit=101)).status_code == 400


async def test_an_unknown_lead_is_404_in_three_wordings(empty: Any) -> None:
    nobody = "0" * 24
    answers = [
        await empty.get(f"/lead/{nobody}"),
        await empty.post(f"/lead/{nobody}", {"fields": {"rating": 1}}),
        await empty.post(f"/lead/{nobody}/action/search", {}),
    ]
    assert {(a.status_code, a.json()["error"]["code"]) for a in answers} == {(404, "LEAD_NOT_FOUND")}
    assert len({a.json()["error"]["message"] for a in answers}) == 3


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1",
        b'{"fields": {"phone": "919999999999", "visits": NaN}}',
        b'{"fields": {"phone": "919999999999", "name": "\\ud800"}}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"fields":' + b"[" * 500 + b"]" * 500 + b"}",
        b"null",
        b"\xff\xfe",
        b'{"fields": {"visits": ' + b"9" * 5000 + b"}}",
    ],
)
async def test_a_body_that_is_no_sane_json_is_400(empty: Any, body: bytes) -> None:
    for path in ("/lead", "/lead/search"):
        answer = await empty.client.post(
            f"/autoupdate/v2/enterprise/{empty.world.enterprise_id}{path}",
            content=body,
            headers={"Authorization": f"Bearer {empty.world.sync_token}"},
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
