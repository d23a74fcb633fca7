"""`make bench`: ratios in one run, as tables with their targets; exits with 1 when a target is missed.

``python -m tests.benchmarks [NAME …]`` measures only those that are named.
"""

import sys

from tests.benchmarks import growth, prices, rate, startup, throughput
from tests.benchmarks.tables import Results

ALL = {
    "startup": startup.measure,
    "rate": rate.measure,
    "throughput": throughput.measure,
    "growth": growth.measure,
    "prices": prices.measure,
}


def main(names):
    """Measure, and return the exit code."""
    unknown = set(names) - set(ALL)
    if unknown:
        sys.stderr.write(f"there is no {', '.join(sorted(unknown))}; known: {', '.join(ALL)}\n")
        return 64
    results = Results()
    for name in names or ALL:
        ALL[name](results)
    for sentence in results.missed:
        sys.stdout.write(f"missed: {sentence}\n")
    sys.stdout.write("\nevery target is met\n" if not results.missed else "\n")
    return 1 if results.missed else 0


sys.exit(main(sys.argv[1:]))
