"""GitHub's runner as far as our examples need it: steps run as it runs them, expressions that it would fill in."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = "git+https://git.example.org/sales/leadops@" + "0" * 40
"""Where the workflow is told that leadops comes from."""

_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


@dataclass
class Runner:
    """A checkout on a runner.

    Attributes:
        folder: the working folder.
        known: values of expressions such as ``secrets.TELECRM_SYNC_TOKEN``; an unknown one is an error.
        environment: the runner's own.
    """

    folder: Path
    known: dict
    environment: dict
    summary: Path = field(init=False)

    def __post_init__(self):
        """Installing this leadops, from its place or the action's folder, finds it there; all else Python does."""
        tools = self.folder.parent / "tools"
        tools.mkdir(exist_ok=True)
        python = tools / "python"
        python.write_text(
            "#!/bin/sh\n"
            f'if [ "$*" = "-m pip install {PLACE}" ]; then exit 0; fi\n'
            f'if [ "$*" = "-m pip install {ROOT}" ]; then exit 0; fi\n'
            f'exec "{sys.executable}" "$@"\n'
        )
        python.chmod(0o755)
        self.summary = self.folder.parent / "summary.md"
        self.summary.touch()
        self.environment = {
            **self.environment,
            "PATH": f"{tools}{os.pathsep}{self.environment['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.folder.parent),
            "GITHUB_ACTION_PATH": str(ROOT),
        }

    def step(self, step, environment=None):
        """Run one step as GitHub runs it; keep its outputs."""
        script, outputs = self.folder.parent / "step.sh", self.folder.parent / "outputs"
        script.write_text(step["run"])
        outputs.write_text("")
        given = {
            key: self.fill(str(value))
            for key, value in {**(environment or {}), **step.get("env", {})}.items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env={**self.environment, **given, "GITHUB_OUTPUT": str(outputs)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        for line in outputs.read_text().splitlines():
            key, _, value = line.partition("=")
            self.known[f"steps.{step['id']}.outputs.{key}"] = value
        return done

    def job(self, workflow, name):
        """Run a job's steps until one fails; return (exit code, what all of them printed)."""
        said, job = "", workflow["jobs"][name]
        for step in job["steps"]:
            if "run" not in step:
                continue
            done = self.step(step, {**workflow.get("env", {}), **job.get("env", {})})
            said += done.stdout + done.stderr
            if done.returncode != 0:
                return done.returncode, said
        for key, value in job.get("outputs", {}).items():
            self.known[f"needs.{name}.outputs.{key}"] = self.fill(value)
        return 0, said

    def fill(self, text):
        """Return ``text`` with the values of its expressions."""
        return _EXPRESSION.sub(lambda match: self.known[match.group(1)], text)
