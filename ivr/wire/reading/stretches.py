"""Stretches of the calendar: "next week", "early next week", "the middle of next month", "in January", 下个月中旬, 月底."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ivr.core.flow.values import Window
from ivr.core.language import Language
from ivr.wire.reading.dates_en import MONTHS
from ivr.wire.reading.words import Mention, likeliest


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days one after the other, and where a text names them."""

    start: int
    end: int
    first: date
    last: date

    @property
    def days(self) -> frozenset[str]:
        """Each of them (ISO 8601)."""
        return frozenset(
            (self.first + timedelta(days=on)).isoformat() for on in range((self.last - self.first).days + 1)
        )


_FRIDAY = 4
"""After it "this week" is hardly the one that is over."""
_WEEK_PARTS = {"early": (0, 1), "mid": (1, 3), "late": (3, 6), "end": (3, 6), "": (0, 6)}
"""Days of the week, Monday is 0."""
_MONTH_PARTS = {
    "early": (1, 10),
    "mid": (11, 20),
    "late": (21, 31),
    "end": (25, 31),
    "half": (1, 15),
    "rest": (16, 31),
    "": (1, 31),
}
"""The tens into which a Chinese month is parted, and what English means by early, mid and late."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How one language names them; groups are parts (keys of the tables above) and ``next``, ``after``, ``m``."""

    week: re.Pattern[str]
    month: re.Pattern[str]


_PART_EN = (
    r"(?:(?P<half>1st half)|(?P<rest>2nd half)|(?P<early>early|earlier|beginning|start)|(?P<mid>mid(?:dle)?)"
    r"|(?P<late>late|later)|(?P<end>end|last (?:days|week)))(?: of)?(?: in)?[ -]"
)
_EN = _Words(
    week=re.compile(
        rf"\b(?:{_PART_EN})?"
        r"(?:(?:this|the) week(?! (?:after|before|of|commencing|beginning|starting))"
        r"|(?P<after>(?:the )?week after next)|(?P<next>next|following) week)\b"
    ),
    # "may" and "march" are words of their own, so a month alone needs a word before it
    month=re.compile(
        rf"\b(?P<lead>(?:in|during|sometime in|before|after|by|from|until|till|since) )?(?:the )?(?P<core>{_PART_EN}(?:the )?)?"
        r"(?:(?:(?P<next>next|following|coming)|this|(?(core)the|(?!))) month|(?(core)month|(?!))"
        r"|(?(lead)|(?(core)|(?!)))(?:next )?(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
        r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?)\b"
    ),
)
_PART_ZH = r"(?:(?P<half>上半月?)|(?P<rest>下半月?)|(?P<early>上旬|初)|(?P<mid>中旬|中)|(?P<late>下旬)|(?P<end>底|末))"
_ZH = _Words(
    week=re.compile(
        r"(?:(?:这|本)(?:个)?|(?P<after>下下个?)|(?P<next>(?<![一1等])下个?))(?:周|星期|礼拜)(?![a-g末])(?:(?P<early>初|前半)|(?P<mid>中)|(?P<late>后半))?"
    ),
    month=re.compile(
        rf"(?:(?P<after>下下个?)|(?P<next>(?<![一1等])下个?)|(?:这|本)(?:个)?|(?P<m>\d{{1,2}}))月(?!\d)份?的?{_PART_ZH}?"
        rf"|(?<!\d)月{_PART_ZH.replace('P<', 'P<x')}"
    ),
)
_LANGUAGES: dict[Language, _Words] = {"en": _EN, "zh": _ZH}


def stretch(said: str, language: Language, today: date) -> Stretch | None:
    """The stretch that a text with figures names; dates are taken out of it before: "the third of December" is none."""
    words = _LANGUAGES[language]
    if week := words.week.search(said):
        found = _named(week)
        weeks = 2 if "after" in found else 1 if "next" in found or today.weekday() > _FRIDAY else 0
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
        first, last = _WEEK_PARTS[_part(found)]
        return Stretch(week.start(), week.end(), monday + timedelta(days=first), monday + timedelta(days=last))
    if month := words.month.search(said):
        start = month.start() + len(month.groupdict().get("lead") or "")
        return Stretch(start, month.end(), *_of_month(_named(month), today))
    return None


_BESIDE: dict[Language, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "en": (
        re.compile(r"\b(?:the |a |1 )?week (?P<way>before|after|of|commencing|beginning|starting) (?:the )?$"),
        re.compile(r"(?!)"),
    ),
    "zh": (re.compile(r"(?!)"), re.compile(r"^的?(?P<way>前|后)(?:面的?)?(?:1|那)?个?(?:周|星期|礼拜)(?![a-g])")),
}


def beside(said: str, found: Sequence[Mention], language: Language) -> Window | None:
    """The seven days before or after one that is named: "the week before Christmas", 圣诞节前一周."""
    before, behind = _BESIDE[language]
    for mention in found:
        way = before.search(said[: mention.start]) or behind.match(said[mention.end :])
        if way is None:
            continue
        day = date.fromisoformat(likeliest(mention))
        if way["way"] in ("before", "前"):
            first = day - timedelta(weeks=1)
        elif way["way"] in ("after", "后"):
            first = day + timedelta(days=1)
        else:
            first = day - timedelta(days=day.weekday())
        return Window(since=first.isoformat(), until=(first + timedelta(days=6)).isoformat())
    return None


def _of_month(found: dict[str, str], today: date) -> tuple[date, date]:
    on = 2 if "after" in found else 1 if "next" in found else 0
    name = found.get("m", "")
    number = int(name) if name.isdecimal() else MONTHS.index(name) + 1 if name else 0
    if number:
        on = (number - today.month) % 12
    first, last = _days(today, on, found)
    return (first, last) if last >= today else _days(today, on + (12 if number else 1), found)


def _days(today: date, months_on: int, found: dict[str, str]) -> tuple[date, date]:
    years, month = divmod(today.month - 1 + months_on, 12)
    year, month = today.year + years, month + 1
    first, last = _MONTH_PARTS[_part(found)]
    return date(year, month, first), date(year, month, min(last, calendar.monthrange(year, month)[1]))


def _named(match: re.Match[str]) -> dict[str, str]:
    """What was said of it, by the name of the group without what tells twins apart."""
    return {name.removeprefix("x"): said for name, said in match.groupdict().items() if said}


def _part(found: dict[str, str]) -> str:
    return next((part for part in _MONTH_PARTS if part in found), "")
