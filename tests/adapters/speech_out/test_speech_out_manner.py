"""Slower and louder, of the machine's voice and of recordings."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.sound.telephone import read_wav, wav_bytes
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.calls.caller.ports import NORMAL, Manner, VoiceFailed
from ivr.core.language import Language
from tests.adapters.sound.test_telephone import pitch_change, pitch_hz, samples_of
from tests.adapters.speech_out.test_voice import VOICES, Mute, level_db, seconds

SENTENCE = "I am putting you through to the right person."


@pytest.fixture
async def speaker() -> AsyncIterator[Speaker]:
    made = Speaker(timeout_s=5)
    yield made
    await made.close()


@pytest.fixture
def voice(speaker: Speaker, tmp_path: Path) -> PromptVoice:
    return PromptVoice(tmp_path, VOICES, speaker)


@pytest.mark.parametrize(("rate", "gain_db"), [(0.4, 0), (2.1, 0), (1, 12.5), (1, -13), (0, 0), (float("nan"), 0)])
def test_what_would_not_be_understood_is_refused(rate: float, gain_db: float) -> None:
    with pytest.raises(ValueError, match="can be said"):
        Manner(rate, gain_db)


@pytest.mark.parametrize("text,language", [(SENTENCE, "en"), ("请问您的订单号是多少？", "zh")])
async def test_machine_speaks_slower(text: str, language: Language, voice: PromptVoice) -> None:
    normal = await voice.speak(text, language)
    slow = await voice.speak(text, language, manner=Manner(rate=0.75))
    assert seconds(slow) / seconds(normal) == pytest.approx(1 / 0.75, rel=0.1)
    assert pitch_hz(samples_of(slow)) == pytest.approx(pitch_hz(samples_of(normal)), rel=0.06)


@pytest.mark.parametrize("rate_wpm", [80, 90, 300])
async def test_slower_than_the_engine_can_is_still_slower(rate_wpm: int, speaker: Speaker, tmp_path: Path) -> None:
    house = PromptVoice(tmp_path, {"en": VoiceSettings("gmw/en-us", rate_wpm)}, speaker)
    normal = seconds(await house.speak(SENTENCE, "en"))
    for rate in (0.5, 0.75, 2.0):
        assert seconds(await house.speak(SENTENCE, "en", manner=Manner(rate=rate))) == pytest.approx(
            normal / rate, rel=0.15
        )


@pytest.mark.parametrize("name", ["late-watch", "return-item", "opening-hours", "order-4711"])
@pytest.mark.parametrize("rate", [0.75, 0.6, 1.25])
async def test_recording_said_slower_keeps_its_pitch(name: str, rate: float, tmp_path: Path) -> None:
    """Calls of the samples, said into the house's telephone as if they were its recordings."""
    recording = tmp_path / "prompts/en/welcome.0.wav"
    recording.parent.mkdir(parents=True)
    shutil.copy(f"audio/calls/{name}.wav", recording)
    house = PromptVoice(tmp_path, VOICES, Mute())
    normal = await house.speak("Hello.", "en", "welcome.0")
    slow = await house.speak("Hello.", "en", "welcome.0", Manner(rate=rate))
    assert seconds(slow) / seconds(normal) == pytest.approx(1 / rate, rel=0.05)
    assert pitch_change(samples_of(normal), samples_of(slow), 1 / rate) == pytest.approx(1, abs=0.02)
    assert level_db(slow) == pytest.approx(level_db(normal), abs=0.5)


@pytest.mark.parametrize("gain_db", [3.0, 6.0, 9.0])
async def test_louder_by_as_much_without_clipping(gain_db: float, voice: PromptVoice) -> None:
    normal = await voice.speak(SENTENCE, "en")
    loud = await voice.speak(SENTENCE, "en", manner=Manner(gain_db=gain_db))
    assert level_db(loud) - level_db(normal) == pytest.approx(gain_db, abs=0.6)
    assert np.abs(np.frombuffer(loud, "<i2").astype(int)).max() < 32767 * 0.9
    assert len(loud) == len(normal)


async def test_louder_needs_no_synthesis(voice: PromptVoice, tmp_path: Path) -> None:
    await voice.speak(SENTENCE, "en")
    again = PromptVoice(tmp_path, VOICES, Mute())
    assert await again.speak(SENTENCE, "en", manner=Manner(gain_db=6)) != await again.speak(SENTENCE, "en")
    with pytest.raises(VoiceFailed):
        await again.speak(SENTENCE, "en", manner=Manner(rate=0.75))


async def test_manners_do_not_get_mixed_up(voice: PromptVoice) -> None:
    manners = [NORMAL, Manner(rate=0.75), Manner(gain_db=6), Manner(0.75, 6), Manner(rate=1.25)]
    first = [await voice.speak(SENTENCE, "en", manner=manner) for manner in manners]
    assert len(set(first)) == len(manners)
    assert [await voice.speak(SENTENCE, "en", manner=manner) for manner in reversed(manners)] == first[::-1]


async def test_slower_sound_is_cached_too(voice: PromptVoice, tmp_path: Path) -> None:
    slow = await voice.speak(SENTENCE, "en", manner=Manner(rate=0.75))
    assert await PromptVoice(tmp_path, VOICES, Mute()).speak(SENTENCE, "en", manner=Manner(rate=0.75)) == slow


async def test_recording_too_short_to_be_stretched_is_still_said(tmp_path: Path) -> None:
    recording = tmp_path / "prompts/en/beep.0.wav"
    recording.parent.mkdir(parents=True)
    beep = np.sin(2 * np.pi * 440 * np.arange(400) / 8000) * 8000
    recording.write_bytes(wav_bytes(beep.astype("<i2").tobytes()))
    house = PromptVoice(tmp_path, VOICES, Mute())
    assert seconds(await house.speak("Beep.", "en", "beep.0", Manner(rate=0.75))) >= 0.04
    assert read_wav(recording)[1] == 8000, "recordings are never changed"
