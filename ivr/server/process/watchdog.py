"""A parent process that ends and restarts a server which hangs: its sockets close, and its callers reach the queue.

The server writes one byte a second into a pipe from its event loop, one kind while it starts and another once it serves. When
none comes for ``SILENT_S`` (``START_S`` while it starts), whatever the reason (a blocked loop, a stopped process), it is killed;
Asterisk sees the sockets close and the dialplan goes on. A start may take as long as it needs, as a migration of millions of rows
does: what it must not do is stand still.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence

from ivr.core.told import FOR_GOOD
from ivr.server.process import ending

VARIABLE = "IVR_WATCHDOG_FD"
BEAT_S, SILENT_S, START_S, STOP_S = 1.0, 5.0, 60.0, 9.0
_STARTING, _SERVING = b"s", b"."
LONGEST_DELAY_S = 30.0
_STEADY_S = 60.0


@contextlib.asynccontextmanager
async def alive() -> AsyncIterator[Callable[[], None]]:
    """Beat for as long as the block runs, if somebody watches; what is given to the block says that the start is over."""
    number, kind = os.environ.get(VARIABLE), [_STARTING]

    def beat_once() -> None:
        if number is not None:
            os.write(int(number), kind[0])

    def started() -> None:
        kind[0] = _SERVING
        beat_once()

    async def beat() -> None:
        while True:
            beat_once()
            await asyncio.sleep(BEAT_S)

    beating = asyncio.create_task(beat())
    try:
        yield started
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


def supervise(words: Sequence[str], only_first: Sequence[str] = ()) -> int:
    """Run a server and restart it when it hangs or dies; ends with its exit code when it ends by itself or is asked to.

    ``only_first`` are further words for the first start.

    A server that fails before its first beat (bad settings, a port in use) is not started again: nothing would change. Once one
    has served, its settings are right, and what fails then is of the moment: a database that is away, and comes back.
    """
    stopping: list[int] = []
    served = False
    delay_s = 1.0
    while True:
        reading, writing = os.pipe()
        env = {**os.environ, VARIABLE: str(writing)}
        with subprocess.Popen([*words, *only_first], env=env, pass_fds=(writing,)) as server:
            os.close(writing)

            def stop(number: int, _frame: object, server: subprocess.Popen[bytes] = server) -> None:
                stopping.append(number)
                server.send_signal(signal.SIGTERM)

            for name in ending.signals():
                signal.signal(name, stop)
            began = time.monotonic()
            served = _watch(server, reading, stopping) or served
            os.close(reading)
        code, only_first = server.returncode, ()
        if stopping or not served or code in (0, FOR_GOOD):
            return code if code >= 0 else 128 - code
        delay_s = 1.0 if time.monotonic() - began > _STEADY_S else min(delay_s * 2, LONGEST_DELAY_S)
        print(f"ivr: the server ended ({code}); it is started again in {delay_s:.0f} s", file=sys.stderr, flush=True)
        time.sleep(delay_s)


def _watch(server: subprocess.Popen[bytes], reading: int, stopping: Sequence[int]) -> bool:
    """Wait until the server has ended, killing it when its heart stops; whether it ever beat."""
    beaten = False
    last = time.monotonic()
    while server.poll() is None:
        ready, _, _ = select.select([reading], [], [], 0.5)
        if ready and (beats := os.read(reading, 4096)):
            beaten, last = beaten or _SERVING in beats, time.monotonic()
            continue
        if ready:  # the pipe is closed: it is ending
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_S)
        if time.monotonic() - last > (STOP_S if stopping else SILENT_S if beaten else START_S):
            if not stopping:
                silent_s = time.monotonic() - last
                print(f"ivr: the server has not moved for {silent_s:.0f} s and is killed", file=sys.stderr, flush=True)
            server.kill()
            server.wait()
    return beaten
