"""People move leads while a run is broken off: nothing is written to what they moved, and the rest is done once."""

import json
import random
import signal
import time

import pytest

from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, until
from tests.independent.people import People

TEXT = 'find leads where status = Won and rating is missing; set rating = 5; add action 1001 note "Thanks"'
APPEND = "POST /lead/*/action"


def ready(server):
    """Return the leads of the playbook: Won, without a rating."""
    for lead in won(server.world).values():
        lead.fields.pop("rating", None)
    for n in range(16):
        server.world.add(server.world.built_ms - n, phone=f"9177000000{n:02d}", name="Usha Pai", status="Won")
    return dict(won(server.world))


def break_off(place, server, how, at):
    """Start a run and end it by ``how`` when ``at`` writes were made."""
    tokens = set(server.api.sync_tokens)
    server.faults.add("POST /lead/*", "delay", times=None, seconds=0.05)
    if how == "revoke":
        server.faults.rules.insert(0, server.faults.add("POST /lead/*", "revoke", skip=at))
        done = place.leadops("run", "--yes", "--max-leads", "50", "-e", TEXT, code=None)
        assert done.code in (3, 77), done
    else:
        process = place.start("run", "--yes", "--max-leads", "50", "-e", TEXT)
        until(
            lambda: process.poll() is not None or len(server.seen(writes=True)) >= at,
            what="the next writes",
        )
        process.send_signal(signal.Signals[how])
        process.communicate(timeout=PATIENCE)
    server.faults.rules.clear()
    server.api.sync_tokens |= tokens


def check(server, leads, people, results):
    """Assert that moved leads got nothing, and all others everything, once."""
    assert people.written_over() == []
    outcomes = {}
    for one in results["changes"]:
        outcomes.setdefault(one["lead"]["id"], []).append(one["outcome"])
    for lead_id, lead in leads.items():
        if lead_id not in people.moved:
            assert thanked(lead) == 1
            assert lead.fields["rating"] == 5
            assert set(outcomes[lead_id]) <= {"changed", "already"}
        else:
            assert thanked(lead) <= 1
            for name, value in people.moved[lead_id].items():
                assert lead.fields[name] == value
            assert outcomes[lead_id] == ["changed", "changed"] or "stale" in outcomes[lead_id]


@pytest.mark.parametrize(("how", "verb"), [("revoke", "resume"), ("SIGKILL", "run"), ("SIGTERM", "resume")])
def test_what_people_moved_while_a_run_was_broken_off_is_left_alone(place, server, how, verb):
    leads = ready(server)
    break_off(place, server, how, 12)
    people = People(server, seed=3)
    people.move_some(leads.values())
    again = ("resume", "last") if verb == "resume" else ("run", "--yes", "--max-leads", "50", "-e", TEXT)
    done = place.leadops(*again, code=None)
    first = place.runs[0]
    check(server, leads, people, _results(first))
    assert done.code in (0, 3), done
    assert people.moved


def _results(folder):
    return json.loads((folder / "results.json").read_text("utf-8"))


def schedule(place, server, seed):
    """Break a run off again and again while people move leads; then end it."""
    chance = random.Random(seed)
    leads = ready(server)
    people = People(server, seed)
    break_off(place, server, chance.choice(["revoke", "SIGKILL", "SIGTERM"]), chance.randrange(40))
    for _ in range(chance.randint(0, 2)):
        people.move_some(leads.values(), 0.2)
        server.faults.add("POST /lead/*", "delay", times=None, seconds=0.05)
        before = len(server.seen(writes=True))
        process = place.start("resume", "last")
        most = chance.randrange(12)
        until(
            lambda process=process, before=before, most=most: (
                process.poll() is not None or len(server.seen(writes=True)) >= before + most
            ),
            what="the end or the next writes",
        )
        process.kill()
        process.communicate()
        server.faults.rules.clear()
    people.move_some(leads.values(), 0.2)
    if place.runs:
        done = place.leadops("resume", "last", code=None)
        assert done.code in (0, 3), done
        check(server, leads, people, place.results())


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200))
def test_under_hundreds_of_schedules_what_people_moved_is_left_alone(place, server, seed):
    schedule(place, server, seed)


@pytest.mark.soak
@pytest.mark.parametrize("what", ["429", "SIGSTOP"])
def test_a_minute_of_standing_still_leads_back_to_the_judgement(place, server, what):
    leads = ready(server)
    people = People(server, seed=5)
    server.faults.add("POST /lead/*", "delay", times=None, seconds=0.2)
    if what == "429":
        server.faults.rules.insert(0, server.faults.add("POST /lead/*", "rate_limit", skip=6, seconds=65))
    process = place.start("run", "--yes", "--max-leads", "50", "-e", TEXT)
    until(lambda: len(server.seen(writes=True)) >= 7, what="the first writes")
    if what == "SIGSTOP":
        process.send_signal(signal.SIGSTOP)
    time.sleep(2)  # what was handed over by then may arrive
    people.move_some(leads.values())
    if what == "SIGSTOP":
        time.sleep(65)
        process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 3, out + err
    check(server, leads, people, place.results())
