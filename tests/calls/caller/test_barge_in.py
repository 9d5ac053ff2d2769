"""Barge-in in two steps: a voice holds the prompt, a word ends it, and nothing else does."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ivr.calls.caller.barge_in import HELD_S, BargeIn
from ivr.calls.caller.ports import LineOwner


@dataclass
class Line:
    """A line that notes what is done to it."""

    talking: bool = True
    held: bool = False
    done: list[str] = field(default_factory=list)

    def play(self, pcm: bytes) -> None:
        self.talking = True

    def cut(self) -> bool:
        was, self.talking, self.held = self.talking, False, False
        self.done.append("cut" if was else "nothing to cut")
        return was

    def hold(self) -> bool:
        self.held = self.talking
        self.done.append("hold")
        return self.talking

    def resume(self) -> None:
        self.held = False
        self.done.append("resume")

    def attach(self, owner: LineOwner) -> None: ...

    def close(self) -> None: ...


@dataclass
class Interrupting:
    """A line on which something is being said, and what became of it."""

    line: Line = field(default_factory=Line)
    over: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.barge_in = BargeIn(self.line, lambda: self.over.append(True))


def test_a_voice_holds_and_a_word_ends() -> None:
    it = Interrupting()
    it.barge_in.began(0)
    it.barge_in.partial("", "en")
    it.barge_in.partial("mm", "en")
    assert it.line.done == ["hold"] and it.over == []
    it.barge_in.partial("mm my", "en")
    assert it.line.done == ["hold", "cut"] and it.over == [True]
    it.barge_in.partial("mm my watch", "en")
    assert it.barge_in.ended("my watch", "en") is False
    assert it.line.done == ["hold", "cut"] and it.over == [True], "once is enough"


@pytest.mark.parametrize(
    ("text", "language", "goes_on"),
    [
        ("", "en", True),
        ("mm", "en", True),
        ("嗯嗯", "zh", True),
        ("yes", "en", False),
        ("对", "zh", False),
        ("嗯", "en", False),
    ],
)
def test_the_end_of_an_utterance_decides(text: str, language: str, goes_on: bool) -> None:
    it = Interrupting()
    it.barge_in.began(0)
    assert it.barge_in.ended(text, language) is goes_on  # type: ignore[arg-type]
    assert it.line.done == ["hold", "resume" if goes_on else "cut"]
    assert it.over == [True] * (not goes_on)


def test_into_silence_there_is_nothing_to_interrupt() -> None:
    it = Interrupting(Line(talking=False))
    it.barge_in.began(0)
    it.barge_in.partial("yes", "en")
    assert it.barge_in.ended("yes", "en") is False and it.barge_in.ended("", "en") is False
    it.barge_in.reset()
    it.barge_in.clock(100)
    assert it.line.done == [] and it.over == []


def test_last_words_are_not_interrupted() -> None:
    it = Interrupting()
    it.barge_in.allowed = False
    it.barge_in.began(0)
    it.barge_in.partial("wait", "en")
    assert it.barge_in.ended("wait", "en") is False
    assert it.line.done == []


def test_noise_does_not_hold_for_ever() -> None:
    it = Interrupting()
    it.barge_in.began(10)
    it.barge_in.clock(10 + HELD_S - 0.1)
    assert it.line.done == ["hold"]
    it.barge_in.clock(10 + HELD_S)
    it.barge_in.clock(10 + 2 * HELD_S)
    assert it.line.done == ["hold", "resume"] and it.over == []


@pytest.mark.parametrize("late", ["partial", "end"])
def test_words_that_come_late_still_end_the_prompt(late: str) -> None:
    it = Interrupting()
    it.barge_in.began(0)
    it.barge_in.clock(HELD_S)
    if late == "partial":
        it.barge_in.partial("i want my money", "en")
    else:
        assert it.barge_in.ended("i want my money", "en") is False
    assert it.line.done == ["hold", "resume", "cut"] and it.over == [True]


def test_noise_that_ends_after_the_prompt_went_on_is_no_answer_to_it() -> None:
    it = Interrupting()
    it.barge_in.began(0)
    it.barge_in.clock(HELD_S)
    assert it.barge_in.ended("", "en") is False
    it.barge_in.partial("a word of the next utterance, which began in silence", "en")
    assert it.line.done == ["hold", "resume"]


def test_another_question_lets_go_of_what_was_held() -> None:
    it = Interrupting()
    it.barge_in.began(0)
    it.barge_in.reset()
    assert it.line.done == ["hold", "resume"]
    it.barge_in.partial("late", "en")
    it.barge_in.clock(100)
    assert it.barge_in.ended("late", "en") is False
    assert it.line.done == ["hold", "resume"]


def test_a_prompt_that_is_over_meanwhile_is_not_ended_again() -> None:
    it = Interrupting()
    it.barge_in.began(0)
    it.line.talking = False
    it.barge_in.partial("yes", "en")
    assert it.line.done == ["hold", "nothing to cut"] and it.over == []


def test_two_coughs_one_after_the_other() -> None:
    it = Interrupting()
    for now in (0.0, 1.0):
        it.barge_in.began(now)
        assert it.barge_in.ended("", "en")
    assert it.line.done == ["hold", "resume"] * 2


def test_where_it_never_is_quiet_a_prompt_is_said_to_its_end() -> None:
    """Three noises hold it; after that only a word can end it."""
    it = Interrupting()
    for at in range(3):
        it.barge_in.began(at)
        assert it.barge_in.ended("", "en") is True
    it.line.done.clear()
    it.barge_in.began(9)
    assert it.line.done == [], "it is not held any more"
    it.barge_in.ended("", "en")
    it.barge_in.began(10)
    it.barge_in.partial("operator", "en")
    assert it.line.done == ["cut"]
    it.line.talking = True
    it.barge_in.reset()
    it.line.done.clear()
    it.barge_in.began(20)
    assert it.line.done == ["hold"], "the next prompt begins anew"


def test_who_goes_on_with_their_answer_holds_the_prompt_until_it_is_known() -> None:
    for counts, done in ((True, ["hold", "cut"]), (False, ["hold", "resume"])):
        it = Interrupting()
        it.barge_in.began(0, goes_on=True)
        it.barge_in.partial("no my watch", "en")
        it.barge_in.clock(HELD_S * 3)
        assert it.line.done == ["hold"] and not it.barge_in.interrupting, "a word ends nothing yet, nor does time"
        it.barge_in.went_on(counts=counts)
        it.barge_in.went_on(counts=False)
        assert it.line.done == done and it.over == [True] * counts


def test_who_goes_on_with_nothing_that_was_an_answer_interrupts() -> None:
    it = Interrupting()
    it.barge_in.began(0, goes_on=True)
    assert it.barge_in.ended("late", "en") is False and it.line.done == ["hold", "cut"]
    it = Interrupting()
    it.barge_in.began(0, goes_on=True)
    assert it.barge_in.ended("", "en") is True and it.line.done == ["hold", "resume"]


def test_last_words_are_not_held_for_who_goes_on_but_ended_where_it_counts() -> None:
    it = Interrupting()
    it.barge_in.allowed = False
    it.barge_in.began(0, goes_on=True)
    it.barge_in.went_on(counts=False)
    assert it.line.done == []
    it.barge_in.went_on(counts=True)
    assert it.line.done == ["cut"] and it.over == [True]
