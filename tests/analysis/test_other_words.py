"""A bare word that names something else than its letters is asked about, and only such a word."""

import pytest

from leadops.core.trials import edited

FIND = "find leads where status = Won\n"
ROWS = 'for each row in csv "a.csv" { match lead by phone = row.phone }\n'
FILE = {"a.csv": "phone,city,full_name,Met on\n9876543210,Pune,x,y\n"}


@pytest.mark.parametrize(
    ("word", "readings"),
    [
        ("name", ('"name"', '"{{ lead.name }}"')), ("Name", ('"Name"', '"{{ lead.name }}"')), ("CITY", ('"CITY"', '"{{ lead.city }}"')),
        ("deal_size", ('"deal_size"', '"{{ lead.deal_size }}"')), ("today", ('"today"', "\"{{ now | date('YYYY-MM-DD') }}\"")),
        ("Today", ('"Today"', "\"{{ now | date('YYYY-MM-DD') }}\"")), ("now", ('"now"', '"{{ now }}"')), ("town", ('"town"', "$town")),
        ("tomorrow", ('"tomorrow"',)), ("yesterday", ('"yesterday"',)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("effect", ["set source_a = {}", "add action 1001 with note = {}", "add {} to interests", "set interests = [{}]",
                                    "when rating = 1 {{ set source_a = {} }}", "update action 1001 with note = {}"])  # fmt: skip
def test_an_effect_asks_which_is_meant(compiling, word, readings, effect):
    head = 'param town: text = "x"\n' + FIND + 'set source_b = "{{ param.town }}"\n'
    (one,) = compiling(head + effect.format(word)).diagnostics
    assert one.code == "E231"
    assert one.help == "write " + " or ".join(readings)
    for right in readings:
        if "[" in effect and "{{" in right:
            continue  # lists hold plain values
        assert set(compiling.codes(head + effect.format(right))) <= {"W106", "E450"}


@pytest.mark.parametrize(
    "said", ["city = name", "city != Name", "city in [Pune, today]", "city contains name", "homepage = tomorrow", "city starts with town",
             "has action 1001 with note = city", "interests has any [city]"],
)  # fmt: skip
def test_a_condition_asks_for_quotes(compiling, said):
    text = f'param town: text = "x"\nfind leads where status = Won and {said}\nset source_a = $town'
    (one,) = compiling(text).diagnostics
    assert one.code == "E231"
    span = one.span
    word = text[span.start : span.end]
    assert compiling.codes(f'{text[: span.start]}"{word}"{text[span.end :]}') in ([], ["W106"])


@pytest.mark.parametrize(
    "said",
    [
        "set city = Pune",
        "set source_a = Won",
        'set source_a = "city"',
        "set city = names",
        "set city = May",
        "set city = Monday",
    ],
)
def test_ordinary_words_are_letters(compiling, said):
    assert compiling.codes(FIND + said) == []


def test_a_label_is_the_label(compiling, schema):
    from dataclasses import replace

    options = tuple(
        replace(field, options=(*field.options, "City"))
        if field.api_name in {"contact_source", "interests"}
        else field
        for field in schema.fields
    )
    named = replace(schema, fields=options)
    assert compiling.codes(FIND + "set contact_source = City; add City to interests", schema=named) == []


def test_a_new_option_may_be_named_like_a_field_only_in_quotes(compiling):
    assert compiling.codes(FIND + "set contact_source = city\nallow new option") == ["E231"]
    assert compiling.codes(FIND + 'set contact_source = "city"\nallow new option') == []


def test_a_column_is_one_of_the_readings(compiling):
    found = compiling(ROWS + "set source_a = full_name, source_b = city, city = Pune", files=FILE).diagnostics
    assert [(one.code, one.help) for one in found] == [
        ("E231", 'write "full_name" or row.full_name'),
        ("E231", 'write "city" or row.city or "{{ lead.city }}"'),
    ]


def test_a_lead_that_is_being_made_has_no_field_to_read(compiling):
    (one,) = compiling("create lead with phone = 919811111111, name = city").diagnostics
    assert (one.code, one.help) == ("E231", 'write "city"')


@pytest.mark.parametrize(
    ("said", "right"),
    [("lead_date = today", "lead_date in today"), ("lead_date != Yesterday", "not lead_date in yesterday"), ("created = today", "created in today")],
)  # fmt: skip
def test_a_date_is_compared_with_a_day_that_moves_as_a_period(compiling, said, right):
    text = f"find leads where {said}\nset rating = 5"
    (one,) = compiling(text).diagnostics
    assert one.code == "E205"
    assert edited(text, one.fix.edits) == f"find leads where {right}\nset rating = 5"
    assert compiling.codes(edited(text, one.fix.edits)) == []


@pytest.mark.parametrize(
    "said",
    [
        "lead_date < today",
        "created >= tomorrow",
        "lead_date between today and tomorrow",
        "lead_date in [today]",
    ],
)
def test_other_days_that_move_lead_to_a_param(compiling, said):
    found = compiling(f"find leads where {said}\nset rating = 5").diagnostics
    assert {one.code for one in found} == {"E205"}
    assert "param day: date" in found[0].help


def test_a_date_that_is_set_to_today_is_a_template(compiling):
    (one,) = compiling(FIND + "set lead_date = today").diagnostics
    assert (one.code, one.help) == ("E205", "write \"{{ now | date('YYYY-MM-DD') }}\"")
    assert compiling.codes(FIND + "set lead_date = \"{{ now | date('YYYY-MM-DD') }}\"") == []


# ── wildcards ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ('city = "Tata*"', 'city starts with "Tata"'), ('city = "*tata*"', 'city contains "tata"'), ('city = "%tata%"', 'city contains "tata"'),
        ('city != "*motors"', 'not city ends with "motors"'), ('city in ["Tata*"]', 'city starts with "Tata"'), ('city = "*"', "city is present"),
        ('city != "%"', "not city is present"), ('city not in ["Tata.*"]', 'not city starts with "Tata"'), ('phone = "98765*"', 'phone starts with "98765"'),
        ('email = "*@gmail.com"', 'email ends with "@gmail.com"'), ("city = $who", 'city starts with "A"'),
    ],
)  # fmt: skip
def test_a_wildcard_leads_to_the_test_that_is_meant(compiling, said, right):
    text = f'param who: text = "A*"\nfind leads where status = Won and {said}\nset source_a = $who'
    (one,) = compiling(text).diagnostics
    assert one.code == "E232"
    assert f"and {right}\n" in edited(text, one.fix.edits)
    assert compiling.codes(edited(text, one.fix.edits)) == []


@pytest.mark.parametrize(
    "text", ["5*", "50%", "up to 10 %", "a*b", "*** VIP ***", "50% off", "A + B", "What?"]
)
def test_signs_that_are_no_wildcards_are_letters(compiling, text):
    assert compiling.codes(f'find leads where city = "{text}" or city in ["{text}"]\nset rating = 5') == []


def test_one_wildcard_of_a_list_is_named(compiling):
    (one,) = compiling('find leads where city in [Pune, "Mum*"]\nset rating = 5').diagnostics
    assert (one.code, one.fix, 'city starts with "Mum"' in one.help) == ("E232", None, True)


def test_a_star_is_set_as_it_is(compiling):
    assert compiling.codes(FIND + 'set city = "Tata*"') == []
