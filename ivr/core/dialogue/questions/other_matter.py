"""Another matter than the one that is being talked about: followed where it is plain, asked about where it may be meant."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import speaking
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import PERSON_INTENT, Confirming, Place, World
from ivr.core.dialogue.questions import reasons
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, to_person
from ivr.core.dialogue.words.other_words import where_intents_lead
from ivr.core.flow.nodes import AskNode

PERHAPS_FROM = 0.8
"""Probability from which a doubtful other matter is asked about at a yes-or-no question."""


def followed(world: World, place: Place, heard: Heard) -> Result | None:
    """A plain sentence about something else than what is being asked: the caller leads, the dialogue follows."""
    said = heard.understood
    if (
        said is None
        or said.certainty != "sure"
        or said.best is None
        or said.best.intent in (place.intent, *place.denied)
    ):
        return None
    intent = said.best.intent
    if world.flow.intents[intent].cost == "high":
        # too dear to be begun in passing: said back, as where it is asked for
        asks = next((node for node in world.flow.nodes.values() if isinstance(node, AskNode)), None)
        if asks is None:
            return None
        there = replace(answered(reasons.with_words(place, heard)), node=asks.name, asking=None, parts=(), stack=())
        return reasons.understood(world, there, asks, said)
    place = replace(
        reasons.with_words(place, heard),
        understood=said,
        intent=intent,
        cause="understood",
        implied=None,
        parts=(),
        stack=(),
    )
    place = replace(answered(place), asking=None)
    target = world.flow.intents[intent].node or where_intents_lead(world)
    if intent == PERSON_INTENT:
        return to_person(world, replace(place, cause="person"))
    return enter(world, place, target)


def asked_about(world: World, place: Place, heard: Heard) -> Result | None:
    """Another matter that is not quite sure is asked about, where nothing else can be made of the words."""
    said, asks = heard.understood, next((n for n in world.flow.nodes.values() if isinstance(n, AskNode)), None)
    if said is None or asks is None or said.certainty != "confirm" or said.best is None:
        return None
    best = said.best
    if best.intent in (place.intent, PERSON_INTENT, *place.denied) or best.confidence < PERHAPS_FROM:
        return None
    there = replace(answered(reasons.with_words(place, heard)), node=asks.name, parts=(), stack=(), understood=said)
    return speaking.question(world, replace(there, asking=Confirming(best.intent), implied=None))
