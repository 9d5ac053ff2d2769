"""What another system tells of customers, merged into our own: their history, preferences and proofs are kept by the same id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import as_kept
from ivr.adapters.database.store import Store, upsert
from ivr.core.caller import Record

_OVER = "closed"


class DatabaseKeeping:
    """Implements ``ivr.calls.integrations.customer_directory.CustomerMirror``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, number: str, record: Record) -> None:
        """Merge one record, and let the number be this customer's; what is the same already is not written again."""
        async with self._store.begin() as connection:
            await _customer(connection, record)
            n = t.numbers.c
            owners = (await connection.execute(select(n.customer_id).where(n.number == number))).scalars().all()
            if owners != [record.id]:
                await connection.execute(delete(t.numbers).where(n.number == number))
                await connection.execute(insert(t.numbers).values(number=number, customer_id=record.id))
            for table, rows in ((t.orders, record.orders), (t.cases, record.cases)):
                told = [as_kept(connection.dialect, table, {**asdict(row), "customer_id": record.id}) for row in rows]
                before = await _before(connection, table, record.id)
                changed = [row for row in told if not _same(row, before.get(row["id"]))]
                await upsert(connection, table, changed, ("id",), mine="customer_id")
            if record.all_cases:
                c = t.cases.c
                gone = (
                    (c.customer_id == record.id) & (c.status != _OVER) & c.id.not_in([one.id for one in record.cases])
                )
                if (await connection.execute(select(c.id).where(gone).limit(1))).first():
                    await connection.execute(update(t.cases).where(gone).values(status=_OVER))


async def _customer(connection: AsyncConnection, record: Record) -> None:
    values = as_kept(connection.dialect, t.customers, {"id": record.id, **record.fields})
    row = (await connection.execute(select(t.customers).where(t.customers.c.id == record.id))).mappings().first()
    if not _same(values, row):
        await upsert(connection, t.customers, [values], ("id",))


async def _before(connection: AsyncConnection, table: Any, customer: str) -> dict[str, Any]:
    rows = (await connection.execute(select(table).where(table.c.customer_id == customer))).mappings()
    return {row["id"]: row for row in rows}


def _same(values: Mapping[str, Any], row: Any) -> bool:
    return row is not None and all(row[name] == value for name, value in values.items())
