"""A call back on another number than the one that calls: "call me on my mobile", or from a phone that hides its number."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.core.dialogue import digits, saying, speaking
from ivr.core.dialogue.answers_in_advance import read_for
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, quiet, to_person
from ivr.core.dialogue.words.other_words import matter
from ivr.core.dialogue.words.yes_and_no import yes_or_no
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import CollectNode, DecideNode, EndNode
from ivr.core.language import Language

_ANOTHER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:another|other|different|new) (?:phone |telephone |mobile )?(?:number|phone)\b"
        r"|\bnot (?:on |at )?this (?:number|phone|one)\b"
        r"|\b(?:on|at|to) my (?:mobile|cell|cellphone|landline|office|home|work|wife|husband)\b"
    ),
    "zh": re.compile(
        "(?:别的|其他|另外|另一|换个?|换一)个?(?:号|电话|手机)|不是这个(?:号|电话)|别打这个|打我?(?:手机|座机|家里|办公室|单位|公司)"
    ),
}


_THIS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:this|the same|same) (?:number|phone|one)\b|\b(?:number|one) (?:that )?you (?:can )?(?:see|have)\b"
        r"|\b(?:number|one|phone) (?:that )?i(?:'m| am)? (?:calling|ringing|phoning|speaking)\b"
    ),
    "zh": re.compile(
        "(?:这|现在|刚才|正在|当前)[^号码电话]{0,6}(?:号码?|电话|手机)|打(?:就)?(?:是)?这个|现在打的|来电(?:显示|号码)|就这个"
    ),
}


def on_this_one(world: World, place: Place, node: CollectNode, heard: Heard) -> Result | None:
    """What follows where the number that calls is named instead of another: "the one I'm calling from"; None where it is not."""
    ends = [one for one in world.flow.nodes.values() if isinstance(one, EndNode) and one.call_back]
    first = next((one for one in ends if one.elsewhere == node.name), None)
    text = heard.text.lower()
    if first is None or not _THIS[place.language].search(text) or _ANOTHER[place.language].search(text):
        return None
    instead = None if world.may_call else first.without
    return enter(world, answered(place), instead or first.name)


def keeps_wish(world: World, place: Place, node: CollectNode | DecideNode, heard: Heard) -> Result | None:
    """The matter, said where a call back is talked of already, is noted, and the question put again."""
    end = world.flow.nodes.get(node.yes) if isinstance(node, DecideNode) else None
    of_call_back = (isinstance(end, EndNode) and end.call_back) or any(
        isinstance(one, EndNode) and one.elsewhere == node.name for one in world.flow.nodes.values()
    )
    what = matter(heard.understood, "sure")
    if not of_call_back or what is None:
        return None
    noted = replace(place, intent=what, cause="understood", understood=heard.understood)
    return quiet(speaking.question(world, noted))


def wished(world: World, place: Place, heard: Heard) -> Result:
    """By the dialogue's own way to a call back; where it has none, or nobody can be called so, by a person."""
    ends = {one.name: one for one in world.flow.nodes.values() if isinstance(one, EndNode) and _is_first(one)}
    asks = next((one for one in world.flow.nodes.values() if isinstance(one, DecideNode) and one.yes in ends), None)
    end = ends[asks.yes] if asks else next(iter(ends.values()), None)
    place = replace(place, asking=None, implied=None, stack=())
    if end and (there := _elsewhere(world, place, end, heard)) is not None:
        return quiet(there)
    if end and asks and place.node == asks.name and world.may_call and yes_or_no(world, place, heard) is not False:
        return quiet(enter(world, answered(place), end.name))  # "yes, ring me, please" at "Shall we call you back?"
    if end and world.may_call:
        return quiet(enter(world, place, asks.name if asks else end.name))
    if end and end.elsewhere and world.may_dial:
        return quiet(enter(world, place, end.elsewhere))
    place, spoken = saying.say(world, place, "std_no_call_back")
    return to_person(world, replace(place, cause="person"), spoken)


def _is_first(node: EndNode) -> bool:
    return node.call_back and node.number is None


def answered_with(world: World, place: Place, node: DecideNode, heard: Heard) -> Result | None:
    """What follows where another number was named at "Shall we call you back?"; None where none was."""
    end = world.flow.nodes[node.yes]
    return _elsewhere(world, answered(place), end, heard) if isinstance(end, EndNode) else None


def _elsewhere(world: World, place: Place, end: EndNode, heard: Heard) -> Result | None:
    asks = world.flow.nodes.get(end.elsewhere or "")
    if world.may_dial is None or not isinstance(asks, CollectNode):
        return None
    said = heard.hypotheses or (Hypothesis(heard.text),)
    named = read_for(world, place, asks, said, digits.SURE) is not None
    if not named and not _ANOTHER[place.language].search(heard.text.lower()):
        return None
    return enter(world, replace(place, words=said), asks.name)
