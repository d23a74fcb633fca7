"""A run's report shows when its calls were made, by the run's own log."""

from pathlib import Path

LINE = 'find leads where status = Won and called by "agent@company.com" in previous month; set rating 5'


def test_a_runs_html_shows_calls_over_time_and_the_rate_used(leadops):
    code, page, _ = leadops("run", "--sandbox", "--yes", "--format", "html", "-e", LINE)
    assert code == 0
    _, again, _ = leadops("report", "--format", "html")
    _, path, _ = leadops("report", "--path")
    kept = Path(path.splitlines()[0]).read_text("utf-8")
    for text in (page, again, kept):
        assert "<h2>Calls over time</h2><svg" in text
        assert "calls in the busiest hour" in text


def test_a_run_whose_log_is_gone_or_cut_has_a_report_all_the_same(leadops):
    assert leadops("run", "--sandbox", "--yes", "-q", "-e", LINE)[0] == 0
    _, path, _ = leadops("report", "--path")
    log = Path(path.splitlines()[0]).with_name("log.jsonl")
    text = log.read_text("utf-8")
    log.write_text(text[: text.rindex("event") + 3], "utf-8")
    code, page, _ = leadops("report", "--format", "html")
    assert code == 0
    assert "Calls over time" in page
    log.unlink()
    code, page, _ = leadops("report", "--format", "html")
    assert code == 0
    assert "Calls over time" not in page
