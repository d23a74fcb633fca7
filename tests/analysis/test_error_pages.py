"""Every code of the analysis has a page, and both of its examples are what they say."""

import re
import shlex
from pathlib import Path

import pytest

from leadops.core.codes import CODES
from leadops.core.diagnostics import Severity

PAGES = Path(__file__).parents[2] / "docs" / "errors"
PROJECT = Path(__file__).parent / "pages"
MINE = sorted(code for code in CODES if re.match(r"E[1-6]|W1", code))
CHECKED = [code for code in MINE if code != "W104"]


def examples(code):
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: {CODES[code]}\n\n## What\n")
    found = re.findall(r"^## (Wrong|Right)\n\n```lead(.*)\n([\s\S]*?)```$", page, re.MULTILINE)
    assert [title for title, _, _ in found] == ["Wrong", "Right"]
    return [(options, text) for _, options, text in found]


def compiled(compiling, options, text):
    flags = shlex.split(options)
    given = dict(flag.split("=", 1) for flag in flags[1::2])
    return compiling(
        text,
        root=PROJECT,
        file=str(PROJECT / "main.lead"),
        parameters=given,
        notify_names=frozenset({"sales"}),
    )


@pytest.mark.parametrize("code", CHECKED)
def test_the_wrong_example_is_told_of_by_this_code_first(compiling, code):
    (options, text), _ = examples(code)
    found = compiled(compiling, options, text).diagnostics
    assert found, "nothing was found"
    assert found[0].code == code, [f"{d.code} {d.message}" for d in found]
    assert {d.code for d in found} == {code}


@pytest.mark.parametrize("code", CHECKED)
def test_the_right_example_compiles(compiling, code):
    _, (options, text) = examples(code)
    result = compiled(compiling, options, text)
    assert [f"{d.code} {d.message}" for d in result.diagnostics if d.severity is not Severity.HINT] == []
    assert result.plan is not None
    assert code not in {d.code for d in result.diagnostics}


def test_a_page_without_examples_says_why_there_are_none():
    assert "schema" in (PAGES / "W104.md").read_text(encoding="utf-8")


def test_every_code_in_the_analysis_is_registered():
    sources = Path(__file__).parents[2] / "leadops" / "analysis"
    used = {
        code
        for source in sources.glob("*.py")
        for code in re.findall(r'"([EW]\d{3})"', source.read_text(encoding="utf-8"))
    }
    assert used == set(MINE)
