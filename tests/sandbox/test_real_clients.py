"""Request shapes seen in real clients work unchanged but for the base URL."""

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.anyio

DAY = 86_400_000


async def test_paging_with_an_empty_fields_object_collects_every_lead_once(seeded: Any) -> None:
    found: dict[str, Any] = {}
    skip = 0
    while True:
        page = (await seeded.post("/lead/search", {"fields": {}}, skip=skip, limit=50)).json()
        for row in page["data"]:
            lead_id = row.get("id") or row.get("_id") or row.get("lead_id")
            found[lead_id] = (row["status"], row["fields"]["created_on"], row.get("employeeid", ""))
        skip += 50
        if len(page["data"]) < 50 or skip >= page["total_count"]:
            break
    assert len(found) == 120
    assert all(isinstance(created, int) and len(lead_id) == 24 for lead_id, (_, created, _) in found.items())


async def test_a_range_on_a_custom_date_field_together_with_a_status(seeded: Any) -> None:
    now = seeded.clock.now_ms()
    window = {"from": now - 200 * DAY, "to": now}
    page = await seeded.search({"fields": {"lead_date": window, "status": ["Fresh", "Contacted"]}}, limit=100)
    assert page["total_count"] == len(page["data"]) > 0
    assert all(window["from"] <= row["fields"]["lead_date"] <= window["to"] for row in page["data"])
    assert {row["status"] for row in page["data"]} == {"Fresh", "Contacted"}


async def test_an_update_by_id_is_read_back_by_a_search(seeded: Any) -> None:
    row = (await seeded.search({}, limit=1))["data"][0]
    moment = seeded.clock.now_ms() - 7 * DAY
    await seeded.post(f"/lead/{row['id']}", {"fields": {"follow_up_on": moment, "city": "Surat"}})
    again = (await seeded.search({"fields": {"phone": row["fields"]["phone"]}}))["data"][0]
    assert (again["id"], again["fields"]["follow_up_on"], again["fields"]["city"]) == (
        row["id"],
        moment,
        "Surat",
    )


async def test_twenty_reads_with_actions_in_parallel(seeded: Any) -> None:
    rows = (await seeded.search({}, limit=20))["data"]
    answers = await asyncio.gather(
        *(seeded.get(f"/lead/{row['id']}", includeActions="true", limit=100) for row in rows)
    )
    for row, answer in zip(rows, answers, strict=True):
        body = answer.json()
        assert body["fields"]["phone"] == row["fields"]["phone"]
        times = [entry["creationTimestamp"] for entry in body["actions"]]
        assert times == sorted(times, reverse=True)


async def test_a_count_by_limit_one_and_a_call_list_by_types(seeded: Any) -> None:
    won = (await seeded.search({"fields": {"status": "Won"}}, limit=1))["total_count"]
    others = [
        (await seeded.search({"fields": {"status": status}}, limit=1))["total_count"]
        for status in ("Fresh", "Contacted", "Qualified", "Lost", "Callback")
    ]
    assert won + sum(others) == 120
    calls = await seeded.search(
        {
            "actions": {
                "type": ["INCOMING_CALL", "OUTGOING_CALL", "MISSED_CALL"],
                "performed_by": "agent@company.com",
            }
        },
        limit=1,
    )
    assert 0 < calls["total_count"] < 120


async def test_an_unknown_assignee_finds_nobody(seeded: Any) -> None:
    assert (await seeded.search({"fields": {"assignee": "nobody@company.com"}}))["total_count"] == 0


async def test_parallel_updates_of_different_leads_all_land(seeded: Any) -> None:
    rows = (await seeded.search({}, limit=30))["data"]
    await asyncio.gather(*(seeded.post(f"/lead/{row['id']}", {"fields": {"visits": 41}}) for row in rows))
    assert (await seeded.search({"fields": {"visits": 41}}))["total_count"] == 30
