"""A place to run the console script in: its own folder, state and environment, pointed at a server."""

import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.clock import CLOCK

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(sys.executable).with_name("leadops")
PATIENCE = 120
"""Seconds after which a process that should have ended is a failure."""


@dataclass(slots=True)
class Done:
    """An ended process."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass(slots=True)
class Place:
    """A working folder with a state store; ``server`` may be None: nothing configured."""

    folder: Path
    server: object = None
    state: Path | None = None
    settle: str = "1s"
    variables: dict = field(default_factory=dict)

    def __post_init__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state = self.state or self.folder / "state"

    def environment(self):
        """Return the whole environment of a process: nothing is inherited."""
        return {
            **CLOCK,
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "160",
            "LEADOPS_STATE": str(self.state),
            "LEADOPS_SETTLE": self.settle,
            **(self.server.environment() if self.server else {}),
            **self.variables,
        }

    def start(self, *arguments, stdin=subprocess.DEVNULL):
        """Start the console script; the caller ends it."""
        return subprocess.Popen(
            [SCRIPT, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def leadops(self, *arguments, code=0, stdin=os.devnull):
        """Run the console script to its end; ``code`` is the exit code it must have, None for any; ``stdin`` a file."""
        with Path(stdin).open(encoding="utf-8") as file:
            process = self.start(*arguments, stdin=file)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"{arguments} did not end\n{out}\n{err}") from None
        done = Done(process.returncode, out, err)
        assert code is None or done.code == code, f"{arguments} should have ended with {code}: {done}"
        return done

    def plan(self, *arguments, code=0):
        """Return the JSON form of a plan."""
        return self.leadops("plan", "--format", "json", *arguments, code=code).json

    @property
    def runs(self):
        """The run folders, oldest first."""
        return sorted((self.folder / ".leadops" / "runs").glob("*"))

    def results(self):
        """Return results.json of the last run."""
        return json.loads((self.runs[-1] / "results.json").read_text("utf-8"))


def playbook(name):
    """Return the path of one of the playbooks that ship."""
    return ROOT / "playbooks" / f"{name}.lead"


def mode(path):
    """Return a path's permissions."""
    return stat.S_IMODE(Path(path).stat().st_mode)


def until(condition, *, seconds=60, what="it"):
    """Wait until ``condition()`` is true."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds} s")
