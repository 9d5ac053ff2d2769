"""The ear of one call: frames in, utterances out. Runs in the reader itself, so that a prompt is cut without any queue."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from ivr.calls.caller.ports import Listening, Recogniser, VoiceActivity
from ivr.core.dialogue.messages import Listen, ListenMode
from ivr.core.endpointing import FRAME_MS, SILENCE_FRAME, Endpointer, Endpointing, Pace
from ivr.core.language import Language

PREROLL_MS = 300
"""Sound from before speech was noticed that still belongs to it."""
TAIL_MS = 200
"""Sound after the last voiced frame that may still be of a word."""
HURRY_MS = 360
"""Silence after a number that has all its digits: long enough for the breath before one more, had there been one."""
QUIET_LINE_S = 0.5
"""When no sound at all has come for this long, silence is counted by the clock instead: shorter gaps are the network's, or of a
busy machine, and all of it counts in the end."""
CLOCK_S = 0.2

SILENT_FRAMES = 50
"""Frames without any sound after which a line that sends is taken for a muted or a dead one: a second."""
SOUND = 24
"""Samples (of 32768) that stay within this are no sound: a muted telephone, or a line that carries one way only."""


@dataclass(frozen=True, slots=True)
class EarTiming:
    """Endpointing for each kind of question."""

    by_mode: dict[ListenMode, Endpointing]


class Ear:
    """Listens to one line.

    ``began`` is called in the reader at the first speech of an utterance and says whether anybody reads along (``partial``),
    which costs as much again as hearing it at its end; ``ended`` with the utterance, the silence at its
    end in ms, and whether it was cut for its length; ``no_input`` when nobody answered, with whether any sound has ever
    come from this line.
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
    ) -> None:
        self._activity = activity
        self._recogniser = recogniser
        self._timing = timing
        self._began, self._ended, self._no_input, self._partial = began, ended, no_input, partial
        self._pace = Pace()
        self._endpointer = Endpointer(timing.by_mode["open"], self._pace.paused)
        self._preroll: deque[bytes] = deque(maxlen=PREROLL_MS // FRAME_MS)
        self._utterance: Listening | None = None
        self._wanted: Listen | None = None
        self._language: Language = "en"
        self._heard_until = 0.0
        self._sounded = False
        self._frames = 0

    def listen(self, wanted: Listen, language: Language, *, now: float) -> None:
        """Listen for this from now on; an utterance under way is thrown away."""
        self._drop()
        self._wanted, self._language = wanted, language
        usual = self._timing.by_mode[wanted.mode]
        if wanted.wait_s is not None:
            usual = replace(usual, no_input_ms=round(wanted.wait_s * 1000))
        silence_ms = self._pace.end_silence_ms(usual.end_silence_ms, patient=wanted.patient)
        self._endpointer.retime(replace(usual, end_silence_ms=silence_ms))
        self._endpointer.rest()
        self._heard_until = max(self._heard_until, now)

    def hurry(self) -> None:
        """What is wanted has been said, as far as one can tell: a short silence ends it."""
        if self._wanted is not None and not self._wanted.patient:
            self._endpointer.hurry(HURRY_MS)

    def rest(self) -> None:
        """Listen for nothing: what is said now is not an answer."""
        self._drop()
        self._wanted = None
        self._endpointer.rest()

    def expect(self) -> None:
        """The prompt is over: from here silence counts as no answer."""
        if self._wanted and not self._endpointer.speaking:
            self._endpointer.expect()

    @property
    def can_hear(self) -> bool:
        """Whether words would be understood now, or keys only."""
        return self._wanted is not None and self._recogniser.hears(self._language)

    def sound(self, pcm: bytes, now: float) -> None:
        """20 ms of sound."""
        self._heard_until = now
        self._frames += 1
        if not self._sounded:
            self._sounded = _is_sound(pcm)
        if self._wanted is not None:
            self._count(self._activity.voiced(pcm) and self.can_hear, pcm)
        else:
            self._preroll.append(pcm)

    def clock(self, now: float, held_s: float = 0.0) -> None:
        """Called a few times a second: on a line that sends nothing, silence goes on by the clock.

        For ``held_s`` before ``now`` nobody could have heard anything.
        """
        self._heard_until = min(now, self._heard_until + held_s)
        missing_s = now - self._heard_until
        if self._wanted is None or missing_s < QUIET_LINE_S:
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
                utterance, self._utterance = self._utterance, None
                if utterance is not None:
                    self._ended(utterance, self._endpointer.trailing_silence_ms, boundary == "too_long")
            case "no_input":
                # a line that sends nothing while nobody speaks (silence suppression) is not dead: one that sends silence is
                self._no_input(self._sounded or self._frames < SILENT_FRAMES)

    def _begin(self) -> None:
        assert self._wanted is not None
        partial = self._partial if self._began() else None
        wanted = self._wanted
        self._utterance = self._recogniser.listen(
            self._language, wanted.grammar, partial, wanted.otherwise_open, wanted.mode == "digits"
        )
        for pcm in self._preroll:
            self._utterance.feed(pcm)
        self._preroll.clear()

    def _drop(self) -> None:
        if self._utterance is not None:
            self._utterance.cancel()
            self._utterance = None


async def keep_time(told: Callable[[float, float], None]) -> None:
    """Tell the loop's time a few times a second, for ever, and for how long the loop was held since the last time.

    Where a machine stands still for half a second, Asterisk has sent nothing either; had that been silence, a caller would
    have ended in the middle of a word.
    """
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + CLOCK_S
        await asyncio.sleep(CLOCK_S)
        now = loop.time()
        told(now, max(0.0, now - due))


def _is_sound(pcm: bytes) -> bool:
    samples = array("h", pcm[: len(pcm) & ~1])
    return bool(samples) and (max(samples) > SOUND or min(samples) < -SOUND)
