"""Every case of the corpus: what it means, how it is written, what is wrong with it."""

import pytest

from leadops.syntax.formatter import format_source
from leadops.syntax.parser import parse
from tests.syntax.corpus import CORPUS, INVALID, VALID, dump, parsed, planned, unmarked


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_case_has_its_ast_and_its_canonical_text(path):
    held = parsed(path)
    assert held.diagnostics == ()
    assert dump(held.playbook) == path.with_suffix(".ast").read_text(encoding="utf-8")
    canonical = path.with_suffix(".canonical").read_text(encoding="utf-8")
    assert format_source(held) == canonical
    assert parse(canonical).playbook == held.playbook


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_case_that_is_sound_in_the_sandbox_has_its_plan(path):
    golden = path.with_suffix(".plan")
    assert planned(path) == (golden.read_text(encoding="utf-8") if golden.exists() else "")


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_case_has_the_findings_that_are_marked(path):
    text, marks = unmarked(path.read_text(encoding="utf-8"))
    assert marks
    found = [(d.code, d.span.start, d.span.end) for d in parse(text, path.name).diagnostics]
    assert found == marks


def test_no_golden_file_is_an_orphan():
    stems = {path.stem for path in VALID}
    for path in (CORPUS / "valid").iterdir():
        assert path.suffix in {".lead", ".canonical", ".ast", ".plan"}
        assert path.stem in stems
    assert {path.suffix for path in (CORPUS / "invalid").iterdir()} == {".lead"}
    assert {path.name for path in CORPUS.iterdir()} == {"valid", "invalid"}


def test_the_corpus_has_valid_and_invalid_cases():
    assert len(VALID) > 8
    assert len(INVALID) > 5
