"""The packed parser: what the wheel carries, so that a start need not build it from the grammar.

It is what ``Lark.save`` writes, but its rows, half of it, lie beside it in a short form, and each is made into Lark's
when it is first asked for: a text visits one state in five.
"""

import hashlib
import io
import marshal
import pickle
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from lark import Lark
from lark import __version__ as lark_version
from lark.grammar import Rule
from lark.parsers.lalr_analysis import Reduce, Shift

_SEAL_SIZE = 64

Step: TypeAlias = tuple[Any, ...]
"""Lark's (Shift, state) or (Reduce, rule)."""
Short: TypeAlias = dict[int, dict[str, int]]
"""State → terminal or rule → the state to go to, or -1 - n for the rule of number n."""


class Rows(dict[int, dict[str, Step]]):
    """State → terminal or rule → step; holds the rows that were asked for so far.

    Attributes:
        short: all rows.
        rules: what the numbers in them mean.
    """

    def __init__(self, short: Short, rules: Sequence[Rule]) -> None:
        super().__init__()
        self.short = short
        self.rules = rules

    def __missing__(self, state: int) -> dict[str, Step]:
        """Make the row of ``state``."""
        row = self[state] = {
            name: (Shift, step) if step >= 0 else (Reduce, self.rules[-1 - step])
            for name, step in self.short[state].items()
        }
        return row

    def shifting(self, terminal: str) -> Iterable[int]:
        """Return the states in which ``terminal`` is read at once."""
        return (state for state, row in self.short.items() if row.get(terminal, -1) >= 0)


def shortened(lark: Lark) -> Rows:
    """Return the rows of ``lark``, which built them all."""
    numbers = {rule: number for number, rule in enumerate(lark.rules)}
    table = lark.parse_interactive("").parser_state.parse_conf.parse_table
    short = {
        state: {
            name: argument if action is Shift else -1 - numbers[argument]
            for name, (action, argument) in row.items()
        }
        for state, row in table.states.items()
    }
    return Rows(short, lark.rules)


def packed(lark: Lark, grammar: str) -> bytes:
    """Return ``lark``, made from ``grammar``, as ``unpacked`` reads it."""
    held = io.BytesIO()
    lark.save(held, exclude_options=("postlex",))
    saved = pickle.loads(held.getvalue())  # noqa: S301 (written in the line above)
    saved["data"]["parser"]["parser"]["states"] = {}
    data = marshal.dumps((saved, shortened(lark).short))
    return _seal(grammar, data) + data


def unpacked(grammar: str, data: bytes) -> tuple[Lark, Rows] | None:
    """Return the parser in ``data``; None where it is of another grammar, Lark or Python, or damaged."""
    if data[:_SEAL_SIZE] != _seal(grammar, data[_SEAL_SIZE:]):
        return None
    saved, short = marshal.loads(data[_SEAL_SIZE:])  # noqa: S302 (sealed: it is what packed() wrote)
    lark = Lark.load(saved)
    return lark, Rows(short, lark.rules)


def _seal(grammar: str, held: bytes) -> bytes:
    """Return what stands before a packed parser: what it was made from, and what it must be."""
    python = f"{sys.implementation.cache_tag} {marshal.version}"
    made_from = hashlib.sha256(f"{lark_version} {python} {grammar}".encode())
    return made_from.digest() + hashlib.sha256(held).digest()
