"""A field that is made from itself is an error, unless its form says that a second run changes nothing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.analysis.render import TemplateMissing, render
from leadops.model.plan import Filter, Placeholder, Template
from tests.analysis.test_templates import HERE, shown

FIND = "find leads where status = Won\n"


@pytest.mark.parametrize(
    "effect",
    [
        'set city = "{{ lead.city }} / Diwali"',
        'set city = " {{ lead.city }}"',
        'set city = "{{ lead.city }}{{ lead.city }}"',
        'set city = "{{ now }}: {{ lead.city | trim }}"',
        "set city = \"{{ lead['city'] }}!\", rating = 5",
        'set City2 = 5; set city = "{{ lead.city }}."',
        'when rating = 5 { set city = "{{ lead.city }} (hot)" }',
        'when rating = 5 { set rating = 4 } otherwise { set city = "{{ lead.city }} (cold)" }',
        "set city = \"{{ lead.city | upper | default('none') }}\"",
        'set interests = "{{ lead.interests }}"',
        'add "{{ lead.interests }}" to interests',
        'set city = "{{ lead.name }}, x", name = "{{ lead.city }}, y"',
        'set city = "{{ lead.name }}"; set name = "{{ lead.email }} a"; set email = "{{ lead.city }}"',
    ],
)
def test_a_text_that_is_made_from_its_own_field_is_an_error(compiling, effect):
    assert "E450" in compiling.codes(FIND + effect)


def test_a_row_does_not_make_it_better(compiling):
    text = 'for each row in csv "a.csv" { match lead by phone = row.phone }\nset city = "{{ lead.city }} {{ row.x }}"'
    assert compiling.codes(text, files={"a.csv": "phone,x\n9876543210,new\n"}) == ["E450"]


@pytest.mark.parametrize(
    "effect",
    [
        'set city = "{{ lead.city | trim | title }}"',
        'set city = "{{ lead.city | trim | upper }}"',
        "set city = \"{{ lead.city | default('Pune') }}\"",
        "set city = \"{{ lead.city | default('NONE') | upper }}\"",
        'set deal_size = "{{ lead.deal_size | round(1) }}"',
        'set lead_date = "{{ lead.lead_date }}"',
        'set city = "{{ lead.name }} / Diwali"',
        'set city = "{{ lead.name }}", homepage = "{{ lead.city }}"',
        'when city is missing { set city = "{{ lead.name }}" }; when name is missing { set name = "{{ lead.city }}" }',
        'add action 1001 with note = "{{ lead.city }} / Diwali"',
        'remove "{{ lead.city }}" from interests',
    ],
)
def test_what_comes_to_rest_is_no_error(compiling, effect):
    assert compiling.codes(FIND + effect) == []


def test_the_help_names_what_the_language_has_today(compiling):
    (found,) = compiling(FIND + 'set city = "{{ lead.city }} / Diwali"').diagnostics
    assert "add action CODE with note" in found.help
    assert not re.search(r"\bappend\b", found.help)


settling = st.sampled_from(
    [Filter(name) for name in ("trim", "title", "upper", "lower")] + [Filter("round", (n,)) for n in (0, 2)]
)


@settings(deadline=None)
@given(st.lists(settling, max_size=4), st.text(max_size=8) | st.decimals(-9999, 9999, places=3).map(str))
def test_settling_filters_change_nothing_the_second_time(filters, text):
    template = Template((Placeholder("lead", ("city",), tuple(filters)),), "")
    try:
        once = render(template, {"city": text}, {}, {}, HERE)
    except TemplateMissing:
        return
    assert render(template, {"city": once}, {}, {}, HERE) == once


def test_an_empty_default_is_an_empty_text():
    assert shown("Dear {{ lead.name | default('') }}!") == "Dear !"
    assert shown("{{ lead.name | default('') }}") == ""
    assert shown("{{ lead.name | default('') | title }}", {"name": "asha"}) == "Asha"
    assert shown("{{ lead.name | trim | default('') | default('x') }}") == ""
