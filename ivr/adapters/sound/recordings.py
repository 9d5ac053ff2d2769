"""Recordings as files: written beside the loop, one after the other, deleted when they are old; no call ever waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import threading
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Literal

import soundfile
import structlog

from ivr.adapters.own_files import owner_alone
from ivr.adapters.sound.tape import MemoryTape
from ivr.calls.caller.recording import RecordingFigures, Tape
from ivr.calls.clock import DoubtfulClock
from ivr.core.caller import CALL_ID, CallId
from ivr.core.endpointing import SAMPLE_RATE

log = structlog.get_logger(__name__)
Keep = Literal["off", "consent", "all"]
ENDING = ".wav"
TIDY_EVERY_S = 3600.0
MOST_WAITING = 64
"""Recordings that may wait to be written; more are lost and counted: a disk that stands still must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept."""

    longest_s: float = 310.0
    """Of one call; what comes later is left out."""
    days: int = 30
    most_bytes: int = 2_000_000_000


class FileRecordings:
    """Implements ``ivr.calls.caller.recording.Recordings`` and ``Shelf``; the files are 8 kHz stereo WAV in μ-law."""

    def __init__(
        self, folder: Path, keep: Keep, bounds: Bounds | None = None, clock: DoubtfulClock | None = None
    ) -> None:
        self._clock = clock or DoubtfulClock()
        self._folder = folder
        self._keep = keep
        self._bounds = bounds or Bounds()
        # one thread of its own: what waits for a slow disk must not hold up anything else
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="recordings")
        self._writing: dict[str, asyncio.Future[None]] = {}
        self._lock = threading.Lock()
        self._failing = self._full = False
        self._figures = RecordingFigures(0, 0, 0)

    def figures(self) -> RecordingFigures | None:
        """What has come of it since the start; None where nothing is recorded."""
        return None if self._keep == "off" else self._figures

    def _count(self, *, written: int = 0, lost: int = 0, size: int = 0) -> RecordingFigures:
        with self._lock:
            now = self._figures
            self._figures = RecordingFigures(now.written + written, now.lost + lost, now.bytes + size)
        return self._figures

    # -- Recordings

    @property
    def asks(self) -> bool:
        """Whether callers are recorded who agree to it."""
        return self._keep == "consent"

    def begin(self) -> MemoryTape | None:
        """A tape for a call that begins now; None where no sound is kept."""
        return None if self._keep == "off" else MemoryTape(self._bounds.longest_s)

    def end(self, call: CallId, tape: Tape, consent: bool | None) -> None:
        """Keep the tape of a caller who has agreed, or of everybody; else it is gone."""
        if not isinstance(tape, MemoryTape) or not (self._keep == "all" or consent):
            return
        if len(self._writing) >= MOST_WAITING:
            self._lost(f"{MOST_WAITING} recordings wait to be written")
            return
        loop, name = asyncio.get_running_loop(), str(call)
        try:
            written = loop.run_in_executor(self._thread, self._write, name, tape)
        except RuntimeError:  # the server stops
            self._lost("the server stops")
            return
        self._writing[name] = written
        written.add_done_callback(lambda _: self._writing.pop(name, None))

    # -- Shelf

    async def find(self, call: str) -> Path | None:
        """The file of a call, once it is written; None where there is none."""
        if (writing := self._writing.get(call)) is not None:
            await asyncio.wait((writing,))
        path = self._path(call)
        there = path is not None and await asyncio.to_thread(path.is_file)
        return path if there else None

    async def among(self, calls: Collection[str]) -> frozenset[str]:
        """Those of the calls that have one."""
        paths = {call: path for call in calls if (path := self._path(call))}
        return await asyncio.to_thread(lambda: frozenset(call for call, path in paths.items() if path.is_file()))

    def _path(self, call: str) -> Path | None:
        return self._folder / f"{call}{ENDING}" if re.fullmatch(CALL_ID, call) else None

    # -- files

    async def run(self) -> None:
        """Delete what is old, for ever, whatever is recorded now; what goes wrong in it is logged and tried again."""
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(self._thread, self.tidy)
            await asyncio.sleep(TIDY_EVERY_S)

    async def close(self) -> None:
        """Write what waits, for a moment."""
        if self._writing:
            await asyncio.wait(list(self._writing.values()), timeout=5)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _write(self, name: str, tape: MemoryTape) -> None:
        path = self._folder / f"{name}{ENDING}"
        try:
            save(path, tape)
            size = path.stat().st_size
        except (OSError, soundfile.SoundFileError) as error:
            self._lost(str(error))
            return
        except Exception:
            # whatever it was, it must not be taken for an answer to anybody
            log.exception("recording not written", call=name)
            self._lost("see the log")
            return
        self._failing = False
        if self._count(written=1, size=size).bytes > self._bounds.most_bytes:
            self.tidy()

    def _lost(self, problem: str) -> None:
        self._count(lost=1)
        said, self._failing = self._failing, True
        if not said:  # once, until one can be written again
            log.error("recordings cannot be written", folder=str(self._folder), problem=problem)

    def tidy(self) -> None:
        """Delete what is too old, unless the clock was set by hours lately, and the oldest of what is too much."""
        try:
            kept, oldest = self._kept(), time() - timedelta(days=self._bounds.days).total_seconds()
            if self._clock.doubted():
                log.warning("the clock was set by hours: no recording is deleted for its age")
                oldest = 0.0
            total = sum(size for _, size, _ in kept)
            for at, size, path in kept:
                over = total > self._bounds.most_bytes
                if at >= oldest and not over:
                    break
                if at >= oldest and over and not self._full:
                    self._full = True
                    log.warning("recordings reach most_mb: the oldest are deleted", folder=str(self._folder))
                path.unlink(missing_ok=True)
                total -= size
            self._count(size=total - self._figures.bytes)
        except OSError as error:
            log.warning("old recordings not deleted", folder=str(self._folder), problem=str(error))

    def _kept(self) -> list[tuple[float, int, Path]]:
        """Every recording, the oldest first: when it was written, its size."""
        found = []
        for path in self._folder.glob(f"*{ENDING}"):
            if not re.fullmatch(CALL_ID, path.stem):
                continue  # not ours, whoever named the folder
            with contextlib.suppress(FileNotFoundError):
                about = path.stat()
                found.append((about.st_mtime, about.st_size, path))
        return sorted(found)


def save(path: Path, tape: MemoryTape) -> None:
    """Write a tape so that nobody ever sees half of it. Raises OSError and soundfile's errors."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part")
    sound = io.BytesIO()
    soundfile.write(sound, tape.sound(), SAMPLE_RATE, format="WAV", subtype="ULAW")
    try:
        # libsndfile would write by calling back, and what a full disk raises in there is printed by nobody's rule
        with open(half, "wb", opener=owner_alone) as file:
            file.write(sound.getbuffer())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def forget(folder: Path, calls: Iterable[str]) -> int:
    """Delete the recordings of these calls; how many there were."""
    gone = 0
    for call in calls:
        path = folder / f"{call}{ENDING}"
        if re.fullmatch(CALL_ID, call) and path.is_file():
            path.unlink()
            gone += 1
    return gone
