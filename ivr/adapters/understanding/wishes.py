"""Hears the wishes that every caller has, beside the house's own matters: by meaning, from examples and counterexamples.

The same method as for intents (``model.py``). Somebody in danger is told from everything else by a model of its own, whose two
thresholds lie low: a doubt costs one question, a danger that is not heard costs a life.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ivr.adapters.understanding.encoder import SentenceEncoder
from ivr.adapters.understanding.model import DEFAULTS, Example, LanguageModel, Settings
from ivr.adapters.understanding.off_topic import OFF_TOPIC
from ivr.adapters.understanding.ridge import Matrix
from ivr.adapters.understanding.text import has, plain
from ivr.core.flow.intent import Certainty, Hypothesis, Intent
from ivr.core.flow.wishes import Wish, WishName
from ivr.core.language import LANGUAGES, Language

DANGER_SURE, DANGER_PART, DANGER_ASK = 0.0, 0.1, -0.35
"""Scores (−1 nothing like it, 1 the same words) from which somebody is in danger; from which a part of a long sentence is
reason enough to ask; and from which it is asked."""
FEWEST: dict[Language, int] = {"en": 3, "zh": 3}
"""Words (Chinese: characters) from which an utterance may be a wish without being one of the phrases."""
PART: dict[Language, int] = {"en": 6, "zh": 10}
"""Words (Chinese: characters) of a part of a sentence that is looked at for itself."""
WISH_SURE = -0.05
"""Score (against everything else) from which it is one of the other wishes. What is taken for one by mistake costs a sentence,
for it is no plain matter of the house and no answer: of 2,993 sentences to banks and assistants 72 are, most of them rightly."""
KEYWORD = 0.5
"""What one of its words adds to the score of a danger."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one language's wishes are known by."""

    names: tuple[WishName, ...]
    wishes: LanguageModel | None
    danger: LanguageModel | None
    alarming: tuple[str, ...]
    phrases: frozenset[str]
    """All of them, plain."""


def wishes_of(
    wishes: Mapping[WishName, Wish], intents: Sequence[Intent], encoder: SentenceEncoder | None, settings: Settings
) -> Wishes:
    """Learn them, or give what was learnt last where nothing that it came from has changed: an edition is often published."""
    said = tuple((intent.name, tuple(sorted(intent.phrases.items()))) for intent in intents)
    source = (repr(sorted(wishes.items())), said, encoder, settings)
    if _last.get("source") != source:
        _last.update(source=source, made=Wishes(wishes, intents, encoder, settings))
    made: Wishes = _last["made"]
    return made


_last: dict[str, Any] = {}


class Wishes:
    """The wishes of every language that has phrases of them."""

    def __init__(
        self,
        wishes: Mapping[WishName, Wish],
        intents: Sequence[Intent],
        encoder: SentenceEncoder | None,
        settings: Settings = DEFAULTS,
    ) -> None:
        """``intents`` are the house's own matters, which no wish is."""
        self._by_language = {
            language: made
            for language in LANGUAGES
            if (made := _learn(wishes, intents, language, encoder, settings)) is not None
        }

    def find(self, readings: Sequence[Hypothesis], language: Language) -> tuple[WishName | None, Certainty]:
        """The likeliest wish in the readings of one utterance, and how sure it is."""
        known = self._by_language.get(language)
        if known is None:
            return None, "none"
        readings = [one for one in readings if _says_enough(known, plain(one.text, language), language)]
        if not readings:
            return None, "none"
        if known.danger is not None and any(known.danger.clean(reading.text) for reading in readings):
            unlike = 1 - sum(reading.share for reading in readings)  # the readings of too few words are like no danger
            score = _scored(known.danger, readings)[1] - unlike + KEYWORD * _alarm(known.alarming, readings, language)
            if score >= DANGER_ASK:
                return "emergency", "sure" if score >= DANGER_SURE else "confirm"
        model = known.wishes
        if model is None or not any(model.clean(reading.text) for reading in readings):
            return None, "none"
        scores, score = _scored(model, readings)
        certainty: Certainty = "sure" if score >= WISH_SURE else model.bands.certainty(score)
        return (known.names[int(scores[:-1].argmax())] if certainty != "none" else None), certainty

    def danger_in_part(self, readings: Sequence[Hypothesis], language: Language) -> bool:
        """Whether a part of a long sentence is about somebody in danger: "my battery is dead and the baby has swallowed it".

        The meaning of the whole hides it: of 60 dangers behind another matter 15 are heard by a part only.
        """
        known = self._by_language.get(language)
        if known is None or known.danger is None or not readings:
            return False
        parts = [Hypothesis(part) for part in _parts(plain(readings[0].text, language), language)]
        return any(
            known.danger.clean(part.text)
            and _scored(known.danger, [part])[1] + KEYWORD * _alarm(known.alarming, [part], language) >= DANGER_PART
            for part in parts
        )


