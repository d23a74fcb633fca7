"""Each effect of a fault is seen from outside; rules strike when they say so. In process; test_server has the port."""

import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any, get_args

import pytest

from leadops.core.errors import ConfigurationError
from leadops.sandbox.faults.effects import Effect
from leadops.sandbox.faults.rules import Rule, When, read_scenario, tail_of
from leadops.sandbox.http.wire import SandboxResetError

pytestmark = pytest.mark.anyio

APPEND = {"type": "1002", "fields": {"note": "x"}}
CHECKS: dict[str, list[Callable[[Any], Awaitable[None]]]] = {}


def shows(kind: str) -> Callable[[Callable[[Any], Awaitable[None]]], Callable[[Any], Awaitable[None]]]:
    def keep(function: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
        CHECKS.setdefault(kind, []).append(function)
        return function

    return keep


def strike(s: Any, *effects: dict[str, Any], path: str = "*", **when: Any) -> None:
    rule = {"match": {"path": path}, "when": when, "effects": list(effects)}
    s.world.stage(read_scenario(json.dumps({"rules": [rule]})))


async def append(s: Any, lead: str) -> Any:
    return await s.post(f"/lead/{lead}/action", {"actions": [APPEND]})


async def notes(s: Any, lead: str) -> int:
    s.world.faults.clear()
    return len(await s.timeline(lead))


@shows("delay")
async def the_worlds_clock_moves_before_or_after_the_write(s: Any) -> None:
    lead, start = await s.create(), s.clock.now_ms()
    for applied, later in ((False, 30_000), (True, 30_000)):
        strike(s, {"kind": "delay", "seconds": 30, "applied": applied})
        assert (await append(s, lead)).status_code == 200
        s.world.faults.clear()
        assert (await s.timeline(lead))[0]["creationTimestamp"] == start + later
    assert s.clock.now_ms() == start + 60_000


@shows("drip")
async def a_dripping_body_is_whole_in_the_end(s: Any) -> None:
    start = s.clock.now_ms()
    strike(s, {"kind": "drip", "size": 10, "seconds": 2})
    answer = await s.get("/metadata")
    assert answer.json()["id"] == s.world.enterprise_id
    assert s.clock.now_ms() - start == 2000 * ((len(answer.content) - 1) // 10)


@shows("clock_skew")
async def the_date_header_is_ahead(s: Any) -> None:
    strike(s, {"kind": "clock_skew", "seconds": -3600})
    assert (await s.get("/metadata")).headers["date"] == "Tue, 12 May 2026 04:00:00 GMT"


@shows("reset")
async def a_reset_comes_before_or_after_the_effect(s: Any) -> None:
    lead = await s.create()
    for applied in (False, True):
        strike(s, {"kind": "reset", "applied": applied})
        with pytest.raises(SandboxResetError):
            await append(s, lead)
        assert await notes(s, lead) == applied


@shows("late")
async def a_late_write_is_applied_after_its_reset(s: Any) -> None:
    lead = await s.create()
    strike(s, {"kind": "late", "seconds": 60}, path="/lead/*/action")
    with pytest.raises(ConnectionResetError):
        await append(s, lead)
    assert await notes(s, lead) == 0
    s.clock.advance(61)
    assert await notes(s, lead) == 1


@shows("cut")
async def an_answer_breaks_in_its_middle_after_the_effect(s: Any) -> None:
    lead = await s.create()
    strike(s, {"kind": "cut"})
    with pytest.raises(SandboxResetError):
        await append(s, lead)
    assert await notes(s, lead) == 1


@shows("error")
async def an_error_comes_with_or_without_the_effect(s: Any) -> None:
    lead = await s.create()
    for applied in (False, True):
        strike(
            s,
            {
                "kind": "error",
                "status": 429,
                "applied": applied,
                "code": "SLOW",
                "headers": {"Retry-After": "-5"},
            },
        )
        answer = await append(s, lead)
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "SLOW")
        assert answer.headers["retry-after"] == "-5"
        assert await notes(s, lead) == applied


@shows("replace")
async def any_answer_may_stand_in(s: Any) -> None:
    lead = await s.create()
    strike(s, {"kind": "replace", "applied": True})
    answer = await append(s, lead)
    assert (answer.status_code, answer.text[:14]) == (200, "<!DOCTYPE html")
    s.world.faults.clear()
    strike(
        s, {"kind": "replace", "status": 302, "body": "", "headers": {"Location": "https://login.example/"}}
    )
    assert (await append(s, lead)).headers["location"] == "https://login.example/"
    assert await notes(s, lead) == 1


@shows("malformed")
async def every_form_of_broken_json_is_refused_by_a_strict_reader(s: Any) -> None:
    lead = await s.create()
    forms = ("short", "nan", "trailing", "duplicate_key", "deep", "surrogate", "bom", "long_number")
    for number, form in enumerate(forms, 1):
        strike(s, {"kind": "malformed", "form": form})
        answer = await append(s, lead)
        with pytest.raises((ValueError, RecursionError, UnicodeError)):
            _read_strictly(answer.content)
        assert await notes(s, lead) == number


def _read_strictly(body: bytes) -> None:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in items}) != len(items):
            raise ValueError("a key twice")
        return dict(items)

    def constant(name: str) -> None:
        raise ValueError(name)

    value = json.loads(body.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    if "data" in value:
        raise ValueError("a key that the answer does not have")


@shows("bomb")
async def a_bomb_is_small_on_the_wire(s: Any) -> None:
    strike(s, {"kind": "bomb", "mebibytes": 2})
    request = s.client.build_request("GET", "/metadata")
    answer = await s.client.send(request, stream=True)
    raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 10_000
    assert len(gzip.decompress(raw)) == 2 << 20


@shows("headers")
async def headers_may_be_huge(s: Any) -> None:
    strike(s, {"kind": "headers", "headers": {"X-Filler": "ab"}, "times": 50_000})
    assert len((await s.get("/metadata")).headers["x-filler"]) == 100_000


@shows("entry_count")
async def the_answer_has_more_or_fewer_entries_than_were_sent(s: Any) -> None:
    lead = await s.create()
    for by in (1, -1):
        strike(s, {"kind": "entry_count", "by": by})
        assert len((await append(s, lead)).json()["actions"]) == 1 + by
        s.world.faults.clear()


@shows("remark_elsewhere")
async def remarks_point_where_nothing_was_sent(s: Any) -> None:
    strike(s, {"kind": "remark_elsewhere"})
    answer = await s.post("/lead", {"fields": {"phone": "919999999999", "rating": 9}})
    assert answer.json()["remarks"][0]["field"] == "actions[97].elsewhere"


@shows("replay")
async def a_proxy_sends_the_write_twice(s: Any) -> None:
    lead = await s.create()
    strike(s, {"kind": "replay"}, path="/lead/*/action")
    assert len((await append(s, lead)).json()["actions"]) == 1
    assert await notes(s, lead) == 2


@shows("revoke_token")
async def a_token_is_revoked_in_the_middle(s: Any) -> None:
    strike(s, {"kind": "revoke_token"}, nth=[2])
    codes = [(await s.get("/metadata")).status_code for _ in range(3)]
    assert codes == [200, 401, 401]
    strike(s, {"kind": "revoke_token", "which": "async"})
    assert (await s.upsert({})).status_code == 401


@shows("event")
async def an_event_comes_before_the_request_or_some_time_after_it(s: Any) -> None:
    lead = await s.create()
    set_city = {"kind": "set", "lead": "$lead", "fields": {"city": "Kochi"}}
    strike(s, {"kind": "event", "event": set_city}, path="/lead/*")
    assert (await s.get(f"/lead/{lead}")).json()["fields"]["city"] == "Kochi"
    s.world.faults.clear()
    twin = {"kind": "action", "lead": "$lead", "type": "1002", "detail": {"fields": {"note": "x"}}}
    strike(s, {"kind": "event", "event": twin, "moment": "after", "after_s": 5}, path="/lead/*/action")
    await append(s, lead)
    assert len(await s.timeline(lead)) == 1
    s.clock.advance(5)
    assert [row["employeeid"] for row in await s.timeline(lead)] == ["automation", ""]


@shows("event")
async def an_event_after_a_create_means_the_lead_that_came_of_it(s: Any) -> None:
    rated = {"kind": "set", "lead": "$lead", "fields": {"rating": 1}}
    strike(s, {"kind": "event", "event": rated, "moment": "after"}, path="/lead")
    lead = await s.create(rating=5)
    assert (await s.get(f"/lead/{lead}")).json()["fields"]["rating"] == 1


@shows("ignore_filter")
async def a_filter_is_forgotten(s: Any) -> None:
    await s.create("919999999991", city="Pune", status="Won")
    await s.create("919999999992", city="Delhi", status="Won")
    strike(s, {"kind": "ignore_filter", "field": "city"})
    assert (await s.search({"fields": {"city": "Pune", "status": "Won"}}))["total_count"] == 2


@shows("ignore_actions")
async def the_actions_block_is_forgotten(s: Any) -> None:
    await s.create()
    strike(s, {"kind": "ignore_actions"})
    assert (await s.search({"actions": {"type": "OUTGOING_CALL"}}))["total_count"] == 1


@shows("ignore_field")
async def a_field_of_an_update_is_forgotten(s: Any) -> None:
    lead = await s.create(rating=1)
    strike(s, {"kind": "ignore_field", "field": "rating"})
    fields = (await s.post(f"/lead/{lead}", {"fields": {"rating": 5, "city": "Pune"}})).json()["fields"]
    assert (fields["rating"], fields["city"]) == (1, "Pune")


async def _phones(s: Any, **query: Any) -> list[int]:
    page = await s.search({}, **query)
    assert (page["skip"], page["limit"]) == (query["skip"], query["limit"])
    return [int(row["fields"]["phone"][-1]) for row in page["data"]]


async def _six(s: Any) -> None:
    for number in range(6):
        await s.create(f"91999999999{number}")
        s.clock.advance(1)


@shows("shift_page")
async def a_page_begins_elsewhere(s: Any) -> None:
    await _six(s)
    strike(s, {"kind": "shift_page", "by": 1})
    assert await _phones(s, skip=2, limit=2) == [2, 1]


@shows("repeat_page")
async def the_same_page_is_served_for_ever(s: Any) -> None:
    await _six(s)
    strike(s, {"kind": "repeat_page"})
    assert await _phones(s, skip=4, limit=2) == [5, 4]


@shows("drop_rows")
async def rows_are_missing_while_the_total_stays(s: Any) -> None:
    await _six(s)
    strike(s, {"kind": "drop_rows", "count": 2})
    page = await s.search({}, limit=3)
    assert (len(page["data"]), page["total_count"]) == (1, 6)


@shows("repeat_rows")
async def rows_come_twice(s: Any) -> None:
    await _six(s)
    strike(s, {"kind": "repeat_rows", "count": 2})
    assert await _phones(s, skip=0, limit=3) == [5, 4, 5, 4, 3]


@shows("wrong_total")
async def the_total_is_wrong(s: Any) -> None:
    await _six(s)
    strike(s, {"kind": "wrong_total", "by": -2})
    assert (await s.search({}))["total_count"] == 4


@shows("shuffle_ties")
async def leads_of_one_moment_change_places_between_pages(s: Any) -> None:
    for number in range(6):
        await s.create(f"91999999999{number}")
    plain = await _phones(s, skip=0, limit=6)
    strike(s, {"kind": "shuffle_ties", "seed": 4000})
    shuffled = await _phones(s, skip=0, limit=6)
    assert plain == [5, 4, 3, 2, 1, 0]
    assert shuffled != plain
    assert sorted(shuffled) == sorted(plain)


ALL = [
    pytest.param(check, id=f"{kind}-{check.__name__}") for kind, checks in CHECKS.items() for check in checks
]


@pytest.mark.parametrize("check", ALL)
async def test_an_effect_is_seen_from_outside(empty: Any, check: Callable[[Any], Awaitable[None]]) -> None:
    await check(empty)


def test_every_effect_has_a_check() -> None:
    union = get_args(Effect)[0]
    kinds = {get_args(model.model_fields["kind"].annotation)[0] for model in get_args(union)}
    assert set(CHECKS) == kinds


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, "111111"),
        ({"nth": [2, 5]}, "010010"),
        ({"count": 2}, "110000"),
        ({"after": 4}, "000011"),
        ({"after": 1, "count": 2}, "011000"),
        ({"every": 3}, "001001"),
    ],
)
async def test_a_rule_strikes_the_requests_it_names(empty: Any, when: dict[str, Any], struck: str) -> None:
    strike(empty, {"kind": "error", "status": 503}, path="/metadata", **when)
    seen = ""
    for _ in range(6):
        assert (await empty.get("/custom-fields")).status_code == 200
        seen += str(int((await empty.get("/metadata")).status_code == 503))
    assert seen == struck


