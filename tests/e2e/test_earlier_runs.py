"""Which runs are earlier ones of a playbook, and what follows from them: belts, doubts, canaries, saved plans, age."""

import gzip
import json
import shutil
from datetime import datetime, timedelta

import pytest

from leadops.model.forms import instant
from leadops.model.seal import seal_of_form
from tests.e2e.place import PATIENCE, Place, until
from tests.independent.definitions import SYNC_TOKEN
from tests.independent.world import DAY

APPEND = "POST /lead/*/action"
STEP = 'step "note" { find leads where status = Won and name contains "Usha"; add action 1001 with note = "%s" key "n" }\n'


def text(note="Hello", title='playbook "Thanks"\n', before=""):
    return title + before + STEP % note


@pytest.fixture
def desk(place, server):
    """A project with eight leads named Usha, who have Won."""
    for n in range(8):
        add(server, n)
    (place.folder / ".git").mkdir()
    (place.folder / "p.lead").write_text(text())
    return place


def add(server, n):
    server.world.add(server.world.built_ms - n, phone=f"9177000020{n:02d}", name=f"Usha {n}", status="Won")


def break_off(desk, server, *arguments, after=2, code=3):
    server.faults.add(APPEND, "revoke", skip=after)
    desk.leadops(*(arguments or ("run", "--yes", "p.lead")), code=code)
    restore(server)
    return desk.runs[-1].name


def restore(server):
    server.faults.rules.clear()
    server.api.sync_tokens.add(SYNC_TOKEN)
    server.forget_calls()


def notes(server):
    """Return the notes of the leads named Usha that have one."""
    return [
        [entry.fields.get("note") for entry in lead.of_type("1001")]
        for lead in server.world.alive()
        if lead.fields["name"].startswith("Usha") and lead.of_type("1001")
    ]


# ── one yes, one belt ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("belt", ["limits { at most 10 leads }\n", ""])
def test_what_is_written_by_finishing_counts_toward_the_belts_of_the_same_yes(desk, server, belt):
    flags = () if belt else ("--max-leads", "10")
    (desk.folder / "p.lead").write_text(text(before=belt))
    break_off(desk, server, "run", "--yes", *flags, "p.lead")
    done_before = len(notes(server))
    for n in range(8, 14):
        add(server, n)
    done = desk.leadops("run", "--yes", *flags, "p.lead", code=4)
    just_now = 8 - done_before
    assert f"{6 + just_now} leads would be written, {just_now} of them just now" in done.out + done.err, done
    assert len(notes(server)) == 8
    desk.leadops("run", "--yes", *flags, "p.lead")
    assert notes(server) == [["Hello"]] * 14, "the next yes is another one"


# ── doubts ───────────────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_settled_stays_in_doubt_by_name_and_is_not_made_again(desk, server):
    server.faults.add(APPEND, "reset_after", skip=2, times=1)
    id_ = break_off(desk, server, after=2)
    [strange] = [e for lead in server.world.alive() for e in lead.of_type("1001")][2:]
    strange.fields = {}  # an action like ours, without its note: nobody can tell whose it is
    (desk.folder / "p.lead").write_text(text("Other"))
    done = desk.leadops("run", "-q", "--yes", "p.lead", code=3)
    assert (
        f"1 change of run {id_} cannot be settled by reading: `leadops resolve {id_}` lists them" in done.err
    )
    assert sorted(notes(server), key=str) == [["Hello"]] * 2 + [["Other"]] * 5 + [[None]], done
    strange.fields = {"note": "Hello"}
    desk.leadops("resume", id_, "--yes", code=3)
    desk.leadops("run", "--yes", "p.lead")
    assert sorted(notes(server)) == [["Hello"]] * 3 + [["Other"]] * 5


