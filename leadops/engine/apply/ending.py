"""How a run ends: its exit code and the one sentence that explains it."""

from collections import Counter
from collections.abc import Sequence

from leadops.core.exit_codes import Exit
from leadops.engine.apply.context.run_context import Halt
from leadops.model.journal import RunState
from leadops.model.run import Outcome, Result
from leadops.model.saved import Refusal

_FAILED = frozenset(
    {
        Outcome.REJECTED,
        Outcome.IGNORED_BY_CRM,
        Outcome.STALE,
        Outcome.IN_DOUBT,
        Outcome.GHOST,
        Outcome.SKIPPED_BY_GUARD,
    }
)
_SIGNALS = frozenset({int(Exit.INTERRUPTED), int(Exit.TERMINATED)})


def ending(
    results: Sequence[Result], refused: Sequence[Refusal], halted: Halt | None, *, wrote: bool
) -> tuple[int, str, RunState]:
    """Return exit code, reason and what becomes of the run.

    If anything was written and anything failed, the code is 3; a signal by itself is no failure.
    """
    said = _said(results, refused)
    failed = any(_outcomes(one) & _FAILED for one in results)
    if halted is not None:
        if halted.exit_code in _SIGNALS:
            code = int(Exit.INCOMPLETE) if wrote and failed else halted.exit_code
        else:
            code = int(Exit.INCOMPLETE) if wrote else halted.exit_code
        return code, f"{halted.reason}{f' ({said})' if said else ''}", halted.state
    if said:
        return int(Exit.INCOMPLETE), said, RunState.DONE
    return (
        int(Exit.DONE),
        "everything is as asked" if results else "there was nothing to change",
        RunState.DONE,
    )


def _outcomes(result: Result) -> frozenset[Outcome]:
    return frozenset({result.outcome, *result.fields.values()})


def _said(results: Sequence[Result], refused: Sequence[Refusal]) -> str:
    """Return what is not as asked, counted; empty when all is."""
    counts = Counter[str]()
    for result in results:
        for outcome in _outcomes(result):
            counts[outcome.value] += 1
    counts[Outcome.REJECTED.value] += sum(one.outcome == "rejected" for one in refused)
    words = {
        Outcome.REJECTED: "rejected",
        Outcome.IGNORED_BY_CRM: "ignored by the CRM",
        Outcome.STALE: "stale",
        Outcome.SKIPPED_BY_GUARD: "skipped by a guard",
        Outcome.IN_DOUBT: "in doubt",
        Outcome.NOT_ATTEMPTED: "not attempted",
        Outcome.GHOST: "ghost",
    }
    return ", ".join(f"{counts[one.value]} {text}" for one, text in words.items() if counts[one.value])
