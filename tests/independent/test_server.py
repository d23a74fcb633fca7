"""The independent server answers as docs/api.md says; section numbers are its."""

import http.client
import json
import time

import pytest

from tests.independent.definitions import AGENT, ASYNC_TOKEN, ENTERPRISE, FORMER, SYNC_TOKEN
from tests.independent.world import april, build, month


def lead_of(server, **fields):
    return next(
        one
        for one in server.world.alive()
        if all(one.fields.get(name) == value for name, value in fields.items())
    )


def ids(answer):
    return {row["id"] for row in answer.body["data"]}


# Who may call (1, 3)


@pytest.mark.parametrize("wrong", [{"token": "no"}, {"token": ASYNC_TOKEN}, {"enterprise": "0" * 24}])
def test_wrong_token_kind_and_enterprise_look_alike(ask, wrong):
    answer = ask("GET", "/metadata", **wrong)
    assert (answer.status, answer.code) == (401, "NOT_AUTHORIZED")
    assert "not found or invalid access token" in answer.message


def test_a_sync_token_does_not_open_the_async_api(tell):
    assert tell({"fields": {"phone": "919999999999"}}, SYNC_TOKEN).status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("POST", "/action/search"),
        ("GET", "/team-members/list/all"),
        ("GET", "/lead/search"),
        ("DELETE", "/metadata"),
        ("POST", "/team-members/state_change"),
        ("GET", "/lead/65f0c0ffee0badc0de0000ff/timeline"),
    ],
)
def test_paths_that_do_not_exist_are_404(ask, method, path):
    assert ask(method, path, {} if method == "POST" else None).status == 404


def test_a_missing_prefix_is_a_page_of_html(ask):
    answer = ask("GET", "/metadata", prefix="")
    assert answer.status == 404
    assert answer.body.startswith("<!doctype html>")


# Paging (4)


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 101}, {"skip": -1}, {"limit": "many"}])
def test_a_limit_out_of_range_is_refused_not_clamped(ask, page):
    answer = ask("POST", "/lead/search", {}, **page)
    assert (answer.status, answer.message) == (400, "Limit should be between 1 and 100")
    assert ask("GET", "/team-members", limit=11).message == "Limit should be between 1 and 10"


def test_pages_are_newest_first_and_count_the_whole(ask):
    first, second = (
        ask("POST", "/lead/search", {}, limit=70),
        ask("POST", "/lead/search", {}, skip=70, limit=70),
    )
    assert [len(first.body["data"]), len(second.body["data"])] == [70, 50]
    assert not ids(first) & ids(second)
    created = [row["fields"]["created_on"] for row in first.body["data"] + second.body["data"]]
    assert created == sorted(created, reverse=True)
    assert first.body["total_count"] == 120


# Search (6)


def test_search_is_exact_and_folds_case_except_for_status(ask, server):
    lead = lead_of(server, status="Won")
    assert lead.id in ids(
        ask("POST", "/lead/search", {"fields": {"name": lead.fields["name"].upper()}}, limit=100)
    )
    assert not ids(ask("POST", "/lead/search", {"fields": {"name": lead.fields["name"][:3]}}))
    assert ask("POST", "/lead/search", {"fields": {"status": "Won"}}).body["total_count"] == 24
    assert ask("POST", "/lead/search", {"fields": {"status": "won"}}).body["total_count"] == 0


def test_values_of_one_field_are_or_and_fields_are_and(ask, server):
    body = {"fields": {"rating": [3, 4], "status": "Won"}}
    expected = {
        one.id
        for one in server.world.alive()
        if one.fields["status"] == "Won" and one.fields.get("rating") in (3, 4)
    }
    assert ids(ask("POST", "/lead/search", body, limit=100)) == expected
    assert expected


