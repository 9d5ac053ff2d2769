"""``ivr manifest``: what a voice actor should record, and what is wrong with what was recorded."""

from __future__ import annotations

import argparse
import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from ivr.adapters.own_files import write_own
from ivr.adapters.sound.telephone import BadSound, Samples, active_level_db, read_wav, resample, trim
from ivr.config.load import Config, load
from ivr.core.dialogue.wording import field_names
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.flow.flow import Flow
from ivr.core.language import Language

QUIET_DB = -40.0
"""Recordings are brought to one level; below this the room's noise comes up with the voice."""
_SIGN_S: dict[Language, float] = {"en": 0.064, "zh": 0.24}
"""How long a person takes for one letter or sign, and …"""
_STOP_S: dict[Language, float] = {"en": 0.3, "zh": 0.35}
"""… for a stop in between."""
_STOPS = ",.:;?!，。：；？！、"
_CLIPPED = 4
"""So many samples in a row at full scale are no accident."""


_COLUMNS = ("file", "language", "text", "seconds", "recorded", "problems", "spoken by")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr manifest`` may be told."""
    parser.add_argument("--language", choices=("en", "zh"), default=None, help="default: all")
    parser.add_argument("--csv", type=Path, default=None, metavar="FILE", help="write it as a table")


def run(asked: argparse.Namespace) -> int:
    """List; 1 when a recording is wrong."""
    return manifest(load(asked.config), asked.config.resolve().parent, asked.language, asked.csv)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence and its recording."""

    language: Language
    file: Path
    """``audio/prompts/LANGUAGE/NAME.N.wav``"""
    text: str
    seconds: float
    """About how long a person takes to say it."""
    fields: tuple[str, ...]
    """Not empty: the machine says it, because nobody can record every order number."""
    recorded: bool
    problems: tuple[str, ...]


def lines(flow: Flow, audio: Path, language: Language | None = None) -> list[Line]:
    """Every sentence of a dialogue, in its order; ``language`` None: in all of them. Reads the recordings."""
    made = []
    for prompt in flow.prompts.values():
        for spoken, variants in prompt.variants.items():
            if language not in (None, spoken):
                continue
            for number, text in enumerate(variants):
                file = audio / "prompts" / spoken / f"{prompt.name}.{number}.wav"
                seconds, fields = estimate_s(text, spoken), tuple(sorted(field_names(text)))
                recorded = file.is_file()
                problems = check(file, seconds) if recorded else []
                if recorded and fields:
                    problems.insert(0, "is played instead of the sentence, so the caller does not hear what it holds")
                made.append(Line(spoken, file, text, seconds, fields, recorded, tuple(problems)))
    return made


def strangers(flow: Flow, audio: Path, language: Language | None = None) -> list[Path]:
    """Recordings that no prompt asks for: a mistyped name, or a prompt that is no more."""
    known = {
        f"{spoken}/{prompt.name}.{number}.wav"
        for prompt in flow.prompts.values()
        for spoken, variants in prompt.variants.items()
        for number in range(len(variants))
    }
    folder = audio / "prompts"
    found = sorted(path for path in folder.glob(f"{language or '*'}/*") if path.is_file())
    return [path for path in found if path.name[0] != "." and path.relative_to(folder).as_posix() not in known]


def estimate_s(text: str, language: Language) -> float:
    """About how long a person takes to say it, in seconds."""
    stops = sum(sign in _STOPS for sign in text.strip().rstrip(_STOPS))
    signs = sum(sign.isalnum() or (language == "en" and sign == " ") for sign in text)
    return round(0.2 + signs * _SIGN_S[language] + stops * _STOP_S[language], 1)


