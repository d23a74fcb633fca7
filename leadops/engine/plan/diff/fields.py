"""What fields of a lead shall hold after a step, and how that differs from what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leadops.core.text import fold
from leadops.engine.plan.diff.values import TwoValuesError, Values
from leadops.model.change import FieldChange
from leadops.model.plan import (
    Append,
    Assign,
    Cell,
    ChangeTags,
    ClearField,
    Effect,
    SetField,
    Template,
    UpdateAction,
    When,
)
from leadops.model.schema import FieldType
from leadops.model.values import Value, is_missing, same
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts

Leaf = SetField | ClearField | ChangeTags | Append | UpdateAction
"""Effects that change something, ``when`` resolved."""


def leaves(effects: Iterable[Effect], values: Values, facts: Facts) -> tuple[Leaf, ...]:
    """Return the effects that count for this lead, in order; ``when`` sees it as the step found it."""
    found: list[Leaf] = []
    for effect in effects:
        match effect:
            case When(condition, then, otherwise):
                branch = then if holds(condition, values.lead, facts) else otherwise
                found += leaves(branch, values, facts)
            case SetField() | ClearField() | ChangeTags() | Append() | UpdateAction():
                found.append(effect)
            case _:
                continue
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A value that an effect asks for.

    Attributes:
        exact: letter by letter, as a template makes it.
        written: how the effect says it.
    """

    value: Value
    type: FieldType
    exact: bool
    written: str


@dataclass(slots=True)
class Wanted:
    """Fields as they shall be, on top of what they are: what all effects together ask for."""

    current: Mapping[str, Value]
    _asked: dict[str, list[_Asked]] = field(default_factory=dict)
    _added: dict[str, list[str]] = field(default_factory=dict)
    _removed: dict[str, list[str]] = field(default_factory=dict)

    def assign(self, one: Assign, values: Values) -> None:
        """Want what ``one`` assigns; nothing clears the field, a blank cell leaves it as it is. Raises CannotRenderError.

        A text that a template makes of the lead's own is wanted exactly: its filters may change case or blanks only.
        """
        value = values.of(one)
        if is_missing(value) and isinstance(one.value, Cell):
            return
        exact = one.type is FieldType.TEXT and isinstance(one.value, Template) and not is_missing(value)
        self._ask(
            one.name, _Asked(None if is_missing(value) else value, one.type, exact, values.written(one))
        )

    def take(self, effect: Leaf, values: Values) -> None:
        """Add what ``effect`` wants of fields; raises CannotRenderError."""
        match effect:
            case SetField(assign):
                self.assign(assign, values)
            case ClearField(name, type):
                self._ask(name, _Asked(None, type, exact=False, written="nothing"))
            case ChangeTags(verb, name, tags):
                found = self._added if verb == "add" else self._removed
                found.setdefault(name, []).extend(tag for one in tags for tag in values.tag(name, one))
            case _:
                return

    def _ask(self, name: str, asked: _Asked) -> None:
        self._asked.setdefault(name, []).append(asked)

    def changes(self, country_code: str) -> dict[str, FieldChange]:
        """Return the fields that differ from what they hold; raises TwoValuesError."""
        changed: dict[str, FieldChange] = {}
        for name in dict.fromkeys((*self._asked, *self._added, *self._removed)):
            wanted = self._one(name, country_code)
            before = self.current.get(name)
            if not same(before, wanted.value, wanted.type, country_code) or (
                wanted.exact and before != wanted.value
            ):
                changed[name] = FieldChange(before, wanted.value, wanted.type)
        return changed

    def _one(self, name: str, country_code: str) -> _Asked:
        """Return the one value that all effects ask for."""
        asked = self._asked.get(name, [])
        first = next((one for one in asked if one.exact), asked[0] if asked else None)
        for one in asked if first is not None else ():
            assert first is not None
            alike = same(first.value, one.value, one.type, country_code)
            if not alike or (first.exact and one.exact and first.value != one.value):
                raise TwoValuesError(name, (each.written for each in asked))
        if name not in self._added and name not in self._removed:
            assert first is not None
            return first
        return self._tags(name, first)

    def _tags(self, name: str, whole: _Asked | None) -> _Asked:
        added, removed = self._added.get(name, []), self._removed.get(name, [])
        gone = {fold(tag) for tag in removed}
        if any(fold(tag) in gone for tag in added):
            both = next(tag for tag in added if fold(tag) in gone)
            raise TwoValuesError(name, (f"with {both}", f"without {both}"))
        if whole is not None:
            held = {fold(tag) for tag in _tags(whole.value)}
            wrong = [tag for tag in added if fold(tag) not in held]
            wrong += [tag for tag in removed if fold(tag) in held]
            if wrong:
                raise TwoValuesError(
                    name, (whole.written, f"{'with' if wrong[0] in added else 'without'} {wrong[0]}")
                )
            return whole
        before = _tags(self.current.get(name))
        have = {fold(tag) for tag in before}
        new = [tag for tag in dict.fromkeys(added) if fold(tag) not in have]
        kept = [tag for tag in before if fold(tag) not in gone]
        return _Asked((*kept, *new), FieldType.TAGS, exact=False, written="")


def _tags(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, tuple | list) else (str(value),)
