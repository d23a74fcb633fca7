"""What an answer's body says, and whether the API itself refuses in it (docs/api.md §3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadops.crm.flaws import parse_rows
from leadops.crm.strict_json import MalformedError, parse
from leadops.crm.transport import Answer

LICENCE = "ENTERPRISE_LICENSE_EXPIRED"
NO_ENTERPRISE = "ENTERPRISE_NOT_FOUND"
NOT_AUTHORIZED = "NOT_AUTHORIZED"
INVALID_LEAD = "INVALID_LEAD"
_STATUS_OF = {NOT_AUTHORIZED: 401, LICENCE: 402, NO_ENTERPRISE: 404, INVALID_LEAD: 403}
_LONGEST = 500
SUCCESS_KEYS = frozenset({"lead_id", "leadId", "fields", "actions", "data"})
"""Keys of successes; together with an error they make an answer that says two things."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The API's own words.

    Attributes:
        status: the HTTP status, or what it should have been for a refusal inside a 200.
        code: empty where the envelope has none.
    """

    status: int
    code: str
    message: str


def body_of(answer: Answer) -> Any:
    """Return the JSON value of an answer.

    Raises:
        MalformedError: it has none that can be relied on.
    """
    _check(answer)
    return parse(answer.body)


def rows_of(answer: Answer) -> Any:
    """Return the JSON value of an answer to a read; values that cannot be relied on are marked (``flaws``).

    Raises:
        MalformedError: it has none.
    """
    _check(answer)
    return parse_rows(answer.body)


def _check(answer: Answer) -> None:
    if answer.defect:
        raise MalformedError(answer.defect)
    if looks_like_html(answer):
        raise MalformedError("it is a web page")
    if not answer.body.strip():
        raise MalformedError("it is empty")


def looks_like_html(answer: Answer) -> bool:
    """Whether a web page came back: a login page, a proxy's error, another service."""
    return "html" in answer.headers.get("content-type", "").lower() or answer.body.lstrip()[:1] == b"<"


def refusal_in(status: int, value: Any) -> Refusal | None:
    """Return the refusal that a parsed body holds; None when it holds none."""
    if not isinstance(value, Mapping):
        return None
    error = value.get("error")
    if isinstance(error, Mapping):
        code = _text(error.get("code"))
        return Refusal(_status(status, code), code, _text(error.get("message")) + _details(error))
    if isinstance(error, str) and error:
        return Refusal(_status(status, error), error if error.isupper() else "", _text(error))
    if status >= 400 and isinstance(value.get("message"), str):
        code = _text(value.get("code"))
        return Refusal(_status(status, code), code, _text(value["message"]))
    return None


def _status(status: int, code: str) -> int:
    if status >= 300:
        return status
    if code in _STATUS_OF:
        return _STATUS_OF[code]
    return 404 if code.endswith("NOT_FOUND") else 429 if code.startswith("RATE_LIMIT") else 400


def _details(error: Mapping[str, Any]) -> str:
    details = error.get("details")
    if not isinstance(details, list):
        return ""
    parts = [f"{d.get('field')}: {d.get('message')}" for d in details if isinstance(d, Mapping)]
    return f" ({_text('; '.join(parts))})" if parts else ""


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
