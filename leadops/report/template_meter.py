"""What a user's template may take: steps, time, and the size and depth of the values that it makes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from jinja2.utils import Namespace

Made = TypeVar("Made")

MOST_STEPS = 4_000_000
"""Statements, calls, elements gone through and characters put together (sixteen a step), all in all."""
LONGEST = 20.0
"""Seconds that one template may take."""
MOST_OUTPUT = 16 * 1024 * 1024
"""Characters of all that a template writes, drafts included."""
MOST_VALUE = 64 * 1024
"""Characters of one text that a template puts together, elements of one list that it adds up."""

MOST_PARTS = 1_000_000
"""Elements of one list or mapping, those of the lists in it included."""

_CHARACTERS_A_STEP = 16
_STEPS_A_LOOK = 128
"""So many steps lie between two looks at the clock."""


class TooMuchError(Exception):
    """The template makes too much of little."""


class Meter:
    """Counts what one rendering takes.

    Args:
        monotonic: tells seconds, and never steps back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = monotonic() + LONGEST
        self._left = MOST_STEPS
        self._look = MOST_STEPS
        self._written = 0

    def spend(self, steps: int = 1) -> None:
        """Count ``steps``; raise TooMuchError when they, or the time, are used up."""
        self._left -= steps
        if self._left > self._look:
            return
        if self._left < 0:
            raise TooMuchError(f"the template takes more than {MOST_STEPS:,} steps")
        self._look = self._left - _STEPS_A_LOOK
        if self._monotonic() > self._until:
            raise TooMuchError(f"the template takes longer than {LONGEST:.0f} seconds")

    def write(self, size: int) -> None:
        """Count characters of the output; raise TooMuchError when they are too many."""
        self.spend(1 + size // _CHARACTERS_A_STEP)
        self._written += size
        if self._written > MOST_OUTPUT:
            raise TooMuchError(f"the report is longer than {MOST_OUTPUT:,} characters")

    def sized(self, size: int) -> None:
        """Count the characters of a value before it is made; raise TooMuchError when they are too many."""
        if size > MOST_VALUE:
            raise TooMuchError(f"a value would be longer than {MOST_VALUE:,} characters")
        self.spend(1 + max(size, 0) // _CHARACTERS_A_STEP)

    def read(self, value: object) -> object:
        """Return ``value`` as a filter may read it: what is gone through is counted."""
        if isinstance(value, Namespace):
            raise TooMuchError("a namespace is no text and no list")
        if isinstance(value, str):
            self.spend(1 + len(value) // _CHARACTERS_A_STEP)
        elif hasattr(value, "__len__"):
            self.spend(1 + len(value))
        elif isinstance(value, Iterator):
            return self._each(value)
        else:
            self.spend()
        return value

    def _each(self, values: Iterable[object]) -> Iterator[object]:
        for value in values:
            self.spend()
            yield value

    def made(self, value: Made) -> Made:
        """Return a value that was made, counted with all that it holds; raise TooMuchError when it is too much.

        Lists of lists name their parts again and again: a few lines would hold more than a machine can show.
        """
        weight = 0
        inner: list[object] = [value]
        while inner:
            one = inner.pop()
            if isinstance(one, str):
                weight += len(one) // _CHARACTERS_A_STEP
            elif isinstance(one, Mapping):
                inner += [*one.keys(), *one.values()]
            elif isinstance(one, list | tuple | set | frozenset):
                inner += one
            elif isinstance(one, int):
                weight += one.bit_length() // 64
            elif isinstance(one, Namespace) and one is not value:
                raise TooMuchError("a namespace cannot be kept in another value")
            weight += 1
            if weight > MOST_PARTS or len(inner) > MOST_PARTS:
                raise TooMuchError(f"a value would hold more than {MOST_PARTS:,} parts")
        self.spend(weight)
        return value
