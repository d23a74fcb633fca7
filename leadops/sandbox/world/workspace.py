"""The workspace that the sandbox shows when nobody brings another: a property dealer in India."""

from leadops.sandbox.world.definition import (
    ActionDefinition,
    FieldDefinition,
    Kind,
    Member,
    StageDefinition,
    WorkspaceDefinition,
)

AGENT = "agent@company.com"
"""The agent of the examples."""

CITIES = (
    "Mumbai", "Pune", "Delhi", "Bengaluru", "Hyderabad", "Chennai", "Kolkata", "Ahmedabad",
    "Jaipur", "Lucknow", "Kochi", "Indore", "Nagpur", "Surat", "Bhopal", "Guwahati",
)  # fmt: skip
SOURCES = ("Website", "Referral", "Walk-in", "Facebook", "Google Ads", "Property Portal", "Event")
INTERESTS = ("VIP", "Returning", "2BHK", "3BHK", "Villa", "Plot", "Investor", "Home Loan")
LOST_REASONS = ("Price too high", "Bought elsewhere", "Not reachable", "Wrong number")
OUTCOMES = ("Interested", "Not interested", "Follow up")


def default_workspace(created_on: int) -> WorkspaceDefinition:
    """Return the default workspace, made at ``created_on`` (epoch milliseconds)."""
    return WorkspaceDefinition(
        created_on=created_on,
        fields=(
            FieldDefinition(name="name", kind=Kind.TEXT, description="Name"),
            FieldDefinition(name="phone", kind=Kind.PHONE, description="Phone", locked=True),
            FieldDefinition(name="email", kind=Kind.EMAIL, description="E-mail"),
            FieldDefinition(name="rating", kind=Kind.RATING, description="Rating"),
            FieldDefinition(name="status", kind=Kind.STATUS, description="Status"),
            FieldDefinition(name="assignee", kind=Kind.MEMBER, description="Assignee"),
            FieldDefinition(name="lost_reason", kind=Kind.LOST_REASON, description="Lost reason"),
            FieldDefinition(
                name="contact_source", kind=Kind.DROPDOWN, options=SOURCES, description="Contact source"
            ),
            FieldDefinition(name="interests", kind=Kind.TAGS, options=INTERESTS, description="Interests"),
            FieldDefinition(name="deal_size", kind=Kind.MONEY, description="Deal size"),
            FieldDefinition(name="lead_date", kind=Kind.DATE, description="Enquiry date"),
            FieldDefinition(name="follow_up_on", kind=Kind.DATE, description="Next follow-up"),
            FieldDefinition(name="city", kind=Kind.DROPDOWN, options=CITIES, description="City"),
            FieldDefinition(name="visits", kind=Kind.NUMBER, description="Site visits"),
            FieldDefinition(name="newsletter", kind=Kind.CHECKBOX, description="Newsletter"),
            FieldDefinition(name="website", kind=Kind.WEBSITE, description="Website"),
            FieldDefinition(name="brochure", kind=Kind.MEDIALINK, description="Brochure"),
            FieldDefinition(name="alt_phone", kind=Kind.PHONE, description="Second phone"),
            FieldDefinition(name="company", kind=Kind.TEXT, description="Company", max_length=120),
            FieldDefinition(name="remarks", kind=Kind.TEXT, description="Remarks"),
            FieldDefinition(name="campaign_code", kind=Kind.TEXT, description="Campaign", locked=True),
        ),
        actions=(
            ActionDefinition(
                code="1001",
                name="Site visit",
                score=10,
                fields=(
                    FieldDefinition(name="note", kind=Kind.TEXT),
                    FieldDefinition(name="outcome", kind=Kind.DROPDOWN, options=OUTCOMES),
                    FieldDefinition(name="email", kind=Kind.EMAIL),
                ),
            ),
            ActionDefinition(
                code="1002",
                name="Brochure sent",
                score=2,
                predated=True,
                fields=(FieldDefinition(name="note", kind=Kind.TEXT),),
            ),
        ),
        stages=(
            StageDefinition(id="s1", type="OPEN", active=("Fresh",)),
            StageDefinition(id="s2", type="OPEN", active=("Contacted", "Qualified"), archived=("Callback",)),
            StageDefinition(id="s3", type="WON", active=("Won",)),
            StageDefinition(id="s4", type="LOST", active=("Lost",)),
        ),
        lost_reasons=LOST_REASONS,
        archived_lost_reasons=("No budget",),
        members=(
            Member(name="Asha Verma", email="admin@company.com", phone="919811100001", role="ADMIN"),
            Member(name="Rohit Nair", email="manager@company.com", phone="919811100002", role="MANAGER"),
            _caller("Imran Qureshi", AGENT, "919811100003"),
            _caller("Kavya Iyer", "kavya@company.com", "919811100004"),
            _caller("Manish Gupta", "manish@company.com", "919811100005"),
            _caller("Neha Joshi", "neha@company.com", "919811100006"),
            _caller("Suresh Reddy", "suresh@company.com", "919811100007").model_copy(
                update={"status": "On Leave"}
            ),
            _caller("Tanvi Shah", "tanvi@company.com", "919811100008").model_copy(
                update={"status": "Deleted"}
            ),
            Member(
                name="Vikram Rao", email="marketing@company.com", phone="919811100009", role="MARKETING_USER"
            ),
        ),
    )


def _caller(name: str, email: str, phone: str) -> Member:
    return Member(name=name, email=email, phone=phone, manager="manager@company.com")
