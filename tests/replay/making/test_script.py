"""Corpora made from text: voices, lines, and what is wrong in a script."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.sound.telephone import active_level_db
from ivr.corpus.format import CorpusError, read_corpus
from ivr.provision.debian import FLITE
from ivr.replay.caller.sounds import read_recording
from ivr.replay.making import phone_line
from ivr.replay.making.phone_line import coded, noise_of, with_loss
from ivr.replay.making.script import make, read_script
from ivr.replay.making.voices import Voice
from tests.conftest import RealParts

TWO = """
[late]
voices = ["pyttsx3:gmw/en-us", "pyttsx3:gmw/en-gb-x-rp@1.1^1.2"]
intent = "late_delivery"
snr_db = 20
said = [{ text = "my order is late" }, { text = "cough", noise = true, over_s = 0.5 }, { keys = "4711", answers = "order" }]
[zh]
language = "zh"
said = [{ text = "我要退货" }]
"""


async def test_a_script_becomes_calls(tmp_path: Path, real_parts: RealParts) -> None:
    real_parts.used("pyttsx3")
    script, folder = tmp_path / "calls.toml", tmp_path / "corpus"
    script.write_text(TWO, encoding="utf-8")
    told: list[tuple[str, str]] = []
    assert await make(script, folder, lambda name, problem: told.append((name, problem))) == 0
    assert told == [("late-1", ""), ("late-2", ""), ("zh", "")]
    calls = {call.name: call for call in read_corpus(folder).calls}
    assert calls.keys() == {"late-1", "late-2", "zh"}
    first = calls["late-1"]
    assert first.facts.origin == "synthetic" and "white 20 dB" in first.facts.tags and calls["zh"].sound is None
    recording = read_recording(first)
    spoken, cough = recording.piece(0), recording.piece(1)
    assert 30 < len(spoken) < 120 and len(cough) == pytest.approx(9, abs=1)
    level = active_level_db(np.frombuffer(b"".join(spoken), "<i2").astype(np.float32) / 32768)
    assert level == pytest.approx(phone_line.LEVEL_DB, abs=1.5)
    assert read_recording(calls["late-2"]).piece(0) != spoken


async def test_the_same_script_makes_the_same_sound(tmp_path: Path, real_parts: RealParts) -> None:
    real_parts.get(FLITE)
    script = tmp_path / "calls.toml"
    script.write_text(TWO.replace("pyttsx3:gmw/en-us", "flite:slt"), encoding="utf-8")
    digests = []
    for name in ("a", "b"):
        await make(script, tmp_path / name)
        digests.append(hashlib.sha256((tmp_path / name / "late-1.wav").read_bytes()).hexdigest())
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a]\nvoices = ['loud:x']\nsaid = [{ text = 'a' }]", "a: unknown voice 'loud:x': write KIND:NAME"),
        ("[a]\nvoices = ['flite:slt@fast']\nsaid = [{ text = 'a' }]", "after @ and ^ stand numbers"),
        ("[a]\nvoices = ['flite:slt']", "a: has no [[said]]"),
        (
            "[a]\nsnr_db = 99\nsaid = [{ text = 'a' }]",
            "calls.toml:2: a.snr_db: 99 is too large: it must be 60 or less",
        ),
        ("[a]\ncodec = 'mp3'\nsaid = [{ text = 'a' }]", "calls.toml:2: a.codec"),
    ],
)
def test_wrong_scripts(tmp_path: Path, text: str, said: str) -> None:
    script = tmp_path / "calls.toml"
    script.write_text(text)
    with pytest.raises(CorpusError) as wrong:
        read_script(script)
    assert said in str(wrong.value)


async def test_a_voice_that_is_not_there_costs_its_call_only(tmp_path: Path) -> None:
    script = tmp_path / "calls.toml"
    script.write_text("[a]\nvoices = ['pyttsx3:xx/nobody', 'pyttsx3:gmw/en-us']\nsaid = [{ text = 'hello' }]")
    told: dict[str, str] = {}
    assert await make(script, tmp_path / "corpus", told.__setitem__) == 1
    assert "there is no such voice" in told["a-1"] and told["a-2"] == ""
    assert [call.name for call in read_corpus(tmp_path / "corpus").calls] == ["a-2"]


def test_voices_are_read() -> None:
    assert Voice.read("pyttsx3:gmw/en-us@1.1^1.15") == Voice("pyttsx3", "gmw/en-us", 1.1, 1.15)
    assert Voice.read("flite:slt") == Voice("flite", "slt")


# -- lines


def tone(hertz: float = 1000.0) -> phone_line.Samples:
    return 0.1 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)


@pytest.mark.parametrize(("codec", "worst_db"), [("ulaw", -30), ("alaw", -30), ("gsm", -3)])
def test_codecs_keep_the_sound_and_lose_some_of_it(codec: phone_line.Codec, worst_db: float) -> None:
    sent = tone()
    back = coded(sent, codec)
    assert len(back) == len(sent)
    spectrum = np.abs(np.fft.rfft(back))
    assert spectrum.argmax() == 1000
    if codec == "gsm":
        return  # a speech codec: the tone comes with another phase
    error_db = 10 * np.log10(np.mean((back - sent) ** 2) / np.mean(sent**2))
    assert -60 < error_db < worst_db


@pytest.mark.parametrize("kind", ["white", "hum", "street"])
def test_noise_has_the_level_that_is_asked_for_and_the_band_of_a_telephone(kind: phone_line.Noise) -> None:
    noise = noise_of(kind, 32000, 1)
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(1.0)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / 8000)
    assert power[hertz > 3600].sum() / power.sum() < 0.01
    assert not np.array_equal(noise, noise_of(kind, 32000, 2))


def test_packets_are_lost_as_often_as_asked() -> None:
    sent = np.ones(8000 * 60)
    lost = 1 - with_loss(sent, 0.05, 3).mean()
    assert lost == pytest.approx(0.05, abs=0.02)
    frames = with_loss(sent, 0.05, 3).reshape(-1, 160).mean(axis=1)
    assert set(frames) == {0.0, 1.0}