def test_one_action_must_satisfy_the_whole_block(ask, server):
    start, end = month(2026, 4)
    block = {"type": "OUTGOING_CALL", "performed_by": AGENT, "performed_at": {"from": start, "to": end - 1}}
    expected = {
        lead.id
        for lead in server.world.alive()
        if any(e.type == "OUTGOING_CALL" and e.by == AGENT and start <= e.at < end for e in lead.timeline)
    }
    assert ids(ask("POST", "/lead/search", {"actions": block}, limit=100)) == expected
    # The trap that tells one action from several: the agent's call outside the month, another's call inside it.
    split = {
        lead.id
        for lead in server.world.alive()
        if any(e.type == "OUTGOING_CALL" and e.by == AGENT for e in lead.timeline)
        and any(e.type == "OUTGOING_CALL" and start <= e.at < end for e in lead.timeline)
    }
    assert split > expected


def test_an_unknown_filter_field_selects_nothing(ask, server):
    assert ask("POST", "/lead/search", {"fields": {"colour": "red"}}).body["total_count"] == 0
    server.switches.unknown_filter = "ignored"
    assert ask("POST", "/lead/search", {"fields": {"colour": "red"}}).body["total_count"] == 120
    server.switches.unknown_filter = "refused"
    assert ask("POST", "/lead/search", {"fields": {"colour": "red"}}).status == 400


def test_assignee_with_a_list_of_statuses_breaks_the_server(ask):
    body = {"fields": {"assignee": AGENT, "status": ["Won", "Lost"]}}
    assert ask("POST", "/lead/search", body).status == 500
    assert ask("POST", "/lead/search", {"fields": {"assignee": AGENT, "status": "Won"}}).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"fields": {"created_on": {"from": 1}}},
        {"fields": {"rating": {"from": 1, "to": 3}}},
        {"fields": {"rating": []}},
        {"fields": {"name": None}},
        {"actions": {"kind": "OUTGOING_CALL"}},
        {"sort": "name"},
        {"fields": {"created_on": {"from": "2026-04-01", "to": "2026-04-30"}}},
        b"{",
        b"[]",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(ask, body):
    assert ask("POST", "/lead/search", body).status == 400


@pytest.mark.parametrize(("mode", "count"), [("works", 1), ("ignored", 120), ("refused", None)])
def test_modified_on_three_ways(ask, server, mode, count):
    server.switches.modified_on = mode
    lead = lead_of(server, status="Fresh")
    lead.modified = 5
    answer = ask("POST", "/lead/search", {"fields": {"modified_on": {"from": 5, "to": 5}}})
    assert (answer.status, answer.body.get("total_count")) == ((400, None) if count is None else (200, count))


def test_rows_are_as_seen_live_and_both_id_worlds_are_there(ask, server):
    row = ask("POST", "/lead/search", {"fields": {"status": "Won"}}, limit=1).body["data"][0]
    assert row["status"] == "Won"
    assert "status" not in row["fields"]
    assert isinstance(row["fields"]["created_on"], int)
    for key in ("_id", "lead_id", "leadId"):
        server.switches.search_id = key
        assert len(ask("POST", "/lead/search", {}, limit=1).body["data"][0][key]) == 24
    server.switches.search_id = None
    rows = json.dumps(ask("POST", "/lead/search", {}, limit=100).body)
    assert not any(lead.id in rows for lead in server.world.alive())


# Create (5.1)


