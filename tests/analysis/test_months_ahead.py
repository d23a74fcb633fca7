"""A month or weekday of a date that may lie ahead is asked about: the last one, or the next."""

import pytest

from leadops.core.trials import edited


@pytest.mark.parametrize(
    ("month", "help"),
    [
        ("December", "write December 2025 or December 2026"), ("january", "write January 2026 or January 2027"), ("May", "write May 2026 or May 2027"),
        ("June", "write June 2025 or June 2026"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("said", ["lead_date in {}", "not lead_date in {}", "`Lead date` during {}"])
def test_a_bare_month_offers_both_years(compiling, month, help, said):
    text = f"find leads where {said.format(month)}\nset rating = 5"
    (one,) = compiling(text).diagnostics
    assert (one.code, one.help, one.fix) == ("E307", help, None)
    for right in help.removeprefix("write ").split(" or "):
        assert compiling.codes(text.replace(month, right)) == []


def test_it_is_asked_wherever_conditions_stand(compiling):
    text = (
        "define soon as lead_date in June\nfind leads where matches soon and status = Won\nexpect every lead lead_date in July\n"
        "when lead_date in August { set rating = 5 }"
    )
    assert compiling.codes(text) == ["E307"] * 3


@pytest.mark.parametrize(
    "said",
    ["created in December", "modified in June", "created_on in May", "called in June", "has action 1001 in December", "lead_date in December 2026",
     "lead_date in 2026-06", "lead_date in this month", "lead_date in previous month"],
)  # fmt: skip
def test_what_lies_behind_or_has_its_year_is_not_asked(compiling, said):
    assert set(compiling.codes(f"find leads where {said}\nset rating = 5")) <= {"W103"}


def test_a_param_of_a_bare_month_is_asked_where_it_is_used(compiling):
    text = "param m: period = June\nfind leads where {} in $m\nset rating = 5"
    assert compiling.codes(text.format("created")) == []
    (one,) = compiling(text.format("lead_date")).diagnostics
    assert one.code == "E307"
    assert '-p m="June 2025", or "June 2026"' in one.help
    assert compiling.codes(text.format("lead_date"), parameters={"m": "June 2026"}) == []


@pytest.mark.parametrize(
    ("said", "help"),
    [
        ("lead_date = December", "write lead_date in December 2025 or lead_date in December 2026"),
        ("lead_date = Monday", "write lead_date in 2026-04-27 or lead_date in 2026-05-04"),
        ("lead_date = Saturday", "write lead_date in 2026-04-25 or lead_date in 2026-05-09"),
        ("lead_date != fri", "write not lead_date in 2026-05-01 or not lead_date in 2026-05-08"), ("lead_date < June", "write 2025-06-01 or 2026-06-01"),
        ("lead_date between June and July", "write 2025-06-01 or 2026-06-01"), ("lead_date in [Monday]", "write 2026-04-27 or 2026-05-04"),
        ("created = December", "write created in December 2025"), ("created > Monday", "write 2026-04-27"),
    ],
)  # fmt: skip
def test_a_date_is_not_compared_with_a_word_of_the_calendar(compiling, said, help):
    text = f"find leads where {said}\nset rating = 5"
    found = compiling(text).diagnostics
    assert (found[0].code, found[0].help) == ("E307", help)
    if found[0].fix is not None:
        assert compiling.codes(edited(text, found[0].fix.edits)) == []


def test_a_date_is_not_set_to_a_word_of_the_calendar(compiling):
    (one,) = compiling("find leads where status = Won\nset lead_date = Monday").diagnostics
    assert (one.code, one.help) == ("E307", "write 2026-04-27 or 2026-05-04")


def test_a_weekday_is_no_period(compiling):
    (one,) = compiling("find leads where lead_date in Monday\nset rating = 5").diagnostics
    assert one.code == "E003"
    assert "write its date" in one.help
