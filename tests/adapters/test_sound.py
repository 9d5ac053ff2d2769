"""Sound files to telephone sound, measured."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.sound import (
    LEVEL_DB,
    PEAK_DB,
    BadSound,
    Samples,
    active_level_db,
    level,
    read_wav,
    telephone,
    to_pcm,
    trim,
    wav_bytes,
)

RATE = 8000


def tone(hz: float, rate: int = RATE, seconds: float = 1.0, height: float = 0.3) -> Samples:
    return np.asarray(height * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate), dtype=np.float32)


def samples_of(pcm: bytes) -> Samples:
    return np.asarray(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768, dtype=np.float32)


def power_db(samples: Samples, hz: float) -> float:
    """The power at one frequency, in dB of full scale, away from the edges."""
    middle = samples[len(samples) // 4 : len(samples) * 3 // 4].astype(np.float64)
    at = np.arange(len(middle))
    window = np.hanning(len(middle))
    bin_ = (middle * window * np.exp(-2j * np.pi * hz * at / RATE)).sum() / window.sum()
    return float(20 * np.log10(2 * abs(bin_) + 1e-12))


def write(path: Path, samples: Samples, rate: int = RATE, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(to_pcm(samples) if width == 2 else bytes(len(samples) * width))
    return path


# -- resampling


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
def test_what_a_telephone_cannot_carry_is_gone_and_does_not_fold_back(rate: int) -> None:
    both = tone(1000, rate) + tone(6000, rate)
    heard = samples_of(telephone(both, rate))
    kept = power_db(heard, 1000)
    assert kept > -25
    for folded in (8000 - 6000, 2000, 3000, 4000 - 1):
        assert power_db(heard, folded) < kept - 50, folded
    spectrum = np.abs(np.fft.rfft(heard[2000:6000] * np.hanning(4000))) ** 2
    at = np.fft.rfftfreq(4000, 1 / RATE)
    elsewhere = spectrum[(at < 900) | (at > 1100)].sum()
    assert 10 * np.log10(elsewhere / spectrum.sum()) < -50


def test_length_is_kept() -> None:
    assert len(telephone(tone(500, 22050, 2.0), 22050)) / 2 / RATE == pytest.approx(2.0, abs=0.03)


# -- level


@pytest.mark.parametrize("height", [0.003, 0.01, 0.1, 0.5])
def test_quiet_and_loud_come_out_alike(height: float) -> None:
    heard = samples_of(telephone(tone(700, height=height), RATE))
    assert active_level_db(heard) == pytest.approx(LEVEL_DB, abs=0.2)


def test_pauses_do_not_count_towards_the_level() -> None:
    speech, pause = tone(500, seconds=0.5), np.zeros(RATE, np.float32)
    talk = np.concatenate([speech, pause, speech, pause, speech])
    assert active_level_db(talk) == pytest.approx(active_level_db(tone(500)), abs=0.2)


def test_peaks_are_not_clipped() -> None:
    click = tone(300, height=0.02)
    click[4000] = 0.9
    louder = level(click)
    assert 20 * np.log10(np.abs(louder).max()) == pytest.approx(PEAK_DB, abs=0.1)
    assert active_level_db(louder) < LEVEL_DB


# -- trimming


def test_silence_around_is_cut_but_for_a_frame() -> None:
    quiet = np.zeros(RATE, np.float32)
    whole = np.concatenate([quiet, tone(500), quiet])
    trimmed = trim(whole)
    assert len(trimmed) == pytest.approx(RATE + 2 * 160, abs=160)
    assert len(trim(trimmed)) == len(trimmed)


def test_silence_within_stays() -> None:
    speech = np.concatenate([tone(500), np.zeros(RATE, np.float32), tone(500)])
    assert len(trim(speech)) == pytest.approx(3 * RATE, abs=320)


def test_edges_are_rounded() -> None:
    heard = samples_of(telephone(tone(440, height=0.4) + 0.2, RATE))
    assert abs(heard[0]) < 0.01 and abs(heard[-1]) < 0.01
    assert np.abs(np.diff(heard[:200])).max() < 0.1


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(50, np.float32), np.zeros(RATE, np.float32)])
def test_silence_is_no_sound(samples: Samples) -> None:
    with pytest.raises(BadSound, match="nothing to be heard"):
        telephone(samples, RATE)


@settings(deadline=None)
@given(st.integers(161, 4000), st.floats(0.01, 1.0), st.sampled_from([8000, 16000, 22050]))
def test_any_sound_becomes_telephone_sound(length: int, height: float, rate: int) -> None:
    sound = tone(500, rate, 1.0, height)[: length * rate // 8000]
    pcm = telephone(sound, rate)
    assert len(pcm) % 2 == 0 and len(pcm) > 0
    assert np.abs(samples_of(pcm)).max() <= 10 ** (PEAK_DB / 20) + 0.01


# -- files


def test_wav_and_back(tmp_path: Path) -> None:
    pcm = telephone(tone(500), RATE)
    path = tmp_path / "x.wav"
    path.write_bytes(wav_bytes(pcm))
    samples, rate = read_wav(path)
    assert rate == RATE and bytes((samples * 32768).astype("<i2").tobytes()) == pcm


def test_stereo_is_mixed(tmp_path: Path) -> None:
    left, right = tone(500), tone(900)
    both = np.stack([left, right], axis=1).reshape(-1)
    samples, _ = read_wav(write(tmp_path / "stereo.wav", both, channels=2))
    assert np.allclose(samples, (left + right) / 2, atol=1e-4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a PCM WAV file"),
        (b"RIFF\x24\x00\x00\x00WAVE", "not a PCM WAV file"),
        (b"ID3\x03 this is an MP3" * 50, "not a PCM WAV file"),
        (None, "not a PCM WAV file"),
    ],
)
def test_file_that_cannot_be_read_is_named(content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "welcome.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSound) as bad:
        read_wav(path)
    assert str(path) in str(bad.value) and words in str(bad.value)


@pytest.mark.parametrize("width", [1, 3, 4])
def test_samples_of_another_width_are_named(width: int, tmp_path: Path) -> None:
    path = write(tmp_path / "welcome.wav", tone(500), width=width)
    with pytest.raises(BadSound, match=f"{width * 8}-bit samples; 16-bit is needed") as bad:
        read_wav(path)
    assert str(path) in str(bad.value)


def test_file_that_was_cut_off_is_no_crash(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.wav", tone(500)).read_bytes()
    for at in (30, 44, 45, 1001, len(whole) - 1):
        path = tmp_path / "cut.wav"
        path.write_bytes(whole[:at])
        try:
            read_wav(path)
        except BadSound as bad:
            assert str(path) in str(bad)


def test_nothing_is_louder_than_full_scale() -> None:
    pcm = to_pcm(np.asarray([2.0, -2.0, 1.0, -1.0, 0.0], np.float32))
    assert list(np.frombuffer(pcm, "<i2")) == [32767, -32768, 32767, -32767, 0]
