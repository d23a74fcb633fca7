"""The outcome partition: every lead of every step in exactly one of four CSV files, by the worst that befell it."""

from collections.abc import Iterable, Iterator, Sequence

from leadops.core.spreadsheet import quoted
from leadops.model.change import Change
from leadops.model.forms import plain
from leadops.model.run import CLEAN, Outcome, Result
from leadops.model.saved import Refusal, SavedPlan
from leadops.model.values import Value

HEADERS = {
    "success.csv": ("step", "row", "lead_id", "identifier", "name", "outcome", "changes"),
    "errors.csv": (
        "step", "row", "lead_id", "identifier", "name", "outcome", "kind", "field", "value", "remark", "reason",
    ),
    "skipped.csv": ("step", "row", "lead_id", "identifier", "name", "outcome", "reason"),
    "in_doubt.csv": ("step", "row", "lead_id", "identifier", "name", "kind", "action", "key", "reason"),
}  # fmt: skip

_ERRORS = frozenset({Outcome.REJECTED, Outcome.IGNORED_BY_CRM, Outcome.GHOST})
_SKIPPED = frozenset({Outcome.STALE, Outcome.SKIPPED_BY_GUARD, Outcome.NOT_ATTEMPTED})


def partition(saved: SavedPlan, results: Sequence[Result]) -> dict[str, str]:
    """Return the text of each file, its header line included."""
    rows: dict[str, list[Sequence[object]]] = {name: [] for name in HEADERS}
    names = [step.name for step in saved.steps]
    for group in _groups(results):
        name = _file_of(group)
        rows[name] += _ROWS[name](names[group[0].change.step], group)
    for step in saved.steps:
        for refusal in step.refused:
            name = "errors.csv" if refusal.outcome == "rejected" else "skipped.csv"
            rows[name].append(_refused(step.name, refusal, name))
    return {name: _text(HEADERS[name], some) for name, some in rows.items()}


def _groups(results: Sequence[Result]) -> Iterator[list[Result]]:
    groups: dict[tuple[int, str], list[Result]] = {}
    for one in results:
        lead = one.change.lead
        row = one.change.row
        groups.setdefault((one.change.step, f"{lead.id or '~' + lead.identifier}/{row or ''}"), []).append(
            one
        )
    yield from groups.values()


def _outcomes(group: Iterable[Result]) -> set[Outcome]:
    return {outcome for one in group for outcome in (one.outcome, *one.fields.values())}


def _file_of(group: Sequence[Result]) -> str:
    found = _outcomes(group)
    if Outcome.IN_DOUBT in found:
        return "in_doubt.csv"
    if found & _ERRORS:
        return "errors.csv"
    return "skipped.csv" if found & _SKIPPED else "success.csv"


def _who(step: str, one: Result) -> tuple[object, ...]:
    lead = one.change.lead
    return (step, one.change.row, lead.id or one.lead_id, lead.identifier, lead.name)


def _success(step: str, group: Sequence[Result]) -> list[Sequence[object]]:
    first = group[0]
    outcome = next((one.outcome for one in group if one.outcome is not Outcome.ALREADY), Outcome.ALREADY)
    changes = "; ".join(_words(one.change) for one in group)
    return [(*_who(step, first), outcome.value, changes)]


def _errors(step: str, group: Sequence[Result]) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    for one in group:
        if one.clean:
            continue
        remarks = [
            (remark.name or remark.field, _shown(remark.value), remark.words) for remark in one.remarks
        ]
        for name, value, words in remarks or [("", "", "")]:
            outcome = one.fields.get(name, one.outcome)
            outcome = outcome if outcome not in CLEAN else Outcome.IGNORED_BY_CRM
            rows.append(
                (*_who(step, one), outcome.value, one.change.kind.value, name, value, words, one.reason)
            )
    return rows


def _skipped(step: str, group: Sequence[Result]) -> list[Sequence[object]]:
    worst = next(one for one in group if _outcomes([one]) & _SKIPPED)
    return [(*_who(step, worst), worst.outcome.value, worst.reason)]


def _in_doubt(step: str, group: Sequence[Result]) -> list[Sequence[object]]:
    return [
        (
            *_who(step, one),
            one.change.kind.value,
            one.change.action.type if one.change.action else "",
            one.change.key,
            one.reason,
        )
        for one in group
        if one.outcome is Outcome.IN_DOUBT
    ]


_ROWS = {
    "success.csv": _success,
    "errors.csv": _errors,
    "skipped.csv": _skipped,
    "in_doubt.csv": _in_doubt,
}


def _refused(step: str, refusal: Refusal, name: str) -> Sequence[object]:
    lead = refusal.lead
    who = (step, refusal.row, lead.id, lead.identifier, lead.name, refusal.outcome)
    if name == "errors.csv":
        return (*who, "", refusal.field, refusal.value, "", refusal.reason)
    return (*who, refusal.reason)


def _words(change: Change) -> str:
    if change.action is not None:
        return f"{change.kind.value} {change.action.type}"
    return f"{change.kind.value} {', '.join(change.fields)}"


def _shown(value: Value) -> str:
    form = plain(value)
    return "" if form is None else ", ".join(form) if isinstance(form, list) else str(form)


def _text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return "".join(",".join(map(quoted, row)) + "\r\n" for row in (header, *rows))
