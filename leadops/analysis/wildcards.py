"""Wildcards of other tools: ``company = "Tata*"`` compares with a star, and finds nobody."""

import re

from leadops.analysis.context import Context
from leadops.analysis.nothing import WORDY
from leadops.analysis.targets import Target
from leadops.core.diagnostics import Edit, Fix
from leadops.model.schema import FieldType
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_field, print_text

_TYPES = WORDY | {FieldType.EMAIL, FieldType.PHONE}
_WILD = re.compile(r"(?P<head>(?:\.?\*|%)?)(?P<core>[^*%](?:.*[^*%.])?|)(?P<tail>(?:\.?\*|%)?)", re.DOTALL)
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?[ \t]*%|.*\d[ \t]*%|[1-7]\*", re.DOTALL)
"""What is hardly a wildcard: a percentage at the end, the stars of a hotel."""


def refuse_wildcard(ctx: Context, node: ast.Condition, target: Target) -> bool:
    """Say that a text of ``node`` ends or begins with a wildcard, and what is meant; return whether one does."""
    match node:
        case ast.Comparison(op="=" | "!=", value=value):
            values: tuple[ast.Value, ...] = (value,)
        case ast.Membership(values=values):
            pass
        case _:
            return False
    for value in values if target.type in _TYPES else ():
        text = _text(ctx, value)
        test = _test(text) if text is not None else None
        if text is not None and test is not None and text not in target.labels:
            _say(ctx, node, value, text, test, wordy=target.type in WORDY)
            return True
    return False


def _text(ctx: Context, value: ast.Value) -> str | None:
    match value:
        case ast.String(text=text):
            return text
        case ast.ParamRef(name=name):
            argument = ctx.params.get(name)
            return argument.text if argument is not None and argument.type == "text" else None
        case _:
            return None


def _test(text: str) -> str | None:
    """Return the test that a text with wildcards stands for; None when it holds none at its ends."""
    found = _WILD.fullmatch(text.strip())
    if found is None or not (found["head"] or found["tail"]) or _PLAIN.fullmatch(text.strip()):
        return None
    core = found["core"]
    if not core:
        return "is present"
    kind = "contains" if found["head"] and found["tail"] else "starts with" if found["tail"] else "ends with"
    return f"{kind} {print_text(core)}"


def _say(
    ctx: Context,
    node: ast.Comparison | ast.Membership,
    value: ast.Value,
    text: str,
    test: str,
    *,
    wordy: bool,
) -> None:
    negated = node.op == "!=" if isinstance(node, ast.Comparison) else node.negated
    before = f"{'not ' if negated else ''}{print_field(node.field)}"
    message = f"“{text}” is compared letter by letter; a star or percent sign stands for nothing else"
    right = f"{before} {test}"
    if isinstance(node, ast.Membership) and len(node.values) > 1:
        ctx.error("E232", message, value.span, f"beside the list: {right}")
        return
    sign = f"; if the sign itself is meant, {before} contains {print_text(text)}" if wordy else ""
    fix = Fix(f"write {right}", (Edit(node.span, right),))
    ctx.error("E232", message, value.span, f"write {right}{sign}", fix)