def test_create_reports_what_it_dropped(ask, server):
    fields = {
        "phone": "+91 99999 99999",
        "name": "Jane Doe",
        "rating": 9,
        "status": "Unheard of",
        "colour": "red",
    }
    actions = [
        {"type": "1001", "fields": {"note": "x", "email": "no"}},
        {"type": "1001", "fields": {"note": "y"}},
    ]
    answer = ask("POST", "/lead", {"fields": fields, "actions": actions})
    assert answer.status == 201
    said = {one["field"]: one["remark"] for one in answer.body["remarks"]}
    assert said["fields.rating"] == "Rating must be between 1 and 5"
    assert said["actions[0].fields.email"] == "Email is invalid"
    assert set(said) == {"fields.rating", "fields.status", "fields.colour", "actions[0].fields.email"}
    assert [one["status"] for one in answer.body["actions"]] == ["IGNORED", "CREATED"]
    lead = server.world.leads[answer.body["lead_id"]]
    assert lead.fields == {"phone": "919999999999", "name": "Jane Doe", "status": "Fresh"}
    assert [entry.fields for entry in lead.of_type("1001")] == [{"note": "y"}]
    again = ask("POST", "/lead", {"fields": {"phone": "9999999999"}})
    assert (again.status, again.code) == (409, "LEAD_ALREADY_EXISTS")
    assert lead.id not in json.dumps(again.body)


def test_a_lead_without_its_identifier_is_refused(ask):
    assert ask("POST", "/lead", {"fields": {"name": "Nobody"}}).status == 400
    assert ask("POST", "/lead", {"fields": {"phone": "12"}}).status == 400


@pytest.mark.parametrize("kind", ["ACTION_1001", "OUTGOING_CALL", "1003", 1001])
def test_a_type_that_cannot_be_created_refuses_the_whole_call(ask, server, kind):
    before = server.snapshot()
    lead = lead_of(server, status="Won")
    action = {"type": kind, "fields": {"note": "x"}}
    assert ask("POST", f"/lead/{lead.id}/action", {"actions": [action]}).status == 400
    assert ask("POST", "/lead", {"fields": {"phone": "919999999999"}, "actions": [action]}).status == 400
    assert server.snapshot() == before


# Read and update (5.2, 5.3)


def test_get_shows_fields_and_a_slice_of_the_timeline_newest_first(ask, server):
    lead = lead_of(server, status="Won")
    answer = ask("GET", f"/lead/{lead.id}")
    assert set(answer.body) == {"fields"}
    assert answer.body["fields"]["status"] == "Won"
    with_actions = ask("GET", f"/lead/{lead.id}", includeActions="true", limit=1)
    assert with_actions.body["actions"][0]["id"] == lead.timeline[-1].id
    assert (with_actions.body["actions_skip"], with_actions.body["actions_limit"]) == (0, 1)
    assert ask("GET", f"/lead/{lead.id}", includeActions="true", limit=0).status == 400
    assert ask("GET", "/lead/short").code == "LEAD_NOT_FOUND"


def test_update_echoes_and_drops_unknown_labels_in_silence(ask, server):
    lead = lead_of(server, status="Fresh")
    answer = ask(
        "POST", f"/lead/{lead.id}", {"fields": {"rating": 5, "status": "qualified", "assignee": FORMER}}
    )
    assert answer.status == 200
    assert set(answer.body) == {"fields"}
    assert answer.body["fields"]["rating"] == 5
    assert answer.body["fields"]["status"] == "Fresh"
    assert answer.body["fields"]["employeeid"] == lead.fields.get("assignee", "")
    changed = ask("POST", f"/lead/{lead.id}", {"fields": {"status": "Qualified", "assignee": AGENT.upper()}})
    assert changed.body["fields"]["status"] == "Qualified"
    assert changed.body["fields"]["employeeid"] == AGENT


def test_the_identifier_and_wrong_types_refuse_the_whole_update(ask, server):
    lead = lead_of(server, status="Fresh")
    before = server.snapshot()
    phone = ask("POST", f"/lead/{lead.id}", {"fields": {"phone": lead.fields["phone"], "rating": 5}})
    assert (phone.status, phone.code) == (403, "INVALID_LEAD")
    for wrong in (
        {"rating": 6},
        {"rating": "5"},
        {"email": "no"},
        {"visit_on": "2026-04-01"},
        {"deal_size": 10},
    ):
        assert ask("POST", f"/lead/{lead.id}", {"fields": {"city": "Pune", **wrong}}).status == 400
    assert server.snapshot() == before
    assert ask("POST", f"/lead/{'0' * 24}", {"fields": {"rating": 5}}).code == "LEAD_NOT_FOUND"


