"""What a caller wants: ranked guesses with their evidence; "none of these" is an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ivr.core.caller import Language

Certainty = Literal["sure", "confirm", "none"]
"""``sure``: go on. ``confirm``: say it back and let it be corrected. ``none``: none of these, or nothing usable."""


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


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading of what was said, with its share of belief among the readings (0 to 1)."""

    text: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a guess was made: an operator's phrase near to what was said, or a keyword found in it."""

    kind: Literal["phrase", "keyword"]
    text: str
    weight: float
    """How much of the score it carries, 0 to 1."""


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

    @property
    def best(self) -> Guess | None:
        """The likeliest intent, or None when there is none."""
        return self.guesses[0] if self.guesses else None
