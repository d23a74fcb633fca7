"""Timelines: docs/api.md §5.5 to §5.8 and §8."""

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

PAYMENT = {"type": "PAYMENT", "status": "PENDING", "currency": "INR", "amount": "100"}


async def append(s: Any, lead: str, *actions: Any) -> Any:
    return await s.post(f"/lead/{lead}/action", {"actions": list(actions)})


async def test_each_entry_stands_or_falls_alone_in_the_order_of_the_request(empty: Any) -> None:
    lead = await empty.create()
    answer = await append(
        empty,
        lead,
        {"type": "1001", "fields": {"note": "a", "email": "bad"}},
        {"type": "1002", "fields": {"note": "b", "colour": "red"}},
        {"type": "9999", "fields": {}},
        PAYMENT,
        PAYMENT | {"amount": 100},
        PAYMENT | {"status": "PAID", "currency": "EUR"},
    )
    body = answer.json()
    assert (answer.status_code, body["lead_id"]) == (200, lead)
    assert [entry["status"] for entry in body["actions"]] == [
        "IGNORED",
        "CREATED",
        "IGNORED",
        "CREATED",
        "IGNORED",
        "IGNORED",
    ]
    assert [remark["field"] for remark in body["remarks"]] == [
        "actions[0].fields.email",
        "actions[1].fields.colour",
        "actions[2].type",
        "actions[4].amount",
        "actions[5].status",
        "actions[5].currency",
    ]
    assert sorted(entry["type"] for entry in await empty.timeline(lead)) == ["ACTION_1002", "PAYMENT"]


@pytest.mark.parametrize("kind", ["OUTGOING_CALL", "SYSTEM_NOTE", "ACTION_1001", "", 1001, None])
async def test_one_type_that_may_not_be_written_refuses_the_whole_request(empty: Any, kind: Any) -> None:
    lead = await empty.create()
    answer = await append(empty, lead, {"type": "1002", "fields": {"note": "x"}}, {"type": kind})
    assert answer.status_code == 400
    assert await empty.timeline(lead) == []


@pytest.mark.parametrize(
    "body", [None, {}, {"actions": []}, {"actions": {}}, {"actions": ["x"]}, {"type": "1001"}]
)
async def test_a_write_without_actions_is_400(empty: Any, body: Any) -> None:
    assert (await empty.post(f"/lead/{await empty.create()}/action", body)).status_code == 400


async def test_sending_an_append_again_appends_again(empty: Any) -> None:
    lead = await empty.create()
    for _ in range(2):
        await append(empty, lead, {"type": "1002", "fields": {"note": "same"}})
    assert len(await empty.timeline(lead, type="ACTION_1002")) == 0
    assert len(await empty.timeline(lead, type="1002")) == 2


async def test_a_custom_action_is_read_and_updated_in_part(empty: Any) -> None:
    lead = await empty.create()
    made = (
        await append(empty, lead, {"type": "1001", "fields": {"note": "a", "outcome": "Interested"}})
    ).json()
    path = f"/lead/{lead}/action/{made['actions'][0]['action_id']}"
    empty.clock.advance(60)
    answer = await empty.post(path, {"type": "1001", "fields": {"note": "b"}})
    assert answer.json() == {"type": "1001", "fields": {"note": "b", "outcome": "Interested"}}
    assert (await empty.get(path)).json() == answer.json()
    (entry,) = await empty.timeline(lead)
    assert entry["modificationTimestamp"] == entry["creationTimestamp"] + 60_000
    assert (await empty.post(path, {"type": "1002", "fields": {}})).status_code == 400
    assert (await empty.post(path, {"type": "1001", "fields": {"email": "bad"}})).status_code == 400


