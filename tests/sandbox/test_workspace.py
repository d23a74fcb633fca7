"""Tokens, limits, team members, metadata and the async API: docs/api.md §1 to §3 and §9 to §11."""

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def test_a_wrong_token_the_wrong_kind_and_a_wrong_enterprise_look_alike(empty: Any) -> None:
    world = empty.world
    wrong_enterprise = f"/autoupdate/v2/enterprise/{'f' * 24}/metadata"
    answers = [
        await empty.call("GET", "/metadata", token="nonsense"),
        await empty.call("GET", "/metadata", token=world.async_token),
        await empty.upsert({}, token=world.sync_token),
        await empty.client.get(wrong_enterprise, headers={"Authorization": f"Bearer {world.sync_token}"}),
        await empty.client.get(f"/autoupdate/v2/enterprise/{world.enterprise_id}/metadata"),
    ]
    assert {(a.status_code, a.json()["error"]["code"]) for a in answers} == {(401, "NOT_AUTHORIZED")}


async def test_an_hour_of_requests_is_a_rolling_one_on_the_worlds_clock(empty: Any) -> None:
    empty.world.sync_limit = 10
    for _ in range(10):
        assert (await empty.get("/metadata")).status_code == 200
        empty.clock.advance(60)
    assert (await empty.get("/metadata")).json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    empty.clock.advance(3600 - 10 * 60 - 1)
    assert (await empty.get("/metadata")).status_code == 429
    empty.clock.advance(1)
    assert [(await empty.get("/metadata")).status_code for _ in range(2)] == [200, 429]
    assert (await empty.upsert({})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/action/search",
        "/lead/0/timeline",
        "/team-members/list",
        "/enterprise/custom-fields-list",
        "/lead/0/1/2",
    ],
)
async def test_paths_that_people_try_in_vain_are_404(empty: Any, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await empty.call(method, path)
        assert answer.status_code in ({404, 405, 400} if "team-members" in path else {404})
        assert "error" in answer.json()


async def test_without_the_prefix_the_answer_is_html(empty: Any) -> None:
    answer = await empty.client.get(f"/enterprise/{empty.world.enterprise_id}/metadata")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_search_is_post_only_and_there_is_no_delete(empty: Any) -> None:
    lead = await empty.create()
    assert (await empty.get("/lead/search")).status_code == 405
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await empty.call(method, f"/lead/{lead}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


async def test_every_answer_carries_the_worlds_date(empty: Any) -> None:
    assert (await empty.get("/metadata")).headers["date"] == "Tue, 12 May 2026 05:00:00 GMT"


async def test_the_team_is_listed_by_name_ten_at_most(empty: Any) -> None:
    page = (await empty.get("/team-members", limit=10, includeDeleted="true")).json()
    names = [row["name"] for row in page["data"]]
    assert names == sorted(names)
    assert page["total_count"] == 9
    shown = (await empty.get("/team-members", limit=10)).json()
    assert {row["name"] for row in page["data"]} - {row["name"] for row in shown["data"]} == {"Tanvi Shah"}
    answer = await empty.get("/team-members", limit=11)
    assert answer.json()["error"]["message"] == "Limit should be between 1 and 10"
    assert "role" not in page["data"][0]


async def test_a_member_is_found_by_e_mail_in_any_case_but_not_with_blanks(empty: Any) -> None:
    assert (await empty.get("/team-members/AGENT@company.com")).json()["email"] == "agent@company.com"
    assert (await empty.get("/team-members/%20agent@company.com")).json()["error"][
        "message"
    ] == "Invalid email format"
    assert (await empty.get("/team-members/tanvi@company.com")).status_code == 404
    assert (await empty.get("/team-members/tanvi@company.com", includeDeleted="true")).status_code == 200


async def test_a_new_member_is_validated_field_by_field_and_takes_a_seat(empty: Any) -> None:
    bad = await empty.post(
        "/team-members", {"name": "x", "email": "x", "phone_number": "+9198", "role": "BOSS"}
    )
    assert (bad.status_code, bad.json()["error"]["message"]) == (400, "Validation failed")
    assert [fault["field"] for fault in bad.json()["error"]["details"]] == ["role", "phone_number", "email"]
    person = {"name": "New", "phone_number": "919811122233", "role": "CALLER", "password": "long enough"}
    seats = empty.world.store.definition.seats
    codes = [
        (await empty.post("/team-members", person | {"email": f"n{number}@company.com"})).status_code
        for number in range(seats)
    ]
    assert codes.count(201) == seats - 8
    assert set(codes[seats - 8 :]) == {402}
    assert (await empty.get("/team-members/n0@company.com")).json()["status"] == "Active"


async def test_a_state_change_is_kept(empty: Any) -> None:
    body = {"state": "On Leave", "email": "agent@company.com"}
    answer = await empty.post("/teammember/state_change", body)
    assert answer.json() == {"email": "agent@company.com", "status": "On Leave"}
    assert (await empty.get("/team-members/agent@company.com")).json()["status"] == "On Leave"
    assert (await empty.post("/teammember/state_change", body | {"state": "Gone"})).status_code == 400


async def test_metadata_lists_standard_fields_and_its_options_change_with_detail(empty: Any) -> None:
    summary = (await empty.get("/custom-fields")).json()["customFields"]
    detail = (await empty.get("/custom-fields", detail="true")).json()["customFields"]
    names = {field["apiName"] for field in summary}
    assert {"name", "phone", "email", "rating", "status", "assignee"} <= names
    assert [field["apiName"] for field in summary if field["isLeadid"]] == ["phone"]
    options = {field["apiName"]: field["options"] for field in summary if "options" in field}
    objects = {field["apiName"]: field["options"] for field in detail if "options" in field}
    assert {name: [one["label"] for one in ones] for name, ones in objects.items()} == options
    assert (await empty.get("/custom-fields/Phone")).status_code == 404
    assert (await empty.get("/custom-fields", detail="perhaps")).status_code == 400


async def test_a_custom_action_is_found_by_its_full_code_only(empty: Any) -> None:
    full = (await empty.get("/custom-actions/ACTION_1001")).json()
    assert (full["code"], full["displayName"], full["allowPredatedActivity"]) == (
        "ACTION_1001",
        "Site visit",
        {"enabled": False},
    )
    assert (await empty.get("/custom-actions/1001")).status_code == 404


async def test_the_async_api_creates_and_updates_later_and_loses_what_is_wrong(empty: Any) -> None:
    empty.world.async_delay_s = 5
    known = await empty.create("919999999999", city="Pune", rating=2)
    bodies: list[Any] = [
        {"fields": {"phone": "+919999999999", "rating": "5", "status": "Nope", "name": "Jane", "colour": "red"},
         "actions": [{"type": "ACTION_1002", "fields": {"note": "x"}}, {"type": "1002", "fields": {"note": "lost"}},
                     {"type": "SYSTEM_NOTE", "text": "lost"}]},
        {"fields": {"name": "no identifier: lost"}},
        {"fields": {"phone": "919888888888", "lead_date": "2026-01-01", "city": "Goa"}},
        {},
    ]  # fmt: skip
    for body in bodies:
        assert (await empty.upsert(body)).json() == {"status": "QUEUED"}
    assert (await empty.search())["total_count"] == 1
    empty.clock.advance(6)
    rows = (await empty.search())["data"]
    assert [row["fields"]["phone"] for row in rows] == ["919888888888", "919999999999"]
    assert "lead_date" not in rows[0]["fields"]
    assert rows[0]["fields"]["city"] == "Goa"
    assert rows[1]["id"] == known
    assert (rows[1]["fields"]["name"], rows[1]["rating"], rows[1]["fields"]["city"]) == ("Jane", 2, "Pune")
    assert rows[1]["fields"]["capture_frequency"] == 2
    assert [entry["fields"]["note"] for entry in await empty.timeline(known)] == ["x"]
