"""Voice activity over time: when speech begins, when it ends, when nothing comes. Time is audio time: frames are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

FRAME_MS = 20
SAMPLE_RATE = 8000
FRAME_BYTES = 320
"""20 ms of 16-bit mono at 8 kHz."""
SILENCE_FRAME = bytes(FRAME_BYTES)
WENT_ON_MS = 700
"""Speech this soon after an utterance was taken for ended belongs to it: the speaker had only paused."""


@dataclass(frozen=True, slots=True)
class Endpointing:
    """When an utterance begins and ends; all times in ms of audio."""

    begin_ms: int = 100
    """Voiced time within the last ``begin_within_ms`` that makes speech: shorter is a click, or the onset of line noise."""
    begin_within_ms: int = 140
    end_silence_ms: int = 600
    """Silence after speech that ends the utterance."""
    longest_ms: int = 15_000
    """Too much speech: the utterance is cut here."""
    no_input_ms: int = 5_000
    """Silence, counted from the end of the prompt, after which nobody has answered."""

    def __post_init__(self) -> None:
        if self.begin_within_ms % FRAME_MS:
            raise ValueError(f"begin_within_ms must be whole frames of {FRAME_MS} ms, not {self.begin_within_ms}")
        if not 0 < self.begin_ms <= self.begin_within_ms:
            raise ValueError(
                f"begin_ms {self.begin_ms} must be above 0 and at most begin_within_ms {self.begin_within_ms}"
            )
        for name in ("end_silence_ms", "longest_ms", "no_input_ms"):
            if getattr(self, name) < FRAME_MS:
                raise ValueError(f"{name} must be at least one frame ({FRAME_MS} ms), not {getattr(self, name)}")


Boundary = Literal["began", "ended", "too_long", "no_input"]


class Pace:
    """How a caller speaks: the pauses inside their sentences, by which the end of one is told from a breath.

    ``end_silence_ms`` grows with the longest pause after which they went on, and never past twice the usual.
    """

    MARGIN = 1.4
    MOST = 2.0
    BREATH_MS = 160
    """Shorter gaps are between words."""

    def __init__(self) -> None:
        self._longest_ms = 0

    def paused(self, pause_ms: int) -> None:
        """They were silent for so long, and then went on."""
        if pause_ms >= self.BREATH_MS:
            self._longest_ms = max(self._longest_ms, pause_ms)

    def end_silence_ms(self, usual_ms: int, *, patient: bool = False) -> int:
        """The silence that ends an utterance of this caller, in whole frames."""
        wanted = max(usual_ms, self._longest_ms * self.MARGIN, usual_ms * 1.5 if patient else 0)
        return round(min(wanted, usual_ms * self.MOST)) // FRAME_MS * FRAME_MS


class Endpointer:
    """Turns a row of voiced and unvoiced frames into the boundaries of utterances.

    It is a counter of frames, nothing else: the same frames give the same boundaries at any speed. After ``ended`` or
    ``too_long`` it waits for the next utterance; ``no_input`` is reported once per ``expect``. ``paused`` is told of every
    silence, in ms, after which the speaker went on, also when the utterance had been taken for ended.
    """

    def __init__(self, timing: Endpointing, paused: Callable[[int], None] = lambda pause_ms: None) -> None:
        self._paused = paused
        self._since_end_ms: int | None = None
        self._end_after_ms: int | None = None
        self._went_on = False
        self._window: list[bool] = []
        self._speaking = False
        self._silent_ms = 0
        self._spoken_ms = 0
        self._waited_ms = 0
        self._waiting = False
        self.retime(timing)

    def retime(self, timing: Endpointing) -> None:
        """Use other times from the next frame on, as the question asked needs them."""
        self._timing = timing
        self._frames = timing.begin_within_ms // FRAME_MS

    def end_after(self, silence_ms: int) -> None:
        """What was said asks for it: the silence that lasts now ends the utterance after so long; the next one as usual."""
        if self._speaking and self._silent_ms:
            self._end_after_ms = silence_ms

    def expect(self) -> None:
        """The prompt is over: count the silence towards ``no_input`` from here."""
        self._waited_ms = 0
        self._waiting = True

    def expect_nothing(self) -> None:
        """Something else is said first: silence does not count."""
        self._waiting = False

    def settle(self) -> None:
        """The utterance that ended last is over for good: what is said from now on is another one."""
        self._since_end_ms = None

    def rest(self) -> None:
        """Nothing is expected now: no ``no_input``, and an utterance under way is forgotten."""
        self._waiting = self._speaking = False
        self._since_end_ms = None
        self._window.clear()

    @property
    def speaking(self) -> bool:
        """Whether an utterance is under way."""
        return self._speaking

    @property
    def may_go_on(self) -> bool:
        """Whether speech that begins now belongs to the utterance that was taken for ended last."""
        return self._since_end_ms is not None

    @property
    def went_on(self) -> bool:
        """Whether the utterance that began last belongs to the one before it."""
        return self._went_on

    @property
    def trailing_silence_ms(self) -> int:
        """The silence at the end of the utterance so far."""
        return self._silent_ms

    def feed(self, voiced: bool) -> Boundary | None:
        """Count one frame; the boundary that it completes, if any."""
        return self._in_speech(voiced) if self._speaking else self._before_speech(voiced)

    def _before_speech(self, voiced: bool) -> Boundary | None:
        self._window.append(voiced)
        del self._window[: -self._frames]
        if self._since_end_ms is not None:
            self._since_end_ms += FRAME_MS
            begins = any(self._window) and self._since_end_ms <= WENT_ON_MS + self._timing.begin_within_ms
            if self._since_end_ms > WENT_ON_MS and not begins:
                self._since_end_ms = None
        if sum(self._window) * FRAME_MS >= self._timing.begin_ms:
            self._speaking, self._waiting = True, False
            self._went_on = self._since_end_ms is not None
            if self._since_end_ms is not None:  # they had not finished: the end was taken too early
                spoken_ms = (len(self._window) - self._window.index(True)) * FRAME_MS
                self._paused(self._silent_ms + self._since_end_ms - spoken_ms)
                self._since_end_ms = None
            self._silent_ms, self._spoken_ms, self._end_after_ms = 0, len(self._window) * FRAME_MS, None
            self._window.clear()
            return "began"
        if self._waiting and not any(self._window):
            # a frame with a little voice in it may be the beginning of an answer, so it is not counted as silence
            self._waited_ms += FRAME_MS
            if self._waited_ms >= self._timing.no_input_ms:
                self._waiting = False
                return "no_input"
        return None

    def _in_speech(self, voiced: bool) -> Boundary | None:
        self._spoken_ms += FRAME_MS
        if voiced and self._silent_ms:
            self._paused(self._silent_ms)
        self._silent_ms = 0 if voiced else self._silent_ms + FRAME_MS
        if voiced:
            self._end_after_ms = None
        if self._silent_ms >= (self._end_after_ms or self._timing.end_silence_ms):
            self._speaking, self._since_end_ms = False, 0
            return "ended"
        if self._spoken_ms >= self._timing.longest_ms:
            self._speaking = False
            return "too_long"
        return None
