"""A run breaks off anywhere, gives way, and another text is planned: nothing is made twice, and nothing more of the old."""

import random

import pytest

from leadops.engine.operations.giving_up import give_up
from leadops.engine.operations.resume import resume_run
from leadops.model.journal import RunState
from leadops.model.run import Outcome
from tests.simulation.bench import Desk, compiled
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual

TEXT = """playbook "P"
step "s" {
  find leads where status = Won
  set rating = %d
  add action 1001 with note = "%s" key "k"
}
step "new" {
  create lead with phone = "917777777777", name = "Jane"
  add action 1001 with note = "%s" key "j"
}
"""
OLD, NEW = TEXT % (5, "Old", "Old"), TEXT % (4, "New", "New")
WHY = "the run is no longer wanted: p.lead changed"
FAULTS = ("", "", "", "before", "after", "late", "unsent", "throttled")


async def give_way(desk, plan):
    """Do as the command line does; return the old run's result."""
    record = desk.journal.runs()[0]
    folder = desk.folders[record.id]
    await resume_run(
        record, folder.saved, plan, desk.service, desk.service, desk.journal, folder, desk.options, closed=WHY
    )
    assert desk.journal.run(record.id).state is RunState.DONE
    now = desk.journal.run(record.id)
    return await give_up(now, folder.saved, desk.journal, folder, desk.clock.now_ms(), WHY)


def notes(service):
    return [[one["fields"]["note"] for one in lead["actions"]] for lead in service.world]


@pytest.mark.parametrize("seed", range(40))
def test_wherever_a_run_breaks_off_nothing_more_of_it_is_sent_and_nothing_is_made_twice(seed):
    chance = random.Random(seed)
    stop = chance.randrange(1, 18)
    faults = [chance.choice(FAULTS) for _ in range(200)]

    async def main(clock):
        service = Service(leads(8), clock)
        desk = Desk(service, clock)
        count = 0

        def script(what, attempt):
            nonlocal count
            count += 1
            return "denied" if count > stop else faults[count]

        service.script = script
        await desk.run(OLD)
        service.script = lambda what, attempt: ""
        sent = len(service.sent)
        if desk.journal.runs()[0].state is not RunState.DONE:
            old = await give_way(desk, compiled(OLD))
            assert len(service.sent) == sent, "giving way sends nothing"
            assert old.outcomes["in_doubt"] == 0
            left = [one for one in old.results if one.outcome is Outcome.NOT_ATTEMPTED]
            assert all(WHY in one.reason for one in left)
        before = notes(service)
        await desk.run(NEW)
        for was, is_ in zip(before, notes(service), strict=False):
            assert is_ == (was or ["New"]), (before, notes(service))
        assert len(service.world) == 9
        assert all(len(one) == 1 for one in notes(service))
        assert {one["fields"].get("rating") for one in service.world[:8]} == {4}
        sent = len(service.sent)
        again = await desk.run(NEW)
        assert again.exit_code == 0
        assert len(service.sent) == sent

    run_virtual(main, START)
