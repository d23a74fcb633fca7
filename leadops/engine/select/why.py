"""Why a lead is, or is not, one of a step's: the deciding clause, the value seen, and the smallest change, in three calls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from leadops.core.errors import RefusedError
from leadops.engine.select.lead_ids import Resolver
from leadops.engine.select.noncompliant import goal
from leadops.engine.select.selection import SelectAround
from leadops.model.lead import Lead, TimelineAction
from leadops.model.phones import named_phone, read_phone
from leadops.model.plan import Find, FindById, Plan, Step
from leadops.model.predicate import (
    Activity,
    Compare,
    Condition,
    Equals,
    HasTags,
    InWindow,
    LeadIs,
    Missing,
    Not,
    OneOf,
)
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value, is_missing
from leadops.planner.call_meter import Meter
from leadops.planner.filters import is_exact, others, present, pushed
from leadops.planner.lookup import lookup_identifiers
from leadops.planner.ports import Reader
from leadops.predicate.evaluate import activities, decide
from leadops.predicate.facts import Facts, performed
from leadops.predicate.flip import decision
from leadops.predicate.normalise import normalise
from leadops.predicate.words import words


@dataclass(frozen=True, slots=True)
class Clause:
    """A test that decides.

    Attributes:
        text: the test in words.
        seen: the value that the lead has, in words.
        decided: ``pushed``: a search says it; ``local``: decided on the rows that a search returns.
        flip: what would turn it round.
    """

    text: str
    seen: str
    decided: Literal["pushed", "local"]
    flip: str


@dataclass(frozen=True, slots=True)
class Why:
    """The answer.

    Attributes:
        selected: whether the step selects the lead, as it is now: what earlier steps do is left out.
        needs: whether the step would change it; None where a condition does not tell.
        clauses: the tests that decide; turning all of them, and no fewer, turns the answer.
        calls: requests made so far.
    """

    lead: Lead
    step: str
    selected: bool
    needs: bool | None
    condition: str
    clauses: tuple[Clause, ...]
    calls: int


async def why(
    lead: str, steps: Sequence[Step], plan: Plan, reader: Reader, around: SelectAround
) -> tuple[Why, ...]:
    """Return for each step why it selects a lead, or why not. At most three calls in all.

    ``lead`` is an id or an identifier. Each step finds its leads by a condition or by an id.

    Raises:
        RefusedError: there is no such lead, or several of that identifier, or its timeline decides and cannot be read.
    """
    before = reader.calls.total
    found = await _read(lead, plan, reader, around)
    conditions = [_condition(step, plan) for step in steps]
    terms = tuple(dict.fromkeys(term for one in conditions for term in activities(one)))
    if terms and found.timeline is None:
        if found.id is None:
            raise RefusedError(
                "the lead's timeline decides, and its id is not known",
                help="run `leadops ids import FILE` with an export of the leads",
            )
        found = replace(found, timeline=tuple(await _timeline(found.id, terms, reader)))
    facts = Facts(plan.schema.identifier, plan.country_code)
    answers: list[Why] = []
    for step, condition in zip(steps, conditions, strict=True):
        verdict = decision(condition, found, facts)
        aim = goal(step) if verdict.verdict else None
        complies = None if aim is None else decide(aim, found, facts)
        answers.append(
            Why(
                found,
                step.name,
                verdict.verdict,
                None if complies is None else not complies,
                words(condition),
                tuple(_clause(test, found, plan) for test in verdict.flip),
                reader.calls.total - before,
            )
        )
    return tuple(answers)


def _condition(step: Step, plan: Plan) -> Condition:
    if isinstance(step.source, FindById):
        return LeadIs(step.source.lead_id)
    if isinstance(step.source, Find):
        return normalise(step.source.condition, plan.country_code)
    raise TypeError(f"{step.name} takes its leads from a list, not from a condition")


async def _timeline(lead_id: str, terms: tuple[Activity, ...], reader: Reader) -> Sequence[TimelineAction]:
    """Return the timeline, no more of it than a single term asks for."""
    if len(terms) == 1 and len(terms[0].types) == 1:
        return await reader.timeline(lead_id, type=terms[0].types[0])
    return await reader.timeline(lead_id)


async def _read(lead: str, plan: Plan, reader: Reader, around: SelectAround) -> Lead:
    """Return the lead's search row: a GET need not tell its status, times and assignee."""
    name = lead
    read: Lead | None = None
    if len(lead) == 24 and all(char in "0123456789abcdefABCDEF" for char in lead):
        read = await reader.lead(lead.lower())
        if read is None:
            raise RefusedError(f"there is no lead with the id {lead}")
        read = replace(read, id=lead.lower())
        Resolver(around.index, plan.schema, plan.country_code).resolve([read])
        name = str(read.fields.get(plan.schema.identifier.api_name) or "")
        if not name:
            return read
    resolver = Resolver(around.index, plan.schema, plan.country_code)
    rows = await lookup_identifiers(
        [name],
        plan.schema,
        Meter(reader, around.max_calls),
        country_code=plan.country_code,
        memory=around.memory,
    )
    leads = resolver.resolve([row for group in rows.values() for row in group])
    if read is not None:
        leads = tuple(one for one in leads if one.id in {None, read.id}) or (read,)
    if len(leads) != 1:
        raise RefusedError(
            f"{len(leads) or 'no'} leads have the {plan.schema.identifier.api_name} {name}",
            help="name the lead by its id" if leads else _misread(name, plan),
        )
    return leads[0] if read is None else replace(leads[0], id=read.id)