def test_dates_are_milliseconds_or_day_first(ask, server):
    lead = lead_of(server, status="Fresh")
    answer = ask("POST", f"/lead/{lead.id}", {"fields": {"visit_on": "01/04/2026"}})
    assert answer.body["fields"]["visit_on"] == month(2026, 4)[0]
    found = ask(
        "POST", "/lead/search", {"fields": {"visit_on": {"from": month(2026, 4)[0], "to": month(2026, 4)[0]}}}
    )
    assert ids(found) == {lead.id}


def test_tags_replace_or_append_and_dropdowns_learn_labels(ask, server):
    lead = lead_of(server, interests=lead_of_interests(server))
    path = f"/lead/{lead.id}"
    assert ask("POST", path, {"fields": {"interests": "VIP"}}).status == 400
    assert ask("POST", path, {"fields": {"interests": ["VIP"]}}).body["fields"]["interests"] == ["VIP"]
    server.switches.tags = "append"
    assert ask("POST", path, {"fields": {"interests": ["3BHK"]}}).body["fields"]["interests"] == [
        "VIP",
        "3BHK",
    ]
    ask("POST", path, {"fields": {"contact_source": "Fair"}})
    shown = {one["apiName"]: one for one in ask("GET", "/custom-fields").body["customFields"]}
    assert "Fair" in shown["contact_source"]["options"]


def lead_of_interests(server):
    return next(one.fields["interests"] for one in server.world.alive() if "interests" in one.fields)


# Actions (5.5 to 5.8)


def test_appends_are_not_idempotent_and_mirror_the_request(ask, server):
    lead = lead_of(server, status="Won")
    payment = {"type": "PAYMENT", "status": "PENDING", "currency": "INR", "amount": "100"}
    actions = [{"type": "1001", "fields": {"note": "a"}}, {**payment, "amount": 100}, payment]
    for _ in range(2):
        answer = ask("POST", f"/lead/{lead.id}/action", {"actions": actions})
        assert answer.status == 200
        assert [one["status"] for one in answer.body["actions"]] == ["CREATED", "IGNORED", "CREATED"]
        assert answer.body["remarks"][0]["field"] == "actions[1].amount"
    assert len(lead.of_type("1001")) == 2
    assert ask("POST", f"/lead/{lead.id}/action", {"actions": []}).status == 400


def test_action_search_takes_one_type_and_a_window(ask, server):
    start, end = april(server.world.built_ms)
    lead = next(
        one for one in server.world.alive() if any(e.at == start and e.by == AGENT for e in one.timeline)
    )
    path = f"/lead/{lead.id}/action/search"
    window = {"from": start, "to": end - 1}
    found = ask("POST", path, {"type": "OUTGOING_CALL", "created_on": window, "performed_by": [AGENT]}).body
    assert found["total_count"] == 1
    assert found["data"][0]["creationTimestamp"] == start
    assert ask("POST", path, {}).body["total_count"] == len(lead.timeline)
    assert ask("POST", path, {"type": ["OUTGOING_CALL"]}).message == "Invalid filter"


def test_single_actions_are_read_and_updated(ask, server):
    lead = lead_of(server, status="Won")
    made = ask("POST", f"/lead/{lead.id}/action", {"actions": [{"type": "1001", "fields": {"note": "a"}}]})
    path = f"/lead/{lead.id}/action/{made.body['actions'][0]['action_id']}"
    assert ask("GET", path).body == {"type": "1001", "fields": {"note": "a"}}
    changed = ask("POST", path, {"type": "1001", "fields": {"outcome": "Interested"}})
    assert changed.body == {"type": "1001", "fields": {"note": "a", "outcome": "Interested"}}
    assert ask("POST", path, {"type": "1002", "fields": {}}).status == 400
    note = lead.of_type("SYSTEM_NOTE")[0]
    assert ask("GET", f"/lead/{lead.id}/action/{note.id}").status == 400
    assert ask("GET", f"/lead/{lead.id}/action/{'0' * 24}").code == "ACTION_NOT_FOUND"
    rows = ask("GET", f"/lead/{lead.id}", includeActions="true").body["actions"]
    assert rows[0]["type"] == "ACTION_1001"


