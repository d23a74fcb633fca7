"""When a fault strikes: rules over requests, counted and seeded, and the file that holds them."""

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadops.core.errors import ConfigurationError
from leadops.sandbox.faults.effects import Effect


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Match(_Part):
    """Which requests: all that is given must hold.

    Attributes:
        method: ``POST``; empty for any.
        path: a shell pattern over the path after the enterprise id, such as ``/lead/*/action``.
        body: a text that the raw body must contain.
    """

    method: str = ""
    path: str = "*"
    body: str = ""

    def holds(self, method: str, path: str, body: bytes) -> bool:
        """Whether the request is meant."""
        return (
            self.method in {"", method}
            and fnmatchcase(tail_of(path), self.path)
            and self.body.encode() in body
        )


class When(_Part):
    """Which of the matching requests; all that is given must hold. Without anything: every one.

    Attributes:
        nth: these ones, counted from 1.
        after: not the first so many.
        count: only the first so many (after ``after``).
        every: each so-manieth.
        probability: with this chance, by a generator seeded with ``seed``.
    """

    nth: tuple[int, ...] = ()
    after: int = 0
    count: int | None = None
    every: int = Field(default=1, ge=1)
    probability: float | None = Field(default=None, ge=0, le=1)
    seed: int = 0


class Rule(_Part):
    """A fault: which requests, which of them, what happens."""

    match: Match = Match()
    when: When = When()
    effects: tuple[Effect, ...] = Field(min_length=1)
    name: str = ""


class Scenario(_Part):
    """A file of faults, with the settings of the world that it needs."""

    switches: dict[str, str] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    sync_limit: int | None = None
    async_limit: int | None = None
    async_delay_s: float | None = None
    visibility_delay_s: float | None = None


@dataclass(slots=True)
class _Armed:
    rule: Rule
    rng: random.Random
    seen: int = 0


@dataclass(slots=True)
class FaultSchedule:
    """The rules of a world, with what they have seen so far."""

    _armed: list[_Armed] = field(default_factory=list)

    def add(self, *rules: Rule) -> None:
        """Arm rules; each counts from now on."""
        self._armed += [_Armed(rule, random.Random(rule.when.seed)) for rule in rules]  # noqa: S311 (no secret: the same seed gives the same faults)

    def clear(self) -> None:
        """Disarm all rules."""
        self._armed.clear()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The armed rules."""
        return tuple(one.rule for one in self._armed)

    def strike(self, method: str, path: str, body: bytes) -> list[Effect]:
        """Count a request and return the effects that it meets, in the order of the rules."""
        effects: list[Effect] = []
        for one in self._armed:
            if one.rule.match.holds(method, path, body) and _is_due(one):
                effects += one.rule.effects
        return effects


def _is_due(one: _Armed) -> bool:
    one.seen += 1
    when = one.rule.when
    number = one.seen - when.after
    chance = when.probability is None or one.rng.random() < when.probability
    return (
        chance
        and number >= 1
        and (not when.nth or one.seen in when.nth)
        and (when.count is None or number <= when.count)
        and number % when.every == 0
    )


def tail_of(path: str) -> str:
    """Return the path after the enterprise id.

    >>> tail_of("/autoupdate/v2/enterprise/0a/lead/search")
    '/lead/search'
    """
    _, found, rest = path.partition("/enterprise/")
    return "/" + rest.partition("/")[2] if found else path


def read_scenario(text: str) -> Scenario:
    """Return the scenario that a JSON text holds.

    Raises:
        ConfigurationError: it holds none; the message names each place.
    """
    try:
        return Scenario.model_validate_json(text)
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        )
        raise ConfigurationError(
            f"the file of faults is not understood: {places}", "docs/sandbox.md lists the effects"
        ) from error
