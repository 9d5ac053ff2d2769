"""The caller of a recording: 20 ms of sound, or a key, at a time, in answer to what the machine asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.core.endpointing import FRAME_MS
from ivr.replay.caller.answering import Answering, Reply
from ivr.replay.caller.asked import NOTHING, Asked

REACTION_S = 0.5
"""From the end of a prompt until they answer, where the recording does not say how long."""
KEY_EVERY_S = 0.25
_FRAME_S = FRAME_MS / 1000


class Pieces(Protocol):
    """The sound of a call."""

    def piece(self, number: int) -> list[bytes]:
        """What is said there, in frames of 20 ms."""

    def background(self) -> bytes:
        """The next 20 ms of the line while nobody speaks on it."""


class Machine(Protocol):
    """What the caller hears of the machine."""

    @property
    def talking(self) -> bool:
        """Whether it speaks."""

    @property
    def settled(self) -> bool:
        """Whether it has dealt with something in this call."""

    def question(self) -> tuple[object, Asked]:
        """What it asks, and something that is another one whenever a question is put."""


@dataclass(slots=True)
class Uttered:
    """One thing that the caller has done, in seconds from the answer."""

    began_s: float
    ended_s: float
    asked: Asked
    piece: int | None
    keys: str = ""
    noise: bool = False
    over: bool = False
    """The machine was speaking when it began."""
    made_up: bool = False


class RecordedCaller:
    """Speaks on one line. ``frame`` is called every 20 ms and ``hang_up`` when they have had enough."""

    def __init__(
        self,
        answering: Answering,
        pieces: Pieces,
        machine: Machine,
        press: Callable[[str], None],
        hang_up: Callable[[], None],
    ) -> None:
        self._answering = answering
        self._pieces = pieces
        self._machine = machine
        self._press = press
        self._hang_up = hang_up
        self._now_s = 0.0
        self._put: object = None
        self._asked: Asked = NOTHING
        self._since_s = self._quiet_s = 0.0
        self._answered = False
        self._frames: deque[bytes] = deque()
        self._keys: deque[tuple[float, str]] = deque()
        self.log: list[Uttered] = []
        self.questions = 0

    @property
    def speaking(self) -> Uttered | None:
        """What they are saying at this moment."""
        return self.log[-1] if self._frames and self.log else None

    def frame(self) -> bytes:
        """The next 20 ms."""
        self._listen()
        if not self._frames and not self._keys:
            self._act()
        while self._keys and self._keys[0][0] <= self._now_s:
            self._press(self._keys.popleft()[1])
        self._now_s += _FRAME_S
        if not self._frames:
            return self._pieces.background()
        pcm = self._frames.popleft()
        self.log[-1].ended_s = self._now_s
        return pcm

    def _listen(self) -> None:
        put, asked = self._machine.question()
        if put is not self._put:
            self._put, self._asked = put, asked
            self._since_s = self._quiet_s = 0.0
            self._answered = False
            self.questions += asked.kind != "nothing"
        self._asked = asked
        self._since_s += _FRAME_S
        self._quiet_s = 0.0 if self._machine.talking else self._quiet_s + _FRAME_S

    def _act(self) -> None:
        if self._asked.kind == "nothing":
            return
        over = self._answering.over(self._asked, self._since_s) if not self._answered else None
        if over is not None:
            self._do(over)
        elif not self._answered and self._quiet_s >= self._wait_s():
            reply = self._answering.reply(self._asked, self._machine.settled)
            self._answered = True
            if reply is not None:
                self._do(reply)

    def _wait_s(self) -> float:
        wait = self._answering.waits(self._asked)
        return REACTION_S if wait is None else wait

    def _do(self, reply: Reply) -> None:
        if reply.hang_up:
            self._hang_up()
            return
        said = self._answering.facts.said[reply.piece] if reply.piece is not None else None
        noise = said is not None and said.noise
        self._answered = not noise
        self.log.append(
            Uttered(
                self._now_s,
                self._now_s,
                self._asked,
                reply.piece,
                reply.keys,
                noise,
                self._machine.talking,
                reply.made_up,
            )
        )
        if reply.piece is not None:
            self._frames.extend(self._pieces.piece(reply.piece))
        for number, key in enumerate(reply.keys):
            self._keys.append((self._now_s + number * KEY_EVERY_S, key))


class PlainCaller:
    """A recording played as it is, from the answer on; nothing in it is known to answer anything."""

    def __init__(self, frames: list[bytes], pieces: Pieces, machine: Machine) -> None:
        self._frames = deque(frames)
        self._pieces = pieces
        self._machine = machine
        self._put: object = None
        self.log: list[Uttered] = []
        self.questions = 0

    @property
    def speaking(self) -> Uttered | None:
        return None

    def frame(self) -> bytes:
        """The next 20 ms."""
        put, asked = self._machine.question()
        if put is not self._put:
            self._put = put
            self.questions += asked.kind != "nothing"
        return self._frames.popleft() if self._frames else self._pieces.background()
