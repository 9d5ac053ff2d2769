"""The callers' side of ``ivr asr bench``, a process of its own: reads one trial as JSON from standard input, plays its
callers in real time against a server that is there already, and prints what came back as JSON.

``way`` is how the side is talked to: ``speech`` and ``line``: ours (``asr_ours``); ``eof``, ``reset`` and ``plain``: a server of
the Vosk project's websocket protocol: only utterances, a connection each, ended by ``eof``; only utterances, a connection
a call, ended by ``reset``; the whole line, with that server's own endpointing.

Long: one program that is started by itself on cores of its own, with a caller for each way of talking to a server.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import aiohttp

from ivr.core.endpointing import FRAME_MS, SILENCE_FRAME, Endpointing
from ivr.measure.recognition.callers import Turn, Utterance, caller, utterances

Way = Literal["speech", "line", "eof", "reset", "plain"]
FRAME_S = FRAME_MS / 1000
GRACE_S = 3.0
"""What has not come back so long after its time is lost."""
ALTERNATIVES = 4
"""As many readings as the server itself asks for at an open question."""


@dataclass(frozen=True, slots=True)
class Trial:
    """So many callers against one server."""

    way: Way
    port: int
    calls: int
    seconds: float
    warm_s: float
    """Results of utterances that end earlier are not counted."""
    audio: tuple[str, ...]
    message_ms: int
    """How much sound one message to a websocket server holds."""


@dataclass(slots=True)
class Came:
    """What came of a trial; times in ms."""

    lags_ms: list[float] = field(default_factory=list)
    """From sending the sound or word that ends an utterance to its final result."""
    after_voice_ms: list[float] = field(default_factory=list)
    """From the last voiced frame to the final result, where that is known."""
    wanted: int = 0
    texts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Recording → text → how often it was heard so."""
    problems: list[str] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    """How late the callers themselves were: a load that cannot keep up measures itself."""


class Caller:
    """One caller; the subclasses know how to talk to their side."""

    def __init__(self, trial: Trial, turns: Sequence[Turn], began: float, came: Came) -> None:
        self._trial, self._turns, self._began, self._came = trial, turns, began, came

    async def run(self) -> None:
        raise NotImplementedError

    async def _until(self, at_s: float) -> None:
        due = self._began + at_s
        wait = due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._came.late_ms.append((time.monotonic() - due) * 1000)

    def _counts(self, turn: Turn) -> bool:
        return turn.at_s + len(turn.utterance.frames) * FRAME_S >= self._trial.warm_s

    def _heard(self, turn: Turn, text: str, ended: float) -> None:
        if self._counts(turn):
            now, one = time.monotonic(), turn.utterance
            self._came.lags_ms.append((now - ended) * 1000)
            self._came.after_voice_ms.append((now - self._began - turn.at_s - (one.spoken + 1) * FRAME_S) * 1000)
            heard = self._came.texts.setdefault(one.name, {})
            heard[text] = heard.get(text, 0) + 1


class SpeechOnly(Caller):
    """Sends each utterance, from before speech was noticed to its end, and says when it is over."""

    async def run(self) -> None:
        """Speak all turns, over whatever connection the side wants."""
        for turn in self._turns:
            one = turn.utterance
            self._came.wanted += self._counts(turn)
            await self._until(turn.at_s + one.noticed * FRAME_S)
            await self.open()
            waiting = list(one.frames[one.begins : one.noticed + 1])
            step = self.step
            for number in range(one.noticed + 1, one.ends + 1):
                if len(waiting) >= step:
                    await self._until(turn.at_s + (number - 1) * FRAME_S)
                    await self.send(b"".join(waiting))
                    waiting.clear()
                waiting.append(one.frames[number])
            await self._until(turn.at_s + one.ends * FRAME_S)
            await self.send(b"".join(waiting))
            ended = time.monotonic()
            self._heard(turn, await self.end(), ended)

    step = 1
    """Frames that are sent at once."""

    async def open(self) -> None:
        """Before an utterance."""

    async def send(self, pcm: bytes) -> None:
        raise NotImplementedError

    async def end(self) -> str:
        """The utterance is over; its text."""
        raise NotImplementedError


class OurSpeech(SpeechOnly):
    """Ours, told where utterances end: 20 ms a frame."""

    async def run(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._trial.port)
        try:
            await super().run()
        finally:
            self._writer.close()

    async def send(self, pcm: bytes) -> None:
        """Some sound, in frames of 20 ms, as AudioSocket has it."""
        for at in range(0, len(pcm), 320):
            self._writer.write(struct.pack(">BH", 0x10, 320) + pcm[at : at + 320])

    async def end(self) -> str:
        """The utterance is over; its text."""
        self._writer.write(struct.pack(">BH", 0x01, 0))
        return str(json.loads(await self._reader.readline())["text"])


