"""In GitHub Actions: a summary of each plan and run, annotations beside text, and text that is no command."""

import json
import re

import pytest

LINE = 'find leads where status = Won and called by "agent@company.com" in April limit 2; set rating = 1'


@pytest.fixture
def summary(monkeypatch, tmp_path):
    """The step's summary file."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path / "summary.md"


def test_a_plan_and_a_run_append_to_the_summary_masked(leadops, summary):
    assert leadops("plan", "--sandbox", "-o", "p.json", "-e", LINE)[0] == 0
    text = summary.read_text()
    assert "Plan" in text
    assert not re.search(r"\b91\d{10}\b", text)
    assert leadops("apply", "--sandbox", "--yes", "p.json")[0] == 0
    assert summary.read_text().startswith(text)
    assert "# Run" in summary.read_text()


def test_a_run_stands_in_the_summary_once_and_what_is_shown_again_does_not(leadops, summary):
    assert leadops("run", "--sandbox", "--yes", "--no-input", "--format", "json", "-e", LINE)[0] == 0
    text = summary.read_text()
    assert text.count("# Run") == 1
    leadops("report", "--sandbox")
    assert summary.read_text() == text


def test_a_refused_plan_stands_in_the_summary_with_its_reason(leadops, summary):
    assert leadops("run", "--sandbox", "--yes", "--max-leads", "1", "-e", LINE)[0] == 4
    assert "may not be applied" in summary.read_text()


def test_the_summary_never_grows_beyond_what_github_takes(leadops, summary):
    summary.write_text("x" * (900 * 1024 - 500))
    code, _, err = leadops("plan", "--sandbox", "-e", LINE)
    assert code == 0
    assert summary.stat().st_size == 900 * 1024 - 500
    assert "summary is full" in err
    summary.write_text("x" * (900 * 1024 - 2500))
    leadops("plan", "--sandbox", "-e", LINE)
    assert 900 * 1024 - 2500 < summary.stat().st_size <= 900 * 1024


def test_a_summary_that_cannot_be_written_is_a_warning(leadops, summary):
    summary.mkdir()
    code, _, err = leadops("run", "--sandbox", "--yes", "-e", LINE)
    assert code == 0
    assert "summary cannot be written" in err


def test_text_is_guarded_and_annotations_follow_it(leadops, summary):
    code, out, _ = leadops("run", "--sandbox", "--yes", "--max-leads", "1", "-e", LINE)
    assert code == 4
    lines = out.splitlines()
    token = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])[1]
    end = lines.index(f"::{token}::")
    assert any("Plan" in line for line in lines[1:end])
    assert lines[end + 1].startswith("::error title=plan refused::")


def test_machine_forms_are_as_everywhere_else(leadops, summary):
    code, out, _ = leadops("plan", "--sandbox", "--max-leads", "1", "--format", "json", "-e", LINE)
    assert code == 4
    assert json.loads(out)["appliable"] is False


def test_check_annotates_its_findings_beside_the_text(leadops, home, summary):
    (home / "a.lead").write_text("find leads where cityy = Pune; set rating = 1\n")
    code, out, err = leadops("check", "--sandbox", "a.lead")
    assert code == 1
    assert out.startswith("::error file=a.lead,line=1,endLine=1,col=18,")
    assert err.count("E101") == 1
    (home / "a.lead").write_text("find leads where status = Won; set rating = 1\n")
    assert leadops("check", "--sandbox", "a.lead")[:2] == (0, "")


def test_nothing_of_this_happens_elsewhere(leadops, home, tmp_path):
    code, out, _ = leadops("plan", "--sandbox", "--max-leads", "1", "-e", LINE)
    assert code == 4
    assert "::" not in out
    assert leadops("check", "--sandbox", "-e", "find leads where cityy = Pune; set rating = 1")[:2] == (1, "")
