"""Answers that were given before they were asked for: "I would like to bring in my watch on Thursday"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from ivr.core.dialogue import as_it_is, digits, offered, own_choice, wording
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.words.digit_limits import possible
from ivr.core.dialogue.words.other_words import digits_in
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import BranchNode, CollectNode, LookUpNode, SayNode
from ivr.core.flow.values import Window, as_written

_ONE_AFTER = re.compile(r"\bthe (?:next )?(?:one|slot) (?:just |right )?(?:after|before)\b")
_WEEKS_AHEAD = 10
_FAR = 6
"""Nodes that are looked over for the next question."""
DOUBTED_FROM = 4
"""Digits from which a number among other words is said back."""
DOUBTED_DAY = 0.4
"""Share of belief from which a day is said back: "next Tuesday" may be either of two."""
LIKELY = 0.5
"""Share of belief from which a value is told not to be had: nothing is lost by that."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value that was given before it was asked for."""

    value: str
    how: Literal["spoken", "keys"]
    checked: bool
    """Whether it is known to exist."""


def volunteered(world: World, place: Place, node: CollectNode) -> Given | None:
    """The value in the sentence that led here, or the number that was typed; None where there is none, or some doubt.

    A secret is never taken so, and a plain number neither: any sentence may hold one.
    """
    if node.secret or node.kind == "number":
        return None
    if node.kind == "digits":
        return _typed(world, place, node) or _digits(world, place, node)
    if not place.words:
        return None
    if node.own:
        mine = own_choice.meant(world, place, node, place.words)
        return Given(mine, "spoken", checked=True) if mine else None
    if node.kind == "date" and (day := told_from_another(world, place, node, place.words[0].text)):
        return Given(day, "spoken", checked=False)
    same = as_before(world, place, node, place.words[0].text)
    value = same if node.kind != "name" or same in offered.names(place, node) else None
    doubted = node.names_kind is not None and _asks_before_it_acts(world, node.next)
    value = value or read_for(world, place, node, place.words, offered.CHOSEN_FROM if doubted else digits.SURE)
    if value is None or (node.usual and as_it_is.only_names_it(world, place, node, value)):
        return None
    return Given(value, "spoken", node.kind == "name")


def _asks_before_it_acts(world: World, name: str) -> bool:
    """Whether a question comes before anything is written: "cancel the Thursday one" is said back, then."""
    ahead = world.flow.up_to_questions(name)
    return not any(isinstance(node, LookUpNode) and world.flow.lookups[node.lookup].writes for node in ahead)


def stays(world: World, place: Place, node: CollectNode) -> bool:
    """Whether a question has its answer already: the order of the matter before, too, where no other one is named."""
    if node.anew or node.slot not in dict(place.slots):
        return False
    named = node.slot in place.former and (volunteered(world, place, node) or to_say_back(world, place, node))
    return not named


def given_already(world: World, place: Place, node: CollectNode) -> Given | None:
    """What was given already: said before, or left to us. What is asked anew has had an answer that did not do."""
    if (one := offered.picked(place, node)) is not None:
        return Given(one, "spoken", checked=True)
    if node.usual and (day := as_it_is.stays(world, place, node)) is not None:
        return Given(day, "spoken", checked=True)
    if place.had_answer(node.name, node.slot):  # "the day after, at the same time"
        same = as_before(world, place, node, place.words[0].text) if place.words and node.names_kind else None
        return Given(same, "spoken", checked=True) if same in offered.names(place, node) else None
    given = volunteered(world, place, node)
    return None if given and given.how == "spoken" and node.confirm == "always" else given  # that is said back


def read_for(world: World, place: Place, node: CollectNode, words: Sequence[Hypothesis], least: float) -> str | None:
    """The value for a question, no digits, in words that answered another; None below a share of belief of ``least``."""
    if world.reader is None:
        return None
    names = offered.names(place, node) if node.kind == "name" else ()
    left_open = place.left_open(node.slot) if node.kind == "date" else None
    if node.kind == "date":
        names = as_it_is.its_week(world, place, node) or _days_meant(
            world, place, node, dict(place.slots).get(node.slot)
        )
    found = world.reader.read(node.names_kind or node.kind, words, place.language, world.now, names)
    if node.offer is not None:  # "yesterday it fell into the sea" is no day to come on
        found = tuple(one for one in found if one.value >= world.now.date().isoformat())
    if left_open:
        found = tuple(one for one in found if one.value in names)
    if node.names_kind:  # by what they are; "the second one" was another's place
        lost = sum(one.share for one in found if node.names_kind == "time" and one.value not in names)
        found = tuple(one for one in found if one.value in names)
        if len(found) == 1:  # half past two at night is none of them: by day, then
            found = (replace(found[0], share=found[0].share + lost),)
    if not found or found[0].share < least or (node.kind == "name" and found[0].value not in names):
        return None
    return found[0].value


