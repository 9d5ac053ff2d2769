"""Measures how well a house's intents are understood, on texts that were not learnt."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.adapters.understanding.encoder import SentenceEncoder
from ivr.adapters.understanding.lessons import comparable
from ivr.adapters.understanding.model import DEFAULTS, Settings
from ivr.adapters.understanding.understanding import Understanding
from ivr.core.flow.intent import Bands, Certainty, Hypothesis, Intent
from ivr.core.language import Language

OUT_OF_SCOPE = "oos"
"""The label of a text that is none of the house's intents."""
ECE_BINS = 15

Pair = tuple[str, str]
"""A text and its intent, or ``OUT_OF_SCOPE``."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; nan of nothing."""
        return self.hits / self.of if self.of else float("nan")


@dataclass(frozen=True, slots=True)
class Answered:
    """One tested text and what became of it."""

    text: str
    label: str
    guess: str | None
    """The best intent, nothing rejected; None where the text says nothing."""
    confidence: float
    certainty: Certainty
    took_ms: float

    @property
    def right(self) -> bool:
        """Whether the best guess is the label; never so out of scope."""
        return self.guess == self.label


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one measurement."""

    accuracy: Share
    """Of the texts in scope, with nothing rejected: those whose best guess is right."""
    oos_recall: Share
    """Of the texts out of scope: those answered with "none"."""
    oos_precision: Share
    """Of the texts answered with "none": those out of scope."""
    false_rejections: Share
    """Of the texts in scope: those answered with "none"."""
    sure: Share
    """Of the texts in scope: those answered with "sure"."""
    sure_right: Share
    """Of all texts answered with "sure", out of scope ones too: those that are right."""
    ece: float
    """Expected calibration error of the confidences in scope, 15 bins of equal width (Guo et al. 2017); nan of nothing."""
    train_s: float
    encoder: str
    """The sentence encoder's name, or "none"."""
    bands: Bands
    """The thresholds, as learnt from the training texts."""
    intents: int
    learnt: int
    """How many texts were learnt."""
    contradictions: int
    """How many training texts were left out because the same words were already another intent's."""
    answered: tuple[Answered, ...]

    def took_ms(self, percent: float) -> float:
        """Wall time of one ``understand`` in milliseconds: so many percent of the texts took no longer."""
        return float(np.percentile([one.took_ms for one in self.answered], percent))

    def confusions(self) -> list[tuple[str, str, int]]:
        """Intent, the one it was taken for, how often; in scope, the most frequent first."""
        pairs = Counter((one.label, one.guess) for one in self.answered if one.label != OUT_OF_SCOPE and not one.right)
        ranked = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0][0], pair[0][1] or ""))
        return [(label, guess or "nothing", times) for (label, guess), times in ranked]


def evaluate(
    train: Iterable[Pair],
    test: Iterable[Pair],
    encoder: SentenceEncoder | None,
    language: Language = "en",
    bundled_off_topic: bool = False,
    titles: bool = True,
    settings: Settings = DEFAULTS,
) -> Evaluation:
    """Learn ``train``, answer ``test`` one by one, and count.

    Training texts labelled ``oos`` teach "none of these"; where there are none, ``bundled_off_topic`` puts the bundled
    sentences there. ``titles``: an intent's label, underscores as spaces, is its title. Raises ValueError when ``train``
    has no text in scope or ``test`` is empty.
    """
    tests = list(test)
    intents, off_topic, contradictions = _prepare(train, language, titles)
    if not intents or not tests:
        raise ValueError("an evaluation needs training texts in scope and at least one text to test")
    began = time.perf_counter()
    off = None if bundled_off_topic and not off_topic else {language: off_topic}
    understanding = Understanding.train(intents, encoder, off, settings)
    train_s = time.perf_counter() - began
    learnt = sum(len(intent.phrases[language]) for intent in intents) + len(off_topic)
    name = encoder.name if encoder and language == "en" else "none"
    answered = tuple(_answer(understanding, pair, language) for pair in tests)
    return _count(answered, train_s, name, understanding.bands(language), (len(intents), learnt, contradictions))


def _answer(understanding: Understanding, pair: Pair, language: Language) -> Answered:
    text, label = pair
    began = time.perf_counter()
    answer = understanding.understand((Hypothesis(text),), language)
    took_ms = (time.perf_counter() - began) * 1000
    best = answer.best
    return Answered(
        text, label, best.intent if best else None, best.confidence if best else 0.0, answer.certainty, took_ms
    )


def _prepare(train: Iterable[Pair], language: Language, titles: bool) -> tuple[list[Intent], tuple[str, ...], int]:
    phrases: dict[str, list[str]] = {}
    off_topic: list[str] = []
    owners: dict[str, str] = {}
    contradictions = 0
    for text, label in train:
        if label == OUT_OF_SCOPE:
            off_topic.append(text)
        elif (key := comparable(text, language)) and owners.setdefault(key, label) == label:
            phrases.setdefault(label, []).append(text)
        else:
            contradictions += 1
    intents = [
        Intent(
            name=label,
            title={language: label.replace("_", " ")} if titles else {},
            phrases={language: tuple(texts)},
            keywords={},
            queue=label,
        )
        for label, texts in phrases.items()
    ]
    return intents, tuple(off_topic), contradictions


def _count(
    answered: tuple[Answered, ...], train_s: float, encoder: str, bands: Bands, counts: tuple[int, int, int]
) -> Evaluation:
    inside = [one for one in answered if one.label != OUT_OF_SCOPE]
    outside = [one for one in answered if one.label == OUT_OF_SCOPE]
    none = [one for one in answered if one.certainty == "none"]
    sure = [one for one in answered if one.certainty == "sure"]
    return Evaluation(
        accuracy=Share(sum(one.right for one in inside), len(inside)),
        oos_recall=Share(sum(one.certainty == "none" for one in outside), len(outside)),
        oos_precision=Share(sum(one.label == OUT_OF_SCOPE for one in none), len(none)),
        false_rejections=Share(sum(one.certainty == "none" for one in inside), len(inside)),
        sure=Share(sum(one.certainty == "sure" for one in inside), len(inside)),
        sure_right=Share(sum(one.right for one in sure), len(sure)),
        ece=calibration_error(np.array([one.confidence for one in inside]), np.array([one.right for one in inside])),
        train_s=train_s,
        encoder=encoder,
        bands=bands,
        intents=counts[0],
        learnt=counts[1],
        contradictions=counts[2],
        answered=answered,
    )


def calibration_error(confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Give the mean distance between confidence and share of right answers over 15 bins, each weighed by its texts."""
    if len(confidences) == 0:
        return float("nan")
    bins = np.minimum((confidences * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [
        abs(float(confidences[bins == bin_].mean()) - float(right[bins == bin_].mean())) * float((bins == bin_).mean())
        for bin_ in np.unique(bins)
    ]
    return float(sum(gaps))
