"""Answers that leave something open: "after lunch", "any day but Monday", "the earliest", "none of those"."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import offered, saying, speaking, wording
from ivr.core.dialogue.answers_in_advance import hours_left_open
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, fill
from ivr.core.flow.nodes import CollectNode
from ivr.core.flow.values import Window, within

MOST_NARROWED = 4
"""Times that one question is narrowed down and taken back before it counts as not understood."""


def narrowed(world: World, place: Place, node: CollectNode, heard: Heard, sure: str | None) -> Result | None:
    """What follows from what is left open; None where nothing is. ``sure`` is the value that was said for certain."""
    if dict(place.visits).get(_key(node), 0) >= MOST_NARROWED:
        return None
    if node.none and wording.none_of_these(heard.text, place.language):
        there = replace(answered(place), narrowed=None, visits=_counted(place, node, node.name, node.none))
        return enter(world, there, node.none)
    kind = node.names_kind or node.kind
    window = world.reader.window(kind, heard.text, place.language, world.now) if world.reader else None
    if window is None or (sure is not None and (node.kind != "name" or window.fits(sure))):
        return None
    place = replace(place, visits=_counted(place, node))
    if node.kind == "name":
        return _among(world, place, node, window)
    if node.offer is None:
        return None
    # what it says of hours counts once times are read out; as a value it was weighed, and is none
    hours = hours_left_open(world, place)
    there = replace(answered(place), narrowed=(node.slot, window), hours=hours, words=())
    return enter(world, there, node.offer)


def _key(node: CollectNode) -> str:
    return f"{node.name} narrowed"


def _counted(place: Place, node: CollectNode, *anew: str) -> tuple[tuple[str, int], ...]:
    """How often each question was come to, with one more answer to this one that left something open; ``anew`` begin again."""
    visits = {name: count for name, count in place.visits if name not in anew}
    return tuple({**visits, _key(node): visits.get(_key(node), 0) + 1}.items())


def _among(world: World, place: Place, node: CollectNode, window: Window) -> Result | None:
    """Of the names that can be had: the one that is left, fewer of them, or the news that none is."""
    all_of_them = offered.names(place, node)
    there = replace(place, narrowed=(node.slot, within(place.left_open(node.slot) or Window(), window)))
    left = offered.names(there, node)
    if not left:
        place, told = saying.say(world, place, "std_none_of_that")
        return speaking.ask(world, place, node.again, told)
    if (one := offered.picked(there, node)) is not None:
        there = replace(answered(there), asking=None, words=())
        return enter(world, fill(there, node, one, "spoken", checked=True), node.next)
    if left == all_of_them:
        return None
    return speaking.ask(world, there, node.again)
