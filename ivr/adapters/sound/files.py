"""Sound files of any kind that libsndfile reads (WAV of any subtype, FLAC, OGG …), or that have no header but a telephone
system's name (.ulaw, .alaw, .sln …), as samples, within sane bounds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from ivr.adapters.sound.headers import HEADER_BYTES, RAW, BadHeader, mended, raw_kind
from ivr.core.told import why

Sound = npt.NDArray[np.float32]
"""(frames, channels), each sample from -1 to 1."""
RATES_HZ = (4_000, 384_000)
LONGEST_S = 4 * 3600
MOST_SAMPLES = 400_000_000
"""Over all channels: 1.6 GB of memory, four hours of a call in stereo at 8 or 12 kHz, one hour at 48 kHz."""
MOST_CHANNELS = 32
FULL_SCALE = 4.0
"""Floating-point samples may pass full scale a little (they are cut); beyond this they were never on that scale."""


class BadSound(Exception):
    """A sound file that cannot be used; the message names it and says why."""


def read_sound(path: Path) -> tuple[Sound, int]:
    """All channels of a sound file, and its rate in Hz.

    A file that was cut off gives what is there. Raises BadSound, naming the file and what is wrong with it.
    """
    with opened(path) as file:
        _refuse_absurd(path, file)
        # the length must be named for what cannot be wound back (GSM)
        samples: Sound = file.read(int(file.frames), dtype="float32", always_2d=True)
        rate = int(file.samplerate)
    if not len(samples):
        raise BadSound(f"{path}: there is no sound in it")
    if not np.isfinite(samples).all():
        raise BadSound(f"{path}: {int((~np.isfinite(samples)).sum())} samples are no numbers (NaN or infinite)")
    peak = float(np.abs(samples).max())
    if peak > FULL_SCALE:
        raise BadSound(f"{path}: its samples reach {peak:.6g}; floating-point sound should be from -1 to 1")
    return (np.clip(samples, -1, 1, out=samples) if peak > 1 else samples), rate


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A file as libsndfile has it, whatever its header says, or without any. Raises BadSound, also for what goes wrong inside."""
    try:
        with path.open("rb") as file:
            start = file.read(HEADER_BYTES)
        kind = raw_kind(path, start)
        raw = (
            {"format": "RAW", "subtype": kind[0], "samplerate": kind[1], "channels": 1, "endian": "LITTLE"}
            if kind
            else {}
        )
        # soundfile goes by the name ".raw", whatever stands in the file
        by_name = kind is not None or path.suffix.lower() != ".raw"
        with soundfile.SoundFile(
            mended(path, start) or (path if by_name else io.BytesIO(path.read_bytes())), **raw
        ) as sound:
            yield sound
    except BadHeader as error:
        raise BadSound(f"{path}: {error}") from error
    except (soundfile.SoundFileError, OSError, RuntimeError) as error:
        raise BadSound(f"{path}: {_why(path, error)}") from error


def _refuse_absurd(path: Path, file: Any) -> None:
    rate, channels, frames = int(file.samplerate), int(file.channels), int(file.frames)
    if not RATES_HZ[0] <= rate <= RATES_HZ[1]:
        raise BadSound(f"{path}: a rate of {rate} Hz; it should be from {RATES_HZ[0]} to {RATES_HZ[1]}")
    if channels > MOST_CHANNELS:
        raise BadSound(f"{path}: {channels} channels; it should be {MOST_CHANNELS} at most")
    if frames > LONGEST_S * rate:
        raise BadSound(
            f"{path}: {frames / rate / 3600:.1f} hours long; it should be {LONGEST_S // 3600} at most: cut it"
        )
    if frames * channels > MOST_SAMPLES:
        raise BadSound(
            f"{path}: {frames} samples in {channels} channels, which need {frames * channels * 4 / 1e9:.1f} GB: "
            "cut it, or bring it to a lower rate"
        )


def _why(path: Path, error: Exception) -> str:
    if not path.exists():
        return "there is no such file"
    if path.is_dir():
        return "a folder, not a sound file"
    if isinstance(error, OSError) and error.errno:
        return why(error)
    kinds = f"WAV, FLAC, OGG, MP3, AIFF, or without a header {', '.join(sorted(RAW))}"
    return f"not a sound file that can be read, or damaged at its beginning: {kinds}"
