"""Nothing leaves on an old judgement: what comes between a reading and its write leads back to the reading."""

import asyncio

import pytest

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.core.errors import UnavailableError
from leadops.engine.stop import Stop
from leadops.model.exchange import Delivery, Reply
from leadops.model.run import Outcome
from leadops.syntax.parser import parse
from tests.simulation.bench import Desk, names
from tests.simulation.service import SCHEMA, START, Service, lead, leads
from tests.simulation.virtual import run_virtual

SET = "find leads where status = Won and rating is missing\nset rating = 5"
BOTH = f'{SET}\nadd action 1001 with note = "Thanks"'


def simulate(test):
    """Run a test on the virtual clock."""

    def run():
        run_virtual(test, START)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


def move(service, *numbers, **fields):
    for number in numbers:
        service.world[number]["fields"].update(fields)


def outcomes(result):
    return [one.outcome.value for one in result.results]


@simulate
async def test_what_people_moved_while_the_token_was_refused_is_left_alone_by_resume(clock):
    service = Service(leads(4), clock)
    service.script = lambda what, attempt: "denied" if len(service.sent) == 3 else ""
    desk = Desk(service, clock, in_flight=1)
    saved, plan = await desk.plan(BOTH)
    stopped = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert stopped.exit_code == 3
    service.script = lambda what, attempt: ""
    done = {one["id"] for one in service.world if one["fields"].get("rating") == 5}
    people = [n for n, one in enumerate(service.world) if one["id"] not in done][:1]
    move(service, *people, status="Lost")
    await clock.sleep(7200)
    result = await desk.resume(plan)
    moved = [one for one in result.results if one.change.lead.id == service.world[people[0]]["id"]]
    assert {one.outcome for one in moved} == {Outcome.STALE}
    assert "rating" not in service.world[people[0]]["fields"]
    assert names(result) == {"changed": 6, "stale": 2}


@simulate
async def test_the_rest_of_a_lead_that_got_a_part_of_its_changes_is_judged_without_that_part(clock):
    service = Service(leads(2), clock)
    service.script = lambda what, attempt: "denied" if what[0] == "append" else ""
    desk = Desk(service, clock, in_flight=1)
    saved, plan = await desk.plan(BOTH)
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert any(one["fields"].get("rating") == 5 for one in service.world)
    service.script = lambda what, attempt: ""
    await clock.sleep(600)
    result = await desk.resume(plan)
    assert names(result) == {"changed": 4}, "the condition says that the rating is missing, and we set it"
    assert [service.count(one["id"]) for one in service.world] == [1, 1]


@simulate
async def test_a_person_who_writes_over_our_part_stops_the_rest(clock):
    service = Service(leads(1), clock)
    service.script = lambda what, attempt: "denied" if what[0] == "append" else ""
    desk = Desk(service, clock)
    saved, plan = await desk.plan(BOTH)
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    service.script = lambda what, attempt: ""
    move(service, 0, rating=2)
    await clock.sleep(600)
    result = await desk.resume(plan)
    assert outcomes(result) == ["changed", "stale"]
    assert service.count(service.world[0]["id"]) == 0


def throttle_once(service, seconds):
    def struck(fault, apply):
        if len(service.sent) == 1:
            move(service, 0, 1, 2, 3, **service.edit)
            return Reply(Delivery.THROTTLED, 429, message="slow down", retry_after_s=seconds)
        return apply()

    service._struck = struck


@pytest.mark.parametrize("edit", [{"status": "Lost"}, {"rating": 2}])
@pytest.mark.parametrize("seconds", [61.0, 900.0])
def test_a_pause_that_makes_a_reading_old_leads_back_to_the_judgement(seconds, edit):
    async def main(clock):
        service = Service(leads(4), clock)
        service.edit = edit
        throttle_once(service, seconds)
        result = await Desk(service, clock, in_flight=1).run(SET)
        assert names(result) == {"stale": 4}
        assert len(service.sent) == 1

    run_virtual(main, START)


@simulate
async def test_a_short_pause_costs_no_reading(clock):
    service = Service(leads(4), clock)
    service.edit = {}
    throttle_once(service, 20.0)
    desk = Desk(service, clock, in_flight=1)
    saved, plan = await desk.plan(SET)
    before = service.calls.reads
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert names(result) == {"changed": 4}
    assert service.calls.reads == before


