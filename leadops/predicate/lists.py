"""Tests that list the values of one field: ``status = Won``, ``status in [Won, Lost]``."""

from dataclasses import replace

from leadops.core.text import folded
from leadops.model.predicate import Condition, Equals, OneOf, Or
from leadops.model.values import FREE_TEXTS, Comparable, Value, comparable
from leadops.predicate.words import words

NOTHING = Or(())
"""True of no lead."""


def listed(term: Condition) -> tuple[Value, ...] | None:
    """Return the values that an Equals or OneOf allows; None for any other test."""
    match term:
        case Equals(_, _, value):
            return (value,)
        case OneOf(_, _, values):
            return values
        case _:
            return None


def one_of(term: Equals | OneOf, values: tuple[Value, ...]) -> Condition:
    """Return the test that allows ``values`` of the field of ``term``."""
    if not values:
        return NOTHING
    made = (
        Equals(term.field, term.type, values[0]) if len(values) == 1 else OneOf(term.field, term.type, values)
    )
    return replace(made, text=words(made), origin=term.origin)


def keyed(test: Equals | OneOf, cc: str) -> list[tuple[Value, Comparable]]:
    """Return the test's values, each with what the evaluator compares: blanks of a free text count."""
    free = test.type in FREE_TEXTS
    return [
        (value, folded(value) if free and isinstance(value, str) else comparable(value, test.type, cc))
        for value in listed(test) or ()
    ]
