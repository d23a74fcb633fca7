"""A run broke off and something else is asked for now: it is not finished. Where the same is asked for, it is."""

import json
import signal

import pytest

from tests.e2e.place import PATIENCE, until
from tests.independent.definitions import SYNC_TOKEN

APPEND = "POST /lead/*/action"
PHONES = [f"9190000010{n:02d}" for n in range(8)]
PLAYBOOK = """playbook "Price list"
step "note" {
  for each row in csv "list.csv" { match lead by phone = row.phone; on missing lead fail }
  add action 1001 with note = "{{ row.note }}" key "price list"
}
"""
FULL = """playbook "Price list"
include "belts.lead"
param who: text = Asha
step "note" {
  for each row in csv "list.csv" { match lead by phone = row.phone; on missing lead fail }
  add action 1001 with note = "{{ row.note }} from {{ param.who }}" key "price list"
  report to "out.md" using "mine.md.j2"
}
"""


def rows(price="Price 100", phones=PHONES):
    return "phone,note\n" + "".join(f"{phone},{price}\n" for phone in phones)


@pytest.fixture
def desk(place, server):
    """A place with a playbook over a list of eight."""
    for n, phone in enumerate(PHONES):
        server.world.add(server.world.built_ms - n, phone=phone, name=f"Usha {n}", status="Fresh")
    (place.folder / ".git").mkdir()
    (place.folder / "p.lead").write_text(PLAYBOOK)
    (place.folder / "list.csv").write_text(rows())
    return place


def break_off(desk, server, *arguments, after=2, code=3, command=("run", "--yes")):
    """Let the token be revoked after so many appends; return the run's id."""
    server.faults.add(APPEND, "revoke", skip=after)
    desk.leadops(*command, *(arguments or ("p.lead",)), code=code)
    restore(server)
    return desk.runs[-1].name


def restore(server):
    server.faults.rules.clear()
    server.api.sync_tokens.add(SYNC_TOKEN)
    server.forget_calls()


def kill(desk, server, *arguments):
    """Kill the run while appends are under way, of which some were made and some were not; return its id."""
    server.faults.add(APPEND, "delay", skip=2, times=2, seconds=2.0)
    server.faults.add(APPEND, "error_before", skip=2, times=None)
    process = desk.start("run", "--yes", *(arguments or ("p.lead",)))
    until(
        lambda: sum(call.fault == "delay" for call in server.seen(writes=True)) > 1, what="the fourth append"
    )
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    restore(server)
    return desk.runs[-1].name


def notes(server):
    """Return the notes of each lead of the list, by phone."""
    return {
        phone: [entry.fields["note"] for entry in server.world.by_phone(phone).of_type("1001")]
        for phone in PHONES
    }


def made(server):
    return {phone: said for phone, said in notes(server).items() if said}


def results(desk, id_):
    return json.loads((desk.folder / ".leadops" / "runs" / id_ / "results.json").read_text())


# ── what is asked for otherwise ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", [break_off, kill])
@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_a_corrected_list_is_planned_anew_and_who_was_taken_off_gets_nothing(desk, server, end, quiet):
    id_ = end(desk, server)
    before = made(server)
    assert 0 < len(before) < 8
    wanted = [*before, *(phone for phone in PHONES if phone not in before)][:6]
    (desk.folder / "list.csv").write_text(rows("Price 200", wanted))
    done = desk.leadops("run", "--yes", *quiet, "p.lead")
    assert f"run {id_} of this playbook did not end, and is not finished: list.csv changed" in done.err
    assert notes(server) == {
        phone: ["Price 100"] if phone in before else ["Price 200"] if phone in wanted else []
        for phone in PHONES
    }, done
    assert f"{id_}  done" in desk.leadops("runs").out
    shown = results(desk, id_)
    left = [one for one in shown["changes"] if one["outcome"] == "not_attempted"]
    assert len(left) == 8 - len(before)
    assert all("list.csv changed" in one["reason"] for one in left)
    assert shown["outcomes"]["in_doubt"] == 0
    writes = len(server.seen(writes=True))
    assert "did not end" not in desk.leadops("run", "--yes", "p.lead").err
    desk.leadops("resume", id_, "--yes", code=3)
    assert len(server.seen(writes=True)) == writes, "what gave way is never sent"


def edit(name, old, new):
    def change(desk):
        path = desk.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def nothing(_):
    pass


