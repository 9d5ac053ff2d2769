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
from pathlib import Path

from ivr.adapters.speech_in import VoskRecogniser
from ivr.adapters.voice_activity import WebRtcVoiceActivity
from ivr.calls.ear import Ear, EarTiming
from ivr.calls.ports import Listening
from ivr.core.messages import Listen
from ivr.core.speech import Endpointing

HOW, END, AUDIO = 0x02, 0x01, 0x10


class Call:
    """One connection."""

    def __init__(self, recogniser: VoskRecogniser, writer: asyncio.StreamWriter) -> None:
        self._recogniser, self._writer = recogniser, writer
        self._listening: Listening | None = None
        self._ear: Ear | None = None
        self._frames = 0
        self._answers: set[asyncio.Task[None]] = set()

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
                self._listening = self._recogniser.listen("en", None, _nobody_reads)
            self._listening.feed(payload)

    def _listener(self) -> Ear:
        timing = EarTiming({"open": Endpointing()})
        ear = Ear(
            WebRtcVoiceActivity(), self._recogniser, timing, began=lambda: None,
            ended=lambda utterance, silence_ms, cut: self._finish(utterance),
            no_input=lambda sounded: None, partial=_nobody_reads,
        )  # fmt: skip
        ear.listen(Listen("open"), "en", now=0.0)
        return ear

    def _finish(self, listening: Listening) -> None:
        task = asyncio.create_task(self._answer(listening, self._frames))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, listening: Listening, frames: int) -> None:
        result = await listening.finish()
        if not self._writer.is_closing():
            self._writer.write(json.dumps({"text": result.text, "frames": frames}).encode() + b"\n")


def _nobody_reads(text: str) -> None:
    pass


async def serve(model: Path, threads: int) -> None:
    """Until it is killed."""
    recogniser = VoskRecogniser({"en": model}, threads)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = Call(recogniser, writer)
        try:
            while True:
                kind, length = struct.unpack(">BH", await reader.readexactly(3))
                call.frame(kind, await reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
