"""Leads and their changes as toned lines; leads with the same change stand together."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from leadops.core.excerpt import cells
from leadops.core.text import visible
from leadops.model.run import Outcome
from leadops.report.shown import MISSING, count
from leadops.report.style import OUTCOME_TONES, Line, Segment, Tone, clip, pad, words
from leadops.report.variables import ActionView, FieldView, LeadView, ReadView, RefusalView, Rows

COLLAPSE_FROM = 3
"""From how many leads on the same change is written once."""
LISTED = 30
"""How many leads of such a group are listed, and how many single blocks a step shows, unless all are asked for."""
_TOLD = ("status", "rating", "assignee", "created_on")
"""What a list of found leads tells of each; --full tells all."""
_LONG = 60
_MOST = 400

Block = list[tuple[int, Line]]
"""Lines with their indent."""


def lead_blocks(leads: Iterable[LeadView], *, full: bool) -> Iterator[Block]:
    """Yield a block a lead, or one for several leads with the same change."""
    if full:
        yield from (_single(lead, full=True) for lead in leads)
        return
    groups: dict[object, list[LeadView]] = {}
    for lead in leads:
        groups.setdefault(_same(lead), []).append(lead)
    shown, hidden = 0, 0
    for group in groups.values():
        if len(group) >= COLLAPSE_FROM:
            yield _several(group)
        else:
            for lead in group:
                if shown < LISTED:
                    yield _single(lead, full=False)
                shown += 1
                hidden += shown > LISTED
    if hidden:
        yield [(2, [(f"… and {count(hidden, 'more lead')} (--full shows each)", Tone.FAINT)])]


def _same(lead: LeadView) -> object:
    return (
        lead.kind, lead.fields, tuple((a.verb, a.text, a.once, a.outcome) for a in lead.actions), lead.outcome,
        lead.reason, lead.remarks, lead.depends,
    )  # fmt: skip


def _single(lead: LeadView, *, full: bool) -> Block:
    symbol, tone = ("+", Tone.ADDED) if lead.kind == "create" else ("~", Tone.CHANGED)
    head: list[Segment] = [(f"{symbol} ", tone), *naming(lead.name, lead.identifier, lead.id)]
    if lead.row is not None:
        head.append((f"  row {lead.row}", Tone.FAINT))
    return [(2, head), *_changes(lead, full=full)]


def _several(group: Sequence[LeadView]) -> Block:
    first = group[0]
    title = "new leads like this" if first.kind == "create" else "leads, the same change on each"
    block: Block = [(2, [(f"{len(group):,} {title}", Tone.STRONG)]), *_changes(first, full=False)]
    return block + _listed([(lead.name, lead.identifier, _id_and_row(lead.id, lead.row)) for lead in group])


def _id_and_row(lead_id: str, row: int | None) -> str:
    return lead_id if row is None else f"{lead_id}  row {row}".strip()


def _listed(leads: Sequence[tuple[str, str, str]]) -> Block:
    """Return name, identifier and id of the first leads in columns, and how many more there are."""
    block: Block = []
    shown = leads[:LISTED]
    name_width = min(28, max(cells(visible(name)) for name, _, _ in shown))
    key_width = min(28, max(cells(visible(key)) for _, key, _ in shown))
    for name, key, lead_id in shown:
        block.append(
            (6, [(f"{pad(name, name_width)}  {pad(key, key_width)}  ", Tone.PLAIN), (lead_id, Tone.FAINT)])
        )
    if len(leads) > LISTED:
        block.append((6, [(f"… and {len(leads) - LISTED:,} more (--full shows each)", Tone.FAINT)]))
    return block


def naming(name: str, identifier: str, lead_id: str) -> list[Segment]:
    """Return who a lead is: name, identifier, id."""
    parts: list[Segment] = [(name or "(no name)", Tone.STRONG if name else Tone.FAINT)]
    if identifier:
        parts.append((f"  {identifier}", Tone.PLAIN))
    if lead_id:
        parts.append((f"  {lead_id}", Tone.FAINT))
    return parts


def _changes(lead: LeadView, *, full: bool) -> Block:
    block: Block = []
    outcomes = [one.outcome for one in lead.fields] + [one.outcome for one in lead.actions]
    mixed = any(outcome != lead.outcome for outcome in outcomes)
    for one in lead.fields:
        block += _field(
            one, create=lead.kind == "create", full=full, mark=_mark(one.outcome) if mixed else []
        )
    for action in lead.actions:
        block.append((4, [*_action(action, full=full), *(_mark(action.outcome) if mixed else [])]))
    if lead.depends:
        block.append((4, [(f"  depends: {lead.depends}", Tone.FAINT)]))
    return block + verdict(lead)


def verdict(lead: LeadView) -> Block:
    """Return what became of a lead: outcome, evidence, reason, the service's words; nothing in a plan."""
    if not lead.outcome:
        return []
    tone = OUTCOME_TONES[Outcome(lead.outcome)]
    line: list[Segment] = [("→ ", Tone.FAINT), (words(lead.outcome), tone)]
    if lead.evidence:
        line.append((f" (known by: {lead.evidence})", Tone.FAINT))
    if lead.reason:
        line.append((f": {lead.reason}", Tone.PLAIN))
    block: Block = [(4, line)]
    for remark in lead.remarks:
        what = f"- {clip(remark.shown(), 120)}: “{remark.words}”"
        block.append((6, [(what, Tone.REMOVED)]))
    return block


