"""Two runners, killed runners, a server at its worst: every action once, or named; nothing silent."""

import random
import signal
import time

import pytest

from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, until
from tests.independent.faults import Faults

TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
APPEND = "POST /lead/*/action"


def settle(place, *more, tries=6):
    """Run again until the run is done (0) or has only what cannot be decided (3); return the last process."""
    for _ in range(tries):
        done = place.leadops("run", "--yes", *more, "-e", TEXT, code=None)
        if done.code in (0, 3):
            return done
        assert done.code in (69, 75), done
    raise AssertionError(f"not done after {tries} runs: {done}")


def outcomes(place):
    """Return {(lead, kind): outcome} of the last run."""
    return {(one["lead"]["id"], one["kind"]): one["outcome"] for one in place.results()["changes"]}


def test_a_second_runner_is_turned_away_and_a_killed_one_is_followed_at_once(place, server):
    server.faults.add(APPEND, "delay", seconds=PATIENCE)
    first = place.start("run", "--yes", "-e", TEXT)
    try:
        until(lambda: any(call.fault for call in server.seen(writes=True)), what="the first append")
        began = time.monotonic()
        second = place.leadops("run", "--yes", "-e", TEXT, code=6)
        assert time.monotonic() - began < 20
        assert str(first.pid) in second.err
        assert second.out == ""
    finally:
        first.kill()
        first.communicate()
    done = settle(place)
    assert done.code == 0, done
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
    assert {lead.fields["rating"] for lead in won(server.world).values()} == {5}


@pytest.mark.parametrize(
    "kinds", [("reset_before", "error_after", "truncate"), ("reset_after", "html", "html_after")]
)
def test_unknown_outcomes_are_settled_by_reading_the_timeline(place, server, kinds):
    for n, kind in enumerate(kinds):
        server.faults.add(APPEND, kind, skip=n)
    done = settle(place)
    assert done.code == 0, done
    assert [call.fault for call in server.seen(writes=True) if call.fault] == list(kinds)
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


def schedule(place, server, seed):
    """Run under the faults and kills of ``seed``, then to the end; everything must be once, or named."""
    chance = random.Random(seed)
    before = server.snapshot()
    server.faults = Faults(seed)
    for kind in ("reset_before", "reset_after", "error_after", "html", "truncate", "ignore_action"):
        server.faults.add(APPEND, kind, times=chance.randrange(2), skip=chance.randrange(8))
    server.faults.add(APPEND, "rate_limit", times=chance.randrange(3), skip=chance.randrange(8), seconds=1)
    server.faults.add("POST /lead/????????????????????????", "reset_after", skip=chance.randrange(8))
    server.faults.add("POST /lead/????????????????????????", "silent_drop", times=chance.randrange(2), skip=3)
    server.faults.add("POST /lead/*", "delay", times=None, seconds=0.05)
    for _ in range(chance.randint(1, 3)):
        writes = len(server.seen(writes=True)) + chance.randrange(10)
        process = place.start("run", "--yes", "-e", TEXT)
        until(
            lambda process=process, writes=writes: (
                process.poll() is not None or len(server.seen(writes=True)) >= writes
            ),
            what="the end or the next writes",
        )
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
        assert all(thanked(lead) <= 1 for lead in server.world.alive())
    done = settle(place)
    results = place.results()
    assert results["outcomes"]["in_doubt"] == 0, done
    assert all(thanked(lead) <= 1 for lead in server.world.alive()), done
    unfinished = [
        lead for lead in won(server.world).values() if not thanked(lead) or lead.fields.get("rating") != 5
    ]
    if done.code == 0:
        assert not unfinished, done
    named = {one["lead"]["id"] for one in results["changes"] if one["outcome"] not in ("changed", "already")}
    assert {lead.id for lead in unfinished} <= named, done
    after = server.snapshot()
    assert {key for key in after if after[key] != before[key]} <= set(won(server.world))


@pytest.mark.parametrize("seed", range(3))
def test_under_faults_and_kills_every_lead_is_thanked_once(place, server, seed):
    schedule(place, server, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 400))
def test_under_hundreds_of_schedules_every_lead_is_thanked_once(place, server, seed):
    schedule(place, server, seed)


def test_a_late_effect_within_the_settle_time_is_not_made_twice(place, server):
    server.faults.add(APPEND, "late", seconds=0.6, skip=2)
    assert settle(place).code == 0
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


@pytest.mark.parametrize("seconds", [None, 1])
def test_a_storm_of_429_is_waited_out(place, server, seconds):
    server.faults.add(APPEND, "rate_limit", times=3, skip=1, seconds=seconds)
    done = place.leadops("run", "--yes", "-e", TEXT)
    assert {thanked(lead) for lead in won(server.world).values()} == {1}, done


def test_what_the_service_ignores_is_named_and_ends_with_3(place, server):
    server.faults.add(APPEND, "ignore_action")
    done = place.leadops("run", "--yes", "-e", TEXT, code=3)
    counts = sorted(thanked(lead) for lead in won(server.world).values())
    assert counts == [0] + [1] * 7
    forgotten = next(one for one in won(server.world).values() if not thanked(one))
    assert outcomes(place)[forgotten.id, "append"] == "ignored_by_crm"
    assert "Action is ignored" in done.out
    server.forget_calls()
    place.leadops("retry", place.runs[-1].name, "--yes")
    assert [call.path for call in server.seen(writes=True)] == [f"/lead/{forgotten.id}/action"]
    assert thanked(forgotten) == 1


def test_an_update_that_silently_did_nothing_is_named_and_its_append_is_not_sent(place, server):
    server.faults.add("POST /lead/????????????????????????", "silent_drop")
    place.leadops("run", "--yes", "-e", TEXT, code=3)
    [dropped] = [call for call in server.seen(writes=True) if call.fault]
    lead_id = dropped.path.removeprefix("/lead/")
    found = outcomes(place)
    assert found[lead_id, "update"] == "ignored_by_crm"
    assert found[lead_id, "append"] == "not_attempted"
    assert thanked(server.world.leads[lead_id]) == 0


def test_a_token_revoked_in_mid_run_leaves_a_run_that_goes_on_with_a_new_one(place, server):
    tokens = set(server.api.sync_tokens)
    server.faults.add("POST /lead/*", "revoke", skip=5)
    done = place.leadops("run", "--yes", "-e", TEXT, code=None)
    assert done.code in (3, 77), done
    server.faults.rules.clear()
    server.api.sync_tokens |= tokens
    assert settle(place).code == 0
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_a_signal_settles_the_call_in_flight_and_leaves_a_resumable_run(place, server, signal_name):
    for n in range(16):
        server.world.add(server.world.built_ms - n, phone=f"9177000000{n:02d}", name="Usha Pai", status="Won")
    server.faults.add(APPEND, "delay", times=None, seconds=0.5)
    process = place.start("run", "--yes", "--max-leads", "50", "-e", TEXT)
    until(lambda: any(call.fault for call in server.seen(writes=True)), what="the first append")
    process.send_signal(signal.Signals[signal_name])
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == {"SIGINT": 130, "SIGTERM": 143}[signal_name], out + err
    first = place.results()
    assert first["outcomes"]["not_attempted"] > 0
    assert first["outcomes"]["in_doubt"] == 0
    assert settle(place, "--max-leads", "50").code == 0
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
