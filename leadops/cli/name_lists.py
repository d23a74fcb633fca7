"""``--only``, ``--exclude`` and their files: lists of names as people keep them, read into a scope.

A list that is given and names nobody is never taken for no list at all. What a file may look like is docs/how-to/lists-of-names.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from leadops.analysis.tables import DELIMITERS, OpenQuote, TooWide, records
from leadops.cli.name_columns import Columns, find_columns
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import UsageError
from leadops.core.incoming import HELP, NotText, incoming_text, separator_line
from leadops.core.project_files import LARGEST
from leadops.core.text import fold, visible
from leadops.engine.lead_names import is_broken, lead_key
from leadops.engine.plan.scope import Scope
from leadops.model.phones import read_phone
from leadops.model.schema import FieldType, Schema

Flag = Literal["only", "exclude"]
_MOST = 10
"""Wrong entries that are told one by one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a list; a name on the command line is a row of one cell.

    Attributes:
        where: the flag, or the file and the line, for people.
        cells: trimmed, the first one may be blank.
        typed: it stands on the command line, where a step's number may stand too.
    """

    where: str
    cells: tuple[str, ...]
    typed: bool = False


@dataclass(frozen=True, slots=True)
class NameList:
    """One file of names, or one name of the command line."""

    where: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class NameLists:
    """What was given, before the workspace is known; None where no list was given at all."""

    only: tuple[NameList, ...] | None
    exclude: tuple[NameList, ...] | None
    sample: int | None = None
    seed: int = 0

    def scope(self, schema: Schema, country_code: str, steps: Sequence[str]) -> Scope:
        """Return which leads and steps were chosen: ``read`` without what is to be told."""
        return self.read(schema, country_code, steps)[0]

    def read(self, schema: Schema, country_code: str, steps: Sequence[str]) -> tuple[Scope, tuple[str, ...]]:
        """Return which leads and steps were chosen, and the files of those to leave out that name nobody.

        ``steps`` are the playbook's, in order.

        Raises:
            UsageError: an entry is neither a step nor in the form of an id or identifier; names each with its place.
                A file of those to take names nobody.
        """
        reader = _Names(schema, country_code, tuple(steps))
        only, nobody = reader.read("only", self.only)
        exclude, empty = reader.read("exclude", self.exclude)
        reader.refuse()
        if nobody:
            raise UsageError(
                f"{nobody[0]} names nobody: nothing would be left by it",
                "without --only-file the playbook alone chooses",
            )
        scope = Scope(
            only_leads=frozenset(only.leads) if only is not None and only.leads else None,
            only_steps=frozenset(only.steps) if only is not None and only.steps else None,
            except_leads=None if exclude is None else frozenset(exclude.leads),
            except_steps=None if exclude is None else frozenset(exclude.steps),
            sample=self.sample,
            seed=self.seed,
        )
        return scope, tuple(empty)


def lists_from(given: Mapping[str, Any]) -> NameLists:
    """Read the lists of the command line and their files.

    Raises:
        UsageError: a name or a file's name is blank, or a file cannot be read.
    """
    return NameLists(
        _given("only", given),
        _given("exclude", given),
        sample=given.get("sample"),
        seed=given.get("seed") or 0,
    )


def _given(flag: Flag, given: Mapping[str, Any]) -> tuple[NameList, ...] | None:
    names, paths = given.get(flag) or (), given.get(f"{flag}_file") or ()
    if not names and not paths:
        return None
    for option, texts, what in ((f"--{flag}", names, "name"), (f"--{flag}-file", paths, "file's name")):
        if any(not text.strip() for text in texts):
            raise UsageError(
                f"{option}: the {what} is empty",
                "what a script or a CI job fills in came out empty; "
                f"leave {option} out to choose by the playbook alone",
            )
    typed = [NameList(f"--{flag}", (Line(f"--{flag}", (name.strip(),), typed=True),)) for name in names]
    wheres = [f"--{flag}-file: {visible(path)}" for path in paths]
    files = [
        NameList(where, tuple(_lines(where, Path(path)))) for where, path in zip(wheres, paths, strict=True)
    ]
    return (*typed, *files)


def _lines(where: str, path: Path) -> Iterator[Line]:
    delimiter, text, skipped = separator_line(_text(where, path))
    first = skipped + 1
    kept = [_uncommented(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    try:
        for record in records("\n".join(kept), delimiter or _delimiter(kept)):
            cells = tuple(cell.text for cell in record.cells)
            if any(cells):
                yield Line(f"{where}, line {record.line + first - 1}", cells)
    except OpenQuote as error:
        line = "\n".join(kept).count("\n", 0, error.at) + first
        raise UsageError(f"{where}, line {line}: a quoted cell begins here and is never closed") from None
    except TooWide as error:
        raise UsageError(f"{where}, line {error.line + first - 1}: {error}") from None


def _text(where: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise UsageError(f"{where} is larger than {LARGEST // 2**20} MiB")
        return incoming_text(data)
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error.strerror}") from None
    except NotText as error:
        raise UsageError(f"{where} cannot be read: {error}", HELP) from None


def _uncommented(line: str) -> str:
    """Return a line, or a blank one where it is a comment; a cell that a spreadsheet broke is none."""
    text = line.lstrip()
    return "" if text.startswith("#") and not is_broken(text) else line


def _delimiter(lines: Sequence[str]) -> str:
    """Return what parts the cells: of the delimiters the one that most lines hold first outside of quotes."""
    lines_of = dict.fromkeys((*DELIMITERS, "|"), 0)
    for line in lines:
        bare = "".join(line.split('"')[::2])
        first = min(((bare.find(one), one) for one in lines_of if one in bare), default=None)
        if first is not None:
            lines_of[first[1]] += 1
    return max(lines_of, key=lambda one: lines_of[one])


@dataclass(slots=True)
class _Chosen:
    leads: set[str]
    steps: set[str]


class _Names:
    """Reads entries; what is wrong with them is collected."""

    def __init__(self, schema: Schema, country_code: str, steps: tuple[str, ...]) -> None:
        self._by = schema.identifier
        self._country = country_code
        self._steps = {fold(name): name for name in reversed(steps)}
        self._numbers = {str(number) for number in range(1, len(steps) + 1)}
        self._wrong: list[str] = []
        self._wrong_entries = 0
        self._help = ""

    def read(self, flag: Flag, lists: tuple[NameList, ...] | None) -> tuple[_Chosen | None, list[str]]:
        """Return the names of all lists and which of these name nobody; no names where no list was given."""
        if lists is None:
            return None, []
        chosen, empty = _Chosen(set(), set()), []
        for one in lists:
            header = one.lines[0] if one.lines and not one.lines[0].typed else None
            columns = find_columns(header.cells, self._by, self._key) if header else None
            # Lists that were joined repeat their header.
            rows = [line for line in one.lines if not (columns and header and line.cells == header.cells)]
            if not rows:
                empty.append(one.where)
            for line in rows:
                self._take(flag, line, columns, chosen)
        return chosen, empty

    def refuse(self) -> None:
        """Raise UsageError for what was wrong."""
        if not self._wrong:
            return
        more = self._wrong_entries - _MOST
        said = "; ".join(self._wrong) + (f"; and {more:,} more such entries" if more > 0 else "")
        raise UsageError(
            said, self._help or f"a list names leads by id or {self._what}, one a line, or steps by title"
        )

    @property
    def _what(self) -> str:
        return self._by.api_name

    def _key(self, text: str) -> str | None:
        return lead_key(text, self._by, self._country)

    def _take(self, flag: Flag, line: Line, columns: Columns | None, chosen: _Chosen) -> None:
        if columns is not None:
            cells = columns.of(line.cells)
            if not cells:
                self._say(f"{line.where}: the row names nobody")
            for cell in cells if flag == "exclude" else cells[:1]:
                self._one(line, cell, chosen)
            return
        if (step := self._step(", ".join(line.cells), line)) is not None:  # a title may hold a comma
            chosen.steps.add(step)
            return
        text = line.cells[0]
        others = [cell for cell in line.cells[1:] if self._alike(cell, text)]
        if others:
            self._say(f"{line.where} names several leads, “{visible(text)}” and “{visible(others[0])}”")
            self._help = "write one a line; or begin with a header line that tells the column, such as phone or lead_id"
        else:
            self._one(line, text, chosen)

    def _one(self, line: Line, text: str, chosen: _Chosen) -> None:
        step = self._step(text, line)
        key = self._key(text) if step is None else None
        if key is None and step is None and " #" in text and not line.typed:
            bare = text.partition(" #")[0].strip()  # a remark behind the name
            step = self._step(bare, line)
            key = self._key(bare) if step is None else None
        if step is not None:
            chosen.steps.add(step)
        elif key is not None:
            chosen.leads.add(key)
        else:
            self._refused(line, text)

    def _refused(self, line: Line, text: str) -> None:
        self._wrong_entries += 1
        if self._wrong_entries > _MOST:
            return
        what = f"“{visible(text)}” is" if text else "a blank first cell is"
        hint = did_you_mean(text, self._steps.values())
        reason = (
            "" if hint or self._by.type is not FieldType.PHONE else read_phone(text, self._country).reason
        )
        self._wrong.append(
            f"{line.where}: {what} neither a step of this playbook nor an id or a {self._what} of a lead"
            + (f" ({visible(reason)})" if text and reason else "")
        )
        self._help = self._help or hint

    def _step(self, text: str, line: Line) -> str | None:
        if (name := self._steps.get(fold(text))) is not None:
            return name
        return text if line.typed and text in self._numbers and self._key(text) is None else None

    def _alike(self, cell: str, text: str) -> bool:
        """Whether a further cell names a lead as the first one does; dates and amounts in digits do not."""
        key, other = self._key(text), self._key(cell)
        if key is None or other is None or self._by.type not in {FieldType.PHONE, FieldType.EMAIL}:
            return False
        return key != other and (self._by.type is FieldType.EMAIL or len(key) == len(other))

    def _say(self, message: str) -> None:
        self._wrong_entries += 1
        if self._wrong_entries <= _MOST:
            self._wrong.append(message)
