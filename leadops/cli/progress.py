"""How far a run is, on stderr: a moving line on a terminal, one line per tenth or half minute elsewhere."""

import os
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from leadops.cli import logs
from leadops.cli.console import Console
from leadops.core.clock import Clock
from leadops.model.run import Result

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_QUIET_S = 30.0


@dataclass(slots=True)
class Progress:
    """Told of each settled change; a context manager.

    Attributes:
        total: changes of the plan.
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
    _begun: float = 0.0
    _spoken: float = 0.0
    _tenth: int = 0
    _bar: "Bar | None" = None
    _task: "TaskID | None" = None

    def __enter__(self) -> Self:
        self._begun = self._spoken = self.clock.monotonic()
        style = self.style
        if style == "auto":
            animated = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
            animated = animated and not logs.is_json()
            style = "bar" if animated and os.environ.get("TTY_INTERACTIVE") != "0" else "plain"
        if self.console.quiet or style == "none":
            self.total = 0
        elif style == "bar" and self.total:
            self._open_bar()
        return self

    def _open_bar(self) -> None:
        from rich.console import Console as Terminal  # noqa: PLC0415 (rich only where it draws)
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
        from rich.progress import Progress as Drawing  # noqa: PLC0415

        self._bar = Drawing(
            TextColumn("{task.completed:,} of {task.total:,} changes"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}", markup=False),
            console=Terminal(stderr=True, no_color=not self.console.color),
            transient=True,
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
        if not self.total:
            return
        now = self.clock.monotonic()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self.done, description=self._pace(now))
            return
        tenth = 10 * self.done // self.total
        slow = now - self._spoken >= _QUIET_S
        if slow or (tenth > self._tenth and now - self._begun >= _QUIET_S):
            self._spoken, self._tenth = now, tenth
            self.console.note(self._words(now))

    def _words(self, now: float) -> str:
        left = (now - self._begun) / self.done * (self.total - self.done)
        words = [f"{self.done:,} of {self.total:,} changes"]
        if self.done < self.total:
            words.append(f"about {_minutes(left)} left")
        return ", ".join([*words, self._pace(now)])

    def _pace(self, now: float) -> str:
        pace = self.done / max(now - self._begun, 0.001) * 3600
        failed = f"{self.failed:,} not as asked, " if self.failed else ""
        return f"{failed}{pace:,.0f} an hour, {self.rate:,} calls an hour allowed"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
