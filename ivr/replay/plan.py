"""What is to be replayed with what: checked as a whole before the first call, so that a mistake is told once."""

from __future__ import annotations

import asyncio
import os
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import ivr
from ivr.config.load import Config, ConfigError, at_home, overruled, parse, read
from ivr.core.flow.flow import Flow
from ivr.corpus.format import Corpus, CorpusError, Thresholds
from ivr.replay.engine.environment import prepare
from ivr.replay.engine.kit import Wanted, check_sources
from ivr.replay.report.run_folder import version_of
from ivr.server.speech.publishing import learn, read_flow, render_prompts
from ivr.server.speech.speech_in import speech_models
from ivr.server.speech.voice import house_voice
from ivr.wire.written.refusals import refusals


@dataclass(frozen=True, slots=True)
class Plan:
    """One version, checked."""

    wanted: Wanted
    version: str
    """What results depend on beside the calls."""
    notes: tuple[str, ...]
    about: dict[str, Any]


def plan(
    path: Path, corpus: Corpus, dialogues: Path | None, settings: Sequence[str], how: str, ask: bool = False
) -> Plan:
    """Read and check everything; ``ask``: the real sources are asked where the corpus has none.

    Raises ConfigError, FlowError, CorpusError, ModelUnavailable.
    """
    config = with_settings(path, settings)
    root = path.resolve().parent
    if dialogues is not None:
        config = config.model_copy(
            update={"dialogue": config.dialogue.model_copy(update={"folder": str(dialogues.resolve())})}
        )
    real = dict(config.sources) if ask else {}
    wanted = Wanted(config, root, corpus, datetime.now(UTC), real)
    flow = read_flow(root / config.dialogue.folder)
    chosen, notes = speech_models(config, root)
    names = {str(language): folder.name for language, folder in chosen.items()}
    notes = [*notes, *check_sources(config, flow, corpus, real)]
    notes += learn(config, flow).notes
    notes += asyncio.run(_try(wanted, flow))
    about = {
        "corpus": str(corpus.folder), "title": corpus.house.title, "dialogue": flow.version, "models": names, "how": how,
        "server": ivr.__version__, "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    return Plan(
        wanted,
        version_of(wanted, flow.version, {str(language): folder for language, folder in chosen.items()}, how),
        tuple(notes),
        about,
    )


async def _try(wanted: Wanted, flow: Flow) -> list[str]:
    """Make the house once, and every prompt that can be made beforehand: workers then only find what is there.

    Returns what cannot be said, a sentence a prompt.
    """
    with tempfile.TemporaryDirectory(prefix="ivr-replay-") as folder:
        await prepare(wanted.corpus, Path(folder) / "books", wanted.config.database.country)
    async with AsyncExitStack() as stack:
        return await render_prompts(await house_voice(wanted.config, wanted.root, stack), flow)


def with_settings(path: Path, settings: Sequence[str]) -> Config:
    """A config.toml with some settings changed: "speech_in.end_silence_open_ms=500". Raises ConfigError."""
    # the command line stands over the environment, which stands over the file
    raw = overruled(read(path), os.environ)
    for one in settings:
        name, equals, value = one.partition("=")
        table, dot, key = name.strip().partition(".")
        if not (equals and dot and key):
            raise ConfigError([f"--set {one}: write TABLE.KEY=VALUE, as in speech_in.end_silence_open_ms=500"])
        if isinstance(raw.setdefault(table, {}), dict):  # what else it is, `parse` tells
            raw[table] = {**raw[table], key: _value(value.strip())}
    config = parse(raw, f"{path} with --set" if settings else str(path), {})
    return at_home(config, path.resolve().parent)


def _value(written: str) -> Any:
    """A value as TOML has it; what is none is a text."""
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return written


def with_thresholds(first: Thresholds, settings: Iterable[str]) -> Thresholds:
    """Thresholds, with those of the command line in front. Raises CorpusError."""
    raw: dict[str, Any] = first.model_dump(exclude_none=True)
    for one in settings:
        name, equals, value = one.partition("=")
        if not equals:
            raise CorpusError([f"--threshold {one}: write NAME=VALUE, as in wer_max=0.1"])
        raw[name.strip()] = _value(value.strip())
    try:
        return Thresholds.model_validate(raw)
    except ValidationError as error:
        found = refusals(error, Thresholds)
    raise CorpusError([f"--threshold {'.'.join(one.path)}: {one.what}" for one in found])
