"""A value that cannot be relied on is marked where it stands; all other values are as the strict reader reads them."""

import json

import pytest
from hypothesis import given

from leadops.crm.flaws import flaw_of, mended, parse_rows
from leadops.crm.strict_json import MalformedError, parse
from tests.crm.test_strict_json import VALUES

SPOILED = {
    b"NaN": "NaN is not JSON",
    b"-Infinity": "-Infinity is not JSON",
    b"1e999": "a number is too large",
    b"-1e400": "a number is too large",
    b"9" * 5_000: "a number is too large",
    b"9223372036854775808": "a number is too large",
    b'{"a": 1, "a": 2}': "a key stands twice",
    b"[" * 200 + b"1" + b"]" * 200: "nested too deeply",
    b'{"x":' * 200 + b"1" + b"}" * 200: "nested too deeply",
    b'"\\ud800"': "half of a character",
    b'"x\\uDC00"': "half of a character",
    b'"\xff"': "half of a character",
    b'"\xed\xa0\x80"': "half of a character",
    b'{"\\ud800": 1}': "half of a character",
}


@given(VALUES)
def test_what_is_json_is_read_as_the_strict_reader_reads_it(value):
    data = json.dumps({"data": [value]}).encode()
    read = parse_rows(data)
    if not flaw_of(read):  # whole numbers beyond 64 bits
        assert read == parse(data)


@pytest.mark.parametrize("spoiled", SPOILED, ids=lambda data: data[:20].decode("latin-1"))
def test_one_flaw_leaves_all_other_rows_as_they_are(spoiled):
    read = parse_rows(b'{"data": [{"id": "a", "x": 1}, {"id": "b", "x": ' + spoiled + b'}, {"id": "c"}]}')
    first, second, third = read["data"]
    assert (first, third) == ({"id": "a", "x": 1}, {"id": "c"})
    assert SPOILED[spoiled] in flaw_of(second)
    assert flaw_of(second).startswith("/x")
    assert second["id"] == "b"
    json.dumps(mended(second), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"{", b'{"a": 1,}', b"{} {}", b"\xef\xbb\xbf{}", b"'a'", b"\xff\xfe{}"]
)
def test_what_is_no_json_is_malformed(data):
    with pytest.raises(MalformedError):
        parse_rows(data)


def test_a_number_of_64_bits_and_whole_characters_are_no_flaws():
    read = parse_rows(
        b'[9223372036854775807, -9223372036854775807, 1.5e300, "\\ud83d\\ude00", "a\\u0000b", "a\tb"]'
    )
    assert flaw_of(read) == ""
    assert mended(read) == read
