"""The state store is put back from a copy, moved, or another's: no action is made twice, whatever is run then."""

import json
import shutil
import signal
import time

import pytest

from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, Place, until

TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
EACH = TEXT + " each run"
APPEND = "POST /lead/*/action"


def run(text=TEXT):
    return ("run", "--yes", "--max-leads", "60", "-e", text)


def copied_while_running(place, server, text=TEXT, *, what):
    """Run to the end, copying ``what`` again and again meanwhile; return the copies, the one from before first."""
    for n in range(16):
        server.world.add(server.world.built_ms - n, phone=f"9177000000{n:02d}", name="Usha Pai", status="Won")
    place.leadops("plan", "--max-leads", "60", "-e", text)
    copies = []

    def copy():
        copies.append(place.folder.parent / f"copy-{len(copies)}")
        shutil.copytree(what, copies[-1])

    copy()
    server.faults.add(APPEND, "delay", times=None, seconds=0.3)
    process = place.start(*run(text))
    until(lambda: any(call.fault for call in server.seen(writes=True)), what="the first append")
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)  # a snapshot is of one moment
        time.sleep(0.01)
        copy()
        process.send_signal(signal.SIGCONT)
        time.sleep(0.25)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, out + err
    server.faults.rules.clear()
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
    return copies


def put_back(copy, there):
    shutil.rmtree(there)
    shutil.copytree(copy, there)


@pytest.mark.parametrize("text", [TEXT, EACH])
def test_resume_over_a_copy_made_during_the_run_doubles_nothing(place, server, text):
    copies = copied_while_running(place, server, text, what=place.state)
    for copy in copies[1:-1][::2]:
        put_back(copy, place.state)
        done = place.leadops("resume", "last", "--yes", code=None)
        assert {thanked(lead) for lead in won(server.world).values()} == {1}, done
        assert done.code == 0, done


@pytest.mark.parametrize("text", [TEXT])
def test_run_over_a_copy_doubles_nothing(place, server, text):
    copies = copied_while_running(place, server, text, what=place.state)
    for copy in copies[:-1][::2]:
        put_back(copy, place.state)
        done = place.leadops(*run(text), code=None)
        assert {thanked(lead) for lead in won(server.world).values()} == {1}, done
        assert done.code == 0, done


def test_a_run_that_a_copy_left_unfinished_is_finished_without_a_double_by_run(place, server):
    """`each run` is not looked for in another run; in its own it is."""
    copies = copied_while_running(place, server, EACH, what=place.state)
    put_back(copies[len(copies) // 2], place.state)
    done = place.leadops("resume", "last", "--yes")
    assert {thanked(lead) for lead in won(server.world).values()} == {1}, done
    place.leadops(*run(EACH))
    assert {thanked(lead) for lead in won(server.world).values()} == {2}, (
        "the control: another run adds again"
    )


def test_a_machine_put_back_to_the_middle_of_a_run_doubles_nothing(place, server):
    """State and project are of one moment; only that the machine was started since tells of it."""
    copies = copied_while_running(place, server, what=place.folder)
    middle = copies[len(copies) // 2]
    put_back(middle, place.folder)
    [mark] = list(place.folder.rglob("journal-mark.json"))[-1:]
    said = json.loads(mark.read_text())
    mark.write_text(json.dumps({**said, "boot": "an earlier start of the machine"}))
    done = place.leadops("resume", "last", "--yes")
    assert {thanked(lead) for lead in won(server.world).values()} == {1}, done


def test_a_saved_plan_is_not_doubled_by_the_state_of_another_machine(place, server, tmp_path):
    place.leadops("plan", "-o", "plan.json", "-e", EACH)
    place.leadops("apply", "plan.json", "--yes")
    other = Place(tmp_path / "other", server)
    shutil.copy(place.folder / "plan.json", other.folder)
    other.leadops("apply", "plan.json", "--yes")
    assert {thanked(lead) for lead in won(server.world).values()} == {1}
    here = Place(place.folder, server, state=tmp_path / "new-state")
    here.leadops("apply", "plan.json", "--yes")
    assert {thanked(lead) for lead in won(server.world).values()} == {1}


def test_doctor_says_that_the_state_is_older_than_the_runs(place, server):
    copies = copied_while_running(place, server, what=place.state)
    assert "journal_age" not in place.leadops("doctor", "--format", "json", code=None).out
    put_back(copies[1], place.state)
    said = {one["name"]: one for one in place.leadops("doctor", "--format", "json", code=None).json["checks"]}
    assert said["journal_age"]["verdict"] == "warn"
