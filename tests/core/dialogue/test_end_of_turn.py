"""Whether somebody has finished, by the words so far: one table, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.core.dialogue import Place, World, step
from ivr.core.dialogue.asking import Confirming
from ivr.core.dialogue.end_of_turn import Turn, goes_on, judged
from ivr.core.dialogue.messages import Heard, Started
from ivr.core.dialogue.speaking import listening
from ivr.core.dialogue.taking_back import can_be_taken_back
from ivr.core.dialogue.words.yes_and_no import SENSES
from ivr.core.flow.intent import Certainty, Guess, Understood
from ivr.core.flow.values import Reading
from ivr.core.language import Language
from tests.core.bigger_house import LIN_IN_TIME, at, found
from tests.core.little_house import sure, talk

START = Started()


def understood(text: str) -> Heard:
    """The first word names the matter; "maybe" in it makes it doubtful."""
    word = text.split()[0] if text.split() else ""
    known = word in ("late", "invoice", "cancel", "hours", "visit", "person")
    certainty: Certainty = "none" if not known else "confirm" if "maybe" in text else "sure"
    guesses = (Guess(word, 0.8),) if known else ()
    return Heard(text, Understood(text, guesses, certainty, 0.9), readings=())


def turn(world: World, place: Place, *hearings: str) -> Turn:
    return judged(world, place, listening(world, place), hearings, understood)


WORLD = at()
THURSDAY = (Reading("2026-11-26", 1.0),)
REASON, _ = talk(WORLD, START)
ORDER, _ = talk(WORLD, START, sure("late"))
CONFIRMED = replace(REASON, asking=Confirming("invoice"))
DEAR = replace(REASON, asking=Confirming("cancel"))
DAY, _ = talk(WORLD, START, sure("visit"))
ELSE = replace(REASON, node="else")
BOOKING = replace(DAY, node="sure", slots=(("day", "2026-11-26"), ("time", "09:30")))


def with_listening(place: Place, world: World = WORLD) -> Place:
    """The place as a step would have left it."""
    return replace(place, listening=listening(world, place))


@pytest.mark.parametrize(
    ("place", "hearings", "expected"),
    [
        # a matter
        (REASON, ("late",), "whole"),
        (REASON, ("late maybe",), "usual"),
        (REASON, ("invoice please",), "whole"),
        (REASON, ("cancel",), "usual"),  # dear: said back anyhow, and not before they have finished
        (REASON, ("what",), "usual"),
        (REASON, ("",), "usual"),
        (REASON, ("late and",), "unfinished"),
        (REASON, ("i want to",), "unfinished"),
        (REASON, ("um",), "unfinished"),
        (ELSE, ("no that's all",), "whole"),
        (ELSE, ("no but",), "unfinished"),
        # yes and no: in both hearings, and plainly
        (CONFIRMED, ("yes", "yes"), "whole"),
        (CONFIRMED, ("yes", "yes please"), "whole"),
        (CONFIRMED, ("yes", "yes but"), "unfinished"),
        (CONFIRMED, ("yes", "yesterday"), "usual"),
        (CONFIRMED, ("yes", "no"), "usual"),
        (CONFIRMED, ("yes", ""), "usual"),
        (CONFIRMED, ("yes",), "usual"),
        (CONFIRMED, ("", "i guess so"), "usual"),
        (DEAR, ("yes", "yes"), "usual"),
        (BOOKING, ("yes", "yes"), "final"),
        (BOOKING, ("no", "no"), "whole"),
        # numbers of known length
        (ORDER, ("four seven one one", "four seven one one"), "whole"),
        (ORDER, ("four seven one one", "four seven oh one"), "all_digits"),
        (ORDER, ("four seven one", "four seven one one"), "unfinished"),
        (ORDER, ("four seven one one one", "four seven one one one"), "all_digits"),
        (ORDER, ("four", "my number is four"), "unfinished"),
        (ORDER, ("", "my number is"), "unfinished"),
        (ORDER, ("", "person"), "usual"),
        # values are thought about
        (DAY, ("thursday",), "usual"),
        (DAY, ("um thursday or",), "unfinished"),
    ],
)
def test_turn(place: Place, hearings: Sequence[str], expected: Turn) -> None:
    assert turn(WORLD, with_listening(place), *hearings) == expected


@pytest.mark.parametrize(
    ("text", "language", "open_ended"),
    [
        ("well", "en", True), ("i think so", "en", False), ("my order is", "en", True), ("where is my order", "en", False),
        ("yes it is", "en", False), ("yes and", "en", True), ("can i come in", "en", False), ("i'd like", "en", True),
        ("let me see", "en", True), ("", "en", False),
        ("那个", "zh", True), ("我想", "zh", True), ("我的号码是", "zh", True), ("我要退货", "zh", False), ("嗯", "zh", True),
        ("我的订单在哪里", "zh", False), ("因为", "zh", True), ("是的", "zh", False), ("订单晚了 还有", "zh", True),
    ],
)  # fmt: skip
def test_what_plainly_goes_on(text: str, language: Language, open_ended: bool) -> None:
    assert goes_on(text, language) == open_ended


def test_nobody_is_hurried_while_a_secret_is_said_or_a_source_is_asked() -> None:
    card = with_listening(replace(REASON, node="card"))
    assert turn(WORLD, card, "one two three four five six seven eight") in ("usual", "unfinished")
    known = at(LIN_IN_TIME)
    looking, _ = talk(known, START, sure("visit"), Heard("thursday", None, readings=THURSDAY))
    assert looking.busy and turn(known, looking, "late", "late") == "usual"
    free, _ = talk(known, START, sure("visit"), Heard("thursday", None, readings=THURSDAY), found(1, {"at": "09:30"}))
    assert free.node == "time" and turn(known, free, "thursday") == "usual"


words = st.lists(
    st.sampled_from(
        ["late", "invoice", "cancel", "yes", "no", "but", "four", "seven", "one", "thursday", "um", "person"]
    )
)
places = st.sampled_from([REASON, ORDER, CONFIRMED, DEAR, DAY, ELSE, BOOKING])


@given(places, words, words)
def test_whole_is_only_what_can_be_taken_back(place: Place, first: list[str], second: list[str]) -> None:
    place, freely = with_listening(place), " ".join(second)
    if turn(WORLD, place, " ".join(first), freely) == "whole":
        there, commands = step(WORLD, place, understood(freely))
        assert can_be_taken_back(WORLD, commands) and there.troubles == place.troubles


def test_what_answers_a_question_in_so_many_words_is_over() -> None:
    spoken = {
        sense: [" ".join(phrase) for phrase, its in SENSES["en"].items() if its == sense] for sense in ("yes", "no")
    }
    open_ended = {text for text in (*spoken["yes"], *spoken["no"]) if goes_on(text, "en")}
    assert open_ended == {"it is", "i am"}, "where no yes is asked for, these begin a sentence"
    assert turn(WORLD, with_listening(BOOKING), "", "it is") == "usual"
    question = with_listening(replace(BOOKING, language="zh"))
    assert turn(WORLD, question, "", "嗯") == "usual", "half a yes where yes or no is asked"
    assert turn(WORLD, with_listening(replace(REASON, language="zh")), "嗯") == "unfinished"
