"""The audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.people.audit import Actor, AuditFilter, Entry

TARGET_CHARS, ADDRESS_CHARS = 200, 64
_OLD_REFUSAL = "sign_in_refused"
"""What was written before refusals were a kind; lines of the trail are never changed."""


class DatabaseAudit:
    """Implements ``ivr.calls.people.accounts.Audit``; the table itself refuses changes and deletions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, entry: Entry) -> None:
        async with self._store.begin() as connection:
            await append(connection, entry)

    async def would_take(self, entry: Entry) -> None:
        """Raise what ``write`` would raise now; nothing is added."""
        async with self._store.begin() as connection:
            tried = await connection.begin_nested()
            await append(connection, entry)
            await tried.rollback()

    async def page(self, wanted: AuditFilter, limit: int, before: int | None = None) -> list[Entry]:
        """The newest entries that fit, or those before an entry."""
        a = t.audit.c
        query = select(t.audit).order_by(a.id.desc()).limit(limit)
        if before is not None:
            query = query.where(a.id < before)
        if wanted.who is not None:
            query = query.where(a.who == wanted.who)
        if wanted.what is not None:
            begins = (a.what.startswith(f"{wanted.what}{sign}", autoescape=True) for sign in (".", ": "))
            old = a.what == _OLD_REFUSAL if wanted.what == "refused" else a.what == wanted.what
            query = query.where(or_(a.what == wanted.what, old, *begins))
        if wanted.target is not None:
            query = query.where(a.target == wanted.target)
        if wanted.since is not None:
            query = query.where(a.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(a.at < wanted.until)
        async with self._store.begin() as connection:
            return [_entry(row) for row in (await connection.execute(query)).mappings()]


async def append(connection: AsyncConnection, entry: Entry) -> None:
    """Add one entry in the transaction of what it stands for: both are kept, or neither."""
    values = {
        "at": entry.at,
        "who": entry.by.who,
        "role": entry.by.role,
        "what": entry.what,
        "target": entry.target[:TARGET_CHARS] if entry.target is not None else None,
        "detail": dict(entry.detail),
        "address": entry.by.address[:ADDRESS_CHARS] if entry.by.address is not None else None,
    }
    await connection.execute(insert(t.audit).values(**values))


def _entry(row: Any) -> Entry:
    by = Actor(row["who"], row["role"], row["address"])
    return Entry(by, row["what"], row["target"], row["detail"], row["at"], row["id"])
