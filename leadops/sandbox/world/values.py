"""How the service takes a value that was sent for a field: it stores it, or drops it with a remark."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from leadops.sandbox.world.definition import FieldDefinition, Kind, WorkspaceDefinition
from leadops.sandbox.world.switches import Switches

_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s.,;<>\"']+(\.[^@\s.,;<>\"']+)+")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2}):(\d{2}))?")
_MONEY = re.compile(r"\d{1,15}(\.\d{1,4})?")
_URL = re.compile(r"(https?://)?[^\s/.]+(\.[^\s/.]+)+(/\S*)?", re.IGNORECASE)
_LAST_MS = 253_402_300_799_999
"""The end of the year 9999."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The value as it is stored; ``new_labels`` are options that it brought into being."""

    value: object
    new_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The value is dropped.

    Attributes:
        remark: why, in the service's words.
        switch: the switch that says what an update does with it.
    """

    remark: str
    switch: str = "update_invalid"


@dataclass(frozen=True, slots=True)
class Rules:
    """What deciding about a value takes: the workspace and the switches."""

    workspace: WorkspaceDefinition
    switches: Switches

    def accept(self, field: FieldDefinition, value: object) -> Accepted | Refused:
        """Return what the service stores for ``value`` in ``field``."""
        return _ACCEPT[field.kind](self, field, value)

    def instant(self, value: object) -> int | None:
        """Return the epoch milliseconds that a date value means, or None when it means none."""
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value if abs(value) <= _LAST_MS else None
        if isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) <= _LAST_MS else None
        return self._written_instant(value) if isinstance(value, str) else None

    def _written_instant(self, text: str) -> int | None:
        match = _DAY.fullmatch(text.strip())
        if match is None:
            return None
        first, second, year, hour, minute, seconds = (int(part or 0) for part in match.groups())
        day, month = (first, second) if self.switches["date_format"] == "dd/MM/yyyy" else (second, first)
        zone = ZoneInfo(self.workspace.timezone)
        try:
            local = datetime(year, month, day, hour, minute, seconds, tzinfo=zone)
            moment = local.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return round(moment.timestamp()) * 1000


def phone_digits(text: str, country_code: str) -> str | None:
    """Return the stored form of a phone: country code and digits; None for what is no phone.

    >>> phone_digits("+91 98765 43210", "91"), phone_digits("09876543210", "91"), phone_digits("123", "91")
    ('919876543210', '919876543210', None)
    """
    bare = re.sub(r"[\s().-]", "", text)
    plus = bare.startswith("+")
    digits = bare[1:] if plus else bare
    if not (digits.isascii() and digits.isdigit()):
        return None
    if not plus:
        digits = digits.lstrip("0")
        if len(digits) == 10:
            digits = country_code + digits
    return digits if 11 <= len(digits) <= 15 else None


def identifier_key(field: FieldDefinition, value: object, country_code: str) -> str | None:
    """Return the form in which two identifiers are compared, or None for what cannot be one."""
    if not isinstance(value, str) or not value.strip():
        return None
    if field.kind is Kind.PHONE:
        return phone_digits(value, country_code)
    if field.kind is Kind.EMAIL:
        return value.strip().lower() if _EMAIL.fullmatch(value.strip()) else None
    return value.casefold()


def _text(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del rules
    if not isinstance(value, str):
        return Refused("Value must be a text")
    if field.max_length is not None and len(value) > field.max_length:
        return Refused(f"Text must not be longer than {field.max_length} characters")
    return Accepted(value)


def _email(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del rules, field
    if isinstance(value, str) and _EMAIL.fullmatch(value.strip()):
        return Accepted(value.strip())
    return Refused("Email is invalid")


def _phone(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del field
    digits = phone_digits(value, rules.workspace.country_code) if isinstance(value, str) else None
    return Accepted(digits) if digits else Refused("Phone number is invalid")


def _number(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del field
    if isinstance(value, str) and rules.switches["number_strings"] == "accept":
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            return Refused("Value must be a number")
        if number.is_finite() and abs(number) < 10**15:
            return Accepted(int(number) if number == number.to_integral_value() else float(number))
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 10**15:
        return Refused("Value must be a number")
    return Accepted(value)


def _date(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del field
    moment = rules.instant(value)
    return Refused("Date is invalid") if moment is None else Accepted(moment)


def _dropdown(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    if not isinstance(value, str) or not value.strip():
        return Refused("Value must be the label of an option")
    if value in field.options:
        return Accepted(value)
    if rules.switches["unknown_option"] == "drop":
        return Refused("Option does not exist")
    return Accepted(value, (value,))


def _tags(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    if not isinstance(value, list) or not all(isinstance(tag, str) and tag.strip() for tag in value):
        return Refused("Value must be a list of tags")
    tags = tuple(dict.fromkeys(value))
    unknown = tuple(tag for tag in tags if tag not in field.options)
    if unknown and rules.switches["unknown_tag"] == "drop":
        tags, unknown = tuple(tag for tag in tags if tag in field.options), ()
        if not tags:
            return Refused("Tag does not exist")
    return Accepted(list(tags), unknown)


def _money(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del rules, field
    if isinstance(value, str) and _MONEY.fullmatch(value):
        return Accepted(value)
    return Refused("Amount must be a numeric text")


def _website(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del rules, field
    return Accepted(value) if isinstance(value, str) and _URL.fullmatch(value) else Refused("URL is invalid")


def _member(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del field
    if not isinstance(value, str):
        return Refused("Value must be the e-mail of a team member")
    member = rules.workspace.member(value)
    if member is None or member.status == "Deleted":
        return Refused("Team member not found", "update_unknown_member")
    return Accepted(member.email)


def _rating(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    number = _number(rules, field, value)
    if (
        isinstance(number, Accepted)
        and number.value in {1, 2, 3, 4, 5}
        and not isinstance(number.value, float)
    ):
        return number
    return Refused("Rating must be between 1 and 5")


def _status(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del field
    if not isinstance(value, str):
        return Refused("Value must be the label of a status")
    if value in rules.workspace.statuses:
        return Accepted(value)
    return Refused("Status does not exist", "update_unknown_status")


def _lost_reason(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del field
    if not isinstance(value, str):
        return Refused("Value must be the label of a lost reason")
    if value in rules.workspace.lost_reasons:
        return Accepted(value)
    return Refused("Lost reason does not exist", "update_unknown_status")


def _checkbox(rules: Rules, field: FieldDefinition, value: object) -> Accepted | Refused:
    del rules, field
    return Accepted(value) if isinstance(value, bool) else Refused("Value must be true or false")


_ACCEPT: dict[Kind, Callable[[Rules, FieldDefinition, object], Accepted | Refused]] = {
    Kind.TEXT: _text,
    Kind.EMAIL: _email,
    Kind.PHONE: _phone,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.DROPDOWN: _dropdown,
    Kind.TAGS: _tags,
    Kind.MONEY: _money,
    Kind.WEBSITE: _website,
    Kind.MEDIALINK: _website,
    Kind.MEMBER: _member,
    Kind.RATING: _rating,
    Kind.STATUS: _status,
    Kind.LOST_REASON: _lost_reason,
    Kind.CHECKBOX: _checkbox,
}
