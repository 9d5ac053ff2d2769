"""What was stored before the columns masked it is masked where it lies, some rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, false, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import DatabaseAudit
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import Code, Facts, LongWords, Words, as_kept
from ivr.adapters.database.store import Store
from ivr.calls.people.audit import Actor, AuditFilter, Entry

AT_ONCE = 100
"""Rows in one transaction: no call waits for it."""
DONE = "texts.masked"


class DatabaseMasking:
    """Every column of words, but for the audit trail, which nobody changes, and the outbox, whose bodies were masked always."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def once(self, by: Actor) -> int | None:
        """Mask it unless that was done before, which the trail remembers; how many rows had something, None: done before."""
        done = await DatabaseAudit(self._store).page(AuditFilter(what=DONE), 1)
        return None if done else await self.mask(by)

    async def mask(self, by: Actor) -> int:
        """Mask it, and write that down; how many rows had something. Raises OSError while the database is away."""
        changed = {}
        for table in t.metadata.sorted_tables:
            names = words_of(table)
            if names and (count := await self._table(table, names)):
                changed[table.name] = count
        await DatabaseAudit(self._store).write(Entry(by, DONE, None, {"rows": changed}))
        return sum(changed.values())

    async def _table(self, table: Table, names: Sequence[str]) -> int:
        keys = list(table.primary_key.columns)
        after: tuple[Any, ...] | None = None
        count = 0
        while True:
            # the keys' own order, which every database has an index of
            query = select(*keys, *(table.c[name] for name in names)).order_by(*keys).limit(AT_ONCE).with_for_update()
            if after is not None:
                query = query.where(tuple_(*keys) > tuple_(*(bindparam(None, one) for one in after)))
            async with self._store.begin() as connection:
                # SQLite knows no FOR UPDATE, but whoever has begun to write is alone: hence a change that changes nothing
                await connection.execute(update(table).where(false()).values({names[0]: table.c[names[0]]}))
                rows = (await connection.execute(query)).all()
                for row in rows:
                    count += await _mask(connection, table, keys, names, row)
            if len(rows) < AT_ONCE:
                return count
            after = tuple(rows[-1][: len(keys)])


def words_of(table: Table) -> list[str]:
    """The columns that may have what somebody wrote, and can be changed."""
    if table is t.audit:
        return []
    return [
        column.name
        for column in table.columns
        if isinstance(column.type, Words | LongWords | Facts)
        and not isinstance(column.type, Code)
        and not column.primary_key
        and not column.foreign_keys
    ]


async def _mask(
    connection: AsyncConnection, table: Table, keys: Sequence[Any], names: Sequence[str], row: Sequence[Any]
) -> int:
    now = dict(zip(names, row[len(keys) :], strict=True))
    kept = as_kept(connection.dialect, table, now)
    changed = {name: value for name, value in kept.items() if value != now[name]}
    if not changed:
        return 0
    this = [key == value for key, value in zip(keys, row[: len(keys)], strict=True)]
    await connection.execute(update(table).where(*this).values(changed))
    return 1
