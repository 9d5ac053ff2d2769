"""An answer with something else behind it: "yes, and then cancel the Thursday one", 四点吧，你们星期六开不开门.

The answer counts, and the rest is a sentence of its own: news is told at once, another matter is come to after this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.core.dialogue import deciding, own_choice, wording
from ivr.core.dialogue.anytime import corrections, wishes
from ivr.core.dialogue.asking import Confirming, ConfirmingValue
from ivr.core.dialogue.messages import Heard, Silence
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.questions import other_matter
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.words.clauses import one_more
from ivr.core.dialogue.words.other_words import about_the_same, matter
from ivr.core.dialogue.words.yes_and_no import takes_back, yes_or_no
from ivr.core.flow.nodes import CollectNode, DecideNode


def both(world: World, place: Place, heard: Heard, answer: Callable[[World, Place, Heard], Result]) -> Result | None:
    """What follows from the front by itself, with the rest told or kept; None where no front answers anything."""
    if not heard.parts or not _is_asked(world, place):
        return None
    if isinstance(place.asking, Confirming):
        for front, behind in heard.parts:
            what = matter(behind.understood, "sure")
            if yes_or_no(world, place, front) is False and what not in (None, place.asking.intent):
                # "no, it isn't, I need to come in": the no is of what was asked about, the rest is what it is about
                return answer(world, place, replace(heard, understood=behind.understood, parts=()))
    for _, behind in heard.parts:
        wish = behind.understood
        if (
            wish
            and wish.wish == "drop"
            and wish.wish_certainty == "sure"
            and not deciding.holds_value(world, place, behind)
        ):
            return wishes.grant(world, place, "drop", heard)  # "that's far too early, oh, forget it"
    tried = (_two(world, place, front, behind, answer) for front, behind in heard.parts)
    return next((one for one in tried if one is not None), None)


def _two(
    world: World, place: Place, front: Heard, behind: Heard, answer: Callable[[World, Place, Heard], Result]
) -> Result | None:
    node, talked_of = world.flow.nodes[place.node], place.talked_of
    agrees = yes_or_no(world, place, front)
    # "Saturday is better, and what is a battery" is no yes by itself
    plainly = agrees is True or not isinstance(node, DecideNode) or place.asking is not None
    again = talked_of is not None and one_more(behind.text, place.language)
    if behind.understood is None or agrees is False or not plainly:
        return None
    if agrees and takes_back(world, place, front.text):
        return None  # 行吧，哦不，等等: whatever stands behind it, no yes to what is asked
    if not again and takes_back(world, place, behind.text):
        return None
    if behind.understood.wish == "goodbye" or wording.nothing_else(behind.text, place.language):
        there, told = answer(world, place, front)
        return (there, told) if _has_answered(place, there, talked_of) else None
    best = behind.understood.best
    intent = talked_of if again else best.intent if best else None
    said = behind.hypotheses
    if intent is None or intent == PERSON_INTENT:
        return None
    named = again or own_choice.names_one(world, place, intent, said)
    same = talked_of is not None and about_the_same(world, intent, talked_of)
    if same and not named and (intent == talked_of or _corrects(world, place, behind)):
        return None
    is_news = other_matter.news(world, place, intent) is not None
    # kept before the front is heard: it may end the matter, or the dialogue, and whoever is put through takes it along
    kept = place if is_news else place.with_later(intent, said, again=intent == talked_of)
    there, told = answer(world, kept, front)
    if not _has_answered(place, there, talked_of):
        return None
    if not is_news or (news := other_matter.news(world, there, intent)) is None:
        return there, told
    there, spoken = news
    return there, (Silence(), *spoken, *(one for one in told if not isinstance(one, Silence)))


def _corrects(world: World, place: Place, behind: Heard) -> bool:
    """Whether a day or an hour may be another answer: "fine, and make it half past two" is no second appointment."""
    node = world.flow.nodes[place.node]
    asked = not isinstance(node, DecideNode) or corrections.open_to_correction(world, place, node)
    return bool(asked) and deciding.holds_value(world, place, behind)


def _is_asked(world: World, place: Place) -> bool:
    """Whether something is asked that is answered in a few words."""
    node = world.flow.nodes[place.node]
    if place.asking is None:
        return isinstance(node, DecideNode | CollectNode)
    return isinstance(place.asking, Confirming | ConfirmingValue)


def _has_answered(before: Place, after: Place, talked_of: str | None) -> bool:
    """Whether the front has led on, within the matter."""
    moved = (after.node, after.asking, after.slots) != (before.node, before.asking, before.slots)
    return moved and len(after.troubles) == len(before.troubles) and after.intent == talked_of
