"""Voice activity: WebRTC's detector, kept honest by the line's own noise."""

from __future__ import annotations

from collections import deque

import numpy as np
import webrtcvad

from ivr.core.endpointing import FRAME_BYTES, SAMPLE_RATE

FLOOR_DB = -65.0
"""Quieter than this (dB of full scale) is never a voice, whatever the detector says."""
ABOVE_NOISE_DB = 9.0
"""How far a voice must stand above the quietest that the line has been lately: noise itself comes and goes by a third of it."""
_SMOOTH = 0.3
_BLOCK, _BLOCKS = 15, 4
"""The quietest moment of the last 1.2 to 1.5 s is the noise: nobody speaks so long without a dip between two sounds."""
_AT_FIRST_DB = -55.0


class WebRtcVoiceActivity:
    """One line's detector.

    WebRTC's model (aggressiveness 0 to 3) takes steady noise for a voice now and then, so a frame must also stand
    ``ABOVE_NOISE_DB`` over the noise followed on this very line (by minimum statistics: Martin 2001).
    """

    def __init__(self, aggressiveness: int = 2) -> None:
        self._vad = webrtcvad.Vad(aggressiveness)
        self._smooth_db = _AT_FIRST_DB
        self._blocks = deque([_AT_FIRST_DB], maxlen=_BLOCKS)
        self._quietest_db = _AT_FIRST_DB
        """Of the block that has begun."""
        self._frames = 0

    def voiced(self, pcm: bytes) -> bool:
        """Whether 20 ms of sound hold a voice; frames of another length are silence."""
        if len(pcm) != FRAME_BYTES:
            return False
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
        level_db = 10 * float(np.log10(float(samples @ samples) / len(samples) / 32768.0**2 + 1e-10))
        if level_db < max(FLOOR_DB, self._noise_db(level_db) + ABOVE_NOISE_DB):
            return False
        return bool(self._vad.is_speech(pcm, SAMPLE_RATE))

    def _noise_db(self, level_db: float) -> float:
        """Take in the level of one more frame, in dB; the line's noise as it is known then."""
        self._smooth_db += _SMOOTH * (max(level_db, FLOOR_DB - 5) - self._smooth_db)
        self._quietest_db = self._smooth_db if self._frames == 0 else min(self._quietest_db, self._smooth_db)
        noise_db = min(*self._blocks, self._quietest_db)
        self._frames = (self._frames + 1) % _BLOCK
        if self._frames == 0:
            self._blocks.append(self._quietest_db)
        return noise_db
