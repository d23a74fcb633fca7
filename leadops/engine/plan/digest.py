"""The digest of a plan: equal exactly when the same things would be done for the same reasons."""

import hashlib
import json
from collections.abc import Sequence

from leadops.analysis.digest import schema_hash
from leadops.model.change import Change
from leadops.model.forms import Form, plain
from leadops.model.plan import EachRow, Plan, Step
from leadops.model.predicate import Window
from leadops.model.saved import Message, Refusal, SavedStep


def digest(plan: Plan, steps: Sequence[SavedStep], refusals: Sequence[str]) -> str:
    """Return the sha256 over all that is obeyed when ``steps`` are applied.

    That is the workspace, the canonical playbook, the schema, the time zone, the params, the rows of its CSV files,
    the windows as local days, the refusals, the refused leads, the messages and the sorted changes. Instants, calls,
    counts, names of leads and secrets are no part of it: an equal question on equal leads has an equal digest.
    """
    said = {
        "workspace": plan.schema.enterprise_id,
        "playbook": plan.canonical,
        "schema": schema_hash(plan.schema),
        "timezone": plan.timezone,
        "parameters": [
            [one.name, one.type, one.secret, "" if one.secret else one.text] for one in plan.parameters
        ],
        "rows": [_rows(step) for step in plan.steps],
        "windows": [[_days(window) for window in step.windows] for step in steps],
        "refusals": list(refusals),
        "refused": [sorted(_hash(_refused(one)) for one in step.refused) for step in steps],
        "messages": [sorted(_hash(_message(one)) for one in step.messages) for step in steps],
        # Each by its own hash: a large plan's changes are never held as text.
        "changes": [sorted(_hash(_said(change)) for change in step.changes) for step in steps],
    }
    return _hash(said)


def _hash(said: Form | list[Form]) -> str:
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(step: Step) -> str:
    rows = step.source.rows if isinstance(step.source, EachRow) else ()
    return _hash([{"number": row.number, "key": row.key, "cells": plain(row.cells)} for row in rows])


def _days(window: Window) -> list[str]:
    return [window.text, window.first_day, window.last_day]


def _refused(refusal: Refusal) -> Form:
    return {
        "lead": [refusal.lead.id, refusal.lead.identifier],
        "outcome": refusal.outcome,
        "reason": refusal.reason,
        "field": refusal.field,
        "value": refusal.value,
        "row": refusal.row,
    }


def _message(message: Message) -> Form:
    lead = message.lead
    return {
        "to": message.to,
        "parts": list(message.parts),
        "secrets": list(message.secrets),
        "lead": None if lead is None else [lead.id, lead.identifier],
        "needs_change": message.needs_change,
    }


def _said(change: Change) -> Form:
    action = change.action
    return {
        "key": change.key,
        "step": change.step,
        "kind": change.kind.value,
        "lead": [change.lead.id, change.lead.identifier],
        "fields": {
            name: [one.type.value, plain(one.before), plain(one.after)] for name, one in change.fields.items()
        },
        "action": None
        if action is None
        else [
            action.type,
            action.action_id,
            plain(action.fields),
            {name: one.value for name, one in action.types.items()},
        ],
        "with_create": change.with_create,
        "occurrence": None if change.occurrence is None else _days(change.occurrence),
        "each_run": change.each_run,
        "row": change.row,
    }
