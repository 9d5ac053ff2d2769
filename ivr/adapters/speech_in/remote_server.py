"""One server of the websocket protocol of the Vosk project's own: what it is told, and what it may answer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.adapters.speech_in.decoding import UNKNOWN, Hearing
from ivr.core.breaker import Breaker
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.flow.intent import ALTERNATIVES

CLOSES_WITHIN_S = 1.0
LARGEST_ANSWER = 1 << 20
EOF = '{"eof" : 1}'
"""To the letter: the Vosk project's server compares texts."""


class EngineLost(Exception):
    """A server did not do its part of an utterance; the message says what happened."""


class _Word(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    word: str
    start: float
    end: float
    conf: float


class _Alternative(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    text: str
    confidence: float


class _Answer(BaseModel):
    """What a server may answer; there may be more in it."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)
    partial: str | None = None
    text: str | None = None
    result: list[_Word] | None = None
    alternatives: list[_Alternative] | None = None


@dataclass(frozen=True, slots=True)
class EngineTimes:
    """How long a server is waited for, in seconds, and when it is left alone."""

    connect_s: float = 1.0
    answer_s: float = 1.5
    """For each answer. The caller waits for the last one."""
    failures: int = 3
    """Utterances in a row; after them nothing is asked …"""
    pause_s: float = 10.0
    """… for so long, and then it is tried without a caller."""


@dataclass(slots=True)
class Engine:
    """One address."""

    address: str
    times: EngineTimes
    breaker: Breaker
    under_way: int = 0
    results: Counter[str] = field(default_factory=Counter)
    """Utterances by what came of them: heard, lost."""
    _leaving: set[asyncio.Task[bool]] = field(default_factory=set)

    @property
    def usable(self) -> bool:
        """Whether callers are given to it."""
        return self.breaker.state == "closed"

    async def connect(self, http: aiohttp.ClientSession, hearing: Hearing) -> aiohttp.ClientWebSocketResponse:
        """A connection that has been told what to listen for; raises EngineLost."""
        config: dict[str, object] = {"sample_rate": SAMPLE_RATE}
        if hearing.grammar is not None:
            config["phrase_list"] = [*hearing.grammar, UNKNOWN]
        several = hearing.grammar is None or hearing.several
        config |= {"words": not several, "max_alternatives": ALTERNATIVES if several else 0}
        try:
            async with asyncio.timeout(self.times.connect_s):
                socket = await http.ws_connect(
                    self.address, max_msg_size=LARGEST_ANSWER, timeout=aiohttp.ClientWSTimeout(ws_close=CLOSES_WITHIN_S)
                )
                await socket.send_str(json.dumps({"config": config}, ensure_ascii=False))
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise EngineLost(f"{self.address}: no connection: {str(problem) or 'no answer in time'}") from problem
        return socket

    async def ask(self, socket: aiohttp.ClientWebSocketResponse, message: bytes | str | None) -> dict[str, object]:
        """Send something and wait for its answer; None: only wait for another one. Raises EngineLost."""
        try:
            async with asyncio.timeout(self.times.answer_s):
                if message is not None:
                    await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_str(message))
                answer = await socket.receive()
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise EngineLost(f"{self.address}: {str(problem) or 'no answer in time'}") from problem
        if answer.type is not aiohttp.WSMsgType.TEXT:
            raise EngineLost(f"{self.address}: {answer.type.name.lower()} instead of an answer")
        try:
            read = _Answer.model_validate_json(answer.data)
        except ValidationError as problem:
            raise EngineLost(f"{self.address}: an answer that is none: {answer.data[:100]!r}") from problem
        if read.partial is None and read.text is None and read.alternatives is None:
            raise EngineLost(f"{self.address}: an answer without words: {answer.data[:100]!r}")
        return read.model_dump(exclude_none=True)

    def leave(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Close a connection; nobody waits for that."""
        task = asyncio.create_task(socket.close())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def left(self) -> None:
        """Wait until the connections are closed."""
        await asyncio.gather(*self._leaving, return_exceptions=True)


async def tried(engine: Engine, http: aiohttp.ClientSession) -> None:
    """Let a server hear nothing at all; raises EngineLost where it does not answer as it should."""
    socket = await engine.connect(http, Hearing(None, True))
    try:
        await engine.ask(socket, bytes(SAMPLE_RATE // 5))
        await engine.ask(socket, EOF)
    finally:
        engine.leave(socket)


async def reached(address: str) -> None:
    """Ask one address whether a server is there; raises EngineLost."""
    times = EngineTimes()
    engine = Engine(address, times, Breaker(times.failures, times.pause_s))
    async with aiohttp.ClientSession() as http:
        await tried(engine, http)
        await engine.left()