class OurLine(Caller):
    """Ours, given the whole line; it finds the ends itself."""

    async def run(self) -> None:
        """Send every frame of the line."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._trial.port)
        writer.write(struct.pack(">BH", 0x02, 4) + b"line")
        sent: list[float] = []
        reading = asyncio.create_task(self._read(reader, sent))
        for number, frame in enumerate(line(self._turns, self._trial.seconds)):
            await self._until(number * FRAME_S)
            sent.append(time.monotonic())
            writer.write(struct.pack(">BH", 0x10, 320) + frame)
        await asyncio.wait((reading,), timeout=GRACE_S if self._came.wanted else 0)
        reading.cancel()
        writer.close()

    async def _read(self, reader: asyncio.StreamReader, sent: list[float]) -> None:
        self._came.wanted += sum(map(self._counts, self._turns))
        for _ in self._turns:
            answer = json.loads(await reader.readline())
            at = answer["frames"] - 1
            turn = min(self._turns, key=lambda turn: abs(turn.at_s + turn.utterance.ends * FRAME_S - at * FRAME_S))
            self._heard(turn, answer["text"], sent[at])


class PeerSpeech(SpeechOnly):
    """A websocket server, told where utterances end."""

    def __init__(
        self, trial: Trial, turns: Sequence[Turn], began: float, came: Came, http: aiohttp.ClientSession
    ) -> None:
        super().__init__(trial, turns, began, came)
        self._http = http
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._unanswered = 0
        self.step = trial.message_ms // FRAME_MS

    async def run(self) -> None:
        try:
            await super().run()
        finally:
            if self._socket:
                await self._socket.close()

    async def open(self) -> None:
        """A connection for each utterance, or for all."""
        if self._socket is None:
            self._socket = await connected(self._http, self._trial.port)

    async def send(self, pcm: bytes) -> None:
        """Some sound; what has been answered meanwhile is read at the end."""
        assert self._socket
        await self._socket.send_bytes(pcm)
        self._unanswered += 1

    async def end(self) -> str:
        """The utterance is over; its text."""
        assert self._socket
        word = "eof" if self._trial.way == "eof" else "reset"
        await self._socket.send_str(f'{{"{word}" : 1}}')
        texts = []
        for _ in range(self._unanswered + 1):
            texts.append(text_of(json.loads(await self._socket.receive_str())) or "")
        self._unanswered = 0
        if word == "eof":
            await self._socket.close()
            self._socket = None
        return " ".join(filter(None, texts))


class PeerLine(Caller):
    """A websocket server as its users have it: the whole line, its own endpointing."""

    def __init__(
        self, trial: Trial, turns: Sequence[Turn], began: float, came: Came, http: aiohttp.ClientSession
    ) -> None:
        super().__init__(trial, turns, began, came)
        self._http = http

    async def run(self) -> None:
        """Send every frame of the line; every message is answered, in order, so an answer tells its message."""
        socket = await connected(self._http, self._trial.port)
        sent: deque[tuple[float, float]] = deque()
        reading = asyncio.create_task(self._read(socket, sent))
        frames = list(line(self._turns, self._trial.seconds))
        step = self._trial.message_ms // FRAME_MS
        for at in range(0, len(frames), step):
            await self._until((at + step - 1) * FRAME_S)
            sent.append((time.monotonic(), (at + step) * FRAME_S))
            await socket.send_bytes(b"".join(frames[at : at + step]))
        await asyncio.sleep(0 if not sent else GRACE_S)
        reading.cancel()
        self._came.wanted += len(sent) > 0  # it has fallen behind for good
        await socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, sent: deque[tuple[float, float]]) -> None:
        """Its own ends decide what is one utterance, so all that is wanted is an answer in time to each that it found."""
        while True:
            received = await socket.receive()
            if received.type is not aiohttp.WSMsgType.TEXT:
                return
            answer = json.loads(received.data)
            at, line_s = sent.popleft()
            text = text_of(answer)
            if not text:
                continue
            turn = max((t for t in self._turns if t.at_s < line_s), key=lambda t: t.at_s, default=None)
            if turn is not None:
                self._came.wanted += self._counts(turn)
                self._heard(turn, text, at)


def text_of(answer: dict[str, Any]) -> str | None:
    """The words of a final result; None for a partial one."""
    if "alternatives" in answer:
        return str(answer["alternatives"][0]["text"]) if answer["alternatives"] else ""
    return answer.get("text")


async def connected(http: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse:
    """A connection that asks for what the server itself asks of Vosk at an open question."""
    socket = await http.ws_connect(f"ws://127.0.0.1:{port}")
    config = {"sample_rate": 8000, "words": False, "max_alternatives": ALTERNATIVES}
    await socket.send_str(json.dumps({"config": config}))
    return socket


def line(turns: Sequence[Turn], seconds: float) -> list[bytes]:
    """Every frame of a caller's line."""
    frames = [SILENCE_FRAME] * int(seconds / FRAME_S)
    for turn in turns:
        at = round(turn.at_s / FRAME_S)
        frames[at : at + len(turn.utterance.frames)] = turn.utterance.frames
    return frames


def on_frames(turns: Sequence[Turn]) -> list[Turn]:
    """The same with beginnings at whole frames."""
    return [Turn(round(turn.at_s / FRAME_S) * FRAME_S, turn.utterance) for turn in turns]


async def play(trial: Trial, said: Sequence[Utterance]) -> Came:
    """The whole trial."""
    came = Came()
    began = time.monotonic() + 0.5
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        callers: list[Caller] = []
        for number in range(trial.calls):
            turns = on_frames(list(caller(number, said, trial.seconds)))
            if trial.way in ("eof", "reset"):
                callers.append(PeerSpeech(trial, turns, began, came, http))
            elif trial.way == "plain":
                callers.append(PeerLine(trial, turns, began, came, http))
            else:
                callers.append((OurSpeech if trial.way == "speech" else OurLine)(trial, turns, began, came))
        tasks = [asyncio.create_task(one.run()) for one in callers]
        _, late = await asyncio.wait(tasks, timeout=trial.seconds + GRACE_S + 0.5)
        for task in late:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    came.problems += [repr(end) for end in ends if isinstance(end, BaseException)]
    return came


def main() -> int:
    """One trial."""
    trial = Trial(**json.load(sys.stdin))
    said = utterances([Path(path) for path in trial.audio], Endpointing())
    came = asyncio.run(play(trial, said))
    print(json.dumps(asdict(came)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
