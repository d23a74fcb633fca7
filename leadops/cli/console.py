"""The only place that prints: results to stdout, everything else to stderr.

A stream that fails never changes what a run does: after a broken pipe (``| head``), a full disk or a terminal that is
gone, it is silent. That a full disk cut what was asked for is said on stderr and remembered (``cut``).
"""

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import field
from typing import Any, Literal, TextIO

from leadops.cli import logs
from leadops.core.fast_dataclass import record
from leadops.core.text import visible


@record(frozen=False)
class Console:
    """Where a command speaks.

    Attributes:
        quiet: only results, warnings and errors; no progress, no notes.
        color: escape codes may be written to stdout.
        width: columns of the terminal, 100 where there is none.
        pii: "show" or "mask": how phones and e-mails stand in text for people.
    """

    quiet: bool = False
    color: bool = False
    width: int = 100
    pii: Literal["show", "mask"] = "show"
    _closed: set[int] = field(default_factory=set)

    def result(self, text: str) -> None:
        """Write ``text`` and a newline to stdout: what the command was asked for."""
        self._write(sys.stdout, text + "\n")

    def stream(self, chunks: Iterable[str]) -> None:
        """Write chunks to stdout as they come."""
        for chunk in chunks:
            self._write(sys.stdout, chunk)

    def json(self, value: Any) -> None:
        """Write ``value`` to stdout as ASCII-only JSON."""
        self.result(json.dumps(value, ensure_ascii=True, indent=2, default=str))

    def line(self, value: Any) -> None:
        """Write ``value`` to stdout as JSON on one line."""
        self.result(json.dumps(value, ensure_ascii=True))

    def note(self, text: str) -> None:
        """Write a line to stderr, unless quiet: progress, where files lie."""
        if not self.quiet:
            self._say("info", text)

    def warn(self, text: str) -> None:
        """Write a line to stderr, even when quiet."""
        self._say("error" if text.startswith("error:") else "warning", text)

    def _say(self, level: Literal["info", "warning", "error"], text: str) -> None:
        if logs.is_json():
            logs.say(level, text)
        else:
            self._write(sys.stderr, visible(logs.redact(text), keep_newlines=True) + "\n")

    def _write(self, stream: TextIO, text: str) -> None:
        if stream.fileno() in self._closed:
            return
        try:
            try:
                stream.write(text)
            except UnicodeEncodeError:
                encoding = stream.encoding or "ascii"
                stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except OSError as error:
            self._closed.add(stream.fileno())
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                _CUT.append(error.strerror or str(error))
                self.warn(f"error: stdout cannot be written, what it holds is cut: {_CUT[0]}")


_CUT: list[str] = []


def cut() -> bool:
    """Whether something that was asked for could not be written to stdout."""
    return bool(_CUT)


def open_console(
    *, quiet: bool = False, no_color: bool = False, pii: Literal["show", "mask"] | None = None
) -> Console:
    """Return the console of this process, by its terminal and environment (NO_COLOR, FORCE_COLOR, TERM, CI)."""
    terminal = sys.stdout.isatty()
    wants = bool(os.environ.get("FORCE_COLOR")) or os.environ.get("TTY_COMPATIBLE") == "1"
    refused = no_color or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    width = shutil.get_terminal_size((100, 24)).columns if terminal or "COLUMNS" in os.environ else 100
    return Console(
        quiet=quiet,
        color=(terminal or wants) and not refused,
        width=max(40, width),
        pii=pii or ("show" if terminal else "mask"),
    )


def interactive() -> bool:
    """Whether a person can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()
