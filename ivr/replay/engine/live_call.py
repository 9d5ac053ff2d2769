"""One recorded call through a real Asterisk: its caller's side, and where it stands."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from ivr.calls.live import LiveCall
from ivr.core.endpointing import FRAME_MS
from ivr.corpus.format import Call
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.replay.caller.asked import NOTHING, Asked
from ivr.replay.caller.caller import PlainCaller, RecordedCaller
from ivr.replay.caller.sounds import Recording
from ivr.replay.engine.fast import caller_of
from ivr.replay.engine.line import with_echo
from ivr.replay.engine.stand_ins import Seen
from ivr.wire.asterisk.audiosocket import HANGUP_MESSAGE, Audio, Identity, Parser, ProtocolError, encode_audio

STAY_S = 12.0
"""From the hand-over, until an agent has answered."""


LONGEST_S = 330.0


KEY_MS = 120


FRAME_S = FRAME_MS / 1000


class CallerLine(asyncio.Protocol):
    """The caller's end of one call."""

    def __init__(self, waiting: dict[UUID, OneCall]) -> None:
        self._waiting = waiting
        self._parser = Parser()
        self._one: OneCall | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._parser.feed(data)
        except ProtocolError:
            self._transport.abort()
            return
        for message in messages:
            match message:
                case Identity(call):
                    self._one = self._waiting.get(call)
                    if self._one is None:
                        self._transport.abort()
                        return
                    self._one.answered(self)
                case Audio(pcm) if self._one:
                    self._one.said += pcm
                case _:
                    pass

    def connection_lost(self, exc: Exception | None) -> None:
        if self._one:
            self._one.over.set()

    def send(self, pcm: bytes) -> None:
        """20 ms of the caller."""
        if not self._transport.is_closing():
            self._transport.write(encode_audio(pcm))

    def close(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(HANGUP_MESSAGE)
            self._transport.close()


@dataclass(slots=True)
class OneCall:
    """One call under way."""

    call: Call
    sounds: Recording
    lab: Lab
    spawn: Callable[[Any], object]
    heard: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    live: LiveCall | None = None
    line: CallerLine | None = None
    caller: RecordedCaller | PlainCaller | None = None
    handed_at: float | None = None

    def answered(self, line: CallerLine) -> None:
        """The line is up: speak from now on."""
        self.line = line
        self.spawn(self._speak(line))

    async def _speak(self, line: CallerLine) -> None:
        """20 ms every 20 ms, by absolute times."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self.over.is_set():
            pcm = with_echo(self._frame(), self.said, self.call.facts.echo_db)
            self.heard += pcm
            line.send(pcm)
            if self._enough(loop.time()):
                line.close()
                return
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _frame(self) -> bytes:
        live = self.live
        if live is None or live.session is None or live.line is None:
            return self.sounds.background()
        if self.caller is None:
            self.caller = caller_of(self.call, live.flow, LiveSeen(live), self.sounds, self._press, self._hang_up)
        return self.caller.frame()

    def _enough(self, now: float) -> bool:
        """Handed over, and an agent has it, or nobody answers."""
        if self.live is None:
            return False
        kinds = {entry.kind for entry in self.live.ledger.entries}
        if "handed_over" in kinds and self.handed_at is None:
            self.handed_at = now
        return "agent_answered" in kinds or (self.handed_at is not None and now - self.handed_at > STAY_S)

    def _press(self, digit: str) -> None:
        assert self.live is not None
        channel = self.live.channel.removesuffix("2") + "1"  # the caller's own half of the Local channel
        act = asyncio.to_thread(self.lab.act, "PlayDTMF", Channel=channel, Digit=digit, Duration=str(KEY_MS))
        self.spawn(tolerant(act))

    def _hang_up(self) -> None:
        if self.line:
            self.line.close()


class LiveSeen(Seen):
    """The machine, whose line may have ended between two frames."""

    def __init__(self, live: LiveCall) -> None:
        assert live.line is not None
        super().__init__(live, live.line)

    @property
    def talking(self) -> bool:
        return self.live.line is not None and self.live.line.talking

    def question(self) -> tuple[object, Asked]:
        """What it asks; nothing once it has left the line."""
        return super().question() if self.live.line is not None else (None, NOTHING)


async def tolerant(work: Any) -> None:
    """Do it; a phone that has hung up meanwhile is no fault of the replay."""
    with contextlib.suppress(NotDone):  # the caller has gone meanwhile
        await work
