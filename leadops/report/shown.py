"""Values, instants and durations as a person reads them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from leadops.model.predicate import Window
from leadops.model.schema import FieldType
from leadops.model.values import is_missing
from leadops.report.masking import Masker

MISSING = "(missing)"
_NUMERIC = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.RATING, FieldType.CHECKBOX})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def value_text(value: object, type: FieldType, zone: tzinfo, masker: Masker | None) -> str:
    """Return ``value`` as text: dates as local time, tags by commas, white space at the ends in quotes.

    ``masker`` makes phones and e-mails unreadable; None shows them.
    """
    if is_missing(value):
        return MISSING
    if type is FieldType.DATE and isinstance(value, int | float) and not isinstance(value, bool):
        return moment(int(value), zone)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list | set | frozenset):
        return ", ".join(_text(str(tag), masker) for tag in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_text(str(one), masker)}" for name, one in value.items())
    text = str(value)
    if masker is not None and type is FieldType.PHONE:
        return masker.phone(text)
    if masker is not None and type is FieldType.MEMBER:
        return masker.member(text)
    return _text(text, None if type in _NUMERIC else masker)


def _text(text: str, masker: Masker | None) -> str:
    text = text if masker is None else masker.text(text)
    return f'"{text}"' if text != text.strip() or text == MISSING else text


def moment(ms: int, zone: tzinfo) -> str:
    """Return an instant as local date and time, with seconds only where there are some.

    One that lies outside the calendar stays the number that the service sent.
    """
    try:
        local = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone)
    except OverflowError:
        return str(ms)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def days_of(window: Window, zone: tzinfo) -> str:
    """Return a window's days in words, and whether the last one is whole or ends in the middle.

    A window that ends at the playbook's clock (this month, since a day) has only a part of its last day.
    """
    first, last = window.first_day, window.last_day
    days = first if first == last else f"{first} to {last}"
    end = moment(window.end_ms, zone)
    if end[:10] == last:
        until = end[11:16]
        return f"{days} until {until}" if first == last else f"{days}, the last day until {until}"
    return f"{days}, {'the whole day' if first == last else 'both days whole'}"


def count(number: int, one: str, many: str = "") -> str:
    """Return ``number`` with its noun and thousands marks.

    >>> count(1, "lead"), count(1200, "lead"), count(2, "reply", "replies")
    ('1 lead', '1,200 leads', '2 replies')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def amount(number: float) -> str:
    """Return a limit or a count without a needless fraction.

    >>> amount(20.0), amount(2.5), amount(1200)
    ('20', '2.5', '1,200')
    """
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}".rstrip("0").rstrip(".")
