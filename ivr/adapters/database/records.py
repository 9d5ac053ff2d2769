"""The contacts of today and of ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from ivr.adapters.database import tables as t
from ivr.adapters.database.store import Store


class DatabaseRecords:
    """Writes contacts; each call of ``write`` is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, record: dict[str, Any], events: Sequence[tuple[datetime, str, dict[str, Any]]]) -> None:
        """Write or complete one contact and append its new events. Raises ConnectionError while the database is away."""
        values = {key: value for key, value in record.items() if key != "id"}
        async with self._store.begin() as connection:
            changed = await connection.execute(
                update(t.contacts).where(t.contacts.c.id == record["id"]).values(**values)
            )
            if changed.rowcount == 0:
                await connection.execute(insert(t.contacts).values(**record))
            if events:
                rows = [
                    {"contact_id": record["id"], "at": at, "kind": kind, "facts": facts} for at, kind, facts in events
                ]
                await connection.execute(insert(t.contact_events), rows)

    async def read(self, contact: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """One contact with its events in order; None when there is none."""
        async with self._store.begin() as connection:
            row = (await connection.execute(select(t.contacts).where(t.contacts.c.id == contact))).mappings().first()
            if row is None:
                return None
            e = t.contact_events.c
            query = select(e.at, e.kind, e.facts).where(e.contact_id == contact).order_by(e.id)
            return dict(row), [dict(r) for r in (await connection.execute(query)).mappings()]
