"""Times of day: "half past two", "quarter to nine in the morning", 下午三点半, 14:30, and HHMM by keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ivr.core.language import Language
from ivr.wire.reading.around import is_corrected
from ivr.wire.reading.words import Form, Mention, Values, mentions

_Part = Literal["am", "forenoon", "noon", "pm", "night"]
"""Which of two hours is meant: 3 is 3 ``am`` and 15 ``pm``; 11 at ``noon`` stays, 1 is 13; 9 at ``night`` is 21, 1 stays;
12 is 0 ``am`` and at ``night``, and 12 in the others."""
_FIRST_MORNING_HOUR = 7
"""Who says "at eight" without more rather means the morning, who says "at three" the afternoon: hours of business."""
_LIKELIER, _LESS_LIKELY = 0.8, 0.2

_EN_PARTS: dict[str, _Part] = {
    "am": "am", "pm": "pm", "morning": "am", "afternoon": "pm", "evening": "pm", "night": "night", "tonight": "night",
}  # fmt: skip
_ZH_PARTS: dict[str, _Part] = {
    "凌晨": "am", "清晨": "am", "早": "forenoon", "上午": "forenoon", "中午": "noon", "下午": "pm", "午后": "pm",
    "傍晚": "pm", "晚": "night", "夜": "night",
}  # fmt: skip
_PART: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"(?<=\d)[ap]m\b|(?<=\d )[ap]m\b|(?<!good )\b(?:(?:morning|afternoon|evening|night)s?|tonight)\b"),
    "zh": re.compile(
        r"凌晨|清晨|早晨|早上|(?<!太)早(?![点了些一])|上午|中午|下午|午后|傍晚|晚上|(?<!太)晚|半夜|深夜|夜里|夜"
    ),
}


_TO_DAY = re.compile(r"(?: (?:on|of|this|next|the))* ?")
_RESTRICTIONS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:\b(?:in|at|on|the|any) )*(?P<relation>\b(?:before|after|until|till|past|earlier than|later than) (?:the )?)?"
        r"\|+(?: (?:and|or) \|+)?(?P<behind> (?:(?:is|are|was|would be|i) )?"
        r"(?:(?:do|does|will|am|are|is)(?:n't| not)|cannot|can't|not|never|no good|no use|bad|impossible|too (?:early|late|soon))"
        r"(?: (?:really|so|very|at all|work|suit|good|fit|possible|great|convenient|me|us|for|well|any))*)\b"
        r"|(?:\b(?:but|and|just|only|though|although|please|i|we|rather) )*"
        r"\b(?:not|never|no|can't|cannot|can not|couldn't|won't|don't)"
        r"(?: (?:do|make|manage|come|be|there|it|have|time|want|like|possible))*"
        r"(?: (?:before|after|until|till|past|earlier than|later than|at|in|between|around|during))?(?: (?:the|any|my))* ?"
        r"\|+(?: (?:and|or) \|+)?"
    ),
    "zh": re.compile(
        r"\|+(?P<relation>之前|以前|之后|以后|前|后)?(?P<behind>[都也]?(?:不行|不可以|没空|没时间|不方便|有事|不要|来不了|不合适|太早|太晚))"
        r"|(?:但是?|不过)?(?:不要|别|不能|不想|没法|不是?|除了?)在? ?\|+(?:之前|以前|之后|以后|前|后)?"
    ),
}
"""A denial and a time of day, in either order; ``relation`` tells that the day itself is not meant."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a time is seen from: now, and the part of the day that was named anywhere in the text."""

    now: datetime
    part: _Part | None


