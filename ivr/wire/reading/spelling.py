"""Values as people say them: the ``Speller`` of ``ivr.core.flow.values`` for English and Chinese.

What comes out is for a synthesiser: no abbreviations, figures only where it reads them as one would say them, and digits
apart from each other. ``ivr.wire.reading.reader`` reads all of it back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

import cn2an  # type: ignore[import-untyped]
import phonenumbers

from ivr.core.flow.opening_hours import Interval
from ivr.core.flow.values import ValueKind
from ivr.core.language import Language
from ivr.wire.reading import currencies
from ivr.wire.reading.weeks import week

_THOUSAND_ALONE = re.compile(r"亿(?=[一二三四五六七八九]千)(?!.*万)")
_NUMBER = re.compile(r"-?\d{1,16}(?:\.\d{1,16})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_AMOUNT = re.compile(r"(-?)(\d+)(?:\.(\d+))? ([A-Z]{3})")
_PHONE = re.compile(r"\+\d{5,15}")
_GROUP = 3
"""Digits that are said in one breath; a single one left over joins the last group."""
_UNGROUPED = 5

_EN_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
              "December")  # fmt: skip
_EN_NEAR = {-1: "yesterday, ", 0: "today, ", 1: "tomorrow, "}
_EN_SMALL = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
             "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty")
_ZH_NEAR = {-1: "昨天，", 0: "今天，", 1: "明天，"}
_ZH_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")
_ZH_YEAR = str.maketrans("0123456789", "〇一二三四五六七八九")


class SpokenSpeller:
    """Says values in a house in ``country`` (ISO 3166, "DE"): its own phone numbers as at home, with no "plus four nine"."""

    def __init__(self, country: str) -> None:
        self._country = country.upper()

    def spoken(self, kind: ValueKind, value: str, language: Language, now: datetime) -> str:
        """The words for one value, seen from ``now``; a value that is not of its kind comes back as it is."""
        said: str | None = None
        match kind:
            case "digits":
                said = _digits(value, language)
            case "number":
                said = _number(value, language)
            case "date":
                said = _date(value, language, now.date())
            case "time":
                said = _time(value, language)
            case "amount":
                said = _amount(value, language)
            case "phone":
                said = _phone(value, language, self._country)
            case "name":
                said = value
        return value if said is None else said

    def week(self, weekly: Sequence[tuple[Interval, ...]], language: Language) -> str:
        """The words for the opening hours of a week."""
        return week(weekly, language, lambda value: _time(value, language) or value)


def _digits(value: str, language: Language) -> str | None:
    """ "4 7 1 1", 四 七 幺 幺 (a 1 in a row of digits is said yāo); long rows with pauses."""
    if not (value.isascii() and value.isdigit()):
        return None
    return _pauses(_grouped(value), language)


def _grouped(digits: str) -> list[str]:
    if len(digits) <= _UNGROUPED:
        return [digits]
    groups = [digits[n : n + _GROUP] for n in range(0, len(digits), _GROUP)]
    return groups if len(groups[-1]) > 1 else [*groups[:-2], groups[-2] + groups[-1]]


def _apart(digits: str, language: Language) -> str:
    return " ".join(digits.translate(_ZH_DIGITS) if language == "zh" else digits)


def _pauses(groups: list[str], language: Language) -> str:
    return ("，" if language == "zh" else ", ").join(_apart(group, language) for group in groups)


def _number(value: str, language: Language) -> str | None:
    if not (value.isascii() and _NUMBER.fullmatch(value)):
        return None
    if language == "zh":
        whole, _, part = value.lstrip("-").partition(".")
        # 一亿一千 is short for 一亿一千万: the thousand alone is said with 零
        said = _THOUSAND_ALONE.sub("亿零", str(cn2an.an2cn(whole.lstrip("0") or "0", "low")))
        # Figure by figure after the point, as one says them.
        said += "点" + "".join("零一二三四五六七八九"[int(figure)] for figure in part) if part else ""
        return ("负" if value.startswith("-") else "") + said
    return value.replace("-", "minus ")


def _date(value: str, language: Language, today: date) -> str | None:
    if not (value.isascii() and _DATE.fullmatch(value)):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    away = (day - today).days
    if language == "zh":
        year = "" if day.year == today.year else f"{day.year:04}年".translate(_ZH_YEAR)
        calendar_day = f"{cn2an.an2cn(day.month)}月{cn2an.an2cn(day.day)}日".replace("一十", "十")
        return f"{_ZH_NEAR.get(away, '')}{year}{calendar_day}，星期{'一二三四五六日'[day.weekday()]}"
    year = "" if day.year == today.year else f" {day.year:04}"
    ending = "th" if day.day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    near = _EN_NEAR.get(away, "")
    return f"{near}{_EN_WEEKDAYS[day.weekday()]} the {day.day}{ending} of {_EN_MONTHS[day.month - 1]}{year}"


def _time(value: str, language: Language) -> str | None:
    match = _TIME.fullmatch(value) if value.isascii() else None
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    return _zh_time(hour, minute) if language == "zh" else _en_time(hour, minute)


def _en_time(hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    part = "in the morning"
    if hour in (0, 21, 22, 23):
        part = "at night"
    elif hour >= 12:
        part = "in the afternoon" if hour < 18 else "in the evening"
    this, following = _EN_SMALL[(hour - 1) % 12 + 1], _EN_SMALL[hour % 12 + 1]
    match minute:
        case 0:
            said = f"{this} o'clock"
        case 15:
            said = f"quarter past {this}"
        case 30:
            said = f"half past {this}"
        case 45:
            said = f"quarter to {following}"
        case _:
            said = f"{this} {_en_minutes(minute)}"
    return f"{said} {part}"


def _en_minutes(minute: int) -> str:
    if minute < 10:
        return f"oh {_EN_SMALL[minute]}"
    if minute < 20:
        return _EN_SMALL[minute]
    return _EN_TENS[minute // 10] + (f" {_EN_SMALL[minute % 10]}" if minute % 10 else "")


def _zh_time(hour: int, minute: int) -> str:
    parts = ((5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
    part = next(name for until, name in parts if hour < until)
    shown = hour if hour <= 12 else hour - 12
    name = "两" if shown == 2 else "零" if shown == 0 else str(cn2an.an2cn(shown)).replace("一十", "十")
    match minute:
        case 0:
            rest = ""
        case 15:
            rest = "一刻"
        case 30:
            rest = "半"
        case _:
            figures = str(cn2an.an2cn(minute)).replace("一十", "十")
            rest = f"{'零' if minute < 10 else ''}{figures}分"
    return f"{part}{name}点{rest}"


def _amount(value: str, language: Language) -> str | None:
    match = _AMOUNT.fullmatch(value) if value.isascii() else None
    if match is None:
        return None
    sign, whole, part, currency = match[1], match[2].lstrip("0") or "0", match[3] or "", match[4]
    part = part.rstrip("0").ljust(2, "0") if part.strip("0") else ""
    minus = ("负" if language == "zh" else "minus ") if sign else ""
    if len(part) > 2:  # three places, or more than the currency has: figures after the point
        return f"{minus}{whole}.{part}{_unit(currency, language)}"
    hundredths = int(part or 0)
    alone = currencies.minor_alone(currency, language, hundredths == 1)
    if whole == "0" and hundredths and alone:
        return f"{minus}{hundredths}{'' if language == 'zh' else ' '}{alone}"
    said = f"{minus}{whole}{_unit(currency, language, whole == '1')}"
    if not hundredths:
        return said
    if language == "zh":
        return f"{said}{hundredths}{currencies.minor_name(currency, language)}"
    if hundredths < 10:  # "12 euros 5" may be heard as 12.50
        return f"{said} and {hundredths} {currencies.minor_name(currency, language, hundredths == 1)}"
    return f"{said} {hundredths}"


def _unit(currency: str, language: Language, one: bool = False) -> str:
    name = currencies.currency_name(currency, language, one)
    return f" {name}" if language == "en" or name.isascii() else name


def _phone(value: str, language: Language, country: str) -> str | None:
    if not (value.isascii() and _PHONE.fullmatch(value)):
        return None
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return None
    home = number.country_code == phonenumbers.country_code_for_region(country)
    form = phonenumbers.PhoneNumberFormat
    written = phonenumbers.format_number(number, form.NATIONAL if home else form.INTERNATIONAL)
    groups = [breath for group in re.split(r"\D+", written) if group for breath in _grouped(group)]
    return ("" if home else "加 " if language == "zh" else "plus ") + _pauses(groups, language)
