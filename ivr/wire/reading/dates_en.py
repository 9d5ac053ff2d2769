"""How dates are said in English."""

from __future__ import annotations

import re
from typing import Literal

from ivr.wire.reading.calendar_days import Days, Which, shifted, weekday_from
from ivr.wire.reading.words import Form, Mention, Values

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (r"\b(?P<m>january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug|september|sept|sep|october|oct"
          r"|november|nov|december|dec)\b\.?")  # fmt: skip
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# "sat" and "sun" are words of their own, so they are days only after "on" or where the answer begins with them.
_NAMED = (r"\b(?P<w>mondays?|mon|tuesdays?|tues|tue|wednesdays?|wed|thursdays?|thurs|thur|thu|fridays?|fri|saturdays?|sundays?"
          r"|(?:(?<=^)|(?<=on ))(?:sat|sun))\b\.?")  # fmt: skip
_LEAD = rf"(?:{_NAMED}(?: on)?(?: the)? )?"
_DAY = r"\b(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?(?![\d:])"
_NTH = r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)\b"
_YEAR = r"(?: (?:of )?(?P<y>\d{4}|\d\d \d\d|(?:this|next|last) year)\b)?"
_COUNT = r"\b(?P<n>\d{1,4}|an?|(?:a )?couple(?: of)?)"
_UNIT = r"(?P<u>day|week|fortnight|month|year)s?\b"
_STEPS = {"next": 1, "last": -1}
_NEAR = {"tomorrow": 1, "yesterday": -1, "last night": -1}
_NEAR_YEARS = 3
"""Years so near are meant by "December third twenty twenty seven"; "twenty thirty" after a date may be a time as well."""

_Unit = Literal["day", "week", "month", "year"]
_UNITS: dict[str, _Unit] = {"day": "day", "week": "week", "month": "month", "year": "year"}
_WHICH: dict[str | None, Which] = {None: "", "this": "this", "next": "next", "last": "last", "past": "last"}


def _weekday(match: re.Match[str]) -> int | None:
    name = match.groupdict().get("w")
    return _WEEKDAYS.index(name[:3]) if name else None


def _named(match: re.Match[str]) -> int:
    return _WEEKDAYS.index(match["w"][:3])


def _count(match: re.Match[str]) -> int:
    number = match["n"]
    return int(number) if number.isdecimal() else 2 if "couple" in number else 1


def _steps(match: re.Match[str]) -> int:
    return _STEPS.get(match["r"], 0)


def _calendar_date(match: re.Match[str], days: Days) -> Values:
    month, day, year = MONTHS.index(match["m"][:3]) + 1, int(match["d"]), match["y"]
    if year is None:
        return days.of_month(month, day, _weekday(match))
    if year.endswith("year"):
        return days.exact(days.today.year + _STEPS.get(year[:4], 0), month, day, _weekday(match))
    number = int(year.replace(" ", ""))
    exact = days.exact(number, month, day, _weekday(match))
    may_be_time = " " in year and int(year[:2]) < 24 and int(year[3:]) < 60
    if may_be_time and abs(number - days.today.year) > _NEAR_YEARS:
        without_year = days.of_month(month, day, _weekday(match))
        return (
            *((value, share * 0.6) for value, share in without_year),
            *((value, share * 0.4) for value, share in exact),
        )
    return exact


def _away(match: re.Match[str], days: Days, direction: int = 1) -> Values:
    count = _count(match) * direction
    return days.away(2 * count, "week") if match["u"] == "fortnight" else days.away(count, _UNITS[match["u"]])


def _away_from(match: re.Match[str], days: Days) -> Values:
    return _away(match, days.later(1) if match["f"] == "tomorrow" else days)


def _nth_weekday(match: re.Match[str], days: Days) -> Values:
    number = -1 if match["n"] == "last" else int(match["n"][0])
    if match["m"]:
        return days.nth_weekday(number, _named(match), MONTHS.index(match["m"][:3]) + 1)
    found = days.nth_weekday_of(number, _named(match), 1 if match["r"] == "next" else 0)
    over = match["r"] == "the" and bool(found) and found[0][0] < days.today.isoformat()
    return days.nth_weekday_of(number, _named(match), 1) if over else found


_OFFSET = re.compile(
    r"\b(?:the (?P<d>day)|(?:the )?(?P<n>\d{1,3}|an?|a couple of) (?P<u>day|week)s?) (?P<r>after|before)(?: the)? $"
)
_WEEKDAY_OF = re.compile(rf"^(?:(?:this|next|last) )?{_NAMED}$")
_BETWEEN = re.compile(r"^ (?P<r>after|before)(?: the)? $")


def from_others(text: str, found: list[Mention]) -> list[Mention]:
    """Dates that are told from other dates: "three days before Christmas", "the Tuesday after the first of December"."""
    told: list[Mention] = []
    for mention in found:
        gap = text[told[-1].end if told else 0 : mention.start]
        if (
            told
            and (between := _BETWEEN.match(gap))
            and (day := _WEEKDAY_OF.match(text[told[-1].start : told[-1].end]))
        ):
            direction = 1 if between["r"] == "after" else -1
            told[-1] = Mention(told[-1].start, mention.end, weekday_from(mention.values, _named(day), direction))
        elif offset := _OFFSET.search(gap):
            number = offset["n"] or "1"
            count = int(number) if number.isdecimal() else 2 if "couple" in number else 1
            days = count * (7 if offset["u"] == "week" else 1) * (1 if offset["r"] == "after" else -1)
            told.append(Mention(mention.start - len(offset[0]), mention.end, shifted(mention.values, days)))
        else:
            told.append(mention)
    return told


