"""A plan is exact, private, repeatable, and applied once."""

import json

import pytest

from tests.e2e.expected import THANKS, thanked, won, written
from tests.e2e.place import Place, mode

PLAYBOOK = """\
param note: text = "Thanks"
find leads where status = Won and has action OUTGOING_CALL in this month
set rating = 5
add action 1001 with note = $note
"""


@pytest.fixture
def written_playbook(place):
    path = place.folder / "thanks.lead"
    path.write_text(PLAYBOOK, "utf-8")
    return path


def test_the_digest_says_whether_two_plans_are_the_same(place, server, written_playbook):
    def digest(*more, now="2026-04-20T09:00"):
        plan = place.plan("--now", now, *more, written_playbook)
        assert any(step["changes"] for step in plan["steps"])
        touched.update(
            c["lead"]["id"] for step in plan["steps"] for c in step["changes"] if "rating" in c["fields"]
        )
        return plan["digest"]

    touched = set()
    first = digest()
    assert digest() == first
    assert digest(now="2026-04-21T09:00") == first, "the same window, on another day"
    assert digest("-p", "note=Thank you") != first
    assert digest(now="2026-03-20T09:00") != first, "another window"
    lead = server.world.leads[min(touched)]
    lead.fields["rating"] = 1 + lead.fields.get("rating", 0) % 4
    assert digest() != first, "another before-value"
    assert not server.seen(writes=True)


def test_a_saved_plan_is_private_and_applied_once(place, server, written_playbook):
    saved = place.folder / "plan.json"
    text = PLAYBOOK.replace("in this month", "in April 2026")
    written_playbook.write_text(text, "utf-8")
    shown = place.leadops("plan", "-o", saved, written_playbook)
    assert mode(saved) == 0o600
    plan = json.loads(saved.read_text("utf-8"))
    assert plan["appliable"]
    assert plan["digest"][:8] in shown.out
    assert not server.seen(writes=True)
    changes = plan["steps"][0]["changes"]
    targets = {change["lead"]["id"] for change in changes}
    assert plan["calls"]["writes"] == len(changes)

    other = place.leadops("apply", "--yes", "--expect-digest", "0" * 64, saved, code=5)
    assert plan["digest"][:8] in other.err
    assert not server.seen(writes=True)
    place.leadops("apply", "--yes", "--expect-digest", plan["digest"], saved)
    assert written(server) == sorted(
        [
            (f"/lead/{c['lead']['id']}", {"fields": {n: f["after"] for n, f in c["fields"].items()}})
            for c in changes
            if c["kind"] == "update"
        ]
        + [(f"/lead/{one}/action", {"actions": [THANKS]}) for one in targets],
        key=lambda one: one[0],
    )
    server.forget_calls()
    again = place.leadops("apply", "--yes", saved, code=5)
    assert "applied" in again.err
    assert not server.seen(writes=True)


def test_a_plan_applied_from_two_state_stores_appends_once(tmp_path, place, server):
    saved = place.folder / "plan.json"
    place.leadops(
        "plan",
        "-o",
        saved,
        "-e",
        'find leads where status = Won; limit 4; set rating = 5; add action 1001 note "Thanks"',
    )
    other = Place(tmp_path / "there", server)
    place.leadops("apply", "--yes", saved)
    done = other.leadops("apply", "--yes", saved)
    assert sum(thanked(lead) for lead in won(server.world).values()) == 4
    assert all(thanked(lead) <= 1 for lead in server.world.alive())
    results = other.results()
    assert results["outcomes"]["already"] == len(results["changes"]), done


def test_a_lead_that_a_person_changed_since_the_plan_is_stale_and_the_others_go_on(place, server):
    saved = place.folder / "plan.json"
    place.leadops(
        "plan",
        "-o",
        saved,
        "-e",
        'find leads where status = Won; limit 3; set rating = 5; add action 1001 note "Thanks"',
    )
    targets = {c["lead"]["id"] for s in json.loads(saved.read_text("utf-8"))["steps"] for c in s["changes"]}
    moved = server.world.leads[min(targets)]
    moved.fields["status"] = "Lost"
    done = place.leadops("apply", "--yes", saved, code=3)
    assert thanked(moved) == 0
    assert moved.fields.get("rating") != 5
    assert all(thanked(server.world.leads[one]) == 1 for one in targets - {moved.id})
    assert place.results()["outcomes"]["stale"] >= 1
    assert "stale" in done.out


def test_a_plan_of_an_edited_file_or_another_workspace_is_refused(place, server):
    saved = place.folder / "plan.json"
    place.leadops("plan", "-o", saved, "-e", "find leads where status = Won; set rating = 5")
    content = json.loads(saved.read_text("utf-8"))
    content["steps"][0]["changes"][0]["fields"]["rating"]["after"] = 1
    forged = place.folder / "forged.json"
    forged.write_text(json.dumps(content), "utf-8")
    place.leadops("apply", "--yes", forged, code=5)
    content["workspace"] = "0" * 24
    forged.write_text(json.dumps(content), "utf-8")
    place.leadops("apply", "--yes", forged, code=5)
    assert not server.seen(writes=True)
