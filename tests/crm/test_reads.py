"""Reads: tried again while that makes sense, then a failure that says what to do."""

import asyncio
import logging

import httpx
import pytest

from leadops.core.errors import (
    DeniedError,
    LeadGoneError,
    LeadopsError,
    RequestRefusedError,
    TemporaryError,
    UnavailableError,
    UnreadableError,
)
from leadops.crm.pacing import Patience
from leadops.model.lead import Lead, TimelineAction
from tests.crm.scripts import CANARY, NOW_MS, Script, refusal, reply

LEAD = "64f000000000000000000002"
PAGE = {"data": [], "total_count": 0, "skip": 0, "limit": 10}


def search(client):
    return client.reader.search({"fields": {"status": "Won"}}, 0, 10)


def test_a_search_sends_paging_in_the_query_and_the_body_as_it_is(scripted):
    script = Script(reply(200, {**PAGE, "data": [{"_id": LEAD, "fields": {}}], "total_count": "7"}))
    page = scripted(script, lambda client: client.reader.search({"fields": {"status": "Won"}}, 20, 100))
    assert dict(script.requests[0].url.params) == {"skip": "20", "limit": "100"}
    assert script.bodies() == [{"fields": {"status": "Won"}}]
    assert (page.total_count, page.skip, page.limit, page.leads[0].id) == (7, 20, 100, LEAD)


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadError("x"),
        httpx.ConnectError("x"),
        ConnectionResetError(),
        reply(500, {"error": {"code": "X", "message": "y"}}),
        reply(502, "<html></html>"),
        reply(503, b""),
        reply(408, b""),
        reply(200, "<html>log in</html>"),
        reply(200, b'{"data": [], "total'),
        refusal(429, "RATE_LIMIT_EXCEEDED"),
        reply(429, "<html></html>"),
    ],
)
def test_trouble_that_may_pass_is_tried_again(scripted, trouble):
    script = Script(trouble, trouble, reply(200, PAGE))
    assert scripted(script, search).total_count == 0
    assert len(script.requests) == 3


def test_the_same_request_failing_three_times_with_500_is_refused_by_name(scripted):
    script = Script(refusal(500, "INTERNAL"))
    with pytest.raises(RequestRefusedError) as caught:
        scripted(script, search)
    assert caught.value.status == 500
    assert len(script.requests) == 3


def test_a_service_that_is_down_is_unavailable_after_some_tries(scripted):
    script = Script(reply(503, b""))
    with pytest.raises(UnavailableError, match="answers 503") as caught:
        scripted(script, search)
    assert not isinstance(caught.value, RequestRefusedError)
    assert len(script.requests) == Patience().attempts


def test_a_refusal_is_not_tried_again(scripted):
    script = Script(refusal(400, "BAD_REQUEST", "Limit should be between 1 and 100"))
    with pytest.raises(RequestRefusedError, match="Limit should be") as caught:
        scripted(script, search)
    assert caught.value.status == 400
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [refusal(401, "NOT_AUTHORIZED"), reply(401, "<html></html>"), refusal(404, "ENTERPRISE_NOT_FOUND")],
)
def test_a_denial_says_that_three_mistakes_look_alike(scripted, answer):
    script = Script(answer)
    with pytest.raises(DeniedError) as caught:
        scripted(script, search)
    assert "wrong token" in caught.value.help
    assert "wrong kind of token" in caught.value.help
    assert "wrong enterprise id" in caught.value.help
    assert len(script.requests) == 1


def test_a_lapsed_licence_says_so(scripted):
    with pytest.raises(DeniedError, match="licence"):
        scripted(Script(refusal(400, "ENTERPRISE_LICENSE_EXPIRED")), search)


def test_a_web_page_with_404_hints_at_the_base_url(scripted):
    with pytest.raises(UnavailableError) as caught:
        scripted(Script(reply(404, "<html>Cannot POST</html>")), lambda client: client.reader.lead(LEAD))
    assert "/autoupdate/v2" in caught.value.help


