"""Speech out: pyttsx3 in a process of its own, recordings before synthesis, everything cached as telephone sound.

Other engines may speak instead of pyttsx3; what they cannot say, it says.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import structlog

from ivr.adapters.sound.telephone import BadSound, louder, read_wav, telephone, wav_bytes
from ivr.calls.caller.ports import NORMAL, Manner, VoiceFailed
from ivr.core.language import Language
from ivr.core.told import why

log = structlog.get_logger(__name__)
START_S, SENTENCE_S = 20.0, 10.0
_CACHE_VERSION = "3"
"""Raise it when ``telephone`` changes: old files are then not used any more."""
_IN_MEMORY = 512
PLAIN = "pyttsx3"
"""The engine that is always there."""
PLAIN_VOICES: dict[Language, str] = {"en": "gmw/en-us", "zh": "sit/cmn"}
_SLOWEST_WPM, _QUICKEST_WPM = 80, 450
"""espeak-ng's own bounds; what lies beyond them is stretched."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How one language sounds."""

    voice: str
    """The engine's own name for the voice, as "gmw/en-us"."""
    rate_wpm: int
    engine: str = PLAIN


class Engine(Protocol):
    """Something that makes sound of text."""

    async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
        """Write a sentence as WAV. Raises VoiceFailed when it cannot."""

    async def close(self) -> None:
        """Let go of everything."""


class Words(Protocol):
    """How words are said."""

    def apply(self, text: str, language: Language) -> str:
        """The text as it should be read out."""


ATTEMPTS = 3


class Speaker:
    """The child process with pyttsx3 in it: started when needed, killed when it hangs."""

    def __init__(self, timeout_s: float = SENTENCE_S) -> None:
        self._timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._voices: dict[str, str] = {}
        self.restarts = 0

    async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
        """Write a sentence as WAV; a child that hangs, dies or finishes nothing is started again. Raises VoiceFailed."""
        job = {"text": text, "voice": settings.voice, "rate": settings.rate_wpm, "path": str(path)}
        async with self._lock:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    answer = await self._ask(job)
                    if answer.get("again") and attempt < ATTEMPTS:
                        raise OSError(answer["error"])
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
        raise VoiceFailed(f"speech synthesis does not answer, not even after {ATTEMPTS - 1} restarts ({text!r})")

    async def voices(self) -> dict[str, str]:
        """Its voices and what they are called, in its own order. Raises VoiceFailed when it cannot be started."""
        async with self._lock:
            try:
                await self._start()
            except (TimeoutError, OSError, ValueError) as error:
                await self._kill()
                raise VoiceFailed(f"speech synthesis cannot be started: {error or 'no answer in time'}") from error
            return self._voices

    async def _start(self) -> None:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ivr.adapters.speech_out.pyttsx3_child",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            self._voices = (await self._answer(START_S))["voices"]

    async def _ask(self, job: dict[str, Any]) -> dict[str, Any]:
        await self._start()
        assert self._process and self._process.stdin
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._answer(self._timeout_s)

    async def _answer(self, timeout_s: float) -> dict[str, Any]:
        assert self._process and self._process.stdout
        async with asyncio.timeout(timeout_s):
            line = await self._process.stdout.readline()
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
        async with self._lock:
            await self._kill()


