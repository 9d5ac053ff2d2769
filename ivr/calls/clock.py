"""The clock that the calls go by; it is handed in, so that recorded calls are replayed at the time at which they were held."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

Clock = Callable[[], datetime]
"""The time, in UTC."""


def utc_now() -> datetime:
    """The time of the clock on the wall."""
    return datetime.now(UTC)


def midnight(now: datetime, zone: tzinfo) -> datetime:
    """When the day of that moment began in a zone, in UTC."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


class DoubtfulClock:
    """Whether the time of day was set by hours: what is deleted for its age must not go by a clock that may be wrong.

    The monotonic clock, which nobody sets, stands beside it.
    """

    SET_S = 12 * 3600.0
    """So far it must have moved; summer time and a clock that is put right move it less."""
    DOUBT_S = 24 * 3600.0
    """So long it is not believed then: somebody notices a wrong day within one."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._steady = steady
        self._apart = wall() - steady()
        self._until: float | None = None

    def doubted(self) -> bool:
        """Whether it was set since the last look, or within the last day."""
        now = self._steady()
        apart = self._wall() - now
        if abs(apart - self._apart) > self.SET_S:
            self._apart, self._until = apart, now + self.DOUBT_S
        return self._until is not None and now < self._until
