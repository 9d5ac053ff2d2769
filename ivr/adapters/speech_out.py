"""Speech out: pyttsx3 in a process of its own, recordings before synthesis, everything cached as telephone sound."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from ivr.adapters.sound import BadSound, read_wav, telephone, wav_bytes
from ivr.calls.ports import VoiceFailed
from ivr.core.caller import Language

log = structlog.get_logger(__name__)
START_S, SENTENCE_S = 20.0, 10.0
_CACHE_VERSION = "2"
"""Raise it when ``telephone`` changes: old files are then not used any more."""
_IN_MEMORY = 512


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How one language sounds."""

    voice: str
    """The engine's own name for the voice, as "gmw/en-us"."""
    rate_wpm: int


class Speaker:
    """The child process with pyttsx3 in it: started when needed, killed when it hangs."""

    def __init__(self, timeout_s: float = SENTENCE_S) -> None:
        self._timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self.restarts = 0

    async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
        """Write a sentence as WAV; a child that hangs or dies is started again once. Raises VoiceFailed."""
        job = {"text": text, "voice": settings.voice, "rate": settings.rate_wpm, "path": str(path)}
        async with self._lock:
            for attempt in (1, 2):
                try:
                    answer = await self._ask(job)
                except asyncio.CancelledError:
                    await self._kill()  # its answer would be taken for that of the next sentence
                    raise
                except (TimeoutError, OSError, ValueError) as error:
                    await self._kill()
                    self.restarts += 1
                    log.warning(
                        "speech synthesis restarted", attempt=attempt, problem=str(error) or "no answer in time"
                    )
                    continue
                if not answer["ok"]:
                    raise VoiceFailed(f"the voice {settings.voice} cannot say {text!r}: {answer['error']}")
                return
        raise VoiceFailed(f"speech synthesis does not answer, not even after a restart ({text!r})")

    async def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ivr.adapters.tts_child",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            await self._answer(START_S)
        assert self._process.stdin
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._answer(self._timeout_s)

    async def _answer(self, timeout_s: float) -> dict[str, Any]:
        assert self._process and self._process.stdout
        line = await asyncio.wait_for(self._process.stdout.readline(), timeout_s)
        if not line:
            raise OSError("the process has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def close(self) -> None:
        """End the child."""
        async with self._lock:
            await self._kill()


class PromptVoice:
    """The house's voice: a recording where there is one, else synthesis, from the cache where possible.

    ``audio`` holds ``prompts/<language>/<name>.wav`` (recordings) and ``cache/`` (rendered, safe to delete).
    """

    def __init__(self, audio: Path, voices: dict[Language, VoiceSettings], speaker: Speaker) -> None:
        self._recordings = audio / "prompts"
        self._cache = audio / "cache"
        self._voices = voices
        self._speaker = speaker
        self._memory: dict[str, bytes] = {}

    async def speak(self, text: str, language: Language, recorded: str | None = None) -> bytes:
        """The sentence as 8 kHz 16-bit mono PCM; raises VoiceFailed."""
        key = self._key(text, language, recorded)
        if key not in self._memory:
            pcm = await self._find(text, language, key, recorded)
            if len(self._memory) >= _IN_MEMORY:
                self._memory.pop(next(iter(self._memory)))
            self._memory[key] = pcm
        return self._memory[key]

    def _key(self, text: str, language: Language, recorded: str | None) -> str:
        settings = self._voices[language]
        parts = (_CACHE_VERSION, language, settings.voice, str(settings.rate_wpm), recorded or "", text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]

    async def _find(self, text: str, language: Language, key: str, recorded: str | None) -> bytes:
        if recorded:
            recording = self._recordings / language / f"{recorded}.wav"
            if await asyncio.to_thread(recording.is_file):
                return await asyncio.to_thread(_from_file, recording)
        cached = self._cache / language / f"{key}.wav"
        if await asyncio.to_thread(cached.is_file):
            try:
                samples, _ = await asyncio.to_thread(read_wav, cached)
                return bytes((samples * 32768).astype("<i2").tobytes())
            except BadSound as error:
                log.warning("cached prompt is damaged, rendered again", problem=str(error))
        return await self._render(text, language, cached)

    async def _render(self, text: str, language: Language, cached: Path) -> bytes:
        began = time.perf_counter()
        await asyncio.to_thread(cached.parent.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cached.parent, prefix=".new-") as folder:
            raw = Path(folder) / "raw.wav"
            await self._speaker.render(text, self._voices[language], raw)
            pcm = await asyncio.to_thread(_from_file, raw)
            whole = Path(folder) / "whole.wav"
            await asyncio.to_thread(whole.write_bytes, wav_bytes(pcm))
            await asyncio.to_thread(os.replace, whole, cached)
        log.debug("prompt rendered", language=language, text=text, took_ms=round((time.perf_counter() - began) * 1000))
        return pcm


def _from_file(path: Path) -> bytes:
    try:
        return telephone(*read_wav(path))
    except BadSound as error:
        raise VoiceFailed(f"{path.name}: {error}") from error