def find(text: str, masked: str, language: Language, now: datetime) -> list[Mention]:
    """Where a text with figures names times; ``masked`` is the same text without its dates."""
    named = list(_PART[language].finditer(text))
    for part in named:  # the afternoon of "this afternoon" belongs to the date and to the time
        masked = f"{masked[: part.start()]}{part[0]}{masked[part.end() :]}"
    parts = {_part(part[0]) for part in named}
    # the morning of a time that was taken back is none of the time that was said then
    moment = _Moment(now, parts.pop() if len(parts) == 1 and not is_corrected(text, language) else None)
    forms = _EN_FORMS if language == "en" else _ZH_FORMS
    found = mentions(masked, forms, moment)
    return found or mentions(masked, [_BARE], moment)


def without_parts(text: str, language: Language) -> str:
    """The text without "in the morning" and the like, at the same length."""
    gap = 1 if language == "zh" else 0  # Chinese has no spaces, and 下午上午 are two

    def bars(part: re.Match[str]) -> str:
        return ("|" * max(1, len(part[0]) - gap)).rjust(len(part[0]))

    return _PART[language].sub(bars, text)


def without_restrictions(masked: str, dates: Sequence[Mention], language: Language) -> str:
    """Without what only says which times of a day are no good: "Thursday, not before ten", "Friday, mornings don't work".

    ``masked`` has bars where times and parts of the day stood. "Thursday morning doesn't work" may be about the day: it stays.
    """
    words = _RESTRICTIONS[language]
    ends, starts = {date.end for date in dates}, {date.start for date in dates}

    def masked_unless_of_a_day(match: re.Match[str]) -> str:
        before = len(masked[: match.start()].rstrip())
        after = match.end() + len(_TO_DAY.match(masked[match.end() :])[0])  # type: ignore[index]  # it may be empty
        joined = before in ends if match["behind"] and not match["relation"] else after in starts
        return match[0] if joined else "|" * len(match[0])

    return words.sub(masked_unless_of_a_day, masked)


def _part(word: str | None) -> _Part | None:
    if not word:
        return None
    last = word.split()[-1]
    return _EN_PARTS.get(last) or next((part for name, part in _ZH_PARTS.items() if name in word), None)


def _clock(hour: int, minute: int, part: _Part | None, exact: bool = False) -> Values | None:
    """One time, or the two it may be where no part of the day is known; None where there is no such time."""
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59:
        return None
    if hour > 12 or hour == 0 or exact:
        return ((_text(hour, minute), 1.0),)
    early, late = hour % 12, hour % 12 + 12
    if part is None:
        morning = _FIRST_MORNING_HOUR <= hour < 12
        first, second = (early, late) if morning else (late, early)
        return ((_text(first, minute), _LIKELIER), (_text(second, minute), _LESS_LIKELY))
    by_night = early if hour == 12 or hour < 6 else late
    at_noon = hour if hour in (11, 12) else late
    return (
        (_text({"am": early, "forenoon": hour, "pm": late, "noon": at_noon, "night": by_night}[part], minute), 1.0),
    )


def _text(hour: int, minute: int) -> str:
    return f"{hour:02}:{minute:02}"


def _time(match: re.Match[str], moment: _Moment) -> Values | None:
    """A time from the groups h (hour), m (minutes), s ("to": minutes before it), p or q (part of the day)."""
    found = match.groupdict()
    part = _part(found.get("p") or found.get("q")) or moment.part
    hour, minute = int(found["h"]), _minutes(found.get("m"))
    if found.get("s") in ("to", "till", "before", "差"):
        if not 0 < minute < 60 or hour > 24 or (found.get("by_fives") is not None and minute % 5):
            return None  # "eight to ten" is from eight to ten
        hour, minute = (hour - 1 if hour > 1 else {1: 12, 0: 23}[hour]), 60 - minute
    return _clock(hour, minute, part, exact=found["h"].startswith("0"))


def _minutes(text: str | None) -> int:
    if not text:
        return 0
    if "quarter" in text or text.endswith("刻"):
        return 15 * (int(text[0]) if text[0].isdecimal() else 1)
    return 30 if text.startswith(("half", "半")) else int(text.replace(" ", ""))


