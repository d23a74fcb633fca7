"""The workflow of docs/examples/ and action.yml, their steps executed against a served sandbox."""

import re
import subprocess
from pathlib import Path

import yaml

from leadops import __version__

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "docs" / "examples" / "github-workflow.yml"
ACTION = ROOT / "action.yml"


def _workflow():
    return yaml.safe_load(WORKFLOW.read_text("utf-8"))


def _elsewhere(runner, *arguments):
    """Run leadops as somebody else, on another machine."""
    folder = runner.folder.parent / "elsewhere"
    folder.mkdir()
    environment = {
        **runner.environment,
        "LEADOPS_STATE": str(folder / "state"),
        "TELECRM_ENTERPRISE_ID": runner.known["vars.TELECRM_ENTERPRISE_ID"],
        "TELECRM_SYNC_TOKEN": runner.known["secrets.TELECRM_SYNC_TOKEN"],
    }
    return subprocess.run(
        ["leadops", *arguments], env=environment, capture_output=True, text=True, cwd=folder
    )


def test_the_workflow_shows_plans_and_applies_only_what_was_approved(runner):
    workflow, playbook = _workflow(), runner.folder / "playbooks" / "nightly.lead"

    # A pull request with a playbook that asks for too much: it fails, and shows why.
    meant = playbook.read_text("utf-8")
    playbook.write_text("find leads where status = Won\nexpect at most 1 lead\nset rating = 5\n", "utf-8")
    code, said = runner.job(workflow, "plan")
    assert code == 4, said
    assert "may not be applied" in runner.summary.read_text("utf-8")

    # Corrected, it is planned, and somebody approves the digest; but then a lead changes.
    playbook.write_text(meant, "utf-8")
    code, said = runner.job(workflow, "plan")
    assert code == 0, said
    approved = runner.known["needs.plan.outputs.digest"]
    assert approved in runner.summary.read_text("utf-8")
    since = _elsewhere(
        runner, "run", "--yes", "-e",
        "find leads where status = Won and called by agent@company.com in April; set rating = 2; limit 1",
    )  # fmt: skip
    assert since.returncode == 0, since.stderr
    code, said = runner.job(workflow, "apply")
    assert code == 5, said
    assert "not the approved one" in said
    assert not (runner.folder / ".leadops").exists(), "nothing ran"

    # Planned and approved anew, it is applied.
    assert runner.job(workflow, "plan")[0] == 0
    assert runner.known["needs.plan.outputs.digest"] != approved
    assert runner.known["needs.plan.outputs.changes"] == "yes"
    code, said = runner.job(workflow, "apply")
    assert code == 0, said
    assert (runner.folder / "leads.xml").read_text("utf-8").startswith("<?xml")
    assert list((runner.folder / ".leadops" / "runs").iterdir())
    assert "# Run" in runner.summary.read_text("utf-8")


def test_the_token_is_given_to_the_steps_that_need_it_only():
    for job in _workflow()["jobs"].values():
        assert "TELECRM_SYNC_TOKEN" not in job.get("env", {})
        with_token = [s["name"] for s in job["steps"] if "TELECRM_SYNC_TOKEN" in s.get("env", {})]
        assert len(with_token) == 1, "and certainly not to the one that installs packages"


def test_no_run_is_cut_in_the_middle_of_a_write():
    workflow = _workflow()
    assert workflow["concurrency"]["cancel-in-progress"] is False
    runs = [
        step["run"] for step in workflow["jobs"]["apply"]["steps"] if "leadops run" in step.get("run", "")
    ]
    assert runs
    assert all(run.strip().startswith("exec ") for run in runs), "a signal must reach leadops, not a shell"


def test_the_examples_name_this_version():
    assert set(re.findall(r"leadops==([\w.]+)", WORKFLOW.read_text("utf-8"))) == {__version__}


# ── the composite action ──────────────────────────────────────────────────────────────────────────
def _use(runner, **given):
    """Use the action with these inputs; return the exit code and what it printed."""
    action = yaml.safe_load(ACTION.read_text("utf-8"))
    inputs = {name: str(value.get("default", "")) for name, value in action["inputs"].items()}
    inputs |= {name.replace("_", "-"): value for name, value in given.items()}
    runner.known |= {f"inputs.{name}": value for name, value in inputs.items()}
    code, said = 0, ""
    for step in action["runs"]["steps"]:
        if "run" in step and (code == 0 or step.get("if") == "always()"):
            done = runner.step(step)
            said += done.stdout + done.stderr
            code = code or done.returncode
    return (
        code,
        said,
        {name: runner.fill(o["value"]) for name, o in action["outputs"].items()} if code == 0 else {},
    )


def test_the_action_plans_and_runs_with_the_digest_that_was_approved(runner):
    account = {
        "enterprise_id": runner.known["vars.TELECRM_ENTERPRISE_ID"],
        "token": runner.known["secrets.TELECRM_SYNC_TOKEN"],
        "playbook": "playbooks/nightly.lead",
    }
    runner.known |= {"steps.after.outputs.digest": "", "steps.after.outputs.changes": ""}
    assert _use(runner, command="check", playbook=account["playbook"])[0] == 0
    code, said, outputs = _use(runner, command="plan", **account)
    assert code == 0, said
    assert int(outputs["changes"]) > 0
    code, said, _ = _use(
        runner,
        command="run",
        expect_digest=outputs["digest"],
        arguments="--max-leads=100\n\n--full",
        **account,
    )
    assert code == 0, said
    assert "# Run" in runner.summary.read_text()
    assert _use(runner, command="sandbox", **account)[0] == 64


def test_the_action_installs_what_it_came_with_or_the_version_that_is_asked_for(runner):
    [install] = [
        step
        for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
        if step.get("name") == "Install leadops"
    ]
    for version in ("", __version__):
        runner.known["inputs.version"] = version
        assert runner.step(install).returncode == 0
    runner.known["inputs.version"] = "0.0.0"
    runner.environment["PIP_NO_INDEX"] = "1"
    assert runner.step(install).returncode != 0


def test_the_action_ends_in_leadops_itself():
    steps = [
        step
        for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
        if step.get("name") == "leadops"
    ]
    assert steps[0]["run"].strip().splitlines()[-1].startswith("exec leadops ")


def test_no_expression_stands_in_a_script():
    """An input pasted into a script is code; in an environment variable it is text."""
    steps = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
    steps += [step for job in _workflow()["jobs"].values() for step in job["steps"]]
    assert not [step["run"] for step in steps if "${{" in step.get("run", "")]
