"""What failed before: a lead whose same change was refused waits until nobody else needs one (``limit N``).

Each update that is settled leaves signs of its values in the journal: hashes that also hold the lead, so that equal
values of two leads look different. ``forget`` empties them with the rest of what is known of the lead.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from leadops.engine.op_keys import payload
from leadops.engine.ports import JournalView
from leadops.model.change import Change, Kind
from leadops.model.journal import OpRecord, OpState
from leadops.model.run import CLEAN, Outcome
from leadops.model.schema import FieldType
from leadops.model.values import Value, comparable

FAILED = frozenset({Outcome.REJECTED, Outcome.IGNORED_BY_CRM, Outcome.GHOST, Outcome.IN_DOUBT})
"""Outcomes of a change that was sent and is not there: the same change may well fail again."""

_Group = frozenset[str]


def signs_of(change: Change) -> dict[str, str]:
    """Return a sign for each field that ``change`` sets, by name; equal signs: the same value of the same lead.

    What names the lead is left out: nobody's phone stands in a journal by itself, not even as a hash.
    """
    who = change.lead.id or change.lead.identifier
    return {
        name: _sign(who, name, one.after, one.type)
        for name, one in change.fields.items()
        if one.after != change.lead.identifier
    }


def _sign(who: str, name: str, value: Value, type: FieldType) -> str:
    meant = comparable(value, type)
    if isinstance(meant, Decimal):
        meant = format(meant.normalize(), "f")
    text = json.dumps([who, name, sorted(meant) if isinstance(meant, frozenset) else str(meant)])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def failed_at(changes: Sequence[Sequence[Change]], journal: JournalView) -> list[int | None]:
    """Return for each lead's changes when any of them last failed in this very form, in epoch ms; None: never.

    What was done since, or has another value now, is a new try.
    """
    tries = _tries([change for some in changes for change in some], journal)
    return [_last_failure(some, tries) for some in changes]


def _tries(changes: Sequence[Change], journal: JournalView) -> dict[str, list[OpRecord]]:
    leads = {change.lead.id for change in changes if change.lead.id}
    keys = {change.key for change in changes if not change.lead.id}
    found: dict[str, list[OpRecord]] = {}
    for op in journal.tries(leads, keys):
        found.setdefault(op.lead_id or op.key, []).append(op)
    return found


def _last_failure(changes: Sequence[Change], tries: Mapping[str, Sequence[OpRecord]]) -> int | None:
    wanted = {sign for change in changes for sign in _pending(change)}
    names = dict.fromkeys(change.lead.id or change.key for change in changes)
    ops = [op for name in names for op in tries.get(name, ())]
    return max((at for group, at in _failures(ops).items() if group <= wanted), default=None)


def _pending(change: Change) -> Collection[str]:
    return (
        [_payload_sign(change.action.type, payload(change.action))]
        if change.action
        else signs_of(change).values()
    )


def _payload_sign(type: str, payload: str) -> str:
    return f"{type}:{payload}"


def _failures(ops: Iterable[OpRecord]) -> dict[_Group, int]:
    """Return what failed and was not done since: signs that were refused together, with when."""
    failed: dict[_Group, int] = {}
    for op in sorted(ops, key=lambda one: one.done_ms):
        if op.state is not OpState.SETTLED:
            continue
        groups, done = _outcome(op)
        if done:
            failed = {group - done: at for group, at in failed.items() if group - done}
        failed |= dict.fromkeys(groups, op.done_ms)
    return failed


def _outcome(op: OpRecord) -> tuple[list[_Group], _Group]:
    """Return the groups of signs that failed, and the signs that are as asked."""
    outcome = Outcome(op.outcome)
    if op.kind not in {Kind.UPDATE.value, Kind.CREATE.value}:
        one = frozenset({_payload_sign(op.type, op.payload)})
        return ([one] if outcome in FAILED else []), (one if outcome in CLEAN else frozenset())
    detail = json.loads(op.detail) if op.detail else {}
    signs: dict[str, str] = detail.get("signs", {})
    fields = {name: Outcome(detail.get("fields", {}).get(name, outcome)) for name in signs}
    bad = [name for name, one in fields.items() if one in FAILED]
    done = frozenset(signs[name] for name, one in fields.items() if one in CLEAN)
    named = {remark[1] for remark in detail.get("remarks", ())} & set(bad)
    if outcome in FAILED and len(named) in {0, len(bad)}:  # nobody knows which of them it was
        return ([frozenset(signs[name] for name in bad)] if bad else []), done
    return [frozenset({signs[name]}) for name in (named or bad)], done
