"""When a house is open: a week of hours, days with hours of their own, and public holidays, in one time zone.

Everything is worked out on instants, never on wall clocks alone: on the day the clocks go back an hour that exists twice is
open from its first time to its last, and on the day they go forward a time that does not exist is the moment of the jump.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

Interval = tuple[int, int]
"""Opening and closing in minutes since midnight, 0 to 1440; a closing at or before the opening is on the next day."""

DAYS_AHEAD = 14
"""How far ``opens_next`` and ``closes`` look."""
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Calendar:
    """The opening hours of one house or team.

    Raises ``ValueError`` for a week that has not seven days or a minute outside 0 to 1440, and
    ``zoneinfo.ZoneInfoNotFoundError`` for a zone nobody knows. Every ``now`` needs its zone, any zone; without one it is a
    ``ValueError``. Bring an answer to UTC before reckoning with it: Python counts within one zone by the clock on the wall.
    """

    name: str
    zone: str
    """IANA name, "Europe/Berlin"."""
    weekly: tuple[tuple[Interval, ...], ...]
    """Seven days, Monday first."""
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict, hash=False)
    """Days with hours of their own, which win over the week and over holidays; without any interval: closed."""
    holidays: frozenset[date] = frozenset()
    """Closed, unless an exception says otherwise."""

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise ValueError(f"{self.name}: a week has seven days, not {len(self.weekly)}")
        for opening, closing in (pair for day in (*self.weekly, *self.exceptions.values()) for pair in day):
            if not (0 <= opening < _DAY_MINUTES and 0 <= closing <= _DAY_MINUTES):
                raise ValueError(f"{self.name}: {opening} to {closing} are no minutes of a day")
        ZoneInfo(self.zone)

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is there."""
        return self._span_at(now) is not None

    def is_holiday(self, now: datetime) -> bool:
        """Whether it is a public holiday there, open or not."""
        return _aware(now).astimezone(self._zone).date() in self.holidays

    def opens_next(self, now: datetime) -> datetime | None:
        """The next time the doors open after ``now``, in the calendar's zone; None when not within 14 days.

        While it is open this is the opening after the next closing.
        """
        at = _aware(now).astimezone(UTC)
        limit = at + timedelta(days=DAYS_AHEAD)
        opening = next((start for start, _ in self._spans(at) if start > at), None)
        return None if opening is None or opening > limit else opening.astimezone(self._zone)

    def closes(self, now: datetime) -> datetime | None:
        """When it closes, in the calendar's zone; None while it is closed, and when it stays open for 14 days and more."""
        span = self._span_at(now)
        if span is None or span[1] > _aware(now).astimezone(UTC) + timedelta(days=DAYS_AHEAD):
            return None
        return span[1].astimezone(self._zone)

    def on(self, day: date) -> tuple[str, str] | None:
        """The first opening and the last closing of a day, "09:00" and "18:00"; None where it is closed all day."""
        hours = self._hours_of(day)
        if not hours:
            return None
        opening, closing = hours[0][0], hours[-1][1]
        return f"{opening // 60:02}:{opening % 60:02}", f"{closing // 60:02}:{closing % 60:02}"

    def _hours_of(self, day: date) -> tuple[Interval, ...]:
        own = self.exceptions.get(day)
        if own is not None:
            return own
        return () if day in self.holidays else self.weekly[day.weekday()]

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _span_at(self, now: datetime) -> tuple[datetime, datetime] | None:
        at = _aware(now).astimezone(UTC)
        return next((span for span in self._spans(at) if span[0] <= at < span[1]), None)

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open times around an instant and after it, in order; those that touch or overlap are one."""
        today = at.astimezone(self._zone).date()
        # Yesterday may reach over midnight; two days more than are asked for, so that a span is never cut at the limit.
        days = (today + timedelta(days=n) for n in range(-1, DAYS_AHEAD + 3))
        found = sorted(span for day in days for span in self._spans_of(day))
        held: tuple[datetime, datetime] | None = None
        for start, end in found:
            if held is not None and start <= held[1]:
                held = (held[0], max(held[1], end))
                continue
            if held is not None:
                yield held
            held = (start, end)
        if held is not None:
            yield held

    def _spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for opening, closing in self._hours_of(day):
            over_midnight = _DAY_MINUTES if closing <= opening else 0
            start = self._instant(day, opening, last=False)
            end = self._instant(day, closing + over_midnight, last=True)
            if start < end:  # a quarter of an hour that the clocks jump over is no time at all
                yield start, end

    def _instant(self, day: date, minute: int, last: bool) -> datetime:
        """The instant of a wall time; ``last`` chooses the second of two, and a time that is jumped over is the jump."""
        wall = datetime.combine(day + timedelta(days=minute // _DAY_MINUTES), time(), self._zone)
        wall = wall.replace(hour=minute % _DAY_MINUTES // 60, minute=minute % 60, fold=int(last))
        instant = wall.astimezone(UTC)
        if instant.astimezone(self._zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
            return instant
        # In the gap the offset before the jump (fold 0) gives an instant after it, and the offset after it one before.
        early, late = wall.replace(fold=1).astimezone(UTC), wall.replace(fold=0).astimezone(UTC)
        offset = early.astimezone(self._zone).utcoffset()
        while late - early > timedelta(seconds=1):
            middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
            early, late = (middle, late) if middle.astimezone(self._zone).utcoffset() == offset else (early, middle)
        return late


def _aware(now: datetime) -> datetime:
    if now.utcoffset() is None:
        raise ValueError("a time without its zone says nothing about opening hours")
    return now
