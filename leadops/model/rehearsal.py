"""A test of a playbook's own file, resolved: the leads that it gives, and what it claims of the plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadops.core.positions import Span
from leadops.model.predicate import Having
from leadops.model.schema import FieldType
from leadops.model.values import Value


@dataclass(frozen=True, slots=True)
class Event:
    """Something on a given lead's timeline.

    Attributes:
        type: custom types as the bare code, built-in ones by enum.
        at_ms: when, epoch ms.
        performer: a member's e-mail, or empty.
    """

    type: str
    at_ms: int
    performer: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenLead:
    """A lead that a test gives.

    Attributes:
        identifier: the value of the workspace's identifier field.
        fields: by API name, without the service's own stamps.
        created_ms, modified_ms: the stamps, epoch ms.
        events: in the order of writing.
    """

    identifier: Value
    fields: Mapping[str, Value]
    created_ms: int
    modified_ms: int
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a test says of the plan.

    Attributes:
        text: its canonical spelling; a statement with several fields makes one claim for each.
        span: where it stands.
    """

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matches(Claim):
    """The step at ``step`` (from 0) finds ``count`` leads."""

    step: int
    count: int


@dataclass(frozen=True, slots=True)
class WouldHave(Claim):
    """After the plan a field of the lead has a value.

    Attributes:
        lead: the value of its identifier field.
        bounds: of a date field: the half-open stretch that the written day or minute names, epoch ms.
    """

    lead: Value
    name: str
    type: FieldType
    value: Value
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class WouldHaveAction(Claim):
    """After the plan the lead's timeline holds an action of the type with these fields."""

    lead: Value
    type: str
    having: tuple[Having, ...] = ()


@dataclass(frozen=True, slots=True)
class NotTouched(Claim):
    """The plan changes nothing of the lead."""

    lead: Value


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A test.

    Attributes:
        given: the leads, in the order of writing.
        claims: likewise.
    """

    title: str
    given: tuple[GivenLead, ...]
    claims: tuple[Matches | WouldHave | WouldHaveAction | NotTouched, ...]
    span: Span = field(compare=False, repr=False)
