"""What is older than it may be is taken out, some rows at a time, so that no call waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.privacy.emptying import take_notes, take_who, take_words
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.people.audit import Actor, Entry

AT_ONCE = 100
"""Contacts, signals or call backs in one transaction; of entries, ten times as many."""
LINES_AT_ONCE = 1000
"""Of the trail; each such transaction has a line of its own."""
NIGHT = Actor("server:night")


@dataclass(frozen=True, slots=True)
class Days:
    """For how many days each kind is kept."""

    words: int
    notes: int
    contacts: int
    events: int
    signals: int
    call_backs: int
    audit: int


@dataclass(frozen=True, slots=True)
class Swept:
    """How many contacts lost their words, their notes, whose they were; and how many rows were deleted."""

    words: int = 0
    notes: int = 0
    contacts: int = 0
    events: int = 0
    signals: int = 0
    call_backs: int = 0
    audit_lines: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, one.name)} {one.name.replace('_', ' ')}" for one in fields(self))


class DatabaseRetention:
    """Each piece is one small transaction; nothing of a contact that goes on is touched."""

    def __init__(self, store: Store, days: Days) -> None:
        self._store = store
        self._days = days

    async def sweep(self, now: datetime, by: Actor = NIGHT) -> Swept:
        """Everything that is too old; what was swept before is not looked at again. Raises OSError while the database is away."""
        c, e, s, b = t.contacts.c, t.contact_events.c, t.signals.c, t.call_backs.c

        def old(days: int) -> ColumnElement[bool]:
            # imported ones and those of other channels have no end, and no line either
            return or_(c.ended_at.is_not(None), c.line.is_(None)) & (c.began_at < now - timedelta(days))

        days = self._days
        anybody = or_(*(c[name].is_not(None) for name in ("customer_id", "ani", "shown_name", "external_id")))
        has_entries = exists().where(e.contact_id == c.id)
        return Swept(
            await self._contacts(old(days.words) & c.emptied_at.is_(None), lambda x, ids: take_words(x, ids, now)),
            await self._contacts(old(days.notes) & or_(c.note.is_not(None), c.summary != ""), take_notes),
            await self._contacts(old(days.contacts) & anybody, take_who),
            await self._contacts(old(days.events) & has_entries, _take_events),
            await self._rows(t.signals, s.expires_at < now - timedelta(days.signals)),
            await self._rows(t.call_backs, b.ended_at < now - timedelta(days.call_backs)),
            await self._trail(now - timedelta(days.audit), by),
        )

    async def _trail(self, until: datetime, by: Actor) -> int:
        """The database lets lines of the trail go only after one that says so (``migrations/versions/0015``)."""
        a, count = t.audit.c, 0
        said = f"{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"  # as SQLite has times, so that they can be compared
        old = select(a.id).where(a.at < until).order_by(a.id).limit(LINES_AT_ONCE)
        while True:
            async with self._store.begin() as connection:
                if ids := list((await connection.execute(old)).scalars()):
                    await append(connection, Entry(by, "audit.expired", said, {"lines": len(ids)}))
                    await connection.execute(delete(t.audit).where(a.id.in_(ids)))
            count += len(ids)
            if len(ids) < LINES_AT_ONCE:
                return count

    async def _contacts(
        self, which: ColumnElement[bool], take: Callable[[AsyncConnection, Sequence[str]], Awaitable[None]]
    ) -> int:
        count = 0
        while True:
            async with self._store.begin() as connection:
                ids = list((await connection.execute(select(t.contacts.c.id).where(which).limit(AT_ONCE))).scalars())
                if ids:
                    await take(connection, ids)
            count += len(ids)
            if len(ids) < AT_ONCE:
                return count

    async def _rows(self, table: object, which: ColumnElement[bool]) -> int:
        count = 0
        rows = t.signals if table is t.signals else t.call_backs
        while True:
            async with self._store.begin() as connection:
                ids = list((await connection.execute(select(rows.c.id).where(which).limit(AT_ONCE))).scalars())
                await connection.execute(delete(rows).where(rows.c.id.in_(ids)))
            count += len(ids)
            if len(ids) < AT_ONCE:
                return count


async def _take_events(connection: AsyncConnection, contacts: Sequence[str]) -> None:
    await connection.execute(delete(t.contact_events).where(t.contact_events.c.contact_id.in_(contacts)))
