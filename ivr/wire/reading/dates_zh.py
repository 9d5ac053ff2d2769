"""How dates are said in Chinese. The text has figures for numbers and 周c for 周三, 星期三 and 礼拜三."""

from __future__ import annotations

import re
from typing import Literal

from ivr.wire.reading.calendar_days import Days, shifted
from ivr.wire.reading.words import Form, Mention, Values

_WEEKDAY = r"周(?P<w>[a-g])"
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_STEPS = {"下下下": 3, "下下": 2, "下": 1, "上上": -2, "上": -1}
_WHICH = r"(?P<r>下下下|下下|下|上上|上|这|本)?个?"
_NEAR = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今儿": 0,
         "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "明儿": 1, "大大后天": 4, "大后天": 3, "后天": 2, "后儿": 2}  # fmt: skip
_AFTER = "(?:之后|以后|过后|后)"
_BEFORE = "(?:之前|以前|前)"
_COUNTED = r"(?P<n>\d{1,4})(?P<u>天|日|周|个?星期|个?礼拜|个?月|年)"

_Unit = Literal["day", "week", "month", "year"]
_UNITS: dict[str, _Unit] = {
    "天": "day",
    "日": "day",
    "周": "week",
    "期": "week",
    "拜": "week",
    "月": "month",
    "年": "year",
}


def _weekday(match: re.Match[str]) -> int | None:
    letter = match.groupdict().get("w")
    return ord(letter) - ord("a") if letter else None


def _named(match: re.Match[str]) -> int:
    return ord(match["w"]) - ord("a")


def _calendar_date(match: re.Match[str], days: Days) -> Values:
    month, day, year = int(match["m"]), int(match["d"]), match["y"]
    if match["yr"]:
        return days.exact(days.today.year + _YEARS[match["yr"]], month, day, _weekday(match))
    if year:
        return days.exact(days.full_year(int(year)), month, day, _weekday(match))
    return days.of_month(month, day, _weekday(match))


def _day_of_week(match: re.Match[str], days: Days) -> Values:
    if match["r"] in ("这", "本"):  # on a Sunday, this Friday is over, and hardly the one that is meant
        this_week = days.in_week(_named(match), 0)
        return this_week if this_week and this_week[0][0] >= days.today.isoformat() else days.coming(_named(match))
    if match["r"]:
        return days.in_week(_named(match), _STEPS.get(match["r"], 0))
    return days.english(_named(match), "")


def _away(match: re.Match[str], days: Days, direction: int = 1) -> Values:
    return days.away(int(match["n"]) * direction, _UNITS[match["u"][-1]])


_OFFSET = re.compile(r"^(?:节|日|号)?的?(?:(?P<second>第2天)|(?P<r>前|后)的?(?P<n>\d{1,3})(?P<u>天|周))")


def from_others(text: str, found: list[Mention]) -> list[Mention]:
    """Dates that are told from other dates: 圣诞节第二天, 国庆前三天."""
    told = []
    for mention in found:
        if offset := _OFFSET.match(text[mention.end :]):
            days = int(offset["n"] or 1) * (7 if offset["u"] == "周" else 1) * (-1 if offset["r"] == "前" else 1)
            told.append(Mention(mention.start, mention.end + len(offset[0]), shifted(mention.values, days)))
        else:
            told.append(mention)
    return told


FORMS: list[Form[Days]] = [
    (
        re.compile(rf"(?P<r>下|这|本)个?月的?(?:第(?P<n>[1-5])|(?P<last>最后1))个?{_WEEKDAY}"),
        lambda m, d: d.nth_weekday_of(-1 if m["last"] else int(m["n"]), _named(m), 1 if m["r"] == "下" else 0),
    ),
    (
        re.compile(
            rf"(?:(?P<y>\d{{4}}|\d{{2}})年|(?P<yr>{'|'.join(_YEARS)})的?)?(?P<m>\d{{1,2}})月份?的?(?P<d>\d{{1,2}})(?!\d)[号日]?"
            rf"(?:是?{_WEEKDAY})?"
        ),
        _calendar_date,
    ),
    (
        re.compile(rf"{_WHICH}月的?(?P<d>\d{{1,2}})(?!\d)[号日]?"),
        lambda m, d: d.of_month_from_here(_STEPS.get(m["r"], 0), int(m["d"])) if m["r"] else None,
    ),
    (
        re.compile(r"(?P<r>下|这|本)?个?月(?:底|末)的?最后[1一]天|(?P<r2>下|这|本)个?月的?最后[1一]天"),
        lambda m, d: d.last_of_month(_STEPS.get(m["r"] or m["r2"], 0)),
    ),
    (
        re.compile(rf"(?P<n>\d{{1,2}})(?:周|个?星期|个?礼拜){_AFTER}的?{_WEEKDAY}"),
        lambda m, d: d.in_week(_named(m), int(m["n"])),
    ),
    (re.compile(rf"半个?月{_AFTER}"), lambda _, d: d.away(15)),
    (re.compile(rf"{_COUNTED}{_AFTER}"), _away),
    (re.compile(rf"{_COUNTED}{_BEFORE}"), lambda m, d: _away(m, d, -1)),
    (re.compile(rf"(?:再?过|再等){_COUNTED}"), _away),
    (re.compile(rf"{_WEEKDAY}的?(?P<d>\d{{1,2}})[号日]"), lambda m, d: d.of_some_month(int(m["d"]), _named(m))),
    (re.compile(rf"(?P<d>\d{{1,2}})[号日]{_WEEKDAY}"), lambda m, d: d.of_some_month(int(m["d"]), _named(m))),
    (re.compile(rf"{_WHICH}(?:(?:周|星期|礼拜)的?)?{_WEEKDAY}"), _day_of_week),
    (re.compile("|".join(_NEAR)), lambda m, d: d.away(_NEAR[m[0]])),
    (re.compile(r"(?<!\d)(?P<d>\d{1,2})[号日]"), lambda m, d: d.of_some_month(int(m["d"]))),
]
"""From the most exact to the least."""
FEASTS = {"平安夜": (12, 24), "圣诞": (12, 25), "元旦": (1, 1), "情人节": (2, 14), "劳动节": (5, 1), "国庆": (10, 1)}
"""Days that are always the same: month and day."""
