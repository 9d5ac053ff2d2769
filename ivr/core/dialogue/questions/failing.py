"""An answer that did not come or could not be used: asked more narrowly, then a person is offered, then a person takes over."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import saying, speaking
from ivr.core.dialogue.asking import Confirming, ConfirmingValue, DoubtfulDigit, OfferingPerson, Proving
from ivr.core.dialogue.messages import FailureKind, Speak, Trouble
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import ON_ONE_THING, enter, prove, to_person
from ivr.core.flow.flow import LANGUAGE_HINT
from ivr.core.flow.nodes import WAITING, AskNode, CollectNode, DecideNode, MenuNode, Node, ProveNode
from ivr.core.language import Language


def failed(world: World, place: Place, kind: FailureKind, *, say_so: bool = True, tried: bool = True) -> Result:
    """One failure of the call's single budget: ask more narrowly, then by keys, then a person.

    Nothing was ``tried`` where a proof was asked for and something else was said: it was not wrong, then.
    """
    counts = dict(place.here)
    counts[place.node] = counts.get(place.node, 0) + 1
    trouble = Trouble(place.node, kind)
    place = replace(place, troubles=(*place.troubles, trouble), here=tuple(counts.items()), parts=(), starred=False)
    node = world.flow.nodes[place.node]
    if place.failures >= world.flow.patience:
        return to_person(world, replace(place, cause="patience", asking=None))
    spoken: tuple[Speak, ...] = ()
    if say_so:
        place, spoken = saying.say(world, place, f"std_{kind}")
        place, hint = _language_hint(world, place, kind)
        spoken += hint
    enough = counts[place.node] >= ON_ONE_THING
    match node:
        case AskNode(nothing=str(done)) if enough and kind == "no_input" and place.settled:
            return enter(world, place, done)  # what was wanted is settled, and they have said nothing more
        case AskNode() if enough or kind == "no_sound":
            if kind == "no_sound" or place.language not in world.hears:
                return enter(world, place, node.menu, spoken)
            told = spoken if kind in ("noise", "too_long") else ()  # else the offer says enough
            return speaking.question(world, replace(place, node=node.menu, asking=OfferingPerson()), told)
        case ProveNode() if isinstance(place.asking, Proving):
            if enough:
                return prove(world, place, node, spoken, after=place.asking.method)
        case CollectNode() | DecideNode() if enough and node.otherwise:
            return enter(world, place, node.otherwise, spoken)
        case _ if enough and isinstance(node, WAITING):
            return to_person(world, replace(place, cause="patience", asking=None))
    return _again(world, place, node, spoken, kind if tried else "no_input")


def _language_hint(world: World, place: Place, kind: FailureKind) -> tuple[Place, tuple[Speak, ...]]:
    """The key of the other language, said in it: who is not understood at the first question may speak that one."""
    first = len(place.troubles) == 1 and not place.settled and isinstance(world.flow.nodes[place.node], AskNode)
    nobody = world.caller.customer is None and world.caller.preferences.language is None
    switched = place.language != world.usual_language
    if kind != "no_match" or not first or not nobody or switched or place.keyed or place.asking is not None:
        return place, ()
    other: Language = "en" if place.language == "zh" else "zh"
    there, spoken = saying.say(world, replace(place, language=other), LANGUAGE_HINT)
    return replace(there, language=place.language), spoken


def _again(world: World, place: Place, node: Node, spoken: tuple[Speak, ...], kind: FailureKind) -> Result:
    """The same question in its other words; what was understood and waits for its yes is not forgotten."""
    match place.asking:
        case Confirming(suggested=None) | DoubtfulDigit():
            return speaking.question(world, place, spoken)
        case ConfirmingValue() if dict(place.said)["std_value"] == 1:
            return speaking.question(world, place, spoken)
        case Confirming() if kind != "no_match":
            return speaking.question(world, place, spoken)
    if isinstance(node, AskNode | DecideNode):
        return speaking.ask(world, replace(place, asking=None), node.again, spoken)
    if isinstance(node, ProveNode) and kind != "no_match":  # nobody has given anything wrong
        return speaking.question(world, place, spoken)
    if isinstance(node, CollectNode | ProveNode):
        place = place if isinstance(node, ProveNode) else replace(place, asking=None)
        place, speak = saying.say(world, place, node.again, speaking.question_fields(world, place))
        if isinstance(node, ProveNode) or node.kind != "name":  # 0 is a digit here
            place, way_out = saying.say(world, place, "std_star_person")
            speak += way_out
        return speaking.wait(world, place, (*spoken, *speak))
    if isinstance(node, MenuNode):
        return speaking.menu(world, place, node, spoken)
    return speaking.question(world, place, spoken)
