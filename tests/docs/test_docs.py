"""Docs are executed: every playbook in them compiles, every console block prints what it says.

A console block is run on the sandbox in a fresh project folder, block after block of one page in the same folder.
``...`` alone on a line stands for any lines; inside a line it stands for any text. ``# exit 4`` after a command
states its exit code (0 otherwise).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, console_blocks, fenced, pages


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_playbook_compiles(page, demo_schema, compile_text):
    for line, text in fenced(page, "lead"):
        errors = [d for d in compile_text(text, demo_schema) if d.severity == "error"]
        assert not errors, f"{page.name}:{line}: {errors}"


@pytest.mark.parametrize("page", [p for p in pages() if console_blocks(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_console_block_prints_what_it_says(page, tmp_path):
    (tmp_path / "playbooks").symlink_to(ROOT / "playbooks")
    for line, commands in console_blocks(page):
        for command, expected, code in commands:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env={
                    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
                    "HOME": str(tmp_path),
                    "LEADOPS_STATE": str(tmp_path / "state"),
                    "LC_ALL": "C.UTF-8",
                    "COLUMNS": "100",
                    "TELECRM_SYNC_TOKEN": "",
                },
                capture_output=True,
                text=True,
                timeout=120,
            )
            shown = done.stdout + done.stderr
            assert done.returncode == code, f"{page.name}:{line}: {command}: exit {done.returncode}\n{shown}"
            assert matches(expected, shown), f"{page.name}:{line}: {command} printed\n{shown}\nnot\n{expected}"


def matches(expected, shown):
    """Whether ``shown`` is ``expected``, where ``...`` stands for anything."""
    if not expected.strip():
        return True
    parts = [re.escape(part) for part in expected.strip().split("...")]
    pattern = r"[\s\S]*?".join(parts)
    return re.fullmatch(r"\s*" + pattern + r"\s*", shown) is not None


def test_the_matcher_can_fail():
    assert matches("a\n...\nd", "a\nb\nc\nd")
    assert matches("3 of ... leads", "3 of 40 leads\n")
    assert not matches("a\n...\nd", "a\nb")
    assert not matches("3 leads", "4 leads")


def test_every_page_is_reachable():
    """Each page of docs/ is linked from another page or the README."""
    linked = set()
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text("utf-8")):
            linked.add((page.parent / target).resolve())
            assert (page.parent / target).exists(), f"{page} links to {target}"
    orphans = [p for p in DOCS.rglob("*.md") if p.resolve() not in linked and p.parent.name != "errors"]
    assert not orphans