def _mark(outcome: str) -> Line:
    """Return a part's own outcome, for leads whose parts ended differently."""
    return [(f"  [{words(outcome)}]", OUTCOME_TONES[Outcome(outcome)])] if outcome else []


def _field(one: FieldView, *, create: bool, full: bool, mark: Line) -> Block:
    most = 1_000_000 if full else _MOST
    if create:
        line = [("+ ", Tone.ADDED), (f"{one.name}: ", Tone.PLAIN), (clip(one.after, most), Tone.ADDED)]
        return [(4, [*line, *mark])]
    gone = one.after == MISSING
    symbol: Segment = ("- ", Tone.REMOVED) if gone else ("~ ", Tone.CHANGED)
    if min(len(one.before), len(one.after)) <= _LONG or max(len(one.before), len(one.after)) > 2000:
        line = [
            symbol,
            (f"{one.name}: ", Tone.PLAIN),
            (clip(one.before, most), Tone.FAINT if one.before == MISSING else Tone.REMOVED),
            (" → ", Tone.FAINT),
            (clip(one.after, most), Tone.REMOVED if gone else Tone.ADDED),
        ]
        return [(4, [*line, *mark])]
    before, after = _word_diff(one.before, one.after)
    return [
        (4, [symbol, (f"{one.name}:", Tone.PLAIN), *mark]),
        (8, [("before  ", Tone.FAINT), *before]),
        (8, [("after   ", Tone.FAINT), *after]),
    ]


