"""Sound files to telephone sound: read, resample without aliasing, trim, level."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from ivr.core.speech import SAMPLE_RATE

Samples = npt.NDArray[np.float32]
LEVEL_DB = -23.0
"""Active speech level, dB of full scale: loud for a telephone, and low enough that no sentence is held back by its peaks."""
PEAK_DB = -1.0
_GATE_DB = 30.0
"""Frames this far below the loudest are pauses and do not count towards the level (in the manner of ITU-T P.56)."""
_FRAME = SAMPLE_RATE // 50
_KEEP = SAMPLE_RATE // 50
_EDGE = SAMPLE_RATE // 200


class BadSound(Exception):
    """A sound file that cannot be used; the message names it and says why."""


def read_wav(path: Path) -> tuple[Samples, int]:
    """A PCM WAV file as mono samples from -1 to 1, and its rate in Hz; raises BadSound."""
    try:
        with wave.open(str(path)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError, OSError) as error:
        raise BadSound(f"{path}: not a PCM WAV file that can be read: {error}") from error
    if width != 2:
        raise BadSound(f"{path}: {width * 8}-bit samples; 16-bit is needed")
    whole = len(raw) - len(raw) % (2 * channels)  # a file that was cut off may end within a sample
    samples = np.frombuffer(raw[:whole], dtype="<i2").astype(np.float32) / 32768
    return samples.reshape(-1, channels).mean(axis=1, dtype=np.float32), rate


def telephone(samples: Samples, rate: int) -> bytes:
    """Any mono sound as 8 kHz 16-bit PCM: band-limited resampling, silence trimmed, levelled, edges rounded.

    Raises BadSound when there is nothing to be heard in it.
    """
    resampled = soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ") if rate != SAMPLE_RATE else samples
    levelled = level(trim(np.asarray(resampled, dtype=np.float32)))
    edge = np.linspace(0, 1, min(_EDGE, len(levelled)), dtype=np.float32)
    levelled[: len(edge)] *= edge
    levelled[len(levelled) - len(edge) :] *= edge[::-1]
    return to_pcm(levelled)


def to_pcm(samples: Samples) -> bytes:
    """Samples from -1 to 1 as 16-bit little-endian."""
    return bytes(np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes())


def _frame_levels(samples: Samples) -> npt.NDArray[np.float64]:
    """The level of each 20 ms, in dB of full scale."""
    whole = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    return np.asarray(10 * np.log10((whole**2).mean(axis=1) + 1e-12), dtype=np.float64)


def active_level_db(samples: Samples) -> float:
    """The level of the frames in which somebody speaks, in dB of full scale; raises BadSound for silence."""
    levels = _frame_levels(samples)
    if not len(levels) or levels.max() < -60:
        raise BadSound("there is nothing to be heard in it")
    active = levels[levels > levels.max() - _GATE_DB]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def trim(samples: Samples) -> Samples:
    """Without the silence before and after, but for 20 ms."""
    levels = _frame_levels(samples)
    heard = np.flatnonzero(levels > max(levels.max(initial=-99) - 45, -60))
    if not len(heard):
        raise BadSound("there is nothing to be heard in it")
    first, last = int(heard[0]) * _FRAME - _KEEP, (int(heard[-1]) + 1) * _FRAME + _KEEP
    return samples[max(first, 0) : last].copy()


def level(samples: Samples) -> Samples:
    """Brought to LEVEL_DB, or as near to it as the peaks allow."""
    gain_db = LEVEL_DB - active_level_db(samples)
    peak_db = 20 * float(np.log10(np.abs(samples).max()))
    gain_db = min(gain_db, PEAK_DB - peak_db)
    return np.asarray(samples * np.float32(10 ** (gain_db / 20)), dtype=np.float32)


def wav_bytes(pcm: bytes) -> bytes:
    """8 kHz 16-bit mono PCM as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm)
    return buffer.getvalue()
