"""A request and an answer as the endpoints see them, and a refusal in the service's envelope."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``body`` is the parsed JSON, None when there was none; ``params`` come from the path."""

    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: object = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer with a JSON body."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """The request is refused with the service's error envelope."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        """Return the refusal as an answer."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return Reply(self.status, {"error": error}, self.headers)


def bad_request(message: str) -> RefusalError:
    """Return the plain 400."""
    return RefusalError(400, "BAD_REQUEST", message)
