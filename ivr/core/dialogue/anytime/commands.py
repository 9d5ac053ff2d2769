"""What a caller may want at any point: a person, back, again, slower, start over, help, the other language."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ivr.core.caller import Preferences
from ivr.core.dialogue import saying, speaking
from ivr.core.dialogue.anytime import ways_out
from ivr.core.dialogue.asking import Looking, Offering, OfferingPerson, Proving
from ivr.core.dialogue.messages import Forget, Speak
from ivr.core.dialogue.place import Manner, Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import enter, quiet
from ivr.core.flow.flow import FAILURE_PROMPTS, LANGUAGE_HINT
from ivr.core.flow.nodes import AskNode
from ivr.core.flow.spoken_commands import CommandName
from ivr.core.language import Language

MOST = 8
"""Commands in a row without an answer, after which a person is offered."""


def wish(world: World, place: Place, name: CommandName) -> Result:
    """Do what was wished for; what was being said is cut."""
    place = replace(place, commands=place.commands + 1, starred=False)
    if name == "person":
        return ways_out.person(world, place)
    if place.commands > MOST and not place.busy:
        return person_offered(world, place)
    match name:
        case "repeat":
            return quiet(repeat(world, place))
        case "back":
            return quiet(_back(world, place))
        case "start_over":
            return quiet(_start_over(world, place))
        case "help":
            return quiet(speaking.say_then_ask(world, place, "std_help"))
        case "language":
            return quiet(_other_language(world, place))
        case "slower":
            changed = replace(place, manner=replace(place.manner, slow=True))
            return quiet(_manner(world, changed, "std_slower", replace(world.caller.preferences, slow=True)))
        case "louder":
            changed = replace(place, manner=replace(place.manner, loud=True))
            return quiet(_manner(world, changed, "std_louder", replace(world.caller.preferences, loud=True)))
        case "normal":
            return quiet(speaking.question(world, replace(place, manner=Manner())))
        case "forget":
            place, commands = speaking.say_then_ask(world, replace(place, manner=Manner()), "std_forgotten")
            return quiet((place, (Forget(), *commands)))
    assert_never(name)


def person_offered(world: World, place: Place) -> Result:
    """Whoever wishes again and again for what does not help may want a person."""
    return quiet(speaking.question(world, replace(place, commands=0, asking=OfferingPerson())))


def repeat(world: World, place: Place) -> Result:
    """The same words once more, in the present manner; digits typed so far begin anew."""
    place = replace(place, parts=())
    if not place.last:
        return speaking.question(world, place)
    # "I did not get that" was about the answer, and is no part of the question; neither is the key of the other language
    asked = [s for s in place.last if s.prompt not in (*FAILURE_PROMPTS, LANGUAGE_HINT)] or place.last
    again = tuple(replace(s, slow=place.manner.slow, loud=place.manner.loud) for s in asked)
    return speaking.wait(world, place, again)


def _back(world: World, place: Place) -> Result:
    """To the question before, as it was; what was spent and how to speak stay as they are now."""
    if place.before is None:
        return speaking.say_then_ask(world, place, "std_nothing_back")
    before = place.before
    there = replace(
        before, language=place.language, troubles=place.troubles, forgiven=place.forgiven, here=place.here, said=place.said,
        manner=place.manner, offered=place.offered, proved=place.proved, commands=place.commands, ids=place.ids,
        greeted=place.greeted, asking=None, implied=None, parts=(), rows=place.rows, starred=False, few_words=place.few_words,
        visits=tuple((name, count) for name, count in place.visits if name != before.node),
    )  # fmt: skip
    node = world.flow.nodes[there.node]
    if isinstance(node, AskNode):  # the question itself, without guessing again
        return speaking.ask(world, there, node.prompt)
    return enter(world, there, there.node)


def _start_over(world: World, place: Place) -> Result:
    place, spoken = saying.say(world, place, "std_start_over")
    fresh = replace(
        place, asking=None, implied=None, denied=frozenset(), intent=None, cause="understood", understood=None,
        slots=(), known=tuple(k for k in place.known if k.how in ("record", "done")), rows=(), parts=(), stack=(),
        before=None, visits=(), here=(), words=(),
    )  # fmt: skip
    return enter(world, fresh, world.flow.restart or world.flow.start, spoken)


def _other_language(world: World, place: Place) -> Result:
    other: Language = "zh" if place.language == "en" else "en"
    place = replace(place, language=other, last=())
    if place.busy:
        return speaking.wait(world, place, (), keep_last=True)
    node = world.flow.nodes[place.node]
    unusual = other != world.usual_language
    if place.asking is None and world.caller.customer and unusual and not place.offered:
        return _offer(world, place, replace(world.caller.preferences, language=other), ())
    if isinstance(node, AskNode) and (place.asking is None or other not in world.hears):
        return enter(world, replace(place, asking=None), place.node)
    return speaking.question(world, place)


def _manner(world: World, place: Place, prompt: str, wanted: Preferences) -> Result:
    """Speak so from now on, and ask once whether to do so next time."""
    place, spoken = saying.say(world, place, prompt)
    busy = isinstance(place.asking, Looking | Proving | Offering)
    if place.offered or busy or not world.caller.known or wanted == world.caller.preferences:
        return speaking.question(world, place, spoken)
    return _offer(world, place, wanted, spoken)


def _offer(world: World, place: Place, wanted: Preferences, spoken: tuple[Speak, ...]) -> Result:
    return speaking.question(world, replace(place, offered=True, asking=Offering(wanted)), spoken)