# ── which runs are earlier ones ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["-e", "-"])
@pytest.mark.parametrize("title", ['playbook "Thanks"\n', ""])
def test_a_playbook_without_a_file_is_known_by_its_title(desk, server, way, title):
    def run(said, **more):
        if way == "-e":
            return desk.leadops("run", "--yes", "-e", said, **more)
        (desk.folder / "stdin").write_text(said)
        return desk.leadops("run", "--yes", "-", stdin=desk.folder / "stdin", **more)

    server.faults.add(APPEND, "revoke", skip=2)
    run(text(title=title), code=3)
    id_ = desk.runs[-1].name
    restore(server)
    done = run(text("Other", title))
    assert (f"run {id_} of this playbook did not end, and is not finished" in done.err) is bool(title)
    state = "done" if title else "stopped"
    assert f"{id_}  {state}" in desk.leadops("runs").out
    assert all(len(one) == 1 for one in notes(server))


def test_the_same_text_over_other_files_in_another_project_is_another_playbook(desk, server, tmp_path):
    rows = "phone\n" + "".join(f"9177000020{n:02d}\n" for n in range(8))
    said = 'playbook "P"\nstep "s" { for each row in csv "list.csv" { match lead by phone = row.phone; on missing lead fail }\n add action 1001 note "Hi" }\n'
    there = Place(tmp_path / "there", server, state=desk.state)
    for folder in (desk.folder, there.folder):
        (folder / "p.lead").write_text(said)
        (folder / "list.csv").write_text(rows)
    (there.folder / ".git").mkdir()
    id_ = break_off(desk, server)
    (there.folder / "list.csv").write_text("phone\n917700002007\n")
    done = there.leadops("run", "--yes", "p.lead", code=None)
    assert "did not end" not in done.err
    assert f"{id_}  stopped" in there.leadops("runs").out
    desk.leadops("run", "--yes", "p.lead")
    assert notes(server) == [["Hi"]] * 8


def test_every_earlier_run_is_ended(desk, server):
    first = break_off(desk, server, "run", "--yes", "-e", text())
    desk.leadops("plan", "-o", "plan.json", "p.lead")
    second = break_off(desk, server, "apply", "--yes", "plan.json")
    assert first != second
    done = desk.leadops("run", "--yes", "--only", "917700002007", "p.lead")
    assert f"run {first}" in done.err
    assert f"run {second}" in done.err
    assert [" done " in line for line in desk.leadops("runs").out.splitlines()] == [True] * 3
    assert all(len(one) == 1 for one in notes(server))


# ── canaries, plans, age ─────────────────────────────────────────────────────────────────────────


def test_a_canary_that_waits_gives_way_to_another_text(desk, server):
    (desk.folder / "p.lead").write_text(text().replace("find", "canary 2 then confirm\n find"))
    desk.leadops("run", "--yes", "p.lead", code=3)
    id_ = desk.runs[-1].name
    assert (
        f"run {id_} of this playbook did not end; `run` finishes it first"
        in desk.leadops("plan", "p.lead").err
    )
    assert desk.leadops("run", "--yes", "p.lead", code=3).err.count("finished first") == 1
    (desk.folder / "p.lead").write_text(text("Other").replace("find", "canary 2 then confirm\n find"))
    done = desk.leadops("run", "--yes", "--confirm-canary", "p.lead")
    assert f"run {id_} of this playbook did not end, and is not finished: p.lead changed" in done.err
    assert sorted(one for [one] in notes(server)) == ["Hello"] * 2 + ["Other"] * 6


def test_plan_beside_a_run_says_nothing_of_it(desk, server):
    server.faults.add(APPEND, "delay", times=None, seconds=3)
    process = desk.start("run", "--yes", "p.lead")
    until(lambda: server.seen(writes=True), what="the first append")
    assert "did not end" not in desk.leadops("plan", "p.lead").err
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_plan_works_and_tells_where_the_plan_of_an_earlier_run_is_gone(desk, server):
    id_ = break_off(desk, server)
    shutil.rmtree(desk.folder / ".leadops")
    [plans] = desk.state.rglob("plans")
    shutil.rmtree(plans)
    assert f"leadops resume {id_} --abandon" in desk.leadops("plan", "p.lead").err
    assert f"leadops resume {id_} --abandon" in desk.leadops("run", "--yes", "p.lead", code=78).err


