"""Sound files of every kind, and the ways in which one can be none."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr.adapters.sound.files import read_sound
from ivr.adapters.sound.telephone import BadSound

TONE = (0.5 * np.sin(np.arange(16000) * 2 * np.pi * 440 / 16000)).astype(np.float32)
STEREO = np.column_stack([TONE, -0.5 * TONE])


def written(path: Path, samples: np.ndarray, rate: int = 16000, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


@pytest.mark.parametrize(
    ("name", "subtype", "off"),
    [("a.wav", "PCM_U8", 0.01), ("a.wav", "PCM_16", 1e-4), ("a.wav", "PCM_24", 1e-6), ("a.wav", "PCM_32", 1e-6),
     ("a.wav", "FLOAT", 0), ("a.wav", "DOUBLE", 1e-7), ("a.wav", "ULAW", 0.02), ("a.wav", "ALAW", 0.02),
     ("a.flac", "PCM_16", 1e-4), ("a.ogg", "VORBIS", 0.1)],
)  # fmt: skip
def test_both_channels_of_any_kind(tmp_path: Path, name: str, subtype: str, off: float) -> None:
    samples, rate = read_sound(written(tmp_path / name, STEREO, subtype=subtype))
    assert (samples.shape, samples.dtype, rate) == ((16000, 2), np.float32, 16000)
    assert samples == pytest.approx(STEREO, abs=off)


def test_gsm_which_cannot_be_wound_back(tmp_path: Path) -> None:
    samples, rate = read_sound(written(tmp_path / "a.wav", TONE[:8000], 8000, "GSM610"))
    assert (rate, samples.shape[1]) == (8000, 1)
    assert len(samples) >= 8000


def test_cut_off_file_gives_what_is_there(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", TONE)
    path.write_bytes(path.read_bytes()[: 44 + 2 * 1000 + 1])
    assert read_sound(path)[0].shape == (1000, 1)


def test_a_little_over_full_scale_is_cut(tmp_path: Path) -> None:
    samples, _ = read_sound(written(tmp_path / "a.wav", 2.5 * TONE, subtype="FLOAT"))
    assert (samples.min(), samples.max()) == (-1, 1)


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        (TONE[:0], 16000, "there is no sound in it"),
        (TONE * np.float32("nan"), 16000, "16000 samples are no numbers (NaN or infinite)"),
        (TONE * 32768, 16000, "its samples reach 16384; floating-point sound should be from -1 to 1"),
        (TONE, 100, "a rate of 100 Hz; it should be from 4000 to 384000"),
        (np.zeros((10, 64), np.float32), 8000, "64 channels; it should be 32 at most"),
    ],
)
def test_absurd_sound_is_refused(tmp_path: Path, samples: np.ndarray, rate: int, said: str) -> None:
    path = written(tmp_path / "a.wav", samples, rate, "FLOAT")
    with pytest.raises(BadSound, match=re.escape(f"{path}: {said}")):
        read_sound(path)


def test_absurd_length_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", TONE, 4000, "PCM_U8")
    raw, size = path.read_bytes(), 4 * 3600 * 4000 + 1
    path.write_bytes(raw[:4] + (size + 37).to_bytes(4, "little") + raw[8:40] + size.to_bytes(4, "little"))
    # a file with a hole in it: long, and nothing on the disk
    os.truncate(path, 44 + size)
    with pytest.raises(BadSound, match=r"4\.0 hours long; it should be 4 at most: cut it"):
        read_sound(path)


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"", "not a sound file that can be read"), (b"hello " * 99, "not a sound file that can be read"),
     (b"RIFF\x24\0\0\0WAVEfmt ", "not a sound file that can be read"), (None, "there is no such file")],
)  # fmt: skip
def test_no_sound_file_is_said_so(tmp_path: Path, raw: bytes | None, said: str) -> None:
    path = tmp_path / "a.wav"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(BadSound, match=re.escape(f"{path}: {said}")):
        read_sound(path)
    with pytest.raises(BadSound, match="a folder, not a sound file"):
        read_sound(tmp_path)
