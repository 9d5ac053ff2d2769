"""Where one sentence may be two: an answer, and something else behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ivr.core.flow.intent import Hypothesis
from ivr.core.language import Language

_JOINS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:(?:[,.;!?]+ *|(?<=\w) )(?:(?:and|also|then|plus|oh|by the way|while i'm at it|while you're at it)\b[, ]*)+)"
        r"|[,.;!?]+ +(?:but )?"
        r"|(?<=\w) (?:but )?(?=(?:what|when|where|how|who|(?:can|could) (?:i|you|we)|are you|do you|is there)\b)"
    ),
    "zh": re.compile(
        "[，,。；;！!？? ]*(?:然后|还有(?![没吗空别其])|另外(?![那一])|顺便|对了|同时)[，, ]*|[，,。；;！!？?]+|(?<=\\S) (?=\\S)"
        "|(?<=[\u4e00-\u9fff])(?=你们|我还|我想|我要|帮我|再帮|能不能|可不可以)"
    ),
}
_ANNOUNCES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:also|then|plus|by the way|while (?:i'm|you're) at it)\b"),
    "zh": re.compile("然后|还有|另外|顺便|对了|同时"),
}
"""Joins that say themselves that something else follows."""
_ASKS_FOR: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:please )?(?:(?:can|could) (?:i|you|we)|i(?: also|'d also)? (?:want|need|would like)|i'd like)\b"
    ),
    "zh": re.compile("(?:我还?(?:想|要)|再?帮我|能不能|可不可以)"),
}
"""With what a rest begins that asks for something."""
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


def answer_and_more(said: Sequence[Hypothesis], language: Language) -> list[Cut]:
    """The ways in which a sentence may be an answer with more behind it, the longest front first.

    The other readings are cut at the same place, counted from the end; one that has no such place is left out.
    """
    cut = [_cut(one, language) for one in said]
    return [
        Cut(
            tuple(one[at].front for one in cut if at < len(one)),
            tuple(one[at].rest for one in cut if at < len(one)),
            first.announced,
        )
        for at, first in enumerate(cut[0])
    ]


class _Two(NamedTuple):
    front: Hypothesis
    rest: Hypothesis
    announced: bool


def _cut(said: Hypothesis, language: Language) -> list[_Two]:
    text = said.text.strip()
    pieces = text.split()
    if language == "zh" and len(text) < _CLAUSE * len(pieces):
        text = "".join(pieces)  # parted by words, and not by clauses
    lowered = text.lower().replace("’", "'") if language == "en" else text
    found: list[_Two] = []
    cuts = list(_JOINS[language].finditer(lowered))
    cuts = [one for one, before in zip(cuts, [None, *cuts], strict=False) if not before or before.end() < one.start()]
    for cut in reversed(cuts[-_MOST:]):
        front, rest = text[: cut.start()].strip(), text[cut.end() :].strip()
        asks = _ASKS_FOR[language].match(lowered[cut.end() :])
        announced = bool(asks or _ANNOUNCES[language].search(cut.group()))
        if front and rest:
            found.append(_Two(Hypothesis(front, said.share), Hypothesis(rest, said.share), announced))
    return found
