"""Opening hours: nights, holidays, days of their own, and the two nights a year when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.flow.opening_hours import DAYS_AHEAD, Calendar, Interval

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE: tuple[Interval, ...] = ((9 * 60, 18 * 60),)
WEEK = (OFFICE,) * 5 + ((), ())
ALWAYS = (((0, 1440),),) * 7


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def house(
    weekly: tuple[tuple[Interval, ...], ...] = WEEK,
    exceptions: dict[date, tuple[Interval, ...]] | None = None,
    holidays: frozenset[date] = frozenset(),
    zone: str = "Europe/Berlin",
) -> Calendar:
    return Calendar("house", zone, weekly, exceptions or {}, holidays)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-10-21 08:59:59", False), ("2026-10-21 09:00", True), ("2026-10-21 17:59:59", True),
        ("2026-10-21 18:00", False), ("2026-10-24 10:00", False), ("2026-10-25 10:00", False), ("2026-10-26 10:00", True),
    ],
)  # fmt: skip
def test_office_hours(now: str, is_open: bool) -> None:
    assert house().is_open(at(now)) is is_open


def test_next_opening_and_closing() -> None:
    calendar = house()
    assert calendar.opens_next(at("2026-10-21 08:00")) == at("2026-10-21 09:00")
    assert calendar.opens_next(at("2026-10-21 09:00")) == at("2026-10-22 09:00"), "open already: the time after that"
    assert calendar.opens_next(at("2026-10-23 18:00")) == at("2026-10-26 09:00"), (
        "over the weekend, and the clocks change"
    )
    assert calendar.closes(at("2026-10-21 08:00")) is None
    assert calendar.closes(at("2026-10-21 09:00")) == at("2026-10-21 18:00")


def test_lunch_break() -> None:
    calendar = house(((((9 * 60, 12 * 60)), (13 * 60, 18 * 60)),) * 7)
    assert not calendar.is_open(at("2026-10-21 12:30"))
    assert calendar.closes(at("2026-10-21 10:00")) == at("2026-10-21 12:00")
    assert calendar.opens_next(at("2026-10-21 10:00")) == at("2026-10-21 13:00")


def test_past_midnight() -> None:
    friday_night = house(((), (), (), (), ((22 * 60, 2 * 60),), (), ()))
    for now, is_open in [("2026-10-23 21:59", False), ("2026-10-23 22:00", True), ("2026-10-24 01:59", True),
                         ("2026-10-24 02:00", False), ("2026-10-23 01:00", False)]:  # fmt: skip
        assert friday_night.is_open(at(now)) is is_open, now
    assert friday_night.closes(at("2026-10-23 23:00")) == at("2026-10-24 02:00")
    assert friday_night.closes(at("2026-10-24 01:00")) == at("2026-10-24 02:00")
    assert friday_night.opens_next(at("2026-10-24 01:00")) == at("2026-10-30 22:00")


def test_hours_that_touch_are_one() -> None:
    calendar = house((((20 * 60, 1440),), ((0, 3 * 60),), (), (), (), (), ()))
    assert calendar.closes(at("2026-10-19 21:00")) == at("2026-10-20 03:00")
    assert calendar.opens_next(at("2026-10-19 21:00")) == at("2026-10-26 20:00")


def test_always_open_never_closes_and_never_opens() -> None:
    calendar = house(ALWAYS)
    now = at("2026-10-21 12:00")
    assert calendar.is_open(now) and calendar.closes(now) is None and calendar.opens_next(now) is None


def test_a_night_into_a_closed_day_goes_on_to_its_end() -> None:
    every_night = house((((22 * 60, 2 * 60),),) * 7, holidays=frozenset({date(2026, 12, 25)}))
    assert every_night.is_open(at("2026-12-25 01:00"))
    assert not every_night.is_open(at("2026-12-25 23:00"))
    assert not every_night.is_open(at("2026-12-26 01:00"))


def test_exception_wins_over_week_and_holiday() -> None:
    eve, day, sunday = date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 27)
    calendar = house(exceptions={eve: (), day: ((600, 720),), sunday: ((600, 720),)}, holidays=frozenset({day}))
    assert not calendar.is_open(at("2026-12-24 10:30")) and not calendar.is_holiday(at("2026-12-24 10:30"))
    assert calendar.is_open(at("2026-12-25 10:30")) and calendar.is_holiday(at("2026-12-25 10:30"))
    assert calendar.is_open(at("2026-12-27 10:30"))
    assert calendar.opens_next(at("2026-12-23 20:00")) == at("2026-12-25 10:00")


def test_holiday_is_the_day_there_not_here() -> None:
    calendar = house(holidays=frozenset({date(2026, 10, 1)}), zone="Asia/Shanghai")
    assert calendar.is_holiday(at("2026-09-30 18:30")), "half past midnight in Shanghai"
    assert not calendar.is_holiday(at("2026-10-01 18:30"))


def test_fourteen_days_and_no_more() -> None:
    now = at("2026-10-21 12:00")
    for days, found in ((13, True), (15, False)):
        day = now.date() + timedelta(days=days)
        calendar = house(((),) * 7, exceptions={day: OFFICE})
        assert (calendar.opens_next(now) is not None) is found
    assert house(((),) * 7).opens_next(now) is None


# -- the clocks change: 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00 in Berlin


def test_spring_a_night_is_an_hour_shorter() -> None:
    nights = house((((22 * 60, 6 * 60),),) * 7)
    closing = nights.closes(at("2026-03-28 22:00"))
    assert closing == at("2026-03-29 06:00")
    assert closing.astimezone(UTC) - at("2026-03-28 22:00").astimezone(UTC) == timedelta(hours=7)


def test_spring_a_time_that_is_jumped_over_is_the_jump() -> None:
    sunday = house(((), (), (), (), (), (), ((2 * 60 + 30, 5 * 60),)))
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert sunday.opens_next(at("2026-03-29 00:00")) == jump == at("2026-03-29 03:00")
    assert not sunday.is_open(jump - timedelta(seconds=1)) and sunday.is_open(jump)
    closes_in_the_gap = house(((), (), (), (), (), (), ((60, 2 * 60 + 30),)))
    assert closes_in_the_gap.closes(at("2026-03-29 01:30")) == jump
    nothing_left = house(((), (), (), (), (), (), ((2 * 60 + 10, 2 * 60 + 50),)))
    assert nothing_left.opens_next(at("2026-03-29 00:00")) == at("2026-04-05 02:10")


def test_autumn_an_hour_that_comes_twice_is_open_twice() -> None:
    sunday = house(((), (), (), (), (), (), ((2 * 60 + 30, 4 * 60),)))
    first, second = at("2026-10-25 02:30"), at("2026-10-25 02:10", fold=1)
    opening = sunday.opens_next(at("2026-10-25 00:00"))
    assert opening is not None and opening.astimezone(UTC) == first.astimezone(UTC)
    assert sunday.is_open(second), "opened the first time at half past two, and it stays open when the clocks go back"
    closing = house(((), (), (), (), (), (), ((60, 2 * 60 + 30),))).closes(at("2026-10-25 01:30"))
    assert closing is not None and closing.astimezone(UTC) == at("2026-10-25 02:30", fold=1).astimezone(UTC)


def test_autumn_a_day_has_twenty_five_hours() -> None:
    sunday = house(((), (), (), (), (), (), ((0, 1440),)))
    midnight = at("2026-10-25 00:00")
    closing = sunday.closes(midnight)
    assert closing is not None and closing.astimezone(UTC) - midnight.astimezone(UTC) == timedelta(hours=25)


def test_opening_is_nine_on_the_wall_on_both_sides_of_a_change() -> None:
    for friday, monday in (("2026-03-27 19:00", "2026-03-30 09:00"), ("2026-10-23 19:00", "2026-10-26 09:00")):
        opening = house().opens_next(at(friday))
        assert opening == at(monday) and opening.hour == 9


def test_shanghai_has_no_change() -> None:
    calendar = house(zone="Asia/Shanghai")
    for day in ("2026-03-30", "2026-10-26"):
        assert calendar.opens_next(at(f"{day} 00:00", "UTC")) == at(f"{day} 01:00", "UTC")
        assert calendar.is_open(at(f"{day} 09:59", "UTC")) and not calendar.is_open(at(f"{day} 10:00", "UTC"))


# -- what it refuses, and what always holds


def test_what_is_no_calendar() -> None:
    with pytest.raises(ValueError, match="seven days"):
        house(WEEK[:6])
    for minutes in ((540, 1441), (-1, 10), (1440, 60)):
        with pytest.raises(ValueError, match="no minutes of a day"):
            house(((minutes,), *WEEK[1:]))
    with pytest.raises(ZoneInfoNotFoundError):
        house(zone="Europe/Hamburg")
    for ask in (house().is_open, house().closes, house().opens_next, house().is_holiday):
        with pytest.raises(ValueError, match="zone"):
            ask(datetime(2026, 10, 21, 10))


days = st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1440)), max_size=2).map(tuple)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


@given(st.tuples(days, days, days, days, days, days, days), moments,
       st.sampled_from(("Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")))  # fmt: skip
def test_doors_open_and_close_when_they_say(weekly: tuple[tuple[Interval, ...], ...], now: datetime, zone: str) -> None:
    calendar = house(weekly, zone=zone)
    second = timedelta(seconds=1)
    opening, closing = calendar.opens_next(now), calendar.closes(now)
    if opening is not None:
        assert now < opening <= now + timedelta(days=DAYS_AHEAD)
        assert calendar.is_open(opening) and not calendar.is_open(opening - second)
    if closing is not None:
        assert calendar.is_open(now) and now < closing
        assert not calendar.is_open(closing) and calendar.is_open(closing - second)
    if not calendar.is_open(now):
        assert closing is None
