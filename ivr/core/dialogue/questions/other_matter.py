"""Another matter than the one that is being talked about: followed where it is plain, asked about where it may be meant."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import saying, speaking
from ivr.core.dialogue.asking import Confirming, ConfirmingValue
from ivr.core.dialogue.facts import true
from ivr.core.dialogue.messages import Heard, Speak
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.questions import reasons
from ivr.core.dialogue.questions.denials import denies_it, is_denied_by_name
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, quiet, to_person
from ivr.core.dialogue.words.other_words import about_the_same, does_at_once, matter, where_intents_lead
from ivr.core.dialogue.words.yes_and_no import yes_or_no
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, SayNode

PERHAPS_FROM = 0.8
"""Probability from which a doubtful other matter is asked about at a yes-or-no question."""
PLAIN_FROM = 0.9
"""Probability from which a doubtful matter is as good as sure, where nothing else can be meant."""
MOST_NEWS = 3
"""Times that something is told beside one question: what is heard again and again may be our own voice."""


def followed(world: World, place: Place, heard: Heard, *, leaves: bool = False) -> Result | None:
    """A plain sentence about something else than what is being asked: the caller leads, the dialogue follows.

    What is only news is told, and the question stays, but where the caller ``leaves`` the matter with a no.
    """
    said = heard.understood
    if (
        said is None
        or said.certainty != "sure"
        or said.best is None
        or said.best.intent in (place.intent, *place.denied)
    ):
        return None
    intent = said.best.intent
    leaves = leaves or is_denied_by_name(world, place, place.intent, heard)
    if not leaves and (told := _only_news(world, place, intent)) is not None:
        return quiet(speaking.question(world, *told))
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


def switched(world: World, place: Place, heard: Heard) -> Result | None:
    """Another matter about the same thing, where it is asked which one, or whether: "can't you move it instead", 改到礼拜五."""
    node, said = world.flow.nodes[place.node], heard.understood
    asked = (isinstance(node, CollectNode) and node.own) or (isinstance(node, DecideNode) and does_at_once(world, node))
    if not asked or not isinstance(place.asking, ConfirmingValue | None) or not is_plain(heard) or said is None:
        return None
    intents, best = world.flow.intents, said.best
    if best is None or place.intent in (None, best.intent) or not about_the_same(world, place.intent, best.intent):
        return None
    if yes_or_no(world, place, heard) is not None or denies_it(world, place, best.intent, heard.text):
        return None
    there = replace(answered(reasons.with_words(place, heard)), intent=best.intent, understood=said, cause="understood")
    there = replace(there, asking=None, implied=None, parts=(), stack=())
    return quiet(enter(world, there, intents[best.intent].node or where_intents_lead(world)))


def is_plain(heard: Heard) -> bool:
    """Whether a matter was said for sure, or nearly so."""
    said = heard.understood
    if said is None or said.best is None or matter(said, "sure", "confirm") is None:
        return False
    return said.certainty == "sure" or said.best.confidence >= PLAIN_FROM


def _only_news(world: World, place: Place, intent: str) -> tuple[Place, tuple[Speak, ...]] | None:
    """What a matter comes to that is nothing but a sentence: told, and the question stays: "are you open then, by the way?"."""
    asking = isinstance(world.flow.nodes[place.node], CollectNode | DecideNode) and place.intent is not None
    return news(world, place, intent) if asking else None


def news(world: World, place: Place, intent: str) -> tuple[Place, tuple[Speak, ...]] | None:
    """The sentence that a matter comes to, where it is nothing else, and the place after it."""
    node = world.flow.nodes.get(world.flow.intents[intent].node or "")
    if not isinstance(node, SayNode) or place.commands >= MOST_NEWS:
        return None
    choice = next((one for one in node.say if true(world, place, one.when)), None)
    if choice is None or not choice.prompt or not isinstance(world.flow.nodes.get(choice.next or node.next), AskNode):
        return None
    return saying.say(world, replace(place, commands=place.commands + 1), choice.prompt)


def asked_about(world: World, place: Place, heard: Heard) -> Result | None:
    """Another matter that is not quite sure is asked about, where nothing else can be made of the words."""
    said, asks = heard.understood, next((n for n in world.flow.nodes.values() if isinstance(n, AskNode)), None)
    if said is None or asks is None or said.certainty != "confirm" or said.best is None:
        return None
    best = said.best
    if best.intent in (place.intent, PERSON_INTENT, *place.denied) or best.confidence < PERHAPS_FROM:
        return None
    if denies_it(world, place, best.intent, heard.text):
        return None
    if (told := _only_news(world, place, best.intent)) is not None:
        return quiet(speaking.question(world, *told))
    there = replace(answered(reasons.with_words(place, heard)), node=asks.name, parts=(), stack=(), understood=said)
    return speaking.question(world, replace(there, asking=Confirming(best.intent), implied=None))
