"""What conditions mean: operators by type, negation, dates, calls, defines."""

import pytest

from leadops.model.actions import INCOMING_CALLS, MISSED_CALLS
from leadops.model.predicate import (
    Activity,
    And,
    Compare,
    Equals,
    Everything,
    HasTags,
    Having,
    InWindow,
    Missing,
    Not,
    OneOf,
    Or,
    TextMatch,
)
from leadops.model.schema import FieldType

DAY = 86_400_000
APRIL_1 = 1_774_981_800_000


@pytest.fixture
def condition(compiling):
    def of(text, head="", **options):
        plan = compiling.plan(f"{head}\nfind leads where {text}; set city = X", **options)
        return plan.steps[0].source.condition

    return of


def test_unequal_is_exactly_not_equal(condition):
    equal = Equals("status", FieldType.STATUS, "Won")
    assert condition("status = Won") == equal
    found = condition("status != Won")
    assert found == Not(equal)
    assert (found.text, found.term.text) == ("status != Won", "status = Won")


def test_not_in_is_exactly_not_in(condition):
    found = condition("status not in [Won, Lost]")
    assert found == Not(OneOf("status", FieldType.STATUS, ("Won", "Lost")))
    assert found.term.text == "status in [Won, Lost]"


def test_between_is_both_bounds(condition):
    found = condition("deal_size between 100 and 200.50")
    assert found == And(
        (
            Compare("deal_size", FieldType.MONEY, ">=", "100"),
            Compare("deal_size", FieldType.MONEY, "<=", "200.50"),
        )
    )
    assert [t.text for t in found.terms] == ["deal_size >= 100", "deal_size <= 200.50"]


def test_a_date_equals_its_local_day(condition):
    found = condition("lead_date = 2026-04-01")
    assert isinstance(found, InWindow)
    assert (found.window.start_ms, found.window.end_ms) == (APRIL_1, APRIL_1 + DAY)


@pytest.mark.parametrize(
    ("operator", "kept", "at"), [("<", "<", 0), ("<=", "<", DAY), (">", ">=", DAY), (">=", ">=", 0)]
)
def test_a_day_is_compared_by_its_bounds(condition, operator, kept, at):
    assert condition(f"lead_date {operator} 2026-04-01") == Compare(
        "lead_date", FieldType.DATE, kept, APRIL_1 + at
    )


def test_a_date_is_compared_by_the_minute_when_a_time_is_written(condition):
    found = condition("lead_date >= 2026-04-01T09:00")
    assert found == Compare("lead_date", FieldType.DATE, ">=", APRIL_1 + 9 * 3_600_000)
    assert condition("lead_date <= 2026-04-01T09:00").value == APRIL_1 + 9 * 3_600_000 + 60_000


def test_days_in_a_list_are_days(condition):
    found = condition("lead_date in [2026-04-01, 2026-04-03]")
    assert isinstance(found, Or)
    assert [t.window.first_day for t in found.terms] == ["2026-04-01", "2026-04-03"]


def test_created_is_the_stamp_of_the_service(condition):
    assert condition("created in 2026-04").field == "created_on"
    assert condition("modified in 2026-04").field == "modified_on"
    assert condition("created >= 2026-04-01").field == "created_on"


def test_stamps_exist_even_where_metadata_does_not_list_them(compiling, schema):
    import dataclasses

    bare = dataclasses.replace(schema, fields=tuple(f for f in schema.fields if not f.read_only))
    plan = compiling.plan("find leads where created in 2026-04; set rating = 5", schema=bare)
    assert plan.steps[0].source.condition.field == "created_on"


def test_called_us_and_missed_call_are_other_types(condition):
    assert condition("called us").types == INCOMING_CALLS
    assert condition("missed call in 2026-04").types == MISSED_CALLS


def test_the_profile_says_what_called_means(condition):
    assert condition("called", call_types=("OUTGOING_CALL",)).types == ("OUTGOING_CALL",)


def test_an_action_by_code_name_and_prefix_is_the_same(condition):
    by = [condition(f"has action {name}").types for name in ("1001", '"site visit"', "ACTION_1001")]
    assert by == [("1001",)] * 3


def test_one_action_satisfies_all_of_its_phrase(condition):
    found = condition('has action 1001 with outcome = interested by "Agent@company.com" in 2026-04')
    assert found.types == ("1001",)
    assert found.by == ("agent@company.com",)
    assert found.having == (Having("outcome", FieldType.DROPDOWN, "Interested"),)
    assert found.window.first_day == "2026-04-01"


def test_payments_have_their_three_fields(condition):
    found = condition("has payment with status = completed, amount = 100")
    assert found == Activity(
        ("PAYMENT",),
        having=(
            Having("status", FieldType.DROPDOWN, "COMPLETED"),
            Having("amount", FieldType.MONEY, "100"),
        ),
    )


def test_presence_tags_and_texts(condition):
    assert condition("city is present") == Not(Missing("city", FieldType.TEXT))
    assert condition("city is missing") == Missing("city", FieldType.TEXT)
    assert condition('interests has all ["VIP", revive]') == HasTags("interests", "all", ("VIP", "Revive"))
    assert condition('name contains "rao"') == TextMatch("name", FieldType.TEXT, "contains", "rao")
    assert condition('phone ends with "98-11"').value == "9811"


def test_values_are_typed(condition):
    assert condition('phone = "+91 98111 11111"').value == "919811111111"
    assert condition("rating = 5").value == 5
    assert condition("visits = 2.5").value == 2.5
    assert condition("consent = TRUE").value is True
    assert condition("assignee = AGENT@company.com").value == "agent@company.com"


