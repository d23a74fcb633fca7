"""What exists in the independent server's workspace: fields, labels, actions, members (docs/api.md §7 to §10)."""

from dataclasses import dataclass

ENTERPRISE = "65f0c0ffee0badc0de000001"
SYNC_TOKEN = "6f0e2a55-1111-4222-8333-0123456789ab1780000000000:0b1c2d3e-4444-4555-8666-abcdefabcdef"
ASYNC_TOKEN = "7f0e2a55-1111-4222-8333-0123456789ab1780000000001:1b1c2d3e-4444-4555-8666-abcdefabcdef"
AGENT = "agent@company.com"
CALLERS = (AGENT, "priya.nair@company.com", "arjun.mehta@company.com", "fatima.khan@company.com")
FORMER = "former.member@company.com"


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """A lead field: ``type`` as the metadata spells it, labels for dropdowns and tags."""

    name: str
    type: str
    options: tuple[str, ...] = ()
    description: str = ""
    locked: bool = False


FIELDS = (
    FieldDefinition("name", "TEXT", description="Full name"),
    FieldDefinition("phone", "PHONE", description="Phone", locked=True),
    FieldDefinition("email", "EMAIL", description="Email"),
    FieldDefinition("rating", "RATING", description="Rating"),
    FieldDefinition("status", "STATUS", description="Status"),
    FieldDefinition("assignee", "ACTIVEUSERS", description="Assignee"),
    FieldDefinition("lost_reason", "LOSTREASON", description="Lost reason"),
    FieldDefinition("contact_source", "DROPDOWN", ("Website", "Walk-in", "Referral"), "Contact source"),
    FieldDefinition("interests", "TAGS", ("VIP", "Returning", "3BHK"), "Interests"),
    FieldDefinition("deal_size", "MONEY", description="Deal size"),
    FieldDefinition("budget", "NUMBER", description="Budget"),
    FieldDefinition("visit_on", "DATE", description="Visit on"),
    FieldDefinition("home_page", "WEBSITE", description="Home page"),
    FieldDefinition("city", "TEXT", description="City"),
)

STAGES = (
    ("OPEN", ("Fresh", "Contacted", "Qualified"), ("Cold",)),
    ("WON", ("Won",), ()),
    ("LOST", ("Lost",), ()),
)
REASONS = ("Too expensive", "Bought elsewhere")

CUSTOM_ACTIONS = {
    "1001": (
        "Site visit",
        {
            "note": {"type": "TEXT"},
            "outcome": {"type": "DROPDOWN", "options": ["Interested", "Not interested", "Call again"]},
            "email": {"type": "EMAIL"},
        },
    ),
    "1002": ("Price talk", {"note": {"type": "TEXT"}, "offer": {"type": "NUMBER"}, "on": {"type": "DATE"}}),
}

PAYMENT_STATUSES = ("PENDING", "COMPLETED", "FAILED", "REFUNDED", "CANCELLED", "PROCESSING")
CURRENCIES = ("INR", "USD", "PKR", "AED", "QAR", "SAR", "MYR", "AUD", "CAD", "SGD", "XOF")


@dataclass(slots=True)
class Member:
    """A team member as the list shows it."""

    name: str
    email: str
    status: str = "Active"
    phone_number: str = "919800000000"


def members() -> list[Member]:
    """Return the members; more than one page of ten, one of them deleted."""
    named = [Member(email.split("@")[0].replace(".", " ").title(), email) for email in CALLERS]
    rest = [
        Member(f"Caller {n:02d}", f"caller{n:02d}@company.com", "On Leave" if n == 3 else "Active")
        for n in range(8)
    ]
    return [*named, *rest, Member("Former Member", FORMER, "Deleted")]


@dataclass(slots=True)
class Switches:
    """Where the contract leaves room (docs/api.md §14); the defaults are what was seen live.

    Attributes:
        search_id: name of the id key in search rows; None: rows carry no id.
        search_status: ``top`` or ``fields``.
        modified_on: what a filter on it does: ``works``, ``ignored`` or ``refused``.
        unknown_filter: ``zero`` rows, ``ignored`` or ``refused``.
        timeline_code: how a custom action's type stands on a timeline: ``prefixed`` or ``bare``.
        prefixed_create: ``ACTION_1001`` on the sync API: ``refused`` or ``dropped``.
        async_delay: seconds until an async write takes effect.
        skew: seconds that the server's clock is ahead.
    """

    search_id: str | None = "id"
    search_status: str = "top"
    status_case: bool = True
    modified_on: str = "works"
    unknown_filter: str = "zero"
    assignee_with_statuses_fails: bool = True
    action_type_list: bool = False
    timeline_code: str = "prefixed"
    prefixed_create: str = "refused"
    tags: str = "replace"
    phone_search: str = "stored"
    pipeline: str = "stages"
    identifier_by_id: bool = False
    metadata_fields: str = "all"
    unknown_field_remark: bool = True
    lead_error_code: str = "BAD_REQUEST"
    unknown_enterprise: int = 401
    async_reply: str = "queued"
    async_delay: float = 0.0
    skew: float = 0.0
