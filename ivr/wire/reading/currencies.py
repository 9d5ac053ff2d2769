"""Currencies: how they are called in both languages, and how many figures stand after their point."""

from __future__ import annotations

from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_name, get_currency_precision

from ivr.core.language import Language

SPOKEN = (
    "EUR", "USD", "GBP", "CNY", "JPY", "CHF", "AUD", "CAD", "HKD", "SGD", "TWD", "NZD", "INR", "KRW", "PLN", "SEK", "NOK",
    "DKK", "CZK", "HUF", "TRY", "RUB", "THB", "VND", "MYR", "IDR", "BRL", "MXN", "ZAR", "AED", "SAR", "KWD",
)  # fmt: skip
"""The currencies whose names are listened for; the house's own is one of them in any case."""
_SHORT: dict[tuple[str, Language], str] = {
    ("GBP", "en"): "pounds", ("CNY", "en"): "yuan", ("JPY", "en"): "yen", ("CNY", "zh"): "元", ("CAD", "zh"): "加元",
    ("AUD", "zh"): "澳元",
}  # fmt: skip
"""Where the short name can mean no other currency. A dollar keeps its country."""
_DOLLARS = ("USD", "AUD", "CAD", "HKD", "SGD", "TWD", "NZD")
_EVERYDAY: dict[Language, dict[str, str]] = {
    "en": {
        "EUR": "euro euros €", "GBP": "pound pounds quid sterling £", "CNY": "yuan renminbi rmb kuai", "JPY": "yen",
        "CHF": "franc francs", "USD": "us$", "PLN": "zloty", "SEK": "kronor krona", "RUB": "ruble rubles",
        "INR": "rupee rupees", "TRY": "lira", "KRW": "won", "THB": "baht",
    },
    "zh": {
        "EUR": "欧元 欧罗 欧 €", "GBP": "英镑 镑 £", "CNY": "元人民币 人民币 元 圆 rmb", "JPY": "日元 日圆 日币",
        "USD": "美元 美金 us$", "CHF": "瑞士法郎 瑞郎 法郎", "HKD": "港元 港币", "TWD": "新台币 台币", "AUD": "澳元 澳币",
        "CAD": "加元 加币", "SGD": "新币 新元", "KRW": "韩元 韩币", "THB": "泰铢",
    },
}  # fmt: skip
_DOLLAR_WORDS: dict[Language, tuple[str, ...]] = {"en": ("dollar", "dollars", "bucks", "buck", "$"), "zh": ("刀", "$")}
_HOME_WORDS: dict[Language, tuple[str, ...]] = {"en": (), "zh": ("块钱", "块")}
"""A 块 is one unit of whatever one pays with here."""


@cache
def in_use() -> frozenset[str]:
    """Every currency that some country pays in today; none of the past, no metal, no "XXX"."""
    of_countries = get_global("territory_currencies").values()
    return frozenset(code for each in of_countries for code, _, ended, is_tender in each if is_tender and ended is None)


@cache
def places(currency: str) -> int:
    """Figures after the point: 2 for EUR, 0 for JPY."""
    return get_currency_precision(currency)


@cache
def currency_name(currency: str, language: Language, one: bool = False) -> str:
    """How amounts of it are said: "euros" or "euro", 欧元; an unknown code comes back as it is."""
    short = _SHORT.get((currency, language))
    if short:
        return "pound" if one and short == "pounds" else short
    name = get_currency_name(currency, 1 if one else 2, locale=language)
    return name[0].lower() + name[1:] if name == "Turkish Lira" else name


def minor_name(currency: str, language: Language, one: bool = False) -> str:
    """What its hundredth is called after the whole units."""
    if language == "zh":
        return "便士" if currency == "GBP" else "分"
    if currency == "GBP":
        return "penny" if one else "pence"
    return "fen" if currency == "CNY" else "cent" if one else "cents"


def minor_alone(currency: str, language: Language, one: bool = False) -> str | None:
    """What its hundredth is called without whole units, so that it is clear whose it is; None when it has no such name."""
    if language == "zh":
        return {"EUR": "欧分", "USD": "美分", "GBP": "便士"}.get(currency)
    if currency in ("EUR", "GBP", "CNY"):
        return minor_name(currency, language, one)
    return ("US cent" if one else "US cents") if currency == "USD" else None


@cache
def words(home: str, language: Language) -> dict[str, str]:
    """Every way to name a currency, in small letters, and the code that is meant in a house whose own is ``home``."""
    found: dict[str, str] = {}
    for code in dict.fromkeys((*SPOKEN, home)):
        full = {get_currency_name(code, count, locale=language).lower() for count in (1, 2)}
        found |= dict.fromkeys((*full, code.lower(), *_EVERYDAY[language].get(code, "").split()), code)
    found |= dict.fromkeys(_DOLLAR_WORDS[language], home if home in _DOLLARS else "USD")
    found |= dict.fromkeys(_HOME_WORDS[language], home)
    found |= dict.fromkeys(("¥", "￥"), "JPY" if home == "JPY" else "CNY")
    return found
