"""Somebody may be in danger: told whom to call, and a person is rung at once. A doubt is asked about once, and counts as yes."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.core.dialogue import saying, speaking
from ivr.core.dialogue.asking import Confirming, ConfirmingValue, Danger, Offering
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import asked_before, enter, quiet, to_person
from ivr.core.dialogue.words.other_words import matter
from ivr.core.dialogue.words.yes_and_no import denied_at_once, nothing_more, words_of, yes_or_no
from ivr.core.digit_words import spoken_digits
from ivr.core.flow.nodes import CollectNode, DecideNode, ProveNode
from ivr.core.language import Language

OF_ELSE_FROM = 0.6
"""Probability of a matter from which "I only want …" is about that, and no danger."""
_CORRECTS = frozenset(
    "no not sorry wait i mean meant it's it is that's the number um uh er erm oh and then 不 是 对 错 哦 了 那 号 码".split()
)
"""The words of a correction among digits."""

_ALL_WELL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:nobody|no one|noone)(?:'s| is| was| got)? (?:been )?(?:hurt|injured|in (?:any )?danger)\b"
        r"|\b(?:he|she|it|they|we|i|everybody|everyone|all)(?:'s|'re|'m| is| are| am) (?:all |perfectly |quite )?"
        r"(?:fine|ok|okay|right|alright|safe|well|good)\b"
    ),
    "zh": re.compile("没事|没人(?:受伤|有危险|出事)|没有?危险|都好|很好|好着呢|挺好|平安"),
}
"""What is said behind a no by who makes clear that all are well."""
_GIVES_UP: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:never mind|too late|(?:doesn't|does it|don't) matter|forget (?:it|about it|me)|no (?:use|point|matter))\b"
    ),
    "zh": re.compile("算了|没用了?|来不及|无所谓|不重要|没意义|太晚了"),
}
"""No no: who says so, asked whether somebody is in danger, may have given up."""
_BUT = re.compile(
    r"\b(?:but|except|not my|yet|though|still|now|(?:has|have|had|got|with) an?|knife|gun|fire|smoke|blood|breath\w*)\b"
    r"|但|可是|不过|就是我|还在|刀|枪|火|烟|血"
)
_NOBODY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:nobody|no one|noone)(?:'s| is| was| got)? (?:been )?(?:hurt|injured|in (?:any )?danger)\b"),
    "zh": re.compile("没人(?:受伤|有危险|出事)"),
}
"""In so many words: this is what a sentence about danger would say, too."""
_WHAT_DANGER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\bwhat danger\b|\bwho(?:'s| is) in danger\b"),
    "zh": re.compile("什么危险|哪有(?:什么)?危险|谁有危险"),
}
_NEARLY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:nearly|almost|practically|about|going|gonna|enough) (?:to )?(?:had|have|having|gave|give|giving)"
        r" (?:me |him |her |us |you )?an? (?:heart attack|coronary|stroke|fit|seizure)"
    ),
    "zh": re.compile(
        "(?:我都?快|都快|差点|快要|简直|急得|气得|吓得|笑得|等得|愁得)[^,，。 ]{0,6}(?:心脏病|中风|晕|吐血|断气|犯病)"
    ),
}
"""A figure of speech, or somebody who is nearly so: it is asked about first."""
_ONLY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\bi (?:only|just|simply) (?:want|wanted|need|needed|rang|called|asked)\b"),
    "zh": re.compile("我(?:只是|就是|不过是?)(?:想|要|问|打)"),
}
"""A no without the word, of who wonders why that is asked."""


def heard_in(world: World, place: Place, heard: Heard) -> Result | None:
    """What follows where an utterance may be about somebody in danger; None where it is not."""
    said = heard.understood
    if not world.flow.emergencies or said is None or said.wish != "emergency" or isinstance(place.asking, Danger):
        return None
    if _number_only(world, place, heard):
        return None
    nearly = _NEARLY[place.language].search(heard.text.lower()) is not None
    if said.wish_certainty == "sure" and not nearly and not _is_asked_for(world, place, heard):
        return told(world, replace(place, understood=said), matter(said, "sure"))
    # a doubt: not where all of it is a plain matter of this house, an answer, or was denied before
    if (
        place.danger
        or (said.certainty == "sure" and not said.wish_apart)
        or (
            _yes_no(world, place)
            and yes_or_no(world, place, heard) is not None
            and nothing_more(world, place, heard.text)
        )
    ):
        return None
    return quiet(speaking.question(world, replace(place, danger=True, asking=Danger(place.asking, heard))))


def _is_asked_for(world: World, place: Place, heard: Heard) -> bool:
    """Whether the value that was asked for is in it, too: "eleven, at half nine he's out walking" is asked about first."""
    node = world.flow.nodes[place.node]
    return isinstance(node, CollectNode) and place.asking is None and bool(heard.readings)


def _number_only(world: World, place: Place, heard: Heard) -> bool:
    """Whether nothing but a number was said, and not the one to call in an emergency: "nine one four".

    Where a number is asked for, with the small words of a correction, too: "nine, no, sorry, six nine one one".
    """
    digits = spoken_digits(heard.text, place.language)
    if not digits.replace(world.emergency, ""):
        return False
    rest = [word for word in words_of(heard.text, place.language) if not spoken_digits(word, place.language)]
    node = world.flow.nodes[place.node]
    asked = isinstance(node, ProveNode) or (
        isinstance(node, CollectNode) and node.kind in ("digits", "phone", "number")
    )
    return not rest or (asked and _CORRECTS.issuperset(rest))


def _yes_no(world: World, place: Place) -> bool:
    return isinstance(place.asking, Confirming | ConfirmingValue | Offering) or isinstance(
        world.flow.nodes[place.node], DecideNode
    )


def answer(world: World, place: Place, heard: Heard) -> Result:
    """Anything but a plain no is a yes."""
    return asked_before(world, place) if is_denied(world, place, heard) else told(world, place)


def is_denied(world: World, place: Place, heard: Heard) -> bool:
    """Whether a plain no stands at the front, and nothing of danger behind it: "no, he does not breathe" is more danger."""
    said, text, language = heard.understood, heard.text.lower(), place.language
    well = _ALL_WELL[language].search(text) is not None and _BUT.search(text) is None
    if said is not None and said.wish == "emergency":
        surely = said.wish_certainty == "sure" and _NOBODY[language].search(text) is None
        if surely or not well:
            return False
    if _GIVES_UP[language].search(text) and not well:
        return False
    return bool(
        denied_at_once(world, place, heard.text) or _WHAT_DANGER[language].search(text) or _wants_else(place, heard)
    )


def _wants_else(place: Place, heard: Heard) -> bool:
    """Whether somebody only wants a matter of the house: "I only want my letters sent on"; "I just want it to end" is none."""
    best = heard.understood.best if matter(heard.understood, "sure", "confirm") and heard.understood else None
    only = _ONLY[place.language].search(heard.text.lower()) is not None
    return only and best is not None and best.confidence >= OF_ELSE_FROM


def told(world: World, place: Place, intent: str | None = None) -> Result:
    """Whom to call, and on to a person before everybody else; to those of ``intent``, where the house has one for it."""
    place = replace(place, cause="emergency", intent=intent, asking=None, implied=None, stack=(), danger=True)
    place, spoken = saying.say(world, place, "std_emergency", {"emergency": world.emergency})
    if world.flow.emergency is None:
        return to_person(world, place, spoken)
    return quiet(enter(world, place, world.flow.emergency, spoken))
