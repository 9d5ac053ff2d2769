"""Sound to the caller: one 20 ms frame at a time, paced on the loop's clock without drift, cut without a click.

Silence is sent where nothing is said: Asterisk gives up an AudioSocket on which nothing moves for two seconds, and a
telephone that hears nothing at all sounds dead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import numpy as np

from ivr.core.endpointing import FRAME_BYTES, FRAME_MS, SILENCE_FRAME
from ivr.wire.asterisk.audiosocket import encode_audio

_FRAME_S = FRAME_MS / 1000
_LATE_S = 0.1
"""When the loop was held up longer than this, the missed frames are left out, not sent in a burst."""
BACK_BYTES = 15 * FRAME_BYTES
"""300 ms: about one word."""
_SILENT_MESSAGE = encode_audio(SILENCE_FRAME)


class Jitter:
    """How late frames were sent, in ms: the last ``size`` of them."""

    def __init__(self, size: int = 5000) -> None:
        self.late_ms: deque[float] = deque(maxlen=size)

    def percentile(self, share: float) -> float:
        """The lateness in ms that ``share`` (0 to 1) of the frames kept."""
        return float(np.quantile(np.fromiter(self.late_ms, float), share)) if self.late_ms else 0.0


class Playout:
    """The speaker of one line.

    ``send`` takes one AudioSocket message; ``backed_up`` says whether the peer has stopped reading, in which case frames
    are left out: what a caller did not hear in time is of no use later. ``talking`` is told the loop time of the first frame
    that breaks a silence, for response times; ``played`` of every frame of sound that was sent.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        backed_up: Callable[[], bool],
        talking: Callable[[float], None],
        jitter: Jitter | None = None,
        played: Callable[[bytes], None] = lambda pcm: None,
    ) -> None:
        self._send = send
        self._played = played
        self._backed_up = backed_up
        self._talking = talking
        self._jitter = jitter
        self._loop = asyncio.get_running_loop()
        self._queue: deque[tuple[bytes, Callable[[], None] | None]] = deque()
        self._at = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._begun = False
        self._held = False
        self._fading = False

    def start(self) -> None:
        """Begin to send, silence at first."""
        self._due = self._loop.time()
        self._tick()

    def stop(self) -> None:
        """Send nothing more; what waits is dropped without notice."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._queue.clear()

    @property
    def busy(self) -> bool:
        """Whether something is being said or waits to be."""
        return bool(self._queue)

    def play(self, pcm: bytes, done: Callable[[], None] | None = None) -> None:
        """Say this after what waits already; ``done`` is called when its last frame was sent, not when it was cut."""
        if not self._queue:
            self._begun = self._held = self._fading = False
        self._queue.append((pcm, done))

    def cut(self) -> bool:
        """Stop talking: fade within the next frame, forget the rest; False when nothing was being said."""
        if not self._queue:
            return False
        pcm, _ = self._queue[0]
        # a held prompt has been faded already
        rest = b"" if self._held and not self._fading else pcm[self._at : self._at + FRAME_BYTES]
        self._queue.clear()
        self._at, self._held, self._fading = 0, False, False
        if self._begun and rest:
            self._queue.append((fade_out(rest), None))
        return True

    def hold(self) -> bool:
        """Fall silent within the next frame and remember the place; False when nothing was being said."""
        if not self._queue:
            return False
        if not self._held:
            self._held, self._fading = True, self._begun
        return True

    def resume(self) -> None:
        """Go on where ``hold`` stopped, a little before it, so that the word that broke off is heard whole."""
        if not self._held:
            return
        faded = not self._fading  # else not a frame was missed: going back now would be a click
        self._held = self._fading = False
        if self._queue and self._begun and faded:
            pcm, done = self._queue[0]
            self._at = max(0, self._at - BACK_BYTES)
            again = fade_in(pcm[self._at : self._at + FRAME_BYTES]) + pcm[self._at + FRAME_BYTES :]
            self._queue[0] = (again, done)
            self._at = 0

    def _tick(self) -> None:
        now = self._loop.time()
        late = now - self._due
        if self._jitter is not None:
            self._jitter.late_ms.append(late * 1000)
        if late > _LATE_S:
            self._due = now
        if self._queue or not self._backed_up():
            self._send_frame(now)
        self._due += _FRAME_S
        self._timer = self._loop.call_at(self._due, self._tick)

    def _send_frame(self, now: float) -> None:
        if not self._queue or (self._held and not self._fading):
            if not self._backed_up():
                self._send(_SILENT_MESSAGE)
            return
        if self._fading:
            self._fading = False
            faded = fade_out(self._queue[0][0][self._at : self._at + FRAME_BYTES])
            self._say(faded)
            return
        pcm, done = self._queue[0]
        frame = pcm[self._at : self._at + FRAME_BYTES]
        self._at += FRAME_BYTES
        if not self._begun:
            self._begun = True
            self._talking(now)
        if not self._backed_up():
            self._say(frame)
        if self._at >= len(pcm):
            self._queue.popleft()
            self._at = 0
            if done:
                done()

    def _say(self, frame: bytes) -> None:
        """Send at most one frame of sound."""
        self._send(encode_audio(frame.ljust(FRAME_BYTES, b"\0")) if frame else _SILENT_MESSAGE)
        self._played(frame)


def fade_in(pcm: bytes) -> bytes:
    """At most one frame, brought up from nothing in a straight line."""
    return _ramp(pcm, 0.0, 1.0)


def fade_out(pcm: bytes) -> bytes:
    """At most one frame, brought to nothing in a straight line."""
    return _ramp(pcm, 1.0, 0.0)


def _ramp(pcm: bytes, first: float, last: float) -> bytes:
    samples = np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2").astype(np.float32)
    return bytes((samples * np.linspace(first, last, len(samples), dtype=np.float32)).astype("<i2").tobytes())
