"""Which words were heard wrongly: said beside heard, aligned and counted the same way everywhere.

Both sides are made alike first: small letters, no punctuation, marks for noise off. Figures are spelled digit by digit
("4711" → "four seven one one"), because recognisers write words; "oh" beside a digit is zero. Chinese counts by characters,
Latin words in it as one each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ivr.core.digit_words import DIGIT_WORDS
from ivr.core.language import Language

Kind = Literal["right", "changed", "missed", "added"]
Step = tuple[Kind, str, str]
"""What became of a word: kind, said, heard; empty where there is none on that side."""
_KINDS: dict[str, Kind] = {"equal": "right", "substitute": "changed", "delete": "missed", "insert": "added"}
_HAN_OR_WORD = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇]|[^\s\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇]+"
)
_SAME_ZH = {"〇": "零", "幺": "一"}
"""Two ways of saying one digit, as figures cannot tell them apart."""


@dataclass(frozen=True, slots=True)
class WordsWrong:
    """One sentence, counted."""

    words: int
    """How many were said."""
    substitutions: int
    deletions: int
    insertions: int
    alignment: tuple[Step, ...]

    @property
    def wrong(self) -> int:
        """Words changed, missed and added; more than were said where much was added."""
        return self.substitutions + self.deletions + self.insertions


def words_wrong(said: str, heard: str, language: Language) -> WordsWrong:
    """Align what was heard with what was said, with as few errors as can be."""
    import jiwer

    wanted, got = counted_words(said, language), counted_words(heard, language)
    found = jiwer.process_words(" ".join(wanted), " ".join(got))
    steps: list[Step] = []
    for part in found.alignments[0]:
        left, right = wanted[part.ref_start_idx : part.ref_end_idx], got[part.hyp_start_idx : part.hyp_end_idx]
        for at in range(max(len(left), len(right))):
            steps.append((_KINDS[part.type], left[at] if at < len(left) else "", right[at] if at < len(right) else ""))
    return WordsWrong(len(wanted), found.substitutions, found.deletions, found.insertions, tuple(steps))


def counted_words(text: str, language: Language) -> list[str]:
    """The words that are compared (Chinese: characters)."""
    from ivr.adapters.understanding.text import plain

    text = plain(re.sub(r"\d", lambda digit: f" {_spelled(digit.group(), language)} ", text), language)
    if language == "zh":
        return [_SAME_ZH.get(sign, sign) for sign in _HAN_OR_WORD.findall(text)]
    words = text.split()
    digits = [word in DIGIT_WORDS["en"] for word in words]
    # "oh" alone may be a sigh
    return ["zero" if word == "oh" and _beside_a_digit(words, digits, at) else word for at, word in enumerate(words)]


def _beside_a_digit(words: list[str], digits: list[bool], at: int) -> bool:
    around = [digits[near] for near in (at - 1, at + 1) if 0 <= near < len(words)]
    return any(around)


def _spelled(digit: str, language: Language) -> str:
    return next(word for word, value in DIGIT_WORDS[language].items() if value == str(int(digit)))
