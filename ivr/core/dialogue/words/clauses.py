"""Where one sentence may be two: an answer, and something else behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.core.flow.intent import Hypothesis
from ivr.core.language import Language

_BUSY_ZH = "(?:去|在|陪|带|接|送|照顾)?(?:开会|上班|出差|上课|上学|加班|值班|体检|考试|医院|打针|看病|孩子|娃|人)"
"""What somebody has to do at that time, and asks for nothing."""
_JOINS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:(?:[,.;!?]+ *|(?<=\w) )(?:(?:and|also|then|plus|oh|by the way|while i'm at it|while you're at it)\b[, ]*)+)"
        r"|[,.;!?]+ +(?:but )?"
        r"|(?<=\w) (?:(?:but|actually|it's just|only|because) )*"
        r"(?=i (?:just |only |really )?(?:want|need|have to|would like)\b|i'd like\b)"
        r"|(?<=\w) (?:but )?(?=(?:what|when|where|how|who|(?:can|could) (?:i|you|we)|are you|is there"
        r"|(?:do|does) (?:you|he|she|i))\b)"
    ),
    "zh": re.compile(
        "[，,。；;！!？? ]*(?:然后|还有(?![没吗空别其])|另外(?![那一])|顺便|对了|同时)[，, ]*|[，,。；;！!？?]+|(?<=\\S) (?=\\S)"
        f"|(?<=[\u4e00-\u9fff])(?=你们|我还|我想|我要(?!{_BUSY_ZH})|帮我|再帮|能不能|可不可以)"
    ),
}
_ANNOUNCES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:also|then|plus|by the way|while (?:i'm|you're) at it)\b"),
    "zh": re.compile("然后|还有|另外|顺便|对了|同时"),
}
"""Joins that say themselves that something else follows."""
_ASKS_FOR: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:please )?(?:(?:can|could|do|does|is|are|will|would|shall|should) (?:i|you|we|he|she|it|they|there|that|the|my)"
        r"|i(?: also|'d also| just| only| really)? (?:want|need|have to|would like)|i'd like|what|when|where|how)\b"
    ),
    "zh": re.compile(f"(?:我还?(?:想|要)(?!{_BUSY_ZH})|再?帮我|能不能|可不可以|你们)"),
}
"""With what a rest begins that asks for something."""
_ONE_MORE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\banother (?:one|appointment|visit|slot)\b|\bone more\b|\b(?:one|the same) for (?:my|me|him|her)\b"
    ),
    "zh": re.compile("再(?:给.{1,4})?(?:约|来|订|加)一?个|还要(?:约)?一?个|也(?:给.{1,4})?约一?个"),
}
"""What asks for another one of the same."""
_MOST = 4
"""Places that are looked at, the last ones first: each costs as much as a sentence."""
_CLAUSE = 4
"""Signs, on average, of a clause in Chinese: what is shorter are its words."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence read as two, each with its other readings."""

    front: tuple[Hypothesis, ...]
    rest: tuple[Hypothesis, ...]
    announced: bool
    """It is said that something else follows, or asked for: "and then …", "and could I …"."""


def parted_by_words(text: str) -> bool:
    """Whether the spaces of a Chinese sentence stand between its words, as recognisers write it, and not its clauses."""
    return len(text) < _CLAUSE * len(text.split())


def one_more(text: str, language: Language) -> bool:
    """Whether a rest asks for another one of what was just agreed to: "and stick another one in for my dad"."""
    return _ONE_MORE[language].search(text.lower()) is not None


def answer_and_more(said: Sequence[Hypothesis], language: Language) -> list[Cut]:
    """The ways in which a sentence may be an answer with more behind it, the longest front first.

    The other readings are cut at the same place, counted from the end; one that has no such place is left out.
    """
    cut = [_cut(one, language) for one in said]
    return [
        Cut(
            tuple(reading for one in cut if at < len(one) for reading in one[at].front),
            tuple(reading for one in cut if at < len(one) for reading in one[at].rest),
            first.announced,
        )
        for at, first in enumerate(cut[0])
    ]


def _cut(said: Hypothesis, language: Language) -> list[Cut]:
    """The cuts of one reading."""
    text = said.text.strip()
    if language == "zh" and parted_by_words(text):
        text = "".join(text.split())
    lowered = text.lower().replace("’", "'") if language == "en" else text
    found: list[Cut] = []
    cuts = list(_JOINS[language].finditer(lowered))
    cuts = [one for one, before in zip(cuts, [None, *cuts], strict=False) if not before or before.end() < one.start()]
    for cut in reversed(cuts[-_MOST:]):
        front, rest = text[: cut.start()].strip(), text[cut.end() :].strip()
        asks = _ASKS_FOR[language].match(lowered[cut.end() :])
        announced = bool(asks or _ANNOUNCES[language].search(cut.group()))
        if front and rest:
            found.append(Cut((Hypothesis(front, said.share),), (Hypothesis(rest, said.share),), announced))
    return found
