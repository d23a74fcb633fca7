"""The client against the emulated service, in every position of the switches that concern it."""

import asyncio

import pytest

from leadops.crm.client import TeleCrm
from leadops.crm.pacing import Patience
from leadops.model.change import ActionSpec
from leadops.model.exchange import Delivery
from leadops.sandbox.world.switches import SWITCHES

CONCERNED = [
    (switch.name, position)
    for switch in SWITCHES
    for position in switch.positions
    if switch.name
    in {
        "search_id", "status_place", "rating_place", "assignee_read", "get_body", "empty_lists", "action_paging",
        "type_on_read", "timeline_order", "timeline_id", "type_names", "pipeline_shape", "async_reply", "conflict_id",
        "same_value", "malformed_id", "unconnected_call", "api_performer", "retry_after", "action_bad_field",
    }
]  # fmt: skip


async def everything(client: TeleCrm) -> dict[str, object]:
    """Read and write a little of everything; return what must not depend on the switches."""
    page = await client.reader.search({"fields": {"status": "Won"}}, 0, 100)
    made = await client.writer.create(
        {"phone": "919999999999", "name": "Jane Doe", "interests": ("VIP",), "deal_size": "1000"},
        [ActionSpec("1001", {"note": "Visit", "outcome": "Interested"})],
    )
    assert made.lead_id is not None
    await client.writer.update(made.lead_id, {"status": "Qualified", "rating": 5})
    await client.writer.append(
        made.lead_id, [ActionSpec("PAYMENT", {"status": "PENDING", "currency": "INR", "amount": "100"})]
    )
    again = await client.writer.create({"phone": "919999999999"}, [])
    lead = await client.reader.lead(made.lead_id, timeline=True)
    found = await client.reader.search({"fields": {"phone": "919999999999"}}, 0, 1)
    paid = await client.reader.timeline(made.lead_id, type="PAYMENT")
    noted = await client.reader.timeline(made.lead_id, type="1001")
    queued = await client.writer.upsert({"phone": "919999999999", "name": "Jane"})
    assert lead is not None
    assert lead.timeline is not None
    return {
        "won": page.total_count,
        "statuses": {row.fields.get("status") for row in page.leads},
        "rated": sorted(str(row.fields.get("rating")) for row in page.leads),
        "assigned": sorted(str(row.fields.get("assignee")) for row in page.leads),
        "made": (made.delivery, [entry.created for entry in made.entries]),
        "again": (again.delivery, again.status, again.code),
        "lead": {
            name: lead.fields.get(name) for name in ("status", "rating", "name", "interests", "deal_size")
        },
        "row": {name: found.leads[0].fields.get(name) for name in ("status", "rating", "name")},
        "types": sorted(action.type for action in lead.timeline if action.type in {"1001", "PAYMENT"}),
        "paid": [dict(action.fields) for action in paid],
        "noted": [action.fields["note"] for action in noted],
        "queued": queued.delivery,
        "gone": await client.reader.lead("64f0000000000000000000aa"),
        "odd": await client.reader.lead("1234567"),
    }


@pytest.fixture(scope="module")
def usual():
    return {}


@pytest.mark.parametrize(("switch", "position"), CONCERNED)
def test_nothing_that_is_read_depends_on_a_switch(in_sandbox, world, usual, switch, position):
    world.switches.set(switch, position)
    found = in_sandbox(everything)
    assert found["made"] == (Delivery.ACKED, [True])
    assert found["again"] == (Delivery.REJECTED, 409, "LEAD_ALREADY_EXISTS")
    assert found["lead"] == {
        "status": "Qualified", "rating": 5, "name": "Jane Doe", "interests": ("VIP",), "deal_size": "1000"
    }  # fmt: skip
    assert found["row"] == {"status": "Qualified", "rating": 5, "name": "Jane Doe"}
    assert found["statuses"] == {"Won"}
    assert found["types"] == ["1001", "PAYMENT"]
    assert [one["amount"] for one in found["paid"]] == ["100"]
    assert found["noted"] == ["Visit"]
    assert (found["queued"], found["gone"], found["odd"]) == (Delivery.ACKED, None, None)
    assert found == usual.setdefault("first", found)


def test_without_ids_in_rows_leads_have_none(in_sandbox, world):
    world.switches.set("search_id", "off")
    page = in_sandbox(lambda client: client.reader.search({}, 0, 5))
    assert [lead.id for lead in page.leads] == [None] * 5


def test_a_timeline_longer_than_a_page_is_whole_with_and_without_paging(in_sandbox, world):
    async def fill_and_read(client):
        page = await client.reader.search({}, 0, 1)
        lead_id = page.leads[0].id
        before = len(await client.reader.timeline(lead_id))
        for start in range(0, 130, 10):
            notes = [ActionSpec("1001", {"note": f"n{start + n}"}) for n in range(10)]
            await client.writer.append(lead_id, notes)
        whole = await client.reader.lead(lead_id, timeline=True)
        return before, len(await client.reader.timeline(lead_id)), len(whole.timeline)

    before, searched, read = in_sandbox(fill_and_read)
    assert searched == read == before + 130
    world.switches.set("action_paging", "ignored")
    before, searched, read = in_sandbox(fill_and_read)
    assert searched == read == before + 130


def test_the_hours_quota_is_kept_by_waiting(in_sandbox, world, clock):
    world.sync_limit = 20
    world.switches.set("retry_after", "seconds")

    async def many(client):
        for _ in range(30):
            await client.reader.search({}, 0, 1)
        return client.calls

    assert in_sandbox(many, patience=Patience(throttled_total=4_000)).reads > 30
    assert clock.monotonic() > 3_000


def test_reads_and_writes_run_side_by_side(in_sandbox):
    async def work(client):
        page = await client.reader.search({}, 0, 20)
        replies = await asyncio.gather(*(client.writer.update(lead.id, {"rating": 4}) for lead in page.leads))
        leads = await asyncio.gather(*(client.reader.lead(lead.id) for lead in page.leads))
        return replies, leads

    replies, leads = in_sandbox(work)
    assert all(reply.delivery is Delivery.ACKED and reply.fields["rating"] == 4 for reply in replies)
    assert all(lead.fields["rating"] == 4 for lead in leads)
