"""Answers that leave something open: "after lunch", "any day but Monday", "the earliest", "none of those"."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.core.dialogue import offered, saying, speaking, wording
from ivr.core.dialogue.answers_in_advance import hours_left_open
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, fill
from ivr.core.flow.nodes import CollectNode
from ivr.core.flow.values import Window, within

_ANEW = re.compile(r"\b(?:instead|rather|make it|change|changed|actually|sorry|wait)\b|改|换|还是")
"""What puts a window in the place of the one before; "not at four" only takes something away from it."""
CHANGES = re.compile(
    rf"{_ANEW.pattern}|\b(?:no|nope|not|wrong|i mean|i meant|better|prefer|can't|cannot|(?:what|how) about"
    r"|is there (?:any|some)thing|have you got)\b|不|等等|呢|有没有|有吗"
)
"""What makes a day in an answer to another question another day, and no day on which somebody can be reached."""
MOST_NARROWED = 4
"""Times that one question is narrowed down and taken back before it counts as not understood."""


def narrowed(
    world: World, place: Place, node: CollectNode, heard: Heard, sure: str | None, told: Window | None = None
) -> Result | None:
    """What follows from what is left open; None where nothing is. ``sure`` is the value that was said for certain.

    ``told`` is what is left open where the words tell it from something else: "a bit later".
    """
    if dict(place.visits).get(_key(node), 0) >= MOST_NARROWED:
        return None
    if node.none and wording.none_of_these(heard.text, place.language):
        there = replace(answered(place), narrowed=None, visits=_counted(place, node, node.name, node.none))
        return enter(world, there, node.none)
    kind = node.names_kind or node.kind
    names = offered.names(place, node) if node.kind == "name" else ()
    window = told
    if window is None and world.reader:
        window = world.reader.window(kind, heard.text, place.language, world.now, names)
    if window is None and not heard.readings and kind == "date" and (hours := _hours(world, place, heard)) is not None:
        return speaking.ask(world, replace(place, hours=hours, visits=_counted(place, node)), node.again)
    if window is None or (sure is not None and (node.kind != "name" or window.fits(sure))):
        return None
    named = heard.readings[0].value if heard.readings else None
    only_denies = window == Window(but=window.but, weekdays=window.weekdays)
    if named is not None and only_denies and window.fits(named):
        return None  # "not Monday, make it Tuesday" names a day
    place = replace(place, visits=_counted(place, node))
    if node.kind == "name":
        return _among(world, place, node, window, heard)
    if node.offer is None:
        return None
    # what it says of hours counts once times are read out; as a value it was weighed, and is none
    hours = hours_left_open(world, place)
    there = replace(answered(place), narrowed=(node.slot, window), hours=hours, words=())
    return enter(world, there, node.offer)


def _hours(world: World, place: Place, heard: Heard) -> Window | None:
    """What is said of the time of day where a day is asked for: "mornings are no good"; kept for when times are read out."""
    window = world.reader.window("time", heard.text, place.language, world.now) if world.reader else None
    return window if window and not window.take else None


def _key(node: CollectNode) -> str:
    return f"{node.name} narrowed"


def _counted(place: Place, node: CollectNode, *anew: str) -> tuple[tuple[str, int], ...]:
    """How often each question was come to, with one more answer to this one that left something open; ``anew`` begin again."""
    visits = {name: count for name, count in place.visits if name not in anew}
    return tuple({**visits, _key(node): visits.get(_key(node), 0) + 1}.items())


def _among(world: World, place: Place, node: CollectNode, window: Window, heard: Heard) -> Result | None:
    """Of the names that can be had: the one that is left, fewer of them, or the news that none is."""
    all_of_them = offered.names(place, node)
    # "the later one, no, rather the early one" is one of those that were read out
    anew = _ANEW.search(heard.text.lower()) and window != Window(take=window.take)
    before = None if anew else place.left_open(node.slot)
    there = replace(place, narrowed=(node.slot, within(before or Window(), window)))
    left = offered.names(there, node)
    if not left and before:  # "in the afternoon", and then "no, rather in the morning": what was said last counts
        there = replace(place, narrowed=(node.slot, window))
        left = offered.names(there, node)
        all_of_them = ()
    if not left:
        place, told = saying.say(world, place, "std_none_of_that")
        return speaking.ask(world, place, node.again, told)
    if (one := offered.picked(there, node)) is not None:
        there = replace(answered(there), asking=None, words=())
        return enter(world, fill(there, node, one, "spoken", checked=True), node.next)
    if left == all_of_them:
        return None
    return speaking.ask(world, there, node.again)
