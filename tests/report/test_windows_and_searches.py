"""A period says whether its last day is whole; a search that the query plan shows is not shown again."""

import re
from zoneinfo import ZoneInfo

import pytest

from leadops.model.predicate import Window
from leadops.report.shown import days_of

INDIA = ZoneInfo("Asia/Kolkata")
DAY = 86_400_000
START = 1_774_981_800_000
"""Midnight of 1 April 2026 in India."""


@pytest.mark.parametrize(
    ("end", "last", "said"),
    [
        (START + 30 * DAY, "2026-04-30", "2026-04-01 to 2026-04-30, both days whole"),
        (START + DAY, "2026-04-01", "2026-04-01, the whole day"),
        (START + 9 * DAY + 43_200_000, "2026-04-10", "2026-04-01 to 2026-04-10, the last day until 12:00"),
        (START + 43_200_000, "2026-04-01", "2026-04-01 until 12:00"),
        (START, "2026-04-01", "2026-04-01 until 00:00"),
    ],
)
def test_a_period_that_ends_now_is_not_whole(end, last, said):
    assert days_of(Window(START, end, "2026-04-01", last, "so"), INDIA) == said


def test_where_midnight_does_not_exist_a_day_is_whole_all_the_same():
    zone = ZoneInfo("America/Sao_Paulo")
    window = Window(1_541_214_000_000, 1_541_300_400_000, "2018-11-03", "2018-11-03", "so")
    assert days_of(window, zone) == "2018-11-03, the whole day"


@pytest.mark.parametrize("form", ["text", "html"])
def test_explain_shows_each_search_once(leadops, form):
    text = "find leads where (status = Won or rating = 3) and created in last 10 days limit 2; set rating = 5"
    code, out, err = leadops("plan", "--sandbox", "--explain", "--format", form, "-e", text)
    assert code == 0, err
    assert "created_on" in out
    assert "search counts" not in out
    assert len(re.findall(r"leads: \{", out)) == 0
    assert "both days whole" not in out
    assert "the last day until" in out


@pytest.mark.parametrize(("form", "said"), [("text", "search counts"), ("html", "leads: {&#34;fields")])
def test_searches_without_a_query_plan_are_shown(leadops, form, said):
    text = "upsert lead by phone with phone = 9812345670, rating = 5"
    out = leadops("plan", "--sandbox", "--explain", "--format", form, "-e", text)[1]
    assert said in out
