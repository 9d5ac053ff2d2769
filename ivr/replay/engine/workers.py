"""Fast replays on as many cores as there are: a process each, one call at a time in it, and none of them can stop the others."""

from __future__ import annotations

import asyncio
import atexit
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.adapters.sound.telephone import BadSound
from ivr.corpus.format import Call, CorpusError
from ivr.replay.caller.sounds import both_sides
from ivr.replay.engine.audio_clock import AudioClock
from ivr.replay.engine.fast import Kit, replay, without_proofs
from ivr.replay.engine.kit import Wanted, opened
from ivr.replay.engine.score import Result, failed, score
from ivr.server.process import logs


@dataclass(frozen=True, slots=True)
class Job:
    """What each worker is told once."""

    wanted: Wanted
    scratch: Path
    """Where workers keep their copies of the house; each has a folder of its own there."""
    audio: Path | None
    """Where the calls' sound is kept; None: nowhere."""


@dataclass(frozen=True, slots=True)
class Done:
    """One call, replayed."""

    result: Result
    peaks: list[list[int]]
    """The waveform of caller and machine; empty where no sound is kept."""


class _Worker:
    """One process at work: its loop in audio time, and everything opened on it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._runner = asyncio.Runner(loop_factory=AudioClock)
        self._stack = AsyncExitStack()
        folder = job.scratch / multiprocessing.current_process().name
        self._kit: Kit = self._runner.run(self._stack.enter_async_context(opened(job.wanted, folder)))

    def do(self, call: Call) -> Done:
        """Replay one call; whatever is wrong with it is in its result."""
        try:
            made = self._runner.run(replay(call, self._kit))
            result = score(made)
            peaks: list[list[int]] = []
            if self._job.audio is not None and result.sound:
                peaks = both_sides(without_proofs(made), made.said, self._job.audio / f"{call.name}.ogg")
            return Done(result, peaks)
        except (BadSound, CorpusError, OSError) as error:
            return Done(failed(call.name, str(error)), [])
        except Exception as error:  # one call must not stop the others, whatever a dialogue or a file can do
            return Done(failed(call.name, f"{type(error).__name__}: {error}"), [])

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


_here: list[_Worker | str] = []


def _begin(job: Job) -> None:
    logs.set_up("console", "critical")
    try:
        worker = _Worker(job)
    except Exception as error:  # a process that cannot start would hide why: told with its first call
        _here.append(f"a process cannot start: {error}")
    else:
        _here.append(worker)
        atexit.register(worker.close)


def _do(call: Call) -> Done:
    worker = _here[0]
    if isinstance(worker, str):
        raise CorpusError([worker])
    return worker.do(call)


def replay_all(job: Job, calls: Sequence[Call], processes: int) -> Iterator[Done]:
    """Each call's result, as soon as it is there. A process that dies costs the call that it was at."""
    left = list(calls)
    while left:
        done: set[str] = set()
        try:
            for one in _in_a_pool(job, left, processes):
                done.add(one.result.name)
                yield one
            return
        except BrokenProcessPool:
            left = [call for call in left if call.name not in done]
            # one of those under way has done it; alone, the guilty one shows itself
            for call in left[: max(processes, 1)]:
                yield _alone(job, call)
            left = left[max(processes, 1) :]


def _in_a_pool(job: Job, calls: Sequence[Call], processes: int) -> Iterator[Done]:
    with _pool(job, processes) as pool:
        under_way: list[Future[Done]] = [pool.submit(_do, call) for call in calls]
        try:
            for future in as_completed(under_way):
                yield future.result()
        finally:
            for future in under_way:
                future.cancel()


def _alone(job: Job, call: Call) -> Done:
    try:
        with _pool(job, 1) as pool:
            return pool.submit(_do, call).result()
    except BrokenProcessPool:
        return Done(failed(call.name, "the process that replayed it died"), [])


def _pool(job: Job, processes: int) -> ProcessPoolExecutor:
    # not forked: a model that was loaded before must not share its threads' locks
    spawn: Any = multiprocessing.get_context("spawn")
    begin: Callable[[Job], None] = _begin
    return ProcessPoolExecutor(processes, mp_context=spawn, initializer=begin, initargs=(job,))
