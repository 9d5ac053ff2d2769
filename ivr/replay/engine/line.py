"""A line in audio time: the product's own playout towards a recorded caller, and both sides kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from ivr.adapters.asterisk.playout import Playout
from ivr.calls.caller.ports import LineOwner
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS
from ivr.replay.caller.caller import Uttered

_FRAME_S = FRAME_MS / 1000
_HEADER_BYTES = 3
"""Of an AudioSocket message."""
ECHO_FRAMES = 5
"""100 ms there and back, as over two mobile networks."""
LATELY_S = 1.0
"""A prompt that is broken off so soon after the caller has said or pressed something was broken off by that."""
Break = Literal["held", "cut"]


class Caller(Protocol):
    """Who is on the line."""

    log: list[Uttered]

    @property
    def speaking(self) -> Uttered | None:
        """What they say at this moment."""

    def frame(self) -> bytes:
        """Their next 20 ms."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A prompt was broken off: when, by which means, and whether the caller had meant it."""

    at_s: float
    how: Break
    meant: bool


class ReplayLine:
    """One line; ``run`` brings the caller's sound until the line is closed."""

    def __init__(self, echo_db: float | None = None) -> None:
        self._echo_db = echo_db
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._owner: LineOwner | None = None
        self.closed = asyncio.Event()
        self._prompt_s = 0.0
        """When what is being said began."""
        self.caller: Caller | None = None
        self.heard = bytearray()
        self.said = bytearray()
        self.breaks: list[Broken] = []
        self._playout = Playout(self._send, lambda: False, self._talking, played=self._played)

    @property
    def now_s(self) -> float:
        """Seconds since the answer."""
        return round(self._loop.time() - self._began_s, 3)

    def _send(self, message: bytes) -> None:
        self.said += message[_HEADER_BYTES:].ljust(FRAME_BYTES, b"\0")

    # -- the Line that a session sees

    def play(self, pcm: bytes) -> None:
        """Say this after what waits already."""
        self._playout.play(pcm, self._drained)

    def cut(self) -> bool:
        cut = self._playout.cut()
        if cut:
            self._break("cut")
        return cut

    def hold(self) -> bool:
        """Fall silent and remember the place."""
        held = self._playout.hold()
        if held:
            self._break("held")
        return held

    def resume(self) -> None:
        """Go on where ``hold`` stopped."""
        self._playout.resume()

    @property
    def talking(self) -> bool:
        """Whether something is being said."""
        return self._playout.busy

    def attach(self, owner: LineOwner) -> None:
        """From now on the session hears this line."""
        self._owner = owner

    def close(self) -> None:
        """The machine leaves the call."""
        self._playout.stop()
        self.closed.set()

    # -- the caller's side

    def press(self, digit: str) -> None:
        """The caller presses a key."""
        if self._owner:
            self._owner.on_key(digit, "audiosocket")

    def hang_up(self) -> None:
        if not self.closed.is_set() and self._owner:
            self.close()
            self._owner.on_line_gone()

    async def run(self) -> None:
        """20 ms of the caller every 20 ms, until the line is closed."""
        self._playout.start()
        due = self._loop.time()
        while not self.closed.is_set():
            if self._owner and self.caller:
                pcm = with_echo(self.caller.frame(), self.said, self._echo_db)
                self.heard += pcm
                self._owner.on_sound(pcm)
            due += _FRAME_S
            await asyncio.sleep(due - self._loop.time())

    def _break(self, how: Break) -> None:
        last = self.caller.log[-1] if self.caller and self.caller.log else None
        # speech is noticed after it has begun, its words after it has ended; an answer before the prompt meant no prompt
        meant = last is not None and not last.noise and last.ended_s > max(self.now_s - LATELY_S, self._prompt_s)
        self.breaks.append(Broken(self.now_s, how, meant))

    def _played(self, pcm: bytes) -> None:
        if self._owner:
            self._owner.on_played(pcm)

    def _talking(self, at: float) -> None:
        self._prompt_s = self.now_s
        if self._owner:
            self._owner.on_talking(at)

    def _drained(self) -> None:
        if self._owner and not self._playout.busy:
            self._owner.on_drained()


def with_echo(pcm: bytes, said: bytearray, echo_db: float | None) -> bytes:
    """20 ms of the caller, with what comes back of what the machine has said so far."""
    before = len(said) - ECHO_FRAMES * FRAME_BYTES
    if echo_db is None or before < 0:
        return pcm
    back = np.frombuffer(bytes(said[before : before + FRAME_BYTES]), dtype="<i2") * 10 ** (-echo_db / 20)
    both = np.frombuffer(pcm, dtype="<i2") + back
    return bytes(np.clip(np.round(both), -32768, 32767).astype("<i2").tobytes())


def at_once(work: Callable[[], None]) -> None:
    """Do it when the loop has finished what it is at: a caller who hangs up must not end the line under its own feet."""
    asyncio.get_running_loop().call_soon(work)