class PromptVoice:
    """The house's voice: a recording where there is one, else synthesis, from the cache where possible.

    ``audio`` holds ``prompts/<language>/<name>.wav`` (recordings) and ``cache/`` (rendered, safe to delete): in ``cache/prompts``
    sentences that are the same for everybody, beside it those that were made in a call and may name somebody.
    """

    def __init__(
        self,
        audio: Path,
        voices: Mapping[Language, VoiceSettings],
        plain: Engine,
        words: Words | None = None,
        engines: Mapping[str, Engine] | None = None,
    ) -> None:
        self._recordings = audio / "prompts"
        self._cache = audio / "cache"
        self._voices = voices
        self._words = words
        self._engines = {PLAIN: plain, **(engines or {})}
        self._memory: dict[tuple[object, ...], bytes] = {}
        self._of_nobody: set[tuple[str, Language]] = set()

    async def ahead(self, text: str, language: Language, recorded: str | None = None) -> bytes:
        """A sentence that is the same for everybody, before anybody calls; raises VoiceFailed."""
        self._of_nobody.add((text, language))
        return await self.speak(text, language, recorded)

    def forget(self) -> None:
        """Remember no sentence any more: one may name somebody who was erased. What is on the disk is read from there."""
        self._memory.clear()

    async def speak(self, text: str, language: Language, recorded: str | None = None, manner: Manner = NORMAL) -> bytes:
        """The sentence as 8 kHz 16-bit mono PCM; raises VoiceFailed."""
        settings = self._voices[language]
        try:
            return await self._remembered(text, language, recorded, manner, settings)
        except VoiceFailed as failure:
            if settings.engine == PLAIN:
                raise
            log.debug("another voice says it", text=text, problem=str(failure))
            plain = VoiceSettings(PLAIN_VOICES[language], settings.rate_wpm)
            return await self._remembered(text, language, recorded, manner, plain)

    async def _remembered(
        self, text: str, language: Language, recorded: str | None, manner: Manner, settings: VoiceSettings
    ) -> bytes:
        key = (text, language, recorded, manner, settings)
        if key not in self._memory:
            try:
                pcm = await self._find(text, language, recorded, manner.rate, settings)
            except OSError as error:  # a folder that may not be looked into
                raise VoiceFailed(f"{text!r} cannot be said: {error.filename}: {why(error)}") from error
            if manner.gain_db:
                pcm = await asyncio.to_thread(louder, pcm, manner.gain_db)
            if len(self._memory) >= _IN_MEMORY:
                self._memory.pop(next(iter(self._memory)))
            self._memory[key] = pcm
            return pcm
        return self._memory[key]

    async def _find(
        self, text: str, language: Language, recorded: str | None, rate: float, settings: VoiceSettings
    ) -> bytes:
        if recorded:
            recording = self._recordings / language / f"{recorded}.wav"
            if await asyncio.to_thread(recording.is_file):
                return await asyncio.to_thread(_from_file, recording, 1 / rate, recording.name)
        # what is read out, and not what is written, makes the name in the cache: a new pronunciation is a new sound
        said = self._words.apply(text, language) if self._words else text
        wanted_wpm = settings.rate_wpm * rate
        parts = (_CACHE_VERSION, language, settings.engine, settings.voice, f"{wanted_wpm:.0f}", said)
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        cached = made_in_calls = self._cache / language / f"{key}.wav"
        if (text, language) in self._of_nobody:
            cached = self._cache / "prompts" / language / f"{key}.wav"
            await asyncio.to_thread(_move, made_in_calls, cached)
        if await asyncio.to_thread(cached.is_file):
            try:
                samples, _ = await asyncio.to_thread(read_wav, cached)
                return bytes((samples * 32768).astype("<i2").tobytes())
            except BadSound as error:
                log.warning("cached prompt is damaged, rendered again", problem=str(error))
        return await self._render(said, wanted_wpm, settings, cached)

    async def _render(self, text: str, wanted_wpm: float, settings: VoiceSettings, cached: Path) -> bytes:
        began = time.perf_counter()
        rate_wpm = round(min(max(wanted_wpm, _SLOWEST_WPM), _QUICKEST_WPM))
        with _workshop() as folder:
            raw = folder / "raw.wav"
            await self._engines[settings.engine].render(text, replace(settings, rate_wpm=rate_wpm), raw)
            pcm = await asyncio.to_thread(_from_file, raw, rate_wpm / wanted_wpm, repr(text))
        await asyncio.to_thread(_keep, pcm, cached)
        log.debug(
            "prompt rendered", engine=settings.engine, text=text, took_ms=round((time.perf_counter() - began) * 1000)
        )
        return pcm


@contextlib.contextmanager
def _workshop() -> Iterator[Path]:
    """A folder for what is being made; raises VoiceFailed where the machine has no room for one."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="ivr-voice-")
    except OSError as error:
        raise VoiceFailed(f"nothing can be said without room for temporary files: {why(error)}") from error
    with folder as name:
        yield Path(name)


def _keep(pcm: bytes, cached: Path) -> None:
    """Put a sound into the cache, whole or not at all; one that cannot be kept is said all the same."""
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cached.parent, prefix=".new-") as folder:
            whole = Path(folder) / "whole.wav"
            whole.write_bytes(wav_bytes(pcm))
            whole.replace(cached)
    except OSError as error:
        log.warning("prompt not kept, it is rendered again after a restart", file=str(cached), problem=why(error))


def _move(made: Path, cached: Path) -> None:
    """What was made before it was known to be of nobody is not made again."""
    if made.is_file() and not cached.exists():
        with contextlib.suppress(OSError):  # it is rendered then
            cached.parent.mkdir(parents=True, exist_ok=True)
            made.replace(cached)


def _from_file(path: Path, longer: float, name: str) -> bytes:
    # less than 1 % is the rounding of words a minute
    try:
        return telephone(*read_wav(path), longer if abs(longer - 1) > 0.01 else 1.0)
    except BadSound as error:
        raise VoiceFailed(f"{name}: {error}") from error
