"""A copy of the state that was put back knows less than was done: each append is looked for before it is sent."""

import shutil

import pytest

from leadops.state.journal import Journal
from tests.simulation.bench import Desk, names
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual

ONCE = 'find leads where status = Won; set rating = 5; add action 1001 with note = "Thanks"'
EACH = ONCE + " each run"
PERIOD = ONCE + " once per lead in this month"
TWICE = ONCE + ' each run; add action 1001 with note = "Thanks" each run'


def opened(path, lineage="a"):
    return Journal.open(path, lineage=lineage, threaded=False)


async def finished(clock, folder, text):
    """Run ``text`` to its end, copying the journal after each commit; return the desk, its plan and the copies."""
    service = Service(leads(4), clock)
    path = folder / "journal.db"
    journal = opened(path)
    desk = Desk(service, clock, journal, settle_s=5.0)
    saved, plan = await desk.plan(text)
    copies = []

    def keep(leave):
        def left(mark):
            leave(mark)
            copies.append(folder / f"copy-{len(copies):03d}.db")
            shutil.copy(path, copies[-1])

        return left

    follow = journal.leave_marks
    journal.leave_marks = lambda leave: follow(keep(leave))
    shutil.copy(path, folder / "before.db")
    result = await desk.apply(saved, plan, read_ms=saved.made_ms)
    assert result.exit_code == 0, result.exit_reason
    journal.close()
    return desk, saved, plan, copies


@pytest.mark.parametrize(("text", "each"), [(ONCE, 1), (EACH, 1), (PERIOD, 1), (TWICE, 2)])
def test_resume_over_a_copy_of_any_step_doubles_nothing(tmp_path, text, each):
    async def main(clock):
        desk, _, plan, copies = await finished(clock, tmp_path, text)
        assert len(copies) > 4
        left = tuple(desk.folders["run-1"].marks)
        for copy in copies[:-1]:
            desk.folders["run-1"].marks = list(left)
            with opened(copy) as journal:
                desk.journal = journal
                result = await desk.resume(plan)
                assert journal.audit() == []
            counts = {desk.service.count(f"{n:024x}") for n in range(1, 5)}
            assert counts == {each}, f"{copy.name}: {names(result)}"
            assert set(names(result)) <= {"changed", "already"}, f"{copy.name}: {result.exit_reason}"

    run_virtual(main, START)


@pytest.mark.parametrize("text", [ONCE, PERIOD])
def test_a_new_run_over_a_copy_of_any_step_doubles_nothing(tmp_path, text):
    async def main(clock):
        desk, _, _, copies = await finished(clock, tmp_path, text)
        marks = (desk.folders["run-1"].marks[-1],)
        for copy in (tmp_path / "before.db", *copies):
            with opened(copy) as journal:
                desk.journal = journal
                await desk.run(text, marks=marks)
            assert {desk.service.count(f"{n:024x}") for n in range(1, 5)} == {1}, copy.name

    run_virtual(main, START)


def test_a_plan_applied_over_a_copy_made_before_it_doubles_nothing(tmp_path):
    async def main(clock):
        desk, saved, plan, _ = await finished(clock, tmp_path, ONCE)
        with opened(tmp_path / "before.db") as journal:
            desk.journal = journal
            await desk.apply(saved, plan, marks=(desk.folders["run-1"].marks[-1],))
        assert {desk.service.count(f"{n:024x}") for n in range(1, 5)} == {1}

    run_virtual(main, START)


def test_what_was_never_sent_is_sent_once_over_a_copy(tmp_path):
    """The control: looking first does not keep from doing what is still to be done."""

    async def main(clock):
        desk, _, plan, copies = await finished(clock, tmp_path, ONCE)
        desk.service.one(f"{2:024x}")["actions"].clear()
        with opened(copies[0]) as journal:
            desk.journal = journal
            result = await desk.resume(plan)
        assert names(result)["changed"] >= 1
        assert {desk.service.count(f"{n:024x}") for n in range(1, 5)} == {1}

    run_virtual(main, START)


def test_a_journal_knows_its_own_history_and_no_other(tmp_path):
    with opened(tmp_path / "a.db") as journal:
        marks = [journal.mark]
        for n in range(3):
            journal.forget(f"lead{n}", n)
            marks.append(journal.mark)
        assert all(journal.holds(mark) for mark in marks)
        shutil.copy(tmp_path / "a.db", tmp_path / "copy.db")
        journal.forget("lead3", 3)
        newer = journal.mark
    with opened(tmp_path / "copy.db") as copy:
        assert all(copy.holds(mark) for mark in marks)
        assert not copy.holds(newer)
        copy.forget("another", 9)
        assert copy.serial == int(newer.split(":")[1])
        assert not copy.holds(newer), "as many commits, but others: the history forked"
        copy.forget("and more", 10)
        assert not copy.holds(newer)
    with opened(tmp_path / "b.db", "b") as other:
        assert not any(other.holds(mark) for mark in marks)
    with opened(tmp_path / "a.db") as journal:
        assert not any(journal.holds(strange) for strange in ("", "a", "a:1", "a:x:1:h", "a:1:-1:h"))