DIFFERENCES = {
    "a row more": (edit("list.csv", PHONES[7], f"{PHONES[7]},x\n919000000000"), (), (), "list.csv changed"),
    "a row less": (edit("list.csv", f"{PHONES[7]},Price 100\n", ""), (), (), "list.csv changed"),
    "another text": (edit("p.lead", "{{ row", "New: {{ row"), (), (), "p.lead changed"),
    "another title": (edit("p.lead", "Price list", "Prices"), (), (), "p.lead changed"),
    "a limit": (edit("p.lead", "add action", "limit 5\n  add action"), (), (), "p.lead changed"),
    "an included file": (edit("belts.lead", "90", "80"), (), (), "belts.lead changed"),
    "a template": (edit("mine.md.j2", "Run", "The run"), (), (), "mine.md.j2 changed"),
    "a param": (nothing, ("-p", "who=Asha"), ("-p", "who=Ravi"), "the param who differs"),
    "a param file": (edit("params", "Asha", "Ravi"), ("--param-file", "params"), ("--param-file", "params"), "the param who differs"),
    "somebody excluded": (nothing, (), ("--exclude", PHONES[7]), "--exclude is given now"),
    "somebody excluded no more": (nothing, ("--exclude", PHONES[7]), (), "--exclude is no longer given"),
    "another list of those excluded": (
        edit("names.txt", PHONES[7], PHONES[6]), ("--exclude-file", "names.txt"), ("--exclude-file", "names.txt"), "--exclude differs"
    ),
    "only some": (nothing, (), ("--only", PHONES[3]), "--only is given now"),
    "a sample": (nothing, (), ("--sample", "3"), "--sample is given now"),
    "a belt": (nothing, (), ("--max-leads", "50"), "--max-leads is given now"),
    "another belt": (nothing, ("--max-leads", "40"), ("--max-leads", "50"), "--max-leads differs"),
    "a loosened belt": (nothing, (), ("--override-belt", "leads=90", "--reason", "x"), "--override-belt leads is given now"),
    "the most failures": (nothing, (), ("--max-fail-percent", "50"), "--max-fail-percent is given now"),
    "unchecked": (nothing, (), ("--unchecked",), "--unchecked differs"),
    "another approved plan": (nothing, (), ("--expect-digest", "0" * 64), "--expect-digest names another plan"),
}  # fmt: skip


@pytest.fixture
def full(desk):
    """The same with a param, an included file, a report's template, a list of names."""
    (desk.folder / "p.lead").write_text(FULL)
    (desk.folder / "belts.lead").write_text("limits { at most 90 leads }\n")
    (desk.folder / "mine.md.j2").write_text("Run {{ run.id }}\n")
    (desk.folder / "params").write_text("who=Asha\n")
    (desk.folder / "names.txt").write_text(f"{PHONES[7]}\n")
    return desk


@pytest.mark.parametrize(
    "name",
    [
        "a row less", "another text", "another title", "an included file", "a template", "a param",
        "another list of those excluded", "another belt", "another approved plan",
    ],
)  # fmt: skip
def test_each_difference_is_named_and_nothing_more_of_the_old_run_is_sent(full, server, name):
    change, before, now, said = DIFFERENCES[name]
    id_ = break_off(full, server, *before, "p.lead")
    done_before = made(server)
    change(full)
    done = full.leadops("run", "-q", "--yes", *now, "p.lead", code=None)
    assert f"run {id_} of this playbook did not end, and is not finished" in done.err
    assert said in done.err, done
    old = results(full, id_)
    assert old["outcomes"]["not_attempted"] == len(old["changes"]) - len(done_before)
    assert all(len(one) == 1 for one in made(server).values()), done
    assert {phone: made(server)[phone] for phone in done_before} == done_before
    if done.code == 0:
        assert len(full.runs) == 2


@pytest.mark.parametrize("before", sorted({one[1] for one in DIFFERENCES.values()}))
def test_plan_names_each_difference_from_a_run_that_did_not_end(full, server, before):
    id_ = break_off(full, server, *before, "p.lead")
    texts = {path: path.read_text() for path in full.folder.iterdir() if path.is_file()}
    for change, first, now, said in DIFFERENCES.values():
        if first != before:
            continue
        change(full)
        told = full.leadops("plan", "-q", *now, "p.lead", code=None)
        assert f"run {id_} of this playbook did not end; `run` does not finish it ({said}" in told.err, told
        for path, text in texts.items():
            path.write_text(text)
    assert not server.seen(writes=True)
    assert f"{id_}  stopped" in full.leadops("runs").out


