"""The seeded workspace: believable, the same people for the same seed on every day, and right on any date."""

import json
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadops.core.clock import ManualClock
from leadops.sandbox.world.world import World

pytestmark = pytest.mark.anyio

INDIA = ZoneInfo("Asia/Kolkata")


def at(*parts: int) -> int:
    return round(datetime(*parts, tzinfo=INDIA).timestamp() * 1000)


def rows(world: World) -> list[tuple[Any, ...]]:
    connection = world.store.connection
    tables = (
        "SELECT id, created, modified, doc FROM leads",
        "SELECT id, lead, type, performer, at, doc FROM actions",
    )
    return [row for table in tables for row in connection.execute(table)]


def months(now: int, count: int) -> list[tuple[int, int]]:
    """Return the last ``count`` months as (from, to) in epoch milliseconds, the present one first."""
    local = datetime.fromtimestamp(now / 1000, INDIA)
    numbers = [local.year * 12 + local.month - 1 - back for back in range(count)]
    return [(at(n // 12, n % 12 + 1, 1), at((n + 1) // 12, (n + 1) % 12 + 1, 1) - 1) for n in numbers]


async def won_and_called(s: Any, window: tuple[int, int]) -> int:
    total: int = (
        await s.search(
            {
                "fields": {"status": "Won"},
                "actions": {
                    "type": [
                        "OUTGOING_CALL",
                        "KNOWLARITY_OUTGOING_CALL",
                        "ZENDIAL_OUTGOING_CALL",
                        "IVR_OUTGOING_CALL",
                    ],
                    "performed_by": "agent@company.com",
                    "performed_at": {"from": window[0], "to": window[1]},
                },
            },
            limit=1,
        )
    )["total_count"]
    return total


DATES = [
    at(2026, 1, 1),
    at(2026, 3, 1, 0, 1),
    at(2026, 4, 1, 0, 30),
    at(2026, 5, 31, 23, 59, 59),
    at(2026, 12, 31, 23, 50),
    at(2027, 1, 1),
    at(2027, 2, 28),
    at(2027, 3, 14, 12, 15),
    at(2027, 12, 31, 12),
    at(2028, 2, 29, 3),
    at(2029, 10, 28, 7),
]
DATES_OF_FIELDS = {"lead_date", "follow_up_on"}


@pytest.mark.parametrize("now", DATES)
async def test_in_every_month_ten_to_thirty_won_leads_were_called_by_the_agent(
    service: Any, now: int
) -> None:
    s = service(World.open(None, ManualClock(now)))
    counts = [await won_and_called(s, window) for window in months(now, 13)]
    assert all(10 <= count <= 30 for count in counts), counts


async def test_a_file_that_is_used_for_longer_stays_right(service: Any, tmp_path: Path) -> None:
    path, first = tmp_path / "world.db", at(2026, 2, 20, 11)
    World.open(path, ManualClock(first)).store.close()
    s = service(World.open(path, ManualClock(at(2026, 6, 1, 0, 10))))
    for window in months(s.clock.now_ms(), 5):
        assert 10 <= await won_and_called(s, window) <= 30
    s.clock.advance(31 * 86_400)
    assert 10 <= await won_and_called(s, months(s.clock.now_ms(), 1)[0]) <= 30


def people(world: World) -> list[tuple[Any, ...]]:
    """Return what may not move: the leads in the order of search without dates, and what stands on their timelines."""
    connection = world.store.connection
    leads = [
        (key, {name: value for name, value in json.loads(doc).items() if name not in DATES_OF_FIELDS})
        for key, doc in connection.execute("SELECT id, doc FROM leads ORDER BY created DESC, seq DESC")
    ]
    actions = connection.execute("SELECT id, lead, type, performer, doc FROM actions ORDER BY seq").fetchall()
    names = (world.enterprise_id, world.sync_token, world.async_token)
    return [*leads, *actions, names]


@pytest.mark.parametrize("seed", [1, 7])
@pytest.mark.parametrize("leads", [1, 12, 130, 500])
def test_the_same_seed_gives_the_same_people_on_every_day(seed: int, leads: int) -> None:
    first, *others = (World.open(None, ManualClock(now), seed=seed, leads=leads) for now in DATES)
    expected = people(first)
    assert any(rows(other) != rows(first) for other in others), "their dates move"
    for now, other in zip(DATES[1:], others, strict=True):
        assert people(other) == expected, datetime.fromtimestamp(now / 1000, INDIA)
        other.store.close()
    first.store.close()


def test_dates_move_by_as_many_days_as_the_clock() -> None:
    days = 97
    now = at(2026, 11, 28, 12)
    one, later = (World.open(None, ManualClock(when)) for when in (now, now + days * 86_400_000))
    stamps = "SELECT created, modified FROM leads ORDER BY seq"
    moved = [
        (created + days * 86_400_000, modified + days * 86_400_000)
        for created, modified in one.store.connection.execute(stamps)
    ]
    assert moved == later.store.connection.execute(stamps).fetchall()
    for world in (one, later):
        world.store.close()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York", "UTC"])
def test_the_time_zone_of_the_machine_does_not_matter(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = World.open(None, ManualClock(DATES[3]), leads=40)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        after = World.open(None, ManualClock(DATES[3]), leads=40)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert rows(before) == rows(after)
    for world in (before, after):
        world.store.close()


@pytest.mark.parametrize("leads", [1, 12, 130])
def test_the_same_seed_on_the_same_day_gives_the_same_workspace(leads: int) -> None:
    morning, evening = at(2026, 5, 12, 8), at(2026, 5, 12, 22)
    worlds = [
        World.open(None, ManualClock(now), seed=seed, leads=leads)
        for now, seed in ((morning, 3), (evening, 3), (morning, 4))
    ]
    same, again, other = (rows(world) for world in worlds)
    assert same == again
    assert same != other
    assert len(json.loads(worlds[0].store.note("seed") or "")) == 3
    for world in worlds:
        world.store.close()


def test_the_distributions_are_believable(seeded: Any) -> None:
    world = World.open(None, ManualClock(seeded.clock.now_ms()))
    leads = [json.loads(doc) for (doc,) in world.store.connection.execute("SELECT doc FROM leads")]
    phones = [lead["phone"] for lead in leads]
    assert len(set(phones)) == len(phones) == 500
    assert "919999999999" not in phones
    assert sum(phone.startswith("91") and len(phone) == 12 for phone in phones) > 480
    assert set(Counter(lead["status"] for lead in leads)) == {
        "Fresh",
        "Contacted",
        "Qualified",
        "Won",
        "Lost",
        "Callback",
    }
    for field in ("email", "rating", "interests", "deal_size", "city", "assignee"):
        assert 0.3 < sum(field in lead for lead in leads) / 500 < 0.97, field
    texts = " ".join(lead["name"] for lead in leads)
    for hostile in ("=HYPERLINK", "\x1b[31m", "<script>", "\u202e", "प्रिया", "محمد", "🏠"):
        assert hostile in texts
    near = [p for p in phones if any(q != p and (q[:-1] == p[:-1] or q[-10:] == p[-10:]) for q in phones)]
    assert near
    types = dict(world.store.connection.execute("SELECT type, count(*) FROM actions GROUP BY type"))
    assert {
        "OUTGOING_CALL",
        "INCOMING_CALL",
        "MISSED_CALL",
        "ZENDIAL_OUTGOING_CALL",
        "1001",
        "1002",
        "PAYMENT",
    } <= set(types)
    longest = "SELECT max(length(json_extract(doc, '$.text'))) FROM actions WHERE type = 'USER_NOTE'"
    assert world.store.connection.execute(longest).fetchone()[0] == 65_536
    world.store.close()


def test_nothing_lies_in_the_future_and_no_action_before_its_lead(seeded: Any) -> None:
    connection = seeded.world.store.connection
    now = seeded.clock.now_ms()
    assert connection.execute("SELECT max(created), max(modified) FROM leads").fetchone() <= (now, now)
    assert connection.execute("SELECT max(at) FROM actions").fetchone()[0] <= now
    early = "SELECT count(*) FROM actions a JOIN leads l ON l.seq = a.lead WHERE a.at < l.created"
    assert connection.execute(early).fetchone()[0] == 0


async def test_without_hostile_texts_on_request(service: Any) -> None:
    s = service(World.open(None, ManualClock(at(2026, 5, 12)), hostile=False))
    names = [row["fields"]["name"] for row in (await s.search({}, limit=100))["data"]]
    assert all(name.replace(" ", "").isalpha() and name.isascii() for name in names)


async def test_a_file_keeps_what_was_written_and_reset_throws_it_away(service: Any, tmp_path: Path) -> None:
    path, clock = tmp_path / "deep" / "world.db", ManualClock(at(2026, 5, 12))
    s = service(World.open(path, clock, leads=30))
    lead = await s.create("919999999999", city="Goa")
    again = service(World.open(path, clock, seed=9, leads=77, switches={"search_id": "off"}))
    assert (await again.get(f"/lead/{lead}")).json()["fields"]["city"] == "Goa"
    assert again.world.sync_token == s.world.sync_token
    again.world.reset(leads=40)
    assert (await again.get(f"/lead/{lead}")).status_code == 404
    assert (await again.search())["total_count"] == 40
    assert again.world.switches["search_id"] == "off"
    assert rows(again.world) == rows(World.open(None, clock, leads=40))


async def test_two_processes_may_share_a_file(service: Any, tmp_path: Path) -> None:
    path, clock = tmp_path / "world.db", ManualClock(at(2026, 5, 12))
    one, two = (service(World.open(path, clock, leads=20)) for _ in range(2))
    body = {"fields": {"city": "Goa"}}
    assert [(await s.search(body))["total_count"] for s in (one, two)] == [0, 0]
    lead = await one.create("919999999999", city="Goa")
    assert [(await s.search(body))["total_count"] for s in (one, two)] == [1, 1]
    await two.post(f"/lead/{lead}", {"fields": {"city": "Pune"}})
    assert [(await s.search(body))["total_count"] for s in (one, two)] == [0, 0]


def test_another_layout_of_the_file_is_made_anew(tmp_path: Path) -> None:
    path, clock = tmp_path / "world.db", ManualClock(at(2026, 5, 12))
    world = World.open(path, clock, leads=5)
    world.store.connection.execute("PRAGMA user_version = 999")
    world.store.close()
    world = World.open(path, clock, leads=6)
    assert world.store.count_leads() == 6
    world.store.close()


def test_months_of_this_test_are_whole() -> None:
    windows = months(at(2026, 1, 15), 3)
    assert [datetime.fromtimestamp(low / 1000, INDIA).month for low, _ in windows] == [1, 12, 11]
    assert all(timedelta(milliseconds=high - low + 1).days in {30, 31} for low, high in windows)
