"""The house's voice as config.toml wants it, and the commands that let it be heard: ``ivr say``, ``ivr voices``."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.sound import wav_bytes
from ivr.adapters.speech_out import PLAIN, PLAIN_VOICES, PromptVoice, Speaker, VoiceSettings
from ivr.adapters.voice_programs import FLITE, RHVOICE, Program, ProgramEngine
from ivr.adapters.voice_words import BadPronunciation, read_pronunciation
from ivr.calls.ports import Manner, VoiceFailed
from ivr.config import CACHE, Config, ConfigError
from ivr.core.caller import Language
from ivr.provision import debian

SLOW, LOUDER_DB = 0.75, 6.0
PROGRAMS: dict[str, tuple[Program, debian.Part]] = {
    FLITE.name: (FLITE, debian.FLITE),
    RHVOICE.name: (RHVOICE, debian.RHVOICE),
}
"""Engines beside pyttsx3. They speak English; the Chinese voices to be had may not be used commercially."""
ENGINES = (PLAIN, *PROGRAMS)
PLAYERS: tuple[tuple[str, ...], ...] = (
    ("aplay", "-q"),
    ("paplay",),
    ("pw-play",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("afplay",),
)


async def house_voice(config: Config, root: Path, stack: contextlib.AsyncExitStack) -> PromptVoice:
    """The voice, ready to speak; the stack closes it. Raises ConfigError for a voice or a pronunciation that is wrong."""
    chosen = voices(config)
    folder = root / config.speech_out.folder
    try:
        words = read_pronunciation(folder / "pronunciation.toml")
    except BadPronunciation as error:
        raise ConfigError(error.problems) from error
    plain = Speaker()
    stack.push_async_callback(plain.close)
    await _refuse_unknown(plain, chosen, config)
    return PromptVoice(folder, chosen, plain, words, {name: engine(name) for name in PROGRAMS})


def voices(config: Config) -> dict[Language, VoiceSettings]:
    """The voice of each language; raises ConfigError for one that its engine does not have."""
    out = config.speech_out
    wanted: dict[Language, tuple[str, str]] = {
        "en": (out.engine_en, out.voice_en),
        "zh": (out.engine_zh, out.voice_zh),
    }
    chosen, problems = {}, []
    for language, (name, voice) in wanted.items():
        if name == PLAIN:
            own = PLAIN_VOICES[language] if voice == "auto" else voice
        elif language != "en":
            problems.append(f"[speech_out] engine_{language}: {name} does not speak {language}; {PLAIN} does")
            continue
        else:
            known = PROGRAMS[name][0].paces
            own = next(iter(known)) if voice == "auto" else voice
            if own not in known:
                problems.append(
                    f"[speech_out] voice_{language}: {name} has no voice {voice!r}; it has {', '.join(known)} (or auto)"
                )
        chosen[language] = VoiceSettings(own, out.rate_wpm, name)
    if problems:
        raise ConfigError(problems)
    return chosen


def engine(name: str) -> ProgramEngine:
    """One of PROGRAMS, on what this machine has of it."""
    program, part = PROGRAMS[name]
    try:
        found = debian.locate(part, CACHE)
    except debian.PartMissing as error:
        return ProgramEngine(program, None, missing=str(error))
    if found is None:
        return ProgramEngine(program, None, missing=f"get it with `ivr voices --get {name}`")
    surroundings = found.environment()
    if found.root is not None and part is debian.RHVOICE:
        surroundings["RHVOICE_DATA_PATH"] = str(found.root / "usr/share/RHVoice")
        surroundings["RHVOICE_CONFIG_PATH"] = str(found.root / "etc/RHVoice")
    return ProgramEngine(program, found.command(), surroundings)


async def _refuse_unknown(plain: Speaker, chosen: dict[Language, VoiceSettings], config: Config) -> None:
    """pyttsx3 alone knows its voices; it is asked only where somebody named one."""
    named = {
        language: settings.voice
        for language, settings in chosen.items()
        if settings.engine == PLAIN and settings.voice != PLAIN_VOICES[language]
    }
    if not named:
        return
    known = await plain.voices()
    problems = [
        f"[speech_out] voice_{language}: {PLAIN} has no voice {voice!r}; `ivr voices` lists those it has"
        for language, voice in named.items()
        if voice not in known
    ]
    if problems:
        raise ConfigError(problems)


# -- ivr say


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
    """Say it into a file, and aloud if wanted. Raises ConfigError, VoiceFailed, OSError."""
    config = _with_voice(asked, config)
    manner = Manner(SLOW if asked.slow else 1.0, LOUDER_DB if asked.louder else 0.0)

    async def body() -> bytes:
        async with contextlib.AsyncExitStack() as stack:
            voice = await house_voice(config, root, stack)
            return await voice.speak(asked.text, asked.language, manner=manner)

    pcm = asyncio.run(body())
    asked.to.write_bytes(wav_bytes(pcm))
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


# -- ivr voices


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
