"""Calls from a script: what is said, in whose voice, on what line; made into a corpus of sound files.

A script is a TOML file with a table a call, which holds what the call's own file will (``Facts``), and beside it ``voices``,
``snr_db``, ``noise``, ``codec``, ``loss``. With several voices each makes a call of its own. flite makes the same sound of
the same words, byte for byte; pyttsx3's differs by a few samples now and then, so a corpus is made once and kept.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import soxr
import tomli_w
from pydantic import Field, ValidationError

from ivr.adapters.own_files import NotOurs, refuse_others
from ivr.adapters.sound.telephone import BadSound
from ivr.calls.caller.ports import VoiceFailed
from ivr.corpus.format import CorpusError, Facts, Said, read_toml, sentences
from ivr.provision.debian import PartMissing
from ivr.replay.making import phone_line
from ivr.replay.making.phone_line import Codec, Noise, Samples
from ivr.replay.making.voices import Voice, Voices

RATE = phone_line.RATE
BEFORE_S, BETWEEN_S = 0.6, 0.5
"""The line alone, before the first piece and after each."""
COUGH = "cough"
_LINE_NOISE_DB = 38.0
"""Below the voice, where a call names no noise."""


class Line(Facts):
    """One call of a script."""

    voices: tuple[str, ...] = ()
    """As ``ivr.replay.making.voices`` reads them; none: a call in text."""
    snr_db: Annotated[float, Field(ge=-5, le=60)] = _LINE_NOISE_DB
    """How far the noise lies below the voice."""
    noise: Noise = "white"
    codec: Codec = "ulaw"
    loss: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Share of 20 ms packets that are lost on the way."""


@dataclass(frozen=True, slots=True)
class Scripted:
    """One call to be made: one line of a script in one voice."""

    name: str
    line: Line
    voice: str | None


def read_script(path: Path) -> tuple[Scripted, ...]:
    """The calls of a script. Raises CorpusError with everything that is wrong in it."""
    toml = read_toml(path)
    problems, made = [], []
    for name, table in toml.tables.items():
        try:
            line = Line.model_validate(table)
            made += _voiced(name, line)
        except ValidationError as error:
            problems += sentences(path, toml, error, Line, (name,))
        except ValueError as error:
            problems.append(f"{path}:{toml.lines.line((name,))}: {name}: {error}")
    if problems:
        raise CorpusError(problems)
    return tuple(made)


def _voiced(name: str, line: Line) -> list[Scripted]:
    if not line.said:
        raise ValueError("has no [[said]]: there is nothing to make of it")
    if not line.voices:
        return [Scripted(name, line, None)]
    for voice in line.voices:
        Voice.read(voice)
    if len(line.voices) == 1:
        return [Scripted(name, line, line.voices[0])]
    return [Scripted(f"{name}-{number}", line, voice) for number, voice in enumerate(line.voices, 1)]


async def make(path: Path, folder: Path, told: Callable[[str, str], None] = lambda name, problem: None) -> int:
    """Make the calls of a script in a corpus folder; returns how many could not be made. Raises CorpusError.

    ``told`` hears of each call, with what was wrong or nothing.
    """
    script = await asyncio.to_thread(read_script, path)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    voices, failed = Voices(), 0
    try:
        for one in script:
            try:
                await _make_one(one, folder, voices)
            except (BadSound, VoiceFailed, PartMissing, NotOurs, OSError) as error:
                failed += 1
                told(one.name, str(error))
            else:
                told(one.name, "")
    finally:
        await voices.close()
    return failed


async def _make_one(one: Scripted, folder: Path, voices: Voices) -> None:
    facts = one.line.model_dump(
        mode="json", exclude_unset=True, exclude=set(Line.model_fields) - set(Facts.model_fields)
    )
    facts["origin"] = "synthetic" if one.voice else "text"
    facts["tags"] = [*one.line.tags, *_tags(one)]
    _refuse_others(folder / one.name)
    if one.voice:
        sound, edges = await _sound(one, one.voice, voices)
        for said, edge in zip(facts["said"], edges, strict=True):
            if edge is not None:
                said["from_s"], said["to_s"] = edge
        await asyncio.to_thread(
            soundfile.write, folder / f"{one.name}.wav", np.clip(sound, -1, 1), RATE, subtype="ULAW", format="WAV"
        )
    await asyncio.to_thread((folder / f"{one.name}.toml").write_text, tomli_w.dumps(facts), encoding="utf-8")


def _refuse_others(call: Path) -> None:
    """What was made here says that it was: a recorded call of the same name is somebody's. Raises NotOurs."""
    text = call.with_name(f"{call.name}.toml")
    refuse_others(text, b'origin = "synthetic"', b'origin = "text"')
    if not text.is_file():
        refuse_others(call.with_name(f"{call.name}.wav"))


def _tags(one: Scripted) -> list[str]:
    if one.voice is None:
        return ["text"]
    tags = [one.voice, f"{one.line.noise} {one.line.snr_db:g} dB"]
    if one.line.codec != "ulaw":
        tags.append(one.line.codec)
    if one.line.loss:
        tags.append(f"loss {one.line.loss:.0%}")
    return tags


async def _sound(one: Scripted, voice: str, voices: Voices) -> tuple[Samples, list[tuple[float, float] | None]]:
    """The caller's line with every piece on it, and where each piece stands, in seconds."""
    line, seed = one.line, zlib.crc32(one.name.encode())
    pieces: list[Samples] = [np.zeros(round(BEFORE_S * RATE))]
    edges: list[tuple[float, float] | None] = []
    for said in line.said:
        if said.keys is not None:
            edges.append(None)
            continue
        heard = await piece(said, voice, voices)
        begin = sum(map(len, pieces))
        edges.append((round(begin / RATE, 2), round((begin + len(heard)) / RATE, 2)))
        pieces += [heard, np.zeros(round(BETWEEN_S * RATE))]
    return on_the_line(np.concatenate(pieces), line, seed), edges


async def piece(said: Said, voice: str, voices: Voices) -> Samples:
    """The sound of one piece by a voice, as loud as all are on the line. Raises what ``Voices.speak`` raises."""
    if said.text == COUGH and said.noise:
        return _cough() * 10 ** ((phone_line.LEVEL_DB + 10) / 20)
    samples, rate = await voices.speak(voice, (said.text or "").replace("...", ",,"))
    heard = phone_line.band(phone_line.trimmed(soxr.resample(samples, rate, RATE, quality="VHQ")))
    return np.asarray(heard * 10 ** ((phone_line.LEVEL_DB - phone_line.active_level(heard)) / 20), dtype=np.float64)


def _cough() -> Samples:
    """A short dull noise that rises at once and dies away."""
    time = np.arange(round(RATE * 0.18)) / RATE
    noise = np.convolve(np.random.default_rng(0).standard_normal(len(time)), np.hanning(9), "same")
    made = noise * (1 - np.exp(-time / 0.004)) * np.exp(-time / 0.05)
    return np.asarray(made / np.abs(made).max(), dtype=np.float64)


def on_the_line(samples: Samples, line: Line, seed: int) -> Samples:
    """What arrives of it: the noise of the place, the codec, lost packets."""
    noise = phone_line.noise_of(line.noise, len(samples), seed) * 10 ** ((phone_line.LEVEL_DB - line.snr_db) / 20)
    heard = phone_line.coded(samples + noise, line.codec)
    return phone_line.with_loss(heard, line.loss, seed) if line.loss else heard
