"""Proofs of identity: the digits that were given, and what they have come to."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import speaking
from ivr.core.dialogue.asking import Proving
from ivr.core.dialogue.messages import Prove
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, prove
from ivr.core.flow.nodes import ProveNode


def given(world: World, place: Place) -> Result:
    """The digits of a proof are there: they are checked."""
    assert isinstance(place.asking, Proving)
    if place.asking.state != "asking":
        return place, ()
    digits = "".join(part.options[0][0] for part in place.parts)
    checking = replace(place.asking, id=place.ids + 1, state="checking")
    place = replace(place, ids=place.ids + 1, parts=(), asking=checking)
    place, commands = speaking.wait(world, place, (), keep_last=True)
    return place, (*commands, Prove(checking.id, checking.method, digits))


def come_to(world: World, place: Place, node: ProveNode, outcome: str) -> Result:
    """What a proof has come to."""
    now = place.asking
    assert isinstance(now, Proving)
    method, asking = now.method, replace(now, state="asking")
    match outcome:
        case "asked":
            place = replace(place, asking=asking)
            return speaking.question(world, place)
        case "unavailable":
            return prove(world, place, node, after=method)
        case "right":
            return enter(world, replace(answered(place), proved=True, asking=None), node.next)
        case "locked":
            return enter(world, replace(place, asking=None), node.failed)
    # wrong: the record counts it too, and locks when there were too many
    return failed(world, replace(place, asking=asking), "no_match", say_so=False)
