"""What the caller really hears, recorded by Asterisk at the caller's end of the line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from ivr.adapters.sound.telephone import Samples, read_wav
from ivr.adapters.speech_out.programs import FLITE, ProgramEngine
from ivr.adapters.speech_out.voice import PromptVoice, Speaker, VoiceSettings
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from ivr.provision import debian
from tests.conftest import ROOT, RealParts
from tests.e2e.conftest import House, a_house, until

FRAME = 160


def levels_db(samples: Samples) -> np.ndarray:
    """The level of each 20 ms."""
    whole = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return 10 * np.log10((whole.astype(float) ** 2).mean(axis=1) + 1e-12)


async def test_speaking_over_the_greeting_silences_it_at_once_and_is_understood(house: House, tmp_path: Path) -> None:
    tape = tmp_path / "call"
    # the caller begins to speak into the greeting, without waiting for its end
    script = [f"record:{tape}", "wait:1.1", f"play:{ROOT / 'audio/calls/late-watch'}", "wait:20"]
    async with house.desk("ana"):
        house.lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", script)
        heard = await house.happened("heard", 20)
        assert heard.facts["text"] == "my watch was due yesterday and it is not here"
        await house.happened("agent_ringing", 20)
    await asyncio.to_thread(house.lab.act, "Hangup", Channel="/^.*$/")
    await house.happened("hung_up", 10)
    machine, caller = Path(f"{tape}-heard.wav"), Path(f"{tape}-said.wav")
    await until(Path(f"{tape}.whole").exists, 5, "nothing was recorded")
    machine_db, caller_db = levels_db(read_wav(machine)[0]), levels_db(read_wav(caller)[0])
    begins = int(np.flatnonzero(caller_db > -35)[0])
    assert (machine_db[begins - 10 : begins] > -45).any(), "the greeting was on when the caller began"
    quiet = next(i for i in range(begins, len(machine_db)) if (machine_db[i : i + 10] < -60).all())
    # what counts as speech takes 100 ms of it; the rest is the cut: one faded frame and the way through Asterisk
    assert (quiet - begins) * 20 <= 300, f"the greeting went on for {(quiet - begins) * 20} ms"
    assert (machine_db[quiet : quiet + 100] < -60).all(), "and it stays away while the caller speaks"


async def test_greeting_is_heard_whole_and_at_telephone_level(house: House, tmp_path: Path) -> None:
    voice = PromptVoice(ROOT / "audio", {"en": VoiceSettings("gmw/en-us", 290)}, Speaker())
    await greeting_is_heard(house, tmp_path, voice)


async def test_second_voice_is_heard_through_asterisk(
    asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts
) -> None:
    """flite speaks the greeting, bit for bit what it renders, at the same level as the first voice."""
    program = real_parts.get(debian.FLITE)
    changes = {"speech_out": {"engine_en": "flite", "rate_wpm": 220}}
    async with a_house(asterisk, lab, tmp_path, real_parts, changes) as house:
        engines = {"flite": ProgramEngine(FLITE, program.command(), program.environment())}
        settings = {"en": VoiceSettings("rms", 220, "flite")}
        await greeting_is_heard(house, tmp_path, PromptVoice(ROOT / "audio", settings, Speaker(), engines=engines))


async def greeting_is_heard(house: House, tmp_path: Path, voice: PromptVoice) -> None:
    """Record what the caller hears, and find the first sentence in it: whole in one of three calls.

    A frame that comes too late on a machine that is busy is left out by Asterisk on its way to the tape.
    """
    lost: list[str] = []
    while (problem := await _lost_of_greeting(house, tmp_path / f"call{len(lost)}", voice)) is not None:
        lost.append(problem)
        assert len(lost) < 3, lost


async def _lost_of_greeting(house: House, tape: Path, voice: PromptVoice) -> str | None:
    """Which frame of the first sentence a caller did not hear; None where they heard it whole."""
    house.forget()
    house.lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", [f"record:{tape}", "hush:700"])
    await house.happened("hung_up", 30)
    await until(Path(f"{tape}.whole").exists, 5, "nothing was recorded")
    samples, rate = read_wav(Path(f"{tape}-heard.wav"))
    assert rate == 8000
    levels = levels_db(samples)
    loud = np.flatnonzero(levels > -45)
    said = sum(e.facts["text"].count(" ") + 1 for e in house.kinds("said"))
    assert said > 8 and len(loud) * 0.02 > said * 0.1, "the whole greeting was heard"
    assert -26 < 10 * np.log10((10 ** (levels[loud] / 10)).mean()) < -16, "at telephone level"
    # every frame of the first sentence arrived, in order and bit for bit
    first = house.kinds("said")[0].facts
    sentence = np.frombuffer(await voice.speak(first["text"], "en", f"{first['prompt']}.0"), "<i2")
    heard = np.round(samples * 32768).astype("<i2")
    probe = sentence[2000:2400]
    windows = np.lib.stride_tricks.sliding_window_view(heard, len(probe))
    found = np.flatnonzero((windows == probe).all(axis=1))
    assert len(found), "the sentence was not found in what was heard"
    at = 0  # before the first sentence there is nothing but silence
    for begin in range(0, len(sentence), FRAME):
        frame = sentence[begin : begin + FRAME]
        # where the machine stood still for a moment, nothing but silence is between two frames
        gap = next(
            (n for n in range(len(heard) - at) if np.array_equal(heard[at + n : at + n + len(frame)], frame)), None
        )
        if gap is None:
            return f"the frame at {begin} was not heard after those before it"
        assert not heard[at : at + gap].any(), f"before the frame at {begin} something else was heard"
        at += gap + len(frame)
    return None
