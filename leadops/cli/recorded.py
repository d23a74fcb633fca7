"""A run that was made: its plan and results, out of its folder or, where that was lost, out of the state store."""

import errno
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from leadops.cli.history import open_history
from leadops.cli.places import runs_root
from leadops.cli.settings import Settings
from leadops.core.errors import ConfigurationError, LeadopsError, UsageError
from leadops.engine.operations.known import run_as_known
from leadops.model.journal import RunRecord, RunState
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan
from leadops.state.journal_reading import JournalReading, nothing_yet
from leadops.state.kept_plans import KeptPlans
from leadops.state.runs import RunFolder, find_run_folder, new_run_folder, run_folders

_READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
"""What a system answers where a folder cannot be written."""
STATE_RUNS = "runs"
"""Run folders in the state store: of runs whose project cannot be written."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run as it is known.

    Attributes:
        folder: where its files lie, or lay.
    """

    folder: RunFolder
    saved: SavedPlan
    result: RunResult


def recorded(settings: Settings, name: str) -> Recorded:
    """Return the run that ``name`` means: an id, a part of one, a folder, or ``last`` (of this project).

    Raises:
        UsageError: there is none, or there are several.
        ConfigurationError: its plan or its results are neither in its folder nor in the state store.
        StalePlanError: its plan cannot be read.
    """
    root = runs_root(settings.root)
    if "/" in name and Path(name).is_dir():
        folder = find_run_folder(root, name)
        return Recorded(folder, folder.plan(), folder.results())
    with ExitStack() as stack:
        journal, home = nothing_yet(), root
        if settings.sandbox or settings.enterprise_id:
            journal, home = stack.enter_context(open_history(settings))
        run, folder = _found(journal, root, home, name)
        return _read(journal, run, folder)


def folder_to_begin(root: Path, home: Path, title: str, now_ms: int) -> RunFolder:
    """Make the folder of a new run: in the project, or in the state store where the project cannot be written.

    Raises:
        ConfigurationError: in neither; or something is in the way that leadops does not go around, as a link.
    """
    kept, token = KeptPlans(home), secrets.token_hex(3)
    try:
        return new_run_folder(runs_root(root), title, now_ms, token, kept)
    except ConfigurationError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno not in _READ_ONLY:
            raise
        return new_run_folder(home / STATE_RUNS, title, now_ms, token, kept)


def folder_to_read(run: RunRecord, root: Path, home: Path) -> RunFolder:
    """Return the folder of a run: where it is found, else where it was."""
    places = _places(run.id, run, root, home)
    return RunFolder(next((one for one in places if one.is_dir()), places[0]), KeptPlans(home))


def folder_to_write(run: RunRecord, root: Path, home: Path) -> RunFolder:
    """Return the folder of a run that goes on, made anew where it is gone: first where it was, then in this project.

    Raises:
        ConfigurationError: it can be made nowhere.
    """
    found = folder_to_read(run, root, home)
    if Path(found.path).is_dir():
        return found
    kept = KeptPlans(home)
    here = RunFolder(root / run.id, kept)
    try:
        here.restore()
    except ConfigurationError:
        here = RunFolder(home / STATE_RUNS / run.id, kept)
        here.restore()
    return here


def plan_of(run: RunRecord, folder: RunFolder) -> SavedPlan:
    """Return the plan that ``run`` was given.

    Raises:
        ConfigurationError: it is neither in the state store nor in the folder, or cannot be read.
    """
    try:
        return folder.plan()
    except LeadopsError as error:
        raise ConfigurationError(
            f"the plan of run {run.id} is gone, from {folder.path} and from the state store: nobody can go on by it",
            f"`leadops resume {run.id} --abandon` gives the run up, and names what is in doubt",
        ) from error


def known_folders(journal: JournalReading, root: Path, home: Path) -> Sequence[RunFolder]:
    """Return every run folder of the workspace that can be seen: of this project, and of others on this machine."""
    places = [Path(folder.path) for folder in run_folders(root)]
    places += [place for run in journal.runs() for place in _places(run.id, run, root, home)]
    return [RunFolder(place) for place in dict.fromkeys(places) if place.is_dir()]


def _places(id: str, run: RunRecord | None, root: Path, home: Path) -> list[Path]:
    there = [Path(run.folder)] if run is not None else []
    return [*there, root / id, home / STATE_RUNS / id]


def _found(journal: JournalReading, root: Path, home: Path, name: str) -> tuple[RunRecord | None, RunFolder]:
    runs = {run.id: run for run in journal.runs()}
    here = {folder.run for folder in run_folders(root)}
    # A run of another project on this machine is named, not meant by “last”.
    lost = {
        one
        for one, run in runs.items()
        if Path(run.folder).parent in {root, home / STATE_RUNS} or not Path(run.folder).is_dir()
    }
    if name == "last":
        found = sorted(here | lost)[-1:]
    else:
        known = here | set(runs)
        found = [one for one in known if one == name] or [one for one in known if name and name in one]
    if len(found) != 1:
        raise _unclear(name, root, several=bool(found), some=bool(here or runs))
    run = runs.get(found[0])
    places = _places(found[0], run, root, home)
    place = next((one for one in places if one.is_dir()), places[0])
    return run, RunFolder(place, KeptPlans(home))


def _unclear(name: str, root: Path, *, several: bool, some: bool) -> UsageError:
    if not some:
        return UsageError(f"there is no run yet below {root}", "run a playbook: `leadops run FILE`")
    return UsageError(
        f"{'several runs fit' if several else 'there is no run'} “{name}”", "`leadops runs` lists them"
    )


def _read(journal: JournalReading, run: RunRecord | None, folder: RunFolder) -> Recorded:
    saved = folder.plan() if run is None else plan_of(run, folder)
    try:
        return Recorded(folder, saved, folder.results())
    except LeadopsError:
        if run is None:
            raise
    if run.state is RunState.RUNNING:
        raise ConfigurationError(
            f"run {run.id} did not end",
            f"`leadops resume {run.id}` goes on with it; with --abandon it is given up",
        )
    return Recorded(
        folder, saved, run_as_known(run, saved, journal.ops(run.id), run.finished_ms or run.started_ms)
    )
