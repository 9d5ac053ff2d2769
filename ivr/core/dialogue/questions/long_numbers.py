"""A number that is typed where one key chooses: none of its digits is a choice."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import speaking
from ivr.core.dialogue.asking import ConfirmingValue, Danger, DoubtfulDigit, Leaving, Offering, OfferingPerson
from ivr.core.dialogue.messages import KeyPressed
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions import collecting
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import quiet
from ivr.core.flow.nodes import CollectNode, ProveNode
from ivr.core.flow.spoken_commands import STAR_KEYS, STAR_WITHIN_MS

MORE_KEYS_S = 0.7
"""From one key to the next of the same number; who types one by heart takes a third of that."""
SAID_BACK = Offering | ConfirmingValue | OfferingPerson | Leaving | Danger
"""What is asked in between, and answered by one key or a word, where digits are typed else."""


def digits_are_typed(world: World, place: Place) -> bool:
    """Whether the question here is answered with digits one after the other."""
    node = world.flow.nodes[place.node]
    typed = isinstance(node, ProveNode) or (isinstance(node, CollectNode) and node.kind != "name")
    return typed and not place.busy and not isinstance(place.asking, SAID_BACK)


def is_second_of_star(place: Place, pressed: KeyPressed) -> bool:
    """Whether it is the second half of a command."""
    soon = pressed.after_ms is not None and pressed.after_ms <= STAR_WITHIN_MS
    return place.starred and soon and pressed.digit in STAR_KEYS


def may_go_on(world: World, place: Place, pressed: KeyPressed) -> bool:
    """Whether a key chooses something here unless more digits follow it within ``MORE_KEYS_S``."""
    one_digit = isinstance(place.asking, DoubtfulDigit)
    chooses = not (place.over or place.busy) and (one_digit or not digits_are_typed(world, place))
    return chooses and pressed.digit.isdigit() and not is_second_of_star(place, pressed)


def typed(world: World, place: Place, digits: str) -> Result:
    """Several digits in one go: the value once more where one was said back; else they are kept for when they are asked for."""
    node = world.flow.nodes[place.node]
    place = replace(place, keyed=True, holding=False, starred=False)
    if isinstance(node, CollectNode) and isinstance(place.asking, ConfirmingValue | DoubtfulDigit):
        return collecting.typed(world, replace(place, asking=None), node, digits)
    return quiet(speaking.say_then_ask(world, replace(place, number=digits, commands=place.commands + 1), "std_number"))
