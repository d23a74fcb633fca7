"""Taking a lead out of a run folder's files: its values go, the shape of the files stays."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from leadops.core.errors import ConfigurationError
from leadops.core.spreadsheet import cell
from leadops.model.change import FORGOTTEN
from leadops.model.seal import SEAL, seal_of_form
from leadops.state.csvfiles import HEADERS
from leadops.state.private import write_private

_REPORTS = ("report.md", "report.html", "junit.xml", "emergency.jsonl", "log.jsonl")
"""Files that can be made anew, or are read by people only: those that name the lead are removed."""


def lead_ids(folder: Path, identifiers: frozenset[str]) -> frozenset[str]:
    """Return the ids of the leads of ``identifiers`` that plan.json and results.json name."""
    return frozenset().union(
        *(ids_in(_load(folder / name), identifiers) for name in ("plan.json", "results.json"))
    )


def ids_in(data: Any, identifiers: frozenset[str]) -> frozenset[str]:
    """Return the ids of the leads of ``identifiers`` that the form of a plan or of results names."""
    return frozenset(
        str(lead["id"]) for lead in _leads(data) if lead.get("identifier") in identifiers and lead.get("id")
    )


def forget(folder: Path, ids: frozenset[str], identifiers: frozenset[str]) -> int:
    """Take the leads out of every file of ``folder``; return how many files that touched."""
    touched = 0
    unreadable = []
    for name in ("plan.json", "results.json"):
        data = _load(folder / name)
        if data is None:
            unreadable.append(name)
        else:
            clean = cleaned(data, ids, identifiers)
            touched += _replace(
                folder / name, data, clean, json.dumps(clean, indent=1, ensure_ascii=True) + "\n"
            )
    touched += _lines(folder / "leads.jsonl", ids, identifiers)
    touched += sum(_table(folder / name, ids, identifiers) for name in HEADERS)
    for name in (*_REPORTS, *unreadable):
        path = folder / name
        text = _text(path)
        if text is not None and any(word in text for word in ids | identifiers):
            path.unlink()
            touched += 1
    return touched


def _leads(data: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(data, dict):
        if isinstance(data.get("lead"), dict):
            found.append(data["lead"])
        for value in data.values():
            found += _leads(value)
    elif isinstance(data, list):
        for value in data:
            found += _leads(value)
    return found


def cleaned(data: Any, ids: frozenset[str], identifiers: frozenset[str]) -> Any:
    """Return ``data`` without the leads' values; a text that holds an identifier loses it; a plan is sealed anew."""
    clean = _cleaned(data, ids, identifiers)
    sealed = isinstance(clean, dict) and SEAL in clean and isinstance(clean.get("steps"), list)
    return {**clean, SEAL: seal_of_form(clean)} if sealed and clean != data else clean


def _cleaned(data: Any, ids: frozenset[str], identifiers: frozenset[str]) -> Any:
    if isinstance(data, dict):
        lead = data.get("lead")
        if isinstance(lead, dict) and _is(lead, ids, identifiers):
            return _emptied(data)
        if "timeline" in data and data.get("id") in ids:
            return {**data, "fields": {}, "timeline": None}
        return {_words(key, identifiers): _cleaned(value, ids, identifiers) for key, value in data.items()}
    if isinstance(data, list):
        return [_cleaned(value, ids, identifiers) for value in data]
    return _words(data, identifiers) if isinstance(data, str) else data


def _is(lead: dict[str, Any], ids: frozenset[str], identifiers: frozenset[str]) -> bool:
    return lead.get("id") in ids or lead.get("identifier") in identifiers


def _emptied(data: dict[str, Any]) -> dict[str, Any]:
    """Return a change, a result or a refusal without values."""
    empty: dict[str, Any] = {
        **data,
        "lead": {"id": data["lead"].get("id"), "identifier": FORGOTTEN, "name": ""},
    }
    if "fields" in data:
        empty["fields"] = {name: {"before": None, "after": None} for name in data["fields"]}
    if isinstance(data.get("action"), dict):
        empty["action"] = {"type": data["action"]["type"], "fields": {}}
    if "parts" in data:
        empty["parts"] = [""] * len(data["parts"])
    for name in ("remarks", "reason", "value"):
        if name in data:
            empty[name] = [] if name == "remarks" else ""
    return empty


def _words(text: str, identifiers: frozenset[str]) -> str:
    for word in identifiers:
        text = text.replace(word, FORGOTTEN)
    return text


def _lines(path: Path, ids: frozenset[str], identifiers: frozenset[str]) -> int:
    text = _text(path)
    if text is None:
        return 0
    rows = [_row(line) for line in text.splitlines() if line.strip()]
    clean = [cleaned(row, ids, identifiers) for row in rows if row is not None]
    return _replace(path, rows, clean, "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in clean))


def _row(line: str) -> Any:
    """Return what a line holds; None for one that a crash cut short: nobody could take a lead out of it."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _table(path: Path, ids: frozenset[str], identifiers: frozenset[str]) -> int:
    text = _text(path)
    if text is None:
        return 0
    rows = list(csv.reader(io.StringIO(text)))
    wanted = ids | identifiers | {cell(one) for one in identifiers}
    kept = [row for row in rows if not wanted & set(row)]
    out = io.StringIO(newline="")
    # Each cell is as it was read: it was made safe when the file was written.
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(kept)
    return _replace(path, rows, kept, out.getvalue())


def _replace(path: Path, before: Any, after: Any, text: str) -> int:
    if before == after:
        return 0
    write_private(path, text.encode())
    return 1


def _load(path: Path) -> Any:
    """Return what a file of JSON holds; None where there is none, or nothing that can be read."""
    text = _text(path)
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}", "remove the file by hand") from error
