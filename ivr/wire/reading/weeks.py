"""A week of opening hours as people say it: "nine to six from Monday to Friday, and nine to two on Saturday"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from ivr.core.flow.opening_hours import Interval
from ivr.core.language import Language

_DAYS: dict[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_NOON, _MIDNIGHT = 12 * 60, 24 * 60
_PART = re.compile(r" o'clock| in the \w+| at night")
Time = Callable[[str], str]
"""The words for a time, "09:00"."""


def week(weekly: Sequence[tuple[Interval, ...]], language: Language, time: Time) -> str:
    """The hours of a week, Monday first; days one after the other with the same hours are told together.

    Empty for a week that is never open.
    """
    runs = [
        (hours, [day for day, _ in days]) for hours, days in groupby(enumerate(weekly), key=lambda one: one[1]) if hours
    ]
    if language == "zh":
        return "，".join(f"{_days_zh(days)}{'和'.join(_hours_zh(one, time) for one in hours)}" for hours, days in runs)
    said = [f"{_day_en(hours, time)} {_days_en(days)}" for hours, days in runs]
    return ", and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def _day_en(hours: Sequence[Interval], time: Time) -> str:
    if hours == ((0, _MIDNIGHT),):
        return "around the clock"
    said = " and ".join(f"{time(_clock(opening))} to {time(_clock(closing))}" for opening, closing in hours)
    # nobody takes "nine to noon and two to six" for the night
    return _PART.sub("", said) if hours[0][0] < _NOON <= hours[-1][1] else said


def _hours_zh(hours: Interval, time: Time) -> str:
    return "全天" if hours == (0, _MIDNIGHT) else f"{time(_clock(hours[0]))}到{time(_clock(hours[1]))}"


def _days_en(days: Sequence[int]) -> str:
    first, last = _DAYS["en"][days[0]], _DAYS["en"][days[-1]]
    if len(days) == len(_DAYS["en"]):
        return "every day"
    return (
        f"on {first}" if len(days) == 1 else f"on {first} and {last}" if len(days) == 2 else f"from {first} to {last}"
    )


def _days_zh(days: Sequence[int]) -> str:
    first, last = _DAYS["zh"][days[0]], _DAYS["zh"][days[-1]]
    if len(days) == len(_DAYS["zh"]):
        return "每天"
    return first if len(days) == 1 else f"{first}和{last}" if len(days) == 2 else f"{first}到{last}"


def _clock(minutes: int) -> str:
    minutes %= _MIDNIGHT
    return f"{minutes // 60:02}:{minutes % 60:02}"
