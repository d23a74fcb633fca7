"""Log lines of this process: on stderr as text or JSON, in a run's folder as JSON. No secret passes any of them.

A line has ``ts``, ``level``, ``event`` and ``fields``. Fields are names, counts and statuses, never a lead's values.
"""

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from leadops.core.text import visible
from leadops.crm.secrets import RedactionFilter, Redactor, Secret
from leadops.model.plan import Parameter

_ROOT = logging.getLogger("leadops")
_SHORTEST = 6
"""Characters; a shorter secret would take other words with it."""
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
"""What is shown without -v, with one, with two."""


class _Hidden(Redactor):
    """The secrets of this process, as they become known."""

    def __init__(self) -> None:
        self._known: set[Secret] = set()
        super().__init__(())

    def hide(self, secret: Secret | None) -> None:
        if secret and len(secret.reveal()) >= _SHORTEST and secret not in self._known:
            self._known.add(secret)
            super().__init__(self._known)

    def begin(self) -> None:
        """Forget all: another command begins."""
        self._known.clear()
        super().__init__(())


_HIDDEN = _Hidden()


class _Form(logging.Formatter):
    """A record as one line."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; whatever the service or a person wrote cannot break it."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        ts = moment.replace("+00:00", "Z")
        fields: Mapping[str, Any] = getattr(record, "fields", {})
        clean = {
            name: _HIDDEN.text(value) if isinstance(value, str) else value for name, value in fields.items()
        }
        level, event = record.levelname.lower(), _HIDDEN.text(record.getMessage())
        if self._json:
            return json.dumps(
                {"ts": ts, "level": level, "event": event, "fields": clean}, ensure_ascii=True, default=str
            )
        said = " ".join(f"{name}={value}" for name, value in clean.items())
        return visible(f"{ts} {level} {event} {said}".rstrip())


class _Stderr(logging.Handler):
    """Writes to whatever stderr is now; a reader that went away ends nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as a line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):  # closed, or its disk is full
            self.setLevel(logging.CRITICAL + 1)


class _File(logging.Handler):
    """Appends to a file; a full disk ends the log, not the run."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as a line."""
        try:
            os.write(self._number, (self.format(record) + "\n").encode("ascii", "backslashreplace"))
        except OSError:
            self.setLevel(logging.CRITICAL + 1)


class _State:
    form: Literal["text", "json"] = "text"
    handler: logging.Handler | None = None


def configure(form: Literal["text", "json"], verbose: int) -> None:
    """Set how this process logs on stderr; a later call replaces an earlier one."""
    if _State.handler is not None:
        _detach(_State.handler)
        _State.handler = None
    _HIDDEN.begin()
    _State.form = form
    if form == "json" or verbose:
        handler = _Stderr(_LEVELS[min(verbose, 2)])
        _State.handler = _attach(handler, form)


def is_json() -> bool:
    """Whether stderr holds JSON lines only."""
    return _State.form == "json"


def say(level: Literal["info", "warning", "error"], text: str) -> None:
    """Log what would be a line for people, where stderr holds JSON lines only; it passes whatever the level."""
    handler = _State.handler
    if handler is None:
        return
    number = logging.getLevelNamesMapping()[level.upper()]
    event = "note" if level == "info" else level
    record = _ROOT.makeRecord(_ROOT.name, number, "", 0, event, (), None, extra={"fields": {"text": text}})
    if handler.filter(record):
        handler.emit(record)


def hide(*secrets: Secret | None) -> None:
    """Keep these out of every line and every message from now on."""
    for secret in secrets:
        _HIDDEN.hide(secret)


def hide_parameters(parameters: Iterable[Parameter]) -> None:
    """Keep the values of secret parameters out."""
    hide(*(Secret(one.text) for one in parameters if one.secret))


def redact(text: str) -> str:
    """Return ``text`` without the secrets of this process."""
    return _HIDDEN.text(text)


@contextmanager
def run_log(folder: Path) -> Iterator[None]:
    """Within the block every event is also a line of ``log.jsonl`` in the run's folder, whatever stderr shows."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        number = os.open(folder / "log.jsonl", flags, 0o600)
    except OSError:  # the run's journal says why nothing can be written there
        yield
        return
    handler = _attach(_File(number), "json")
    handler.setLevel(logging.INFO)
    try:
        yield
    finally:
        _detach(handler)
        os.close(number)


def event(name: str, **fields: Any) -> None:
    """Log an event of the command itself."""
    _ROOT.info(name, extra={"fields": fields})


def _attach(handler: logging.Handler, form: str) -> logging.Handler:
    handler.setFormatter(_Form(form))
    handler.addFilter(RedactionFilter(_HIDDEN))
    _ROOT.addHandler(handler)
    _ROOT.setLevel(logging.DEBUG)
    _ROOT.propagate = False
    return handler


def _detach(handler: logging.Handler) -> None:
    _ROOT.removeHandler(handler)
    if not _ROOT.handlers:
        _ROOT.setLevel(logging.NOTSET)
        _ROOT.propagate = True
