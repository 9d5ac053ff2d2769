"""``ivr say`` and ``ivr voices``, and the house's voice as config.toml wants it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.adapters.sound.telephone import active_level_db, read_wav
from ivr.adapters.speech_out.voice import VoiceSettings
from ivr.calls.caller.ports import VoiceFailed
from ivr.cli.voice import say as saying
from ivr.cli.voice.say import Saying
from ivr.config.load import Config, ConfigError, load, parse
from ivr.config.tables import SpeechOut
from ivr.provision import debian
from ivr.server.speech.voice import ENGINES, engine, house_voice, voices
from tests.command_line import Done, ivr, ivr_in_a_process
from tests.conftest import CACHE, ROOT

TEXT = "I am putting you through to the right person. They can see everything already."


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A config.toml whose sound is in a folder of its own."""
    path = tmp_path / "config.toml"
    path.write_text(f'[speech_out]\nfolder = "{tmp_path / "audio"}"\n')
    return path


@pytest.fixture(scope="session")
def flite() -> str:
    """Its name, once it is on this machine."""
    try:
        debian.get(debian.FLITE, CACHE)
    except debian.PartMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    return "flite"


def out(**settings: object) -> Config:
    return Config(speech_out=SpeechOut.model_validate(settings))


def length_s(path: Path) -> float:
    samples, rate = read_wav(path)
    return len(samples) / rate


# -- settings


def test_project_s_own_settings_are_pyttsx3() -> None:
    assert voices(load(ROOT / "config.toml", {})) == {
        "en": VoiceSettings("gmw/en-us", 155, "pyttsx3"),
        "zh": VoiceSettings("sit/cmn", 155, "pyttsx3"),
    }


def test_auto_is_the_engine_s_own_choice() -> None:
    assert voices(out(engine_en="flite"))["en"] == VoiceSettings("rms", 155, "flite")
    assert voices(out(engine_en="rhvoice", rate_wpm=140))["en"] == VoiceSettings("alan", 140, "rhvoice")
    assert voices(out(engine_en="flite", voice_en="slt", voice_zh="sit/yue")) == {
        "en": VoiceSettings("slt", 155, "flite"),
        "zh": VoiceSettings("sit/yue", 155, "pyttsx3"),
    }


def test_unknown_engine_is_refused_by_name() -> None:
    for wrong, words in (
        (
            {"engine_en": "piper"},
            "[speech_out] engine_en: 'piper' is none of pyttsx3, flite, rhvoice",
        ),
        ({"engine_zh": "flite"}, "[speech_out] engine_zh: 'flite' is not right here: write pyttsx3"),
        ({"voice_en": ""}, "[speech_out] voice_en: "),
    ):
        with pytest.raises(ConfigError) as refused:
            parse({"speech_out": wrong}, "my.toml", {})
        assert words in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"engine_en": "flite", "voice_en": "gmw/en-us"},
            "flite has no voice 'gmw/en-us'; it has rms, slt, awb",
        ),
        ({"engine_en": "rhvoice", "voice_en": "lyubov"}, "rhvoice has no voice 'lyubov'"),
        ({"voice_en": "gmw/xx"}, "voice_en: pyttsx3 has no voice 'gmw/xx'; `ivr voices` lists"),
        ({"voice_zh": "slt"}, "voice_zh: pyttsx3 has no voice 'slt'"),
    ],
)
async def test_unknown_voice_is_refused_at_start(wrong: dict[str, str], words: str, tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        with pytest.raises(ConfigError) as refused:
            await house_voice(out(folder=tmp_path, **wrong), tmp_path, stack)
    assert words in str(refused.value)


async def test_voice_that_cannot_be_started_does_not_end_the_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    async with contextlib.AsyncExitStack() as stack:
        with capture_logs() as logs:
            house = await house_voice(out(folder=tmp_path, voice_en="gmw/en"), tmp_path, stack)
            with pytest.raises(VoiceFailed):
                await house.speak("Hello.", "en")
    assert logs[0]["event"] == "voices not looked at"


async def test_wrong_list_of_pronunciations_is_refused_at_start(tmp_path: Path) -> None:
    (tmp_path / "pronunciation.toml").write_text('[en]\n"IVR" = 5\n[fr]\n')
    async with contextlib.AsyncExitStack() as stack:
        with pytest.raises(ConfigError) as refused:
            await house_voice(out(folder=tmp_path), tmp_path, stack)
    assert len(refused.value.problems) == 2 and "IVR" in str(refused.value)


async def test_house_speaks_with_flite_and_with_pyttsx3_where_flite_is_not(flite: str, tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        with capture_logs() as logs:
            natural = await house_voice(out(folder=tmp_path, engine_en=flite), tmp_path, stack)
            plain = await house_voice(out(folder=tmp_path), tmp_path, stack)
            assert await natural.speak("Hello there.", "en") != await plain.speak("Hello there.", "en")
            assert await natural.speak("您好。", "zh") == await plain.speak("您好。", "zh")
    assert not [entry for entry in logs if entry["log_level"] == "warning"]


def test_program_named_by_the_environment_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_FLITE", "/nowhere/flite")
    assert "/nowhere/flite" in engine("flite").missing


# -- ivr say


def test_say_writes_a_file(settings: Path, tmp_path: Path) -> None:
    done = ivr_in_a_process("say", "Hello, this is Harbour Watches.", "--to", tmp_path / "x.wav", "--config", settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'x.wav'}: {length_s(tmp_path / 'x.wav'):.1f} s\n"


def test_say_slow_and_louder_with_another_voice(flite: str, settings: Path, tmp_path: Path) -> None:
    config = load(settings, {})
    made = {}
    for name, asked in {
        "plain": Saying(TEXT, "en", tmp_path / "plain.wav", engine=flite, voice="slt"),
        "slow": Saying(TEXT, "en", tmp_path / "slow.wav", flite, "slt", slow=True),
        "loud": Saying(TEXT, "en", tmp_path / "loud.wav", flite, "slt", louder=True),
    }.items():
        assert saying.say(asked, config, tmp_path) == 0
        made[name] = asked.to
    assert length_s(made["slow"]) / length_s(made["plain"]) == pytest.approx(1 / saying.SLOW, rel=0.1)
    louder = active_level_db(read_wav(made["loud"])[0]) - active_level_db(read_wav(made["plain"])[0])
    assert louder == pytest.approx(saying.LOUDER_DB, abs=0.6)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("您好", "--language", "zh", "--engine", "flite"), "flite does not speak zh; pyttsx3 does"),
        (("Hello", "--engine", "flite", "--voice", "nobody"), "flite has no voice 'nobody'; it has rms, slt"),
        (("Hello", "--voice", "nobody"), "pyttsx3 has no voice 'nobody'"),
        (("...",), "'...': there is nothing to be heard"),
        (("…", "--engine", "flite"), "there is nothing to be heard"),
    ],
)
def test_say_what_cannot_be_said(
    words: tuple[str, ...], problem: str, flite: str, settings: Path, tmp_path: Path
) -> None:
    done = ivr("say", *words, "--to", tmp_path / "x.wav", "--config", settings)
    assert done.returncode == 1 and problem in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "x.wav").exists()


