"""What is learnt from the phrases of one language: kernel ridge regression on meaning times word patterns.

K = exp(−1.0·(2 − 2·cos_meaning)) · exp(−0.25·(2 − 2·cos_patterns)): two texts are alike when both their sentence vectors
and their patterns are. Without an encoder, and for Chinese, K = exp(−0.5·(2 − 2·cos_patterns)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ivr.adapters.understanding.encoder import SentenceEncoder, Vectors
from ivr.adapters.understanding.ngrams import Ngrams
from ivr.adapters.understanding.off_topic import OFF_TOPIC
from ivr.adapters.understanding.ridge import Matrix, best_temperature, lowest_precise, softmax, solve
from ivr.adapters.understanding.text import plain, without_noise
from ivr.core.flow.intent import Bands
from ivr.core.language import Language


@dataclass(frozen=True, slots=True)
class Settings:
    """The numbers of the method; measured on CLINC150 and BANKING77, none needs turning by an operator."""

    ridge: float = 0.1
    """λ: how little a single example is believed."""
    meaning: float = 1.0
    """How fast likeness falls with the distance of the sentence vectors."""
    patterns: float = 0.25
    """The same for the distance of the word patterns, beside an encoder."""
    patterns_alone: float = 0.5
    """The same without an encoder."""
    rejected: float = 0.03
    """The share of the house's own phrases that may be taken for none of these: the ``confirm`` threshold."""
    floor: float = 0.1
    """The least that ``confirm`` may be without a class "none of these", for too few phrases to learn it from."""
    precision: float = 0.97
    """The share of right answers from the ``sure`` threshold on, by leave-one-out, …"""
    foreign: float = 0.2
    """… when for every caller of the house's wishes this many want something that the house does not know."""


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Example:
    """One training text as it was written, and the number of its intent."""

    text: str
    intent: int
    spoken: bool = True
    """False for a title: it teaches, but callers do not speak so, and the thresholds do not look at it."""


