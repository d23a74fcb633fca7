"""Every code of the syntax has a page, and both of its examples are what they say."""

import re
from pathlib import Path

import pytest

from leadops.core.codes import CODES
from leadops.syntax.parser import parse

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "errors"
MINE = sorted(code for code in CODES if code.startswith("E0"))
WITHOUT_EXAMPLES = {"E018", "E019", "E024"}


def examples(code):
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: {CODES[code]}\n\n## What\n")
    assert "\n## Why\n" in page
    found = re.findall(r"^## (Wrong|Right)\n\n```lead\n([\s\S]*?)```$", page, re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("code", [code for code in MINE if code not in WITHOUT_EXAMPLES])
def test_the_wrong_example_is_told_of_by_this_code_alone_and_the_right_one_parses(code):
    found = examples(code)
    assert [d.code for d in parse(found["Wrong"]).diagnostics] == [code]
    assert parse(found["Right"]).diagnostics == ()


@pytest.mark.parametrize("code", sorted(WITHOUT_EXAMPLES))
def test_a_page_without_examples_says_why_there_are_none(code):
    assert examples(code) == {}
    assert "There is no example" in (PAGES / f"{code}.md").read_text(encoding="utf-8")


def test_every_code_of_the_syntax_is_registered_and_used():
    used = {
        code
        for source in (ROOT / "leadops" / "syntax").rglob("*.py")
        for code in re.findall(r'"(E\d{3})"', source.read_text(encoding="utf-8"))
    }
    assert used == set(MINE)
