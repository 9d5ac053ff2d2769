"""``ivr manifest``: what is to be recorded, and what is wrong with recordings."""

from __future__ import annotations

import csv
import io
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.sound.telephone import Samples, to_pcm
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.cli.voice.manifest import Line, check, estimate_s, lines, longest_clip, print_list, strangers, write_table
from ivr.core.flow.flow import Flow, Prompt
from tests.adapters.sound.test_telephone import speech_like
from tests.command_line import ivr, ivr_in_a_process
from tests.core.little_house import FLOW

PROMPTS = {
    "welcome": Prompt(
        "welcome", {"en": ("Hello, this is the shop.", "Welcome to the shop."), "zh": ("您好，这里是商店。",)}
    ),
    "back": Prompt("back", {"en": ("Hello {salutation}, your {product} is here.",), "zh": ("{salutation}您好。",)}),
}
RATE = 48000


@pytest.fixture
def flow() -> Flow:
    return replace(FLOW, prompts=PROMPTS)


def record(audio: Path, name: str, samples: Samples, rate: int = RATE, width: int = 2) -> Path:
    path = audio / "prompts" / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(to_pcm(samples) if width == 2 else bytes(width * len(samples)))
    return path


def voice(seconds: float, height: float = 0.3, rate: int = RATE) -> Samples:
    """Somebody speaks for so long, between two pauses, at so many times full scale."""
    speech = np.repeat(speech_like(seconds), rate // 8000)
    pause = np.zeros(rate // 2, np.float32)
    return np.concatenate([pause, speech / np.abs(speech).max() * np.float32(height), pause])


def by_name(listed: list[Line]) -> dict[str, Line]:
    return {f"{line.language}/{line.file.stem}": line for line in listed}


# -- what is to be recorded


def test_each_variant_of_each_language_has_its_file(flow: Flow, tmp_path: Path) -> None:
    listed = by_name(lines(flow, tmp_path))
    assert list(listed) == ["en/welcome.0", "en/welcome.1", "zh/welcome.0", "en/back.0", "zh/back.0"]
    assert listed["en/welcome.1"].file == tmp_path / "prompts/en/welcome.1.wav"
    assert listed["en/welcome.1"].text == "Welcome to the shop."
    assert not any(line.recorded or line.problems for line in listed.values())
    assert listed["en/back.0"].fields == ("product", "salutation") and not listed["zh/welcome.0"].fields
    assert {line.language for line in lines(flow, tmp_path, "zh")} == {"zh"}


async def test_file_name_is_the_one_that_the_voice_looks_for(flow: Flow, tmp_path: Path) -> None:
    """What is recorded as the list says is what callers hear."""
    speaker = Speaker()
    house = PromptVoice(tmp_path, {"en": VoiceSettings("gmw/en-us", 155), "zh": VoiceSettings("sit/cmn", 155)}, speaker)
    try:
        for number, line in enumerate(one for one in lines(flow, tmp_path) if not one.fields):
            record(tmp_path, f"{line.language}/{line.file.stem}", voice(1 + number))
            pcm = await house.speak(line.text, line.language, line.file.stem)
            assert len(pcm) / 16000 == pytest.approx(1 + number, abs=0.3)
            assert speaker._process is None, "nobody had to synthesise"
    finally:
        await speaker.close()


async def test_estimate_is_near_to_what_a_voice_takes(tmp_path: Path) -> None:
    """The machine at its usual pace stands in for a person."""
    speaker = Speaker()
    settings = {"en": VoiceSettings("gmw/en-us", 155), "zh": VoiceSettings("sit/cmn", 155)}
    house = PromptVoice(tmp_path, settings, speaker)  # type: ignore[arg-type]
    try:
        for text, language in (
            ("Hello, this is Harbour Watches.", "en"),
            ("Thank you. I am putting you through to the right person. They can see everything already.", "en"),
            ("您好，这里是海港钟表。", "zh"),
            ("我们的营业时间是周一至周六，上午九点到下午六点。感谢来电，再见。", "zh"),
        ):
            said_s = len(await house.speak(text, language)) / 16000  # type: ignore[arg-type]
            assert 0.6 * said_s < estimate_s(text, language) < 1.6 * said_s, text  # type: ignore[arg-type]
    finally:
        await speaker.close()


def test_estimate_of_nothing() -> None:
    for text in ("", "...", "，"):
        assert 0 <= estimate_s(text, "en") < 1


# -- what is wrong with recordings


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_good_recording(rate: int, flow: Flow, tmp_path: Path) -> None:
    record(tmp_path, "en/welcome.0", voice(2.0, rate=rate), rate)
    line = by_name(lines(flow, tmp_path))["en/welcome.0"]
    assert line.recorded and line.problems == ()


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        (voice(9.0), "too long: 9.0 s, about 1.9 s were expected"),
        (voice(0.3), "too short: 0.3 s"),
        (voice(2.0, height=0.01), "too quiet: -5"),
        (np.clip(voice(2.0, height=4.0), -1, 1), "clipped"),
        (np.zeros(RATE, np.float32), "there is nothing to be heard in it"),
        (np.zeros(0, np.float32), "there is nothing to be heard in it"),
    ],
)
def test_problem_is_named(samples: Samples, problem: str, flow: Flow, tmp_path: Path) -> None:
    record(tmp_path, "en/welcome.0", samples)
    line = by_name(lines(flow, tmp_path))["en/welcome.0"]
    assert line.recorded and len(line.problems) == 1 and problem in line.problems[0], line.problems