def test_a_payment_may_only_change_its_status(ask, server):
    lead = next(one for one in server.world.alive() if one.of_type("PAYMENT"))
    path = f"/lead/{lead.id}/action/{lead.of_type('PAYMENT')[0].id}"
    assert ask("POST", path, {"type": "PAYMENT", "status": "CANCELLED", "amount": "1"}).status == 400
    assert ask("POST", path, {"type": "PAYMENT", "status": "CANCELLED"}).body["status"] == "CANCELLED"


# Metadata and members (9, 10)


def test_metadata_has_the_documented_shapes(ask, server):
    assert ask("GET", "/metadata").body["leadIdentifierFieldId"] == "phone"
    detail = ask("GET", "/custom-fields", detail="true").body["customFields"]
    source = next(one for one in detail if one["apiName"] == "contact_source")
    assert source["options"][0]["label"] == "Website"
    assert [one["apiName"] for one in detail if one["isLeadid"]] == ["phone"]
    assert ask("GET", "/custom-fields/Phone").code == "NOT_FOUND"
    action = ask("GET", "/custom-actions/ACTION_1001").body
    assert action["fieldSchema"]["email"] == {"type": "EMAIL"}
    assert ask("GET", "/custom-actions/1001").status == 404
    assert [one["stageType"] for one in ask("GET", "/lead-stage-pipeline").body["leadStages"]] == [
        "OPEN",
        "WON",
        "LOST",
    ]
    server.switches.pipeline = "statuses"
    assert "leadStages" not in ask("GET", "/lead-stage-pipeline").body


def test_members_come_in_pages_of_ten_without_the_deleted(ask):
    first = ask("GET", "/team-members", limit=10).body
    everyone = ask("GET", "/team-members", limit=10, includeDeleted="true").body
    assert (first["total_count"], everyone["total_count"]) == (12, 13)
    assert ask("GET", f"/team-members/{AGENT.upper()}").body["email"] == AGENT
    assert ask("GET", f"/team-members/{FORMER}").code == "TEAM_MEMBER_NOT_FOUND"
    assert ask("GET", f"/team-members/{FORMER}", includeDeleted="true").body["license"] is None
    assert (
        ask("POST", "/teammember/state_change", {"state": "Inactive", "email": AGENT}).body["status"]
        == "Inactive"
    )
    refused = ask("POST", "/team-members", {"name": "A", "email": "a@company.com", "role": "BOSS"})
    assert {one["field"] for one in refused.body["error"]["details"]} == {"role", "phone_number"}


# Async (11)


def test_async_is_an_upsert_that_only_says_queued(ask, tell, server):
    body = {
        "fields": {"phone": "919999999999", "city": "Pune"},
        "actions": [{"type": "ACTION_1001", "fields": {}}],
    }
    assert tell(body).body == {"status": "QUEUED"}
    assert (
        tell({**body, "fields": {"phone": "9999999999", "rating": 4}, "actions": [{"type": "1001"}]}).status
        == 200
    )
    assert tell({"fields": {"name": "no identifier"}}).body == {"status": "QUEUED"}
    lead = server.world.by_phone("919999999999")
    assert (lead.fields["city"], lead.fields["rating"], len(lead.of_type("1001"))) == ("Pune", 4, 1)
    assert len(server.world.leads) == 121


# Faults and records


