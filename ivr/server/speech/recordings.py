"""``[recording]`` of config.toml to the parts that keep calls as sound, and turn them into tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.database import DatabaseCalls, DatabaseDirectory, Store
from ivr.adapters.sound.recordings import Bounds, FileRecordings
from ivr.calls.floor.call_tests import RecordingServices
from ivr.calls.live import LiveCall
from ivr.calls.ports import Directory
from ivr.config.load import Config
from ivr.core.caller import CallId
from ivr.core.flow.flow import Flow
from ivr.corpus.from_record import CallTestFiles
from ivr.server.parts import Examination, Finding

_BEYOND_S = 10.0
"""Asterisk ends the machine's part at robot_max_s; a recording may be this much longer."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where recordings and tests are."""

    recordings: Path
    corpus: Path

    @classmethod
    def of(cls, config: Config, root: Path) -> Folders:
        """As config.toml says; ``root`` is its folder."""
        return cls(root / config.recording.folder, root / config.recording.corpus)


def recordings_of(config: Config, root: Path, stack: AsyncExitStack) -> FileRecordings:
    """The recordings of a house, which are closed with the stack; ``run()`` is for the server to start."""
    wanted = config.recording
    bounds = Bounds(config.dialogue.robot_max_s + _BEYOND_S, wanted.days, wanted.most_mb * 1_000_000)
    made = FileRecordings(Folders.of(config, root).recordings, wanted.keep, bounds)
    stack.push_async_callback(made.close)
    return made


def recording_services(
    config: Config,
    root: Path,
    store: Store,
    recordings: FileRecordings,
    flow: Callable[[], Flow],
    directory: Directory | None = None,
    calls: Mapping[CallId, LiveCall] | None = None,
) -> RecordingServices:
    """What people have of recorded calls; without ``calls`` only of calls that are over."""
    folders, country = Folders.of(config, root), config.database.country
    tests = CallTestFiles(
        lambda: calls or {}, DatabaseCalls(store, country), directory or DatabaseDirectory(store, country),
        recordings, flow, config.recording.keep, folders.corpus, folders.recordings,
    )  # fmt: skip
    return RecordingServices(recordings, tests, lambda: {name: intent.title for name, intent in flow().intents.items()})


def examine(what: Examination) -> Iterator[Finding]:
    """What is kept, and whether it can be."""
    wanted, folders = what.config.recording, Folders.of(what.config, what.root)
    said = {"off": "no sound of calls is kept", "consent": "calls of who agrees are kept", "all": "every call is kept"}
    bounds = f", {wanted.days} days and {wanted.most_mb} MB at most" if wanted.keep != "off" else ""
    yield True, f'[recording] keep = "{wanted.keep}": {said[wanted.keep]}{bounds}'
    if wanted.keep == "all":
        yield None, '[recording] keep = "all": callers must be told before they come here, or have agreed'
    for key, folder in (("folder", folders.recordings), ("corpus", folders.corpus)):
        problem = _unwritable(folder)
        if problem is None:
            yield True, f"[recording] {key}: {folder} can be written"
        elif key == "folder" and wanted.keep == "off":
            yield None, f"[recording] {key}: {problem}; nothing is kept there but the key of pseudonyms"
        else:
            yield False, f"[recording] {key}: {problem}"


def _unwritable(folder: Path) -> str | None:
    """Why nothing can be written into a folder, or made where it is not; None where it can."""
    there = folder
    try:
        while not there.exists() and there != there.parent:
            there = there.parent
        if not there.is_dir():
            return f"{there} is no folder"
    except PermissionError:
        return f"{folder} cannot be looked at by this user: do so as the server's"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} cannot be written by this user"
    return None
