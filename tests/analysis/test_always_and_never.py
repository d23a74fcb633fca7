"""Conditions that are always or never true are told of, and only these."""

import pytest

from leadops.core.diagnostics import Severity

SET = "\nset visits = 5"


def told(compiled):
    return [
        (d.code, compiled.sources["main.lead"][d.span.start : d.span.end])
        for d in compiled.diagnostics
        if d.severity is Severity.WARNING and d.span
    ]


ALWAYS = [
    "status != Won or status != Lost", "city is missing or city is present", "created is present", "modified is present",
    "deal_size > 10 or deal_size <= 10 or deal_size is missing", "rating >= 1 or rating is missing", "not (rating < 1 or rating > 5)",
    'status in [Fresh, Contacted, Qualified, Won, Lost, "Cold storage"] or status is missing', "city not in [Pune] or city != Goa",
    "consent = true or consent = false or consent is missing", "created >= 2026-04-01 or created < 2026-05-01", "created is present or city = Pune",
    "not (status = Won and status = Lost)", "called in April 2026 or not called in April 2026",
]  # fmt: skip


@pytest.mark.parametrize("said", ALWAYS)
def test_what_is_always_true_is_told_of_and_is_every_lead(compiling, said):
    found = compiling(f"find leads where {said}{SET}")
    assert [code for code, _ in told(found)][:1] in (["W120"], ["W121"])
    assert found.plan.steps[0].source.everyone


@pytest.mark.parametrize(
    "said",
    ["status = Won and status = Lost", "rating > 5", "rating < 1", "rating >= 4 and rating < 3", "deal_size > 10 and deal_size < 5",
     "city is missing and city = Pune", "created is missing", "created in 2026-04 and created in 2026-05", "lead_date > 2026-04-30 and lead_date < 2026-04-01",
     "status in [Won, Lost] and status not in [Lost, Won]", "rating in [4, 5] and rating <= 3", "called in 2026-04-01 and not called in April 2026",
     "not (city is missing or city is present)", "interests has all [VIP, Revive] and not interests has any [VIP]", "deal_size > 5 and deal_size <= 5",
     "city starts with a and city starts with b", "status = Won and not (status in [Won, Lost])", "visits between 5 and 6 and visits > 6"],
)  # fmt: skip
def test_what_is_never_true_is_told_of(compiling, said):
    found = compiling(f"find leads where {said}{SET}")
    assert {code for code, _ in told(found)} <= {"W121", "W120"}
    assert told(found)[0][0] in {"W121", "W120"}
    assert not found.plan.steps[0].source.everyone


@pytest.mark.parametrize(
    "said",
    ["status = Won or status = Lost", "status != Won and status != Lost", "rating > 4", "rating <= 5", "rating >= 1", "rating is present", "status is present",
     "deal_size > 5 and deal_size < 6", "visits > 5 and visits <= 6", "city != Pune or deal_size > 5", "city = Pune and email is missing", "created in April 2026",
     "called in April 2026 and not called in May 2026", "interests has any [VIP] and not interests has all [VIP, Revive]", "city contains a and city contains b",
     "status = Won and (rating = 5 or rating is missing)", "status not in [Won]", "not called", "consent = true or consent = false"],
)  # fmt: skip
def test_what_some_leads_satisfy_is_not_told_of(compiling, said):
    found = compiling(f"find leads where {said}{SET}")
    assert told(found) == []
    assert not found.plan.steps[0].source.everyone


def test_the_smallest_part_is_told_of(compiling):
    found = compiling(
        f"find leads where city = Pune and (rating > 5 or (status = Won and status = Lost)){SET}"
    )
    assert told(found) == [("W121", "rating > 5"), ("W121", "status = Won and status = Lost")]


def test_cases_and_expectations_and_defines_are_looked_at(compiling):
    text = (
        "define never as rating > 5\nfind leads where status = Won\nexpect every lead rating is missing or rating <= 5\n"
        'when matches never { set visits = 1 } when deal_size > 5 and deal_size < 1 { set city = x } when status = Lost { set homepage = "http://x.y" }'
    )  # fmt: skip
    assert told(compiling(text)) == [
        ("W121", "rating > 5"),
        ("W120", "rating is missing or rating <= 5"),
        ("W121", "deal_size > 5 and deal_size < 1"),
        ("W121", "status = Lost"),
    ]


