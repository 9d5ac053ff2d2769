"""Audio time: waits cost nothing, and time stands still while something outside works."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ivr.replay.engine.audio_clock import AudioClock, outside, run


def test_an_hour_of_waiting_takes_no_time() -> None:
    async def work() -> list[float]:
        loop, seen = asyncio.get_running_loop(), []
        for _ in range(60):
            await asyncio.sleep(60)
            seen.append(loop.time())
        return seen

    # a real hour is longer than any test may take
    assert run(work()) == pytest.approx([60.0 * n for n in range(1, 61)])


def test_timers_come_in_their_order_and_at_their_time() -> None:
    async def work() -> list[tuple[str, float]]:
        loop, told = asyncio.get_running_loop(), []
        for name, at in (("c", 3.0), ("a", 1.0), ("b", 2.0)):
            loop.call_at(at, lambda name=name: told.append((name, loop.time())))
        await asyncio.sleep(5)
        return told

    assert run(work()) == [("a", 1.0), ("b", 2.0), ("c", 3.0)]


def test_time_stands_still_for_a_thread() -> None:
    free = threading.Event()

    async def work() -> tuple[float, str]:
        loop = asyncio.get_running_loop()
        ticks: list[float] = []

        async def tick() -> None:
            while True:
                await asyncio.sleep(1)
                ticks.append(loop.time())
                assert not ticks[5:], "time went on while a thread worked"

        ticking = loop.create_task(tick())
        threading.Timer(0.05, free.set).start()
        async with asyncio.timeout(0.5):  # of audio: it would have passed at once
            answer = await asyncio.to_thread(lambda: "done" if free.wait(10) else "late")
        ticking.cancel()
        return loop.time(), answer

    assert run(work()) == (0.0, "done")


def test_time_stands_still_for_what_is_said_to_be_outside() -> None:
    async def elsewhere(loop: asyncio.AbstractEventLoop) -> str:
        future: asyncio.Future[str] = loop.create_future()
        threading.Timer(0.02, lambda: loop.call_soon_threadsafe(future.set_result, "here")).start()
        return await future

    async def work() -> tuple[str, float, float]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(0.01):
            answer = await outside(elsewhere(loop))
        at = loop.time()
        await asyncio.sleep(2)
        return answer, at, loop.time()

    assert run(work()) == ("here", 0.0, 2.0)


async def test_outside_is_nothing_special_on_an_ordinary_loop() -> None:
    async def answer() -> int:
        return 4

    assert await outside(answer()) == 4


def test_what_is_raised_comes_out_and_time_goes_on_after_it() -> None:
    async def wrong() -> None:
        raise ValueError("no")

    async def work() -> float:
        loop = asyncio.get_running_loop()
        with pytest.raises(ValueError, match="no"):
            await outside(wrong())
        assert isinstance(loop, AudioClock) and loop.outside_now == 0
        await asyncio.sleep(1)
        return loop.time()

    assert run(work()) == 1.0
