"""How far a command is, on stderr: a moving line on a terminal, one line per tenth or half minute elsewhere."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from leadops.cli import logs
from leadops.cli.console import Console
from leadops.cli.session import Session
from leadops.core.clock import Clock
from leadops.model.query import Calls
from leadops.model.run import Outcome, Result

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn, TaskID

_QUIET_S = 30.0
"""Seconds after which a line is due, however little was done."""
_SHORT_S = 5.0
"""What takes no longer needs no lines of progress, unless they are asked for."""
_NOT_SENT = frozenset({Outcome.ALREADY, Outcome.STALE, Outcome.NOT_ATTEMPTED, Outcome.SKIPPED_BY_GUARD})
"""Outcomes of changes for which nothing was sent."""
_SOON_S = 1.0
"""Seconds after which a person wonders whether anything happens."""


def _style(asked: str, console: Console) -> str:
    """Return "bar", "plain" or "none"."""
    if console.quiet:
        return "none"
    if asked != "auto":
        return asked
    animated = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    animated = animated and not logs.is_json() and os.environ.get("TTY_INTERACTIVE") != "0"
    return "bar" if animated else "plain"


@dataclass(slots=True)
class Reading:
    """How many calls a command has made that reads for long; a context manager, told of each call.

    Attributes:
        rate: calls an hour; the quota that the line names.
        style: "auto", "bar", "plain" or "none".
    """

    console: Console
    clock: Clock
    rate: int
    style: str = "auto"
    _begun: float = 0.0
    _spoken: float = 0.0
    _first: int = -1
    _bar: "Bar | None" = None
    _task: "TaskID | None" = None

    def __enter__(self) -> Self:
        self.style = _style(self.style, self.console)
        self._begun = self._spoken = self.clock.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def called(self, calls: Calls) -> None:
        """Take note of a call that is about to be made."""
        made = calls.reads + calls.writes
        self._first = made if self._first < 0 else self._first
        now = self.clock.monotonic()
        text = f"reading: {made - self._first:,} calls made, {self.rate:,} an hour allowed"
        if self.style == "bar":
            if self._bar is None and now - self._begun >= _SOON_S:
                self._open_bar()
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, description=text)
        elif self.style == "plain" and now - self._spoken >= _QUIET_S:
            self._spoken = now
            self.console.note(f"{text}, {_minutes(now - self._begun)} so far")

    def _open_bar(self) -> None:
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 (rich only where it draws)

        self._bar = _drawing(
            self.console, SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()


@contextmanager
def reading(session: Session, console: Console, style: str) -> Iterator[None]:
    """Show the calls that ``session`` makes within the block, once they take a while."""
    line = Reading(console, session.clock, session.settings.rate, style)
    with line, session.told(line.called):
        yield


def _drawing(console: Console, *columns: "ProgressColumn") -> "Bar":
    from rich.console import Console as Terminal  # noqa: PLC0415 (rich only where it draws)
    from rich.progress import Progress as Drawing  # noqa: PLC0415 (as above)

    return Drawing(*columns, console=Terminal(stderr=True, no_color=not console.color), transient=True)


@dataclass(slots=True)
class Progress:
    """Told of each settled change; a context manager.

    Attributes:
        total: changes that are not settled yet.
        sent: of those that are by now, the ones that took a request: only they tell how fast it goes.
        rate: calls an hour; the quota that the line names.
        style: "auto", "bar", "plain" or "none".
    """

    console: Console
    total: int
    clock: Clock
    rate: int
    style: str = "auto"
    done: int = 0
    failed: int = 0
    sent: int = 0
    _begun: float = 0.0
    _spoken: float = 0.0
    _tenth: int = 0
    _asked: bool = False
    _bar: "Bar | None" = None
    _task: "TaskID | None" = None

    def __enter__(self) -> Self:
        self._begun = self._spoken = self.clock.monotonic()
        self._asked = self.style == "plain"
        self.style = _style(self.style, self.console)
        if self.style == "none":
            self.total = 0
        elif self.style == "bar" and self.total:
            self._open_bar()
        return self

    def _open_bar(self) -> None:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 (rich only where it draws)

        self._bar = _drawing(
            self.console,
            TextColumn("{task.completed:,} of {task.total:,} changes"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
        )
        self._task = self._bar.add_task("", total=self.total)
        self._bar.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def settled(self, result: Result) -> None:
        """Take note of a change whose outcome is known."""
        self.done += 1
        self.failed += not result.clean
        self.sent += result.outcome not in _NOT_SENT
        if not self.total:
            return
        now = self.clock.monotonic()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self.done, description=self._pace(now))
            return
        tenth = 10 * self.done // self.total
        slow = now - self._spoken >= _QUIET_S
        due = tenth > self._tenth and (self._asked or now - self._begun >= _SHORT_S)
        if slow or due:
            self._spoken, self._tenth = now, tenth
            self.console.note(self._words(now))

    def _words(self, now: float) -> str:
        words = [f"{self.done:,} of {self.total:,} changes"]
        if self.done < self.total and self.sent:
            left = (now - self._begun) / self.sent * (self.total - self.done)
            words.append(f"about {_minutes(left)} left")
        return ", ".join([*words, self._pace(now)])

    def _pace(self, now: float) -> str:
        failed = f"{self.failed:,} not as asked, " if self.failed else ""
        if not self.sent:
            return f"{failed}{self.rate:,} calls an hour allowed"
        pace = self.sent / max(now - self._begun, 0.001) * 3600
        return f"{failed}{pace:,.0f} sent an hour, {self.rate:,} calls an hour allowed"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
