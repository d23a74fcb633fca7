"""Where search rows carry no id: leads are known by imported ids, or refused by name while the others go on."""

import csv
import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from leadops.cli.sandboxes import open_world
from leadops.core.clock import SystemClock

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
LINE = 'find leads where status=Won and called by agent@company.com in April; set rating 5; add action 1001 note "Thanks"'


@pytest.fixture
def blind(home, tmp_path, monkeypatch):
    """A sandbox whose search rows carry no id; returns its leads, (id, phone) each."""
    monkeypatch.setattr(
        "leadops.cli.session.open_world", partial(open_world, leads=200, switches={"search_id": "off"})
    )
    for file in PLAYBOOKS.glob("*.lead"):
        shutil.copy(file, home)
    state = tmp_path / "state"

    def leads():
        world = open_world(state, SystemClock(), leads=200)
        try:
            found = world.store.leads_at(range(1, world.store.count_leads() + 50))
            return [(lead.id, lead.fields["phone"]) for lead in found]
        finally:
            world.store.close()

    return leads


def export(path, leads, header=("Lead Id", "Phone")):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *leads])
    return path


def planned(leadops, *arguments):
    code, out, err = leadops("plan", "--sandbox", "--format", "json", *arguments)
    steps = json.loads(out)["steps"]
    assert code == (3 if any(step["refused"] for step in steps) else 0), err
    return steps[-1]


def results(home):
    [*_, last] = sorted((home / ".leadops" / "runs").glob("*"), key=lambda path: path.stat().st_mtime)
    return json.loads((last / "results.json").read_text())


def test_without_ids_every_lead_is_refused_by_name_and_the_run_ends_with_3(leadops, blind, home):
    step = planned(leadops, "-e", LINE)
    assert step["changes"] == []
    phones = {phone for _, phone in blind()}
    assert {one["lead"]["identifier"] for one in step["refused"]} <= phones
    assert len(step["refused"]) == step["matched"] > 0
    code, out, _ = leadops("run", "--sandbox", "--yes", "-e", LINE, "--pii", "show")
    assert code == 3
    assert "leadops ids import" in out
    assert results(home)["outcomes"]["rejected"] == step["matched"]


