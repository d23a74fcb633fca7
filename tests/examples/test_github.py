"""The workflow of docs/examples/ and action.yml, their steps executed against a served sandbox."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import fences, pages
from tests.examples.runner import PLACE

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "docs" / "examples" / "github-workflow.yml"
ACTION = ROOT / "action.yml"


def _workflow():
    """Return the workflow with LEADOPS filled in."""
    workflow = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    workflow["env"]["LEADOPS"] = PLACE
    return workflow


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


def test_leads_that_cannot_be_changed_fail_the_plan_only_where_there_is_nothing_else_to_approve(runner):
    workflow, playbook = _workflow(), runner.folder / "playbooks" / "nightly.lead"
    text = 'limits {{ at most 300 leads }}\nfind leads where status = Won{}\nadd action 1001 with note = "To {{{{ lead.city }}}}"\n'
    playbook.write_text(text.format(" and city is missing"), "utf-8")
    code, said = runner.job(workflow, "plan")
    assert code == 3, said
    assert "lead.city is missing" in runner.summary.read_text("utf-8")
    playbook.write_text(text.format(""), "utf-8")
    code, said = runner.job(workflow, "plan")
    assert code == 0, said
    assert runner.known["needs.plan.outputs.changes"] == "yes"
    assert runner.job(workflow, "apply")[0] == 3


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


@pytest.mark.parametrize("job", ["plan", "apply"])
def test_a_workflow_that_does_not_know_where_leadops_comes_from_fails_with_a_sentence(runner, job):
    runner.known["needs.plan.outputs.digest"] = ""
    code, said = runner.job(yaml.safe_load(WORKFLOW.read_text("utf-8")), job)
    assert code == 1
    assert "::error::Fill in LEADOPS in this workflow" in said


def test_actions_are_pinned_by_commit_and_nothing_is_installed_by_a_name():
    texts = [path.read_text("utf-8") for path in (WORKFLOW, ACTION)]
    texts += [fence.text for page in pages() for fence in fences(page, "yaml")]
    for text in texts:
        for used in re.findall(r"uses: *(\S+)", text):
            assert re.fullmatch(r"\./|[\w.-]+/[\w.-]+@[0-9a-f]{40}", used), used
        assert not re.search(r"install +\"?leadops\b", text)


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
    runner.known |= {f"steps.after.outputs.{name}": "" for name in ("digest", "changes", "refused")}
    assert _use(runner, command="check", playbook=account["playbook"])[0] == 0
    code, said, outputs = _use(runner, command="plan", **account)
    assert code == 0, said
    assert int(outputs["changes"]) > 0
    assert outputs["refused"] == "0"
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
    code, said, _ = _use(runner, command="run", expect_digest="", **account)
    assert code == 64, "a digest that was lost is not one that nobody asked for"


def test_the_action_installs_what_it_came_with(runner):
    [install] = [
        step
        for step in yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
        if step.get("name") == "Install leadops"
    ]
    assert runner.step(install).returncode == 0
    runner.environment |= {"PIP_NO_INDEX": "1", "GITHUB_ACTION_PATH": "./nowhere"}
    assert runner.step(install).returncode != 0, "the runner of this test knows no other place"


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
