"""A plan and its run for the report tests and for `make look`: made to measure, deterministic, no clock."""

from dataclasses import replace

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import Span
from leadops.model.change import ActionSpec, Change, FieldChange, Kind, LeadRef
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Parameter
from leadops.model.predicate import Window
from leadops.model.query import Calls
from leadops.model.run import Outcome, Remark, Result, RunResult
from leadops.model.saved import Belt, PlanCalls, Refusal, SavedPlan, SavedStep, SearchUse
from leadops.model.schema import ActionType, FieldType, Schema

NOW = 1_776_655_800_000  # 2026-04-20 09:00 in Kolkata
NAMES = (
    "Asha Rao",
    "Vikram Singh",
    "सुनीता शर्मा",
    "Mohammed Farhan Qureshi",
    "Li 李小龍",
    "Zoë D’Souza",
    "Priya N.",
    "R",
)
SCHEMA = Schema("ent-1", "Sandbox Realty", NOW, (), (ActionType("1001", "Site visit"),))
APRIL = Window(1_774_981_800_000, 1_777_573_800_000, "2026-04-01", "2026-04-30", "April 2026", moving=False)


def ref(i):
    return LeadRef(f"66a1b2c3d4e5f6{i:010x}", f"9198{i:08d}", NAMES[i % len(NAMES)])


def update(i, step=0):
    before = (None, 3, 4)[i % 3]
    return Change(
        f"u{step}-{i}", step, Kind.UPDATE, ref(i), {"rating": FieldChange(before, 5, FieldType.RATING)}
    )


def append(i, step=0, note="Thanks for the visit"):
    action = ActionSpec("1001", {"note": note}, {"note": FieldType.TEXT})
    return Change(f"a{step}-{i}", step, Kind.APPEND, ref(i), action=action)


def odd_changes():
    """Return one change of every other kind: a create with an action, a cleared date, tags, a payment, an update."""
    new = LeadRef(None, "919999999999", "Jane Doe")
    fields = {
        "name": FieldChange(None, "Jane Doe"),
        "phone": FieldChange(None, "919999999999", FieldType.PHONE),
        "email": FieldChange(None, "jane.doe@example.com", FieldType.EMAIL),
        "interests": FieldChange(None, ("VIP", "Returning"), FieldType.TAGS),
        "rating": FieldChange(None, 9, FieldType.RATING),
    }
    visit = ActionSpec("1001", {"note": "Site visit completed", "email": "not-an-email"}, {}, None)
    long_before = (
        "Called twice in March, wants a corner flat on a high floor, budget 80 lakh, prefers evenings."
    )
    texts = {
        "requirement": FieldChange(long_before, long_before.replace("March", "April").replace("80", "95")),
        "next_follow_up": FieldChange(NOW, None, FieldType.DATE),
        "interests": FieldChange(("VIP",), ("VIP", "Revive"), FieldType.TAGS),
        "assignee": FieldChange("old@company.com", "agent@company.com", FieldType.MEMBER),
    }
    paid = ActionSpec("PAYMENT", {"status": "PENDING", "currency": "INR", "amount": 100}, {})
    seen = ActionSpec("1001", {"outcome": "Interested"}, {}, "77aa")
    return (
        Change("c-1", 1, Kind.CREATE, new, fields, depends="the status, which the service gives it"),
        Change("c-1a", 1, Kind.APPEND, new, action=visit, with_create=True),
        Change("t-1", 1, Kind.UPDATE, ref(501), texts, row=7),
        Change("p-1", 1, Kind.PAYMENT, ref(501), action=paid, occurrence=APRIL),
        Change("x-1", 1, Kind.UPDATE_ACTION, ref(502), action=seen),
        Change("e-1", 1, Kind.APPEND, ref(503), action=visit, each_run=True),
    )


def timeline():
    """Return a lead with its timeline, as `read timeline` leaves it."""
    entries = (
        TimelineAction("a1", "OUTGOING_CALL", NOW - 86_400_000, "agent@company.com", {"duration": 65}),
        TimelineAction("a2", "1001", NOW - 90_000_000, "agent@company.com", {"note": "Liked the lake view"}),
        TimelineAction(None, "NOTE", None, "", {"text": "from the website"}),
    )
    fields = {"name": "Asha Rao", "phone": "919812345678", "assignee": "agent@company.com", "created_on": NOW}
    return Lead(ref(600).id, fields, entries)