def test_wrong_formats_are_named(flow: Flow, tmp_path: Path) -> None:
    path = record(tmp_path, "en/welcome.0", voice(2.0), width=3)
    assert check(path, 2.0) == ["24-bit samples; 16-bit is needed"]
    path.write_bytes(b"ID3\x03 this is an MP3" * 50)
    assert check(path, 2.0)[0].startswith("not a PCM WAV file")
    record(tmp_path, "en/welcome.0", speech_like(2.0)[::2], 4000)
    assert "wrong format: 4000 samples a second" in check(path, 2.0)[0]


def test_several_problems_are_all_named(tmp_path: Path) -> None:
    path = record(tmp_path, "en/welcome.0", np.clip(voice(9.0, height=4.0), -1, 1))
    assert [problem.split(":")[0] for problem in check(path, 2.0)] == ["too long", "clipped"]


def test_one_peak_is_not_clipping() -> None:
    assert longest_clip(np.asarray([0, 1, 1, 0, -1, 0], np.float32)) == 2
    assert longest_clip(np.asarray([1, 1, -1, 1, 1], np.float32)) == 5
    assert longest_clip(np.zeros(0, np.float32)) == 0


def test_recording_in_place_of_a_sentence_with_fields_is_warned_of(flow: Flow, tmp_path: Path) -> None:
    record(tmp_path, "en/back.0", voice(3.0))
    line = by_name(lines(flow, tmp_path))["en/back.0"]
    assert line.recorded and "does not hear what it holds" in line.problems[0]


def test_recordings_that_nobody_asks_for(flow: Flow, tmp_path: Path) -> None:
    for name in ("en/welcome.0", "en/welcome", "en/welcome.2", "zh/welcome.1", "zh/back.0"):
        record(tmp_path, name, voice(1.0))
    (tmp_path / "prompts/en/.gitkeep").touch()
    assert [str(path.relative_to(tmp_path / "prompts")) for path in strangers(flow, tmp_path)] == [
        "en/welcome.2.wav", "en/welcome.wav", "zh/welcome.1.wav",
    ]  # fmt: skip
    assert [path.name for path in strangers(flow, tmp_path, "zh")] == ["welcome.1.wav"]


# -- the list and the table


def test_list_keeps_apart_what_the_machine_says(flow: Flow, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(tmp_path, "en/welcome.0", voice(2.0))
    record(tmp_path, "en/welcome.1", voice(9.0))
    print_list(lines(flow, tmp_path), tmp_path)
    said = capsys.readouterr().out
    recorded, spoken = said.split("Spoken by the machine:\n")
    assert "3 sentences, 1 are done" in recorded and "{" not in recorded
    assert "    ! too long: 9.0 s" in recorded
    assert "prompts/en/welcome.0.wav" in recorded and str(tmp_path) not in recorded
    assert (
        "back.0 (en), because it holds {product}, {salutation}: Hello {salutation}, your {product} is here." in spoken
    )


def test_table_can_be_read_back(flow: Flow, tmp_path: Path) -> None:
    record(tmp_path, "en/welcome.0", voice(2.0))
    record(tmp_path, "en/welcome.1", voice(9.0))
    file = io.StringIO()
    write_table(lines(flow, tmp_path), tmp_path, file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [row["recorded"] for row in rows] == ["yes", "again", "no", "no", "no"]
    assert rows[0]["text"] == "Hello, this is the shop." and rows[0]["file"] == "prompts/en/welcome.0.wav"
    assert "too long" in rows[1]["problems"]
    assert [row["spoken by"] for row in rows[2:]] == [
        "voice actor",
        "machine, because it holds {product}, {salutation}",
        "machine, because it holds {salutation}",
    ]


def test_command(tmp_path: Path) -> None:
    done = ivr_in_a_process("manifest", "--language", "zh")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n  audio/prompts/zh/" in done.stdout and "audio/prompts/en/" not in done.stdout
    table = tmp_path / "sentences.csv"
    done = ivr("manifest", "--csv", str(table))
    assert done.returncode == 0 and done.stdout.startswith(f"{table}: ")
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig", newline="")))
    assert len(rows) > 20 and {row["language"] for row in rows} == {"en", "zh"}
    failed = ivr("manifest", "--csv", str(tmp_path / "nowhere" / "x.csv"))
    assert failed.returncode == 1 and "there is no such file" in failed.stderr
