"""Values as they are said, and that what is said can be heard again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import Reading, Speller, ValueKind
from ivr.core.language import LANGUAGES, Language
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller

NOW = datetime(2026, 10, 21, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SPELLER: Speller = SpokenSpeller("DE")
READER = SpokenReader("DE", "EUR")


@pytest.mark.parametrize(
    ("kind", "value", "en", "zh"),
    [
        ("digits", "4711", "4 7 1 1", "四 七 幺 幺"),
        ("digits", "08", "0 8", "零 八"),
        ("digits", "1234567", "1 2 3, 4 5 6 7", "幺 二 三，四 五 六 七"),
        ("digits", "12345678", "1 2 3, 4 5 6, 7 8", "幺 二 三，四 五 六，七 八"),
        ("number", "42", "42", "四十二"),
        ("number", "-3.5", "minus 3.5", "负三点五"),
        ("number", "0.05", "0.05", "零点零五"),
        ("number", "1000000", "1000000", "一百万"),
        ("date", "2026-11-25", "Wednesday the 25th of November", "十一月二十五日，星期三"),
        ("date", "2026-10-21", "today, Wednesday the 21st of October", "今天，十月二十一日，星期三"),
        ("date", "2026-10-22", "tomorrow, Thursday the 22nd of October", "明天，十月二十二日，星期四"),
        ("date", "2026-10-20", "yesterday, Tuesday the 20th of October", "昨天，十月二十日，星期二"),
        ("date", "2026-12-13", "Sunday the 13th of December", "十二月十三日，星期日"),
        ("date", "2026-12-03", "Thursday the 3rd of December", "十二月三日，星期四"),
        ("date", "2027-10-11", "Monday the 11th of October 2027", "二〇二七年十月十一日，星期一"),
        ("time", "14:30", "half past two in the afternoon", "下午两点半"),
        ("time", "14:05", "two oh five in the afternoon", "下午两点零五分"),
        ("time", "08:40", "eight forty in the morning", "早上八点四十分"),
        ("time", "09:15", "quarter past nine in the morning", "上午九点一刻"),
        ("time", "11:45", "quarter to twelve in the morning", "上午十一点四十五分"),
        ("time", "18:00", "six o'clock in the evening", "晚上六点"),
        ("time", "21:21", "nine twenty one at night", "晚上九点二十一分"),
        ("time", "12:00", "noon", "中午十二点"),
        ("time", "00:00", "midnight", "凌晨零点"),
        ("time", "00:10", "twelve ten at night", "凌晨零点十分"),
        ("amount", "189.00 EUR", "189 euros", "189欧元"),
        ("amount", "12.50 EUR", "12 euros 50", "12欧元50分"),
        ("amount", "12.05 EUR", "12 euros and 5 cents", "12欧元5分"),
        ("amount", "1.00 EUR", "1 euro", "1欧元"),
        ("amount", "0.00 EUR", "0 euros", "0欧元"),
        ("amount", "-12.50 EUR", "minus 12 euros 50", "负12欧元50分"),
        ("amount", "0.50 EUR", "50 cents", "50欧分"),
        ("amount", "12.50 USD", "12 US dollars 50", "12美元50分"),
        ("amount", "1.01 GBP", "1 pound and 1 penny", "1英镑1便士"),
        ("amount", "200.50 CNY", "200 yuan 50", "200元50分"),
        ("amount", "2000 JPY", "2000 yen", "2000日元"),
        ("amount", "20.00 CHF", "20 Swiss francs", "20瑞士法郎"),
        ("amount", "12.345 KWD", "12.345 Kuwaiti dinars", "12.345科威特第纳尔"),
        ("phone", "+493012345", "0 3 0, 1 2 3 4 5", "零 三 零，幺 二 三 四 五"),  # at home
        ("phone", "+8613800138000", "plus 8 6, 1 3 8, 0 0 1 3, 8 0 0 0", "加 八 六，幺 三 八，零 零 幺 三，八 零 零 零"),
        ("name", "Dr. Smith", "Dr. Smith", "Dr. Smith"),
    ],
)  # fmt: skip
def test_said(kind: ValueKind, value: str, en: str, zh: str) -> None:
    assert SPELLER.spoken(kind, value, "en", NOW) == en
    assert SPELLER.spoken(kind, value, "zh", NOW) == zh


KINDS: tuple[ValueKind, ...] = ("digits", "number", "date", "time", "amount", "phone", "name")
NO_VALUES = ["", " ", "x", "4 7", "４７", "²", "1e5", "--1", "1.", "2026-02-30", "20261125", "2026-W01-1", "24:00", "9:05",
             "12:60", "12.50", "12.50 eur", "EUR 12.50", "+", "+999", "0049301234567", "189.00 EUR\n"]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", NO_VALUES)
def test_what_is_no_value_comes_back(text: str, language: Language) -> None:
    for kind in KINDS:
        digits = text.isascii() and text.isdigit()
        if not (digits and kind in ("digits", "number")) and (kind, text) != ("number", "12.50"):
            assert SPELLER.spoken(kind, text, language, NOW) == text


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=30), st.sampled_from(LANGUAGES))
def test_never_fails(kind: ValueKind, text: str, language: Language) -> None:
    assert SPELLER.spoken(kind, text, language, NOW) or not text


def test_today_is_that_of_the_zone() -> None:
    late = datetime(2026, 10, 21, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert SPELLER.spoken("date", "2026-10-22", "en", late).startswith("tomorrow")
    shanghai = late.astimezone(ZoneInfo("Asia/Shanghai"))
    assert SPELLER.spoken("date", "2026-10-22", "en", shanghai).startswith("today")


# -- what is said is heard again


def heard(kind: ValueKind, value: str, language: Language, now: datetime = NOW) -> tuple[Reading, ...]:
    return READER.read(kind, [Hypothesis(SPELLER.spoken(kind, value, language, now))], language, now)


languages = st.sampled_from(LANGUAGES)
hundredths = st.integers(-10_000_000, 10_000_000)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@settings(max_examples=500, deadline=None)
@given(st.one_of(days, st.integers(-500, 500).map(lambda n: NOW.date() + timedelta(days=n))), languages)
def test_dates(day: date, language: Language) -> None:
    assert heard("date", day.isoformat(), language) == (Reading(day.isoformat(), 1.0),)


@settings(max_examples=300, deadline=None)
@given(days, st.integers(-40, 400), languages)
def test_dates_from_any_day(today: date, away: int, language: Language) -> None:
    now = datetime(today.year, today.month, today.day, 12, tzinfo=NOW.tzinfo)
    day = (today + timedelta(days=away)).isoformat()
    assert heard("date", day, language, now) == (Reading(day, 1.0),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_time(language: Language) -> None:
    for minute in range(24 * 60):
        value = f"{minute // 60:02}:{minute % 60:02}"
        assert heard("time", value, language) == (Reading(value, 1.0),)


@settings(max_examples=500, deadline=None)
@given(hundredths, st.sampled_from(("EUR", "USD", "GBP", "CHF", "CNY", "SEK", "AUD")), languages)
def test_amounts(cents: int, currency: str, language: Language) -> None:
    value = f"{Decimal(cents) / 100:.2f} {currency}"
    assert heard("amount", value, language) == (Reading(value, 1.0),)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "USD", "GBP", "CHF", "CNY", "HKD"])
def test_every_small_amount(currency: str, language: Language) -> None:
    for cents in range(-230, 230):
        value = f"{Decimal(cents) / 100:.2f} {currency}"
        assert heard("amount", value, language) == (Reading(value, 1.0),)


@settings(deadline=None)
@given(st.integers(-10_000_000, 10_000_000), st.sampled_from(("JPY", "KRW")), languages)
def test_amounts_without_hundredths(units: int, currency: str, language: Language) -> None:
    assert heard("amount", f"{units} {currency}", language) == (Reading(f"{units} {currency}", 1.0),)


@settings(deadline=None)
@given(st.text("0123456789", min_size=1, max_size=20), languages)
def test_digits(digits: str, language: Language) -> None:
    assert heard("digits", digits, language) == (Reading(digits, 1.0),)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.integers(-(10**12), 10**12).map(Decimal), st.decimals(-(10**9), 10**9, places=3)), languages)
def test_numbers(number: Decimal, language: Language) -> None:
    value = f"{number:f}"
    value = (value.rstrip("0").rstrip(".") if "." in value else value).replace("-0", "0" if number == 0 else "-0")
    assert heard("number", value, language) == (Reading(value, 1.0),)


@pytest.mark.parametrize(
    ("value", "said"), [("1300001000", "十三亿零一千"), ("100001000", "一亿零一千"), ("110000000", "一亿一千万")]
)
def test_thousand_after_a_hundred_million_is_not_taken_for_ten_million(value: str, said: str) -> None:
    assert heard("number", value, "zh") == (Reading(value, 1.0),)
    assert SPELLER.spoken("number", value, "zh", NOW) == said


@settings(deadline=None)
@given(st.integers(15_110_000_000, 15_119_999_999), languages)
def test_phones(number: int, language: Language) -> None:
    value = f"+49{number}"
    readings = heard("phone", value, language)
    assert [reading.value for reading in readings] == [value]
