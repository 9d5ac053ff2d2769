"""Rows of digits as people say them: "four seven double one", "forty eight oh two", "four sevens", 四七幺幺, 三个八."""

from __future__ import annotations

import re

from ivr.core.digit_words import spoken_digits
from ivr.core.language import Language
from ivr.wire.reading.around import DOUBTED, is_harmless, is_taken_away
from ivr.wire.reading.words import ZH_DIGIT, Values, figures

_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_NO_ROW = "".join(
    f"(?<!{word} )"
    for word in "zero nought naught oh one two three four five six seven eight nine double triple treble".split()
)
"""Not behind a digit: the last one of "four seven one one I think" is one, too."""
_NO_DIGIT = re.compile(
    r"\b(?:the|this|that|which|another|any|every|some|no|each|other|only|last|first|next|new|old|right|wrong|good|black|red|blue"
    r"|white|big|small|yellow|green) ones?\b"
    rf"|{_NO_ROW}\bones? (?=(?:moment|second|sec|minute|thing|more|time|day|of|that|i|we|he|she|they|you|from"
    r"|with|in|on|which|who|for)\b)"
    r"|\b(?:for|to|too) (?=(?:the|a|my|your|you|me|him|her|us|this|that)\b)"
    r"|^(?:oh|o) (?=[a-z])(?!zero|one|two|three|four|five|six|seven|eight|nine|oh|double|triple|treble)"
)
"""Where one is no digit: "the one I ordered", "one moment"; and where "oh" only begins a sentence."""
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
"""No digit of a number: "just a second"."""
_PART = re.compile(
    r"\b(?:ends?|ending|begins?|beginning|starts?|starting|last|first) (?:in|with|on|digits?|numbers?|\d|one|two|three|four)"
    r"|\b(?:something|whatever)\b"
)
_ZH_PART = re.compile("尾号|末尾|最后|开头|前面|什么")
"""Only some of the digits are told."""
OF_BEFORE = {"en": re.compile(r"\b(?:wrong|old|previous|last one)\b"), "zh": re.compile("别打|旧|以前")}
"""What makes a number one to be said back, beside every denial."""
_MANY = re.compile(
    r"\b(?P<n>two|three|four|five|six) (?P<d>zero|nought|naught|oh|o|one|two|three|four|five|six|seven|eight|nine)(?:e?s|'s)\b"
)
_REPEATED = re.compile(r"\b(?P<n>double|triple|treble|quadruple) (?P<d>\w+)")
_CORRECTED = re.compile(
    r"\b(?:no wait|no no|no|sorry|i mean|i meant|correction|wait|hold on|scratch that|rather|actually)\b"
)
_ZH_CORRECTED = re.compile(
    f"(?<={ZH_DIGIT})不(?={ZH_DIGIT})|"
    "[哦噢啊哎唉呃]不+对?|不对不对|不对|不不+|错了|说错了|我是说|等等|等一?下|更正|不是"
)
CORRECTED = {"en": _CORRECTED, "zh": _ZH_CORRECTED}
"""Between two rows of which the second counts."""
_ZH_MANY = re.compile("(?P<n>[两二三四五六2-6])个(?P<d>[零〇幺一二三四五六七八九0-9])")
_ZH_TENS = re.compile("[一二三四五六七八九]?十[一二三四五六七八九]?")
_ZH_COUNTS = dict(zip("两二三四五六23456", (2, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6), strict=True))


_LAST_ONE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:the )?last (?:one|digit|number|figure) (?:is|was|'s|should be)(?: an?)? (?P<d>\w+)$"),
    "zh": re.compile(f"[哦噢啊]?最后(?:面|那|一|那一|这)?[个位](?:数|数字|号)?(?:是|应该是|是个)(?P<d>{ZH_DIGIT})$"),
}
"""The end of a number said anew: "four seven one two … the last one is a one"."""


def rows(text: str, language: Language) -> Values:
    """The digits of a ``plain`` text; after a correction those that were said then. A word that is none leaves a doubt."""
    if (
        (end := _LAST_ONE[language].search(text))
        and len(one := digits(end["d"], language)) == 1
        and (row := digits(text[: end.start()], language))
    ):
        return ((row[:-1] + one, DOUBTED),)
    said = [(digits(part, language), part) for part in CORRECTED[language].split(_without_pronouns(text, language))]
    found = [row for row, _ in said if row]
    if not found:
        return ()
    sure = all(is_harmless(_rest(part, language), language) for _, part in said)
    last = found[-1]
    if len(found) > 1 and len(last) < len(found[-2]):
        # "four eight oh two no three" may stand for its end, or begin it anew
        return ((found[-2][: -len(last)] + last, DOUBTED / 2), (last, DOUBTED / 2))
    sure = sure and bool(said[-1][0]) and not (is_taken_away(text, language) or OF_BEFORE[language].search(text))
    part = (_ZH_PART if language == "zh" else _PART).search(text)
    return ((last, 1.0 if sure and not part else DOUBTED),)


def digits(text: str, language: Language) -> str:
    """The digits of a ``plain`` text, one after the other; what is none is passed over."""
    if language == "zh":
        text = re.sub(f"(?<=[是还有])一个(?={ZH_DIGIT})", "", text)
        text = _ZH_MANY.sub(lambda m: m["d"] * _ZH_COUNTS[m["n"]], text)
        if not re.search("[百千万亿]", text):  # 四十七十一 is 47 11
            text = _ZH_TENS.sub(lambda m: figures(m[0], "zh"), text)
        return spoken_digits(figures(text, language), language)
    text = re.sub(r"[-./+()]", " ", _without_pronouns(text, language))
    text = _MANY.sub(lambda m: f"{m['d']} " * _TIMES[m["n"]], text)
    text = re.sub(r"\b(?:oh|o|nought|naught)\b", "zero", text)
    text = _REPEATED.sub(lambda m: f"{m['d']} " * _TIMES[m["n"]], text)
    return spoken_digits(_one_by_one(figures(text, language)), language)


def _without_pronouns(text: str, language: Language) -> str:
    return text if language == "zh" else _NO_DIGIT.sub(" ", text)


def _rest(text: str, language: Language) -> str:
    """What is no digit in it."""
    if language == "zh":
        return re.sub(r"\d+", "", figures(_ZH_MANY.sub("", text), language))
    text = re.sub(
        r"\b(?:oh|o|nought|naught|hundred|thousand|million|and)\b", " ", _REPEATED.sub(" ", _MANY.sub(" ", text))
    )
    return re.sub(r"\d+(?:st|nd|rd|th)?", " ", figures(re.sub(r"[-./+()]", " ", text), language))


def _one_by_one(text: str) -> str:
    return " ".join(re.sub(r"\d", lambda m: f" {m[0]} ", _ORDINAL.sub(" ", text)).split())
