"""The sentences of a call: which form of a prompt, in which words, with every field said as its kind."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import cast

from ivr.core.dialogue import offered, wording
from ivr.core.dialogue.facts import day_fields, of_the_day
from ivr.core.dialogue.from_records import by_keys
from ivr.core.dialogue.messages import Speak
from ivr.core.dialogue.place import Place, World
from ivr.core.flow.flow import short_form
from ivr.core.flow.nodes import CollectNode
from ivr.core.flow.values import ValueKind
from ivr.core.language import Language

WEEK = "week."
"""Before the name of opening hours: the field that says them."""
Said = tuple[Place, tuple[Speak, ...]]
DAY = len("2026-11-25")
_OWN_KINDS = {"order": "digits", "digits": "digits", "said_day": "date", "opens": "time", "closes": "time"}
_ZH_KEYS = "一二三四五六七八"
_PART_EN, _PART_ZH = re.compile(r" (?:in the \w+|at night)$"), re.compile("凌晨|早上|上午|中午|下午|晚上")


def say(world: World, place: Place, name: str, fields: dict[str, str] | None = None) -> Said:
    """One prompt in the language of the call, in its next variant, with every field said as its kind.

    Who knows the house, and gets on with it, hears the short form where there is one, the first time.
    """
    counts = dict(place.said)
    before = counts.get(name, 0)
    counts[name] = before + 1
    if not before and short_form(name) in world.flow.prompts and _gets_on(world, place):
        name = short_form(name)
    variants = world.flow.prompts[name].variants[place.language]
    variant = before % len(variants)
    names = wording.field_names(variants[variant])
    secret = bool(names & _secret_slots(world))
    values = {**wording.fields(world.caller, place.language), **place.values(), **(fields or {})}
    if names & day_fields(world):
        values |= of_the_day(world, place)
    values |= {name: _week(world, place, name) for name in names if name.startswith(WEEK)}
    if place.intent and place.intent in world.flow.intents:
        values = intent_fields(world, place, place.intent) | values
    text = wording.fill(variants[variant], values, lambda n, v, kind: _spoken(world, place.language, n, v, kind))
    if not text:  # a field that nobody knows was all of it
        return replace(place, said=tuple(counts.items())), ()
    spoken = Speak(
        name, variant, text, place.language, slow=place.manner.slow, loud=place.manner.loud, secret=secret
    )  # fmt: skip
    return replace(place, said=tuple(counts.items())), (spoken,)


def _week(world: World, place: Place, name: str) -> str:
    return world.speller.week(world.flow.hours[name.removeprefix(WEEK)].weekly, place.language)


def _gets_on(world: World, place: Place) -> bool:
    """Whether the caller needs no explanation: they know the house, nothing has failed yet, and nothing was to be said slower."""
    return not (place.manner.slow or place.troubles) and world.caller.knows_the_house(world.now)


def _secret_slots(world: World) -> frozenset[str]:
    return frozenset(n.slot for n in world.flow.nodes.values() if isinstance(n, CollectNode) and n.secret)


def _spoken(world: World, language: Language, name: str, value: str, kind: str | None) -> str:
    wanted = kind or world.flow.slot_kinds.get(name) or _OWN_KINDS.get(name.partition(".")[0])
    if wanted is None or wanted == "name":
        return value
    if wanted == "date" and len(value) > DAY:
        value = value[:DAY]  # a source gave a moment, and its day is wanted
    if wanted == "time" and len(value) > DAY:
        value = value[DAY + 1 : DAY + 6]
    return world.speller.spoken(cast("ValueKind", wanted), value, language, world.now)


def value_field(world: World, place: Place, node: CollectNode, value: str) -> dict[str, str]:
    """A value as a sentence says it back."""
    return {"value": _spoken(world, place.language, node.slot, value, node.names_kind or node.kind)}


def day_field(world: World, place: Place, day: str) -> dict[str, str]:
    """A day (ISO 8601) as a sentence says it."""
    return {"value": _spoken(world, place.language, "", day, "date")}


def options(world: World, place: Place, node: CollectNode) -> str:
    """Names read out; with their keys for who presses them, or was not understood."""
    kind, language = node.names_kind or "name", place.language
    said = [_spoken(world, language, "", name, kind) for name in offered.names(place, node)]
    if not (place.keyed or place.language not in world.hears or by_keys(world, place) or node.name in dict(place.here)):
        *most, last = _said_once(said, language) or [""]
        if language == "zh":
            return "、".join(most) + ("或者" if most else "") + last + "。"
        return ", ".join(most) + (" or " if most else "") + last + "."
    if language == "zh":
        return "".join(f"{name}，请按{_ZH_KEYS[number - 1]}。" for number, name in enumerate(said, 1))
    return " ".join(f"For {name}, press {number}." for number, name in enumerate(said, 1))


def _said_once(said: list[str], language: Language) -> list[str]:
    """Without the part of the day where the neighbour says it: "half past nine, eleven o'clock in the morning"."""
    short = list(said)
    for at, (one, other) in enumerate(pairwise(said)):
        if language == "zh":
            part = _PART_ZH.match(one)
            if part and other.startswith(part[0]):
                short[at + 1] = other.removeprefix(part[0])
        elif (part := _PART_EN.search(one)) and other.endswith(part[0]):
            short[at] = one.removesuffix(part[0])
    return short


def intent_fields(world: World, place: Place, name: str) -> dict[str, str]:
    """What sentences may say of an intent."""
    intent = world.flow.intents[name]
    return {"title": intent.title[place.language], "about": intent.spoken(place.language)}
