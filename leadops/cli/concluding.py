"""Before ``run`` plans: an earlier run of the playbook that did not end is finished, or gives way, and it is said which."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from leadops.analysis.compiler import Compiled
from leadops.cli.abandoning import give_way
from leadops.cli.applying import resume_now, show_run
from leadops.cli.earlier import Earlier, Place, earlier_runs
from leadops.cli.planning import Wanted, asked_by
from leadops.cli.session import Session
from leadops.cli.writing import form_from
from leadops.core.errors import ConfigurationError
from leadops.core.exit_codes import Exit
from leadops.engine.plan.guards import lead_name
from leadops.model.journal import OpState, RunState
from leadops.model.run import Outcome, RunResult
from leadops.report.shown import count
from leadops.state.lock import Holder, WorkspaceLock

_UNTOUCHED = frozenset({Outcome.STALE, Outcome.NOT_ATTEMPTED, Outcome.SKIPPED_BY_GUARD})


@dataclass(frozen=True, slots=True)
class Before:
    """What came of the earlier runs.

    Attributes:
        exit_code: what they ended with; 0 when all is well.
        over: nothing is to be planned.
        spent: leads that were taken, by the index of their step: what is planned now counts toward the same limit.
        written: the leads that were written just now, by name: what is planned now counts toward the same belts.
    """

    exit_code: int = 0
    over: bool = False
    spent: Mapping[int, int] = field(default_factory=dict)
    written: frozenset[str] = frozenset()


async def conclude_earlier(
    session: Session, wanted: Wanted, compiled: Compiled, expect_digest: str | None
) -> Before:
    """End the runs of this playbook that did not end: those that are still wanted by doing the rest of them."""
    assert compiled.plan is not None
    place = place_in(session)
    asked = asked_by(wanted, compiled.plan)
    code, spent, written = 0, Counter[int](), frozenset[str]()
    for earlier in earlier_runs(place, session.history, compiled, asked, expect_digest):
        if earlier.changed:
            before = await _give_way(session, wanted, earlier)
        else:
            before = await _finish(session, wanted, earlier, compiled, last=expect_digest is not None)
            if expect_digest is not None and not before.over:
                return Before(before.exit_code, over=True)  # the approved plan was done; no other is approved
        if before.over:
            return before
        code = code or before.exit_code
        spent.update(before.spent)
        written |= before.written
    return Before(code, spent=spent, written=written)


def at_work(session: Session) -> bool:
    """Whether another process works on the workspace. Not for a session that holds the lock itself."""
    return WorkspaceLock(session.home / "lock.db", Holder(pid=0, host=""), session.clock).at_work()


def tell_earlier(session: Session, wanted: Wanted, compiled: Compiled, expect_digest: str | None) -> None:
    """Say which runs of this playbook did not end, and what ``run`` will do with them."""
    assert compiled.plan is not None
    asked = asked_by(wanted, compiled.plan)
    if at_work(session):
        return  # it may be that very run, and nobody knows yet how it ends
    try:
        found = earlier_runs(place_in(session), session.history, compiled, asked, expect_digest)
    except ConfigurationError as error:
        wanted.console.warn(f"warning: {error.message}; {error.help}")
        return
    for earlier in found:
        id_ = earlier.run.id
        what = (
            f"`run` does not finish it ({', '.join(earlier.changed)}): it settles what is in doubt, and plans anew"
            if earlier.changed
            else "`run` finishes it first"
        )
        wanted.console.warn(f"warning: run {id_} of this playbook did not end; {what}")


def place_in(session: Session) -> Place:
    """Return where a session looks for earlier runs."""
    return Place(session.settings.root, session.home, session.enterprise_id, session.clock)


async def _finish(
    session: Session, wanted: Wanted, earlier: Earlier, compiled: Compiled, *, last: bool
) -> Before:
    """Do the rest of a run; ``last``: nothing is planned after it. A program finds one document on stdout, the last."""
    assert compiled.plan is not None
    console = wanted.console
    console.note(f"run {earlier.run.id} of this playbook did not end; it is finished first")
    settled = {key for key, op in session.history.ops(earlier.run.id).items() if op.state is OpState.SETTLED}
    result, saved, folder = await resume_now(session, earlier.run, wanted.given, console)
    form = form_from(wanted.given)
    if result.exit_code or last or (form.form == "text" and form.template is None):
        code = show_run(session, saved, result, folder, form, console, compiled.plan.schema)
    else:
        code = result.exit_code
        console.note(f"run {earlier.run.id} is finished; its results: {folder.path}/results.json")
    if any(step.limit is not None for step in compiled.plan.steps):
        console.note(f"what run {earlier.run.id} took counts toward the limits of what is planned now")
    now = [
        one
        for one in result.results
        if one.change.key not in settled and one.outcome not in _UNTOUCHED | {Outcome.ALREADY}
    ]
    written = frozenset(lead_name(one.change.lead) for one in now)
    return Before(code, over=bool(code), spent=taken(result), written=written)


async def _give_way(session: Session, wanted: Wanted, earlier: Earlier) -> Before:
    console, id_ = wanted.console, earlier.run.id
    console.warn(
        f"warning: run {id_} of this playbook did not end, and is not finished: {', '.join(earlier.changed)}. "
        "What is in doubt of it is looked for, nothing more of it is sent, and it is planned anew"
    )
    result = await give_way(session, earlier.run, earlier.why_not, wanted.given, console)
    now = session.journal.run(id_)
    if now is None or now.state is not RunState.DONE:
        console.warn(f"error: run {id_} could not be looked for, so nothing is planned: {result.exit_reason}")
        return Before(result.exit_code or int(Exit.TEMPORARY), over=True)
    left, doubt = (result.outcomes[one] for one in (Outcome.NOT_ATTEMPTED, Outcome.IN_DOUBT))
    console.note(f"run {id_}: {count(left, 'change')} not made any more; report: {_report(earlier)}")
    if not doubt:
        return Before()
    console.warn(
        f"warning: {count(doubt, 'change')} of run {id_} cannot be settled by reading: `leadops resolve {id_}` lists them"
    )
    return Before(int(Exit.INCOMPLETE))


def _report(earlier: Earlier) -> str:
    return f"{earlier.run.folder}/report.html"


def taken(result: RunResult) -> Mapping[int, int]:
    """Return how many leads the run wrote, or may have written, by the index of the step."""
    leads = {
        (one.change.step, lead_name(one.change.lead))
        for one in result.results
        if one.outcome not in _UNTOUCHED
    }
    return Counter(step for step, _ in leads)
