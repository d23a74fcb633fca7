"""What a spreadsheet writes where it has no value is no value, in any place where one can stand."""

import pytest

from leadops.core.cells import is_broken_cell, means_nothing

BROKEN = [
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#DIV/0!",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
]
CSV = 'for each row in csv "new.csv" { match lead by phone = row.phone }\n'


def told(compiling, data, effects, **options):
    return compiling(CSV + effects, files={"new.csv": data}, **options)


@pytest.mark.parametrize("text", BROKEN)
def test_signs_of_failed_formulas_are_known_padded_in_any_case_and_with_invisible_marks(text):
    assert all(
        is_broken_cell(t)
        for t in (text, f"  {text} ", text.lower(), text.title(), f"\u200b{text}\u200f", f"'{text}")
    )


@pytest.mark.parametrize(
    "text", ["#NV", "#BEZUG!", "#¡VALOR!", "#NOM?", "#ССЫЛКА!", "＃N/A", "#####", "Err:502", "#ERROR!"]
)
def test_other_languages_and_programs_write_it_in_their_way(text):
    assert is_broken_cell(text)


@pytest.mark.parametrize(
    "text", ["", "Flat #3", "#1 Baker Street", "#home", "N/A", "see #REF! below", "12:30", "#", "C#"]
)
def test_other_texts_are_not_taken_for_broken(text):
    assert not is_broken_cell(text)


@pytest.mark.parametrize(
    "text", ["NULL", "nan", "None", "N/A", "n/a", "-", "–", "NaN", "<NA>", "\\N", "(null)", " nil "]
)
def test_words_for_nothing_are_known_alone_in_a_cell(text):
    assert means_nothing(text)


@pytest.mark.parametrize("text", ["", "Nan Kumar", "None of these", "null and void", "0", "no", "A-"])
def test_other_texts_are_not_taken_for_nothing(text):
    assert not means_nothing(text)


@pytest.mark.parametrize(
    ("column", "effects"),
    [
        ("name", "set name = row.x"),
        ("rating", "set rating = row.x"),
        ("deal_size", "set deal_size = row.x"),
        ("lead_date", "set lead_date = row.x"),
        ("contact_source", "set contact_source = row.x"),
        ("contact_source", "set contact_source = row.x\nallow new option"),
        ("status", "set status = row.x"),
        ("assignee", "set assignee = row.x"),
        ("interests", "set interests = row.x"),
        ("homepage", "set homepage = row.x"),
        ("consent", "set consent = row.x"),
        ("note", "add action 1001 with note = row.x"),
        ("template", 'set city = "{{ row.x }}"'),
        ("part of a template", 'set city = "In {{ row.x | title }}"'),
    ],
)
def test_a_broken_cell_is_an_error_in_every_column_that_is_used(compiling, column, effects):
    compiled = told(compiling, "phone,x,unused\n9811111111,#N/A,#REF!\n", effects)
    assert compiled.plan is None
    assert [d.code for d in compiled.diagnostics if d.severity == "error"] == ["E440"], column
    (found,) = [d for d in compiled.diagnostics if d.code == "E440"]
    assert found.message.startswith("new.csv, row 2, column x: “#N/A”")
    assert found.span.file == "new.csv"


def test_a_broken_key_and_a_broken_tag_among_others_are_errors(compiling):
    assert [d.code for d in told(compiling, "phone,x\n#N/A,A\n", "set name = row.x").diagnostics] == ["E440"]
    found = told(compiling, "phone,x\n9811111111,VIP; #N/A\n", "set interests = row.x").diagnostics
    assert [d.code for d in found] == ["E440"]


@pytest.mark.parametrize(
    "text",
    [
        'find leads where city = "{0}"\nset rating = 5',
        'find leads where city in ["{0}", Pune]\nset rating = 5',
        'find leads where city != "{0}" and status = Won\nset rating = 5',
        'find leads where phone = "{0}"\nset rating = 5',
        'find leads where status = Won\nset city = "{0}"',
        'find leads where status = Won\nset deal_size = "{0}"',
        'find leads where status = Won\nadd action 1001 with note = "{0}"',
        'create lead with phone = 9811111111, name = "{0}"',
        'param town: text = "{0}"\nfind leads where status = Won\nset city = $town',
        'param town: text = "{0}"\nfind leads where status = Won\nset city = "in {{{{ param.town }}}}"',
    ],
)
@pytest.mark.parametrize("value", ["#REF!", " #n/a "])
def test_it_is_an_error_in_conditions_params_and_values(compiling, text, value):
    compiled = compiling(text.format(value))
    assert compiled.plan is None
    assert "E440" in [d.code for d in compiled.diagnostics]
    assert compiling(text.format(value), unchecked=True).plan is not None


def test_a_param_from_the_command_line_is_named(compiling):
    text = "param town: text\nfind leads where status = Won\nset city = $town"
    (found,) = compiling(text, parameters={"town": "#VALUE!"}).diagnostics
    assert (found.code, found.message.partition(":")[0]) == ("E440", "-p town")


def test_leads_that_hold_it_are_found_as_the_help_says(compiling):
    (found,) = compiling('find leads where city = "#REF!"\nset city = Pune').diagnostics
    assert 'city contains "#REF!"' in found.help
    assert compiling.codes('find leads where city contains "#REF!" and status = Won\nset city = Pune') == []


def test_a_label_of_the_workspace_is_a_label(compiling, schema):
    from dataclasses import replace

    fields = tuple(
        replace(f, options=(*f.options, "#N/A")) if f.api_name == "contact_source" else f
        for f in schema.fields
    )
    text = 'find leads where contact_source = "#N/A"\nset rating = 5'
    assert compiling.codes(text, schema=replace(schema, fields=fields)) == []


@pytest.mark.parametrize("cell", ["NULL", "nan", "None", "N/A", "-", "n/a"])
def test_a_word_for_nothing_alone_in_a_cell_is_a_warning(compiling, cell):
    compiled = told(compiling, f"phone,x\n9811111111,{cell}\n", 'set name = row.x, city = "{{ row.x }}"')
    assert [(d.code, d.severity) for d in compiled.diagnostics] == [("W141", "warning")]
    assert compiled.plan.steps[0].source.rows[0].values["x", "name"] == cell


@pytest.mark.parametrize("field", ["rating", "lead_date", "consent", "status"])
def test_where_it_is_no_value_the_help_says_to_leave_the_cell_blank(compiling, field):
    (found,) = told(compiling, "phone,x\n9811111111,nan\n", f"set {field} = row.x").diagnostics
    assert (found.code, found.help) == ("E437", "leave the cell blank to leave the field as it is")


def test_many_words_for_nothing_are_counted(compiling):
    data = "phone,x\n" + "".join(f"98111{n:05},nan\n" for n in range(100))
    found = told(compiling, data, "set name = row.x").diagnostics
    assert [d.code for d in found] == ["W141"] * 4
    assert any("97 more" in d.message for d in found)


def test_unused_columns_may_hold_anything(compiling):
    assert told(compiling, "phone,name,x\n9811111111,A,#N/A\n", "set name = row.name").diagnostics == ()


def test_unchecked_sends_it_as_it_stands(compiling):
    compiled = told(compiling, "phone,x\n9811111111,#N/A\n", "set name = row.x", unchecked=True)
    assert [(d.code, d.severity) for d in compiled.diagnostics] == [("E440", "warning")]
    assert compiled.plan.steps[0].source.rows[0].values["x", "name"] == "#N/A"
