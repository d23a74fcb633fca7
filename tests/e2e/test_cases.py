"""The service's own five examples and the owner's line: exactly the calls that each needs, and no lead beside."""

import csv

import pytest

from tests.e2e.expected import THANKS, thanked, won_and_called, written
from tests.e2e.place import playbook
from tests.independent.definitions import AGENT
from tests.independent.world import month

LINE = 'find leads where status=Won and called by agent@company.com in April; set rating 5; add action 1001 note "Thanks"'


def one_of(value):
    """Return the single value of a filter that may be written as a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def test_a_create_is_one_call_with_its_action(place, server):
    plan = place.plan(playbook("create-lead"))
    assert not server.seen(writes=True)
    assert [change["kind"] for change in plan["steps"][0]["changes"]] == ["create", "append"]
    place.leadops("run", "--yes", playbook("create-lead"))
    assert written(server) == [
        (
            "/lead",
            {
                "fields": {
                    "name": "Jane Doe",
                    "phone": "919999999999",
                    "email": "jane.doe@example.com",
                    "contact_source": "Website",
                    "interests": ["VIP", "Returning"],
                    "deal_size": "1000",
                },
                "actions": [
                    {"type": "1001", "fields": {"note": "Site visit completed", "outcome": "Interested"}},
                ],
            },
        )
    ]
    results = place.results()
    assert (results["exit_code"], results["calls"]["writes"]) == (0, 1)
    lead = server.world.by_phone("919999999999")
    assert {change["lead"]["id"] for change in results["changes"]} == {lead.id}
    assert lead.of_type("1001")[0].id in {change["action_id"] for change in results["changes"]}
    server.forget_calls()
    place.leadops("plan", "--detailed-exitcode", playbook("create-lead"))
    assert not server.seen(writes=True)


def test_a_lead_that_exists_is_not_created_again(place, server):
    server.world.add(server.world.built_ms - 1000, phone="919999999999", name="Somebody Else", status="Fresh")
    before = server.snapshot()
    done = place.leadops("run", "--yes", playbook("create-lead"), code=None)
    assert done.code in (3, 4), done
    assert "upsert" in done.out + done.err
    assert not server.seen(writes=True)
    assert server.snapshot() == before


def test_b_a_lead_is_found_by_phone_and_read_with_its_timeline(place, server):
    lead = server.world.add(
        server.world.built_ms - 90_000_000, phone="919999999999", name="Jane Doe", status="Fresh"
    )
    at = server.world.built_ms - 80_000_000
    server.world.log(lead, "OUTGOING_CALL", at, AGENT, duration=61)
    server.world.log(lead, "1001", at + 1, AGENT, {"note": "Liked the balcony"})
    done = place.leadops("run", "--yes", "--pii", "show", playbook("read-by-phone"))
    assert not server.seen(writes=True)
    reads = [call for call in server.seen(writes=False, probes=False) if call.path.startswith("/lead/")]
    assert len([call for call in reads if call.path == "/lead/search"]) <= 1
    assert len([call for call in reads if call.path.startswith(f"/lead/{lead.id}")]) == 1
    assert all(lead.id in call.path or call.path == "/lead/search" for call in reads), list(map(str, reads))
    for shown in ("Jane Doe", "OUTGOING_CALL", "Liked the balcony"):
        assert shown in done.out
    report = (place.runs[-1] / "report.html").read_text("utf-8")
    assert "Liked the balcony" in report
    again = place.leadops("plan", "--pii", "show", playbook("read-by-phone"))
    assert "Liked the balcony" in again.out


def test_c_one_search_carries_the_status_and_the_call(place, server):
    plan = place.plan(playbook("won-called-by-agent"))
    [search] = server.seen(path="/lead/search", probes=False)
    start, end = month(2026, 4)
    assert one_of(search.body["fields"].pop("status")) == "Won"
    assert not set(search.body["fields"]) - {"created_on"}
    actions = search.body["actions"]
    assert one_of(actions["type"]) == "OUTGOING_CALL"
    assert one_of(actions["performed_by"]) == AGENT
    assert actions["performed_at"] == {"from": start, "to": end - 1}
    assert len(server.seen(probes=True)) <= 6
    assert not server.seen(writes=True)
    step = plan["steps"][0]
    assert step["matched"] == len(won_and_called(server.world, (start, end))) > 0
    assert step["windows"][0]["first_day"] == "2026-04-01"


def test_d_two_fields_of_a_lead_given_by_id_are_one_call(place, server):
    lead = next(one for one in server.world.alive() if one.fields["status"] == "Fresh")
    before = server.snapshot()
    place.leadops("run", "--yes", "-p", f"lead={lead.id}", playbook("qualify-by-id"))
    assert written(server) == [(f"/lead/{lead.id}", {"fields": {"status": "Qualified", "rating": 5}})]
    after = server.snapshot()
    assert {key for key in after if after[key] != before.get(key)} == {lead.id}
    place.leadops("plan", "--detailed-exitcode", "-p", f"lead={lead.id}", playbook("qualify-by-id"))


def test_e_refused_values_are_reported_and_sent_again_when_corrected(place, server):
    done = place.leadops("run", "--yes", "--unchecked", playbook("refused-values"), code=3)
    lead = server.world.by_phone("919999999998")
    assert lead.fields["name"] == "Asha Rao"
    assert "rating" not in lead.fields
    assert not lead.of_type("1001")
    [create] = server.seen(writes=True)
    assert create.body["fields"]["rating"] == 9
    assert create.body["actions"] == [
        {"type": "1001", "fields": {"note": "Called back", "email": "not-an-email"}}
    ]
    folder = place.runs[-1]
    words = {"Rating must be between 1 and 5", "Email is invalid"}
    results = place.results()
    assert results["exit_code"] == 3
    remarks = [remark for change in results["changes"] for remark in change["remarks"]]
    assert {(one["name"], str(one["value"]), one["remark"]) for one in remarks} == {
        ("rating", "9", "Rating must be between 1 and 5"),
        ("email", "not-an-email", "Email is invalid"),
    }
    with (folder / "errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    text = (folder / "errors.csv").read_text("utf-8")
    for piece in (*words, "rating", "9", "email", "not-an-email"):
        assert piece in text
    for name in ("report.md", "report.html"):
        assert all(one in (folder / name).read_text("utf-8") for one in words), name
    assert all(one in done.out for one in words)

    server.forget_calls()
    place.leadops("retry", folder.name, "-o", "fix.lead")
    assert not server.seen(writes=True)
    fix = place.folder / "fix.lead"
    text = fix.read_text("utf-8")
    assert all(one in text for one in words)
    fix.write_text(
        text.replace("rating = 9", "rating = 4").replace("not-an-email", "asha@example.com"), "utf-8"
    )
    place.leadops("run", "--yes", fix)
    assert written(server) == [
        (f"/lead/{lead.id}", {"fields": {"rating": 4}}),
        (
            f"/lead/{lead.id}/action",
            {"actions": [{"type": "1001", "fields": {"note": "Called back", "email": "asha@example.com"}}]},
        ),
    ]
    assert lead.fields["rating"] == 4
    assert len(lead.of_type("1001")) == 1


@pytest.mark.parametrize("source", ["file", "-e"])
def test_f_the_owners_line(place, server, source):
    assert playbook("won-in-april").read_text("utf-8").strip().splitlines()[-1] == LINE
    given = [playbook("won-in-april")] if source == "file" else ["-e", LINE]
    expected = won_and_called(server.world)
    assert len(expected) >= 3
    rated, thanked_before = list(expected.values())[:2]
    rated.fields["rating"] = 5
    server.world.log(thanked_before, "1001", server.world.built_ms - 9000, AGENT, {"note": "Thanks"})
    before = server.snapshot()

    plan = place.plan("--detailed-exitcode", *given, code=2)
    assert not server.seen(writes=True)
    assert plan["steps"][0]["matched"] == len(expected)
    [search] = server.seen(path="/lead/search", probes=False)[:1]
    assert search.body["actions"]["performed_by"] in (AGENT, [AGENT])

    done = place.leadops("run", "--yes", *given)
    assert written(server) == sorted(
        [(f"/lead/{one}", {"fields": {"rating": 5}}) for one in expected if one != rated.id]
        + [(f"/lead/{one}/action", {"actions": [THANKS]}) for one in expected if one != thanked_before.id],
        key=lambda one: one[0],
    )
    after = server.snapshot()
    assert {key for key in after if after[key] != before.get(key)} == set(expected)
    assert all(lead.fields["rating"] == 5 and thanked(lead) == 1 for lead in expected.values())
    assert str(len(expected)) in done.out

    server.forget_calls()
    if source == "file":
        place.leadops("plan", "--detailed-exitcode", *given)
    quiet = place.leadops("run", "--yes", "-q", *given)
    assert not server.seen(writes=True)
    assert (quiet.out, quiet.err) == ("", "")
