"""The same once more: "and next Sunday?", after the opening hours were told; "and the other one", after one was cancelled."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import own_choice, wording
from ivr.core.dialogue.facts import said_day
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter
from ivr.core.flow.condition import facts_of
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import SayNode

MOST_WORDS = {"en": 6, "zh": 12}
"""Words (Chinese: characters) of such a question; a longer sentence is a matter of its own."""


def asked(world: World, place: Place, heard: Heard) -> Result | None:
    """What was told last, for the day that was named now; None where that tells nothing by day, or no day was named."""
    last = world.flow.intents.get(place.settled[-1]) if place.settled else None
    node = world.flow.nodes.get(last.node or "") if last else None
    length = len(heard.text.split()) if place.language == "en" else len(heard.text)
    if last is None or not isinstance(node, SayNode) or length > MOST_WORDS[place.language]:
        return None
    if not any("said_day" in facts_of(choice.when) for choice in node.say):
        return None
    there = replace(place, words=heard.hypotheses or (Hypothesis(heard.text),), intent=last.name, asking=None)
    return enter(world, answered(there), node.name) if said_day(world, there) else None


def one_more(world: World, place: Place, heard: Heard) -> Result | None:
    """What was done last, with another one of theirs: "and the Tuesday one as well"; None where none is named so."""
    last = world.flow.intents.get(place.settled[-1]) if place.settled else None
    said = heard.hypotheses or (Hypothesis(heard.text),)
    if last is None or last.node is None or wording.nothing_else(heard.text, place.language):
        return None
    other = own_choice.other_meant(heard.text, place.language) or own_choice.all_meant(heard.text, place.language)
    if not own_choice.names_one(world, place, last.name, said, other=other):
        return None
    there = replace(place, words=said, intent=last.name, asking=None)
    return enter(world, answered(there), last.node)
