"""The grammar is a document that agrees with the code: no conflicts, a builder for each rule, the same lexing as Lark's."""

import logging
import re
import subprocess
import sys

import lark
import pytest
from lark.parsers.lalr_analysis import Shift

from leadops.syntax.building import conditions, files, periods, statements, values
from leadops.syntax.grammar import parse_tables as tables
from leadops.syntax.grammar import prescan as scan
from leadops.syntax.grammar import table_cache as packing
from leadops.syntax.grammar.source_text import Source
from leadops.syntax.printing import wording
from leadops.syntax.recovering_parser import Reader
from tests.syntax.corpus import VALID

GRAMMAR = tables.grammar_text()


def productions():
    """Return rule → its production, as the grammar's text has them."""
    text = re.sub(r"^//.*\n", "", GRAMMAR, flags=re.MULTILINE)
    found = re.findall(r"^(_?[a-z_]+): (.*(?:\n +[|].*|\n +\w.*)*)", text, re.MULTILINE)
    return {name: " ".join(body.split()) for name, body in found}


BUILDERS = {
    **{rule: f for m in (conditions, files, periods, statements) for rule, f in m.RULES.items()},
    **statements._CONTRACT, **files._LIMITS, **files._TESTS,
    "playbook": files.playbook, "condition": conditions.condition, "assignment": values.assignment,
    "by": conditions.by, "within": conditions.within, "once": statements.once, "key": statements.key,
    "given_call": files.given_call, "given_action": files.given_action,
    "_operand": conditions.operand, "_value": values.value, "_field": values.field, "_assignments": values.assignments,
    "_default": periods.default,
}  # fmt: skip
WITHIN_OTHERS = {"match_by", "list", "where_equal", "with_equal", "block", "by_one", "at"}
"""Rules that the builder of their parent reads."""


def test_the_tables_have_no_conflict(caplog):
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.Lark(
            GRAMMAR,
            parser="lalr",
            start="playbook",
            postlex=tables.KnownEverywhere(tables.known_everywhere(GRAMMAR)),
            debug=True,
        )
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_every_rule_has_a_builder_and_every_builder_a_rule():
    rules = {name for name in productions() if not name.startswith("_")}
    assert {name for name in BUILDERS if not name.startswith("_")} | WITHIN_OTHERS == rules


@pytest.mark.parametrize("rule", sorted(BUILDERS))
def test_a_builder_says_its_production(rule):
    said = " ".join(re.sub(r"^Build: ", "", BUILDERS[rule].__doc__).split())
    assert said.startswith(productions()[rule].rstrip("."))


def test_reserved_words_are_the_same_in_grammar_and_scan():
    assert frozenset(tables.reserved_words(GRAMMAR)) == scan.RESERVED


def test_every_word_of_a_message_is_a_spelling_of_its_terminal():
    known = tables.tables().spellings
    for terminal, words in wording.SPELLINGS.items():
        assert {word.lower() for word in words} <= set(known[terminal])
    for terminal in known:
        assert set(map(str.lower, wording.words_of(terminal))) <= set(known[terminal])


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_the_reader_reads_as_lark_does(path):
    text = path.read_text(encoding="utf-8-sig")
    read = Reader(tables.tables(), Source(text, path.name), scan.scan(text)).read()
    assert read == tables.build(GRAMMAR).parse(text)


def test_the_ast_is_known_without_the_parser():
    code = "import sys, leadops.syntax.ast, leadops.syntax.printing.printer; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("word", sorted(scan.RESERVED))
def test_a_reserved_word_is_quoted_as_a_value_and_in_backticks_as_a_field(word):
    from leadops.syntax.parser import parse

    assert parse(f'set `{word}` = "{word}"').diagnostics == ()
    assert parse(f"set a = {word}").diagnostics
    assert parse(f"set {word} = 1").diagnostics
    assert parse(f"SET a = 1 # {word}").diagnostics == ()


def test_packed_tables_read_as_built_ones_do():
    built = tables.build(GRAMMAR, "basic")
    lark, rows = packing.unpacked(GRAMMAR, packing.packed(built, GRAMMAR))
    assert lark.parser.lexer_conf.terminals_by_name.keys() == built.parser.lexer_conf.terminals_by_name.keys()
    whole = built.parse_interactive("").parser_state.parse_conf.states
    assert {state: rows[state] for state in whole} == whole
    assert rows.short.keys() == whole.keys()
    with pytest.raises(KeyError):
        rows[len(whole)]
    shifting = {state for state, row in whole.items() if row.get("AND", (None,))[0] is Shift}
    assert set(rows.shifting("AND")) == shifting
    assert shifting


@pytest.mark.parametrize(
    "spoil",
    ids=["empty", "cut", "changed", "shifted"],
    argvalues=[lambda d: b"", lambda d: d[:-1], lambda d: d[:100] + b"x" + d[101:], lambda d: b"junk" + d],
)
def test_packed_tables_that_do_not_fit_are_left_alone(spoil):
    packed = packing.packed(tables.build(GRAMMAR, "basic"), GRAMMAR)
    assert packing.unpacked(GRAMMAR, spoil(packed)) is None
    assert packing.unpacked(GRAMMAR + " ", packed) is None


def test_packed_tables_are_used_and_spoilt_ones_built_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "HERE", tmp_path)
    packed = packing.packed(tables.build(GRAMMAR, "basic"), GRAMMAR)

    def build(grammar, lexer):
        raise AssertionError("built anew")

    assert tables._parser(GRAMMAR)[1].short
    (tmp_path / "leadops.tables").write_bytes(b"nonsense")
    assert tables._parser(GRAMMAR)[1].short
    monkeypatch.setattr(tables, "build", build)
    with pytest.raises(AssertionError, match="built anew"):
        tables._parser(GRAMMAR)
    (tmp_path / "leadops.tables").write_bytes(packed)
    assert tables._parser(GRAMMAR)[1].short
