"""The process itself under stress: signals, closed streams, a damaged state; then the same command ends the job."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, SCRIPT, until

TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
RUN = ("run", "--yes", "--max-leads", "50", "-e", TEXT)
APPEND = "POST /lead/*/action"


def started(place, server):
    """Start a run and return its process once the first append is under way; each takes half a second."""
    for n in range(20):
        server.world.add(server.world.built_ms - n, phone=f"9177000000{n:02d}", name="Usha Pai", status="Won")
    server.faults.add(APPEND, "delay", times=None, seconds=0.5)
    process = place.start(*RUN)
    until(lambda: any(call.fault for call in server.seen(writes=True)), what="the first append")
    return process


def assert_ended_by(place, server):
    """Run the same command again: it ends the run, and every lead is thanked once."""
    server.faults.rules.clear()
    done = place.leadops(*RUN)
    assert {thanked(lead) for lead in won(server.world).values()} == {1}, done
    assert place.leadops(*RUN).code == 0
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


def test_a_second_signal_ends_the_process_at_once_with_a_valid_journal(place, server):
    server.faults.add(APPEND, "delay", times=None, seconds=20)
    process = place.start(*RUN)
    until(lambda: any(call.fault for call in server.seen(writes=True)), what="the first append")
    process.send_signal(signal.SIGINT)
    assert "SIGINT" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130
    process.communicate()
    assert_ended_by(place, server)


def test_a_hangup_is_as_a_termination(place, server):
    process = started(place, server)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert place.results()["outcomes"]["in_doubt"] == 0
    assert_ended_by(place, server)


def test_a_closed_stdout_changes_neither_the_run_nor_its_exit_code(place, server):
    process = subprocess.Popen(
        [SCRIPT, *RUN],
        cwd=place.folder,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert b"Traceback" not in err
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


@pytest.mark.parametrize(("stream", "code"), [("stdout", 3), ("stderr", 0)])
def test_a_full_disk_behind_a_stream_changes_the_exit_code_at_most(place, server, stream, code):
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(
            [SCRIPT, *RUN],
            cwd=place.folder,
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: full},
        )
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    assert b"Traceback" not in (err or b"")
    assert (b"stdout cannot be written" in (err or b"")) == (stream == "stdout")
    assert bool(out) == (stream == "stderr")
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


def test_a_damaged_journal_refuses_before_any_write(place, server):
    place.leadops("plan", "-e", TEXT)
    [journal] = place.state.rglob("journal.db")
    journal.write_bytes(b"not a database" * 100)
    done = place.leadops(*RUN, code=4)
    assert "journal" in done.err
    assert "damaged" in done.err
    assert not server.seen(writes=True)


@pytest.mark.parametrize("signal_name", ["SIGKILL", "SIGTERM"])
def test_a_run_that_was_cut_is_ended_by_the_same_command(place, server, signal_name):
    process = started(place, server)
    process.send_signal(signal.Signals[signal_name])
    process.communicate(timeout=PATIENCE)
    assert_ended_by(place, server)


def shell(place, command):
    """Run a line of shell with the console script as $LEADOPS; return its exit code and stderr."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=place.folder,
        env={**place.environment(), "LEADOPS": str(SCRIPT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_full_disk_behind_stdout_is_said_and_changes_nothing_that_a_run_does(place, server):
    code, said = shell(place, f"\"$LEADOPS\" run --yes --max-leads 50 -e '{TEXT}' > /dev/full")
    assert (code, "No space left" in said, "Traceback" in said) == (3, True, False)
    assert place.results()["exit_code"] == 3
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
    for command in (
        "runs",
        "fmt -",
        f"plan --format json -e '{TEXT}'",
        f"run --dry-run -e '{TEXT}'",
        "--help",
        "--version",
    ):
        code, said = shell(place, f'echo "{TEXT}" | "$LEADOPS" {command} > /dev/full')
        assert (code, "No space left" in said, "Traceback" in said) == (1, True, False), command


def test_streams_that_are_closed_from_the_start_change_nothing(place, server):
    command = f"\"$LEADOPS\" run --yes --max-leads 50 -e '{TEXT}' <&- >&- 2>&-"
    assert shell(place, command) == (0, "")
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
    assert place.leadops("runs").code == 0


def test_a_killed_run_is_listed_as_broken_off_with_the_way_on(place, server):
    process = started(place, server)
    assert "running" in place.leadops("runs").out
    process.kill()
    process.communicate()
    said = place.leadops("runs").out
    assert "broken off" in said
    assert "leadops resume" in said
    assert_ended_by(place, server)
