"""Bare words that are something else: a field, a param, a column, a day. As a text they are letters, hardly meant.

``set company = city`` would write the word “city” to every lead. What is meant is said: in quotes, or as a template.
"""

from leadops.analysis.calendar_words import refuse_set_calendar_word
from leadops.analysis.context import Context, OtherWord
from leadops.analysis.nothing import WORDY
from leadops.analysis.targets import Target, compared_values
from leadops.core.diagnostics import Edit, Fix
from leadops.core.text import fold
from leadops.model.schema import FieldType
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_column, print_field, print_text

_DAYS = {
    "today": "{{ now | date('YYYY-MM-DD') }}",
    "now": "{{ now }}",
    "yesterday": "",
    "tomorrow": "",
    "tonight": "",
}
"""Days as words, and the template that writes them; empty: none does."""
_OPEN = frozenset({FieldType.TAGS, FieldType.DROPDOWN})
"""Types whose unknown labels may be made."""


def refuse_other_word(ctx: Context, word: ast.Word, target: Target, use: str) -> bool:
    """Say that ``word`` names something else than its letters; return whether it does.

    Columns of a CSV file are not known yet: in such a step the effects' words are kept until they are.
    """
    if target.type is FieldType.DATE and use == "set":
        return _refuse_set_day(ctx, word, target) or refuse_set_calendar_word(ctx, word)
    if not _takes_letters(ctx, target, use) or any(fold(each) == fold(word.text) for each in target.labels):
        return False
    if use == "set" and ctx.step.rows:
        ctx.step.words.append(OtherWord(word.text, word.span))
        return False
    what, readings = _other(ctx, word.text, templates=use == "set")
    if not what:
        return False
    _say(ctx, word.text, what, readings, word)
    return True


def judge_words(ctx: Context, columns: tuple[str, ...]) -> None:
    """Say of the words of a step with rows which of them are columns, fields or params."""
    known = {fold(column): column for column in columns}
    for word in ctx.step.words:
        what, readings = _other(ctx, word.text, templates=True)
        column = known.get(fold(word.text))
        if column is not None:
            what, readings = (
                f"a column of the file{' and ' if what else ''}{what}",
                (f"row.{print_column(column, reserved=False)}", *readings),
            )
        if what:
            _say(ctx, word.text, what, readings, word)


def _takes_letters(ctx: Context, target: Target, use: str) -> bool:
    """Whether a text that is no label of ``target`` is taken as it stands."""
    if target.type in WORDY or target.type is FieldType.TAGS:
        return True
    new = use == "set" and ctx.step.new_option and not target.closed
    return target.type in _OPEN and (new or not target.labels) and not target.closed


def _other(ctx: Context, text: str, *, templates: bool) -> tuple[str, tuple[str, ...]]:
    """Return what ``text`` is besides a word, and how an effect writes that; empty when it is nothing else."""
    if text in ctx.params:
        return "a param", (f"${text}",)
    if fold(text) in _DAYS:
        template = _DAYS[fold(text)]
        return "a day", (print_text(template),) if template and templates else ()
    if ctx.schema is None:
        return "", ()
    wanted = fold(text)
    named = [one for one in ctx.schema.fields if wanted in {fold(one.api_name), fold(one.label or "")}]
    if not named:
        return "", ()
    readable = templates and ctx.step.has_lead and len(named) == 1
    return "a field", (print_text(f"{{{{ lead.{named[0].api_name} }}}}"),) if readable else ()


def _say(
    ctx: Context, text: str, what: str, readings: tuple[str, ...], where: "ast.Word | OtherWord"
) -> None:
    rights = " or ".join((print_text(text), *readings))
    ctx.error("E231", f"“{text}” may be the word, and is {what} too", where.span, f"write {rights}")


# ── days as words, of fields that are dates ──────────────────────────────────────────────────────


def refuse_day(ctx: Context, node: ast.Condition, target: Target) -> bool:
    """Say that a date is compared with a day that moves, and how to ask for that; return whether one is."""
    values = compared_values(node)
    word = next((one for one in values if isinstance(one, ast.Word) and fold(one.text) in _DAYS), None)
    if word is None or target.type is not FieldType.DATE:
        return False
    right = _in_day(node, fold(word.text)) if isinstance(node, ast.Comparison) else ""
    advice = f"write {right}" if right else _param("compare with")
    fix = Fix(f"write {right}", (Edit(node.span, right),)) if right else None
    ctx.error(
        "E205",
        f"“{word.text}” is no day that stands still ({target.noun} {target.name})",
        word.span,
        advice,
        fix,
    )
    return True


def _in_day(node: ast.Comparison, day: str) -> str:
    """Return the test that a day as a word stands for; empty where there is none."""
    if node.op not in {"=", "!="} or day not in {"today", "yesterday"}:
        return ""
    return f"{'not ' if node.op == '!=' else ''}{print_field(node.field)} in {day}"


def _param(verb: str) -> str:
    return f"declare param day: date at the top, {verb} $day, and give the day with -p day=…"


def _refuse_set_day(ctx: Context, word: ast.Word, target: Target) -> bool:
    if fold(word.text) not in _DAYS:
        return False
    template = _DAYS[fold(word.text)]
    advice = f"write {print_text(template)}" if template else _param("write")
    ctx.error(
        "E205", f"“{word.text}” is no day that stands still ({target.noun} {target.name})", word.span, advice
    )
    return True
