"""A sandbox on a port, as another process, and a clean environment that names it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clock import CLOCK
from tests.examples.runner import Runner

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture
def service(tmp_path):
    """The served sandbox: what its first line of output says."""
    server = subprocess.Popen(
        [str(BIN / "leadops"), "sandbox", "serve", "--fresh", "--port", "0", "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**CLOCK, "PATH": os.defpath, "HOME": str(tmp_path), "LEADOPS_STATE": str(tmp_path / "server")},
    )
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.terminate()
        server.communicate(timeout=20)
        assert server.returncode in (0, 143), server.returncode


@pytest.fixture
def account(service, tmp_path):
    """The environment that cron would set for it, and nothing more."""
    return {
        **CLOCK,
        "HOME": str(tmp_path),
        "PATH": f"{BIN}{os.pathsep}{os.defpath}",
        "LEADOPS_STATE": str(tmp_path / "state"),
        "TELECRM_ENTERPRISE_ID": service["enterprise_id"],
        "TELECRM_SYNC_TOKEN": service["sync_token"],
        "TELECRM_BASE_URL": service["sync_base_url"],
    }


@pytest.fixture
def runner(account, tmp_path):
    """GitHub's runner: the account stands in the repository's secrets and variables, not in the environment."""
    known = {
        "vars.TELECRM_ENTERPRISE_ID": account.pop("TELECRM_ENTERPRISE_ID"),
        "secrets.TELECRM_SYNC_TOKEN": account.pop("TELECRM_SYNC_TOKEN"),
    }
    checkout = tmp_path / "checkout"
    (checkout / "playbooks").mkdir(parents=True)
    (checkout / ".git").mkdir()
    shutil.copy(ROOT / "playbooks" / "won-in-april.lead", checkout / "playbooks" / "nightly.lead")
    return Runner(checkout, known, account)
