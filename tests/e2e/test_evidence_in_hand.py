"""Answers that are about another lead, and leads that another person made: as a user of the console script meets them."""

import pytest

from tests.e2e.expected import thanked, won

TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
UPDATE = "POST /lead/????????????????????????"
APPEND = "POST /lead/*/action"
CREATE = 'create lead with phone = "+919812300077", name = "Asha Rao"; add action 1001 note "Hello"'


def by_lead(place):
    found = {}
    for one in place.results()["changes"]:
        found.setdefault(one["lead"]["id"], []).append(one["outcome"])
    return found


@pytest.mark.parametrize(
    ("calls", "outcomes"), [(UPDATE, ["in_doubt", "not_attempted"]), (APPEND, ["changed", "in_doubt"])]
)
def test_an_answer_about_another_lead_stops_that_lead_and_no_other(place, server, calls, outcomes):
    server.faults.add(calls, "astray", skip=2)
    done = place.leadops("run", "--yes", "-e", TEXT, code=3)
    assert "in doubt" in done.out + done.err
    found = by_lead(place)
    assert sorted(found.values()) == sorted([outcomes] + [["changed", "changed"]] * (len(found) - 1))
    [lead_id] = [lead_id for lead_id, one in found.items() if one == outcomes]
    sent = len(server.seen(writes=True))
    place.leadops("resume", "last", code=None)
    assert len(server.seen(writes=True)) == sent, "nothing more is sent to it"
    assert thanked(server.world.leads[lead_id]) == (calls == APPEND)
    assert all(thanked(lead) == 1 for lead in won(server.world).values() if lead.id != lead_id)


def test_a_lead_that_another_person_made_while_the_answer_was_lost_is_not_ours(place, server):
    server.faults.add("POST /lead", "reset_before")
    instead = server._instead

    def made_first(call, rule):
        server.world.add(server._now(), phone="919812300077", name="Another Person")
        server._instead = instead
        return instead(call, rule)

    server._instead = made_first
    place.leadops("run", "--yes", "-e", CREATE, code=3)
    assert {one["outcome"] for one in place.results()["changes"]} == {"in_doubt"}
    [lead] = [one for one in server.world.alive() if one.fields["phone"] == "919812300077"]
    assert thanked(lead) == 0
    assert lead.fields["name"] == "Another Person"
