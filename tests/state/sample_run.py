"""A plan and its results with every kind of outcome, for the tests of the run's files."""

from dataclasses import replace

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import span_at
from leadops.model.change import ActionSpec, Change, FieldChange, Kind, LeadRef
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Parameter
from leadops.model.predicate import Window
from leadops.model.query import Calls
from leadops.model.run import Outcome, Remark, Result, RunResult
from leadops.model.saved import Belt, PlanCalls, Refusal, SavedPlan, SavedStep, SearchUse
from leadops.model.schema import FieldType

APRIL = Window(1_774_981_800_000, 1_777_573_800_000, "2026-04-01", "2026-04-30", "April 2026")
NOTE = ActionSpec("1001", {"note": "Thanks"}, {"note": FieldType.TEXT})


def ref(number):
    return LeadRef(f"{number:024x}", f"9190000000{number:02d}", f"Lead {number}")


def update(number, after=5):
    fields = {"rating": FieldChange(None, after, FieldType.RATING), "interests": FieldChange(("VIP",), ("VIP", "Returning"), FieldType.TAGS)}  # fmt: skip
    return Change(f"update/0/{number}", 0, Kind.UPDATE, ref(number), fields)


def append(number):
    return Change(
        f"{number:064x}",
        0,
        Kind.APPEND,
        ref(number),
        action=NOTE,
        occurrence=APRIL,
        row=number if number > 2 else None,
    )


CREATE = Change(
    "create/0/919999999999",
    0,
    Kind.CREATE,
    LeadRef(None, "919999999999", "=Jane"),
    {
        "phone": FieldChange(None, "919999999999", FieldType.PHONE),
        "rating": FieldChange(None, 9, FieldType.RATING),
    },
    depends="status",
)
CHANGES = (update(1), append(1), update(2), append(3), append(4), append(5), CREATE, append(6))
RESULTS = (
    Result(CHANGES[0], Outcome.CHANGED, "echo", lead_id=ref(1).id),
    Result(CHANGES[1], Outcome.CHANGED, "reply", action_id="a" * 24, lead_id=ref(1).id),
    Result(CHANGES[2], Outcome.CHANGED, "echo", "not taken: rating", (Remark("fields.rating", "rating", 5, "Not so"),), None, ref(2).id, {"rating": Outcome.IGNORED_BY_CRM}),
    Result(CHANGES[3], Outcome.IN_DOUBT, "", "reset", lead_id=ref(3).id),
    Result(CHANGES[4], Outcome.STALE, "read", "changed since the plan", lead_id=ref(4).id),
    Result(CHANGES[5], Outcome.ALREADY, "journal", action_id="b" * 24, lead_id=ref(5).id),
    Result(CHANGES[6], Outcome.CREATED, "created", "not taken: rating", (Remark("fields.rating", "rating", 9, "Rating must be between 1 and 5"),), None, "c" * 24, {"rating": Outcome.IGNORED_BY_CRM}),
    Result(CHANGES[7], Outcome.NOT_ATTEMPTED, "", "stopped", lead_id=ref(6).id),
)  # fmt: skip
SAVED = SavedPlan(
    digest="d" * 64,
    workspace="e" * 24,
    workspace_name="Demo",
    title="Thanks",
    canonical="find leads\n",
    schema_hash="s" * 64,
    clock_ms=1_777_700_000_123,
    timezone="Asia/Kolkata",
    timezone_origin="default",
    made_ms=1_777_700_000_456,
    calls=PlanCalls(3, 8, 12, 9),
    belts=(Belt("leads", 100, 7, "default"), Belt("percent", 10, 1.4, "override", reason="once")),
    appliable=True,
    steps=(
        SavedStep(
            "step 1",
            9,
            2,
            (APRIL,),
            (SearchUse({"fields": {"status": "Won", "created_on": {"from": 0, "to": 5}}}, 9, 1),),
            CHANGES,
            (
                Refusal(ref(7), "lead.city is missing", "give a default", field="note", value="{{ lead.city }}"),
                Refusal(LeadRef(None, "918888888888"), "no lead", outcome="skipped_by_guard", row=4),
            ),
            ("a note",),
            ("search",),
            (Lead("f" * 24, {"name": "Read", "interests": ("VIP",)}, (TimelineAction(None, "OUTGOING_CALL", 1000, "a@b.in", {"duration": 3}),)),),
        ),
    ),
    parameters=(Parameter("agent", "email", "a@b.in"), Parameter("key", "secret", "", secret=True)),
    warnings=(Diagnostic("W103", Severity.WARNING, "April", replace(span_at("find leads", 5, 10, "x.lead"), start=0, end=0), "say the year"), Diagnostic("W1", Severity.HINT, "no place", None)),
    sources={"x.lead": "find leads\n"},
    journal="abc:7",
    version="1.0",
)  # fmt: skip
RUN = RunResult("r1", "d" * 64, 3, "1 in doubt", RESULTS, Calls(4, 9), 1_777_700_001_000, 1_777_700_009_000)
