"""The ear of one call: frames in, utterances out. Runs in the reader itself, so that a prompt is cut without any queue."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ivr.calls.caller.ports import Listening, Recogniser, VoiceActivity
from ivr.core.dialogue.end_of_turn import Turn
from ivr.core.dialogue.messages import Listen, ListenMode
from ivr.core.endpointing import FRAME_MS, SILENCE_FRAME, WENT_ON_MS, Endpointer, Endpointing, Pace
from ivr.core.language import Language

PREROLL_MS = 300
"""Sound from before speech was noticed that still belongs to it."""
TAIL_MS = 200
"""Sound after the last voiced frame that may still be of a word."""
LOOK_MS = 200
"""Silence after which what was said so far is looked at: in time for ``WHOLE_MS``, and not between two words."""
LOOK_AGAIN_MS = 400
"""… and once more where it was not whole: the last word takes its time, on a noisy line above all."""
WHOLE_MS = 300
"""Silence that ends an answer that is whole, where a mistake can be taken back."""
HURRY_MS = 360
"""Silence after a number that has all its digits: long enough for the breath before one more, had there been one."""
FINAL_MS = 900
"""Silence that ends an answer after which nothing can be taken back: what is booked is booked."""
UNFINISHED_MS = 1000
"""Silence that ends what plainly is not over."""
QUIET_LINE_S = 0.5
"""When no sound at all has come for this long, silence is counted by the clock instead: shorter gaps are the network's, or of a
busy machine, and all of it counts in the end."""

SILENT_FRAMES = 50
"""Frames without any sound after which a line that sends is taken for a muted or a dead one: a second."""
SOUND = 24
"""Samples (of 32768) that stay within this are no sound: a muted telephone, or a line that carries one way only."""


@dataclass(frozen=True, slots=True)
class EarTiming:
    """Endpointing for each kind of question."""

    by_mode: dict[ListenMode, Endpointing]
    follow_words: bool = True
    """The silence follows what was said, and who goes on soon is heard on; False: the question alone decides."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an utterance answers."""

    wanted: Listen
    language: Language


