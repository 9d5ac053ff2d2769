"""Card numbers do not belong into records: they are found in what was said or typed, and masked.

A card number (ISO/IEC 7812-1) has 12 to 19 digits and ends in a Luhn check digit. People say it in words, with pauses and
other words between, and recognisers mishear it; so any run of 12 or more digits is masked, whether its check digit fits
or not: the run that is a card number but for one misheard digit is as dangerous as the right one.
"""

from __future__ import annotations

import re

from ivr.core.caller import Language
from ivr.core.wording import DIGIT_WORDS, REPEATS

SHORTEST = 12
"""Digits in a row that may be a card's. Telephone numbers written with their country code are shorter, or begin with +."""
MASK = "••••"
_BETWEEN = 2
"""Words between two digits that do not break a run: "four one, um, one one"."""


def masked(text: str, language: Language) -> str:
    """The text with every run of SHORTEST digits or more, in figures or in words, as dots."""
    if language == "zh":
        return _RUN_ZH.sub(lambda m: MASK if _count_zh(m.group(0)) >= SHORTEST else m.group(0), text)
    words = text.split()
    counts = [_count_en(word) for word in words]
    out: list[str] = []
    start = 0
    while start < len(words):
        end, digits = _run(words, counts, start)
        if digits >= SHORTEST:
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
    for place in range(start, len(words)):
        word = words[place].lower().strip(".,")
        if word in REPEATS:
            times = REPEATS[word]
            continue
        if counts[place]:
            digits += counts[place] * times
            times, gap, end = 1, 0, place + 1
        else:
            gap += 1
            if gap > _BETWEEN:
                break
    return end, digits


def _count_en(word: str) -> int:
    plain = word.lower().strip(".,")
    if plain in DIGIT_WORDS["en"]:
        return 1
    figures = re.sub(r"[-./]", "", plain)
    if figures.isdecimal():
        return len(figures)
    return 1 if plain in REPEATS else 0


_ZH = "".join(re.escape(word) for word in DIGIT_WORDS["zh"])
_RUN_ZH = re.compile(rf"[{_ZH}0-9][{_ZH}0-9\s,，、嗯啊-]*[{_ZH}0-9]")


def _count_zh(run: str) -> int:
    return sum(char in DIGIT_WORDS["zh"] or char.isdecimal() for char in run)
