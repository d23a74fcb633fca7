"""What the service itself tells: token, workspace, clocks, what searches do, limits, and how old the schema is."""

from collections.abc import AsyncIterator, Iterator

from leadops.cli.health.check import Check, Verdict
from leadops.cli.places import SCHEMA_FILE
from leadops.cli.session import Session
from leadops.core.errors import ConfigurationError, DeniedError, LeadopsError
from leadops.engine.plan.clearing import EMPTY, NULL
from leadops.model.predicate import Activity, Window
from leadops.model.query import PAGE
from leadops.model.schema import FieldType, Schema
from leadops.planner.call_meter import Memory
from leadops.planner.filters import FAR_FUTURE_MS, FAR_PAST_MS, AnyOf, Between
from leadops.planner.probes import Probes
from leadops.state.cache import read_schema, says_the_same
from leadops.state.ratelimit import RateBucket

_CLOSE_MS = 30_000
"""How far two clocks may be apart before it is worth a word."""
_DAY_MS = 86_400_000
_DATES = 4
"""How many date fields are probed: created_on, modified_on and some of the workspace's own."""
_EVER = Window(FAR_PAST_MS, FAR_FUTURE_MS, "", "", "ever")


async def service(session: Session) -> AsyncIterator[Check]:
    """Yield what a few reads tell; what stands behind a refused token is not asked for."""
    try:
        schema = await session.schema(fresh=True)
    except DeniedError as error:
        yield Check("token", Verdict.FAIL, error.message, error.help)
        return
    except LeadopsError as error:
        yield Check("service", Verdict.FAIL, error.message, error.help or "try again later")
        return
    yield Check("token", Verdict.OK, "accepted; it is a sync token", data={"kind": "sync"})
    yield Check(
        "workspace", Verdict.OK, f"{schema.name or 'without a name'} ({schema.enterprise_id})",
        data={"enterprise_id": schema.enterprise_id, "name": schema.name},
    )  # fmt: skip
    yield _clock(session)
    try:
        page = await session.reader.search({}, 0, PAGE)
    except LeadopsError as error:
        yield Check("search", Verdict.FAIL, error.message, error.help)
    else:
        yield _ids(sum(lead.id is not None for lead in page.leads), len(page.leads), page.total_count)
        yield _pages(len(page.leads), page.total_count)
    yield await _filters(session, schema)
    yield _clearing(session)
    yield _limits(session)
    for check in _schema(session, schema):
        yield check


def _clock(session: Session) -> Check:
    skew = session.reader.skew_ms
    data = {"skew_ms": skew}
    if abs(skew) <= _CLOSE_MS:
        return Check("clock", Verdict.OK, f"within {max(1, abs(skew) // 1000)} s of the service's", data=data)
    which = "behind" if skew > 0 else "ahead of"
    return Check(
        "clock", Verdict.WARN, f"{abs(skew) // 1000} s {which} the service's",
        "leadops corrects for it where it matters; set this machine's clock (NTP)", data,
    )  # fmt: skip


def _ids(with_id: int, rows: int, total: int) -> Check:
    data = {"rows": rows, "with_id": with_id, "leads": total}
    if not rows:
        return Check("search_ids", Verdict.WARN, "the workspace has no leads: nothing to look at", data=data)
    if with_id == rows:
        return Check(
            "search_ids", Verdict.OK, f"search rows carry the lead's id ({total:,} leads)", data=data
        )
    return Check(
        "search_ids", Verdict.WARN,
        f"search rows carry no lead id ({rows - with_id} of {rows} looked at)",
        "leads are known by ids seen before: `leadops ids import FILE` takes an export or recorded pushes;\n"
        "without an id only field updates under `lane async` are possible", data,
    )  # fmt: skip


def _pages(rows: int, total: int) -> Check:
    data = {"asked": PAGE, "got": rows}
    if rows >= min(PAGE, total):
        return Check("page_size", Verdict.OK, f"a page holds up to {PAGE} leads", data=data)
    return Check(
        "page_size", Verdict.WARN, f"asked for {PAGE} leads a page, got {rows} of {total:,}",
        "searches cost more calls than planned; look whether leads were deleted just now", data,
    )  # fmt: skip