def test_a_web_page_with_200_for_ever_is_unavailable(scripted):
    with pytest.raises(UnavailableError, match="web page"):
        scripted(Script(reply(200, "<html>Please log in</html>")), search)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"data": {}}, "/data"),
        ({"total_count": 1}, "/data"),
        ({"data": []}, "/total_count"),
        ({"data": [], "total_count": -1}, "/total_count"),
        ([], "/"),
    ],
    ids=str,
)
def test_another_shape_is_named_by_its_place(scripted, body, pointer):
    with pytest.raises(UnavailableError, match=pointer):
        scripted(Script(reply(200, body)), search)


@pytest.mark.parametrize(
    ("row", "lead_id", "why"),
    [
        ({"id": "64f0", "fields": [1]}, "64f0", "row 1 of the search, /fields"),
        (None, None, "row 1 of the search, /"),
        ({}, None, "row 1 of the search, /: it tells neither"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_lead_that_says_so(scripted, row, lead_id, why):
    page = scripted(
        Script(reply(200, {"data": [row, {"id": "64f1", "fields": {}}], "total_count": 2})), search
    )
    assert [lead.id for lead in page.leads] == [lead_id, "64f1"]
    assert why in page.leads[0].unreadable
    assert page.leads[1].unreadable == ""
    "".join(map(str, page.leads[0].fields.values())).encode()


def test_a_404_means_no_such_lead(scripted):
    gone = refusal(404, "LEAD_NOT_FOUND")
    assert scripted(Script(gone), lambda client: client.reader.lead(LEAD)) is None
    with pytest.raises(LeadGoneError):
        scripted(Script(gone), lambda client: client.reader.timeline(LEAD))


def test_a_400_to_a_malformed_id_means_no_such_lead_and_to_a_good_one_does_not(scripted):
    bad = refusal(400, "BAD_REQUEST", "malformed")
    assert scripted(Script(bad), lambda client: client.reader.lead("1234567")) is None
    with pytest.raises(RequestRefusedError):
        scripted(Script(bad), lambda client: client.reader.lead(LEAD))


# ── how long ──────────────────────────────────────────────────────────────────────────────────────
class Limiter:
    def __init__(self):
        self.acquired = 0
        self.pauses = []

    async def acquire(self):
        self.acquired += 1

    def throttled(self, pause_s):
        self.pauses.append(pause_s)


def test_a_429_pauses_for_as_long_as_it_says_and_tells_the_limiter(scripted, clock):
    limiter = Limiter()
    script = Script(reply(429, b"", retry_after="40"), reply(200, PAGE))
    scripted(script, search, limiter=limiter)
    assert clock.monotonic() == pytest.approx(40)
    assert limiter.pauses == [40.0]
    assert limiter.acquired == 2


def test_one_429_pauses_every_caller_once(scripted, clock):
    limiter = Limiter()
    answers = [httpx.Response(429)] * 8

    class Together(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            await asyncio.sleep(0.001)
            return answers.pop() if answers else httpx.Response(200, json=PAGE)

    async def work(client):
        await asyncio.gather(*(search(client) for _ in range(8)))

    scripted(Script(None), work, limiter=limiter, transport=Together())
    assert len(limiter.pauses) == 1
    assert clock.monotonic() == pytest.approx(limiter.pauses[0])


def test_429s_without_a_header_wait_longer_and_longer_then_give_up(scripted, clock):
    limiter = Limiter()
    with pytest.raises(TemporaryError, match="429"):
        scripted(Script(reply(429, b"")), search, limiter=limiter)
    patience = Patience()
    assert patience.throttled_total <= clock.monotonic() <= patience.throttled_total + patience.cap
    assert all(0 <= pause <= patience.cap for pause in limiter.pauses)
    assert max(limiter.pauses[:2]) <= 8
    assert len(set(limiter.pauses)) == len(limiter.pauses), "full jitter"


def test_a_503_says_when_to_come_back(scripted, clock):
    scripted(Script(reply(503, b"", retry_after="30"), reply(200, PAGE)), search)
    assert clock.monotonic() == pytest.approx(30)


def test_retries_of_a_run_have_a_quota(scripted):
    script = Script(httpx.ReadError("x"))

    async def work(client):
        for _ in range(20):
            with pytest.raises(UnavailableError):
                await search(client)

    scripted(script, work, patience=Patience(quota=50, trip=10_000))
    assert len(script.requests) == 20 + 50 // 5


def test_a_timeout_costs_the_quota_twice(scripted):
    script = Script(httpx.ReadTimeout("x"))

    async def work(client):
        for _ in range(20):
            with pytest.raises(UnavailableError):
                await search(client)

    scripted(script, work, patience=Patience(quota=50, trip=10_000))
    assert len(script.requests) == 20 + 50 // 10


def test_successes_earn_quota_back(scripted):
    answers = [reply(200, PAGE)] * 12 + [httpx.ReadError("x"), reply(200, PAGE)]

    async def work(client):
        client.reader._asker.quota.left = 0
        for _ in range(13):
            await search(client)

    scripted(Script(*answers), work)


def test_the_breaker_probes_after_30_60_and_120_seconds_then_stops(scripted, clock):
    script = Script(httpx.ReadError("x"))
    times = []

    async def work(client):
        for _ in range(8):
            reply_ = await client.writer.update(LEAD, {"rating": 1})
            times.append((round(clock.monotonic()), len(script.requests), reply_.delivery.value))

    scripted(script, work, patience=Patience())
    assert [one[0] for one in times] == [0, 0, 0, 0, 0, 30, 90, 210]
    assert len(script.requests) == 8

    async def again(client):
        for _ in range(8):
            await client.writer.update(LEAD, {"rating": 1})
        last = await client.writer.update(LEAD, {"rating": 1})
        with pytest.raises(UnavailableError, match="is out of order"):
            await search(client)
        return last

    before = len(script.requests)
    assert scripted(script, again, patience=Patience()).delivery == "not_sent"
    assert len(script.requests) == before + 8


def test_a_probe_that_is_answered_closes_the_breaker(scripted, clock):
    script = Script(*[httpx.ReadError("x")] * 5, reply(200, {"fields": {}}))

    async def work(client):
        for _ in range(20):
            await client.writer.update(LEAD, {"rating": 1})

    scripted(script, work, patience=Patience())
    assert clock.monotonic() == pytest.approx(30)
    assert len(script.requests) == 20


def test_failures_of_requests_under_way_together_count_as_one(scripted, clock):
    async def fail_slowly(request):
        await asyncio.sleep(0)
        raise httpx.ReadError("x")

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            return await fail_slowly(request)

    async def work(client):
        await asyncio.gather(*(client.writer.update(LEAD, {"rating": 1}) for _ in range(8)))
        clock.advance(1)
        await client.writer.update(LEAD, {"rating": 1})

    scripted(Script(None), work, transport=Slow(), patience=Patience())
    assert clock.monotonic() == pytest.approx(1)


def test_at_most_eight_requests_are_in_flight(scripted):
    flying, most = 0, 0

    class Counting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0.001)
            flying -= 1
            return httpx.Response(200, json=PAGE)

    async def work(client):
        await asyncio.gather(*(search(client) for _ in range(40)))

    scripted(Script(None), work, transport=Counting())
    assert most == 8


def test_a_cancelled_request_leaves_the_client_usable(scripted):
    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            if "hang" in request.url.path:
                await asyncio.sleep(60)
            return httpx.Response(200, json=PAGE)

    async def work(client):
        tasks = [asyncio.create_task(client.reader.get("/hang")) for _ in range(8)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return await search(client)

    assert scripted(Script(None), work, transport=Hanging()).total_count == 0


def test_the_servers_clock_is_learnt_from_its_dates(scripted, clock):
    from email.utils import formatdate

    def an_hour_ahead(request):
        return httpx.Response(
            200, json=PAGE, headers={"date": formatdate(clock.now_ms() / 1000 + 3600, usegmt=True)}
        )

    async def work(client):
        assert client.skew_ms == 0
        await search(client)
        clock.advance(0.7)
        page = await search(client)
        written = await client.writer.update(LEAD, {"rating": 1})
        return client.reader.skew_ms, page.server_ms, written.sent_ms

    skew, server_ms, sent_ms = scripted(Script(an_hour_ahead), work)
    assert abs(skew - 3_600_000) < 1_000
    assert abs(sent_ms - (NOW_MS + 700 + 3_600_000)) < 1_000
    assert server_ms == (NOW_MS + 700 + 3_600_000) // 1000 * 1000


# ── leads and timelines ───────────────────────────────────────────────────────────────────────────
def test_a_lead_is_read_whatever_spelling_it_has(scripted):
    body = {"fields": {"name": "A", "status": "Won", "employeeid": "a@b.in", "rating": 3}, "actions": None}
    assert scripted(Script(reply(200, body)), lambda client: client.reader.lead(LEAD)) == Lead(
        LEAD, {"name": "A", "status": "Won", "assignee": "a@b.in", "rating": 3}
    )


def action(number, **more):
    return {
        "id": f"a{number}",
        "type": "ACTION_1001",
        "creationTimestamp": number,
        "fields": {"note": "x"},
        **more,
    }


def test_a_long_timeline_is_read_with_the_lead_page_by_page(scripted):
    rows = [action(number) for number in range(250)]

    def answer(request):
        skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
        return httpx.Response(
            200, json={"fields": {}, "actions": rows[skip : skip + limit], "actions_skip": skip}
        )

    script = Script(answer)
    lead = scripted(script, lambda client: client.reader.lead(LEAD, timeline=True))
    assert [one.at_ms for one in lead.timeline] == list(range(249, -1, -1))
    assert len(script.requests) == 3


def test_a_lead_without_its_actions_lets_the_action_search_tell(scripted):
    script = Script(reply(200, {"fields": {}}), reply(200, {"data": [action(1)], "total_count": 1}))
    lead = scripted(script, lambda client: client.reader.lead(LEAD, timeline=True))
    assert [one.id for one in lead.timeline] == ["a1"]


def paged(rows, *, honours=True):
    def answer(request):
        skip = int(request.url.params["skip"]) if honours else 0
        limit = int(request.url.params["limit"]) if honours else 10
        if request.method == "GET":
            skip, limit = int(request.url.params["skip"]), int(request.url.params["limit"])
            return httpx.Response(200, json={"fields": {}, "actions": rows[skip : skip + limit]})
        return httpx.Response(200, json={"data": rows[skip : skip + limit], "total_count": len(rows)})

    return answer


@pytest.mark.parametrize("honours", [True, False], ids=["pages", "ignores"])
def test_a_timeline_is_whole_whether_or_not_its_search_pages(scripted, honours):
    rows = [action(number) for number in range(230, 0, -1)]
    found = scripted(Script(paged(rows, honours=honours)), lambda client: client.reader.timeline(LEAD))
    assert [one.at_ms for one in found] == list(range(230, 0, -1))


def test_filters_are_sent_and_tested_again(scripted):
    rows = [action(5), action(4, type="OUTGOING_CALL"), action(3), action(2), action(1)]
    script = Script(paged(rows))
    found = scripted(script, lambda client: client.reader.timeline(LEAD, type="1001", window=(2, 4)))
    assert script.bodies()[0] == {"type": "1001", "created_on": {"from": 2, "to": 4}}
    assert [one.at_ms for one in found] == [3, 2]


def test_the_newest_few_cost_one_call(scripted):
    rows = [action(number) for number in range(200, 0, -1)]
    script = Script(paged(rows))
    found = scripted(script, lambda client: client.reader.timeline(LEAD, most=3))
    assert [one.at_ms for one in found] == [200, 199, 198]
    assert len(script.requests) == 1


def test_an_entry_that_arrives_while_paging_is_not_doubled(scripted):
    rows = [action(number) for number in range(150, 0, -1)]
    calls = 0

    def answer(request):
        nonlocal calls
        calls += 1
        if calls == 2:
            rows.insert(0, action(151))
        return paged(rows)(request)

    found = scripted(Script(answer), lambda client: client.reader.timeline(LEAD))
    ids = [one.id for one in found]
    assert len(ids) == len(set(ids))
    assert set(ids) >= {f"a{number}" for number in range(1, 151)}


def test_entries_without_ids_are_kept_apart(scripted):
    rows = [{"type": "1001", "fields": {"note": "same"}} for _ in range(3)]
    found = scripted(Script(paged(rows)), lambda client: client.reader.timeline(LEAD))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (
            {"id": "p", "type": "PAYMENT", "status": "PENDING", "currency": "INR", "amount": "100", "creationTimestamp": "7",
             "employeeid": "a@b.in"},
            TimelineAction("p", "PAYMENT", 7, "a@b.in", {"status": "PENDING", "currency": "INR", "amount": "100"}),
        ),
        (
            {"_id": "c", "type": "OUTGOING_CALL", "duration": -1, "employeeid": None, "creationTimestamp": 7.0},
            TimelineAction("c", "OUTGOING_CALL", 7, "", {"duration": 0}),
        ),
        (
            {"type": 1001, "fields": None, "text": "n", "isTruncated": True, "creationTimestamp": "soon"},
            TimelineAction(None, "1001", None, "", {"text": "n", "isTruncated": True}),
        ),
    ],
    ids=["payment", "call", "note"],
)  # fmt: skip
def test_entries_are_read_whatever_spelling_they_have(scripted, row, wanted):
    assert scripted(Script(paged([row])), lambda client: client.reader.timeline(LEAD)) == (wanted,)


def test_a_timeline_without_an_end_is_not_believed(scripted):
    count = 0

    def endless(request):
        nonlocal count
        count += 100
        return httpx.Response(
            200, json={"data": [action(count + n) for n in range(100)], "total_count": 10**9}
        )

    from leadops.crm import reader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_MOST_PAGES", 5)
        with pytest.raises(UnavailableError, match="no end"):
            scripted(Script(endless), lambda client: client.reader.timeline(LEAD))


# ── the token ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "answer",
    [
        refusal(401, "NOT_AUTHORIZED", f"token {CANARY} not found"),
        refusal(400, "BAD_REQUEST", f"{CANARY}"),
        reply(404, f"<html>{CANARY}</html>"),
        reply(302, b"", location=f"https://evil.example/?t={CANARY}"),
        reply(200, f"<html>{CANARY}</html>"),
        reply(200, {"data": CANARY}),
        reply(503, {"error": {"code": CANARY, "message": CANARY}}),
        httpx.ReadError(f"x {CANARY}"),
    ],
)
def test_the_token_stands_in_no_message_and_no_log(scripted, caplog, answer):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(LeadopsError) as caught:
        scripted(Script(answer), search)
    assert "canary" not in caught.value.message + caught.value.help + str(caught.value)
    assert "canary" not in caplog.text
    assert "autoupdate/v2/enterprise" not in caplog.text, "whole URLs are not logged"


def test_a_lead_that_answers_with_another_id_is_not_that_lead(scripted):
    script = Script(reply(200, {"id": "f" * 24, "fields": {"name": "Other"}}))
    with pytest.raises(UnreadableError, match="another lead"):
        scripted(script, lambda client: client.reader.lead(LEAD))
