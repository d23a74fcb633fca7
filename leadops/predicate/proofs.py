"""What can be proved of conditions from their text alone: that no lead satisfies them.

A condition is always true where its opposite is impossible. What is too long to be looked through is left open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field

from leadops.core.fast_dataclass import record
from leadops.model.predicate import Activity, And, Condition, Everything, LeadIs, Not, Or
from leadops.predicate.fieldproofs import FieldTest, Known, possible

MOST_STEPS = 4_000
"""So many tests and combinations of them are looked at for one proof."""
_MOST_OF_ONE = 60
"""Of more tests of one field nothing is proved."""


@record(frozen=False)
class _State:
    """What holds so far: tests by field, those that are true and those that are not."""

    fields: dict[str, tuple[tuple[FieldTest, bool], ...]] = field(default_factory=dict)
    activities: tuple[tuple[Activity, bool], ...] = ()
    leads: frozenset[tuple[str, bool]] = frozenset()

    def copy(self) -> "_State":
        return _State(dict(self.fields), self.activities, self.leads)


class _TooMuch(Exception):  # noqa: N818 (never leaves this module)
    """More would have to be looked at than a proof is worth."""


@record(frozen=False)
class _Proof:
    known: Known
    left: int = MOST_STEPS

    def satisfiable(self, pending: list[tuple[Condition, bool]], state: _State) -> bool:
        """Whether some lead may satisfy all of ``pending`` and ``state``; True also where it is open."""
        choices: list[list[tuple[Condition, bool]]] = []
        while pending:
            condition, true = pending.pop()
            self._spend()
            match condition, true:
                case Everything(), _:
                    if not true:
                        return False
                case Not(term), _:
                    pending.append((term, not true))
                case (And(terms), True) | (Or(terms), False):
                    pending += [(term, true) for term in terms]
                case (And(terms), False) | (Or(terms), True):
                    if not terms:
                        return False
                    choices.append([(term, true) for term in terms])
                case _:
                    if not self._add(state, condition, true=true):
                        return False
        if not choices:
            return True
        first = min(choices, key=len)
        rest = [_joined(one) for one in choices if one is not first]
        return any(self.satisfiable([*rest, one], state.copy()) for one in first)

    def _add(self, state: _State, test: Condition, *, true: bool) -> bool:
        """Add a test to what holds; return whether that may still be."""
        match test:
            case Activity():
                state.activities = (*state.activities, (test, true))
                self._spend(len(state.activities))
                yes = [one for one, holds in state.activities if holds]
                no = [one for one, holds in state.activities if not holds]
                return not any(_implies(a, b, self.known) for a in yes for b in no)
            case LeadIs(lead_id):
                state.leads |= {(lead_id, true)}
                yes_ids = {one for one, holds in state.leads if holds}
                return len(yes_ids) < 2 and not any((one, False) in state.leads for one in yes_ids)
            case And() | Or() | Not() | Everything():
                raise TypeError(type(test).__name__)
            case _:
                tests = (*state.fields.get(test.field, ()), (test, true))
                state.fields[test.field] = tests
                self._spend(len(tests))
                return len(tests) > _MOST_OF_ONE or possible(test.field, tests, self.known)

    def _spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise _TooMuch


def _joined(choice: list[tuple[Condition, bool]]) -> tuple[Condition, bool]:
    terms = tuple(term for term, _ in choice)
    true = choice[0][1]
    return (Or(terms), True) if true else (And(terms), False)


def impossible(conditions: Iterable[Condition], known: Known) -> bool:
    """Whether it can be proved that no lead satisfies all of ``conditions``."""
    try:
        return not _Proof(known).satisfiable([(one, True) for one in conditions], _State())
    except (_TooMuch, RecursionError):
        return False


def always(condition: Condition, known: Known) -> bool:
    """Whether it can be proved that every lead satisfies ``condition``."""
    return impossible([Not(condition)], known)


def _implies(a: Activity, b: Activity, known: Known) -> bool:
    """Whether an action that satisfies ``a`` is sure to satisfy ``b``."""
    if a.window != b.window and b.window is not None and (known.moves(a.window) or known.moves(b.window)):
        return False
    inside = b.window is None or (
        a.window is not None and b.window.start_ms <= a.window.start_ms and a.window.end_ms <= b.window.end_ms
    )
    by = not b.by or (bool(a.by) and set(a.by) <= set(b.by))
    return inside and by and set(a.types) <= set(b.types) and set(b.having) <= set(a.having)


def parts(condition: Condition) -> Iterator[Condition]:
    """Yield what ``condition`` is joined of, itself last; a ``not`` before a single test is one with it."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from parts(term)
        case Not(And() | Or() | Not() as term):
            yield from parts(term)
        case _:
            pass
    yield condition