def first_question(world: World, name: str | None) -> CollectNode | None:
    """The value that is asked for first from a node on, over look-ups and sentences; None where something else comes first."""
    for _ in range(_FAR):
        match world.flow.nodes.get(name or ""):
            case CollectNode() as node:
                return node
            case SayNode(next=following) | LookUpNode(found=following) | BranchNode(next=following):
                name = following
            case _:
                return None
    return None


def told_from_another(world: World, place: Place, node: CollectNode, text: str) -> str | None:
    """A day told from the one that is talked of, of before or looked up; where times are read out, "the one after" is a time."""
    if world.reader is None or (node.names_kind or node.kind) != "date":
        return None
    asked = world.flow.nodes[place.node]
    of_times = isinstance(asked, CollectNode) and asked.names_kind == "time" and _ONE_AFTER.search(text.lower())
    if of_times and not world.reader.read("date", (Hypothesis(text),), place.language, world.now):
        return None
    looked_up = {
        value for _, rows in place.rows if len(rows) == 1 for _, value in rows[0] if as_written("date", value) == value
    }
    given = dict(place.slots).get(node.slot) if not node.usual or node.slot not in place.former else None
    is_now = place.values().get(node.usual) if node.usual else None
    base = given or is_now or (next(iter(looked_up)) if len(looked_up) == 1 else None)
    written = as_written("date", base) if base else None
    day = world.reader.shifted(written, text, place.language) if written else None
    return day if day and day >= world.now.date().isoformat() else None


def _days_in(world: World, window: Window) -> tuple[str, ...]:
    """The days of the next weeks that are left open."""
    days = ((world.now.date() + timedelta(days=ahead)).isoformat() for ahead in range(_WEEKS_AHEAD * 7))
    return tuple(day for day in days if window.fits(day))


def _days_meant(world: World, place: Place, node: CollectNode, talked_of: str | None) -> tuple[str, ...]:
    """The days among which a bare day of the week is meant, after "not this week but the one after"; empty: of any week."""
    if left_open := place.left_open(node.slot):
        return _days_in(world, left_open)
    day = as_written("date", talked_of) if talked_of else None
    return offered.days_around(world, day) if day else ()


def as_before(world: World, place: Place, node: CollectNode, text: str) -> str | None:
    """The time or the day that is to stay as it was: "same time, please"; None where none was known, or no such thing is said."""
    kind = node.names_kind or node.kind
    if not wording.same_as_before(kind, text, place.language):
        return None
    known = {
        value for _, rows in place.rows if len(rows) == 1 for _, value in rows[0] if as_written(kind, value) == value
    }
    before = dict(place.slots).get(node.slot)
    return before or (next(iter(known)) if len(known) == 1 else None)


def answers_ahead(world: World, place: Place, name: str | None, heard: Heard, least: float = digits.SURE) -> bool:
    """Whether it answers what is asked first from a node on: "Wednesday at ten" at "Shall I find you a time?"."""
    target = first_question(world, name)
    if target is None or target.secret or target.kind not in ("date", "time", "name", "digits"):
        return False
    said = heard.hypotheses or (Hypothesis(heard.text),)
    if target.kind == "digits":
        return to_say_back(world, replace(place, words=said), target) is not None
    if read_for(world, place, target, said, least) is not None:
        return True
    reader, text = world.reader, heard.text
    return (
        target.offer is not None and reader is not None and bool(reader.window("date", text, place.language, world.now))
    )


def not_offered(world: World, place: Place, node: CollectNode, words: Sequence[Hypothesis]) -> str | None:
    """A value that was understood and is none of those that can be had: "nine", where half past nine and eleven are."""
    if node.names_kind is None or world.reader is None:
        return None
    near: tuple[str, ...] = ()
    if node.names_kind == "date":  # "Friday", beside the days that were read out
        first = next((one for one in offered.names(place, node) if as_written("date", one)), None)
        near = _days_meant(world, place, node, first)
    found = world.reader.read(node.names_kind, words, place.language, world.now, near)
    if node.names_kind == "time":  # nobody comes at nine in the evening where nine in the morning may be meant
        found = tuple(sorted(found, key=lambda one: not "07" <= one.value[:2] < "19"))
    if not found or sum(one.share for one in found) < LIKELY or found[0].value in offered.names(place, node):
        return None
    return found[0].value


