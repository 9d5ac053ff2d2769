"""Measures how well a house's intents are understood, on texts that were not learnt."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ivr.adapters.understanding.encoder import SentenceEncoder
from ivr.adapters.understanding.lessons import comparable
from ivr.adapters.understanding.model import DEFAULTS, Settings
from ivr.adapters.understanding.understanding import Understanding
from ivr.core.caller import Language
from ivr.core.intent import Hypothesis, Intent, Understood

OUT_OF_SCOPE = "oos"
"""The label of a text that is none of the house's intents."""
ECE_BINS = 15

Pair = tuple[str, str]
"""A text and its intent, or ``OUT_OF_SCOPE``."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one measurement; shares are 0 to 1, nan where there was nothing to take a share of."""

    accuracy: float
    """Of the texts in scope, with nothing rejected: the share whose best guess is right."""
    oos_recall: float
    """Of the texts out of scope: the share answered with "none"."""
    oos_precision: float
    """Of the texts answered with "none": the share out of scope."""
    false_rejections: float
    """Of the texts in scope: the share answered with "none"."""
    sure: float
    """Of the texts in scope: the share answered with "sure"."""
    sure_right: float
    """Of all texts answered with "sure", out of scope ones too: the share that is right."""
    ece: float
    """Expected calibration error of the confidences in scope, 15 bins of equal width (Guo et al. 2017)."""
    p50_ms: float
    p95_ms: float
    """Time of one ``understand``, in milliseconds of wall time."""
    train_s: float
    encoder: str
    """The sentence encoder's name, or "none"."""
    intents: int
    learnt: int
    """How many texts were learnt."""
    contradictions: int
    """How many training texts were left out because the same words were already another intent's."""
    tested: int


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
    answers: list[Understood] = []
    took_ms = np.empty(len(tests))
    for row, (text, _) in enumerate(tests):
        began = time.perf_counter()
        answers.append(understanding.understand((Hypothesis(text),), language))
        took_ms[row] = (time.perf_counter() - began) * 1000
    return _count(
        tests,
        answers,
        took_ms,
        train_s,
        encoder.name if encoder and language == "en" else "none",
        len(intents),
        sum(len(intent.phrases[language]) for intent in intents) + len(off_topic),
        contradictions,
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
    tests: Sequence[Pair],
    answers: Sequence[Understood],
    took_ms: npt.NDArray[np.float64],
    train_s: float,
    encoder: str,
    intents: int,
    learnt: int,
    contradictions: int,
) -> Evaluation:
    outside = np.array([label == OUT_OF_SCOPE for _, label in tests])
    right = np.array(
        [
            answer.best is not None and answer.best.intent == label
            for (_, label), answer in zip(tests, answers, strict=True)
        ]
    )
    sure_of = np.array([answer.best.confidence if answer.best else 0.0 for answer in answers])
    none = np.array([answer.certainty == "none" for answer in answers])
    sure = np.array([answer.certainty == "sure" for answer in answers])
    return Evaluation(
        accuracy=_share(right[~outside]),
        oos_recall=_share(none[outside]),
        oos_precision=_share(outside[none]),
        false_rejections=_share(none[~outside]),
        sure=_share(sure[~outside]),
        sure_right=_share(right[sure]),
        ece=calibration_error(sure_of[~outside], right[~outside]),
        p50_ms=float(np.percentile(took_ms, 50)),
        p95_ms=float(np.percentile(took_ms, 95)),
        train_s=train_s,
        encoder=encoder,
        intents=intents,
        learnt=learnt,
        contradictions=contradictions,
        tested=len(tests),
    )


def _share(of: npt.NDArray[np.bool_]) -> float:
    return float(of.mean()) if len(of) else float("nan")


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
