"""A workspace made from the user's own files: ``leadops.schema.json`` and a CSV of leads."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError
from leadops.model.schema import FieldType, Label, Schema
from leadops.sandbox.world.definition import (
    ActionDefinition,
    FieldDefinition,
    Kind,
    Member,
    StageDefinition,
    WorkspaceDefinition,
)
from leadops.sandbox.world.records import NewLead
from leadops.sandbox.world.values import Refused, Rules
from leadops.sandbox.world.world import World

_STAMPS = {"created_on", "modified_on"}
_SPLIT = ";"
"""What stands between two tags in a cell."""


def load(clock: Clock, schema_file: Path, csv_file: Path | None = None, *, path: Path | None = None) -> World:
    """Return a world with the user's workspace and, from the CSV, the user's leads.

    A column is the API name of a field, or ``id``, ``created_on``, ``modified_on``. A blank cell is a missing value.

    Raises:
        ConfigurationError: a file is not what it should be; the message names file, row and column.
    """
    definition = read_definition(schema_file, clock.now_ms())
    world = World.empty(clock, definition, path=path)
    if csv_file is not None:
        with world.store.transaction():
            world.store.add_leads(_leads(world, csv_file))
    return world


def read_definition(schema_file: Path, now: int) -> WorkspaceDefinition:
    """Return the workspace that a ``leadops.schema.json`` describes.

    Raises:
        ConfigurationError: the file is not such a file, or no field of it identifies a lead.
    """
    try:
        document = json.loads(schema_file.read_text(encoding="utf-8"))
        known = {name: document[name] for name in Schema.__dataclass_fields__ if name in document}
        schema = TypeAdapter(Schema).validate_python(known)
    except (OSError, ValueError, TypeError, ValidationError) as error:
        raise ConfigurationError(f"{schema_file} is no schema of a workspace: {error}") from error
    if not any(field.identifier for field in schema.fields):
        raise ConfigurationError(f"{schema_file}: no field is marked as the identifier")
    return definition_of(schema, now)


def definition_of(schema: Schema, now: int) -> WorkspaceDefinition:
    """Return the workspace that ``schema`` describes, made at ``now`` (epoch milliseconds)."""
    identifier = schema.identifier.api_name
    return WorkspaceDefinition(
        name=schema.name,
        identifier=identifier,
        created_on=now,
        fields=tuple(
            FieldDefinition(
                name=field.api_name,
                kind=kind_of(field.type),
                options=field.options,
                description=field.label or "",
                locked=field.locked,
            )
            for field in schema.fields
            if field.api_name not in _STAMPS
        ),
        actions=tuple(
            ActionDefinition(
                code=action.code,
                name=action.name,
                fields=tuple(
                    FieldDefinition(name=field.key, kind=kind_of(field.type), options=field.options)
                    for field in action.fields
                ),
            )
            for action in schema.actions
            if action.writable
        ),
        stages=tuple(_stages(schema.statuses)),
        lost_reasons=tuple(one.label for one in schema.lost_reasons if not one.archived),
        archived_lost_reasons=tuple(one.label for one in schema.lost_reasons if one.archived),
        members=tuple(
            Member(
                name=one.name,
                email=one.email,
                phone=f"9198000{number:05d}",
                status="Deleted" if one.former else "Active",
            )
            for number, one in enumerate(schema.members)
        ),
    )


def kind_of(field_type: FieldType) -> Kind:
    """Return the sandbox's word for a type of the model."""
    return Kind[field_type.name]


def _stages(statuses: tuple[Label, ...]) -> Iterator[StageDefinition]:
    for number, stage in enumerate(("OPEN", "WON", "LOST"), 1):
        labels = [one for one in statuses if (one.stage or "OPEN") == stage]
        if labels:
            yield StageDefinition.model_validate(
                {
                    "id": f"s{number}",
                    "type": stage,
                    "active": tuple(one.label for one in labels if not one.archived),
                    "archived": tuple(one.label for one in labels if one.archived),
                }
            )


def _leads(world: World, csv_file: Path) -> Iterator[NewLead]:
    rules = world.rules
    try:
        with csv_file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            for column in rows.fieldnames or ():
                if column not in _STAMPS | {"id"} and rules.workspace.field(column) is None:
                    raise ConfigurationError(f"{csv_file}: the workspace has no field {column!r}")
            for number, row in enumerate(rows, 2):
                yield _lead(world, rules, row, f"{csv_file}, row {number}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{csv_file} cannot be read: {error}") from error


def _lead(world: World, rules: Rules, row: Mapping[Any, Any], where: str) -> NewLead:
    fields: dict[str, object] = {}
    stamps = {"created_on": world.clock.now_ms()}
    for column, cell in row.items():
        if cell is None or column is None:
            raise ConfigurationError(f"{where}: as many cells as columns are needed")
        if column == "id" or not cell.strip():
            continue
        if column in _STAMPS:
            moment = rules.instant(_whole(cell))
            if moment is None:
                raise ConfigurationError(f"{where}, column {column}: {cell!r} is no date")
            stamps[column] = moment
            continue
        field = rules.workspace.field(column)
        assert field is not None
        taken = rules.accept(field, _value(field.kind, cell))
        if isinstance(taken, Refused) and field.kind not in {Kind.STATUS, Kind.LOST_REASON, Kind.MEMBER}:
            raise ConfigurationError(f"{where}, column {column}: {taken.remark}: {cell!r}")
        fields[column] = cell if isinstance(taken, Refused) else taken.value
    created = stamps["created_on"]
    return NewLead(fields, created, stamps.get("modified_on", created), (row.get("id") or "").strip())


def _value(kind: Kind, cell: str) -> object:
    """Return the JSON value that a cell means for a field of that kind."""
    match kind:
        case Kind.TAGS:
            return [tag.strip() for tag in cell.split(_SPLIT) if tag.strip()]
        case Kind.CHECKBOX:
            return {"true": True, "false": False}.get(cell.strip().lower(), cell)
        case Kind.NUMBER | Kind.RATING:
            whole = _whole(cell)
            try:
                return whole if isinstance(whole, int) else float(cell)
            except ValueError:
                return cell
        case Kind.DATE:
            return _whole(cell)
        case _:
            return cell


def _whole(cell: str) -> int | str:
    return int(cell) if re.fullmatch(r"\s*-?[0-9]{1,18}\s*", cell) else cell
