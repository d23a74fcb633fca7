"""The lead search: docs/api.md §4 and §6, against a plain reading of the stored leads."""

import random
from typing import TYPE_CHECKING, Any

import pytest

from leadops.core.clock import ManualClock
from leadops.sandbox.api.search import Query, read_query
from leadops.sandbox.api.statements import statements
from leadops.sandbox.world.world import World

if TYPE_CHECKING:
    from leadops.sandbox.world.store import Store

pytestmark = pytest.mark.anyio

DAY = 86_400_000


async def everything(s: Any, body: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = await s.search(body, skip=len(rows), limit=50)
        rows += page["data"]
        if not page["data"]:
            assert page["total_count"] == len(rows)
            return rows


def stored(s: Any) -> list[dict[str, Any]]:
    """Return all leads newest first, with their timelines, read past the search."""
    store: Store = s.world.store
    ids = store.connection.execute("SELECT id FROM leads ORDER BY created DESC, seq DESC").fetchall()
    leads = [store.lead(lead_id) for (lead_id,) in ids]
    return [
        {
            "id": lead.id,
            "created_on": lead.created,
            **lead.fields,
            "actions": store.connection.execute(
                "SELECT type, performer, at FROM actions WHERE lead = ?", (lead.seq,)
            ).fetchall(),
        }
        for lead in leads
        if lead is not None and not lead.deleted
    ]


@pytest.mark.parametrize("body", [None, {}, {"fields": {}}])
async def test_an_empty_body_matches_every_lead_newest_first(seeded: Any, body: Any) -> None:
    rows = await everything(seeded, body)
    assert [row["id"] for row in rows] == [lead["id"] for lead in stored(seeded)]
    assert len(rows) == 120


def _matches(lead: dict[str, Any], name: str, wanted: Any) -> bool:
    have = lead.get(name)
    if isinstance(wanted, dict):
        return isinstance(have, int) and wanted["from"] <= have <= wanted["to"]
    values = wanted if isinstance(wanted, list) else [wanted]
    held = have if isinstance(have, list) else [] if have is None else [have]
    if name == "status":
        return any(one in values for one in held)

    def text(value: Any) -> str:
        return str(value).lower()

    return bool({text(value) for value in values} & {text(one) for one in held})


async def test_each_combination_of_filters_finds_exactly_the_leads_that_a_plain_reading_finds(
    seeded: Any,
) -> None:
    rng = random.Random(5)
    now = seeded.clock.now_ms()
    choices: dict[str, list[Any]] = {
        "status": ["Won", "won", "Lost"],
        "city": ["pune", ["Mumbai", "Delhi", "Pune"]],
        "rating": [5, [1, 2, 3], "4"],
        "interests": ["vip", ["VIP", "Villa", "Plot"]],
        "newsletter": [True, False],
        "visits": [0, [1, 2]],
        "deal_size": ["1500000"],
        "created_on": [{"from": now - 200 * DAY, "to": now - 20 * DAY}],
        "lead_date": [{"from": now - 150 * DAY, "to": now}],
        "assignee": ["Kavya@company.com", ["neha@company.com", "agent@company.com"]],
    }
    found = 0
    leads = stored(seeded)
    for _ in range(80):
        names = rng.sample(sorted(choices), rng.randint(1, 3))
        fields = {name: rng.choice(choices[name]) for name in names}
        expected = [lead["id"] for lead in leads if all(_matches(lead, n, v) for n, v in fields.items())]
        assert [row["id"] for row in await everything(seeded, {"fields": fields})] == expected, fields
        found += len(expected)
    assert found > 100


async def test_one_single_action_must_meet_the_whole_actions_block(seeded: Any) -> None:
    now = seeded.clock.now_ms()
    blocks: list[dict[str, Any]] = [
        {"type": "OUTGOING_CALL"},
        {"type": ["OUTGOING_CALL", "1001"], "performed_by": "AGENT@company.com"},
        {"performed_by": ["agent@company.com", "neha@company.com"]},
        {"type": "INCOMING_CALL", "performed_at": {"from": now - 200 * DAY, "to": now - 60 * DAY}},
        {
            "type": "1001",
            "performed_by": "kavya@company.com",
            "performed_at": {"from": now - 300 * DAY, "to": now},
        },
        {"type": "NO_SUCH_TYPE"},
        {},
    ]
    for block in blocks:
        types = block.get("type")
        types = [types] if isinstance(types, str) else types
        people = block.get("performed_by")
        people = [people] if isinstance(people, str) else people
        window = block.get("performed_at", {"from": 0, "to": now})
        for status in (None, "Won"):
            expected = [
                lead["id"]
                for lead in stored(seeded)
                if status in {None, lead["status"]}
                and any(
                    (types is None or kind in types)
                    and (people is None or who in [one.lower() for one in people])
                    and window["from"] <= at <= window["to"]
                    for kind, who, at in lead["actions"]
                )
            ]
            body = {"actions": block} | ({"fields": {"status": status}} if status else {})
            assert [row["id"] for row in await everything(seeded, body)] == expected, body


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"field": {}},
        {"fields": []},
        {"fields": {"name": None}},
        {"fields": {"name": {"from": 1, "to": 2}}},
        {"fields": {"name": [["x"]]}},
        {"fields": {"created_on": {"since": 1}}},
        {"fields": {"created_on": "2026-01-01"}},
        {"fields": {"created_on": {"from": "2026-01-01", "to": 2}}},
        {"fields": {"created_on": {"from": 1e300, "to": 2}}},
        {"actions": []},
        {"actions": {"kind": "1001"}},
        {"actions": {"type": 1001}},
        {"actions": {"performed_at": 5}},
    ],
)
async def test_a_filter_outside_the_grammar_is_400(empty: Any, body: Any) -> None:
    assert (await empty.post("/lead/search", body)).status_code == 400


