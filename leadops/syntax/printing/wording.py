"""How the language's terminals are called when one of them is expected or found."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from leadops.syntax.grammar.parse_tables import END
from leadops.syntax.grammar.prescan import STARTERS
from leadops.syntax.printing.canonical import MONTHS

SPELLINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "LEADS": ("leads",),
        "LEAD": ("lead",),
        "WHICH": ("this", "previous"),
        "NAMED_DAY": ("today", "yesterday"),
        "UNIT": ("days", "weeks", "months", "quarters", "years", "day", "week", "month", "quarter", "year"),
        "MONTH": MONTHS,
        "PARAM_TYPE": ("text", "email", "phone", "number", "date", "period", "file", "secret"),
        "LANE_NAME": ("async", "sync"),
        "IN": ("in", "during"),
        "FAIL": ("fail",),
    }
)
"""The words of terminals that are not spelt as they are called."""

SYMBOLS: Mapping[str, str] = MappingProxyType(
    {
        "LBRACE": "{", "RBRACE": "}", "LSQB": "[", "RSQB": "]", "LPAR": "(", "RPAR": ")", "COMMA": ",",
        "SEMI": ";", "COLON": ":", "DOTS": "..", "PERCENT": "%", "EQUALS": "=",
    }
)  # fmt: skip

VALUES = frozenset({"STRING", "EMAIL", "NUMBER", "WORD", "DATE", "DATETIME", "PARAM_REF", "ROW_CELL"})
_LITERALS = frozenset(
    {
        *VALUES,
        "NAME",
        "BACKTICKED",
        "ISO_MONTH",
        "QUARTER",
        "YEAR",
        "COMPARE",
        "SKIPPED",
        "COMMENT",
        "BLANKS",
        END,
    }
)
_PERIODS = frozenset(
    {"MONTH", "YEAR", "ISO_MONTH", "QUARTER", "DATE", "NAMED_DAY", "LAST", "WHICH", "SINCE", "PARAM_REF"}
)
_ONLY_PERIODS = frozenset({"MONTH", "ISO_MONTH", "QUARTER", "NAMED_DAY", "LAST", "WHICH", "SINCE"})
_OPERATORS = frozenset(
    {"EQUALS", "COMPARE", "NOT", "IN", "BETWEEN", "CONTAINS", "STARTS", "ENDS", "IS", "HAS"}
)
_CONDITION = frozenset({"NAME", "BACKTICKED", "NOT", "LPAR", "CALLED", "MISSED", "HAS", "MATCHES"})
_STATEMENTS = frozenset(word.upper() for word in STARTERS)
_NAMES = {
    "STRING": "a text in double quotes",
    "NUMBER": "a number",
    "NAME": "a name",
    "BACKTICKED": "a label in backticks",
    "DATE": "a day as 2026-04-30",
    "DATETIME": "a minute as 2026-04-30T23:30",
    "YEAR": "a year",
    "PARAM_REF": "a $param",
    "COMPARE": "a comparison",
    END: "the end of the file",
}


def words_of(terminal: str) -> tuple[str, ...]:
    """Return the words that ``terminal`` stands for; none for a literal or a symbol."""
    if terminal in SPELLINGS:
        return SPELLINGS[terminal]
    if terminal in _LITERALS or terminal in SYMBOLS or not terminal.isalpha():
        return ()
    return (terminal.lower(),)


def words(terminals: Collection[str]) -> dict[str, str]:
    """Return word → terminal for all words that may come next."""
    return {word: terminal for terminal in sorted(terminals) for word in words_of(terminal)}


def expected(accepts: Collection[str]) -> str:
    """Return in words what may come next, the most telling first."""
    left = set(accepts)
    said: list[str] = []

    def take(group: frozenset[str], name: str, *, whole: bool = True) -> None:
        if (group <= left) if whole else len(group & left) > 1:
            said.append(name)
            left.difference_update(group)

    take(_CONDITION, "a condition")
    take(frozenset({"NAME", "BACKTICKED"}), "a field")
    take(_OPERATORS, "an operator as =, !=, <, in, contains or is missing")
    if left >= VALUES:
        take(VALUES, "a value")
        left -= _ONLY_PERIODS
    elif left >= _PERIODS:
        take(_PERIODS, "a period as April 2026, 2026-04-01, today or last 14 days")
    if {"FIND", "SET"} <= left:
        left -= _STATEMENTS | {"SEMI", "RBRACE", END}
        said.append("the next statement")
    elif {"SET", "CLEAR"} <= left:
        left -= _STATEMENTS | {"SEMI"}
        said.append("an effect")
    elif {"AT", "LANE"} <= left:
        left -= {"SEMI"}
    if {"LEAD", "LEADS"} <= left:
        left.discard("LEAD")
    said += [_name(terminal) for terminal in sorted(left, key=lambda name: (name not in SYMBOLS, name))]
    return _listed(said)


def _name(terminal: str) -> str:
    if terminal in _NAMES:
        return _NAMES[terminal]
    if terminal in SYMBOLS:
        return f"“{SYMBOLS[terminal]}”"
    found = words_of(terminal)
    if terminal == "UNIT":
        return "days, weeks, months, quarters or years"
    return " or ".join(f"“{word}”" for word in found[:8]) if found else terminal.lower()


def _listed(said: list[str]) -> str:
    if len(said) > 7:
        said = [*said[:7], "…"]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}" if said else "nothing more"