def test_the_unresolved_are_refused_while_the_others_go_on(leadops, blind, home):
    wanted = [one["lead"]["identifier"] for one in planned(leadops, "-e", LINE)["refused"]]
    known = wanted[: len(wanted) // 2]
    rows = [(lead_id, phone) for lead_id, phone in blind() if phone in known]
    code, _, err = leadops("ids", "import", "--sandbox", export(home / "some.csv", rows))
    assert code == 0, err
    assert leadops("run", "--sandbox", "--yes", "-e", LINE)[0] == 3
    done = results(home)
    assert {one["lead"]["identifier"] for one in done["changes"]} == set(known)
    assert {one["lead"]["identifier"] for one in done["refused"]} == set(wanted) - set(known)
    ids = dict(rows)
    assert all(ids[one["lead"]["id"]] == one["lead"]["identifier"] for one in done["changes"])


def test_the_owners_line_works_once_the_ids_are_imported(leadops, blind, home):
    assert leadops("ids", "import", "--sandbox", export(home / "all.csv", blind()))[0] == 0
    code, _, err = leadops("run", "--sandbox", "--yes", "won-in-april.lead")
    assert code == 0, err
    assert results(home)["outcomes"]["changed"] > 0
    assert planned(leadops, "won-in-april.lead")["changes"] == []


def test_the_case_playbooks_work_once_the_ids_are_imported(leadops, blind, home):
    leads = blind()
    assert leadops("ids", "import", "--sandbox", export(home / "all.csv", leads))[0] == 0
    assert leadops("run", "--sandbox", "--yes", "create-lead.lead")[0] == 0
    [read] = planned(leadops, "read-by-phone.lead")["read"]
    assert [entry["fields"]["note"] for entry in read["timeline"] if entry["type"] == "1001"] == [
        "Site visit completed"
    ]
    text = (home / "won-called-by-agent.lead").read_text()
    assert "in April 2026" in text
    recent = text.replace("in April 2026", "in previous month")  # the sandbox's calls move with the clock
    found = planned(leadops, "-e", recent)
    assert len(found["read"]) == found["matched"] > 0
    assert all(one["id"] for one in found["read"])
    code, _, err = leadops("run", "--sandbox", "--yes", "-p", f"lead={leads[0][0]}", "qualify-by-id.lead")
    assert code == 0, err
    assert leadops("run", "--sandbox", "--yes", "--unchecked", "refused-values.lead")[0] == 3
    assert leadops("retry", "--sandbox", "-o", "fix.lead")[0] == 0
    fixed = (home / "fix.lead").read_text().replace("rating = 9", "rating = 4")
    (home / "fix.lead").write_text(fixed.replace('"not-an-email"', '"jane@example.com"'))
    code, _, err = leadops("run", "--sandbox", "--yes", "fix.lead")
    assert code == 0, err + fixed


def test_a_created_lead_is_known_however_its_phone_is_spelled(leadops, blind, home):
    code, _, err = leadops(
        "run", "--sandbox", "--yes", "-e", 'create lead with name = "New", phone = "+91 99888 77665"'
    )
    assert code == 0, err
    step = planned(leadops, "-e", 'find leads where phone = "9988877665"; set rating = 4')
    assert [one["lead"]["id"] for one in step["changes"]] == [blind()[-1][0]]
    assert leadops("run", "--sandbox", "--yes", "-e", "find lead where name = New; set rating = 4")[0] == 0


def test_a_wrong_id_is_found_out_before_anything_is_written(leadops, blind, home):
    leads = blind()
    shifted = [(leads[at - 1][0], phone) for at, (_, phone) in enumerate(leads)]
    leadops("ids", "import", "--sandbox", export(home / "wrong.csv", shifted))
    step = planned(leadops, "-e", LINE)
    assert step["changes"] == []
    assert "which is the lead" in step["refused"][0]["reason"]
    # A fresh export replaces what was wrong: the remedy works.
    leadops("ids", "import", "--sandbox", export(home / "right.csv", leads))
    assert planned(leadops, "-e", LINE)["refused"] == []


def test_a_timeline_that_cannot_be_read_is_refused_by_name(leadops, blind):
    _, phone = blind()[0]
    step = planned(leadops, "-e", f'find lead where phone = "{phone}"; read timeline')
    assert step["read"] == []
    [refusal] = step["refused"]
    assert refusal["lead"]["identifier"] == phone


def test_recorded_pushes_are_read_and_placeholders_are_named_by_line(leadops, blind, home):
    (good, phone), (_, other) = blind()[:2]
    lines = [{"leadId": good, "phone": phone}, {"lead_id": "undefined", "phone": other}, {"lead_id": good}]
    (home / "pushes.jsonl").write_text("\n".join(map(json.dumps, lines)))
    code, out, err = leadops("ids", "import", "--sandbox", "pushes.jsonl")
    assert code == 3
    assert "1 id read from pushes.jsonl: 1 new" in out
    assert "line 2 is left out: the lead id is an unresolved placeholder" in err
    assert "line 3 is left out: there is no phone" in err
    code, out, _ = leadops("ids", "import", "--sandbox", "pushes.jsonl", "--format", "json")
    assert (code, json.loads(out)["new"], [one["row"] for one in json.loads(out)["refused"]]) == (
        3,
        0,
        [2, 3],
    )


def test_columns_can_be_named_and_a_missing_one_is_an_error_that_lists_them(leadops, blind, home):
    path = export(home / "odd.csv", blind()[:1], header=("Key", "Mobile"))
    code, _, err = leadops("ids", "import", "--sandbox", path)
    assert code == 64
    assert "its columns: Key, Mobile" in err
    named = ("--id-column", "Key", "--identifier-column", "Mobile")
    assert leadops("ids", "import", "--sandbox", *named, path)[0] == 0


def test_known_ids_are_listed(leadops, blind, home):
    leads = blind()[:3]
    leadops("ids", "import", "--sandbox", export(home / "some.csv", leads))
    _, out, _ = leadops("ids", "list", "--sandbox", "--format", "json")
    assert {(one["id"], one["identifier"], one["source"]) for one in json.loads(out)} == {
        (*lead, "import") for lead in leads
    }
    _, out, _ = leadops("ids", "list", "--sandbox")
    assert leads[0][0] in out
    assert leads[0][1] not in out


def test_rows_that_carry_ids_fill_the_index_in_a_plan(leadops, home):
    leadops("plan", "--sandbox", "-e", LINE)
    _, out, _ = leadops("ids", "list", "--sandbox", "--format", "json")
    assert len(json.loads(out)) >= 10
