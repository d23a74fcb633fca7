"""What a fault does to a request or its answer. Data only; ``http.tamper`` and ``http.layer`` perform it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from leadops.sandbox.faults.events import Event


class _Effect(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# ── time ──────────────────────────────────────────────────────────────────────────────────────────
class Delay(_Effect):
    """The answer is late; the request is applied before the wait, or after it."""

    kind: Literal["delay"]
    seconds: float = Field(ge=0)
    applied: bool = False


class Drip(_Effect):
    """The body comes ``size`` bytes at a time, ``seconds`` apart."""

    kind: Literal["drip"]
    size: int = Field(default=16, ge=1)
    seconds: float = Field(default=1.0, ge=0)


class ClockSkew(_Effect):
    """The Date header is this much ahead."""

    kind: Literal["clock_skew"]
    seconds: float


# ── no answer ─────────────────────────────────────────────────────────────────────────────────────
class Reset(_Effect):
    """The connection is reset, before or after the request was applied; ``clean`` closes it in good order."""

    kind: Literal["reset"]
    applied: bool
    clean: bool = False


class Late(_Effect):
    """The connection is reset now; the request is applied ``seconds`` later."""

    kind: Literal["late"]
    seconds: float = Field(gt=0)


class Cut(_Effect):
    """The connection breaks in the middle of the answer's body."""

    kind: Literal["cut"]


# ── another answer ────────────────────────────────────────────────────────────────────────────────
class Error(_Effect):
    """An answer in the error envelope, with or without the effect of the request."""

    kind: Literal["error"]
    status: int = Field(default=500, ge=400, le=599)
    applied: bool = False
    code: str = "INTERNAL_SERVER_ERROR"
    message: str = "Something went wrong"
    headers: dict[str, str] = Field(default_factory=dict)


class Replace(_Effect):
    """Any answer at all, with or without the effect: HTML with 200, a redirect, garbage."""

    kind: Literal["replace"]
    status: int = Field(default=200, ge=200, le=599)
    body: str = "<!DOCTYPE html><title>Sign in</title><p>Please sign in to this network"
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = Field(default_factory=dict)
    applied: bool = False


class Malformed(_Effect):
    """The request is applied; the JSON of the answer is broken in this way."""

    kind: Literal["malformed"]
    form: Literal["short", "nan", "trailing", "duplicate_key", "deep", "surrogate", "bom", "long_number"]


class Bomb(_Effect):
    """The answer is gzip that grows to this many MiB."""

    kind: Literal["bomb"]
    mebibytes: int = Field(default=100, ge=1, le=512)


class Headers(_Effect):
    """Headers are added; each value is repeated ``times``."""

    kind: Literal["headers"]
    headers: dict[str, str]
    times: int = Field(default=1, ge=1, le=1_000_000)


class EntryCount(_Effect):
    """The answer to a write of actions has this many entries more, or fewer."""

    kind: Literal["entry_count"]
    by: int


class RemarkElsewhere(_Effect):
    """Remarks point at places that do not exist."""

    kind: Literal["remark_elsewhere"]


# ── what the server does with the request ─────────────────────────────────────────────────────────
class Replay(_Effect):
    """Something between repeats the request: it is applied this many times, answered once."""

    kind: Literal["replay"]
    times: int = Field(default=2, ge=2, le=10)


class RevokeToken(_Effect):
    """The token is revoked just before the request."""

    kind: Literal["revoke_token"]
    which: Literal["sync", "async"] = "sync"


class Happening(_Effect):
    """An event before the request, or ``after_s`` after it was applied."""

    kind: Literal["event"]
    event: Event
    moment: Literal["before", "after"] = "before"
    after_s: float = Field(default=0.0, ge=0)


class IgnoreFilter(_Effect):
    """The search forgets its filter on this field."""

    kind: Literal["ignore_filter"]
    field: str


class IgnoreActions(_Effect):
    """The search forgets its actions block."""

    kind: Literal["ignore_actions"]


class IgnoreField(_Effect):
    """The write forgets this field without a word."""

    kind: Literal["ignore_field"]
    field: str


class ShiftPage(_Effect):
    """The page begins this many rows later, or earlier; the answer says what was asked for."""

    kind: Literal["shift_page"]
    by: int


class RepeatPage(_Effect):
    """The first page, whatever was asked for."""

    kind: Literal["repeat_page"]


class DropRows(_Effect):
    """Rows are missing from the page; the total stays."""

    kind: Literal["drop_rows"]
    count: int = Field(default=100, ge=1)


class RepeatRows(_Effect):
    """The first rows of the page come twice."""

    kind: Literal["repeat_rows"]
    count: int = Field(default=1, ge=1)


class WrongTotal(_Effect):
    """``total_count`` is off by this much."""

    kind: Literal["wrong_total"]
    by: int


class ShuffleTies(_Effect):
    """Leads of the same moment come in another order."""

    kind: Literal["shuffle_ties"]
    seed: int = Field(default=1, ge=1)


Effect = Annotated[
    Delay
    | Drip
    | ClockSkew
    | Reset
    | Late
    | Cut
    | Error
    | Replace
    | Malformed
    | Bomb
    | Headers
    | EntryCount
    | RemarkElsewhere
    | Replay
    | RevokeToken
    | Happening
    | IgnoreFilter
    | IgnoreActions
    | IgnoreField
    | ShiftPage
    | RepeatPage
    | DropRows
    | RepeatRows
    | WrongTotal
    | ShuffleTies,
    Field(discriminator="kind"),
]
