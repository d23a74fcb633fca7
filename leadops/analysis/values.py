"""Texts as typed values: what a field takes, in the form in which the service is sent it.

The same rules serve values in a playbook, cells of a CSV file, and texts that a template has rendered.
"""

import re
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from leadops.analysis.amounts import in_digits
from leadops.analysis.periods import PeriodError, moment_bounds
from leadops.analysis.targets import Target
from leadops.core.cells import is_broken_cell
from leadops.core.did_you_mean import did_you_mean
from leadops.core.fast_dataclass import record
from leadops.core.text import fold
from leadops.model.phones import phone_digits, read_phone
from leadops.model.schema import FieldType
from leadops.model.values import Value

Use = Literal["test", "set", "held"]
"""What a value is for: ``test`` it in a condition, ``set`` it, or suppose that the service has ``held`` it."""

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>().\"]+")
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,12})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{2,3})+(\.\d+)?")
_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_MEMBER = "a member is named by e-mail, as name@company.com"
_SLASHED = re.compile(r"(\d{1,4})[/.](\d{1,2})[/.](\d{1,4})")


@record()
class Misfit:
    """Why a text is no good value, or no perfect one.

    Attributes:
        message: ends a sentence that begins with the place.
        spelling: the text to write instead, where one is certain.
        harmless: True when the value is usable as it was understood.
    """

    code: str
    message: str
    help: str = ""
    spelling: str | None = None
    harmless: bool = False


@record()
class Converted:
    """A typed value and what is to be said about it; ``value`` is None when a misfit is not harmless."""

    value: Value
    misfits: tuple[Misfit, ...] = ()


@record()
class Rules:
    """Where values are read.

    Attributes:
        new_option: a dropdown's unknown label may be made.
    """

    zone: ZoneInfo
    country_code: str = "91"
    use: Use = "test"
    new_option: bool = False


def convert(text: str, target: Target, rules: Rules) -> Converted:
    """Return ``text`` as a value of ``target``."""
    about = f"{target.noun} {target.name}"
    bare = text.strip()
    if rules.use != "held" and is_broken_cell(text) and text not in target.labels:
        return _bad("E440", broken_message(text, about), _repair(bare, target, rules))
    match target.type:
        case FieldType.TEXT:
            return Converted(text)
        case FieldType.EMAIL:
            if _EMAIL.fullmatch(bare):
                return Converted(bare)
            return _bad(
                "E203", f"“{text}” is not an e-mail address ({about})", "write it as name@company.com"
            )
        case FieldType.PHONE:
            return _phone(bare, about, rules)
        case FieldType.NUMBER | FieldType.MONEY | FieldType.RATING:
            return _number(bare, target, about)
        case FieldType.DATE:
            return _date(bare, about, rules)
        case FieldType.CHECKBOX:
            if fold(bare) in {"true", "false"}:
                return Converted(fold(bare) == "true")
            return _bad("E201", f"“{text}” is neither true nor false ({about})", "write true or false")
        case FieldType.WEBSITE | FieldType.MEDIALINK:
            if rules.use != "set" or _URL.fullmatch(bare):
                return Converted(bare)
            return Converted(
                bare,
                (Misfit("W112", f"“{text}” does not begin like a web address ({about})", harmless=True),),
            )
        case FieldType.TAGS:
            found = _label(bare, target, about, rules)
            return Converted((str(found.value),) if found.value is not None else None, found.misfits)
        case FieldType.STATUS | FieldType.LOST_REASON | FieldType.MEMBER | FieldType.DROPDOWN:
            return _label(bare, target, about, rules)


def broken_message(text: str, about: str) -> str:
    """Return the sentence about a cell that a spreadsheet broke."""
    return f"“{text.strip()}” is what a spreadsheet writes where a formula fails ({about})"


def _repair(text: str, target: Target, rules: Rules) -> str:
    if rules.use == "test" and target.type is FieldType.TEXT and target.noun == "field":
        return f'to find the leads that hold it, write: {target.name} contains "{text}"'
    return "correct the formula; a blank cell leaves the field as it is"


def raw(text: str, shape: str, target: Target) -> Value:
    """Return ``text`` as written, in the JSON type nearest to the target's: what ``--unchecked`` sends."""
    if target.type in {FieldType.NUMBER, FieldType.RATING, FieldType.DATE} and _NUMBER.fullmatch(
        text.strip()
    ):
        return _json_number(text.strip())
    if target.type is FieldType.TAGS:
        return (text,)
    if target.type is FieldType.CHECKBOX and shape == "number":
        return _json_number(text.strip())
    return text


def _bad(code: str, message: str, help: str = "", spelling: str | None = None) -> Converted:
    return Converted(None, (Misfit(code, message, help, spelling),))


