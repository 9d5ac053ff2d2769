"""Editions of the dialogues: read, learnt, rendered, and published while the server runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from watchfiles import awatch

from ivr.adapters.speech_out.voice import PromptVoice
from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.calls.caller.edition import Current, Edition
from ivr.calls.caller.ports import VoiceFailed
from ivr.config.load import Config
from ivr.core.dialogue.wording import field_names
from ivr.core.flow.flow import Flow
from ivr.core.language import Language
from ivr.core.told import meant, problems_of, why
from ivr.provision.places import CACHE
from ivr.wire.flow import toml
from ivr.wire.flow.toml import FlowError
from ivr.wire.written.encodings import NotText, decoded

log = structlog.get_logger(__name__)
_RENDER_AT_ONCE = 4
_AWAY_S = 0.5
_LOOK_UP: dict[str, Any] = {"rust_timeout": 2000, "yield_on_timeout": True}
"""How often it is looked whether the folder is still the same, in ms."""
_NAMED = (
    "write yours, or begin with those that `ivr init FOLDER` makes; [dialogue] folder in config.toml says where it is"
)
_SETTLE_MS = 400
"""Changes within this time belong together: an editor saves in several steps, a copy brings several files."""


def read_flow(folder: Path) -> Flow:
    """The operators' files; raises FlowError with everything that is wrong in them."""
    return toml.read(read_texts(folder))


def read_texts(folder: Path) -> dict[str, str]:
    """The operators' files as they are written, by name; raises FlowError where there are none or they are no text."""
    if not folder.is_dir():
        what = "is a file, and a folder is needed" if folder.is_file() else "there is no such folder"
        raise FlowError([f"{folder}: {what}: {_NAMED}"])
    # an editor's own begin with a point: they are there for a moment, and may lead nowhere
    paths = [path for path in sorted(folder.glob("*.toml")) if not path.name.startswith(".")]
    if not paths:
        raise FlowError([f"{folder}: there is no dialogue in it, no file *.toml: {_NAMED}"])
    texts, problems = dict[str, str](), list[str]()
    for path in paths:
        try:
            texts[path.name] = decoded(path.read_bytes())
        except NotText as error:
            problems.append(f"{path.name}:{error.line}: {error}")
        except OSError as error:
            problems.append(f"{path.name}: {why(error)}")
    if problems:
        raise FlowError(problems)
    return texts


_encoders: dict[Path, SentenceEncoder] = {}


def _encoder(folder: Path) -> SentenceEncoder | None:
    """Loaded once: it is the same for every edition, and takes 30 MB, which the next one would not give back for long."""
    if folder not in _encoders and (found := SentenceEncoder.find(folder)) is not None:
        _encoders[folder] = found
    return _encoders.get(folder)


def learn(config: Config, flow: Flow) -> Understanding:
    """Train the classifier on the phrases. Raises FlowError for phrases that cannot be learnt."""
    encoder = _encoder(CACHE / "encoder") if config.understanding.encoder == "auto" else None
    try:
        return Understanding.train(list(flow.intents.values()), encoder, wishes=flow.wishes)
    except ValueError as error:
        raise FlowError([str(error)]) from error


@dataclass(slots=True)
class Publisher:
    """Makes editions from the folder and publishes them; a bad one is refused and the old one stays."""

    config: Config
    folder: Path
    voice: PromptVoice
    sources: frozenset[str]
    current: Current = field(init=False)
    refused: list[str] = field(default_factory=list)
    """What is wrong with the files as they are now; empty when they are published."""
    unsaid: list[str] = field(default_factory=list)
    """What the voice could not say ahead of the first caller; it is tried again whenever it is to be said."""
    _missed: bool = field(default=False, init=False)
    """The folder may have changed while nobody watched."""

    async def first(self) -> Understanding:
        """The edition with which the server starts. Raises FlowError, OSError.

        What cannot be said costs nothing else: callers who come to it hear nothing of it, and the rest of the dialogue.
        """
        edition, understanding, self.unsaid = await self._make(await self._read())
        for problem in self.unsaid:
            log.error("prompt cannot be said", problem=problem)
        self.current = Current(edition)
        return understanding

    async def _read(self) -> Flow:
        flow = await asyncio.to_thread(read_flow, self.folder)
        unknown = sorted({lookup.source for lookup in flow.lookups.values()} - self.sources)
        if unknown:
            raise FlowError(
                [
                    f"config.toml: [sources] has no {name!r}, which a look-up asks{meant(name, self.sources)}"
                    for name in unknown
                ]
            )
        return flow

    async def _make(self, flow: Flow) -> tuple[Edition, Understanding, list[str]]:
        """An edition, and what of it cannot be said."""
        understanding = await asyncio.to_thread(learn, self.config, flow)
        unsaid = await render_prompts(self.voice, flow)
        return Edition(flow, understanding), understanding, unsaid

    async def _changed(self) -> Edition | None:
        """The edition that the files make now; None: the current one. Raises FlowError, OSError.

        One with a prompt that cannot be said is refused, since every caller hears all of the old one.
        """
        flow = await self._read()
        if flow.version == self.current.flow.version:
            return None
        edition, _, unsaid = await self._make(flow)
        if unsaid:
            raise FlowError(unsaid)
        return edition

    def problem(self) -> str | None:
        """What is wrong with the dialogues, for whoever watches; None: nothing."""
        if self.refused:
            return "a change was refused"
        return f"prompts that cannot be said: {len(self.unsaid)}" if self.unsaid else None

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
            edition = await self._changed()
        except FlowError as error:
            self.refused = error.problems
        except OSError as error:
            self.refused = problems_of(error)
        except Exception:
            # a server that runs must not end because of a file
            log.exception("dialogue cannot be read")
            self.refused = [
                "the dialogue cannot be read, by a fault of the server and not of the files: its log says which"
            ]
        else:
            self.refused = []
            if edition is None:
                return False
            before, self.unsaid = self.current.flow.version, []
            self.current.edition = edition
            log.info("dialogue published", version=edition.flow.version, before=before)
            return True
        for problem in self.refused:
            log.error("dialogue refused, the old one stays", problem=problem, version=self.current.flow.version)
        return False


async def render_prompts(voice: PromptVoice, flow: Flow) -> list[str]:
    """Say every prompt without fields ahead of the first caller; those with fields are rendered when they are known.

    Returns what could not be said, a sentence a prompt: the others are said all the same.
    """
    gate, unsaid = asyncio.Semaphore(_RENDER_AT_ONCE), []

    async def render(text: str, language: Language, name: str) -> None:
        async with gate:
            try:
                await voice.ahead(text, language, name)
            except VoiceFailed as failure:
                unsaid.append(str(failure))

    async with asyncio.TaskGroup() as group:
        for prompt in flow.prompts.values():
            for language, variants in prompt.variants.items():
                for number, text in enumerate(variants):
                    if not field_names(text):
                        group.create_task(render(text, language, f"{prompt.name}.{number}"))
    return unsaid
