"""The tables of docs/sandbox.md, made from the code so that they cannot drift."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel

from leadops.sandbox.faults.effects import Effect
from leadops.sandbox.faults.events import Event
from leadops.sandbox.world.switches import SWITCHES


def switch_table() -> str:
    """Return the switches as Markdown; the default position comes first."""
    rows = (
        (f"`{one.name}`", " · ".join(f"`{position}`" for position in one.positions), one.text, one.section)
        for one in SWITCHES
    )
    return _table(("switch", "positions, default first", "question", "docs/api.md §"), rows)


def effect_table() -> str:
    """Return the effects of faults as Markdown."""
    return _kinds(Effect)


def event_table() -> str:
    """Return the events of a moving world as Markdown."""
    return _kinds(Event)


def _kinds(union: Any) -> str:
    rows = (
        (f"`{kind}`", _settings(model), " ".join((model.__doc__ or "").split()))
        for kind, model in _models(union)
    )
    return _table(("kind", "settings (those with = are optional)", "what happens"), rows)


def _models(union: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    for model in get_args(get_args(union)[0]):
        yield get_args(model.model_fields["kind"].annotation)[0], model


def _settings(model: type[BaseModel]) -> str:
    shown = []
    for name, field in model.model_fields.items():
        if name == "kind":
            continue
        plain = isinstance(field.default, str | int | float | bool) and not field.is_required()
        shown.append(f"`{name}`" if field.is_required() else f"`{name}={field.default if plain else '…'}`")
    return ", ".join(shown)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    for table in (switch_table, effect_table, event_table):
        sys.stdout.write(f"{table()}\n\n")