@pytest.mark.parametrize("end", [break_off, kill])
def test_what_is_still_wanted_is_finished(full, server, end):
    flags = ("--exclude-file", "names.txt", "--max-leads", "40", "-p", "who=Ravi")
    id_ = end(full, server, *flags, "p.lead")
    edit("p.lead", 'step "note" {', 'step   "note" { # the same')(full)
    (full.folder / "other.txt").write_text(f"# not to be called\n\n{PHONES[7]}\n")
    flagged = ("--exclude", PHONES[7], "--max-leads", "40", "-p", "who=Ravi")
    told = full.leadops(
        "plan", *flagged, "p.lead", code=None
    )  # what is in doubt is refused until it is settled
    assert f"run {id_} of this playbook did not end; `run` finishes it first" in told.err
    again = ("--exclude-file", "other.txt", "--max-leads", "40", "-p", "who=Ravi")
    done = full.leadops("run", "--yes", *again, "p.lead")
    assert "it is finished first" in done.err
    assert notes(server) == {p: ["Price 100 from Ravi"] if p != PHONES[7] else [] for p in PHONES}
    assert results(full, id_)["outcomes"]["not_attempted"] == 0


def test_the_folder_in_which_the_command_is_called_is_no_difference(desk, server):
    (desk.folder / "leadops.toml").write_text("")
    id_ = break_off(desk, server, f"{desk.folder}/p.lead")
    root, desk.folder = desk.folder, desk.folder / "sub"
    desk.folder.mkdir()
    done = desk.leadops("run", "--yes", "../p.lead")
    desk.folder = root
    assert "it is finished first" in done.err, done
    assert f"{id_}  done" in desk.leadops("runs").out
    assert notes(server) == {phone: ["Price 100"] for phone in PHONES}


def test_while_the_service_is_away_nothing_gives_way_and_nothing_is_planned(desk, server):
    id_ = break_off(desk, server)
    (desk.folder / "list.csv").write_text(rows("Price 200"))
    server.faults.add("*", "revoke")
    done = desk.leadops("run", "--yes", "p.lead", code=3)
    assert "nothing is planned" in done.err
    assert len(desk.runs) == 1
    assert f"{id_}  stopped" in desk.leadops("runs").out
    restore(server)
    desk.leadops("run", "--yes", "p.lead")
    assert sorted(map(len, notes(server).values())) == [1] * 8


# ── resume ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", [break_off, kill])
def test_resume_sends_nothing_where_the_files_changed_and_goes_on_where_they_are_as_they_were(
    desk, server, end
):
    id_ = end(desk, server)
    before = made(server)
    (desk.folder / "list.csv").write_text(rows(phones=PHONES[:6]))
    done = desk.leadops("resume", id_, "-q", "--yes", code=3)
    assert f"list.csv changed since run {id_} was planned" in done.err
    assert not server.seen(writes=True)
    assert results(desk, id_)["outcomes"]["in_doubt"] == 0
    assert made(server) == before
    (desk.folder / "list.csv").write_text(rows())
    desk.leadops("resume", id_, "--yes")
    assert notes(server) == {phone: ["Price 100"] for phone in PHONES}


def test_resume_goes_on_where_the_playbook_is_gone(desk, server):
    id_ = break_off(desk, server)
    (desk.folder / "p.lead").unlink()
    desk.leadops("resume", id_, "--yes")
    assert notes(server) == {phone: ["Price 100"] for phone in PHONES}


def test_after_a_resume_that_sent_nothing_run_plans_anew(desk, server):
    id_ = break_off(desk, server)
    done_before = made(server)
    edit("p.lead", "{{ row.note }}", "New {{ row.note }}")(desk)
    assert "p.lead changed" in desk.leadops("resume", id_, "--yes", code=3).err
    desk.leadops("run", "--yes", "p.lead")
    assert notes(server) == {p: ["Price 100"] if p in done_before else ["New Price 100"] for p in PHONES}


# ── one yes, one limit ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("limit", [4, 6])
def test_what_is_planned_after_finishing_counts_toward_the_same_limit(desk, server, limit):
    text = f"""playbook "Some" step "note" {{
      find leads where status = Fresh and name contains "Usha"; limit {limit}
      add action 1001 with note = "Hello"
    }}"""
    (desk.folder / "p.lead").write_text(text)
    break_off(desk, server)
    done = desk.leadops("run", "--yes", "p.lead")
    assert len(made(server)) == limit, done
    [step] = json.loads((desk.runs[-1] / "plan.json").read_text())["steps"]
    assert f"limit {limit}: {limit} of them were taken by the run that was finished" in step["notes"][0]
    desk.leadops("run", "--yes", "p.lead")
    assert len(made(server)) == min(8, 2 * limit), "the next yes is another one"


@pytest.mark.parametrize("end", [break_off, kill])
def test_a_list_that_is_corrected_again_and_again_gives_each_lead_one_note(desk, server, end):
    for price in ("Price 100", "Price 200", "Price 300"):
        (desk.folder / "list.csv").write_text(rows(price))
        if price != "Price 300":
            end(desk, server)
    desk.leadops("run", "--yes", "p.lead")
    said = [note for [note] in notes(server).values()]
    assert len(said) == 8
    assert {"Price 100", "Price 200"} <= set(said) <= {"Price 100", "Price 200", "Price 300"}