@pytest.mark.parametrize("limit", [0, 101, -1, 1000, "x", ""])
async def test_a_limit_out_of_range_is_refused_not_clamped(empty: Any, limit: Any) -> None:
    answer = await empty.post("/lead/search", {}, limit=limit)
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        {"code": "BAD_REQUEST", "message": "Limit should be between 1 and 100"},
    )


async def test_search_follows_updates_and_deletions(empty: Any) -> None:
    lead = await empty.create(city="Pune", interests=["VIP"], status="Won")
    await empty.post(f"/lead/{lead}", {"fields": {"city": "Delhi", "interests": ["Villa"], "status": "Lost"}})
    for fields, total in (
        ({"city": "Pune"}, 0),
        ({"city": "delhi", "interests": "villa", "status": "Lost"}, 1),
        ({"interests": "VIP"}, 0),
        ({"status": "Won"}, 0),
    ):
        assert (await empty.search({"fields": fields}))["total_count"] == total
    empty.world.store.delete_lead(empty.world.store.lead(lead))
    assert (await empty.search({"fields": {"city": "Delhi"}}))["total_count"] == 0
    assert (await empty.search({}))["total_count"] == 0


PLANS = [
    ({"fields": {"phone": "919812345678"}}, "lead_values"),
    ({"fields": {"status": "Won"}}, "lead_values"),
    ({"fields": {"status": "Won", "city": "Pune", "rating": 5}}, "lead_values"),
    ({"fields": {"lead_date": {"from": 0, "to": 9**14}}}, "lead_values"),
    ({}, "leads_newest"),
    ({"fields": {"created_on": {"from": 0, "to": 9**14}}}, "leads_newest"),
    ({"actions": {"type": "1001"}}, "actions_of_type"),
    ({"actions": {"performed_by": "kavya@company.com"}}, "actions_of_performer"),
]


@pytest.mark.parametrize(("body", "index"), PLANS)
async def test_every_table_of_a_search_is_read_through_an_index(seeded: Any, body: Any, index: str) -> None:
    query: Query = read_query(body, seeded.world.rules)
    sql = statements(query, seeded.world.store)
    connection = seeded.world.store.connection
    for text, values in ((sql.count, sql.parameters), (sql.page, (*sql.parameters, 100, 0))):
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        touched = [
            line for line in plan if line.split()[0] in {"SCAN", "SEARCH"} and "subquery" not in line.lower()
        ]
        assert touched
        assert all("INDEX" in line or "PRIMARY KEY" in line for line in touched), plan
        used = "PRIMARY KEY" if index == "lead_values" else index
        assert any(used in line for line in touched), plan


@pytest.mark.parametrize(
    "body", [{}, {"fields": {"status": "Won"}}, {"fields": {"created_on": {"from": 0, "to": 9**14}}}]
)
async def test_a_page_of_newest_leads_is_read_without_sorting(seeded: Any, body: Any) -> None:
    sql = statements(read_query(body, seeded.world.rules), seeded.world.store)
    plan = seeded.world.store.connection.execute(
        f"EXPLAIN QUERY PLAN {sql.page}", (*sql.parameters, 100, 0)
    ).fetchall()
    assert not [row for row in plan if "TEMP B-TREE" in row[3]]


def _steps(world: World, body: Any) -> int:
    """Return how many thousand virtual-machine steps one page takes."""
    sql = statements(read_query(body, world.rules), world.store)
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    world.store.connection.set_progress_handler(count, 100)
    world.store.connection.execute(sql.page, (*sql.parameters, 20, 0)).fetchall()
    world.store.connection.set_progress_handler(None, 0)
    return steps[0]


async def test_the_work_of_a_page_does_not_grow_with_the_workspace(service: Any, seeded: Any) -> None:
    large = service(World.open(None, ManualClock(seeded.clock.now_ms()), leads=3000)).world
    for body in ({}, {"fields": {"status": "Won"}}, {"fields": {"phone": "919812345678"}}):
        assert _steps(large, body) <= 3 * _steps(seeded.world, body) + 10
