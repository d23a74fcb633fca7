"""Which column of a list names the leads, by its header line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leadops.core.text import fold
from leadops.engine.lead_names import is_id
from leadops.model.schema import Field, FieldType

ID_NAMES = frozenset({"leadid", "id"})
_PHONE = re.compile(r"phone|mobile|msisdn|whatsapp|telephone|telefon|contactn|cellular")
_PHONES = frozenset({"tel", "cell", "number", "contact", "no", "dnd", "dnc", "numbers", "contacts"})
_EMAIL = re.compile(r"mail")
_NO_NAME = re.compile(r"name|date|time|status|type|owner|agent|country|code|verified")
"""A column `phone status` or `contact name` holds no phones."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns, 0-based, that name a row's lead.

    Attributes:
        id: of its id; None: there is none. A cell of it may be another number, of a register, where the row has names.
        names: of its identifier, the most likely one first.
    """

    id: int | None
    names: tuple[int, ...]

    def of(self, cells: Sequence[str]) -> list[str]:
        """Return the names of a row's lead, the id first; none where the row names nobody."""
        names = [cells[at] for at in self.names if at < len(cells) and cells[at]]
        id_ = cells[self.id] if self.id is not None and self.id < len(cells) else ""
        return [id_, *names] if id_ and (is_id(id_) or not names) else names


def find_columns(header: Sequence[str], by: Field, key: Callable[[str], str | None]) -> Columns | None:
    """Return the columns of a list whose first row is ``header``; None when that row is no header.

    ``key`` tells whether a text names a lead by itself.
    """
    names = [re.sub(r"[\W_]", "", fold(cell)) for cell in header]
    own = {re.sub(r"[\W_]", "", fold(name)) for name in (by.api_name, by.label or by.api_name, "identifier")}
    ids = [at for at, name in enumerate(names) if name in ID_NAMES]
    exact = [at for at, name in enumerate(names) if name in own]
    alike = [at for at, name in enumerate(names) if _alike(name, by)]
    places = tuple(exact or alike)
    if not (ids or places) or any(
        by.type is not FieldType.TEXT and cell and key(cell) is not None for cell in header
    ):
        return None
    return Columns(next(iter(ids), None), places)


def _alike(name: str, by: Field) -> bool:
    if not name or _NO_NAME.search(name):
        return False
    if by.type is FieldType.PHONE:
        return name in _PHONES or _PHONE.search(name) is not None
    return by.type is FieldType.EMAIL and _EMAIL.search(name) is not None
