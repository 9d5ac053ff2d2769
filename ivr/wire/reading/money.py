"""Amounts of money: "two hundred euros fifty", "nineteen ninety nine", 两百块五毛, €12.50, and whole units by keys."""

from __future__ import annotations

import re
from decimal import Decimal

from ivr.core.language import Language
from ivr.wire.reading import currencies
from ivr.wire.reading.words import Form, Mention, Values, mentions, number_text, zh_decimals

_LONGEST = 15
"""Figures of an amount; what has more is no amount."""
_EN_MINOR = r"(?:(?:us )?cents?|pence|penny|pennies|p|centimes?|rappen|fen)\b"
_ZH_MINOR = "(?:分|欧分|美分|便士)钱?"
_OF_MINOR = {"p": "GBP", "pence": "GBP", "penny": "GBP", "pennies": "GBP", "便士": "GBP", "us cent": "USD", "us cents": "USD",
             "美分": "USD", "欧分": "EUR", "fen": "CNY", "rappen": "CHF"}  # fmt: skip
"""Hundredths that name their currency; a cent or a 分 is the house's own."""


class MoneyReader:
    """Finds amounts; what names no currency is in ``home`` (ISO 4217)."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._forms: dict[Language, list[Form[None]]] = {"en": self._en_forms(), "zh": self._zh_forms()}

    def find(self, text: str, language: Language) -> list[Mention]:
        """Where a text with figures names amounts."""
        if language == "zh":
            return mentions(zh_decimals(text), self._forms["zh"], None)
        text = re.sub(r"\b(?:oh|o|nought|naught) (?=\d\b)", "0", text)
        text = re.sub(r"\b(\d+) and a half\b", r"\1.5", text)
        text = re.sub(r"\b(\d+(?:\.\d+)?) grand\b", lambda m: number_text(float(m[1]) * 1000), text)
        text = re.sub(r"\bhalf a dozen\b", "6", text)
        text = re.sub(r"\b(\d+|a) dozen\b", lambda m: str(12 * (1 if m[1] == "a" else int(m[1]))), text)
        text = re.sub(r"\bhalf an? (?=[a-z])", "0.5 ", text)
        text = re.sub(rf"\ban? (?=(?:{_any(currencies.words(self._home, 'en'))})\b)", "1 ", text)
        return mentions(text, self._forms["en"], None)

    def _en_forms(self) -> list[Form[None]]:
        names = _any(currencies.words(self._home, "en"))
        sign = r"(?P<neg>\bminus |\bnegative |(?<!\w)-)?"
        row = r"(?P<n>(?<![\d.])\d+(?:\.\d+)?(?: \d+(?!\d|\.\d))*)"
        minor = (rf"(?:(?: and)? (?P<m>\d{{1,2}})(?: ?(?P<u>{_EN_MINOR})|(?P<bare>(?<=\d\d)(?![\d.])(?! ?(?:{names})(?!\w))|$))"
                 r"| and a (?:(?P<half>half)|(?P<quarter>quarter))\b)?")  # fmt: skip
        return [
            (re.compile(rf"{sign}{row} ?(?P<c>{names})(?!\w){minor}"), self._en_named),
            (re.compile(rf"{sign}(?P<c>{names}) ?(?P<neg2>-)?{row}"), self._en_named),
            (re.compile(rf"{sign}(?P<n>\d+) ?(?P<u>{_EN_MINOR})"), self._minor_alone),
            (re.compile(rf"{sign}{row}"), self._en_named),
        ]

    def _zh_forms(self) -> list[Form[None]]:
        names = _any(currencies.words(self._home, "zh"))
        number = r"(?P<n>(?<![\d.])\d+(?:\.\d+)?)"
        minor = (rf"(?:(?P<half>半)|0?(?P<j>\d)[毛角](?:(?P<f>\d)分?)?|(?P<m>\d{{1,2}}){_ZH_MINOR}"
                 rf"|(?P<t>\d{{1,2}})(?!\d|{names}))?")  # fmt: skip
        return [
            (re.compile(rf"(?P<neg>负|-)?{number}(?:多|来)?(?P<c>{names})(?!分)钱?{minor}"), self._zh_named),
            (re.compile(rf"(?P<neg>负|-)?(?P<c>{names})(?P<neg2>负|-)?{number}"), self._zh_named),
            (re.compile(r"(?P<neg>负|-)?(?P<j>\d{1,4})[毛角]钱?(?:(?P<f>\d)分?钱?)?"), self._zh_minor_alone),
            (re.compile(rf"(?P<neg>负|-)?(?P<n>\d{{1,4}})(?P<u>{_ZH_MINOR})"), self._minor_alone),
            (re.compile(rf"(?P<neg>负|-)?{number}"), self._zh_named),
        ]

    def _currency(self, match: re.Match[str], language: Language) -> str:
        name = match.groupdict().get("c")
        return currencies.words(self._home, language)[name] if name else self._home

    def _en_named(self, match: re.Match[str], _: None) -> Values | None:
        found = match.groupdict()
        currency = self._currency(match, "en")
        options = _row(found["n"], currency)
        hundredths = int(found.get("m") or 0) + (50 if found.get("half") else 25 if found.get("quarter") else 0)
        return _values(options, hundredths, currency, bool(found["neg"] or found.get("neg2")))

    def _zh_named(self, match: re.Match[str], _: None) -> Values | None:
        found = match.groupdict()
        tail = found.get("t") or ""
        # 十二块五 is twelve fifty, 十二块零五 twelve oh five
        hundredths = int(tail) * (10 if len(tail) == 1 else 1) if tail else int(found.get("m") or 0)
        hundredths += int(found.get("j") or 0) * 10 + int(found.get("f") or 0) + (50 if found.get("half") else 0)
        currency = self._currency(match, "zh")
        share = 0.5 if re.search("[多来]", match[0]) else 1.0  # 五十多块 is some more than fifty
        options = [(text, share * part) for text, part in _row(found["n"], currency)]
        return _values(options, hundredths, currency, bool(found["neg"] or found.get("neg2")))

    def _minor_alone(self, match: re.Match[str], _: None) -> Values | None:
        currency = _OF_MINOR.get(match["u"].removesuffix("钱"), self._home)
        return _values([("0", 1.0)], int(match["n"]), currency, bool(match["neg"]))

    def _zh_minor_alone(self, match: re.Match[str], _: None) -> Values | None:
        return _values([("0", 1.0)], int(match["j"]) * 10 + int(match["f"] or 0), self._home, bool(match["neg"]))


_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}")


def _any(names: dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _row(text: str, currency: str) -> list[tuple[str, float]]:
    """What figures one after the other may be: "12 50" is 12.50 or 1250, "1 8 9" is 189."""
    parts = text.split(" ")
    joined = "".join(parts)
    if len(parts) == 1:
        # 1.234 is one thousand and more where money has two places
        return [
            (text.replace(".", "") if _THOUSANDS.fullmatch(text) and currencies.places(currency) < 3 else text, 1.0)
        ]
    if len(parts) == 2 and len(parts[1]) == 2 and currencies.places(currency) == 2 and "." not in joined:
        return [(".".join(parts), 0.6), (joined, 0.4)]
    return [] if "." in joined else [(joined, 1.0)]


def _values(options: list[tuple[str, float]], hundredths: int, currency: str, negative: bool) -> Values | None:
    places = currencies.places(currency)
    found = []
    for text, share in options:
        if len(text) > _LONGEST:
            continue
        amount = Decimal(text) + Decimal(hundredths) / 100
        exact = round(amount, places)
        if exact == amount:
            found.append((f"{'-' if negative and exact else ''}{exact:.{places}f} {currency}", share))
    return tuple(found)
