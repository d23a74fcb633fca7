"""Why a condition is true or false of a lead: the tests that decide, and the fewest that would have to turn."""

from dataclasses import dataclass

from leadops.model.lead import Lead
from leadops.model.predicate import And, Condition, Everything, Not, Or
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts


@dataclass(frozen=True, slots=True)
class Decision:
    """What decides.

    Attributes:
        verdict: whether the condition is true of the lead.
        flip: the fewest tests (each with its Not) which, turned round together, turn the verdict round.
    """

    verdict: bool
    flip: tuple[Condition, ...]


def decision(condition: Condition, lead: Lead, facts: Facts) -> Decision:
    """Return what decides ``condition``, in normal form, for ``lead``.

    Raises:
        LookupError: an activity is not known (see ``holds``).
    """
    verdict = holds(condition, lead, facts)
    return Decision(verdict, _flip(condition, lead, facts, want=not verdict) or ())


def _flip(condition: Condition, lead: Lead, facts: Facts, *, want: bool) -> tuple[Condition, ...] | None:
    """Return the fewest tests to turn so that ``condition`` becomes ``want``; None when nothing can make it so."""
    match condition:
        case And(terms) | Or(terms):
            ways = [_flip(term, lead, facts, want=want) for term in terms]
            if isinstance(condition, And) is want:
                if any(way is None for way in ways):
                    return None
                return tuple(dict.fromkeys(test for way in ways for test in way or ()))
            possible = [way for way in ways if way is not None]
            return min(possible, key=len) if possible else None
        case _:
            if holds(condition, lead, facts) is want:
                return ()
            inner = condition.term if isinstance(condition, Not) else condition
            return None if isinstance(inner, Everything) else (condition,)
