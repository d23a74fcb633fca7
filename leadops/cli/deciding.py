"""``why`` and ``why-not``: which clause of a step decides about a lead."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadops.cli.console import Console
from leadops.cli.planning import Wanted, compile_in, wanted_from
from leadops.cli.session import open_session
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import UsageError
from leadops.core.text import visible
from leadops.engine.lead_names import lead_key
from leadops.engine.select.selection import SelectAround
from leadops.engine.select.why import Clause, Why, why
from leadops.model.plan import Find, FindById, Plan, Step
from leadops.report.masking import Masker
from leadops.report.shown import count


def tell_why(places: Sequence[str], step: str | None, form: str, given: Mapping[str, Any]) -> bool:
    """Print why each step (or the one that is named) selects a lead or not; return whether any does.

    ``places``: FILE and LEAD; with ``-e TEXT`` only LEAD.

    Raises:
        UsageError: there is no such step, or none that finds leads; ``lead`` is blank.
        RefusedError: there is no such lead; and what ``compile_in`` raises.
    """
    file, lead = _file_and_lead(places, inline=given["text"] is not None)
    if not lead.strip():
        raise UsageError("LEAD is empty", "name a lead by its id or its phone")
    wanted = wanted_from({**given, "file": file, "form": form})
    answers = asyncio.run(_ask(lead, step, wanted))
    if form == "json":
        wanted.console.json(_form(answers, wanted))
    else:
        _print(answers, wanted.console)
    return any(one.selected for one in answers)


def _file_and_lead(places: Sequence[str], *, inline: bool) -> tuple[str | None, str]:
    """Return the playbook's file (None: it stands on the command line) and the lead; both orders are understood."""
    if inline and len(places) == 1:
        return None, places[0]
    if not inline and len(places) == 2:
        first, second = places
        swapped = not _is_playbook(first) and _is_playbook(second)
        return (second, first) if swapped else (first, second)
    raise UsageError(
        "with -e TEXT give the lead and nothing else"
        if inline
        else "give the playbook and one lead: FILE LEAD",
        "a lead is an id, or the phone",
    )


def _is_playbook(text: str) -> bool:
    return text == "-" or text.endswith(".lead") or Path(text).is_file()


async def _ask(lead: str, step: str | None, wanted: Wanted) -> Sequence[Why]:
    async with open_session(wanted.settings) as session:
        compiled, _ = await compile_in(session, wanted)
        assert compiled.plan is not None
        steps = _chosen(compiled.plan, step)
        name = lead_key(lead, compiled.plan.schema.identifier, compiled.plan.country_code) or lead.strip()
        around = SelectAround(session.cache, session.ids)
        return await why(name, steps, compiled.plan, session.reader, around)


def _chosen(plan: Plan, name: str | None) -> list[Step]:
    finding = {
        str(number): step
        for number, step in enumerate(plan.steps, 1)
        if isinstance(step.source, Find | FindById)
    }
    if not finding:
        raise UsageError("no step of this playbook finds its leads by a condition")
    if name is None:
        return list(finding.values())
    named = [step for number, step in finding.items() if name in {number, step.name}]
    if not named:
        known = [step.name for step in finding.values()]
        hint = did_you_mean(name, known) or f"steps that find leads: {', '.join(known)}"
        raise UsageError(f"no step “{name}” finds leads by a condition", hint)
    return named


def _form(answers: Sequence[Why], wanted: Wanted) -> dict[str, Any]:
    lead = answers[0].lead
    return {
        "format_version": 1,
        "lead": {"id": lead.id, "name": lead.name},
        "playbook": wanted.request.source.parsed.file,
        "calls": answers[-1].calls,
        "steps": [
            {
                "name": one.step,
                "selected": one.selected,
                "needs_change": one.needs,
                "condition": one.condition,
                "clauses": [
                    {"text": c.text, "seen": c.seen, "decided": c.decided, "flip": c.flip}
                    for c in one.clauses
                ],
            }
            for one in answers
        ],
    }


def _print(answers: Sequence[Why], console: Console) -> None:
    masker = Masker() if console.pii == "mask" else None

    def shown(text: str) -> str:
        return visible(text if masker is None else masker.text(text))

    for one in answers:
        name = " ".join(part for part in (one.lead.name or "the lead", one.lead.id) if part)
        verdict = "selects" if one.selected else "does not select"
        console.result(shown(f"{one.step} {verdict} {name}"))
        console.result(shown(f"  condition: {one.condition}"))
        for line in _lines(one):
            console.result(shown(f"  {line}"))
    console.note(count(answers[-1].calls, "call"))


def _lines(one: Why) -> Iterator[str]:
    for clause in one.clauses:
        yield f"because of: {clause.text}"
        yield f"  the lead has: {clause.seen}"
        yield f"  decided: {_WHERE[clause.decided]}"
    if one.clauses:
        yield f"it would be the other way round {_together(one.clauses)}"
    if one.needs is not None:
        yield (
            "the step would change it"
            if one.needs
            else "it has already what the step sets: nothing is changed"
        )


def _together(clauses: Sequence[Clause]) -> str:
    return ", and ".join(clause.flip for clause in clauses)


_WHERE = {
    "pushed": "by the service, in a search",
    "local": "here, on the rows or timelines that were read",
}
