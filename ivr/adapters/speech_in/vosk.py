"""Speech in: Vosk, streaming, off the event loop, one shared model a language.

A call's sound goes through one lane: a bounded queue that at most one thread empties at a time, so results come in order
while any number of calls share a few threads (Vosk gives up the GIL while it decodes).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakSet

import structlog

from ivr.adapters.speech_in.decoding import Wanted, transcript
from ivr.adapters.speech_in.lanes import Rank, Workers
from ivr.adapters.speech_in.recognisers import Cost, Decoding, ModelUnusable, Recognisers, load
from ivr.calls.caller.ports import Transcript
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.language import Language

__all__ = ["ModelUnusable", "VoskListening", "VoskRecogniser"]
log = structlog.get_logger(__name__)
BACKLOG_FRAMES = 1000
"""20 s of sound that may wait to be decoded; beyond it the utterance is given up."""
LATE_S = 4.0
"""An utterance that has waited so long for its turn is given up: an answer that comes later still helps nobody."""
TURN_FROM_FRAMES, TURN_FRAMES = 5, 25
"""Where somebody reads along: 100 ms of sound are worth a turn, and one turn takes half a second of it at most."""
LEFT_S = 0.05
"""Where nobody does: so much work of a core may be left for the end when the threads are busy, none while half of them idle.
Decoding one utterance in one go costs half as much as all of them in turns, because what a recogniser remembers stays in
the processor's cache; what is left is what its caller waits for."""


class VoskRecogniser:
    """All speech recognition of the process."""

    def __init__(self, models: dict[Language, Path], threads: int) -> None:
        self._models = {language: load(path) for language, path in models.items()}
        self.names = {language: path.name for language, path in models.items()}
        self._recognisers = Recognisers()
        self._workers = Workers(threads)
        self._costs = {language: Cost() for language in models}
        self._lanes: WeakSet[VoskListening] = WeakSet()

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
        background: bool = False,
    ) -> VoskListening:
        """Begin one utterance; raises KeyError for a language without a model.

        Without ``partial`` nothing is spent on what has been understood so far, and most of the work is done at the end, as
        far as it is little enough that nobody notices. Nobody on a line waits for what is done
        in the ``background``, and it waits for everybody who does.
        """
        decoding = Decoding(self._models[language], Wanted(grammar, otherwise_open, several), self._recognisers)
        lane = VoskListening(self._workers, decoding, partial, background, cost=self._costs[language])
        self._lanes.add(lane)
        return lane

    def behind_s(self) -> float:
        """The longest wait of an utterance for its turn, now or within the last seconds."""
        now = time.monotonic()
        return max((self._workers.longest_wait_s(), *(lane.behind_s(now) for lane in self._lanes)))

    def busy(self) -> float:
        """The share of the decoders' time that was work, over the last seconds."""
        return self._workers.busy()

    def close(self) -> None:
        """Stop the threads; utterances under way are given up."""
        self._workers.close()


