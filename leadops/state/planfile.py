"""Saved plans as files: written by model/forms.py, read back here, strictly.

A plan file crosses a trust boundary: a person may have edited it. What does not have exactly the published shape
(docs/machine-forms.md), is not as it was sealed or contradicts itself is refused by name.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from leadops.core.errors import StalePlanError
from leadops.model.change import Change
from leadops.model.forms import change_form, step_form, unsealed_form
from leadops.model.saved import SavedPlan, SavedStep
from leadops.model.seal import SEAL, broken_parts, hash_of, seal_of, step_hash
from leadops.model.sense import contradictions
from leadops.state.outputs import write_output
from leadops.state.planmodels import PlanForm
from leadops.state.plantext import read_strictly

_NAMED = 5
"""So many contradictions are named; the rest is counted."""


def plan_text(saved: SavedPlan) -> str:
    """Return ``saved`` as the text of a plan file."""
    return "".join(_parts(saved))


def write_plan(path: Path, saved: SavedPlan) -> None:
    """Write ``saved`` as a plan file, change by change: a large plan is never held as text.

    Raises:
        ConfigurationError: it cannot be written.
    """
    write_output(path, (part.encode() for part in _parts(saved)))


def _parts(saved: SavedPlan) -> Iterator[str]:
    """Yield the text of a plan file: what json.dumps of its form would be."""
    form = unsealed_form(replace(saved, steps=()))
    hashes: list[str] = []
    for name, value in form.items():
        yield f"{'{' if name == next(iter(form)) else ', '}{json.dumps(name)}: "
        if name == "steps":
            yield from _listed(_step_parts(step, hashes) for step in saved.steps)
        else:
            yield json.dumps(value, ensure_ascii=True)
    yield f', "{SEAL}": {json.dumps(seal_of(form, hashes))}}}\n'


def _step_parts(step: SavedStep, hashes: list[str]) -> Iterator[str]:
    """Yield the text of a step; its hash is added to ``hashes``."""
    form, changes = step_form(replace(step, changes=())), list[str]()
    for name, value in form.items():
        yield f"{'{' if name == next(iter(form)) else ', '}{json.dumps(name)}: "
        if name == "changes":
            yield from _listed(_change_parts(change, changes) for change in step.changes)
        else:
            yield json.dumps(value, ensure_ascii=True)
    yield "}"
    hashes.append(step_hash(form, changes))


def _change_parts(change: Change, hashes: list[str]) -> Iterator[str]:
    form = change_form(change)
    hashes.append(hash_of(form))
    yield json.dumps(form, ensure_ascii=True)


def _listed(elements: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "["
    for number, element in enumerate(elements):
        yield ", " if number else ""
        yield from element
    yield "]"


def read_plan(text: str, where: str = "the plan") -> SavedPlan:
    """Return the plan that ``text`` holds; ``where`` names it in errors.

    Raises:
        StalePlanError: it is no plan, was edited, contradicts itself, or is of another version.
    """
    try:
        data = read_strictly(text)
        _require_version(data, where)
        saved = PlanForm.model_validate(data).model()
        edited = broken_parts(data)
        wrong = list(contradictions(saved))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StalePlanError(
            f"{where} is no plan of leadops: {place}: {first['msg']}", "plan again"
        ) from None
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise StalePlanError(f"{where} is no plan of leadops: {said}", "plan again") from None
    if wrong:
        more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise StalePlanError(
            f"{where} does not hold together: {'; '.join(wrong[:_NAMED])}{more}", "plan again"
        )
    if edited:
        raise StalePlanError(
            f"{where} is not as leadops saved it: {', '.join(edited)} changed since", "plan again"
        )
    return saved


def _require_version(data: object, where: str) -> None:
    if not isinstance(data, dict) or "format_version" not in data:
        return
    version = data["format_version"]
    if version != 1 or not isinstance(version, int) or isinstance(version, bool):
        said = json.dumps(version)[:40]
        raise StalePlanError(f"{where} has the format version {said}; this leadops knows 1", "plan again")
    if SEAL not in data:
        raise StalePlanError(
            f"{where} has no seal: an older leadops made it, or somebody edited it", "plan again"
        )
