"""Whether an answer is about the lead that was asked for: what it says of identifier and id is compared."""

from collections.abc import Sequence

from leadops.engine.apply.context.run_context import APPENDS, Sitting
from leadops.model.change import Change, Kind
from leadops.model.exchange import Reply
from leadops.model.run import Outcome, Result
from leadops.model.values import is_missing
from leadops.planner.lookup import canonical

MISLED = "reply"
"""The evidence of a change in doubt whose answer was about another lead, or another action."""


def mismatch(change: Change, reply: Reply, sitting: Sitting) -> str:
    """Return how an answer shows that it is about another lead or action; empty when it does not."""
    lead_id = sitting.lead_id(change)
    if change.kind is Kind.CREATE:
        return "an id that is another lead's" if sitting.is_known(reply.lead_id, change) else ""
    if reply.lead_id is not None and lead_id is not None and reply.lead_id.lower() != lead_id.lower():
        return f"the lead {reply.lead_id}"
    by = sitting.plan.schema.identifier
    if change.kind is Kind.UPDATE and reply.fields is not None and change.lead.identifier:
        there = reply.fields.get(by.api_name)
        code = sitting.country_code
        if not is_missing(there) and canonical(there, by, code) != canonical(
            change.lead.identifier, by, code
        ):
            return f"a lead with another {by.api_name}"
    action = change.action
    if change.kind is Kind.UPDATE_ACTION and reply.action is not None and action is not None:
        there_id = reply.action.id
        if there_id is not None and there_id != action.action_id:
            return f"the action {there_id}"
    return ""


def misled(op: Sequence[Change], what: str, sitting: Sitting) -> list[Result]:
    """Return the results of a request whose answer is about something else: nobody knows what was written where."""
    where = " (the timeline of that lead may hold it)" if op[0].kind in APPENDS else ""
    reason = f"the service's answer is about {what}{where}; nothing more is sent to this lead"
    return [Result(one, Outcome.IN_DOUBT, MISLED, reason, lead_id=sitting.lead_id(one)) for one in op]
