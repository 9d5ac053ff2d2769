"""The threads that decode, and whose turn it is.

A lane is one utterance's row of work; at most one thread is in it at a time. Lanes that have work wait in three rows: those
whose utterance has ended, for somebody waits for the answer; those that are being spoken; and what is done in the background.
A row is served only while those before it are empty, each in the order of coming; a turn is short, so that nobody who
comes first waits for more than one turn of a lane behind them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from enum import IntEnum
from typing import Protocol

import structlog

log = structlog.get_logger(__name__)
BUSY_OVER_S = 5.0
"""The time over which the share of busy threads is told."""

MOST_WAITS = 4096
"""Waits that are remembered, however many there are."""


class Rank(IntEnum):
    """Whose turn comes first."""

    ENDED = 0
    SPOKEN = 1
    BACKGROUND = 2


class Lane(Protocol):
    """One row of work."""

    def turn(self) -> None:
        """Do a turn's work, in a thread; asks for another turn where more waits. Nothing may be raised."""


class Workers:
    """Some threads. ``submit`` may be called from any thread."""

    def __init__(self, threads: int) -> None:
        self._rows: tuple[deque[Lane], ...] = tuple(deque() for _ in Rank)
        self._there = threading.Condition()
        self._over = False
        self._worked: deque[tuple[float, float]] = deque()
        """Turns of the last seconds: when each ended, how long it took."""
        self._worked_s = 0.0
        self._waits: deque[tuple[float, float]] = deque(maxlen=MOST_WAITS)
        self._threads = [threading.Thread(target=self._run, name=f"decode-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, lane: Lane, rank: Rank) -> None:
        """A lane wants a turn. It must not ask again before it has had it, except to be moved to an earlier row."""
        with self._there:
            self._rows[rank].append(lane)
            self._there.notify()

    def withdraw(self, lane: Lane, rank: Rank) -> bool:
        """Take a lane out of a row; False when its turn has come already."""
        with self._there:
            try:
                self._rows[rank].remove(lane)
            except ValueError:
                return False
            return True

    def waited(self, for_s: float) -> None:
        """A lane had to wait so long for its turn."""
        with self._there:
            self._waits.append((time.monotonic(), for_s))

    def longest_wait_s(self) -> float:
        """The longest of the last seconds; 0 where nobody waited."""
        now = time.monotonic()
        with self._there:
            while self._waits and self._waits[0][0] < now - BUSY_OVER_S:
                self._waits.popleft()
            return max((waited for _, waited in self._waits), default=0.0)

    def busy(self) -> float:
        """The share of the threads' time that was work, over the last seconds: 0 to 1."""
        now = time.monotonic()
        with self._there:
            self._forget(now)
            return min(1.0, max(0.0, self._worked_s / (BUSY_OVER_S * len(self._threads))))

    def close(self) -> None:
        """End the threads once their present turns are over; what waits is given up."""
        with self._there:
            self._over = True
            self._there.notify_all()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (lane := self._next()) is not None:
            began = time.monotonic()
            try:
                lane.turn()
            except Exception:  # a thread that ends would take the lanes of everybody with it
                log.exception("decoding turn failed")
            ended = time.monotonic()
            with self._there:
                self._worked.append((ended, ended - began))
                self._worked_s += ended - began
                self._forget(ended)

    def _next(self) -> Lane | None:
        with self._there:
            while not self._over:
                for row in self._rows:
                    if row:
                        return row.popleft()
                self._there.wait()
            return None

    def _forget(self, now: float) -> None:
        while self._worked and self._worked[0][0] < now - BUSY_OVER_S:
            self._worked_s -= self._worked.popleft()[1]
