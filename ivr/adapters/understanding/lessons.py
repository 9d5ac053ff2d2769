"""Turns the operator's intents into the examples of one language, and refuses what cannot be learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.adapters.understanding.model import Example
from ivr.adapters.understanding.text import plain, without_noise
from ivr.core.flow.intent import Intent
from ivr.core.language import Language

FEW = 5
"""Fewer phrases than this and an intent is often taken for its neighbours (measured: 5 to 15 do well)."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one language teaches; intents are numbered by their place in ``names``."""

    names: tuple[str, ...]
    examples: tuple[Example, ...]
    keywords: tuple[tuple[str, ...], ...]
    """For each intent, its keywords as they are compared."""
    notes: tuple[str, ...]
    """Sentences for the operator."""


def lessons(intents: Sequence[Intent], language: Language) -> Lesson:
    """Gather phrases, titles and keywords of ``language``; repeated phrases of one intent count once.

    The title is one more example of an intent that has phrases, unless another intent has the same words.
    Raises ValueError, naming intent and phrase, when a phrase or keyword holds no words, when two intents share a phrase,
    or when two intents have one name.
    """
    _refuse_same_names(intents)
    owners: dict[str, int] = {}
    examples: list[Example] = []
    for number, intent in enumerate(intents):
        for phrase in intent.phrases.get(language, ()):
            key = _key(intent, "phrase", phrase, language)
            owner = owners.get(key)
            if owner == number:
                continue
            if owner is not None:
                raise ValueError(
                    f"the phrase {phrase!r} ({language}) belongs to both {intents[owner].name!r} and {intent.name!r}: "
                    "keep it in one of them"
                )
            owners[key] = number
            examples.append(Example(phrase, number))
    counts = [sum(example.intent == number for example in examples) for number in range(len(intents))]
    if examples:
        examples += _titles(intents, counts, owners, language)
    keywords = tuple(
        tuple(dict.fromkeys(_key(intent, "keyword", word, language) for word in intent.keywords.get(language, ())))
        for intent in intents
    )
    notes = _notes(intents, counts, keywords, language)
    names = tuple(intent.name for intent in intents)
    return Lesson(names, tuple(examples), keywords, notes)


def _refuse_same_names(intents: Sequence[Intent]) -> None:
    seen: set[str] = set()
    for intent in intents:
        if intent.name in seen:
            raise ValueError(f"there are two intents named {intent.name!r}: give each its own name")
        seen.add(intent.name)


def comparable(text: str, language: Language) -> str:
    """Give the words by which two phrases are the same: without greeting, unless that is all; empty when there are none."""
    words = plain(text, language)
    return without_noise(words, language) or words


def _key(intent: Intent, kind: str, text: str, language: Language) -> str:
    key = plain(text, language) if kind == "keyword" else comparable(text, language)
    if not key:
        raise ValueError(f"the {kind} {text!r} ({language}) of the intent {intent.name!r} holds no words")
    return key


def _titles(
    intents: Sequence[Intent], counts: Sequence[int], owners: dict[str, int], language: Language
) -> list[Example]:
    titles = []
    for number, intent in enumerate(intents):
        title = intent.title.get(language, "")
        key = plain(title, language)
        if counts[number] and key and without_noise(key, language) and key not in owners:
            owners[key] = number
            titles.append(Example(title, number, spoken=False))
    return titles


def _notes(
    intents: Sequence[Intent], counts: Sequence[int], keywords: Sequence[Sequence[str]], language: Language
) -> tuple[str, ...]:
    if not any(counts):
        if any(keywords):
            return (f"no intent has phrases in {language}: nothing said in it is understood, keywords alone do not do",)
        return ()
    notes = []
    for intent, count, words in zip(intents, counts, keywords, strict=True):
        if count == 0:
            how = "only its keywords can find it" if words else "it cannot be found there"
            notes.append(f"the intent {intent.name!r} has no phrases in {language}: {how}")
        elif count < FEW:
            notes.append(f"the intent {intent.name!r} has {count} phrases in {language}: {FEW} to 15 make it sure")
    owners: dict[str, str] = {}
    for intent, words in zip(intents, keywords, strict=True):
        for word in words:
            other = owners.setdefault(word, intent.name)
            if other != intent.name:
                notes.append(
                    f"the keyword {word!r} ({language}) is one of {other!r} and of {intent.name!r}: meaning decides"
                )
    return tuple(notes)
