"""The house's voice: the real pyttsx3 in its child process, recordings, the cache, and children that die or hang."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from ivr.adapters.sound.telephone import LEVEL_DB, active_level_db, read_wav, wav_bytes
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.calls.caller.ports import Manner, VoiceFailed
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.language import Language
from tests.conftest import PATIENCE_S, RealParts

VOICES: dict[Language, VoiceSettings] = {"en": VoiceSettings("gmw/en-us", 155), "zh": VoiceSettings("sit/cmn", 155)}
SENTENCES: list[tuple[str, Language]] = [
    ("Hello, this is Harbour Watches.", "en"),
    ("I am putting you through to the right person.", "en"),
    ("Open.", "en"),
    ("您好，这里是海港钟表。", "zh"),
    ("请用电话按键选择。", "zh"),
]


@pytest.fixture
async def speaker() -> AsyncIterator[Speaker]:
    made = Speaker(timeout_s=5)
    yield made
    await made.close()


@pytest.fixture
def voice(speaker: Speaker, tmp_path: Path) -> PromptVoice:
    return PromptVoice(tmp_path, VOICES, speaker)


def child(speaker: Speaker) -> int:
    assert speaker._process is not None
    return speaker._process.pid


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / SAMPLE_RATE


def level_db(pcm: bytes) -> float:
    return active_level_db(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768)


# -- what it sounds like


async def test_sentences_are_as_long_as_they_should_be_and_equally_loud(
    voice: PromptVoice, real_parts: RealParts
) -> None:
    spoken = [await voice.speak(text, language) for text, language in SENTENCES]
    for (text, language), pcm in zip(SENTENCES, spoken, strict=True):
        per_sign = (0.035, 0.13) if language == "en" else (0.12, 0.5)
        assert per_sign[0] * len(text) < seconds(pcm) < per_sign[1] * len(text) + 0.3, (text, seconds(pcm))
    levels = [level_db(pcm) for pcm in spoken]
    assert max(levels) - min(levels) < 1.0, levels
    real_parts.used("pyttsx3", "in its child process")


async def test_mandarin_is_not_english(voice: PromptVoice, speaker: Speaker, tmp_path: Path) -> None:
    both = PromptVoice(tmp_path / "other", {"en": VOICES["zh"], "zh": VOICES["en"]}, speaker)
    assert await voice.speak("你好", "zh") != await both.speak("你好", "zh")


async def test_rate_is_heard(speaker: Speaker, tmp_path: Path) -> None:
    text = "I am putting you through to the right person."
    slow = PromptVoice(tmp_path, {"en": VoiceSettings("gmw/en-us", 100)}, speaker)
    quick = PromptVoice(tmp_path, {"en": VoiceSettings("gmw/en-us", 250)}, speaker)
    assert seconds(await slow.speak(text, "en")) > 1.5 * seconds(await quick.speak(text, "en"))


async def test_no_sentence_is_said_in_the_manner_of_the_one_before(speaker: Speaker, tmp_path: Path) -> None:
    """Without care, espeak's thread loses one change of voice or rate in ten."""
    text, path = "我们 one two three.", tmp_path / "x.wav"
    lengths: dict[tuple[str, int], set[int]] = {}
    for number in range(120):
        voice, rate = ("gmw/en-us", "sit/cmn")[number % 2], (80, 155, 300, 450)[number * 7 // 3 % 4]
        await speaker.render(text, VoiceSettings(voice, rate), path)
        lengths.setdefault((voice, rate), set()).add(round(len(read_wav(path)[0]) / 1000))
    assert len(lengths) == 8
    for frames in lengths.values():
        assert max(frames) <= min(frames) * 1.06 + 1, lengths


async def test_voices_are_named(speaker: Speaker) -> None:
    known = await speaker.voices()
    assert known["gmw/en-us"].startswith("English") and "sit/cmn" in known


@pytest.mark.parametrize("text", ["", "   ", "...", "\n"])
async def test_nothing_to_say_is_said_so(text: str, voice: PromptVoice) -> None:
    with pytest.raises(VoiceFailed):
        await voice.speak(text, "en")


async def test_hostile_text_is_just_read_out(voice: PromptVoice) -> None:
    for text in (
        '"}\n{"text": "x"',
        "<speak>hello</speak>",
        "$(reboot) `id` | cat",
        "../../etc/passwd",
        "😀 hello \x00 there",
    ):
        assert seconds(await voice.speak(text, "en")) > 0.2
    assert seconds(await voice.speak("Afterwards all is well.", "en")) > 0.8


@pytest.mark.parametrize(
    "text", ["林美 is calling.", "Order four seven 您好 please.", ("A watch is a watch. " * 20)[:400]]
)
async def test_odd_text_is_said(text: str, voice: PromptVoice) -> None:
    assert seconds(await voice.speak(text, "en")) > 0.03 * len(text)


async def test_voice_that_there_is_not(speaker: Speaker, tmp_path: Path) -> None:
    unknown = PromptVoice(tmp_path, {"en": VoiceSettings("gmw/xx-nowhere", 155)}, speaker)
    with pytest.raises(VoiceFailed, match="gmw/xx-nowhere"):
        await unknown.speak("Hello.", "en")
    assert seconds(await PromptVoice(tmp_path, VOICES, speaker).speak("Hello.", "en")) > 0.2, "the child lives on"


# -- cache and recordings


class Mute(Speaker):
    """Must not be asked."""

    async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
        raise VoiceFailed("asked to say something that was to be had already")


async def test_what_was_said_once_is_not_rendered_again(voice: PromptVoice, tmp_path: Path) -> None:
    first = await voice.speak("Hello.", "en", "welcome.0")
    assert await voice.speak("Hello.", "en", "welcome.0") is first
    again = PromptVoice(tmp_path, VOICES, Mute())
    assert await again.speak("Hello.", "en", "welcome.0") == first
    with pytest.raises(VoiceFailed):
        await again.speak("Hello!", "en", "welcome.0")


async def test_other_voice_or_rate_is_another_sound(voice: PromptVoice, tmp_path: Path) -> None:
    await voice.speak("Hello.", "en")
    for settings in (VoiceSettings("gmw/en-us", 200), VoiceSettings("gmw/en", 155)):
        with pytest.raises(VoiceFailed):
            await PromptVoice(tmp_path, {"en": settings}, Mute()).speak("Hello.", "en")


async def test_nothing_half_made_is_left_in_the_cache(voice: PromptVoice, tmp_path: Path) -> None:
    await voice.speak("Hello.", "en")
    with pytest.raises(VoiceFailed):
        await voice.speak("", "en")
    left = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(left) == 1 and left[0].suffix == ".wav"
    assert not [path for path in (tmp_path / "cache" / "en").iterdir() if path.is_dir()]


async def test_what_everybody_is_told_lies_apart_from_what_may_name_somebody(
    voice: PromptVoice, speaker: Speaker, tmp_path: Path
) -> None:
    await voice.ahead("Hello.", "en")
    await voice.speak("Hello, Ms Lin.", "en")
    await voice.speak("Hello.", "en", manner=Manner(0.8, 6.0))
    everybodys = list((tmp_path / "cache/prompts/en").glob("*.wav"))
    assert len(everybodys) == 2 and len(list((tmp_path / "cache/en").glob("*.wav"))) == 1
    for file in (tmp_path / "cache").glob("*/*.wav"):
        file.unlink()
    later = PromptVoice(tmp_path, VOICES, Mute())
    assert await later.ahead("Hello.", "en") == await voice.speak("Hello.", "en"), "it needs no voice"
    with pytest.raises(VoiceFailed):
        await later.speak("Hello, Ms Lin.", "en")


async def test_what_a_version_before_has_made_is_not_made_anew(speaker: Speaker, tmp_path: Path) -> None:
    await PromptVoice(tmp_path, VOICES, speaker).speak("Hello.", "en")
    assert list((tmp_path / "cache/en").glob("*.wav"))
    await PromptVoice(tmp_path, VOICES, Mute()).ahead("Hello.", "en")
    assert not list((tmp_path / "cache/en").glob("*.wav"))


async def test_damaged_file_in_the_cache_is_made_anew(voice: PromptVoice, speaker: Speaker, tmp_path: Path) -> None:
    first = await voice.speak("Hello.", "en")
    (cached,) = (tmp_path / "cache").rglob("*.wav")
    cached.write_bytes(b"")
    with capture_logs() as logs:
        second = await PromptVoice(tmp_path, VOICES, speaker).speak("Hello.", "en")
    assert seconds(second) == pytest.approx(seconds(first), abs=0.1)
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["cached prompt is damaged, rendered again"]
    assert await PromptVoice(tmp_path, VOICES, Mute()).speak("Hello.", "en") == second


async def test_cache_that_cannot_be_written_costs_no_sentence(speaker: Speaker, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with capture_logs() as logs:
        assert seconds(await PromptVoice(tmp_path, VOICES, speaker).speak("Hello.", "en")) > 0.2
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == [
        "prompt not kept, it is rendered again after a restart"
    ]


async def test_no_room_for_temporary_files_costs_the_sentence(
    voice: PromptVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
        with pytest.raises(VoiceFailed, match="without room for temporary files"):
            await voice.speak("Hello.", "en")
    assert seconds(await voice.speak("Hello.", "en")) > 0.2


class FullDisk(Mute):
    async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))


async def test_disk_that_is_full_costs_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(VoiceFailed, match=r"'Hello.' cannot be said: .*there is no room left on its disk"):
        await PromptVoice(tmp_path, VOICES, FullDisk()).speak("Hello.", "en")


def record(audio: Path, name: str, hz: float, language: str = "en") -> Path:
    path = audio / "prompts" / language / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.sin(2 * np.pi * hz * np.arange(8000) / 8000) * 8000
    path.write_bytes(wav_bytes(sound.astype("<i2").tobytes()))
    return path


async def test_recording_wins_over_the_machine_s_voice(tmp_path: Path) -> None:
    record(tmp_path, "welcome.0", 440)
    voice = PromptVoice(tmp_path, VOICES, Mute())
    pcm = await voice.speak("Hello.", "en", "welcome.0")
    spectrum = np.abs(np.fft.rfft(np.frombuffer(pcm, "<i2")))
    assert np.argmax(spectrum) * 8000 / (len(pcm) / 2) == pytest.approx(440, abs=3)
    assert level_db(pcm) == pytest.approx(LEVEL_DB, abs=0.5), "as loud as the machine's voice"
    for text, language, name in (("Hello.", "zh", "welcome.0"), ("Hello.", "en", "welcome.1"), ("Hello.", "en", None)):
        with pytest.raises(VoiceFailed, match="was to be had"):
            await voice.speak(text, language, name)  # type: ignore[arg-type]


async def test_recording_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    record(tmp_path, "welcome.0", 440).write_bytes(b"this is not sound")
    with pytest.raises(VoiceFailed, match=r"welcome\.0\.wav"):
        await PromptVoice(tmp_path, VOICES, Mute()).speak("Hello.", "en", "welcome.0")


# -- the child


async def test_many_at_once_are_said_one_after_the_other(voice: PromptVoice) -> None:
    texts = [f"This is sentence number {number}." for number in range(8)]
    together = await asyncio.gather(*(voice.speak(text, "en") for text in texts))
    assert len(set(together)) == len(texts)
    assert all(seconds(pcm) > 0.8 for pcm in together)


async def test_child_that_is_killed_is_started_again(speaker: Speaker, tmp_path: Path) -> None:
    settings, path = VOICES["en"], tmp_path / "x.wav"
    await speaker.render("One.", settings, path)
    first = child(speaker)
    os.kill(first, signal.SIGKILL)
    path.unlink()
    await speaker.render("Two.", settings, path)
    assert child(speaker) != first and len(read_wav(path)[0]) > 0


async def test_child_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    speaker = Speaker(timeout_s=5.0)
    try:
        await speaker.render("One.", VOICES["en"], tmp_path / "x.wav")
        hanging = child(speaker)
        os.kill(hanging, signal.SIGSTOP)
        with capture_logs() as logs:
            await speaker.render("Two.", VOICES["en"], tmp_path / "y.wav")
        assert [(entry["event"], entry["problem"]) for entry in logs] == [
            ("speech synthesis restarted", "no answer in time")
        ]
        assert speaker.restarts == 1 and child(speaker) != hanging
        with pytest.raises(ProcessLookupError):
            os.kill(hanging, 0)
    finally:
        await speaker.close()


async def test_child_that_hangs_again_and_again_is_given_up(tmp_path: Path) -> None:
    """A time that nobody can keep: the sentence fails, and the lock is free again for the next one."""
    speaker = Speaker(timeout_s=0.0001)
    try:
        with capture_logs(), pytest.raises(VoiceFailed, match="not even after 2 restarts"):
            await speaker.render("One.", VOICES["en"], tmp_path / "x.wav")
        assert speaker.restarts == 3
    finally:
        await asyncio.wait_for(speaker.close(), PATIENCE_S)


async def test_closing_ends_the_child(tmp_path: Path) -> None:
    speaker = Speaker()
    await speaker.render("One.", VOICES["en"], tmp_path / "x.wav")
    ended = child(speaker)
    await speaker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(ended, 0)
    await speaker.close()


async def test_sentence_that_nobody_waits_for_any_more_is_not_taken_for_the_next(tmp_path: Path) -> None:
    """Its answer must not be taken for that of the next one, nor must the next one wait for it."""
    speaker = Speaker()
    voice = PromptVoice(tmp_path, VOICES, speaker)
    try:
        await voice.speak("Warm.", "en")
        leaving = asyncio.ensure_future(
            voice.speak("This sentence is not wanted any more, because its caller has gone.", "en")
        )
        while not speaker._lock.locked():  # noqa: ASYNC110  # until it is being made
            await asyncio.sleep(0)
        await asyncio.sleep(0.005)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        for number in range(3):
            assert seconds(await voice.speak(f"The next sentence is number {number}.", "en")) > 0.8
        assert speaker.restarts == 0
    finally:
        await speaker.close()
