"""Effects that hold what was known when a text was made as a condition: each is done only where that is still so.

What a playbook cannot say of a value (a star in a text that is compared, an option that is gone) shows when it is
compiled: of several ways to say it the first sound one is taken.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from leadops.analysis.compiler import Surroundings, compile_once
from leadops.analysis.render import TemplateMissing, rendered_value
from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.text import fold
from leadops.engine.operations.playbook_text import exact_text, value_text
from leadops.model.plan import Assign, Constant
from leadops.model.schema import FieldType, Schema
from leadops.model.values import FREE_TEXTS, Value, is_missing
from leadops.syntax.parser import read_once
from leadops.syntax.printing.canonical import print_column, print_text

Ways = tuple[str, ...]
"""Texts that mean the same; the first that is sound is taken."""
_AT_ONCE = 50
_BRACE = re.compile(r"(?<=\{)(?=[{%#])")


def holds_text(name: str, type: FieldType, value: Value, zone: ZoneInfo) -> Ways:
    """Return conditions that are true where the field holds ``value``."""
    column = print_column(name)
    if is_missing(value):
        return (f"{column} is missing",)
    if type not in FREE_TEXTS:
        return (f"{column} = {value_text(value, type, zone)}",)
    text = str(value)
    halves = [text[: len(text) // 2], text[len(text) // 2 :]]
    return (f"{column} = {print_text(text)}", _of(column, _BRACE.split(text)), _of(column, halves))


def _of(column: str, pieces: Sequence[str]) -> str:
    """Return a condition on a text that consists of ``pieces``, none of which may be misread."""
    some = [one for one in pieces if one]
    tests = [f"{column} starts with {print_text(some[0])}"]
    tests += [f"{column} contains {print_text(one)}" for one in some[1:-1]]
    tests.append(f"{column} ends with {print_text(some[-1])}")
    return " and ".join(tests)


def set_text(
    name: str, type: FieldType, value: Value, zone: ZoneInfo, *, to_the_letter: bool = False
) -> Ways:
    """Return effects that give the field ``value``; ``to_the_letter``: also where case or blanks are all that differs."""
    column = print_column(name)
    if is_missing(value):
        return (f"clear {column}",)
    exact = f"set {column} = {exact_text(str(value))}"
    if to_the_letter:
        return (exact,)
    plain = f"set {column} = {value_text(value, type, zone)}"
    return (plain, exact) if type in FREE_TEXTS else (plain,)


def unwritable(
    name: str, type: FieldType, value: Value, schema: Schema, zone: ZoneInfo, country_code: str
) -> str:
    """Return why no effect gives the field ``value``, though a template could hold its letters; empty: one can."""
    if is_missing(value) or type not in FREE_TEXTS:
        return ""
    text = str(value)
    try:
        rendered_value(text, Assign(name, type, Constant(text)), schema, zone, country_code=country_code)
    except TemplateMissing as error:
        return error.reason
    return ""


@dataclass(frozen=True, slots=True)
class TagsMoved:
    """What a change of tags took away and added, as they were written."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    @staticmethod
    def between(before: Value, after: Value) -> "TagsMoved":
        """Return the difference of two lists of tags."""
        old, new = _tags(before), _tags(after)
        had, has = {fold(tag) for tag in old}, {fold(tag) for tag in new}
        return TagsMoved(
            tuple(tag for tag in new if fold(tag) not in had),
            tuple(tag for tag in old if fold(tag) not in has),
        )

    def still_so(self, held: Value) -> bool:
        """Whether the field still holds all that was added, and nothing that was taken away."""
        have = {fold(tag) for tag in _tags(held)}
        return have.issuperset(map(fold, self.added)) and have.isdisjoint(map(fold, self.removed))

    def condition(self, name: str) -> Ways:
        """Return the condition of ``still_so``."""
        column = print_column(name)
        tests = [f"{column} has all {_listed(self.added)}"] if self.added else []
        tests += [f"not {column} has any {_listed(self.removed)}"] if self.removed else []
        return (" and ".join(tests),)

    def back(self, name: str) -> Ways:
        """Return the effect that takes it back; tags that others gave stay."""
        column = print_column(name)
        effects = [f"remove {', '.join(map(print_text, self.added))} from {column}"] if self.added else []
        effects += [f"add {', '.join(map(print_text, self.removed))} to {column}"] if self.removed else []
        return ("; ".join(effects),)


def _tags(value: Value) -> tuple[str, ...]:
    if is_missing(value):
        return ()
    return tuple(map(str, value)) if isinstance(value, tuple | list) else (str(value),)


def _listed(tags: Sequence[str]) -> str:
    return f"[{', '.join(map(print_text, tags))}]"


@dataclass(slots=True)
class Sound:
    """Finds the sound one of several ways to say something, in this workspace.

    Attributes:
        chosen: of the ways that were looked at, the first that is sound; none: absent.
        reasons: why none is.
    """

    schema: Schema
    timezone: str
    country_code: str
    chosen: dict[Ways, str] = field(default_factory=dict)
    reasons: dict[Ways, str] = field(default_factory=dict)

    def conditions(self, wanted: Iterable[Ways]) -> None:
        """Look at conditions."""
        self._look(wanted, "find leads where {}")

    def effects(self, wanted: Iterable[Ways]) -> None:
        """Look at effects."""
        by = print_column(self.schema.identifier.api_name)
        self._look(wanted, f"find leads where {by} is present; {{}}")

    def _look(self, wanted: Iterable[Ways], frame: str) -> None:
        left = [(ways, 0) for ways in dict.fromkeys(wanted) if ways not in self.chosen]
        while left:
            part, left = left[:_AT_ONCE], left[_AT_ONCE:]
            wrong = self._wrong([frame.replace("{}", ways[at]) for ways, at in part])
            for line, (ways, at) in enumerate(part):
                if line not in wrong:
                    self.chosen[ways] = ways[at]
                elif at + 1 < len(ways):
                    left.append((ways, at + 1))
                else:
                    self.reasons[ways] = wrong[line].message

    def _wrong(self, steps: Sequence[str]) -> dict[int, Diagnostic]:
        """Return the first error of each step that has one, by its place in ``steps``."""
        text = "".join(f'step "{number}" {{ {step} }}\n' for number, step in enumerate(steps))
        around = Surroundings(self.timezone, self.schema.pulled_at_ms, self.country_code)
        found = compile_once(read_once(text, "<made>"), self.schema, around).diagnostics
        errors = [one for one in found if one.severity is Severity.ERROR]
        wrong: dict[int, Diagnostic] = {}
        for one in errors:
            wrong.setdefault(one.span.line - 1 if one.span else -1, one)
        if errors and len(steps) > 1 and not all(0 <= line < len(steps) for line in wrong):
            return {at: alone[0] for at, step in enumerate(steps) if (alone := self._wrong([step]))}
        return {0: errors[0]} if errors and len(steps) == 1 else wrong
