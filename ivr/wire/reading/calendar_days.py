"""Reckoning with days: which one is meant by "the third", "next Friday" or 下周三, seen from today."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ivr.wire.reading.words import Values

Which = Literal["", "this", "next", "last"]
_WRONG_WEEKDAY = 0.7
"""What is left of a date whose day of the week does not fit."""


_SOON = 45
"""Days within which "Friday the fifth" is believed, though the next fifth is no Friday."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days as seen from one of them. Days of the week are 0 (Monday) to 6; a week begins on Monday.

    A date that does not exist, and one out of the calendar, gives no values.
    """

    today: date

    def later(self, number: int) -> Days:
        """The days as seen so many days later."""
        return Days(self.today + timedelta(days=number))

    def exact(self, year: int, month: int, day: int, weekday: int | None = None) -> Values:
        """A date with its year."""
        found = _date(year, month, day)
        if found is None:
            return ()
        return ((found.isoformat(), 1.0 if weekday in (None, found.weekday()) else _WRONG_WEEKDAY),)

    def of_month(self, month: int, day: int, weekday: int | None = None) -> Values:
        """A date without a year: the next one, or the one of this year that the day of the week fits.

        Where it fits next year's or last year's only, that one may be meant, but rather somebody is wrong about the weekday.
        """
        year = self.today.year
        # The 29th of February may be eight years away.
        dates = [found for y in range(year, year + 9) if (found := _date(y, month, day))]
        coming = next((found for found in dates if found >= self.today), None)
        if coming is None:
            return ()
        if weekday in (None, coming.weekday()):
            return ((coming.isoformat(), 1.0),)
        around = [found for y in (year, year + 1, year - 1) if (found := _date(y, month, day))]
        fitting = next((found for found in around if found.weekday() == weekday), None)
        if fitting is None:
            return ((coming.isoformat(), _WRONG_WEEKDAY),)
        if fitting.year == year:
            return ((fitting.isoformat(), 1.0),)
        return ((coming.isoformat(), _WRONG_WEEKDAY), (fitting.isoformat(), round(1 - _WRONG_WEEKDAY, 2)))

    def of_some_month(self, day: int, weekday: int | None = None) -> Values:
        """A day without a month: the next one, or the next that falls on the day of the week that was said."""
        firsts = [first for n in range(13) if (first := _months_on(self.today.replace(day=1), n))]
        coming = [d for f in firsts if (d := _date(f.year, f.month, day)) and d >= self.today]
        fitting = [found for found in coming if weekday in (None, found.weekday())]
        if not coming:
            return ()
        if not fitting:
            return ((coming[0].isoformat(), _WRONG_WEEKDAY),)
        if (fitting[0] - self.today).days > _SOON and fitting[0] != coming[0]:  # rather the day of the week is wrong
            return ((coming[0].isoformat(), _WRONG_WEEKDAY), (fitting[0].isoformat(), round(1 - _WRONG_WEEKDAY, 2)))
        return ((fitting[0].isoformat(), 1.0),)

    def of_month_from_here(self, months: int, day: int) -> Values:
        """A day of this month (0), the next (1), the last (-1)."""
        first = _months_on(self.today.replace(day=1), months)
        return self.exact(first.year, first.month, day) if first else ()

    def nth_weekday(self, number: int, weekday: int, month: int) -> Values:
        """The first (1), second … or last (-1) such day of a month, the next time there is one."""
        for year in (self.today.year, self.today.year + 1):
            weeks = [week[weekday] for week in calendar.monthcalendar(year, month) if week[weekday]]
            day = weeks[number - 1 if number > 0 else number] if -1 <= number <= len(weeks) and number else 0
            found = _date(year, month, day)
            if found and found >= self.today:
                return ((found.isoformat(), 1.0),)
        return ()

    def nth_weekday_of(self, number: int, weekday: int, months: int) -> Values:
        """The first (1), second … or last (-1) such day of this month (0), the next (1), though it be over."""
        first = _months_on(self.today.replace(day=1), months)
        if first is None:
            return ()
        weeks = [week[weekday] for week in calendar.monthcalendar(first.year, first.month) if week[weekday]]
        if not (-1 <= number <= len(weeks) and number):
            return ()
        return self.exact(first.year, first.month, weeks[number - 1 if number > 0 else number])

    def full_year(self, year: int) -> int:
        """The year of two figures, 27 or 85: at most twenty years from now, else in the century before."""
        if year >= 100:
            return year
        year += self.today.year // 100 * 100
        return year - 100 if year > self.today.year + 20 else year

    def last_of_month(self, months: int) -> Values:
        """The last day of this month (0), the next (1)."""
        first = _months_on(self.today.replace(day=1), months)
        return self.of_month_from_here(months, calendar.monthrange(first.year, first.month)[1]) if first else ()

    def away(self, number: int, unit: Literal["day", "week", "month", "year"] = "day") -> Values:
        """So many days, weeks, months or years from today; a month that is too short gives its last day."""
        try:
            if unit in ("day", "week"):
                found: date | None = self.today + timedelta(days=number * (7 if unit == "week" else 1))
            else:
                found = _months_on(self.today, number * (12 if unit == "year" else 1))
        except OverflowError:
            return ()
        return ((found.isoformat(), 1.0),) if found else ()

    def in_week(self, weekday: int, weeks: int) -> Values:
        """A day of this week (0), the next (1), the last (-1)."""
        return self.away(weekday - self.today.weekday() + 7 * weeks)

    def week_after_next(self, weekday: int) -> Values:
        """At the weekend people differ about which week is the next, so both are given."""
        if self.today.weekday() < 5:
            return self.in_week(weekday, 2)
        return (
            *((value, 0.5) for value, _ in self.in_week(weekday, 3)),
            *((value, 0.5) for value, _ in self.in_week(weekday, 2)),
        )

    def coming(self, weekday: int, weeks: int = 0) -> Values:
        """The first such day after today, or ``weeks`` later."""
        return self.away((weekday - self.today.weekday() - 1) % 7 + 1 + 7 * weeks)

    def in_so_many_weeks(self, weekday: int, weeks: int) -> Values:
        """ "Monday in two weeks": counted from this week or from the coming Monday; where they differ, both are given.

        "Monday in a week" is never the coming one.
        """
        from_here = self.in_week(weekday, weeks) if weeks > 1 else ()
        both = dict.fromkeys(from_here + self.coming(weekday, weeks))
        return tuple((value, share / len(both)) for value, share in both)

    def english(self, weekday: int, which: Which) -> Values:
        """ "Friday", "this Friday", "next Friday", "last Friday".

        Where "next Friday" may be the one of this week or of the next, people differ, so both are given.
        """
        ahead = (weekday - self.today.weekday()) % 7
        if which == "last":
            return self.away(-((self.today.weekday() - weekday - 1) % 7 + 1))
        if which == "this":
            return self.away(ahead)
        soon, next_week = self.coming(weekday)[:1], self.in_week(weekday, 1)[:1]
        if which == "next" and soon != next_week:
            return (*((value, 0.6) for value, _ in next_week), *((value, 0.4) for value, _ in soon))
        if which == "" and ahead == 0:
            # Somebody who says "Wednesday" on a Wednesday rather means the next: today has a word of its own.
            return (*((value, 0.7) for value, _ in soon), (self.today.isoformat(), 0.3))
        return soon


def shifted(values: Values, days: int) -> Values:
    """Dates so many days later; those that leave the calendar are left out."""
    return tuple(
        (later[0][0], share) for value, share in values if (later := Days(date.fromisoformat(value)).away(days))
    )


def weekday_from(values: Values, weekday: int, direction: int) -> Values:
    """The first such day of the week after each date (direction 1), or before it (-1)."""
    found = []
    for value, share in values:
        day = date.fromisoformat(value)
        away = (weekday - day.weekday()) % 7 or 7 if direction > 0 else -((day.weekday() - weekday) % 7 or 7)
        found += [(then, share) for then, _ in Days(day).away(away)]
    return tuple(found)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _months_on(day: date, months: int) -> date | None:
    total = day.year * 12 + day.month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:
        return None
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
