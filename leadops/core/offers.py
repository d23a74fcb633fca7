"""Is a help one? Each correction is tried before it is told: the text with it must read better at that place.

A finding carries what to write as data (``Fix``), or names it in its help (“write X”, “did you mean “X”?”). The text
with the correction is read again by whoever made the findings. A correction is kept where its finding is gone and
nothing new is wrong at its place; where something is, that is told instead, for it is what is really wrong. What is
gone together with a finding was an echo of it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from leadops.core.diagnostics import Diagnostic, Edit, Fix, Severity
from leadops.core.trials import Look, Outcome, Trials, difference

_GUESSES = re.compile(r"^did you mean (“[^”]+”(?: or “[^”]+”)*)\?$")
_WRITE = re.compile(r"^write (?P<right>[^;…\n]+?)(?:;.*)?$", re.DOTALL)
_PLAIN = re.compile(r"[^\W\d]\w*")
_TEXT = re.compile(r'"[^"]*"|`[^`]*`|\[[^\[\]]*\]|[^\s"`,]+')
_SCHEMATIC = re.compile(r"^(?:[A-Z]{3,}|the|it|a|an|digits|that)$")
_UNKNOWN_NAMES = frozenset({"E101", "E501"})


def proven(found: Sequence[Diagnostic], text: str, file: str, look: Look) -> tuple[Diagnostic, ...]:
    """Return ``found`` with the corrections that hold, and without echoes of those that do.

    Args:
        found: the findings, by place.
        text: the text of ``file``; findings in other files stay as they are.
        file: the file's name.
        look: says what is wrong with another text of this file.
    """
    trials = Trials(found, text, look)
    gone: set[int] = set()
    told: list[Diagnostic] = []
    for at, finding in enumerate(found):
        if at in gone:
            continue
        if finding.span is None or finding.span.file != file or finding.severity is Severity.HINT:
            told.append(finding)
            continue
        shown, echoes = _tried(finding, trials)
        told.append(shown)
        gone |= {echo for echo in echoes if echo > at}
    return tuple(told)


def _tried(finding: Diagnostic, trials: Trials) -> tuple[Diagnostic, frozenset[int]]:
    if finding.fix is not None:
        if any(edit.span.file != (finding.span.file if finding.span else "") for edit in finding.fix.edits):
            return finding, frozenset()
        outcome = trials.outcome(finding, finding.fix.edits)
        if outcome is None:
            return finding, frozenset()
        if outcome.instead is None:
            return finding, outcome.gone
        shown = _instead(finding, outcome, trials.text)
        again = shown.fix is None and shown.code != finding.code
        return _tried(shown, trials) if again else (shown, frozenset())
    kept: list[tuple[str, Fix]] = []
    echoes: frozenset[int] = frozenset()
    named = list(_named(finding, trials.text))
    for right, written in named:
        fix = Fix(f"write {written}", (Edit(finding.span, written),)) if finding.span else None
        outcome = trials.outcome(finding, fix.edits) if fix else None
        if outcome is None or fix is None:
            return finding, frozenset()
        if outcome.instead is None:
            kept.append((right, fix))
            echoes = echoes or outcome.gone
    if not named:
        return finding, frozenset()
    if not kept:
        return (replace(finding, help="") if _GUESSES.match(finding.help) else finding), frozenset()
    advice = finding.help
    if _GUESSES.match(advice):
        advice = f"did you mean {' or '.join(f'“{right}”' for right, _ in kept)}?"
    return replace(finding, help=advice, fix=kept[0][1] if len(kept) == 1 else None), echoes


def _named(finding: Diagnostic, text: str) -> Iterator[tuple[str, str]]:
    """Yield what the help names, and how it is written in the finding's place; nothing where a param stands there."""
    held = text[finding.span.start : finding.span.end] if finding.span else ""
    guesses = _GUESSES.match(finding.help)
    if held.startswith("$"):
        return
    if guesses is not None:
        for right in re.findall(r"“([^”]+)”", guesses[1]):
            quoted = held.startswith('"') or not _PLAIN.fullmatch(right)
            yield right, json.dumps(right, ensure_ascii=False) if quoted else right
        return
    written = _WRITE.match(finding.help)
    rights = re.split(r" or ", written["right"]) if written is not None else []
    if all(_TEXT.fullmatch(right) and not _SCHEMATIC.match(right) for right in rights):
        yield from ((right, right) for right in rights)


def _instead(finding: Diagnostic, outcome: Outcome, text: str) -> Diagnostic:
    """Return ``finding`` without the correction, which leads to another error only.

    Of a text that cannot be read what is really wrong is told in the finding's place: the correction was a guess at
    what was meant. Else the finding is right, and says what stands behind it.
    """
    real = outcome.instead
    assert real is not None
    guess = finding.code.startswith("E0")
    if real.code == finding.code or (guess and real.code.startswith("E0")):
        return finding.otherwise or replace(finding, help="", fix=None)
    if guess and real.code in _UNKNOWN_NAMES and finding.otherwise is not None:
        return finding.otherwise
    if not guess:
        return replace(finding, help="; ".join(part for part in (real.message, real.help) if part), fix=None)
    fix = difference(text, outcome.joined, finding) if outcome.joined is not None else None
    return replace(finding, code=real.code, message=real.message, help=real.help, fix=fix)
