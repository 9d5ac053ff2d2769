"""Synthetic voices of callers: "pyttsx3:gmw/en-us" (always there), "flite:slt", "espeak:en-us+f4"; then "@" and the pace.

``^`` and a factor after it raise or lower the whole voice: "pyttsx3:gmw/en-us@1.1^1.15" is a smaller speaker.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import soxr

from ivr.adapters.sound.telephone import BadSound, read_wav
from ivr.adapters.speech_out.voice import Speaker, VoiceSettings
from ivr.provision import debian
from ivr.provision.debian import PartMissing
from ivr.provision.places import CACHE
from ivr.replay.making.phone_line import Samples

_WORDS_A_MINUTE = 160
KINDS = ("pyttsx3", "flite", "espeak")


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice, as it is written."""

    kind: str
    name: str
    pace: float = 1.0
    raised: float = 1.0

    @classmethod
    def read(cls, written: str) -> Voice:
        """Read "flite:slt@0.9^1.1"; raises ValueError."""
        voice, _, raised = written.partition("^")
        voice, _, pace = voice.partition("@")
        kind, _, name = voice.partition(":")
        if kind not in KINDS or not name:
            raise ValueError(
                f"unknown voice {written!r}: write KIND:NAME, KIND being one of {', '.join(KINDS)}: flite:slt@0.9"
            )
        try:
            return cls(kind, name, float(pace or 1), float(raised or 1))
        except ValueError as error:
            raise ValueError(f"voice {written!r}: after @ and ^ stand numbers, as in flite:slt@0.9^1.1") from error


def speak(written: str, text: str) -> tuple[Samples, int]:
    """The sound of a text by a voice that is a program, and its rate in Hz. Raises ValueError, PartMissing, BadSound."""
    voice = Voice.read(written)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command, environment = _command(voice, text, path)
        try:
            subprocess.run(command, check=True, capture_output=True, env=environment)
        except FileNotFoundError as error:
            raise PartMissing(f"there is no program {command[0]}: install the package {command[0]}") from error
        return _raised(voice, path)


def _command(voice: Voice, text: str, path: Path) -> tuple[list[str], dict[str, str] | None]:
    if voice.kind == "flite":
        found = debian.locate(debian.FLITE, CACHE)
        if found is None:
            raise PartMissing("the voices of flite are not here: get them with `ivr voices --get flite`")
        words = ["-voice", voice.name, "--setf", f"duration_stretch={1 / voice.pace:.3f}", "-t", text, "-o", str(path)]
        return [*found.command(), *words], {**os.environ, **found.environment()}
    if voice.kind == "espeak":
        pace = str(round(_WORDS_A_MINUTE * voice.pace))
        return ["espeak-ng", "-v", voice.name, "-s", pace, "-w", str(path), text], None
    raise ValueError(f"{voice.kind}:{voice.name} is no program")


def _raised(voice: Voice, path: Path) -> tuple[Samples, int]:
    samples, rate = read_wav(path)
    if voice.raised != 1.0:
        # played faster, all its frequencies are higher, as those of a smaller speaker
        samples = soxr.resample(samples, rate * voice.raised, rate, quality="HQ")
    return samples.astype("float64"), rate


@dataclass(slots=True)
class Voices:
    """All of them; close it when the last one has spoken."""

    _speaker: Speaker = field(default_factory=Speaker)

    async def speak(self, written: str, text: str) -> tuple[Samples, int]:
        """The sound of a text and its rate in Hz. Raises ValueError, PartMissing, VoiceFailed, BadSound."""
        voice = Voice.read(written)
        if voice.kind != "pyttsx3":
            return await asyncio.to_thread(speak, written, text)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "said.wav"
            settings = VoiceSettings(voice.name, round(_WORDS_A_MINUTE * voice.pace / voice.raised))
            await self._speaker.render(text, settings, path)
            return await asyncio.to_thread(_raised, voice, path)

    async def close(self) -> None:
        """End the child process."""
        await self._speaker.close()


__all__ = ["BadSound", "PartMissing", "Voice", "Voices", "speak"]
