"""The project's folder is lost, cut or moved: what a run needs lies in the state store, and every verb has a way on."""

import gzip
import shutil
import signal

import pytest

from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, until

TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
APPEND = "POST /lead/*/action"


def run(text=TEXT):
    return ("run", "--yes", "--max-leads", "60", "-e", text)


def broken_off(place, server):
    """Kill a run in its middle; return its id."""
    for n in range(16):
        server.world.add(server.world.built_ms - n, phone=f"9177000000{n:02d}", name="Usha Pai", status="Won")
    server.faults.add(APPEND, "delay", times=None, seconds=0.3)
    process = place.start(*run())
    until(lambda: sum(bool(call.fault) for call in server.seen(writes=True)) > 8, what="the second turn")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    server.faults.rules.clear()
    return place.runs[-1].name


def gone(place, _):
    shutil.rmtree(place.folder / ".leadops")


def without_its_plan(place, run_id):
    (place.folder / ".leadops" / "runs" / run_id / "plan.json").unlink()


def cut(place, run_id):
    for path in (place.folder / ".leadops" / "runs" / run_id).iterdir():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def moved(place, _):
    new = place.folder.with_name("moved")
    place.state = place.state.rename(place.folder.with_name("state"))
    place.folder.rename(new)
    place.folder = new


LOSSES = (gone, without_its_plan, cut, moved)


def assert_thanked_once(server, done):
    assert {thanked(lead) for lead in won(server.world).values()} == {1}, done
    assert {lead.fields["rating"] for lead in won(server.world).values()} == {5}, done


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("how", ["run", "resume"])
def test_a_broken_off_run_is_ended_after_each_loss(place, server, loss, how):
    id_ = broken_off(place, server)
    loss(place, id_)
    done = place.leadops(*(run() if how == "run" else ("resume", id_, "--yes")))
    assert_thanked_once(server, done)
    assert place.leadops(*run()).code == 0
    assert_thanked_once(server, done)
    assert place.runs[0].name == id_, "its folder stands in the project again"
    assert (place.runs[0] / "results.json").exists()
    assert f"{id_}  done" in place.leadops("runs").out


@pytest.mark.parametrize("loss", LOSSES)
def test_a_broken_off_run_can_be_given_up_after_each_loss(place, server, loss):
    id_ = broken_off(place, server)
    loss(place, id_)
    before = sum(thanked(lead) for lead in won(server.world).values())
    writes = len(server.seen(writes=True))
    done = place.leadops("resume", id_, "--abandon", code=3)
    assert len(server.seen(writes=True)) == writes, "giving up sends nothing"
    assert "not attempted" in done.out
    assert f"{id_}  done" in place.leadops("runs").out
    place.leadops("resume", id_, "--yes", code=3)
    assert sum(thanked(lead) for lead in won(server.world).values()) == before, "given up is given up"
    again = place.leadops(*run())
    assert "did not end" not in again.err
    assert_thanked_once(server, again)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_finished_run_is_shown_checked_and_taken_back_after_each_loss(place, server, loss):
    place.leadops(*run())
    id_ = place.runs[-1].name
    shown = place.leadops("report", id_, "--format", "json").json
    loss(place, id_)
    assert id_ in place.leadops("runs").out
    for name in (id_, "last"):
        found = place.leadops("report", name, "--format", "json").json
        assert found["outcomes"] == shown["outcomes"]
        assert [one["key"] for one in found["changes"]] == [one["key"] for one in shown["changes"]]
    assert place.leadops("verify", id_, "--format", "json").json["findings"] == []
    place.leadops("undo", id_, "-o", "undo.lead")
    assert "set rating" in (place.folder / "undo.lead").read_text()
    place.leadops("retry", id_, "-o", "fix.lead")
    place.leadops("resolve", id_)


def test_a_doubt_is_settled_by_hand_after_the_folder_was_lost(place, server):
    server.faults.add(APPEND, "reset_after")
    server.faults.add("POST /lead/*/action/search", "error_before", times=None)
    place.leadops(*run(), code=3)
    id_ = place.runs[-1].name
    server.faults.rules.clear()
    gone(place, id_)
    [line] = place.leadops("resolve", id_).out.splitlines()
    place.leadops("resolve", id_, line.split()[0], "--applied", "--reason", "seen")
    assert place.leadops("report", id_, "--format", "json").json["outcomes"]["in_doubt"] == 0


def test_without_any_plan_the_help_leads_to_giving_up_and_that_works(place, server):
    id_ = broken_off(place, server)
    gone(place, id_)
    [plans] = place.state.rglob("plans")
    shutil.rmtree(plans)
    for verb in (run(), ("resume", id_, "--yes")):
        refused = place.leadops(*verb, code=78)
        assert f"leadops resume {id_} --abandon" in refused.err
    done = place.leadops("resume", id_, "--abandon", code=3)
    keys = [line.split()[2] for line in done.out.splitlines() if line.startswith("in doubt")]
    assert keys, "what is in doubt is named by its key"
    assert len(place.leadops("resolve", id_).out.splitlines()) == len(keys)
    assert f"{id_}  done" in place.leadops("runs").out
    for key in keys:
        decision = (
            "--applied" if key.startswith("update") or _made(server, place, id_, key) else "--not-applied"
        )
        place.leadops("resolve", id_, key, decision, "--reason", "looked")
    place.leadops(*run())
    assert all(thanked(lead) == 1 for lead in won(server.world).values())


def _made(server, place, id_, key):
    said = next(line for line in place.leadops("resolve", id_).out.splitlines() if line.startswith(key[:16]))
    lead_id = next(word for word in said.split() if len(word) == 24)
    return thanked(server.world.leads[lead_id]) == 1


def test_giving_up_works_while_the_service_is_away(place, server):
    id_ = broken_off(place, server)
    server.faults.add("*", "error_before", times=None)
    place.variables["LEADOPS_SETTLE"] = "0s"
    done = place.leadops("resume", id_, "--abandon", "--max-time", "20s", code=3)
    assert "in doubt" in done.out + done.err
    server.faults.rules.clear()
    assert f"{id_}  done" in place.leadops("runs").out


def test_the_plan_of_a_run_that_ended_long_ago_is_dropped(place, server):
    place.leadops(*run())
    [kept] = place.state.rglob("*.plan.gz")
    place.leadops("forget", "919999999999", "--yes")
    assert kept.exists()
    kept.rename(kept.with_name(f"20200101T000000Z-nobody-abcdef{''.join(kept.suffixes)}"))
    place.leadops("forget", "919999999999", "--yes")
    assert not list(place.state.rglob("*.plan.gz"))


def test_a_forgotten_phone_is_in_no_file_of_state_and_project(place, server):
    phone = "917000000001"
    place.leadops(*run(f'create lead with phone = "{phone}", name = "Jane Doe"; add action 1001 note "Hi"'))
    [kept] = place.state.rglob("*.plan.gz")
    assert phone.encode() in gzip.decompress(kept.read_bytes())
    place.leadops("forget", phone, "--yes")
    assert phone.encode() not in gzip.decompress(kept.read_bytes())
    holding = [
        path for path in place.folder.rglob("*") if path.is_file() and phone.encode() in path.read_bytes()
    ]
    assert holding == []
    assert "Jane Doe" not in place.leadops("report", "last").out.replace('name = "Jane Doe"', "")
