"""The nightly script and the CI workflow of docs/examples/, run as cron and CI run them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from leadops import __version__

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"


def _project(folder, account):
    shutil.copy(EXAMPLES / "nightly.sh", folder / "nightly.sh")
    shutil.copy(ROOT / "playbooks" / "won-in-april.lead", folder / "nightly.lead")
    names = (
        "TELECRM_ENTERPRISE_ID",
        "TELECRM_SYNC_TOKEN",
        "TELECRM_BASE_URL",
        "PATH",
        "LEADOPS_STATE",
        "HOME",
    )
    lines = [f"export {name}='{account[name]}'" for name in names]
    (folder / "leadops.env").write_text("\n".join(lines) + "\n")
    (folder / "leadops.env").chmod(0o600)


def _nightly(folder):
    return subprocess.run(
        ["/bin/sh", str(folder / "nightly.sh")],
        env={},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_the_nightly_script_changes_once_and_is_silent_when_nothing_changed(tmp_path, account):
    _project(tmp_path, account)
    first = _nightly(tmp_path)
    assert first.returncode == 0, first.stderr
    assert "changed" in first.stdout
    second = _nightly(tmp_path)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_the_nightly_script_passes_failures_on(tmp_path, account):
    _project(tmp_path, {**account, "TELECRM_SYNC_TOKEN": "wrong"})
    done = _nightly(tmp_path)
    assert done.returncode == 77
    assert "token" in done.stderr


def _steps(workflow, job):
    return [step for step in workflow["jobs"][job]["steps"] if "run" in step]


def _shell(command, folder, env):
    # As GitHub runs a step.
    script = folder / "step.sh"
    script.write_text(command)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def _runner(tmp_path, account):
    """A checkout and the runner's environment; `python -m pip install leadops==…` finds it installed."""
    (tmp_path / "playbooks").mkdir()
    shutil.copy(ROOT / "playbooks" / "won-in-april.lead", tmp_path / "playbooks" / "nightly.lead")
    tools = tmp_path / "tools"
    tools.mkdir()
    python = tools / "python"
    python.write_text(
        "#!/bin/sh\n"
        f'if [ "$*" = "-m pip install leadops=={__version__}" ]; then exit 0; fi\n'
        f'exec "{sys.executable}" "$@"\n'
    )
    python.chmod(0o755)
    return {
        **account,
        "PATH": f"{tools}{os.pathsep}{account['PATH']}",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }


def test_the_ci_workflow_plans_on_a_pull_request_and_applies_on_merge(tmp_path, account):
    workflow = yaml.safe_load((EXAMPLES / "github-workflow.yml").read_text())
    env = _runner(tmp_path, account)
    for step in _steps(workflow, "plan"):
        done = _shell(step["run"], tmp_path, env)
        assert done.returncode == 0, (step, done.stdout, done.stderr)
    summary = (tmp_path / "summary.md").read_text()
    assert re.search(r"\d+ leads", summary)
    for step in _steps(workflow, "apply"):
        done = _shell(step["run"], tmp_path, env)
        assert done.returncode == 0, (step, done.stdout, done.stderr)
    assert (tmp_path / "leads.xml").read_text().startswith("<?xml")
    assert list((tmp_path / ".leadops" / "runs").iterdir())


def test_the_ci_workflow_never_cuts_a_run(tmp_path):
    workflow = yaml.safe_load((EXAMPLES / "github-workflow.yml").read_text())
    assert workflow["concurrency"]["cancel-in-progress"] is False
    runs = [step["run"] for step in _steps(workflow, "apply") if "leadops run" in step["run"]]
    assert runs
    assert all(run.strip().startswith("exec ") for run in runs), "a signal must reach leadops, not a shell"


def test_the_examples_name_this_version():
    text = (EXAMPLES / "github-workflow.yml").read_text()
    assert set(re.findall(r"leadops==([\w.]+)", text)) == {__version__}
    assert Path(EXAMPLES / "nightly.sh").stat().st_mode & 0o111
