"""Makes many telephone lines of one: pace, room, tone, noise, babble, band, level, clipping, µ-law."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from ivr.replay.making.phone_line import ulaw
from tools.speech_model.training.features import RATE

Augmented = tuple[np.ndarray, float, float, float]
"""Sound, time scale, lead in seconds, warp: a time t of the utterance is at t * scale + lead."""


def coloured_noise(count: int, random: np.random.Generator) -> np.ndarray:
    """Noise between white and brown."""
    if random.random() < 0.8:
        return lfilter([1], [1, -random.uniform(0, 0.98)], random.standard_normal(count))
    return np.cumsum(random.standard_normal(count)) * 0.99


def telephone(x: np.ndarray, low: float = 300, high: float = 3400) -> np.ndarray:
    """A band of gentle slopes, as handsets have it."""
    return sosfilt(butter(2, [low / (RATE / 2), min(high, 3900) / (RATE / 2)], "band", output="sos"), x)


def through_ulaw(x: np.ndarray) -> np.ndarray:
    """G.711 on samples in the range of 16-bit integers."""
    return ulaw(x / 32768) * 32768


def _rms(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(x**2))) + 1e-3


def _room(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    count = int(random.uniform(0.05, 0.4) * RATE)
    fall = np.exp(-6.9 * np.arange(count) / count)
    echo = random.standard_normal(count) * fall * random.uniform(0.02, 0.15)
    echo[0] = 1.0
    return np.convolve(x, echo)[: len(x)]


def _at_snr(x: np.ndarray, other: np.ndarray, power: float, snr_db: float) -> np.ndarray:
    return x + other * power * 10 ** (-snr_db / 20) / _rms(other)


def augment(sound: np.ndarray, random: np.random.Generator, babble: np.ndarray) -> Augmented:
    """One more copy of an utterance of 16 kHz: 8 kHz, in the range of 16-bit integers."""
    steps = int(random.integers(16, 25))  # pace, pitch and formants together
    x = resample_poly(sound.astype(np.float32), 10, steps)
    lead = int((random.uniform(0.0, 0.6) if random.random() < 0.8 else 0.0) * RATE)
    tail = int((random.uniform(0.0, 0.8) if random.random() < 0.8 else 0.0) * RATE)
    x = np.concatenate([np.zeros(lead), x, np.zeros(tail)])
    warp = float(random.choice(np.arange(0.84, 1.181, 0.04)))
    if random.random() < 0.4:
        x = _room(x, random)
    if random.random() < 0.6:
        x = lfilter([1, random.uniform(-0.6, 0.6)], [1], x)
    power = _rms(x)
    if random.random() < 0.85:
        x = _at_snr(x, coloured_noise(len(x), random), power, random.uniform(5, 40))
    if random.random() < 0.2:
        x = _at_snr(x, np.resize(babble.astype(np.float32), len(x)), power, random.uniform(10, 25))
    if random.random() < 0.7:
        x = telephone(x, random.uniform(50, 350), random.uniform(3000, 3800))
    x = x / (np.abs(x).max() + 1e-6) * 32767 * 10 ** (-random.uniform(0.5, 30) / 20)
    if random.random() < 0.05:
        x = np.clip(x * 2, -32767, 32767)
    if random.random() < 0.6:
        x = through_ulaw(x)
    return np.round(np.clip(x, -32768, 32767)), 20.0 / steps, lead / RATE, warp