FORMS: list[Form[Days]] = [
    (
        re.compile(rf"\b(?P<n>1st|2nd|3rd|4th|5th|last) {_NAMED} (?:in|of) (?:{_MONTH}|(?P<r>this|next|the) month\b)"),
        _nth_weekday,
    ),
    (re.compile(rf"{_LEAD}{_DAY} (?:day )?(?:of )?(?:the month of )?{_MONTH}{_YEAR}"), _calendar_date),
    (re.compile(rf"{_LEAD}{_MONTH}(?: the)? {_DAY}(?! ?(?:am|pm|o'clock)\b){_YEAR}"), _calendar_date),
    (
        re.compile(rf"{_NTH} of the (?P<m>\d{{1,2}})(?:st|nd|rd|th)\b"),
        lambda m, d: d.of_month(int(m["m"]), int(m["d"])),
    ),
    (
        re.compile(rf"{_NTH} (?:of )?(?P<r>this|next|last|the) month\b"),
        lambda m, d: d.of_month_from_here(_steps(m), int(m["d"])) if m["r"] != "the" else d.of_some_month(int(m["d"])),
    ),
    (
        re.compile(rf"\b(?P<r>this|next) month(?: on)?(?: the)? {_NTH}"),
        lambda m, d: d.of_month_from_here(_steps(m), int(m["d"])),
    ),
    (re.compile(r"\blast day of (?P<r>this|next|the) month\b"), lambda m, d: d.last_of_month(_steps(m))),
    (re.compile(rf"{_NAMED}(?: on)?(?: the)? {_NTH}"), lambda m, d: d.of_some_month(int(m["d"]), _named(m))),
    (re.compile(rf"{_NAMED}(?: on)? the {_DAY}"), lambda m, d: d.of_some_month(int(m["d"]), _named(m))),
    (re.compile(rf"{_NAMED} in {_COUNT} weeks?\b"), lambda m, d: d.in_so_many_weeks(_named(m), _count(m))),
    (re.compile(rf"\bin {_COUNT} weeks?(?: time)? on {_NAMED}"), lambda m, d: d.in_week(_named(m), _count(m))),
    (
        re.compile(rf"{_COUNT} weeks? (?:on|from|after) (?:this |next |coming )?{_NAMED}"),
        lambda m, d: d.coming(_named(m), _count(m)),
    ),
    (re.compile(rf"{_NAMED}(?: of| in)? (?P<r>this|next|last) week\b"), lambda m, d: d.in_week(_named(m), _steps(m))),
    (re.compile(rf"\b(?P<r>this|next|last) week(?: on)? {_NAMED}"), lambda m, d: d.in_week(_named(m), _steps(m))),
    (re.compile(rf"\ba fortnight (?:on|from) {_NAMED}"), lambda m, d: d.coming(_named(m), 2)),
    (re.compile(rf"{_NAMED}(?: of| in)?(?: the)? week after next\b"), lambda m, d: d.week_after_next(_named(m))),
    (re.compile(rf"\b(?:the )?week after next(?: on)? {_NAMED}"), lambda m, d: d.week_after_next(_named(m))),
    (re.compile(rf"{_NAMED} (?:week|after next)\b(?! after next)"), lambda m, d: d.coming(_named(m), 1)),
    (
        re.compile(rf"(?:\b(?P<r>this|next|last|past) )?(?:coming )?{_NAMED}"),
        lambda m, d: d.english(_named(m), _WHICH[m["r"]]),
    ),
    (re.compile(rf"{_COUNT} {_UNIT} (?:(?:from|after) )?(?P<f>now|today|tomorrow)\b"), _away_from),
    (re.compile(rf"\b(?P<f>today|tomorrow) in {_COUNT} {_UNIT}"), _away_from),
    (re.compile(rf"\bin {_COUNT} {_UNIT}"), _away),
    (re.compile(rf"{_COUNT} {_UNIT} ago\b"), lambda m, d: _away(m, d, -1)),
    (re.compile(r"\b(?P<t>today|tomorrow) week\b"), lambda m, d: d.away(7 + _NEAR.get(m["t"], 0))),
    (re.compile(r"\b(?:the )?day after tomorrow\b"), lambda _, d: d.away(2)),
    (re.compile(r"\b(?:the )?day before yesterday\b"), lambda _, d: d.away(-2)),
    (
        re.compile(r"\b(?P<t>tomorrow|today|tonight|yesterday|last night|this (?:morning|afternoon|evening))\b"),
        lambda m, d: d.away(_NEAR.get(m["t"], 0)),
    ),
    # "just a second", "the second one" and "the first time" are no days of the month
    (
        re.compile(rf"(?<!\ba ){_NTH}(?! (?:1|one|thing|time|floor|option|order|call|attempt|half)\b)"),
        lambda m, d: d.of_some_month(int(m["d"])),
    ),
]
"""From the most exact to the least."""
FEASTS = {
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "boxing day": (12, 26),
    "2nd day of christmas": (12, 26),
    "new year's eve": (12, 31), "new years eve": (12, 31), "new year's day": (1, 1), "new years day": (1, 1),
}  # fmt: skip
"""Days that are always the same: month and day."""
