"""``undo``: a playbook that gives fields their old values back, where they still hold ours when it runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from leadops.engine.operations.guarded import Sound, TagsMoved, Ways, holds_text, set_text, unwritable
from leadops.engine.operations.playbook_text import comment
from leadops.engine.operations.undo_actions import action_lines
from leadops.engine.operations.undo_steps import Who, steps_of, who_of
from leadops.engine.plan.clearing import EMPTY, NULL
from leadops.engine.ports import Capabilities
from leadops.model.change import Change, FieldChange, Kind
from leadops.model.lead import Lead
from leadops.model.run import Outcome, Result
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value, is_missing, reached, same
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Reader
from leadops.syntax.printing.canonical import print_text

_DONE = frozenset({Outcome.CHANGED, Outcome.CREATED})
ACTION, CREATED, EMPTIED, MOVED, GONE, UNSAID = (
    "an action stays",
    "a new lead stays",
    "a field had no value before",
    "was changed since",
    "the lead is gone",
    "cannot be said",
)
"""Why something stays as it is."""


@dataclass(frozen=True, slots=True)
class Undo:
    """A playbook that takes a run back.

    Attributes:
        text: the playbook; its title says how much of the run it takes back.
        restored: fields that it gives their old value back.
        summary: one sentence: how many of the run's changes it takes back, and why the others stay.
        lost: what it cannot restore, a sentence each; these stand in the text as comments too.
    """

    text: str
    restored: int
    summary: str
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Old:
    """A field of one lead: the value to give back, and ours, which it must still hold."""

    name: str
    before: Value
    ours: Value
    type: FieldType

    def ways(self, zone: ZoneInfo, country_code: str) -> tuple[Ways, Ways]:
        """Return the condition and the effect."""
        if self.type is FieldType.TAGS:
            moved = TagsMoved.between(self.before, self.ours)
            return moved.condition(self.name), moved.back(self.name)
        only_form = same(self.before, self.ours, self.type, country_code)
        return (
            holds_text(self.name, self.type, self.ours, zone),
            set_text(self.name, self.type, self.before, zone, to_the_letter=only_form),
        )


@dataclass(slots=True)
class _Taking:
    """What is taken back, by lead, and what is not."""

    schema: Schema
    country_code: str
    capabilities: Capabilities | None
    there: Mapping[str, Lead]
    fields: dict[str, dict[str, _Old]] = field(default_factory=dict)
    lost: list[tuple[str, str]] = field(default_factory=list)

    def lose(self, why: str, sentence: str) -> None:
        self.lost.append((why, sentence))

    def update(self, one: Result) -> None:
        """Take the fields of an update; a later change of the same field was taken before."""
        change = one.change
        key = key_of(one)
        lead = self.there.get(key)
        if lead is None:
            self.lose(GONE, f"the lead {called(change)} is not found any more")
            return
        mine = self.fields.setdefault(key, {})
        for name, moved in change.fields.items():
            if one.fields.get(name, one.outcome) is Outcome.CHANGED:
                self._field(mine, change, name, moved, lead)

    def _field(
        self, mine: dict[str, _Old], change: Change, name: str, moved: FieldChange, lead: Lead
    ) -> None:
        later = mine.get(name)
        held = later.before if later else lead.fields.get(name)
        if moved.type is FieldType.TAGS:
            kept = TagsMoved.between(moved.before, moved.after).still_so(held)
        else:
            kept = reached(held, moved.before, moved.after, moved.type, self.country_code)
        if not kept:
            self.lose(MOVED, f"{name} of {called(change)} was changed since")
            return
        ours = later.ours if later else moved.after
        if why := self._unclear(moved, ours, lead.fields.get(name)):
            mine.pop(name, None)
            self.lose(EMPTIED, f"{name} of {called(change)} was missing; {why}")
            return
        mine[name] = _Old(name, moved.before, ours, moved.type)

    def _unclear(self, moved: FieldChange, ours: Value, held: Value) -> str:
        """Return why the field cannot be emptied; empty: it can, or need not."""
        if not is_missing(moved.before):
            return ""
        if moved.type is FieldType.TAGS:
            mine = TagsMoved.between(moved.before, ours).added
            if TagsMoved.between(mine, held).added:
                return ""  # others stand beside ours: the field does not become empty
        found = [self.capabilities.get(name) for name in (EMPTY, NULL)] if self.capabilities else [None]
        if any(found):
            return ""
        if all(verdict is False for verdict in found):
            return "this workspace cannot clear a field"
        return "nobody knows whether a field can be cleared (`leadops doctor --probe-clear LEAD` finds out)"


async def undo_playbook(
    results: Sequence[Result],
    schema: Schema,
    reader: Reader,
    *,
    run: str,
    timezone: str,
    country_code: str = "91",
    neutralise: bool = False,
    capabilities: Capabilities | None = None,
) -> Undo:
    """Return the playbook; the leads are read, in lists, to see which fields still hold our value.

    Each effect stands under the condition that the lead still holds what the run left there: what somebody sets
    between making and running the playbook stays. ``neutralise`` also cancels payments and marks custom actions as
    void, for an append cannot be taken back. ``capabilities`` tell whether this workspace can clear a field.

    Raises:
        LeadopsError: as the reader.
    """
    zone = ZoneInfo(timezone)
    done = [one for one in results if one.outcome in _DONE]
    there, twins = await _current(done, schema, reader, country_code)
    taking = _Taking(schema, country_code, capabilities, there)
    whose = {key_of(one): who_of(one, schema, country_code, twins) for one in done}
    for one in reversed(done):
        change = one.change
        if change.kind is Kind.UPDATE:
            taking.update(one)
        elif change.kind is Kind.CREATE:
            taking.lose(
                CREATED, f"the lead {called(change)} was created; the service has no way to delete it"
            )
    sound = Sound(schema, timezone, country_code)
    lines = _field_lines(taking, sound, zone, whose)
    restored = sum(map(len, lines.values()))
    actions = action_lines(done, schema, zone, sound, neutralise=neutralise)
    taking.lost += [(UNSAID if one.unsaid else ACTION, one.sentence) for one in actions.lost]
    steps = steps_of([(whose[key], each) for key, each in reversed(lines.items())], "restore", schema)
    steps += steps_of([(whose[key], (each,)) for key, each in actions.lines], "actions", schema)
    leads = len({key for key, each in lines.items() if each} | {key for key, _ in actions.lines})
    summary = _summary(restored + len(actions.lines), taking.lost)
    head = [
        comment(f"Takes run {run} back, as far as that is possible: look at its plan before it is applied."),
        comment("Each value is given back only where the lead still holds what the run left there."),
        *(comment(f"cannot be restored: {sentence}") for _, sentence in taking.lost),
        f"playbook {print_text(f'Undo run {run}: {summary}')}",
        f"timezone {print_text(timezone)}",
        f"limits {{ at most {max(1, leads)} leads }}",
    ]
    text = "\n".join(head) + "\n\n" + "\n\n".join(steps) + ("\n" if steps else "")
    return Undo(text, restored, summary, tuple(sentence for _, sentence in taking.lost))


def _field_lines(
    taking: _Taking, sound: Sound, zone: ZoneInfo, whose: Mapping[str, Who]
) -> dict[str, tuple[str, ...]]:
    """Return the guarded effects of each lead, by its key; what no playbook can say is lost."""
    ways = {
        (key, old.name): old.ways(zone, taking.country_code)
        for key, fields in taking.fields.items()
        for old in fields.values()
    }
    sound.conditions(condition for condition, _ in ways.values())
    sound.effects(effect for _, effect in ways.values())
    lines: dict[str, tuple[str, ...]] = {}
    for (key, name), pair in ways.items():
        old = taking.fields[key][name]
        why = unwritable(name, old.type, old.before, taking.schema, zone, taking.country_code)
        why = why or next((sound.reasons[one] for one in pair if one not in sound.chosen), "")
        if not why:
            line = f"when {sound.chosen[pair[0]]} {{ {sound.chosen[pair[1]]} }}"
            lines[key] = (*lines.get(key, ()), line)
        else:
            taking.lose(UNSAID, f"{name} of {whose[key].called}: {why}")
    return lines


def _summary(taken: int, lost: Sequence[tuple[str, str]]) -> str:
    """Return how much of the run is taken back, for a title."""
    if not lost:
        return f"all {taken} changes are taken back" if taken != 1 else "its change is taken back"
    counts = sorted(Counter(why for why, _ in lost).items(), key=lambda one: (-one[1], one[0]))
    said = ", ".join(f"{many} × {why}" for why, many in counts)
    many = f"{len(lost)} {'is' if len(lost) == 1 else 'are'} not"
    return f"{taken} of {taken + len(lost)} changes are taken back; {many} ({said})"


async def _current(
    done: Sequence[Result], schema: Schema, reader: Reader, country_code: str
) -> tuple[Mapping[str, Lead], frozenset[str]]:
    """Return the run's leads as they are, by their key, and the identifiers that several leads have."""
    by = schema.identifier
    identifiers = list(
        dict.fromkeys(one.change.lead.identifier for one in done if one.change.lead.identifier)
    )
    rows = await lookup_identifiers(identifiers, schema, reader, country_code=country_code)
    found: dict[str, Lead] = {}
    for one in done:
        key = key_of(one)
        there = rows.get(canonical(one.change.lead.identifier, by, country_code), ())
        lead = next((row for row in there if row.id in {key, None}), None)
        if lead is not None:
            found[key] = lead
    return found, frozenset(
        name for name in identifiers if len(rows.get(canonical(name, by, country_code), ())) > 1
    )


def key_of(one: Result) -> str:
    """Return what a result's lead is told from others by: its id, or where nobody knows one its identifier."""
    return one.change.lead.id or one.lead_id or one.change.lead.identifier


def called(change: Change) -> str:
    """Return how a person calls the change's lead."""
    return change.lead.name or change.lead.identifier or change.lead.id or "a lead"
