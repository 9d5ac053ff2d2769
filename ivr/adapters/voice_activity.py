"""Voice activity: WebRTC's detector, kept honest by the line's own noise."""

from __future__ import annotations

import numpy as np
import webrtcvad

from ivr.core.speech import FRAME_BYTES, SAMPLE_RATE

FLOOR_DB = -65.0
"""Quieter than this (dB of full scale) is never a voice, whatever the detector says."""
ABOVE_NOISE_DB = 6.0
"""How far a voice must stand above the line's noise."""
_FALL, _RISE = 0.2, 0.004
"""How quickly the noise estimate follows the level: down at once, up over seconds, so that speech is not taken for noise."""


class WebRtcVoiceActivity:
    """One line's detector.

    WebRTC's model (aggressiveness 0 to 3) takes steady noise for a voice now and then, so a frame must also stand
    ``ABOVE_NOISE_DB`` over the noise followed on this very line (a slow minimum tracker).
    """

    def __init__(self, aggressiveness: int = 2) -> None:
        self._vad = webrtcvad.Vad(aggressiveness)
        self._noise_db = -55.0

    def voiced(self, pcm: bytes) -> bool:
        """Whether 20 ms of sound hold a voice; frames of another length are silence."""
        if len(pcm) != FRAME_BYTES:
            return False
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
        level_db = 10 * float(np.log10(float(samples @ samples) / len(samples) / 32768.0**2 + 1e-10))
        follow = _FALL if level_db < self._noise_db else _RISE
        self._noise_db += follow * (max(level_db, FLOOR_DB - 5) - self._noise_db)
        if level_db < max(FLOOR_DB, self._noise_db + ABOVE_NOISE_DB):
            return False
        return bool(self._vad.is_speech(pcm, SAMPLE_RATE))
