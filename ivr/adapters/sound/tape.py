"""The two sides of a call as they are said: aligned by time, as small as a telephone's own sound, with what must not be heard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ivr.calls.caller.recording import Side
from ivr.core.endpointing import FRAME_BYTES, SAMPLE_RATE

Pcm = npt.NDArray[np.int16]
LATE_S = 0.1
"""Frames that come later than this were not sent in time; so much earlier than they should, they were held up on the way."""
CODED_EVERY = 5 * SAMPLE_RATE
"""Samples that wait until they are made small: done for each frame it would cost nine times as much."""
_FRAME = FRAME_BYTES // 2
_KEY_HZ = (697, 770, 852, 941, 1209, 1336, 1477, 1633)
"""The tones of keys (ITU-T Q.23): one of the first four together with one of the others."""
_KEY_SHARE = 0.8
"""Of a frame's power in two such tones: voices never have as much there."""
_PIECE = 3_000
"""Frames that are searched for keys at a time: a minute."""
_HEARD = 1e-5
"""Mean power below which a frame is silence; 1 is full scale."""


def _small_to_large() -> Pcm:
    code = ~np.arange(256, dtype=np.uint8)
    size = ((((code & 0x0F).astype(np.int32) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


_LARGE = _small_to_large()


def _large_to_small() -> npt.NDArray[np.uint8]:
    """The nearest code of every 16-bit value, by its unsigned form."""
    order = np.argsort(_LARGE, kind="stable")
    edges = (_LARGE[order][1:].astype(np.int32) + _LARGE[order][:-1]) / 2
    values = np.arange(65_536, dtype=np.uint16).view(np.int16)
    return order[np.searchsorted(edges, values)].astype(np.uint8)


_SMALL = _large_to_small()


@dataclass(slots=True)
class _Track:
    """One side: what was coded, what waits to be, and the last gap among that."""

    coded: bytearray = field(default_factory=bytearray)
    waiting: bytearray = field(default_factory=bytearray)
    gap: tuple[int, int] = (0, 0)
    """Where in ``waiting`` silence was put in, and how much, in bytes."""

    def __len__(self) -> int:
        return len(self.coded) + len(self.waiting) // 2

    def put(self, pcm: bytes, place: int) -> None:
        """20 ms that belong at a place, in samples: after silence where they come late, in a burst where they were held up."""
        behind = place - len(self)
        late = round(LATE_S * SAMPLE_RATE)
        if behind > late:
            self.gap = (len(self.waiting), behind * 2)
            self.waiting += bytes(behind * 2)
        elif behind < -late and self.gap[1]:
            at, size = self.gap
            taken = min(-behind * 2, size)
            del self.waiting[at : at + taken]
            self.gap = (at, size - taken)
        self.waiting += pcm[: len(pcm) & ~1]
        if len(self.waiting) >= CODED_EVERY * 2:
            self.code()

    def code(self) -> None:
        """Make small what waits."""
        self.coded += _SMALL[np.frombuffer(bytes(self.waiting), dtype="<u2")].tobytes()
        self.waiting.clear()
        self.gap = (0, 0)


class MemoryTape:
    """Implements ``ivr.calls.caller.recording.Tape`` in memory: 16 kB a second of both sides, ``longest_s`` at most."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._tracks: dict[Side, _Track] = {"caller": _Track(), "machine": _Track()}
        self._hidden: list[tuple[Side, float, float]] = []

    def heard(self, pcm: bytes, at_s: float) -> None:
        """20 ms of the caller, which end at that time."""
        if at_s <= self._longest_s:
            self._tracks["caller"].put(pcm, round(at_s * SAMPLE_RATE) - _FRAME)

    def said(self, pcm: bytes, at_s: float) -> None:
        """20 ms of the machine, which begin at that time."""
        if at_s <= self._longest_s:
            self._tracks["machine"].put(pcm, round(at_s * SAMPLE_RATE))

    def hide(self, side: Side, from_s: float, to_s: float) -> None:
        """This must not be heard."""
        self._hidden.append((side, from_s, to_s))

    def sound(self) -> Pcm:
        """(samples, 2) at 8 kHz, the caller on the left: without what must not be heard. Takes a while: not for the loop."""
        both = np.zeros((max(len(track) for track in self._tracks.values()), 2), dtype=np.int16)
        for column, track in enumerate(self._tracks.values()):
            track.code()
            both[: len(track.coded), column] = _LARGE[np.frombuffer(bytes(track.coded), dtype=np.uint8)]
        for side, begin_s, end_s in self._hidden:
            both[_place(begin_s) : _place(end_s), int(side == "machine")] = 0
        silence_keys(both[:, 0])
        return both


def _place(seconds: float) -> int:
    return max(0, round(seconds * SAMPLE_RATE))


def silence_keys(samples: Pcm) -> None:
    """Make silence of what holds the tones of a key, in place, with the 20 ms before and after it."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if not len(frames):
        return
    # in pieces: of an hour at once it would be a gigabyte
    which = np.concatenate([_keys(frames[at : at + _PIECE]) for at in range(0, len(frames), _PIECE)])
    # a key lasts for two frames or more; a voice may have its overtones there for one
    same = (which[1:] == which[:-1]) & (which[1:] >= 0)
    around = np.zeros(len(frames) + 2, dtype=bool)
    for shift in range(4):
        around[shift : shift + len(same)] |= same
    frames[around[1:-1]] = 0


def _keys(frames: Pcm) -> npt.NDArray[np.int64]:
    """Which key's tones each frame holds; -1: none."""
    sound = frames.astype(np.float64) / 32768
    window = np.hanning(_FRAME)
    turns = np.outer(np.arange(_FRAME), np.array(_KEY_HZ)) * (2j * np.pi / SAMPLE_RATE)
    power = (sound**2).mean(axis=1)
    # a pure tone of amplitude a has the mean power a²/2, and (a/2 · Σ window)² here
    tones = np.abs((sound * window) @ np.exp(-turns)) ** 2 * (2 / window.sum() ** 2)
    low, high = tones[:, :4], tones[:, 4:]
    both = np.minimum(low.max(axis=1), high.max(axis=1)) > power * 0.1
    alike = (power > _HEARD) & both & (low.max(axis=1) + high.max(axis=1) > power * _KEY_SHARE)
    return np.where(alike, low.argmax(axis=1) * 4 + high.argmax(axis=1), -1)
