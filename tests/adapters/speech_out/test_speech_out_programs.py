"""Voices that are programs: the real flite (and RHVoice where it is), what they cannot say, and programs that fail."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from ivr.adapters.sound.telephone import LEVEL_DB, active_level_db, read_wav, wav_bytes
from ivr.adapters.speech_out.programs import FLITE, RHVOICE, ProgramEngine, plain_latin
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.calls.caller.ports import Manner, VoiceFailed
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.language import Language
from ivr.provision import debian
from ivr.server.speech.voice import engine
from tests.conftest import CACHE

PLAIN: dict[Language, VoiceSettings] = {"en": VoiceSettings("gmw/en-us", 155), "zh": VoiceSettings("sit/cmn", 155)}
RMS: dict[Language, VoiceSettings] = {**PLAIN, "en": VoiceSettings("rms", 155, "flite")}
SENTENCES = (
    "Hello, this is Harbour Watches.",
    "I am putting you through to the right person.",
    "What is your order number? It has four digits.",
    "Open.",
)


@pytest.fixture
async def speaker() -> AsyncIterator[Speaker]:
    made = Speaker(timeout_s=5)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def flite_program() -> debian.Found:
    """The real one; Debian has it in every release."""
    try:
        return debian.get(debian.FLITE, CACHE)
    except debian.PartMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def flite(flite_program: debian.Found) -> ProgramEngine:
    return ProgramEngine(FLITE, flite_program.command(), flite_program.environment(), timeout_s=10)


@pytest.fixture(params=["flite", "rhvoice"])
def program(request: pytest.FixtureRequest) -> ProgramEngine:
    """Each program that this machine has."""
    if request.param == "flite":
        return request.getfixturevalue("flite")  # type: ignore[no-any-return]
    found = engine("rhvoice")
    if found.missing:
        pytest.skip(f"rhvoice: {found.missing}")
    return found


def script(folder: Path, text: str, timeout_s: float = 5.0, rest_s: float = 60.0) -> ProgramEngine:
    """flite's place taken by a shell script; its arguments are those of flite, the WAV file the last of them."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return ProgramEngine(FLITE, [str(path)], timeout_s=timeout_s, rest_s=rest_s)


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / SAMPLE_RATE


def level_db(pcm: bytes) -> float:
    return active_level_db(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768)


def warnings(logs: list[dict[str, object]]) -> list[object]:
    return [entry["event"] for entry in logs if entry["log_level"] == "warning"]


# -- what they sound like


async def test_every_voice_speaks_as_loud_and_as_fast_as_pyttsx3(
    program: ProgramEngine, speaker: Speaker, tmp_path: Path
) -> None:
    name = program.program.name
    plain = PromptVoice(tmp_path, PLAIN, speaker)
    plain_s = sum([seconds(await plain.speak(text, "en")) for text in SENTENCES])
    for voice in program.program.paces:
        house = PromptVoice(tmp_path, {"en": VoiceSettings(voice, 155, name)}, speaker, engines={name: program})
        spoken = [await house.speak(text, "en") for text in SENTENCES]
        assert all(level_db(pcm) == pytest.approx(LEVEL_DB, abs=0.5) for pcm in spoken), voice
        assert sum(map(seconds, spoken)) == pytest.approx(plain_s, rel=0.15), voice


async def test_one_level_for_engines_recordings_and_languages(
    program: ProgramEngine, speaker: Speaker, tmp_path: Path
) -> None:
    name = program.program.name
    recording = tmp_path / "prompts/en/welcome.0.wav"
    recording.parent.mkdir(parents=True)
    call, rate = read_wav(Path("audio/calls/opening-hours.wav"))
    assert rate == SAMPLE_RATE
    recording.write_bytes(wav_bytes((call * 8000).astype("<i2").tobytes()))  # a quarter of its height
    settings: dict[Language, VoiceSettings] = {
        **PLAIN,
        "en": VoiceSettings(next(iter(program.program.paces)), 155, name),
    }
    house = PromptVoice(tmp_path, settings, speaker, engines={name: program})
    plain = PromptVoice(tmp_path, PLAIN, speaker)
    for manner in (Manner(), Manner(gain_db=6), Manner(rate=0.75, gain_db=6)):
        spoken = {
            name: await house.speak(SENTENCES[1], "en", manner=manner),
            "pyttsx3": await plain.speak(SENTENCES[1], "en", manner=manner),
            "zh": await house.speak("请问您的订单号是多少？", "zh", manner=manner),
            "recording": await house.speak("Hello.", "en", "welcome.0", manner),
        }
        levels = {which: round(level_db(pcm), 2) for which, pcm in spoken.items()}
        assert max(levels.values()) - min(levels.values()) < 1.0, levels
        assert levels[name] == pytest.approx(LEVEL_DB + manner.gain_db, abs=0.6), levels
        for pcm in spoken.values():
            assert np.abs(np.frombuffer(pcm, "<i2").astype(int)).max() < 32767 * 0.9, "nothing is clipped"


