"""Whose turn it is: whether a caller has finished, and what follows where they go on with an answer that was taken for whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from ivr.calls.caller.ports import Transcript, Understander
from ivr.calls.caller.utterance import Spoken, meaning, with_more
from ivr.core.dialogue import Place, World, step
from ivr.core.dialogue.end_of_turn import Turn, goes_on, judged
from ivr.core.dialogue.messages import Command, Event, Heard, Listen
from ivr.core.dialogue.taking_back import can_be_read_anew, can_be_taken_back, only_waits, same_step
from ivr.core.digit_words import only_digits
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import Reader

MOST_NOTHINGS = 2
"""Times that somebody may go on with nothing: after that it is the machine's own voice that comes back, or a noisy place."""


@dataclass(slots=True)
class LastAnswer:
    """What was said, what it answered, and what is not done before it is certain that nothing follows."""

    before: Place
    """Where the call was when it was said."""
    wanted: Listen
    spoken: Spoken
    transcript: Transcript
    after: Place | None = None
    """Where it has led; None: nowhere yet."""
    held: list[Command] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)
    nothings: int = 0
    """How often something came after it that changed nothing."""

    def may_go_on(self) -> bool:
        """Whether what comes next may still belong to it."""
        return self.spoken.number is not None and self.nothings < MOST_NOTHINGS


@dataclass(frozen=True, slots=True)
class More:
    """What somebody went on with: another reading of the answer before, an answer to what is asked now, or nothing."""

    kind: Literal["anew", "answer", "nothing"]
    answer: LastAnswer
    heard: Heard | None = None
    """What ``answer`` means; None where nothing follows from it."""


class TurnTaking:
    """Of one call. ``last`` is its last answer, for as long as the caller may go on with it."""

    def __init__(self, understander: Understander, reader: Reader) -> None:
        self._understander, self._reader = understander, reader
        self.last: LastAnswer | None = None

    def end_of_turn(
        self, world: World, place: Place, wanted: Listen, words: Sequence[str], *, keys: int, going_on: bool
    ) -> Turn:
        """Whether the words so far, as each hearing has them, are all of an answer."""
        if going_on:
            return "unfinished" if goes_on(words[-1], place.language) else "usual"

        def understood(text: str) -> Heard | None:
            heard = Transcript((Hypothesis(text),), None)
            return meaning(heard, wanted, place.language, world.now, self._understander, self._reader, keys)

        return judged(world, place, wanted, words, understood)

    def meaning(self, answer: LastAnswer, now: datetime) -> Heard | None:
        """What an answer means to what it answers."""
        spoken, language = answer.spoken, answer.before.language
        return meaning(
            answer.transcript, answer.wanted, language, now, self._understander, self._reader,
            spoken.keys_before, spoken.too_long,
        )  # fmt: skip

    def waits(self, world: World, event: Event, answer: LastAnswer | None, commands: Sequence[Command]) -> bool:
        """Whether a step must not be taken before it is certain that the caller does not go on with their last answer.

        ``answer`` is what the event was made of; where it can be taken back, it is the last answer from now on.
        """
        can_be_undone = can_be_taken_back(world, commands)
        if answer is None:
            if self.last is None or (can_be_undone and not self.last.waiting):
                return False
            self.last.waiting.append(event)
            return True
        may_go_on = answer.spoken.number is not None and can_be_read_anew(answer.before) and not only_waits(commands)
        self.last = answer if may_go_on and (can_be_undone or answer.spoken.early) else None
        if self.last is None or can_be_undone:
            return False
        # what was seen of it while it was said could be taken back, and what it is cannot: it waits, as any other
        self.last.waiting.append(event)
        return True

    def more(self, world: World, place: Place, last: LastAnswer, then: LastAnswer) -> More:
        """What it comes to that a caller has gone on: ``then`` is what they said, as an answer to what is asked at ``place``."""
        pause_s = then.spoken.began_at - last.spoken.began_at
        spoken = replace(last.spoken, early=False, too_long=then.spoken.too_long, number=then.spoken.number)
        both = LastAnswer(last.before, last.wanted, spoken, with_more(last.transcript, then.transcript, pause_s))
        if not then.transcript.text:
            return More("nothing", both)
        if then.wanted.mode == "digits" != last.wanted.mode and only_digits(then.transcript.text, place.language):
            alone = self.meaning(then, world.now)
            if _answers(world, place, alone):  # they know the question, and were faster than it
                return More("answer", replace(then, spoken=replace(then.spoken, number=None)), alone)
        heard = self.meaning(both, world.now)
        if heard is None or last.after is None or not same_step(step(world, last.before, heard)[0], last.after):
            return More("anew", both, heard)
        return More("nothing", both)


def _answers(world: World, place: Place, heard: Heard | None) -> bool:
    """Whether something answers what is asked now."""
    if heard is None or place.over:
        return False
    there, _ = step(world, place, heard)
    moved = there.node != place.node or there.asking != place.asking or there.parts != place.parts
    return moved and len(there.troubles) == len(place.troubles)