def _together(match: re.Match[str], moment: _Moment) -> Values | None:
    """1430 and 930, as keys and "fourteen hundred" give them."""
    digits, part = match["t"], _part(match["p"]) or moment.part
    return _clock(int(digits[:-2]), int(digits[-2:]), part, exact=len(digits) == 4 and int(digits[:2]) != 12)


def _from_now(match: re.Match[str], moment: _Moment) -> Values:
    found = match.groupdict()
    hours = found.get("n") or "0"
    minutes = (1 if hours.startswith("a") else 0.5 if hours.startswith(("half", "半")) else int(hours)) * 60
    minutes += 30 if found.get("half") else 0
    quarters = found.get("quarters") or ("1" if found.get("quarter") else "0")
    minutes += 15 * (int(quarters) if quarters.isdecimal() else 1)
    then = moment.now + timedelta(minutes=minutes + int(found.get("min") or 0))
    return ((then.strftime("%H:%M"), 1.0),)


def _around_fixed(match: re.Match[str]) -> Values:
    """ "Quarter past noon", "one minute to midnight"."""
    minutes = _minutes(match["m"].removesuffix("s").removesuffix(" minute"))
    noon = 12 * 60 if match["x"] in ("noon", "midday", "中午", "正午") else 0
    at = (noon + (minutes if match["s"] in ("past", "after", "过") else -minutes)) % (24 * 60)
    return _fixed(_text(at // 60, at % 60))


def _fixed(text: str) -> Values:
    return ((text, 1.0),)


_H = r"\b(?P<h>\d{1,2})(?![\d.:]\d|\d)"
_P = (r"(?: (?:o'? ?clock|oclock|sharp))?"
      r"(?: ?(?P<p>am|pm)\b| (?:(?:in|at|on|this|tomorrow|during) )?(?:the )?(?:early |late )?"
      r"(?P<q>morning|afternoon|evening|night|tonight)\b)?")  # fmt: skip
_SO_MANY = r"(?! (?:people|persons|guests|of|days?|weeks?|months?|minutes?|hours?|euros?|times?)\b)"
"""What a figure before it counts: "by two days" is no hour."""
_EN_FORMS: list[Form[_Moment]] = [
    (re.compile(r"\bin (?P<n>\d{1,2}|an?) hours? and (?:(?P<quarter>a quarter)|(?P<quarters>3) quarters)\b"), _from_now),
    (re.compile(r"\bin (?P<n>\d{1,2}|an?|half an) hours?(?P<half> and a half)?(?: and (?P<min>\d{1,2}) minutes?)?\b"), _from_now),
    (re.compile(r"\bin (?P<n>\d{1,2}|an?) and a (?P<half>half) hours?\b"), _from_now),
    (re.compile(r"\bin (?P<quarters>[1-3]|an?) quarters? of an hour\b"), _from_now),
    (re.compile(r"\bin (?P<min>\d{1,3}) minutes?\b"), _from_now),
    (re.compile(r"\b(?P<n>\d{1,2}|an?|half an) hours? from now\b"), _from_now),
    (re.compile(r"\b(?P<min>\d{1,3}) minutes? from now\b"), _from_now),
    (re.compile(rf"\b(?P<m>half|(?:a )?quarter) (?P<s>past|after|to|till|before) {_H}{_P}"), _time),
    (re.compile(rf"\b(?P<m>half) {_H}{_P}"), _time),
    (re.compile(rf"(?<!from )\b(?P<m>\d{{1,2}})(?: minutes?|(?P<by_fives>)) (?P<s>past|after|to|till|before) {_H}{_P}"), _time),
    (re.compile(rf"\b(?P<h>\d{{1,2}}) ?[:.h] ?(?P<m>\d\d)(?::\d\d)?(?!\d){_P}"), _time),
    (re.compile(rf"(?<![\d.:+-])\b(?P<t>[01]\d[0-5]\d|2[0-4][0-5]\d|[1-9][0-5]\d)(?: hours)?\b(?![.:]\d){_P}"), _together),
    (re.compile(rf"{_H} (?P<m>[0-5]\d|0 \d)\b{_P}"), _time),
    (
        re.compile(
            r"\b(?P<m>half|(?:a )?quarter|\d{1,2}(?= minutes? | )(?: minutes?)?) "
            r"(?P<s>past|after|to|till|before) (?P<x>noon|midday|midnight)\b"
        ),
        lambda m, _: _around_fixed(m),
    ),
    (re.compile(r"\b(?:12 )?(?:noon|midday)\b"), lambda *_: _fixed("12:00")),
    (re.compile(r"\b(?:12 )?midnight\b"), lambda *_: _fixed("00:00")),
    (re.compile(rf"{_H}(?= o'? ?clock| oclock| ?[ap]m\b){_P}"), _time),
    (re.compile(rf"{_H}(?= (?:(?:in|at|this|tomorrow) )?(?:the )?(?:early |late )?(?:morn|aft|even|night)){_P}"), _time),
    (re.compile(rf"{_H}(?= (?:to|until|till) [\d|])"), _time),
    (re.compile(rf"\b(?:at|around|about|from|until|till|between|by|or|and|to) {_H}{_SO_MANY}{_P}"), _time),
    # the word of a correction stays outside, where it is looked for
    (re.compile(rf"(?:(?<=\bno )|(?<=\bmake it )|(?<=\bmean )|(?<=\bsorry )|(?<=\brather ))(?:the )?{_H}{_P}"), _time),
]  # fmt: skip
_ZH_P = r"(?P<p>凌晨|清晨|早晨|早上|早|上午|中午|下午|午后|傍晚|晚上|晚|半夜|深夜|夜里|夜)?的?"
_ZH_FORMS: list[Form[_Moment]] = [
    (
        re.compile(r"(?P<n>\d{1,2}|半)个?(?P<half>半)?(?:小时|钟头)(?:(?P<min>\d{1,2})分钟?)?(?:之后|以后|后)"),
        _from_now,
    ),
    (re.compile(r"(?P<min>\d{1,3})分钟(?:之后|以后|后)"), _from_now),
    (re.compile(r"(?P<quarters>[1-3])刻钟(?:之后|以后|后)"), _from_now),
    (re.compile(rf"{_ZH_P}(?P<s>差)(?P<m>[1-3]刻|\d{{1,2}})分?钟?(?:就?到)?(?P<h>\d{{1,2}})点钟?"), _time),
    (re.compile(rf"{_ZH_P}(?P<h>\d{{1,2}})点钟?(?P<s>差)(?P<m>[1-3]刻|\d{{1,2}})分?"), _time),
    (
        re.compile(
            rf"{_ZH_P}(?P<h>\d{{1,2}})(?:点钟?|时|:)(?:过?(?P<m>半|[1-3]刻|\d{{1,2}}(?![\d点个])))?(?!\d(?!\d?点))(?:分钟?|整)?"
        ),
        _time,
    ),
    (re.compile(rf"{_ZH_P}(?<!\d)(?P<t>[01]\d[0-5]\d|2[0-4][0-5]\d|[1-9][0-5]\d)(?![\d:块元])"), _together),
    (
        re.compile(r"(?P<x>中午|正午|午夜|半夜|子夜)(?P<s>过)(?P<m>半|[1-3]刻|\d{1,2}(?=分))分?钟?"),
        lambda m, _: _around_fixed(m),
    ),
    (re.compile(r"中午|正午"), lambda *_: _fixed("12:00")),
    (re.compile(r"午夜|半夜|子夜"), lambda *_: _fixed("00:00")),
]
_BARE: Form[_Moment] = (
    re.compile(rf"(?<![\d.:+-]){_H}(?! (?:to|past)$){_SO_MANY}(?![人个天周月年分块元位次]){_P}"),
    _time,
)  # fmt: skip
"""A figure alone, where nothing else is a time."""
