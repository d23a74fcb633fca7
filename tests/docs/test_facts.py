"""What pages say about the code is so: flags, exit codes, settings, variables, verbs, versions, files."""

import re
from dataclasses import fields
from pathlib import Path

from leadops import __version__
from leadops.cli.projectfile import NotifyTarget, Profile, ProjectFile
from leadops.cli.verbs import VERBS
from leadops.core.exit_codes import Exit
from leadops.model.run import Outcome
from tests.docs.pages import DOCS, ROOT, fences
from tests.docs.reference import reference


def _page(name):
    return (DOCS / name).read_text("utf-8")


def test_the_command_line_is_described_as_it_is():
    fresh = reference()
    assert _page("cli.md") == fresh, "python -m tests.docs.reference > docs/cli.md"


def test_every_exit_code_is_explained_and_no_other():
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+) \|", _page("exit-codes.md"), re.MULTILINE)
    assert {(int(code), name.replace(" ", "_").upper()) for code, name in rows} == {
        (e.value, e.name) for e in Exit
    }


def test_every_setting_is_shown():
    (shown,) = fences(DOCS / "configuration.md", "toml")
    keys = set(re.findall(r"^(\w+) =", shown.text, re.MULTILINE))
    known = {one.name for shape in (ProjectFile, Profile, NotifyTarget) for one in fields(shape)}
    assert keys == known - {"profiles", "notify"}


def test_every_variable_that_the_code_reads_is_named():
    read = set()
    for path in (ROOT / "leadops").rglob("*.py"):
        read |= set(re.findall(r"\b(?:LEADOPS|TELECRM)_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
    ours = {"LEADOPS_CRASH_AT", "LEADOPS_CRASH_TRACE"}  # of the tests
    named = set(re.findall(r"`((?:LEADOPS|TELECRM)_[A-Z_]+)`", _page("configuration.md")))
    assert "LEADOPS_PARAM_NAME" in named
    assert {n for n in read - ours if not n.startswith("LEADOPS_PARAM")} == named - {"LEADOPS_PARAM_NAME"}


def test_every_outcome_is_explained():
    rows = re.findall(r"^\| `(\w+)` \|", _page("lifecycle.md"), re.MULTILINE)
    assert set(rows) == {outcome.value for outcome in Outcome}


def test_no_verb_is_called_open_that_exists():
    said = (ROOT / "README.md").read_text("utf-8").partition("Open verbs:")[2]
    assert not [verb for verb in VERBS if f"`{verb}`" in said]


def test_the_changes_name_this_version():
    assert f"## {__version__}" in _page("changelog.md")


def test_the_places_that_the_architecture_names_exist():
    rows = _page("architecture.md").partition("## Where do I change X")[2].partition("##")[0]
    for place in re.findall(r"`([\w/.-]+/[\w./-]*)`", rows):
        roots = (ROOT, ROOT / "leadops")
        known = any((root / place).exists() for root in roots) or {"VERB", "CODE"} & set(
            re.split(r"[/.]", place)
        )
        assert known, f"docs/architecture.md names {place}"
    assert {p.name for p in (ROOT / "leadops").iterdir() if (p / "__init__.py").exists()} <= {
        *re.findall(r'^  (\w+)\["', _page("architecture.md"), re.MULTILINE)
    }


def test_init_and_the_pages_name_files_that_are_there():
    for name in ("nightly.sh", "github-workflow.yml"):
        assert Path(DOCS / "examples" / name).is_file()
