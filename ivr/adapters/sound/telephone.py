"""Sound files to telephone sound: read, resample without aliasing, trim, slow down, level, limit."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from ivr.adapters.sound.files import BadSound, opened, read_sound
from ivr.core.endpointing import FRAME_BYTES, SAMPLE_RATE

__all__ = [
    "LEVEL_DB", "PEAK_DB", "BadSound", "Samples", "active_level_db", "frames", "level", "limit", "louder", "read_wav", "resample",
    "stretch", "telephone", "to_pcm", "trim", "wav_bytes",
]  # fmt: skip
Samples = npt.NDArray[np.float32]
LEVEL_DB = -23.0
"""Active speech level, dB of full scale: loud for a telephone, and low enough that no sentence is held back by its peaks."""
PEAK_DB = -1.0
_GATE_DB = 30.0
"""Frames this far below the loudest are pauses and do not count towards the level (in the manner of ITU-T P.56)."""
_BITS = {"PCM_S8": "8-bit", "PCM_U8": "8-bit", "PCM_24": "24-bit", "PCM_32": "32-bit", "FLOAT": "floating-point"}
_FRAME = SAMPLE_RATE // 50
_KEEP = SAMPLE_RATE // 50
_EDGE = SAMPLE_RATE // 200
_LOOK = SAMPLE_RATE // 200
"""How long before and after a peak the limiter turns down, so that nobody hears it do so."""
_MOST_HELP_DB = 6.0
"""What the limiter has taken away is given back up to this much: more would squeeze the sound flat."""
_HOP = SAMPLE_RATE // 80
_SEEK = SAMPLE_RATE // 80
"""One period of the deepest voice (80 Hz): within it there is always a place that continues the wave."""


def read_wav(path: Path) -> tuple[Samples, int]:
    """A PCM WAV file as mono samples from -1 to 1, and its rate in Hz; raises BadSound."""
    try:
        with opened(path) as file:
            form, subtype, empty = str(file.format), str(file.subtype), not file.frames
    except BadSound as error:
        raise BadSound(f"{path}: not a PCM WAV file: {str(error).removeprefix(f'{path}: ')}") from error
    if form not in ("WAV", "WAVEX"):
        raise BadSound(f"{path}: not a PCM WAV file, but {form}")
    if subtype != "PCM_16":
        raise BadSound(f"{path}: {_BITS.get(subtype, subtype)} samples; 16-bit is needed")
    if empty:
        raise BadSound(f"{path}: there is nothing to be heard in it")
    samples, rate = read_sound(path)
    return samples.mean(axis=1, dtype=np.float32), rate


def resample(samples: Samples, rate: int) -> Samples:
    """At 8 kHz, without anything of what a telephone cannot carry."""
    if rate == SAMPLE_RATE:
        return samples
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ"), dtype=np.float32)


def frames(pcm: bytes) -> list[bytes]:
    """8 kHz 16-bit PCM as a call has it: frames of 20 ms, the last one filled up with silence."""
    return [pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for at in range(0, len(pcm), FRAME_BYTES)]


def telephone(samples: Samples, rate: int, longer: float = 1.0) -> bytes:
    """Any mono sound as 8 kHz 16-bit PCM: band-limited resampling, silence trimmed, levelled, edges rounded.

    ``longer`` above 1 says it slower at the same pitch. Raises BadSound when there is nothing to be heard in it.
    """
    levelled = level(stretch(trim(resample(samples, rate)), longer))
    edge = np.linspace(0, 1, min(_EDGE, len(levelled)), dtype=np.float32)
    levelled[: len(edge)] *= edge
    levelled[len(levelled) - len(edge) :] *= edge[::-1]
    return to_pcm(levelled)


def louder(pcm: bytes, gain_db: float) -> bytes:
    """Telephone sound louder (or, below 0, softer) by so many dB; peaks are held down softly, nothing is clipped."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(32768)
    return to_pcm(level(samples, active_level_db(samples) + gain_db))


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


def level(samples: Samples, level_db: float = LEVEL_DB) -> Samples:
    """Brought to an active level, or as near to it as a limiter can without squeezing the sound flat."""
    loud = samples * np.float32(10 ** ((level_db - active_level_db(samples)) / 20))
    limited, help_db = limit(loud), 0.0
    while help_db < _MOST_HELP_DB and (missing_db := level_db - active_level_db(limited)) > 0.1:
        help_db = min(help_db + missing_db, _MOST_HELP_DB)
        limited = limit(loud * np.float32(10 ** (help_db / 20)))
    return limited


def limit(samples: Samples, peak_db: float = PEAK_DB) -> Samples:
    """The same with no sample above ``peak_db``: turned down around each peak in a smooth curve of 10 ms."""
    ceiling = 10 ** (peak_db / 20)
    wanted = ceiling / np.maximum(np.abs(samples.astype(np.float64)), ceiling)
    if wanted.min(initial=1.0) >= 1.0:
        return samples
    # each sample takes the lowest gain near it; a mean of such gains is never above what the sample itself needs
    around = np.pad(wanted, 2 * _LOOK, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(around, 2 * _LOOK + 1).min(axis=1)
    curve = np.hanning(2 * _LOOK + 3)[1:-1]
    return np.asarray(samples * np.convolve(lowest, curve / curve.sum(), "valid"), dtype=np.float32)


def stretch(samples: Samples, longer: float) -> Samples:
    """So many times as long at the same pitch (0.5 to 2): WSOLA, at 8 kHz.

    Overlapping pieces are laid further apart (or closer); each is taken from where it best continues the one before.
    """
    if longer == 1.0 or len(samples) < 4 * _HOP:
        return samples
    window = np.hanning(2 * _HOP + 1)[:-1].astype(np.float32)
    pieces = round(len(samples) * longer / _HOP) + 1
    padded = np.pad(samples, (_HOP + _SEEK, 3 * _HOP + 2 * _SEEK))
    made = np.zeros((pieces + 1) * _HOP, np.float32)
    follow = _SEEK
    for number in range(pieces):
        middle = _SEEK + min(round(number * _HOP / longer), len(samples))
        wanted = padded[follow : follow + 2 * _HOP]
        near = padded[middle - _SEEK : middle + _SEEK + 2 * _HOP]
        windows = np.lib.stride_tricks.sliding_window_view(near, 2 * _HOP)
        likeness = windows @ wanted / np.sqrt((windows**2).sum(axis=1) + 1e-6)
        place = middle - _SEEK + int(np.argmax(likeness)) if number else middle
        made[number * _HOP : (number + 2) * _HOP] += padded[place : place + 2 * _HOP] * window
        follow = min(place + _HOP, len(padded) - 2 * _HOP)
    return made[_HOP : _HOP + round(len(samples) * longer)]


def wav_bytes(pcm: bytes) -> bytes:
    """8 kHz 16-bit mono PCM as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm)
    return buffer.getvalue()
