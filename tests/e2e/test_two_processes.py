"""Two processes on one workspace: looking disturbs nobody, and who writes waits or is told of the other."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from leadops.state.journal_reading import JournalReading
from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, SCRIPT, Place, until

TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
RUN = ("run", "--yes", "--max-leads", "150", "-e", TEXT)
APPEND = "POST /lead/*/action"
NATURAL = {
    "undo": {0},
    "report": {0, 78},
    "verify": {0, 1, 78},
    "retry": {6},
    "why": {0, 1, 4},
    "doctor": {0, 1},
}
READERS = (
    ("runs",),
    ("runs", "--format", "json"),
    ("doctor",),
    ("report", "last"),
    ("ids", "list"),
    ("schema", "show"),
    ("plan", "--max-leads", "150", "-e", TEXT),
    ("plan", "--max-leads", "150", "-o", "plan.json", "-e", TEXT),
    ("run", "--dry-run", "--max-leads", "150", "-e", TEXT),
    ("why", "919876500001", "-e", TEXT),
    ("resolve", "last"),
    ("verify", "last"),
    ("check", "won.lead"),
)
WRITERS = (
    RUN,
    ("resume", "last", "--yes"),
    ("resume", "last", "--abandon"),
    ("forget", "919999999999", "--yes"),
    ("ids", "import", "ids.csv"),
    ("resolve", "last", "abc", "--applied", "--reason", "seen"),
)


def prepare(place, server, leads=100):
    """Make the Won leads many and a finished run, so that every verb has something to look at."""
    for n in range(leads):
        server.world.add(server.world.built_ms - n, phone=f"91770000{n:04d}", name="Usha Pai", status="Won")
    (place.folder / "won.lead").write_text(TEXT + "\n")
    (place.folder / "ids.csv").write_text("lead_id,phone\n" + "0" * 24 + ",919999999998\n")
    place.leadops("run", "--yes", "-e", 'find lead where phone = "917700000000"; set name = "Usha P"')


@contextmanager
def working(place, server, *, seconds=1.0):
    """Have a run at work for the length of the block, its appends slow; then it ends as if it were alone."""
    server.faults.add(APPEND, "delay", times=None, seconds=seconds)
    process = place.start(*RUN)
    try:
        until(lambda: any(call.fault for call in server.seen(writes=True)), what="the first append")
        yield process
    except BaseException:
        process.kill()
        process.communicate()
        raise
    finally:
        server.faults.rules.clear()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + err
    assert "locked" not in err


@contextmanager
def standing_still(process):
    """Have ``process`` do nothing for the length of the block; it holds what it holds."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def assert_whole(place, server):
    """The run did what it does alone, and the journal is as it was written."""
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
    assert {lead.fields["rating"] for lead in won(server.world).values()} == {5}
    outcomes = place.results()["outcomes"]
    assert {name for name, many in outcomes.items() if many} == {"changed"}, outcomes
    [journal] = place.state.rglob("journal.db")
    with JournalReading.look(journal) as read:
        assert read.audit() == []
    assert place.leadops("runs").err == ""


def ends_well(done, verb):
    """Whether a verb beside a run ended as it may: as alone, or naming the run that has the lock."""
    assert "database is locked" not in done.err, done
    assert "Traceback" not in done.err, done
    assert done.code in NATURAL.get(verb[0], {0}), f"{verb}: {done}"


def test_looking_beside_a_run_ends_neither(place, server):
    prepare(place, server)
    with working(place, server):
        for verb in READERS:
            ends_well(place.leadops(*verb, code=None), verb)
    assert_whole(place, server)


def test_every_writing_verb_beside_a_run_names_it_and_ends_with_6(place, server):
    prepare(place, server)
    with working(place, server) as process, standing_still(process):
        started = [(verb, place.start(*verb)) for verb in WRITERS]
        for verb, other in started:
            out, err = other.communicate(timeout=PATIENCE)
            assert other.returncode == 6, f"{verb}: {out}{err}"
            assert str(process.pid) in err, f"{verb}: {err}"
            assert out == ""
    assert_whole(place, server)


def test_a_runner_that_stands_still_in_mid_commit_is_met_at_the_lock(place, server):
    prepare(place, server)
    [journal] = place.state.rglob("journal.db")
    held = [sqlite3.connect(path, isolation_level=None) for path in (journal, journal.with_name("lock.db"))]
    for one in held:
        one.execute("BEGIN EXCLUSIVE")
    for verb in WRITERS:
        place.leadops(*verb, code=6)
    for one in held:
        one.close()
    place.leadops(*RUN)


