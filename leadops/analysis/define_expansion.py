"""How far defines unfold: a few lines that name each other can mean millions of tests."""

from collections.abc import Iterator, Mapping

from leadops.core.fast_dataclass import record
from leadops.syntax import ast

MOST_TESTS = 2_000
"""A define of more tests, with those that it names, is refused; no search says so much."""
DEEPEST = 64
"""So deep conditions may be nested in a define, with those that it names."""
MOST_UNFOLDED = 20_000
"""All steps of a playbook may come to so many tests by their defines."""


@record()
class Size:
    """What a define comes to.

    Attributes:
        tests: conditions that are neither and, or, not nor another define.
        depth: how deep they are nested.
    """

    tests: int
    depth: int

    @property
    def too_large(self) -> bool:
        """Whether it is more than can be searched for."""
        return self.tests > MOST_TESTS or self.depth > DEEPEST


@record()
class _Own:
    """What stands in a define itself, and which defines it names at which depth."""

    size: Size
    named: tuple[tuple[str, int], ...]


def sizes(defines: Mapping[str, ast.Define]) -> dict[str, Size]:
    """Return each define's size; one that leads back to itself is said to be wrong elsewhere.

    No recursion over names: a file may hold thousands that lead from one to the next.
    """
    own = {name: _own(define.condition) for name, define in defines.items()}
    known: dict[str, Size] = {}
    for first in own:
        way = [first]
        begun: set[str] = set()
        while way:
            name = way[-1]
            if name in known:
                way.pop()
            elif name in begun:
                known[way.pop()] = _whole(own[name], known)
            else:
                begun.add(name)
                way += [
                    other
                    for other, _ in own[name].named
                    if other in own and other not in begun | known.keys()
                ]
    return known


def _own(condition: ast.Condition) -> _Own:
    tests, depth = 0, 0
    named: list[tuple[str, int]] = []
    for node, level in _leaves(condition, 1):
        depth = max(depth, level)
        if isinstance(node, ast.Matches):
            named.append((node.name, level))
        else:
            tests += 1
    return _Own(Size(tests, depth), tuple(named))


def _leaves(node: ast.Condition, level: int) -> Iterator[tuple[ast.Condition, int]]:
    match node:
        case ast.And(terms=terms) | ast.Or(terms=terms):
            for term in terms:
                yield from _leaves(term, level + 1)
        case ast.Not(term=term):
            yield from _leaves(term, level + 1)
        case _:
            yield node, level


def _whole(own: _Own, known: Mapping[str, Size]) -> Size:
    tests, depth = own.size.tests, own.size.depth
    for name, level in own.named:
        inner = known.get(name, Size(0, 0))
        tests = min(tests + inner.tests, MOST_UNFOLDED + 1)
        depth = min(max(depth, level + inner.depth), MOST_UNFOLDED)
    return Size(tests, depth)
