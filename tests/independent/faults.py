"""What can go wrong, by rule: which calls, how often, and what happens to them instead."""

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

KINDS = {
    "reset_before": "the connection is reset; nothing was done",
    "reset_after": "the connection is reset; it was done",
    "late": "the connection is reset; it is done after ``seconds``",
    "error_after": "500; it was done",
    "error_before": "503; nothing was done",
    "rate_limit": "429, with Retry-After when ``seconds`` is given; nothing was done",
    "html": "200 with a page of HTML; nothing was done",
    "html_after": "200 with a page of HTML; it was done",
    "truncate": "an answer that ends too early; it was done",
    "ignore_action": "every action is answered IGNORED; nothing was done",
    "silent_drop": "200 with the lead's old fields; nothing was done",
    "delay": "the answer comes after ``seconds``; it was done at once",
    "astray": "it was done; the answer is about another lead",
    "revoke": "the token is revoked; 401 from this call on",
}


@dataclass(slots=True)
class Rule:
    """A fault.

    Attributes:
        calls: pattern of ``METHOD /path`` below the enterprise, like ``POST /lead/*/action``.
        kind: one of KINDS.
        times: how many matching calls it hits; None: all.
        skip: matching calls that it leaves alone first.
        share: chance that a matching call is hit.
    """

    calls: str
    kind: str
    times: int | None = 1
    skip: int = 0
    share: float = 1.0
    seconds: float | None = None
    hits: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")


class Faults:
    """The rules in force; the first one that hits a call decides."""

    def __init__(self, seed=1):
        self.rules = []
        self._random = random.Random(seed)

    def add(self, calls, kind, **more):
        """Add a rule and return it."""
        rule = Rule(calls, kind, **more)
        self.rules.append(rule)
        return rule

    def hit(self, call):
        """Return the rule that hits this call, or None."""
        for rule in self.rules:
            if not fnmatchcase(f"{call.method} {call.path}", rule.calls):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or (rule.times is not None and rule.hits >= rule.times):
                continue
            if self._random.random() < rule.share:
                rule.hits += 1
                return rule
        return None
