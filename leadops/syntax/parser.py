"""From text to AST: ``parse`` never raises, whatever the text; its findings are data."""

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.fast_dataclass import record
from leadops.core.text import is_hidden
from leadops.syntax import ast
from leadops.syntax.building.context import Building
from leadops.syntax.building.files import playbook
from leadops.syntax.grammar.parse_tables import tables
from leadops.syntax.grammar.prescan import MAX_DEPTH, Scan, scan
from leadops.syntax.grammar.source_text import Source
from leadops.syntax.recovering_parser import Reader

MAX_BYTES = 256 * 1024
"""The largest playbook, in bytes of UTF-8."""

MOST_FINDINGS = 200
"""So many findings are told of at once."""

_BOM = "\ufeff"
_MOST_ALIKE = 20
"""So many findings of one kind say enough where a text is full of them."""


@record()
class Parsed:
    """A text that was parsed.

    Attributes:
        source: the text as given.
        file: the path as the user gave it; ``<-e>`` for text from the command line.
        playbook: its AST; statements that failed are left out of it.
        diagnostics: all syntax findings, in their order in the text.
    """

    source: str
    file: str
    playbook: ast.Playbook
    diagnostics: tuple[Diagnostic, ...]


def read_source(data: bytes, file: str) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the text of ``data`` and what is wrong with it; undecodable bytes become U+FFFD.

    A byte order mark is dropped, CRLF stays. A text over the size limit comes back empty.
    """
    if len(data) > MAX_BYTES:
        return "", (_too_large(file, len(data)),)
    try:
        return data.decode("utf-8").removeprefix(_BOM), ()
    except UnicodeDecodeError as bad:
        text = data.decode("utf-8", errors="replace").removeprefix(_BOM)
        at = len(data[: bad.start].decode("utf-8").removeprefix(_BOM))
        return text, (
            Diagnostic(
                "E018",
                Severity.ERROR,
                f"byte 0x{data[bad.start]:02x} at offset {bad.start} is not UTF-8",
                Source(text, file).span(at, at + 1),
                "save the file as UTF-8",
            ),
        )


def parse(text: str, file: str = "<-e>") -> Parsed:
    """Parse ``text``; all its syntax findings come at once, with corrections that were tried."""
    read = read_once(text, file)
    if not read.diagnostics:
        return read
    from leadops.core.offers import proven  # noqa: PLC0415 (most texts have no mistake)

    found = proven(read.diagnostics, text, file, lambda other: read_once(other, file).diagnostics)
    return Parsed(text, file, read.playbook, found)


def read_once(text: str, file: str) -> Parsed:
    """Parse ``text`` without trying the corrections that its findings offer."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", errors="replace")) > MAX_BYTES:
        found = _too_large(file, len(text.encode("utf-8", errors="replace")))
        return Parsed(text, file, ast.Playbook(span=Source("", file).span(0, 0), items=()), (found,))
    original = Source(text, file)
    clean, findings = _without_hidden(original)
    look = scan(clean)
    clean, deep = _without_depths(original, clean, look)
    if deep:
        look = scan(clean)
    source = Source(clean, file)
    reader = Reader(tables(), source, look)
    building = Building(source)
    built = playbook(building, reader.read())
    read = [found for found in reader.findings if not _echo_of_hidden(found, findings)]
    findings = [*findings, *deep, *read, *building.findings]
    ordered = sorted(
        findings, key=lambda d: (d.span.start, d.span.end, d.code) if d.span else (-1, -1, d.code)
    )
    if len(ordered) > MOST_FINDINGS:
        from leadops.syntax.hints.diagnosis import too_many  # noqa: PLC0415 (most texts have no mistake)

        ordered[MOST_FINDINGS:] = [too_many(original, reader.at, MOST_FINDINGS)]
    return Parsed(text, file, built, tuple(ordered))


def _too_large(file: str, size: int) -> Diagnostic:
    return Diagnostic(
        "E019",
        Severity.ERROR,
        f"{file} has {size} bytes; a playbook may have {MAX_BYTES}",
        Source("", file).span(0, 0),
        "split it, or read the rows of a list from a CSV file",
    )


def _without_hidden(source: Source) -> tuple[str, list[Diagnostic]]:
    """Return the text with hidden characters as blanks, and a finding for each run of them."""
    text = source.text
    if text.isprintable():
        return text, []
    chars = list(text)
    runs: list[list[int]] = []
    for at, char in enumerate(chars):
        if char.isprintable() or char in "\t\r\n" or not is_hidden(char):
            continue
        chars[at] = " "
        if at == 0 and char == _BOM:
            continue
        if runs and runs[-1][1] == at:
            runs[-1][1] = at + 1
        else:
            runs.append([at, at + 1])
    return "".join(chars), [_hidden(source, start, end) for start, end in runs[:_MOST_ALIKE]]


def _echo_of_hidden(found: Diagnostic, hidden: list[Diagnostic]) -> bool:
    """Whether ``found`` is about what a hidden character did to the word that holds it."""
    span = found.span
    return span is not None and any(
        one.span is not None and span.start <= one.span.end and one.span.start <= span.end for one in hidden
    )


def _hidden(source: Source, start: int, end: int) -> Diagnostic:
    point = ord(source.text[start])
    return Diagnostic(
        "E017",
        Severity.ERROR,
        f"hidden character U+{point:04X}",
        source.span(start, end),
        f"remove it; where a text needs it, write \\u{point:04x}" if point <= 0xFFFF else "remove it",
    )


def _without_depths(source: Source, text: str, look: Scan) -> tuple[str, list[Diagnostic]]:
    """Return the text with the statements that are nested too deep as blanks, and a finding for each."""
    findings: list[Diagnostic] = []
    pieces: list[str] = []
    done = 0
    for at, end in look.too_deep:
        if at < done:
            continue
        if len(findings) < _MOST_ALIKE:
            findings.append(
                Diagnostic(
                    "E015",
                    Severity.ERROR,
                    f"nested more than {MAX_DEPTH} deep",
                    source.span(at, at + 1),
                    "name parts of it with define and join them with matches",
                )
            )
        start = max(done, look.statement_before(at))
        sync = look.next_sync(end)
        stop = len(text) if sync is None else sync
        pieces += [text[done:start], "".join(char if char in "\r\n" else " " for char in text[start:stop])]
        done = stop
    return "".join([*pieces, text[done:]]), findings
