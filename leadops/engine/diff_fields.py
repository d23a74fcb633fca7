"""What fields of a lead shall hold after a step, and how that differs from what they hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from leadops.core.text import fold
from leadops.engine.diff_values import Values
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


@dataclass(slots=True)
class Wanted:
    """Fields as they shall be, on top of what they are."""

    current: Mapping[str, Value]
    after: dict[str, Value] = field(default_factory=dict)
    types: dict[str, FieldType] = field(default_factory=dict)
    _exact: set[str] = field(default_factory=set)

    def put(self, name: str, type: FieldType, value: Value) -> None:
        """Want ``value`` in the field."""
        self.after[name] = value
        self.types[name] = type

    def assign(self, one: Assign, values: Values) -> None:
        """Want what ``one`` assigns; nothing clears the field, a blank cell leaves it as it is. Raises CannotRenderError.

        A text that a template makes of the lead's own is wanted exactly: its filters may change case or blanks only.
        """
        value = values.of(one)
        if is_missing(value) and isinstance(one.value, Cell):
            return
        self.put(one.name, one.type, None if is_missing(value) else value)
        if not is_missing(value) and one.type is FieldType.TEXT and isinstance(one.value, Template):
            self._exact.add(one.name)

    def take(self, effect: Leaf, values: Values) -> None:
        """Add what ``effect`` wants of fields; raises CannotRenderError."""
        match effect:
            case SetField(assign):
                self.assign(assign, values)
            case ClearField(name, type):
                self.put(name, type, None)
            case ChangeTags(verb, name, tags):
                wanted = [tag for one in tags for tag in values.tag(name, one)]
                held = _tags(self.after.get(name, self.current.get(name)))
                folded = {fold(tag) for tag in wanted}
                if verb == "add":
                    have = {fold(tag) for tag in held}
                    new = [tag for tag in dict.fromkeys(wanted) if fold(tag) not in have]
                    self.put(name, FieldType.TAGS, (*held, *new))
                else:
                    self.put(name, FieldType.TAGS, tuple(tag for tag in held if fold(tag) not in folded))
            case _:
                return

    def changes(self, country_code: str) -> dict[str, FieldChange]:
        """Return the fields that differ from what they hold."""
        return {
            name: FieldChange(self.current.get(name), value, self.types[name])
            for name, value in self.after.items()
            if not same(self.current.get(name), value, self.types[name], country_code)
            or (name in self._exact and self.current.get(name) != value)
        }


def _tags(value: Value) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, tuple | list) else (str(value),)
