"""``ivr voices``: the voices of every speech engine."""

from __future__ import annotations

import argparse
import asyncio

from ivr.adapters.speech_out.voice import PLAIN, PLAIN_VOICES, Speaker
from ivr.config.load import ConfigError
from ivr.provision import debian
from ivr.provision.places import CACHE
from ivr.server.speech.voice import PROGRAMS, engine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr voices`` may be told."""
    parser.add_argument("--get", choices=tuple(PROGRAMS), default=None, help="get this engine from Debian first")


def run(asked: argparse.Namespace) -> int:
    """List them."""
    return list_voices(asked.get)


def list_voices(get: str | None) -> int:
    """Print the voices of every engine; ``get`` names one to get first. Raises ConfigError, VoiceFailed."""
    if get is not None:
        try:
            debian.get(PROGRAMS[get][1], CACHE)
        except debian.PartMissing as error:
            raise ConfigError([str(error)]) from error
    for name, (program, _) in PROGRAMS.items():
        missing = engine(name).missing
        print(f"{name}: {f'not on this machine; {missing}' if missing else 'ready'}")
        for number, voice in enumerate(program.paces):
            print(f"  {voice:<28} en{' (auto)' if number == 0 else ''}")

    async def plain() -> dict[str, str]:
        speaker = Speaker()
        try:
            return await speaker.voices()
        finally:
            await speaker.close()

    print(f"{PLAIN}: ready")
    autos = {voice: language for language, voice in PLAIN_VOICES.items()}
    for voice, title in asyncio.run(plain()).items():
        print(f"  {voice:<28} {title}{f' ({autos[voice]}: auto)' if voice in autos else ''}")
    return 0
