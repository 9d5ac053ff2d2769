"""Contacts into the database, in order, off the path of the call; a database that is away for a while loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from ivr.calls.ports import ContactRecords

log = structlog.get_logger(__name__)
Event = tuple[datetime, str, dict[str, Any]]
_WAITING = 10_000
_LONGEST_DELAY_S = 30.0


class Recorder:
    """One writer for all calls: first come, first written."""

    def __init__(self, records: ContactRecords) -> None:
        self._records = records
        self._queue: asyncio.Queue[tuple[dict[str, Any], Sequence[Event]]] = asyncio.Queue(_WAITING)
        self.dropped = 0

    def put(self, record: dict[str, Any], events: Sequence[Event]) -> bool:
        """Have this written; False when too much waits already, which is logged and counted."""
        try:
            self._queue.put_nowait((record, events))
        except asyncio.QueueFull:
            self.dropped += 1
            log.error(
                "contact not written: the database has been away too long", contact=record["id"], dropped=self.dropped
            )
            return False
        return True

    async def run(self) -> None:
        """Write, for ever; what cannot be written is tried again with growing delays."""
        while True:
            record, events = await self._queue.get()
            delay_s = 0.5
            while True:
                try:
                    await self._records.write(record, events)
                    break
                except OSError as error:
                    log.warning("contact not written yet", contact=record["id"], problem=str(error), retry_in_s=delay_s)
                    await asyncio.sleep(delay_s)
                    delay_s = min(delay_s * 2, _LONGEST_DELAY_S)
                except Exception:
                    # one contact that cannot be written must not keep all later ones out
                    log.exception("contact refused by the database", contact=record["id"])
                    break
            self._queue.task_done()

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything is written, at most so long."""
        try:
            await asyncio.wait_for(self._queue.join(), timeout_s)
        except TimeoutError:
            log.error("contacts left unwritten at the end", waiting=self._queue.qsize())
