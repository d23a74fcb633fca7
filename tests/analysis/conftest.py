"""A small workspace, and compiling against it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from leadops.analysis.compiler import Compiled, Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles, ProjectFiles
from leadops.model.plan import Plan
from leadops.model.schema import ActionField, ActionType, Field, FieldType, Label, Member, Schema
from leadops.syntax.parser import parse

NOW = 1_777_694_400_000
"""2026-05-02T09:30 in Asia/Kolkata."""

T = FieldType
SCHEMA = Schema(
    "0123456789abcdef01234567",
    "Demo",
    0,
    (
        Field("name", T.TEXT, "Name"),
        Field("phone", T.PHONE, "Phone", identifier=True),
        Field("email", T.EMAIL, "E-mail"),
        Field("rating", T.RATING, "Rating"),
        Field("status", T.STATUS, "Status"),
        Field("assignee", T.MEMBER, "Owner"),
        Field("contact_source", T.DROPDOWN, "Contact source", ("Website", "Referral", "Walk-in")),
        Field("interests", T.TAGS, "Interests", ("VIP", "Returning", "Revive")),
        Field("deal_size", T.MONEY, "Deal size"),
        Field("visits", T.NUMBER, "Visits"),
        Field("city", T.TEXT, "City"),
        Field("lead_date", T.DATE, "Lead date"),
        Field("homepage", T.WEBSITE, "Homepage"),
        Field("consent", T.CHECKBOX, "Consent"),
        Field("lost_reason", T.LOST_REASON, "Lost reason"),
        Field("campaign", T.TEXT, "Campaign", locked=True),
        Field("source_a", T.TEXT, "Source"),
        Field("source_b", T.TEXT, "Source"),
        Field("created_on", T.DATE, read_only=True),
        Field("modified_on", T.DATE, read_only=True),
    ),
    (
        ActionType(
            "1001",
            "Site visit",
            (
                ActionField("note", T.TEXT),
                ActionField("outcome", T.DROPDOWN, ("Interested", "Not interested")),
                ActionField("email", T.EMAIL),
            ),
        ),
        ActionType("1002", "Follow-up call", (ActionField("note", T.TEXT), ActionField("due", T.DATE))),
        ActionType("9001", "Workflow step", writable=False),
    ),
    (
        Label("Fresh", "OPEN"),
        Label("Contacted", "OPEN"),
        Label("Qualified", "OPEN"),
        Label("Won", "WON"),
        Label("Lost", "LOST"),
        Label("Cold storage", "OPEN", archived=True),
    ),
    (Label("Too expensive"), Label("No answer", archived=True)),
    (
        Member("agent@company.com", "Asha Rao"),
        Member("priya@company.com", "Priya Nair"),
        Member("gone@company.com", "Dev Shah", former=True),
    ),
)


class Compiling:
    """Compiles texts against the small workspace."""

    def __call__(
        self,
        text: str,
        *,
        root: Path | None = None,
        files: dict[str, str] | None = None,
        file: str = "main.lead",
        schema: Schema | None = SCHEMA,
        **around: object,
    ) -> Compiled:
        settings = {"timezone": "Asia/Kolkata", "now_ms": NOW}
        settings["files"] = ProjectFiles(root) if root else EmbeddedFiles(files or {})
        return compile_playbook(parse(text, file), schema, Surroundings(**{**settings, **around}))

    def plan(self, text: str, **options: object) -> Plan:
        compiled = self(text, **options)
        assert compiled.plan is not None, [f"{d.code} {d.message}" for d in compiled.diagnostics]
        return compiled.plan

    def codes(self, text: str, **options: object) -> list[str]:
        return [d.code for d in self(text, **options).diagnostics]


@pytest.fixture
def compiling() -> Compiling:
    return Compiling()


@pytest.fixture
def schema() -> Schema:
    return SCHEMA


Compile = Callable[..., Compiled]
