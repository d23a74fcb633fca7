"""Findings of a playbook in the form that a planning command was asked for: a program reads stdout, not stderr."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from leadops.cli.console import Console
from leadops.cli.writing import write_text
from leadops.core.diagnostics import Diagnostic
from leadops.report.diagnostics import as_github, as_json
from leadops.report.junit import findings


def tell_findings(
    found: Sequence[Diagnostic], files: Sequence[str], given: Mapping[str, Any], console: Console
) -> None:
    """Print the findings of a playbook that cannot be planned, where stdout holds a machine form, and write the files.

    Raises:
        UsageError: a file cannot be written.
    """
    document = {"format_version": 1, "diagnostics": as_json(found)}
    if given.get("json_file") is not None:
        write_text(given["json_file"], json.dumps(document, ensure_ascii=True, indent=2) + "\n")
    if given.get("junit_file") is not None:
        write_text(given["junit_file"], findings(found, files))
    if given.get("template") is not None:
        return
    match given.get("form"):
        case "json":
            console.json(document)
        case "jsonl":
            for one in as_json(found):
                console.result(json.dumps({"line": "diagnostic", "diagnostic": one}, ensure_ascii=True))
        case "junit":
            console.result(findings(found, files).rstrip("\n"))
        case "github":
            console.result(as_github(found))
        case _:
            return
