"""An in-memory service: the search grammar of docs/api.md §6, written without a look at the planner or evaluator.

Worlds are plain dicts, so that an oracle reads them too. ``lies`` name ways in which the service misbehaves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadops.core.errors import LeadGoneError, RequestRefusedError
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Find, Permissions, Plan, Step
from leadops.model.query import Calls, Page
from leadops.model.schema import ActionType, Field, FieldType, Label, Member, Schema

HOUR = 3_600_000
NOW = 1_760_000_000_000

SCHEMA = Schema(
    enterprise_id="e" * 24,
    name="Fake",
    pulled_at_ms=NOW,
    fields=(
        Field("phone", FieldType.PHONE, identifier=True),
        Field("name", FieldType.TEXT),
        Field("email", FieldType.EMAIL),
        Field("status", FieldType.STATUS),
        Field("rating", FieldType.RATING),
        Field("assignee", FieldType.MEMBER),
        Field("source", FieldType.DROPDOWN, options=("Website", "Walk-in", "Referral")),
        Field("interests", FieldType.TAGS, options=("VIP", "Returning", "Loan")),
        Field("visits", FieldType.NUMBER),
        Field("deal_size", FieldType.MONEY),
        Field("due", FieldType.DATE),
        Field("agreed", FieldType.CHECKBOX),
        Field("created_on", FieldType.DATE, read_only=True),
        Field("modified_on", FieldType.DATE, read_only=True),
    ),
    actions=(ActionType("1001", "Site visit"), ActionType("1002", "Demo")),
    statuses=(*(Label(n, "OPEN") for n in ("Fresh", "Contacted", "Qualified")), Label("Won", "WON"), Label("Lost", "LOST")),
    members=(Member("agent@company.com", "Agent"), Member("boss@company.com", "Boss"), Member("old@company.com", "Old", former=True)),
)  # fmt: skip


def row(number: int, created: int = NOW - HOUR, actions: Sequence[dict] = (), **fields: object) -> dict:
    """Return a lead of a world: id, created_on, fields (absent where missing) and actions (type, by, at, fields)."""
    made = {"phone": f"91{9_000_000_000 + number}", "name": f"Lead {number}", **fields}
    return {
        "id": f"{number:024x}",
        "created_on": created,
        "fields": {name: value for name, value in made.items() if value is not None},
        "actions": list(actions),
    }


@dataclass
class Fake:
    """A Reader over a world; counts what it is asked.

    Attributes:
        ids: False: search rows carry none.
        cap: the longest list in a search; longer ones are refused with 400.
        broken: whether assignee with a list of statuses fails with 500.
        lies: see ``search``; each is a name or a tuple of a name and its arguments.
    """

    world: list[dict]
    ids: bool = True
    cap: int | None = None
    broken: bool = True
    lies: tuple = ()
    before_page: object = None
    log: list[tuple[dict, int, int]] = field(default_factory=list)
    gets: int = 0
    timelines: int = 0
    skew_ms: int = 0

    @property
    def calls(self) -> Calls:
        return Calls(reads=len(self.log) + self.gets + self.timelines)

    @property
    def pages(self) -> int:
        return sum(1 for _, _, limit in self.log if limit > 1)

    @property
    def probes(self) -> int:
        return sum(1 for _, _, limit in self.log if limit == 1)

    async def search(self, body: Mapping, skip: int, limit: int) -> Page:
        body = json.loads(json.dumps(body))
        self.log.append((body, skip, limit))
        assert 1 <= limit <= 100
        assert skip >= 0
        assert set(body) <= {"fields", "actions"}
        if self.before_page is not None and limit > 1:
            self.before_page(self)
        wanted = body.get("fields", {})
        if self.broken and "assignee" in wanted and isinstance(wanted.get("status"), list):
            raise RequestRefusedError("Something went wrong", 500)
        for value in [*wanted.values(), *body.get("actions", {}).values()]:
            if isinstance(value, list) and self.cap is not None and len(value) > self.cap:
                raise RequestRefusedError("Invalid filter", 400)
        found = [lead for lead in self.world if self._matches(lead, body)]
        found.sort(key=lambda lead: (-lead["created_on"], lead["id"]))
        total = len(found)
        chosen = found[skip : skip + limit]
        if limit > 1:
            if "drop row" in self.lies and skip == 0 and len(chosen) > 1:
                chosen = chosen[:-1]
            if "repeat page" in self.lies:
                chosen = found[:limit]
            if "shift page" in self.lies and skip:
                chosen = found[skip - 1 : skip - 1 + limit]
        if "more total" in self.lies:
            total += 7
        if "less total" in self.lies:
            total = max(0, total - 7)
        return Page(tuple(self._lead(lead) for lead in chosen), total, skip, limit)

    async def lead(self, lead_id: str, *, timeline: bool = False) -> Lead | None:
        self.gets += 1
        for one in self.world:
            if one["id"] == lead_id:
                return Lead(lead_id, self._lead(one).fields, self._timeline(one) if timeline else None)
        return None

    async def timeline(self, lead_id, *, type=None, window=None, most=None):
        self.timelines += 1
        for one in self.world:
            if one["id"] == lead_id:
                return [
                    action
                    for action in self._timeline(one)
                    if (type is None or action.type == type)
                    and (window is None or window[0] <= action.at_ms <= window[1])
                ][:most]
        raise LeadGoneError("gone")

    def _lead(self, lead: dict) -> Lead:
        fields = {
            name: tuple(value) if isinstance(value, list) else value for name, value in lead["fields"].items()
        }
        return Lead(lead["id"] if self.ids else None, {**fields, "created_on": lead["created_on"]})

    def _timeline(self, lead: dict) -> tuple[TimelineAction, ...]:
        return tuple(
            TimelineAction(f"a{i}", a["type"], a["at"], a["by"], a.get("fields", {}))
            for i, a in enumerate(sorted(lead["actions"], key=lambda a: -a["at"]))
        )

    def _matches(self, lead: dict, body: dict) -> bool:
        if "ignore everything" in self.lies:
            return True
        for name, wanted in body.get("fields", {}).items():
            if ("ignore", name) in self.lies:
                continue
            if name == "created_on":
                value = lead["created_on"]
            elif SCHEMA.field(name) is None:
                return False
            else:
                value = lead["fields"].get(name)
            if isinstance(wanted, dict):
                if ("refuse range", name) in self.lies:
                    raise RequestRefusedError("Invalid filter", 400)
                if not isinstance(value, int) or not wanted["from"] <= value <= wanted["to"]:
                    return False
                continue
            options = wanted if isinstance(wanted, list) else [wanted]
            if "whole tags" in self.lies and isinstance(value, list):
                if not any([option] == value for option in options):
                    return False
                continue
            held = value if isinstance(value, list) else [value]
            exact = name == "status"
            if not any(self._same(h, o, exact=exact) for h in held for o in options if h is not None):
                return False
        block = body.get("actions")
        if block is None or "ignore actions" in self.lies:
            return True
        return any(self._performed(action, block) for action in lead["actions"])

    def _performed(self, action: dict, block: dict) -> bool:
        types, by, at = block.get("type"), block.get("performed_by"), block.get("performed_at")
        if types is not None and action["type"] not in (types if isinstance(types, list) else [types]):
            return False
        wanted = None if by is None else [one.lower() for one in (by if isinstance(by, list) else [by])]
        if (
            wanted is not None
            and ("ignore", "performed_by") not in self.lies
            and action["by"].lower() not in wanted
        ):
            return False
        if at is not None and ("ignore", "performed_at") not in self.lies:
            return at["from"] <= action["at"] <= at["to"]
        return True

    @staticmethod
    def _same(a: object, b: object, *, exact: bool) -> bool:
        if isinstance(a, bool) or isinstance(b, bool):
            return a is b
        if isinstance(a, str) and isinstance(b, str):
            return a == b if exact else a.lower() == b.lower()
        return not isinstance(a, str) and not isinstance(b, str) and a == b


class Verdicts(dict):
    """Capabilities in memory."""

    def put(self, name: str, verdict: bool) -> None:
        self[name] = verdict


class Index(dict):
    """Ids by canonical identifier, in memory."""

    def ids_of(self, identifier: str) -> tuple[str, ...]:
        return tuple(self.get(identifier, ()))

    def remember(self, pairs) -> None:
        for name, lead_id in pairs:
            if lead_id not in self.setdefault(name, []):
                self[name].append(lead_id)


def index_of(world: list[dict]) -> Index:
    """Return an index that knows every lead of the world."""
    index = Index()
    index.remember([(lead["fields"]["phone"], lead["id"]) for lead in world])
    return index


def step_of(condition, **more) -> Step:
    """Return a step that finds the leads of ``condition``."""
    permissions = more.pop("permissions", Permissions())
    single = more.pop("single", False)
    effects = more.pop("effects", ())
    return Step("step 1", None, Find(condition, single), effects, "find", permissions=permissions, **more)


def plan_of(*steps: Step) -> Plan:
    """Return a plan of these steps."""
    return Plan("", "x.lead", "", "Asia/Kolkata", "default", NOW, SCHEMA, steps)
