"""Which values a field takes, and why not (docs/api.md §7)."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.independent.definitions import CURRENCIES, PAYMENT_STATUSES

ZONE = ZoneInfo("Asia/Kolkata")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Invalid(Exception):  # noqa: N818 (an answer, not a mistake)
    """A value that its field does not take; the text is the service's remark."""


class Dropped(Exception):  # noqa: N818 (an answer, not a mistake)
    """A value that vanishes without an error where the call has no remarks."""


def phone_digits(value):
    """Return the stored form of a phone: country code and digits.

    Raises:
        Invalid: too short, too long, or no phone at all.
    """
    if not isinstance(value, str) or not re.fullmatch(r"\+?[0-9][0-9 ()-]*", value):
        raise Invalid("Phone is invalid")
    digits = re.sub(r"[^0-9]", "", value)
    if len(digits) == 10:
        digits = "91" + digits
    if not 11 <= len(digits) <= 15:
        raise Invalid("Phone is invalid")
    return digits


def date_ms(value):
    """Return a date value in epoch milliseconds; strings are day-first in the workspace's zone."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        for form in ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S"):
            try:
                return int(datetime.strptime(value, form).replace(tzinfo=ZONE).timestamp() * 1000)
            except ValueError:
                continue
    raise Invalid("Date is invalid")


def accept(kind, value, world, options=None):
    """Return ``value`` as it is stored in a field of type ``kind``.

    ``options`` is the field's list of labels, to which a new label is added.

    Raises:
        Invalid: the value has a wrong type or form.
        Dropped: null, empty, or an unknown status.
    """
    if value is None or value in ("", []):
        raise Dropped("Value is empty")
    if kind == "NUMBER":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid("Number is invalid")
    elif kind == "RATING":
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            raise Invalid("Rating must be between 1 and 5")
    elif kind == "DATE":
        return date_ms(value)
    elif kind == "TAGS":
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise Invalid("Tags must be a list of strings")
        options.extend(one for one in value if one not in options)
        return list(dict.fromkeys(value))
    elif not isinstance(value, str):
        raise Invalid("Value must be a string")
    elif kind == "EMAIL" and not _EMAIL.fullmatch(value.strip()):
        raise Invalid("Email is invalid")
    elif kind == "PHONE":
        return phone_digits(value)
    elif kind == "MONEY" and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        raise Invalid("Amount is invalid")
    elif kind == "WEBSITE" and not re.fullmatch(r"https?://\S+", value):
        raise Invalid("URL is invalid")
    elif kind == "DROPDOWN" and value not in options:
        options.append(value)
    elif kind == "STATUS" and value not in world.statuses:
        raise Dropped("Status does not exist")
    elif kind == "LOSTREASON" and value not in world.reasons:
        raise Dropped("Lost reason does not exist")
    elif kind == "ACTIVEUSERS":
        found = world.member(value)
        if found is None:
            raise Dropped("Team member does not exist")
        return found.email
    return value


def payment_fault(action):
    """Return (key, remark) of the first thing wrong with a payment; None when it is whole."""
    if action.get("status") not in PAYMENT_STATUSES:
        return "status", "Payment status is invalid"
    if action.get("currency") not in CURRENCIES:
        return "currency", "Currency is invalid"
    amount = action.get("amount")
    if not isinstance(amount, str) or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", amount) or float(amount) <= 0:
        return "amount", "Amount must be a positive number"
    return None
