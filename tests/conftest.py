"""Running a command line in this process: stdout, stderr and the exit code."""

import pytest

from leadops.cli.main import run


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty project folder with a state folder of its own and nothing configured."""
    for name in (
        "LEADOPS_PROFILE", "LEADOPS_SETTLE", "TELECRM_ENTERPRISE_ID", "TELECRM_SYNC_TOKEN", "TELECRM_ASYNC_TOKEN",
        "TELECRM_BASE_URL", "TELECRM_ASYNC_BASE_URL", "NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY", "COLUMNS",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEADOPS_STATE", str(tmp_path / "state"))
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    return project


@pytest.fixture
def leadops(home, capfd):
    """Call with arguments: returns (exit code, stdout, stderr)."""

    def call(*arguments):
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call
