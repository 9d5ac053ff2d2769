"""Contacts into the database, off the path of the call; a database that fails in whatever way loses nothing.

What waits in memory is not copied: a contact that has news is remembered, and its entries are taken from its ledger when they
are written. So a thousand entries of a hundred calls are one transaction. Before the database is asked, they are in the
journal: a killed server loses what is younger than ``EVERY_S``, a database that is away loses nothing, and one that took over
from another and lagged is told the last minutes again. Design: docs/trust.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from ivr.calls.clock import Clock, utc_now
from ivr.calls.live import LiveCall
from ivr.calls.records import Aside, Contact, ContactRecords, Journal, NeverWritten
from ivr.core.caller import CallId
from ivr.core.contact.entries import Entry

log = structlog.get_logger(__name__)
EVERY_S = 0.2
"""News of this long go into one transaction: what a killed server can lose."""
_WAITING = 10_000
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.5, 30.0
_WRITE_S = 10.0
"""A database that has not taken a transaction in this time is away."""
_BEHIND_S = 1.0
_LOOKS = 50
"""Times that it is looked at the end whether the journal has everything."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far writing is behind."""

    contacts: int = 0
    seconds: float = 0.0
    dropped: int = 0
    aside: int = 0
    journal_used: float = 0.0
    """The share of the journal that waits for the database."""


