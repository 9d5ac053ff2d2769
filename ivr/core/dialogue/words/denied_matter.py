"""Whether the matter itself is denied: "not a repair", "I'm not booking anything", 不是修表, where something else was asked."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from ivr.core.dialogue.words.small_words import SENSES
from ivr.core.dialogue.words.yes_and_no import words_of
from ivr.core.flow.intent import Intent
from ivr.core.language import Language

_OFTEN, _SHARE = 3, 0.15
"""Phrases of a matter, in number and as a share, from which a word of them is one of its own."""
_STEM = 5
"""Letters by which "booking" and "booked" are one word; shorter words must be the same."""
_COMMON: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "come more somet somat anoth back late time suppo speak talk your when what where that here there".split()
    ),
    "zh": frozenset("我你您们的了么要能想吗是一不个下几多哪什时"),
}
"""Words (Chinese: signs) that many matters have in common."""
_NOT = re.compile(
    r"(?<!\bwhy )\b(?:not|no|isn't|wasn't|never mind|forget|(?:do not|don't|didn't) (?:need|want|wish|mean|ask|say|said))\b"
    r"(?: (?:a|an|any|the|my|your|about|for|to|that|this|really|looking|calling|asking|after|trying|here|another|new|make))*"
    r" (?P<word>[a-z]+)"
)
_NOT_ZH = re.compile(
    r"(?:(?<![是要能会行好对])不是?|没说要?|没要|没打算|别)(?:要|想|用|需要|说|问|来|打算|关于|为了|给我|帮我|再|什么)*(?P<word>[\u4e00-\u9fff]{2})"
)


def denies(text: str, language: Language, intent: Intent) -> bool:
    """Whether one of the matter's own words is denied in it; a value that is denied ("not Monday") is no such word."""
    own = _words_of_matter(intent, language)
    if language == "zh":
        return any(found["word"] in own for found in _NOT_ZH.finditer("".join(words_of(text, "zh"))))
    said = " ".join(words_of(text, "en"))
    return any(found["word"][:_STEM] in own for found in _NOT.finditer(said))


def _words_of_matter(intent: Intent, language: Language) -> frozenset[str]:
    """What a matter is called, and what its phrases have in common: stems of words (Chinese: pairs of signs)."""
    names = [intent.title[language], *([intent.about[language]] if intent.about else [])]
    phrases = intent.phrases[language]
    often = Counter(word for phrase in phrases for word in set(_pieces(phrase, language)))
    least = max(_OFTEN, _SHARE * len(phrases))
    named = {word for name in names for word in _pieces(name, language)}
    return frozenset(named | {word for word, count in often.items() if count >= least})


def _pieces(text: str, language: Language) -> list[str]:
    words = words_of(text, language)
    if language == "zh":
        return [one + other for one, other in pairwise(words) if _COMMON["zh"].isdisjoint(one + other)]
    stems = (word[:_STEM] for word in words if len(word) >= _STEM - 1 and (word,) not in SENSES["en"])
    return [stem for stem in stems if stem not in _COMMON["en"]]
