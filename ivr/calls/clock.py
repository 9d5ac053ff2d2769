"""The clock that the calls go by; it is handed in, so that recorded calls are replayed at the time at which they were held."""

from __future__ import annotations

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
