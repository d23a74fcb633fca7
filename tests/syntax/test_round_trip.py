"""What is printed parses to the same AST, is printed the same again, and keeps every comment."""

import re

from hypothesis import given, note, settings
from hypothesis import strategies as st

from leadops.syntax.formatter import format_source
from leadops.syntax.grammar.prescan import scan
from leadops.syntax.parser import parse
from leadops.syntax.printing.printer import print_condition, print_playbook
from tests.syntax import strategies


@settings(max_examples=120, deadline=None)
@given(strategies.playbooks)
def test_what_is_printed_parses_to_the_same_ast(playbook):
    text = print_playbook(playbook)
    parsed = parse(text)
    assert parsed.diagnostics == ()
    assert parsed.playbook == playbook
    assert print_playbook(parsed.playbook) == text


@settings(max_examples=80, deadline=None)
@given(strategies.conditions)
def test_a_printed_condition_keeps_its_structure(condition):
    parsed = parse(f"find leads where {print_condition(condition)}")
    assert parsed.diagnostics == ()
    assert parsed.playbook.items[0].statements[0].where == condition


_TOKENS = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|\s+|.', re.DOTALL)


@settings(max_examples=80, deadline=None)
@given(strategies.playbooks, st.data())
def test_formatting_keeps_the_meaning_and_every_comment_in_order(playbook, data):
    text = ""
    written = 0
    for token in _TOKENS.findall(print_playbook(playbook)):
        text += token
        if token.isspace() and data.draw(st.integers(0, 3)) == 0:
            text += f"# comment {written}\n" + data.draw(st.sampled_from(["", "\n", "  "]))
            written += 1
    note(text)
    formatted = format_source(parse(text))
    assert [c.text for c in scan(formatted).comments] == [f"# comment {i}" for i in range(written)]
    assert parse(formatted).playbook == playbook
    assert format_source(parse(formatted)) == formatted


def test_a_text_without_comments_is_formatted_as_it_is_printed():
    parsed = parse("set a 1;find leads where b=2 #\n".replace("#", ""))
    assert format_source(parsed) == print_playbook(parsed.playbook)


def test_a_text_with_errors_is_left_as_it_is():
    text = "find leads where\nset a   = 1\n"
    assert format_source(parse(text)) == text


def test_a_comment_inside_brackets_keeps_its_item():
    text = (
        "find leads where status in [Won, # happy\n  Lost # sad\n] and (city = Pune # near\n or city = Goa) # all\n"
        "set rating = 5\n"
    )
    assert format_source(parse(text)) == (
        "find leads where status in [\n    Won,  # happy\n    Lost  # sad\n  ]\n"
        "  and (\n    city = Pune  # near\n    or city = Goa\n  )  # all\nset rating = 5\n"
    )


def test_a_comment_outside_breaks_no_brackets():
    text = (
        "find leads where status in [Won, Lost]  # all\n  and (city = Pune or city = Goa)\nset rating = 5\n"
    )
    assert format_source(parse(text)) == text


def test_a_comment_behind_a_clause_stays_behind_it():
    text = 'add action 1001 with note = "x"  # text\n  once per lead  # for ever\n  key "k"  # by hand\n'
    assert format_source(parse(f"find leads where status = Won\n{text}")).endswith(text)
    text = 'for each row in csv "f.csv" {\n  match lead by phone = row.phone\n  columns must be phone,  # who\n    name  # what\n}\n'
    assert format_source(parse(text)) == text


def test_a_comment_behind_a_block_stays_on_its_line():
    text = "when a = 1 {\n  set b = 2\n} # else\notherwise {\n  set b = 3\n} # end\n"
    assert format_source(parse(f"find leads\n{text}")) == (
        "find leads\nwhen a = 1 {\n  set b = 2\n} otherwise {  # else\n  set b = 3\n}  # end\n"
    )


def test_cases_stand_behind_each_other():
    text = (
        "find leads where status = Won\nwhen a = 1 {\n  set b = 2\n} # one\notherwise # two\nwhen a = 2 {\n  set b = 3 # three\n"
        "# four\n} otherwise when a = 3 { set b = 1 } otherwise { set b = 4 }\n"
    )
    assert format_source(parse(text)) == (
        "find leads where status = Won\nwhen a = 1 {\n  set b = 2\n} otherwise when a = 2 {  # one\n  # two\n\n  set b = 3  # three\n"
        "  # four\n} otherwise when a = 3 {\n  set b = 1\n} otherwise {\n  set b = 4\n}\n"
    )


def test_cases_in_braces_of_their_own_stay_there():
    text = "find leads where status = Won\nwhen a = 1 {\n  set b = 2\n} otherwise {\n  when a = 2 {\n    set b = 3\n  }\n}\n"
    assert "otherwise {" in format_source(parse(text))
    assert (
        parse(text).playbook
        != parse(text.replace("otherwise {\n  when", "otherwise when").replace("  }\n}", "}")).playbook
    )


def test_there_are_not_too_many_cases():
    cases = " otherwise ".join(f"when a = {n} {{ set b = {n} }}" for n in range(1000))
    assert [d.code for d in parse(f"find leads where status = Won\n{cases}").diagnostics] == ["E015"]
