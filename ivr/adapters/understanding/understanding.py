"""Understands what a caller wants, from the phrases that the operator wrote; trained in well under a second."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ivr.adapters.understanding.encoder import SentenceEncoder
from ivr.adapters.understanding.lessons import Lesson, lessons
from ivr.adapters.understanding.model import DEFAULTS, LanguageModel, Settings
from ivr.adapters.understanding.parts import with_parts
from ivr.adapters.understanding.text import has, plain
from ivr.adapters.understanding.wishes import Wishes, wishes_of
from ivr.core.flow.intent import Bands, Evidence, Guess, Hypothesis, Intent, Understood, merged
from ivr.core.flow.wishes import Wish, WishName
from ivr.core.language import LANGUAGES, Language

KEYWORD_SCORE = 0.5
"""What a keyword adds to the score of its intent, once: as much as half of a perfect match. With it an intent passes
every usual threshold, and between two intents with keywords the meaning decides."""
MAX_GUESSES = 5
MIN_CONFIDENCE = 0.01
MAX_PHRASES = 3
MIN_CONTRIBUTION = 0.02


class Understanding:
    """The trained classifier of every language, to be asked from any thread.

    ``understand`` takes 2 to 3 ms of one core for a short sentence, and as much again for each part of a longer one.
    """

    def __init__(
        self,
        models: Mapping[Language, tuple[Lesson, LanguageModel]],
        notes: tuple[str, ...],
        wishes: Wishes | None = None,
    ) -> None:
        self._models = dict(models)
        self._wishes = wishes
        self.notes = notes
        """What an operator should know, one sentence each: too few phrases, no encoder. To be said once, at start."""

    @classmethod
    def train(
        cls,
        intents: Sequence[Intent],
        encoder: SentenceEncoder | None,
        off_topic: Mapping[Language, Sequence[str]] | None = None,
        settings: Settings = DEFAULTS,
        wishes: Mapping[WishName, Wish] | None = None,
    ) -> Understanding:
        """Learn ``intents`` in every language in which they have phrases, and the ``wishes`` beside them.

        ``off_topic`` are the house's own sentences that are none of these. Without them (None) the bundled ones serve,
        less those that come close to an intent; an empty mapping: none at all.

        Raises ValueError, naming intent and phrase, when a phrase says nothing or belongs to two intents.
        """
        models: dict[Language, tuple[Lesson, LanguageModel]] = {}
        notes: list[str] = []
        for language in LANGUAGES:
            lesson = lessons(intents, language)
            notes += lesson.notes
            if not lesson.examples:
                continue
            off = None if off_topic is None else off_topic.get(language, ())
            model = LanguageModel(lesson.examples, len(lesson.names), language, encoder, off, settings)
            models[language] = (lesson, model)
        if encoder is None and "en" in models:
            notes.append("there is no sentence encoder: English is understood by words and letters alone, less surely")
        return cls(models, tuple(notes), wishes_of(wishes, intents, encoder, settings) if wishes else None)

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which something can be understood."""
        return tuple(self._models)

    def bands(self, language: Language) -> Bands:
        """Give the thresholds learnt for ``language``. Raises KeyError when it has no phrases."""
        return self._models[language][1].bands

    def understand(self, hypotheses: Sequence[Hypothesis], language: Language) -> Understood:
        """Say what was wanted, from the readings of one utterance.

        Each reading counts by its share, a reading in which nothing was said counts as a score of nothing. Where all
        are so, or ``language`` has no phrases, there are no guesses. A sentence of two plain matters gives the first, and
        names the ``second``.
        """
        readings = merged(hypotheses, lambda text: plain(text, language))
        found = self._matter(readings, language)
        if self._wishes is None:
            return self._with_parts(found, readings, language)
        wish, certainty = self._wishes.find(readings, language)
        in_danger = wish == "emergency" and certainty == "sure"
        if not in_danger and self._wishes.danger_in_part(readings, language):
            found = self._with_parts(found, readings, language)
            return replace(found, wish="emergency", wish_certainty="confirm", wish_apart=True)
        # a sentence that may be a wish, or of danger, is weighed as a whole
        found = self._with_parts(found, readings, language, whole=wish is not None)
        return replace(found, wish=wish, wish_certainty=certainty)

    def _with_parts(
        self, found: Understood, readings: Sequence[Hypothesis], language: Language, *, whole: bool = False
    ) -> Understood:
        if not readings:
            return found
        return with_parts(
            found, readings[0].text, language, lambda part: self._matter((Hypothesis(part),), language), whole=whole
        )

    def _matter(self, readings: Sequence[Hypothesis], language: Language) -> Understood:
        text = next((reading.text for reading in readings if plain(reading.text, language)), "")
        if language not in self._models:
            return Understood(text, (), "none", 0.0)
        lesson, model = self._models[language]
        hits = _keyword_hits(lesson, readings, language)
        if not hits and not any(model.clean(reading.text) for reading in readings):
            return Understood(text, (), "none", 0.0)
        shares = np.array([reading.share for reading in readings])
        likeness = shares @ model.likeness([reading.text for reading in readings])
        scores = model.weigh(likeness)
        for intent, (_, share) in hits.items():
            scores[intent] = max(scores[intent], 0.0) + KEYWORD_SCORE * share
        top = float(model.top(scores[None])[0])
        guesses = _guesses(lesson, model, likeness, scores, hits)
        return Understood(text, guesses, model.bands.certainty(top), top)


Hits = dict[int, tuple[str, float]]
"""Intent number → the keyword found and the share of the readings that hold one."""


def _keyword_hits(lesson: Lesson, readings: Sequence[Hypothesis], language: Language) -> Hits:
    said = [(plain(reading.text, language), reading.share) for reading in readings]
    hits: Hits = {}
    for intent, keywords in enumerate(lesson.keywords):
        found = {keyword: [share for text, share in said if has(text, keyword, language)] for keyword in keywords}
        if any(found.values()):
            # The longest says most about why.
            named = max((keyword for keyword in keywords if found[keyword]), key=lambda word: (len(word), word))
            share = math.fsum(share for text, share in said if any(has(text, word, language) for word in keywords))
            hits[intent] = (named, share)
    return hits


def _guesses(
    lesson: Lesson, model: LanguageModel, likeness: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], hits: Hits
) -> tuple[Guess, ...]:
    # Rounded down, so that however many are shown they never sum to more than 1.
    confidences = np.floor(model.confidences(scores) * 1e6) / 1e6
    ranked = np.argsort(-scores[:-1], kind="stable")[:MAX_GUESSES]
    return tuple(
        Guess(lesson.names[intent], float(confidences[intent]), _evidence(model, likeness, int(intent), hits))
        for place, intent in enumerate(ranked)
        if place == 0 or confidences[intent] >= MIN_CONFIDENCE
    )


def _evidence(model: LanguageModel, likeness: npt.NDArray[np.float64], intent: int, hits: Hits) -> tuple[Evidence, ...]:
    keyword = hits.get(intent)
    first = (Evidence("keyword", keyword[0], KEYWORD_SCORE * keyword[1]),) if keyword else ()
    phrases = model.contributions(likeness, intent)[:MAX_PHRASES]
    return first + tuple(
        Evidence("phrase", text, min(brought, 1.0)) for brought, text in phrases if brought >= MIN_CONTRIBUTION
    )
