"""Opening hours from TOML: what is written is what holds, and what is wrong is named."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.flow.opening_hours import Calendar
from ivr.wire.flow.hours import HoursError, calendar

FULL = """
zone = "Europe/Berlin"
mon-thu = ["09:00-12:00", "13:00-18:00"]
fri = "9:00 - 16:30"
sat = "22:00-02:00"
sun = "closed"
holidays = "DE-HH"
closed = ["2026-12-24", 2026-12-23]
special = { "2026-12-31" = "09:00-14:00", "2026-12-25" = ["10:00-11:00"], "2026-12-30" = "closed" }
"""


def read(text: str) -> Calendar:
    return calendar("shop", tomllib.loads(text), year=2026)


def problems(text: str) -> str:
    with pytest.raises(HoursError) as caught:
        read(text)
    assert all(problem.startswith("hours.shop: ") for problem in caught.value.problems)
    return "\n".join(caught.value.problems)


def test_everything_that_can_be_written() -> None:
    shop = read(FULL)
    assert (shop.name, shop.zone) == ("shop", "Europe/Berlin")
    assert shop.weekly == (((540, 720), (780, 1080)),) * 4 + (((540, 990),), ((1320, 120),), ())
    assert shop.exceptions == {
        date(2026, 12, 24): (), date(2026, 12, 23): (), date(2026, 12, 31): ((540, 840),), date(2026, 12, 25): ((600, 660),),
        date(2026, 12, 30): (),
    }  # fmt: skip
    assert date(2026, 10, 31) in shop.holidays, "Reformation Day, in Hamburg"
    assert {day.year for day in shop.holidays} == set(range(2025, 2032))


def test_part_of_a_country_matters() -> None:
    berlin = read('zone = "Europe/Berlin"\nmon = "09:00-18:00"\nholidays = "DE-BE"')
    assert date(2026, 10, 31) not in berlin.holidays and date(2026, 3, 8) in berlin.holidays
    germany = read('zone = "Europe/Berlin"\nmon = "09:00-18:00"\nholidays = "DE"')
    assert date(2026, 10, 31) not in germany.holidays and date(2026, 10, 3) in germany.holidays
    china = read('zone = "Asia/Shanghai"\nmon = "09:00-18:00"\nholidays = "CN"')
    assert date(2026, 10, 1) in china.holidays


def test_holidays_are_of_this_year_when_nothing_is_said() -> None:
    years = {day.year for day in calendar("shop", tomllib.loads(FULL)).holidays}
    assert datetime.now(ZoneInfo("Europe/Berlin")).year in years and len(years) == 7


def test_days_not_named_are_closed_and_ranges_go_round() -> None:
    shop = read('zone = "UTC"\nsat-mon = "00:00-24:00"')
    assert shop.weekly == (((0, 1440),), (), (), (), (), ((0, 1440),), ((0, 1440),))
    assert not shop.holidays and not shop.exceptions


def test_only_special_days() -> None:
    assert not any(read('zone = "UTC"\nspecial = { "2026-12-31" = "09:00-14:00" }').weekly)


def test_it_is_used() -> None:
    shop = read(FULL)
    berlin = ZoneInfo("Europe/Berlin")
    assert shop.opens_next(datetime(2026, 12, 22, 19, tzinfo=berlin)) == datetime(2026, 12, 25, 10, tzinfo=berlin)
    assert shop.is_open(datetime(2026, 12, 20, 1, 30, tzinfo=berlin)), "Saturday night"


Z = 'zone = "UTC"\nmon = "09:00-18:00"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('mon = "09:00-18:00"', "zone is missing"),
        ('zone = "Europe/Hamburg"\nmon = "09:00-18:00"', "there is no time zone 'Europe/Hamburg': write a name"),
        ('zone = 1\nmon = "09:00-18:00"', "there is no time zone 1: write"),
        (Z + 'monday = "09:00-18:00"', "monday: there is no such key; did you mean 'mon'?"),
        (Z + 'mon-xyz = "09:00-18:00"', "mon-xyz: there is no such key"),
        (Z + 'mon-wed-fri = "09:00-18:00"', "mon-wed-fri: there is no such key"),
        (Z + 'mon-fri = "09:00-18:00"', "mon has hours twice: by mon and by mon-fri"),
        (Z + 'tue = "9-18"', "tue: '9-18' are no hours"),
        (Z + "tue = 9", "tue: 9 are no hours"),
        (Z + 'tue = ["09:00-12:00", 5]', "tue: 5 are no hours"),
        (Z + 'tue = ["closed"]', "tue: 'closed' are no hours"),
        (Z + 'tue = "09:00-25:00"', "tue: '09:00-25:00' has a time that does not exist"),
        (Z + 'tue = "09:60-12:00"', "has a time that does not exist"),
        (Z + 'tue = "24:00-02:00"', "has a time that does not exist"),
        (Z + 'tue = "18:00-09:00"', "tue: '18:00-09:00' is the wrong way round"),
        (Z + 'tue = "09:00-09:00"', "tue: '09:00-09:00' is no time at all"),
        (Z + 'tue = ["09:00-13:00", "12:00-18:00"]', "tue: the hours until 13:00 and those from 12:00 overlap"),
        (Z + 'tue = ["09:00-12:00", "09:00-12:00"]', "overlap"),
        (Z + 'tue = ["20:00-02:00", "23:00-24:00"]', "tue: the hours from 20:00 go past midnight and must be the last"),
        (Z + 'sun = "22:00-10:00"', "sun is open past midnight until 10:00, but mon opens at 09:00 already"),
        (Z + 'holidays = "XX"', "holidays: 'XX' is no country that is known here"),
        (Z + "holidays = 49", "holidays: 49 is no country"),
        (Z + 'holidays = "DE-XX"', "holidays: DE has no part 'XX'; it has BB"),
        (Z + 'holidays = "DE-"', "'DE-' is no country"),
        (Z + 'closed = "2026-12-24"', "closed: a list of days is needed"),
        (Z + 'closed = ["24.12.2026"]', "closed: '24.12.2026' is no day"),
        (Z + 'closed = ["2026-02-29", [1]]', "closed: '2026-02-29' is no day"),
        (Z + "closed = [2026-12-24T10:00:00]", "is no day"),
        (Z + 'closed = ["2026-12-24", "2026-12-24"]', "closed: 2026-12-24 is named twice"),
        (Z + 'special = ["2026-12-24"]', "special: a table of days is needed"),
        (Z + 'special = { "2026-13-01" = "09:00-12:00" }', "special: '2026-13-01' is no day"),
        (Z + 'special = { "2026-12-31" = "14:00-9:00" }', "special 2026-12-31: '14:00-9:00' is the wrong way round"),
        (Z + 'closed = ["2026-12-31"]\nspecial = { "2026-12-31" = "09:00-12:00" }', "special: 2026-12-31 is named twice"),
        ('zone = "UTC"', "nothing is ever open"),
        ('zone = "UTC"\nmon-sun = "closed"', "nothing is ever open"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, named: str) -> None:
    assert named in problems(text)


def test_all_problems_at_once() -> None:
    text = problems('zone = "Mars"\ntue = "x"\nfoo = 1\nholidays = "XX"\nclosed = ["y"]')
    assert len(text.splitlines()) == 5


keys = st.sampled_from(["zone", "mon", "mon-fri", "sun", "holidays", "closed", "special", "x"])
likely = st.sampled_from(["UTC", "09:00-18:00", "22:00-02:00", "2026-01-01", "DE-HH"])
values: st.SearchStrategy[object] = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | likely,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(likely, inner, max_size=2),
)


@settings(deadline=None)
@given(st.dictionaries(keys, values))
def test_nonsense_is_refused_and_nothing_else_happens(table: dict[str, object]) -> None:
    try:
        assert calendar("any", table, year=2026).name == "any"
    except HoursError as error:
        assert error.problems
