"""A condition in words, for people: its canonical text where it was written, else the same spelled out."""

from leadops.model.predicate import (
    Activity,
    And,
    Compare,
    Condition,
    Equals,
    Everything,
    HasTags,
    InWindow,
    LeadIs,
    Missing,
    Not,
    OneOf,
    Or,
    TextMatch,
)
from leadops.model.values import Value


def words(condition: Condition) -> str:
    """Return ``condition`` as text."""
    if condition.text:
        return condition.text
    match condition:
        case Everything():
            return "every lead"
        case Equals(field, _, value):
            return f"{field} = {_value(value)}"
        case OneOf(field, _, values):
            return f"{field} in [{', '.join(_value(v) for v in values)}]"
        case Compare(field, _, op, value):
            return f"{field} {op} {_value(value)}"
        case InWindow(field, window):
            return f"{'created' if field == 'created_on' else field} in {window.text}"
        case TextMatch(field, _, kind, value):
            return f"{field} {kind} {_value(value)}"
        case Missing(field):
            return f"{field} is missing"
        case HasTags(field, which, values):
            return f"{field} has {which} [{', '.join(_value(v) for v in values)}]"
        case Activity():
            return _activity(condition)
        case LeadIs(lead_id):
            return f"lead {_value(lead_id)}"
        case And(terms):
            return " and ".join(_inner(term) for term in terms)
        case Or(terms):
            return " or ".join(_inner(term) for term in terms) if terms else "no lead"
        case Not(term):
            return f"not ({words(term)})"


def _inner(term: Condition) -> str:
    return f"({words(term)})" if isinstance(term, And | Or) else words(term)


def _value(value: Value) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _activity(term: Activity) -> str:
    parts = [f"has action {' or '.join(term.types)}"]
    if term.having:
        parts.append("with " + ", ".join(f"{h.key} = {_value(h.value)}" for h in term.having))
    if term.by:
        parts.append("by " + " or ".join(_value(name) for name in term.by))
    if term.window:
        parts.append(f"in {term.window.text}")
    return " ".join(parts)