@simulate
async def test_a_long_pause_costs_one_page_for_all_that_waited(clock):
    service = Service(leads(30), clock)
    service.edit = {}
    throttle_once(service, 120.0)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(SET)
    before = service.calls.reads
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert names(result) == {"changed": 30}
    assert service.calls.reads - before <= 3


@simulate
async def test_an_append_that_is_proved_absent_is_judged_before_it_is_sent_again(clock):
    service = Service(leads(1), clock)

    def script(what, attempt):
        if what[0] != "append":
            return ""
        move(service, 0, status="Lost")
        return "before"

    service.script = script
    result = await Desk(service, clock).run(BOTH)
    assert outcomes(result) == ["changed", "stale"]
    assert service.count(service.world[0]["id"]) == 0


@simulate
async def test_leads_after_a_canary_that_waited_are_judged_anew(clock):
    service = Service(leads(4), clock)
    desk = Desk(service, clock, in_flight=1)
    later = []

    async def confirm(_results):
        move(
            service,
            *[n for n, one in enumerate(service.world) if "rating" not in one["fields"]][:1],
            status="Lost",
        )
        await clock.sleep(300)
        later.append(True)
        return True

    result = await desk.run(f"{SET}\ncanary 2 then confirm", confirm=confirm)
    assert later
    assert names(result) == {"changed": 3, "stale": 1}


@simulate
async def test_a_run_that_was_asked_to_stop_judges_the_rest_anew(clock):
    service = Service(leads(3), clock)
    stop = Stop()
    desk = Desk(service, clock, in_flight=1)
    saved, plan = await desk.plan(SET)
    service.script = lambda what, attempt: stop.request(143, "stopped") or ""
    await desk.apply(saved, plan, read_ms=saved.made_ms, stop=stop)
    service.script = lambda what, attempt: ""
    left = [n for n, one in enumerate(service.world) if "rating" not in one["fields"]]
    move(service, *left, rating=3)
    result = await desk.resume(plan)
    assert names(result) == {"changed": 1, "stale": 2}


@simulate
async def test_a_lead_of_a_later_step_that_this_run_created_is_judged_as_well(clock):
    text = (
        'step "a" {\n create lead with phone = "+919000000077", name = "New", rating = 4\n}\n'
        'step "b" {\n find leads where rating = 4\n set source = Website\n}'
    )
    service = Service([], clock)
    service.script = lambda what, attempt: "denied" if what[0] == "update" else ""
    desk = Desk(service, clock)
    saved, plan = await desk.plan(text)
    assert len(saved.changes) == 2
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    service.script = lambda what, attempt: ""
    move(service, 0, rating=1)
    await clock.sleep(600)
    result = await desk.resume(plan)
    assert outcomes(result) == ["created", "stale"]
    assert "source" not in service.world[0]["fields"]


