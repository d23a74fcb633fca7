"""The world moves: what people and automations do while a client works."""

from typing import Any

import pytest

from leadops.sandbox.faults.events import EVENT
from leadops.sandbox.world.apply_event import happen

pytestmark = pytest.mark.anyio


def let(s: Any, **event: Any) -> None:
    happen(s.world, EVENT.validate_python(event))


async def test_an_edited_identifier_is_found_under_its_new_value_only(empty: Any) -> None:
    lead = await empty.create("919999999999")
    let(empty, kind="edit_identifier", lead=lead, value="918888888888")
    assert (await empty.search({"fields": {"phone": "919999999999"}}))["total_count"] == 0
    assert (await empty.search({"fields": {"phone": "918888888888"}}))["data"][0]["id"] == lead
    assert await empty.create("919999999999") != lead


async def test_a_deleted_lead_leaves_search_and_is_404(empty: Any) -> None:
    lead = await empty.create("919999999999")
    let(empty, kind="delete", lead="9999999999")
    assert (await empty.get(f"/lead/{lead}")).status_code == 404
    assert (await empty.search())["total_count"] == 0


async def test_a_merge_hands_the_timeline_over(empty: Any) -> None:
    old, new = await empty.create("919999999991"), await empty.create("919999999992")
    await empty.post(f"/lead/{old}/action", {"actions": [{"type": "1002", "fields": {"note": "x"}}]})
    let(empty, kind="merge", lead=old, into=new)
    assert (await empty.get(f"/lead/{old}")).status_code == 404
    assert len(await empty.timeline(new)) == 1


async def test_leads_that_arrive_between_pages_push_rows_back(seeded: Any) -> None:
    first = (await seeded.search({}, limit=10))["data"]
    let(seeded, kind="arrive", count=3)
    second = (await seeded.search({}, limit=10, skip=10))["data"]
    assert [row["id"] for row in second[:3]] == [row["id"] for row in first[-3:]]


async def test_arrivals_follow_their_seed_or_their_fields(service: Any) -> None:
    phones = []
    for seed in (1, 1, 2):
        s = service()
        let(s, kind="arrive", count=2, seed=seed)
        phones.append([row["fields"]["phone"] for row in (await s.search())["data"]])
    assert phones[0] == phones[1] != phones[2]
    let(s, kind="arrive", fields={"phone": "917777777777", "city": "Pune"})
    assert (await s.search({"fields": {"phone": "917777777777", "city": "pune"}}))["total_count"] == 1


async def test_an_agent_changes_and_clears_fields_by_hand(empty: Any) -> None:
    lead = await empty.create(status="Fresh", city="Pune")
    empty.clock.advance(5)
    let(empty, kind="set", lead="$newest", fields={"status": "Lost", "city": None})
    fields = (await empty.get(f"/lead/{lead}")).json()["fields"]
    assert (fields["status"], "city" in fields) == ("Lost", False)
    assert fields["modified_on"] > fields["created_on"]


async def test_a_call_of_an_unlisted_vendor_appears(empty: Any) -> None:
    lead = await empty.create()
    let(empty, kind="action", lead=lead, type="NEWVENDOR_OUTGOING_CALL", performer="agent@company.com",
        detail={"duration": 12}, at_ms=5)  # fmt: skip
    (entry,) = await empty.timeline(lead)
    assert (entry["type"], entry["creationTimestamp"], entry["duration"]) == (
        "NEWVENDOR_OUTGOING_CALL",
        5,
        12,
    )
    assert (await empty.search({"actions": {"type": "NEWVENDOR_OUTGOING_CALL"}}))["total_count"] == 1


async def test_an_archived_status_and_a_deleted_option_still_stand_on_leads(empty: Any) -> None:
    lead = await empty.create(status="Won", city="Pune")
    let(empty, kind="archive_status", label="Won")
    let(empty, kind="delete_option", field="city", label="Pune")
    stages = (await empty.get("/lead-stage-pipeline")).json()["leadStages"]
    assert [one["label"] for stage in stages for one in stage["archivedStatuses"]] == ["Callback", "Won"]
    options = (await empty.get("/custom-fields/city")).json()["options"]
    assert "Pune" not in [option["label"] for option in options]
    found = await empty.search({"fields": {"status": "Won", "city": "Pune"}})
    assert found["data"][0]["id"] == lead
    await empty.post(f"/lead/{lead}", {"fields": {"status": "Fresh"}})
    fields = (await empty.post(f"/lead/{lead}", {"fields": {"status": "Won"}})).json()["fields"]
    assert fields["status"] == "Fresh"


async def test_a_renamed_field_takes_its_values_along(empty: Any) -> None:
    lead = await empty.create(city="Pune", deal_size="5")
    let(empty, kind="rename_field", field="city", to="town")
    assert (await empty.get("/custom-fields/city")).status_code == 404
    assert (await empty.get(f"/lead/{lead}")).json()["fields"]["town"] == "Pune"
    assert (await empty.search({"fields": {"town": "pune"}}))["total_count"] == 1
    await empty.post(f"/lead/{lead}", {"fields": {"town": "Delhi"}})
    assert (await empty.search({"fields": {"town": "Pune"}}))["total_count"] == 0


async def test_a_member_who_left_cannot_be_assigned(empty: Any) -> None:
    lead = await empty.create(assignee="neha@company.com")
    let(empty, kind="remove_member", email="neha@company.com")
    other = await empty.create("919999999998", assignee="neha@company.com")
    assert (await empty.get(f"/lead/{lead}")).json()["fields"]["employeeid"] == "neha@company.com"
    assert (await empty.get(f"/lead/{other}")).json()["fields"]["employeeid"] == ""


async def test_an_event_about_an_unknown_lead_is_nothing(empty: Any) -> None:
    let(empty, kind="delete", lead="919999999999")
    let(empty, kind="set", lead="$newest", fields={"rating": 1})
    assert empty.world.store.count_leads() == 0
