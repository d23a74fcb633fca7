"""Each switch is observed from outside, by its own probe, in each of its positions."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from leadops.sandbox.world.switches import SWITCHES, Switch, Switches
from leadops.sandbox.world.world import stable_id

pytestmark = pytest.mark.anyio

DAY = 86_400_000
Probe = Callable[[Any], Awaitable[str]]
PROBES: dict[str, Probe] = {}


def probe(function: Probe) -> Probe:
    PROBES[function.__name__] = function
    return function


async def row(s: Any) -> dict[str, Any]:
    return (await s.search())["data"][0]


def where(outer: bool, inner: bool) -> str:
    return {(True, False): "top", (False, True): "fields", (True, True): "both"}[outer, inner]


@probe
async def search_id(s: Any) -> str:
    await s.create()
    return "on" if "id" in await row(s) else "off"


@probe
async def status_place(s: Any) -> str:
    await s.create(status="Won")
    found = await row(s)
    return where("status" in found, "status" in found["fields"])


@probe
async def rating_place(s: Any) -> str:
    await s.create(rating=3)
    found = await row(s)
    return where("rating" in found, "rating" in found["fields"])


@probe
async def assignee_read(s: Any) -> str:
    lead = await s.create(assignee="agent@company.com")
    found = await row(s)
    fields = (await s.get(f"/lead/{lead}")).json()["fields"]
    seen = [name for name in ("employeeid", "assignee") if name in fields]
    assert seen == [name for name in ("employeeid", "assignee") if name in {*found, *found["fields"]}]
    return seen[0]


@probe
async def lost_reason_read(s: Any) -> str:
    await s.create(status="Lost", lost_reason="Wrong number")
    return {"Wrong number": "label", "4": "id"}[(await row(s))["lostReasonid"]]


@probe
async def get_body(s: Any) -> str:
    body = (await s.get(f"/lead/{await s.create()}")).json()
    extra = {"id" in body, "created_on" in body["fields"], "employeeid" in body["fields"]}
    return {True: "live", False: "documented"}[extra.pop()]


@probe
async def conflict_id(s: Any) -> str:
    lead = await s.create()
    answer = await s.post("/lead", {"fields": {"phone": "9999999999"}})
    assert answer.status_code == 409
    return "on" if lead in answer.text else "off"


@probe
async def empty_lists(s: Any) -> str:
    body = (await s.post("/lead", {"fields": {"phone": "919999999999"}})).json()
    return "present" if {"actions", "remarks"} <= set(body) else "absent"


@probe
async def unknown_field_create(s: Any) -> str:
    body = (await s.post("/lead", {"fields": {"phone": "919999999999", "Name": "x"}})).json()
    return "remark" if body.get("remarks") else "silent"


async def updated(s: Any, **fields: Any) -> str:
    """Return "400", or "drop" when the update left the lead as it was."""
    lead = await s.create(rating=2, city="Pune", status="Fresh", assignee="agent@company.com")
    before = (await s.get(f"/lead/{lead}")).json()["fields"]
    answer = await s.post(f"/lead/{lead}", {"fields": fields})
    assert (await s.get(f"/lead/{lead}")).json()["fields"] == before
    return "drop" if answer.status_code == 200 else str(answer.status_code)


@probe
async def update_invalid(s: Any) -> str:
    return await updated(s, rating=9)


@probe
async def update_unknown_status(s: Any) -> str:
    return await updated(s, status="Enrolled")


@probe
async def update_unknown_member(s: Any) -> str:
    return await updated(s, assignee="nobody@company.com")


@probe
async def update_unknown_field(s: Any) -> str:
    return await updated(s, colour="red")


@probe
async def locked_field(s: Any) -> str:
    return await updated(s, campaign_code="X1")


@probe
async def same_value(s: Any) -> str:
    lead = await s.create(rating=2)
    s.clock.advance(60)
    fields = (await s.post(f"/lead/{lead}", {"fields": {"rating": 2}})).json()["fields"]
    return "bump" if fields["modified_on"] > fields["created_on"] else "quiet"


@probe
async def validation_code(s: Any) -> str:
    lead = await s.create()
    answers = [
        await s.post("/lead", {"fields": {"name": "no identifier"}}),
        await s.post(f"/lead/{lead}", {"fields": {"rating": 9}}),
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    (code,) = {answer.json()["error"]["code"] for answer in answers}
    return str(code)


@probe
async def unknown_enterprise(s: Any) -> str:
    path = f"/autoupdate/v2/enterprise/{'0' * 24}/metadata"
    answer = await s.client.get(path, headers={"Authorization": f"Bearer {s.world.sync_token}"})
    codes = {401: "NOT_AUTHORIZED", 404: "ENTERPRISE_NOT_FOUND"}
    assert answer.json()["error"]["code"] == codes[answer.status_code]
    return str(answer.status_code)


@probe
async def malformed_id(s: Any) -> str:
    return str((await s.get("/lead/abc1234")).status_code)


@probe
async def wrong_method(s: Any) -> str:
    return str((await s.call("DELETE", f"/lead/{'0' * 24}")).status_code)


@probe
async def status_case(s: Any) -> str:
    await s.create(status="Won")
    found = await s.search({"fields": {"status": "won"}})
    return "insensitive" if found["total_count"] else "sensitive"


@probe
async def performed_by(s: Any) -> str:
    lead = await s.create()
    s.world.store.add_actions([_call(s, "agent@company.com")])
    found = {}
    for name, who in (("email", "agent@company.com"), ("id", stable_id("member", "agent@company.com"))):
        found[name] = len(await s.timeline(lead, performed_by=[who]))
    return max(found, key=lambda name: found[name])


def _call(s: Any, who: str, duration: int = 5) -> Any:
    from leadops.sandbox.world.records import NewAction

    return NewAction(1, "OUTGOING_CALL", s.clock.now_ms(), who, {"duration": duration})


@probe
async def action_type_list(s: Any) -> str:
    answer = await s.post(f"/lead/{await s.create()}/action/search", {"type": ["1001", "1002"]})
    return "accept" if answer.status_code == 200 else str(answer.status_code)


async def append(s: Any, lead: str, *actions: dict[str, Any]) -> Any:
    return await s.post(f"/lead/{lead}/action", {"actions": list(actions)})


@probe
async def action_paging(s: Any) -> str:
    lead = await s.create()
    await append(s, lead, *[{"type": "1002", "fields": {"note": str(number)}} for number in range(4)])
    body = (await s.post(f"/lead/{lead}/action/search", {}, skip=1, limit=2)).json()
    return "query" if len(body["data"]) == 2 else "ignored"


@probe
async def type_on_read(s: Any) -> str:
    lead = await s.create()
    action = (await append(s, lead, {"type": "1002", "fields": {"note": "x"}})).json()["actions"][0]
    listed = (await s.timeline(lead))[0]["type"]
    single = (await s.get(f"/lead/{lead}/action/{action['action_id']}")).json()["type"]
    return {
        ("ACTION_1002", "1002"): "mixed",
        ("1002", "1002"): "bare",
        ("ACTION_1002", "ACTION_1002"): "prefixed",
    }[listed, single]


@probe
async def prefixed_create(s: Any) -> str:
    lead = await s.create()
    answer = await append(s, lead, {"type": "ACTION_1002", "fields": {"note": "x"}})
    assert await s.timeline(lead) == []
    if answer.status_code == 200:
        assert answer.json()["actions"] == [{"action_id": None, "status": "IGNORED"}]
        return "drop"
    return str(answer.status_code)


@probe
async def retry_after(s: Any) -> str:
    s.world.sync_limit = 1
    await s.get("/metadata")
    answer = await s.get("/metadata")
    assert answer.status_code == 429
    header = answer.headers.get("retry-after")
    return "off" if header is None else "seconds" if header == "3600" else "date"


@probe
async def rate_scope(s: Any) -> str:
    s.world.sync_limit = 1
    await s.get("/metadata")
    old, s.world.sync_token = s.world.sync_token, "another-token"
    answer = await s.get("/metadata")
    s.world.sync_token = old
    return "workspace" if answer.status_code == 429 else "token"


@probe
async def assignee_status_list(s: Any) -> str:
    answer = await s.post(
        "/lead/search", {"fields": {"assignee": "agent@company.com", "status": ["Won", "Lost"]}}
    )
    return "works" if answer.status_code == 200 else str(answer.status_code)


async def windowed(s: Any, name: str, window: Any) -> str:
    now = s.clock.now_ms()
    await s.create("919999999991", lead_date=now - 5 * DAY)
    s.clock.advance(3600)
    await s.create("919999999992", lead_date=now - 50 * DAY)
    answer = await s.post("/lead/search", {"fields": {name: window}})
    if answer.status_code == 400:
        return "400"
    return {1: "works", 2: "ignored"}[answer.json()["total_count"]]


@probe
async def custom_date_range(s: Any) -> str:
    now = s.clock.now_ms()
    return await windowed(s, "lead_date", {"from": now - 9 * DAY, "to": now})


@probe
async def modified_on_filter(s: Any) -> str:
    now = s.clock.now_ms()
    return await windowed(s, "modified_on", {"from": now - 1, "to": now + 1})


@probe
async def unknown_filter(s: Any) -> str:
    await s.create()
    answer = await s.post("/lead/search", {"fields": {"colour": "red"}})
    return "400" if answer.status_code == 400 else {0: "none", 1: "ignored"}[answer.json()["total_count"]]


@probe
async def date_format(s: Any) -> str:
    lead = await s.create(lead_date="02/01/2026")
    got = (await s.get(f"/lead/{lead}")).json()["fields"]["lead_date"]
    fields = (await s.get("/custom-fields", detail="true")).json()["customFields"]
    (told,) = {field["dateFormat"] for field in fields if "dateFormat" in field}
    assert told == {1767292200000: "dd/MM/yyyy", 1769884200000: "MM/dd/yyyy"}[got]
    return str(told)


@probe
async def range_end(s: Any) -> str:
    await s.create()
    now = s.clock.now_ms()
    found = await s.search({"fields": {"created_on": {"from": now - 1, "to": now}}})
    return "inclusive" if found["total_count"] else "exclusive"


@probe
async def half_open(s: Any) -> str:
    return await windowed(s, "created_on", {"from": s.clock.now_ms() + 1})


@probe
async def clearing(s: Any) -> str:
    lead = await s.create(city="Pune", interests=["VIP"], company="Kaveri Foods")
    await s.post(f"/lead/{lead}", {"fields": {"city": "", "interests": []}})
    await s.post(f"/lead/{lead}", {"fields": {"company": None}})
    fields = (await s.get(f"/lead/{lead}")).json()["fields"]
    assert ("city" in fields) == ("interests" in fields)
    left = ("city" in fields, "company" in fields)
    return {(True, True): "off", (False, True): "empty", (True, False): "null", (False, False): "both"}[left]


@probe
async def tags_update(s: Any) -> str:
    lead = await s.create(interests=["VIP"])
    fields = (await s.post(f"/lead/{lead}", {"fields": {"interests": ["Villa"]}})).json()["fields"]
    return {1: "replace", 2: "append"}[len(fields["interests"])]


async def labelled(s: Any, name: str, value: Any, label: str) -> str:
    lead = await s.create()
    answer = await s.post(f"/lead/{lead}", {"fields": {name: value}})
    options = (await s.get(f"/custom-fields/{name}")).json()["options"]
    known = label in [option["label"] for option in options]
    stored = (await s.get(f"/lead/{lead}")).json()["fields"].get(name) == value
    assert known == stored == (answer.status_code == 200)
    return "create" if known else "drop"


@probe
async def unknown_option(s: Any) -> str:
    return await labelled(s, "city", "Goa", "Goa")


@probe
async def unknown_tag(s: Any) -> str:
    return await labelled(s, "interests", ["Farmhouse"], "Farmhouse")


@probe
async def phone_search(s: Any) -> str:
    await s.create("919999999999")
    found = [
        (await s.search({"fields": {"phone": spelling}}))["total_count"]
        for spelling in ("919999999999", "+919999999999", "9999999999")
    ]
    return {(1, 0, 0): "exact", (1, 1, 1): "normalised"}[tuple(found)]


@probe
async def timeline_order(s: Any) -> str:
    lead = await s.create()
    for _ in range(2):
        await append(s, lead, {"type": "1002", "fields": {"note": "x"}})
        s.clock.advance(60)
    entries = (await s.get(f"/lead/{lead}", includeActions="true")).json()["actions"]
    times = [entry["creationTimestamp"] for entry in entries]
    return "newest" if times[0] > times[1] else "oldest"


@probe
async def timeline_id(s: Any) -> str:
    lead = await s.create()
    await append(s, lead, {"type": "1002", "fields": {"note": "x"}})
    entry = (await s.get(f"/lead/{lead}", includeActions="true")).json()["actions"][0]
    return "on" if "id" in entry else "off"


@probe
async def pipeline_shape(s: Any) -> str:
    body = (await s.get("/lead-stage-pipeline")).json()
    if "leadStages" in body:
        labels = [one["label"] for stage in body["leadStages"] for one in stage["activeStatuses"]]
    else:
        assert set(body) == {"statuses", "lostReasons"}
        labels = [one["label"] for one in body["statuses"] if not one["archived"]]
    assert labels == ["Fresh", "Contacted", "Qualified", "Won", "Lost"]
    return "stages" if "leadStages" in body else "flat"


@probe
async def identifier_ref(s: Any) -> str:
    told = (await s.get("/metadata")).json()["leadIdentifierFieldId"]
    field = (await s.get("/custom-fields/phone")).json()
    return {field["apiName"]: "api_name", field["id"]: "id"}[told]


@probe
async def type_names(s: Any) -> str:
    return {"TAGS": "plain", "MULTI_SELECT": "long"}[(await s.get("/custom-fields/interests")).json()["type"]]


async def invite(s: Any, email: str) -> Any:
    body = {"name": "New One", "email": email, "phone_number": "919811122233", "role": "CALLER"}
    return await s.post("/team-members", body)


@probe
async def invited_spelling(s: Any) -> str:
    return str((await invite(s, "new@company.com")).json()["status"])


@probe
async def state_unknown_email(s: Any) -> str:
    body = {"state": "Working", "email": "nobody@company.com"}
    return str((await s.post("/teammember/state_change", body)).status_code)


@probe
async def member_duplicate(s: Any) -> str:
    return str((await invite(s, "AGENT@company.com")).status_code)


@probe
async def async_reply(s: Any) -> str:
    body = (await s.upsert({"fields": {"phone": "919999999999"}})).json()
    return "queued" if body == {"status": "QUEUED"} else "legacy"


@probe
async def deleted_lead(s: Any) -> str:
    lead = await s.create()
    s.world.store.delete_lead(s.world.store.lead(lead))
    assert (await s.search())["total_count"] == 0
    return {200: "readable", 404: "gone"}[(await s.get(f"/lead/{lead}")).status_code]


@probe
async def paging_numbers(s: Any) -> str:
    codes = {
        (await s.post("/lead/search", {}, **query)).status_code
        for query in ({"skip": "x"}, {"skip": -1}, {"limit": "many"})
    }
    assert (await s.post("/lead/search", {}, limit=101)).status_code == 400
    return {200: "lenient", 400: "strict"}[codes.pop()]


@probe
async def predated_action(s: Any) -> str:
    lead = await s.create()
    at = s.clock.now_ms() - 9 * DAY
    await append(s, lead, {"type": "1002", "created_on": at, "fields": {"note": "x"}})
    return "honoured" if (await s.timeline(lead))[0]["creationTimestamp"] == at else "ignored"


PAYMENT = {"type": "PAYMENT", "status": "PENDING", "currency": "INR", "amount": "100"}


@probe
async def payment_id(s: Any) -> str:
    lead = await s.create()
    made = (await append(s, lead, PAYMENT | {"paymentid": "p1"})).json()["actions"][0]["action_id"]
    return "kept" if "paymentid" in (await s.get(f"/lead/{lead}/action/{made}")).json() else "ignored"


@probe
async def number_strings(s: Any) -> str:
    lead = await s.create(visits="3")
    return "accept" if (await s.get(f"/lead/{lead}")).json()["fields"].get("visits") == 3 else "refuse"


@probe
async def action_bad_field(s: Any) -> str:
    lead = await s.create()
    answer = await append(s, lead, {"type": "1001", "fields": {"note": "kept", "email": "bad"}})
    assert [remark["field"] for remark in answer.json()["remarks"]] == ["actions[0].fields.email"]
    stored = [entry["fields"] for entry in await s.timeline(lead)]
    return {(): "drop_action", ("note",): "drop_field"}[tuple(stored[0]) if stored else ()]


@probe
async def api_performer(s: Any) -> str:
    lead = await s.create()
    await append(s, lead, PAYMENT)
    return {"": "empty", "admin@company.com": "owner"}[(await s.timeline(lead))[0]["employeeid"]]


@probe
async def filter_cap(s: Any) -> str:
    fits = [
        size
        for size in (25, 26, 100, 101)
        if (await s.post("/lead/search", {"fields": {"phone": ["1"] * size}})).status_code == 200
    ]
    return {25: "25", 100: "100", 101: "none"}[max(fits)]


@probe
async def empty_list(s: Any) -> str:
    await s.create()
    return {0: "none", 1: "all"}[(await s.search({"fields": {"city": []}}))["total_count"]]


@probe
async def skip_cap(s: Any) -> str:
    return {200: "none", 400: "10000"}[(await s.post("/lead/search", {}, skip=10_001)).status_code]


@probe
async def unconnected_call(s: Any) -> str:
    lead = await s.create()
    s.world.store.add_actions([_call(s, "agent@company.com", duration=-1)])
    return {-1: "minus_one", 0: "zero"}[(await s.timeline(lead))[0]["duration"]]


POSITIONS = [
    pytest.param(switch, position, id=f"{switch.name}={position}")
    for switch in SWITCHES
    for position in switch.positions
]


@pytest.mark.parametrize(("switch", "position"), POSITIONS)
async def test_a_switch_is_seen_from_outside(service: Any, switch: Switch, position: str) -> None:
    assert await PROBES[switch.name](service(**{switch.name: position})) == position


async def test_the_default_is_what_an_untouched_world_shows(service: Any) -> None:
    for switch in SWITCHES:
        assert await PROBES[switch.name](service()) == switch.default, switch.name


def test_every_switch_has_a_probe() -> None:
    assert set(PROBES) == {switch.name for switch in SWITCHES}


def test_an_unknown_switch_or_position_is_refused() -> None:
    with pytest.raises(ValueError, match="no switch 'search'"):
        Switches({"search": "on"})
    with pytest.raises(ValueError, match="knows on, off"):
        Switches({"search_id": "maybe"})
