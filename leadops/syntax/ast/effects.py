"""What a step does with its leads."""

from dataclasses import field
from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.conditions import Condition
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.periods import Period
from leadops.syntax.ast.values import Assignment, FieldRef, String, Value


@record()
class SetFields(Node):
    """``set f = v, g = v``."""

    fields: tuple[Assignment, ...]


@record()
class ClearFields(Node):
    """``clear f, g``."""

    fields: tuple[FieldRef, ...]


@record()
class ChangeTags(Node):
    """``add "VIP" to interests`` or ``remove "VIP", "Old" from interests``."""

    verb: Literal["add", "remove"]
    tags: tuple[Value, ...]
    field: FieldRef


@record()
class OncePer(Node):
    """``once per lead [in PERIOD]``, or ``each run``.

    Attributes:
        each_run: True for ``each run``; then ``period`` is None.
        period: repeats in each such period; None: once per lead, for ever.
    """

    each_run: bool = False
    period: Period | None = None


@record()
class AddAction(Node):
    """``add action TYPE [with k = v, …] [once per …|each run] [key "…"]``.

    Attributes:
        key_start: where its ``key`` stands.
    """

    action: Value
    fields: tuple[Assignment, ...] = ()
    once: OncePer | None = None
    key: str | None = None
    key_start: int = field(default=0, compare=False, repr=False)


@record()
class AddPayment(Node):
    """``add payment [with] status = …, currency = …, amount = … [once per …] [key "…"]``.

    Attributes:
        key_start: where its ``key`` stands.
    """

    fields: tuple[Assignment, ...]
    once: OncePer | None = None
    key: str | None = None
    key_start: int = field(default=0, compare=False, repr=False)


@record()
class UpdateAction(Node):
    """``update action TYPE [where k = v, …] with k = v, …``: the latest that matches."""

    action: Value
    where: tuple[Assignment, ...]
    fields: tuple[Assignment, ...]


@record()
class UpdatePayment(Node):
    """``update payment [where k = v, …] with status = …``: the latest that matches."""

    where: tuple[Assignment, ...]
    fields: tuple[Assignment, ...]


@record()
class ReadTimeline(Node):
    """``read timeline [in PERIOD]``."""

    period: Period | None = None


@record()
class When(Node):
    """``when COND { … } [otherwise when COND { … }]… [otherwise { … }]``.

    Attributes:
        chained: ``otherwise`` is a ``when`` without braces of its own.
    """

    condition: Condition
    then: tuple["Effect", ...]
    otherwise: tuple["Effect", ...] = ()
    chained: bool = False


@record()
class Report(Node):
    """``report to "out.md" [using "my.md.j2"]``."""

    path: str
    template: str | None = None


@record()
class Notify(Node):
    """``notify "name" with "text"``."""

    name: str
    text: String


Effect = (
    SetFields
    | ClearFields
    | ChangeTags
    | AddAction
    | AddPayment
    | UpdateAction
    | UpdatePayment
    | ReadTimeline
    | When
    | Report
    | Notify
)
