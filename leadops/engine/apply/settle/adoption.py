"""Whether a lead that stands there after a lost create is ours: only by what only we can have put there."""

from leadops.model.change import Change
from leadops.model.lead import Lead
from leadops.model.schema import FieldType, Schema
from leadops.model.values import is_missing, same

_BY_DEFAULT = frozenset({FieldType.STATUS, FieldType.MEMBER})
"""The service gives these to every new lead: that they are as asked shows nothing."""


def holds_ours(change: Change, lead: Lead, schema: Schema, country_code: str) -> bool:
    """Whether ``lead`` holds what the create sent: some of it, beside the identifier, and nothing else in its place.

    A field that the service left out holds nothing; one that holds another value was set by somebody else.
    """
    sent = {name: one for name, one in change.fields.items() if name != schema.identifier.api_name}
    there = {name: lead.fields.get(name) for name in sent}
    held = {name for name, one in sent.items() if same(there[name], one.after, one.type, country_code)}
    other = any(name not in held and not is_missing(value) for name, value in there.items())
    return not other and any(sent[name].type not in _BY_DEFAULT for name in held)
