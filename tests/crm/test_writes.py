"""What one write is known to have done, for every answer that may come."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadops.core.errors import CallBudgetError, ConfigurationError
from leadops.crm.transport import Answer
from leadops.crm.write_outcome import appended, verdict
from leadops.model.change import ActionSpec
from leadops.model.exchange import Delivery, Entry, Words
from leadops.model.schema import FieldType
from tests.crm.scripts import CANARY, Script, refusal, reply

LEAD = "64f000000000000000000002"
ID = "64f000000000000000000003"
CREATED = {"action_id": ID, "status": "CREATED"}
IGNORED = {"action_id": None, "status": "IGNORED"}
NOTE = ActionSpec("1001", {"note": "Thanks"})


def append(client):
    return client.writer.append(LEAD, [NOTE])


def update(client):
    return client.writer.update(LEAD, {"rating": 5})


def create(client):
    return client.writer.create({"phone": "919999999999"}, [NOTE])


def appended_with(*entries, **more):
    return {"lead_id": LEAD, "actions": list(entries), "remarks": [], **more}


@pytest.mark.parametrize("code", [400, 404, 405, 409, 410, 413, 415, 422])
def test_a_refusal_in_the_apis_envelope_is_a_rejection(scripted, code):
    answer = scripted(Script(refusal(code, "BAD_REQUEST", "Invalid value")), update)
    assert (answer.delivery, answer.status, answer.code) == (Delivery.REJECTED, code, "BAD_REQUEST")
    assert answer.message == "Invalid value"


@pytest.mark.parametrize("code", [400, 403, 404, 405, 407, 409, 410, 413, 415, 422])
@pytest.mark.parametrize("body", ["<html>Not Found</html>", {"detail": "Not Found"}, b"", [1]], ids=str)
def test_the_same_codes_without_the_envelope_stop_the_run(scripted, code, body):
    assert scripted(Script(reply(code, body)), update).delivery is Delivery.BLOCKED


@pytest.mark.parametrize("code", [301, 302, 307, 308, 408, 425, 499, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", ["<html></html>", {"error": {"code": "X", "message": "y"}}, b"x"], ids=str)
def test_whatever_may_have_been_applied_is_unknown(scripted, code, body):
    script = Script(reply(code, body))
    assert scripted(script, append).delivery is Delivery.UNKNOWN
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        refusal(401, "NOT_AUTHORIZED"),
        reply(401, "<html></html>"),
        reply(401, {"message": "Unauthorized"}),
        refusal(402, "BUY_LICENSE"),
        refusal(400, "ENTERPRISE_LICENSE_EXPIRED"),
        refusal(500, "ENTERPRISE_LICENSE_EXPIRED"),
        refusal(404, "ENTERPRISE_NOT_FOUND"),
        refusal(403, "FORBIDDEN"),
        refusal(200, "NOT_AUTHORIZED"),
    ],
)
def test_a_refused_token_or_licence_is_a_denial(scripted, answer):
    assert scripted(Script(answer), update).delivery is Delivery.DENIED


def test_the_identifier_in_an_update_is_a_rejection_and_no_denial(scripted):
    answer = scripted(Script(refusal(403, "INVALID_LEAD", "Cannot modify lead identifier field")), update)
    assert (answer.delivery, answer.code) == (Delivery.REJECTED, "INVALID_LEAD")


@pytest.mark.parametrize(
    ("header", "wait"), [({}, None), ({"retry_after": "7"}, 7.0), ({"retry_after": "-1"}, 1.0)]
)
def test_a_429_was_not_applied_and_says_when_to_come_back(scripted, header, wait):
    script = Script(reply(429, "<html>slow down</html>", **header))
    answer = scripted(script, append)
    assert (answer.delivery, answer.retry_after_s) == (Delivery.THROTTLED, wait)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("body", "delivery"),
    [
        ({"error": {"code": "BAD_REQUEST", "message": "no"}}, Delivery.REJECTED),
        ({"error": "LEAD_NOT_FOUND"}, Delivery.REJECTED),
        ({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "no"}}, Delivery.THROTTLED),
        (appended_with(CREATED, error={"code": "BAD_REQUEST", "message": "no"}), Delivery.UNKNOWN),
    ],
    ids=["envelope", "text", "rate", "both"],
)
def test_an_error_inside_a_200_is_the_error_unless_it_says_both(scripted, body, delivery):
    assert scripted(Script(reply(200, body)), append).delivery is delivery


@pytest.mark.parametrize(
    "body",
    [
        "<html>Please log in</html>",
        b"",
        b"null",
        b"[]",
        b'{"actions": [], "actions": []}',
        {},
        {"lead_id": LEAD},
        appended_with(),
        appended_with(CREATED, CREATED),
        appended_with({"action_id": ID, "status": "QUEUED"}),
        appended_with({"action_id": None, "status": "CREATED"}),
        appended_with({"action_id": "", "status": "CREATED"}),
        appended_with({"action_id": ID}),
        appended_with("CREATED"),
        appended_with(CREATED, remarks="none"),
        appended_with(CREATED, remarks=["none"]),
    ],
    ids=str,
)
def test_a_200_of_another_shape_is_unknown(scripted, body):
    answer = scripted(Script(reply(200, body)), append)
    assert answer.delivery is Delivery.UNKNOWN
    assert answer.entries == ()
    assert answer.message


def test_entries_and_remarks_are_told_in_the_order_of_the_request(scripted):
    body = appended_with(
        CREATED,
        IGNORED,
        remarks=[{"field": "actions[1].fields.email", "status": "IGNORED", "remark": "Email is invalid"}],
    )
    answer = scripted(Script(reply(200, body)), lambda client: client.writer.append(LEAD, [NOTE, NOTE]))
    assert answer.delivery is Delivery.ACKED
    assert answer.entries == (Entry(ID, created=True), Entry(None, created=False))
    assert answer.remarks == (Words("actions[1].fields.email", "Email is invalid"),)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([LEAD, ID, "CREATED", "IGNORED"]),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["lead_id", "actions", "remarks", "action_id", "status", "field", "error"]), inner),
        max_leaves=12,
    )
)  # fmt: skip
def test_no_body_is_taken_for_a_success_unless_each_action_has_its_verdict(body):
    import json

    answer = Answer(200, {}, json.dumps(body).encode(), "", 0, 0, None)
    found = verdict(answer, appended(1))
    if found.delivery is Delivery.ACKED:
        (entry,) = body["actions"]
        assert (entry["status"], bool(entry.get("action_id"))) == ("CREATED", True) or entry[
            "status"
        ] == "IGNORED"


def test_a_create_is_acked_with_its_id(scripted):
    script = Script(reply(201, {"lead_id": LEAD, "actions": [CREATED]}))
    answer = scripted(script, create)
    assert (answer.delivery, answer.lead_id, answer.entries) == (
        Delivery.ACKED,
        LEAD,
        (Entry(ID, created=True),),
    )
    assert script.bodies() == [
        {"fields": {"phone": "919999999999"}, "actions": [{"type": "1001", "fields": {"note": "Thanks"}}]}
    ]


def test_a_create_without_actions_sends_none_and_needs_no_verdicts(scripted):
    script = Script(reply(201, {"lead_id": LEAD}))
    answer = scripted(script, lambda client: client.writer.create({"phone": "91"}, []))
    assert answer.delivery is Delivery.ACKED
    assert script.bodies() == [{"fields": {"phone": "91"}}]


def test_a_create_that_does_not_tell_of_its_actions_is_unknown_with_its_id(scripted):
    answer = scripted(Script(reply(201, {"lead_id": LEAD})), create)
    assert (answer.delivery, answer.lead_id) == (Delivery.UNKNOWN, LEAD)


def test_a_create_without_an_id_is_unknown(scripted):
    assert scripted(Script(reply(201, {"actions": [CREATED]})), create).delivery is Delivery.UNKNOWN


def test_an_update_returns_the_fields_as_a_lead_has_them(scripted):
    body = {"fields": {"rating": "5", "employeeid": "a@b.in", "interests": ["VIP"], "x": {"a": 1}}}
    answer = scripted(Script(reply(200, body)), update)
    assert answer.delivery is Delivery.ACKED
    assert answer.fields == {"rating": "5", "assignee": "a@b.in", "interests": ("VIP",), "x": '{"a": 1}'}


def test_an_answer_says_whom_it_is_about(scripted):
    answers = [
        scripted(Script(reply(200, {**appended_with(CREATED), "lead_id": ID})), append),
        scripted(Script(reply(200, {"id": ID, "fields": {"rating": 5}})), update),
        scripted(Script(reply(200, {"lead_id": ID, "fields": {"rating": 5}})), update),
        scripted(
            Script(reply(200, {"id": ID, "leadId": ID, "type": "1001", "fields": {}})),
            lambda client: client.writer.update_action(LEAD, ActionSpec("1001", {}, action_id=ID)),
        ),
    ]
    assert {(one.delivery, one.lead_id) for one in answers} == {(Delivery.ACKED, ID)}


@pytest.mark.parametrize("body", [{}, {"fields": None}, {"fields": []}, {"data": {"fields": {}}}], ids=str)
def test_an_update_without_an_echo_is_unknown(scripted, body):
    assert scripted(Script(reply(200, body)), update).delivery is Delivery.UNKNOWN


def test_an_action_update_sends_the_action_itself_and_returns_it(scripted):
    script = Script(reply(200, {"type": "ACTION_1001", "fields": {"note": "New"}}))
    spec = ActionSpec("1001", {"note": "New"}, action_id=ID)
    answer = scripted(script, lambda client: client.writer.update_action(LEAD, spec))
    assert answer.delivery is Delivery.ACKED
    assert (answer.action.type, answer.action.fields) == ("1001", {"note": "New"})
    assert script.requests[0].url.path.endswith(f"/lead/{LEAD}/action/{ID}")
    assert script.bodies() == [{"type": "1001", "fields": {"note": "New"}}]


def test_an_action_update_without_an_action_id_is_not_sent(scripted):
    script = Script(reply(200, {}))
    answer = scripted(script, lambda client: client.writer.update_action(LEAD, NOTE))
    assert answer.delivery is Delivery.REJECTED
    assert script.requests == []


def test_a_payment_is_flat_and_its_amount_a_text(scripted):
    script = Script(reply(200, appended_with(CREATED)))
    spec = ActionSpec("PAYMENT", {"status": "PENDING", "currency": "INR", "amount": 100})
    scripted(script, lambda client: client.writer.append(LEAD, [spec]))
    assert script.bodies()[0]["actions"] == [
        {"type": "PAYMENT", "status": "PENDING", "currency": "INR", "amount": "100"}
    ]


def test_values_go_out_as_their_types_want_them(scripted):
    script = Script(reply(200, appended_with(CREATED)))
    fields = {
        "score": "4",
        "price": 1e16,
        "when": 1_777_000_000_000,
        "tags": ("a", "b"),
        "text": "5",
        "odd": "many",
        "on": True,
    }
    types = {"score": FieldType.RATING, "price": FieldType.MONEY, "when": FieldType.DATE, "odd": FieldType.NUMBER,
             "on": FieldType.NUMBER}  # fmt: skip
    scripted(script, lambda client: client.writer.append(LEAD, [ActionSpec("ACTION_1001", fields, types)]))
    assert script.bodies()[0]["actions"][0] == {
        "type": "1001",
        "fields": {"score": 4, "price": "10000000000000000", "when": 1_777_000_000_000, "tags": ["a", "b"], "text": "5",
                   "odd": "many", "on": True},
    }  # fmt: skip


def test_hostile_text_is_sent_as_it_is(scripted):
    text = "nul \x00 rtl \u202e zwj \u200d half \ud800 é e\u0301 İ ß 😀"
    script = Script(reply(200, {"fields": {}}))
    scripted(script, lambda client: client.writer.update(LEAD, {"name": text}))
    assert script.bodies() == [{"fields": {"name": text}}]


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")]
)
def test_what_never_left_is_not_sent(scripted, error):
    assert scripted(Script(error), append).delivery is Delivery.NOT_SENT


@pytest.mark.parametrize(
    "error",
    [httpx.ReadError("x"), httpx.ReadTimeout("x"), httpx.WriteError("x"), httpx.RemoteProtocolError("x"),
     ConnectionResetError("x"), BrokenPipeError("x"), TimeoutError()],
)  # fmt: skip
def test_what_broke_later_is_unknown(scripted, error):
    assert scripted(Script(error), append).delivery is Delivery.UNKNOWN


def test_a_bug_is_not_taken_for_a_broken_connection(scripted):
    with pytest.raises(ZeroDivisionError):
        scripted(Script(ZeroDivisionError()), append)


@pytest.mark.parametrize(
    ("answer", "delivery"),
    [
        (reply(200, {"status": "QUEUED"}), Delivery.ACKED),
        (reply(200, b""), Delivery.ACKED),
        (reply(202, {"modifiedLeadIds": [], "status": "ok"}), Delivery.ACKED),
        (reply(200, {"status": "ERROR", "errorString": "no identifier"}), Delivery.REJECTED),
        (reply(200, "<html></html>"), Delivery.UNKNOWN),
        (reply(200, []), Delivery.UNKNOWN),
        (refusal(401, "NOT_AUTHORIZED"), Delivery.DENIED),
    ],
)
def test_the_async_receipt_means_queued_and_no_more(scripted, answer, delivery):
    script = Script(answer)
    found = scripted(script, lambda client: client.writer.upsert({"phone": "91", "rating": 5}))
    assert found.delivery is delivery
    assert script.requests[0].url.path == "/enterprise/64f000000000000000000001/autoupdatelead"
    assert script.requests[0].headers["authorization"] == f"Bearer {CANARY}-async"
    assert script.bodies() == [{"fields": {"phone": "91", "rating": 5}}]


def test_without_an_async_token_nothing_is_sent(clock):
    import asyncio
    import random

    from leadops.crm.client import TeleCrm
    from tests.crm.scripts import connection

    script = Script(reply(200, {"status": "QUEUED"}))

    async def go():
        where = connection(async_token=None)
        async with TeleCrm(
            where, clock=clock, rng=random.Random(1), transport=httpx.MockTransport(script)
        ) as client:
            await client.writer.upsert({"phone": "91"})

    with pytest.raises(ConfigurationError, match="async API is not configured"):
        asyncio.run(go())
    assert script.requests == []


def test_a_call_beyond_the_budget_is_not_sent(scripted):
    script = Script(reply(200, {"fields": {}}))
    seen = []

    async def work(client):
        await update(client)
        await client.reader.get("/metadata")
        with pytest.raises(CallBudgetError):
            await update(client)
        with pytest.raises(CallBudgetError):
            await client.reader.get("/metadata")
        return client.calls

    calls = scripted(script, work, max_calls=2, on_call=seen.append)
    assert (calls.reads, calls.writes, len(script.requests)) == (1, 1, 2)
    assert seen[-1] == calls


def test_the_services_words_never_carry_the_token(scripted):
    answer = scripted(Script(refusal(400, "BAD_REQUEST", f"token {CANARY} is fine")), update)
    assert "canary" not in repr(answer)
    assert answer.message == "token *** is fine"


def test_a_write_that_waited_a_quarter_of_an_hour_does_not_leave_any_more(scripted, clock):
    class Slow:
        async def acquire(self):
            await clock.sleep(1000)

        def throttled(self, pause_s):
            raise AssertionError(pause_s)

    script = Script(reply(200, {"fields": {}}))
    answer = scripted(script, update, limiter=Slow())
    assert (answer.delivery, script.requests) == (Delivery.NOT_SENT, [])
    assert "waited too long" in answer.message


WRITES = {
    "create": lambda client, still: client.writer.create({"phone": "91"}, [], still=still),
    "update": lambda client, still: client.writer.update(LEAD, {"rating": 5}, still=still),
    "append": lambda client, still: client.writer.append(LEAD, [NOTE], still=still),
    "update_action": lambda client, still: client.writer.update_action(
        LEAD, ActionSpec("1001", {"note": "x"}, action_id=ID), still=still
    ),
    "upsert": lambda client, still: client.writer.upsert({"phone": "91"}, still=still),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_has_grown_too_old_when_its_turn_comes_is_not_sent(scripted, clock, name):
    class Slow:
        turns = 0

        async def acquire(self):
            self.turns += 1
            clock.advance(70)

        def throttled(self, pause_s):
            raise AssertionError

    pace = Slow()
    script = Script(reply(200, {}))

    async def work(client):
        read_at = clock.monotonic()
        first = await WRITES[name](client, lambda: clock.monotonic() - read_at <= 60)
        assert script.requests == []
        assert client.calls.writes == 0
        # Read anew, it goes with the turn that it had waited for.
        read_at = clock.monotonic()
        second = await WRITES[name](client, lambda: clock.monotonic() - read_at <= 60)
        return first, second

    first, second = scripted(script, work, limiter=pace)
    assert first.delivery is Delivery.OUTDATED
    assert second.delivery is not Delivery.OUTDATED
    assert (pace.turns, len(script.requests)) == (1, 1)


def test_a_write_that_waited_out_a_pause_is_asked_for_again(scripted, clock):
    script = Script(reply(429, {}, retry_after="65"), reply(200, {"fields": {"rating": 5}}))

    async def work(client):
        assert (await update(client)).delivery is Delivery.THROTTLED
        return await client.writer.update(LEAD, {"rating": 5}, still=lambda: clock.monotonic() <= 60)

    assert scripted(script, work).delivery is Delivery.OUTDATED
    assert clock.monotonic() >= 65
    assert len(script.requests) == 1
