"""Whether a plan makes sense by itself: its parts agree with each other, whoever wrote it."""

from collections.abc import Iterator

from leadops.model.actions import PAYMENT
from leadops.model.change import FORGOTTEN, ActionSpec, Change, Kind
from leadops.model.saved import Belt, SavedPlan

APPENDS = frozenset({Kind.APPEND, Kind.PAYMENT})


def contradictions(saved: SavedPlan) -> Iterator[str]:
    """Yield what in ``saved`` contradicts itself, each as one sentence that names its place; nothing where it is sound."""
    if saved.appliable == bool(saved.refusals):
        yield "it is refused without a reason" if not saved.appliable else "it may be applied, and is refused"
    for belt in saved.belts:
        yield from _belt(belt, saved)
    keys: dict[str, str] = {}
    born: set[str] = set()
    for index, step in enumerate(saved.steps):
        here: set[str] = set()
        for number, change in enumerate(step.changes, 1):
            where = f"change {number} of step {index + 1}"
            if change.step != index:
                yield f"{where} says that it is of step {change.step + 1}"
            if change.key in keys:
                yield f"{where} has the key of {keys[change.key]}"
            keys.setdefault(change.key, where)
            for reason in (*_parts(change), *_lead(change, here, born)):
                yield f"{where} {reason}"
            if change.kind is Kind.CREATE:
                here.add(change.lead.identifier)
        born |= here


def _belt(belt: Belt, saved: SavedPlan) -> Iterator[str]:
    if belt.exceeded != (belt.count > belt.limit):
        yield f"its belt {belt.name} says otherwise than its count"
    if belt.exceeded and not saved.refusals:
        yield f"its belt {belt.name} is exceeded, and nothing refuses it"


def _parts(change: Change) -> Iterator[str]:
    """Yield where a change's kind and its parts do not agree."""
    kind, action = change.kind, change.action
    if not change.key:
        yield "has no key"
    if kind in {Kind.UPDATE, Kind.CREATE}:
        if not change.fields:
            yield f"is {_KINDS[kind]} of no field"
        if action is not None:
            yield f"is {_KINDS[kind]}, and has an action"
    elif action is None:
        yield f"is {_KINDS[kind]}, and has no action"
    else:
        yield from _action(change, action)
    if kind not in APPENDS and (change.with_create or change.each_run or change.occurrence is not None):
        yield f"is {_KINDS[kind]}, and says how often it is made, which only an added action can"
    if change.each_run and change.occurrence is not None:
        yield "is made in each run, and once in a period"


def _action(change: Change, action: ActionSpec) -> Iterator[str]:
    kind = change.kind
    if kind is not Kind.UPDATE_ACTION:
        if change.fields:
            yield f"is {_KINDS[kind]}, and changes fields of the lead"
        if action.action_id is not None:
            yield f"is {_KINDS[kind]}, and names an action that is there"
        if (action.type == PAYMENT) != (kind is Kind.PAYMENT):
            yield f"is {_KINDS[kind]} of the type {action.type}"
    elif not action.action_id:
        yield "updates an action, and does not say which"
    elif change.lead.identifier == FORGOTTEN:
        return  # its values were taken out of the plan, and so its digest fits no more
    elif not change.fields or {name: one.after for name, one in change.fields.items()} != dict(action.fields):
        yield "updates an action, and its fields are not those of the action"


def _lead(change: Change, here: set[str], born: set[str]) -> Iterator[str]:
    """Yield where a change's lead cannot be the one that it is for.

    ``here``: identifiers of the leads that the step makes; ``born``: of those that earlier steps make.
    """
    lead = change.lead
    if change.kind is Kind.CREATE and lead.id is not None:
        yield "makes a lead that has an id already"
    if change.with_create and (lead.id is not None or lead.identifier not in here):
        yield "travels with the making of a lead that the step does not make"
    if lead.id is not None and not lead.id.strip():
        yield "has a lead whose id is blank"
    if lead.id is None and not lead.identifier.strip():
        yield "has a lead without id and without identifier"
    needs_id = change.kind not in {Kind.CREATE, Kind.UPDATE} and not change.with_create
    if lead.id is None and needs_id and lead.identifier not in here | born:
        yield "has a lead without id"


_KINDS = {
    Kind.UPDATE: "an update",
    Kind.CREATE: "a create",
    Kind.APPEND: "an added action",
    Kind.PAYMENT: "an added payment",
    Kind.UPDATE_ACTION: "an action's update",
}
