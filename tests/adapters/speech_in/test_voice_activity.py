"""Voice or silence, on recorded calls and on the noises of lines."""

from __future__ import annotations

import numpy as np
import pytest
import webrtcvad

from ivr.adapters.speech_in.voice_activity import WebRtcVoiceActivity
from ivr.core.endpointing import FRAME_BYTES, SILENCE_FRAME
from tests.conftest import ROOT
from tools.speech_model.hearing import recording

CALLS = ROOT / "audio/calls"
SPOKEN = ("late-watch", "charged-twice", "opening-hours", "person-please", "order-4711")


def frames(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]


def noise(seconds: float, level_db: float, seed: int = 1) -> bytes:
    drawn = np.random.default_rng(seed).normal(0, 10 ** (level_db / 20) * 32768, int(seconds * 8000))
    return bytes(np.clip(drawn, -32768, 32767).astype("<i2").tobytes())


def share(pcm: bytes, detector: WebRtcVoiceActivity | None = None) -> float:
    """The share of frames with a voice in them."""
    detector = detector or WebRtcVoiceActivity()
    heard = [detector.voiced(frame) for frame in frames(pcm)]
    return sum(heard) / len(heard)


@pytest.mark.parametrize("name", SPOKEN)
def test_speech_is_a_voice(name: str) -> None:
    assert share(recording(CALLS / f"{name}.wav")) > 0.4


def test_silence_is_none() -> None:
    assert share(SILENCE_FRAME * 200) == 0


@pytest.mark.parametrize("level_db", [-70, -60, -50, -45])
def test_steady_noise_is_none_once_it_is_known(level_db: float) -> None:
    detector = WebRtcVoiceActivity()
    for frame in frames(noise(8, level_db)):
        detector.voiced(frame)
    assert share(noise(4, level_db, seed=2), detector) < 0.02


def test_wandering_whistle_is_none_once_it_is_known() -> None:
    """WebRTC's detector alone takes it for a voice for ever."""
    at = np.arange(40 * 8000) / 8000
    whistle = np.sin(2 * np.pi * (300 + 100 * np.sin(np.pi * at)) * at) * 10 ** (-40 / 20) * 32768 * np.sqrt(2)
    heard = frames(bytes(whistle.astype("<i2").tobytes()))
    alone = webrtcvad.Vad(2)
    assert np.mean([alone.is_speech(frame, 8000) for frame in heard[-200:]]) > 0.9
    detector = WebRtcVoiceActivity()
    assert not any([detector.voiced(frame) for frame in heard][-200:])


@pytest.mark.parametrize("level_db", [-60, -50])
def test_speech_over_noise_is_still_a_voice(level_db: float) -> None:
    detector = WebRtcVoiceActivity()
    for frame in frames(noise(4, level_db)):
        detector.voiced(frame)
    speech = np.frombuffer(recording(CALLS / "late-watch.wav"), "<i2").astype(int)
    mixed = speech + np.frombuffer(noise(len(speech) / 8000, level_db, 3), "<i2")[: len(speech)]
    assert share(np.clip(mixed, -32768, 32767).astype("<i2").tobytes(), detector) > 0.3


def test_very_quiet_speech_is_none() -> None:
    whisper = (np.frombuffer(recording(CALLS / "late-watch.wav"), "<i2").astype(float) / 1000).astype("<i2").tobytes()
    assert share(whisper) == 0


def test_long_speech_is_not_taken_for_noise() -> None:
    speech = recording(CALLS / "late-watch.wav")
    detector = WebRtcVoiceActivity()
    first = share(speech, detector)
    for _ in range(10):
        last = share(speech, detector)
    assert last > first * 0.8


@pytest.mark.parametrize("pcm", [b"", b"\1", b"\1\2" * 159, b"\1\2" * 161, b"\1\2" * 800])
def test_frame_of_another_length_is_silence(pcm: bytes) -> None:
    assert WebRtcVoiceActivity().voiced(pcm) is False


def test_lines_do_not_learn_from_each_other() -> None:
    loud = WebRtcVoiceActivity()
    for frame in frames(noise(10, -30)):
        loud.voiced(frame)
    assert share(recording(CALLS / "late-watch.wav")) > 0.4
