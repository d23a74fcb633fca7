"""The journal in several hands: views hold nobody up, writers take up the history where it is, and wait."""

import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from leadops.core.errors import ConfigurationError, TemporaryError
from leadops.model.journal import Intent, RunRecord, RunState
from leadops.state import journal_audit, waiting
from leadops.state.journal import Journal
from leadops.state.journal_reading import JournalReading

RUN = RunRecord("r1", "e1", "p1", "Title", "d1", "d1@1", "/runs/r1", RunState.RUNNING, 1000)


def intent(key):
    return Intent("r1", key, 1, 0, "append", "l1", "1001", "x", 2000, once=True)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "journal.db"


def opened(path, lineage="abc", **more):
    return Journal.open(path, lineage=lineage, threaded=False, **more)


def test_a_view_of_nothing_is_empty_and_makes_nothing(path):
    with JournalReading.look(path) as view:
        assert list(view.runs()) == []
        assert view.audit() == []
        assert view.made(["k"]) == {}
        assert (view.serial, view.in_doubt("r1"), view.run("r")) == (0, False, None)
    assert not path.parent.exists()


def test_a_file_that_another_process_is_about_to_fill_is_no_journal_yet(path):
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    with JournalReading.look(path) as view:
        assert list(view.runs()) == []
    assert path.stat().st_size == 0


def test_a_view_sees_what_was_written_since_it_was_opened_and_can_write_nothing(path):
    with opened(path) as journal, JournalReading.look(path) as view:
        journal.begin_run(RUN)
        journal.write([intent("k1")])
        assert set(view.ops("r1")) == {"k1"}
        assert view.mark == journal.mark
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            view._connection.execute("DELETE FROM op")


def test_a_view_holds_nothing_between_its_looks(path):
    with opened(path) as journal, JournalReading.look(path) as view:
        journal.begin_run(RUN)
        view.ops("r1")
        view.audit()
        begun = time.monotonic()
        journal.write([intent("k1")])
        assert time.monotonic() - begun < 1


def test_two_writers_that_take_turns_leave_one_whole_trail(path):
    with opened(path) as one, opened(path, "other") as two:
        one.begin_run(RUN)
        for n in range(5):
            two.write([intent(f"two{n}")])
            one.write([intent(f"one{n}")])
        assert (one.lineage, two.lineage) == ("abc", "abc")
        assert one.mark == two.mark
        assert one.serial == 11
        assert one.audit() == two.audit() == []


def test_two_writers_at_once_wait_for_each_other(path):
    with opened(path) as journal:
        journal.begin_run(RUN)

    def work(name):
        with opened(path) as journal:
            for n in range(30):
                journal.write([intent(f"{name}{n}")])

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with JournalReading.look(path) as view:
        assert len(view.ops("r1")) == 90
        assert view.serial == 91
        assert view.audit() == []


def test_many_processes_that_make_the_journal_at_once_make_one(path):
    script = (
        "import sys; from pathlib import Path; from leadops.state.journal import Journal\n"
        "with Journal.open(Path(sys.argv[1]), lineage=sys.argv[2]) as journal: print(journal.lineage)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, path, str(n)], stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    said = {process.communicate()[0] for process in started}
    assert len(said) == 1
    assert {process.returncode for process in started} == {0}


def test_a_writer_waits_for_a_reader_in_mid_look_and_says_so(path):
    said = []
    with opened(path, tell=said.append) as journal:
        journal.begin_run(RUN)
        reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM run").fetchall()
        timer = threading.Timer(1.5, reader.execute, ("COMMIT",))
        timer.start()
        journal.write([intent("k1")])
        timer.join()
        reader.close()
        assert set(journal.ops("r1")) == {"k1"}
    assert len(said) == 1
    assert "waiting for it" in said[0]


def test_a_writer_that_waited_in_vain_says_who_was_in_the_way_and_nothing_was_written(path, monkeypatch):
    monkeypatch.setattr(waiting, "LONGEST_S", 0.1)
    monkeypatch.setattr(waiting, "_TRY_S", 0.05)
    with opened(path) as journal:
        journal.begin_run(RUN)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM run").fetchall()
        with pytest.raises(TemporaryError, match="another process"):
            journal.write([intent("k1")])
        reader.execute("COMMIT")
        reader.close()
        assert journal.ops("r1") == {}
        journal.write([intent("k2")])
        assert journal.audit() == []


def test_a_long_journal_is_checked_page_by_page(path, monkeypatch):
    monkeypatch.setattr(journal_audit, "_PAGE", 3)
    with opened(path) as journal:
        journal.begin_run(RUN, {f"rule{n}" for n in range(7)})
        for n in range(10):
            journal.write([intent(f"k{n}")])
        assert journal.audit() == []
        journal._connection.execute("UPDATE made SET payload = 'y' WHERE key = 'k7'")
        journal._connection.execute("UPDATE op SET payload = 'y' WHERE key = 'k8'")
        assert [(one.table, one.row) for one in journal.audit()] == [("op", "r1 k8"), ("made", "k7")]


def test_marks_are_left_after_each_commit_and_tell_no_more_than_is_durable(path):
    left = []
    with opened(path) as journal:
        journal.begin_run(RUN)
        journal.leave_marks(left.append)
        for n in range(3):
            journal.write([intent(f"k{n}")])
            with JournalReading.look(path) as view:
                assert view.holds(left[-1])
        assert len(left) == 3
        assert left[-1] == journal.mark


def test_a_view_of_a_symbolic_link_is_refused(path, tmp_path):
    path.parent.mkdir(mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="symbolic link"):
        JournalReading.look(path)
