"""``skip`` and ``limit`` of a request: out of range is refused, never clamped."""

import re
from collections.abc import Mapping

from leadops.sandbox.api.replies import bad_request
from leadops.sandbox.world.switches import Switches

_LARGEST = 2**31


def page_of(query: Mapping[str, str], switches: Switches, *, most: int = 100) -> tuple[int, int]:
    """Return (skip, limit).

    Raises:
        RefusalError: 400 for a limit outside 1 to ``most``, or a skip that is no number from 0 on.
    """
    strict = switches["paging_numbers"] == "strict"
    limit = _number(query.get("limit"), 10)
    if limit is None or (limit < 1 and not strict):
        limit = 0 if strict else 10
    if not 1 <= limit <= most:
        raise bad_request(f"Limit should be between 1 and {most}")
    skip = _number(query.get("skip"), 0)
    if skip is None or skip < 0:
        if strict:
            raise bad_request("Skip should be 0 or more")
        skip = 0
    if skip > _LARGEST or (switches["skip_cap"] != "none" and skip > int(switches["skip_cap"])):
        raise bad_request("Skip is too large")
    return skip, limit


def _number(text: str | None, default: int) -> int | None:
    if text is None:
        return default
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
