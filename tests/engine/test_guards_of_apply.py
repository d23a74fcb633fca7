"""The engine's own single use, beside the journal's; how a run ends."""

import pytest

from leadops.core.errors import StalePlanError
from leadops.engine.apply.context.run_context import Halt
from leadops.engine.apply.ending import ending
from leadops.model.change import Change, Kind, LeadRef
from leadops.model.journal import RunState
from leadops.model.run import Outcome, Result
from leadops.model.saved import Refusal
from tests.simulation.bench import Desk
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual

LEAD = LeadRef("1", "91")


def results(*outcomes):
    return [Result(Change(str(n), 0, Kind.UPDATE, LEAD), outcome) for n, outcome in enumerate(outcomes)]


def test_a_second_apply_touches_no_folder():
    async def main(clock):
        desk = Desk(Service(leads(1), clock), clock)
        saved, plan = await desk.plan("find leads where status = Won\nset rating = 5")
        await desk.apply(saved, plan)
        with pytest.raises(StalePlanError):
            await desk.apply(saved, plan)
        return desk.folders["run-2"].saved

    assert run_virtual(main, START) is None


INTERRUPTED = Halt(130, "stopped by SIGINT")
DENIED = Halt(77, "the token is refused")
REFUSED = Refusal(LEAD, "no email")


@pytest.mark.parametrize(
    ("outcomes", "refused", "halted", "wrote", "code"),
    [
        ((), (), None, False, 0),
        ((Outcome.CHANGED, Outcome.ALREADY, Outcome.CREATED), (), None, True, 0),
        ((Outcome.CHANGED, Outcome.REJECTED), (), None, True, 3),
        ((Outcome.STALE,), (), None, False, 3),
        ((), (REFUSED,), None, False, 3),
        ((Outcome.CHANGED, Outcome.NOT_ATTEMPTED), (), INTERRUPTED, True, 130),
        ((Outcome.REJECTED, Outcome.NOT_ATTEMPTED), (), INTERRUPTED, True, 3),
        ((Outcome.NOT_ATTEMPTED,), (), DENIED, False, 77),
        ((Outcome.CHANGED, Outcome.NOT_ATTEMPTED), (), DENIED, True, 3),
    ],
    ids=[
        "nothing",
        "clean",
        "rejected",
        "stale",
        "template",
        "signal",
        "signal-and-failure",
        "denied",
        "denied-later",
    ],
)
def test_the_exit_code_says_what_is_left(outcomes, refused, halted, wrote, code):
    found, reason, _ = ending(results(*outcomes), refused, halted, wrote=wrote)
    assert found == code
    assert reason


def test_only_a_run_that_was_stopped_stays_open():
    assert ending(results(Outcome.REJECTED), (), None, wrote=True)[2] is RunState.DONE
    assert ending(results(Outcome.NOT_ATTEMPTED), (), DENIED, wrote=False)[2] is RunState.STOPPED


def test_a_skipped_row_that_was_asked_for_is_no_failure():
    skipped = Refusal(LEAD, "no such lead", outcome="skipped_by_guard")
    assert ending((), (skipped,), None, wrote=False)[0] == 0
