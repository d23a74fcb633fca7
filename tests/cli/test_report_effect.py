"""`report to` writes the run's report inside the project; what cannot be written is exit 3, and the run is not lost."""

import csv
import json

import pytest

FIND = 'find leads where status = Won and called by "agent@company.com" in April limit 3'


def run(leadops, effect, *more):
    text = f"{FIND}; set rating = 1; {effect}"
    return leadops("run", "--sandbox", "--yes", "--no-input", "-e", text, *more)


def results(home):
    [path] = (home / ".leadops").rglob("results.json")
    return json.loads(path.read_text())


@pytest.mark.parametrize(
    ("name", "begins"),
    [("out.md", "# "), ("out.html", "<!doctype html>"), ("deep/er/out.txt", ""), ("out.xml", "<?xml")],
)
def test_the_ending_says_the_form(leadops, home, name, begins):
    code, _, err = run(leadops, f'report to "{name}"')
    assert code == 0, err
    text = (home / name).read_text()
    assert text.lower().startswith(begins)
    assert len(text) > 100


def test_json_and_jsonl_are_the_runs_machine_forms(leadops, home):
    assert run(leadops, 'report to "out.json"; report to "out.jsonl"')[0] == 0
    assert json.loads((home / "out.json").read_text()) == results(home)
    kinds = [json.loads(line)["line"] for line in (home / "out.jsonl").read_text().splitlines()]
    assert kinds == ["run", "change", "change", "change"]


def test_csv_has_a_row_a_lead(leadops, home):
    assert run(leadops, 'report to "out.csv"')[0] == 0
    with (home / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["outcome"] for row in rows] == ["changed"] * 3
    assert all(row["changes"].startswith("rating:") and row["changes"].endswith("→ 1") for row in rows)


def test_a_template_of_the_project_makes_the_report(leadops, home):
    (home / "my.md.j2").write_text("{% for lead in leads %}- {{ lead.name }}\n{% endfor %}")
    assert run(leadops, 'report to "out.md" using "my.md.j2"')[0] == 0
    assert len((home / "out.md").read_text().splitlines()) == 3


def test_a_plan_writes_no_report(leadops, home):
    text = f'{FIND}; set rating = 1; report to "out.md"'
    assert leadops("plan", "--sandbox", "-e", text)[0] == 0
    assert leadops("run", "--dry-run", "--sandbox", "-e", text)[0] == 0
    assert not (home / "out.md").exists()


def test_a_saved_plan_writes_its_report_when_it_is_applied(leadops, home):
    leadops("plan", "--sandbox", "-o", "plan.json", "-e", f'{FIND}; set rating = 1; report to "out.md"')
    assert leadops("apply", "--sandbox", "--yes", "plan.json")[0] == 0
    assert (home / "out.md").is_file()


@pytest.mark.parametrize(
    "name", ["../out.md", "/tmp/out.md", ".git/out.md", "out.lead", "Makefile", "x/.y.md"]
)
def test_a_report_outside_the_project_or_over_a_program_is_found_by_check(leadops, name):
    code, _, err = leadops("check", "--sandbox", "-e", f'{FIND}; set rating = 1; report to "{name}"')
    assert code == 1
    assert "E515" in err


def test_a_link_does_not_lead_out_of_the_project(leadops, home, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (home / "reports").symlink_to(tmp_path / "elsewhere")
    code, _, err = run(leadops, 'report to "reports/out.md"')
    assert code == 64
    assert "symbolic link" in err
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (home / ".leadops").exists()


def test_a_template_that_is_not_there_is_said_before_anything_is_written(leadops, home):
    code, _, err = run(leadops, 'report to "out.md" using "no.md.j2"')
    assert code == 64
    assert "no.md.j2" in err
    assert not (home / ".leadops").exists()


def test_a_mistake_in_the_template_is_exit_3_and_the_run_is_whole(leadops, home):
    (home / "my.md.j2").write_text("{{ nothing_of_the_kind }}")
    code, out, err = run(leadops, 'report to "out.md" using "my.md.j2"')
    assert code == 3
    assert "E702" in err
    assert "changed 3" in out
    assert results(home)["exit_code"] == 3
    assert "out.md could not be written" in results(home)["exit_reason"]
    _, runs, _ = leadops("runs", "--sandbox", "--format", "json")
    assert json.loads(runs)[0]["exit_code"] == 3


def test_a_place_that_cannot_be_written_is_exit_3(leadops, home):
    (home / "reports").write_text("a file, not a folder")
    code, out, err = run(leadops, 'report to "reports/out.md"; report to "fine.md"')
    assert code == 3
    assert "reports/out.md could not be written" in err
    assert "changed 3" in out
    assert (home / "fine.md").is_file()


def test_a_report_is_masked_when_asked(leadops, home):
    assert run(leadops, 'report to "out.csv"', "--pii", "mask")[0] == 0
    assert "•••" in (home / "out.csv").read_text()
