"""Would the text read on if it were changed so? No fix is offered that has not been tried."""

from collections.abc import Sequence

from leadops.core.diagnostics import Edit, Fix
from leadops.syntax.grammar.parse_tables import END, IGNORED, SKIPPED
from leadops.syntax.hints.mistakes import Place

_AHEAD = 400
"""How far behind the mistake the text is looked at, in code points."""

Change = tuple[int, int, str]
"""Replace ``text[start:end]`` by a text."""


def reads_on(place: Place, changes: Sequence[Change], more: int = 1) -> bool:
    """Whether the changed text can be read beyond the mistake, and ``more`` tokens behind it."""
    changes = sorted(changes)
    text = place.source.text
    first = changes[0][0]
    stack, begin = place.stack, place.token.start_pos or 0
    for seen in reversed(place.seen):
        if begin <= first:
            break
        stack, begin = seen.stack, seen.token.start_pos or 0
    if begin > first:
        return False
    beyond = max(place.token.end_pos or 0, *(end for _, end, _ in changes))
    until = min(len(text), beyond + _AHEAD)
    window, grown, at = "", 0, begin
    for start, end, new in changes:
        window += text[at:start] + new
        grown += len(new) - (end - start)
        at = end
    window += text[at:until]
    return _reads(place, stack, window, beyond + grown - begin, more, ends=until == len(text))


def _reads(place: Place, stack: Sequence[int], text: str, beyond: int, more: int, *, ends: bool) -> bool:
    """Whether ``text`` can be read from ``stack`` on until ``more`` tokens behind offset ``beyond``."""
    tables = place.tables
    states = list(stack)
    at = 0
    while at < len(text):
        if (
            at >= beyond
            and ("\n" in text[beyond:at] or text[at] == ";")
            and tables.can_follow(states, SKIPPED)
        ):
            return True  # what stands behind may be another mistake
        found = tables.match(states[-1], text, at)
        if found is None:
            return False
        size = len(found[0])
        if found[1] not in IGNORED:
            following = tables.advance(states, found[1])
            if following is None:
                return False
            if at >= beyond:
                more -= 1
                if more == 0:
                    return True
            states = following
        at += size
    return not ends or tables.can_follow(states, SKIPPED) or tables.can_follow(states, END)


def fix(place: Place, title: str, changes: Sequence[Change], *, safe: bool = False) -> Fix:
    """Return ``changes`` as a fix."""
    edits = tuple(Edit(place.source.span(start, end), text) for start, end, text in sorted(changes))
    return Fix(title, edits, safe)
