"""A day that is told from another one that is talked of: "two days later", "the Saturday after that", 往后推两天."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ivr.core.language import Language
from ivr.wire.reading.words import figures, plain

_LONGEST_DAYS = 92
_END = r"$| (?:please|instead|then|maybe|perhaps|if|would|will|is|or so|actually|rather|same|at the same|on the same)\b"
_BY, _SO_MANY = r"(?:by )?(?:a (?=couple))?", r"\d{1,2}|an?|another|couple of"
_DAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_ONE_AFTER = re.compile(r"the (?:one|1|next one|next 1) after")
_NAMED_DAY = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)\b(?! (?:1|one|thoughts?)\b)|\d{1,2}[号日](?!之?[前后])|\d{1,2}月\d{1,2}"
)
_EN_WEEKDAY = re.compile(
    rf"\b(?:(?P<a>mon|tues|wednes|thurs|fri|satur|sun)day after(?: that(?: one)?)?(?={_END})"
    r"|(?:the )?following (?P<b>mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)
_EN_WEEKDAY_BEFORE = re.compile(
    rf"\b(?P<d>{'|'.join(_DAYS)})day (?:just |right )?before(?: that(?: one)?| it)?(?={_END})"
    rf"|\bprevious (?P<e>{'|'.join(_DAYS)})day\b"
)
_EN_THAT_WEEK = re.compile(
    rf"\b(?:the )?(?P<d>{'|'.join(_DAYS)})day (?:of|in|that) (?:(?:the|that) )?(?:same )?week\b"
    rf"|\bsame week (?:on )?(?:the )?(?P<e>{'|'.join(_DAYS)})day\b"
)
"""Of the week of the day that is talked of."""
_EN_LATER = re.compile(
    r"\b(?P<n>\d{1,2}|an?|another|the|couple of) (?P<u>day|week|fortnight)s?"
    rf" (?:later|after(?: that)?(?={_END})|further on|on(?={_END}))"
    rf"|\bthe (?:one|1|next one|next 1) after(?: that)?(?={_END})|\bthe next day\b"
    r"|\bthe following (?P<u3>week)\b"
    rf"|\b(?:back|on|out|later|(?:delay|postpone|defer)\w*(?: (?:it|that|this|(?:my|the) \w+))?) {_BY}(?P<n2>{_SO_MANY})"
    r" (?P<u2>day|week|fortnight)s?\b"
)
_EN_EARLIER = re.compile(
    rf"\b(?P<n>\d{{1,2}}|an?|the|couple of) (?P<u>day|week|fortnight)s? (?:earlier|sooner|before(?: that)?(?={_END}))"
    rf"|\b(?:forward|up) {_BY}(?P<n2>{_SO_MANY}) (?P<u2>day|week|fortnight)s?\b"
)
_ZH_LATER = re.compile(
    r"(?:往后|向后|推后|推迟|延后|延迟|顺延|晚|迟)[推挪延移拖]?(?:个)?(?P<n>\d{1,2})个?(?P<u>天|日|周|星期|礼拜)"
    r"|(?<![\d号日])后(?P<n2>1)(?P<u2>天)|(?:下|后)1?个?(?P<u3>周|星期|礼拜)的?同1?1?天"
)
_ZH_EARLIER = re.compile(
    r"(?:往前|向前|提前|提早|早)[推挪移提]?(?P<n>\d{1,2})个?(?P<u>天|日|周|星期|礼拜)|(?<![\d号日])前(?P<n2>1)(?P<u2>天)"
)
_UNITS = {"day": 1, "week": 7, "fortnight": 14, "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}


def shifted(base: date, text: str, language: Language) -> date | None:
    """The day that the words tell from ``base``; None where they tell none so."""
    said = figures(plain(text, language), language)
    if _NAMED_DAY.search(said):  # "a week later, the eleventh of December"
        return None
    if language == "zh":
        later, earlier = _ZH_LATER.search(said), _ZH_EARLIER.search(said)
    else:
        if weekday := _EN_WEEKDAY.search(said):
            ahead = (_DAYS.index(weekday["a"] or weekday["b"]) - base.weekday() - 1) % 7 + 1
            return base + timedelta(days=ahead)
        if before := _EN_WEEKDAY_BEFORE.search(said):
            return base - timedelta(days=(base.weekday() - _DAYS.index(before["d"] or before["e"]) - 1) % 7 + 1)
        if of_week := _EN_THAT_WEEK.search(said):
            return base + timedelta(days=_DAYS.index(of_week["d"] or of_week["e"]) - base.weekday())
        later, earlier = _EN_LATER.search(said), _EN_EARLIER.search(said)
        if later and _ONE_AFTER.match(later[0]) and f"{_DAYS[base.weekday()]}day" in said[: later.start()]:
            return base + timedelta(weeks=1)  # "not that Friday, the one after"
    if later:
        return base + _length(later, 1)
    return base + _length(earlier, -1) if earlier else None


def _length(found: re.Match[str], direction: int) -> timedelta:
    named = found.groupdict()
    number, unit = named["n"] or named.get("n2") or "1", named["u"] or named.get("u2") or named.get("u3") or "day"
    days = (int(number) if number.isdecimal() else 2 if number == "couple of" else 1) * _UNITS[unit]
    return timedelta(days=direction * min(days, _LONGEST_DAYS))
