"""The caller's own that are told apart: which of their appointments is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivr.core.dialogue import offered
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.wording import field_names
from ivr.core.dialogue.words.ones_own import as_own, kept_of
from ivr.core.dialogue.words.other_words import does_at_once
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import CollectNode, DecideNode
from ivr.core.flow.values import as_written
from ivr.core.language import Language

_ONE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:one|appointment|visit|slot|booking)\b"),
    "zh": re.compile("那个|这个|的(?:那|这)?个?(?:预约|约)?$|预约"),
}
_OTHER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:the )?(?:other|second|first|last|remaining) (?:one|appointment|visit)\b"),
    "zh": re.compile("(?:另外?|剩下|还有)(?:的|那)?(?:一)?个|另外的"),
}
_ALL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:both|all)(?: of (?:them|those|the two)| (?:two|three|appointments))?\b"),
    "zh": re.compile("(?:两|三)个都|都(?:取消|不要|改|是|要)|全部|全都"),
}
_NOT_ALL = re.compile(r"\b(?:keep|not|at all|all right)\b|n't\b|留|别|不(?!要)")


def meant(world: World, place: Place, node: CollectNode, said: Sequence[Hypothesis]) -> str | None:
    """Which one is named; of two, the one that is not to be kept. None where that cannot be told."""
    names = offered.names(place, node)
    kind = node.names_kind
    if world.reader is None or kind is None:
        return None
    if placed := world.reader.placed(said, place.language, names):
        return placed[0].value if placed[0].share >= offered.CHOSEN_FROM else None
    window = world.reader.window(kind, said[0].text, place.language, world.now, names)
    if window and window.take in ("first", "last") and len(names) > 1:  # 前面那个
        return names[0] if window.take == "first" else names[-1]
    found = world.reader.read(kind, as_own(said, place.language), place.language, world.now, names)
    named = [one for one in found if one.value in names]
    if found:
        return named[0].value if named and named[0].share >= offered.CHOSEN_FROM else None
    kept = {
        one.value
        for words in kept_of(said[0].text, place.language)
        for one in world.reader.read(kind, (Hypothesis(words),), place.language, world.now, names)
    }
    left = [name for name in names if name not in kept]
    return left[0] if len(left) == 1 and len(names) > 1 else None


def other_meant(text: str, language: Language) -> bool:
    """Whether one is meant as the other, or by its place among them: "and the other one"."""
    return _OTHER[language].search(text.lower()) is not None


def all_meant(text: str, language: Language) -> bool:
    """Whether all of them are meant: "both of them", 两个都取消."""
    lowered = text.lower()
    return _ALL[language].search(lowered) is not None and _NOT_ALL.search(lowered) is None


def named_in_vain(world: World, place: Place, node: DecideNode) -> str | None:
    """A day (ISO 8601) in the sentence that led here of which they have none, where another one is about to be cancelled."""
    if world.reader is None or not place.words or not does_at_once(world, node):
        return None
    fields = {field for text in world.flow.prompts[node.prompt].variants[place.language] for field in field_names(text)}
    theirs = {day for field in fields if (day := as_written("date", place.values().get(field, "")))}
    if not theirs:
        return None
    near = offered.days_around(world, min(theirs))
    found = world.reader.read("date", as_own(place.words, place.language), place.language, world.now, near)
    named = {one.value for one in found}
    return found[0].value if found and found[0].share >= offered.CHOSEN_FROM and not named & theirs else None


def names_one(world: World, place: Place, intent: str, said: Sequence[Hypothesis], *, other: bool = False) -> bool:
    """Whether one of the caller's own is named, where a matter may ask which: "just the Saturday one", 周五那个.

    ``other``: it is named as the other one, whatever day it is of.
    """
    if world.reader is None or not (other or _ONE[place.language].search(said[0].text.lower())):
        return False
    words = [*kept_of(said[0].text, place.language), *(one.text for one in as_own(said, place.language))]
    for node in world.flow.up_to_questions(world.flow.intents[intent].node):
        if not isinstance(node, CollectNode) or not node.own:
            continue
        kind = node.names_kind
        if other or (
            kind and any(world.reader.read(kind, (Hypothesis(one),), place.language, world.now) for one in words)
        ):
            return True
    return False


def being_told_apart(world: World, place: Place) -> CollectNode | None:
    """The question by which one of several was chosen in this matter; None where there was only one."""
    filled = dict(place.slots)
    return next(
        (
            node
            for node in world.flow.nodes.values()
            if isinstance(node, CollectNode) and node.own and node.slot in filled and node.slot not in place.former
        ),
        None,
    )