def _json_number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def _phone(text: str, about: str, rules: Rules) -> Converted:
    if rules.use == "held":
        return Converted(phone_digits(text, rules.country_code) or text)
    reading = read_phone(text, rules.country_code)
    if reading.value is None:
        return _bad("E204", f"“{text}” is not a phone number ({about}): {reading.reason}", reading.help)
    if not reading.note:
        return Converted(reading.value)
    return Converted(reading.value, (Misfit("W140", f"{reading.note} ({about})", harmless=True),))


def _number(text: str, target: Target, about: str) -> Converted:
    if not _NUMBER.fullmatch(text):
        if _GROUPED.fullmatch(text):
            plain = text.replace(",", "")
            return _bad("E201", f"“{text}” holds separators ({about})", f"write {plain}", plain)
        digits = in_digits(text)
        if digits is not None:
            return _bad("E201", f"“{text}” is more than a number ({about})", f"write {digits}", digits)
        return _bad("E201", f"“{text}” is not a number ({about})", "write digits, as 1500 or 12.5")
    number = Decimal(text)
    if target.positive and number <= 0:
        return _bad("E209", f"the {about} must be above zero, not {text}")
    if target.type is FieldType.MONEY:
        return Converted(format(number, "f"))
    if target.type is FieldType.RATING and number not in {Decimal(n) for n in range(1, 6)}:
        return _bad("E202", f"the {about} is a whole number from 1 to 5, not {text}", "write 1, 2, 3, 4 or 5")
    return Converted(_json_number(text))


def _date(text: str, about: str, rules: Rules) -> Converted:
    try:
        return Converted(moment_bounds(text, rules.zone)[0])
    except PeriodError as error:
        advice = error.help or "write the day as 2026-04-30"
        return _bad("E205", f"“{text}” is not a date ({about})", _readings(text) or advice)


def _readings(text: str) -> str:
    slashed = _SLASHED.fullmatch(text)
    if not slashed:
        return ""
    a, b, c = slashed.groups()
    if len(a) == 4:
        return f"write {a}-{b:0>2}-{c:0>2}"
    year = c if len(c) == 4 else f"20{c:0>2}"
    readings = [f"{year}-{m:0>2}-{d:0>2}" for d, m in ((a, b), (b, a)) if int(m) <= 12 and int(d) <= 31]
    return "write " + " or ".join(dict.fromkeys(readings)) if readings else ""


def _label(text: str, target: Target, about: str, rules: Rules) -> Converted:
    spelling = text if text in target.labels else _spelling(text, target)
    if spelling is None:
        return _unknown(text, target, about, rules)
    if spelling in target.retired and rules.use == "set":
        what = "a former member" if target.type is FieldType.MEMBER else "archived"
        return _bad("E207", f"“{spelling}” is {what}; it can be searched for, not set ({about})")
    if spelling != text and target.type is not FieldType.MEMBER:
        note = Misfit(
            "W101", f"the workspace writes “{spelling}”, not “{text}” ({about})", "", spelling, harmless=True
        )
        return Converted(spelling, (note,))
    return Converted(spelling)


def _spelling(text: str, target: Target) -> str | None:
    wanted = fold(text)
    same = [label for label in target.labels if fold(label) == wanted]
    live = [label for label in same if label not in target.retired]
    return next(iter((*live, *same)), None)


def _unknown(text: str, target: Target, about: str, rules: Rules) -> Converted:
    guess = did_you_mean(text, target.labels)
    some = ", ".join(target.labels[:8]) + (", …" if len(target.labels) > 8 else "")
    match target.type:
        case FieldType.MEMBER:
            if not target.labels:
                return Converted(text)
            named = [email for name, email in target.names if fold(name) == fold(text)]
            if len(named) == 1:
                message = f"“{text}” is a member's name; the {about} takes the e-mail"
                return _bad("E208", message, f"write {named[0]}", named[0])
            alike = [f"{email} ({name})" for name, email in target.names if fold(text) in fold(name).split()]
            guess = f"did you mean {' or '.join(alike[:3])}?" if alike else guess
            return _bad(
                "E208", f"no member of the workspace has the e-mail “{text}” ({about})", guess or _MEMBER
            )
        case FieldType.TAGS:
            if not target.labels:
                return Converted(text)
            message = f"no tag of the {about} is called “{text}”"
            return Converted(
                text, (Misfit("W106", message, guess or f"its tags are: {some}", harmless=True),)
            )
        case FieldType.DROPDOWN if rules.use == "set" and rules.new_option and not target.closed:
            return Converted(text)
        case FieldType.DROPDOWN if rules.use == "set" and not target.closed:
            message = f"“{text}” is not an option of the {about}; setting it would make a new one"
            return _bad("E206", message, guess or f"its options are: {some}; or state: allow new option")
        case _ if not target.labels and target.closed:
            return Converted(text)
        case _:
            return _bad("E206", f"“{text}” is not a value of the {about}", guess or f"its values are: {some}")
