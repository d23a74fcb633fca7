"""Small files of the state in several hands: marks, kept plans, the cache, the lock that is looked at."""

import asyncio
import json
import os
import subprocess
import sys
import threading

import pytest

from leadops.cli.projectfile import open_project
from leadops.cli.trust import is_trusted, trust
from leadops.core.clock import ManualClock, SystemClock
from leadops.state.cache import WorkspaceCache
from leadops.state.kept_plans import KeptPlans
from leadops.state.lock import Holder, WorkspaceLock
from leadops.state.lock_probe import is_held
from leadops.state.marks import MarkFile, marks_below, read_left
from leadops.state.runs import RunFolder
from tests.state.sample_run import SAVED

KEEPER = (
    "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); db.execute('BEGIN EXCLUSIVE')\n"
    "print('held', flush=True); sys.stdin.read()"
)


def in_turn(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ── marks ────────────────────────────────────────────────────────────────────────────────────────


def test_the_last_mark_is_what_a_folder_tells(tmp_path):
    file = MarkFile(tmp_path)
    for mark in ("a:1:1:" + "f" * 64, "a:22:30:" + "0" * 64, "a:3:4:x"):
        file.write("e1", mark)
        assert read_left(tmp_path).mark == mark
    file.close()
    assert (tmp_path / "journal-mark.json").stat().st_mode & 0o077 == 0


def test_marks_of_other_workspaces_and_strange_files_are_passed_over(tmp_path):
    for name, workspace, mark in (("1", "e1", "m1"), ("2", "e2", "m2"), ("3", "e1", "m3"), ("4", "e1", "m1")):
        (tmp_path / name).mkdir()
        MarkFile(tmp_path / name).write(workspace, mark)
    for name, text in (
        ("5", ""),
        ("6", "[]"),
        ("7", '{"workspace": 1, "boot": 2, "mark": 3}'),
        ("8", "\0" * 99),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "journal-mark.json").write_text(text)
    (tmp_path / "a file").write_text("x")
    assert marks_below(tmp_path, "e1") == ("m1", "m3")
    assert marks_below(tmp_path / "nowhere", "e1") == ()


def test_a_mark_of_an_earlier_start_of_the_machine_proves_nothing(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.left() is None
    folder.mark("e1", "m1")
    assert folder.left() == "m1"
    said = json.loads((tmp_path / "journal-mark.json").read_text())
    (tmp_path / "journal-mark.json").write_text(json.dumps({**said, "boot": "earlier"}))
    assert folder.left() is None


def test_a_folder_that_cannot_be_written_fails_nothing(tmp_path):
    folder = RunFolder(tmp_path / "gone")
    folder.mark("e1", "m1")
    assert folder.left() is None


# ── kept plans ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kept(tmp_path):
    return KeptPlans(tmp_path / "home")


def folder_of(tmp_path, kept, name="run-1"):
    (tmp_path / name).mkdir()
    folder = RunFolder(tmp_path / name, kept)
    folder.save_plan(SAVED)
    return folder


def test_a_plan_outlives_its_folders_file(tmp_path, kept):
    folder = folder_of(tmp_path, kept)
    for loss in (
        lambda: (tmp_path / "run-1" / "plan.json").write_text('{"format_version'),
        (tmp_path / "run-1" / "plan.json").unlink,
        (tmp_path / "run-1").rmdir,
    ):
        loss()
        assert folder.plan() == SAVED


def test_a_kept_plan_that_cannot_be_read_is_made_good_by_the_folders(tmp_path, kept):
    folder = folder_of(tmp_path, kept)
    [file] = (tmp_path / "home" / "plans").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(file.read_bytes()[:100])
    assert folder.plan() == SAVED
    assert KeptPlans(tmp_path / "nowhere").plan("run-1") is None


def test_only_plans_that_are_over_are_dropped(tmp_path, kept):
    for name in ("run-1", "run-2"):
        folder_of(tmp_path, kept, name)
    kept.tidy(lambda run: run == "run-1")
    assert kept.plan("run-1") is None
    assert kept.plan("run-2") == SAVED


def test_a_lead_is_taken_out_of_every_kept_plan(tmp_path, kept):
    folder_of(tmp_path, kept)
    ref = next(one.lead for one in SAVED.changes if one.lead.id)
    assert ref.id in kept.lead_ids(frozenset({ref.identifier}))
    assert kept.forget(frozenset({ref.id}), frozenset({ref.identifier})) == 1
    assert kept.lead_ids(frozenset({ref.identifier})) == frozenset()
    assert kept.forget(frozenset({ref.id}), frozenset({ref.identifier})) == 0


# ── the lock, looked at ──────────────────────────────────────────────────────────────────────────


def test_looking_whether_a_runner_is_at_work_touches_no_lock(tmp_path):
    path = tmp_path / "lock.db"
    lock = WorkspaceLock(path, Holder(pid=os.getpid(), host="here"), ManualClock(0))
    assert not lock.at_work()
    assert not path.exists()
    path.touch(mode=0o600)
    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert keeper.stdout.readline() == "held\n"
    assert is_held(path)
    assert lock.at_work()
    keeper.kill()
    keeper.communicate()
    (tmp_path / "lock.json").write_text('{"pid": 1, "host": "another machine"}')
    assert not lock.at_work(), "who wrote that it holds the lock was killed"


def test_who_holds_the_lock_knows_so(tmp_path):
    async def main():
        async with WorkspaceLock(tmp_path / "lock.db", Holder(pid=1, host="x"), ManualClock(0)) as lock:
            return lock.at_work()

    assert asyncio.run(main())


# ── read, changed, replaced ──────────────────────────────────────────────────────────────────────


def test_verdicts_of_several_processes_are_all_kept(tmp_path):
    def put(part):
        cache = WorkspaceCache(tmp_path / "cache.json", "e1", "host", SystemClock())
        return lambda: [cache.put(f"{part}{n}", verdict=True) for n in range(20)]

    in_turn(*(put(part) for part in "abc"))
    assert len(WorkspaceCache(tmp_path / "cache.json", "e1", "host", SystemClock()).verdicts()) == 60


def test_files_that_are_trusted_at_once_are_all_trusted(tmp_path):
    files = [tmp_path / f"{n}.toml" for n in range(12)]
    for file in files:
        file.write_text(f"# {file.name}\n")
    opened = [open_project(file) for file in files]
    in_turn(*((lambda file=file: trust(tmp_path / "state", file)) for file in opened))
    assert all(is_trusted(tmp_path / "state", file) for file in opened)