def plan(
    leads=12, *, appends=True, odd=True, sandbox=True, note="Thanks for the visit", title="Won in April"
):
    """Return a plan that changes ``leads`` leads in its first step."""
    changes = []
    for i in range(leads):
        changes.append(update(i))
        if appends:
            changes.append(append(i, note=note))
    first = SavedStep(
        "thank won leads", leads + 2, 2, (APRIL,),
        (SearchUse({"fields": {"status": ["Won"]}, "actions": {"action_type": ["OUTGOING_CALL"]}}, leads, 1),),
        tuple(changes),
        (Refusal(ref(900), "the template needs lead.name, which is missing", "fill in the name, or use default(…)"),),
        ("status != Lost also takes 3 leads without a status",),
        ("search status = Won and called in April: 14 leads, 1 page", "  residual: none"),
    )  # fmt: skip
    steps = (
        (first, SavedStep("the rest", 4, 0, changes=odd_changes(), read=(timeline(),))) if odd else (first,)
    )
    return SavedPlan(
        digest="4f1c" * 16,
        workspace="ent-1",
        workspace_name="Sandbox Realty",
        title=title,
        canonical="find leads where status = Won\nset rating = 5\n",
        schema_hash="ab" * 32,
        clock_ms=NOW,
        timezone="Asia/Kolkata",
        timezone_origin="playbook",
        made_ms=NOW,
        calls=PlanCalls(4, leads * 2, 60 + leads * 2, leads * 2),
        belts=(Belt("leads", 100, leads, "default"), Belt("calls", 1000, 60, "playbook")),
        appliable=True,
        steps=steps,
        parameters=(
            Parameter("agent", "email", "agent@company.com"),
            Parameter("hook", "secret", "hunter2", secret=True),
        ),
        warnings=(
            Diagnostic(
                "W004", Severity.WARNING, "April has no year", Span("won.lead", 1, 40, 1, 45, 39, 44), "write April 2026"
            ),
        ),
        sources={"won.lead": "find leads where status = Won\nset rating = 5\n"},
        journal="j-1",
        sandbox=sandbox,
        version="0.1.0",
    )  # fmt: skip


_CYCLE = (
    (Outcome.CHANGED, "echo", ""),
    (Outcome.CHANGED, "echo", ""),
    (Outcome.ALREADY, "read", ""),
    (Outcome.STALE, "read", "rating was 2 when the plan was made and is 4 now"),
    (Outcome.IN_DOUBT, "", "the answer was lost, and the timeline shows no such action yet"),
    (Outcome.REJECTED, "reply", "the service refused the request"),
    (Outcome.NOT_ATTEMPTED, "", "an earlier change of this lead failed"),
    (Outcome.SKIPPED_BY_GUARD, "", "stop when 5 % fail"),
    (Outcome.GHOST, "read", "the lead came into being by this call"),
)


def finished(saved):
    """Return the run of ``saved`` in which nothing went wrong."""
    results = tuple(
        Result(c, Outcome.CREATED if c.kind is Kind.CREATE else Outcome.CHANGED, "echo")
        for c in saved.changes
    )
    return RunResult(
        "20260420T033000-won-ab12", saved.digest, 0, "everything is as the playbook asks", results,
        Calls(6, len(results)), NOW, NOW + 24_500,
    )  # fmt: skip


def troubled(saved):
    """Return a run of ``saved`` with every outcome in it."""
    results = []
    for i, change in enumerate(saved.changes):
        outcome, evidence, reason = _CYCLE[i % len(_CYCLE)]
        results.append(Result(change, outcome, evidence, reason))
    at = {r.change.key: i for i, r in enumerate(results)}
    if "c-1" in at:
        created = results[at["c-1"]]
        results[at["c-1"]] = replace(
            created,
            outcome=Outcome.CREATED,
            evidence="created",
            reason="",
            lead_id="66ffffffffffffffffffffff",
            fields={"rating": Outcome.IGNORED_BY_CRM},
            remarks=(Remark("fields.rating", "rating", 9, "Rating must be between 1 and 5"),),
        )
        results[at["c-1a"]] = replace(
            results[at["c-1a"]],
            outcome=Outcome.IGNORED_BY_CRM,
            evidence="reply",
            reason="",
            lead_id="66ffffffffffffffffffffff",
            remarks=(Remark("actions[0].fields.email", "email", "not-an-email", "Email is invalid"),),
        )
    return RunResult(
        "20260420T033000-won-ab12", saved.digest, 3, "some changes were refused or are in doubt", tuple(results),
        Calls(6, len(results)), NOW, NOW + 150_000,
    )  # fmt: skip
