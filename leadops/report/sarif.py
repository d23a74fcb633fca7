"""Findings as a SARIF 2.1.0 log, as GitHub's code scanning takes it. Of playbooks only, never of CRM data."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from leadops.core.codes import CODES
from leadops.core.diagnostics import Diagnostic
from leadops.core.text import fold, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "PROJECT"
_LEVELS = {"error": "error", "warning": "warning", "hint": "note"}


def sarif(found: Sequence[Diagnostic], sources: Mapping[str, str], *, version: str = "") -> dict[str, Any]:
    """Return ``found`` as a SARIF log; ``sources`` are the files' texts by path, for UTF-16 columns.

    Files are relative to the project's root, which the reader of the log knows.
    """
    codes = sorted({one.code for one in found})
    seen: Counter[str] = Counter()
    driver: dict[str, Any] = {
        "name": "leadops",
        "rules": [
            {
                "id": code,
                "shortDescription": {"text": CODES.get(code, code)},
                "help": {"text": f"leadops explain {code}"},
            }
            for code in codes
        ],
    }
    if version:
        driver["version"] = version
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "utf16CodeUnits",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "the project's root"}}},
                "results": [_result(one, codes.index(one.code), sources, seen) for one in found],
            }
        ],
    }


def _result(one: Diagnostic, index: int, sources: Mapping[str, str], seen: Counter[str]) -> dict[str, Any]:
    message = visible(one.message) + (f"\n{visible(one.help, keep_newlines=True)}" if one.help else "")
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": _LEVELS[one.severity.value],
        "message": {"text": message},
        "partialFingerprints": {"leadops/v1": _fingerprint(one, sources, seen)},
    }
    span = one.span
    if span is not None:
        lines = sources.get(span.file, "").split("\n")
        region = {
            "startLine": span.line,
            "startColumn": _utf16(lines, span.line, span.column),
            "endLine": span.end_line,
            "endColumn": _utf16(lines, span.end_line, span.end_column),
        }
        place = {"artifactLocation": _location(span.file), "region": region}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _location(file: str) -> dict[str, str]:
    path = PurePath(file)
    if path.is_absolute():
        return {"uri": "file://" + quote(path.as_posix(), errors="backslashreplace")}
    return {"uri": quote(path.as_posix(), errors="backslashreplace"), "uriBaseId": _ROOT}


def _utf16(lines: Sequence[str], line: int, column: int) -> int:
    """Return the 1-based UTF-16 column of a 1-based column in code points."""
    text = lines[line - 1] if 1 <= line <= len(lines) else ""
    return column + sum(ord(char) > 0xFFFF for char in text[: column - 1])


def _fingerprint(one: Diagnostic, sources: Mapping[str, str], seen: Counter[str]) -> str:
    """Name a finding by its rule, file and text, not by its line; equal ones are numbered."""
    span = one.span
    text = ""
    if span is not None:
        lines = sources.get(span.file, "").split("\n")
        text = lines[span.line - 1] if 1 <= span.line <= len(lines) else ""
    parts = (one.code, span.file if span else "", fold(text), one.message)
    name = hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    seen[name] += 1
    return f"{name}:{seen[name]}"
