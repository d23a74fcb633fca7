"""What the shell offers: verbs without importing them, files where files are named, runs, profiles."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LEADOPS = Path(sys.executable).parent / "leadops"


def _offered(home, *words):
    done = subprocess.run(
        [str(LEADOPS)],
        cwd=home,
        env={
            **os.environ,
            "COMP_WORDS": "leadops " + " ".join(words),
            "COMP_CWORD": str(len(words)),
            "_LEADOPS_COMPLETE": "bash_complete",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [tuple(line.split(",", 1)) for line in done.stdout.splitlines() if line]


def test_verbs_are_offered(home):
    assert _offered(home, "wh") == [("plain", "why"), ("plain", "why-not")]
    assert ("plain", "pull") in _offered(home, "schema", "p")


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "ni"), ("check", "ni"), ("fmt", "ni"), ("test", "ni"), ("apply", "ni"), ("show", "ni"),
        ("run", "--param-file", "ni"), ("plan", "-o", "ni"), ("ids", "import", "ni"), ("report", "--template", "ni"),
    ],
)  # fmt: skip
def test_files_are_offered_where_files_are_named(home, words):
    assert _offered(home, *words) == [("file", "ni")]


def test_folders_runs_and_profiles_are_offered(home, leadops):
    assert _offered(home, "plan", "--state", "x") == [("dir", "x")]
    (home / "leadops.toml").write_text('[profiles.pune]\ntimezone = "Asia/Kolkata"\n[profiles.goa]\n')
    assert _offered(home, "plan", "--profile", "p") == [("plain", "pune")]
    (home / ".leadops" / "runs" / "20260101T000000Z-a-000000").mkdir(parents=True)
    assert [name for _, name in _offered(home, "resume", "")] == ["last", "20260101T000000Z-a-000000"]
    (home / "leadops.toml").write_text("broken")
    assert _offered(home, "plan", "--profile", "p") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(leadops, shell):
    code, script, _ = leadops("completion", shell)
    assert code == 0
    assert f"_LEADOPS_COMPLETE={shell}_complete" in script
    assert 'string split ","' not in script
