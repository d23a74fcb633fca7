"""What a start costs, as a multiple of what the bare interpreter takes; processor time, the least of many starts."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = Path(sys.executable).with_name("leadops")
ROUNDS = 15
TARGETS = {"leadops --version": 4.0, "leadops check (100 steps)": 18.0}


def measure(results):
    """Start each command in turn, many times, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        playbook = Path(folder) / "hundred.lead"
        playbook.write_text(hundred_steps(), "utf-8")
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "leadops --version": [SCRIPT, "--version"],
            "leadops check (100 steps)": [SCRIPT, "check", playbook],
        }
        least = dict.fromkeys(commands, float("inf"))
        for _ in range(ROUNDS):
            for name, command in commands.items():
                least[name] = min(least[name], _spent(command, folder))
    bare = least["python -c pass"]
    rows = [(name, spent * 1000, spent / bare, TARGETS.get(name, 1.0)) for name, spent in least.items()]
    results.table(
        "Start-up (target: a multiple of the bare interpreter)", ("command", "ms", "ratio", "target"), rows
    )
    for name, _, ratio, target in rows[1:]:
        results.require(ratio <= target, f"{name} takes {ratio:.1f} times the bare interpreter")


def hundred_steps():
    """Return a playbook of a hundred steps."""
    return "\n".join(
        f'step "step {n}" {{\n  find leads where status = Won and rating = {n % 5 + 1}\n  set rating = {(n + 1) % 5 + 1}\n}}'
        for n in range(100)
    )


def _spent(command, folder):
    """Return the seconds of processor time that a process takes."""
    environment = {"PATH": os.defpath, "HOME": folder, "LEADOPS_STATE": f"{folder}/state"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
