"""A condition, resolved: names are API names, values typed, periods windows. What it means is said in predicate/.

Two-valued: ``Not`` includes leads whose field is missing. Produced by analysis/, pushed by planner/.
"""

from dataclasses import field
from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.model.schema import FieldType
from leadops.model.values import Value


@record()
class Window:
    """A stretch of time, half open.

    Attributes:
        start_ms, end_ms: epoch ms; the end is exclusive. A search is sent ``end_ms - 1`` (docs/api.md §14.20).
        first_day, last_day: the same as inclusive local ISO days, for people and for digests.
        text: as written in the playbook, canonical spelling.
        moving: True when it depends on the clock (``today``, ``last 14 days``, ``April``).
    """

    start_ms: int
    end_ms: int
    first_day: str
    last_day: str
    text: str
    moving: bool = False


@record(kw_only=True)
class Term:
    """Any condition.

    Attributes:
        text: its canonical spelling, for people.
        origin: where it was written.
    """

    text: str = field(default="", compare=False)
    origin: Span | None = field(default=None, compare=False, repr=False)


@record()
class Everything(Term):
    """True of every lead."""


@record()
class Equals(Term):
    """``field = value``. Never of tags; a day of a date field is an InWindow."""

    field: str
    type: FieldType
    value: Value


@record()
class OneOf(Term):
    """``field in [values]``: equal to one of them."""

    field: str
    type: FieldType
    values: tuple[Value, ...]


@record()
class Compare(Term):
    """``field < value`` and its like, on numbers, money, ratings and dates (epoch ms). Missing: False."""

    field: str
    type: FieldType
    op: Literal["<", "<=", ">", ">="]
    value: Value


@record()
class InWindow(Term):
    """A date field lies in a window. ``created in …`` has the field ``created_on``."""

    field: str
    window: Window


@record()
class TextMatch(Term):
    """``field contains|starts with|ends with value``, on folded text (a phone: on its digits)."""

    field: str
    type: FieldType
    kind: Literal["contains", "starts with", "ends with"]
    value: str


@record()
class Missing(Term):
    """``field is missing``: absent, null, blank, or no tags."""

    field: str
    type: FieldType


@record()
class HasTags(Term):
    """``field has any|all [values]``."""

    field: str
    which: Literal["any", "all"]
    values: tuple[str, ...]


@record()
class Having(Term):
    """A field of an action equals a value; ``key`` may be status, currency or amount for payments."""

    key: str
    type: FieldType
    value: Value


@record()
class Activity(Term):
    """At least one single action satisfies all of it.

    Attributes:
        types: any of these types; custom ones by bare code, built-in ones by enum (docs/api.md §8).
        by: any of these performers' e-mails; empty: anyone.
        window: when it happened; None: ever.
        having: all of these fields of the action; a search cannot say it.
    """

    types: tuple[str, ...]
    by: tuple[str, ...] = ()
    window: Window | None = None
    having: tuple[Having, ...] = ()


@record()
class LeadIs(Term):
    """The lead of this id."""

    lead_id: str


@record()
class And(Term):
    """All of ``terms``."""

    terms: tuple["Condition", ...]


@record()
class Or(Term):
    """Any of ``terms``."""

    terms: tuple["Condition", ...]


@record()
class Not(Term):
    """Not ``term``."""

    term: "Condition"


FieldTest = Equals | OneOf | Compare | InWindow | TextMatch | Missing | HasTags
Condition = Everything | FieldTest | Activity | LeadIs | And | Or | Not