async def test_program_is_heard_and_not_pyttsx3(flite: ProgramEngine, speaker: Speaker, tmp_path: Path) -> None:
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": flite})
    with capture_logs() as logs:
        said = await house.speak(SENTENCES[0], "en")
    assert not warnings(logs)
    assert said != await PromptVoice(tmp_path, PLAIN, speaker).speak(SENTENCES[0], "en")
    slt = PromptVoice(tmp_path, {"en": VoiceSettings("slt", 155, "flite")}, speaker, engines={"flite": flite})
    assert said != await slt.speak(SENTENCES[0], "en")


async def test_rate_is_heard(program: ProgramEngine, tmp_path: Path) -> None:
    voice = next(iter(program.program.paces))
    lengths = {}
    for rate in (80, 155, 300):
        path = tmp_path / f"{rate}.wav"
        await program.render(SENTENCES[1], VoiceSettings(voice, rate), path)
        samples, hz = read_wav(path)
        lengths[rate] = len(samples) / hz
    assert lengths[80] / lengths[155] == pytest.approx(155 / 80, rel=0.1)
    assert lengths[155] / lengths[300] == pytest.approx(300 / 155, rel=0.15)


async def test_long_text_is_said_to_its_end(program: ProgramEngine, tmp_path: Path) -> None:
    text = ("This is a long sentence about a watch. " * 11)[:400]
    voice = next(iter(program.program.paces))
    await program.render(text, VoiceSettings(voice, 155), tmp_path / "x.wav")
    samples, hz = read_wav(tmp_path / "x.wav")
    assert len(samples) / hz > 18


# -- odd text


@pytest.mark.parametrize("text", ["林美 called.", "Please ask for 王先生.", "Order 四 seven", "Привет", "Hello مرحبا"])
async def test_what_a_program_cannot_read_is_said_by_pyttsx3(
    text: str, flite: ProgramEngine, speaker: Speaker, tmp_path: Path
) -> None:
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": flite})
    with capture_logs() as logs:
        said = await house.speak(text, "en")
    assert said == await PromptVoice(tmp_path, PLAIN, speaker).speak(text, "en")
    assert not warnings(logs), "the program works; it is the text"
    await flite.render("Hello.", VoiceSettings("rms", 155), tmp_path / "x.wav")


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "😀", "\n", "\x00", "，。"])
async def test_nothing_to_say_is_said_so(text: str, program: ProgramEngine, tmp_path: Path) -> None:
    with pytest.raises(VoiceFailed):
        await program.render(text, VoiceSettings(next(iter(program.program.paces)), 155), tmp_path / "x.wav")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Müller, José and Łukasz", "Muller, Jose and Lukasz"),
        ("Don’t – “really” …", 'Don\'t , "really" .'),
        ("😀 hello\x00 \n there", "hello there"),
        ("Straße 5 €", "Strasse 5"),
        ("½ price", "1 2 price"),
        ("① first", "1 first"),
    ],
)
def test_letters_that_only_look_different_are_read(text: str, read: str) -> None:
    assert plain_latin(text, "flite") == read


async def test_hostile_text_is_just_read_out(program: ProgramEngine, tmp_path: Path) -> None:
    voice = VoiceSettings(next(iter(program.program.paces)), 155)
    for text in ("-lv", "--help", "-o /tmp/elsewhere.wav", "$(reboot) `id` | cat", "<speak>hello</speak>", "../../etc"):
        path = tmp_path / "x.wav"
        await program.render(text, voice, path)
        samples, hz = read_wav(path)
        assert len(samples) / hz > 0.2, text
        path.unlink()
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir())), "and nothing is written elsewhere"


# -- programs that fail


async def test_program_that_is_not_there_is_warned_of_once(speaker: Speaker, tmp_path: Path) -> None:
    away = ProgramEngine(FLITE, None, missing="get it with a sentence")
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": away})
    with capture_logs() as logs:
        for text in SENTENCES:
            assert seconds(await house.speak(text, "en")) > 0.2
    assert warnings(logs) == ["a voice does not work, pyttsx3 speaks instead"]
    assert "get it with a sentence" in next(str(e["problem"]) for e in logs if e["log_level"] == "warning")


async def test_what_pyttsx3_said_meanwhile_is_not_kept_as_the_program_s(
    flite: ProgramEngine, speaker: Speaker, tmp_path: Path
) -> None:
    with capture_logs():
        away = PromptVoice(tmp_path, RMS, speaker, engines={"flite": ProgramEngine(FLITE, None)})
        plain = await away.speak(SENTENCES[0], "en")
    assert await PromptVoice(tmp_path, RMS, speaker, engines={"flite": flite}).speak(SENTENCES[0], "en") != plain


