"""The hooks of .pre-commit-hooks.yaml, called as pre-commit calls them: the entry, then the files."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from tests.clock import CLOCK

ROOT = Path(__file__).resolve().parents[2]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}


def _hook(name, folder, *files):
    entry = shlex.split(HOOKS[name]["entry"])
    command = [str(Path(sys.executable).parent / entry[0]), *entry[1:], *files]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**CLOCK, "HOME": str(folder)}
    )


def test_fmt_writes_and_check_finds(tmp_path):
    (tmp_path / "a.lead").write_text("find leads where status=Won; set rating 5")
    (tmp_path / "b.lead").write_text("find leads where status = ; set rating 5")
    assert _hook("leadops-fmt", tmp_path, "a.lead").returncode == 0
    assert (tmp_path / "a.lead").read_text() == "find leads where status = Won\nset rating = 5\n"
    assert _hook("leadops-check", tmp_path, "a.lead").returncode == 0
    assert _hook("leadops-check", tmp_path, "a.lead", "b.lead").returncode == 1


def test_the_hooks_see_playbooks_only_and_one_at_a_time():
    for hook in HOOKS.values():
        assert re.search(hook["files"], "playbooks/nightly.lead")
        assert not re.search(hook["files"], "leadops.toml")
        assert hook["require_serial"]
        assert hook["language"] == "python"
