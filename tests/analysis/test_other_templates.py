"""Letters that look like another tool's template are told of, and only these."""

import pytest

from leadops.analysis.compiler import Compiled
from leadops.core.trials import edited

FIND = "find leads where status = Won\n"


def told(compiled: Compiled) -> list[tuple[str, str]]:
    source = compiled.sources["main.lead"]
    return [(d.code, source[d.span.start : d.span.end]) for d in compiled.diagnostics if d.span]


@pytest.mark.parametrize(
    ("letters", "right"),
    [
        ("{name}", "lead.name"), ("{lead.name}", "lead.name"), ("${lead.city}", "lead.city"), ("%name%", "lead.name"),
        ("<name>", "lead.name"), ("[[name]]", "lead.name"), ("#{name}", "lead.name"), ("$lead.city", "lead.city"),
        ("$name", "lead.name"), ("{Name}", "lead.name"), ("{ Deal size }", "lead.deal_size"), ("<<name>>", "lead.name"),
        ("%%name%%", "lead.name"), ("{!name}", "lead.name"), ("<%= name %>", "lead.name"), ("*|NAME|*", "lead.name"),
        ("«name»", "lead.name"), ("%(name)s", "lead.name"), ("{who}", "param.who"), ("$who", "param.who"), ("{now}", "now"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("effect", ['set source_a = "x {}"', 'add action 1001 with note = "x {}"', 'notify "sales" with "x {}"',
                                    'add "x {}" to interests'])  # fmt: skip
def test_a_name_that_is_there_is_an_error_with_its_fix(compiling, letters, right, effect):
    text = f'param who: text = "Asha"\n{FIND}{effect.format(letters)}\nset homepage = "http://{{{{ param.who }}}}"'
    found = compiling(text, notify_names=frozenset({"sales"}))
    assert told(found) == [("E451", letters)]
    (one,) = found.diagnostics
    assert one.fix.edits[0].text == f"{{{{ {right} }}}}"
    assert f"{{{{ {right} }}}}" in one.help


@pytest.mark.parametrize(
    "letters", ["$agent", "${agent}", "%agent%", "[[agent]]", "#{agent}", "%(agent)s", "*|FNAME|*"]
)
def test_a_name_that_nothing_has_is_a_warning(compiling, letters):
    found = compiling(f'{FIND}set city = "Called by {letters}"')
    assert told(found) == [("W130", letters)]
    assert found.plan is not None


@pytest.mark.parametrize(
    "plain",
    ["$500 off", "50% off", "50% off, 20% more", "{urgent}", "a < b", "a < b and c > d", "<b>hi</b>", "[VIP]", "US$ 5",
     "A$AP", "5%or6%", "C# {1}", "{}", "x = {a: 1}", "Asha <asha@company.com>", "100%", "#1 (new) *|* <3", "{ }"],
)  # fmt: skip
def test_ordinary_signs_are_letters(compiling, plain):
    assert compiling.codes(f'{FIND}set city = "{plain}"') == []


def test_one_pair_of_square_brackets_is_only_a_warning(compiling):
    assert told(compiling(f'{FIND}set city = "met [phone]"')) == [("W130", "[phone]")]


def test_letters_that_are_meant_stand_in_a_constant(compiling):
    assert compiling.codes(FIND + """set city = "{{ '{name}' }} and {{ '$agent' }}" """) == []


def test_letters_beside_a_template_are_told_of(compiling):
    found = compiling(f'{FIND}set city = "\\"{{{{ lead.name }}}}\\" in {{city}}x{{rating}}"')
    assert told(found) == [("E451", "{city}"), ("E451", "{rating}")]


def test_a_column_of_the_list_is_a_name(compiling):
    text = 'for each row in csv "a.csv" { match lead by phone = row.phone }\nset city = "{tier} {Met on} {none} $tier"'
    found = compiling(text, files={"a.csv": "phone,tier,Met on\n9876543210,gold,x\n"})
    assert [d.fix.edits[0].text for d in found.diagnostics] == [
        "{{ row.tier }}",
        "{{ row['Met on'] }}",
        "{{ row.tier }}",
    ]
    assert {d.code for d in found.diagnostics} == {"E451"}


def test_a_lead_that_is_being_created_has_no_names_yet(compiling):
    found = compiling('create lead with phone = 9876543210, name = "{name}"')
    assert told(found) == [("W130", "{name}")]
    assert "lead.name" not in found.diagnostics[0].help


def test_without_a_schema_only_what_says_lead_is_told_of(compiling):
    found = compiling(f'{FIND}set city = "{{lead.name}} {{name}}"', schema=None)
    assert told(found) == [("W130", "{lead.name}")]


def test_the_fix_removes_the_error(compiling):
    text = f'{FIND}set city = "\\u0041 {{name}} %rating%"'
    found = compiling(text).diagnostics
    assert [d.code for d in found] == ["E451", "E451"]
    assert compiling.codes(edited(text, [edit for d in found for edit in d.fix.edits])) == []


def test_a_name_in_braces_without_its_root_has_a_fix(compiling):
    text = f'{FIND}set city = "{{{{name}}}}"'
    (one,) = compiling(text).diagnostics
    assert one.code == "E403"
    assert compiling.codes(edited(text, one.fix.edits)) == []


@pytest.mark.parametrize("letters", ["#name#", "@city@", "|Name|", "~rating~"])
def test_a_name_between_two_signs_is_a_warning_where_it_is_there(compiling, letters):
    assert told(compiling(f'{FIND}set city = "met {letters}, #vip# a@name@b"')) == [("W130", letters)]


def test_a_whole_text_that_is_a_reference_is_an_error_and_one_among_others_a_warning(compiling):
    (one,) = compiling(f'{FIND}set source_a = "lead.city"').diagnostics
    assert (one.code, one.fix.edits[0].text) == ("E451", "{{ lead.city }}")
    assert told(
        compiling(f'{FIND}set source_a = "of lead.city, www.lead.city.in, lead.nothing, x@lead.city"')
    ) == [("W130", "lead.city")]


def test_braces_that_close_nothing_are_told_of(compiling):
    assert told(compiling(f'{FIND}set city = "Hello name }}}}"')) == [("W130", "}}")]
    assert compiling.codes(f'{FIND}set city = "{{\\"a\\": {{\\"b\\": 1}}}}"') == []
    assert compiling.codes(f'{FIND}set city = "{{{{ lead.name }}}} }}"') == []


def test_too_many_braces_have_a_fix(compiling):
    text = f'{FIND}set city = "Hello {{{{{{ lead.name }}}}}}"'
    (one,) = compiling(text).diagnostics
    assert (one.code, one.fix.edits[0].text) == ("E401", "{{ lead.name }}")
    assert compiling.codes(edited(text, one.fix.edits)) == []


@pytest.mark.parametrize("letters", ["{name}", "${x}", "{{ lead.name }}", "%city%"])
def test_a_param_is_not_filled_in(compiling, letters):
    head = f'param hello: text = "Hello {letters}"\n{FIND}'
    for effect in (
        "set city = $hello",
        'set city = "{{ param.hello }}"',
        "add action 1001 with note = $hello",
    ):
        found = compiling(head + effect)
        (one,) = found.diagnostics
        assert (one.code, letters in one.message) == ("W130", True)
        assert found.plan is not None
    assert compiling.codes(head.replace(letters, "{you}") + "set city = $hello") == []


def test_a_cell_is_not_filled_in(compiling):
    text = 'for each row in csv "a.csv" { match lead by phone = row.phone }\nset city = row.city, source_a = "x {{ row.note }}", rating = row.rating'
    file = "phone,city,note,rating\n9876543210,Pune,[VIP] {x},5\n9876543211,{name},${who},4\n9876543212,{name},{{ lead.city }},4\n"
    found = compiling(text, files={"a.csv": file})
    assert [(d.code, d.message) for d in found.diagnostics] == [
        ("W130", "a.csv, row 3, column city: “{name}” is written letter for letter"),
        ("W130", "a.csv, row 3, column note: “${who}” is written letter for letter"),
    ]
    assert found.plan is not None
