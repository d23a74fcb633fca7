from email.utils import formatdate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadops.crm.retry_after import LEAST_S, MOST_S, retry_after

NOW_MS = 1_777_000_000_000


@given(
    st.text()
    | st.from_regex(r"[-+]?[0-9.,]{1,30}")
    | st.from_regex(r"\w{3}, [0-9]{1,2} \w{3} [0-9]{1,5} [0-9:]{1,8} GMT")
)
@example("0")
@example("-5")
@example("1" + "0" * 400)
@example("Mon, 31 Feb 2099 99:99:99 GMT")
@example("Thu, 01 Jan 99999 00:00:00 GMT")
@example("120, 5")
@example("inf")
@example("nan")
def test_any_header_is_clamped_or_unreadable(text):
    wait = retry_after({"retry-after": text}, NOW_MS)
    assert wait is None or LEAST_S <= wait <= MOST_S


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("7", 7.0),
        (" 2.5 ", 2.5),
        ("0", 1.0),
        ("-5", 1.0),
        ("1000000000", 900.0),
        ("120, 5", None),
        ("soon", None),
        ("", None),
        (formatdate(NOW_MS / 1000 + 30, usegmt=True), 30.0),
        ("Thu, 01 Jan 1999 00:00:00 GMT", 1.0),
        ("Thu, 01 Jan 2099 00:00:00 GMT", 900.0),
    ],
)
def test_seconds_and_dates_are_read(text, wait):
    assert retry_after({"retry-after": text}, NOW_MS) == wait


def test_a_date_counts_from_the_servers_own_clock():
    headers = {
        "retry-after": formatdate(NOW_MS / 1000 + 3600 + 20, usegmt=True),
        "date": formatdate(NOW_MS / 1000 + 3600, usegmt=True),
    }
    assert retry_after(headers, NOW_MS) == 20.0


def test_no_header_is_no_wait():
    assert retry_after({}, NOW_MS) is None
