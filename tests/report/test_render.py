"""The built-in reports: whole, self-contained, small, streamed."""

import base64
import hashlib
import re
import tracemalloc
from dataclasses import replace

from markdown_it import MarkdownIt

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.model.run import Remark
from leadops.report.junit import junit
from leadops.report.render import render_html, render_markdown, render_text
from leadops.report.summary import BUDGET, summary
from leadops.report.variables import Rows
from leadops.report.view import view_of


def html_of(view):
    return "".join(render_html(view))


def test_html_needs_nothing_from_elsewhere_and_runs_only_its_own_script(sample):
    plan = sample.plan()
    page = html_of(view_of(plan, sample.troubled(plan)))
    policy = (
        re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        .group(1)
        .replace("&#39;", "'")
    )
    assert "default-src 'none'" in policy
    for tag, source in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    assert not re.search(r"\s(style|on\w+|src|href)=", page)
    assert "unsafe" not in policy


def test_html_has_every_lead_with_its_outcome_and_the_services_words(sample):
    plan = sample.plan()
    page = html_of(view_of(plan, sample.troubled(plan), schema=sample.SCHEMA))
    rows = re.findall(r'<tr data-o="(\w+)">(.*?)(?=<tr data-o|</tbody>)', page, re.DOTALL)
    assert len(rows) == 16
    jane = next(row for outcome, row in rows if outcome == "ignored_by_crm")
    for part in ("Jane Doe", "919999999999", "66ffffffffffffffffffffff", "<b>rating</b> <ins>9</ins>",
                 "<code>fields.rating</code> = 9: <q>Rating must be between 1 and 5</q>",
                 "<code>actions[0].fields.email</code> = not-an-email: <q>Email is invalid</q>",
                 "action 1001 &#34;Site visit&#34;"):  # fmt: skip
        assert part in jane
    assert "Exit 3: some changes were refused or are in doubt" in page
    assert "On the sandbox: no real lead is touched." in page


def test_html_of_a_plan_shows_before_and_after(sample):
    page = html_of(view_of(sample.plan()))
    assert "<b>rating</b> <s>3</s> → <ins>5</ins>" in page
    assert 'data-pick="create"' in page
    assert "the template needs lead.name, which is missing" in page
    assert "Liked the lake view" in page


def test_charts_count_outcomes_fields_and_calls(sample):
    plan = sample.plan()
    run = sample.troubled(plan)
    page = html_of(view_of(plan, run, calls_at_ms=[run.started_ms, run.started_ms + 500, run.finished_ms]))
    assert "<title>changed: 8</title>" in page
    assert 'class="o in_doubt"' in page
    assert "<title>rating: 12</title>" in page
    assert "<h2>Calls over time</h2>" in page
    assert "<title>2026-04-20 09:00: 2</title>" in page
    assert "Calls over time" not in html_of(view_of(plan, run))


def test_a_refused_plan_is_marked_in_every_report(sample):
    plan = replace(sample.plan(), appliable=False, refusals=("the belt leads is exceeded",))
    view = view_of(plan)
    for text in (html_of(view), render_markdown(view), render_text(view)):
        assert "may not be applied" in text
        assert "the belt leads is exceeded" in text


def test_masked_reports_hold_no_phone_and_no_address(sample):
    plan = sample.plan(note="call +91 98765 43210 or asha@example.com")
    view = view_of(plan, sample.troubled(plan), pii="mask")
    for text in (
        html_of(view),
        render_markdown(view),
        render_text(view),
        summary(plan, sample.troubled(plan)),
    ):
        for secret in ("919800000001", "43210", "asha@", "asha&#64;", "jane.doe"):
            assert secret not in text
    assert "are masked" in html_of(view)


def test_five_thousand_leads_stay_under_two_megabytes(sample):
    plan = sample.plan(leads=5000)
    run = sample.troubled(plan)
    assert len(html_of(view_of(plan, run, schema=sample.SCHEMA)).encode()) < 2_000_000
    assert len(html_of(view_of(plan, sample.finished(plan), schema=sample.SCHEMA)).encode()) < 2_000_000


