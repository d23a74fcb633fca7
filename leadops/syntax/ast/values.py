"""Values, and the fields that they are given to."""

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.nodes import Node


@record()
class Word(Node):
    """A bare word: ``Won``, ``Walk-in``, ``OUTGOING_CALL``, ``true``."""

    text: str


@record()
class String(Node):
    """A quoted text, escapes resolved; also a bare e-mail. May hold ``{{ … }}``, which analysis reads."""

    text: str


@record()
class Number(Node):
    """Bare digits as written, with an optional sign and fraction: ``5``, ``-2.5``, ``919999999999``, ``1001``."""

    text: str


@record()
class Date(Node):
    """An ISO day or local minute as written: ``2026-04-01``, ``2026-04-01T09:00``."""

    text: str


@record()
class ParamRef(Node):
    """``$name``."""

    name: str


@record()
class RowRef(Node):
    """A cell of the current CSV row: ``row.phone`` or ``row.`Column name```."""

    column: str


@record()
class List(Node):
    """``["VIP", "Returning"]``: several tags as one value, in ``set`` and ``with``; lists do not nest."""

    values: tuple["Word | String | Number | Date | ParamRef | RowRef", ...]


Value = Word | String | Number | Date | ParamRef | RowRef | List


@record()
class FieldRef(Node):
    """A field by API name, or by display label in backticks.

    Attributes:
        name: as written, without the backticks.
        quoted: True when it stood in backticks.
    """

    name: str
    quoted: bool = False


@record()
class Assignment(Node):
    """``field = value``, in ``set``, ``with`` and ``where`` lists."""

    field: FieldRef
    value: Value
