"""Sign-ins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store
from ivr.calls.people.audit import Entry
from ivr.calls.people.sessions import KeptSession


class DatabaseSessions:
    """Implements ``ivr.calls.people.sessions.SessionStore``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def all(self) -> list[KeptSession]:
        """Every one that has not ended, the oldest first."""
        async with self._store.begin() as connection:
            rows = await connection.execute(select(t.sessions).order_by(t.sessions.c.began_at, t.sessions.c.id))
            return [KeptSession(**row) for row in rows.mappings()]

    async def begin(self, session: KeptSession, over: Sequence[str], entry: Entry | None) -> None:
        """Keep one in the place of others, with its line in the audit trail; or neither."""
        async with self._store.begin() as connection:
            await _forget(connection, over)
            await connection.execute(insert(t.sessions).values(**asdict(session)))
            if entry is not None:
                await append(connection, entry)

    async def end(self, ids: Sequence[str], entry: Entry | None) -> None:
        """Forget them, with a line in the audit trail; or neither."""
        async with self._store.begin() as connection:
            await _forget(connection, ids)
            if entry is not None:
                await append(connection, entry)

    async def used(self, times: Mapping[str, datetime]) -> None:
        """When they were last used, by id."""
        if not times:
            return
        statement = update(t.sessions).where(t.sessions.c.id == bindparam("one")).values(used_at=bindparam("at"))
        async with self._store.begin() as connection:
            await connection.execute(statement, [{"one": one, "at": at} for one, at in times.items()])


async def end_all(connection: AsyncConnection, login: str) -> None:
    """Forget all of somebody's, in the transaction of what ends them."""
    await connection.execute(delete(t.sessions).where(t.sessions.c.login == login))


async def _forget(connection: AsyncConnection, ids: Sequence[str]) -> None:
    if ids:
        await connection.execute(delete(t.sessions).where(t.sessions.c.id.in_(ids)))