def test_a_saved_plan_that_broke_off_is_not_applied_twice_and_goes_on_anywhere(desk, server, tmp_path):
    desk.leadops("plan", "-o", "plan.json", "p.lead")
    id_ = break_off(desk, server, "apply", "--yes", "plan.json")
    done = desk.leadops("apply", "--yes", "plan.json", code=5)
    assert f"leadops resume {id_}" in done.err
    fresh = Place(tmp_path / "fresh", server)
    fresh.leadops("apply", "--yes", desk.folder / "plan.json")
    assert notes(server) == [["Hello"]] * 8
    outcomes = fresh.results()["outcomes"]
    assert (outcomes["already"], outcomes["changed"]) == (2, 6)


def test_a_plan_is_finished_by_run_where_the_same_is_asked_for(desk, server):
    desk.leadops("plan", "--max-leads", "9", "-o", "plan.json", "p.lead")
    asked = json.loads((desk.folder / "plan.json").read_text())["asked"]
    assert asked == {"playbook": "p.lead", "--max-leads": "9", "the profile's country code": "91"}
    id_ = break_off(desk, server, "apply", "--yes", "plan.json")
    assert "is finished first" in desk.leadops("run", "--yes", "--max-leads", "9", "p.lead").err
    assert f"{id_}  done" in desk.leadops("runs").out
    assert notes(server) == [["Hello"]] * 8


def test_an_old_run_is_not_resumed_and_its_age_is_said_in_plain_figures(desk, server):
    id_ = break_off(desk, server)
    done = desk.leadops("resume", id_, "--yes", "--max-age", "0s", code=3)
    assert not server.seen(writes=True)
    assert " s old, and may be under 1 s old" in done.out + done.err, done
    desk.leadops("run", "--yes", "p.lead")
    assert notes(server) == [["Hello"]] * 8


def test_a_run_of_two_days_ago_is_not_finished_by_run(desk, server):
    id_ = break_off(desk, server)
    [kept] = desk.state.rglob("*.plan.gz")
    age(kept, 2 * DAY)
    done = desk.leadops("run", "--yes", "p.lead")
    assert f"run {id_} of this playbook did not end, and is not finished: the plan is 48 h" in done.err
    assert notes(server) == [["Hello"]] * 8


def age(kept, ms):
    """Let a kept plan be made so much earlier."""
    plan = json.loads(gzip.decompress(kept.read_bytes()))
    made = datetime.fromisoformat(plan["made"]) - timedelta(milliseconds=ms)
    plan["made"] = instant(round(made.timestamp() * 1000))
    plan["seal"] = seal_of_form(plan)
    kept.write_bytes(gzip.compress(json.dumps(plan).encode()))


@pytest.mark.parametrize("more", [0, 1])
def test_a_program_finds_one_document_on_stdout(desk, server, more):
    id_ = break_off(desk, server)
    for n in range(8, 8 + more):
        add(server, n)
    done = desk.leadops("run", "--yes", "--format", "json", "p.lead")
    assert json.loads(done.out)["outcomes"]["changed"] == more
    assert f"run {id_} is finished" in done.err
    assert notes(server) == [["Hello"]] * (8 + more)


def test_the_approved_plan_that_broke_off_is_finished_and_nothing_else_is_planned(desk, server):
    digest = desk.plan("p.lead")["digest"]
    flags = ("--yes", "--expect-digest", digest, "--format", "json", "p.lead")
    break_off(desk, server, "run", *flags)
    add(server, 8)
    done = desk.leadops("run", *flags)
    assert json.loads(done.out)["outcomes"]["changed"] == 8
    assert notes(server) == [["Hello"]] * 8


@pytest.mark.parametrize("title", ["Thanks", "Other"])
def test_the_same_file_is_the_same_playbook_from_whatever_folder_it_is_called(desk, server, title):
    project = desk.folder / "project"
    project.mkdir()
    (project / "p.lead").write_text(text())
    id_ = break_off(desk, server, "run", "--yes", "project/p.lead")
    (project / "p.lead").write_text(text("Other", f'playbook "{title}"\n'))
    desk.folder = project
    assert "p.lead changed" in desk.leadops("plan", "p.lead").err
    done = desk.leadops("run", "--yes", "p.lead")
    assert f"run {id_} of this playbook did not end, and is not finished: p.lead changed" in done.err
    assert sorted(notes(server)) == [["Hello"]] * 2 + [["Other"]] * 6
