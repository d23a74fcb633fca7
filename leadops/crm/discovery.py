"""What exists in the workspace, read from the service's metadata (docs/api.md §9, §10)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from leadops.core.clock import Clock
from leadops.core.errors import UnavailableError
from leadops.core.text import fold, visible
from leadops.crm.client import TeleCrm
from leadops.crm.decode import ASSIGNEE, ListReply, Shape, read_as, shallow
from leadops.crm.flaws import mended
from leadops.crm.metadata import (
    ActionFieldRow,
    ActionTypeList,
    ActionTypeRow,
    Enterprise,
    FieldList,
    FieldRow,
    MemberRow,
    Pipeline,
    StageRow,
    StatusRow,
    field_type,
    stage_of,
)
from leadops.crm.reader import TeleReader
from leadops.crm.strict_json import MalformedError
from leadops.model.schema import ActionField, ActionType, Field, FieldType, Label, Member, Schema

MEMBERS_PAGE = 10
"""The most team members that one call returns (docs/api.md §4)."""
_MOST_MEMBERS = 100_000
_LABEL_MOST = 60
"""Characters: a longer description is a sentence about the field, no name of it."""
_STANDARD = {
    "name": FieldType.TEXT,
    "phone": FieldType.PHONE,
    "email": FieldType.EMAIL,
    "rating": FieldType.RATING,
    "status": FieldType.STATUS,
    ASSIGNEE: FieldType.MEMBER,
}
"""Fields that every workspace has, whether its metadata lists them or not."""
_BY_NAME = {
    "rating": FieldType.RATING,
    "status": FieldType.STATUS,
    ASSIGNEE: FieldType.MEMBER,
    "lost_reason": FieldType.LOST_REASON,
    "lostReason": FieldType.LOST_REASON,
}
"""Fields whose name says more than the type that metadata gives them."""
_STAMPS = ("created_on", "modified_on")


class _Odd:
    """Reads the items of lists, and tells of those that cannot be read; they are left out."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def each(self, shape: type[Shape], items: Iterable[Any], where: str) -> list[Shape]:
        found = []
        for number, item in enumerate(items, 1):
            try:
                found.append(read_as(shape, item))
            except MalformedError as error:
                name = item.get("apiName") or item.get("code") or "" if isinstance(item, Mapping) else ""
                named = f" ({visible(str(name))})" if isinstance(name, str | int) and name else ""
                self._tell(f"{where}: item {number}{named} cannot be read and is left out: {error}")
        return found

    def by_key(self, shape: type[Shape], items: Mapping[str, Any], where: str) -> dict[str, Shape]:
        read = {key: self.each(shape, [item], f"{where}, {visible(key)}") for key, item in items.items()}
        return {key: some[0] for key, some in read.items() if some}


async def pull_schema(
    client: TeleCrm, clock: Clock, *, tell: Callable[[str], None] = lambda _: None
) -> Schema:
    """Return the workspace as its metadata describes it; fields, actions and members in a stable order.

    ``tell`` is told of each definition that cannot be read and is left out.

    Raises:
        UnavailableError: an answer has no known shape, or the pipeline has no status.
        DeniedError, TemporaryError, CallBudgetError: as their names say.
    """
    reader = client.reader
    enterprise = _read(client, Enterprise, await reader.get("/metadata"), "/metadata")
    listed = _read(client, FieldList, await reader.get("/custom-fields", detail="true"), "/custom-fields")
    odd = _Odd(tell)
    actions = await _actions(client, reader, odd)
    pipeline = _read(
        client, Pipeline, mended(await reader.get("/lead-stage-pipeline")), "/lead-stage-pipeline"
    )
    statuses = _statuses(pipeline, odd)
    if not statuses:
        raise UnavailableError(
            f"{client.connection.host} names no status at all in its lead-stage pipeline",
            "an empty pipeline is never right: run the same command again; if it stays so, ask TeleCRM's support",
        )
    return Schema(
        enterprise_id=client.connection.enterprise_id,
        name=enterprise.name,
        pulled_at_ms=clock.now_ms(),
        fields=_fields(_definitions(client, listed, odd), enterprise.identifier_id),
        actions=actions,
        statuses=statuses,
        lost_reasons=_once(
            [Label(label) for label in pipeline.reasons]
            + [Label(label, archived=True) for label in pipeline.archived_reasons]
        ),
        members=await _members(client, reader, odd),
    )


def _definitions(client: TeleCrm, listed: FieldList, odd: _Odd) -> list[FieldRow]:
    """Return the fields that can be read; a list of which none can be is something else."""
    path = "/custom-fields"
    read = odd.each(FieldRow, listed.fields, path)
    if listed.fields and not read:
        _read(client, FieldRow, listed.fields[0], path)
    return read


