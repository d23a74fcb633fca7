"""A run folder: private, whole, each lead in exactly one file, and safe to open in a spreadsheet."""

import csv
import io
import json
import stat

import pytest

from leadops.core.errors import ConfigurationError, UsageError
from leadops.state.csvfiles import HEADERS, partition
from leadops.state.runs import find_run_folder, new_run_folder, run_folders, slug
from tests.state.sample_run import RESULTS, RUN, SAVED

NOW = 1_777_700_000_000


@pytest.fixture
def folder(tmp_path):
    return new_run_folder(tmp_path / ".leadops" / "runs", "Won in April: rate & log", NOW, "abc123")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_folder_is_named_for_people_and_private(folder, tmp_path):
    assert folder.run == "20260502T053320Z-won-in-april-rate-log-abc123"
    folder.save_plan(SAVED)
    folder.add(RESULTS[0])
    folder.finish(SAVED, RUN)
    path = tmp_path / ".leadops" / "runs" / folder.run
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.iterdir()} == {0o600}
    assert {one.name for one in path.iterdir()} == {"plan.json", "results.json", "leads.jsonl", *HEADERS}


def test_what_was_written_is_read_back(folder):
    folder.save_plan(SAVED)
    folder.finish(SAVED, RUN)
    assert folder.plan() == SAVED
    assert folder.results() == RUN


def test_outcomes_stand_in_leads_jsonl_as_they_become_known(folder, tmp_path):
    folder.add(RESULTS[0])
    folder.add(RESULTS[3])
    text = (tmp_path / ".leadops" / "runs" / folder.run / "leads.jsonl").read_text()
    assert [json.loads(line)["outcome"] for line in text.splitlines()] == ["changed", "in_doubt"]


def test_every_lead_stands_in_exactly_one_file():
    files = {name: rows(text) for name, text in partition(SAVED, RESULTS).items()}
    where = {name: {row["identifier"] for row in found} for name, found in files.items()}
    assert where == {
        "success.csv": {"919000000001", "919000000005"},
        "errors.csv": {"919000000002", "919999999999", "919000000007"},
        "skipped.csv": {"919000000004", "919000000006", "918888888888"},
        "in_doubt.csv": {"919000000003"},
    }
    assert len(files["success.csv"]) == 2, "one line a lead, whatever was done to it"


def test_errors_name_field_value_and_the_services_words():
    found = rows(partition(SAVED, RESULTS)["errors.csv"])
    assert [(row["field"], row["value"], row["remark"], row["outcome"]) for row in found] == [
        ("rating", "5", "Not so", "ignored_by_crm"),
        ("rating", "9", "Rating must be between 1 and 5", "ignored_by_crm"),
        ("note", "{{ lead.city }}", "", "rejected"),
    ]


def test_a_file_without_rows_has_its_header():
    for name, text in partition(SAVED, ()).items():
        assert text.splitlines()[0].replace('"', "").split(",") == list(HEADERS[name])


def test_a_hostile_name_is_escaped_in_the_file():
    assert '"\t=Jane"' in partition(SAVED, RESULTS)["errors.csv"]


def test_a_run_is_found_by_a_part_of_its_name(folder, tmp_path):
    root = tmp_path / ".leadops" / "runs"
    other = new_run_folder(root, "Other", NOW + 60_000, "ffffff")
    assert [one.run for one in run_folders(root)] == [other.run, folder.run]
    assert find_run_folder(root, "last").run == other.run
    assert find_run_folder(root, "abc123").run == folder.run
    for wrong in ("2026", "nothing", ""):
        with pytest.raises(UsageError):
            find_run_folder(root, wrong)


def test_there_are_no_runs_where_there_is_no_folder(tmp_path):
    assert run_folders(tmp_path / "none") == ()


def test_a_killed_run_has_no_results_and_says_so(folder):
    with pytest.raises(ConfigurationError, match=r"results\.json"):
        folder.results()


def test_a_file_that_cannot_be_written_is_an_os_error(folder, tmp_path):
    path = tmp_path / ".leadops" / "runs" / folder.run
    (path / "results.json").symlink_to("/dev/full")
    with pytest.raises(OSError, match="symbolic link"):
        folder.finish(SAVED, RUN)


def test_outcomes_go_on_when_leads_jsonl_cannot_be_written(folder, tmp_path):
    (tmp_path / ".leadops" / "runs" / folder.run / "leads.jsonl").symlink_to("/dev/full")
    folder.add(RESULTS[0])
    folder.emergency("{}")


def test_a_forgotten_lead_is_in_no_file(folder, tmp_path):
    folder.save_plan(SAVED)
    folder.finish(SAVED, RUN)
    path = tmp_path / ".leadops" / "runs" / folder.run
    (path / "report.md").write_text("919000000002 Lead 2")
    names = frozenset({"919000000002"})
    ids = folder.lead_ids(names)
    assert ids == {f"{2:024x}"}
    assert folder.forget(ids, names) >= 4
    for one in path.iterdir():
        assert "919000000002" not in one.read_text("utf-8"), one.name
        assert "Lead 2" not in one.read_text("utf-8"), one.name
    assert not (path / "report.md").exists()
    assert folder.results().outcomes == RUN.outcomes
    assert folder.forget(ids, names) == 0


@pytest.mark.parametrize(
    ("title", "expected"),
    [("", "run"), ("../../etc", "etc"), ("नया", "run"), ("a" * 99, "a" * 40), ("Éte 2026", "ete-2026")],
)
def test_a_title_becomes_a_plain_file_name(title, expected):
    assert slug(title) == expected
