"""Earlier runs of a playbook that did not end, and whether they are still wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leadops.analysis.compiler import Compiled
from leadops.cli.places import runs_root
from leadops.cli.recorded import folder_to_read, plan_of
from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError, StalePlanError
from leadops.engine.apply.executor import check_age
from leadops.engine.op_keys import playbook_hash
from leadops.engine.operations.wanted import PLAYBOOK, differences
from leadops.engine.plan.options import DAY_S
from leadops.model.journal import RunRecord, RunState
from leadops.model.saved import SavedPlan
from leadops.state.journal_reading import JournalReading


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run that did not end.

    Attributes:
        changed: in words, what is asked for otherwise now; empty when the run is still wanted.
    """

    run: RunRecord
    saved: SavedPlan
    changed: tuple[str, ...]

    @property
    def why_not(self) -> str:
        """Why it is not finished, as the reason of what it leaves."""
        return f"the run is no longer wanted: {', '.join(self.changed)}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command looks for earlier runs.

    Attributes:
        root: the project's folder; ``home``: the workspace's folder of the state store.
    """

    root: Path
    home: Path
    workspace: str
    clock: Clock


def earlier_runs(
    place: Place,
    journal: JournalReading,
    compiled: Compiled,
    asked: Mapping[str, str],
    expect_digest: str | None = None,
) -> Sequence[Earlier]:
    """Return the runs of this playbook that did not end, the oldest first.

    They are of the same text, or of the same file of this project, whatever it said then.

    Raises:
        ConfigurationError: the plan of one is gone; names the way to give it up.
    """
    found = [
        earlier
        for run in reversed(journal.runs())
        if run.enterprise == place.workspace and run.state is not RunState.DONE
        if (earlier := _earlier(place, run, compiled, asked, expect_digest)) is not None
    ]
    return tuple(found)


def project_of(run: RunRecord) -> Path | None:
    """Return the folder of the project that the run was made in; None where that is not known, or gone."""
    folder = Path(run.folder)
    root = folder.parent.parent.parent
    return root if folder == runs_root(root) / run.id and root.is_dir() else None


def _earlier(
    place: Place, run: RunRecord, compiled: Compiled, asked: Mapping[str, str], expect_digest: str | None
) -> Earlier | None:
    plan = compiled.plan
    assert plan is not None
    same_text = run.playbook == playbook_hash(plan.canonical)
    project = project_of(run)
    near = project is None or project == place.root
    try:
        saved = plan_of(run, folder_to_read(run, runs_root(place.root), place.home))
    except ConfigurationError:
        if same_text and near:
            raise
        return None
    ours = (same_text and near) or _same_file(
        saved.asked.get(PLAYBOOK, ""), asked.get(PLAYBOOK, ""), project, place.root
    )
    if not ours and not same_text:
        return None
    changed = differences(saved, plan, compiled.sources, asked)
    try:
        check_age(saved, place.clock, DAY_S)
    except StalePlanError as old:
        changed.append(old.message)
    if expect_digest is not None and run.digest != expect_digest.lower():
        changed.append("--expect-digest names another plan")
    if changed and not ours:
        return None  # another project's, which says the same over other files
    return Earlier(run, saved, tuple(changed))


def _same_file(before: str, now: str, project: Path | None, root: Path) -> bool:
    """Whether two playbooks are the same file, or have the same title where they have none, as seen from their projects."""
    if not before or not now:
        return False
    if project is None or before.startswith("<") or now.startswith("<"):
        return before == now and project in {None, root}
    return project / before == root / now
