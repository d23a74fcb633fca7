"""Templates: what they may hold, where a mistake is shown, and what they render."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.analysis.render import LONGEST, TemplateMissing, render, rendered_value
from leadops.model.plan import Assign, Constant, Filter, Placeholder, Template
from leadops.model.schema import FieldType
from tests.analysis.conftest import NOW, SCHEMA, Compiling

HERE = datetime.fromtimestamp(NOW / 1000, ZoneInfo("Asia/Kolkata"))
FIND = "find leads where status = Won; set city = "


def template(text, head=""):
    value = Compiling().plan(f'{head}\n{FIND}"{text}"').steps[0].effects[0].assign.value
    assert isinstance(value, Template)
    return value


def shown(text, lead=None, row=None, params=None, head=""):
    return render(template(text, head), lead or {}, row or {}, params or {}, HERE)


def test_a_text_without_templates_is_a_constant(compiling):
    plan = compiling.plan(FIND + '"50 % } off {"')
    assert plan.steps[0].effects[0].assign.value == Constant("50 % } off {")


def test_names_attributes_and_filters_become_our_own_nodes():
    assert template("Dear {{ lead.name | trim | default('friend') }}!").parts == (
        "Dear ",
        Placeholder("lead", ("name",), (Filter("trim"), Filter("default", ("friend",)))),
        "!",
    )
    assert template("{{ lead['name'] }}").parts == (Placeholder("lead", ("name",)),)


def test_dates_are_shown_as_days_of_the_playbooks_zone():
    assert shown("{{ lead.lead_date }}", {"lead_date": 1_774_981_800_000}) == "2026-04-01"
    assert (
        shown("{{ lead.lead_date | date('DD/MM/YYYY') }}", {"lead_date": 1_774_981_800_000}) == "01/04/2026"
    )
    assert shown("{{ now }}") == "2026-05-02 09:30"
    assert shown("{{ now | date }}") == "2026-05-02"


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("{{ lead.deal_size | money }}", "1234567.5", "12,34,567.50"),
        ("{{ lead.deal_size | money('INR') }}", "100000", "INR 1,00,000"),
        ("{{ lead.deal_size | money('USD') }}", "1234567", "USD 1,234,567"),
        ("{{ lead.deal_size | money }}", "-999", "-999"),
        ("{{ lead.deal_size | round(1) }}", "2.25", "2.3"),
        ("{{ lead.deal_size | round }}", "2.5", "3"),
    ],
)
def test_numbers(text, value, expected):
    assert shown(text, {"deal_size": value}) == expected


def test_texts_and_tags():
    lead = {"name": "  asha RAO ", "interests": ("VIP", "Revive"), "rating": 5, "consent": True}
    assert shown("{{ lead.name | trim | title }}", lead) == "Asha Rao"
    assert shown("{{ lead.name | trim | upper }}/{{ lead.name | trim | lower }}", lead) == "ASHA RAO/asha rao"
    assert shown("{{ lead.interests }} {{ lead.rating }} {{ lead.consent }}", lead) == "VIP, Revive 5 true"


def test_params_and_constants():
    head = 'param who: text = "Asha"'
    assert shown("{{ param.who }} {{ 'x' | upper }}{{ 5 }}", params={"who": "Asha"}, head=head) == "Asha X5"


@pytest.mark.parametrize("lead", [{}, {"name": None}, {"name": "  "}, {"name": ""}])
def test_a_missing_name_is_no_empty_text(lead):
    with pytest.raises(TemplateMissing) as missing:
        shown("Dear {{ lead.name }}", lead)
    assert missing.value.name == "lead.name"
    assert missing.value.reason == "lead.name is missing"
    assert shown("Dear {{ lead.name | default('friend') }}", lead) == "Dear friend"


def test_what_a_filter_cannot_take_is_missing_too():
    with pytest.raises(TemplateMissing, match="no number"):
        shown("{{ lead.deal_size | money }}", {"deal_size": "lots"})


def test_data_is_never_rendered_again():
    assert shown("{{ lead.name }}", {"name": "{{ lead.phone }}"}) == "{{ lead.phone }}"


def test_the_output_is_bounded():
    with pytest.raises(TemplateMissing, match="longer"):
        shown("{{ lead.name }}", {"name": "x" * (LONGEST + 1)})


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("a {{ lead.naame }}", "E101", "naame"),
        ("a {{ lead.Name }}", "E102", "Name"),
        ("a {{ name }}", "E403", "name"),
        ("a {{ leed.name }}", "E403", "leed"),
        ("a {{ lead }}", "E402", "lead"),
        ("a {{ param.who }}", "E111", "who"),
        ("a {{ row.x }}", "E518", "row"),
        ("a {{ lead.name | capitalise }}", "E404", "capitalise"),
        ("a {{ lead.name | round }}", "E404", "round"),
        ("a {{ lead.name | date }}", "E404", "date"),
        ("a {{ lead.name | default }}", "E404", "default"),
        ("a {{ lead.name | upper(1) }}", "E404", "upper"),
        ("a {{ lead.name.upper() }}", "E402", "{{ lead.name.upper() }}"),
        ("a {{ lead.name ~ lead.city }}", "E402", "{{ lead.name ~ lead.city }}"),
        ("a {{ 'x' * 200000000 }}", "E402", "{{ 'x' * 200000000 }}"),
        ("a {{ lead.__class__ }}", "E101", "__class__"),
        ("a {{ lead.name | attr('x') }}", "E404", "attr"),
        ("a {% for x in y %}", "E402", "{%"),
        ("a {# c #}", "E402", "{#"),
        ("a {{- lead.name }}", "E402", "{{-"),
        ("a {{ lead.name", "E401", "{{"),
        ("a {{ }}", "E401", "{{ }}"),
        ("a {{ lead.name ? }}", "E401", "?"),
    ],
)
def test_a_mistake_is_shown_at_its_place(compiling, text, code, at):
    whole = f'{FIND}"{text}"'
    found = compiling(whole).diagnostics
    assert [d.code for d in found] == [code]
    assert whole[found[0].span.start : found[0].span.end] == at


def test_places_count_escapes_of_the_literal(compiling):
    whole = FIND + r'"\u0041\n\"\ud83d\ude00 {{ lead.naame }}"'
    (found,) = compiling(whole).diagnostics
    assert whole[found.span.start : found.span.end] == "naame"


def test_a_created_lead_has_nothing_to_read(compiling):
    assert compiling.codes('create lead with phone = 919811111111, city = "{{ lead.name }}"') == ["E403"]


def test_templates_are_checked_without_a_schema_too(compiling):
    codes = compiling.codes(FIND + '"{{ lead.anything | nope }}"', schema=None)
    assert codes == ["W104", "E404"]


def test_a_rendered_text_is_typed_for_its_field():
    zone = ZoneInfo("Asia/Kolkata")
    assert rendered_value("5", Assign("rating", FieldType.RATING, Constant("")), SCHEMA, zone) == 5
    assert rendered_value("won", Assign("status", FieldType.STATUS, Constant("")), SCHEMA, zone) == "Won"
    outcome = Assign("outcome", FieldType.DROPDOWN, Constant(""))
    assert rendered_value("interested", outcome, SCHEMA, zone, action="1001") == "Interested"
    with pytest.raises(TemplateMissing, match="1 to 5"):
        rendered_value("9", Assign("rating", FieldType.RATING, Constant("")), SCHEMA, zone)


pieces = st.sampled_from(
    ("{{", "}}", "{%", "%}", "{#", "#}", "lead", ".", "name", "|", "upper", "(", ")", "'x'", "[", "]", " ",
     "-", "5", "now", "{% raw %}", "9" * 5000, "\\n", "é", "~", "*", "1e999", "for", "not")
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(pieces, max_size=12))
def test_any_text_is_a_template_or_a_diagnostic(parts):
    text = "".join(parts)
    compiled = Compiling()(f'{FIND}"{text}"')
    assert compiled.plan is not None or compiled.has_errors


@settings(deadline=None)
@given(st.text(max_size=30))
def test_rendering_is_total(name):
    try:
        found = shown("{{ lead.name | title | trim | default('x') }}", {"name": name})
    except TemplateMissing:
        return
    assert len(found) <= LONGEST
