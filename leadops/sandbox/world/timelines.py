"""What seeded leads have behind them: calls, visits, brochures, payments, notes."""

import random
from collections.abc import Iterator, Sequence

from leadops.sandbox.world.names import BROCHURE_NOTES, CALL_NOTES, HOSTILE_NAMES, USER_NOTES, VISIT_NOTES
from leadops.sandbox.world.records import Lead, NewAction
from leadops.sandbox.world.workspace import OUTCOMES

DAY_MS = 86_400_000
_HISTORY_MS = 365 * DAY_MS
_KINDS = (
    "OUTGOING_CALL", "INCOMING_CALL", "MISSED_CALL", "KNOWLARITY_OUTGOING_CALL", "ZENDIAL_OUTGOING_CALL",
    "OUTGOING_WHATSAPP_MSG", "1001", "1002", "PAYMENT", "USER_NOTE",
)  # fmt: skip
_WEIGHTS = (34, 14, 12, 6, 1, 10, 9, 6, 4, 4)
_LONG_NOTE = 65_536


def call(rng: random.Random, lead: int, kind: str, at: int, performer: str) -> NewAction:
    """Return a call; a duration of -1 means that nobody answered."""
    answered = kind != "MISSED_CALL" and rng.random() < 0.7
    detail: dict[str, object] = {"duration": rng.randint(5, 900) if answered else -1}
    if note := rng.choice(CALL_NOTES):
        detail["note"] = note
    return NewAction(lead, kind, at, performer, detail)


def history(
    rng: random.Random, lead: Lead, end: int, agents: Sequence[str], kept: str
) -> Iterator[NewAction]:
    """Yield the past of one lead. ``kept`` makes no calls to Won leads here: those are counted out elsewhere."""
    start = max(lead.created, end - _HISTORY_MS)
    if start >= end:
        return
    won = lead.fields.get("status") == "Won"
    for kind in rng.choices(_KINDS, _WEIGHTS, k=rng.choice((0, 1, 2, 3, 4, 5, 7))):
        at = rng.randint(start, end - 1)
        performer = rng.choice([agent for agent in agents if agent != kept] if won else agents)
        yield _entry(rng, lead, kind, at, performer)
    if lead.seq % 400 == 17:
        filler = " ".join(HOSTILE_NAMES)
        text = (filler * (_LONG_NOTE // len(filler) + 1))[:_LONG_NOTE]
        yield NewAction(lead.seq, "USER_NOTE", rng.randint(start, end - 1), kept, {"text": text})


def _entry(rng: random.Random, lead: Lead, kind: str, at: int, performer: str) -> NewAction:
    if kind.endswith("_CALL"):
        return call(rng, lead.seq, kind, at, performer)
    return NewAction(lead.seq, kind, at, performer, _detail(rng, lead, kind))


def _detail(rng: random.Random, lead: Lead, kind: str) -> dict[str, object]:
    if kind == "1001":
        fields: dict[str, object] = {"note": rng.choice(VISIT_NOTES), "outcome": rng.choice(OUTCOMES)}
        if "email" in lead.fields and rng.random() < 0.5:
            fields["email"] = lead.fields["email"]
        return {"fields": fields}
    if kind == "1002":
        return {"fields": {"note": rng.choice(BROCHURE_NOTES)}}
    if kind == "PAYMENT":
        status = rng.choice(("PENDING", "COMPLETED", "COMPLETED", "FAILED"))
        return {"status": status, "currency": "INR", "amount": f"{rng.randint(1, 50)}000"}
    if kind == "USER_NOTE":
        return {"text": rng.choice(USER_NOTES), "isTruncated": False}
    return {}
