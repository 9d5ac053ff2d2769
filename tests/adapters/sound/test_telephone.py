"""Sound files to telephone sound, measured."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.adapters.sound.telephone import (
    LEVEL_DB,
    PEAK_DB,
    BadSound,
    Samples,
    active_level_db,
    level,
    limit,
    louder,
    read_wav,
    stretch,
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


def speech_like(seconds: float = 2.0, hz: float = 120.0) -> Samples:
    """A voice's manner without a voice: periods that ring out, in syllables; its peaks are far above its level."""
    at = np.arange(int(seconds * RATE)) / RATE
    since = (at * hz) % 1 / hz  # seconds since the period began
    ringing = np.exp(-since * hz * 4) * np.sin(2 * np.pi * 700 * since)
    return np.asarray(0.5 * ringing * np.abs(np.sin(2 * np.pi * 2 * at)), dtype=np.float32)


def test_one_peak_does_not_make_a_sentence_soft() -> None:
    click = tone(300, height=0.02)
    click[4000] = 0.9
    loud = level(click)
    assert np.abs(loud).max() <= 10 ** (PEAK_DB / 20) + 1e-6
    elsewhere = np.concatenate([loud[:3800], loud[4200:]])
    assert active_level_db(elsewhere) == pytest.approx(LEVEL_DB, abs=1.0)


# -- louder


@pytest.mark.parametrize("gain_db", [-6.0, 3.0, 6.0, 9.0])
def test_louder_is_louder_by_as_much_and_nothing_is_clipped(gain_db: float) -> None:
    pcm = telephone(speech_like(), RATE)
    loud = samples_of(louder(pcm, gain_db))
    assert active_level_db(loud) - active_level_db(samples_of(pcm)) == pytest.approx(gain_db, abs=0.5)
    assert np.abs(loud).max() <= 10 ** (PEAK_DB / 20) + 0.001
    assert len(loud) == len(pcm) // 2


def test_limiter_leaves_alone_what_needs_none() -> None:
    soft = tone(440, height=0.5)
    assert limit(soft) is soft
    loud = tone(440, seconds=0.2, height=0.5)
    loud = np.concatenate([loud, 4 * loud, loud])
    limited = limit(loud)
    assert np.abs(limited).max() <= 10 ** (PEAK_DB / 20) + 1e-6
    assert np.array_equal(limited[:1500], loud[:1500]) and np.array_equal(limited[-1500:], loud[-1500:])


def test_limiter_turns_down_and_does_not_cut_off() -> None:
    """What is cut off gets overtones; what is turned down keeps its shape."""
    loud = tone(300, height=3.0)
    turned_down, cut_off = limit(loud), np.clip(loud, -0.89, 0.89)
    assert power_db(turned_down, 900) - power_db(turned_down, 300) < -40
    assert power_db(cut_off, 900) - power_db(cut_off, 300) > -20


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-4, 4, width=32), min_size=1, max_size=400), st.integers(1, 20))
def test_limiter_holds_every_peak(values: list[float], times: int) -> None:
    samples = np.tile(np.asarray(values, np.float32), times)
    assert np.abs(limit(samples)).max() <= 10 ** (PEAK_DB / 20) + 1e-5


# -- slower


@pytest.mark.parametrize("longer", [0.75, 1.25, 4 / 3, 2.0])
@pytest.mark.parametrize("hz", [90, 130, 220, 400])
def test_slower_is_longer_at_the_same_pitch(hz: float, longer: float) -> None:
    sound = speech_like(3.0, hz)
    slow = stretch(sound, longer)
    assert len(slow) / len(sound) == pytest.approx(longer, rel=0.05)
    assert pitch_hz(slow) == pytest.approx(pitch_hz(sound), rel=0.02) == pytest.approx(hz, rel=0.02)
    assert active_level_db(slow) == pytest.approx(active_level_db(sound), abs=1.0)


def pitches(samples: Samples) -> dict[float, float]:
    """The pitch in Hz (70 to 450) by time in seconds: where 60 ms are most like themselves a period later."""
    found = {}
    for start in range(0, len(samples) - 960, 80):
        frame = samples[start : start + 480].astype(np.float64)
        if (frame**2).mean() < 1e-4:
            continue
        lags = np.arange(RATE // 450, RATE // 70)
        later = [samples[start + lag : start + lag + 480].astype(np.float64) for lag in lags]
        like = np.array([frame @ other / (np.linalg.norm(frame) * np.linalg.norm(other) + 1e-9) for other in later])
        near = np.flatnonzero(like > like.max() - 0.05)
        best = next(
            (i for i in near if 0 < i < len(lags) - 1 and like[i] >= like[i - 1] and like[i] >= like[i + 1]), None
        )
        if best is None or like[best] < 0.5:
            continue
        left, middle, right = like[best - 1 : best + 2]
        found[start / RATE] = RATE / (lags[best] + (left - right) / (2 * (left - 2 * middle + right) - 1e-12))
    return found


def pitch_hz(samples: Samples) -> float:
    """The median pitch."""
    return float(np.median(list(pitches(samples).values())))


def pitch_change(before: Samples, after: Samples, longer: float) -> float:
    """How many times higher the same places are in the stretched sound; 1 is as before."""
    then = pitches(after)
    ratios = []
    for at, hz in pitches(before).items():
        place = min(then, key=lambda other: abs(other - at * longer))
        if abs(place - at * longer) < 0.02:
            ratios.append(then[place] / hz)
    assert len(ratios) > 20
    return float(np.median(ratios))


def test_slower_keeps_the_order_of_things() -> None:
    parts = [tone(300, seconds=0.5), np.zeros(RATE // 2, np.float32), tone(900, seconds=0.5)]
    slow = stretch(np.concatenate(parts), 1.5)
    thirds = np.array_split(slow, 3)
    assert power_db(thirds[0], 300) > power_db(thirds[0], 900) + 30
    assert np.abs(thirds[1][400:-400]).max() < 0.01
    assert power_db(thirds[2], 900) > power_db(thirds[2], 300) + 30


def test_as_it_is_stays_bit_for_bit() -> None:
    sound = speech_like()
    assert stretch(sound, 1.0) is sound
    short = sound[:300]
    assert stretch(short, 1.5) is short, "too short to be taken apart"


@settings(deadline=None, max_examples=40)
@given(st.integers(161, 6000), st.floats(0.5, 2.0))
def test_any_length_can_be_stretched(length: int, longer: float) -> None:
    slow = telephone(tone(500, seconds=2)[:length], RATE, longer)
    assert np.isfinite(samples_of(slow)).all()
    if length >= 1000:
        assert len(slow) / 2 / length == pytest.approx(longer, rel=0.05)


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