class VoskListening:
    """One utterance, a lane of its own. ``feed`` and ``finish`` are called from the event loop; turns are in threads."""

    def __init__(
        self,
        workers: Workers,
        decoding: Decoding,
        partial: Callable[[str], None] | None,
        background: bool = False,
        late_s: float = LATE_S,
        cost: Cost | None = None,
    ) -> None:
        """What waits longer than ``late_s`` for its turn is given up; ``cost`` is what the model has cost so far."""
        self._workers, self._decoding, self._partial, self._late_s = workers, decoding, partial, late_s
        self._spoken = Rank.BACKGROUND if background else Rank.SPOKEN
        self._cost = cost or Cost()
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._queued: Rank | None = None
        self._queued_at = 0.0
        self._in_turn = False
        self._ended_at: float | None = None
        self._look: Callable[[Sequence[str]], None] | None = None
        self._result: asyncio.Future[Transcript] | None = None
        self._cancelled = self._given_up = self._finished = False
        self._error: Exception | None = None

    def feed(self, pcm: bytes) -> None:
        """Give it more sound; never blocks."""
        with self._lock:
            if self._cancelled or self._ended_at is not None:
                return
            if len(self._waiting) >= BACKLOG_FRAMES:
                self._give_up()
                return
            self._waiting.append(pcm)
            self._ask()

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        """Tell the words so far, once everything fed was decoded."""
        with self._lock:
            self._look = told
            self._ask()

    async def finish(self) -> Transcript:
        """The final result, once everything fed was decoded; raises what went wrong in the decoder, whenever it did."""
        self._result = self._loop.create_future()
        with self._lock:
            if self._error is not None:
                raise self._error
            self._ended_at = time.monotonic()
            self._ask()
        return await self._result

    def cancel(self) -> None:
        """Throw the utterance away."""
        with self._lock:
            self._cancelled = True
            self._waiting.clear()

    def behind_s(self, now: float) -> float:
        """How long it has waited for its turn; 0 where it does not, and in the background."""
        with self._lock:
            return now - self._queued_at if self._queued is not None and self._spoken is Rank.SPOKEN else 0.0

    # -- under the lock

    def _ask(self) -> None:
        """Ask for a turn, if there is a reason to have one; what somebody waits for comes before what is being said."""
        awaited = (self._ended_at is not None and not self._finished) or self._look is not None
        if self._in_turn or not (awaited or len(self._waiting) >= self._turn_from()):
            return
        rank = Rank.ENDED if awaited and self._spoken is Rank.SPOKEN else self._spoken
        if self._queued is None:
            self._queued_at = time.monotonic()
        elif rank >= self._queued or not self._workers.withdraw(self, self._queued):
            return
        self._queued = rank
        self._workers.submit(self, rank)

    def _turn_from(self) -> int:
        """From how many frames on a turn is worth it."""
        if self._partial is not None:
            return TURN_FROM_FRAMES
        return max(TURN_FROM_FRAMES, self._cost.frames(LEFT_S * max(0.0, 2 * self._workers.busy() - 1)))

    def _give_up(self) -> None:
        self._cancelled = self._given_up = True
        self._waiting.clear()
        log.warning("recognition fell behind, utterance given up")

    def _portion(self) -> tuple[bytes, bool, Callable[[Sequence[str]], None] | None]:
        """The sound of this turn, in one piece, whether it is the last, and who looks at its words.

        What has ended, or is looked at, is decoded to its end.
        """
        ends, look = self._ended_at is not None and not self._finished, self._look
        self._finished, self._look = self._finished or ends, None
        whole = ends or look is not None
        count = len(self._waiting) if whole else min(len(self._waiting), max(TURN_FRAMES, self._turn_from()))
        return b"".join(self._waiting.popleft() for _ in range(count)), ends, None if self._cancelled or ends else look

    # -- in a thread

    def turn(self) -> None:
        """Decode some of what waits, or all of it and the end once the utterance has ended."""
        with self._lock:
            waited_s = time.monotonic() - self._queued_at
            late = self._spoken is Rank.SPOKEN and waited_s > self._late_s
            self._queued, self._in_turn = None, True
            if late and not self._cancelled:
                self._give_up()
            pcm, ends, look = self._portion()
        if self._spoken is Rank.SPOKEN:
            self._workers.waited(waited_s)
        try:
            self._decode(pcm)
            if look is not None:
                self._loop.call_soon_threadsafe(look, self._decoding.now())
            if ends:
                self._loop.call_soon_threadsafe(_settle, self._result, self._finish(), None)
        except Exception as error:  # whatever went wrong in the decoder belongs to the one who waits for the result
            log.exception("recognition failed")
            self._fail(error)
        with self._lock:
            self._in_turn = False
            self._ask()

    def _decode(self, pcm: bytes) -> None:
        if not pcm:
            return
        began = time.thread_time()
        said = self._decoding.feed(pcm, self._partial is not None)
        self._cost.took(time.thread_time() - began, len(pcm) / (2 * SAMPLE_RATE))
        if said and self._partial:
            self._loop.call_soon_threadsafe(self._partial, said)

    def _finish(self) -> Transcript:
        ended_at = self._ended_at or 0.0
        if self._given_up:
            return Transcript((), None)
        heard = self._decoding.end()
        return transcript(heard, (time.monotonic() - ended_at) * 1000)

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._cancelled = self._finished = True
            self._waiting.clear()
            self._error = error
        if self._result is not None:
            self._loop.call_soon_threadsafe(_settle, self._result, None, error)


def _settle(future: asyncio.Future[Transcript] | None, result: Transcript | None, error: Exception | None) -> None:
    if future is None or future.done():
        return
    if error is not None:
        future.set_exception(error)
    elif result is not None:
        future.set_result(result)
