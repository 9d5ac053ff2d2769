"""The sound of a recorded call: what the caller says, piece by piece, and the line while nobody speaks on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from ivr.adapters.sound.files import Sound, opened, read_sound
from ivr.adapters.sound.telephone import BadSound, Samples, frames, resample, to_pcm
from ivr.core.endpointing import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, SILENCE_FRAME
from ivr.corpus.format import Call, Facts, Said

_FRAME = SAMPLE_RATE * FRAME_MS // 1000
_BACKGROUND_S = 0.3
"""The shortest stretch without a voice that is taken for the line's own sound."""
_SILENT = 0.001
"""Below this (-60 dB) nobody speaks on a channel."""
LONGEST_S = 1800.0
PEAKS = 600
"""Places of the waveform that a report draws."""
TEXT_FRAME = b"\xff\x7f\x00\x80" * (FRAME_BYTES // 4)
"""20 ms of somebody speaking whose words are known as text."""
_LETTERS_A_SECOND = {"en": 14.0, "zh": 4.5}
_SHORTEST_S = 0.4


@dataclass(slots=True)
class Recording:
    """A sound file as a call needs it; ``frames`` is the caller from the answer on, 20 ms each."""

    frames: list[bytes]
    machine: Samples | None = None
    """The machine's side where it was recorded, 8 kHz."""
    said: Sequence[Said] = ()
    _background: list[bytes] = field(default_factory=list)
    _at: int = 0

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.frames) * FRAME_MS / 1000

    def piece(self, number: int) -> list[bytes]:
        """What is said there, in frames of 20 ms."""
        one = self.said[number]
        first = round((one.from_s or 0.0) * 1000) // FRAME_MS
        last = len(self.frames) if one.to_s is None else -(-round(one.to_s * 1000) // FRAME_MS)
        return self.frames[first:last]

    def background(self) -> bytes:
        """The next 20 ms of the line while nobody speaks on it, there and back again so that nothing clicks."""
        if not self._background:
            return SILENCE_FRAME
        self._at = (self._at + 1) % len(self._background)
        return self._background[self._at]


def read_recording(call: Call) -> Recording:
    """The recording of a call, at 8 kHz whatever it was. Raises BadSound."""
    assert call.sound is not None
    with opened(call.sound) as file:
        seconds = file.frames / (file.samplerate or 1)
    if seconds > LONGEST_S:
        raise BadSound(f"{call.sound}: {seconds:.0f} s long; a call of {LONGEST_S:.0f} s at most is replayed")
    samples, rate = read_sound(call.sound)
    _refuse_swapped(call, samples)
    caller = resample(np.ascontiguousarray(samples[:, 0]), rate)
    machine = resample(np.ascontiguousarray(samples[:, 1]), rate) if samples.shape[1] > 1 else None
    for number, said in enumerate(call.facts.said):
        for key, second in (("from_s", said.from_s), ("to_s", said.to_s)):
            if second is not None and second > len(caller) / SAMPLE_RATE + FRAME_MS / 1000:
                raise BadSound(
                    f"{call.sound}: said.{number}.{key} is {second:g}, but it is {len(caller) / SAMPLE_RATE:.2f} s long"
                )
    made = Recording(frames(to_pcm(caller)), machine, call.facts.said)
    made._background = _background(caller, call.facts.said)
    return made


def _refuse_swapped(call: Call, samples: Sound) -> None:
    """A caller who says nothing beside a machine that talks, which is not what the call is known for. Raises BadSound."""
    said = call.facts.said
    if samples.shape[1] < 2 or (call.facts != Facts(timing="recorded") and not any(one.text for one in said)):
        return
    left, right = (float(np.abs(samples[:, side]).max()) for side in (0, 1))
    if left < _SILENT <= right:
        raise BadSound(
            f"{call.sound}: the left channel is silent, and the caller belongs there: are they the other way round?"
        )


def _background(samples: Samples, said: Sequence[Said]) -> list[bytes]:
    """The longest stretch in which nobody speaks, forth and back; nothing where there is none."""
    edges = sorted((one.from_s or 0.0, one.to_s if one.to_s is not None else len(samples) / SAMPLE_RATE) for one in said
                   if one.keys is None)  # fmt: skip
    if not edges:
        return []
    gaps = [(0.0, edges[0][0]), *((a[1], b[0]) for a, b in pairwise(edges)),
            (edges[-1][1], len(samples) / SAMPLE_RATE)]  # fmt: skip
    begin, end = max(gaps, key=lambda gap: gap[1] - gap[0])
    if end - begin < _BACKGROUND_S:
        return []
    quiet = samples[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    quiet = quiet[: len(quiet) // _FRAME * _FRAME]
    return frames(to_pcm(np.concatenate([quiet, quiet[::-1]])))


@dataclass(frozen=True, slots=True)
class Written:
    """A call in text: each piece takes as long as somebody would need to say it."""

    said: Sequence[Said]
    language: str

    def piece(self, number: int) -> list[bytes]:
        """That somebody speaks, in frames of 20 ms."""
        seconds = max(_SHORTEST_S, len(self.said[number].text or "") / _LETTERS_A_SECOND[self.language])
        return [TEXT_FRAME] * round(seconds * 1000 / FRAME_MS)

    def background(self) -> bytes:
        return SILENCE_FRAME


def both_sides(caller: bytes | bytearray, machine: bytes | bytearray, path: Path) -> list[list[int]]:
    """Write a call as 8 kHz stereo, the caller on the left, in Opus: 30 times smaller than PCM, and browsers play it.

    Returns the loudness of each side, 0 to 99, at ``PEAKS`` places.
    """
    longest = max(len(caller), len(machine)) // 2
    both = np.zeros((longest, 2), dtype=np.int16)
    for side, pcm in enumerate((caller, machine)):
        both[: len(pcm) // 2, side] = np.frombuffer(bytes(pcm), dtype="<i2")
    soundfile.write(path, both, SAMPLE_RATE, format="OGG", subtype="OPUS")
    return [_peaks(both[:, side]) for side in (0, 1)]


def _peaks(samples: npt.NDArray[np.int16]) -> list[int]:
    if not len(samples):
        return []
    edges = np.linspace(0, len(samples), min(PEAKS, len(samples)) + 1).astype(int)[:-1]
    peaks = np.maximum.reduceat(np.abs(samples.astype(np.int32)), edges)
    return [int(peak) for peak in np.minimum(99, np.sqrt(peaks / 32768) * 100)]
