"""Countries by their names, as far as somebody says them beside a telephone number: "that is a Taiwan number"."""

from __future__ import annotations

import re
from functools import cache

import phonenumbers
from babel import Locale

from ivr.core.language import Language

_OTHERWISE: dict[Language, dict[str, str]] = {
    "en": {
        "england": "GB", "scotland": "GB", "wales": "GB", "britain": "GB", "british": "GB", "english": "GB", "uk": "GB",
        "america": "US", "american": "US", "usa": "US", "holland": "NL", "dutch": "NL", "swiss": "CH", "austrian": "AT",
        "german": "DE", "french": "FR", "italian": "IT", "spanish": "ES", "polish": "PL", "danish": "DK", "chinese": "CN",
        "turkish": "TR", "czech": "CZ", "irish": "IE", "hong kong": "HK", "macau": "MO", "swedish": "SE", "belgian": "BE",
        "taiwanese": "TW", "singaporean": "SG",
    },
    "zh": {"大陆": "CN", "国内": "CN", "香港": "HK", "澳门": "MO"},
}  # fmt: skip
"""What CLDR calls otherwise: short names, and what people from there call their things."""


def country_in(text: str, language: Language) -> str | None:
    """The country that is named in a ``plain`` text, by its two letters of ISO 3166; None where none is, or several are."""
    pattern, codes = _names(language)
    found = {codes[one] for one in pattern.findall(text)}
    return found.pop() if len(found) == 1 else None


@cache
def _names(language: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    codes = {
        name.lower(): code
        for code, name in Locale(language).territories.items()
        if code in phonenumbers.SUPPORTED_REGIONS and len(name) > 1
    } | _OTHERWISE[language]
    any_of = "|".join(re.escape(name) for name in sorted(codes, key=len, reverse=True))
    return re.compile(any_of if language == "zh" else rf"\b(?:{any_of})\b"), codes
