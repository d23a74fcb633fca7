"""The digest of a plan: equal exactly when the same things would be done for the same reasons."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from leadops.model.change import Change
from leadops.model.forms import Form, plain
from leadops.model.plan import Parameter
from leadops.model.saved import SavedStep


def digest(
    workspace: str,
    canonical: str,
    schema_hash: str,
    parameters: Iterable[Parameter],
    steps: Sequence[SavedStep],
) -> str:
    """Return the sha256 over workspace, playbook, schema, params, windows as local days, and the sorted changes.

    Instants, calls, counts and secrets are no part of it.
    """
    said = {
        "workspace": workspace,
        "playbook": canonical,
        "schema": schema_hash,
        "parameters": {one.name: "" if one.secret else one.text for one in parameters},
        "windows": [[[w.text, w.first_day, w.last_day] for w in step.windows] for step in steps],
        # Each by its own hash: a large plan's changes are never held as text.
        "changes": sorted(_hash(_said(change)) for step in steps for change in step.changes),
    }
    return _hash(said)


def _hash(said: Form) -> str:
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _said(change: Change) -> Form:
    action = change.action
    return {
        "key": change.key,
        "step": change.step,
        "kind": change.kind.value,
        "lead": [change.lead.id, change.lead.identifier],
        "fields": {name: [plain(one.before), plain(one.after)] for name, one in change.fields.items()},
        "action": None if action is None else [action.type, action.action_id, plain(action.fields)],
    }
