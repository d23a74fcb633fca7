"""What a playbook's file and its includes declare, gathered before anything is given a meaning."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeVar

from leadops.analysis.context import TEXT
from leadops.analysis.files import FileRefused, Files
from leadops.core.diagnostics import Findings, TooManyError
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span, part_of
from leadops.syntax import ast
from leadops.syntax.parser import Parsed, parse, read_source

MOST_INCLUDES = 32
Named = TypeVar("Named", ast.Param, ast.Define)


@record(frozen=False)
class Scope:
    """The items of the main file, with what its includes bring.

    Attributes:
        items: the main file's items with each include replaced by what it brings, tests left out.
        own: names of the main file's own params (``$name``) and defines (``name``).
        sources: texts of the files read, by name.
        incomplete: an include could not be read.
    """

    header: ast.PlaybookHeader | None = None
    timezone: ast.Timezone | None = None
    params: dict[str, ast.Param] = field(default_factory=dict)
    defines: dict[str, ast.Define] = field(default_factory=dict)
    limits: list[ast.Limits] = field(default_factory=list)
    steps: list[ast.Step] = field(default_factory=list)
    tests: list[ast.Test] = field(default_factory=list)
    items: list[ast.Item] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)
    incomplete: bool = False


def gather(parsed: Parsed, files: Files, findings: Findings) -> Scope:
    """Return everything that ``parsed`` and its includes declare; what is wrong has been said."""
    scope = Scope(sources={parsed.file: parsed.source})
    findings.extend(parsed.diagnostics)
    try:
        _items(scope, parsed.playbook.items, (parsed.file,), files, findings)
    except TooManyError:  # the next finding raises it again
        scope.incomplete = True
    return scope


def _items(
    scope: Scope, items: Iterable[ast.Item], way: tuple[str, ...], files: Files, findings: Findings
) -> None:
    main = len(way) == 1
    for item in items:
        match item:
            case ast.Include():
                _include(scope, item, way, files, findings)
                continue
            case ast.Param(name=name):
                _declare(scope, scope.params, name, item, f"the param {name}", findings)
                if main:
                    scope.own.add(f"${name}")
            case ast.Define(name=name):
                _declare(scope, scope.defines, name, item, f"the define {name}", findings)
                if main:
                    scope.own.add(name)
            case ast.Limits():
                scope.limits.append(item)
            case ast.PlaybookHeader() if not main:
                continue
            case _ if not main:
                _foreign(item, findings)
                continue
            case ast.PlaybookHeader():
                _single(scope.header, item, "playbook", findings)
                scope.header = scope.header or item
            case ast.Timezone():
                _single(scope.timezone, item, "timezone", findings)
                scope.timezone = scope.timezone or item
            case ast.Step():
                scope.steps.append(item)
            case ast.Test():
                scope.tests.append(item)
                continue
        scope.items.append(item)


def _declare(
    scope: Scope, known: dict[str, Named], name: str, item: Named, what: str, findings: Findings
) -> None:
    if name in known:
        first = known[name].span
        where = part_of(scope.sources.get(item.span.file, ""), item.span, rf"\w+\s+({re.escape(name)})")
        findings.error("E110", f"{what} is declared twice, first in {first.file}:{first.line}", where)
        return
    known[name] = item


def _single(first: ast.Node | None, item: ast.Node, what: str, findings: Findings) -> None:
    if first is not None:
        findings.error(
            "E516", f"“{what}” stands twice, first in line {first.span.line}", item.span, "keep one"
        )


def _foreign(item: ast.Item, findings: Findings) -> None:
    what = {ast.Step: "steps", ast.Test: "tests", ast.Timezone: "a time zone"}.get(type(item), "this")
    findings.error(
        "E424",
        f"an included file cannot bring {what}",
        item.span,
        "it may hold params, defines, limits and further includes",
    )


def _include(scope: Scope, item: ast.Include, way: tuple[str, ...], files: Files, findings: Findings) -> None:
    where = part_of(scope.sources.get(item.span.file, ""), item.span, TEXT)
    found = read_bytes(item.path, way[-1], where, files, findings)
    if found is None:
        scope.incomplete = True
        return
    name, data = found
    if name in way:
        findings.error("E422", f"{item.path} includes itself: {' → '.join((*way, name))}", where)
        return
    if name in scope.sources:
        return
    if len(scope.sources) > MOST_INCLUDES:
        scope.incomplete = True
        findings.error("E423", f"more than {MOST_INCLUDES} files are included", where)
        return
    text, unreadable = read_source(data, name)
    findings.extend(unreadable)
    parsed = parse(text, name)
    scope.sources[name] = parsed.source
    findings.extend(parsed.diagnostics)
    _items(scope, parsed.playbook.items, (*way, name), files, findings)


def read_bytes(
    path: str, base: str, span: Span, files: Files, findings: Findings
) -> tuple[str, bytes] | None:
    """Return the name and bytes of a file beside ``base``; None after saying why it cannot be read."""
    try:
        return files.resolve(path, base), files.read(path, base)
    except FileRefused as error:
        findings.error("E421", str(error), span, "files stand inside the project's folder")
    except FileNotFoundError:
        findings.error("E420", f"there is no file {path} beside {base}", span)
    except OSError as error:
        findings.error("E420", f"{path} cannot be read: {error.strerror or error}", span)
    return None


def declared(scope: Scope) -> Mapping[str, ast.Node]:
    """Return the main file's own params (``$name``) and defines (``name``)."""
    params = {f"${name}": item for name, item in scope.params.items()}
    return {name: item for name, item in {**params, **scope.defines}.items() if name in scope.own}
