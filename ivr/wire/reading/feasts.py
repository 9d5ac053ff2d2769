"""Feasts that fall on another day each year, from the calendars of the ``holidays`` library: Easter, 春节, 中秋, 正月初八."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from ivr.core.language import Language
from ivr.wire.reading.calendar_days import Days
from ivr.wire.reading.words import Form, Values

_NEW_YEAR = ("CN", "Chinese New Year (Spring Festival)")
_MOVABLE: dict[Language, dict[str, tuple[str, str, int]]] = {
    "en": {
        "good friday": ("GB", "Good Friday", 0), "easter monday": ("GB", "Good Friday", 3),
        "easter sunday": ("GB", "Good Friday", 2), "easter": ("GB", "Good Friday", 2),
        "chinese new year": (*_NEW_YEAR, 0), "lunar new year": (*_NEW_YEAR, 0), "spring festival": (*_NEW_YEAR, 0),
    },
    "zh": {
        "大年30": (*_NEW_YEAR, -1), "除夕": (*_NEW_YEAR, -1), "春节": (*_NEW_YEAR, 0), "大年初1": (*_NEW_YEAR, 0),
        "清明": ("CN", "Tomb-Sweeping Day", 0), "端午": ("CN", "Dragon Boat Festival", 0),
        "中秋": ("CN", "Mid-Autumn Festival", 0), "元宵": (*_NEW_YEAR, 14), "复活节": ("GB", "Good Friday", 2),
    },
}  # fmt: skip
"""What it is called → country and name in its calendar (in English), and the days from there."""
_FIRST_MONTH = re.compile(r"(?:(?:正月|大年|(?<!\d)年)初(?P<d>[1-9]|10)|正月(?P<n>1[1-9]|2\d|30))(?!\d)")


def forms(language: Language) -> list[Form[Days]]:
    """How those days are said."""
    names = "|".join(sorted(_MOVABLE[language], key=len, reverse=True))
    named: Form[Days] = (
        re.compile(rf"(?P<feast>{names})(?!节?前(?!的?\d))节?"),
        lambda m, days: _coming(*_MOVABLE[language][m["feast"]], days),
    )
    counted: Form[Days] = (
        _FIRST_MONTH,
        lambda m, days: _coming(*_NEW_YEAR, int(m["d"] or m["n"]) - 1, days),
    )
    return [named, counted] if language == "zh" else [named]


def is_feast(said: str, language: Language) -> bool:
    """Whether the words name a feast that moves, and nothing else."""
    return said.removesuffix("节") in _MOVABLE[language] or _FIRST_MONTH.fullmatch(said) is not None


def _coming(country: str, name: str, further: int, days: Days) -> Values:
    for year in (days.today.year, days.today.year + 1):
        day = _first(country, name, year)
        if day and (found := day + timedelta(days=further)) >= days.today:
            return ((found.isoformat(), 1.0),)
    return ()


@lru_cache(maxsize=64)
def _first(country: str, name: str, year: int) -> date | None:
    """The first of the days of that name in a year."""
    import holidays  # knows every country and is only needed by those who name such a day

    known = holidays.country_holidays(country, years=year, language="en_US")
    return min((day for day, names in known.items() if name in names.split("; ")), default=None)
