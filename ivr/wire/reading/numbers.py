"""Numbers, rows of digits and telephone numbers, from a text with figures or straight from the words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import phonenumbers

from ivr.core.language import Language
from ivr.wire.reading import digit_rows
from ivr.wire.reading.around import DOUBTED, is_taken_away
from ivr.wire.reading.countries import country_in
from ivr.wire.reading.digit_rows import digits
from ivr.wire.reading.words import Form, Mention, Values, mentions, number_text, zh_decimals

_POSSIBLE = 0.5
"""What a telephone number keeps that has the right length, but a beginning that the country does not use."""
_SHORTEST = 7
"""Digits of a telephone number."""
_FRACTIONS = {"half": 0.5, "quarter": 0.25, "3 quarters": 0.75}
_SIGN = r"(?P<neg>minus |negative |(?<![\w-])-)?"
_BIG = r"(?P<big>1000(?:000){0,3})(?!\d)"
_EN_NUMBER: list[Form[None]] = [
    (re.compile(r"\bhalf a dozen\b"), lambda *_: _sure(6)),
    (
        re.compile(rf"(?<![\d.])(?:(?P<n>\d+) and )?(?:a )?(?P<f>half|3 quarters|quarter)(?: of)?(?: an?)? {_BIG}"),
        lambda m, _: _sure((int(m["n"] or 0) + _FRACTIONS[m["f"]]) * int(m["big"])),
    ),
    (
        re.compile(rf"{_SIGN}(?<![\d.])(?P<n>\d+(?:\.\d+)?)(?P<x>(?: \d+(?![\d.]))*)"
                   r"(?: and (?:a )?(?P<f>half|3 quarters|quarter))?(?P<z> dozen)?(?!\d)"),
        lambda m, _: _number(m),
    ),
    (re.compile(r"\ba dozen\b"), lambda *_: _sure(12)),
    (re.compile(r"\b(?:a couple|a pair)\b"), lambda *_: _sure(2)),
    (re.compile(r"^(?:none|nothing|none at all)$"), lambda *_: _sure(0)),
    (re.compile(rf"{_SIGN}\b(?P<f>half|3 quarters|a quarter)$"), lambda m, _: _sure(_FRACTIONS[m["f"].removeprefix("a ")])),
]  # fmt: skip
_ZH_NUMBER: list[Form[None]] = [
    (re.compile(r"(?<![\d.])(?P<n>\d+|半)打"), lambda m, _: _sure((0.5 if m["n"] == "半" else int(m["n"])) * 12)),
    (re.compile(r"(?P<b>[1-9]\d*)分之(?P<a>\d+)"), lambda m, _: _sure(int(m["a"]) / int(m["b"]))),
    (
        re.compile(r"(?P<neg>负|零下|(?<![\w-])-)?(?P<n>\d+(?:\.\d+)?)(?P<f>[个块年岁公斤米]{0,2}半)?"),
        lambda m, _: _number(m),
    ),
    (re.compile(r"半[个年天]|[1一]半|^半$"), lambda *_: _sure(0.5)),
    (re.compile(r"^没有$"), lambda *_: _sure(0)),
]


def numbers(text: str, language: Language) -> list[Mention]:
    """The numbers of a text with figures. Figures one after the other are one number: "4 7 1 1" is 4711."""
    if language == "zh":
        return mentions(zh_decimals(text), _ZH_NUMBER, None)
    return mentions(text, _EN_NUMBER, None)


def _sure(value: float) -> Values:
    return ((number_text(value), 1.0),)


def _number(match: re.Match[str]) -> Values:
    found = match.groupdict()
    digits, rest, fraction = found["n"], (found.get("x") or "").replace(" ", ""), found["f"]
    if rest and "." in digits:
        return ()
    value = digits + rest
    if not fraction and not found.get("z"):
        # As text, so that a long number keeps its last digits.
        whole, _, part = value.partition(".")
        part = part.rstrip("0")
        plain = (whole.lstrip("0") or "0") + (f".{part}" if part else "")
        return ((f"-{plain}" if found["neg"] and plain != "0" else plain, 1.0),)
    number = float(value) + (_FRACTIONS.get(fraction, 0.5) if fraction else 0)
    return _sure(number * (12 if found.get("z") else 1) * (-1 if found["neg"] else 1))


_ZH_MOBILE = re.compile(r"1[3-9]\d{9}")


def phones(text: str, language: Language, country: str) -> Values:
    """The telephone number of a ``plain`` text as E.164; none when no number of that length can be called.

    A country that is named beside it ("it's a Swiss number") is the one that it belongs to.
    """
    country = country_in(text, language) or country
    text = re.sub("(?:另外?|换|打)?一个(?=[^号]|$)|一[下会直定样起些点]", "", text) if language == "zh" else text
    said = [part for part in re.split(digit_rows.CORRECTED[language], text) if part.strip()]
    if ended := _ended_anew(said, language):
        return tuple((value, share * DOUBTED) for value, share in _last_phone(ended, language, country))
    found = next((values for part in reversed(said) if (values := _last_phone(part, language, country))), ())
    doubted = digit_rows.OF_BEFORE[language].search(text) is not None or is_taken_away(text, language)
    return tuple((value, share * DOUBTED) for value, share in found) if doubted else found


def _ended_anew(said: Sequence[str], language: Language) -> str:
    """The row whose end was said once more: "… four five six, no, sorry, five five six"; empty where none was."""
    if len(said) < 2:
        return ""
    end = digits(said[-1], language)
    row = digits(said[-2], language)
    for length in (4, 3, 2):  # "… double four three, no, sorry, double four two, nine one": the last group, and on
        if len(row) > length and end[:1] != "0" and _differ_once(row[-length:], end[:length]):
            return "".join(digits(part, language) for part in said[:-2]) + row[:-length] + end
    before = next((row for part in reversed(said[:-1]) if len(row := digits(part, language)) >= _SHORTEST), "")
    return before[: -len(end)] + end if end and len(end) < min(_SHORTEST, len(before)) else ""


def _differ_once(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _last_phone(text: str, language: Language, country: str) -> Values:
    plus = re.search(r"\+|\bplus\b|^加|[是为]加", text) is not None
    rows = [digits(part, language) for part in _rows(text, language)]
    candidates = sorted({*rows, "".join(rows)}, key=lambda row: (-len(row), row))
    found = [values for row in candidates if len(row) >= _SHORTEST and (values := _phone(row, plus, country, language))]
    return max(found, key=lambda values: values[0][1], default=())


def _rows(text: str, language: Language) -> list[str]:
    """The text in pieces between words that no telephone number goes over: "at six on oh one five one …"."""
    if language == "zh":
        return re.split(r"(?:号码|电话|手机)[是为]?|点|号", text)
    return re.split(r"\b(?:on|is|it's|number|at|after|before|call|under|o'clock)\b", text)


def _phone(row: str, plus: bool, country: str, language: Language) -> Values:
    # "Four nine one five one …" is said for +49 as well.
    code = str(phonenumbers.country_code_for_region(country))
    if plus or (row.startswith(code) and phonenumbers.is_valid_number(_parsed(f"+{row}", country))):
        number = _parsed(f"+{row}", country)
    else:
        number = _parsed(row, country)
    if language == "zh" and not plus and _ZH_MOBILE.fullmatch(row):
        number = _parsed(f"+86{row}", country)  # a mobile number as everybody in China has one
    if not phonenumbers.is_possible_number(number):
        return ()
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ((text, 1.0 if phonenumbers.is_valid_number(number) else _POSSIBLE),)


def _parsed(written: str, country: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return phonenumbers.PhoneNumber()  # which is never possible
