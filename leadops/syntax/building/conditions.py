"""Conditions."""

from collections.abc import Callable
from typing import Literal, cast

from lark import Token

from leadops.core.diagnostics import Edit, Fix
from leadops.core.positions import Span
from leadops.syntax import ast
from leadops.syntax.building.context import Branch, Building, branch, branches, has, token, tokens
from leadops.syntax.building.periods import RULES as PERIODS
from leadops.syntax.building.periods import period
from leadops.syntax.building.values import FIELDS, VALUES, assignments, field, value, values

Direction = Literal["outgoing", "incoming", "missed"]


def condition(b: Building, tree: Branch) -> ast.Condition:
    """Build: _operand ((AND | OR) _operand)*; mixing both without parentheses is a finding."""
    terms = [operand(b, part) for part in branches(tree)]
    joints = tokens(tree, "AND", "OR")
    if not joints:
        return terms[0]
    kinds = [joint.type for joint in joints]
    if len(set(kinds)) > 1:
        _mixed(b, tree, joints)
    groups = [[terms[0]]]
    for kind, term in zip(kinds, terms[1:], strict=True):
        if kind == "OR":
            groups.append([term])
        else:
            groups[-1].append(term)
    return _any_of([_all_of(group) for group in groups])


def operand(b: Building, tree: Branch) -> ast.Condition:
    """Build: negation | group | _predicate."""
    return RULES[tree.data](b, tree)


def negation(b: Building, tree: Branch) -> ast.Condition:
    """Build: NOT _operand."""
    inner = branch(tree)
    assert inner is not None
    return ast.Not(span=b.span(tree), term=operand(b, inner))


def group(b: Building, tree: Branch) -> ast.Condition:
    """Build: LPAR condition RPAR."""
    inner = branch(tree, "condition")
    assert inner is not None
    return condition(b, inner)