@simulate
async def test_a_lead_whose_identifier_was_corrected_is_another_lead(clock):
    service = Service(leads(2), clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(SET)
    move(service, 0, phone="919777777777")
    await clock.sleep(120)
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert names(result) == {"changed": 1, "stale": 1}
    assert "phone" in next(one.reason for one in result.results if one.outcome is Outcome.STALE)


@simulate
async def test_two_actions_of_a_lead_that_were_left_unknown_are_both_looked_for(clock):
    text = 'find leads where status = Won\nadd action 1001 with note = "A"\nadd action 1002 with note = "B"'
    service = Service(leads(1), clock)
    service.script = lambda what, attempt: "after"
    desk = Desk(service, clock)
    saved, plan = await desk.plan(text)
    real = service.timeline

    async def unreadable(*_asked, **_more):
        raise UnavailableError("the service is down")

    service.timeline = unreadable
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert names(result) == {"in_doubt": 2}
    service.timeline = real
    service.script = lambda what, attempt: ""
    result = await desk.resume(plan)
    assert names(result) == {"changed": 2}
    assert [service.count(service.world[0]["id"], code) for code in ("1001", "1002")] == [1, 1]


@simulate
async def test_an_action_that_a_person_changed_meanwhile_is_not_written_over(clock):
    visit = {
        "id": "d" * 24,
        "type": "1001",
        "at": START - 5000,
        "by": "x@company.com",
        "fields": {"note": "Old"},
    }
    service = Service([*leads(1)], clock)
    service.world[0]["actions"].append(visit)
    desk = Desk(service, clock)
    saved, plan = await desk.plan('find leads where status = Won\nupdate action 1001 with note = "New"')
    assert len(saved.changes) == 1
    visit["fields"] = {"note": "Somebody's"}
    await clock.sleep(120)
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert names(result) == {"stale": 1}
    assert visit["fields"]["note"] == "Somebody's"


@simulate
async def test_own_actions_are_set_aside_where_the_condition_asks_for_them(clock):
    text = (
        "find leads where status = Won and not has action 1002\n"
        'add action 1002 with note = "A"\nadd action 1001 with note = "B"'
    )
    service = Service(leads(2), clock)
    service.script = lambda what, attempt: "denied" if what[2:] == ("1001",) else ""
    desk = Desk(service, clock, in_flight=2)
    saved, plan = await desk.plan(text)
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert [service.count(one["id"], "1002") for one in service.world] == [1, 1]
    service.script = lambda what, attempt: ""
    theirs = {
        "id": "c" * 24,
        "type": "1002",
        "at": clock.now_ms(),
        "by": "x@company.com",
        "fields": {"note": "Z"},
    }
    service.world[1]["actions"].append(theirs)
    await clock.sleep(600)
    result = await desk.resume(plan)
    by_lead = {
        number: [
            one.outcome.value for one in result.results if one.change.lead.id == service.world[number]["id"]
        ]
        for number in (0, 1)
    }
    assert by_lead == {0: ["changed", "changed"], 1: ["changed", "stale"]}


@simulate
async def test_where_no_write_can_ever_be_in_time_the_run_stops_and_says_so(clock):
    service = Service(leads(2), clock)
    desk = Desk(service, clock)
    saved, plan = await desk.plan(SET)

    async def turn():
        await asyncio.sleep(90)

    service.turn = turn
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert result.exit_code == 75
    assert "raise the rate" in result.exit_reason
    assert service.sent == []


def changed_when_old(text, world, edit):
    """Return the results of a plan that is applied two minutes after it was made, ``edit(service)`` having come between."""

    async def main(clock):
        service = Service(world, clock)
        desk = Desk(service, clock)
        saved, plan = await desk.plan(text)
        assert saved.changes
        edit(service)
        await clock.sleep(120)
        return await desk.apply(saved, plan, read_ms=saved.made_ms), service

    return run_virtual(main, START)


def test_a_case_that_turned_is_judged_anew():
    text = "find leads where status = Won\nwhen rating = 4 { set source = Website }"
    result, service = changed_when_old(text, leads(3, rating=4), lambda service: move(service, 0, rating=1))
    assert names(result) == {"changed": 2, "stale": 1}
    assert "source" not in service.world[0]["fields"]


def test_the_other_case_is_judged_as_well():
    text = (
        "find leads where status = Won\n"
        'when rating = 4 { add action 1001 with note = "Good" } otherwise { add action 1001 with note = "Bad" }'
    )
    result, service = changed_when_old(text, leads(3, rating=4), lambda service: move(service, 0, rating=1))
    assert names(result) == {"changed": 2, "stale": 1}
    assert service.count(service.world[0]["id"]) == 0


def test_a_text_made_of_what_a_person_corrected_is_not_sent():
    text = 'find leads where status = Won\nadd action 1001 with note = "Dear {{ lead.name }}"'
    result, service = changed_when_old(text, leads(3), lambda service: move(service, 0, name="Corrected"))
    assert names(result) == {"changed": 2, "stale": 1}
    assert service.count(service.world[0]["id"]) == 0


def test_a_text_that_can_no_longer_be_made_is_not_sent():
    text = 'find leads where status = Won\nadd action 1001 with note = "Visits: {{ lead.visits }}"'
    result, _ = changed_when_old(
        text, leads(2, visits=3), lambda service: service.world[0]["fields"].pop("visits")
    )
    assert names(result) == {"changed": 1, "stale": 1}


def test_a_field_that_nothing_rests_on_may_change():
    text = 'find leads where status = Won\nset source = Website\nadd action 1001 with note = "Dear {{ lead.name }}"'
    result, _ = changed_when_old(text, leads(3), lambda service: move(service, 0, visits=9, rating=1))
    assert names(result) == {"changed": 6}


def test_a_case_that_turns_on_an_activity_is_judged_anew():
    visit = {
        "id": "d" * 24,
        "type": "1002",
        "at": START - 5000,
        "by": "x@company.com",
        "fields": {"note": "B"},
    }
    text = "find leads where status = Won\nwhen not has action 1002 { set source = Website }"
    result, service = changed_when_old(
        text, leads(3), lambda service: service.world[0]["actions"].append(visit)
    )
    assert names(result) == {"changed": 2, "stale": 1}
    assert "source" not in service.world[0]["fields"]


def test_an_action_that_is_no_longer_meant_is_left_alone():
    def visit(number):
        fields = {"note": "Old", "email": "a@b.in"}
        return {
            "id": f"{number:x}" * 24,
            "type": "1001",
            "at": START - 5000,
            "by": "x@company.com",
            "fields": fields,
        }

    world = [lead(number, actions=[visit(number)]) for number in (1, 2)]
    text = 'find leads where status = Won\nupdate action 1001 where email = "a@b.in" with note = "New"'
    result, service = changed_when_old(
        text, world, lambda service: service.world[0]["actions"][0]["fields"].update(email="c@d.in")
    )
    assert names(result) == {"changed": 1, "stale": 1}
    assert service.world[0]["actions"][0]["fields"]["note"] == "Old"


def test_a_row_of_a_file_means_the_lead_that_it_found():
    text = (
        'for each row in csv "in.csv" {\n  match lead by email = row.email\n  on missing lead skip\n}\n'
        "when rating is missing { set source = Website }\nadd action 1001 with note = row.note"
    )
    sheet = "email,note\n" + "".join(f"a{number}@b.in,Note {number}\n" for number in (1, 2, 3))
    around = Surroundings(timezone=None, now_ms=START, files=EmbeddedFiles({"in.csv": sheet}))
    plan = compile_playbook(parse(text, "<-e>"), SCHEMA, around).plan

    def edit(service):
        move(service, 0, email="new@b.in")
        move(service, 1, rating=4)

    result, service = changed_when_old(plan, [lead(n, email=f"a{n}@b.in") for n in (1, 2, 3)], edit)
    found = {}
    for one in result.results:
        found.setdefault(int(one.change.lead.id, 16), []).append(one.outcome.value)
    assert found == {1: ["stale", "stale"], 2: ["stale", "not_attempted"], 3: ["changed", "changed"]}
    assert len(service.sent) == 2


@simulate
async def test_a_case_that_our_own_change_turned_still_holds_for_the_rest(clock):
    text = 'find leads where status = Won\nwhen rating is missing { set rating = 5 add action 1001 with note = "A" }'
    service = Service(leads(2), clock)
    service.script = lambda what, attempt: "denied" if what[0] == "append" else ""
    desk = Desk(service, clock)
    saved, plan = await desk.plan(text)
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert any(one["fields"].get("rating") == 5 for one in service.world)
    service.script = lambda what, attempt: ""
    await clock.sleep(600)
    assert names(await desk.resume(plan)) == {"changed": 4}


@simulate
async def test_what_the_service_gives_a_new_lead_is_nobodys_change(clock):
    text = (
        'step "a" {\n create lead with phone = "+919000000077", name = "New", rating = 4\n}\n'
        'step "b" {\n find leads where rating = 4\n set status = Qualified, source = Website\n}'
    )
    service = Service([], clock)
    service.script = lambda what, attempt: "denied" if what[0] == "update" else ""
    desk = Desk(service, clock)
    saved, plan = await desk.plan(text)
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    service.script = lambda what, attempt: ""
    move(service, 0, status="Fresh")
    await clock.sleep(600)
    assert names(await desk.resume(plan)) == {"created": 1, "changed": 1}
