"""The nightly script of docs/examples/, run as cron runs it: no terminal, no environment."""

import shutil
import subprocess
from pathlib import Path

from tests.clock import CLOCK

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "docs" / "examples" / "nightly.sh"


def _project(folder, account):
    shutil.copy(SCRIPT, folder / "nightly.sh")
    shutil.copy(ROOT / "playbooks" / "won-in-april.lead", folder / "nightly.lead")
    lines = [f"export {name}='{value}'" for name, value in account.items()]
    (folder / "leadops.env").write_text("\n".join(lines) + "\n")
    (folder / "leadops.env").chmod(0o600)


def _nightly(folder):
    return subprocess.run(
        ["/bin/sh", str(folder / "nightly.sh")],
        env=CLOCK,
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


def test_the_nightly_script_can_be_started():
    assert SCRIPT.stat().st_mode & 0o111
