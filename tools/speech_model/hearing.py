"""Recordings through the product's own recogniser, fed in frames of 20 ms as a call feeds them."""

from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from pathlib import Path

from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.calls.caller.ports import Transcript
from ivr.core.endpointing import FRAME_BYTES

CALLS = Path("audio/calls")


def recording(path: Path) -> bytes:
    """The sound of a WAV file of 8 kHz, mono, 16 bits."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2), path
        return bytes(file.readframes(file.getnframes()))


async def heard(
    recogniser: VoskRecogniser,
    pcm: bytes,
    grammar: Sequence[str] | None = None,
    partial: Callable[[str], None] | None = None,
) -> Transcript:
    """What the recogniser makes of one utterance."""
    listening = recogniser.listen("en", grammar, partial)
    for start in range(0, len(pcm), FRAME_BYTES):
        listening.feed(pcm[start : start + FRAME_BYTES])
    return await listening.finish()
