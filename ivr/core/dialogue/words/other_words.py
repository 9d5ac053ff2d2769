"""Whether a sentence is about something else than what was asked."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.words.digit_limits import possible
from ivr.core.digit_words import spoken_digits
from ivr.core.flow.intent import Certainty, Hypothesis, Understood
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, LookUpNode, MenuNode, Node
from ivr.core.flow.values import Reading


def is_dear(world: World, intent: str | None) -> bool:
    """Whether a mistake about this matter costs much."""
    return intent is not None and world.flow.intents[intent].cost == "high"


def about_the_same(world: World, one: str, other: str) -> bool:
    """Whether two matters are about the same thing: moving an appointment, and cancelling it."""
    it = world.flow.intents[one].it
    return one == other or (it is not None and it == world.flow.intents[other].it)


def does_at_once(world: World, node: DecideNode) -> bool:
    """Whether a yes changes something in the books with no other question between: "Shall I cancel it?"."""
    then = world.flow.nodes[node.yes]
    return isinstance(then, LookUpNode) and world.flow.lookups[then.lookup].writes


def where_intents_lead(world: World) -> str:
    """Where the open question goes on with an intent that has no node of its own."""
    return next(node.next for node in world.flow.nodes.values() if isinstance(node, AskNode | MenuNode))


def has_value(world: World, place: Place, node: CollectNode, heard: Heard) -> bool:
    """Whether the slot that was asked for is in the words."""
    if node.kind == "digits":
        return bool(digits_in(world, place, (Hypothesis(heard.text),)))
    return bool(heard.readings)


def digits_in(world: World, place: Place, hypotheses: Sequence[Hypothesis]) -> tuple[Reading, ...]:
    """The digits that were said, likeliest first; shares that sum to less than 1 are a doubt."""
    if world.reader:
        return world.reader.read("digits", hypotheses, place.language, world.now)
    return tuple(Reading(said, one.share) for one in hypotheses if (said := spoken_digits(one.text, place.language)))


def holds_number(world: World, place: Place, node: Node, heard: Heard) -> bool:
    """Whether a number that was asked for is in it: "four seven one, no, sorry, four seven one one" denies no matter."""
    if not isinstance(node, CollectNode) or node.kind != "digits":
        return False
    found = digits_in(world, place, heard.hypotheses or (Hypothesis(heard.text),))
    return any(len(one.value) >= possible(world, place, node).shortest for one in found)


def matter(said: Understood | None, *certainties: Certainty) -> str | None:
    """The house's matter that was said with one of these certainties; None where there is none, or only a person is wanted."""
    if said is None or said.best is None or said.certainty not in certainties or said.best.intent == PERSON_INTENT:
        return None
    return said.best.intent


OTHER_FROM = 0.5
"""Probability from which a doubtful guess leads away from what is being asked."""


def is_other(said: Understood | None, intent: str | None) -> bool:
    """Whether the words are about another matter than ``intent``, and not only a little like one."""
    if said is None or said.best is None or said.certainty == "none" or said.best.intent == intent:
        return False
    return said.certainty == "sure" or said.best.confidence >= OTHER_FROM
