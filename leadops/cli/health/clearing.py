"""``doctor --probe-clear LEAD``: whether a field of one lead can be emptied; its value is put back and read again.

What the lead held is written down before the first request, and stays there until it is known to be back.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from leadops.cli.health.check import Check, Verdict
from leadops.cli.session import Session
from leadops.core.errors import RefusedError, UsageError
from leadops.engine.plan.clearing import EMPTY, NULL
from leadops.engine.ports import Reader, Writer
from leadops.model.exchange import Delivery
from leadops.model.lead import Lead
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value, is_missing, same
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Capabilities
from leadops.state.private import write_private

_LEFT = "probe-clear.json"
_NAME = "clear"


@dataclass(frozen=True, slots=True)
class _Target:
    lead_id: str
    field: str
    value: Value


def left_behind(home: Path) -> Check | None:
    """Return what an earlier probe, broken off, did not put back; None when there is nothing."""
    try:
        data = json.loads((home / _LEFT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Check(
        "clear_left", Verdict.FAIL,
        f"a probe broke off: {data.get('field')} of lead {data.get('lead')} may have lost its value",
        f"put it back by hand (it is in {home / _LEFT}), then delete that file",
    )  # fmt: skip


async def probe_clear(session: Session, name: str) -> Check:
    """Find out, on the lead of this id or identifier, and keep the verdict.

    Raises:
        UsageError: there is no such lead. RefusedError: it has no text that could be cleared, or an earlier probe
        left something behind. LeadopsError: as the reader.
    """
    left = left_behind(session.home)
    if left is not None:
        raise RefusedError(left.says, left.help)
    schema = await session.schema()
    lead = await _lead(session, schema, name)
    target = _target(lead, schema)
    kept = session.home / _LEFT
    write_private(
        kept, json.dumps({"lead": target.lead_id, "field": target.field, "value": target.value}).encode()
    )
    check, restored = await _probe(session.reader, session.writer, target, session.cache)
    if restored:
        kept.unlink(missing_ok=True)
    return check


async def _lead(session: Session, schema: Schema, name: str) -> Lead:
    found = await session.reader.lead(name)
    if found is not None:
        return found
    by = schema.identifier
    rows = await lookup_identifiers(
        [name], schema, session.reader, country_code=session.settings.country_code
    )
    leads = rows.get(canonical(name, by, session.settings.country_code), ())
    if len(leads) != 1:
        raise UsageError(
            f"{'several leads have' if leads else 'no lead has'} the id or {by.api_name} “{name}”",
            "name one lead by its id",
        )
    ids = [leads[0].id] if leads[0].id else list(session.ids.ids_of(canonical(name, by)))
    read = await session.reader.lead(ids[0]) if len(ids) == 1 else None
    if read is None:
        raise UsageError(f"the id of lead “{name}” is not known", "name the lead by its id")
    return read


def _target(lead: Lead, schema: Schema) -> _Target:
    """Return a text field that has a value: a field that could not be emptied again must not be filled."""
    for field in sorted(schema.fields, key=lambda one: one.api_name == "name"):
        value = lead.fields.get(field.api_name)
        free = not (field.identifier or field.locked or field.read_only)
        if free and field.type is FieldType.TEXT and not is_missing(value):
            assert lead.id is not None
            return _Target(lead.id, field.api_name, value)
    raise RefusedError(
        "the lead has no text field with a value, which is what the probe needs",
        "name another lead, or give this one a text by hand",
    )


async def _probe(
    reader: Reader, writer: Writer, target: _Target, capabilities: Capabilities
) -> tuple[Check, bool]:
    """Try an empty text, then null; return the finding, and whether the lead holds its value at the end."""
    for name, empty in ((EMPTY, ""), (NULL, None)):
        reply = await writer.update(target.lead_id, {target.field: empty})
        if reply.delivery not in {Delivery.ACKED, Delivery.REJECTED}:
            return await _ended(
                reader, writer, target, f"the service did not say what became of it: {reply.message}"
            )
        now = await reader.lead(target.lead_id)
        if now is None:
            return _lost(target, "the lead is gone"), False
        cleared = is_missing(now.fields.get(target.field))
        capabilities.put(name, cleared)
        if cleared:
            if not await _restore(reader, writer, target):
                return _lost(target, "its value could not be put back"), False
            how = "an empty text" if name == EMPTY else "null"
            return Check(
                _NAME, Verdict.OK, f"fields can be cleared ({how}); {target.field} is as it was"
            ), True
        if not same(now.fields.get(target.field), target.value, FieldType.TEXT):
            return _lost(target, "it holds something else now"), False
    says = f"this workspace cannot clear a field; {target.field} is as it was"
    return Check(
        _NAME, Verdict.OK, says, "`clear` in playbooks is refused; set a word of your own instead"
    ), True


async def _ended(reader: Reader, writer: Writer, target: _Target, why: str) -> tuple[Check, bool]:
    if not await _restore(reader, writer, target):
        return _lost(target, why), False
    return Check(_NAME, Verdict.FAIL, f"{why}; {target.field} is as it was", "try again later"), True


async def _restore(reader: Reader, writer: Writer, target: _Target) -> bool:
    """Put the value back where it is gone; whether a read shows it. Setting a value is safe to repeat."""
    for _ in range(3):
        now = await reader.lead(target.lead_id)
        if now is not None and same(now.fields.get(target.field), target.value, FieldType.TEXT):
            return True
        await writer.update(target.lead_id, {target.field: target.value})
    now = await reader.lead(target.lead_id)
    return now is not None and same(now.fields.get(target.field), target.value, FieldType.TEXT)


def _lost(target: _Target, why: str) -> Check:
    return Check(
        _NAME, Verdict.FAIL, f"{target.field} of lead {target.lead_id}: {why}",
        f"put it back by hand: its value stands in {_LEFT} in the state folder",
    )  # fmt: skip
