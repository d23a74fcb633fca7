"""What a value is meant for: a lead's field or an action's, with the labels that it may have."""

from leadops.core.fast_dataclass import record
from leadops.model.actions import CURRENCIES, PAYMENT_STATUSES
from leadops.model.schema import ActionField, Field, FieldType, Label, Schema
from leadops.syntax import ast


@record()
class Target:
    """A field as a value sees it.

    Attributes:
        name: API name, or the key of an action's field.
        noun: what it is called in messages: ``field``, ``action field``, ``payment field``.
        labels: the workspace's own spellings of its values; empty: not known, or any.
        retired: labels that are archived, or e-mails of former members.
        names: members' e-mails by name.
        closed: True when the service takes no other label than these.
        positive: True when a number must be above zero.
    """

    name: str
    type: FieldType
    noun: str = "field"
    labels: tuple[str, ...] = ()
    retired: frozenset[str] = frozenset()
    names: tuple[tuple[str, str], ...] = ()
    closed: bool = False
    positive: bool = False


def lead_target(schema: Schema, field: Field) -> Target:
    """Return the target of a lead's field."""
    return _target(schema, field.api_name, field.type, field.options, "field")


def action_target(schema: Schema, field: ActionField) -> Target:
    """Return the target of a custom action's field."""
    return _target(schema, field.key, field.type, field.options, "action field")


def _target(schema: Schema, name: str, type: FieldType, options: tuple[str, ...], noun: str) -> Target:
    match type:
        case FieldType.STATUS:
            return _labelled(name, type, noun, schema.statuses)
        case FieldType.LOST_REASON:
            return _labelled(name, type, noun, schema.lost_reasons)
        case FieldType.MEMBER:
            return member_target(schema, name, noun)
        case _:
            return Target(name, type, noun, options)


def _labelled(name: str, type: FieldType, noun: str, labels: tuple[Label, ...]) -> Target:
    live = {label.label for label in labels if not label.archived}
    return Target(
        name,
        type,
        noun,
        tuple(dict.fromkeys(label.label for label in labels)),
        frozenset(label.label for label in labels) - live,
        closed=True,
    )


def member_target(schema: Schema, name: str, noun: str = "field") -> Target:
    """Return a target whose values are e-mails of members."""
    return Target(
        name,
        FieldType.MEMBER,
        noun,
        tuple(member.email for member in schema.members),
        frozenset(member.email for member in schema.members if member.former),
        tuple((member.name, member.email) for member in schema.members),
        closed=True,
    )


PAYMENT_TARGETS = {
    "status": Target("status", FieldType.DROPDOWN, "payment field", PAYMENT_STATUSES, closed=True),
    "currency": Target("currency", FieldType.DROPDOWN, "payment field", CURRENCIES, closed=True),
    "amount": Target("amount", FieldType.MONEY, "payment field", positive=True),
}
"""What a payment holds; all three are needed to make one."""

BUILT_IN_TARGETS = {
    "duration": Target("duration", FieldType.NUMBER, "action field"),
    "note": Target("note", FieldType.TEXT, "action field"),
    "feedback": Target("feedback", FieldType.TEXT, "action field"),
    "text": Target("text", FieldType.TEXT, "action field"),
    "assignedto": Target("assignedto", FieldType.EMAIL, "action field"),
    "reassignmentNote": Target("reassignmentNote", FieldType.TEXT, "action field"),
}
"""What rows of built-in types are known to hold (docs/api.md §8.3); readable only."""


def compared_values(node: ast.Condition) -> tuple[ast.Value, ...]:
    """Return the values that a test compares with; none where it is no test by values."""
    match node:
        case ast.Membership(values=values) | ast.TagTest(values=values):
            return values
        case ast.Between(low=low, high=high):
            return (low, high)
        case ast.Comparison(value=value) | ast.TextTest(value=value):
            return (value,)
        case _:
            return ()
