"""Ids from outside: a dashboard export (CSV) or recorded workflow pushes (JSON lines), read for the local index."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadops.core.errors import UsageError
from leadops.core.incoming import HELP, NotText, incoming_text, separator_line
from leadops.core.text import fold
from leadops.engine.lead_names import is_id, lead_key
from leadops.model.phones import read_phone
from leadops.model.schema import Field, FieldType, Schema

_PLACEHOLDERS = frozenset({"", "undefined", "null", "none", "nan"})
_ID_NAMES = ("lead_id", "leadid", "lead id", "id", "_id")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out; ``number`` is its line in the file, 1-based."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file told.

    Attributes:
        pairs: (canonical identifier, id), each pair once.
        refused: rows left out, with the reason.
    """

    pairs: tuple[tuple[str, str], ...]
    refused: tuple[BadRow, ...]


def import_ids(
    content: bytes,
    schema: Schema,
    *,
    country_code: str = "91",
    id_column: str | None = None,
    identifier_column: str | None = None,
) -> Imported:
    """Return the ids that a file tells, by identifier.

    A file whose first character is ``{`` holds JSON lines; any other is a CSV with a header. Columns are found by
    name (``lead_id``, ``leadId``, ``Lead ID``; the identifier by API name or label) unless they are given.

    Raises:
        UsageError: the file is no text, or has no such column.
    """
    try:
        text = incoming_text(content)
    except NotText as error:
        raise UsageError(f"the file cannot be read: {error}", HELP) from error
    by = schema.identifier
    ids = (id_column,) if id_column else _ID_NAMES
    names = (identifier_column,) if identifier_column else (by.api_name, by.label or by.api_name)
    rows = _json_lines(text) if text.lstrip().startswith("{") else _table(text, ids, names)
    pairs: dict[tuple[str, str], None] = {}
    refused: list[BadRow] = []
    for number, cells in rows:
        if isinstance(cells, str):
            refused.append(BadRow(number, cells))
            continue
        pair = _pair(cells, by, country_code, ids, names)
        if isinstance(pair, str):
            refused.append(BadRow(number, pair))
        else:
            pairs[pair] = None
    return Imported(tuple(pairs), tuple(refused))


def _pair(
    cells: Mapping[str, str], by: Field, cc: str, ids: tuple[str, ...], names: tuple[str, ...]
) -> tuple[str, str] | str:
    lead_id, name = _cell(cells, ids), _cell(cells, names)
    if lead_id is None or name is None:
        wanted = ids[0] if lead_id is None else names[0]
        return f"there is no {wanted}"
    if fold(lead_id) in _PLACEHOLDERS or fold(name) in _PLACEHOLDERS or "{{" in lead_id + name:
        bad, what = (
            (lead_id, "lead id") if fold(lead_id) in _PLACEHOLDERS or "{{" in lead_id else (name, by.api_name)
        )
        return f"the {what} is an unresolved placeholder: “{bad}”"
    if not is_id(lead_id):
        return f"“{lead_id}” is no lead id: 24 hex digits are expected"
    key = lead_key(name, by, cc)
    if key is None or is_id(key):
        if by.type is FieldType.PHONE:
            return f"“{name}” is no phone number: {read_phone(name, cc).reason}"
        return f"“{name}” is no {by.api_name}"
    return key, lead_id.lower()


def _cell(cells: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    wanted = [_column(name) for name in names]
    found = {_column(name): value for name, value in cells.items()}
    return next((found[name].strip() for name in wanted if name in found), None)


def _column(name: str) -> str:
    return re.sub(r"[\s_\-]", "", fold(name))


def _table(
    text: str, ids: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    told, text, skipped = separator_line(text)
    first = text.partition("\n")[0]
    separator = told or max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        header = next(reader, None)
        if not header or not any(_column(name) for name in header):
            raise UsageError(
                "the file is empty", help="it needs a header line with the columns lead_id and the identifier"
            )
        columns = {_column(name) for name in header}
        for wanted, flag in ((ids, "--id-column"), (names, "--identifier-column")):
            if not columns & {_column(name) for name in wanted}:
                raise UsageError(
                    f"the file has no column {wanted[0]}",
                    help=f"its columns: {', '.join(header)}; name one with {flag}",
                )
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                yield reader.line_num + skipped, f"it has {len(cells)} cells; the header has {len(header)}"
            else:
                yield reader.line_num + skipped, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise UsageError(f"line {reader.line_num + skipped}: the file is no CSV: {error}") from error


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, str] | str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "it is no JSON"
            continue
        yield number, dict(_texts(value)) if isinstance(value, dict) else "it is no JSON object"


def _texts(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the object's plain values, and those of its ``lead`` and ``fields`` parts."""
    for key, one in value.items():
        if isinstance(one, dict) and key in {"lead", "fields"}:
            yield from _texts(one)
        elif isinstance(one, str | int) and not isinstance(one, bool):
            yield key, str(one)
        elif one is None:
            yield key, ""