def test_verbs_in_a_tight_loop_beside_a_run_change_nothing_of_it(place, server):
    prepare(place, server)
    over = threading.Event()
    failed = []

    def look(verb):
        while not over.is_set():
            done = place.leadops(*verb, code=None)
            if done.code not in NATURAL.get(verb[0], {0}) or "locked" in done.err:
                failed.append((verb, done))

    with working(place, server):
        threads = [threading.Thread(target=look, args=(verb,)) for verb in (("runs",), ("ids", "list"))]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        over.set()
        for thread in threads:
            thread.join()
    assert not failed
    assert_whole(place, server)


def test_two_runs_that_overlap_by_waiting_leave_one_whole_trail(place, server):
    prepare(place, server)
    with working(place, server):
        second = place.start(
            "run",
            "--yes",
            "--max-leads",
            "150",
            "--lock-timeout",
            "1m",
            "-e",
            TEXT.replace("Thanks", "Again"),
        )
        third = place.start("forget", "919999999999", "--yes", "--lock-timeout", "1m")
        fourth = place.start("ids", "import", "ids.csv", "--lock-timeout", "1m")
    for process in (second, third, fourth):
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + err
    [journal] = place.state.rglob("journal.db")
    with JournalReading.look(journal) as read:
        assert read.audit() == []
    assert place.leadops("runs").err == ""


def test_a_forgotten_phone_is_in_no_file_after_it_waited_for_a_run(place, server):
    prepare(place, server)
    phone = "917700000003"
    with working(place, server):
        waiting = place.start("forget", phone, "--yes", "--lock-timeout", "1m")
    out, err = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0, out + err
    holding = [
        path for path in place.folder.rglob("*") if path.is_file() and phone.encode() in path.read_bytes()
    ]
    assert holding == []


def test_a_reader_that_stands_still_holds_nobody_up(place, server):
    prepare(place, server)
    reader = subprocess.Popen(
        [SCRIPT, "runs", "--format", "json"],
        cwd=place.folder,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    reader.stdout.read(1)  # it is printing: what it read is in its memory
    reader.send_signal(signal.SIGSTOP)
    try:
        done = place.leadops(*RUN)
        assert "another process has the journal" not in done.err, "it did not have to wait"
    finally:
        reader.kill()
        reader.communicate()
    assert_whole(place, server)


def test_looking_makes_nothing_where_there_is_nothing(tmp_path, server):
    place = Place(tmp_path / "new", server)
    assert "no runs yet" in place.leadops("runs").err
    assert "0 ids" in place.leadops("ids", "list").err
    assert not list(place.state.rglob("*"))
    place.leadops("doctor", code=None)
    assert not list(place.state.rglob("journal.db"))


def test_the_first_processes_of_a_workspace_make_one_journal(place, server):
    started = [place.start("plan", "-e", TEXT) for _ in range(4)]
    for process in started:
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, out + err
    server.faults.add(APPEND, "delay", times=None, seconds=0.1)
    runs = [place.start("run", "--yes", "-e", TEXT) for _ in range(3)]
    codes = []
    for process in runs:
        out, err = process.communicate(timeout=PATIENCE)
        codes.append(process.returncode)
        assert process.returncode in (0, 6), out + err
    assert 0 in codes
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


CUT = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode=TRUNCATE", "cache_size=1", "cache_spill=1"):
    db.execute(f"PRAGMA {pragma}")
db.execute("BEGIN IMMEDIATE")
for n in range(500):
    db.execute("INSERT INTO rule VALUES (?, 1, 'x')", (f"{n:0999d}",))
os.kill(os.getpid(), 9)
"""
"""A process that is killed in the middle of a commit: half of it is in the file, the rollback journal beside it."""


def test_what_a_killed_commit_left_is_taken_back_by_whoever_looks(place, server):
    prepare(place, server)
    before = place.leadops("runs").out
    [journal] = place.state.rglob("journal.db")
    subprocess.run([sys.executable, "-c", CUT, journal], check=False)
    assert journal.with_name("journal.db-journal").stat().st_size > 0
    done = place.leadops("runs")
    assert (done.out, done.err) == (before, "")
