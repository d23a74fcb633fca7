"""A playbook's clock that was moved may be looked at anywhere, and written by only on this machine."""

from types import SimpleNamespace

import pytest

from leadops.cli.applying import DAY_MS, require_present
from leadops.core.errors import RefusedError

NOW = 1_780_000_000_000


def _session(*, loopback):
    return SimpleNamespace(crm=SimpleNamespace(connection=SimpleNamespace(is_loopback=loopback)))


def test_a_clock_days_off_writes_nothing_to_the_service():
    with pytest.raises(RefusedError) as error:
        require_present(_session(loopback=False), NOW - 3 * DAY_MS, NOW)
    assert "3 days off" in error.value.message


def test_a_clock_hours_off_and_a_server_of_this_machine_are_fine():
    require_present(_session(loopback=False), NOW - DAY_MS // 2, NOW)
    require_present(_session(loopback=True), NOW - 30 * DAY_MS, NOW)


def test_a_moved_clock_moves_the_periods_of_a_plan(leadops):
    line = "find leads where status = Won and called in yesterday"
    code, out, err = leadops("plan", "--sandbox", "--now", "2026-05-02T09:00", "-e", line)
    assert code == 0, err
    assert "2026-05-01" in out
