"""When something was in Asterisk, on our clock: two clocks that differ, events that come late, and clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.calls.asterisk_clock import AsteriskClock
from ivr.calls.clock import DoubtfulClock

T0 = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def heard(clock: AsteriskClock, true_s: float, ours: timedelta, theirs: timedelta, late_s: float = 0.0) -> float:
    """What the clock says of an event at this moment, in seconds beside what our clock showed then."""
    happened = T0 + timedelta(seconds=true_s)
    at = clock.at((happened + theirs).timestamp(), happened + ours + timedelta(seconds=late_s))
    return (at - happened - ours).total_seconds()


@pytest.mark.parametrize("theirs", [timedelta(), HOUR, -HOUR, timedelta(seconds=3)])
def test_clocks_that_differ_are_read_as_one(theirs: timedelta) -> None:
    clock, none = AsteriskClock(), timedelta()
    assert [heard(clock, n, none, theirs) for n in range(5)] == pytest.approx([0.0] * 5)
    assert heard(clock, 6, none, theirs, late_s=2.5) == pytest.approx(0.0), "an event that comes late was when it was"


@pytest.mark.parametrize("wrong", [HOUR, -HOUR, timedelta(days=2), -timedelta(days=2), timedelta(minutes=1)])
@pytest.mark.parametrize("whose", ["ours", "theirs", "both"])
def test_clock_that_is_set_and_set_right_again_leaves_no_hour_behind(wrong: timedelta, whose: str) -> None:
    clock, now_s = AsteriskClock(), 0.0
    for times in (0, 1, 0, 1, 0):
        ours = wrong * times if whose in ("ours", "both") else timedelta()
        theirs = wrong * times if whose in ("theirs", "both") else timedelta()
        for _ in range(3):
            now_s += 0.7
            assert abs(heard(clock, now_s, ours, theirs, late_s=0.01)) <= 0.06


@pytest.mark.parametrize(
    ("moved_h", "doubted"), [(0, False), (1, False), (-11, False), (13, True), (-13, True), (24 * 400, True)]
)
def test_clock_that_was_set_by_hours_is_doubted_for_a_day(moved_h: float, doubted: bool) -> None:
    wall, steady = [1_000_000.0], [50.0]
    clock = DoubtfulClock(lambda: wall[0], lambda: steady[0])
    assert not clock.doubted()
    wall[0] += moved_h * 3600
    assert clock.doubted() is doubted
    for _ in range(23):
        wall[0], steady[0] = wall[0] + 3600, steady[0] + 3600
        assert clock.doubted() is doubted
    wall[0], steady[0] = wall[0] + 3601, steady[0] + 3601
    assert not clock.doubted()
