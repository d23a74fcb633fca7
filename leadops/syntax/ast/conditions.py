"""Conditions."""

from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.periods import Period
from leadops.syntax.ast.values import Assignment, FieldRef, Value


@record()
class Comparison(Node):
    """``field op value``."""

    field: FieldRef
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    value: Value


@record()
class Membership(Node):
    """``field [not] in [a, b]``."""

    field: FieldRef
    values: tuple[Value, ...]
    negated: bool = False


@record()
class Between(Node):
    """``field between low and high``: both included."""

    field: FieldRef
    low: Value
    high: Value


@record()
class TextTest(Node):
    """``field contains|starts with|ends with value``."""

    field: FieldRef
    kind: Literal["contains", "starts with", "ends with"]
    value: Value


@record()
class Presence(Node):
    """``field is missing`` or ``field is present``."""

    field: FieldRef
    missing: bool


@record()
class TagTest(Node):
    """``field has any|all [a, b]``."""

    field: FieldRef
    which: Literal["any", "all"]
    values: tuple[Value, ...]


@record()
class InPeriod(Node):
    """``field in PERIOD``; ``created in PERIOD`` is written with the field ``created``."""

    field: FieldRef
    period: Period


@record()
class CallPhrase(Node):
    """``called …`` (outgoing), ``called us …`` (incoming), ``missed call …``: one call satisfies all of it."""

    direction: Literal["outgoing", "incoming", "missed"]
    by: tuple[Value, ...] = ()
    period: Period | None = None


@record()
class ActionPhrase(Node):
    """``has action TYPE [with k = v] [by WHO] [in PERIOD]``: one action satisfies all of it."""

    action: Value
    having: tuple[Assignment, ...] = ()
    by: tuple[Value, ...] = ()
    period: Period | None = None


@record()
class PaymentPhrase(Node):
    """``has payment [with k = v] [by WHO] [in PERIOD]``."""

    having: tuple[Assignment, ...] = ()
    by: tuple[Value, ...] = ()
    period: Period | None = None


@record()
class Matches(Node):
    """``matches NAME``: a condition named by ``define``."""

    name: str


@record()
class And(Node):
    """All of ``terms``; two or more, none of them an And."""

    terms: tuple["Condition", ...]


@record()
class Or(Node):
    """Any of ``terms``; two or more, none of them an Or."""

    terms: tuple["Condition", ...]


@record()
class Not(Node):
    """Not ``term``."""

    term: "Condition"


Condition = (
    Comparison
    | Membership
    | Between
    | TextTest
    | Presence
    | TagTest
    | InPeriod
    | CallPhrase
    | ActionPhrase
    | PaymentPhrase
    | Matches
    | And
    | Or
    | Not
)
