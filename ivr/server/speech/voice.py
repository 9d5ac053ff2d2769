"""The voice of the house, of whichever engine."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import structlog

from ivr.adapters.speech_out.programs import FLITE, RHVOICE, Program, ProgramEngine
from ivr.adapters.speech_out.pronunciation import BadPronunciation, read_pronunciation
from ivr.adapters.speech_out.voice import PLAIN, PLAIN_VOICES, Engine, PromptVoice, Speaker, VoiceSettings
from ivr.calls.caller.ports import VoiceFailed
from ivr.config.load import Config, ConfigError
from ivr.core.language import Language
from ivr.provision import debian
from ivr.provision.places import CACHE, INSTALLED
from ivr.server.parts import Examination, Finding

log = structlog.get_logger(__name__)
PROGRAMS: dict[str, tuple[Program, debian.Part]] = {
    FLITE.name: (FLITE, debian.FLITE),
    RHVOICE.name: (RHVOICE, debian.RHVOICE),
}
"""Engines beside pyttsx3. They speak English; the Chinese voices to be had may not be used commercially."""
ENGINES = (PLAIN, *PROGRAMS)
_WORD: dict[Language, str] = {"en": "one", "zh": "一"}


async def house_voice(config: Config, root: Path, stack: contextlib.AsyncExitStack) -> PromptVoice:
    """The voice, ready to speak; the stack closes it. Raises ConfigError for a voice or a pronunciation that is wrong."""
    chosen = voices(config)
    folder = root / config.speech_out.folder
    try:
        own = folder / "pronunciation.toml"
        words = read_pronunciation(own if own.exists() else INSTALLED / "audio" / own.name)
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


def examine(what: Examination) -> Iterator[Finding]:
    """Whether each language's voice is there and says a word."""
    try:
        yield from asyncio.run(_heard(what.config, what.root))
    except ConfigError as error:
        yield from ((False, problem) for problem in error.problems)


async def _heard(config: Config, root: Path) -> list[Finding]:
    found: list[Finding] = []
    async with contextlib.AsyncExitStack() as stack:
        plain = Speaker()
        stack.push_async_callback(plain.close)
        await house_voice(config, root, stack)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for language, chosen in voices(config).items():
            speaks: Engine = plain if chosen.engine == PLAIN else engine(chosen.engine)
            try:
                await speaks.render(_WORD[language], chosen, folder / f"{language}.wav")
            except VoiceFailed as failure:
                instead = f"{PLAIN} speaks instead" if chosen.engine != PLAIN else "callers hear nothing but recordings"
                found.append((None if chosen.engine != PLAIN else False, f"voice {language}: {failure}; {instead}"))
            else:
                found.append((True, f"voice {language}: {chosen.voice} of {chosen.engine}"))
    return found


async def _refuse_unknown(plain: Speaker, chosen: dict[Language, VoiceSettings], config: Config) -> None:
    """pyttsx3 alone knows its voices; it is asked only where somebody named one. Raises ConfigError.

    Where it cannot be started, nothing is known to be wrong with the names: what cannot be said costs its own prompt.
    """
    named = {
        language: settings.voice
        for language, settings in chosen.items()
        if settings.engine == PLAIN and settings.voice != PLAIN_VOICES[language]
    }
    if not named:
        return
    try:
        known = await plain.voices()
    except VoiceFailed as failure:
        log.error("voices not looked at", voices=named, problem=str(failure))
        return
    problems = [
        f"[speech_out] voice_{language}: {PLAIN} has no voice {voice!r}; `ivr voices` lists those it has"
        for language, voice in named.items()
        if voice not in known
    ]
    if problems:
        raise ConfigError(problems)
