"""The callers of ``ivr asr bench``: what each says and when, the same for every side that is measured.

A caller speaks an utterance, is silent while the machine would answer, speaks again. Where an utterance begins and ends is
decided once, by the server's own voice activity and endpointer, before anything is measured; so every side is told of the
same ends at the same moments.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from ivr.adapters.sound.files import BadSound, read_sound
from ivr.adapters.sound.telephone import frames
from ivr.adapters.speech_in.voice_activity import WebRtcVoiceActivity
from ivr.calls.caller.ear import PREROLL_MS
from ivr.core.endpointing import FRAME_MS, SAMPLE_RATE, SILENCE_FRAME, Endpointer, Endpointing

PAUSE_S = (3.0, 6.0)
"""The machine's turn: its prompt and the caller's thinking, drawn anew each time."""
SETTLE_FRAMES, END_FRAMES = 25, 75
"""Silence before and after a recording, in which its ends are looked for."""


class AudioUnusable(Exception):
    """Sound that the bench cannot use; the message names the file or folder and what would be right."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One recording as a line carries it: frames of 20 ms, with the silence around it."""

    name: str
    frames: tuple[bytes, ...]
    begins: int
    """The first frame that is decoded: 300 ms from before speech was noticed belong to it."""
    noticed: int
    """The frame with which speech was noticed; it and those since ``begins`` are sent then."""
    ends: int
    """The frame with which the endpointer ends it."""
    spoken: int
    """The last frame with a voice."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that a caller says, and when."""

    at_s: float
    """When its first frame is sent, from the beginning of the measurement."""
    utterance: Utterance


def utterances(paths: Sequence[Path], timing: Endpointing) -> list[Utterance]:
    """Every recording in which the endpointer finds one utterance; raises AudioUnusable."""
    files = sorted(file for path in paths for file in (path.glob("*.wav") if path.is_dir() else (path,)))
    if not files:
        raise AudioUnusable(
            f"{', '.join(map(str, paths))}: no .wav files; --audio names files or a folder that has some"
        )
    found = [one for file in files if (one := _utterance(file, timing))]
    if not found:
        raise AudioUnusable(f"{', '.join(map(str, paths))}: nobody speaks in these recordings")
    return found


def _utterance(file: Path, timing: Endpointing) -> Utterance | None:
    sent = _frames(file)
    activity, endpointer = WebRtcVoiceActivity(), Endpointer(timing)
    noticed: int | None = None
    spoken = 0
    for number, frame in enumerate(sent):
        voiced = activity.voiced(frame)
        spoken = number if voiced else spoken
        boundary = endpointer.feed(voiced)
        if boundary == "began" and noticed is None:
            noticed = number
        if boundary in ("ended", "too_long") and noticed is not None:
            begins = max(0, noticed + 1 - PREROLL_MS // FRAME_MS)
            return Utterance(file.stem, tuple(sent[: number + 1]), begins, noticed, number, spoken)
    return None


def _frames(file: Path) -> list[bytes]:
    try:
        sound, rate = read_sound(file)
    except BadSound as error:
        raise AudioUnusable(str(error)) from error
    mono = sound.mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    pcm = np.clip(np.rint(mono * 32768), -32768, 32767).astype("<i2").tobytes()
    return [SILENCE_FRAME] * SETTLE_FRAMES + frames(pcm) + [SILENCE_FRAME] * END_FRAMES


def caller(number: int, said: Sequence[Utterance], seconds: float) -> Iterator[Turn]:
    """What the caller with this number says within so many seconds; the same for the same number."""
    dice = random.Random(number)  # noqa: S311  # callers, not secrets
    at = dice.uniform(0, sum(PAUSE_S) / 2)
    while True:
        one = said[dice.randrange(len(said))]
        length = len(one.frames) * FRAME_MS / 1000
        if at + length > seconds:
            return
        yield Turn(at, one)
        at += length + dice.uniform(*PAUSE_S)


def talk_share(calls: int, said: Sequence[Utterance], seconds: float) -> float:
    """The share of the time of these callers that is an utterance: what is decoded where only speech is."""
    frames = sum(
        turn.utterance.ends - turn.utterance.begins + 1 for n in range(calls) for turn in caller(n, said, seconds)
    )
    return frames * FRAME_MS / 1000 / (calls * seconds) if calls else 0.0
