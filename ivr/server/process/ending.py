"""Being asked to end: at any moment of the start, of calls and of a migration, and over within ten seconds."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading

LONGEST_S = 8.5
"""From the signal to the end; whoever waits for us (systemd, the watchdog, an operator) is told ten seconds."""


def signals() -> tuple[signal.Signals, ...]:
    """What asks us to end. SIGINT is left ignored where whoever started us ignores it: a shell's job in the background, nohup."""
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    return (signal.SIGTERM,) if ignored else (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Hears SIGTERM and SIGINT from the moment it is made, in the task whose start it ends."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._starting = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for name in signals():
            loop.add_signal_handler(name, self._ask)

    def started(self) -> None:
        """From here on whoever waits for ``asked`` ends it."""
        self._starting = None

    async def wait(self, other: asyncio.Event) -> None:
        """Until it is to end, by a signal or because of something else."""
        waiting = [asyncio.create_task(self.asked.wait()), asyncio.create_task(other.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        self._ask()

    def _ask(self) -> None:
        if self.asked.is_set():
            return
        self.asked.set()
        # what a thread is at (a model that is being loaded, a statement of a migration) cannot be interrupted, and a process
        # waits for its threads; the database rolls back what was not committed, and contacts are in the journal
        threading.Thread(target=_end_it, daemon=True, name="the end").start()
        if self._starting:
            self._starting.cancel()


def _end_it() -> None:
    threading.Event().wait(LONGEST_S)
    sys.stderr.write(f"ivr: not everything had ended after {LONGEST_S:g} s; the process ends now\n")
    sys.stderr.flush()
    os._exit(0)