def append(ask, lead):
    return ask("POST", f"/lead/{lead.id}/action", {"actions": [{"type": "1001", "fields": {"note": "a"}}]})


@pytest.mark.parametrize(("kind", "effect"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_comes_before_or_after_the_effect(ask, server, kind, effect):
    lead = lead_of(server, status="Won")
    server.faults.add("POST /lead/*/action", kind)
    with pytest.raises(ConnectionError):
        append(ask, lead)
    assert len(lead.of_type("1001")) == effect
    assert append(ask, lead).status == 200
    assert [call.status for call in server.seen(writes=True)] == [0, 200]


@pytest.mark.parametrize(
    ("kind", "status", "effect"),
    [
        ("error_after", 500, 1),
        ("error_before", 503, 0),
        ("html", 200, 0),
        ("html_after", 200, 1),
        ("rate_limit", 429, 0),
    ],
)
def test_answers_that_lie_about_their_effect(ask, server, kind, status, effect):
    lead = lead_of(server, status="Won")
    server.faults.add("POST /lead/*/action", kind)
    assert append(ask, lead).status == status
    assert len(lead.of_type("1001")) == effect


def test_a_storm_names_its_retry_after_only_when_told(ask, server):
    server.faults.add("POST /lead/search", "rate_limit", times=2, seconds=3)
    server.faults.add("POST /lead/search", "rate_limit")
    answers = [ask("POST", "/lead/search", {}) for _ in range(4)]
    assert [one.status for one in answers] == [429, 429, 429, 200]
    assert [one.headers["Retry-After"] for one in answers[:3]] == ["3", "3", None]


def test_a_truncated_answer_has_had_its_effect(ask, server):
    lead = lead_of(server, status="Won")
    server.faults.add("POST /lead/*/action", "truncate")
    with pytest.raises(http.client.IncompleteRead):
        append(ask, lead)
    assert len(lead.of_type("1001")) == 1


def test_a_late_effect_comes_after_the_reset(ask, server):
    lead = lead_of(server, status="Won")
    server.faults.add("POST /lead/*/action", "late", seconds=0.2)
    with pytest.raises(ConnectionError):
        append(ask, lead)
    assert not lead.of_type("1001")
    for _ in range(50):
        if lead.of_type("1001"):
            break
        time.sleep(0.05)
    assert len(lead.of_type("1001")) == 1


def test_ignored_actions_and_silent_updates_change_nothing(ask, server):
    lead = lead_of(server, status="Won")
    before = server.snapshot()
    server.faults.add("POST /lead/*/action", "ignore_action")
    server.faults.add("POST /lead/*", "silent_drop")
    assert append(ask, lead).body["actions"] == [{"action_id": None, "status": "IGNORED"}]
    assert ask("POST", f"/lead/{lead.id}", {"fields": {"rating": 5}}).status == 200
    assert server.snapshot() == before


def test_a_token_is_revoked_after_some_calls(ask, server):
    server.faults.add("*", "revoke", skip=2)
    assert [ask("GET", "/metadata").status for _ in range(4)] == [200, 200, 401, 401]


def test_every_call_is_recorded(ask, server):
    ask("POST", "/lead/search", {"fields": {"status": "Won"}}, limit=1)
    ask("POST", "/lead", {"fields": {"phone": "919999999999"}})
    probe, create = server.seen()
    assert (probe.probe, probe.writes, create.writes) == (True, False, True)
    assert (probe.enterprise, probe.token, probe.body) == (
        ENTERPRISE,
        SYNC_TOKEN,
        {"fields": {"status": "Won"}},
    )
    assert probe.at <= create.at


def test_the_world_is_the_same_for_the_same_clock_and_seed():
    first, second = build(1_790_000_000_000, 60), build(1_790_000_000_000, 60)
    assert first.leads == second.leads
    assert first.leads.keys() != build(1_790_000_000_000, 60, seed=8).leads.keys()
