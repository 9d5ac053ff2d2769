"""Dates: "the third of December", "next Tuesday", 下周三, 十二月五号, 25.11.2026, and DDMM by keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ivr.core.language import Language
from ivr.wire.reading import dates_en, dates_zh, feasts
from ivr.wire.reading.calendar_days import Days
from ivr.wire.reading.words import Form, Mention, Values, mentions, without

_OF_A_WEEK = re.compile(r"\b(?:next|this|coming|following|week)\b|[下这本]")
WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|周[a-g]")
BARE_WEEKDAY = re.compile(r"(?:the )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?|周[a-g]")
"""A day of the week, whichever week it may be of."""
_TOGETHER = re.compile(
    r" *(?:,|or|and|to|till|until|through|either)? *(?:on |the )*|的?(?:或者?|要么|和|跟|与|到|至|还是|、)?"
)
"""All that stands between two days of one week."""
_OTHER_DAY = re.compile(
    r"\b(?:or|and|nor|to|till|until|through|no|not|rather|instead|then|but|after|before|from|than|better)\b|n't\b|或|和|跟|与|到|至|还是|要么|不|改|别|前|后|、"
)
"""Between two days: they are two."""


@dataclass(frozen=True, slots=True)
class DateReader:
    """Finds dates; ``month_first`` is the order of 12/3 where nothing else tells it (United States)."""

    month_first: bool

    def find(self, typed: str, text: str, language: Language, today: date) -> list[Mention]:
        """Where a text names dates: ``typed`` as it was given in ``plain`` form, ``text`` with figures."""
        days = Days(today)
        by_keys = typed.isdecimal()
        month_first = self.month_first or (language == "zh" and not by_keys)
        # "Three twelve" and "twelve twenty five" are keys that were said.
        if keyed := _keyed(typed if by_keys else _paired(text), days, month_first):
            return [Mention(0, len(text), keyed)]
        numeric = _NUMERIC_MONTH_FIRST if self.month_first or language == "zh" else _NUMERIC_DAY_FIRST
        found = mentions(text, [*_FORMS[language], numeric], days)
        return _of_one_week(text, _told_twice(text, _FROM_OTHERS[language](text, found)), today)

    def meant(self, typed: str, text: str, language: Language, today: date) -> list[Mention]:
        """Where a text names dates that are meant: of "after Christmas, the 28th" the second, as it is seen from the first."""
        found = self.find(typed, text, language, today)
        for bound in found if len(found) > 1 else ():
            if _is_feast(text, bound, language) and _BEYOND[language].search(
                f"{text[: bound.start]}|{text[bound.end :]}"
            ):
                rest = without(text, [bound])
                return self.find(rest, rest, language, date.fromisoformat(bound.values[0][0])) or found
        return found

    def masked(self, text: str, language: Language, today: date) -> str:
        """The text without its dates, so that the 3 of "3rd of May" is no hour. 10.30 stays: it may be a time."""
        found = mentions(text, [*_FORMS[language], _NUMERIC_WITH_YEAR], Days(today))
        return without(text, _FROM_OTHERS[language](text, found))


def _is_feast(text: str, mention: Mention, language: Language) -> bool:
    said = _said(text, mention)
    return feasts.is_feast(said, language) or said.removesuffix("节") in {
        one.removesuffix("节") for one in _FEASTS[language]
    }


def _told_twice(text: str, found: list[Mention]) -> list[Mention]:
    """A day and its day of the week as one: "the tenth, in the afternoon, that's a Thursday"."""
    kept: list[Mention] = []
    for one in found:
        before = kept[-1] if kept else None
        days = [mention for mention in (before, one) if mention and not BARE_WEEKDAY.fullmatch(_said(text, mention))]
        if (
            before
            and len(days) == 1
            and not WEEKDAY.search(_said(text, days[0]))
            and not _OTHER_DAY.search(text[before.end : one.start])
            and len({date.fromisoformat(mention.values[0][0]).weekday() for mention in (before, one) if mention.values})
            == 1
            and len(days[0].values) == 1
        ):
            kept[-1] = replace(days[0], start=before.start, end=one.end)
        else:
            kept.append(one)
    return kept


def _said(text: str, mention: Mention) -> str:
    return text[mention.start : mention.end]


def _of_one_week(text: str, found: list[Mention], today: date) -> list[Mention]:
    """Beside a day whose week was told, a bare one is of that week: "Tuesday or Wednesday next week", 下周三到周五."""
    kept = list(found)
    said = [_said(text, one) for one in found]
    told = [bool(WEEKDAY.search(one) and _OF_A_WEEK.search(one)) for one in said]
    last = len(kept) - 1
    for at, other in [*((n, n - 1) for n in range(1, last + 1)), *((n, n + 1) for n in range(last - 1, -1, -1))]:
        first, second = sorted((at, other))
        gap = text[kept[first].end : kept[second].start]
        if told[at] or not told[other] or not BARE_WEEKDAY.fullmatch(said[at]) or not _TOGETHER.fullmatch(gap):
            continue
        weekday = date.fromisoformat(kept[at].values[0][0]).weekday()
        moved = [(_in_week_of(value, weekday, later=at > other), share) for value, share in kept[other].values]
        if all(value >= today.isoformat() for value, _ in moved):
            kept[at], told[at] = replace(kept[at], values=tuple(moved)), True
    return kept


def _in_week_of(day: str, weekday: int, *, later: bool) -> str:
    """That day of the same week; ``later``: it is named behind the other and lies behind it, "next Friday or Monday"."""
    of = date.fromisoformat(day)
    away = weekday - of.weekday()
    return (of + timedelta(days=away + 7 if later and away < 0 else away)).isoformat()


def _paired(text: str) -> str:
    """The figures of "3 12" as 0312; single figures one after the other are put together."""
    pair = re.fullmatch(r"(\d{1,2}) (\d{1,2})(?: (\d{4}))?", text)
    return f"{int(pair[1]):02}{int(pair[2]):02}{pair[3] or ''}" if pair else text.replace(" ", "")


def _keyed(digits: str, days: Days, month_first: bool) -> Values:
    """DDMM, DDMMYY or DDMMYYYY, the month before the day where that alone makes a date, or YYYYMMDD."""
    if not re.fullmatch(r"\d{4}|\d{6}|\d{8}", digits):
        return ()
    found = _either_way(int(digits[:2]), int(digits[2:4]), digits[4:], days, month_first)
    if not found and len(digits) == 8:
        found = days.exact(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    return found


def _either_way(first: int, second: int, year: str | None, days: Days, month_first: bool) -> Values:
    orders = [(first, second), (second, first)]
    for day, month in reversed(orders) if month_first else orders:
        if found := _date(day, month, year, days):
            return found
    return ()


def _date(day: int, month: int, year: str | None, days: Days) -> Values:
    if not year:
        return days.of_month(month, day)
    return days.exact(days.full_year(int(year)), month, day)


def _numeric(match: re.Match[str], days: Days, month_first: bool) -> Values:
    first, second, year = int(match["a"]), int(match["b"]), match["y"]
    if match["s"] == ".":  # always the day first: 2.15 is a quarter past two rather than the 15th of February
        return _date(first, second, year, days)
    return _either_way(first, second, year, days, month_first)


def _feast(named: dict[str, tuple[int, int]]) -> Form[Days]:
    names = sorted(named, key=len, reverse=True)
    return re.compile(rf"({'|'.join(names)})(?!节?前(?!的?\d))节?"), lambda match, days: days.of_month(*named[match[1]])


_PAIR = r"(?<![\d.:/-])(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})"
_PAIR_YEAR = re.compile(_PAIR + r"[./-](?P<y>\d{4}|\d{2})(?![\d:/-])")
_ANY_PAIR = re.compile(_PAIR + r"(?:[./-](?P<y>\d{4}|\d{2}))?(?![\d:/-])")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})(?!\d)")
_ISO: Form[Days] = (_YEAR_FIRST, lambda m, days: days.exact(int(m["y"]), int(m["m"]), int(m["d"])))
_NUMERIC_DAY_FIRST: Form[Days] = (_ANY_PAIR, lambda m, days: _numeric(m, days, False))
_NUMERIC_MONTH_FIRST: Form[Days] = (_ANY_PAIR, lambda m, days: _numeric(m, days, True))
_NUMERIC_WITH_YEAR: Form[Days] = (_PAIR_YEAR, lambda m, days: _numeric(m, days, False))
_FEASTS = {"en": dates_en.FEASTS, "zh": dates_zh.FEASTS}
_BEYOND = {
    "en": re.compile(r"\b(?:after|past|beyond)(?: the)? \||\bonce \| (?:is|has|are)\b|\| (?:is|are) over\b"),
    "zh": re.compile(r"(?:过了|过完|等)\||\|(?:之后|以后|过后|后)"),
}
"""Where a feast, put as a bar, is only what another day lies behind."""
_FROM_OTHERS = {"en": dates_en.from_others, "zh": dates_zh.from_others}
_FORMS: dict[Language, list[Form[Days]]] = {
    "en": [_ISO, *feasts.forms("en"), _feast(dates_en.FEASTS), *dates_en.FORMS],
    "zh": [_ISO, *feasts.forms("zh"), _feast(dates_zh.FEASTS), *dates_zh.FORMS],
}