def comparison(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field (EQUALS | COMPARE) _value."""
    op = cast("Literal['=', '!=', '<', '<=', '>', '>=']", str(token(tree, "EQUALS", "COMPARE")))
    return ast.Comparison(span=b.span(tree), field=_field(b, tree), op=op, value=_last_value(b, tree))


def membership(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field NOT? IN _list."""
    return ast.Membership(
        span=b.span(tree), field=_field(b, tree), values=values(b, tree), negated=has(tree, "NOT")
    )


def between(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field BETWEEN _value AND _value."""
    low, high = values(b, tree)
    return ast.Between(span=b.span(tree), field=_field(b, tree), low=low, high=high)


def text_test(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field (CONTAINS | STARTS WITH | ENDS WITH) _value."""
    kind: Literal["contains", "starts with", "ends with"] = (
        "contains" if has(tree, "CONTAINS") else "starts with" if has(tree, "STARTS") else "ends with"
    )
    return ast.TextTest(span=b.span(tree), field=_field(b, tree), kind=kind, value=_last_value(b, tree))


def presence(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field IS (MISSING | PRESENT)."""
    return ast.Presence(span=b.span(tree), field=_field(b, tree), missing=has(tree, "MISSING"))


def tag_test(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field HAS (ANY | ALL) _list."""
    which: Literal["any", "all"] = "any" if has(tree, "ANY") else "all"
    return ast.TagTest(span=b.span(tree), field=_field(b, tree), which=which, values=values(b, tree))


def in_period(b: Building, tree: Branch) -> ast.Condition:
    """Build: _field IN _period."""
    return ast.InPeriod(span=b.span(tree), field=_field(b, tree), period=period(b, tree))


def call_phrase(b: Building, tree: Branch) -> ast.Condition:
    """Build: (CALLED US? | MISSED CALL) (by | within)*."""
    return ast.CallPhrase(
        span=b.span(tree), direction=direction(tree), by=by(b, tree), period=within(b, tree)
    )


def action_phrase(b: Building, tree: Branch) -> ast.Condition:
    """Build: HAS ACTION _value _having? (by | within)*."""
    return ast.ActionPhrase(
        span=b.span(tree),
        action=action(b, tree),
        having=assignments(b, tree),
        by=by(b, tree),
        period=within(b, tree),
    )


def action(b: Building, tree: Branch) -> ast.Value:
    """Build the action's code or name; ``with`` in its place shows that it is missing."""
    part = token(tree, *VALUES)
    if part.type == "WORD" and part.lower() == "with":
        b.error(
            "E002",
            f"expected the code or the name of an action, found “{part}”",
            b.span(part),
            'write: action 1001 with …, or: action "Site visit" with …',
        )
    return value(b, part)


def payment_phrase(b: Building, tree: Branch) -> ast.Condition:
    """Build: HAS PAYMENT _having? (by | within)*."""
    return ast.PaymentPhrase(
        span=b.span(tree), having=assignments(b, tree), by=by(b, tree), period=within(b, tree)
    )


def matches(b: Building, tree: Branch) -> ast.Condition:
    """Build: MATCHES NAME."""
    return ast.Matches(span=b.span(tree), name=str(token(tree, "NAME")))


RULES: dict[str, Callable[[Building, Branch], ast.Condition]] = {
    rule.__name__: rule
    for rule in (
        negation, group, comparison, membership, between, text_test, presence, tag_test, in_period, call_phrase,
        action_phrase, payment_phrase, matches,
    )
}  # fmt: skip


def direction(tree: Branch) -> Direction:
    """Read CALLED US? | MISSED CALL."""
    return "missed" if has(tree, "MISSED") else "incoming" if has(tree, "US") else "outgoing"


def by(b: Building, tree: Branch) -> tuple[ast.Value, ...]:
    """Build: BY (_value | _list)."""
    found = single(b, tree, "by")
    return values(b, found) if found is not None else ()


def within(b: Building, tree: Branch) -> ast.Period | None:
    """Build: IN _period."""
    found = single(b, tree, "within")
    return period(b, found) if found is not None and branch(found, *PERIODS) else None


def single(b: Building, tree: Branch, *rules: str) -> Branch | None:
    """Return the clause of ``tree`` that is one of ``rules``; a second one is a finding."""
    found = list(branches(tree, *rules))
    for extra in found[1:]:
        word = str(extra.children[0])
        b.error("E020", f"“{word}” stands twice in one phrase", b.span(extra), "leave one of them out")
    return found[0] if found else None


def _field(b: Building, tree: Branch) -> ast.FieldRef:
    return field(b, token(tree, *FIELDS))


def _last_value(b: Building, tree: Branch) -> ast.Value:
    return value(b, tokens(tree, *VALUES)[-1])


def _all_of(terms: list[ast.Condition]) -> ast.Condition:
    flat = [inner for term in terms for inner in (term.terms if isinstance(term, ast.And) else (term,))]
    return flat[0] if len(flat) == 1 else ast.And(span=_around(terms), terms=tuple(flat))


def _any_of(terms: list[ast.Condition]) -> ast.Condition:
    flat = [inner for term in terms for inner in (term.terms if isinstance(term, ast.Or) else (term,))]
    return flat[0] if len(flat) == 1 else ast.Or(span=_around(terms), terms=tuple(flat))


def _around(terms: list[ast.Condition]) -> Span:
    return terms[0].span.to(terms[-1].span)


def _mixed(b: Building, tree: Branch, joints: list[Token]) -> None:
    """Report ``and`` mixed with ``or``, with both readings in the user's own words."""
    other = next(joint for joint in joints if joint.type != joints[0].type)
    pieces = [
        str(child) if isinstance(child, Token) else " ".join(_text(b, child).split())
        for child in tree.children
    ]
    tight, loose = (_grouped(pieces, joiner) for joiner in ("and", "or"))
    b.error(
        "E008",
        "“and” and “or” are mixed without parentheses",
        b.span(other),
        f"write either {tight}\nor {loose}",
        Fix(f"write {tight}", (Edit(b.span(tree), tight),)),
    )


def _grouped(pieces: list[str], joiner: str) -> str:
    """Return the condition with parentheses around each run of terms that ``joiner`` joins."""
    other = "or" if joiner == "and" else "and"
    runs: list[list[str]] = [[pieces[0]]]
    for joint, term in zip(pieces[1::2], pieces[2::2], strict=True):
        if joint.lower() == joiner:
            runs[-1].append(term)
        else:
            runs.append([term])
    return f" {other} ".join(f"({f' {joiner} '.join(run)})" if len(run) > 1 else run[0] for run in runs)


def _text(b: Building, tree: Branch) -> str:
    span = b.span(tree)
    return b.source.text[span.start : span.end]
