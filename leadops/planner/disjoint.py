"""Alternatives made disjoint, so that no lead is read by two searches of a union."""

from collections.abc import Sequence

from leadops.model.predicate import Compare, Condition, Equals, Not, OneOf
from leadops.model.schema import Schema
from leadops.planner.filters import others
from leadops.predicate.normalise import conjunction
from leadops.predicate.words import words


def apart(alternatives: Sequence[Condition], schema: Schema, country_code: str) -> list[Condition]:
    """Return alternatives of the same union that share no lead, as far as a search can leave some out; else none.

    Only tests of fields whose values are all known can be left out of a search: they come first, and the others
    exclude them.
    """
    out = [
        test
        for test in alternatives
        if isinstance(test, Equals | OneOf | Compare) and others(test, schema, country_code) is not None
    ]
    made: list[Condition] = []
    for term in sorted(alternatives, key=lambda one: one not in out):
        gone = out[: out.index(term)] if term in out else out
        kept = [Not(test, text=f"not ({words(test)})", origin=test.origin) for test in gone]
        made.append(conjunction([term, *kept], country_code))
    return made if out else []
