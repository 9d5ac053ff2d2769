"""What runs beside the calls: parts that run as long as the server, and work that somebody starts and nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Self

import structlog

log = structlog.get_logger(__name__)
Work = Coroutine[Any, Any, None]


class Tasks:
    """The outermost TaskGroup. What is started in it ends when the block does; a part that fails ends the server."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = False

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._over = True
        for task in list(self._tasks):
            task.cancel()
        await self._group.__aexit__(*error)

    def run(self, part: Work) -> None:
        """A part of the server, for as long as it runs; should it fail, the server ends."""
        self._start(part)

    def spawn(self, work: Work) -> object:
        """Work beside everything else; what goes wrong in it costs nobody else anything."""
        task = self._start(self._guarded(work))
        if task is None:
            work.close()
        else:  # a task that is cancelled before its first step never comes to its work
            task.add_done_callback(lambda _: work.close())
        return task

    def _start(self, work: Work) -> asyncio.Task[None] | None:
        if self._over:  # a timer that rings while the server stops
            work.close()
            return None
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @staticmethod
    async def _guarded(work: Work) -> None:
        try:
            await work
        except Exception:
            log.exception("work beside the calls failed", work=getattr(work, "__qualname__", ""))