async def test_program_that_cannot_be_started(speaker: Speaker, tmp_path: Path) -> None:
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": ProgramEngine(FLITE, [str(tmp_path / "nowhere")])})
    with capture_logs() as logs:
        assert seconds(await house.speak(SENTENCES[0], "en")) > 0.8
    assert warnings(logs) == ["a voice does not work, pyttsx3 speaks instead"]
    assert "cannot be started" in str(logs[0]["problem"])


async def test_program_that_hangs_is_killed_and_then_left_alone(speaker: Speaker, tmp_path: Path) -> None:
    hanging = script(tmp_path, f"echo $$ >> {tmp_path}/pids; exec sleep 3600", timeout_s=0.5)
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": hanging})
    with capture_logs() as logs:
        assert seconds(await house.speak(SENTENCES[0], "en")) > 0.8
        for text in SENTENCES[1:]:
            assert seconds(await house.speak(text, "en")) > 0.2
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 1, "not asked again while it rests"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pids[0]), 0)
    assert warnings(logs) == ["a voice does not work, pyttsx3 speaks instead"]


async def test_program_that_dies_once_is_run_again(flite_program: debian.Found, tmp_path: Path) -> None:
    words = " ".join(flite_program.command())
    dying = script(
        tmp_path, f'if [ ! -e {tmp_path}/died ]; then touch {tmp_path}/died; kill -9 $$; fi; exec {words} "$@"'
    )
    with capture_logs() as logs:
        await dying.render("Hello.", VoiceSettings("rms", 155), tmp_path / "x.wav")
    assert len(read_wav(tmp_path / "x.wav")[0]) > 1000 and not warnings(logs)


async def test_program_that_is_well_again_is_heard_again(
    flite_program: debian.Found, speaker: Speaker, tmp_path: Path
) -> None:
    words = " ".join(flite_program.command())
    ill = tmp_path / "ill"
    ill.touch()
    program = script(tmp_path, f'[ -e {ill} ] && {{ echo "no memory" >&2; exit 3; }}; exec {words} "$@"', rest_s=0.2)
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": program})
    with capture_logs() as logs:
        for text in SENTENCES[:2]:
            await house.speak(text, "en")
            await asyncio.sleep(0.25)
        ill.unlink()
        well = await house.speak(SENTENCES[0], "en")
    assert [entry["event"] for entry in logs if entry["log_level"] in ("warning", "info")] == [
        "a voice does not work, pyttsx3 speaks instead",
        "a voice speaks again",
    ]
    assert "3: no memory" in next(str(e["problem"]) for e in logs if e["log_level"] == "warning")
    assert well != await PromptVoice(tmp_path, PLAIN, speaker).speak(SENTENCES[0], "en")


@pytest.mark.parametrize("doing", ["exit 0", 'for last; do :; done; echo nonsense > "$last"', "cat > /dev/null"])
async def test_program_that_makes_no_sound_leaves_no_caller_in_silence(
    doing: str, speaker: Speaker, tmp_path: Path
) -> None:
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": script(tmp_path, doing)})
    with capture_logs():
        assert seconds(await house.speak(SENTENCES[0], "en")) > 0.8


async def test_silent_sound_leaves_no_caller_in_silence(speaker: Speaker, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    silence.write_bytes(wav_bytes(bytes(16000)))
    mute = script(tmp_path, f'for last; do :; done; cp {silence} "$last"')
    with capture_logs():
        assert seconds(await PromptVoice(tmp_path, RMS, speaker, engines={"flite": mute}).speak("Hello.", "en")) > 0.2


async def test_when_nobody_can_speak_it_is_an_error(tmp_path: Path) -> None:
    class Mute(Speaker):
        async def render(self, text: str, settings: VoiceSettings, path: Path) -> None:
            raise VoiceFailed("no voice at all")

    with capture_logs(), pytest.raises(VoiceFailed, match="no voice at all"):
        house = PromptVoice(tmp_path, RMS, Mute(), engines={"flite": ProgramEngine(FLITE, None)})
        await house.speak("Hello.", "en")


async def test_voice_that_there_is_not(program: ProgramEngine, tmp_path: Path) -> None:
    with pytest.raises(VoiceFailed, match="nobody"):
        await program.render("Hello.", VoiceSettings("nobody", 155), tmp_path / "x.wav")


async def test_caller_who_has_gone_leaves_no_process(tmp_path: Path) -> None:
    hanging = script(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60", timeout_s=30)
    leaving = asyncio.ensure_future(hanging.render("Hello.", VoiceSettings("rms", 155), tmp_path / "x.wav"))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_many_at_once(flite: ProgramEngine, speaker: Speaker, tmp_path: Path) -> None:
    house = PromptVoice(tmp_path, RMS, speaker, engines={"flite": flite})
    with capture_logs() as logs:
        said = await asyncio.gather(*(house.speak(f"This is sentence number {n}.", "en") for n in range(12)))
    assert len(set(said)) == 12 and not warnings(logs)


def test_voices_that_may_not_be_used_commercially_are_not_offered() -> None:
    assert not {"lyubov", "evgeniy-eng"} & set(RHVOICE.paces)
