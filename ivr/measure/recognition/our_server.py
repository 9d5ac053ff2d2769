"""Our side of ``ivr asr bench``, a process of its own: ``python asr_ours.py MODEL THREADS``. Prints its port.

Sound comes over TCP in AudioSocket's frames (kind, length, payload), one connection a call, as Asterisk sends it to the
server; results go back as lines of JSON. The first frame says what the call's frames are: ``speech``: only utterances,
whose ends the caller's side announces (kind 0x01), for the recogniser alone; ``line``: the whole line, silence included,
through the call's ear (voice activity, endpointer, recogniser), as the server hears it.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from ivr.adapters.speech_in.voice_activity import WebRtcVoiceActivity
from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.calls.caller.ear import Ear, EarTiming
from ivr.calls.caller.ports import Listening
from ivr.core.dialogue.messages import Listen
from ivr.core.endpointing import Endpointing

HOW, END, AUDIO = 0x02, 0x01, 0x10
READ_ALONG = 3
"""One utterance of so many asks for partial results; the Vosk project's server makes them for all."""
HEADER = struct.Struct(">BH")


class Call(asyncio.Protocol):
    """One connection, read as the server's own AudioSocket is."""

    def __init__(self, recogniser: VoskRecogniser) -> None:
        self._recogniser = recogniser
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._listening: Listening | None = None
        self._ear: Ear | None = None
        self._frames = self._said = 0
        self._answers: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._listening is not None:
            self._listening.cancel()
        if self._ear is not None:
            self._ear.rest()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        at = 0
        while len(self._buffer) - at >= HEADER.size:
            kind, length = HEADER.unpack_from(self._buffer, at)
            if len(self._buffer) - at - HEADER.size < length:
                break
            at += HEADER.size
            self.frame(kind, bytes(self._buffer[at : at + length]))
            at += length
        del self._buffer[:at]

    def frame(self, kind: int, payload: bytes) -> None:
        """One frame of AudioSocket."""
        if kind == HOW and payload == b"line":
            self._ear = self._listener()
        elif kind == END:
            if self._listening is not None:
                self._finish(self._listening)
                self._listening = None
        elif kind == AUDIO and self._ear is not None:
            self._frames += 1
            self._ear.sound(payload, asyncio.get_running_loop().time())
        elif kind == AUDIO:
            if self._listening is None:
                self._listening = self._recogniser.listen("en", None, self._reader())
            self._listening.feed(payload)

    def _listener(self) -> Ear:
        timing = EarTiming({"open": Endpointing()})
        ear = Ear(
            WebRtcVoiceActivity(), self._recogniser, timing, began=lambda: self._reader() is not None,
            ended=lambda utterance, silence_ms, cut: self._finish(utterance),
            no_input=lambda sounded: None, partial=_read,
        )  # fmt: skip
        ear.listen(Listen("open"), "en", now=0.0)
        return ear

    def _reader(self) -> Callable[[str], None] | None:
        """Somebody who reads along in every third utterance, as where a prompt is spoken over."""
        self._said += 1
        return _read if self._said % READ_ALONG == 0 else None

    def _finish(self, listening: Listening) -> None:
        task = asyncio.create_task(self._answer(listening, self._frames))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, listening: Listening, frames: int) -> None:
        result = await listening.finish()
        if self._transport is not None:
            self._transport.write(json.dumps({"text": result.text, "frames": frames}).encode() + b"\n")


def _read(text: str) -> None:
    pass


async def serve(model: Path, threads: int) -> None:
    """Until it is killed."""
    recogniser = VoskRecogniser({"en": model}, threads)

    server = await asyncio.get_running_loop().create_server(lambda: Call(recogniser), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
