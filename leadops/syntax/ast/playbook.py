"""The file: its header and what it declares."""

from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.conditions import Condition
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.periods import Period
from leadops.syntax.ast.steps import Step
from leadops.syntax.ast.tests import Test
from leadops.syntax.ast.values import Value


@record()
class PlaybookHeader(Node):
    """``playbook "title" [language 1]``."""

    title: str
    language: int | None = None


@record()
class Timezone(Node):
    """``timezone "Asia/Kolkata"``."""

    name: str


@record()
class Include(Node):
    """``include "lib/common.lead"``."""

    path: str


@record()
class LimitLeads(Node):
    """``at most N leads``."""

    count: int


@record()
class LimitPercent(Node):
    """``at most P % of leads``; ``percent`` as written."""

    percent: str


@record()
class LimitCalls(Node):
    """``at most N calls``."""

    count: int


@record()
class LimitLane(Node):
    """``lane async`` (field updates may go through the async API) or ``lane sync``."""

    lane: Literal["sync", "async"]


@record()
class Limits(Node):
    """``limits { … }``."""

    items: tuple["LimitLeads | LimitPercent | LimitCalls | LimitLane", ...]


@record()
class Param(Node):
    """``param name: type [= default]``."""

    name: str
    type: Literal["text", "email", "phone", "number", "date", "period", "file", "secret"]
    default: Value | Period | None = None


@record()
class Define(Node):
    """``define name as COND``."""

    name: str
    condition: Condition


Item = PlaybookHeader | Timezone | Include | Limits | Param | Define | Step | Test


@record()
class Playbook(Node):
    """A parsed file: its items in written order."""

    items: tuple[Item, ...]
