"""Contacts into the database, off the path of the call; a database that is away for a while loses nothing.

What waits is not copied: a contact that has news is remembered, and its entries are taken from its ledger when they are
written. So a thousand entries of a hundred calls are one transaction, and what could not be written stays where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from ivr.calls.live import LiveCall
from ivr.calls.ports import Contact, ContactRecords
from ivr.core.caller import CallId

log = structlog.get_logger(__name__)
EVERY_S = 0.2
"""News of this long go into one transaction: what a killed server can lose."""
_WAITING = 10_000
_LONGEST_DELAY_S = 30.0


class Recorder:
    """One writer for all calls."""

    def __init__(self, records: ContactRecords) -> None:
        self._records = records
        self._news: dict[CallId, LiveCall] = {}
        self._called = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.dropped = 0
        self.refused: Callable[[LiveCall], None] = lambda live: None
        """Told of a contact that the database will not take."""

    def put(self, live: LiveCall) -> None:
        """There is something new about a call."""
        if live.id not in self._news and len(self._news) >= _WAITING:
            self.dropped += 1
            log.error(
                "contact not written: the database has been away too long", contact=str(live.id), dropped=self.dropped
            )
            return
        self._news[live.id] = live
        self._idle.clear()
        self._called.set()

    async def run(self) -> None:
        """Write, for ever; what cannot be written is tried again with growing delays."""
        delay_s = 0.5
        while True:
            await self._called.wait()
            await asyncio.sleep(EVERY_S)
            try:
                await self._write_all()
                delay_s = 0.5
            except OSError as error:
                log.warning(
                    "contacts not written yet", contacts=len(self._news), problem=str(error), retry_in_s=delay_s
                )
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, _LONGEST_DELAY_S)

    async def _write_all(self) -> None:
        """Everything that waits, in one transaction; raises OSError while the database is away."""
        self._called.clear()
        lives, self._news = list(self._news.values()), {}
        now = datetime.now(UTC)
        batch = [Contact(live.record(now), live.ledger.take_unwritten()) for live in lives]
        try:
            await self._records.write(batch)
        except OSError:
            self._back(lives, batch)
            raise
        except Exception:
            # one contact that cannot be written must not keep the others out
            await self._one_by_one(lives, batch)
        if not self._news:
            self._idle.set()

    async def _one_by_one(self, lives: list[LiveCall], batch: list[Contact]) -> None:
        for place, (live, contact) in enumerate(zip(lives, batch, strict=True)):
            try:
                await self._records.write([contact])
            except OSError:
                self._back(lives[place:], batch[place:])
                raise
            except Exception:
                log.exception("contact refused by the database", contact=str(live.id))
                self.refused(live)

    def _back(self, lives: list[LiveCall], batch: list[Contact]) -> None:
        for live, contact in zip(lives, batch, strict=True):
            live.ledger.give_back(contact.entries)
        self._news = {live.id: live for live in lives} | self._news
        self._called.set()

    @property
    def waiting(self) -> int:
        """How many contacts have news that is not written."""
        return len(self._news)

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything is written, at most so long."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_s)
        except TimeoutError:
            log.error("contacts left unwritten at the end", waiting=len(self._news))
