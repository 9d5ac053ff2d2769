"""Opening hours as the operator writes them in TOML, and everything that can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from ivr.core.flow.opening_hours import Calendar, Interval
from ivr.core.told import meant

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEARS_BACK, YEARS_AHEAD = 1, 5
"""For which years public holidays are worked out, counted from this one."""
_DAY = 24 * 60
_LONGEST_NIGHT = 12 * 60
"""Minutes. Past midnight an interval may last this long; a longer one is rather a morning and an evening mixed up."""
_INTERVAL = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")
_OTHER_KEYS = ("zone", "holidays", "closed", "special")
_Week = tuple[tuple[Interval, ...], ...]


class HoursError(Exception):
    """A table of hours that cannot be used; ``problems`` has a sentence for each mistake, which begins with its key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def calendar(name: str, table: Mapping[str, object], year: int | None = None) -> Calendar:
    """The calendar of one TOML table; holidays reach from the year before ``year`` (this one) to five years after it.

    Raises ``HoursError`` with all its problems at once.
    """
    problems: list[str] = []
    zone = _zone(table.get("zone"), problems)
    weekly = _week(table, problems)
    holidays = _holidays(table.get("holidays"), year, zone, problems)
    exceptions = _exceptions(table.get("closed", []), table.get("special", {}), problems)
    if not problems and not any(weekly) and not any(exceptions.values()):
        problems.append('nothing is ever open: give hours to at least one day, mon = "09:00-18:00"')
    if problems:
        raise HoursError([f"hours.{name}: {problem}" for problem in problems])
    return Calendar(name, zone, weekly, exceptions, holidays)


def _zone(value: object, problems: list[str]) -> str:
    if isinstance(value, str) and value in _zones():
        return value
    what = "zone is missing" if value is None else f"zone: there is no time zone {value!r}"
    guess = meant(value, _zones(), 0.85) if isinstance(value, str) else ""
    problems.append(what + (guess or ': write a name as "Europe/Berlin" or "Asia/Shanghai"'))
    return "UTC"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _week(table: Mapping[str, object], problems: list[str]) -> _Week:
    hours: dict[int, tuple[Interval, ...]] = {}
    named: dict[int, str] = {}
    for key, value in table.items():
        if key in _OTHER_KEYS:
            continue
        days = list(_days(key))
        if not days:
            guess = meant(key, (*DAYS, *_OTHER_KEYS))
            problems.append(f"{key}: there is no such key{guess}{' Days' if guess else '; days'} are {', '.join(DAYS)} or a "
                            f"range like mon-fri, other keys are {', '.join(_OTHER_KEYS)}")  # fmt: skip
        given = _intervals(key, value, problems) if days else ()
        for day in days:
            if day in named:
                problems.append(f"{DAYS[day]} has hours twice: by {named[day]} and by {key}")
            named[day], hours[day] = key, given
    weekly = tuple(hours.get(day, ()) for day in range(len(DAYS)))
    _nights_and_mornings(weekly, problems)
    return weekly


def _days(key: str) -> Iterator[int]:
    """The days of "wed" or "mon-fri" (0 to 6), none when it names none; "sat-mon" goes over the end of the week."""
    first, dash, last = key.partition("-")
    if first in DAYS and (last in DAYS or not dash):
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 if dash else 0
        yield from ((start + n) % 7 for n in range(length + 1))


def _nights_and_mornings(weekly: _Week, problems: list[str]) -> None:
    for day, hours in enumerate(weekly):
        into_next = max((closing for opening, closing in hours if closing <= opening), default=0)
        following = (day + 1) % 7
        first = min((opening for opening, _ in weekly[following]), default=into_next)
        if first < into_next:
            problems.append(f"{DAYS[day]} is open past midnight until {_clock(into_next)}, but {DAYS[following]} "
                            f"opens at {_clock(first)} already")  # fmt: skip


def _intervals(key: str, value: object, problems: list[str]) -> tuple[Interval, ...]:
    """The hours of one day; what is wrong with them is put to ``problems`` under ``key``."""
    if value == "closed":
        return ()
    texts = value if isinstance(value, list | tuple) else [value]
    found = sorted(pair for text in texts if (pair := _interval(key, text, problems)))
    for (opening, closing), (following, _) in pairwise(found):
        if closing <= opening:
            problems.append(f"{key}: the hours from {_clock(opening)} go past midnight and must be the last of the day")
        elif following < closing:
            problems.append(f"{key}: the hours until {_clock(closing)} and those from {_clock(following)} overlap")
    return tuple(found)


def _interval(key: str, text: object, problems: list[str]) -> Interval | None:
    match = _INTERVAL.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        problems.append(f'{key}: {text!r} are no hours: write "09:00-18:00", a list of such, or "closed"')
        return None
    numbers = [int(part) for part in match.groups()]
    opening, closing = (_minute(*numbers[:2]), _minute(*numbers[2:]))
    if opening is None or closing is None or opening == _DAY:
        problems.append(f"{key}: {text!r} has a time that does not exist: times go from 00:00 to 24:00")
        return None
    if opening == closing:
        problems.append(f'{key}: {text!r} is no time at all: write "00:00-24:00" for the whole day')
        return None
    if opening > closing and closing + _DAY - opening > _LONGEST_NIGHT:
        problems.append(f"{key}: {text!r} is the wrong way round: it opens after it closes, and past midnight hours may "
                        f"last {_LONGEST_NIGHT // 60} hours at most")  # fmt: skip
        return None
    return opening, closing


def _minute(hour: int, minute: int) -> int | None:
    total = hour * 60 + minute
    return total if minute < 60 and total <= _DAY else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _exceptions(closed: object, special: object, problems: list[str]) -> dict[date, tuple[Interval, ...]]:
    found: dict[date, tuple[Interval, ...]] = {}
    if not isinstance(closed, list | tuple):
        problems.append('closed: a list of days is needed: closed = ["2026-12-24"]')
        closed = []
    if not isinstance(special, Mapping):
        problems.append('special: a table of days is needed: special = { "2026-12-31" = "09:00-14:00" }')
        special = {}
    given = [("closed", text, "closed") for text in closed] + [("special", *pair) for pair in special.items()]
    for table, text, hours in given:
        day = _date(text)
        if day is None:
            problems.append(f'{table}: {text!r} is no day: write "2026-12-24"')
        elif day in found:
            problems.append(f"{table}: {day} is named twice among closed and special")
        else:
            found[day] = _intervals(f"{table} {day}", hours, problems)
    return found


def _date(value: object) -> date | None:
    """A day, written as text or as TOML's own date."""
    if isinstance(value, date):
        return None if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _holidays(value: object, year: int | None, zone: str, problems: list[str]) -> frozenset[date]:
    if value is None:
        return frozenset()
    import holidays  # knows every country and is only needed by those who ask for one

    known = holidays.list_supported_countries()
    country, dash, part = value.partition("-") if isinstance(value, str) else ("",) * 3
    if country not in known or (dash and not part):
        problems.append(f'holidays: {value!r} is no country that is known here: write "DE", or with its part "DE-HH"')
        return frozenset()
    if part and part not in known[country]:
        parts = ", ".join(known[country]) or "none"
        guess = meant(part, known[country])
        problems.append(f"holidays: {country} has no part {part!r}{guess}{' It' if guess else '; it'} has {parts}")
        return frozenset()
    middle = datetime.now(UTC).astimezone(ZoneInfo(zone)).year if year is None else year
    years = range(middle - YEARS_BACK, middle + YEARS_AHEAD + 1)
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years))
