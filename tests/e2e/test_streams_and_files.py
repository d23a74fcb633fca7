"""stdout holds only what was asked for, stderr the rest; a run leaves a private, complete folder."""

import csv
import json

from tests.e2e.expected import won
from tests.e2e.place import mode
from tests.independent.definitions import ASYNC_TOKEN, SYNC_TOKEN

TEXT = 'find leads where status = Won; limit 2; set rating = 5; add action 1001 note "Thanks"'
FILES = {
    "plan.json",
    "results.json",
    "leads.jsonl",
    "success.csv",
    "errors.csv",
    "skipped.csv",
    "in_doubt.csv",
    "report.md",
    "report.html",
    "junit.xml",
}


def test_a_run_leaves_a_private_folder_with_every_file(place, server):
    done = place.leadops("run", "--yes", "--format", "json", "-e", TEXT)
    [folder] = place.runs
    assert mode(folder) == 0o700
    files = {path.name: path for path in folder.iterdir()}
    assert set(files) >= FILES
    assert {name for name, path in files.items() if mode(path) != 0o600} == set()
    results = place.results()
    assert done.json == results
    assert results["run"] in folder.name or folder.name in results["run"]
    assert set(results["outcomes"]) == {
        "changed",
        "already",
        "created",
        "ignored_by_crm",
        "rejected",
        "stale",
        "skipped_by_guard",
        "in_doubt",
        "not_attempted",
        "ghost",
    }
    assert sum(results["outcomes"].values()) == len(results["changes"])
    assert results["plan_digest"] == json.loads(files["plan.json"].read_text("utf-8"))["digest"]
    lines = files["leads.jsonl"].read_text("utf-8").splitlines()
    assert {json.loads(line)["key"] for line in lines} == {change["key"] for change in results["changes"]}
    assert len(lines) == len(results["changes"])
    for name in ("success.csv", "errors.csv", "skipped.csv", "in_doubt.csv"):
        with files[name].open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert rows, f"{name} has no header"
        assert len(rows) == 1 or name == "success.csv"
    html = files["report.html"].read_text("utf-8")
    assert 'src="http' not in html
    assert 'href="http' not in html.replace("https://next.telecrm.in", "")
    everything = done.out + done.err + "".join(path.read_text("utf-8") for path in files.values())
    assert SYNC_TOKEN not in everything
    assert ASYNC_TOKEN not in everything
    assert place.results()["calls"]["writes"] == len(server.seen(writes=True)) == 4


def test_json_is_alone_on_stdout(place, server):
    plan = place.leadops("plan", "--format", "json", "-e", TEXT)
    assert plan.json["format_version"]
    shown = place.leadops("plan", "-e", TEXT)
    assert "rating" in shown.out
    assert "Thanks" in shown.out
    assert "\x1b[" not in shown.out + shown.err
    assert "--json-file" not in shown.err
    refused = place.leadops("plan", "--format", "json", "--max-leads", "1", "-e", TEXT, code=4)
    assert refused.json["appliable"] is False
    phones = [lead.fields["phone"] for lead in won(server.world).values()]
    assert not any(phone in shown.out + shown.err for phone in phones), "people are masked in text"
    assert sum(phone in plan.out for phone in phones) == 2, "and whole in machine forms"


def test_runs_and_report_tell_a_run_afterwards(place):
    place.leadops("run", "--yes", "-e", TEXT)
    folder = place.runs[-1]
    listed = place.leadops("runs")
    assert place.results()["run"] in listed.out or folder.name in listed.out
    assert "Thanks" in place.leadops("report", folder.name).out
    path = place.leadops("report", "--path").out
    assert ".html" in path
    shown = place.leadops("report", "--format", "json", folder.name)
    assert shown.json == place.results()
