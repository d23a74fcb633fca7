"""Sums of money as people write them: ``50k``, ``1.5 Cr``, ``₹5,00,000``, ``Rs 500``."""

import re
from decimal import Decimal

_AMOUNT = re.compile(
    r"(?:[₹€£$]|Rs\.?|INR|USD)?[ \u00a0]*(?P<digits>\d{1,3}(?:,\d{2,3})+(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?)[ \u00a0]*"
    r"(?P<unit>lakhs?|lacs?|crores?|cr\.?|k|thousand|million|mn|/-|rs\.?|inr|rupees?)?",
    re.IGNORECASE,
)
_TIMES = {"la": 100_000, "cr": 10_000_000, "k": 1_000, "th": 1_000, "mi": 1_000_000, "mn": 1_000_000}


def in_digits(text: str) -> str | None:
    """Return the amount that ``text`` names in digits; None where it names none, or is in digits already."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found.group() == found["digits"]:
        return None
    unit = (found["unit"] or "").lower()
    times = next((size for name, size in _TIMES.items() if unit.startswith(name)), 1)
    amount = Decimal(found["digits"].replace(",", "")) * times
    return f"{amount.normalize():f}" if times > 1 else str(amount)
