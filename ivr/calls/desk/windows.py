"""The desks: which browser windows each agent has open, and what they must be told.

A desk that reads slowly loses old news, never the call: each window has a bounded backlog, and one that overflows is
closed, so that the browser comes back and asks for the whole state again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ivr.core.caller import AgentId

BACKLOG = 64
"""Messages that one window may be behind before it is told to start afresh."""


class Window:
    """One open browser page of one agent: a bounded queue of JSON texts, ended by None."""

    def __init__(self, agent: AgentId) -> None:
        self.agent = agent
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)
        self.overflowed = False

    def tell(self, text: str) -> None:
        """Put one message into the backlog; an overflow drops everything and ends the window."""
        if self.overflowed:
            return
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self.overflowed = True
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)

    async def next(self) -> str | None:
        """The next message, or None when the window must start afresh."""
        return await self._queue.get()


class Desks:
    """All open windows, by agent."""

    def __init__(self) -> None:
        self._windows: dict[AgentId, set[Window]] = defaultdict(set)
        self._presence: list[Callable[[AgentId, bool], None]] = []

    def subscribe(self, presence: Callable[[AgentId, bool], None]) -> None:
        """Tell this when an agent's first window opens and when the last one closes."""
        self._presence.append(presence)

    @contextmanager
    def open(self, agent: AgentId) -> Iterator[Window]:
        """A window for as long as the block runs."""
        window = Window(agent)
        self._windows[agent].add(window)
        if len(self._windows[agent]) == 1:
            self._tell_presence(agent, True)
        try:
            yield window
        finally:
            self._windows[agent].discard(window)
            if not self._windows[agent]:
                del self._windows[agent]
                self._tell_presence(agent, False)

    def _tell_presence(self, agent: AgentId, present: bool) -> None:
        for told in self._presence:
            told(agent, present)

    def tell(self, agent: AgentId, text: str) -> int:
        """Send one JSON text to every window of an agent; returns how many windows there are."""
        windows = self._windows.get(agent, ())
        for window in windows:
            window.tell(text)
        return len(windows)

    def windows(self, agent: AgentId) -> int:
        """How many windows an agent has open."""
        return len(self._windows.get(agent, ()))

    def tell_all(self, text: str) -> None:
        """Send one JSON text to everybody."""
        for agent in list(self._windows):
            self.tell(agent, text)

    def present(self) -> frozenset[AgentId]:
        """The agents who have at least one window open."""
        return frozenset(self._windows)
