"""What workspaces of other tools, and people, call the fields that most workspaces have."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from leadops.core.text import fold
from leadops.model.schema import Field, FieldType

_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "naam": ("name",), "full_name": ("name",), "fullname": ("name",), "lead_name": ("name",), "mail": ("email",),
        "e_mail": ("email",), "email_id": ("email",), "mobile": ("phone",), "mobile_number": ("phone",), "phone_number": ("phone",),
        "contact_number": ("phone",), "number": ("phone",), "stage": ("status",), "state": ("status",), "lead_status": ("status",),
        "town": ("city",), "location": ("city",), "source": ("contact_source", "source", "lead_source"),
        "lead_source": ("contact_source", "source"), "amount": ("deal_size", "amount"), "value": ("deal_size",),
        "deal_value": ("deal_size",), "budget": ("deal_size", "budget"), "stars": ("rating",), "score": ("rating",),
        "notes": ("remarks",), "note": ("remarks",), "comment": ("remarks",), "comments": ("remarks",), "remark": ("remarks",),
        "followup": ("follow_up_on",), "follow_up": ("follow_up_on",), "due": ("follow_up_on",), "organisation": ("company",),
        "organization": ("company",), "created_at": ("created_on",), "updated": ("modified_on",), "updated_at": ("modified_on",),
    }
)  # fmt: skip
_TYPES: Mapping[str, FieldType] = MappingProxyType(
    dict.fromkeys(
        ("owner", "agent", "assigned", "assigned_to", "salesperson", "rep", "caller"), FieldType.MEMBER
    )
    | dict.fromkeys(("tag", "tags", "labels", "segments"), FieldType.TAGS)
)


def meant_by(word: str, fields: Iterable[Field]) -> tuple[str, ...]:
    """Return the API names of the fields that ``word`` is likely to mean; more than one where it is open."""
    key = fold(word).replace(" ", "_").replace("-", "_")
    known = tuple(fields)
    names = [one.api_name for one in known]
    if key in _TYPES:
        return tuple(one.api_name for one in known if one.type is _TYPES[key])
    return tuple(name for name in _NAMES.get(key, ()) if name in names)[:1]
