"""Card numbers do not belong into records: while somebody speaks, every number that may be one is masked.

A card number (ISO/IEC 7812-1) has 12 to 19 digits and ends in a Luhn check digit. People say it in words, with pauses and
other words between, and recognisers mishear it; so any run of 12 or more digits is masked, whether its check digit fits
or not: the run that is a card number but for one misheard digit is as dangerous as the right one. What is kept, whoever wrote
it, is looked through once more by ``card_numbers``, which goes by the check digit.
"""

from __future__ import annotations

import re

from ivr.core.digit_words import DIGIT_WORDS, REPEATS
from ivr.core.language import Language

SHORTEST = 12
"""Digits in a row that may be a card's. Telephone numbers written with their country code are shorter, or begin with +."""
BEGUN = 7
"""Digits from which a number that is still being said is hidden: six of a card's may be shown."""
MASK = "••••"
_BETWEEN = 2
"""Words between two digits that do not break a run: "four one, um, one one"."""


def masked(text: str, language: Language, shortest: int = SHORTEST) -> str:
    """The text with every run of ``shortest`` digits or more, in figures or in words, as dots."""
    if language == "zh":
        return _RUN_ZH.sub(lambda m: MASK if _count_zh(m.group(0)) >= shortest else m.group(0), text)
    words = text.split()
    counts = [_count_en(word) for word in words]
    out: list[str] = []
    start = 0
    while start < len(words):
        end, digits = _run(words, counts, start)
        if digits >= shortest:
            out.append(MASK)
            start = end
        else:
            out.append(words[start])
            start += 1
    return " ".join(out) if MASK in out else text


def is_number(text: str) -> bool:
    """Whether digits typed in one go are long enough to be a card's."""
    return sum(c.isdigit() for c in text) >= SHORTEST


def _run(words: list[str], counts: list[int], start: int) -> tuple[int, int]:
    """The end of the run of digits that begins at ``start``, and how many digits it holds; 0 when none begins there."""
    if not counts[start] or words[start].startswith("+"):
        return start + 1, 0
    digits, end, gap = 0, start, 0
    times = 1
    tens = False
    for place in range(start, len(words)):
        word = _PUNCTUATION.sub("", words[place].lower())
        if word in REPEATS:
            times = REPEATS[word]
            continue
        if counts[place]:
            # "forty one" is 41, "forty" alone is 40
            digits += (counts[place] - (tens and word in _UNITS)) * times
            tens = word in _TENS
            times, gap, end = 1, 0, place + 1
        else:
            gap += 1
            if gap > _BETWEEN:
                break
    return end, digits


_UNITS = frozenset(DIGIT_WORDS["en"]) - {"zero", "oh"}
_TENS = frozenset("twenty thirty forty fifty sixty seventy eighty ninety".split())
_PAIRS = _TENS | frozenset(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen hundred".split()
)
_PUNCTUATION = re.compile(r"[^\w+]")


def _count_en(word: str) -> int:
    plain = _PUNCTUATION.sub("", word.lower())
    if plain in DIGIT_WORDS["en"] or plain == "o":
        return 1
    if plain.isdecimal():
        return len(plain)
    # people say a card in pairs, too: "forty one eleven"
    return 2 if plain in _PAIRS else int(plain in REPEATS)


_ZH = "".join(re.escape(word) for word in DIGIT_WORDS["zh"])
_RUN_ZH = re.compile(rf"[{_ZH}\d](?:[\W_]*[^{_ZH}\d\W_]{{0,{_BETWEEN}}}[\W_]*[{_ZH}\d])*")
_TIMES_ZH = re.compile(rf"([{_ZH}\d])个([{_ZH}\d])")


def _count_zh(run: str) -> int:
    # "四个一" is 1111
    run = _TIMES_ZH.sub(lambda m: m[2] * int(DIGIT_WORDS["zh"].get(m[1], m[1])), run)
    return sum(char in DIGIT_WORDS["zh"] or char.isdecimal() for char in run)