def _parts(text: str, language: Language) -> list[str]:
    """Pieces of a long sentence that overlap by half."""
    words, joint = (list(text.replace(" ", "")), "") if language == "zh" else (text.split(), " ")
    size = PART[language]
    if len(words) <= size + 1:
        return []
    return [joint.join(words[at : at + size]) for at in range(0, len(words) - size // 2, size // 2)]


def _learn(
    wishes: Mapping[WishName, Wish],
    intents: Sequence[Intent],
    language: Language,
    encoder: SentenceEncoder | None,
    settings: Settings,
) -> _Heard | None:
    said = {name: wish.phrases.get(language, ()) for name, wish in wishes.items() if wish.phrases.get(language)}
    if not said:
        return None
    others = tuple(name for name in said if name != "emergency")
    examples = _once([(phrase, number) for number, name in enumerate(others) for phrase in said[name]], language)
    unlike = [text for name in said for text in wishes[name].unlike.get(language, ())]
    matters = [phrase for one in intents for phrase in one.phrases.get(language, ())]
    small_talk = list(OFF_TOPIC[language])
    model = danger = None
    if examples:
        taken = {plain(one.text, language) for one in examples}
        apart = [text for text in (*matters, *unlike) if plain(text, language) not in taken]
        model = LanguageModel(examples, len(others), language, encoder, apart, settings)
    alarm = wishes.get("emergency")
    if alarm and said.get("emergency"):
        dangers = _once([(phrase, 0) for phrase in said["emergency"]], language)
        taken = {plain(one.text, language) for one in dangers}
        rest = [*alarm.unlike.get(language, ()), *matters, *(one.text for one in examples), *small_talk]
        rest = [text for text in dict.fromkeys(rest) if plain(text, language) not in taken]
        danger = LanguageModel(dangers, 1, language, encoder, rest, settings)
    words = tuple(plain(word, language) for word in alarm.keywords.get(language, ())) if alarm else ()
    phrases = frozenset(plain(phrase, language) for name in said for phrase in said[name])
    return _Heard(others, model, danger, words, phrases)


def _says_enough(known: _Heard, text: str, language: Language) -> bool:
    """Whether so few words can be a wish: one alone ("he", heard of a cough) is like anything, unless it is a phrase itself."""
    size = len(text.replace(" ", "")) if language == "zh" else len(text.split())
    return size >= FEWEST[language] or text in known.phrases or text in known.alarming


def _once(phrases: Sequence[tuple[str, int]], language: Language) -> list[Example]:
    found: dict[str, Example] = {}
    for phrase, number in phrases:
        found.setdefault(plain(phrase, language), Example(phrase, number))
    return list(found.values())


def _scored(model: LanguageModel, readings: Sequence[Hypothesis]) -> tuple[Matrix, float]:
    """The scores of all readings by their shares, and the best one."""
    shares = np.array([reading.share for reading in readings])
    scores = model.weigh(shares @ model.likeness([reading.text for reading in readings]))
    return scores, float(model.top(scores[None])[0])


def _alarm(words: Sequence[str], readings: Sequence[Hypothesis], language: Language) -> float:
    """The share of the readings that hold a word of danger."""
    said = [(plain(reading.text, language), reading.share) for reading in readings]
    return sum(share for text, share in said if any(has(text, word, language) for word in words))
