"""Reading a file: its encoding, its size, characters that cannot be seen, how deep it is nested."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.syntax.parser import MAX_BYTES, MOST_FINDINGS, parse, read_source
from leadops.syntax.printing.printer import print_playbook
from leadops.syntax.recovering_parser import MOST_TOKENS
from tests.syntax.corpus import VALID
from tests.syntax.mutations import mutate

SECONDS = 2
"""What reading any one text may take."""


def test_a_byte_order_mark_is_dropped():
    assert read_source(b"\xef\xbb\xbfset a = 1", "x.lead") == ("set a = 1", ())


def test_windows_line_ends_are_line_ends():
    parsed = parse("find leads where a = 1 # why\r\n\r\nset b =\r\nclear c\r\n")
    assert [(d.code, d.span.line, d.span.column) for d in parsed.diagnostics] == [("E002", 3, 8)]
    assert "\r" not in print_playbook(parsed.playbook)


def test_a_byte_that_is_not_utf8_is_named_with_its_place():
    text, (found,) = read_source("set a = 1\nset b = é".encode("latin-1"), "x.lead")
    assert (found.code, found.span.line, found.span.column) == ("E018", 2, 9)
    assert "0xe9" in found.message
    assert text == "set a = 1\nset b = �"


def test_a_file_over_the_limit_is_not_read():
    text, (found,) = read_source(b"#" * (MAX_BYTES + 1), "x.lead")
    assert (text, found.code) == ("", "E019")
    assert [d.code for d in parse("é" * MAX_BYTES).diagnostics] == ["E019"]
    assert parse("#" * MAX_BYTES).diagnostics == ()


@pytest.mark.parametrize("char", ["\0", "\u202e", "\u2066", "\u200b", "\ud800", "\x1b"])
@pytest.mark.parametrize("where", ['set a = "x{}y"', "set a = x # {}", "set {}a = x"])
def test_a_hidden_character_is_named_wherever_it_stands(char, where):
    text = where.format(char)
    found = parse(text).diagnostics[0]
    assert (found.code, found.span.start) == ("E017", text.index(char))


def test_the_escape_of_a_hidden_character_is_fine_and_stays():
    parsed = parse(r'set a = "x\u202ey"')
    assert parsed.diagnostics == ()
    assert print_playbook(parsed.playbook) == 'set a = "x\\u202ey"\n'


def test_an_empty_file_is_an_empty_playbook():
    for text in ("", " \n\t", "# nothing\n", ";;"):
        parsed = parse(text)
        assert (parsed.playbook.items, parsed.diagnostics) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "find leads where " + "(" * 900 + "a = 1" + ")" * 900,
        "find leads where " + "(" * 900,
        "find leads where " + "not " * 900 + "a = 1",
        "find leads where " + "not (" * 900 + "a = 1" + ")" * 900,
        "when a = 1 { " * 900 + "clear b" + " }" * 900,
        "[" * 900,
    ],
)
def test_nesting_beyond_the_limit_is_one_finding_and_the_rest_is_read(text):
    parsed = parse(f"{text}\nset z = 1\n" if "when" in text else f"clear y\n{text}\nset z = 1\n")
    assert [d.code for d in parsed.diagnostics][:1] == ["E015"]
    assert len(parsed.diagnostics) == 1


def test_nesting_within_the_limit_is_fine():
    text = (
        "find leads where "
        + "(" * 63
        + "a = 1"
        + ")" * 63
        + "\n"
        + "when a = 1 { " * 60
        + "clear b"
        + " }" * 60
    )
    assert parse(text).diagnostics == ()


@pytest.mark.parametrize(
    "text",
    ["(" * 200_000, "}" * 200_000, '"' * 200_000, "a" * 200_000, "a." * 100_000, "\0a" * 100_000, "find " * 40_000,
     "set a = " + "b " * 100_000, 'step "a" {' * 20_000, "when a=1 {" * 20_000, "foo bar\n" * 25_000, "a@b." * 50_000,
     'set a = "' + "\\q" * 90_000 + '"', "{}" * 100_000, "fnid a\n" * 30_000],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_large_text_of_nonsense_is_answered_soon_and_shortly(text):
    began = time.process_time()
    found = parse(text).diagnostics
    assert 0 < len(found) <= MOST_FINDINGS + 1
    assert time.process_time() - began < SECONDS


def _mutated(count, seed):
    texts = [path.read_text(encoding="utf-8") for path in VALID if path.stat().st_size > 100]
    rng = random.Random(seed)
    for _ in range(count):
        text = mutate(rng.choice(texts), rng)
        began = time.process_time()
        parsed = parse(text)
        assert time.process_time() - began < SECONDS, text
        for found in parsed.diagnostics:
            assert 0 <= found.span.start <= found.span.end <= len(text), text
            assert found.message, text


def test_mutated_texts_are_always_answered():
    _mutated(300, 1)


@pytest.mark.soak
def test_ten_thousand_mutated_texts_are_always_answered():
    _mutated(10_000, 2)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_answered(text):
    parse(text)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data):
    text, _ = read_source(data, "x.lead")
    parse(text)


def test_more_words_and_signs_than_a_playbook_ever_has_are_not_read_and_the_first_half_is():
    values = ", ".join(["1"] * (MOST_TOKENS // 2))
    parsed = parse(f"set ok = 1\nfind leads where a in [{values}]\nset b =\nset c = 1\n")
    assert [(d.code, d.span.line) for d in parsed.diagnostics] == [("E019", 2)]
    assert "50000" in parsed.diagnostics[0].message
    few = ", ".join(["1"] * (MOST_TOKENS // 2 - 10))
    assert parse(f"find leads where a in [{few}]\n").diagnostics == ()
