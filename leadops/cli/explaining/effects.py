"""Effects as sentences: what shall be true of each lead, and what stands on its timeline afterwards."""

import re
from collections.abc import Iterable, Iterator

from leadops.cli.explaining.conditions import Line, Speaker
from leadops.model.actions import PAYMENT
from leadops.model.plan import (
    Append,
    Assign,
    Cell,
    ChangeTags,
    ClearField,
    Constant,
    Effect,
    Expression,
    Notify,
    Placeholder,
    ReadTimeline,
    Report,
    SetField,
    Template,
    UpdateAction,
    When,
)
from leadops.model.schema import FieldType

_HASHED = re.compile(r"[0-9a-f]{12}/\d+")
"""The name of a rule that neither a key nor titles name."""


def effect_lines(effects: Iterable[Effect], speaker: Speaker, depth: int) -> Iterator[Line]:
    """Yield what ``effects`` do to a lead, one line each; what stands deeper belongs to the line above."""
    for effect in effects:
        match effect:
            case SetField(assign):
                yield depth, f"- {assign.name} becomes {_said(assign, speaker)}"
            case ClearField(name):
                yield depth, f"- {name} is emptied; only where the workspace is known to support it"
            case ChangeTags(verb, name, tags):
                listed = ", ".join(expression(tag, FieldType.TEXT, speaker) for tag in tags)
                moved = "added to" if verb == "add" else "removed from"
                yield depth, f"- {listed} {'is' if len(tags) == 1 else 'are'} {moved} {name}; other tags stay"
            case Append():
                yield from _append(effect, speaker, depth)
            case UpdateAction(type_, where, fields):
                what = "payment" if type_ == PAYMENT else f"action {speaker.action(type_)}"
                among = " and ".join(f"{h.key} = {speaker.value(h.value, h.type)}" for h in where)
                which = f" in which {among}" if among else ", which must be the only one,"
                yield depth, f"- the latest {what}{which} gets {_fields(fields, speaker)}"
            case ReadTimeline(window):
                yield depth, f"- its timeline{f' of {window.text}' if window else ''} is read and shown"
            case When(condition, then, otherwise):
                yield depth, f"- if {speaker.sentence(condition)}, as the step finds it:"
                yield from effect_lines(then, speaker, depth + 1)
                if otherwise:
                    yield depth, "  otherwise:"
                    yield from effect_lines(otherwise, speaker, depth + 1)
            case Report(path, template):
                by = f" by your template {template}" if template else ""
                yield depth, f"- a report of the run is written to {path}{by}"
            case Notify(name, text):
                yield depth, f"- a message goes to [notify.{name}]: “{text.text}”"


def _append(effect: Append, speaker: Speaker, depth: int) -> Iterator[Line]:
    what = "a payment" if effect.type == PAYMENT else f"an action {speaker.action(effect.type)}"
    held = f" with {_fields(effect.fields, speaker)}" if effect.fields else ""
    yield depth, f"- {what} is added{held}"
    yield depth + 1, once_key(effect)


def once_key(effect: Append) -> str:
    """Return when an append is made again, and by which name leadops remembers it."""
    once = effect.once
    if once.kind == "run":
        return "in each run anew: nothing keeps it from being added again"
    if once.kind == "period" and once.window is not None:
        often = f"once per lead in {once.window.text} ({once.window.first_day} to {once.window.last_day})"
    else:
        often = "once per lead, for ever"
    if _HASHED.fullmatch(effect.rule):
        return (
            f"{often}; its once-key is {effect.rule}, made of the step's text: an edited step is another rule. "
            'Name it with key "…", or give playbook and step a title'
        )
    return f"{often}; its once-key is “{effect.rule}”. The values are not part of it: an edited text is no second action"


def _fields(fields: Iterable[Assign], speaker: Speaker) -> str:
    return ", ".join(f"{one.name} = {_said(one, speaker)}" for one in fields)


def _said(assign: Assign, speaker: Speaker) -> str:
    return expression(assign.value, assign.type, speaker)


def expression(value: Expression, type_: FieldType, speaker: Speaker) -> str:
    """Return where a value comes from, or the value itself."""
    match value:
        case Constant(value=held):
            return speaker.value(held, type_)
        case Cell(column):
            return f"the cell in the column {column} (a blank one leaves it as it is)"
        case Template():
            return f"“{value.text}”{_needs(value)}"


def _needs(template: Template) -> str:
    needed = sorted(
        {
            ".".join((part.root, *part.path))
            for part in template.parts
            if isinstance(part, Placeholder)
            and part.root in {"lead", "row"}
            and all(filter_.name != "default" for filter_ in part.filters)
        }
    )
    return f" (a lead without {' or '.join(needed)} is refused by name)" if needed else ""
