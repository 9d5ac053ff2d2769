"""Speech in: Vosk, streaming, off the event loop, one shared model a language.

A call's sound goes through one lane: a bounded queue that at most one worker thread empties at a time, so results come in
order while any number of calls share a few threads (Vosk gives up the GIL while it decodes).

What Vosk gives (its source): word confidences only without alternatives; with alternatives only a log-likelihood each.
So a question with a grammar (yes/no, digits) gets word confidences, an open one gets the n-best.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import structlog

from ivr.calls.ports import Transcript
from ivr.core.caller import Language
from ivr.core.intent import Hypothesis
from ivr.core.speech import SAMPLE_RATE

# one thread a decoder: the calls are what runs in parallel
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
import vosk

vosk.SetLogLevel(-1)
log = structlog.get_logger(__name__)
ALTERNATIVES = 4
BACKLOG_FRAMES = 1000
"""20 s of sound that may wait to be decoded; beyond it the utterance is given up."""
_UNKNOWN = "[unk]"
FITS = 0.85
"""Mean word confidence from which an answer is taken for one that the grammar allows. It is the model that must keep
other sentences out (a test holds that with the bundled one); this catches what is left."""


class ModelUnusable(Exception):
    """A speech model that cannot be loaded; the message names the folder and what is wrong."""


class VoskRecogniser:
    """All speech recognition of the process."""

    def __init__(self, models: dict[Language, Path], threads: int) -> None:
        self._models = {language: _load(path) for language, path in models.items()}
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
    ) -> VoskListening:
        """Begin one utterance; raises KeyError for a language without a model."""
        return VoskListening(self._pool, self._models[language], grammar, partial, otherwise_open)

    def close(self) -> None:
        """Stop the threads; utterances under way are given up."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _load(path: Path) -> Any:
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
    model: Any
    grammar: Sequence[str] | None
    partial: Callable[[str], None] | None
    otherwise_open: bool = False
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _waiting: deque[bytes] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _working: bool = False
    _ended_at: float | None = None
    _result: asyncio.Future[Transcript] | None = None
    _recogniser: Any = None
    _segments: list[list[Hypothesis]] = field(default_factory=list)
    _words: list[tuple[str, float, float, float]] = field(default_factory=list)
    _said: str = ""
    _cancelled: bool = False
    _finished: bool = False
    _error: Exception | None = None
    _sound: list[bytes] = field(default_factory=list)

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
        if self._recogniser is None:
            self._recogniser = self._make()
        if self.otherwise_open:
            self._sound.append(chunk)
        if self._recogniser.AcceptWaveform(chunk):
            self._segment(json.loads(self._recogniser.Result()))
        elif self.partial:
            said = json.loads(self._recogniser.PartialResult()).get("partial", "")
            if said and said != self._said:
                self._said = said
                self._loop.call_soon_threadsafe(self.partial, " ".join([*self._best(), said]))

    def _make(self) -> Any:
        if self.grammar is None:
            made = vosk.KaldiRecognizer(self.model, SAMPLE_RATE)
            made.SetMaxAlternatives(ALTERNATIVES)
        else:
            words = json.dumps([*self.grammar, _UNKNOWN], ensure_ascii=False)
            made = vosk.KaldiRecognizer(self.model, SAMPLE_RATE, words)
            made.SetWords(True)
        return made

    def _best(self) -> list[str]:
        return [segment[0].text for segment in self._segments if segment]

    def _segment(self, result: dict[str, Any]) -> None:
        """One stretch of speech between two silences long enough for Vosk's own endpointing."""
        hypotheses = _hypotheses(result)
        if hypotheses:
            self._segments.append(hypotheses)
        self._words += [(w["word"], w["start"], w["end"], w["conf"]) for w in result.get("result", [])]

    def _finish(self) -> Transcript:
        if self._recogniser is not None:
            self._segment(json.loads(self._recogniser.FinalResult()))
        heard = [w[3] for w in self._words if w[0] != _UNKNOWN]
        if self.otherwise_open and (not self._segments or not heard or sum(heard) / len(heard) < FITS):
            heard = self._again_open()
        took = (time.perf_counter() - (self._ended_at or 0)) * 1000
        return Transcript(
            hypotheses=joined(self._segments),
            confidence=sum(heard) / len(heard) if heard else None,
            words=tuple(self._words),
            decode_ms=round(took, 1),
        )

    def _again_open(self) -> list[float]:
        """It was not what the grammar allows: decode the same sound once more with everything the model knows.

        What then comes out as the grammar's own words was a noise: it did not fit the grammar either.
        """
        allowed = {word for phrase in self.grammar or () for word in phrase.split()}
        self.grammar, self.otherwise_open = None, False
        self._segments, self._words = [], []
        self._recogniser = self._make()
        self._decode(b"".join(self._sound))
        self._segment(json.loads(self._recogniser.FinalResult()))
        if set(" ".join(self._best()).split()) <= allowed:
            self._segments = []
        return []


def _settle(future: asyncio.Future[Transcript] | None, result: Transcript | None, error: Exception | None) -> None:
    if future is None or future.done():
        return
    if error is not None:
        future.set_exception(error)
    elif result is not None:
        future.set_result(result)


def _hypotheses(result: dict[str, Any]) -> list[Hypothesis]:
    """The readings of one result: softmax of the log-likelihoods, duplicates merged, empty ones left out.

    An empty result with alternatives carries confidence 1.0 (Vosk's source): it is no input, whatever the number says.
    """
    if "alternatives" not in result:
        text = _clean(result.get("text", ""))
        return [Hypothesis(text)] if text else []
    alternatives = result["alternatives"]
    best = max((a["confidence"] for a in alternatives), default=0.0)
    shares: dict[str, float] = {}
    for alternative in alternatives:
        text = _clean(alternative["text"])
        shares[text] = shares.get(text, 0.0) + math.exp(min(0.0, alternative["confidence"] - best))
    if not _clean(alternatives[0]["text"] if alternatives else ""):
        return []
    shares.pop("", None)
    total = sum(shares.values())
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return [Hypothesis(text, share / total) for text, share in ranked]


def _clean(text: str) -> str:
    return " ".join(word for word in text.split() if word != _UNKNOWN)


def joined(segments: Sequence[Sequence[Hypothesis]]) -> tuple[Hypothesis, ...]:
    """The readings of the whole utterance from those of its stretches: the likeliest combinations."""
    whole = [Hypothesis("", 1.0)]
    for segment in segments:
        both: dict[str, float] = {}
        for a, b in product(whole, segment):
            text = f"{a.text} {b.text}".strip()
            both[text] = both.get(text, 0.0) + a.share * b.share
        whole = [Hypothesis(text, share) for text, share in sorted(both.items(), key=lambda item: -item[1])][
            :ALTERNATIVES
        ]
    total = sum(h.share for h in whole)
    return tuple(Hypothesis(h.text, h.share / total) for h in whole if h.text)
