"""What stays as it is where something is to be changed: "the Friday one, a bit later" keeps the day, and moves the hour."""

from __future__ import annotations

import re
from datetime import date, timedelta

from ivr.core.dialogue import wording
from ivr.core.dialogue.place import Place, World
from ivr.core.flow.nodes import CollectNode, DecideNode
from ivr.core.flow.values import Window, as_written
from ivr.core.language import Language

_SOONER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:earlier|sooner|bring (?:it|that|my \w+) forward)\b(?! the better)"),
    "zh": re.compile("(?:再|稍|稍微)?早[一]?(?:点|些)|提前|往前|太晚"),
}
_LATER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:later|push (?:it|that|my \w+) back)\b(?! the better)"),
    "zh": re.compile("(?:再|稍|稍微)?晚[一]?(?:点|些)|推迟|往后|太早"),
}
_NAMES_IT: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:one|ones|appointment|visit|booking|slot)\b"),
    "zh": re.compile("那个|这个|的那|那次|预约|那天"),
}
"""A day beside it says which one is meant, and not where it goes."""

_LEAVES: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:leave (?:it|that|things)(?: be| as (?:it|they) (?:is|was|are)| alone)?(?! (?:till|until|for|to|another)\b)"
        r"|as it (?:is|was)$"
        r"|keep (?:it|(?:the|my) \w+|what i have)$|forget (?:it|the change)"
        r"|(?:the|that) (?:same )?one (?:that )?i (?:have|had|got|'ve got))\b"
    ),
    "zh": re.compile("[不唔]改[了喇啦]?|不用改|别改|不换了|不挪了|不动了|照旧|[按照]原来的?$|还是原来那个|原来那个就"),
}


def than(text: str, language: Language, value: str) -> Window | None:
    """The times that are left by "a bit later" and "earlier" than one (HH:MM); None where neither is said, or both are."""
    text = text.lower().replace("’", "'")
    sooner, later = (words[language].search(text) for words in (_SOONER, _LATER))
    if (sooner is None) == (later is None):
        return None
    hour, minute = int(value[:2]), int(value[3:])
    at = hour * 60 + minute + (1 if later else -1)
    limit = f"{at // 60:02}:{at % 60:02}"
    return Window(since=limit) if later else Window(until=limit)


def stays(world: World, place: Place, node: CollectNode) -> str | None:
    """The day that a matter has now, where the sentence that led here changes its time alone; None where the day is open."""
    is_now = _day_now(place, node)
    if world.reader is None or not place.words or not is_now:
        return None
    text, reader = place.words[0].text, world.reader
    if reader.shifted(is_now, text, place.language) or _another_day(world, place, is_now, text):
        return None
    hours = reader.window("time", text, place.language, world.now)
    changes_time = (
        than(text, place.language, "12:00") is not None
        or bool(reader.read("time", place.words, place.language, world.now))
        or (hours is not None and hours.take != "any")
        or wording.same_as_before("date", text, place.language)
    )
    return is_now if changes_time else None


def _day_now(place: Place, node: CollectNode) -> str:
    """The day (ISO 8601) that a question is about to change; empty where it changes none."""
    is_now = place.values().get(node.usual or "", "")
    return is_now if node.kind == "date" and is_now and as_written("date", is_now) == is_now else ""


def is_left(world: World, place: Place, text: str) -> bool:
    """Whether nothing is to be changed after all, where something is being changed: "leave it, Friday is fine", 那就不改了."""
    node, filled = world.flow.nodes[place.node], set(dict(place.slots)) - place.former
    asked = [node] if isinstance(node, CollectNode) else []
    if isinstance(node, DecideNode):  # whether it is to be changed so
        asked = [one for one in world.flow.nodes.values() if isinstance(one, CollectNode) and one.slot in filled]
    changes = any(one.usual and place.values().get(one.usual) for one in asked)
    return changes and _LEAVES[place.language].search(text.lower().replace("’", "'")) is not None


def its_week(world: World, place: Place, node: CollectNode) -> tuple[str, ...]:
    """The days of the week of what is to be changed, of which a bare day of the week is one: "make it the Friday"."""
    is_now = _day_now(place, node)
    if not is_now:
        return ()
    day, today = date.fromisoformat(is_now), world.now.date().isoformat()
    week = ((day + timedelta(days=ahead - day.weekday())).isoformat() for ahead in range(7))
    return tuple(one for one in week if one > today)


def only_names_it(world: World, place: Place, node: CollectNode, value: str | None) -> bool:
    """Whether a day was said only to tell which one is meant: "the Friday one", where it is on a Friday."""
    is_now = _day_now(place, node)
    return bool(value and is_now and place.words) and not _another_day(world, place, is_now, place.words[0].text)


def hours_then(place: Place, following: CollectNode | None) -> Window | None:
    """What "a bit later" leaves open of the times of that day, for the question that follows it."""
    is_now = place.values().get((following and following.usual) or "", "")
    return than(place.words[0].text, place.language, is_now) if place.words and is_now else None


def _another_day(world: World, place: Place, is_now: str, text: str) -> bool:
    """Whether another day than the one of now is named; the same day of the week, beside "one", is the one of now."""
    assert world.reader
    found = world.reader.read("date", place.words, place.language, world.now)
    weekday = date.fromisoformat(is_now).weekday()
    names_it = _NAMES_IT[place.language].search(text.lower()) is not None
    return any(
        one.value != is_now and not (names_it and date.fromisoformat(one.value).weekday() == weekday) for one in found
    )
