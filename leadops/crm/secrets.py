"""A token that does not show itself, and the filter that takes it out of every log line (docs/reliability.md, "Token")."""

import base64
import logging
import re
import traceback
from collections.abc import Iterable
from typing import NoReturn
from urllib.parse import quote

_MASK = "***"
_BEARER = re.compile(r"(?i)\b(bearer\s+)\S+")


class Secret:
    """A text that prints as ``***``; ``reveal`` gives it to the one who sends it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return _MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return _MASK

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


class Redactor:
    """Takes secrets out of texts: as they are, as base64, as part of a URL, and whatever follows ``Bearer``."""

    def __init__(self, secrets: Iterable[Secret | None]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret.reveal())}
        self._pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
        self._any = bool(forms)

    def text(self, text: str) -> str:
        """Return ``text`` without any of the secrets."""
        clean = self._pattern.sub(_MASK, text) if self._any else text
        return _BEARER.sub(rf"\g<1>{_MASK}", clean)


class RedactionFilter(logging.Filter):
    """Rewrites log records; belongs on handlers, because a logger's filters do not see its children's records."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the record's message and traceback; every record passes."""
        record.msg = self._redactor.text(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if record.exc_text:
            record.exc_text = self._redactor.text(record.exc_text)
        return True


def _forms(text: str) -> set[str]:
    encoded = base64.b64encode(text.encode()).decode()
    return {
        text,
        quote(text, safe=""),
        encoded,
        encoded.rstrip("="),
        base64.urlsafe_b64encode(text.encode()).decode(),
    }
