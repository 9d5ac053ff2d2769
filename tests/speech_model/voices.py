"""Synthetic voices: flite's, named "flite:slt", and espeak-ng's, named "espeak:en-us+f4"; then "@" and the pace."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from tests.speech_model.lexicon import PartMissing
from tests.speech_model.phone_line import Samples, load

_WORDS_A_MINUTE = 160


def _command(voice: str, text: str, path: Path) -> list[str]:
    name, _, pace_given = voice.partition("@")
    pace = float(pace_given or 1)
    match name.split(":"):
        case ["flite", speaker]:
            return [
                "flite",
                "-voice",
                speaker,
                "--setf",
                f"duration_stretch={1 / pace:.3f}",
                "-t",
                text,
                "-o",
                str(path),
            ]
        case ["espeak", speaker]:
            return ["espeak-ng", "-v", speaker, "-s", str(round(_WORDS_A_MINUTE * pace)), "-w", str(path), text]
    raise ValueError(f"unknown voice {voice!r}: write flite:NAME or espeak:NAME, for example flite:slt@0.9")


def speak(voice: str, text: str) -> tuple[Samples, int]:
    """The sound of a text and its rate in Hz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        command = _command(voice, text, path)
        try:
            subprocess.run(command, check=True, capture_output=True)
        except FileNotFoundError as error:
            package = command[0]
            raise PartMissing(f"there is no program {package}: install the package {package}") from error
        return load(path)
