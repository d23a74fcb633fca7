"""A service of any number of leads that holds none of them: each row is made when its page is asked for."""

import json
from array import array

from leadops.model.lead import Lead
from leadops.model.query import Calls, Page
from tests.planner.fake import NOW

STATUSES = ("Fresh", "Contacted", "Qualified", "Won", "Lost")


class Crowd:
    """Fits planner.ports.Reader. Lead ``i`` was created ``i`` seconds ago, and its values follow from ``i``.

    Attributes:
        size: how many leads there are.
        won: how many of them, the newest, are Won; the others are of the other four statuses.
    """

    skew_ms = 0

    def __init__(self, size, won):
        self.size = size
        self.won = won
        self.log = []
        self._found = {}

    @property
    def calls(self):
        return Calls(reads=len(self.log))

    def fields(self, i):
        """Return the fields of lead ``i``."""
        return {
            "phone": f"91{9_000_000_000 + i}",
            "name": f"Lead number {i}",
            "email": f"lead.{i}@example.com",
            "status": "Won" if i < self.won else STATUSES[(0, 1, 2, 4)[i % 4]],
            "rating": i % 4 + 1,
            "source": "Website",
            "visits": i % 7,
            "created_on": NOW - i * 1000,
        }

    def ready(self):
        """Find now what a plan will search for: that work is the service's, not the planner's."""
        for body in ({}, {"fields": {"status": "Won"}}):
            self._matching(body)

    async def search(self, body, skip, limit):
        self.log.append((body, skip, limit))
        found = self._matching(body)
        rows = (Lead(f"{i:024x}", self.fields(i)) for i in found[skip : skip + limit])
        return Page(tuple(rows), len(found), skip, limit)

    def _matching(self, body):
        key = json.dumps(body, sort_keys=True)
        if len(key) > 1000:  # a list of identifiers: asked once, so not kept
            return self._select(body, [int(phone[2:]) - 9_000_000_000 for phone in body["fields"]["phone"]])
        if key not in self._found:
            self._found[key] = array("i", self._select(body, range(self.size)))
        return self._found[key]

    def _select(self, body, numbers):
        wanted = body.get("fields", {})
        return [] if "actions" in body else [i for i in numbers if self._has(i, wanted)]

    def _has(self, i, wanted):
        fields = self.fields(i) if set(wanted) - {"created_on"} else {"created_on": NOW - i * 1000}
        for name, value in wanted.items():
            held = fields.get(name)
            if isinstance(value, dict):
                if not value["from"] <= held <= value["to"]:
                    return False
            elif held not in (value if isinstance(value, list) else [value]):
                return False
        return True

    async def lead(self, lead_id, *, timeline=False):
        raise AssertionError("planning this playbook reads no lead by its id")

    async def timeline(self, lead_id, **_):
        raise AssertionError("planning this playbook reads no timeline")
