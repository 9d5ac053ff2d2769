"""Speech in: Vosk, streaming, off the event loop, one shared model a language.

A call's sound goes through one lane: a bounded queue that at most one worker thread empties at a time, so results come in
order while any number of calls share a few threads (Vosk gives up the GIL while it decodes).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
import vosk

from ivr.adapters.decoding import Decoding, Wanted, joined
from ivr.calls.ports import Transcript
from ivr.core.caller import Language

log = structlog.get_logger(__name__)
BACKLOG_FRAMES = 1000
"""20 s of sound that may wait to be decoded; beyond it the utterance is given up."""


class ModelUnusable(Exception):
    """A speech model that cannot be loaded; the message names the folder and what is wrong."""


class VoskRecogniser:
    """All speech recognition of the process."""

    def __init__(self, models: dict[Language, Path], threads: int) -> None:
        self._models = {language: load_model(path) for language, path in models.items()}
        self.names = {language: path.name for language, path in models.items()}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="vosk")

    def hears(self, language: Language) -> bool:
        """Whether there is a model for that language."""
        return language in self._models

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> VoskListening:
        """Begin one utterance; raises KeyError for a language without a model."""
        decoding = Decoding(self._models[language], Wanted(grammar, otherwise_open, several))
        return VoskListening(self._pool, decoding, partial)

    def close(self) -> None:
        """Stop the threads; utterances under way are given up."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def load_model(path: Path) -> Any:
    """Vosk's model of a folder; raises ModelUnusable."""
    if not (path / "am" / "final.mdl").is_file() and not (path / "final.mdl").is_file():
        raise ModelUnusable(
            f"{path} is no Vosk model folder: it has no am/final.mdl (unpack the zip, name its inner folder)"
        )
    try:
        return vosk.Model(str(path))
    except Exception as error:  # vosk raises a bare Exception when libvosk refuses the files
        raise ModelUnusable(f"Vosk cannot load the model in {path}: {error}") from error


@dataclass(slots=True)
class VoskListening:
    """One utterance. ``feed`` and ``finish`` are called from the event loop, decoding happens in the pool."""

    pool: ThreadPoolExecutor
    decoding: Decoding
    partial: Callable[[str], None] | None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _waiting: deque[bytes] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _working: bool = False
    _ended_at: float | None = None
    _result: asyncio.Future[Transcript] | None = None
    _said: str = ""
    _cancelled: bool = False
    _finished: bool = False
    _error: Exception | None = None

    def feed(self, pcm: bytes) -> None:
        """Give it more sound; never blocks."""
        with self._lock:
            if self._cancelled or self._ended_at is not None:
                return
            if len(self._waiting) >= BACKLOG_FRAMES:
                self._cancelled = True
                self._waiting.clear()
                log.warning("recognition fell behind, utterance given up", frames=BACKLOG_FRAMES)
                return
            self._waiting.append(pcm)
            start = not self._working
            self._working = True
        if start:
            self.pool.submit(self._work)

    async def finish(self) -> Transcript:
        """The final result, once everything fed was decoded; raises what went wrong in the decoder, whenever it did."""
        self._result = self._loop.create_future()
        with self._lock:
            if self._error is not None:
                raise self._error
            self._ended_at = time.perf_counter()
            start = not self._working
            self._working = True
        if start:
            self.pool.submit(self._work)
        return await self._result

    def cancel(self) -> None:
        """Throw the utterance away."""
        with self._lock:
            self._cancelled = True
            self._waiting.clear()

    # -- in a worker thread

    def _work(self) -> None:
        try:
            while (chunk := self._next()) is not None:
                if chunk:
                    self._decode(chunk)
                else:
                    self._loop.call_soon_threadsafe(_settle, self._result, self._finish(), None)
        except Exception as error:  # whatever went wrong in the decoder belongs to the one who waits for the result
            log.exception("recognition failed")
            with self._lock:
                self._cancelled = True
                self._waiting.clear()
                self._error = error
                self._working = False
            if self._result is not None:
                self._loop.call_soon_threadsafe(_settle, self._result, None, error)

    def _next(self) -> bytes | None:
        """All the sound that waits, in one piece; empty once, after the last of it; None when the lane falls idle."""
        with self._lock:
            if self._waiting:
                chunk = b"".join(self._waiting)
                self._waiting.clear()
                return chunk
            if self._ended_at is not None and not self._finished:
                # decided under the lock, so that exactly one worker ever makes the result
                self._finished = True
                return b""
            self._working = False
            return None

    def _decode(self, chunk: bytes) -> None:
        said = self.decoding.feed(chunk)
        if said and said != self._said and self.partial:
            self._said = said
            self._loop.call_soon_threadsafe(self.partial, said)

    def _finish(self) -> Transcript:
        believed = self.decoding.end()
        heard = believed.confidences()
        took = (time.perf_counter() - (self._ended_at or 0)) * 1000
        return Transcript(
            hypotheses=joined(believed.segments),
            confidence=sum(heard) / len(heard) if heard else None,
            words=tuple(believed.words),
            decode_ms=round(took, 1),
        )


def _settle(future: asyncio.Future[Transcript] | None, result: Transcript | None, error: Exception | None) -> None:
    if future is None or future.done():
        return
    if error is not None:
        future.set_exception(error)
    elif result is not None:
        future.set_result(result)
