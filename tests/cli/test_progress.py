"""How far a command is: nothing where it is soon over, a line per tenth or half minute where nobody watches."""

import pytest

from leadops.cli.console import Console
from leadops.cli.progress import Progress, Reading
from leadops.core.clock import ManualClock
from leadops.model.query import Calls
from leadops.model.run import Outcome


class _Result:
    clean = True
    outcome = Outcome.CHANGED


def _lines(capfd, total, seconds, style="auto", **console):
    clock = ManualClock(0)
    with Progress(Console(**console), total, clock, 3000, style) as progress:
        for _ in range(total):
            clock.advance(seconds)
            progress.settled(_Result())
    return capfd.readouterr().err.splitlines()


def test_a_long_run_says_a_line_per_tenth(capfd, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    lines = _lines(capfd, 200, 1.0)
    assert [line.split(" of ")[0] for line in lines] == [str(20 * n) for n in range(1, 11)]
    assert "about 180 s left" in lines[0] or "about 3 min left" in lines[0]
    assert "3,000 calls an hour allowed" in lines[0]


def test_a_slow_run_says_a_line_per_half_minute(capfd):
    lines = _lines(capfd, 10, 100.0)
    assert len(lines) == 10
    lines = _lines(capfd, 1000, 1.0)
    assert 10 <= len(lines) <= 1000 / 30 + 11


def test_a_short_run_says_nothing_unless_asked(capfd):
    assert _lines(capfd, 40, 0.1) == []
    assert len(_lines(capfd, 40, 0.1, "plain")) == 10
    assert _lines(capfd, 200, 1.0, "none") == []
    assert _lines(capfd, 200, 1.0, quiet=True) == []


@pytest.mark.parametrize(("style", "many"), [("auto", 3), ("plain", 3), ("none", 0)])
def test_long_reading_says_how_many_calls_it_made(capfd, style, many):
    clock = ManualClock(0)
    with Reading(Console(), clock, 3000, style) as reading:
        for made in range(100):
            reading.called(Calls(reads=made + 5))
            clock.advance(1.0)
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == many
    assert all("calls made, 3,000 an hour allowed" in line for line in lines)
    if lines:
        assert lines[0].startswith("reading: 30 calls made")


class _Settled(_Result):
    outcome = Outcome.ALREADY


def test_what_was_settled_already_is_no_rate(capfd):
    clock = ManualClock(0)
    with Progress(Console(), 400, clock, 3000, "plain") as progress:
        for _ in range(360):
            progress.settled(_Settled())
        for _ in range(40):
            clock.advance(10.0)
            progress.settled(_Result())
    lines = capfd.readouterr().err.splitlines()
    assert all("an hour" not in line.replace("calls an hour allowed", "") for line in lines[:9])
    assert all("left" not in line for line in lines[:9])
    assert "360 sent an hour" in lines[-1]
    assert "20 of" not in lines[-1]