async def test_of_a_payment_only_the_status_changes(empty: Any) -> None:
    lead = await empty.create()
    made = (await append(empty, lead, PAYMENT)).json()["actions"][0]["action_id"]
    path = f"/lead/{lead}/action/{made}"
    for fixed in ({"amount": "5"}, {"currency": "USD"}, {"paymentid": "x"}):
        answer = await empty.post(path, {"type": "PAYMENT", "status": "COMPLETED", **fixed})
        assert (answer.status_code, "Cannot update amount" in answer.text) == (400, True)
    assert (await empty.post(path, {"type": "PAYMENT", "status": "PAID"})).status_code == 400
    answer = await empty.post(path, {"type": "PAYMENT", "status": "CANCELLED"})
    assert answer.json() == PAYMENT | {"status": "CANCELLED"}


async def test_built_in_types_are_on_the_timeline_but_not_readable_by_id(seeded: Any) -> None:
    call = seeded.world.store.connection.execute(
        "SELECT a.id, l.id FROM actions a JOIN leads l ON l.seq = a.lead WHERE a.type = 'OUTGOING_CALL'"
    ).fetchone()
    answer = await seeded.get(f"/lead/{call[1]}/action/{call[0]}")
    assert answer.json()["error"]["message"] == "Only custom actions and payment actions can be retrieved"
    missing = await seeded.get(f"/lead/{call[1]}/action/{'0' * 24}")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ACTION_NOT_FOUND")


async def test_a_new_label_in_an_action_comes_into_being_in_metadata(empty: Any) -> None:
    lead = await empty.create()
    await append(empty, lead, {"type": "1001", "fields": {"outcome": "Undecided"}})
    schema = (await empty.get("/custom-actions/ACTION_1001")).json()["fieldSchema"]
    assert schema["outcome"]["options"][-1] == "Undecided"


async def test_action_search_filters_by_type_time_and_performer(seeded: Any) -> None:
    store = seeded.world.store
    seq, lead = store.connection.execute(
        "SELECT l.seq, l.id FROM leads l JOIN actions a ON a.lead = l.seq GROUP BY l.seq ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    rows = store.connection.execute(
        "SELECT id, type, performer, at FROM actions WHERE lead = ?", (seq,)
    ).fetchall()
    rows.sort(key=lambda row: row[3], reverse=True)
    assert [row["id"] for row in await seeded.timeline(lead)] == [row[0] for row in rows]
    _, kind, who, at = rows[1]
    for body, keep in (
        ({"type": kind}, lambda row: row[1] == kind),
        ({"performed_by": who.upper()}, lambda row: row[2] == who),
        ({"performed_by": [who, "x@y.in"], "type": kind}, lambda row: row[1:3] == (kind, who)),
        ({"created_on": {"from": at, "to": at}}, lambda row: row[3] == at),
    ):
        assert [row["id"] for row in await seeded.timeline(lead, **body)] == [r[0] for r in rows if keep(r)]


@pytest.mark.parametrize(
    "body", [[], {"kind": "x"}, {"type": 5}, {"created_on": 5}, {"performed_by": [5]}, {"type": []}]
)
async def test_an_action_filter_outside_the_grammar_is_400(empty: Any, body: Any) -> None:
    answer = await empty.post(f"/lead/{await empty.create()}/action/search", body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid filter")


async def test_a_long_note_is_shown_cut_and_says_so(service: Any) -> None:
    from leadops.sandbox.world.records import NewAction

    s = service()
    lead = await s.create()
    s.world.store.add_actions([NewAction(1, "USER_NOTE", s.clock.now_ms(), "", {"text": "x" * 65_536})])
    (entry,) = await s.timeline(lead)
    assert (len(entry["text"]), entry["isTruncated"]) == (500, True)


async def test_an_action_becomes_visible_late_when_the_world_is_slow(empty: Any) -> None:
    lead = await empty.create()
    empty.world.visibility_delay_s = 30
    sent = empty.clock.now_ms()
    made = (await append(empty, lead, {"type": "1002", "fields": {"note": "x"}})).json()["actions"][0]
    empty.clock.advance(29)
    assert await empty.timeline(lead) == []
    assert (await empty.search({"actions": {"type": "1002"}}))["total_count"] == 0
    empty.clock.advance(2)
    (entry,) = await empty.timeline(lead)
    assert (entry["id"], entry["creationTimestamp"]) == (made["action_id"], sent)
