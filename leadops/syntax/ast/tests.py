"""Tests in the file."""

from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.periods import Period
from leadops.syntax.ast.values import Assignment, Value


@record()
class GivenNow(Node):
    """``given now 2026-05-02T09:00``: local time of the playbook."""

    at: str


@record()
class GivenCall(Node):
    """``called|called us|missed call [by WHO] [on T]`` behind a given lead."""

    direction: Literal["outgoing", "incoming", "missed"]
    by: Value | None = None
    at: str | None = None


@record()
class GivenAction(Node):
    """``has action TYPE [with …] [by WHO] [on T]`` (or ``has payment …``) behind a given lead."""

    action: Value | None
    having: tuple[Assignment, ...] = ()
    by: Value | None = None
    at: str | None = None


@record()
class GivenLead(Node):
    """``given lead with f = v, … [called …] [has action …]``."""

    fields: tuple[Assignment, ...]
    history: tuple["GivenCall | GivenAction", ...] = ()


@record()
class GivenParam(Node):
    """``given param name = value``."""

    name: str
    value: Value | Period


@record()
class StepMatches(Node):
    """``step "title" matches N leads``; ``title`` None: the unnamed step."""

    title: str | None
    count: int


@record()
class LeadWouldHave(Node):
    """``lead "…" would have f = v, …``."""

    lead: Value
    fields: tuple[Assignment, ...]


@record()
class LeadWouldHaveAction(Node):
    """``lead "…" would have action TYPE [with k = v, …]``."""

    lead: Value
    action: Value
    having: tuple[Assignment, ...] = ()


@record()
class LeadNotTouched(Node):
    """``lead "…" is not touched``."""

    lead: Value


TestStatement = (
    GivenNow | GivenLead | GivenParam | StepMatches | LeadWouldHave | LeadWouldHaveAction | LeadNotTouched
)


@record()
class Test(Node):
    """``test "title" { … }``."""

    title: str
    statements: tuple[TestStatement, ...]
