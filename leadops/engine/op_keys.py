"""Names of ops: stable between equal plans, and the same in every state store."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from leadops.core.text import fold
from leadops.model.change import ActionSpec
from leadops.model.forms import plain
from leadops.model.schema import FieldType, Schema
from leadops.model.values import comparable

_ID = re.compile(r"[0-9a-fA-F]{24}")
MARKER_FIELD = "leadops_ref"
"""A text field of this name in an action's schema carries the op's marker."""


def op_key(enterprise: str, rule: str, type: str, occurrence: str, lead: str) -> str:
    """Return the op key of an append; ``lead`` is the lead's id, or ``new:`` and the identifier of one to create."""
    return _sha([enterprise, rule, type, occurrence, lead])


def new_lead(identifier: str) -> str:
    """Return what stands for the id of a lead that does not exist yet."""
    return f"new:{fold(identifier)}"


def change_key(kind: str, step: int, lead: str, more: str = "") -> str:
    """Return the key of a change that is no append; ``lead`` is the lead's id, or else its identifier.

    An identifier stands in it as a hash: keys are kept where nobody's phone may stand.
    """
    name = lead if _ID.fullmatch(lead) else _sha([lead])[:24]
    return "/".join(part for part in (kind, str(step), name, more) if part)


def payload(action: ActionSpec | None) -> str:
    """Return the hash of an action's type and fields in their comparable form; empty for None.

    Equal payloads mean the same; the marker is no part of it.
    """
    if action is None:
        return ""
    fields = {
        name: str(_canonical(comparable(value, action.types.get(name, FieldType.TEXT))))
        for name, value in action.fields.items()
        if name != MARKER_FIELD
    }
    return _sha([action.type, fields])


def marker(key: str, attempt: int) -> str:
    """Return the marker of an op: ``lo-``, the first 50 bits of its key, and the attempt that carried it."""
    text = base64.b32encode(bytes.fromhex(key)[:7]).decode().lower()[:10]
    return f"lo-{text}.{min(attempt, 9)}"


def carries_marker(schema: Schema, type: str) -> bool:
    """Whether actions of this type have a text field for the marker."""
    known = schema.action(type)
    return known is not None and any(
        field.key == MARKER_FIELD and field.type is FieldType.TEXT for field in known.fields
    )


def playbook_hash(canonical: str) -> str:
    """Return what the journal names a playbook by."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def plan_name(digest: str, nonce: str) -> str:
    """Return what names one making of a plan: equal plans of other days are other plans."""
    return f"{digest}@{nonce}"


def _canonical(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return sorted(value) if isinstance(value, frozenset) else value


def _sha(parts: Sequence[str | Mapping[str, str]]) -> str:
    text = json.dumps(plain(parts), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
