"""The keypad menu: a key or its word chooses an intent, or a door to another node."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import speaking
from ivr.core.dialogue.asking import Offering
from ivr.core.dialogue.digits import SURE
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, go_on, quiet
from ivr.core.dialogue.words.other_words import digits_in
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import MenuNode


def words(world: World, place: Place, node: MenuNode, heard: Heard) -> Result:
    """A choice by its number, or the matter itself."""
    said = digits_in(world, place, (Hypothesis(heard.text),))
    if said and len(said[0].value) == 1 and said[0].share >= SURE:
        return key(world, place, node, said[0].value)
    if heard.understood and heard.understood.certainty == "sure" and heard.understood.best:
        best = heard.understood.best.intent
        if best not in place.denied and world.flow.intents[best].cost == "low":
            return quiet(go_on(world, replace(place, intent=best, cause="understood", understood=heard.understood)))
    return failed(world, place, heard.failure)


def key(world: World, place: Place, node: MenuNode, digit: str) -> Result:
    """A key of a keypad menu: an intent, or a door to another node."""
    door = next((d for d in node.doors if d.key == digit), None)
    if door:
        return quiet(enter(world, answered(place), door.node))
    chosen = next((i for i in world.flow.keyed_intents(node.group) if i.key == digit), None)
    if chosen is None:
        return quiet(failed(world, place, "no_match"))
    place = replace(place, intent=chosen.name, cause="key", asking=None)
    offer = _offer_keys(world, place)
    return quiet(offer if offer is not None else go_on(world, place))


def _offer_keys(world: World, place: Place) -> Result | None:
    """Somebody who was not understood by voice and was by keys may want keys from the start, next time."""
    trouble = sum(t.kind in ("no_match", "noise", "no_sound") for t in place.troubles)
    had = world.caller.preferences
    if trouble < 2 or place.offered or not world.caller.known or had.keys:
        return None
    offering = Offering(replace(had, keys=True), then_go_on=True)
    return speaking.question(world, replace(place, asking=offering, offered=True))