def test_ten_times_the_rows_cost_no_more_memory(sample):
    view = view_of(sample.plan(leads=100, odd=False))

    def peak(times):
        def rows():
            for _ in range(times):
                yield from view.leads

        many = replace(view, leads=Rows(rows, times * len(view.leads)))
        size = 0
        tracemalloc.start()
        for chunk in render_html(many):
            size += len(chunk)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most, size

    peak(1)
    little, small = peak(5)
    much, large = peak(50)
    assert large > small + 900_000
    assert much < little + 300_000


def test_rows_can_be_read_more_than_once(sample):
    view = view_of(sample.plan())
    assert [lead.id for lead in view.leads] == [lead.id for lead in view.leads]
    assert len(list(view.leads)) == len(view.leads) == 16


def test_markdown_is_well_formed_and_complete(sample):
    plan = sample.plan()
    text = render_markdown(view_of(plan, sample.troubled(plan), schema=sample.SCHEMA))
    page = MarkdownIt("commonmark").enable("table").render(text)
    assert "\n\n\n" not in text
    assert page.count("<h2>") == 2
    assert page.count("<table>") == 5
    assert "|" not in re.sub("<[^>]*>", "", page)
    assert "<code>fields.rating</code> = 9: “Rating must be between 1 and 5”" in page
    assert "<strong>Jane Doe</strong>" in page
    assert "| in doubt | 3 |" in text


def test_markdown_of_many_leads_says_what_it_leaves_out(sample):
    plan = sample.plan(leads=620, odd=False)
    text = render_markdown(view_of(plan))
    assert "… and 120 more leads" in text
    assert text.count("`rating`") == 500
    assert render_markdown(view_of(plan, full=True)).count("`rating`") == 620


def test_text_names_only_what_needs_a_person(sample):
    plan = sample.plan(odd=False)
    text = render_text(view_of(plan, sample.finished(plan)))
    assert "changed 24" in text
    assert "Asha Rao" not in text
    assert "the template needs lead.name" in text


def test_a_summary_fits_into_githubs_limit(sample):
    plan = sample.plan(leads=100, note="x" * 30_000)
    text = summary(plan, sample.troubled(plan))
    assert 500_000 < len(text.encode()) <= BUDGET
    assert text.rstrip().endswith("see the report among the artifacts")


def test_a_summary_is_masked_unless_asked(sample):
    plan = sample.plan()
    assert "919800000001" not in summary(plan)
    assert "919800000001" in summary(plan, mask=False)


def test_warnings_are_in_the_reports(sample):
    plan = replace(
        sample.plan(), warnings=(Diagnostic("W104", Severity.WARNING, "names were not checked", None),)
    )
    assert "names were not checked" in html_of(view_of(plan))
    assert "names were not checked" in render_markdown(view_of(plan))


def test_the_busiest_hour_is_measured_against_what_the_service_allows(sample):
    plan = sample.plan()
    calls = [minute * 60_000 for minute in range(120)] + [90 * 60_000] * 1740
    view = view_of(plan, sample.finished(plan), calls_at_ms=calls)
    assert view.busiest_hour == 1800
    assert "50 % of the 3,600 that the service allows" in html_of(view)


def test_words_about_no_value_are_shown_without_one(sample):
    plan = sample.plan()
    run = sample.troubled(plan)
    words = Remark("actions[0]", "actions[0]", None, "Something is wrong with it")
    run = replace(
        run, results=tuple(replace(one, remarks=(words,)) if one.remarks else one for one in run.results)
    )
    view = view_of(plan, run)
    shown = ["".join(render(view)) for render in (render_html, render_markdown, render_text)]
    shown += [junit(plan, run), summary(plan, run)]
    for text in shown:
        assert "Something is wrong with it" in text
        assert not re.search(r"actions\S* = ", text)
