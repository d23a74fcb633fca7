"""Applying: what is sent, what it becomes, what stands in the way."""

from dataclasses import replace

import pytest

from leadops.core.errors import CallBudgetError, RefusedError, StalePlanError
from leadops.engine.stop import Stop
from leadops.model.exchange import Delivery, Reply
from leadops.model.journal import RunState
from leadops.model.run import Outcome
from tests.simulation.abroad import Abroad
from tests.simulation.bench import Desk, Folder, memory_journal, names
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual

RATE_AND_NOTE = 'find leads where status = Won\nset rating = 5\nadd action 1001 with note = "Thanks"'


def simulate(test):
    """Turn a coroutine test into one on the virtual loop."""

    def run():
        run_virtual(test, START)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def at(faults):
    """Return a script: the fault of each kind of write at each attempt."""
    return lambda what, attempt: faults.get((what[0], attempt), "")


@simulate
async def test_every_change_is_sent_once_and_compared_with_its_echo(clock):
    service = Service(leads(20), clock)
    result = await Desk(service, clock).run(RATE_AND_NOTE)
    assert (result.exit_code, names(result)) == (0, {"changed": 40})
    assert {one.evidence for one in result.results} == {"echo", "reply"}
    assert all(one["fields"]["rating"] == 5 and service.count(one["id"]) == 1 for one in service.world)
    assert service.peak <= 8
    assert result.calls.writes == 40


@simulate
async def test_plan_apply_plan_is_empty(clock):
    desk = Desk(Service(leads(7), clock), clock)
    await desk.run(RATE_AND_NOTE)
    saved, _ = await desk.plan(RATE_AND_NOTE)
    assert (saved.changes, saved.steps[0].compliant) == ((), 7)


@simulate
async def test_an_equal_action_on_the_timeline_is_left_alone_by_another_state_store(clock):
    service = Service(leads(5), clock)
    await Desk(service, clock).run(RATE_AND_NOTE)
    saved, _ = await Desk(service, clock, memory_journal("b")).plan(RATE_AND_NOTE)
    assert saved.changes == ()


