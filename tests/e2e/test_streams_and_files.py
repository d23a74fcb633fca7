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


def test_files_that_are_named_are_private_and_whole(place):
    for name in ("plan.json", "out.json", "out.xml"):
        (place.folder / name).write_text("old " * 10_000)
        (place.folder / name).chmod(0o666)
    files = ("-o", "plan.json", "--json-file", "out.json", "--junit-file", "out.xml")
    place.leadops("plan", *files, "-e", TEXT)
    assert json.loads((place.folder / "out.json").read_text())["appliable"]
    assert (place.folder / "out.xml").read_text().rstrip().endswith("</testsuites>")
    assert {mode(place.folder / name) for name in files[1::2]} == {0o600}
    assert not [path for path in place.folder.iterdir() if path.name.startswith((".plan", ".out"))]


def test_a_link_in_the_place_of_a_file_is_refused_before_anything_is_done(place, server):
    (place.folder / "kept").write_text("kept")
    (place.folder / "link").symlink_to("kept")
    for flag in ("-o", "--json-file", "--junit-file"):
        done = place.leadops("run", "--yes", flag, "link", "-e", TEXT, code=64)
        assert "symbolic link" in done.err
    assert (place.folder / "kept").read_text() == "kept"
    assert not server.seen()


def test_a_stream_in_the_place_of_a_file_is_written_to(place):
    done = place.leadops("run", "--yes", "-q", "--json-file", "/dev/stdout", "--format", "md", "-e", TEXT)
    value, end = json.JSONDecoder().raw_decode(done.out)
    assert value == place.results()
    assert done.out[end:].lstrip().startswith("#")
    place.leadops("plan", "-q", "-o", "/dev/null", "--junit-file", "/dev/stderr", "-e", TEXT)