# ── two values of one field ──────────────────────────────────────────────────────────────────────

FIND = "find leads where status = Won\n"


def both_orders(first, second):
    return [f"{FIND}{first}\n{second}", f"{FIND}{second}\n{first}"]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("when rating >= 4 { set city = Hot }", "when rating >= 2 { set city = Warm }", "E520"), ("when rating = 5 { set rating = 4 }", "set rating = 5", "E504"),
        ("when rating = 5 { clear city }", "when rating > 3 { set city = x }", "E520"), ("when rating = 5 { clear city }", "set city = x", "E504"),
        ("add VIP to interests", "set interests = [Revive]", "E504"), ("add VIP to interests", "remove vip from interests", "E520"),
        ("when rating = 5 { add VIP to interests }", "remove VIP from interests", "E520"), ("when rating = 5 { add VIP to interests }", "set interests = [VIP]", "E504"),
        ("when rating = 5 { add VIP to interests }", "when rating > 4 { remove VIP from interests }", "E520"),
        ("when rating = 5 { add VIP to interests }", "when rating in [4, 5] { set interests = [Revive] }", "E520"),
        ("when status = Won { set city = a }", "when rating = 3 { set city = b }", "E520"), ("clear interests", "add VIP to interests", "E504"),
        ("when rating = 3 { when visits > 2 { set city = a } }", "when visits > 1 { set city = b }", "E520"),
        ("when rating = 3 { set city = a } otherwise { set visits = 1 }", "when rating != 3 { set visits = 2 }", "E520"),
        ("when lead_date in 2026-04 { set city = a }", "when lead_date >= 2026-01-01 { set city = b }", "E520"),
        ("when called in April 2026 { set city = a }", "when called { set city = b }", "E520"),
    ],
)  # fmt: skip
def test_what_the_text_proves_is_an_error_in_either_order(compiling, first, second, code):
    for text in both_orders(first, second):
        errors = [d.code for d in compiling(text).diagnostics if d.severity is Severity.ERROR]
        assert errors == [code]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("when rating >= 4 { set city = Hot }", "when visits >= 2 { set city = Warm }"), ("when rating >= 4 { set city = Hot }", "when rating < 4 { set city = Warm }"),
        ("when rating >= 4 { set city = Hot }", "when rating >= 2 { set city = Hot }"), ("add VIP to interests", "remove Revive from interests"),
        ("when rating = 5 { set interests = [VIP] }", "when rating > 4 { add VIP to interests }"), ("add VIP to interests", "add Revive to interests"),
        ("when rating = 5 { set city = a } otherwise when rating > 2 { set city = b }", "set visits = 1"),
        ("when rating = 5 { set city = a } otherwise { set city = b }", 'when visits = 1 { set email = "a@b.in" }'),
        ("when rating = 5 { set deal_size = 5 }", "when rating > 4 { set deal_size = 5.0 }"),
    ],
)  # fmt: skip
def test_what_only_the_leads_can_tell_is_left_to_the_plan(compiling, first, second):
    for text in both_orders(first, second):
        assert compiling.codes(text) == []


def test_the_way_out_names_the_narrower_case_first(compiling):
    for text in both_orders("when rating >= 4 { set city = Hot }", "when rating >= 2 { set city = Warm }"):
        (one,) = compiling(text).diagnostics
        assert "when rating >= 4 { … } otherwise when rating >= 2 { … }" in one.help
    assert (
        compiling.codes(
            f"{FIND}when rating >= 4 {{ set city = Hot }} otherwise when rating >= 2 {{ set city = Warm }}"
        )
        == []
    )


def test_tags_of_a_lead_that_is_being_made_are_put_together(compiling):
    assert (
        compiling.codes("create lead with phone = 919811111111, interests = [VIP]; add Revive to interests")
        == []
    )


def test_what_holds_today_only_is_a_warning_and_no_error(compiling):
    text = (
        f"{FIND}when created in this week {{ set city = a }}\nwhen created in last 90 days {{ set city = b }}"
    )
    assert compiling.codes(text) == []
    found = compiling(
        "find leads where created in this month or created < 2026-05-01 or created >= 2026-06-01" + SET
    )
    assert told(found)[0][0] == "W120"
    assert not found.plan.steps[0].source.everyone
