"""The meaning of a condition on a lead of a fake world, written from design.md alone: it shares no code with leadops."""

from leadops.model import predicate as p
from leadops.model.schema import FieldType


def means(condition, lead: dict) -> bool:
    """Return whether ``condition`` is true of ``lead``."""
    if isinstance(condition, p.Everything):
        return True
    if isinstance(condition, p.And):
        return all(means(term, lead) for term in condition.terms)
    if isinstance(condition, p.Or):
        return any(means(term, lead) for term in condition.terms)
    if isinstance(condition, p.Not):
        return not means(condition.term, lead)
    if isinstance(condition, p.Activity):
        return any(_performed(condition, action) for action in lead["actions"])
    if isinstance(condition, p.LeadIs):
        return lead["id"] == condition.lead_id
    value = lead["created_on"] if condition.field == "created_on" else lead["fields"].get(condition.field)
    if value is None or value == [] or (isinstance(value, str) and value.strip() == ""):
        return isinstance(condition, p.Missing)
    if isinstance(condition, p.Missing):
        return False
    if isinstance(condition, p.Equals):
        return _form(value, condition.type) == _form(condition.value, condition.type)
    if isinstance(condition, p.OneOf):
        return any(_form(value, condition.type) == _form(one, condition.type) for one in condition.values)
    if isinstance(condition, p.Compare):
        a, b = float(value), float(condition.value)
        return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[condition.op]
    if isinstance(condition, p.InWindow):
        return condition.window.start_ms <= value < condition.window.end_ms
    if isinstance(condition, p.HasTags):
        have = {tag.lower() for tag in value}
        wanted = [tag.lower() in have for tag in condition.values]
        return all(wanted) if condition.which == "all" else any(wanted)
    if isinstance(condition, p.TextMatch):
        text, part = value.lower(), condition.value.lower()
        if condition.kind == "contains":
            return part in text
        return text.startswith(part) if condition.kind == "starts with" else text.endswith(part)
    raise AssertionError(condition)


def _form(value, type_):
    if type_ in {FieldType.MONEY, FieldType.NUMBER, FieldType.RATING, FieldType.DATE}:
        return float(value)
    if type_ is FieldType.PHONE:
        digits = "".join(char for char in value if char.isdigit())
        return "91" + digits if len(digits) == 10 else digits
    return value.lower() if isinstance(value, str) else value


def _performed(term, action: dict) -> bool:
    return (
        action["type"] in term.types
        and (not term.by or action["by"].lower() in [by.lower() for by in term.by])
        and (term.window is None or term.window.start_ms <= action["at"] < term.window.end_ms)
        and all(action.get("fields", {}).get(h.key, "").lower() == h.value.lower() for h in term.having)
    )
