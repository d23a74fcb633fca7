"""Null, an empty text, blanks, an empty list and an empty param are one thing: no value."""

import pytest

from leadops.core.text import is_blank
from leadops.core.trials import edited
from leadops.model.plan import ClearField, When
from leadops.model.schema import FieldType

FIND = "find leads where status = Won\n"
TOWN = 'param town: text = ""\n'


@pytest.mark.parametrize(
    ("effect", "name"),
    [
        ('city = ""', "city"), ('city = " "', "city"), ('city to "\\u00a0\\u200b"', "city"), ('city "\\t"', "city"),
        ("city = $town", "city"), ("interests = []", "interests"), ('interests = [""]', "interests"), ('interests = ""', "interests"),
        ("rating = null", "rating"), ("rating = None", "rating"), ('rating = ""', "rating"), ("email = nil", "email"),
        ("status = empty", "status"), ("assignee = none", "assignee"), ("lead_date = blank", "lead_date"), ("consent = null", "consent"),
        ("deal_size = none", "deal_size"), ("contact_source = blank", "contact_source"), ("interests = none", "interests"),
        ("homepage = $town", "homepage"), ("lost_reason = nil", "lost_reason"), ('`Deal size` = ""', "deal_size"),
    ],
)  # fmt: skip
def test_setting_nothing_is_clearing(compiling, effect, name):
    plan = compiling.plan(f"{TOWN}{FIND}set {effect}, source_a = $town")
    first, _ = plan.steps[0].effects
    assert isinstance(first, ClearField)
    assert first.name == name


def test_it_is_clearing_inside_of_when_too(compiling):
    (when,) = compiling.plan(f'{FIND}when rating = 1 {{ set city = "" }}').steps[0].effects
    assert isinstance(when, When)
    assert when.then == (ClearField("city", FieldType.TEXT),)


def test_what_cannot_be_cleared_cannot_be_set_to_nothing(compiling):
    assert compiling.codes(FIND + 'set phone = ""') == ["E222"]
    assert compiling.codes(FIND + 'set campaign = ""') == ["E223"]
    assert compiling.codes(FIND + 'set city = "", city = Pune') == ["E504"]


@pytest.mark.parametrize("word", ["null", "None", "nil", "empty", "BLANK", "missing", "undefined"])
@pytest.mark.parametrize("field", ["city", "homepage"])
def test_a_bare_word_on_a_text_has_two_readings(compiling, word, field):
    (one,) = compiling(f"{FIND}set {field} = {word}").diagnostics
    assert one.code == "E230"
    assert f'"{word}"' in one.help
    assert f"clear {field}" in one.help
    assert compiling.codes(f'{FIND}set {field} = "{word}"') in ([], ["W112"])
    assert compiling.codes(f"{FIND}clear {field}") == []


def test_a_label_of_that_name_is_the_label(compiling, schema):
    from dataclasses import replace

    from leadops.model.schema import Label

    named = replace(schema, statuses=(*schema.statuses, Label("None", "OPEN")))
    assert compiling.codes(FIND + "set status = none", schema=named) == ["W101"]
    assert compiling.codes("find leads where status = None\nset rating = 5", schema=named) == []
    assert compiling.codes("find leads where status in [None, Won]\nset rating = 5", schema=named) == []


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ('city = ""', "city is missing"), ('city != ""', "city is present"), ('city = " \\u00a0"', "city is missing"),
        ("city = null", "city is missing"), ("city != none", "city is present"), ("city = missing", "city is missing"),
        ("rating = nil", "rating is missing"), ('rating != ""', "rating is present"), ("city = $town", "city is missing"),
        ("city != $town", "city is present"), ("status = blank", "status is missing"), ("lead_date = empty", "lead_date is missing"),
        ('lead_date != ""', "lead_date is present"), ('deal_size > ""', "deal_size is present"), ("deal_size <= null", "deal_size is present"),
        ('city in [""]', "city is missing"), ("city not in [null, none]", "city is present"),
        ('city in ["", Pune]', "(city is missing or city in [Pune])"), ("city not in [Pune, $town]", "(city is present and city not in [Pune])"),
        ("deal_size between null and 5", "deal_size is present"), ('city contains ""', "city is present"),
        ("city starts with $town", "city is present"), ('interests has any [""]', "interests is missing"),
        ('interests has all [VIP, ""]', "interests has all [VIP]"), ("assignee = none", "assignee is missing"),
        ("phone = null", "phone is missing"), ('`Deal size` = ""', "`Deal size` is missing"), ("created != null", "created is present"),
    ],
)  # fmt: skip
def test_comparing_with_nothing_names_what_asks_for_it(compiling, said, right):
    text = f"{TOWN}find leads where visits > 5 and {said}\nset rating = 5, source_a = $town"
    (one,) = compiling(text).diagnostics
    assert one.code == "E230"
    assert right in one.help
    assert f"and {right}\n" in edited(text, one.fix.edits)
    assert set(compiling.codes(edited(text, one.fix.edits))) <= {"W120"}


def test_a_word_in_quotes_is_a_text_to_compare_with(compiling):
    assert compiling.codes('find leads where city in ["null", "none", "-"]; set rating = 5') == []
    assert compiling.codes('find leads where city = "missing"; set rating = 5') == []


@pytest.mark.parametrize(
    "text",
    [
        FIND + 'add "" to interests', FIND + "remove none from interests", FIND + 'set interests = [VIP, ""]',
        FIND + 'add action 1001 with note = ""', FIND + "add action 1001 with note = none", FIND + "add action 1001 with outcome = null",
        FIND + 'update action 1001 with note = " "', FIND + 'update payment with status = ""', TOWN + FIND + "add action 1001 with note = $town",
        'find leads where has action 1001 with note = ""; set rating = 5', "find leads where has action 1001 with outcome = none; set rating = 5",
        'create lead with phone = 919811111111, city = ""', "create lead with phone = 919811111111, city = none",
        'create lead with phone = 919811111111; set city = ""', 'upsert lead by phone with phone = 919811111111, city = ""',
        'create lead with phone = ""', "param town: text = none\nfind leads where city = $town; set rating = 5",
        'find leads where status = Won; notify "sales" with " "',
    ],
)  # fmt: skip
def test_nothing_where_a_value_is_needed(compiling, text):
    assert compiling.codes(text, notify_names=frozenset({"sales"})) == ["E230"]


def test_a_test_may_say_that_a_field_is_missing(compiling):
    text = (
        'step "a" { find leads where city is missing; clear rating }\n'
        'test "t" { given lead with phone = 911111111111, city = "", rating = 4\n'
        'step "a" matches 1 lead\nlead 911111111111 would have rating = null, lead_date = "" }'
    )
    assert compiling.codes(text) == []
    assert compiling.codes(text.replace('city = ""', "city = null")) == ["E230"]


def test_a_blank_cell_leaves_the_field_as_it_is(compiling):
    text = 'for each row in csv "a.csv" { match lead by phone = row.phone }\nset city = row.city, rating = row.rating'
    plan = compiling.plan(text, files={"a.csv": "phone,city,rating\n9876543210,\u200b,\u00a0\n"})
    (row,) = plan.steps[0].source.rows
    assert list(row.values) == [("phone", "phone")]


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0", "\u200b\ufeff", "\u3164", "\u2800", "\u200d"])
def test_what_cannot_be_seen_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["-", ".", "0", "नी", "👨‍👩‍👧", "a\u200d"])
def test_what_can_be_seen_is_not_blank(text):
    assert not is_blank(text)
