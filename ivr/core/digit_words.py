"""Digits as people say them."""

from __future__ import annotations

from ivr.core.language import Language

DIGIT_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
        "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    },
    "zh": {
        "零": "0", "〇": "0", "一": "1", "幺": "1", "二": "2", "两": "2", "三": "3", "四": "4",
        "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
    },
}  # fmt: skip
REPEATS = {"double": 2, "triple": 3}


def digit_words(language: Language) -> tuple[str, ...]:
    """The grammar for digits."""
    extra = tuple(REPEATS) if language == "en" else ()
    return tuple(DIGIT_WORDS[language]) + extra


def spoken_digits(text: str, language: Language) -> str:
    """The digits of "four seven double one" → "4711"; words that are no digits are passed over."""
    digits = ""
    times = 1
    words = text.lower().split() if language == "en" else [c for c in text if not c.isspace()]
    for word in words:
        if word in REPEATS:
            times = REPEATS[word]
        elif word in DIGIT_WORDS[language]:
            digits += DIGIT_WORDS[language][word] * times
            times = 1
        elif word.isdecimal():
            digits += "".join(str(int(c)) for c in word)
            times = 1
    return digits


def only_digits(text: str, language: Language) -> bool:
    """Whether a text is a row of digits and nothing else."""
    words = text.lower().split() if language == "en" else [c for c in text if not c.isspace()]
    return bool(words) and all(word in DIGIT_WORDS[language] or word in REPEATS or word.isdecimal() for word in words)
