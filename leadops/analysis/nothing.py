"""One gate for "missing": null, an empty text, blanks and no tags are one thing, whoever brings them.

Setting it is ``clear``; comparing with it is an error that names ``is missing`` and ``is present``.
"""

from dataclasses import replace

from leadops.analysis.context import Context
from leadops.analysis.targets import Target, compared_values
from leadops.core.diagnostics import Edit, Fix
from leadops.core.fast_dataclass import record
from leadops.core.text import fold, is_blank
from leadops.model.schema import FieldType
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_condition, print_field, print_text

CLEARING_WORDS = frozenset({"null", "none", "nil", "empty", "blank"})
"""Bare words that stand for no value in an effect, except of a text, which may well be meant to say so."""
_WORDS = CLEARING_WORDS | {"missing", "unset", "undefined"}
WORDY = frozenset({FieldType.TEXT, FieldType.WEBSITE, FieldType.MEDIALINK})
"""Types whose values may be any text."""

_Test = ast.Comparison | ast.Membership | ast.Between | ast.TextTest | ast.TagTest


@record()
class Nothing:
    """A written value that stands for no value.

    Attributes:
        shown: how it is named in messages.
        word: the bare word; empty for a blank text or list.
    """

    shown: str
    word: str = ""


def nothing(ctx: Context, value: ast.Value, target: Target | None) -> Nothing | None:
    """Return what ``value`` is when it stands for no value of ``target``; None when it is one, or may be."""
    match value:
        case ast.String(text=text) if is_blank(text):
            return Nothing("an empty text" if not text else "a text of blanks")
        case ast.Word(text=text) if fold(text) in _WORDS and not _is_label(text, target):
            return Nothing(f"“{text}”", text)
        case ast.ParamRef(name=name):
            argument = ctx.params.get(name)
            if argument is not None and argument.type == "text" and is_blank(argument.text):
                ctx.used.add(f"${name}")
                return Nothing(f"the param {name}, which is empty,")
        case ast.List(values=values):
            found = [nothing(ctx, each, target) for each in values]
            if all(one is not None and not one.word for one in found):
                return Nothing("an empty list")
        case _:
            pass
    return None


def _is_label(word: str, target: Target | None) -> bool:
    return target is None or any(fold(label) == fold(word) for label in target.labels)


# ── conditions ───────────────────────────────────────────────────────────────────────────────────


def refuse_test(ctx: Context, node: _Test, target: Target) -> bool:
    """Say that ``node`` compares a field with nothing, and how to ask for that; return whether it does."""
    values = compared_values(node)
    found = [(value, none) for value in values if (none := nothing(ctx, value, target)) is not None]
    if not found:
        return False
    value, none = found[0]
    name = print_field(node.field)
    right = _right(node, name, tuple(each for each in values if each not in {one for one, _ in found}))
    message = f"{none.shown} is no value to compare with: a field holds one, or is missing"
    quote = f"; if the word itself is meant, write {print_text(none.word)}" if _sayable(none, target) else ""
    fix = Fix(f"write {right}", (Edit(node.span, right),))
    ctx.error("E230", message, value.span, f"write {right}{quote}", fix)
    return True


def _sayable(none: Nothing, target: Target) -> bool:
    """Whether a word may be meant as letters: of a text, and of tags and options that are not known."""
    open_labels = target.type in {FieldType.TAGS, FieldType.DROPDOWN} and not target.labels
    return bool(none.word) and (target.type in WORDY or open_labels)


def _right(node: _Test, name: str, rest: tuple[ast.Value, ...]) -> str:
    """Return what to write instead; ``rest`` are the values that are some."""
    negated = (isinstance(node, ast.Membership) and node.negated) or (
        isinstance(node, ast.Comparison) and node.op == "!="
    )
    equal = isinstance(node, ast.Membership | ast.TagTest) or (
        isinstance(node, ast.Comparison) and node.op == "="
    )
    presence = f"{name} is {'missing' if equal and not negated else 'present'}"
    if isinstance(node, ast.Membership) and rest:
        others = print_condition(replace(node, values=rest))
        return f"({presence} {'and' if negated else 'or'} {others})"
    if isinstance(node, ast.TagTest) and rest:
        return print_condition(replace(node, values=rest))
    return presence


def refuse_key(ctx: Context, pair: ast.Assignment, target: Target | None) -> bool:
    """Say that a field of an action is compared with nothing, which cannot be asked for; return whether it is."""
    none = nothing(ctx, pair.value, target)
    if none is None or target is None:
        return False
    quote = f"; for the word write {print_field(pair.field)} = {print_text(none.word)}" if none.word else ""
    message = (
        f"{none.shown} is no value to compare with; whether a field of an action is missing cannot be asked"
    )
    ctx.error("E230", message, pair.value.span, f"leave it out{quote}")
    return True


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


def refuse_word(ctx: Context, pair: ast.Assignment, none: Nothing, target: Target) -> bool:
    """Say that a bare word may be a text or no value, where it may be either; return whether it may."""
    if not none.word:
        return False
    clears = fold(none.word) in CLEARING_WORDS
    if clears and target.type not in WORDY:
        return False
    clear = f"clear {print_field(pair.field)}"
    if target.type in WORDY:
        advice = f"write {print_text(none.word)}; for no value write: {clear}"
        ctx.error("E230", f"“{none.word}” may be a word or no value", pair.value.span, advice)
    else:
        ctx.error("E230", f"“{none.word}” is no value of {target.name}", pair.value.span, f"write: {clear}")
    return True


def clears_in_test(ctx: Context, pair: ast.Assignment, target: Target | None) -> bool:
    """Whether a test in the file says that a field is missing; a bare word that may be a text is told of."""
    none = nothing(ctx, pair.value, target)
    if none is None or target is None:
        return False
    if none.word and target.type in WORDY:
        message = f"“{none.word}” may be a word or no value"
        ctx.error("E230", message, pair.value.span, f'write {print_text(none.word)}; for no value write ""')
    return True


def refuse_part(ctx: Context, value: ast.Value, target: Target | None, where: str, help: str) -> bool:
    """Say that nothing stands where a value is needed (``where``); return whether it does."""
    none = nothing(ctx, value, target)
    if none is None or target is None:
        return False
    quote = f"; for the word write {print_text(none.word)}" if none.word else ""
    ctx.error("E230", f"{none.shown} is no value {where}", value.span, f"{help}{quote}")
    return True
