"""A cell of a CSV file shows what a value is, and no spreadsheet computes it."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadops.core.spreadsheet import cell, quoted
from leadops.core.text import is_hidden

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1-cmd",
    "@SUM(A1)",
    "+91 98765-43210",
    '=HYPERLINK("http://example.com","x")',
    "=cmd|' /C calc'!A0",
    "  =1",
    "\u00a0=1",
    "\u3000=1",
    "\n=1",
    "\r\n =1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20x",
    "\u2212cmd",
    "-",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded(text):
    assert cell(text).startswith("\t")
    assert cell(f"Asha\n{text}").partition("\n")[2].lstrip("\n").startswith("\t")
    assert "\t" in cell(f"Asha;{text}")
    assert cell(f"a{text.lstrip()}") == f"a{text.lstrip()}", "within a text a sign is a sign"


@pytest.mark.parametrize(
    "text", ["\t=1", "\x00=1", "\u200b=1", "\u202e=1", "\ufeff=1", "\ud800=1", "\x1b[2J"]
)
def test_a_character_that_hides_is_shown(text):
    assert cell(text).startswith("\\")


@pytest.mark.parametrize(
    "text", ["-5", "-5.20", "-5,20", "+919876543210", "919876543210", "0", "1e5", "Asha", "", "\u2014"]
)
def test_plain_numbers_phones_and_words_stay_as_they_are(text):
    assert cell(text) == text


def test_what_is_no_text_has_its_form():
    assert [cell(one) for one in (None, 5, -5, 2.5, True)] == ["", "5", "-5", "2.5", "True"]


@given(st.text())
def test_any_text_makes_one_cell_that_is_read_back_and_begins_with_no_sign(text):
    [[read]] = csv.reader(io.StringIO(quoted(text), newline=""), strict=True)
    assert read == cell(text)
    assert not any(is_hidden(char) for char in read if char not in "\t\n")
    if re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", read):
        return
    for part in re.split(r"[\n;]", read):
        assert part.startswith("\t") or not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", part)


def test_every_writer_of_csv_uses_it():
    """A module that writes CSV makes no cell of its own."""
    root = Path(__file__).resolve().parents[2] / "leadops"
    writers = [
        path for path in root.rglob("*.py") if re.search(r"csv\.(Dict)?[wW]riter", path.read_text("utf-8"))
    ]
    assert [str(path.relative_to(root)) for path in writers] == ["state/forgetting.py"], (
        "it writes cells as it read them"
    )
    formula = [path.name for path in root.rglob("*.py") if "\\uff1d" in path.read_text("utf-8")]
    assert formula == ["spreadsheet.py"]