def _word_diff(before: str, after: str) -> tuple[list[Segment], list[Segment]]:
    """Return two long texts with the words that differ toned."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    left: list[Segment] = []
    right: list[Segment] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.append(("".join(old[i:j]), Tone.PLAIN if tag == "equal" else Tone.REMOVED))
        right.append(("".join(new[k:m]), Tone.PLAIN if tag == "equal" else Tone.ADDED))
    return left, right


def _action(action: ActionView, *, full: bool) -> list[Segment]:
    symbol, tone = ("+ ", Tone.ADDED) if action.verb == "append" else ("~ ", Tone.CHANGED)
    line: list[Segment] = [(symbol, tone), (clip(action.text, 1_000_000 if full else _MOST), tone)]
    if action.once and action.once != "once per lead":
        line.append((f"  {action.once}", Tone.FAINT))
    return line


def refusal_blocks(refused: Iterable[RefusalView], *, full: bool) -> Iterator[Block]:
    """Yield a block a refused lead, or one for several that are refused for the same reason."""
    if full:
        yield from map(refusal_block, refused)
        return
    groups: dict[object, list[RefusalView]] = {}
    for one in refused:
        groups.setdefault((one.outcome, one.reason, one.help, one.field, one.value), []).append(one)
    for group in groups.values():
        if len(group) < COLLAPSE_FROM:
            yield from map(refusal_block, group)
        else:
            title: Line = [("- ", Tone.REMOVED), (f"{len(group):,} leads, for the same reason", Tone.STRONG)]
            names = _listed([(one.name, one.identifier, _id_and_row(one.id, one.row)) for one in group])
            yield [(2, title), *_why(group[0]), *names]


def refusal_block(refusal: RefusalView) -> Block:
    """Return a lead that the plan cannot change: who, why, what to do."""
    head: list[Segment] = [
        ("- ", Tone.REMOVED),
        *naming(refusal.name, refusal.identifier, refusal.id),
    ]
    if refusal.row is not None:
        head.append((f"  row {refusal.row}", Tone.FAINT))
    return [(2, head), *_why(refusal)]


def _why(refusal: RefusalView) -> Block:
    value = f" ({refusal.field} = {clip(refusal.value, 80)})" if refusal.field and refusal.value else ""
    block: Block = [(4, [(f"{words(refusal.outcome)}: {refusal.reason}{value}", Tone.REMOVED)])]
    if refusal.help:
        block.append((4, [("help: ", Tone.FAINT), (refusal.help, Tone.PLAIN)]))
    return block


def found_block(found: Rows[ReadView], *, full: bool) -> Block:
    """Return the leads that a step finds, a line each: who, and what is known of them."""
    block: Block = []
    for read in islice(found, None if full else LISTED):
        known = {p.name: p.value for p in read.fields if p.value != MISSING}
        told = known if full else [name for name in _TOLD if name in known]
        said = ", ".join(f"{name}: {clip(known[name], 80)}" for name in told)
        head: list[Segment] = [("= ", Tone.FAINT), *naming(read.name, read.identifier, read.id)]
        block.append((2, [*head, (f"  {said}" if said else "", Tone.PLAIN)]))
    if not full and len(found) > LISTED:
        more = count(len(found) - LISTED, "more lead")
        block.append((2, [(f"… and {more} (--full shows each, with all fields)", Tone.FAINT)]))
    return block


def read_block(read: ReadView, *, full: bool) -> Block:
    """Return a lead with its fields and its timeline."""
    block: Block = [(2, [("= ", Tone.FAINT), *naming(read.name, "", read.id)])]
    fields = ", ".join(f"{p.name}: {clip(p.value, 80)}" for p in read.fields if p.value != MISSING)
    if fields:
        block.append((4, [(fields, Tone.PLAIN)]))
    entries = read.timeline if full else read.timeline[:LISTED]
    width = max((cells(visible(entry.type)) for entry in entries), default=0)
    for entry in entries:
        name = f' "{entry.name}"' if entry.name else ""
        values = " ".join(f'{p.name}="{clip(p.value, 120)}"' for p in entry.fields if p.value != MISSING)
        block.append(
            (4, [
                (f"{pad(entry.at or 'time unknown', 16)}  ", Tone.FAINT),
                (pad(entry.type + name, width), Tone.STRONG),
                (f"  {entry.performer}" if entry.performer else "", Tone.PLAIN),
                (f"  {values}" if values else "", Tone.PLAIN),
            ])
        )  # fmt: skip
    if not read.timeline:
        block.append((4, [("the timeline is empty", Tone.FAINT)]))
    if len(read.timeline) > len(entries):
        more = count(len(read.timeline) - len(entries), "more entry", "more entries")
        block.append((4, [(f"… and {more} (--full shows each)", Tone.FAINT)]))
    return block
