"""Builds hearing of config.toml: recognisers, how many at once, how long is listened and looked up for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.adapters.speech_in.remote import RemoteRecogniser
from ivr.adapters.speech_in.remote_server import EngineLost, EngineTimes, reached
from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.adapters.understanding import SentenceEncoder
from ivr.calls.caller.capacity import RecognitionCapacity, RecognitionLoad, SpeechFigures
from ivr.calls.caller.ear import EarTiming
from ivr.calls.caller_lookup import LookupTimes
from ivr.calls.conversation import CallTimes
from ivr.config.load import Config
from ivr.core.endpointing import Endpointing
from ivr.core.language import Language
from ivr.provision import models
from ivr.provision.places import CACHE, INSTALLED
from ivr.server.parts import Examination, Finding


def speech_models(config: Config, root: Path) -> tuple[dict[Language, Path], list[str]]:
    """The folder of each language's model, and notes about what is missing. Raises ModelUnavailable."""
    return models.choose({"en": config.speech_in.model_en, "zh": config.speech_in.model_zh}, CACHE, root, INSTALLED)


def recogniser(config: Config, root: Path) -> tuple[VoskRecogniser, list[str]]:
    """The decoder with its models, and notes about what is missing."""
    chosen, notes = speech_models(config, root)
    return VoskRecogniser(chosen, config.speech_in.threads or os.cpu_count() or 1), notes


def ears(config: Config, local: VoskRecogniser) -> RemoteRecogniser:
    """All recognition: by servers for the languages that have some, by the models here for the others and in their place."""
    heard = config.speech_in
    servers: dict[Language, Sequence[str]] = {"en": heard.remote_en, "zh": heard.remote_zh}
    times = EngineTimes(answer_s=heard.remote_answer_ms / 1000)
    return RemoteRecogniser({language: each for language, each in servers.items() if each}, local, times)


def capacity(config: Config, recogniser: RemoteRecogniser, local: VoskRecogniser) -> RecognitionCapacity:
    """Who is heard when more call than can be."""
    heard = config.speech_in

    def load() -> RecognitionLoad:
        return RecognitionLoad(local.behind_s(), local.busy())

    return RecognitionCapacity(recogniser, load, heard.calls_at_once, heard.backlog_ms / 1000)


def speech(capacity: RecognitionCapacity, ears: RemoteRecogniser) -> SpeechFigures:
    """How recognition stands."""
    servers = {one.address: (one.usable, dict(one.results)) for each in ears.engines.values() for one in each}
    return SpeechFigures(capacity.figures(), servers)


def timing(config: Config) -> EarTiming:
    """When an utterance begins and ends, by what was asked."""
    heard = config.speech_in

    def of(end_silence_ms: int) -> Endpointing:
        return Endpointing(
            begin_ms=heard.begin_ms, end_silence_ms=end_silence_ms, longest_ms=heard.longest_ms, no_input_ms=heard.no_input_ms
        )  # fmt: skip

    digits = of(heard.end_silence_digits_ms)
    value = of(heard.end_silence_value_ms)
    return EarTiming(
        {
            "open": of(heard.end_silence_open_ms),
            "yes_no": of(heard.end_silence_yes_no_ms),
            "digits": digits,
            "value": value,
            "keys": digits,
        },
        follow_words=heard.follow_words,
    )


def times(config: Config) -> CallTimes:
    """How long a call waits for what."""
    return CallTimes(
        lookup_wait_s=config.dialogue.lookup_wait_ms / 1000,
        robot_max_s=config.dialogue.robot_max_s,
    )


def lookup_times(config: Config) -> LookupTimes:
    """How long looking a caller up may take."""
    return LookupTimes(signals_s=config.dialogue.lookup_wait_ms / 1000)


def examine(what: Examination) -> Iterator[Finding]:
    """The speech models, the servers elsewhere, the sentence encoder."""
    config, root = what.config, what.root
    try:
        chosen, notes = speech_models(config, root)
    except models.ModelUnavailable as error:
        yield False, str(error)
        return
    for language, path in chosen.items():
        if models.is_one(path):
            yield True, f"speech model {language}: {path.name}"
        else:
            yield (
                False,
                f'[speech_in] model_{language}: there is no Vosk model in {path}: unpack one there, or write "auto"',
            )
    yield from ((None, note) for note in notes)
    if not (chosen or config.speech_in.remote_en or config.speech_in.remote_zh):
        yield None, 'nobody is listened to, all callers press keys: [speech_in] model_en = "auto", and `make models`'
    yield from _speech_servers(config, set(chosen))
    encoder = SentenceEncoder.find(CACHE / "encoder")
    yield (True, "sentence encoder is there") if encoder else (None, "no sentence encoder: `make setup` fetches it")


def _speech_servers(config: Config, here: set[Language]) -> Iterator[Finding]:
    """Whether each speech server of config.toml answers as it should; without one the model here takes its place."""
    servers: dict[Language, Sequence[str]] = {"en": config.speech_in.remote_en, "zh": config.speech_in.remote_zh}
    for language, address in ((language, one) for language, each in servers.items() for one in each):
        try:
            asyncio.run(reached(address))
        except EngineLost as problem:
            instead = "the model here takes its place" if language in here else "callers have keys only"
            yield (None if language in here else False), f"speech server {language}: {problem}; meanwhile {instead}"
        else:
            yield True, f"speech server {language}: {address} answers"
