"""``ivr say``: the house's voice as config.toml wants it says a sentence."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.own_files import marked_wav, refuse_others, write_own
from ivr.adapters.sound.telephone import wav_bytes
from ivr.calls.caller.ports import Manner, VoiceFailed
from ivr.cli.words import sentence
from ivr.config.load import Config, ConfigError, load
from ivr.core.language import Language
from ivr.server.process import logs
from ivr.server.speech.voice import ENGINES, PROGRAMS, engine, house_voice

SLOW, LOUDER_DB = 0.75, 6.0
PLAYERS: tuple[tuple[str, ...], ...] = (
    ("aplay", "-q"),
    ("paplay",),
    ("pw-play",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("afplay",),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr say`` may be told."""
    parser.add_argument("text", type=sentence)
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--engine", choices=ENGINES, default=None, help="default: as in config.toml")
    parser.add_argument("--voice", default=None, help="one that `ivr voices` lists; default: as in config.toml")
    parser.add_argument("--slow", action="store_true", help="slower, as for somebody who asks for it")
    parser.add_argument("--louder", action="store_true", help="louder, as for the hard of hearing")
    parser.add_argument("--to", type=Path, default=Path("said.wav"), metavar="FILE", help="default: said.wav")
    parser.add_argument("--play", action="store_true", help="and play it here")


def run(asked: argparse.Namespace) -> int:
    """Say it."""
    config = load(asked.config)
    logs.set_up("console", "warning")
    saying = Saying(
        asked.text, asked.language, asked.to, asked.engine, asked.voice, asked.slow, asked.louder, asked.play
    )
    return say(saying, config, asked.config.resolve().parent)


@dataclass(frozen=True, slots=True)
class Saying:
    """What ``ivr say`` was asked for; None: as config.toml has it."""

    text: str
    language: Language
    to: Path
    engine: str | None = None
    voice: str | None = None
    slow: bool = False
    louder: bool = False
    play: bool = False


def say(asked: Saying, config: Config, root: Path) -> int:
    """Say it into a file, and aloud if wanted. Raises ConfigError, VoiceFailed, NotOurs, OSError."""
    config = _with_voice(asked, config)
    refuse_others(asked.to)
    manner = Manner(SLOW if asked.slow else 1.0, LOUDER_DB if asked.louder else 0.0)

    async def body() -> bytes:
        async with contextlib.AsyncExitStack() as stack:
            voice = await house_voice(config, root, stack)
            return await voice.speak(asked.text, asked.language, manner=manner)

    pcm = asyncio.run(body())
    write_own(asked.to, marked_wav(wav_bytes(pcm)))
    print(f"{asked.to}: {len(pcm) / 16000:.1f} s")
    if asked.play:
        play(asked.to)
    return 0


def _with_voice(asked: Saying, config: Config) -> Config:
    """The settings with the engine and voice of the command line; raises ConfigError where they cannot be had."""
    changes = {}
    if asked.engine is not None:
        changes[f"engine_{asked.language}"] = asked.engine
        changes[f"voice_{asked.language}"] = "auto"
        if asked.engine in PROGRAMS and (problem := engine(asked.engine).missing):
            raise ConfigError([f"{asked.engine} is not on this machine: {problem}"])
    if asked.voice is not None:
        changes[f"voice_{asked.language}"] = asked.voice
    return config.model_copy(update={"speech_out": config.speech_out.model_copy(update=changes)})


def play(path: Path) -> None:
    """Play a file with the first player that can; raises VoiceFailed with a sentence when none can."""
    failed = []
    for player in PLAYERS:
        if shutil.which(player[0]) is None:
            continue
        done = subprocess.run(
            [*player, str(path)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        failed.append(f"{player[0]}: {lines[-1].strip() if lines else f'exit code {done.returncode}'}")
    if failed:
        raise VoiceFailed(f"{path} was written but could not be played: {'; '.join(failed)}")
    names = ", ".join(player[0] for player in PLAYERS)
    raise VoiceFailed(f"{path} was written but not played: there is no player here; known are {names}")
