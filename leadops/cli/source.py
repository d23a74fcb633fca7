"""The playbook that a command was given, its parameters and its clock."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from leadops.analysis.periods import FIRST_YEAR, LAST_YEAR
from leadops.cli.settings import DEFAULT_TIMEZONE, Settings
from leadops.core.clock import Clock
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import UsageError
from leadops.core.fast_dataclass import record
from leadops.core.time_zones import zone_of
from leadops.syntax import ast
from leadops.syntax.parser import Parsed, parse, read_source

INLINE = "<-e>"


@record()
class Source:
    """A playbook as text, parsed.

    Attributes:
        parsed: with its diagnostics.
        base: the folder that its includes and CSV files are relative to.
    """

    parsed: Parsed
    base: Path


def read_playbook(file: str | None, text: str | None) -> Source:
    """Return the playbook of FILE (``-``: stdin) or ``-e TEXT``.

    Raises:
        UsageError: both or neither were given, or the file does not exist.
    """
    if (file is None) == (text is None):
        raise UsageError(
            "give a playbook: FILE, - for stdin, or -e TEXT"
            if file is None
            else "give FILE or -e TEXT, not both"
        )
    if text is not None:
        return _source(text.encode("utf-8", "surrogateescape"), INLINE, Path.cwd())
    assert file is not None
    if file == "-":
        return _source(sys.stdin.buffer.read(), "<stdin>", Path.cwd())
    path = Path(file)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no file {file}", _meant(file)) from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    return _source(data, file, path.resolve().parent)


def _meant(file: str) -> str:
    """Return what was probably meant by a file that is not there."""
    path = Path(file)
    near = {str(path.with_name(one.name)): one for one in sorted(path.parent.glob("*.lead"))}
    hint = did_you_mean(file, near)
    return hint or (
        "" if any(c in file for c in "/.") else "for a playbook on the command line use -e 'TEXT'"
    )


def playbook_at(path: Path, name: str) -> Source:
    """Return the playbook of a file; ``name`` is what it and its neighbours are called by.

    Raises:
        OSError: it cannot be read.
    """
    return _source(path.read_bytes(), name, path.resolve().parent)


def source_of(text: str, before: Source) -> Source:
    """Return ``text`` parsed in the place of ``before``."""
    return Source(parse(text, before.parsed.file), before.base)


def _source(data: bytes, name: str, base: Path) -> Source:
    text, found = read_source(data, name)
    parsed = parse(text, name)
    if found:
        parsed = Parsed(parsed.source, parsed.file, parsed.playbook, (*found, *parsed.diagnostics))
    return Source(parsed, base)


def read_parameters(pairs: Iterable[str], file: str | None, parsed: Parsed) -> Mapping[str, str]:
    """Return the parameters of ``--param-file`` and ``-p``; the flag wins.

    Raises:
        UsageError: a line is not K=V, or a secret stands on the command line, where every process can read it.
    """
    secrets = {i.name for i in parsed.playbook.items if isinstance(i, ast.Param) and i.type == "secret"}
    found: dict[str, str] = {}
    if file is not None:
        try:
            lines = Path(file).read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the parameter file cannot be read: {error}") from None
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                name, value = _pair(line.strip(), f"{file}:{number}")
                found[name] = _unquoted(value)
    for pair in pairs:
        name, value = _pair(pair, "-p")
        if name in secrets:
            raise UsageError(
                f"the parameter {name} is secret: it cannot be given by -p",
                f"set LEADOPS_PARAM_{name.upper()} in the environment, or use --param-file",
            )
        found[name] = value
    return found


def _pair(text: str, where: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise UsageError(f"{where}: “{text}” is not K=V")
    return name.strip(), value.strip()


def _unquoted(value: str) -> str:
    """Return a value that stands in double quotes, as a playbook would write it, without them."""
    if len(value) < 2 or not value.startswith('"'):
        return value
    try:
        text = json.loads(value)
    except ValueError:
        return value
    return text if isinstance(text, str) else value


def playbook_clock(now: str | None, parsed: Parsed, settings: Settings, clock: Clock) -> int:
    """Return the playbook's clock in epoch ms: ``--now`` in its time zone, else the wall clock.

    Raises:
        UsageError: ``now`` is no ISO time.
    """
    if now is None:
        return clock.now_ms()
    try:
        at = datetime.fromisoformat(now)
    except ValueError:
        raise UsageError(f"--now: “{now}” is no ISO time", "write it like 2026-05-02T09:00") from None
    if at.tzinfo is None:
        written = (i.name for i in parsed.playbook.items if isinstance(i, ast.Timezone))
        names = (next(written, None), settings.timezone, DEFAULT_TIMEZONE)
        # A zone that there is not is a finding of the playbook, or of its profile, and is told as one.
        at = at.replace(tzinfo=next(zone for name in names if name and (zone := zone_of(name)) is not None))
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise UsageError(f"--now: {at.year} is not a year from {FIRST_YEAR + 1} to {LAST_YEAR - 1}")
    return int(at.timestamp() * 1000)
