"""What a telephone line does to a voice: band of 300 to 3400 Hz, level, noise, codecs, lost packets."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 8000
LEVEL_DB = -20.0
"""Level of the speech itself, dB of full scale."""
BAND = (300.0, 3400.0)
_EDGE_HZ = 60.0
"""Half the width of the band's slopes."""
_FRAME = RATE // 50
_GATE_DB = 30.0

Samples = npt.NDArray[np.float64]
Codec = Literal["ulaw", "alaw", "gsm"]
CODECS: dict[Codec, str] = {"ulaw": "ULAW", "alaw": "ALAW", "gsm": "GSM610"}
"""G.711 µ-law and A-law, GSM 06.10 full rate; as libsndfile calls them."""
Noise = Literal["white", "hum", "street"]
_PACKET = RATE // 50


def _ulaw_levels() -> Samples:
    """The 256 values of G.711 µ-law in 16-bit samples."""
    codes = np.arange(128)
    exponent, mantissa = codes >> 4, codes & 15
    positive = ((2 * mantissa + 33) << (exponent + 2)) - 132
    return np.unique(np.concatenate([-positive, positive])).astype(np.float64)


_ULAW = _ulaw_levels()


def ulaw(samples: Samples) -> Samples:
    """Samples (-1 to 1) after a way through G.711 µ-law: the nearest of its values."""
    wanted = np.clip(samples * 32768, _ULAW[0], _ULAW[-1])
    above = np.clip(np.searchsorted(_ULAW, wanted), 1, len(_ULAW) - 1)
    lower, upper = _ULAW[above - 1], _ULAW[above]
    return np.where(wanted - lower <= upper - wanted, lower, upper) / 32768


def band(samples: Samples) -> Samples:
    """Only what a telephone lets through, with soft edges."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    low = np.clip((hertz - BAND[0] + _EDGE_HZ) / (2 * _EDGE_HZ), 0, 1)
    high = np.clip((BAND[1] + _EDGE_HZ - hertz) / (2 * _EDGE_HZ), 0, 1)
    return np.fft.irfft(spectrum * low * high, len(samples))


def active_level(samples: Samples) -> float:
    """Level without the pauses, dB of full scale."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = (frames**2).mean(axis=1)
    return 10 * float(np.log10(power[power > power.max() * 10 ** (-_GATE_DB / 10)].mean()))


def trimmed(samples: Samples) -> Samples:
    """Without the silence that synthesisers put around."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 0.02)
    return samples[loud[0] : loud[-1] + 1]


def line(samples: Samples, rate: int, snr_db: float, seed: int, around_s: tuple[float, float] = (0.4, 0.5)) -> Samples:
    """A voice as it comes out of a telephone line whose noise goes on before and after it."""
    voice = trimmed(soxr.resample(samples, rate, RATE, quality="VHQ"))
    before, after = (np.zeros(round(RATE * seconds)) for seconds in around_s)
    heard = band(np.concatenate([before, voice, after]))
    heard *= 10 ** ((LEVEL_DB - active_level(heard)) / 20)
    noise = band(np.random.default_rng(seed).standard_normal(len(heard)))
    noise *= 10 ** ((LEVEL_DB - snr_db) / 20) / np.sqrt(np.mean(noise**2))
    return ulaw(heard + noise)


def coded(samples: Samples, codec: Codec) -> Samples:
    """Samples after a way through a codec."""
    if codec == "ulaw":
        return ulaw(samples)
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1, 1), RATE, format="WAV", subtype=CODECS[codec])
    file.seek(0)
    with soundfile.SoundFile(file) as opened:
        back = opened.read(int(opened.frames), dtype="float64")
    return np.asarray(back[: len(samples)], dtype=np.float64)


def noise_of(kind: Noise, length: int, seed: int) -> Samples:
    """Noise of a line or of a place, of level 1: white, with mains hum, or a street whose loudness comes and goes."""
    dice = np.random.default_rng(seed)
    white = dice.standard_normal(length)
    if kind == "hum":
        time = np.arange(length) / RATE
        white = 0.3 * white + sum(np.sin(2 * np.pi * hertz * time) / n for n, hertz in enumerate((350, 450, 550), 1))
    elif kind == "street":
        points = length // (RATE // 2) + 3
        swell = np.interp(np.arange(length), np.arange(points) * (RATE // 2), dice.uniform(0.2, 1.6, points))
        white = np.convolve(white, np.hanning(12), "same") * swell
    made = band(np.asarray(white, dtype=np.float64))
    return np.asarray(made / np.sqrt(np.mean(made**2)), dtype=np.float64)


def with_loss(samples: Samples, share: float, seed: int) -> Samples:
    """Packets of 20 ms lost in bursts of two on average (Gilbert 1960); each is replaced by silence, as plain telephones do."""
    dice = np.random.default_rng(seed)
    made, lost = samples.copy(), False
    for at in range(0, len(samples), _PACKET):
        lost = dice.random() < (0.5 if lost else share / (2 * (1 - share)))
        if lost:
            made[at : at + _PACKET] = 0
    return made


def pcm(samples: Samples) -> bytes:
    """As 16-bit little-endian."""
    return bytes(np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes())


def save(path: Path, samples: Samples) -> None:
    """Write a WAV file of 8 kHz, mono, 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm(samples))


def load(path: Path) -> tuple[Samples, int]:
    """Read a mono WAV file of 16 bits: samples from -1 to 1 and the rate."""
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return raw / 32768, file.getframerate()
