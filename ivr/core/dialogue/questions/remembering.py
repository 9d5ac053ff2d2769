"""Whether a preference is to be remembered, and what goes on afterwards."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import saying, speaking
from ivr.core.dialogue.asking import Offering
from ivr.core.dialogue.messages import Remember, Speak
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import enter, go_on
from ivr.core.flow.nodes import AskNode


def remembered(world: World, place: Place, offer: Offering, *, yes: bool) -> Result:
    """Yes or no to "shall I remember that?"."""
    place = replace(place, asking=None)
    if not yes:
        return _after_offer(world, place, offer, ())
    place, spoken = saying.say(world, place, "std_remembered")
    place, commands = _after_offer(world, place, offer, spoken)
    return place, (Remember(offer.preferences), *commands)


def _after_offer(world: World, place: Place, offer: Offering, spoken: tuple[Speak, ...]) -> Result:
    """What waited while a preference was offered goes on."""
    if offer.then_go_on:
        return go_on(world, place, spoken)
    node = world.flow.nodes[place.node]
    if isinstance(node, AskNode) and place.language not in world.hears:
        return enter(world, place, node.menu, spoken)
    return speaking.question(world, place, spoken)