def days_left_open(world: World, place: Place, node: CollectNode) -> Place | None:
    """The place with what the sentence that led here leaves open among days ("as soon as possible"); None where nothing is open.

    What was weighed as left open is no value any more.
    """
    if not place.words or world.reader is None or place.had_answer(node.name, node.slot):
        return None
    window = world.reader.window("date", place.words[0].text, place.language, world.now)
    if window is None:
        return None
    return replace(place, narrowed=(node.slot, window), hours=hours_left_open(world, place), words=())


def hours_left_open(world: World, place: Place) -> Window | None:
    """What the sentence that led here says of the time of day, for when times are read out: "next week, but no mornings"."""
    return _hours_in(world, place) or place.hours


def _hours_in(world: World, place: Place) -> Window | None:
    """The part of the day in those words; "as early as you can" is of the time where a day is named beside it."""
    if not place.words or world.reader is None:
        return None
    window = world.reader.window("time", place.words[0].text, place.language, world.now)
    of_time = window and window.take != "any" and world.reader.read("date", place.words, place.language, world.now)
    return window if window is None or not window.take or of_time else None


def leaves_open(world: World, place: Place, node: CollectNode) -> bool:
    """Whether the sentence that led here leaves some of it open: "before three" names no three o'clock."""
    said, kind = place.words, node.names_kind
    if world.reader is None or kind is None or not said:
        return False
    window = world.reader.window(kind, said[0].text, place.language, world.now)
    return window is not None and bool(window.since or window.until)


def left_open(world: World, place: Place, node: CollectNode) -> Place:
    """The place with what the sentence that led here leaves open: the afternoon of "Thursday afternoon" narrows the times."""
    kind = node.names_kind
    told_already = place.narrowed is not None and place.narrowed[0] == node.slot
    if world.reader is None or kind is None or told_already or node.own:
        return place
    if kind == "time":
        window = hours_left_open(world, place)
    else:
        window = world.reader.window(kind, place.words[0].text, place.language, world.now) if place.words else None
        window = None if window and window.take else window
    if window is None:
        return place
    there = replace(place, narrowed=(node.slot, window), hours=window if kind == "time" else place.hours)
    return there if offered.names(there, node) else place


def _typed(world: World, place: Place, node: CollectNode) -> Given | None:
    limits = possible(world, place, node)
    verdict = digits.judge((digits.keys(place.number),), limits) if place.number else None
    return Given(verdict.digits, "keys", verdict.checked) if isinstance(verdict, digits.Taken) else None


def _digits(world: World, place: Place, node: CollectNode) -> Given | None:
    found = _spoken_digits(world, place, node)
    return Given(found[0].digits, "spoken", found[0].checked) if found and found[1] else None


def to_say_back(world: World, place: Place, node: CollectNode) -> str | None:
    """A value in the sentence that led here that needs a yes: where every one does, or a number or a day beside other words.

    "I want to send back order 4711", "is the tenth any good for you"; a short number is too easily none at all.
    """
    if node.secret or place.had_answer(node.name, node.slot):
        return None
    if node.confirm == "always" and (given := volunteered(world, place, node)) and given.how == "spoken":
        return given.value
    if node.kind == "date" and place.words and world.reader is not None:
        left_open = world.reader.window("date", place.words[0].text, place.language, world.now)
        day = None if left_open else read_for(world, place, node, place.words, DOUBTED_DAY)
        return None if node.usual and as_it_is.only_names_it(world, place, node, day) else day
    if node.kind != "digits":
        return None
    found = _spoken_digits(world, place, node)
    return found[0].digits if found and len(found[0].digits) >= DOUBTED_FROM else None


def _spoken_digits(world: World, place: Place, node: CollectNode) -> tuple[digits.Taken, bool] | None:
    """The digits in the sentence that led here, and whether nothing around them may change them."""
    part = digits.said((one.value, one.share) for one in digits_in(world, place, place.words))
    verdict = digits.judge((part,), possible(world, place, node)) if part else None
    if part is None or not isinstance(verdict, digits.Taken):
        return None
    return verdict, sum(share for _, share in part.options) >= digits.SURE