def test_a_label_in_backticks_is_its_field(condition):
    assert condition("`deal size` = 5").field == "deal_size"
    assert condition("`deal_size` = 5").field == "deal_size"


def test_archived_labels_and_former_members_can_be_searched_for(condition):
    assert condition('status = "Cold storage"').value == "Cold storage"
    assert condition('assignee = "gone@company.com"').value == "gone@company.com"
    assert condition('called by "gone@company.com"').by == ("gone@company.com",)


def test_a_define_is_written_out(condition):
    found = condition("matches cool and status = Won", "define cool as rating is missing or rating <= 3")
    assert isinstance(found.terms[0], Or)


def test_a_define_may_use_another(condition):
    found = condition("matches b", "define a as rating = 1\ndefine b as not matches a")
    assert found == Not(Equals("rating", FieldType.RATING, 1))


def test_params_stand_for_values_and_periods(condition):
    head = 'param who: phone = "98111 11111"\nparam month: period = April 2026\nparam day: date = 2026-04-01'
    assert condition("phone = $who", head).value == "919811111111"
    assert condition("created in $month", head).window.text == "April 2026"
    assert condition("created in $day", head).window.first_day == "2026-04-01"
    assert condition("lead_date = $day", head).window.first_day == "2026-04-01"


def test_a_period_given_on_the_command_line_is_read_as_one(condition):
    found = condition(
        "created in $month", "param month: period = April 2026", parameters={"month": "last 3 days"}
    )
    assert (found.window.text, found.window.moving) == ("last 3 days", True)


def test_no_condition_is_every_lead(compiling):
    plan = compiling.plan("find leads; set rating = 5")
    assert plan.steps[0].source.condition == Everything()


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("name < 5", "E220", "name < 5"),
        ("rating contains 5", "E220", "rating contains 5"),
        ("city has any [VIP]", "E220", "city has any [VIP]"),
        ("city in 2026-04", "E220", "city in 2026-04"),
        ("interests = VIP", "E221", "interests = VIP"),
        ("interests in [VIP]", "E221", "interests in [VIP]"),
        ("status = Wonn", "E206", "Wonn"),
        ("rating > 7", "E202", "7"),
        ("deal_size > lots", "E201", "lots"),
        ("lead_date = soon", "E205", "soon"),
        ("consent = maybe", "E201", "maybe"),
        ('assignee = "Asha Rao"', "E208", '"Asha Rao"'),
        ('called by "x@y.in"', "E208", '"x@y.in"'),
        ("has action Sitevisit", "E104", "Sitevisit"),
        ("has action OUTGOING_CAL", "E104", "OUTGOING_CAL"),
        ("has action 1001 with oucome = Interested", "E105", "oucome"),
        ("has action 1001 with Note = x", "E102", "Note"),
        ("has payment with status = DONE", "E206", "DONE"),
        ("Rating = 5", "E102", "Rating"),
        ("`Source` = x", "E103", "`Source`"),
        ("`No such` = x", "E101", "`No such`"),
        ("rating between 4 and 2", "E302", "rating between 4 and 2"),
        ("city = row.city", "E518", "row.city"),
        ("rating = 1 and visits = two", "E201", "two"),
    ],
)
def test_a_mistake_is_told_at_its_place(compiling, text, code, at):
    whole = f"find leads where {text}; set city = X"
    found = compiling(whole).diagnostics
    assert [d.code for d in found] == [code]
    assert whole[found[0].span.start : found[0].span.end] == at


def test_all_mistakes_come_at_once(compiling):
    codes = compiling.codes("find leads where ratng = 5 and status = Wonn; set phone = 1, visits = many")
    assert codes == ["E101", "E206", "E222", "E204", "E201"]


def test_a_wrong_case_is_a_warning_with_a_safe_fix(compiling):
    text = 'find leads where status = won and contact_source = "walk-in"; set status = "qualified"'
    compiled = compiling(text)
    assert [d.code for d in compiled.diagnostics] == ["W101"] * 3
    fixes = [d.fix.edits[0] for d in compiled.diagnostics]
    assert all(d.fix.safe for d in compiled.diagnostics)
    assert [fix.text for fix in fixes] == ["Won", '"Walk-in"', '"Qualified"']
    fixed = text
    for fix in reversed(fixes):
        fixed = fixed[: fix.span.start] + fix.text + fixed[fix.span.end :]
    assert compiling(fixed).diagnostics == ()
    assert compiling.plan(fixed).steps[0].source == compiled.plan.steps[0].source


def test_a_field_in_the_wrong_case_is_an_error_with_a_safe_fix(compiling):
    (found,) = compiling("find leads where Rating = 5; set city = X").diagnostics
    assert (found.code, found.severity, found.fix.safe, found.fix.edits[0].text) == (
        "E102",
        "error",
        True,
        "rating",
    )


def test_grouped_digits_get_a_fix(compiling):
    (found,) = compiling('find leads where deal_size > "1,00,000"; set city = X').diagnostics
    assert found.fix.edits[0].text.strip('"') == "100000"


def test_a_date_stays_an_error_when_unchecked(compiling):
    compiled = compiling("find leads where lead_date = soon; set city = X", unchecked=True)
    assert [(d.code, d.severity) for d in compiled.diagnostics] == [("E205", "error")]


def test_names_stay_errors_when_unchecked(compiling):
    codes = compiling.codes("find leads where ratting = 5; set phone = 1", unchecked=True)
    assert {"E101", "E222"} <= set(codes)
    assert compiling("find leads where ratting = 5; set city = X", unchecked=True).plan is None


def test_an_unknown_label_is_sent_as_written_when_unchecked(compiling):
    plan = compiling.plan("find leads where status = Wonn; set city = X", unchecked=True)
    assert plan.steps[0].source.condition.value == "Wonn"
