"""A file's own statements, its tests, and the file itself."""

from collections.abc import Callable
from typing import Literal, cast

from leadops.syntax import ast
from leadops.syntax.building import statements
from leadops.syntax.building.conditions import condition, direction, single
from leadops.syntax.building.context import Branch, Building, branch, branches, has, token, tokens
from leadops.syntax.building.periods import default
from leadops.syntax.building.values import VALUES, assignments, count, moment, percent, text_of, value

ParamType = Literal["text", "email", "phone", "number", "date", "period", "file", "secret"]
Limit = ast.LimitLeads | ast.LimitPercent | ast.LimitCalls | ast.LimitLane


def playbook(b: Building, tree: Branch) -> ast.Playbook:
    """Build: (_item | SEMI)*. Bare statements become unnamed steps; a source begins the next."""
    items: list[ast.Item] = []
    bare: list[ast.StepStatement] = []
    for part in branches(tree):
        if part.data in statements.RULES:
            statement = statements.RULES[part.data](b, part)
            if isinstance(statement, ast.Source) and bare:
                items.append(_unnamed(bare))
                bare = []
            bare.append(statement)
            continue
        if bare:
            items.append(_unnamed(bare))
            bare = []
        items.append(RULES[part.data](b, part))
    if bare:
        items.append(_unnamed(bare))
    return ast.Playbook(span=b.source.span(0, len(b.source.text)), items=tuple(items))


def _unnamed(bare: list[ast.StepStatement]) -> ast.Step:
    return ast.Step(span=bare[0].span.to(bare[-1].span), title=None, statements=tuple(bare))


def header(b: Building, tree: Branch) -> ast.Item:
    """Build: PLAYBOOK STRING (LANGUAGE NUMBER)?."""
    language = next((count(b, part) for part in tokens(tree, "NUMBER")), None)
    return ast.PlaybookHeader(span=b.span(tree), title=_string(b, tree), language=language)


def timezone(b: Building, tree: Branch) -> ast.Item:
    """Build: TIMEZONE STRING."""
    return ast.Timezone(span=b.span(tree), name=_string(b, tree))


def include(b: Building, tree: Branch) -> ast.Item:
    """Build: INCLUDE STRING."""
    return ast.Include(span=b.span(tree), path=_string(b, tree))


def limits(b: Building, tree: Branch) -> ast.Item:
    """Build: LIMITS LBRACE (_limit | SEMI)* RBRACE."""
    return ast.Limits(span=b.span(tree), items=tuple(_LIMITS[part.data](b, part) for part in branches(tree)))


def limit_leads(b: Building, tree: Branch) -> Limit:
    """Build: AT MOST NUMBER _lead_or_leads."""
    return ast.LimitLeads(span=b.span(tree), count=count(b, token(tree, "NUMBER")))


def limit_percent(b: Building, tree: Branch) -> Limit:
    """Build: AT MOST NUMBER PERCENT OF _lead_or_leads."""
    return ast.LimitPercent(span=b.span(tree), percent=percent(b, token(tree, "NUMBER")))


def limit_calls(b: Building, tree: Branch) -> Limit:
    """Build: AT MOST NUMBER CALLS."""
    return ast.LimitCalls(span=b.span(tree), count=count(b, token(tree, "NUMBER")))


def limit_lane(b: Building, tree: Branch) -> Limit:
    """Build: LANE LANE_NAME."""
    lane = cast("Literal['sync', 'async']", token(tree, "LANE_NAME").lower())
    return ast.LimitLane(span=b.span(tree), lane=lane)


_LIMITS: dict[str, Callable[[Building, Branch], Limit]] = {
    rule.__name__: rule for rule in (limit_leads, limit_percent, limit_calls, limit_lane)
}


def param(b: Building, tree: Branch) -> ast.Item:
    """Build: PARAM NAME COLON PARAM_TYPE (EQUALS _default)?."""
    kind = cast("ParamType", token(tree, "PARAM_TYPE").lower())
    return ast.Param(
        span=b.span(tree), name=str(token(tree, "NAME")), type=kind, default=default(b, tree, kind)
    )


