"""Editions of the dialogues: read, learnt, rendered, and published while the server runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from watchfiles import awatch

from ivr.adapters.speech_out import PromptVoice
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.calls.edition import Current, Edition
from ivr.calls.ports import VoiceFailed
from ivr.config import CACHE, Config
from ivr.core.caller import Language
from ivr.core.flow import Flow
from ivr.core.wording import field_names
from ivr.wire import flow_toml
from ivr.wire.flow_toml import FlowError

log = structlog.get_logger(__name__)
_RENDER_AT_ONCE = 4
_AWAY_S = 0.5
_LOOK_UP: dict[str, Any] = {"rust_timeout": 2000, "yield_on_timeout": True}
"""How often it is looked whether the folder is still the same, in ms."""
_SETTLE_MS = 400
"""Changes within this time belong together: an editor saves in several steps, a copy brings several files."""


def read_flow(folder: Path) -> Flow:
    """The operators' files; raises FlowError with everything that is wrong in them."""
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name.startswith("."):
            continue  # an editor's own: it is there for a moment, and may lead nowhere
        try:
            texts[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise FlowError([f"{path.name}: not UTF-8: {error.reason} at byte {error.start}"]) from error
    return flow_toml.read(texts)


def learn(config: Config, flow: Flow) -> Understanding:
    """Train the classifier on the phrases. Raises FlowError for phrases that cannot be learnt."""
    encoder = SentenceEncoder.find(CACHE / "encoder") if config.understanding.encoder == "auto" else None
    try:
        return Understanding.train(list(flow.intents.values()), encoder)
    except ValueError as error:
        raise FlowError([str(error)]) from error


@dataclass(slots=True)
class Press:
    """Makes editions from the folder and publishes them; a bad one is refused and the old one stays."""

    config: Config
    folder: Path
    voice: PromptVoice
    sources: frozenset[str]
    current: Current = field(init=False)
    refused: list[str] = field(default_factory=list)
    """What is wrong with the files as they are now; empty when they are published."""
    _missed: bool = field(default=False, init=False)
    """The folder may have changed while nobody watched."""
    published: Callable[[Edition], None] = lambda edition: None
    """Told of every new edition."""

    async def first(self) -> Understanding:
        """The edition with which the server starts. Raises FlowError, VoiceFailed, OSError."""
        flow = await self._read()
        edition, understanding = await self._make(flow)
        self.current = Current(edition)
        return understanding

    async def _read(self) -> Flow:
        flow = await asyncio.to_thread(read_flow, self.folder)
        unknown = sorted({lookup.source for lookup in flow.lookups.values()} - self.sources)
        if unknown:
            raise FlowError([f"config.toml: [sources] has no {name}, which a look-up asks" for name in unknown])
        return flow

    async def _make(self, flow: Flow) -> tuple[Edition, Understanding]:
        understanding = await asyncio.to_thread(learn, self.config, flow)
        await render_prompts(self.voice, flow)
        return Edition(flow, understanding), understanding

    async def watch(self) -> None:
        """Publish every change of the folder, until cancelled. Calls under way end on the edition they began with."""
        while True:
            with contextlib.suppress(FileNotFoundError):  # the folder is away for a moment
                await self._watch_this_one()
            await asyncio.sleep(_AWAY_S)

    async def _watch_this_one(self) -> None:
        """Until the folder is another one: a watch is kept on what it was begun with, whatever has that name now."""
        was = await asyncio.to_thread(self.folder.stat)
        if self._missed:
            await self.publish()
        self._missed = True
        async for changes in awatch(self.folder, debounce=_SETTLE_MS, step=50, recursive=False, **_LOOK_UP):
            now = await asyncio.to_thread(self.folder.stat)
            if not os.path.samestat(was, now):
                return
            if changes:
                await self.publish()

    async def publish(self) -> bool:
        """Publish the files as they are now; False when they are refused or have not changed."""
        try:
            flow, before = await self._read(), self.current.flow.version
            edition = (await self._make(flow))[0] if flow.version != before else None
        except FlowError as error:
            self.refused = error.problems
        except (OSError, VoiceFailed) as error:
            self.refused = [str(error)]
        except Exception as error:
            # a server that runs must not end because of a file
            log.exception("dialogue cannot be read")
            self.refused = [f"{type(error).__name__}: {error}"]
        else:
            self.refused = []
            if edition is None:
                return False
            self.current.edition = edition
            self.published(edition)
            log.info("dialogue published", version=edition.flow.version, before=before)
            return True
        for problem in self.refused:
            log.error("dialogue refused, the old one stays", problem=problem, version=self.current.flow.version)
        return False


async def render_prompts(voice: PromptVoice, flow: Flow) -> None:
    """Every prompt without fields, ahead of the first caller; those with fields are rendered when they are known."""
    gate = asyncio.Semaphore(_RENDER_AT_ONCE)

    async def render(text: str, language: Language, name: str) -> None:
        async with gate:
            await voice.speak(text, language, name)

    failed: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            for prompt in flow.prompts.values():
                for language, variants in prompt.variants.items():
                    for number, text in enumerate(variants):
                        if not field_names(text):
                            group.create_task(render(text, language, f"{prompt.name}.{number}"))
    except* VoiceFailed as failures:
        failed += failures.exceptions  # raised below: what is raised in here becomes a group again, in some Pythons
    if failed:
        raise VoiceFailed("; ".join(str(failure) for failure in failed)) from failed[0]
