"""Audio time: an event loop whose clock goes on when everything that is due has been done, and not before.

A wait costs nothing: when there is nothing to do until some moment, it is that moment. While work outside the loop is under
way (a thread, a program, a database) time stands still, so that what it takes on this machine changes nothing in the call.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
LONGEST_OUTSIDE_S = 30.0
"""Of the clock on the wall: work outside that takes longer has hung, and the time-outs around it must come."""


class _Selector(selectors.DefaultSelector):
    """Waits only for work outside; any other wait is a step of the clock."""

    loop: AudioClock

    def select(self, timeout: float | None = None) -> Any:
        """What is ready; see ``selectors``."""
        if timeout is None or timeout <= 0:
            # without a timer there is nothing to step to: only something outside can go on
            return super().select(timeout)
        if self.loop.outside_now:
            ready = super().select(LONGEST_OUTSIDE_S)
            if ready:
                return ready
        self.loop.step(timeout)
        return super().select(0)


class AudioClock(asyncio.SelectorEventLoop):
    """The loop. ``time`` begins at 0 and is seconds of audio."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self._now_s = 0.0
        self.outside_now = 0
        super().__init__(selector)

    def time(self) -> float:
        """Seconds of audio since the loop was made."""
        return self._now_s

    def step(self, seconds: float) -> None:
        """Nothing is due before then."""
        self._now_s += seconds

    @contextmanager
    def outside(self) -> Iterator[None]:
        """While the block runs, time stands still."""
        self.outside_now += 1
        try:
            yield
        finally:
            self.outside_now -= 1

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        future = super().run_in_executor(executor, func, *args)
        self.outside_now += 1
        future.add_done_callback(self._came_back)
        return future

    def _came_back(self, future: asyncio.Future[Any]) -> None:
        self.outside_now -= 1


async def outside(work: Awaitable[T]) -> T:
    """Wait for something that works outside of audio time; on an ordinary loop, simply wait for it."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, AudioClock):
        return await work
    with loop.outside():
        return await work


def run(work: Awaitable[T]) -> T:
    """Run to the end in audio time."""
    with asyncio.Runner(loop_factory=AudioClock) as runner:
        return runner.run(_awaited(work))


async def _awaited(work: Awaitable[T]) -> T:
    return await work
