"""The steps of an undo playbook: leads with the same lines share one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from leadops.engine.operations.playbook_text import step_text
from leadops.model.phones import written_phone
from leadops.model.run import Result
from leadops.model.schema import FieldType, Schema
from leadops.syntax.printing.canonical import print_column, print_text


@dataclass(frozen=True, slots=True)
class Who:
    """A lead as a playbook finds it.

    Attributes:
        id: empty where nobody knows it.
        name: its identifier as a playbook writes it; empty where it is none (the service may hold what is no phone)
            or where several leads have it.
        called: for people.
    """

    id: str
    name: str
    called: str


def who_of(one: Result, schema: Schema, country_code: str, twins: Collection[str]) -> Who:
    """Return whom a result is about; ``twins``: identifiers that several leads have."""
    ref = one.change.lead
    name = "" if ref.identifier in twins else ref.identifier
    if name and schema.identifier.type is FieldType.PHONE:
        name = written_phone(name, country_code)
    return Who(ref.id or one.lead_id or "", name, ref.name or ref.identifier or ref.id or "a lead")


def steps_of(wanted: Iterable[tuple[Who, tuple[str, ...]]], title: str, schema: Schema) -> list[str]:
    """Return a step for all leads of the same lines; lines that a lead has twice stand in another step.

    Leads are named by their identifiers, so that one that is gone stops nobody; by its id where that names it only.
    """
    groups: dict[tuple[tuple[str, ...], int], list[Who]] = {}
    for who, lines in wanted:
        nth = 0
        while who in groups.get((lines, nth), ()):
            nth += 1
        if lines:
            groups.setdefault((lines, nth), []).append(who)
    by = print_column(schema.identifier.api_name)
    steps: list[str] = []
    for (lines, _), some in groups.items():
        names = [print_text(who.name) for who in some if who.name]
        sources = [f"find leads where {by} in [{', '.join(names)}]"] if names else []
        sources += [f"find lead {print_text(who.id)}" for who in some if not who.name]
        steps += [
            step_text(f"{title} {len(steps) + 1 + at}", source, lines) for at, source in enumerate(sources)
        ]
    return steps
