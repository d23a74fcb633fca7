"""What playbooks cost: pages against the best plan that is known, on the independent server."""

import math

from tests.conformance.judge import FREE_PROBES, Bench
from tests.conformance.playbooks import CASES

LEADS = 2500
PER_HOUR = 3600


def measure(results):
    """Plan every playbook and print the table: a page is a search that reads rows."""
    rows = []
    for case in CASES:
        with Bench(LEADS) as bench:
            expected, best = case.expected(bench.oracle), case.best(bench.oracle)
            seen = bench.run(case.playbook(bench.oracle), apply=False)
        pages = len(seen.pages) + max(0, len(seen.probes) - FREE_PROBES)
        calls = len(seen.pages) + len(seen.probes) + len(seen.saved.changes)
        rows.append(
            (
                case.name,
                len(expected),
                len(seen.pages),
                len(seen.probes),
                best,
                pages / best,
                calls * 60 / PER_HOUR,
            )
        )
        results.require(seen.planned == expected, f"{case.name}: the set is not exact")
        results.require(pages <= math.ceil(1.1 * best) + 1, f"{case.name}: {pages} pages, the best is {best}")
    results.table(
        f"Playbooks on {LEADS:,} leads (target: pages at most 1.1 × best + 1; minutes for all calls, writes included)",
        ("playbook", "leads", "pages", "probes", "best", "ratio", "minutes"),
        rows,
    )
