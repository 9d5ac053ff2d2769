"""Another value instead of yes or no: "no, make it eleven" at "the second of December at half past two. Shall I book it?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ivr.core.dialogue import as_it_is, digits, offered, wording
from ivr.core.dialogue.answers_in_advance import first_question, not_offered, read_for, told_from_another
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.questions import narrowing
from ivr.core.dialogue.questions.collecting import cannot_be_had
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, fill
from ivr.core.dialogue.words.digit_limits import possible
from ivr.core.dialogue.words.other_words import digits_in
from ivr.core.dialogue.words.yes_and_no import yes_or_no
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import CollectNode, DecideNode
from ivr.core.flow.values import Window
from ivr.core.language import Language

_ON: dict[Language, str] = {"en": "on ", "zh": "在"}
_CLOCK = 4
"""Digits of a time of day; more are a telephone number."""
LIKELY = 0.5
"""Share of belief from which another value is taken: what comes next says it back."""
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|月|month|day\b|tomorrow|周|星期|礼拜|天"
)
"""What says more of a day than its number."""


def corrected(world: World, place: Place, node: DecideNode | CollectNode, heard: Heard) -> Result | None:
    """What follows where a value of the question was given anew; None where none was.

    Where names are offered, "the second" is the second of them, and no day of the month.
    """
    hypotheses = heard.hypotheses or (Hypothesis(heard.text),)
    asked = isinstance(node, CollectNode)
    if isinstance(node, CollectNode):
        if world.reader and world.reader.placed(hypotheses, place.language, offered.names(place, node)):
            return None
        hypotheses = _no_keys(hypotheses, place.language)
    elif (chosen := _by_place(world, place, node, hypotheses)) is not None:
        return chosen
    least = digits.SURE if asked and not narrowing.CHANGES.search(heard.text.lower()) else LIKELY
    collects = open_to_correction(world, place, node)
    found = _anew(world, place, node, collects, heard, hypotheses, least)
    return found if found or asked else _had_by_others(world, place, collects, heard, hypotheses)


def _had_by_others(
    world: World, place: Place, collects: Sequence[CollectNode], heard: Heard, hypotheses: Sequence[Hypothesis]
) -> Result | None:
    """What follows where another time was given that cannot be had: "make it half past two", which is taken."""
    digits_said = max((len(one.value) for one in digits_in(world, place, hypotheses)), default=0)
    if world.reader is None or digits_said > _CLOCK or yes_or_no(world, place, heard) is True:
        return None
    for collect in collects:
        if collect.names_kind != "time" or world.reader.window("time", heard.text, place.language, world.now):
            continue
        value = not_offered(world, place, collect, hypotheses)
        if value is not None and value != dict(place.slots).get(collect.slot):
            return cannot_be_had(world, _back_at(place, collect), collect, value)
    return None


def _by_place(world: World, place: Place, node: DecideNode, hypotheses: Sequence[Hypothesis]) -> Result | None:
    """Another of what was read out before the question, by its place: "no wait, the second"."""
    for collect in open_to_correction(world, place, node):
        names = offered.names(place, collect) if collect.kind == "name" else ()
        found = world.reader.placed(hypotheses, place.language, names) if world.reader and names else ()
        if found and found[0].share >= digits.SURE and found[0].value != dict(place.slots).get(collect.slot):
            return _taken(world, place, collect, found[0].value)
    return None


def earlier(world: World, place: Place, node: CollectNode, heard: Heard) -> Result | None:
    """What follows where a day or a time that was settled before is given anew: "make it Monday", asked for a phone number."""
    filled = dict(place.slots)
    collects = [
        one
        for one in world.flow.nodes.values()
        if isinstance(one, CollectNode) and one.slot in filled and one.slot != node.slot and not one.secret
        and one.slot not in place.former and (one.names_kind or one.kind) in ("date", "time")
    ]  # fmt: skip
    hypotheses = _no_keys(heard.hypotheses or (Hypothesis(heard.text),), place.language)
    least = LIKELY if narrowing.CHANGES.search(heard.text.lower()) else digits.SURE
    return _anew(world, place, node, collects, heard, hypotheses, least)


def _anew(
    world: World,
    place: Place,
    node: DecideNode | CollectNode,
    collects: Sequence[CollectNode],
    heard: Heard,
    hypotheses: Sequence[Hypothesis],
    least: float,
) -> Result | None:
    for collect in collects:
        value = _value(world, place, collect, hypotheses, least)
        before = dict(place.slots).get(collect.slot)
        if value is None or value == before or _same_day_of_month(collect, before, value, heard.text):
            continue
        if isinstance(node, CollectNode) and first_question(world, collect.next) is node:
            # the answer to this question may be in it as well: "no, Friday, Friday at four"
            place = replace(place, words=heard.hypotheses, slots=tuple(s for s in place.slots if s[0] != node.slot))
        return _taken(world, place, collect, value)
    return None


def _same_day_of_month(collect: CollectNode, before: str | None, value: str, text: str) -> bool:
    """Whether it is the day at hand by its number alone: "is the eleventh a holiday?", where 11 January was said back."""
    of_date = (collect.names_kind or collect.kind) == "date"
    return of_date and before is not None and before[-2:] == value[-2:] and _MONTH.search(text.lower()) is None


def _back_at(place: Place, collect: CollectNode) -> Place:
    """The place at an earlier question; what comes next are other questions now, however often they were put."""
    return replace(answered(place), node=collect.name, asking=None, implied=None, visits=())


def _taken(world: World, place: Place, collect: CollectNode, value: str) -> Result:
    """The value counts."""
    return enter(
        world, fill(_back_at(place, collect), collect, value, "spoken", checked=collect.kind == "name"), collect.next
    )


def reopened(world: World, place: Place, node: DecideNode | CollectNode, heard: Heard) -> Result | None:
    """What follows where a day or a time is open again: "rather in the afternoon" at "Monday at nine. Shall I book it?"."""
    collects = open_to_correction(world, place, node)
    filled = list(dict(place.slots))
    for collect in sorted(collects, key=lambda one: -filled.index(one.slot)):  # "the later one" is of what came last
        kind = collect.names_kind or collect.kind
        if kind not in ("date", "time") or world.reader is None:
            continue
        window = world.reader.window(kind, heard.text, place.language, world.now)
        relative = (
            as_it_is.than(heard.text, place.language, dict(place.slots)[collect.slot]) if kind == "time" else None
        )
        window = relative or window
        if window is None or window == Window(take="any"):  # "you choose" is content with what was chosen
            continue
        there = replace(_back_at(place, collect), narrowed=None)
        if (open_ := narrowing.narrowed(world, there, collect, heard, None, relative)) is not None:
            return open_
    return None


def _no_keys(said: Sequence[Hypothesis], language: Language) -> tuple[Hypothesis, ...]:
    """With a word before them, figures are no date by keys: "nine thirty" is a time, and not the thirtieth of September."""
    return tuple(replace(one, text=_ON[language] + one.text) for one in said)


def open_to_correction(world: World, place: Place, node: DecideNode | CollectNode) -> list[CollectNode]:
    """The questions whose answers this one says back: its own fields, and what its look-ups were asked with."""
    filled = set(dict(place.slots)) - place.former
    wanted: list[str] = []
    for text in world.flow.prompts[node.prompt].variants[place.language]:
        for field in sorted(wording.field_names(text)):
            lookup = world.flow.lookups.get(field.partition(".")[0])
            wanted += [field] if lookup is None else lookup.takes
    collects = [one for one in world.flow.nodes.values() if isinstance(one, CollectNode) and not one.secret]
    return [one for name in dict.fromkeys(wanted) if name in filled for one in collects if one.slot == name]


def _value(world: World, place: Place, node: CollectNode, hypotheses: Sequence[Hypothesis], least: float) -> str | None:
    """The value for this question in an answer to another."""
    if (day := told_from_another(world, place, node, hypotheses[0].text)) is not None:
        return day if node.kind == "date" else None
    if node.kind == "digits":
        part = digits.said((one.value, one.share) for one in digits_in(world, place, hypotheses))
        verdict = digits.judge((part,), possible(world, place, node)) if part else None
        return verdict.digits if isinstance(verdict, digits.Taken | digits.Unsure) else None
    return read_for(world, place, node, hypotheses, least)
