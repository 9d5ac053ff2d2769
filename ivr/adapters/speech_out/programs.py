"""Voices that are programs of their own: flite and RHVoice, one short run a sentence, killed when it hangs.

A program that is missing, hangs or dies is left alone for a while, said so once, and asked again later; whoever uses it
says its sentences with another voice meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from ivr.calls.caller.ports import VoiceFailed

log = structlog.get_logger(__name__)
SENTENCE_S = 3.0
"""They take 20 to 500 ms; a caller who waits longer should hear another voice."""
REST_S = 60.0
_AT_ONCE = 2
_WRITTEN_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": ", ", "—": ", ", "…": ". ", "ß": "ss", "æ": "ae", "ø": "o",
     "Æ": "Ae", "Ø": "O", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)  # fmt: skip


class HowToSay(Protocol):
    """The part of a voice's settings that is needed here."""

    @property
    def voice(self) -> str:
        """The program's own name for the voice."""

    @property
    def rate_wpm(self) -> int:
        """Words a minute, as pyttsx3 counts them."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its voices, and how it is told what to say."""

    name: str
    paces: Mapping[str, int]
    """Its voices, the first being its own choice, and how fast each speaks by itself: words a minute, as pyttsx3 counts."""
    words: Callable[[str, str, float, Path], tuple[list[str], bytes]]
    """Text, voice, speed (1 is the voice's own) and the WAV file to write → arguments and standard input."""


def _flite(text: str, voice: str, speed: float, path: Path) -> tuple[list[str], bytes]:
    return ["-voice", voice, "--setf", f"duration_stretch={1 / speed:.3f}", "-t", text, "-o", str(path)], b""


def _rhvoice(text: str, voice: str, speed: float, path: Path) -> tuple[list[str], bytes]:
    return ["-p", voice, "-r", str(round(100 * speed)), "-o", str(path)], text.encode()


FLITE = Program("flite", {"rms": 143, "slt": 165, "awb": 152}, _flite)
RHVOICE = Program("rhvoice", {"alan": 135, "slt": 143, "bdl": 154, "clb": 146}, _rhvoice)
"""Two more of its English voices may not be used commercially (CC BY-NC-ND), so they are not offered."""


class ProgramEngine:
    """One program at work; ``command`` None: it is not on this machine, and ``missing`` says what to do about it."""

    def __init__(
        self,
        program: Program,
        command: Sequence[str] | None,
        environment: Mapping[str, str] | None = None,
        missing: str = "",
        timeout_s: float = SENTENCE_S,
        rest_s: float = REST_S,
    ) -> None:
        self.program = program
        self._command = command
        self._environment = {**os.environ, **(environment or {})}
        self.missing = missing
        """What to do about it where the program is not there, else empty."""
        self._timeout_s, self._rest_s = timeout_s, rest_s
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._rests_until: float | None = None

    async def render(self, text: str, settings: HowToSay, path: Path) -> None:
        """Write a sentence as WAV. Raises VoiceFailed, at once when the text or the program is not fit for it."""
        pace = self.program.paces.get(settings.voice)
        if pace is None:
            raise VoiceFailed(f"{self.program.name} has no voice {settings.voice}")
        if self._command is None:
            raise self._down(f"it is not there: {self.missing}")
        now = asyncio.get_running_loop().time()
        if self._rests_until is not None and now < self._rests_until:
            raise VoiceFailed(f"{self.program.name} did not work a moment ago and is left alone")
        arguments, given = self.program.words(
            plain_latin(text, self.program.name), settings.voice, settings.rate_wpm / pace, path
        )
        async with self._gate:
            await self._twice([*self._command, *arguments], given)
        if not await asyncio.to_thread(path.is_file):
            raise VoiceFailed(f"{self.program.name} made no sound of {text!r}")
        if self._rests_until is not None:
            self._rests_until = None
            log.info("a voice speaks again", engine=self.program.name)

    async def close(self) -> None:
        """Nothing lives on between sentences."""

    async def _twice(self, words: Sequence[str], given: bytes) -> None:
        """Run it; one that dies is run once more, one that hangs is not waited for again."""
        problem = ""
        for _ in range(2):
            try:
                code, said = await self._run(words, given)
            except TimeoutError:
                raise self._down(f"no sound after {self._timeout_s:g} s") from None
            except OSError as error:
                raise self._down(f"it cannot be started: {error.strerror}") from error
            if code == 0:
                return
            problem = f"it ended with {code}{f': {said}' if said else ''}"
        raise self._down(problem)

    async def _run(self, words: Sequence[str], given: bytes) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *words, env=self._environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._timeout_s):
                _, said = await process.communicate(given)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        assert process.returncode is not None
        return process.returncode, said.decode(errors="replace").strip()[-200:]

    def _down(self, problem: str) -> VoiceFailed:
        if self._rests_until is None:
            log.warning("a voice does not work, pyttsx3 speaks instead", engine=self.program.name, problem=problem)
        self._rests_until = asyncio.get_running_loop().time() + self._rest_s
        return VoiceFailed(f"{self.program.name}: {problem}")


def plain_latin(text: str, name: str) -> str:
    """The text in the letters that such programs read, accents off; raises VoiceFailed when that would leave words out.

    They pass over what they cannot read without a word: a caller would hear half a sentence.
    """
    signs = []
    for sign in unicodedata.normalize("NFKD", text.translate(_WRITTEN_ALIKE)):
        if sign.isascii():
            signs.append(sign if sign.isprintable() else " ")
        elif unicodedata.category(sign)[0] in "LN":
            raise VoiceFailed(f"{name} cannot read {sign!r} in {text!r}")
        elif not unicodedata.combining(sign):
            signs.append(" ")
    plain = " ".join("".join(signs).split())
    if not any(sign.isalnum() for sign in plain):
        raise VoiceFailed(f"{name} finds nothing to say in {text!r}")
    return plain
