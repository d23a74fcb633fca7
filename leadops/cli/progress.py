"""How far a run is, on stderr: a moving line on a terminal, one line per tenth or half minute elsewhere."""

import os
import sys
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from leadops.cli.console import Console
from leadops.core.clock import Clock
from leadops.model.run import Result

_QUIET_S = 30.0
_REDRAW_S = 0.1
_BAR = 24


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
    _bar: bool = field(default=False)

    def __enter__(self) -> Self:
        self._begun = self._spoken = self.clock.monotonic()
        style = self.style
        if style == "auto":
            animated = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
            style = "bar" if animated and os.environ.get("TTY_INTERACTIVE") != "0" else "plain"
        self._bar = style == "bar"
        if self.console.quiet or style == "none":
            self.total = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar and self.total:
            self.console.draw("")

    def settled(self, result: Result) -> None:
        """Take note of a change whose outcome is known."""
        self.done += 1
        self.failed += not result.clean
        if not self.total:
            return
        now = self.clock.monotonic()
        if self._bar:
            if now - self._spoken >= _REDRAW_S or self.done == self.total:
                self._spoken = now
                filled = _BAR * self.done // self.total
                self.console.draw(f"[{'#' * filled}{'.' * (_BAR - filled)}] {self._words(now)}")
            return
        tenth = 10 * self.done // self.total
        slow = now - self._spoken >= _QUIET_S
        if slow or (tenth > self._tenth and now - self._begun >= _QUIET_S):
            self._spoken, self._tenth = now, tenth
            self.console.note(self._words(now))

    def _words(self, now: float) -> str:
        spent = max(now - self._begun, 0.001)
        left = spent / self.done * (self.total - self.done)
        pace = self.done / spent * 3600
        words = [f"{self.done} of {self.total} changes"]
        if self.failed:
            words.append(f"{self.failed} not as asked")
        if self.done < self.total:
            words.append(f"about {_minutes(left)} left")
        words.append(f"{pace:,.0f} an hour, {self.rate:,} calls an hour allowed")
        return ", ".join(words)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