def define(b: Building, tree: Branch) -> ast.Item:
    """Build: DEFINE NAME AS condition."""
    found = branch(tree, "condition")
    assert found is not None
    return ast.Define(span=b.span(tree), name=str(token(tree, "NAME")), condition=condition(b, found))


def step(b: Building, tree: Branch) -> ast.Item:
    """Build: STEP STRING LBRACE (_step_statement | SEMI)* RBRACE."""
    held = tuple(statements.RULES[part.data](b, part) for part in branches(tree))
    return ast.Step(span=b.span(tree), title=_string(b, tree), statements=held)


# ── tests in the file ────────────────────────────────────────────────────────────────────────────


def test(b: Building, tree: Branch) -> ast.Item:
    """Build: TEST STRING LBRACE (_test_statement | SEMI)* RBRACE."""
    held = tuple(_TESTS[part.data](b, part) for part in branches(tree))
    return ast.Test(span=b.span(tree), title=_string(b, tree), statements=held)


def given_now(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: GIVEN NOW (DATETIME | DATE)."""
    return ast.GivenNow(span=b.span(tree), at=moment(b, token(tree, "DATETIME", "DATE")))


def given_lead(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: GIVEN LEAD WITH _assignments (given_call | given_action)*."""
    history = tuple(
        given_call(b, part) if part.data == "given_call" else given_action(b, part)
        for part in branches(tree, "given_call", "given_action")
    )
    return ast.GivenLead(span=b.span(tree), fields=assignments(b, tree), history=history)


def given_call(b: Building, tree: Branch) -> ast.GivenCall:
    """Build: (CALLED US? | MISSED CALL) (by_one | at)*."""
    return ast.GivenCall(span=b.span(tree), direction=direction(tree), by=_by_one(b, tree), at=_at(b, tree))


def given_action(b: Building, tree: Branch) -> ast.GivenAction:
    """Build: HAS (ACTION _value | PAYMENT) _having? (by_one | at)*."""
    action = value(b, token(tree, *VALUES)) if has(tree, "ACTION") else None
    return ast.GivenAction(
        span=b.span(tree), action=action, having=assignments(b, tree), by=_by_one(b, tree), at=_at(b, tree)
    )


def _by_one(b: Building, tree: Branch) -> ast.Value | None:
    found = single(b, tree, "by_one")
    return value(b, token(found, *VALUES)) if found is not None else None


def _at(b: Building, tree: Branch) -> str | None:
    found = single(b, tree, "at")
    return moment(b, token(found, "DATETIME", "DATE")) if found is not None else None


def given_param(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: GIVEN PARAM NAME EQUALS _default."""
    held = default(b, tree, None)
    assert held is not None
    return ast.GivenParam(span=b.span(tree), name=str(token(tree, "NAME")), value=held)


def step_matches(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: STEP STRING? MATCHES NUMBER _lead_or_leads."""
    title = _string(b, tree) if has(tree, "STRING") else None
    return ast.StepMatches(span=b.span(tree), title=title, count=count(b, token(tree, "NUMBER")))


def would_have(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: LEAD _value WOULD HAVE _assignments."""
    return ast.LeadWouldHave(span=b.span(tree), lead=_lead(b, tree), fields=assignments(b, tree))


def would_have_action(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: LEAD _value WOULD HAVE ACTION _value _having?."""
    lead, action = (value(b, part) for part in tokens(tree, *VALUES))
    return ast.LeadWouldHaveAction(span=b.span(tree), lead=lead, action=action, having=assignments(b, tree))


def not_touched(b: Building, tree: Branch) -> ast.TestStatement:
    """Build: LEAD _value IS NOT TOUCHED."""
    return ast.LeadNotTouched(span=b.span(tree), lead=_lead(b, tree))


_TESTS: dict[str, Callable[[Building, Branch], ast.TestStatement]] = {
    rule.__name__: rule
    for rule in (given_now, given_lead, given_param, step_matches, would_have, would_have_action, not_touched)
}

RULES: dict[str, Callable[[Building, Branch], ast.Item]] = {
    rule.__name__: rule for rule in (header, timezone, include, limits, param, define, step, test)
}


def _lead(b: Building, tree: Branch) -> ast.Value:
    return value(b, token(tree, *VALUES))


def _string(b: Building, tree: Branch) -> str:
    return text_of(b, token(tree, "STRING"))