class Recorder:
    """One writer for all calls."""

    def __init__(
        self,
        records: ContactRecords,
        now: Clock = utc_now,
        journal: Journal | None = None,
        aside: Aside | None = None,
    ) -> None:
        self._records = records
        self._now = now
        self._journal = journal
        self._aside = aside
        self._news: dict[CallId, LiveCall] = {}
        self._called = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._dropped = 0
        self._failing: str | None = None
        self._unkept: str | None = None
        self._waits_since: datetime | None = None
        self._delay_s, self._retry_at = _FIRST_DELAY_S, 0.0

    # -- in

    def noted(self, live: LiveCall, entry: Entry) -> None:
        """An entry was made in a call's ledger."""
        self.put(live)

    def put(self, live: LiveCall) -> None:
        """There is something new about a call."""
        if live.id not in self._news and len(self._news) >= _WAITING:
            self._dropped += 1
            log.error(
                "contact not written: the database has been away too long", contact=str(live.id), dropped=self._dropped
            )
            return
        self._news[live.id] = live
        self._idle.clear()
        self._called.set()

    # -- out

    async def begin(self) -> None:
        """Write what a run before this one has left in the journal; what the database does not take now waits on."""
        if self._journal and self._journal.behind:
            self._idle.clear()
            self._called.set()
            await self._round()

    async def run(self) -> None:
        """Write, for ever; what cannot be written is tried again with growing delays."""
        while True:
            await self._called_or_due()
            await asyncio.sleep(EVERY_S)
            await self._round()

    async def _called_or_due(self) -> None:
        due_s = self._retry_at - asyncio.get_running_loop().time() if self._failing else None
        try:
            async with asyncio.timeout(due_s):
                await self._called.wait()
        except TimeoutError:
            return

    async def _round(self) -> None:
        """What is new goes into the journal, and what is in the journal into the database if that takes anything."""
        self._called.clear()
        journal, behind = self._journal, bool(self._journal and self._journal.behind)
        lives, batch, kept = await self._take()
        if self._failing and asyncio.get_running_loop().time() < self._retry_at:
            if not kept:
                self._back(lives, batch)
            return
        try:
            if journal and behind:
                await self._catch_up(journal)
            if journal and kept and not behind:
                await self._commit(journal, journal.last, await self._write(batch))
            elif not kept:
                await self._write(batch)
        except OSError as error:
            if not kept:
                self._back(lives, batch)
            self._failed(error)
            return
        self._delay_s, self._failing, self._waits_since = _FIRST_DELAY_S, None, None
        if self._news or (journal and journal.behind):
            self._called.set()
        else:
            self._idle.set()

    async def _take(self) -> tuple[list[LiveCall], list[Contact], bool]:
        """What is new, and whether the journal has it."""
        lives, self._news = list(self._news.values()), {}
        now = self._now()
        batch = [Contact(live.record(now), live.ledger.take_unwritten()) for live in lives]
        return lives, batch, bool(batch) and await self._keep(batch)

    async def _keep_news(self) -> None:
        """What is new goes into the journal; where that cannot be, it waits on in memory."""
        lives, batch, kept = await self._take()
        if not kept:
            self._back(lives, batch)

    async def _keep(self, batch: list[Contact]) -> bool:
        if self._journal is None:
            return False
        try:
            await asyncio.to_thread(self._journal.append, batch)
        except (OSError, ValueError, TypeError) as error:
            if self._unkept is None:
                log.error("contacts are not in the journal, and wait in memory", problem=str(error))
            self._unkept = str(error)
            return False
        self._unkept = None
        return True

    async def _catch_up(self, journal: Journal, again: bool = False) -> None:
        """From the journal into the database, up to where it stands now; ``again``: also what another had taken before."""
        upto, written, server = journal.last, 0, ""
        some = journal.kept() if again else journal.not_committed()
        while contacts := await asyncio.to_thread(next, some, None):
            server = await self._write(contacts) or server
            written += len(contacts)
            await self._keep_news()  # what comes meanwhile must not wait in memory until all is written
        log.info("contacts written from the journal", contacts=written)
        await self._commit(journal, upto, server)

    async def _commit(self, journal: Journal, number: int, server: str) -> None:
        """Up to that number the database has everything."""
        before = journal.server
        try:
            await asyncio.to_thread(journal.mark, number, server or before)
        except OSError as error:
            # the next start writes it once more, which changes nothing
            log.warning("journal not marked", problem=str(error))
        if before and server not in ("", before):
            log.warning("another database has taken over, and is told the last minutes again")
            await self._catch_up(journal, again=True)

    async def _write(self, batch: list[Contact]) -> str:
        """In one transaction; a contact that can never be written does not keep the others out. Which database has it."""
        if not batch:
            return ""
        try:
            async with asyncio.timeout(_WRITE_S):
                return await self._keeping(self._records.write(batch))
        except NeverWritten as error:
            if len(batch) == 1:
                await self._put_aside(batch[0], error)
                return ""
        servers = [await self._write([contact]) for contact in batch]
        return next((one for one in reversed(servers) if one), "")

    async def _keeping(self, writing: Coroutine[Any, Any, str]) -> str:
        """While the database takes its time, what comes goes into the journal: it must not wait in memory for that."""
        task = asyncio.create_task(writing)
        try:
            while not (await asyncio.wait({task}, timeout=EVERY_S))[0]:
                await self._keep_news()
            return task.result()
        finally:
            if task.cancel():
                await asyncio.gather(task, return_exceptions=True)

    async def _put_aside(self, contact: Contact, why: NeverWritten) -> None:
        log.error("contact put aside: the database refuses it", contact=contact.record["id"], problem=str(why))
        if self._aside:
            await asyncio.to_thread(self._aside.put, contact, str(why), self._now())

    def _back(self, lives: list[LiveCall], batch: list[Contact]) -> None:
        for live, contact in zip(lives, batch, strict=True):
            live.ledger.give_back(contact.entries)
        self._news = {live.id: live for live in lives} | self._news

    def _failed(self, error: OSError) -> None:
        now = asyncio.get_running_loop().time()
        self._failing = str(error) or type(error).__name__
        self._waits_since = self._waits_since or self._now()
        log.warning("contacts not written yet", problem=self._failing, retry_in_s=self._delay_s)
        self._retry_at = now + self._delay_s
        self._delay_s = min(self._delay_s * 2, _LONGEST_DELAY_S)

    # -- how it stands

    def problem(self) -> str | None:
        """What keeps contacts out of the database; None: nothing."""
        contacts, seconds = self._waiting()
        if seconds > _BEHIND_S:
            return f"writing is behind: {contacts} contacts wait, the oldest for {seconds:.0f} s"
        if self._unkept:
            return f"what waits is in memory only: {self._unkept}"
        return None

    def backlog(self) -> Backlog:
        """How far writing is behind; looks at the disk, and so is for whoever asks for figures."""
        return Backlog(
            *self._waiting(), self._dropped, self._aside.count() if self._aside else 0,
            self._journal.used() if self._journal else 0.0,
        )  # fmt: skip

    def _waiting(self) -> tuple[int, float]:
        """How many contacts wait, and for how long the oldest has, in seconds; asked several times a second."""
        since = [self._waits_since] if self._waits_since else []
        contacts = {str(one) for one in self._news}
        if self._journal and self._journal.behind:
            contacts |= self._journal.waiting()
            oldest = self._journal.waits_since()
            since += [datetime.fromtimestamp(oldest, UTC)] if oldest else []
        return len(contacts), max(0.0, (self._now() - min(since)).total_seconds()) if since else 0.0

    async def drain(self, timeout_s: float) -> None:
        """Wait until everything is written, at most so long, and half as long again for the journal to have what is not."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            for _ in range(_LOOKS if self._journal else 0):
                if not self._news:
                    break
                await asyncio.sleep(timeout_s / 2 / _LOOKS)
            if self._news:
                log.error("contacts left unwritten at the end", waiting=len(self._news))
            else:
                log.warning("contacts wait in the journal for the next start", waiting=self._waiting()[0])
