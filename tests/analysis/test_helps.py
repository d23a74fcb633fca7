"""A help is one: each correction that is offered, once made, takes its error away and brings no new one to its place."""

import asyncio
import re
from functools import cache
from pathlib import Path

import pytest

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.core import offers, trials
from leadops.core.diagnostics import Severity
from leadops.core.trials import edited
from leadops.syntax.parser import parse
from tests.analysis.said import CONDITIONS, EFFECTS, WHOLE
from tests.syntax.corpus import INVALID, NOON_IN_MAY_2026, unmarked
from tests.workspace import sandbox_schema

PAGES = sorted((Path(__file__).parents[2] / "docs" / "errors").glob("*.md"))
SAID = [
    *(f"find leads where {one}\nset rating = 5" for one in CONDITIONS),
    *(f"find leads where status = Won\n{one}" for one in EFFECTS),
    *WHOLE,
]
WRONG = {
    path.stem: re.findall(r"^## Wrong\n\n```lead.*\n([\s\S]*?)```$", path.read_text("utf-8"), re.MULTILINE)
    for path in PAGES
}


@cache
def schema():
    return asyncio.run(sandbox_schema())


def findings(text, known):
    if not known:
        return parse(text, "a.lead").diagnostics
    around = Surroundings(None, NOON_IN_MAY_2026, files=EmbeddedFiles({}))
    return compile_playbook(parse(text, "a.lead"), schema(), around).diagnostics


def errors(found):
    return [d for d in found if d.severity is Severity.ERROR and d.span is not None]


def broken(text, known):
    """Return the offered corrections of ``text`` that are none: with them an error stands at their place."""
    bad = []
    found = findings(text, known)
    for one in found:
        if one.fix is None:
            continue
        right = edited(text, one.fix.edits)
        start = min(edit.span.start for edit in one.fix.edits)
        end = max(edit.span.end for edit in one.fix.edits) + len(right) - len(text)
        after = errors(findings(right, known))
        known_before = {d.code for d in errors(found) if d is not one}
        here = [d.code for d in after if d.span.start <= end and start <= d.span.end]
        line = [d for d in after if d.span.line == one.span.line]
        before = [d for d in errors(found) if d.span.line == one.span.line]
        if any(code not in known_before for code in here) or len(line) > len(before):
            bad.append((one.code, one.fix.title, here))
    return bad


@pytest.mark.parametrize("known", [True, False], ids=["with a schema", "without"])
@pytest.mark.parametrize("text", SAID)
def test_what_is_offered_for_what_people_type_holds(text, known):
    assert broken(text, known) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_what_is_offered_in_the_corpus_holds(path):
    whole, _ = unmarked(path.read_text("utf-8"))
    for line in whole.splitlines():
        assert broken(line, known=False) == []


@pytest.mark.parametrize("code", WRONG)
def test_what_is_offered_for_an_example_of_the_pages_holds(code):
    for text in WRONG[code]:
        assert broken(text, known=True) == []


LED = [
    ("created more than 30 days ago", "not created in last 30 days"), ("created > -7d", "created in last 7 days"),
    ("created >= startOfMonth()", "created in this month"), ("created after 1 April 2026", "created > 2026-04-01"),
    ("created in the last 7 days", "created in last 7 days"), ("called last week", "called in previous week"),
    ("not called for 14 days", "not called in last 14 days"), ("status = Won and has no payment", "status = Won and not has payment"),
    ('name ~ "asha"', 'name contains "asha"'), ("rating > 3 and < 5", "rating > 3 and rating < 5"), ("naam = Asha", "name = Asha"),
    ('owner = "neha@company.com"', 'assignee = "neha@company.com"'), ("deal_size >= 50k", "deal_size >= 50000"),
    ("deal_size >= ₹5,00,000", "deal_size >= 500000"), ("statu = Won", "status = Won"), ("status = Wonn", "status = Won"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "right"), LED)
def test_a_condition_leads_to_the_right_text(said, right):
    text = f"find leads where {said}\nset rating = 5"
    fixes = [d.fix for d in findings(text, known=True) if d.fix is not None]
    assert len(fixes) == 1
    assert " ".join(edited(text, fixes[0].edits).split()) == f"find leads where {right} set rating = 5"


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ("find leads where status = Won; set follow_up_on = today + 3 days", "E026", "-p day="),
        ("find leads where created in next 7 days; set rating = 5", "E026", "-p days="),
        ("find leads where created in last 24 hours; set rating = 5", "E026", "last 1 day"),
        ("find leads where called more than 3 times; set rating = 5", "E026", "whether there is one"),
        ("find leads where status was Won; set rating = 5", "E026", "what it is now"),
        ("find leads where created in April 2026 IST; set rating = 5", "E022", 'timezone "Asia/Kolkata"'),
        ("find leads where status = Won; set rating = rating + 1", "E001", "not calculated"),
    ],
)
def test_what_the_language_cannot_say_is_said_plainly(said, code, words):
    (one,) = findings(said, known=True)
    assert (one.code, one.fix) == (code, None)
    assert words in one.help


@pytest.mark.parametrize(
    ("said", "never"),
    [
        ("find leads where follow_up_on = today + 3 days; set rating = 5", "double quotes"),
        ("find leads where created more than 30 days ago; set rating = 5", "write >"),
        ("find leads where status = Won and has no payment; set rating = 5", "remove it"),
        ("find leads where status = Won\nfirst 3\nset rating = 5", "write set"),
        ("timezone IST\nfind leads where status = Won; set rating = 5", "EST"),
        ("let cutoff = 2026-04-01\nfind leads where created < $cutoff; set rating = 5", "write set"),
        ("add lead with name = Asha, phone = 9876543210", "write to"),
        ("find leads where called more than 30 days ago; set rating = 5", "< $day"),
        ("find leads where not called us before 2 weeks ago; set rating = 5", "< $day"),
        ("find leads where has payment older than 30 days; set rating = 5", "< $day"),
        ("find leads where called before today; set rating = 5", "< $day"),
    ],
)
def test_no_help_leads_away(said, never):
    assert all(never not in one.help for one in findings(said, known=True))


def test_a_zone_by_its_abbreviation_leads_to_its_name():
    (one,) = findings("timezone IST\nfind leads where status = Won; set rating = 5", known=True)
    assert one.fix.edits[0].text == '"Asia/Kolkata"'


def test_an_error_that_is_gone_with_another_is_an_echo():
    text = "let cutoff = 2026-04-01\nfind leads where created < $cutoff; set rating = 5"
    assert [d.code for d in findings(text, known=True)] == ["E003"]


def test_trials_are_bounded(monkeypatch):
    read = []
    text = "\n".join(f"find leads where status == Won and rating == {n}; set Rating = 5" for n in range(60))
    monkeypatch.setattr(trials, "edited", lambda one, edits: read.append(1) or edited(one, edits))
    assert len(findings(text, known=True)) > 100
    assert len(read) <= 2 * (trials.MOST_TRIALS + 1)


def test_a_sound_text_is_read_once(monkeypatch):
    monkeypatch.setattr(offers, "proven", None)
    assert findings("find leads where status = Won; set rating = 5", known=True) == ()
