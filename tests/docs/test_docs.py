"""Docs are executed: every playbook in them compiles, every console block prints what it says.

The blocks of a page run in order in one fresh project folder with a sandbox of its own; how a block says what it
expects stands in CONTRIBUTING.md ("Documentation").
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from leadops.cli.projectfile import project_of
from tests.clock import CLOCK
from tests.docs.matching import matches
from tests.docs.pages import DOCS, ROOT, commands, fences, name, pages

_LINK = re.compile(r"\]\(([^()\s]+)\)")


def _with(*languages):
    return [page for page in pages() if fences(page, *languages)]


@pytest.mark.parametrize("page", _with("lead"), ids=name)
def test_every_playbook_compiles(page, compile_text):
    files = {fence.file: fence.text for fence in fences(page) if fence.file}
    for fence in fences(page, "lead"):
        errors = [d for d in compile_text(fence.text, files) if d.severity == "error"]
        assert not errors, f"{name(page)}:{fence.line}: {errors}"


@pytest.mark.parametrize("page", _with("console"), ids=name)
def test_every_console_block_prints_what_it_says(page, tmp_path, fresh_state):
    project = tmp_path / "leads"
    shutil.copytree(fresh_state, tmp_path / "state")
    (project / ".git").mkdir(parents=True)
    (project / "playbooks").symlink_to(ROOT / "playbooks")
    environment = {
        **CLOCK,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": str(tmp_path),
        "LEADOPS_STATE": str(tmp_path / "state"),
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }
    for fence in fences(page):
        if fence.file is not None:
            (project / fence.file).write_text(fence.text, "utf-8")
        for command in commands(fence) if fence.language == "console" else ():
            done = subprocess.run(
                ["bash", "-c", command.text],
                cwd=project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
            )
            shown = done.stdout.replace(str(project), "~/leads")
            where = f"{name(page)}:{fence.line}: {command.text}"
            assert done.returncode == command.code, f"{where}: exit {done.returncode}\n{shown}"
            assert matches(command.expected, shown, moving=command.moving), (
                f"{where} printed\n{shown}\nnot\n{command.expected}"
            )


@pytest.mark.parametrize("page", _with("toml", "json", "yaml"), ids=name)
def test_every_piece_of_data_can_be_read(page):
    for fence in fences(page, "toml"):
        project_of(tomllib.loads(fence.text))
    for fence in fences(page, "json"):
        json.loads(fence.text)
    for fence in fences(page, "yaml"):
        assert yaml.safe_load(fence.text)


def test_the_matcher_can_fail():
    assert matches("a\n...\nd", "a\nb\nc\nd\n")
    assert matches("a\n...\nd", "a\nd\n")
    assert matches("3 of ... leads", "3 of 40 leads\n")
    assert not matches("3 of ... leads", "3 of 40\nleads\n")
    assert not matches("a\n...\nd", "a\nb\n")
    assert not matches("3 leads", "4 leads\n")


def test_moving_values_keep_the_words_and_the_lines():
    said = "3 leads changed\n  Asha Rao  91•••••••998  6b04afb65eed1ead000001f5"
    assert matches(
        said, "12 leads changed\n  Varun Hegde  91•••••••624  689ddf285eed1ead00000009\n", moving=True
    )
    assert not matches(
        said, "3 leads refused\n  Asha Rao  91•••••••998  6b04afb65eed1ead000001f5\n", moving=True
    )
    assert not matches(said, "3 leads changed\n", moving=True)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_leads_somewhere(page):
    for target in _LINK.findall(_prose(page)):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name(page)} links to {target}"
        if anchor and there.suffix == ".md":
            assert anchor in _anchors(there), f"{name(page)} links to {target}: no such heading"


def test_every_page_is_reachable():
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in seen or not page.exists():
            continue
        seen.add(page)
        targets = (page.parent / target.partition("#")[0] for target in _LINK.findall(_prose(page)))
        todo += [target.resolve() for target in targets if target.suffix == ".md"]
    orphans = [name(p) for p in DOCS.rglob("*.md") if p not in seen and p.parent.name != "errors"]
    assert not orphans, "no page leads to them"


def _prose(page):
    return re.sub(r"^( *)```.*?^\1```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def _anchors(page):
    titles = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
