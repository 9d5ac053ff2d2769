"""Makes the sample calls of audio/calls from said.toml, and checks them: ``python -m tools.speech_model.sample_calls``.

Every recording goes through the product's own recogniser and understanding; with ``--check`` nothing is made.
"""

from __future__ import annotations

import asyncio
import sys
import tomllib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.calls.caller.ports import Transcript
from ivr.core.dialogue.words.yes_and_no import answer
from ivr.core.digit_words import digit_words, spoken_digits
from ivr.core.flow.flow import Flow
from ivr.core.flow.spoken_commands import command_in
from ivr.provision.debian import PartMissing
from ivr.replay.making.phone_line import RATE, Samples, line, load, save
from ivr.replay.making.voices import speak
from ivr.wire.flow import toml
from tools.speech_model.hearing import CALLS, heard, recording

MODEL = Path("audio/models/bundled-en")
DIALOGUES = Path("dialplans")


@dataclass(frozen=True, slots=True)
class Said:
    """One recording, as said.toml describes it."""

    name: str
    words: str
    intent: str | None = None
    """What it must be understood as, empty for none of the intents; None: no answer to an open question."""
    answer: str | None = None
    """"yes", "no" or digits."""
    command: str | None = None
    """What it wishes for, at any point."""
    voice: str = ""
    snr_db: float = 28.0
    of: str = ""
    first_s: float = 0.0

    @property
    def wanted(self) -> str | None:
        """What it must be taken for."""
        return self.command or (self.intent if self.answer is None else self.answer)

    @property
    def path(self) -> Path:
        """The recording."""
        return CALLS / f"{self.name}.wav"


def said(path: Path = CALLS / "said.toml") -> tuple[Said, ...]:
    """All recordings."""
    return tuple(Said(name, **entry) for name, entry in tomllib.loads(path.read_text("utf-8")).items())


def read_flow() -> Flow:
    """The sample shop's dialogue."""
    return toml.read({path.name: path.read_text("utf-8") for path in sorted(DIALOGUES.glob("*.toml"))})


def cough() -> Samples:
    """A short dull noise that rises at once and dies away: no word, but loud enough for one."""
    time = np.arange(round(RATE * 0.12)) / RATE
    noise = np.convolve(np.random.default_rng(0).standard_normal(len(time)), np.hanning(9), "same")
    sound: Samples = noise * (1 - np.exp(-time / 0.004)) * np.exp(-time / 0.04)
    return sound


def make(one: Said) -> None:
    """Write one recording; the noise of its line comes from its name, so that the others do not change with it."""
    if one.of:
        whole, rate = load(CALLS / f"{one.of}.wav")
        save(one.path, whole[: round(rate * one.first_s)])
        return
    sound, rate = (cough(), RATE) if one.voice == "cough" else speak(one.voice, one.words)
    save(one.path, line(sound, rate, one.snr_db, zlib.crc32(one.name.encode())))


async def hear(recogniser: VoskRecogniser, one: Said, flow: Flow) -> Transcript:
    """What is heard in a recording, under the grammar of the question that it answers."""
    grammar = None
    if one.answer:
        grammar = digit_words("en") if one.answer.isdigit() else (*flow.yes["en"], *flow.no["en"])
    return await heard(recogniser, recording(one.path), grammar)


def taken_for(one: Said, heard_as: Transcript, flow: Flow, understanding: Understanding) -> str:
    """What the server takes it for: an intent, "yes", "no" or digits; empty for none."""
    if one.command is not None:
        return command_in(heard_as.text, "en", flow.commands) or ""
    if one.answer is None:
        understood = understanding.understand(heard_as.hypotheses, "en")
        return understood.best.intent if understood.best and understood.certainty != "none" else ""
    if one.answer.isdigit():
        return spoken_digits(heard_as.text, "en")
    agreed = answer(heard_as.text, "en", flow.yes["en"], flow.no["en"]).meant
    return {True: "yes", False: "no", None: ""}[agreed]


async def check() -> int:
    """Recognise every recording, print what is heard; returns how many are heard or understood wrongly."""
    flow = read_flow()
    understanding = Understanding.train(list(flow.intents.values()), SentenceEncoder.find(Path(".cache/encoder")))
    recogniser = VoskRecogniser({"en": MODEL}, threads=1)
    wrong = 0
    for one in said():
        for free in (True, False) if one.answer else (True,):
            result = await (heard(recogniser, recording(one.path)) if free else hear(recogniser, one, flow))
            wanted = one.wanted
            meant = taken_for(one, result, flow, understanding)
            good = result.text == one.words and wanted in (None, meant)
            wrong += not good
            share = result.hypotheses[0].share if result.hypotheses else 0.0
            how = f"share {share:.2f}" if result.confidence is None else f"confidence {result.confidence:.2f}"
            print(
                f"{'ok   ' if good else 'WRONG'} {one.name:<19} {result.text or '(nothing)'} [{meant or 'none'}], {how}"
            )
    recogniser.close()
    return wrong


def main() -> int:
    """The command."""
    if "--check" not in sys.argv:
        try:
            for one in said():
                make(one)
        except PartMissing as error:
            print(f"The recordings cannot be made: {error}", file=sys.stderr)
            return 1
    wrong = asyncio.run(check())
    if wrong:
        print(f"{wrong} of the recordings are not heard as said.toml says: choose other voices", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
