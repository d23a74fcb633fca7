import asyncio
import random

import httpx
import pytest

from leadops.core.clock import ManualClock
from leadops.core.errors import ConfigurationError
from leadops.crm.auth import BearerAuth
from leadops.crm.client import TeleCrm
from leadops.crm.connection import origin_of
from leadops.crm.secrets import Secret
from tests.crm.scripts import CANARY, Script, connection, reply


@pytest.mark.parametrize(
    "url",
    [
        "https://next.telecrm.in/autoupdate/v2",
        "https://next-api.telecrm.in",
        "https://TELECRM.in/x/",
        "http://127.0.0.1:8000",
        "http://localhost",
        "http://[::1]:8000/autoupdate/v2",
        "https://127.0.0.1:8443",
    ],
)
def test_telecrms_hosts_and_this_machine_may_see_a_token(url):
    assert connection(sync_base_url=url, async_base_url=None).sync_base_url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://next.telecrm.in/autoupdate/v2", "plain http"),
        ("https://telecrm.in.evil.example", "not one of TeleCRM's hosts"),
        ("https://nexttelecrm.in", "not one of TeleCRM's hosts"),
        ("https://127.0.0.1.evil.example", "not one of TeleCRM's hosts"),
        ("http://127.0.0.1.evil.example", "plain http"),
        ("https://user:hush@next.telecrm.in", "more than a host"),
        ("https://next.telecrm.in/?a=b", "more than a host"),
        ("ftp://next.telecrm.in", "no web address"),
        ("next.telecrm.in", "no web address"),
        ("https://", "no web address"),
        ("https://user:hush@next.telecrm.in:abc", "no web address"),
        ("https://[::1", "no web address"),
    ],
)
@pytest.mark.parametrize("which", ["sync_base_url", "async_base_url"])
def test_other_addresses_are_refused_without_showing_what_they_hold(url, why, which):
    with pytest.raises(ConfigurationError, match=why) as caught:
        connection(**{which: url})
    assert "hush" not in caught.value.message + caught.value.help


def test_a_trusted_host_may_see_a_token_but_never_over_plain_http():
    assert connection(sync_base_url="https://crm.example", trusted=True).host == "crm.example"
    with pytest.raises(ConfigurationError, match="plain http"):
        connection(sync_base_url="http://crm.example", trusted=True)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_a_token_that_no_header_can_carry_is_refused_unshown(token):
    with pytest.raises(ConfigurationError) as caught:
        connection(sync_token=Secret(token))
    assert not token or token not in caught.value.message


@pytest.mark.parametrize("enterprise", ["", "  ", ".", ".."])
def test_an_enterprise_id_is_needed(enterprise):
    with pytest.raises(ConfigurationError):
        connection(enterprise_id=enterprise)


def test_the_enterprise_id_stays_one_part_of_the_path():
    assert connection(enterprise_id="a/../b?c").sync_root.endswith("/enterprise/a%2F..%2Fb%3Fc")


def test_a_connection_does_not_show_its_tokens():
    assert "canary" not in repr(connection())


def test_the_host_is_shown_with_an_unusual_port():
    assert connection(sync_base_url="http://127.0.0.1:8000/x").host == "127.0.0.1:8000"
    assert connection(sync_base_url="https://next.telecrm.in:443").host == "next.telecrm.in"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/lead",
        "http://next.telecrm.in/lead",
        "https://next.telecrm.in:8443/lead",
        "https://next-api.telecrm.in/lead",
    ],
)
def test_the_token_goes_to_one_origin_only(url):
    auth = BearerAuth(origin_of("https://next.telecrm.in/autoupdate/v2"), Secret(CANARY))
    request = httpx.Request("GET", url)
    with pytest.raises(ConfigurationError) as caught:
        next(auth.auth_flow(request))
    assert "authorization" not in request.headers
    assert "canary" not in caught.value.message
    fine = httpx.Request("GET", "https://next.telecrm.in:443/autoupdate/v2/x")
    assert next(auth.auth_flow(fine)).headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize(
    "lead_id",
    ["https://evil.example/x", "//evil.example", "../../metadata", "..", "", "a?b#c", "search", "x" * 300],
)
def test_an_id_from_data_cannot_lead_elsewhere(lead_id):
    script = Script(reply(200, {"fields": {"name": "x"}}))

    async def go():
        transport = httpx.MockTransport(script)
        async with TeleCrm(
            connection(), clock=ManualClock(0), rng=random.Random(1), transport=transport
        ) as client:
            await client.reader.lead(lead_id)
            await client.writer.update(lead_id, {"name": "x"})

    asyncio.run(go())
    for request in script.requests:
        assert request.url.host == "127.0.0.1"
        path = request.url.raw_path.decode()
        assert path.startswith("/autoupdate/v2/enterprise/64f000000000000000000001/lead/")
        assert path.count("/") == 6
