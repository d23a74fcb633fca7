"""Whether an action on a timeline is the one that was asked for."""

from collections.abc import Iterable
from enum import Enum

from leadops.engine.op_keys import MARKER_FIELD
from leadops.model.change import ActionSpec
from leadops.model.lead import TimelineAction
from leadops.model.schema import FieldType
from leadops.model.values import Value, is_missing, same

_TRUNCATED = 40
"""A text of a timeline row that is shorter than this was not cut by the service."""


class Likeness(Enum):
    """How an action on a timeline compares with one that was asked for."""

    EQUAL = "equal"
    PART = "part"
    """What the row holds agrees, but a field is missing from it."""
    OTHER = "other"


def likeness(found: TimelineAction, asked: ActionSpec, country_code: str = "91") -> Likeness:
    """Compare by type and by every field asked for; other fields of the row do not matter."""
    if found.type != asked.type:
        return Likeness.OTHER
    verdict = Likeness.EQUAL
    for name, value in asked.fields.items():
        if name == MARKER_FIELD or is_missing(value):
            continue
        there = found.fields.get(name)
        if is_missing(there):
            verdict = Likeness.PART
        elif not _equal(there, value, asked.types.get(name, FieldType.TEXT), country_code):
            return Likeness.OTHER
    return verdict


def equal_actions(
    actions: Iterable[TimelineAction], asked: ActionSpec, country_code: str = "91"
) -> list[TimelineAction]:
    """Return those of ``actions`` that equal ``asked``."""
    return [one for one in actions if likeness(one, asked, country_code) is Likeness.EQUAL]


def _equal(there: Value, asked: Value, type: FieldType, country_code: str) -> bool:
    if same(there, asked, type, country_code):
        return True
    if type is not FieldType.TEXT or not isinstance(there, str) or not isinstance(asked, str):
        return False
    cut = there.rstrip().removesuffix("…").removesuffix("...").rstrip()
    return len(cut) >= _TRUNCATED and len(cut) < len(asked) and asked.startswith(cut)