def _fields(rows: Iterable[FieldRow], identifier_id: Any) -> tuple[Field, ...]:
    known = {row.api_name: row for row in rows if row.api_name}
    identifier = next((name for name, row in known.items() if row.identifier), None) or next(
        (name for name, row in known.items() if identifier_id and identifier_id in {row.id, name}), None
    )
    told = any(row.label for row in known.values())
    fields = [
        Field(
            api_name=name,
            type=_BY_NAME.get(name, field_type(row.type)) if name not in _STAMPS else FieldType.DATE,
            label=(row.label if told else _described(row.description)) or None,
            options=tuple(dict.fromkeys(label for label in row.options if label)),
            identifier=name == identifier,
            locked=row.locked,
            read_only=name in _STAMPS,
        )
        for name, row in known.items()
    ]
    fields += [
        Field(name, kind, identifier=identifier is None and name == "phone")
        for name, kind in _STANDARD.items()
        if name not in known
    ]
    fields += [Field(name, FieldType.DATE, read_only=True) for name in _STAMPS if name not in known]
    return tuple(sorted(fields, key=lambda field: field.api_name))


def _described(description: str) -> str:
    """Return a description that can be a label, the only thing that names a field where no label is told; else empty."""
    text = description.strip()
    return text if len(text) <= _LABEL_MOST and text.isprintable() and "`" not in text else ""


async def _actions(client: TeleCrm, reader: TeleReader, odd: _Odd) -> tuple[ActionType, ...]:
    path = "/custom-actions"
    listed = _read(client, ActionTypeList, await reader.get(path, detail="true"), path)
    found = []
    for row in odd.each(ActionTypeRow, listed.actions, path):
        complete = row
        if row.fields is None and _is_writable(row):
            one = f"{path}/{quote(row.code, safe='')}"
            complete = _read(client, ActionTypeRow, await reader.get(one), one)
        found.append(
            ActionType(
                code=row.code.removeprefix("ACTION_"),
                name=row.name or complete.name,
                fields=tuple(
                    ActionField(
                        key, field_type(field.type), tuple(dict.fromkeys(filter(None, field.options)))
                    )
                    for key, field in odd.by_key(
                        ActionFieldRow, complete.fields or {}, f"{path}, {row.code}"
                    ).items()
                ),
                writable=_is_writable(row),
            )
        )
    return tuple(sorted(found, key=lambda action: (len(action.code), action.code)))


def _is_writable(row: ActionTypeRow) -> bool:
    return row.source.strip().upper() != "SYSTEM" and row.code.removeprefix("ACTION_").isdecimal()


def _statuses(pipeline: Pipeline, odd: _Odd) -> tuple[Label, ...]:
    stages = odd.each(StageRow, pipeline.stages, "/lead-stage-pipeline")
    active = [Label(label, stage_of(stage.type)) for stage in stages for label in stage.active]
    active += [
        Label(status.label, stage_of(status.type), archived=status.archived)
        for status in odd.each(StatusRow, pipeline.statuses, "/lead-stage-pipeline")
    ]
    archived = [
        Label(label, stage_of(stage.type), archived=True) for stage in stages for label in stage.archived
    ]
    return _once(active + archived)


def _once(labels: Iterable[Label]) -> tuple[Label, ...]:
    """Keep one entry a label: an active one before an archived one."""
    kept: dict[str, Label] = {}
    for label in sorted(labels, key=lambda one: one.archived):
        if label.label:
            kept.setdefault(label.label, label)
    return tuple(kept.values())


async def _members(client: TeleCrm, reader: TeleReader, odd: _Odd) -> tuple[Member, ...]:
    path = "/team-members"
    found: dict[str, Member] = {}
    received = 0
    while received < _MOST_MEMBERS:
        answer = await reader.get(path, skip=received, limit=MEMBERS_PAGE, includeDeleted="true")
        page = _read(client, ListReply, answer, path)
        before = len(found)
        rows = odd.each(MemberRow, page.data, path)
        for row in rows:
            if row.email.strip():
                member = Member(row.email.strip(), row.name, former=fold(row.status) == "deleted")
                found.setdefault(fold(row.email), member)
        received += len(page.data)
        complete = received >= page.total_count if page.total_count is not None else False
        if complete or len(page.data) < MEMBERS_PAGE or (rows and len(found) == before):
            break
    return tuple(sorted(found.values(), key=lambda member: fold(member.email)))


def _read(client: TeleCrm, shape: type[Shape], value: Any, path: str) -> Shape:
    try:
        return shallow(shape, value)
    except MalformedError as error:
        raise UnavailableError(
            f"{client.connection.host} answers {path} in a shape that is not known: {error}"
        ) from None
