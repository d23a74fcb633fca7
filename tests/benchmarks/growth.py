"""Planning 5,000, 20,000 and 50,000 matched leads: time and memory grow no faster than their number."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = (5_000, 20_000, 50_000)
MOST_MB = 300
STEEPEST = 1.5
"""How many times the price of a lead may rise from the smallest size to the largest."""


def measure(results):
    """Plan each size in a process of its own and print the table."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / "plan.json"
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.planning", str(size), str(path)],
                capture_output=True,
                text=True,
                check=True,
            )
            told = json.loads(done.stdout)
            rows.append(
                (
                    size,
                    told["changes"],
                    told["seconds"],
                    told["seconds"] / size * 1e6,
                    told["peak_mb"],
                    (told["peak_mb"] - told["base_mb"]) / size * 1000,
                    path.stat().st_size / 1e6,
                )
            )
    results.table(
        f"Planning, from the playbook to the saved plan (target: at most {MOST_MB} MB, a lead's price at most {STEEPEST} times)",
        ("leads", "changes", "seconds", "µs a lead", "peak MB", "kB a lead", "file MB"),
        rows,
    )
    first, last = rows[0], rows[-1]
    results.require(last[4] <= MOST_MB, f"planning {last[0]:,} leads takes {last[4]:.0f} MB")
    steepness = {"time": last[3] / first[3], "memory": _margin(rows[1], last) / _margin(first, rows[1])}
    for what, ratio in steepness.items():
        results.require(ratio <= STEEPEST, f"planning: the {what} of a lead grows {ratio:.2f} times")


def _margin(smaller, larger):
    """Return the megabytes of each lead more, at least a byte."""
    return max((larger[4] - smaller[4]) / (larger[0] - smaller[0]), 1e-6)
