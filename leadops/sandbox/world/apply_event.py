"""Events, performed on a world."""

import random

from leadops.sandbox.faults.events import (
    Act,
    ArchiveStatus,
    Arrive,
    Delete,
    DeleteOption,
    EditIdentifier,
    Event,
    Merge,
    RemoveMember,
    RenameField,
    SetFields,
)
from leadops.sandbox.world.names import FIRST, LAST
from leadops.sandbox.world.records import Lead, NewAction
from leadops.sandbox.world.values import phone_digits
from leadops.sandbox.world.world import World


def happen(world: World, event: Event, *, lead_id: str = "") -> None:
    """Let ``event`` happen now; ``lead_id`` is what ``$lead`` means. An event about an unknown lead is nothing."""
    with world.store.transaction():
        match event:
            case Arrive():
                _arrive(world, event)
            case ArchiveStatus(label=label):
                _archive(world, label)
            case DeleteOption() | RenameField() | RemoveMember():
                _change_workspace(world, event)
            case _:
                lead = find(world, lead_id if event.lead == "$lead" else event.lead)
                if lead is not None:
                    _touch(world, event, lead)


def find(world: World, name: str) -> Lead | None:
    """Return the living lead of that id or identifier."""
    if name == "$newest":
        row = world.store.connection.execute(
            "SELECT id FROM leads WHERE deleted = 0 ORDER BY created DESC, seq DESC LIMIT 1"
        ).fetchone()
        name = row[0] if row else ""
    lead = world.store.lead(name) or world.store.lead_called(name)
    if lead is None and (digits := phone_digits(name, world.store.definition.country_code)):
        lead = world.store.lead_called(digits)
    return None if lead is None or lead.deleted else lead


def _touch(world: World, event: EditIdentifier | Delete | Merge | SetFields | Act, lead: Lead) -> None:
    now = world.clock.now_ms()
    match event:
        case EditIdentifier(value=value):
            fields = dict(lead.fields) | {world.store.definition.identifier: value}
            world.store.change_lead(lead, fields, modified=now)
        case Delete():
            world.store.delete_lead(lead)
        case Merge(into=into):
            target = find(world, into)
            if target is not None and target.id != lead.id:
                world.store.move_actions(lead, target)
                world.store.delete_lead(lead)
        case SetFields(fields=changes):
            cleared = [name for name, value in changes.items() if value is None]
            world.change(lead, {name: value for name, value in changes.items() if value is not None}, cleared)
        case Act():
            at = now if event.at_ms is None else event.at_ms
            world.store.add_actions([NewAction(lead.seq, event.type, at, event.performer, event.detail)])


def _arrive(world: World, event: Arrive) -> None:
    rng = random.Random(f"arrivals {event.seed} {world.store.count_leads()}")  # noqa: S311 (no secret: the same seed gives the same leads)
    for _ in range(event.count):
        phone = f"91{rng.choice('6789')}{rng.randrange(10**9):09d}"
        world.new_lead({"name": f"{rng.choice(FIRST)} {rng.choice(LAST)}", "phone": phone} | event.fields)


def _archive(world: World, label: str) -> None:
    definition = world.store.definition
    stages = tuple(
        stage.model_copy(
            update={
                "active": tuple(one for one in stage.active if one != label),
                "archived": (*stage.archived, label),
            }
        )
        if label in stage.active
        else stage
        for stage in definition.stages
    )
    world.store.definition = definition.model_copy(update={"stages": stages})


def _change_workspace(world: World, event: DeleteOption | RenameField | RemoveMember) -> None:
    definition = world.store.definition
    match event:
        case RemoveMember(email=email):
            member = definition.member(email)
            if member is not None:
                gone = member.model_copy(update={"status": "Deleted"})
                world.store.definition = definition.with_member(gone)
        case DeleteOption(field=name, label=label):
            fields = tuple(
                field.model_copy(update={"options": tuple(one for one in field.options if one != label)})
                if field.name == name
                else field
                for field in definition.fields
            )
            world.store.definition = definition.model_copy(update={"fields": fields})
        case RenameField(field=name, to=new):
            fields = tuple(
                field.model_copy(update={"name": new}) if field.name == name else field
                for field in definition.fields
            )
            world.store.definition = definition.model_copy(update={"fields": fields})
            world.store.rename_field(name, new)
