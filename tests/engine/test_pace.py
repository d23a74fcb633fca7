"""When intents may be written before their turn: only where requests are quick, not in a rate limit's first burst."""

from leadops.engine.apply.context.budget import Pace


def noted(*seconds):
    pace = Pace()
    for one in seconds:
        pace.note(one)
    return pace


def test_a_first_burst_does_not_show_that_requests_are_quick():
    assert not noted(*[0.01] * 10).quick
    assert noted(*[0.01] * 40).quick


def test_two_requests_that_waited_for_their_turn_end_it():
    assert not noted(*[0.01] * 200, 1.0, 1.0).quick
