"""Numbers of payment cards in whatever was written, said or typed: found by how they are made, and masked.

A card's number (PAN) has 13 to 19 digits, begins as some issuer's do, and ends in a Luhn check digit. It is looked for in groups
of digits as they stand, so that no piece of an order's number, an IBAN or a time is one by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.core.digit_words import DIGIT_WORDS, REPEATS
from ivr.core.privacy import MASK

SHORTEST, LONGEST = 13, 19
_ISSUED = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|220[0-4]\d{12,15}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14,17}"
    r"|(5[06-8]|6\d)\d{11,17}|8[12]\d{14}|9792\d{12}|1\d{14}"
)
"""Visa; Mastercard; Mir; American Express; Diners; JCB; Maestro, Discover and UnionPay; RuPay; Troy; UATP."""
_UNITS = DIGIT_WORDS["en"]
_PAIRS = {
    word: str(10 + place)
    for place, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {"hundred": "00"}
_TENS = {
    word: str(2 + place) for place, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())
}
_ZH = DIGIT_WORDS["zh"] | dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True))
_SIGNS = f"\\d{''.join(_ZH)}"
_SIGN, _WORD = re.compile(f"[{_SIGNS}]"), re.compile("[a-z]+")
_WORDS = frozenset((*_UNITS, *_PAIRS, *_TENS, *REPEATS))
_SAID = "|".join(sorted(_WORDS, key=len, reverse=True))
_GAP = r"(?:[\s\u200b-\u200d\u2060\-\u2010-\u2015\u2212._/·•・,，、:：;；。*|()\[\]{}\"'`~=\\]|&nbsp;|&#160;)"
"""What people write between the groups of a number."""
_FILLER = r"(?:um|uh|er|erm|and|then|嗯|呃|啊|哦|然后|接着|还有|那个)"
_IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b"
_UUID = r"\b[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}\b"
_TOKENS = re.compile(
    rf"(?P<other>{_UUID}|{_IBAN})|(?P<signs>[{_SIGNS}](?:个?[{_SIGNS}])*)"
    rf"|(?P<said>(?<![A-Za-z])(?:{_SAID})(?:[\s\-,.]+(?:{_SAID}|o))*(?![A-Za-z]))",
    re.IGNORECASE,
)
_GAPS = re.compile(rf"{_GAP}{{0,3}}")
_SPOKEN_GAPS = re.compile(rf"{_GAP}{{0,3}}|[\W_]*{_FILLER}(?:[\W_]*{_FILLER})?[\W_]*", re.IGNORECASE)
_TIMES_ZH = re.compile(rf"([{_SIGNS}])个([{_SIGNS}])")
_CARD_WORDS = re.compile(r"(?:card|visa|master|mastercard|maestro|amex|pan|cc|karte|no|nr)$", re.IGNORECASE)
_PHONE_LONGEST = 15
"""Digits of a telephone number with its country code (E.164)."""


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    end: int
    digits: str
    joins: bool = False
    """Nothing but a gap is between it and the group before."""
    plus: bool = False


def without_cards(text: str) -> str:
    """The text with every number of a card in it as dots."""
    if not _may_have(text):
        return text
    found = list(_groups(text))
    if sum(len(one.digits) for one in found) < SHORTEST:
        return text
    gone: list[tuple[int, int]] = []
    run: list[_Group] = []
    for one in [*found, None]:
        if run and (one is None or not one.joins):
            gone += [(run[first].start, run[last].end) for first, last in _cards(run)]
            run = []
        if one is not None:
            run.append(one)
    for start, end in reversed(gone):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return text


def _may_have(text: str) -> bool:
    """Whether there are digits enough in it, at the most that each word can be: nearly all texts end here."""
    return (
        "个" in text or len(_SIGN.findall(text)) + 3 * sum(w in _WORDS for w in _WORD.findall(text.lower())) >= SHORTEST
    )


def split_over(texts: Sequence[str]) -> list[list[str]]:
    """Of a number of which each text has a part, ending in the last one: the digits to be masked in each; all empty: none."""
    # not the shortest, which has not been issued for decades: of keys one by one, every tenth thirteen would be a card's
    found = [(place, one) for place, text in enumerate(texts) for one in _groups(text) if not one.plus]
    masked: list[list[str]] = [[] for _ in texts]
    last = len(texts) - 1
    for end in range(len(found) - 1, -1, -1):
        if found[end][0] != last:
            break
        digits = ""
        for start in range(end, -1, -1):
            digits = found[start][1].digits + digits
            if len(digits) > LONGEST:
                break
            if found[start][0] != last and len(digits) > SHORTEST and _is_card(digits):
                for place, one in found[start : end + 1]:
                    masked[place].append(one.digits)
                return masked
    return masked


def without(text: str, digits: Sequence[str]) -> str:
    """A text with those groups of digits as dots."""
    for one in reversed([one for one in _groups(text) if one.digits in digits]):
        text = f"{text[: one.start]}{MASK}{text[one.end :]}"
    return text


def _groups(text: str) -> Iterator[_Group]:
    before, spoken, broken = 0, False, True
    for token in _TOKENS.finditer(text):
        start, end = token.span()
        if token["other"]:
            # what only looks like an IBAN is looked through for its figures
            whole = "-" in token["other"] or _is_iban(token["other"])
            for piece in () if whole else re.finditer(r"(?<![A-Za-z])\d+(?![A-Za-z])", token["other"]):
                joins = not broken and _GAPS.fullmatch(text, before, start + piece.start()) is not None
                yield _Group(start + piece.start(), start + piece.end(), piece[0], joins)
                before, spoken, broken = start + piece.end(), False, False
            broken = broken or whole
            continue
        if token["signs"] and _in_a_word(text, start, end):
            broken = True
            continue
        said = token["said"] is not None or not token["signs"].isdecimal()
        gaps = _SPOKEN_GAPS if said or spoken else _GAPS
        joins = not broken and gaps.fullmatch(text, before, start) is not None
        digits = _said(token["said"]) if token["said"] else _signs(token["signs"])
        yield _Group(start, end, digits, joins, plus=text[start - 1 : start] in ("+", "＋"))
        before, spoken, broken = end, said, False


def _in_a_word(text: str, start: int, end: int) -> bool:
    after = text[end : end + 1]
    if after.isascii() and after.isalpha():
        # "4111…1111CVV123": what is a card's number whole is one, whatever is written behind it
        return not (text[start:end].isdecimal() and end - start > _PHONE_LONGEST and _is_card(_signs(text[start:end])))
    letters = re.search(r"[A-Za-z]+$", text[max(0, start - 12) : start])
    return letters is not None and not _CARD_WORDS.match(letters[0])


def _signs(signs: str) -> str:
    signs = _TIMES_ZH.sub(lambda m: m[2] * int(_ZH.get(m[1], m[1])), signs)
    return "".join(_ZH.get(sign) or str(int(sign)) for sign in signs if sign != "个")


def _said(words: str) -> str:
    digits, times, tens = "", 1, False
    for word in re.split(r"[\s\-,.]+", words.lower()):
        if word in REPEATS:
            times = REPEATS[word]
            continue
        unit = "0" if word == "o" else _UNITS.get(word)
        if unit is not None and unit != "0" and tens:
            digits = digits[:-1] + unit  # "forty one" is 41, "forty" alone 40
        else:
            digits += (unit or _PAIRS.get(word) or f"{_TENS[word]}0") * times
        times, tens = 1, word in _TENS
    return digits


def _cards(run: Sequence[_Group]) -> Iterator[tuple[int, int]]:
    """The first and last group of every card's number in groups that stand together."""
    phone = run[0].plus and sum(len(one.digits) for one in run) <= _PHONE_LONGEST
    covered = -1
    for first in range(int(run[0].plus), 0 if phone else len(run)):
        digits, end = "", None
        for last in range(first, len(run)):
            digits += run[last].digits
            if len(digits) > LONGEST:
                break
            if _is_card(digits):
                end = last
        # one that overlaps another hides what that has left: nobody can tell which of them is meant
        if end is not None and end > covered:
            yield max(first, covered + 1), end
            covered = end


def _is_card(digits: str) -> bool:
    return SHORTEST <= len(digits) <= LONGEST and _ISSUED.fullmatch(digits) is not None and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
