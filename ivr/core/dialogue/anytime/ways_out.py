"""The ways to a person: asked for, and then asked once what it is about; or offered, where the machine does not understand."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import speaking
from ivr.core.dialogue.anytime import emergencies, wishes
from ivr.core.dialogue.asking import Danger, FewWords
from ivr.core.dialogue.from_records import by_keys
from ivr.core.dialogue.messages import FailureKind, Heard, Trouble
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions import likelier, menus
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import quiet, to_person
from ivr.core.dialogue.words.other_words import digits_in, matter
from ivr.core.dialogue.words.yes_and_no import yes_or_no
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import AskNode, MenuNode

KEY_CHOICES = "#"
"""Reads out the keypad menu where a person is offered."""


def person(world: World, place: Place) -> Result:
    """A person is asked for: at once; only who has not said a word yet is asked, once, what it is about."""
    if isinstance(place.asking, Danger):
        return emergencies.told(world, place)
    place = replace(place, cause="person")
    fresh = not (place.few_words or place.intent or place.troubles or place.asking)
    talks = isinstance(world.flow.nodes[place.node], AskNode) and place.language in world.hears
    if not fresh or not talks or world.crowded or by_keys(world, place):
        return to_person(world, replace(place, asking=None))
    place = replace(place, asking=FewWords(), few_words=True)
    return quiet(speaking.question(world, place))


def few_words(world: World, place: Place, heard: Heard) -> Result:
    """What it is about, as far as it was understood, goes with the caller to the right person."""
    said = heard.understood and likelier.with_callers_history(world, place, heard.understood)
    complaint = isinstance(place.asking, FewWords) and place.asking.complaint
    if (intent := matter(said, "sure", "confirm")) is not None:
        place = replace(place, understood=said, intent=intent)
    if complaint:
        return wishes.complained(world, wishes.taken_down(place, heard.text))
    return to_person(world, replace(place, asking=None))


def by_key(world: World, place: Place, menu: MenuNode, digit: str) -> Result:
    """A key of the menu in place of few words: its matter goes with the caller."""
    chosen = next((one for one in world.flow.keyed_intents(menu.group) if one.key == digit), None)
    return to_person(world, replace(place, asking=None, intent=chosen.name if chosen else place.intent))


def answer(world: World, place: Place, heard: Heard) -> Result | None:
    """What was answered to the offer: a person, no and the choices, or the matter; None: it answers the question here."""
    said, node = heard.understood, world.flow.nodes[place.node]
    agreed = yes_or_no(world, place, heard)
    if agreed is False:
        return declined(world, place)
    if not agreed and not isinstance(node, MenuNode):
        return None
    sure = matter(said, "sure")
    if not agreed and isinstance(node, MenuNode) and (sure or digits_in(world, place, (Hypothesis(heard.text),))):
        return menus.words(world, replace(place, asking=None), node, heard)
    if (intent := matter(said, "confirm")) is not None:
        place = replace(place, understood=said, intent=intent)
    return accepted(world, place, None if agreed else heard.failure)


def accepted(world: World, place: Place, failure: FailureKind | None = None) -> Result:
    """A person takes over; no answer to the offer is as good as a yes."""
    troubles = (*place.troubles, Trouble(place.node, failure)) if failure else place.troubles
    return to_person(world, replace(place, cause="patience", asking=None, troubles=troubles))


def declined(world: World, place: Place) -> Result:
    """They would rather choose by keys, or go on with the question here."""
    return quiet(speaking.question(world, replace(place, asking=None)))
