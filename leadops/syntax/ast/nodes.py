"""What every node of the AST has."""

from dataclasses import field

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span


@record(kw_only=True)
class Node:
    """Anything written in a playbook.

    Attributes:
        span: where it stands.
    """

    span: Span = field(compare=False, repr=False)
