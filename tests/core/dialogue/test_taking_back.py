"""Which steps can be taken back, and what is left of one that was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.core.caller import Preferences
from ivr.core.dialogue.asking import Confirming, Offering
from ivr.core.dialogue.messages import (
    CallBack,
    Command,
    Consent,
    HandOver,
    HangUp,
    Listen,
    LookUp,
    Prove,
    Remember,
    Silence,
    Speak,
    Started,
)
from ivr.core.dialogue.taking_back import (
    can_be_read_anew,
    can_be_taken_back,
    is_dear_at,
    only_waits,
    same_step,
    taken_back,
)
from tests.core.bigger_house import at, found
from tests.core.little_house import perhaps, sure, talk

WORLD = at()
SAID = Speak("how", 0, "How?", "en")
OVER = HandOver("late", None, "understood")


@pytest.mark.parametrize(
    ("commands", "can_be"),
    [
        ((), True),
        ((Silence(), SAID, Listen("open")), True),
        ((SAID, OVER), True),
        ((SAID, HangUp()), True),
        ((Listen("keys"), LookUp(1, "times", ())), True),
        ((Listen("keys"), LookUp(1, "book", ())), False),
        ((Prove(1, "pin"),), False),
        ((Consent(True),), False),
        ((Remember(Preferences()),), False),
        ((SAID, CallBack(OVER), HangUp()), False),
        ((SAID, Listen("digits", secret=True)), False),
        ((replace(SAID, secret=True), Listen("open")), False),
    ],
)
def test_commands(commands: tuple[Command, ...], can_be: bool) -> None:
    assert can_be_taken_back(WORLD, commands) == can_be


def test_what_was_asked_decides_whether_it_may_be_read_anew() -> None:
    reason, _ = talk(WORLD, Started())
    assert can_be_read_anew(reason)
    assert not can_be_read_anew(replace(reason, listening=None))
    assert not can_be_read_anew(replace(reason, listening=Listen("digits", secret=True)))
    assert not can_be_read_anew(replace(reason, asking=Offering(Preferences())))
    looking, _ = talk(WORLD, Started(), sure("late"), found(0))
    order, commands = talk(WORLD, Started(), sure("late"))
    assert can_be_read_anew(order) and looking.node == order.node and not only_waits(commands[-1])


def test_only_waiting_is_nothing_to_take_back() -> None:
    assert only_waits((Listen("digits"),)) and only_waits((Silence(), Listen("digits"))) and only_waits(())
    assert not only_waits((SAID, Listen("digits")))


def test_the_place_before_comes_back_and_numbers_of_look_ups_go_on() -> None:
    before, _ = talk(WORLD, Started())
    after = replace(before, node="status", ids=3)
    assert taken_back(before, after) == replace(before, ids=3)


def test_the_same_step_is_one_that_leads_to_the_same() -> None:
    one, _ = talk(WORLD, Started(), sure("late"))
    assert same_step(one, replace(one, ids=one.ids + 1, words=()))
    for other in (sure("invoice"), perhaps("late"), sure("person")):
        there, _ = talk(WORLD, Started(), other)
        assert not same_step(one, there)


def test_dear_is_what_is_asked_and_what_was_said() -> None:
    reason, _ = talk(WORLD, Started())
    assert not is_dear_at(WORLD, reason) and not is_dear_at(WORLD, replace(reason, intent="late"))
    assert is_dear_at(WORLD, replace(reason, intent="cancel"))
    assert is_dear_at(WORLD, replace(reason, asking=Confirming("cancel")))