async def test_chance_is_seeded(empty: Any) -> None:
    runs = []
    for seed in (7, 7, 8):
        empty.world.faults.clear()
        strike(empty, {"kind": "error"}, probability=0.5, seed=seed)
        runs.append([(await empty.get("/metadata")).status_code for _ in range(40)])
    assert runs[0] == runs[1] != runs[2]
    assert 8 < runs[0].count(500) < 32


async def test_a_rule_may_look_at_method_and_body(empty: Any) -> None:
    rule = {
        "match": {"method": "POST", "path": "/lead/search", "body": '"Won"'},
        "effects": [{"kind": "error"}],
    }
    empty.world.faults.add(Rule.model_validate(rule))
    assert (await empty.post("/lead/search", {"fields": {"status": "Won"}})).status_code == 500
    assert (await empty.post("/lead/search", {"fields": {"status": "Lost"}})).status_code == 200


def test_the_path_of_a_rule_is_what_follows_the_enterprise() -> None:
    assert tail_of("/enterprise/abc/autoupdatelead") == "/autoupdatelead"
    assert tail_of("/openapi.json") == "/openapi.json"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "JSON"),
        ('{"rules": [{"effects": []}]}', "rules.0.effects"),
        ('{"rules": [{"effects": [{"kind": "explode"}]}]}', "rules.0.effects.0"),
        ('{"rulez": []}', "rulez"),
        ('{"rules": [{"effects": [{"kind": "delay", "seconds": -1}]}]}', "seconds"),
    ],
)
def test_a_file_of_faults_that_is_not_understood_names_the_place(text: str, place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        read_scenario(text)


async def test_a_scenario_brings_its_settings_and_switches(empty: Any) -> None:
    text = '{"switches": {"search_id": "off"}, "sync_limit": 1, "visibility_delay_s": 4}'
    empty.world.stage(read_scenario(text))
    assert empty.world.switches["search_id"] == "off"
    assert [(await empty.get("/metadata")).status_code for _ in range(2)] == [200, 429]
    assert When() == When.model_validate({})


async def test_calls_are_recorded_as_they_arrived_faulty_or_not(empty: Any) -> None:
    lead = await empty.create()
    strike(empty, {"kind": "reset", "applied": False}, nth=[1])
    with pytest.raises(SandboxResetError):
        await append(empty, lead)
    await append(empty, lead)
    prefix = f"/autoupdate/v2/enterprise/{empty.world.enterprise_id}"
    assert list(empty.world.calls) == [
        ("POST", f"{prefix}/lead", {"fields": {"phone": "919999999999"}}),
        *[("POST", f"{prefix}/lead/{lead}/action", {"actions": [APPEND]})] * 2,
    ]
