"""Whether the matter itself is denied: "not a repair", "I'm not booking anything", 不是修表, where something else was asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from ivr.core.dialogue.words.small_words import SENSES
from ivr.core.dialogue.words.yes_and_no import words_of
from ivr.core.flow.intent import Intent
from ivr.core.language import Language, with_apostrophes

_OFTEN, _SHARE = 3, 0.1
"""Phrases of a matter, in number and as a share, from which a word of them is one of its own."""
_SHARED = 5
"""Matters that have a word in common from which it is no name of any of them: "watch" in a watch shop."""
_STEM = 5
"""Letters by which "booking" and "booked" are one word; shorter words must be the same."""
_COMMON: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "come more somet somat anoth back late time suppo speak talk your when what where that here there".split()
    ),
    "zh": frozenset("我你您们的了么要能想吗是一不个下几多哪什时"),
}
"""Words (Chinese: signs) that many matters have in common."""
_BOOKS: dict[Language, frozenset[str]] = {
    "en": frozenset("book booki booke appoi visit day diary reser".split()),
    "zh": frozenset(("预约", "约时", "约日", "预定", "约什")),
}
_NOT = re.compile(
    r"(?<!\bwhy )\b(?:not|no(?! (?:i )?(?:don't|do not)\b)|isn't|wasn't|never mind|forget"
    r"|(?:do not|don't|didn't)(?: (?:need|want|wish|mean|ask|say|said))?)\b"
    r"(?: (?:a|an|any|the|my|your|about|for|to|that|this|really|looking|calling|asking|after|trying|here|another|new|make))*"
    r" (?P<word>[a-z]+)"
)
_NOT_ZH = re.compile(
    r"(?:(?<![是要能会行好对])不是?|没说要?|没要|没打算|别)(?:要|想|用|需要|说|问|来|打算|关于|为了|给我|帮我|再|什么)*(?P<word>[\u4e00-\u9fff]{2})"
)

_REBUKES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:who (?:said|mentioned|asked|wants|spoke)|where did you get|what are you (?:on|talking) about"
        r"|why (?:are you|do you keep|on earth are you) (?:on about|going on|asking|talking|bringing up)"
        r"|what(?:'s| has| have| does| do) .{1,30} (?:got )?to do with"
        r"|i (?:never|did not|didn't|haven't) (?:say|said|ask|asked|mention|mentioned))\b"
    ),
    "zh": re.compile(
        "^(?:啥|什么)(?![时地意价样叫人东])[\u4e00-\u9fff]{2,4}[啊呀]?[ ，,]|扯(?:到|什么|啥)"
        "|(?:怎么|咋)(?:又|就|会|给)?(?:说|问|提|扯|变|转|跑)|谁(?:说|要|问|跟你)|哪(?:里|儿|个)(?:说|要)"
        "|我(?:没|又没)(?:说|问|提)|关.{0,4}什么事"
    ),
}
"""What is asked in return by who was misunderstood: it names the matter, and means no."""


def rebukes(text: str, language: Language) -> bool:
    """Whether somebody asks why they are asked: "who said anything about a bill?", 你咋扯到账单上去了."""
    return _REBUKES[language].search(with_apostrophes(text.lower())) is not None


def denies(text: str, language: Language, name: str, intents: Mapping[str, Intent], *, books: bool = False) -> bool:
    """Whether a word of the matter called ``name`` is denied in it; a value that is denied ("not Monday") is no such word.

    Where the matter ``books`` a day, the words of that are its own, too.
    """
    words = words_of(text, language)
    said = "".join(words) if language == "zh" else " ".join(words)
    found = (_NOT_ZH if language == "zh" else _NOT).finditer(said)
    denied = {one["word"] if language == "zh" else one["word"][:_STEM] for one in found}
    if not denied:
        return False
    if books and denied & _BOOKS[language]:
        return True
    own = {one: _words_of_matter(intent, language) for one, intent in intents.items()}
    return any(word in own[name] and sum(word in words for words in own.values()) < _SHARED for word in denied)


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
