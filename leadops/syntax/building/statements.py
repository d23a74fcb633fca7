"""The statements of a step: sources, effects, guards, order."""

from collections.abc import Callable
from typing import Literal, cast

from lark import Token

from leadops.syntax import ast
from leadops.syntax.building.conditions import action, condition, single, within
from leadops.syntax.building.context import Branch, Building, branch, branches, has, token, tokens
from leadops.syntax.building.values import (
    FIELDS,
    VALUES,
    assignments,
    count,
    field,
    fields,
    percent,
    text_of,
    value,
)
from leadops.syntax.grammar.prescan import MAX_DEPTH


def _condition(b: Building, tree: Branch) -> ast.Condition:
    found = branch(tree, "condition")
    assert found is not None
    return condition(b, found)


def _string(b: Building, tree: Branch) -> str:
    return text_of(b, token(tree, "STRING"))


# ── sources ──────────────────────────────────────────────────────────────────────────────────────


def find_leads(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: FIND LEADS (WHERE condition)?."""
    where = _condition(b, tree) if has(tree, "WHERE") else None
    return ast.FindLeads(span=b.span(tree), where=where)


def find_lead(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: FIND LEAD WHERE condition."""
    return ast.FindLeads(span=b.span(tree), where=_condition(b, tree), single=True)


def find_lead_by_id(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: FIND LEAD _value."""
    return ast.FindLeadById(span=b.span(tree), lead_id=value(b, token(tree, *VALUES)))


def create(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: CREATE LEAD WITH _assignments."""
    return ast.CreateLead(span=b.span(tree), fields=assignments(b, tree))


def upsert(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: UPSERT LEAD BY _field WITH _assignments."""
    return ast.UpsertLead(span=b.span(tree), by=field(b, token(tree, *FIELDS)), fields=assignments(b, tree))


def each_row(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: FOR EACH ROW IN CSV (STRING | PARAM_REF) LBRACE (_contract | SEMI)* RBRACE."""
    span = b.span(tree)
    file = token(tree, "STRING", "PARAM_REF")
    path = text_of(b, file) if file.type == "STRING" else str(file)
    match = single(b, tree, "match_by")
    match_field: ast.FieldRef = ast.FieldRef(span=span, name="phone")
    match_value: ast.Value = ast.RowRef(span=span, column="phone")
    if match is not None:
        match_field = field(b, token(match, *FIELDS))
        match_value = value(b, tokens(match, *VALUES)[-1])
    elif not has(tree, "SKIPPED"):
        b.error(
            "E025",
            "the rows are not matched with leads",
            b.span(token(tree, "LBRACE")),
            "begin the block with: match lead by phone = row.phone",
        )
    contract = tuple(_CONTRACT[part.data](b, part) for part in branches(tree) if part.data in _CONTRACT)
    return ast.EachRow(
        span=span, path=path, match_field=match_field, match_value=match_value, contract=contract
    )


def dates_are(b: Building, tree: Branch) -> ast.DatesAre:
    """Build: DATES ARE STRING."""
    return ast.DatesAre(span=b.span(tree), format=_string(b, tree))


def columns_must_be(b: Building, tree: Branch) -> ast.ColumnsMustBe:
    """Build: COLUMNS MUST BE _column (COMMA _column)*."""
    held = tokens(tree, "NAME", "BACKTICKED", "STRING")
    names = tuple(text_of(b, part) if part.type == "STRING" else part.strip("`") for part in held)
    starts = tuple(b.span(part).start for part in held)
    return ast.ColumnsMustBe(span=b.span(tree), columns=names, starts=starts)


def on_missing(b: Building, tree: Branch) -> ast.OnMissingLead:
    """Build: ON MISSING LEAD (CREATE | SKIP | FAIL)."""
    word = token(tree, "CREATE", "SKIP", "FAIL")
    what: Literal["create", "skip", "fail"] = (
        "create" if word.type == "CREATE" else "skip" if word.type == "SKIP" else "fail"
    )
    return ast.OnMissingLead(span=b.span(tree), what=what)


_CONTRACT: dict[str, Callable[[Building, Branch], ast.DatesAre | ast.ColumnsMustBe | ast.OnMissingLead]] = {
    "dates_are": dates_are,
    "columns_must_be": columns_must_be,
    "on_missing": on_missing,
}


def retry(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: RETRY REJECTS OF (LAST RUN | RUN STRING)."""
    return ast.RetryRejects(span=b.span(tree), run=None if has(tree, "LAST") else _string(b, tree))


def order(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: (NEWEST | OLDEST) FIRST."""
    return ast.Order(span=b.span(tree), newest=has(tree, "NEWEST"))


def limit(b: Building, tree: Branch) -> ast.StepStatement:
    """Build: LIMIT NUMBER."""
    return ast.Limit(span=b.span(tree), count=count(b, token(tree, "NUMBER")))


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


def set_fields(b: Building, tree: Branch) -> ast.Effect:
    """Build: SET _assignments."""
    return ast.SetFields(span=b.span(tree), fields=assignments(b, tree))


def clear(b: Building, tree: Branch) -> ast.Effect:
    """Build: CLEAR _field (COMMA _field)*."""
    return ast.ClearFields(span=b.span(tree), fields=fields(b, tree))


def tags(b: Building, tree: Branch) -> ast.Effect:
    """Build: ADD _values TO _field | REMOVE _values FROM _field."""
    verb: Literal["add", "remove"] = "add" if has(tree, "ADD") else "remove"
    target = token(tree, "TO", "FROM")
    at = tree.children.index(target)
    held = tuple(value(b, p) for p in tree.children[:at] if isinstance(p, Token) and p.type in VALUES)
    behind = tree.children[at + 1]
    assert isinstance(behind, Token)
    return ast.ChangeTags(span=b.span(tree), verb=verb, tags=held, field=field(b, behind))


def add_action(b: Building, tree: Branch) -> ast.Effect:
    """Build: ADD ACTION _value (WITH? _assignments)? (once | key)*."""
    return ast.AddAction(
        span=b.span(tree),
        action=action(b, tree),
        fields=assignments(b, tree),
        once=once(b, tree),
        key=key(b, tree),
        key_start=key_start(b, tree),
    )


def add_payment(b: Building, tree: Branch) -> ast.Effect:
    """Build: ADD PAYMENT WITH? _assignments (once | key)*."""
    return ast.AddPayment(
        span=b.span(tree),
        fields=assignments(b, tree),
        once=once(b, tree),
        key=key(b, tree),
        key_start=key_start(b, tree),
    )


def once(b: Building, tree: Branch) -> ast.OncePer | None:
    """Build: ONCE PER LEAD within? | EACH RUN."""
    found = single(b, tree, "once")
    if found is None:
        return None
    return ast.OncePer(span=b.span(found), each_run=has(found, "EACH"), period=within(b, found))


def key(b: Building, tree: Branch) -> str | None:
    """Build: KEY STRING."""
    found = single(b, tree, "key")
    return _string(b, found) if found is not None else None


def key_start(b: Building, tree: Branch) -> int:
    """Return where ``key`` stands; 0 without one."""
    found = single(b, tree, "key")
    return b.span(found).start if found is not None else 0


def update_action(b: Building, tree: Branch) -> ast.Effect:
    """Build: UPDATE ACTION _value where_equal? with_equal."""
    return ast.UpdateAction(
        span=b.span(tree),
        action=action(b, tree),
        where=assignments(b, branch(tree, "where_equal")),
        fields=assignments(b, branch(tree, "with_equal")),
    )


def update_payment(b: Building, tree: Branch) -> ast.Effect:
    """Build: UPDATE PAYMENT where_equal? with_equal."""
    return ast.UpdatePayment(
        span=b.span(tree),
        where=assignments(b, branch(tree, "where_equal")),
        fields=assignments(b, branch(tree, "with_equal")),
    )


def read(b: Building, tree: Branch) -> ast.Effect:
    """Build: READ TIMELINE within?."""
    return ast.ReadTimeline(span=b.span(tree), period=within(b, tree))


def when(b: Building, tree: Branch) -> ast.Effect:
    """Build: WHEN condition block (OTHERWISE (block | when))?."""
    chain = [tree]
    while (following := branch(chain[-1], "when")) is not None:
        chain.append(following)
    if len(chain) > MAX_DEPTH:
        b.error("E015", f"more than {MAX_DEPTH} cases", b.span(chain[MAX_DEPTH]), "write a second step")
    made: ast.When | None = None
    for part in reversed(chain[:MAX_DEPTH]):
        then, *otherwise = [_block(b, block) for block in branches(part, "block")]
        rest = (made,) if made is not None else otherwise[0] if otherwise else ()
        made = ast.When(_condition(b, part), then, rest, chained=made is not None, span=b.span(part))
    assert made is not None
    return made


def _block(b: Building, tree: Branch) -> tuple[ast.Effect, ...]:
    return tuple(EFFECTS[part.data](b, part) for part in branches(tree))


def report(b: Building, tree: Branch) -> ast.Effect:
    """Build: REPORT TO STRING (USING STRING)?."""
    path, *template = [text_of(b, part) for part in tokens(tree, "STRING")]
    return ast.Report(span=b.span(tree), path=path, template=template[0] if template else None)


def notify(b: Building, tree: Branch) -> ast.Effect:
    """Build: NOTIFY STRING WITH STRING."""
    name, text = tokens(tree, "STRING")
    return ast.Notify(
        span=b.span(tree), name=text_of(b, name), text=ast.String(span=b.span(text), text=text_of(b, text))
    )


EFFECTS: dict[str, Callable[[Building, Branch], ast.Effect]] = {
    "set": set_fields,
    "clear": clear,
    "tags": tags,
    "add_action": add_action,
    "add_payment": add_payment,
    "update_action": update_action,
    "update_payment": update_payment,
    "read": read,
    "when": when,
    "report": report,
    "notify": notify,
}


# ── guards ───────────────────────────────────────────────────────────────────────────────────────


def expect_at_most(b: Building, tree: Branch) -> ast.Guard:
    """Build: EXPECT AT MOST NUMBER _lead_or_leads."""
    return ast.ExpectCount(span=b.span(tree), at_least=None, at_most=count(b, token(tree, "NUMBER")))


def expect_at_least(b: Building, tree: Branch) -> ast.Guard:
    """Build: EXPECT AT LEAST NUMBER _lead_or_leads."""
    return ast.ExpectCount(span=b.span(tree), at_least=count(b, token(tree, "NUMBER")), at_most=None)


def expect_exactly(b: Building, tree: Branch) -> ast.Guard:
    """Build: EXPECT EXACTLY NUMBER _lead_or_leads."""
    number = count(b, token(tree, "NUMBER"))
    return ast.ExpectCount(span=b.span(tree), at_least=number, at_most=number)


def expect_range(b: Building, tree: Branch) -> ast.Guard:
    """Build: EXPECT NUMBER DOTS NUMBER _lead_or_leads."""
    low, high = (count(b, part) for part in tokens(tree, "NUMBER"))
    return ast.ExpectCount(span=b.span(tree), at_least=low, at_most=high)


def expect_every(b: Building, tree: Branch) -> ast.Guard:
    """Build: EXPECT EVERY LEAD condition."""
    return ast.ExpectEvery(span=b.span(tree), condition=_condition(b, tree))


def stop(b: Building, tree: Branch) -> ast.Guard:
    """Build: STOP WHEN NUMBER PERCENT FAIL."""
    return ast.StopWhen(span=b.span(tree), percent=percent(b, token(tree, "NUMBER")))


def canary(b: Building, tree: Branch) -> ast.Guard:
    """Build: CANARY NUMBER THEN (CONFIRM | CONTINUE)."""
    then = cast("Literal['confirm', 'continue']", token(tree, "CONFIRM", "CONTINUE").lower())
    return ast.Canary(span=b.span(tree), count=count(b, token(tree, "NUMBER")), then=then)


def allow_scan(b: Building, tree: Branch) -> ast.Guard:
    """Build: ALLOW FULL SCAN."""
    return ast.AllowFullScan(span=b.span(tree))


def allow_timelines(b: Building, tree: Branch) -> ast.Guard:
    """Build: ALLOW TIMELINES (AT MOST NUMBER)?."""
    most = next((count(b, part) for part in tokens(tree, "NUMBER")), None)
    return ast.AllowTimelines(span=b.span(tree), at_most=most)


def allow_option(b: Building, tree: Branch) -> ast.Guard:
    """Build: ALLOW NEW OPTION."""
    return ast.AllowNewOption(span=b.span(tree))


RULES: dict[str, Callable[[Building, Branch], ast.StepStatement]] = {
    **{
        rule.__name__: rule
        for rule in (find_leads, find_lead, find_lead_by_id, create, upsert, each_row, retry, order, limit)
    },
    **EFFECTS,
    **{
        rule.__name__: rule
        for rule in (
            expect_at_most, expect_at_least, expect_exactly, expect_range, expect_every, stop, canary,
            allow_scan, allow_timelines, allow_option,
        )
    },
}  # fmt: skip
