"""What "it" and "that one" are right after a matter was dealt with: "cancel it", 能晚一点吗, where an appointment was told."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from ivr.core.dialogue.messages import TalkedOf
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.language import Language

_POINTS = {
    "en": re.compile(
        r"\b(?:(?:that|this|the(?: \w+)?) one|that thing|this|that|it|them|those)\b(?!'s all\b| is all\b)"
    ),
    "zh": re.compile("那一?个|这一?个|它|(?<![刚才])那(?![么天样里边儿])|这(?![么天样里边儿])"),
}
"""Words that point at something; the first of a sentence is what was talked of."""
_MOST = {"en": 7, "zh": 12}
"""Words (Chinese: characters) of a sentence that may leave out what it is about: "a bit later"."""
_RATHER = 0.15
"""What the score of the whole sentence must be above that of the words alone, where both are good for something else."""
_ALMOST_SURE = 0.9
_OWN = ("goodbye", "call_back", "complaint", "who", "other_language")
"""Wishes that are about no matter."""


def understood_here(
    understand: Callable[[Sequence[Hypothesis], Language], Understood],
    said: Sequence[Hypothesis],
    language: Language,
    of: TalkedOf | None,
) -> Understood:
    """What was said means, with what was talked of last in the place of "it", where that makes it a plain sentence about it."""
    found = understand(said, language)
    if of is None or not said or found.wish == "emergency" or (found.wish in _OWN and found.wish_certainty == "sure"):
        return found
    about_it = found.best is not None and found.best.intent in of.intents
    if about_it and found.certainty == "sure":
        return found
    if about_it and found.best and found.best.confidence >= _ALMOST_SURE:
        found = replace(found, wish=None)  # "oh, forget it then" is about the appointment that was told
    whole = [Hypothesis(text, one.share) for one in said if (text := _whole(one.text, language, of.noun))]
    if not whole:
        return found
    meant = understand(whole, language)
    if meant.best is None or meant.best.intent not in of.intents:
        return found
    clearer = meant.score >= found.score + _RATHER
    same = found.best is not None and found.best.intent == meant.best.intent and meant.certainty != "none"
    if (same and clearer) or (meant.certainty == "sure" and (same or clearer or found.certainty == "none")):
        return replace(meant, text=found.text)
    return found


def _whole(text: str, language: Language, noun: str) -> str:
    """The sentence with what it is about in it; empty where it has a subject of its own, as far as can be seen."""
    text = text.strip().lower() if language == "en" else text.strip()
    if _POINTS[language].search(text):
        return _POINTS[language].sub(noun, text, count=1)
    length = len(text.split()) if language == "en" else len(text)
    if length > _MOST[language]:
        return ""
    return f"{text} {noun}" if language == "en" else f"{noun}{text}"
