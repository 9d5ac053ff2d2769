"""What a caller wants: ranked guesses with their evidence; "none of these" is an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from ivr.core.flow.condition import Condition
from ivr.core.flow.wishes import WishName
from ivr.core.language import Language

ALTERNATIVES = 4
"""Readings of one utterance that are kept."""
Certainty = Literal["sure", "confirm", "none"]
"""``sure``: go on. ``confirm``: say it back and let it be corrected. ``none``: none of these, or nothing usable."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A piece of history that makes an intent likely, before a word was said."""

    when: Condition
    weight: float
    """The probability it lends by itself, 0 to 0.6."""
    because: dict[Language, str]
    """As the agent reads it: "open order"."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One reason for calling, as the operator wrote it in ``dialplans/*.toml``."""

    name: str
    title: dict[Language, str]
    phrases: dict[Language, tuple[str, ...]]
    keywords: dict[Language, tuple[str, ...]]
    """Words or phrases that decide when they occur whole ("keyword + meaning")."""
    queue: str | None = None
    node: str | None = None
    """A dialogue node that serves it without an agent; exactly one of ``queue`` and ``node`` is set."""
    skill: str | None = None
    key: str | None = None
    """The key that chooses it in the keypad menu."""
    opening: dict[Language, str] | None = None
    """The sentence that the agent may open with; fields in braces are filled in."""
    menu: str = "intents"
    """The keypad menu that its key belongs to."""
    cost: Literal["low", "high"] = "low"
    """What a mistake costs: high is said back first, however sure the machine is."""
    likely: tuple[Likely, ...] = ()
    """What in the caller's history makes it likely."""
    about: dict[Language, str] | None = None
    """It inside a sentence, "Is it about {about}?": "the late delivery"; None: the title."""
    private: bool = False
    """Not named by the machine's own idea before the caller is proved: the line may be a family's."""
    it: dict[Language, str] | None = None
    """What callers call "it" once this was dealt with: "my appointment"; matters that share it are about the same thing."""

    def spoken(self, language: Language) -> str:
        """What it is called inside a sentence."""
        return (self.about or self.title)[language]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of what was said, with its share of belief among the readings (0 to 1)."""

    text: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a guess was made: an operator's phrase near to what was said, a keyword found in it, or the caller's history."""

    kind: Literal["phrase", "keyword", "history"]
    text: str
    weight: float
    """How much of the score it carries, 0 to 1; of history: its addend of the confidence."""
    title: dict[Language, str] | None = None
    """What history it is, as the agent reads it."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One intent with the calibrated probability that it is the right one."""

    intent: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """The answer of a classifier to one utterance.

    ``guesses`` are ranked, most likely first, their confidences sum to at most 1. ``certainty`` is taken from the
    *maximum score* against thresholds learnt by leave-one-out, never from the softmax: a softmax is sure of nonsense too.
    """

    text: str
    guesses: tuple[Guess, ...]
    certainty: Certainty
    score: float
    """The highest raw score (about 0 to 1), which the thresholds are compared with."""
    wish: WishName | None = None
    """A wish that every caller may have, beside the house's own matters."""
    wish_certainty: Certainty = "none"
    wish_apart: bool = False
    """The wish is in a part of the sentence, whatever the whole of it is about."""
    second: str | None = None
    """The intent of another matter in the same sentence, which comes after the first."""

    @property
    def best(self) -> Guess | None:
        """The likeliest intent, or None when there is none."""
        return self.guesses[0] if self.guesses else None


@dataclass(frozen=True, slots=True)
class Bands:
    """Two thresholds on the highest score: below ``confirm`` it is none of these, from ``sure`` on the call goes on."""

    confirm: float
    sure: float

    def certainty(self, score: float) -> Certainty:
        """Say in which band ``score`` lies; a threshold belongs to the band above it."""
        if score >= max(self.sure, self.confirm):
            return "sure"
        return "confirm" if score >= self.confirm else "none"


def merged(readings: Iterable[Hypothesis], alike: Callable[[str], str]) -> tuple[Hypothesis, ...]:
    """Put readings together that are the same under ``alike``, and make the shares sum to 1.

    The result is ranked, likeliest first, and does not depend on the order of ``readings``; of a group the likeliest
    text stands for it. A share that is no positive number counts as 0; where none is, all readings count the same.
    """
    given = [(reading.text, reading.share if 0 < reading.share < math.inf else 0.0) for reading in readings]
    if not any(share for _, share in given):
        given = [(text, 1.0) for text, _ in given]
    groups: dict[str, list[tuple[float, str]]] = {}
    for text, share in given:
        groups.setdefault(alike(text), []).append((-share, text))
    # fsum is exact, so the order in which the readings came leaves no trace.
    total = math.fsum(share for _, share in given)
    ranked = [Hypothesis(min(group)[1], math.fsum(-share for share, _ in group) / total) for group in groups.values()]
    return tuple(sorted(ranked, key=lambda reading: (-reading.share, reading.text)))


def joined(stretches: Sequence[Sequence[Hypothesis]]) -> tuple[Hypothesis, ...]:
    """The readings of a whole utterance from those of its stretches: the likeliest combinations."""
    whole = [Hypothesis("", 1.0)]
    for stretch in stretches:
        both: dict[str, float] = {}
        for a, b in product(whole, stretch):
            text = f"{a.text} {b.text}".strip()
            both[text] = both.get(text, 0.0) + a.share * b.share
        whole = [Hypothesis(text, share) for text, share in sorted(both.items(), key=lambda item: -item[1])][
            :ALTERNATIVES
        ]
    total = sum(h.share for h in whole)
    return tuple(Hypothesis(h.text, h.share / total) for h in whole if h.text)