def test_say_with_an_engine_that_is_not_here(settings: Path, tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    words = ("say", "Hello", "--engine", "rhvoice", "--config", str(settings))
    done = ivr(*words, PATH=str(empty), IVR_UNPACKED_ONLY="1")
    assert done.returncode == 1
    assert done.stderr == "ivr: rhvoice is not on this machine: get it with `ivr voices --get rhvoice`\n"


def player(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def play(settings: Path, tmp_path: Path) -> Done:
    """``ivr say --play`` with no other programs than those of tmp_path/bin."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    words = ("say", "Hello", "--play", "--to", str(tmp_path / "x.wav"), "--config", str(settings))
    return ivr(*words, PATH=str(tmp_path / "bin"))


def test_play(settings: Path, tmp_path: Path) -> None:
    player(tmp_path / "bin", "ffplay", f'for last; do :; done; echo "$last" > {tmp_path}/played')
    done = play(settings, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "played").read_text().strip() == str(tmp_path / "x.wav")


def test_play_goes_on_to_a_player_that_works(settings: Path, tmp_path: Path) -> None:
    player(tmp_path / "bin", "aplay", 'echo "no sound card" >&2; exit 1')
    player(tmp_path / "bin", "paplay", f"echo played > {tmp_path}/played")
    assert play(settings, tmp_path).returncode == 0
    assert (tmp_path / "played").exists()


def test_play_where_no_player_works(settings: Path, tmp_path: Path) -> None:
    player(tmp_path / "bin", "aplay", 'echo "ALSA: odd" >&2; echo "no sound card" >&2; exit 1')
    player(tmp_path / "bin", "pw-play", "exit 7")
    done = play(settings, tmp_path)
    assert done.returncode == 1 and (tmp_path / "x.wav").exists()
    assert done.stderr == (
        f"ivr: {tmp_path / 'x.wav'} was written but could not be played: aplay: no sound card; pw-play: exit code 7\n"
    )


def test_play_where_there_is_no_player(settings: Path, tmp_path: Path) -> None:
    done = play(settings, tmp_path)
    assert done.returncode == 1 and (tmp_path / "x.wav").exists()
    assert done.stderr == (
        f"ivr: {tmp_path / 'x.wav'} was written but not played: there is no player here; "
        "known are aplay, paplay, pw-play, ffplay, afplay\n"
    )


# -- ivr voices


def test_voices_are_listed_by_engine(tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    done = ivr_in_a_process("voices", IVR_CACHE=str(tmp_path), PATH=str(empty), IVR_UNPACKED_ONLY="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "flite: not on this machine; get it with `ivr voices --get flite`\n  rms " in done.stdout
    assert "pyttsx3: ready\n" in done.stdout
    assert "(en: auto)" in next(line for line in done.stdout.splitlines() if line.startswith("  gmw/en-us "))
    assert "(zh: auto)" in next(line for line in done.stdout.splitlines() if line.startswith("  sit/cmn "))


def test_voices_that_cannot_be_got_is_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    done = ivr_in_a_process(
        "voices", "--get", "rhvoice", IVR_CACHE=str(tmp_path), PATH=str(empty), IVR_UNPACKED_ONLY="1"
    )
    assert done.returncode == 1
    assert "RHVoice is not installed and this machine has no apt to get it with" in done.stderr


def test_command_line_knows_every_engine() -> None:
    listed = ivr("say", "--help")
    assert "{" + ",".join(ENGINES) + "}" in listed.stdout.replace("\n", "").replace(" ", "")
