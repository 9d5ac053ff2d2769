"""What a caller may wish at any question, in their own words: a goodbye, a moment to look something up, to complain …

A wish counts where the words answer nothing that was asked, and are no plain matter of the house.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ivr.core.card import Known
from ivr.core.dialogue import as_it_is, offered, saying, speaking, wording
from ivr.core.dialogue.anytime import corrections
from ivr.core.dialogue.asking import Confirming, Danger, FewWords, Leaving, OfferingPerson, Proving
from ivr.core.dialogue.messages import HangUp, Heard
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.questions import call_back_number
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, prove, quiet, to_person
from ivr.core.dialogue.words.other_words import digits_in, has_value, matter
from ivr.core.dialogue.words.yes_and_no import nothing_more, says_no, says_yes, yes_or_no
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import AskNode, CollectNode, DecideNode, MenuNode, ProveNode
from ivr.core.flow.wishes import WishName
from ivr.core.texts import text

COMPLAINT = text("card.complaint")
_SHORT = {"en": 3, "zh": 6}
"""Words (Chinese: signs) of what leaves the matter at hand, and none of the house's."""
RATHER = 0.6
"""Probability of a matter from which a sentence that may be a complaint is taken for the matter."""


def wished(world: World, place: Place, heard: Heard) -> WishName | None:
    """The wish in an utterance; None where it is none, or an answer."""
    said = heard.understood
    if wording.only_goodbye(heard.text, place.language) and not (
        place.busy or isinstance(place.asking, Leaving | Danger)
    ):
        return None if _answers(world, place, heard) else "goodbye"
    if place.asking is None and not place.busy and as_it_is.is_left(world, place, heard.text):
        return "drop"
    if said is None or said.wish in (None, "emergency") or place.busy or isinstance(place.asking, Danger):
        return None  # whoever was asked whether somebody is in danger wishes nothing else: only a no counts
    node = world.flow.nodes[place.node]
    # who sounds furious and names no matter for sure is furious: they are asked what happened, and nothing is lost by that
    # (in English; Chinese is read by its signs, and doubts too often)
    doubted = said.wish == "complaint" and said.wish_certainty == "confirm" and place.language == "en"
    nothing_rather = said.best is None or said.best.confidence < RATHER
    if said.wish == "drop" and said.best and said.best.intent == PERSON_INTENT and said.best.confidence >= RATHER:
        return None  # "never mind, get me somebody"
    if said.wish == "drop" and _leaves_this(world, place, heard.text):
        return None if _answers(world, place, heard) else "drop"
    if said.wish_certainty != "sure" and not (
        doubted and nothing_rather and isinstance(node, AskNode) and not place.asking
    ):
        return None
    taken_down = isinstance(place.asking, Leaving) or (
        isinstance(place.asking, FewWords) and said.wish not in ("who", "goodbye")
    )
    if taken_down or _answers(world, place, heard):
        return None
    # "what times do you have" is no matter of the house where times were read out, and a complaint may be about one
    here = isinstance(node, CollectNode | DecideNode) and said.wish in ("explain", "drop")
    before_matters = (said.wish == "complaint" and not doubted) or here
    return said.wish if before_matters or matter(said, "sure") is None else None


def _answers(world: World, place: Place, heard: Heard) -> bool:
    """Whether the words answer what was asked."""
    node = world.flow.nodes[place.node]
    if place.asking is not None and not isinstance(place.asking, Proving):
        # "no, I want your manager, this is a disgrace" is more than a no
        answered_so = yes_or_no(world, place, heard) is not None
        only = nothing_more(world, place, heard.text) or not isinstance(place.asking, Confirming)
        return (answered_so and only) or bool(digits_in(world, place, (Hypothesis(heard.text),)))
    match node:
        case DecideNode():
            said = yes_or_no(world, place, heard)
            if _is_dropped(heard):  # "no, that's perfect" drops nothing
                return said is True or (
                    said is None and says_yes(world, place, heard.text) and not says_no(world, place, heard.text)
                )
            if said is None and heard.understood and heard.understood.wish == "hold_on":  # "no, wait, the second"
                return corrections.corrected(world, place, node, heard) is not None
            return said is not None
        case CollectNode():
            # "I wouldn't say no to that" drops nothing
            return (
                has_value(world, place, node, heard)
                or (_is_dropped(heard) and yes_or_no(world, place, heard) is True)
                or (node.kind == "name" and offered.points(heard.text))
                or _takes_one(world, place, node, heard)
            )
        case ProveNode():
            return bool(digits_in(world, place, (Hypothesis(heard.text),)))
        case AskNode(nothing=str()):
            return wording.nothing_else(heard.text, place.language)
    return False


def _leaves_this(world: World, place: Place, text: str) -> bool:
    """Whether it is so short that it can only be about what is being asked: "cancel it", 不要了, while a day is asked for."""
    collects = isinstance(world.flow.nodes[place.node], CollectNode) and place.asking is None
    length = len(text.split()) if place.language == "en" else len(text)
    return collects and length <= _SHORT[place.language]


def _takes_one(world: World, place: Place, node: CollectNode, heard: Heard) -> bool:
    """Whether one of those that were read out is meant by its place among them: "I'll go for the later"."""
    if node.kind != "name" or node.names_kind is None or world.reader is None:
        return False
    window = world.reader.window(node.names_kind, heard.text, place.language, world.now, offered.names(place, node))
    return window is not None and window.take in ("first", "last")


