"""``stop when`` counts what is under way: never more leads than failures still allowed, and never fewer than one."""

from decimal import Decimal

import pytest

from leadops.core.errors import UnavailableError
from leadops.engine.apply.context.allowance import Allowance
from leadops.model.run import Outcome
from tests.simulation.bench import Desk, names
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual


def text(percent, effects="set rating = 5"):
    return f'step "s" {{\n find leads where status = Won\n stop when {percent} % fail\n {effects}\n}}'


def run(count, playbook, script, **options):
    async def main(clock):
        service = Service(leads(count), clock, script, pace=lambda: 0.5)
        result = await Desk(service, clock).run(playbook, **options)
        return service, result

    return run_virtual(main, START)


@pytest.mark.parametrize(
    ("count", "percent", "most"), [(20, 10, 2), (20, 5, 1), (20, 1, 1), (30, 50, 15), (7, 40, 3), (3, 100, 3)]
)
def test_no_more_leads_fail_than_the_guard_allows(count, percent, most):
    service, result = run(count, text(percent), lambda what, attempt: "refused")
    assert names(result).get("rejected") == most
    assert len(service.sent) == most
    assert names(result).get("skipped_by_guard", 0) == count - most


def test_the_flag_is_counted_in_the_same_way():
    _, result = run(20, text(50), lambda what, attempt: "refused", max_fail_percent=Decimal(10))
    assert names(result) == {"rejected": 2, "skipped_by_guard": 18}


def test_what_is_unknown_is_under_way():
    async def main(clock):
        service = Service(leads(20), clock, lambda what, attempt: "before")
        desk = Desk(service, clock)
        saved, plan = await desk.plan(text(10, 'add action 1001 with note = "A"'))

        async def unreadable(*_asked, **_more):
            raise UnavailableError("the service is down")

        service.timeline = unreadable
        return await desk.apply(saved, plan, read_ms=saved.made_ms), service

    result, service = run_virtual(main, START)
    assert names(result) == {"in_doubt": 2, "skipped_by_guard": 18}
    assert len(service.sent) == 2


def test_failures_that_came_before_leave_less_room():
    failing = {f"{number:024x}" for number in (1, 2, 3, 5, 8)}
    service, result = run(40, text(10), lambda what, attempt: "refused" if what[1] in failing else "")
    assert names(result)["rejected"] == 4
    assert service.peak <= 4


def test_where_nothing_fails_the_room_is_used():
    service, result = run(200, text(10), lambda what, attempt: "")
    assert names(result) == {"changed": 200}
    assert service.peak == 8


def test_a_lead_that_is_stale_or_waits_is_not_under_way():
    async def main(clock):
        service = Service(leads(20), clock)
        desk = Desk(service, clock)
        saved, plan = await desk.plan(text(5))
        for one in service.world[::2]:
            one["fields"]["status"] = "Lost"
        return await desk.apply(saved, plan)

    assert names(run_virtual(main, START)) == {"changed": 10, "stale": 10}


def test_a_stop_ends_those_who_wait_for_room():
    from leadops.engine.stop import Stop

    async def main(clock):
        stop = Stop()
        service = Service(leads(20), clock, lambda what, attempt: stop.request(143, "stopped") or "")
        desk = Desk(service, clock)
        saved, plan = await desk.plan(text(5))
        first = await desk.apply(saved, plan, read_ms=saved.made_ms, stop=stop)
        assert {one.outcome for one in first.results} == {Outcome.CHANGED, Outcome.NOT_ATTEMPTED}
        service.script = lambda what, attempt: ""
        return await desk.resume(plan)

    assert names(run_virtual(main, START)) == {"changed": 20}


def test_without_a_guard_there_is_room_for_all():
    free = Allowance(3, None, bad={"a", "b", "c"}, away={"d"})
    assert not free.tripped
    run_virtual(lambda clock: free.enter("e"), START)
    assert free.away == {"d", "e"}
