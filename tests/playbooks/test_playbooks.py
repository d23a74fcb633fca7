"""The playbooks that ship with leadops: each is formatted, checked, planned and run on the sandbox, and converges."""

import json
import shutil
from pathlib import Path

import pytest

from leadops.syntax.formatter import format_source
from leadops.syntax.parser import parse
from tests.clock import CLOCK

FOLDER = Path(__file__).resolve().parents[2] / "playbooks"
FILES = sorted(path.name for path in FOLDER.glob("*.lead"))
AS_TYPED = {"won-in-april.lead"}
"""The owner's line stands as people type it, not as `fmt` prints it."""
UNCHECKED = {"refused-values.lead"}


@pytest.fixture
def project(home):
    for file in FOLDER.iterdir():
        shutil.copy(file, home / file.name)
    return home


@pytest.fixture
def a_lead(leadops, project):
    """The id of a lead that is neither qualified nor rated 5."""
    _, out, err = leadops(
        "plan",
        "--sandbox",
        "--format",
        "json",
        "-e",
        "find leads where status = Fresh limit 1; set rating = 5",
    )
    assert out, err
    return json.loads(out)["steps"][0]["changes"][0]["lead"]["id"]


def _arguments(name, a_lead):
    found = ["--unchecked"] if name in UNCHECKED else []
    return [*found, "-p", f"lead={a_lead}"] if name == "qualify-by-id.lead" else found


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_playbook_is_canonical(name):
    text = (FOLDER / name).read_text("utf-8")
    assert name in AS_TYPED or format_source(parse(text, name)) == text


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_playbook_is_sound(name, leadops, project, a_lead):
    arguments = _arguments(name, a_lead)
    code, _, err = leadops("check", "--sandbox", *arguments, name)
    assert code == 0, err
    if name in UNCHECKED:
        assert leadops("check", "--sandbox", name)[0] == 1


@pytest.mark.parametrize("name", [name for name in FILES if name != "read-by-phone.lead"])
def test_a_shipped_playbook_runs_once_and_converges(name, leadops, project, a_lead):
    arguments = _arguments(name, a_lead)
    code, out, err = leadops("plan", "--sandbox", "--detailed-exitcode", *arguments, name)
    writes = name != "won-called-by-agent.lead"
    assert code == (2 if writes else 0), out + err
    code, out, err = leadops("run", "--sandbox", "--yes", "--format", "json", *arguments, name)
    assert code == (3 if name in UNCHECKED else 0), err
    outcomes = json.loads(out)["outcomes"]
    assert sum(outcomes.values()) > 0 or not writes
    again, out, err = leadops("plan", "--sandbox", "--format", "json", *arguments, name)
    assert json.loads(out)["steps"][0]["changes"] == []
    assert again == (4 if name in UNCHECKED else 0), err


def test_the_lead_is_read_with_its_timeline(leadops, project):
    assert leadops("plan", "--sandbox", "read-by-phone.lead")[0] == 4, "nobody has this phone yet"
    assert leadops("run", "--sandbox", "--yes", "create-lead.lead")[0] == 0
    code, out, err = leadops("plan", "--sandbox", "--pii", "show", "read-by-phone.lead")
    assert code == 0, err
    assert "Jane Doe" in out
    assert "Site visit completed" in out
    assert leadops("run", "--sandbox", "--yes", "read-by-phone.lead")[0] == 0
    code, page, _ = leadops("report", "--format", "html")
    assert code == 0
    assert "Site visit completed" in page


def test_the_owners_line_is_the_same_from_a_file_and_from_the_command_line(leadops, project):
    text = (project / "won-in-april.lead").read_text().strip()
    from_file = json.loads(leadops("plan", "--sandbox", "--format", "json", "won-in-april.lead")[1])
    inline = json.loads(leadops("plan", "--sandbox", "--format", "json", "-e", text)[1])
    assert from_file["digest"] == inline["digest"]
    leads = {change["lead"]["id"] for change in inline["steps"][0]["changes"]}
    assert 10 <= len(leads) <= 30


def test_a_process_that_a_test_starts_sees_the_date_of_the_test():
    import subprocess
    import sys
    import time

    told = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time(), time.localtime().tm_gmtoff)"],
        env=CLOCK,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    now, offset = (float(word) for word in told.split())
    assert abs(now - time.time()) < 3600
    assert offset == time.localtime().tm_gmtoff


def test_the_demo_shows_everything_and_a_second_one_sends_nothing(tmp_path):
    import subprocess
    import sys

    checkout = tmp_path / "checkout"
    shutil.copytree(FOLDER, checkout / "playbooks")
    binary = Path(sys.executable).with_name("leadops")

    def demo():
        done = subprocess.run(
            ["bash", "playbooks/demo.sh", str(binary)],
            cwd=checkout,
            env={**CLOCK, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = demo()
    assert "on the sandbox" in first
    report = Path(next(line for line in first.splitlines() if line.endswith("report.html")))
    assert report.is_file()
    second = demo()
    assert "Nothing to change" in second
    assert "already" in second
    assert "0 writes" in second