async def _filters(session: Session, schema: Schema) -> Check:
    """Probe the kinds of filter that playbooks use most; what a plan has probed in the last day stands beside them."""
    probes = Probes(session.reader, session.cache, schema, Memory())
    dates = [field.api_name for field in schema.fields if field.type is FieldType.DATE]
    try:
        for name in (schema.identifier.api_name, "status", "rating", "assignee"):
            await probes.honours(name, AnyOf(()))
        for name in dates[:_DATES]:
            await probes.honours(name, Between(FAR_PAST_MS, FAR_FUTURE_MS))
        await probes.searchable(Activity(types=("",), by=("",), window=_EVER))
    except LeadopsError as error:
        return Check("filters", Verdict.WARN, error.message, error.help or "try again later")
    known = {name: fine for name, fine in session.cache.verdicts().items() if name not in {EMPTY, NULL}}
    data = {"verdicts": known}
    trusted = ", ".join(_words(name) for name, fine in known.items() if fine)
    ignored = ", ".join(_words(name) for name, fine in known.items() if not fine)
    if ignored:
        return Check(
            "filters", Verdict.WARN, f"the service ignores or refuses: {ignored}; trusted: {trusted or 'none'}",
            "leadops tests these on the rows instead, which costs more calls: in playbooks put a condition beside\n"
            "them that is trusted, as status = Won", data,
        )  # fmt: skip
    return Check("filters", Verdict.OK, f"trusted: {trusted}", data=data)


def _words(kind: str) -> str:
    """Return a kind of filter as people say it: ``created_on (range)``, ``actions by type``."""
    part, _, name = kind.partition(":")
    if part == "actions":
        return f"actions by {name}"
    name, _, shape = name.rpartition(":")
    return {"range": f"{name} (range)", "each": f"{name} (one of several)"}.get(shape, name)


def _clearing(session: Session) -> Check:
    empty, null = session.cache.get(EMPTY), session.cache.get(NULL)
    data = {"empty": empty, "null": null}
    if empty or null:
        return Check(
            "clear", Verdict.OK, f"fields can be cleared ({'an empty text' if empty else 'null'})", data=data
        )
    if empty is False and null is False:
        return Check(
            "clear", Verdict.OK, "this workspace cannot clear a field; `clear` is refused", data=data
        )
    return Check(
        "clear", Verdict.OK, "not known; only `clear FIELD` needs it",
        "`leadops doctor --probe-clear LEAD` finds out on one lead", data,
    )  # fmt: skip


def _limits(session: Session) -> Check:
    seen = session.crm.throttled
    rate = session.settings.rate
    data = {"rate_per_hour": rate, "throttled": seen}
    path = session.home / "rate.db"
    slow = False
    if path.is_file():
        with RateBucket(path, rate, session.clock) as bucket:
            level = bucket.level()
        slow = level.slow_until_ms > session.clock.now_ms()
        data["ready"] = int(level.tokens)
    if seen or slow:
        return Check(
            "limits", Verdict.WARN, f"the service asked to slow down (429) {f'{seen} times just now' if seen else 'lately'}",
            "others share the quota of 3600 an hour: lower `rate` in the profile", data,
        )  # fmt: skip
    return Check("limits", Verdict.OK, f"no 429; at most {rate:,} calls an hour are made", data=data)


def _schema(session: Session, now: Schema) -> Iterator[Check]:
    path = session.settings.root / SCHEMA_FILE
    if not path.is_file():
        yield Check(
            "schema", Verdict.OK, f"read just now; there is no {SCHEMA_FILE}",
            "`leadops schema pull` writes it: with it `check` and `test` need no network",
        )  # fmt: skip
        return
    try:
        kept = read_schema(path)
    except ConfigurationError as error:
        yield Check("schema", Verdict.FAIL, error.message, error.help)
        return
    days = max(0, now.pulled_at_ms - kept.pulled_at_ms) // _DAY_MS
    data = {"age_days": days, "same": says_the_same(kept, now)}
    if kept.enterprise_id != now.enterprise_id:
        yield Check(
            "schema", Verdict.FAIL, f"{SCHEMA_FILE} is of another workspace ({kept.enterprise_id})",
            "`leadops schema pull` writes it anew", data,
        )  # fmt: skip
    elif not data["same"]:
        yield Check(
            "schema", Verdict.WARN, f"{SCHEMA_FILE} is {days} days old, and the workspace has changed since",
            "`leadops schema diff` shows what; `leadops schema pull` writes it anew", data,
        )  # fmt: skip
    else:
        yield Check(
            "schema", Verdict.OK, f"{SCHEMA_FILE} says what the workspace says ({days} days old)", data=data
        )