@simulate
async def test_a_plan_is_applied_once_by_a_state_store(clock):
    desk = Desk(Service(leads(2), clock), clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    await desk.apply(saved, plan)
    with pytest.raises(StalePlanError, match="applied already"):
        await desk.apply(saved, plan)


@simulate
async def test_a_plan_applied_from_two_state_stores_appends_once(clock):
    service = Service(leads(4), clock)
    here, there = Desk(service, clock), Desk(service, clock, memory_journal("b"))
    saved, plan = await here.plan(RATE_AND_NOTE)
    await here.apply(saved, plan)
    result = await there.apply(saved, plan)
    assert names(result) == {"already": 8}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_an_old_plan_a_changed_plan_and_a_foreign_plan_are_refused(clock):
    desk = Desk(Service(leads(2), clock), clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    for wrong in (
        replace(saved, workspace="f" * 24),
        replace(saved, canonical="find leads\n"),
        replace(saved, schema_hash="0"),
        replace(saved, made_ms=saved.made_ms - 90_000_000),
        replace(saved, made_ms=saved.made_ms + 90_000_000),
        replace(saved, steps=(replace(saved.steps[0], changes=saved.changes[:1]),)),
    ):
        with pytest.raises(StalePlanError):
            await desk.apply(wrong, plan)
    with pytest.raises(RefusedError):
        await desk.apply(replace(saved, appliable=False, refusals=("belt",)), plan)
    assert desk.service.sent == []


@simulate
async def test_a_lead_that_a_person_changed_is_stale_and_gets_no_note(clock):
    service = Service(leads(3), clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    service.world[0]["fields"]["status"] = "Lost"
    service.world[1]["fields"]["rating"] = 2
    result = await desk.apply(saved, plan)
    assert result.exit_code == 3
    outcomes = {(r.change.lead.id, r.change.kind.value): r.outcome.value for r in result.results}
    first, second, third = (one["id"] for one in service.world)
    assert (outcomes[first, "update"], outcomes[first, "append"]) == ("stale", "stale")
    assert (outcomes[second, "update"], outcomes[second, "append"]) == ("stale", "not_attempted")
    assert (outcomes[third, "update"], outcomes[third, "append"]) == ("changed", "changed")


@simulate
async def test_a_lead_that_has_the_value_by_now_is_already_so(clock):
    service = Service(leads(2), clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan("find leads where status = Won and rating is missing\nset rating = 5")
    service.world[0]["fields"]["rating"] = 5
    result = await desk.apply(saved, plan)
    assert names(result) == {"changed": 1, "already": 1}
    assert len(service.sent) == 1


@simulate
async def test_leads_read_a_minute_ago_are_read_again_in_pages(clock):
    service = Service(leads(30), clock, pace=lambda: 20.0)
    desk = Desk(service, clock, in_flight=2)
    saved, plan = await desk.plan("find leads where status = Won\nset rating = 5")
    before = service.calls.reads
    await desk.apply(saved, plan, read_ms=clock.now_ms())
    reads = service.calls.reads - before
    assert 1 <= reads < 15
    assert service.gets == 0


@simulate
async def test_a_dropped_field_is_ignored_by_the_crm_and_stops_the_note(clock):
    service = Service(leads(1), clock, at({("update", 1): "dropped"}))
    result = await Desk(service, clock).run(RATE_AND_NOTE)
    update, append = result.results
    assert (update.outcome, append.outcome) == (Outcome.IGNORED_BY_CRM, Outcome.NOT_ATTEMPTED)
    assert update.remarks[0].name == "rating"
    assert result.exit_code == 3
    assert service.count(service.world[0]["id"]) == 0


@simulate
async def test_one_dropped_field_of_two_is_said_beside_the_change(clock):
    service = Service(leads(1), clock, at({("update", 1): "dropped"}))
    result = await Desk(service, clock).run("find leads where status = Won\nset source = Website, rating = 5")
    [update] = result.results
    assert update.outcome is Outcome.CHANGED
    assert update.fields == {"rating": Outcome.IGNORED_BY_CRM}
    assert (result.exit_code, result.outcomes["ignored_by_crm"]) == (3, 1)


@simulate
async def test_a_refusal_carries_the_services_words_for_each_field(clock):
    service = Service(leads(1), clock, at({("update", 1): "refused"}))
    result = await Desk(service, clock).run("find leads where status = Won\nset rating = 5")
    [one] = result.results
    assert one.outcome is Outcome.REJECTED
    assert [(r.name, r.value, r.words) for r in one.remarks] == [("rating", 5, "Not so")]


@simulate
async def test_an_ignored_action_is_reported_with_its_remark(clock):
    service = Service(leads(1), clock, at({("append", 1): "ignored"}))
    desk = Desk(service, clock)
    result = await desk.run(RATE_AND_NOTE)
    assert result.results[1].outcome is Outcome.IGNORED_BY_CRM
    assert result.results[1].remarks[0].words == "Note is not welcome"
    saved, _ = await desk.plan(RATE_AND_NOTE)
    assert len(saved.changes) == 1, "what the service ignored is planned again"


@simulate
async def test_a_lost_answer_is_found_on_the_timeline_and_not_sent_again(clock):
    for fault in ("after", "late"):
        service = Service(leads(1), clock, at({("append", 1): fault}))
        result = await Desk(service, clock).run(RATE_AND_NOTE)
        assert (result.exit_code, result.results[1].evidence) == (0, "timeline")
        assert service.count(service.world[0]["id"]) == 1
        assert sum(what[0] == "append" for what in service.sent) == 1


@simulate
async def test_a_lost_request_is_sent_again_after_the_settle_time_and_two_reads(clock):
    service = Service(leads(1), clock, at({("append", 1): "before"}))
    began = clock.now_ms()
    result = await Desk(service, clock).run(RATE_AND_NOTE)
    assert result.exit_code == 0
    assert service.count(service.world[0]["id"]) == 1
    assert clock.now_ms() - began > 120_000
    assert service.timelines == 2


@simulate
async def test_while_one_lead_settles_the_others_go_on(clock):
    service = Service(
        leads(40),
        clock,
        lambda what, n: "before" if what == ("append", f"{1:024x}", "1001") and n == 1 else "",
    )
    done = []
    began = clock.now_ms()
    desk = Desk(service, clock, progress=lambda result: done.append(clock.now_ms() - began))
    result = await desk.run(RATE_AND_NOTE)
    assert result.exit_code == 0
    assert sum(when < 60_000 for when in done) >= 79


@simulate
async def test_an_update_with_a_lost_answer_is_read_and_only_then_sent_again(clock):
    for fault, sent in (("after", 1), ("before", 2)):
        service = Service(leads(1), clock, at({("update", 1): fault}))
        result = await Desk(service, clock).run("find leads where status = Won\nset rating = 5")
        assert result.exit_code == 0
        assert len(service.sent) == sent
        assert service.world[0]["fields"]["rating"] == 5


@simulate
async def test_an_update_is_not_sent_over_what_a_person_wrote_meanwhile(clock):
    service = Service(leads(1), clock)

    def script(what, attempt):
        service.world[0]["fields"]["rating"] = 2
        return "before"

    service.script = script
    result = await Desk(service, clock).run("find leads where status = Won\nset rating = 5")
    assert names(result) == {"stale": 1}
    assert service.world[0]["fields"]["rating"] == 2


@simulate
async def test_what_cannot_be_read_is_in_doubt_and_never_sent_again(clock):
    service = Service(leads(1), clock)
    service.script = lambda what, attempt: "after" if what[0] == "append" else ""
    desk = Desk(service, clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    service.read_fault = lambda: "down"
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    assert (result.exit_code, result.outcomes["in_doubt"]) == (3, 1)
    service.read_fault = lambda: ""
    again, _ = await desk.plan(RATE_AND_NOTE)
    assert again.changes == ()
    assert "nobody knows" in again.refused[0].reason
    result = await desk.resume(plan)
    assert (result.exit_code, result.results[1].evidence) == (0, "timeline")
    assert service.count(service.world[0]["id"]) == 1


@simulate
async def test_a_throttled_and_an_unsent_request_are_sent_again(clock):
    service = Service(leads(3), clock, at({("update", 1): "throttled", ("append", 1): "unsent"}))
    result = await Desk(service, clock).run(RATE_AND_NOTE)
    assert names(result) == {"changed": 6}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_a_refused_token_stops_the_run_and_resume_ends_it(clock):
    service = Service(leads(20), clock)
    service.script = lambda what, attempt: "denied" if len(service.sent) > 10 else ""
    desk = Desk(service, clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    assert result.exit_code == 3
    assert "token" in result.exit_reason
    assert len(service.sent) < 25
    assert desk.journal.runs()[0].state is RunState.STOPPED
    service.script = lambda what, attempt: ""
    result = await desk.resume(plan)
    assert names(result) == {"changed": 40}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_a_refused_token_before_any_write_is_denied(clock):
    service = Service(leads(2), clock, lambda what, attempt: "denied")
    result = await Desk(service, clock).run(RATE_AND_NOTE)
    assert result.exit_code == 77


@simulate
async def test_an_outage_stops_appends_before_it_fills_the_list_of_doubts(clock):
    service = Service(leads(60), clock, lambda what, attempt: "before" if what[0] == "append" else "")
    desk = Desk(service, clock)
    result = await desk.run(RATE_AND_NOTE)
    appends = [what for what in service.sent if what[0] == "append"]
    assert len({what[1] for what in appends}) <= 13
    assert (result.exit_code, result.outcomes["in_doubt"]) == (3, 0)
    assert all(service.count(one["id"]) == 0 for one in service.world)


@simulate
async def test_appends_go_on_when_the_outage_is_over(clock):
    service = Service(leads(40), clock)
    service.script = lambda what, n: (
        "before" if what[0] == "append" and clock.now_ms() < START + 20_000 else ""
    )
    result = await Desk(service, clock).run(RATE_AND_NOTE)
    assert names(result) == {"changed": 80}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_a_signal_settles_the_calls_in_flight_and_the_run_can_be_resumed(clock):
    service = Service(leads(30), clock)
    stop = Stop()
    desk = Desk(service, clock, stop=stop)
    saved, plan = await desk.plan(RATE_AND_NOTE)

    def script(what, attempt):
        if len(service.sent) >= 20:
            stop.request(130, "interrupted by SIGINT")
        return ""

    service.script = script
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    assert (result.exit_code, result.outcomes["in_doubt"]) == (130, 0)
    assert 20 <= len(service.sent) <= 32
    result = await desk.resume(plan, stop=Stop())
    assert names(result) == {"changed": 60}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_the_runs_time_ends_like_a_signal(clock):
    service = Service(leads(30), clock, pace=lambda: 10.0)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    result = await desk.apply(saved, plan, stop=Stop(deadline=clock.monotonic() + 60))
    assert result.exit_code == 3
    assert 0 < len(service.sent) < 60
    assert (await desk.resume(plan)).exit_code == 0


@simulate
async def test_a_canary_waits_for_a_person_and_goes_on_when_confirmed(clock):
    text = 'step "s" {\n find leads where status = Won\n canary 3 then confirm\n set rating = 5\n}'
    service = Service(leads(10), clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(text)
    result = await desk.apply(saved, plan)
    assert (result.exit_code, names(result)) == (3, {"changed": 3, "not_attempted": 7})
    assert desk.journal.runs()[0].state is RunState.WAITING
    assert (await desk.resume(plan)).exit_code == 3
    assert names(await desk.resume(plan, confirm_canary=True)) == {"changed": 10}


@simulate
async def test_a_canary_that_fails_stops_the_step(clock):
    text = 'step "s" {\n find leads where status = Won\n canary 2 then continue\n set rating = 5\n}'
    service = Service(leads(10), clock, at({("update", 1): "refused"}))
    result = await Desk(service, clock).run(text)
    assert names(result) == {"rejected": 2, "not_attempted": 8}


@simulate
async def test_stop_when_skips_the_rest_of_the_step(clock):
    text = 'step "s" {\n find leads where status = Won\n stop when 5 % fail\n set rating = 5\n}'
    service = Service(leads(60), clock, at({("update", 1): "refused"}))
    result = await Desk(service, clock).run(text)
    assert result.exit_code == 3
    assert names(result) == {"rejected": 3, "skipped_by_guard": 57}


@simulate
async def test_later_steps_see_what_earlier_ones_do_and_wait_for_it(clock):
    text = (
        'step "a" {\n find leads where status = Won\n set rating = 5\n}\n'
        'step "b" {\n find leads where rating = 5\n add action 1001 with note = "Five"\n}'
    )
    service = Service(leads(4), clock)
    saved, _ = await Desk(service, clock).plan(text)
    assert [len(step.changes) for step in saved.steps] == [4, 4]
    failing = Service(leads(4), clock, lambda what, n: "refused" if what == ("update", f"{1:024x}") else "")
    result = await Desk(failing, clock).run(text)
    assert names(result) == {"changed": 6, "rejected": 1, "not_attempted": 1}
    assert "relies on rating" in result.results[-4].reason or "relies on rating" in result.results[-1].reason


@simulate
async def test_a_create_carries_its_actions_in_one_call(clock):
    text = 'create lead with phone = "917777777777", name = "Jane"\nadd action 1001 with note = "Hello"'
    service = Service([], clock)
    desk = Desk(service, clock)
    result = await desk.run(text)
    assert names(result) == {"created": 1, "changed": 1}
    assert service.sent == [("create", "917777777777")]
    assert (await desk.plan(text))[0].changes == ()


@simulate
async def test_a_create_whose_answer_is_lost_is_known_by_its_identifier_and_its_timeline(clock):
    text = 'create lead with phone = "917777777777", name = "Jane"\nadd action 1001 with note = "Hello"'
    for fault in ("after", "late", "before"):
        service = Service([], clock, at({("create", 1): fault}))
        result = await Desk(service, clock).run(text)
        assert names(result) == {"created": 1, "changed": 1}, fault
        [made] = service.world
        assert service.count(made["id"]) == 1


@simulate
async def test_a_lead_that_another_created_meanwhile_is_not_ours(clock):
    text = 'create lead with phone = "917777777777", name = "Jane"\nadd action 1001 with note = "Hello"'
    service = Service([], clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(text)
    service.world += leads(1, phone="917777777777")
    result = await desk.apply(saved, plan)
    assert names(result) == {"stale": 1, "not_attempted": 1}
    assert service.count(service.world[0]["id"]) == 0


@simulate
async def test_a_lead_that_the_service_knows_and_no_search_finds_is_no_case_for_upsert(clock):
    class Hiding(Service):
        async def create(self, fields, actions, **more):
            return Reply(Delivery.REJECTED, 409, "LEAD_ALREADY_EXISTS", "there is such a lead")

    for text in (
        'create lead with phone = "917777777777", name = "Jane"',
        'upsert lead by phone with phone = "917777777777", name = "Jane"',
    ):
        desk = Desk(Hiding([], clock), clock)
        result = await desk.run(text)
        assert names(result) == {"rejected": 1}
        assert "no search finds it" in result.results[0].reason
        assert "upsert" not in result.results[0].reason


@simulate
async def test_a_create_that_was_lost_once_and_that_no_search_finds_is_in_doubt_and_not_sent_for_ever(clock):
    class Hiding(Service):
        async def create(self, fields, actions, **more):
            self.sent.append(("create", fields["phone"]))
            if len(self.sent) == 1:
                return Reply(Delivery.UNKNOWN, None, message="reset", sent_ms=self.clock.now_ms())
            return Reply(
                Delivery.REJECTED,
                409,
                "LEAD_ALREADY_EXISTS",
                "there is such a lead",
                sent_ms=self.clock.now_ms(),
            )

    service = Hiding([], clock)
    result = await Desk(service, clock).run('create lead with phone = "917777777777", name = "Jane"')
    assert names(result) == {"in_doubt": 1}
    assert "no search finds it" in result.results[0].reason
    assert len(service.sent) == 2


@simulate
async def test_refused_parts_of_a_create_are_reported_one_by_one(clock):
    text = (
        'create lead with phone = "917777777777", rating = 9\n'
        'add action 1001 with note = "Hello", email = "not-an-email"'
    )
    service = Service([], clock)
    desk = Desk(service, clock)
    from tests.simulation.bench import compiled

    result = await desk.run(compiled(text, unchecked=True))
    create, append = result.results
    assert (create.outcome, create.fields) == (Outcome.CREATED, {"rating": Outcome.IGNORED_BY_CRM})
    assert append.outcome is Outcome.IGNORED_BY_CRM
    assert [r.words for one in result.results for r in one.remarks] == [
        "Rating must be between 1 and 5",
        "Email is invalid",
    ]
    assert result.exit_code == 3


@simulate
async def test_a_marker_proves_an_append_among_twins(clock):
    text = 'find leads where status = Won\nadd action 1002 with note = "Hi"'
    for fault, outcome in (("after", "changed"), ("before", "in_doubt")):
        service = Service(leads(1), clock)

        def script(what, attempt, service=service, fault=fault):
            row = {
                "id": "twin",
                "type": "1002",
                "at": clock.now_ms(),
                "by": "x@company.com",
                "fields": {"note": "Hi"},
            }
            service.world[0]["actions"].append(row)
            return fault

        service.script = script
        result = await Desk(service, clock).run(text)
        assert names(result) == {outcome: 1}, "an equal action without our marker may be ours or not"
        ours = [a for a in service.world[0]["actions"] if a["by"] == "api@company.com"]
        assert [a["fields"]["leadops_ref"][:3] for a in ours] == ["lo-"] * (fault == "after")


@simulate
async def test_an_action_is_updated_by_its_id(clock):
    row = {"id": "b" * 24, "type": "1001", "at": START - 1000, "by": "", "fields": {"note": "Old"}}
    service = Service(leads(1), clock)
    service.world[0]["actions"].append(row)
    desk = Desk(service, clock)
    text = 'find leads where status = Won\nupdate action 1001 with note = "New"'
    result = await desk.run(text)
    assert (names(result), row["fields"]["note"]) == ({"changed": 1}, "New")
    assert (await desk.plan(text))[0].changes == ()


@simulate
async def test_a_journal_that_cannot_be_written_stops_before_the_request(clock):
    service = Service(leads(3), clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(RATE_AND_NOTE)
    pages = desk.journal._connection.execute("PRAGMA page_count").fetchone()[0]
    desk.journal._connection.execute(f"PRAGMA max_page_count={pages + 4}")
    service.world += leads(40)[3:]
    saved, plan = await desk.plan(RATE_AND_NOTE)
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    assert result.exit_code in {3, 75}
    assert "journal" in result.exit_reason
    assert len(service.sent) < 80
    desk.journal._connection.execute("PRAGMA max_page_count=100000")
    result = await desk.resume(plan)
    assert names(result) == {"changed": 80}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_an_outcome_that_the_journal_cannot_take_is_kept_and_found_again(clock):
    service = Service(leads(3), clock)
    desk = Desk(service, clock, in_flight=1)
    saved, plan = await desk.plan(RATE_AND_NOTE)

    def script(what, attempt):
        if what[0] == "append":
            desk.journal._connection.execute("PRAGMA query_only=ON")
        return ""

    service.script = script
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    assert "journal" in result.exit_reason
    assert any('"changed"' in line for line in desk.folders["run-1"].kept)
    desk.journal._connection.execute("PRAGMA query_only=OFF")
    service.script = lambda what, attempt: ""
    result = await desk.resume(plan)
    assert names(result) == {"changed": 6}
    assert {service.count(one["id"]) for one in service.world} == {1}


@simulate
async def test_files_that_cannot_be_written_change_the_exit_code_only(clock):
    service = Service(leads(2), clock)
    desk = Desk(service, clock)

    def full(self, saved, result):
        raise OSError(28, "No space left on device")

    kept, Folder.finish = Folder.finish, full
    try:
        result = await desk.run(RATE_AND_NOTE)
    finally:
        Folder.finish = kept
    assert (result.exit_code, names(result)) == (3, {"changed": 4})
    assert "No space left" in result.exit_reason


@simulate
async def test_a_budget_of_calls_that_ends_leaves_a_resumable_run(clock):
    service = Service(leads(6), clock)
    desk = Desk(service, clock, in_flight=1)
    saved, plan = await desk.plan(RATE_AND_NOTE)

    def script(what, attempt):
        if len(service.sent) > 4:
            raise CallBudgetError("one more call would be too many")
        return ""

    service.script = script
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    assert (result.exit_code, result.outcomes["in_doubt"]) == (3, 0)
    service.script = lambda what, attempt: ""
    assert names(await desk.resume(plan)) == {"changed": 12}
    assert {service.count(one["id"]) for one in service.world} == {1}


@pytest.mark.parametrize("offset_ms", [-3_600_000, -45_000, 45_000, 3_600_000])
def test_a_process_that_takes_over_hears_the_services_clock_first(offset_ms):
    """An intent of before stands on the service's clock: it is neither waited for an hour nor taken for settled."""

    async def test(clock):
        stop = Stop()
        service = Abroad(leads(1), clock, offset_ms)
        service.late_s = 60.0

        def script(what, attempt):
            if what[0] != "append" or attempt > 1:
                return ""
            stop.request(143, "killed")
            return "late"

        service.script = script
        desk = Desk(service, clock, stop=stop)
        saved, plan = await desk.plan(RATE_AND_NOTE)
        await desk.apply(saved, plan, read_ms=clock.now_ms())
        began = clock.monotonic()
        service.new_client()
        result = await desk.resume(plan, stop=Stop())
        assert names(result) == {"changed": 2}
        assert clock.monotonic() - began < 180
        await clock.sleep(120)
        assert service.count(service.world[0]["id"]) == 1

    run_virtual(test, START)


@pytest.mark.parametrize("offset_ms", [-3_600_000, 0, 3_600_000])
def test_how_old_a_reading_is_does_not_depend_on_the_services_clock(offset_ms):
    async def test(clock):
        service = Abroad(leads(2), clock, offset_ms)
        desk = Desk(service, clock)
        saved, plan = await desk.plan(RATE_AND_NOTE)
        before = service.calls.reads
        await desk.apply(saved, plan, read_ms=saved.made_ms)
        assert service.calls.reads == before
        service.world += leads(4)[2:]
        saved, plan = await desk.plan(RATE_AND_NOTE)
        await clock.sleep(120)
        service.world[2]["fields"]["rating"] = 1
        result = await desk.apply(saved, plan, read_ms=saved.made_ms)
        assert names(result) == {"changed": 2, "stale": 1, "not_attempted": 1}

    run_virtual(test, START)