class LanguageModel:
    """Scores texts of one language against ``intents`` numbered from 0.

    ``off_topic`` are texts that are none of these; they are learnt as a class of their own. Without them (None) the
    bundled ones are learnt as mere counterexamples, which pull every intent down around them: as a class they would be
    too unlike what this house's callers say beside the matter, and its threshold would let more of that pass (measured:
    recall 0.82 as a class, 0.93 as counterexamples). Those that the intents would surely have answered are left out:
    what a house understands is on topic there.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        intents: int,
        language: Language,
        encoder: SentenceEncoder | None,
        off_topic: Sequence[str] | None = None,
        settings: Settings = DEFAULTS,
    ) -> None:
        self.examples = tuple(examples)
        self.language = language
        self.settings = settings
        self._encoder = encoder if language == "en" else None
        self._vectors: Vectors | None = None
        # Where the operator wrote a greeting as a whole phrase, greetings are wanted and no noise.
        self._greets = any(not without_noise(plain(e.text, language), language) for e in examples)
        self._labels: npt.NDArray[np.intp] = np.array([e.intent for e in examples], np.intp)
        self._silent = np.setdiff1d(np.arange(intents), self._labels)
        bundled = off_topic is None
        off = [text for text in (OFF_TOPIC[language] if off_topic is None else off_topic) if self.clean(text)]
        self._with_class = bool(off) and not bundled
        if bundled:
            self._fit(intents, ())
            tops = self.top(self.scores(off))
            off = [text for text, top in zip(off, tops, strict=True) if top < self.bands.sure]
        self._fit(intents, off)

    def clean(self, text: str) -> str:
        """Give ``text`` as it is compared: plain, without noise; empty when it says nothing."""
        text = plain(text, self.language)
        return without_noise(text, self.language) or (text if self._greets else "")

    def likeness(self, texts: Sequence[str]) -> npt.NDArray[Any]:
        """Give the kernel between ``texts`` and the examples: (len(texts), n), each 0 to 1; 0 for a text that says nothing."""
        cleaned = [self.clean(text) for text in texts]
        kernel = self._kernel(cleaned, self._encoder.encode(cleaned) if self._encoder else None)
        kernel[[not text for text in cleaned]] = 0.0
        return kernel

    def scores(self, texts: Sequence[str]) -> Matrix:
        """Give the raw scores (len(texts), intents + 1), about 0 to 1; the last column is "none of these"."""
        return self.weigh(self.likeness(texts))

    def weigh(self, likeness: npt.NDArray[Any]) -> Matrix:
        """Turn rows of ``likeness`` (or their mean: it is linear) into scores; an intent without examples gets −inf."""
        return self.silenced((likeness.astype(np.float32, copy=False) @ self._weights).astype(np.float64))

    def silenced(self, scores: Matrix) -> Matrix:
        """Give −inf in ``scores`` (…, intents + 1) to every intent without examples, in place."""
        scores[..., self._silent] = -np.inf
        return scores

    def contributions(self, likeness: npt.NDArray[Any], intent: int) -> list[tuple[float, str]]:
        """Say how much of the score of ``intent`` each of its examples brings, most first; ``likeness`` is one row (n,)."""
        own = np.flatnonzero(self._labels == intent)
        brought = likeness[own] * self._weights[own, intent]
        texts = (self.examples[row].text for row in own)
        return sorted(zip(brought.tolist(), texts, strict=True), key=lambda pair: -pair[0])

    def top(self, scores: Matrix) -> npt.NDArray[Any]:
        """Give what the thresholds are compared with (n,): the best intent's score, less that of "none of these"."""
        best: npt.NDArray[Any] = scores[:, :-1].max(axis=1)
        return best - np.maximum(scores[:, -1], 0.0) if self._with_class else best

    def confidences(self, scores: Matrix) -> Matrix:
        """Give the probability of each intent (…, intents), given that it is one of them: a calibrated softmax."""
        return softmax(scores[..., :-1], self.temperature)

    def _kernel(self, cleaned: Sequence[str], vectors: Vectors | None) -> npt.NDArray[Any]:
        if vectors is None or self._vectors is None:
            kernel = (2 * self.settings.patterns_alone) * (self._ngrams.cosines(cleaned) - 1)
        else:
            kernel = self._ngrams.cosines(cleaned)
            kernel -= 1
            kernel *= 2 * self.settings.patterns
            kernel += (2 * self.settings.meaning) * (vectors @ self._vectors.T - 1)
        out: npt.NDArray[Any] = np.exp(kernel, out=kernel)
        return out

    def _fit(self, intents: int, off_topic: Sequence[str]) -> None:
        written = [self.clean(example.text) for example in self.examples]
        texts = written + [self.clean(text) for text in off_topic]
        self.off_topic = tuple(off_topic)
        self._ngrams = Ngrams(texts, self.language)
        if self._encoder:
            # thousands of phrases are more than the encoder remembers, and they are fitted twice
            kept = self._encoder.encode(written) if self._vectors is None else self._vectors[: len(written)]
            self._vectors = np.concatenate([kept, self._encoder.encode(texts[len(written) :])])
            self._encoder.keep(texts)
        labels = np.append(self._labels, np.full(len(off_topic), intents, np.intp))
        fit = solve(self._kernel(texts, self._vectors), np.eye(intents + 1)[labels], labels, self.settings.ridge)
        # half as much to be read for an answer; the thresholds were learnt in doubles, and differ in the sixth place
        self._weights = fit.weights.astype(np.float32)
        own = np.flatnonzero([example.spoken for example in self.examples])
        loo, apart, foreign = (self.silenced(scores[own]) for scores in (fit.loo, fit.apart, fit.foreign))
        self.temperature = best_temperature(loo[:, :-1], labels[own])
        self.bands = self._learn_bands(apart, foreign, labels[own])

    def _learn_bands(self, apart: Matrix, foreign: Matrix, labels: npt.NDArray[np.intp]) -> Bands:
        top = self.top(apart)
        confirm = float(np.quantile(top, self.settings.rejected))
        if not self._with_class:
            # With one phrase an intent, nothing resembles what is left out and the quantile would let all through. A class
            # of its own is what holds that back; beside it the score is a difference, for which 0.1 is no floor.
            confirm = max(confirm, self.settings.floor)
        right = apart[:, :-1].argmax(axis=1) == labels
        sure = lowest_precise(
            np.append(top, self.top(foreign)),
            np.append(right, np.zeros(len(labels), bool)),
            np.append(np.ones(len(labels)), np.full(len(labels), self.settings.foreign)),
            self.settings.precision,
        )
        return Bands(confirm, max(confirm, sure))
