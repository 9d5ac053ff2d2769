"""Builds the machine's side of a call: hearing, timing, proofs, one-time codes."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from ivr.adapters.database import DatabaseIdentity, Store
from ivr.adapters.database.identity import Limits, SendCode
from ivr.adapters.lookups import SourceLookups
from ivr.adapters.speech_in import VoskRecogniser
from ivr.adapters.speech_remote import RemoteRecogniser
from ivr.adapters.speech_server import EngineTimes
from ivr.calls.conversation import CallTimes
from ivr.calls.ear import EarTiming
from ivr.calls.room import Room, SpeechFigures, Strain
from ivr.config import CACHE, Config
from ivr.core.caller import Language
from ivr.core.flow import Lookup
from ivr.core.speech import Endpointing
from ivr.provision import models


def speech_models(config: Config, root: Path) -> tuple[dict[Language, Path], list[str]]:
    """The folder of each language's model, and notes about what is missing. Raises ModelUnavailable."""
    return models.choose({"en": config.speech_in.model_en, "zh": config.speech_in.model_zh}, CACHE, root)


def recogniser(config: Config, root: Path) -> tuple[VoskRecogniser, list[str]]:
    """The decoder with its models, and notes about what is missing."""
    chosen, notes = speech_models(config, root)
    return VoskRecogniser(chosen, config.speech_in.threads or os.cpu_count() or 1), notes


def ears(config: Config, local: VoskRecogniser) -> RemoteRecogniser:
    """All recognition: by servers for the languages that have some, by the models here for the others and in their place."""
    heard = config.speech_in
    servers: dict[Language, list[str]] = {"en": heard.remote_en, "zh": heard.remote_zh}
    times = EngineTimes(answer_s=heard.remote_answer_ms / 1000)
    return RemoteRecogniser({language: each for language, each in servers.items() if each}, local, times)


def room(config: Config, recogniser: RemoteRecogniser, local: VoskRecogniser) -> Room:
    """Who is heard when more call than can be."""
    heard = config.speech_in

    def strain() -> Strain:
        return Strain(local.behind_s(), local.busy())

    return Room(recogniser, strain, heard.calls_at_once, heard.backlog_ms / 1000)


def speech(room: Room, ears: RemoteRecogniser) -> SpeechFigures:
    """How recognition stands."""
    servers = {one.address: (one.usable, dict(one.results)) for each in ears.engines.values() for one in each}
    return SpeechFigures(room.figures(), servers)


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
        }
    )


def identity(config: Config, store: Store, lookups: SourceLookups) -> DatabaseIdentity:
    """Proofs of who calls."""
    limits = Limits(config.identity.attempts, timedelta(minutes=config.identity.locked_minutes))
    return DatabaseIdentity(store, limits, code_sender(config, lookups))


def code_sender(config: Config, lookups: SourceLookups) -> SendCode | None:
    """How one-time codes are sent: POSTed to a source of config.toml as {"to", "code", "language"}; None: not at all."""
    if not config.identity.code_source:
        return None
    how = Lookup(
        "one_time_code", config.identity.code_source, path=config.identity.code_path, method="POST",
        takes=("to", "code", "language"), writes=True, timeout_s=4.0, retries=0,
    )  # fmt: skip

    async def send(number: str, code: str, language: Language) -> bool:
        answer = await lookups.run(how, {"to": number, "code": code, "language": language})
        return answer.outcome != "failed"

    return send


def times(config: Config) -> CallTimes:
    """How long a call waits for what."""
    return CallTimes(
        lookup_wait_s=config.dialogue.lookup_wait_ms / 1000,
        robot_max_s=config.dialogue.robot_max_s,
        agent_ring_s=config.routing.agent_ring_s,
    )
