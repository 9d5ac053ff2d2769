"""An answer to a yes-or-no question of the dialogue: yes, no, another value, another matter."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.core.dialogue import digits, offered, own_choice, speaking, wording
from ivr.core.dialogue.answers_in_advance import answers_ahead
from ivr.core.dialogue.anytime import corrections
from ivr.core.dialogue.asking import Confirming
from ivr.core.dialogue.messages import Consent, Heard
from ivr.core.dialogue.place import PERSON_INTENT, Place, World
from ivr.core.dialogue.questions import call_back_number, other_matter, reasons
from ivr.core.dialogue.questions.denials import denies_it, is_denied_by_name
from ivr.core.dialogue.questions.failing import failed
from ivr.core.dialogue.questions.likelier import BY_DAY_FROM
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, fill, quiet
from ivr.core.dialogue.words.other_words import OTHER_FROM, digits_in, does_at_once, is_dear, is_other
from ivr.core.dialogue.words.yes_and_no import (
    begins_with_no,
    begins_with_yes,
    doubts,
    ends_with_yes,
    is_yes_with_stray,
    keeps,
    nothing_more,
    says_yes,
    yes_or_no,
)
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import AskNode, DecideNode
from ivr.core.flow.values import ValueKind
from ivr.core.language import Language

_KEYS: dict[Language, tuple[tuple[tuple[str, ...], str, bool], ...]] = {
    "en": ((("one", "press one"), "press one", True), (("two", "press two"), "press two", False)),
    "zh": ((("一", "按一"), "按一", True), (("二", "按二"), "按二", False)),
}
"""A key by its name, as the question has it."""
_NOT_THIS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\bother\b|\bnot (?:that|this) one\b|\bwrong one\b"),
    "zh": re.compile("不是(?:这|那)(?:个|天)|弄错了"),
}
"""Beside the other one by its name: one of several was taken up, and another is meant."""


def decide(world: World, place: Place, node: DecideNode, heard: Heard) -> Result:
    """An answer to a yes-or-no question: yes, no, another value, another matter."""
    # "all right, hurry up" is no wish for the earliest day
    plain = yes_or_no(world, place, heard) is True and nothing_more(world, place, heard.text)
    dear = node.consent or is_dear(world, place.intent) or does_at_once(world, node)
    if not dear and (by_key := _said_key(place, heard.text)) is not None:  # "one" is easily heard for "won't"
        return decided(world, place, node, yes=by_key)
    kept = keeps(world, place, heard.text)  # "keep the one on the third" says nothing of where it goes
    if not (node.consent or plain or kept) and (other := corrections.corrected(world, place, node, heard)) is not None:
        return other
    if (elsewhere := call_back_number.answered_with(world, place, node, heard)) is not None:
        return elsewhere
    answer = yes_or_no(world, place, heard, dear=dear)
    if (
        answer is None
        and not dear
        and (is_yes_with_stray(world, place, heard.text) or ends_with_yes(world, place, heard.text))
        and not says_more(world, place, heard)
    ):
        answer = True
    if answer is None and not node.consent and wording.none_of_these(heard.text, place.language):
        answer = False  # "have you no other days?"
    if answer is None and not dear and _restates(world, place, node, heard):
        answer = True
    refused = answer is False and begins_with_no(world, place, heard.text)
    # "grandad says yes, he is free on Saturday" leads on with a day that is not quite sure, for there is a yes
    weakly = begins_with_yes(world, place, heard.text, weak=True, of_times=True)  # "like i said, Thursday at two"
    agrees = answer is None and (weakly or says_yes(world, place, heard.text))
    said = heard.understood
    wishes_else = said is not None and said.wish is not None and (said.wish_certainty == "sure" or not agrees)
    least = BY_DAY_FROM if agrees else digits.SURE
    leads_on = not (refused or wishes_else) and answers_ahead(world, place, node.yes, heard, least)
    if answer is not True and not dear and leads_on:
        answer = True  # "before Christmas, but no Mondays" denies a day, and not the offer
    if answer is not True and not node.consent and (other := corrections.reopened(world, place, node, heard)):
        return other
    if answer is None and is_denied_by_name(world, place, place.intent, heard):
        return reasons.not_this(world, place, heard)
    if answer is None:
        return (
            _another_of_theirs(world, place, heard)
            or call_back_number.keeps_wish(world, place, node, heard)
            or other_matter.followed(world, place, heard)
            or other_matter.asked_about(world, place, heard)
            or failed(world, place, heard.failure)
        )
    if (
        answer is False
        and (other := _another_of_theirs(world, place, heard) or _rather(world, place, heard)) is not None
    ):
        return other
    # "no, it's Munich" holds the answer to the next question, and so may what was said beside a yes
    there = reasons.with_words(place, heard) if leads_on or not answer else place
    return decided(world, there, node, yes=answer)


def _restates(world: World, place: Place, node: DecideNode, heard: Heard) -> bool:
    """Whether what is asked about is named once more, and nothing beside it denies or doubts: "eleven, then", 对，改到四点."""
    said, slots, reader = heard.hypotheses or (Hypothesis(heard.text),), dict(place.slots), world.reader
    if reader is None or doubts(world, place, heard.text) or heard.parts or is_other(heard.understood, place.intent):
        return False  # "Saturday is better, what is a battery" compares, and asks
    same = 0
    for collect in corrections.open_to_correction(world, place, node):
        kind = collect.names_kind or collect.kind
        if kind not in ("date", "time"):
            continue
        found = reader.read(kind, said, place.language, world.now)
        if found and found[0].value != slots.get(collect.slot):
            return False
        if reader.window(kind, heard.text, place.language, world.now):
            return False
        same += bool(found)
    return same > 0


def _said_key(place: Place, text: str) -> bool | None:
    """Whether the key that was just named is said: "one", behind "say yes or press one"; None where none is."""
    told = " ".join(said.text for said in place.last).lower()
    keys = _KEYS[place.language]
    return next((yes for word, named, yes in keys if text.lower().strip(" .。") in word and named in told), None)


def _another_of_theirs(world: World, place: Place, heard: Heard) -> Result | None:
    """The other one, where one of several was taken up: "no, not that one, the other"; None where there is no other."""
    told_apart = own_choice.being_told_apart(world, place)
    other = own_choice.other_meant(heard.text, place.language) or _NOT_THIS[place.language].search(heard.text.lower())
    if told_apart is None or not other:
        return None
    chosen = dict(place.slots)[told_apart.slot]
    left = [name for name in offered.names(place, told_apart) if name != chosen]
    there = replace(answered(place), node=told_apart.name, asking=None, words=())
    if len(left) == 1:
        return quiet(enter(world, fill(there, told_apart, left[0], "spoken", checked=True), told_apart.next))
    return quiet(speaking.ask(world, there, told_apart.again))


def _rather(world: World, place: Place, heard: Heard) -> Result | None:
    """Another matter behind a no: "no, don't cancel it, put it to Monday"; None where there is none that is likely."""
    said, asks = heard.understood, next((node for node in world.flow.nodes.values() if isinstance(node, AskNode)), None)
    if said is None or asks is None or said.best is None or said.certainty == "none":
        return None
    others = [one for one in said.guesses if one.intent not in (place.intent, PERSON_INTENT)]
    denied = [one for one in said.guesses if denies_it(world, place, one.intent, heard.text)]
    guess = next((one for one in others if one not in denied), None)
    # behind what is denied by its name a little is enough to be asked about
    least = OTHER_FROM if said.certainty != "sure" and said.best not in denied else 0.0
    if guess is None or guess.confidence < least or (guess is not said.best and said.best not in denied):
        return None
    if guess is said.best and (led := other_matter.followed(world, place, heard, leaves=True)) is not None:
        return quiet(led)
    there = replace(answered(reasons.with_words(place, heard)), parts=(), stack=(), implied=None)
    there = replace(there, node=asks.name, understood=said, asking=Confirming(guess.intent))
    return quiet(speaking.question(world, there))


def says_more(world: World, place: Place, heard: Heard) -> bool:
    """Whether a value, a number or another matter is in it, or may be."""
    said = heard.hypotheses or (Hypothesis(heard.text),)
    if is_other(heard.understood, place.intent) or digits_in(world, place, said) or world.reader is None:
        return True
    return holds_value(world, place, heard)


def holds_value(world: World, place: Place, heard: Heard) -> bool:
    """Whether a day or an hour is in it, or what leaves some open."""
    kinds: tuple[ValueKind, ...] = ("date", "time")
    reader, said = world.reader, heard.hypotheses or (Hypothesis(heard.text),)
    return reader is not None and any(
        reader.read(kind, said, place.language, world.now) or reader.window(kind, heard.text, place.language, world.now)
        for kind in kinds
    )


def decided(world: World, place: Place, node: DecideNode, *, yes: bool) -> Result:
    """Yes or no to a question of the dialogue."""
    place = replace(answered(place), implied=None, consent=yes if node.consent else place.consent)
    place, commands = enter(world, place, node.yes if yes else node.no)
    return place, (*commands, Consent(yes)) if node.consent else commands
