"""Whether a sentence is about something else than what was asked."""

from __future__ import annotations

from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.digit_words import spoken_digits
from ivr.core.flow.nodes import AskNode, CollectNode, MenuNode


def where_intents_lead(world: World) -> str:
    """Where the open question goes on with an intent that has no node of its own."""
    return next(node.next for node in world.flow.nodes.values() if isinstance(node, AskNode | MenuNode))


def has_value(place: Place, node: CollectNode, heard: Heard) -> bool:
    """Whether the slot that was asked for is in the words."""
    if node.kind == "digits":
        return bool(spoken_digits(heard.text, place.language))
    return bool(heard.readings)


def is_other(heard: Heard, place: Place) -> bool:
    """Whether the words are about another matter than the one implied."""
    best = heard.understood.best if heard.understood and heard.understood.certainty != "none" else None
    return best is not None and best.intent != place.implied