class Ear:
    """Listens to one line.

    ``began`` is called in the reader at the first speech of an utterance and says whether anybody reads along (``partial``),
    which costs as much again as hearing it at its end; ``ended`` with the utterance, the silence at its
    end in ms, and whether it was cut for its length; ``no_input`` when nobody answered, with whether any sound has ever
    come from this line; ``judge`` with the words so far, as each hearing has them, says whether they are all;
    ``settled`` when what has ended is over for good.
    """

    def __init__(
        self,
        activity: VoiceActivity,
        recogniser: Recogniser,
        timing: EarTiming,
        *,
        began: Callable[[], bool],
        ended: Callable[[Listening, float, bool], None],
        no_input: Callable[[bool], None],
        partial: Callable[[str], None],
        judge: Callable[[Sequence[str]], Turn] = lambda words: "usual",
        settled: Callable[[], None] = lambda: None,
    ) -> None:
        self._activity = activity
        self._recogniser = recogniser
        self._timing = timing
        self._began, self._ended, self._no_input, self._partial = began, ended, no_input, partial
        self._judge, self._settled = judge, settled
        self._pace = Pace()
        self._endpointer = Endpointer(timing.by_mode["open"], self._pace.paused)
        self._preroll: deque[bytes] = deque(maxlen=PREROLL_MS // FRAME_MS)
        self._utterance: Listening | None = None
        self._asked: _Asked | None = None
        self._open: _Asked | None = None
        """What the utterance that was taken for ended has answered, as long as it may go on."""
        self._looks = self._ends = 0
        self._early = False
        self.ended_early = self.went_on = False
        """Of the utterance that ended last: whether it was taken for whole, whether it went on with the one before."""
        self._heard_until = self._ended_at = 0.0
        self._sounded = False
        self._frames = 0

    def listen(self, wanted: Listen, language: Language, *, now: float) -> None:
        """Listen for this from now on; an utterance under way is thrown away, unless it goes on with the last."""
        self._asked = _Asked(wanted, language)
        self._heard_until = max(self._heard_until, now)
        self._endpointer.expect_nothing()
        if self._open is None:
            self._drop()
            self._retime(self._asked)
            self._endpointer.rest()

    def rest(self) -> None:
        """Listen for nothing: what is said now is not an answer, unless it goes on with the last."""
        self._asked = None
        self._endpointer.expect_nothing()
        if self._open is None:
            self._drop()
            self._endpointer.rest()

    def settle(self, number: int | None) -> None:
        """The utterance of that number is over for good: what is being said now answers what is asked now."""
        if self._open is None or self.may_go_on != number:
            return
        self._open = None
        self._endpointer.settle()
        if self._asked is not None:
            self._retime(self._asked)

    @property
    def going_on(self) -> bool:
        """Whether the utterance under way goes on with the one before."""
        return self._open is not None and self._endpointer.speaking

    def prompt_over(self, now: float) -> None:
        """All of the answer has been said: from here silence counts as no answer, and what is said now is another utterance.

        A line that sends nothing in silence, on a machine that stands still for moments, has not counted the pause by itself.
        """
        long_ago = now - self._ended_at > WENT_ON_MS / 1000
        if self._open is not None and long_ago and not self._endpointer.speaking:
            self._settle_by_itself()
            self._endpointer.settle()
        self.expect()

    def expect(self) -> None:
        """From here silence counts as no answer."""
        if self._asked and not self._endpointer.speaking:
            self._endpointer.expect()

    @property
    def may_go_on(self) -> int | None:
        """The number of the utterance to which what is said now, or soon, belongs; None: to none."""
        return self._ends if self._open is not None else None

    @property
    def can_hear(self) -> bool:
        """Whether words would be understood now, or keys only."""
        asked = self._open or self._asked
        return asked is not None and self._recogniser.hears(asked.language)

    def sound(self, pcm: bytes, now: float) -> None:
        """20 ms of sound."""
        self._heard_until = now
        self._frames += 1
        if not self._sounded:
            self._sounded = _is_sound(pcm)
        if self._asked is not None or self._open is not None:
            self._count(self._activity.voiced(pcm) and self.can_hear, pcm)
        else:
            self._preroll.append(pcm)

    def clock(self, now: float, held_s: float = 0.0) -> None:
        """Called a few times a second: on a line that sends nothing, silence goes on by the clock.

        For ``held_s`` before ``now`` nobody could have heard anything.
        """
        self._heard_until = min(now, self._heard_until + held_s)
        missing_s = now - self._heard_until
        if (self._asked is None and self._open is None) or missing_s < QUIET_LINE_S:
            return
        self._heard_until = now
        for _ in range(int(missing_s * 1000) // FRAME_MS):
            self._count(False, SILENCE_FRAME)

    def _count(self, voiced: bool, pcm: bytes) -> None:
        boundary = self._endpointer.feed(voiced)
        if self._utterance is not None:
            # a noisy line is heard as words: after the end of a word nothing of it goes to the recogniser
            self._utterance.feed(SILENCE_FRAME if self._endpointer.trailing_silence_ms > TAIL_MS else pcm)
        else:
            self._preroll.append(pcm)
        match boundary:
            case "began":
                self._begin()
            case "ended" | "too_long":
                self._end(boundary == "too_long")
            case "no_input":
                # a line that sends nothing while nobody speaks (silence suppression) is not dead: one that sends silence is
                self._no_input(self._sounded or self._frames < SILENT_FRAMES)
            case None if self._utterance is None and self._open is not None and not self._endpointer.may_go_on:
                self._settle_by_itself()
            case None if self._endpointer.trailing_silence_ms in (LOOK_MS, LOOK_AGAIN_MS):
                self._look()

    def _begin(self) -> None:
        if self._open is not None and not self._endpointer.went_on:
            self._settle_by_itself()
        asked = self._open or self._asked
        assert asked is not None
        self._early = False
        if self._open is not None:
            self._retime(asked)
        partial = self._partial if self._began() else None
        wanted = asked.wanted
        self._utterance = self._recogniser.listen(
            asked.language, wanted.grammar, partial, wanted.otherwise_open, wanted.mode == "digits"
        )
        for pcm in self._preroll:
            self._utterance.feed(pcm)
        self._preroll.clear()

    def _end(self, too_long: bool) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return
        asked, self.went_on = self._open or self._asked, self._open is not None
        follows = self._timing.follow_words and asked is not None and not asked.wanted.secret
        self._open = asked if follows and not too_long else None
        self._ends += 1
        self._ended_at = self._heard_until
        self.ended_early = self._early and not too_long
        self._ended(utterance, self._endpointer.trailing_silence_ms, too_long)

    def _settle_by_itself(self) -> None:
        self._open = None
        if self._asked is not None:
            self._retime(self._asked)
        self._settled()

    def _retime(self, asked: _Asked) -> None:
        usual = self._timing.by_mode[asked.wanted.mode]
        if asked.wanted.wait_s is not None:
            usual = replace(usual, no_input_ms=round(asked.wanted.wait_s * 1000))
        self._endpointer.retime(replace(usual, end_silence_ms=self._usual_ms(asked)))

    def _look(self) -> None:
        """See what was said so far; the answer may come a moment later."""
        asked = self._open or self._asked
        if self._utterance is None or asked is None or not (self._timing.follow_words or asked.wanted.enough):
            return
        self._looks, self._early = self._looks + 1, False
        look, utterance = self._looks, self._utterance

        def told(words: Sequence[str]) -> None:
            if utterance is self._utterance and look == self._looks:
                self._follow(asked, words)

        utterance.look(told)

    def _follow(self, asked: _Asked, words: Sequence[str]) -> None:
        """End the silence that lasts as what was said asks for."""
        if self._endpointer.trailing_silence_ms < LOOK_MS:
            return  # they have gone on meanwhile
        usual_ms, wanted = self._usual_ms(asked), asked.wanted
        turn = self._judge(words)
        if not self._timing.follow_words:
            turn = "all_digits" if turn in ("whole", "all_digits") and wanted.enough else "usual"
        match turn:
            case "whole" if not wanted.patient and not self.going_on:
                silence_ms = min(usual_ms, self._pace.end_silence_ms(WHOLE_MS))
                self._early = silence_ms < usual_ms
                self._endpointer.end_after(silence_ms)
            case "all_digits" if not wanted.patient:
                self._endpointer.end_after(min(usual_ms, HURRY_MS))
            case "final":
                self._endpointer.end_after(max(usual_ms, FINAL_MS))
            case "unfinished":
                self._endpointer.end_after(max(usual_ms, UNFINISHED_MS))
            case _:
                self._endpointer.end_after(usual_ms)

    def _usual_ms(self, asked: _Asked) -> int:
        usual_ms = self._timing.by_mode[asked.wanted.mode].end_silence_ms
        return self._pace.end_silence_ms(usual_ms, patient=asked.wanted.patient)

    def _drop(self) -> None:
        if self._utterance is not None:
            self._utterance.cancel()
            self._utterance = None


def _is_sound(pcm: bytes) -> bool:
    samples = array("h", pcm[: len(pcm) & ~1])
    return bool(samples) and (max(samples) > SOUND or min(samples) < -SOUND)
