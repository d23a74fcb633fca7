"""Conditions that are always or never true, proved from their text and the workspace's labels."""

from dataclasses import replace
from typing import TYPE_CHECKING

from leadops.analysis.context import Context
from leadops.model.predicate import And, Condition, Not, Or
from leadops.model.schema import FieldType, Schema
from leadops.predicate.fieldproofs import Known
from leadops.predicate.proofs import always, impossible, parts
from leadops.predicate.words import words

if TYPE_CHECKING:
    from leadops.model.values import Value

MOST_PARTS = 400
"""Of a condition of more tests only the whole is looked at."""
_STAMPS = frozenset({"created_on", "modified_on"})


def known(ctx: Context) -> Known:
    """Return what the workspace tells of its fields."""
    if ctx.known is None:
        ctx.known = _known(ctx.schema, ctx.country_code) if ctx.schema is not None else Known()
    return ctx.known


def _known(schema: Schema, country_code: str) -> Known:
    values: dict[str, tuple[Value, ...]] = {}
    for field in schema.fields:
        match field.type:
            case FieldType.RATING:
                values[field.api_name] = (1, 2, 3, 4, 5)
            case FieldType.CHECKBOX:
                values[field.api_name] = (True, False)
            case FieldType.STATUS | FieldType.LOST_REASON | FieldType.DROPDOWN if schema.labels(field):
                values[field.api_name] = schema.labels(field)
            case _:
                pass
    return Known(values, _STAMPS, country_code)


def known_on_any_day(ctx: Context) -> Known:
    """Return the same, for proofs that must not change with the clock."""
    return replace(known(ctx), on_any_day=True)


def judge(ctx: Context, condition: Condition) -> bool:
    """Warn of the smallest parts of ``condition`` that are always or never true; return whether all of it is, on any day."""
    if ctx.schema is None:
        return False
    facts = known(ctx)
    found = list(parts(condition))
    if len(found) > MOST_PARTS:
        found = [condition]
    told: set[int] = set()
    for part in found:
        is_always = always(part, facts)
        if not is_always and not impossible([part], facts):
            continue
        inside = {id(each) for each in parts(part)}
        if not told & inside:
            _warn(ctx, part, is_always=is_always)
        told.add(id(part))
    return always(condition, known_on_any_day(ctx))


def judge_case(ctx: Context, condition: Condition, found: Condition | None) -> None:
    """Warn of what is provable of a case's ``condition``; ``found``: what the step's leads satisfy, None: nothing known."""
    if ctx.schema is None:
        return
    facts = known(ctx)
    judge(ctx, condition)
    if found is None or impossible([found], facts) or impossible([condition], facts):
        return
    if impossible([found, condition], facts):
        message = f"`{words(condition)}` is true of no lead that this step finds"
        ctx.warning("W121", message, condition.origin, "leave the case out, or find other leads")


def _warn(ctx: Context, part: Condition, *, is_always: bool) -> None:
    text = words(part)
    if is_always:
        advice = "leave it out; a step that finds every lead needs: allow full scan"
        if isinstance(part, Or) and all(isinstance(term, Not) for term in part.terms):
            advice = "`or` between exclusions excludes nothing: write and, or not in […]"
        ctx.warning("W120", f"`{text}` is true of every lead", part.origin, advice)
    else:
        advice = (
            "not all of it can hold at once: write or, or in […], or leave a test out"
            if isinstance(part, And)
            else "it finds no lead"
        )
        ctx.warning("W121", f"`{text}` is true of no lead", part.origin, advice)
