"""Numbers of payment cards in whatever was written, said or typed: found by how they are made, and masked.

A card's number (PAN) has 13 to 19 digits, begins as some issuer's do, and ends in a Luhn check digit. It is looked for in groups
of digits as they stand, so that no piece of an order's number, an IBAN or a time is one by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from ivr.core.digit_words import DIGIT_WORDS, REPEATS
from ivr.core.levelled import LOOKS, levelled
from ivr.core.masking import MASK

SHORTEST, LONGEST = 13, 19
_SHORTEST_HALF, _HALVES = 4, 40
"""Digits of a half; numbers of one text that are looked at as halves, the first and the last."""
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
_ZH = DIGIT_WORDS["zh"] | dict(zip("壹贰叁肆伍陆柒捌玖洞拐勾", "123456789079", strict=True))
_SIGNS = f"\\d{''.join(_ZH)}"
_SIGN, _WORD = re.compile(f"[{_SIGNS}]"), re.compile("[a-z]+")
_WORDS = frozenset((*_UNITS, *_PAIRS, *_TENS, *REPEATS))
_SAID = "|".join(sorted(_WORDS, key=len, reverse=True))
_GAP = (
    r"(?:[\s\u200b-\u200d\u2060\ufe0f\u20e3\-\u2010-\u2015\u2212._/·•・,，、:：;；。*|()\[\]{}\"'`~=#&>→\\]|[%&\\]~+|&nbsp;"
    r"|</?[A-Za-z][^<>\d]{0,20}>)"
)
"""What people and forms write between the groups of a number; of ``levelled`` text."""
_FILLER = r"(?:um|uh|er|erm|and|then|plus|dash|minus|hyphen|slash|dot|point|comma|space|pause|嗯|呃|啊|哦|然后|接着|还有|那个|杠)"
_PART = (
    r"(?:(?:and|then|it|the|which|but)[\W_]+){0,3}(?:end(?:s|ed|ing)?|finish(?:es)?|last|rest|remaining|final|finally|followed"
    r"|second half|other half|before(?: that)?|after(?: that)?)(?:[\W_]+(?:in|with|is|are|by|of|the|it|half|part|last|four|was))*"
)
_PART_ZH = r"[^\d\n]{0,6}(?:开头|结尾|尾号|最后|末尾|后面|前面|后[一-九两]位|其余|剩下)[^\d\n]{0,6}"
"""What is between the parts of a number that somebody tells apart: "starts with … and ends with …"."""
_IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b"
_UUID = r"\b[\da-fA-F]{8}-(?:[\da-fA-F]{4}-){3}[\da-fA-F]{12}\b"
_TOKENS = re.compile(
    rf"(?P<other>{_UUID}|{_IBAN})|(?P<signs>[{_SIGNS}](?:个?[{_SIGNS}])*)"
    rf"|(?P<said>(?<![A-Za-z])(?:{_SAID})(?:[\s\-,.]+(?:{_SAID}|o))*(?![A-Za-z]))",
    re.IGNORECASE,
)
_GAPS = re.compile(
    rf"{_GAP}{{0,5}}|[\W_]*{_FILLER}(?:[\W_]*{_FILLER})?[\W_]*|[\W_]*{_PART}[\W_]*|{_PART_ZH}", re.IGNORECASE
)
_TOLD_APART = re.compile(
    r"\b(?:ends?|ending|finishes|last|rest|remaining|begins?|beginning|starts?|starting|first)\b|结尾|尾号|末尾|最后|开头|后[一-九两]位",
    re.IGNORECASE,
)
_EXPIRES = re.compile(r"(?:(?:0[1-9]|1[0-2])(?:20)?[23]\d|(?:20)?[23]\d(?:0[1-9]|1[0-2]))(?:\d{3,4})?")
"""The date until which a card is good, with the number on its back or without."""
_TIMES_ZH = re.compile(rf"([{_SIGNS}])个([{_SIGNS}])")
_CARD_WORDS = re.compile(r"(?:card|visa|master|mastercard|maestro|amex|pan|cc|mc|karte|no|nr)$", re.IGNORECASE)
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
    if not _may_have(text.translate(LOOKS)):
        return text
    runs = _runs(text)
    gone = [(run[first].start, run[last].end) for run in runs for first, last in _cards(run)]
    if not gone and len(runs) <= _HALVES and _TOLD_APART.search(text):
        # "it ends in 1111, and begins with 4111 1111 1111"
        turned = ((run[at:], run[:at]) for run in runs for at in range(1, len(run)))
        gone = next(
            ([_span(one), _span(two)] for one, two in (*turned, *permutations(runs, 2)) if _is_of_two(one, two)), []
        )
    for start, end in sorted(gone, reverse=True):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return without_cards(text) if gone else text  # beside one, another may be told in parts


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


def halves(texts: Sequence[str]) -> list[list[str]]:
    """Of a number of which two texts, fields of one request, have one half each: the digits to be masked in each text.

    Only digits that stand together are a half: two texts with several numbers each would make one of something else too often.
    """
    runs = []
    for text in texts:
        mine = [run for run in _runs(text) if not run[0].plus]
        runs.append(mine if len(mine) <= _HALVES else [*mine[: _HALVES // 2], *mine[-_HALVES // 2 :]])
    masked: list[list[str]] = [[] for _ in texts]
    for one, other in permutations(range(len(texts)), 2):
        for first, second in product(runs[one], runs[other]):
            if _is_of_two(first, second):
                masked[one] += [group.digits for group in first]
                masked[other] += [group.digits for group in second]
    return masked


def _span(run: Sequence[_Group]) -> tuple[int, int]:
    return run[0].start, run[-1].end


def _is_of_two(first: Sequence[_Group], second: Sequence[_Group]) -> bool:
    digits = ["".join(group.digits for group in run) for run in (first, second)]
    return min(map(len, digits)) >= _SHORTEST_HALF and sum(map(len, digits)) > SHORTEST and _is_card("".join(digits))


def _runs(text: str) -> list[list[_Group]]:
    """Groups of digits that stand together."""
    runs: list[list[_Group]] = []
    for group in _groups(text):
        if runs and group.joins:
            runs[-1].append(group)
        else:
            runs.append([group])
    return runs


def without(text: str, digits: Sequence[str]) -> str:
    """A text with those groups of digits as dots."""
    for one in reversed([one for one in _groups(text) if one.digits in digits]):
        text = f"{text[: one.start]}{MASK}{text[one.end :]}"
    return text


def _groups(text: str) -> Iterator[_Group]:
    text = levelled(text)
    before, broken, phone = 0, True, False
    for token in _TOKENS.finditer(text):
        start, end = token.span()
        if token["other"]:
            # what only looks like an IBAN is looked through for its figures
            whole = "-" in token["other"] or _is_iban(token["other"])
            named = r"\d+(?![A-Za-z])" if _CARD_WORDS.match(token["other"][:2]) else r"(?<![A-Za-z])\d+(?![A-Za-z])"
            for piece in () if whole else re.finditer(named, token["other"]):
                joins = not broken and _is_gap(text, before, start + piece.start())
                yield _Group(start + piece.start(), start + piece.end(), piece[0], joins)
                before, broken = start + piece.end(), False
            broken = broken or whole
            continue
        if token["signs"] and _in_a_word(text, start, end, follows=not broken and _is_gap(text, before, start)):
            broken = True
            continue
        plus = text[start - 1 : start] in ("+", "＋")
        joins = not broken and _is_gap(text, before, start)
        if phone and any(sign.isalpha() for sign in text[before:start]):
            joins = False  # a telephone number ends where a word is
        if plus and not broken and not phone and before == start - 1:
            plus, joins = False, True  # "4111+1111": a form has written its spaces so
        phone = plus or (phone and joins)
        digits = _said(token["said"]) if token["said"] else _signs(token["signs"])
        yield _Group(start, end, digits, joins, plus)
        before, broken = end, False


def _is_gap(text: str, before: int, start: int) -> bool:
    # what was masked already parts what is left: a text is the same when it is kept once more
    return _GAPS.fullmatch(text, before, start) is not None and MASK not in text[before:start]


def _in_a_word(text: str, start: int, end: int, *, follows: bool) -> bool:
    """Whether letters are joined to these digits; ``follows``: more digits stand before them, with nothing but a gap between."""
    after = text[end : end + 2]
    if after[:1].isascii() and after[:1].isalpha():
        if follows and not after[1:].isalnum():  # "4111 1111 1111 1111a"
            return False
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
            if len(digits) > 2 * LONGEST:
                break
            if _are_cards(digits) or (end is None and _is_card_with_expiry(digits)):
                end = last
        # one that overlaps another hides what that has left: nobody can tell which of them is meant
        if end is not None and end > covered:
            yield max(first, covered + 1), end
            covered = end


def _is_card(digits: str) -> bool:
    return SHORTEST <= len(digits) <= LONGEST and _ISSUED.fullmatch(digits) is not None and _luhn(digits)


def _are_cards(digits: str) -> bool:
    """A card's number, or two of them with nothing between."""
    return _is_card(digits) or any(_is_card(digits[:at]) and _is_card(digits[at:]) for at in (15, 16))


def _is_card_with_expiry(digits: str) -> bool:
    """A card's number to which its date is joined: only of those that are 15 or 16 digits long, as nearly all are."""
    length = 15 if digits[:2] in ("34", "37") else 16
    return _EXPIRES.fullmatch(digits, length) is not None and _is_card(digits[:length])


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "").upper()
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
