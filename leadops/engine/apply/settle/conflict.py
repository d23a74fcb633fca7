"""A create that the service refuses because it knows the identifier: what a search says about that lead."""

from dataclasses import replace

from leadops.core.errors import LeadopsError
from leadops.engine.apply.context.run_context import Sitting
from leadops.engine.apply.settle.outcome import judge_refusal
from leadops.model.change import Change
from leadops.model.exchange import Reply
from leadops.model.run import Outcome, Result
from leadops.planner.lookup import canonical, lookup_identifiers


async def conflict(change: Change, reply: Reply, sitting: Sitting) -> Result:
    """Return the outcome of a create that was answered with 409 (docs/api.md §5.1).

    A lead that a search finds was made by somebody since the plan: stale. One that no search finds cannot be updated
    either, so the service's refusal stands, and nothing is advised that would end in the same way.
    """
    refused = judge_refusal(change, reply)
    who = change.lead.identifier
    try:
        there = await _is_found(change, sitting)
    except LeadopsError:
        return Result(
            change, Outcome.STALE, "reply", f"the service knows a lead with {who} by now", refused.remarks
        )
    if there:
        reason = f"a lead with {who} exists by now; `upsert lead` would update it"
        return Result(change, Outcome.STALE, "reply", reason, refused.remarks)
    return replace(
        refused,
        reason=f"the service says that a lead with {who} exists (409), and no search finds it, yet or any more: "
        "it may be deleted, merged, or out of this token's sight; look for it in TeleCRM",
    )


async def _is_found(change: Change, sitting: Sitting) -> bool:
    plan, who = sitting.plan, change.lead.identifier
    found = await lookup_identifiers([who], plan.schema, sitting.reader, country_code=plan.country_code)
    return bool(found.get(canonical(who, plan.schema.identifier, plan.country_code)))