def _misread(name: str, plan: Plan) -> str:
    """Return why a name that no lead has is no phone; empty where it may be one."""
    if plan.schema.identifier.type is not FieldType.PHONE or named_phone(name, plan.country_code):
        return ""
    return f"this is no phone number: {read_phone(name, plan.country_code).reason}"


def _clause(test: Condition, lead: Lead, plan: Plan) -> Clause:
    return Clause(
        words(test),
        _seen(test, lead, plan),
        _decided(test, plan.schema, plan.country_code),
        _flip(test, lead, plan),
    )


def _inner(test: Condition) -> Condition:
    return test.term if isinstance(test, Not) else test


def _seen(test: Condition, lead: Lead, plan: Plan) -> str:
    inner = _inner(test)
    if isinstance(inner, Activity):
        held = [action for action in lead.timeline or () if performed(inner, action, plan.country_code)]
        if held:
            first = held[0]
            when = "at an unknown time" if first.at_ms is None else f"on {_moment(first.at_ms, plan)}"
            return f"{len(held)} such, the latest a {first.type} by {first.performer or 'the system'} {when}"
        near = [action for action in lead.timeline or () if action.type in inner.types]
        return f"none such; {len(near)} of these types at all"
    if isinstance(inner, LeadIs):
        return f"the lead {lead.id}"
    name = str(getattr(inner, "field", ""))
    value: Value = lead.fields.get(name)
    if is_missing(value):
        return "missing"
    field = plan.schema.field(name)
    if isinstance(value, int) and (isinstance(inner, InWindow) or (field and field.type is FieldType.DATE)):
        return _moment(value, plan)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _moment(ms: int, plan: Plan) -> str:
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(plan.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _decided(test: Condition, schema: Schema, cc: str) -> Literal["pushed", "local"]:
    match test:
        case Activity():
            return "local" if test.having else "pushed"
        case Not(Missing() as inner):
            return "pushed" if present(inner, schema) else "local"
        case Not(Equals() | OneOf() | Compare() | InWindow() as inner):
            return "pushed" if others(inner, schema, cc) else "local"
        case Equals() | OneOf() | Compare() | InWindow() | HasTags():
            return "pushed" if pushed(test, schema, cc) is not None and is_exact(test) else "local"
        case _:
            return "local"


def _flip(test: Condition, lead: Lead, plan: Plan) -> str:
    inner = _inner(test)
    holds_now = isinstance(inner, Activity) and any(
        performed(inner, action, plan.country_code) for action in lead.timeline or ()
    )
    match inner:
        case Activity():
            return "if it had none such" if holds_now else "if it had one such"
        case Equals(field, _, value):
            seen = lead.fields.get(field)
            return f"if {field} were not {seen}" if _is(inner, lead, plan) else f"if {field} were {value}"
        case InWindow(field, window):
            side = "outside" if _is(inner, lead, plan) else "in"
            return f"if {field} lay {side} {window.text} ({window.first_day} to {window.last_day})"
        case _:
            return f"if `{words(inner)}` were {'false' if _is(inner, lead, plan) else 'true'}"


def _is(inner: Condition, lead: Lead, plan: Plan) -> bool:
    return decision(inner, lead, Facts(plan.schema.identifier, plan.country_code)).verdict