def grant(world: World, place: Place, name: WishName, heard: Heard) -> Result:
    """Do what was wished."""
    match name:
        case "goodbye":
            return _leave(world, place)
        case "dont_know":
            return _without(world, place, heard)
        case "hold_on":
            place, spoken = saying.say(world, replace(place, holding=True), "std_hold_on")
            return quiet(speaking.wait(world, place, spoken, keep_last=True))
        case "complaint":
            return _complain(world, place, heard)
        case "explain":
            return _explain(world, place)
        case "who":
            return quiet(speaking.say_then_ask(world, place, "std_who"))
        case "other_language":
            return quiet(speaking.say_then_ask(world, place, "std_languages"))
        case "call_back":
            return call_back_number.wished(world, place, heard)
        case "drop":
            return _drop(world, place)
        case "emergency":
            raise AssertionError("an emergency is heard before every wish")
    assert_never(name)


def _explain(world: World, place: Place) -> Result:
    """The question in its other words; what is said back or offered is asked as it was."""
    node = world.flow.nodes[place.node]
    again = node.again if isinstance(node, AskNode | CollectNode | DecideNode) and place.asking is None else None
    return quiet(speaking.ask(world, place, again) if again else speaking.question(world, place))


def _leave(world: World, place: Place) -> Result:
    """Where the matter is settled, that is the end; else it is asked, for "buy" is easily heard as "bye"."""
    node = world.flow.nodes[place.node]
    if isinstance(node, AskNode) and node.nothing and place.asking is None:
        return quiet(enter(world, replace(answered(place), asking=None), node.nothing))
    return quiet(speaking.question(world, replace(place, asking=Leaving(place.asking))))


def _is_dropped(heard: Heard) -> bool:
    """Whether a "no" is one to the whole matter: "no, I have changed my mind"."""
    return heard.understood is not None and heard.understood.wish == "drop"


def _drop(world: World, place: Place) -> Result:
    """The matter is left, and what was said for it forgotten; where there is none, it may be a goodbye: that is asked."""
    asks = [node for node in world.flow.nodes.values() if isinstance(node, AskNode)]
    if place.intent is None or not asks or isinstance(world.flow.nodes[place.node], AskNode):
        return quiet(speaking.question(world, replace(place, asking=Leaving(place.asking))))
    target = next((node.name for node in asks if node.nothing), world.flow.restart or world.flow.start)
    place, spoken = saying.say(world, place, "std_dropped")
    known = tuple(known for known in place.known if known.how in ("record", "done"))
    place = replace(
        answered(place),
        implied=None,
        slots=(),
        known=known,
        words=(),
        stack=(),
        narrowed=None,
    )
    return quiet(enter(world, place, target, spoken))


def left(world: World, place: Place) -> Result:
    """Yes, they want to end the call."""
    place, spoken = saying.say(world, replace(place, asking=None), "std_goodbye")
    last = tuple(replace(one, barge_in=False) for one in spoken)
    return quiet((replace(place, over=True), (*last, HangUp())))


def _without(world: World, place: Place, heard: Heard) -> Result:
    """They do not have what is asked for: on without it, which is nobody's failure."""
    node = world.flow.nodes[place.node]
    if isinstance(node, CollectNode) and node.kind == "name" and not place.holding:
        # who cannot choose yet is given time, and hears the choices once more
        place, spoken = saying.say(world, replace(place, holding=True), "std_hold_on")
        return quiet(speaking.ask(world, place, node.again, spoken))
    place, spoken = saying.say(world, place, "std_without")
    match node:
        case CollectNode(otherwise=str(other)) | DecideNode(otherwise=str(other)) if other != node.name:
            return quiet(enter(world, replace(answered(place), asking=None), other, spoken))
        case CollectNode():
            return to_person(world, replace(place, cause="patience", asking=None), spoken)
        case ProveNode() if isinstance(place.asking, Proving):
            return quiet(prove(world, place, node, spoken, after=place.asking.method))
        case AskNode() if not isinstance(place.asking, OfferingPerson):
            return quiet(speaking.question(world, replace(place, node=node.menu, asking=OfferingPerson())))
        case MenuNode():
            return to_person(world, replace(place, cause="patience", asking=None))
    return failed(world, place, heard.failure)


def _complain(world: World, place: Place, heard: Heard) -> Result:
    """Taken down in their words; who has not said what it is about is asked for it."""
    place = taken_down(place, heard.text)
    if (intent := matter(heard.understood, "sure", "confirm")) is not None:
        place = replace(place, intent=intent, understood=heard.understood)
    if place.intent is None and not place.few_words:
        place = replace(place, few_words=True, cause="person", asking=FewWords(complaint=True))
        return quiet(speaking.question(world, place))
    return complained(world, place)


def taken_down(place: Place, words: str) -> Place:
    """What was said goes on the agent's list, after what was said before."""
    before = next((known.value for known in place.known if known.label == COMPLAINT), "")
    return place.with_known(Known(COMPLAINT, f"{before} … {words}" if before else words, "spoken", checked=False))


def complained(world: World, place: Place) -> Result:
    """To a person, who has the complaint before them."""
    place, spoken = saying.say(world, place, "std_complaint_taken")
    return to_person(world, replace(place, cause="person", asking=None), spoken)
