"""Intents that are taken for each other, measured on the operator's own phrases: each classified without itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ivr.adapters.understanding.encoder import SentenceEncoder
from ivr.adapters.understanding.left_out import left_out
from ivr.adapters.understanding.lessons import Lesson, comparable, lessons
from ivr.adapters.understanding.model import DEFAULTS, LanguageModel, Settings
from ivr.adapters.understanding.text import plain
from ivr.core.flow.intent import Intent
from ivr.core.language import LANGUAGES, Language

AT_LEAST = 2
"""So many phrases between two intents are no accident, …"""
SHARE = 0.2
"""… and neither is this share of the phrases of one of them."""


@dataclass(frozen=True, slots=True)
class Unlearnable:
    """A phrase or keyword that cannot be learnt."""

    intent: str
    language: Language
    kind: str
    """``phrases`` or ``keywords``."""
    text: str
    other: str | None = None
    """The intent that has the same words; None: it holds no words."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A phrase that would have been taken for another intent, had it not been learnt."""

    phrase: str
    intent: str
    taken_for: str


@dataclass(frozen=True, slots=True)
class Collision:
    """Two intents that are easily taken for each other in one language."""

    language: Language
    first: str
    second: str
    taken: tuple[Taken, ...]


def unlearnable(intents: Iterable[Intent]) -> list[Unlearnable]:
    """Everything for which ``Understanding.train`` would raise ValueError, all at once."""
    found: list[Unlearnable] = []
    for language in LANGUAGES:
        owners: dict[str, str] = {}
        for intent in intents:
            for phrase in intent.phrases.get(language, ()):
                key = comparable(phrase, language)
                owner = owners.setdefault(key, intent.name) if key else None
                if owner != intent.name:
                    found.append(Unlearnable(intent.name, language, "phrases", phrase, owner))
            for word in intent.keywords.get(language, ()):
                if not plain(word, language):
                    found.append(Unlearnable(intent.name, language, "keywords", word))
    return found


def collisions(
    intents: Sequence[Intent], encoder: SentenceEncoder | None, settings: Settings = DEFAULTS
) -> list[Collision]:
    """The pairs of intents between which too many phrases go astray; a phrase that is not understood at all does not count.

    Takes as long as training. Raises ValueError where training would.
    """
    found: list[Collision] = []
    for language in LANGUAGES:
        lesson = lessons(intents, language)
        if lesson.examples:
            model = LanguageModel(lesson.examples, len(lesson.names), language, encoder, None, settings)
            found += _pairs(lesson, language, list(_astray(lesson, model)))
    return found


def _astray(lesson: Lesson, model: LanguageModel) -> Iterator[Taken]:
    scores = left_out(lesson, model).scores
    best = scores[:, :-1].argmax(axis=1)
    heard = model.top(scores) >= model.bands.confirm
    for row, example in enumerate(model.examples):
        # a title teaches, but no caller speaks so
        if example.spoken and heard[row] and best[row] != example.intent:
            yield Taken(example.text, lesson.names[example.intent], lesson.names[best[row]])


def _pairs(lesson: Lesson, language: Language, astray: Sequence[Taken]) -> list[Collision]:
    sizes = {
        name: sum(example.spoken and example.intent == number for example in lesson.examples)
        for number, name in enumerate(lesson.names)
    }
    order = {name: number for number, name in enumerate(lesson.names)}
    pairs: dict[tuple[str, str], list[Taken]] = {}
    for one in astray:
        first, second = sorted((one.intent, one.taken_for), key=order.__getitem__)
        pairs.setdefault((first, second), []).append(one)
    return [
        Collision(language, first, second, tuple(taken))
        for (first, second), taken in pairs.items()
        if len(taken) >= AT_LEAST
        or any(
            sum(one.intent == name for one in taken) >= SHARE * sizes[name] for name in (first, second) if sizes[name]
        )
    ]
