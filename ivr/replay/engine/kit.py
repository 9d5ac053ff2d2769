"""What calls are replayed with: the dialogue, the classifier, the voice, the speech models, the house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ivr.adapters.speech_in.recognisers import load
from ivr.calls.caller.edition import Edition
from ivr.calls.caller.recording import Unrecorded
from ivr.config.load import Config, ConfigError
from ivr.core.flow.flow import Flow
from ivr.corpus.format import Corpus
from ivr.replay.engine.audio_clock import outside
from ivr.replay.engine.environment import prepare
from ivr.replay.engine.fast import Kit
from ivr.replay.engine.hearing import OnTheSpot
from ivr.server.speech.publishing import learn, read_flow
from ivr.server.speech.speech_in import speech_models
from ivr.server.speech.voice import house_voice

BOOKS, CALL = "books", "call"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which version of everything; all of it can be sent to another process."""

    config: Config
    root: Path
    """The folder of config.toml, where its paths begin."""
    corpus: Corpus
    now: datetime
    ask: Mapping[str, str] = field(default_factory=dict)
    """Real sources and their addresses that are asked where the corpus has none; what would change them is not done."""


def check_sources(config: Config, flow: Flow, corpus: Corpus, ask: Mapping[str, str]) -> list[str]:
    """What look-ups of the dialogue will find nobody to answer: a sentence a source."""
    asked = {lookup.source for lookup in flow.lookups.values()} - {"house"}
    unknown = sorted(asked - set(config.sources) - set(corpus.sources))
    if unknown:
        raise ConfigError([f"config.toml: [sources] has no {name}, which a look-up asks" for name in unknown])
    return [
        f"the corpus has no sources/{name}.sql, so every look-up there fails"
        for name in sorted(asked - set(corpus.sources) - set(ask))
    ]


@asynccontextmanager
async def opened(wanted: Wanted, folder: Path) -> AsyncIterator[Kit]:
    """Everything, for as long as the block runs; ``folder`` is this worker's own.

    Raises what the server's start raises (ConfigError, FlowError …), and CorpusError.
    """
    config = wanted.config
    async with AsyncExitStack() as stack:
        flow = await asyncio.to_thread(read_flow, wanted.root / config.dialogue.folder)
        understanding = await asyncio.to_thread(learn, config, flow)
        folders, _ = speech_models(config, wanted.root)
        loaded = {language: await asyncio.to_thread(load, path) for language, path in folders.items()}
        voice = await outside(house_voice(config, wanted.root, stack))
        await outside(prepare(wanted.corpus, folder / BOOKS, config.database.country))
        yield Kit(
            config,
            wanted.corpus,
            Edition(flow, understanding),
            voice,
            OnTheSpot(loaded),
            folder / BOOKS,
            folder / CALL,
            wanted.now,
            Unrecorded(asks=config.recording.keep == "consent"),
            wanted.ask,
        )
