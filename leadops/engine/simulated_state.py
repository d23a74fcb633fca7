"""The simulated state after earlier steps: what they change, append and create, as later steps must see it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from leadops.model.change import Change, Kind
from leadops.model.lead import Lead, TimelineAction
from leadops.model.values import Value
from leadops.predicate.facts import Facts


@dataclass(frozen=True, slots=True)
class Touched:
    """A lead that earlier steps change.

    Attributes:
        before: as it was read; None for one that they create.
        fields: what its fields will be, where they change.
        appended: actions that it will have.
        updated: fields of actions that change, by action id.
    """

    before: Lead | None
    fields: Mapping[str, Value] = field(default_factory=dict)
    appended: tuple[TimelineAction, ...] = ()
    updated: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(slots=True)
class _Filed:
    """Touched leads by the values that one field had: keys by value, and those not filed yet since they changed."""

    keys: dict[str, dict[str, None]] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Overlay:
    """Every lead touched so far, by its key (Facts.key). Starts empty with each plan.

    What a later step asks is kept beside it, so that a playbook of thousands of steps does not look at every lead in each.
    """

    touched: dict[str, Touched] = field(default_factory=dict)
    _appended: dict[str, tuple[TimelineAction, ...]] = field(default_factory=dict)
    _unborn: set[str] = field(default_factory=set)
    _filed: dict[str, _Filed] = field(default_factory=dict)

    def record(self, key: str, before: Lead | None, changes: Iterable[Change], at_ms: int) -> None:
        """Note what a step will do to one lead.

        Args:
            key: Facts.key of the lead.
            before: the lead as the step found it, already with this overlay; None when the step creates it.
            changes: the step's changes of this lead.
            at_ms: when appended actions will be made: the playbook's clock.
        """
        entry = self.touched.get(key) or Touched(before)
        for change in changes:
            if change.fields:
                after = {name: one.after for name, one in change.fields.items()}
                entry = replace(entry, fields={**entry.fields, **after})
            action = change.action
            if action is None:
                continue
            if change.kind is Kind.UPDATE_ACTION and action.action_id is not None:
                before_fields = entry.updated.get(action.action_id, {})
                updated = {**entry.updated, action.action_id: {**before_fields, **action.fields}}
                entry = replace(entry, updated=updated)
            elif change.kind in {Kind.APPEND, Kind.PAYMENT}:
                made = TimelineAction(None, action.type, at_ms, "", dict(action.fields))
                entry = replace(entry, appended=(*entry.appended, made))
        self.touched[key] = entry
        if entry.appended:
            self._appended[key] = entry.appended
        if entry.before is None:
            self._unborn.add(key)
        for filed in self._filed.values():
            filed.waiting[key] = None

    def now(self, key: str, lead: Lead) -> Lead:
        """Return ``lead`` as earlier steps will have left it; its timeline, where read, with their actions."""
        entry = self.touched.get(key)
        if entry is None:
            return lead
        timeline = lead.timeline
        if timeline is not None:
            kept = tuple(_updated(action, entry.updated) for action in timeline)
            timeline = (*reversed(entry.appended), *kept)
        return Lead(lead.id, {**lead.fields, **entry.fields}, timeline)

    def overwritten(self, changed: Iterable[tuple[Iterable[Change], str]]) -> list[str]:
        """Return notes about fields that an earlier step gives another value; the pairs are a lead's changes and key."""
        counts: Counter[str] = Counter()
        for changes, key in changed:
            entry = self.touched.get(key)
            if entry is not None:
                counts.update({name for change in changes for name in change.fields if name in entry.fields})
        return [
            f"{name}: an earlier step gives another value to {count} of these leads; this one holds, and every run changes both"
            for name, count in sorted(counts.items())
        ]

    def leads(self) -> dict[str, Lead]:
        """Return every touched lead as it will be, by key."""
        return {key: self.now(key, entry.before or Lead(None)) for key, entry in self.touched.items()}

    def having(self, name: str, value: str, spelt: Callable[[Value], str]) -> Lead | None:
        """Return the lead touched first that will have ``value`` in its field ``name``; None: there is none.

        Args:
            name: the field's API name.
            value: as ``spelt`` writes it.
            spelt: the one spelling of a value of this field; the same for each call with this name.
        """
        filed = self._filed.get(name)
        if filed is None:
            filed = self._filed[name] = _Filed(waiting=dict.fromkeys(self.touched))
        for key in filed.waiting:
            filed.keys.setdefault(spelt(self._lead(key).fields.get(name)), {})[key] = None
        filed.waiting.clear()
        here = [key for key in filed.keys.get(value, ()) if spelt(self._lead(key).fields.get(name)) == value]
        if len(here) > 1:
            first = next(key for key in self.touched if key in here)
            return self._lead(first)
        return self._lead(here[0]) if here else None

    def _lead(self, key: str) -> Lead:
        return self.now(key, self.touched[key].before or Lead(None))

    def facts(self, facts: Facts) -> Facts:
        """Return ``facts``, sharing what they know, that also count the actions of earlier steps."""
        return replace(facts, appended=dict(self._appended), unborn=set(self._unborn))


def _updated(action: TimelineAction, updates: Mapping[str, Mapping[str, Value]]) -> TimelineAction:
    change = updates.get(action.id or "")
    return replace(action, fields={**action.fields, **change}) if change else action