def check(file: Path, seconds: float) -> list[str]:
    """What is wrong with a recording of a sentence that should take about ``seconds``."""
    try:
        samples, rate = read_wav(file)
        heard = trim(resample(samples, rate))
        heard_s, level_db = len(heard) / SAMPLE_RATE, active_level_db(heard)
    except BadSound as error:
        return [str(error).removeprefix(f"{file}: ")]
    problems = []
    if rate < SAMPLE_RATE:
        problems.append(f"wrong format: {rate} samples a second; {SAMPLE_RATE} or more are needed (48000 is good)")
    if heard_s > 1.8 * seconds + 1:
        problems.append(f"too long: {heard_s:.1f} s, about {seconds:.1f} s were expected")
    if heard_s < 0.4 * seconds:
        problems.append(f"too short: {heard_s:.1f} s, about {seconds:.1f} s were expected")
    if level_db < QUIET_DB:
        problems.append(f"too quiet: {level_db:.0f} dB of full scale; {QUIET_DB:.0f} or more is needed")
    if longest_clip(samples) >= _CLIPPED:
        problems.append("clipped: record it again with less gain")
    return problems


def longest_clip(samples: Samples) -> int:
    """The most samples in a row that stand at full scale."""
    full = np.concatenate([[0], (np.abs(samples) > 0.995).astype(np.int8), [0]])
    begins, ends = np.flatnonzero(np.diff(full) == 1), np.flatnonzero(np.diff(full) == -1)
    return int((ends - begins).max(initial=0))


def manifest(config: Config, root: Path, language: Language | None, table: Path | None) -> int:
    """Print the list, or write it as CSV. Raises FlowError, NotOurs, OSError."""
    from ivr.server.speech.publishing import read_flow

    flow = read_flow(root / config.dialogue.folder)
    audio = config.speech_out.folder
    listed = lines(flow, root / audio, language)
    if table is not None:
        made = io.StringIO(newline="")
        write_table(listed, root, made)
        # with the mark by which spreadsheets know UTF-8
        write_own(table, made.getvalue().encode("utf-8-sig"), ",".join(_COLUMNS).encode())
        print(f"{table}: {len(listed)} sentences")
        return 0
    print_list(listed, root)
    for path in strangers(flow, root / audio, language):
        print(f"! {shown(path, root)}: no prompt is called so, so nobody will hear it")
    return 0


def shown(path: Path, root: Path) -> str:
    """A path as people write it: from the project's folder, where it lies in it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def write_table(listed: list[Line], root: Path, file: TextIO) -> None:
    """One row a sentence."""
    rows = csv.writer(file)
    rows.writerow(_COLUMNS)
    for line in listed:
        by = f"machine, because it holds {_held(line)}" if line.fields else "voice actor"
        rows.writerow(
            (shown(line.file, root), line.language, line.text, line.seconds, _state(line), "; ".join(line.problems), by)
        )


def print_list(listed: list[Line], root: Path) -> None:
    """What is to be recorded, then what the machine says."""
    wanted = [line for line in listed if not line.fields]
    done = sum(line.recorded and not line.problems for line in wanted)
    left_s = sum(line.seconds for line in wanted if not line.recorded or line.problems)
    print(
        f"To be recorded (16-bit PCM WAV, mono): {len(wanted)} sentences, {done} are done, about {left_s:.0f} s are left."
    )
    for line in wanted:
        print(f"  {shown(line.file, root):<44} {line.seconds:4.1f} s  {_state(line):<8}  {line.text}")
        for problem in line.problems:
            print(f"    ! {problem}")
    spoken = [line for line in listed if line.fields]
    if spoken:
        print("Spoken by the machine:")
    for line in spoken:
        print(f"  {line.file.stem} ({line.language}), because it holds {_held(line)}: {line.text}")
        for problem in line.problems:
            print(f"    ! {shown(line.file, root)} {problem}")


def _state(line: Line) -> str:
    if not line.recorded:
        return "no"
    return "again" if line.problems else "yes"


def _held(line: Line) -> str:
    return ", ".join(f"{{{name}}}" for name in line.fields)
