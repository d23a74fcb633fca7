"""Run folders: ``.leadops/runs/<utc>-<slug>-<id>/``, private, a file for every reader.

plan.json stands there before anything is sent; leads.jsonl grows with each outcome; the rest is written at the end.
What a run needs to go on is kept in the state store too: the folder may be lost.
"""

import json
import os
import re
import unicodedata
from array import array
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from leadops.core.errors import ConfigurationError, UsageError
from leadops.model.forms import result_form, results_form
from leadops.model.run import Result, RunResult
from leadops.model.saved import SavedPlan
from leadops.state import forgetting
from leadops.state.csvfiles import partition
from leadops.state.kept_plans import KeptPlans
from leadops.state.marks import MarkFile, read_left, this_boot
from leadops.state.planfile import read_plan, write_plan
from leadops.state.private import private_dir, write_private
from leadops.state.resultfile import read_results


class RunFolder:
    """The folder of one run; its name is the run's id.

    ``kept``: where the state store keeps the plans of runs; None: only in the folder.
    """

    def __init__(self, path: Path, kept: KeptPlans | None = None) -> None:
        self._path = path
        self._kept = kept
        self._marks = MarkFile(path)
        self._broken = False
        self._numbers: dict[str, int] = {}

    @property
    def run(self) -> str:
        """The run's id."""
        return self._path.name

    @property
    def path(self) -> str:
        """The folder."""
        return str(self._path)

    def save_plan(self, saved: SavedPlan) -> None:
        """Write plan.json, and keep the plan in the state store.

        Raises:
            ConfigurationError: one of them cannot be written.
        """
        write_plan(self._path / "plan.json", saved)
        if self._kept is not None:
            self._kept.keep(self.run, self._path / "plan.json")

    def plan(self) -> SavedPlan:
        """Return the plan that the run was given: the kept one, or that of plan.json.

        Raises:
            ConfigurationError: both are gone. StalePlanError: the file is no plan.
        """
        kept = self._kept.plan(self.run) if self._kept is not None else None
        return kept or read_plan(self._read("plan.json"), f"{self._path}/plan.json")

    def mark(self, workspace: str, mark: str) -> None:
        """Note down how far the journal's history has come; a folder that cannot be written is no failure here."""
        self._marks.write(workspace, mark)

    def left(self) -> str | None:
        """Return the journal's mark that the run left last.

        None where there is none, or where the machine was started anew since: a power cut may have swallowed later
        ones, and a machine put back to an earlier state has the journal and the folder of that state.
        """
        left = read_left(self._path)
        return left.mark if left is not None and left.boot == this_boot() else None

    def results(self) -> RunResult:
        """Return the run's results.

        Raises:
            ConfigurationError: the file is gone: the run was killed. RefusedError: it has another shape.
        """
        return read_results(self._read("results.json"), f"{self._path}/results.json")

    def discard(self) -> None:
        """Remove the folder of a run that was refused before it began; one with more in it than a log stays."""
        with suppress(OSError):
            if [path.name for path in self._path.iterdir()] == ["log.jsonl"]:
                (self._path / "log.jsonl").unlink()
            self._path.rmdir()

    def restore(self) -> None:
        """Make the folder anew where it is gone.

        Raises:
            ConfigurationError: it cannot be made.
        """
        private_dir(self._path.parent)
        private_dir(self._path)

    def add(self, result: Result) -> None:
        """Append a result to leads.jsonl. A file that cannot be written is no failure here: the journal has it."""
        if self._broken:
            return
        line = json.dumps(result_form(result), ensure_ascii=True) + "\n"
        try:
            self._append("leads.jsonl", line)
        except OSError:
            self._broken = True

    def emergency(self, line: str) -> None:
        """Keep an outcome that the journal could not take, in this folder and on the way out of the process."""
        try:
            self._append("emergency.jsonl", line + "\n")
        except OSError:
            self._broken = True

    def finish(self, saved: SavedPlan, result: RunResult) -> None:
        """Write results.json, leads.jsonl and the four CSV files.

        Raises:
            OSError: one of them could not be written.
        """
        self._close()
        form = results_form(saved, result)
        files = {
            "results.json": json.dumps(form, ensure_ascii=True) + "\n",
            "leads.jsonl": "".join(json.dumps(one, ensure_ascii=True) + "\n" for one in form["changes"]),
            **partition(saved, result.results),
        }
        try:
            for name, text in files.items():
                self._write(name, text)
        except ConfigurationError as error:
            raise OSError(None, error.message) from error

    def calls_at_ms(self) -> Sequence[int]:
        """Return when the run's calls ended, by its log, in epoch ms; nothing where it kept none."""
        found = array("q")
        with (
            suppress(OSError, UnicodeDecodeError),
            (self._path / "log.jsonl").open(encoding="utf-8") as lines,
        ):
            for line in lines:
                with suppress(ValueError, KeyError, TypeError):  # a line that a crash cut short
                    event = json.loads(line)
                    if event["event"] == "call":
                        found.append(round(datetime.fromisoformat(event["ts"]).timestamp() * 1000))
        return found

    def lead_ids(self, identifiers: frozenset[str]) -> frozenset[str]:
        """Return the ids of the leads of these identifiers that the files name."""
        return forgetting.lead_ids(self._path, identifiers)

    def forget(self, lead_ids: frozenset[str], identifiers: frozenset[str]) -> int:
        """Take these leads out of every file; return how many files that touched."""
        return forgetting.forget(self._path, lead_ids, identifiers)

    def _append(self, name: str, text: str) -> None:
        os.write(self._opened(name), text.encode())

    def _opened(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            number = self._numbers[name] = os.open(self._path / name, flags, 0o600)
        return number

    def _close(self) -> None:
        self._marks.close()
        while self._numbers:
            os.close(self._numbers.popitem()[1])

    def _write(self, name: str, text: str) -> None:
        write_private(self._path / name, text.encode())

    def _read(self, name: str) -> str:
        try:
            return (self._path / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{self._path / name} cannot be read: {error}",
                f"`leadops resume {self.run}` goes on with a run that was broken off, and `--abandon` there ends it",
            ) from error


def new_run_folder(
    root: Path, title: str, now_ms: int, token: str, kept: KeptPlans | None = None
) -> RunFolder:
    """Make the folder of a new run below ``root`` (``.leadops/runs``).

    Args:
        root: where the project's runs are.
        title: the playbook's title or file name, for people.
        now_ms: the wall clock.
        token: six random letters or digits.
        kept: where the state store keeps the plans of runs.

    Raises:
        ConfigurationError: it cannot be made.
    """
    stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    private_dir(root)
    return RunFolder(private_dir(root / f"{stamp}-{slug(title)}-{token}"), kept)


def run_folders(root: Path) -> Sequence[RunFolder]:
    """Return the folders below ``root``, newest first."""
    try:
        found = sorted(
            (one for one in root.iterdir() if one.is_dir()), key=lambda one: one.name, reverse=True
        )
    except OSError:
        return ()
    return tuple(RunFolder(one) for one in found)


def find_run_folder(root: Path, name: str) -> RunFolder:
    """Return the folder that ``name`` means: a path, an id, a part of one, or ``last``.

    Raises:
        UsageError: there is none, or there are several.
    """
    if "/" in name and Path(name).is_dir():
        return RunFolder(Path(name))
    folders = run_folders(root)
    if name == "last":
        found = list(folders[:1])
    else:
        found = [one for one in folders if one.run == name] or [
            one for one in folders if name and name in one.run
        ]
    if len(found) == 1:
        return found[0]
    if not folders:
        raise UsageError(
            f"there is no run yet below {root}", "runs are kept in the project that they were made in"
        )
    raise UsageError(
        f"{'several runs fit' if found else 'there is no run'} “{name}” below {root}",
        "`leadops runs` lists them",
    )


def slug(title: str) -> str:
    """Return ``title`` as a part of a file name.

    >>> slug("Won in April: rate & log")
    'won-in-april-rate-log'
    """
    text = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:40].strip("-") or "run"
