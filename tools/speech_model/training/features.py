"""Kaldi's MFCC in numpy: 40 mel bins, 40 cepstra, 8 kHz, 40 to 3800 Hz, no dither, with an optional warp of the mel axis."""

from __future__ import annotations

import functools

import numpy as np

RATE, WINDOW, HOP, FFT = 8000, 200, 80, 256
BINS, LOW_HZ, HIGH_HZ = 40, 40.0, 3800.0
_KNEE_HZ = 3400.0
_LIFTER = 22
_n = np.arange(WINDOW)
_POVEY = ((0.5 - 0.5 * np.cos(2 * np.pi * _n / (WINDOW - 1))) ** 0.85).astype(np.float32)


def _projection() -> np.ndarray:
    """Cosine transform and lifter in one matrix."""
    k = np.arange(BINS)
    cosine = np.sqrt(2.0 / BINS) * np.cos(np.pi / BINS * (k[None] + 0.5) * k[:, None])
    cosine[0] = np.sqrt(1.0 / BINS)
    lifter = 1 + 0.5 * _LIFTER * np.sin(np.pi * k / _LIFTER)
    return (cosine * lifter[:, None]).T.astype(np.float32)


_PROJECTION = _projection()


def _mel(hertz: np.ndarray | float) -> np.ndarray:
    return 1127.0 * np.log(1 + np.asarray(hertz) / 700.0)


@functools.cache
def mel_bank(warp: float = 1.0) -> np.ndarray:
    """The filters; ``warp`` above 1 moves formants up (piecewise linear in Hz, its ends stay)."""
    hertz = np.arange(FFT // 2) * RATE / FFT
    knee = _KNEE_HZ * min(warp, 1.0)
    above = knee / warp + (hertz - knee) * (RATE / 2 - knee / warp) / (RATE / 2 - knee)
    mel = _mel(np.where(hertz <= knee, hertz / warp, above))
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BINS + 2)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (mel - left) / (centre - left), (right - mel) / (right - centre)
    weights = np.where((mel > left) & (mel <= centre), rising, np.where((mel > centre) & (mel < right), falling, 0.0))
    return weights.T.astype(np.float32)


def mfcc(samples: np.ndarray, warp: float = 1.0) -> np.ndarray:
    """The features of samples in the range of 16-bit integers, a row every 10 ms."""
    x = np.ascontiguousarray(samples, np.float32)
    count = 1 + (len(x) - WINDOW) // HOP
    if count < 1:
        return np.zeros((0, BINS), np.float32)
    frames = np.lib.stride_tricks.as_strided(x, (count, WINDOW), (x.strides[0] * HOP, x.strides[0])).copy()
    frames -= frames.mean(1, keepdims=True)
    frames[:, 1:] -= 0.97 * frames[:, :-1].copy()
    frames[:, 0] -= 0.97 * frames[:, 0]
    power = np.abs(np.fft.rfft(frames * _POVEY, FFT)[:, : FFT // 2]) ** 2
    energies = np.maximum(power.astype(np.float32) @ mel_bank(warp), np.finfo(np.float32).eps)
    return np.log(energies) @ _PROJECTION
