"""Going on with a run: what it settled stays, what it left unknown is looked for, the rest is sent."""

from dataclasses import replace
from functools import partial

from leadops.core.errors import RefusedError, StalePlanError, UsageError
from leadops.engine.apply.executor import check_age, check_plan, sit
from leadops.engine.apply.settle.foreign import is_foreign
from leadops.engine.operations.giving_up import REASON, was_given_up
from leadops.engine.plan.options import ApplyOptions
from leadops.engine.ports import Journal, JournalReader, Reader, RunFolder, Writer
from leadops.model.journal import RunRecord, RunState
from leadops.model.plan import Plan
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan


def find_run(journal: JournalReader, name: str) -> RunRecord:
    """Return the run that ``name`` means: an id, an unambiguous part of one, or ``last``.

    Raises:
        UsageError: there is none, or there are several.
    """
    runs = journal.runs()
    if name == "last":
        found = list(runs[:1])
    else:
        exact = [run for run in runs if run.id == name]
        found = exact or [run for run in runs if name and name in run.id]
    if len(found) == 1:
        return found[0]
    what = "several runs fit" if found else "there is no run"
    raise UsageError(f"{what} “{name}”", "`leadops runs` lists them")


async def resume_run(
    run: RunRecord,
    saved: SavedPlan,
    plan: Plan,
    reader: Reader,
    writer: Writer,
    journal: Journal,
    run_folder: RunFolder,
    options: ApplyOptions,
    *,
    closed: str = "",
) -> RunResult:
    """Go on with ``run`` in its folder; ``saved`` is the plan it was given, ``plan`` its playbook compiled now.

    A plan that is too old, or whose playbook or schema changed, has its doubts settled and sends nothing new; so has
    one that is ``closed`` for the reason given, or that was given up. A journal that does not hold what the run told
    its folder last (or whose folder tells nothing) may be an older copy: each append is first looked for.

    Raises:
        RefusedError: the plan is not the one that the run began with.
    """
    if saved.digest != run.digest:
        raise RefusedError(
            f"the plan in {run.folder} is not the one that run {run.id} began with",
            f"`leadops resume {run.id} --abandon` gives the run up",
        )
    left = run_folder.left()
    foreign = left is None or is_foreign(saved, journal, (left, *options.marks))
    if not closed and was_given_up(journal, run.id):
        closed = REASON
    journal.leave_marks(partial(run_folder.mark, run.enterprise))
    run = replace(run, folder=run_folder.path)
    journal.update_run(replace(run, state=RunState.RUNNING, finished_ms=None, exit_code=None, exit_reason=""))
    try:
        check_plan(saved, plan)
        check_age(saved, options.clock, options.max_age_s)
    except StalePlanError as stale:
        closed = closed or stale.message
    return await sit(
        run, saved, plan, reader, writer, journal, run_folder, options, foreign=foreign, closed=closed
    )
