"""Two values for one field, as far as the text proves it; what only a lead can tell is found by the plan.

Effects are claims on a field, each under the cases that lead to it. Two claims that cannot both be met are an error
where every lead that gets the one gets the other too: in whatever order they stand.
"""

from itertools import combinations

from leadops.analysis.context import Case, Claim, Context
from leadops.analysis.provable import known_on_any_day
from leadops.core.text import fold
from leadops.model.plan import Constant
from leadops.model.predicate import And, Condition, Not
from leadops.model.schema import FieldType
from leadops.model.values import same
from leadops.predicate.proofs import impossible
from leadops.predicate.words import words

_MOST = 24
"""Of more claims on one field nothing is proved of separate cases."""
_TWICE = "keep one; for two cases write `when COND { … } otherwise { … }`"


def check_conflicts(ctx: Context) -> None:
    """Say which claims of the step's effects cannot both be met."""
    by_field: dict[str, list[Claim]] = {}
    for claim in ctx.step.claims:
        by_field.setdefault(claim.name, []).append(claim)
    for claims in by_field.values():
        told: set[int] = set()
        for (_, first), (at, later) in combinations(
            enumerate(sorted(claims, key=lambda one: one.span.start)), 2
        ):
            if at not in told and _conflict(ctx, first, later, prove=len(claims) <= _MOST):
                told.add(at)


def _conflict(ctx: Context, first: Claim, later: Claim, *, prove: bool) -> bool:
    """Say that two claims cannot both be met, where that is proved; return whether it is."""
    if len(first.path) > len(later.path) or first.path != later.path[: len(first.path)]:
        apart = next(((a, b) for a, b in zip(first.path, later.path, strict=False) if a != b), None)
        if apart is not None:
            return apart[0].when != apart[1].when and prove and _proved(ctx, first, later)
    if {first.verb, later.verb} == {"add", "remove"}:
        return _both_ways(ctx, first, later)
    if first.verb == later.verb != "set":
        return False
    if not ctx.step.has_lead and "add" in {first.verb, later.verb}:
        return False  # tags of a lead that is being made are put together
    line = first.span.line
    ctx.error("E504", f"{later.name} is set twice in this step, first in line {line}", later.span, _TWICE)
    return True


def _both_ways(ctx: Context, first: Claim, later: Claim) -> bool:
    both = next((tag for tag in later.tags if fold(tag) in {fold(one) for one in first.tags}), None)
    if both is None:
        return False
    message = f"the tag {both} is added to {later.name} and removed from it, first in line {first.span.line}"
    ctx.error("E520", message, later.span, _TWICE)
    return True


def _proved(ctx: Context, first: Claim, later: Claim) -> bool:
    """Say that one case includes another, and that both want another value; return whether that is so."""
    one, other = _conditions(first.path), _conditions(later.path)
    if one is None or other is None or ctx.schema is None or not _differ(first, later):
        return False
    facts = known_on_any_day(ctx)
    found = [ctx.step.found] if ctx.step.found is not None else []
    if impossible([*found, *one], facts) or impossible([*found, *other], facts):
        return False  # said of the case itself
    if impossible([*found, *one, Not(And(tuple(other)))], facts):
        narrow, wide = one, other
    elif impossible([*found, *other, Not(And(tuple(one)))], facts):
        narrow, wide = other, one
    else:
        return False
    message = f"every lead of which `{_text(narrow)}` is true would get two values of {later.name}, the other in line {first.span.line}"
    advice = (
        f"write the narrower case first: when {_text(narrow)} {{ … }} otherwise when {_text(wide)} {{ … }}"
    )
    ctx.error("E520", message, later.span, advice)
    return True


def _conditions(path: tuple[Case, ...]) -> list[Condition] | None:
    found = [case.condition for case in path]
    return None if None in found else [one for one in found if one is not None]


def _text(conditions: list[Condition]) -> str:
    return words(conditions[0]) if len(conditions) == 1 else words(And(tuple(conditions)))


def _differ(first: Claim, later: Claim) -> bool:
    """Whether both claims are sure to want something else, or are written in another way."""
    verbs = {first.verb, later.verb}
    if verbs == {"set"}:
        if isinstance(first.value, Constant) and isinstance(later.value, Constant):
            return not same(first.value.value, later.value.value, first.type)
        return False  # what templates come to is known of each lead only
    if verbs in ({"add"}, {"remove"}):
        return False
    if verbs == {"add", "remove"}:
        return bool({fold(tag) for tag in first.tags} & {fold(tag) for tag in later.tags})
    whole, part = (first, later) if first.verb == "set" else (later, first)
    if not isinstance(whole.value, Constant) or whole.type is not FieldType.TAGS:
        return False
    held = {fold(str(tag)) for tag in whole.value.value} if isinstance(whole.value.value, tuple) else set()
    tags = {fold(tag) for tag in part.tags}
    return bool(tags - held) if part.verb == "add" else bool(tags & held)
