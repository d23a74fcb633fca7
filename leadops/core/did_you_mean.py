"""Did you mean …? The nearest known words to a misspelt one."""

from collections.abc import Iterable

from leadops.core.text import fold


def nearest(word: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return up to ``most`` of ``known`` that are a plausible intent of ``word``, best first; never the word itself.

    Plausible: an optimal string alignment distance (insert, delete, replace, swap) of at most a third of the
    length, at least 1; or one is a prefix of the other from three letters on.
    """
    target = fold(word)
    ranked: list[tuple[int, str]] = []
    for candidate in dict.fromkeys(known):
        if candidate == word:  # it is not known where it stands: to repeat it would help nobody
            continue
        other = fold(candidate)
        limit = max(1, max(len(target), len(other)) // 3)
        distance = _distance(target, other, limit)
        if distance <= limit:
            ranked.append((distance, candidate))
        elif min(len(target), len(other)) >= 3 and (other.startswith(target) or target.startswith(other)):
            ranked.append((limit + 1, candidate))
    return tuple(candidate for _, candidate in sorted(ranked)[:most])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean "x" or "y"?``, or an empty string when nothing is near."""
    found = nearest(word, known)
    return f"did you mean {' or '.join(f'“{name}”' for name in found)}?" if found else ""


def _distance(a: str, b: str, limit: int) -> int:
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
