"""The belts that the command line states, and those that it loosens with a reason."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from leadops.core.errors import UsageError
from leadops.engine.plan.options import BeltFlags, Override
from leadops.model.values import number as number_of

BELTS = ("leads", "percent", "calls", "fail_percent")
"""The names that ``--override-belt`` takes."""


def belts_from(given: Mapping[str, Any]) -> BeltFlags:
    """Return the belts of the command line.

    Raises:
        UsageError: an override is not NAME=VALUE, or has no --reason.
    """
    percent, fail = given["max_percent"], given["max_fail_percent"]
    return BeltFlags(
        max_leads=given["max_leads"],
        max_percent=None if percent is None else Decimal(str(percent)),
        max_calls=given["max_calls"],
        max_fail_percent=None if fail is None else Decimal(str(fail)),
        overrides=overrides_from(given, BELTS),
    )


def overrides_from(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Override]:
    """Return what ``--override-belt`` loosens, by the belt's name.

    Raises:
        UsageError: one is not NAME=VALUE with one of ``names``, or has no --reason.
    """
    overrides: dict[str, Override] = {}
    for text in given["overrides"]:
        name, sign, value = text.partition("=")
        if not sign or name not in names:
            raise UsageError(f"--override-belt: “{text}” is not NAME=VALUE", f"names: {', '.join(names)}")
        if not given["reason"]:
            raise UsageError(
                "--override-belt needs --reason TEXT", "the reason stands in the plan and in the run"
            )
        number = number_of(value)
        if number is None or number < 0:
            raise UsageError(f"--override-belt: “{value}” is no number")
        overrides[name] = Override(number, given["reason"])
    return overrides
