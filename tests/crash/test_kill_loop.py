"""SIGKILL at every journal and network step, then resume: nothing doubled, nothing lost, the journal whole."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def quick_folder(tmp_path):
    """A folder in memory where there is one: a killed process, unlike a power cut, loses nothing that was written."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_run_killed_at_any_point_is_ended_by_resume(quick_folder):
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.victim", str(quick_folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["violations"] == [], done.stderr
    assert said["points"] >= 40
