import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadops.crm.strict_json import DEEPEST, MalformedError, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES, st.booleans())
def test_what_is_json_is_read(value, ascii_only):
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    "data",
    [
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "\\u0061": 2}}',
        b"9" * 5_000,
        b"1e999",
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'"\\ud800"',
        b'["\\uDC00x"]',
        b"\xef\xbb\xbf{}",
        b"\xff",
        b'"\xed\xa0\x80"',
        b"{} {}",
        b"{}x",
        b"",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'"\x01"',
        b"<html></html>",
    ],
)
def test_traps_are_malformed(data):
    with pytest.raises(MalformedError):
        parse(data)


def test_nesting_is_allowed_up_to_the_limit_and_brackets_in_texts_do_not_count():
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST)
    assert parse(json.dumps(["[" * 500, '\\"{{{' * 100]).encode())
    assert len(parse(json.dumps([{}] * 500).encode())) == 500


def test_a_whole_surrogate_pair_is_a_character():
    assert parse(b'"\\ud83d\\ude00"') == "😀"


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(MalformedError):
        parse(data)
