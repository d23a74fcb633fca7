"""``clear f``: how this workspace's fields are emptied, as `doctor --probe-clear` has found out.

The verdicts are capabilities: ``clear:empty`` (an empty text empties a field) and ``clear:null`` (null does).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from leadops.engine.plan.diff.lead import Diffed
from leadops.engine.ports import Capabilities
from leadops.model.change import Change, Kind
from leadops.model.plan import ClearField, Effect, Step, When
from leadops.model.saved import Refusal
from leadops.model.schema import FieldType
from leadops.model.values import is_missing

EMPTY, NULL = "clear:empty", "clear:null"


def clearing(
    diffed: Sequence[Diffed], step: Step, capabilities: Capabilities
) -> tuple[list[Diffed], list[str]]:
    """Return ``diffed`` with cleared fields as this workspace wants them written, and why it cannot be done.

    A field to be cleared is one that a change gives no value; nothing else does that. Where the lead decides it (its
    last tag is taken away, or a template makes nothing of its values) and no way is known, that lead is refused by
    name and the others go on.
    """
    said = frozenset(_said(step.effects))
    diffed = [_by_the_lead(one, said, capabilities) for one in diffed]
    names = sorted({name for one in diffed for name in _cleared(one.changes)})
    if not names:
        return list(diffed), []
    if capabilities.get(EMPTY):
        return [replace(one, changes=tuple(map(_emptied, one.changes))) for one in diffed], []
    if capabilities.get(NULL):
        return list(diffed), []
    if capabilities.get(EMPTY) is False and capabilities.get(NULL) is False:
        why = "this workspace keeps a field's value whatever empty value is sent"
        way = "set a word of your own instead, or clear it in the CRM by hand"
    else:
        why = "nobody knows whether this workspace can clear a field"
        way = "`leadops doctor --probe-clear LEAD` finds out on one lead, and puts its value back"
    return list(diffed), [f"step “{step.name}”: clear {', '.join(names)}: {why}; {way}"]


def _said(effects: Iterable[Effect]) -> Iterator[str]:
    """Yield the fields that the text itself clears."""
    for effect in effects:
        match effect:
            case ClearField(name):
                yield name
            case When(_, then, otherwise):
                yield from _said((*then, *otherwise))
            case _:
                continue


def _by_the_lead(one: Diffed, said: frozenset[str], capabilities: Capabilities) -> Diffed:
    """Return ``one`` without empty values that the text does not name: they are only sent where they are known to clear."""
    changes: list[Change] = []
    refusals = list(one.refusals)
    for change in one.changes:
        emptied = {
            name
            for name, field in change.fields.items()
            if name not in said and is_missing(field.after) and not is_missing(field.before)
        }
        if not emptied or change.kind is not Kind.UPDATE:
            changes.append(change)
        elif capabilities.get(EMPTY) or capabilities.get(NULL):
            none = {name: replace(change.fields[name], after=None) for name in emptied}
            changes.append(replace(change, fields={**change.fields, **none}))
        else:
            rest = {name: field for name, field in change.fields.items() if name not in emptied}
            changes += [replace(change, fields=rest)] if rest else []
            refusals += [_unclear(change, name) for name in sorted(emptied)]
    return replace(one, changes=tuple(changes), refusals=tuple(refusals))


def _unclear(change: Change, name: str) -> Refusal:
    tags = change.fields[name].type is FieldType.TAGS
    what = f"{name} would lose its last tag" if tags else f"{name} would be cleared: nothing is put into it"
    return Refusal(
        change.lead,
        f"{what}, and nobody knows whether this workspace can clear a field",
        "`leadops doctor --probe-clear LEAD` finds out on one lead, and puts its value back",
        field=name,
        row=change.row,
    )


def _cleared(changes: Iterable[Change]) -> list[str]:
    return [name for change in changes for name, one in change.fields.items() if one.after is None]


def _emptied(change: Change) -> Change:
    if not _cleared((change,)):
        return change
    fields = {
        name: replace(one, after="") if one.after is None else one for name, one in change.fields.items()
    }
    return replace(change, fields=fields)
