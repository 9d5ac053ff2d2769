"""The contacts of today and of ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.exc import DBAPIError, StatementError

from ivr.adapters.database.contacts.call_backs import promised
from ivr.adapters.database.faults import is_of_the_data
from ivr.adapters.database.integrations.outbox import DatabaseOutbox
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store, upsert
from ivr.calls.records import Contact, NeverWritten
from ivr.core.caller import CallId
from ivr.core.contact.entries import Entry
from ivr.wire.webhooks.events import Happening, of_entry

PARTS = ("legs", "waits", "call_backs")
"""What a record has in tables of its own."""
log = structlog.get_logger(__name__)


class DatabaseRecords:
    """Writes contacts; each call of ``write`` is one transaction, and may be repeated.

    What other systems are to be told of them goes into the outbox in the same transaction.
    """

    def __init__(self, store: Store, outbox: DatabaseOutbox | None = None) -> None:
        self._store = store
        self._outbox = outbox

    async def write(self, contacts: Sequence[Contact]) -> str:
        """Write or complete contacts with their new entries; which database has taken them.

        Raises ConnectionError when that cannot be done now, and NeverWritten when it never can. A statement that the database
        does not understand is of the first kind: its tables are of another version, and somebody is to mend that.
        """
        try:
            return await self._write(contacts)
        except DBAPIError as error:
            if is_of_the_data(error):
                # the first line: the others may hold the values themselves, and this is logged
                raise NeverWritten(str(error.orig).partition("\n")[0]) from error
            raise ConnectionError(f"{self._store.shown}: {error.orig}") from error
        except (StatementError, ValueError, TypeError, OverflowError, KeyError) as error:
            raise NeverWritten(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}") from error

    async def _write(self, contacts: Sequence[Contact]) -> str:
        rows = [{key: value for key, value in one.record.items() if key not in PARTS} for one in contacts]
        waits = [{"contact_id": one.record["id"], **wait} for one in contacts for wait in one.record.get("waits", ())]
        legs = [{"contact_id": one.record["id"], **leg} for one in contacts for leg in one.record["legs"]]
        entries = [
            {"contact_id": one.record["id"], "entry": e.id, "at": e.at, "kind": e.kind, "facts": dict(e.facts)}
            for one in contacts for e in one.entries
        ]  # fmt: skip
        async with self._store.begin() as connection:
            await upsert(connection, t.contacts, rows, ("id",))
            await upsert(connection, t.contact_legs, legs, ("contact_id", "leg"))
            await upsert(connection, t.contact_waits, waits, ("contact_id", "number"))
            await upsert(connection, t.contact_events, entries, ("contact_id", "entry"))
            for contact in contacts:
                await promised(connection, contact.record.get("call_backs", ()))
            if self._outbox:
                await self._outbox.put(connection, _happened(contacts))
            server = await self._store.server(connection)
        if self._outbox:
            self._outbox.news()
        return server

    async def read(self, contact: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """One contact with its entries in order; None when there is none."""
        async with self._store.begin() as connection:
            row = (await connection.execute(select(t.contacts).where(t.contacts.c.id == contact))).mappings().first()
            if row is None:
                return None
            e = t.contact_events.c
            query = select(e.at, e.kind, e.facts, e.entry).where(e.contact_id == contact).order_by(e.at, e.entry)
            return dict(row), [dict(r) for r in (await connection.execute(query)).mappings()]

    async def legs(self, contact: str) -> list[dict[str, Any]]:
        """The legs of one contact, in the order in which they rang."""
        query = select(t.contact_legs).where(t.contact_legs.c.contact_id == contact).order_by(t.contact_legs.c.rang_at)
        async with self._store.begin() as connection:
            return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def unfinished(self, since: datetime, also: Sequence[CallId]) -> list[Contact]:
        """The contacts that began after that time and never ended, and those named, with all their entries."""
        c, e = t.contacts.c, t.contact_events.c
        wanted = or_(
            c.ended_at.is_(None) & c.line.is_not(None) & (c.began_at >= since),
            c.id.in_([str(call) for call in also]),
        )
        async with self._store.begin() as connection:
            rows = [dict(row) for row in (await connection.execute(select(t.contacts).where(wanted))).mappings()]
            found: dict[str, list[Entry]] = {row["id"]: [] for row in rows}
            query = select(e.contact_id, e.at, e.kind, e.facts, e.entry).where(e.contact_id.in_(list(found)))
            for row in (await connection.execute(query)).mappings():
                found[row["contact_id"]].append(Entry(row["at"], row["kind"], row["facts"], row["entry"]))
        return [Contact(row, tuple(found[row["id"]])) for row in rows]


def _happened(contacts: Sequence[Contact]) -> list[Happening]:
    """What other systems may want to know of it, in the order in which it became known."""
    found: list[Happening] = []
    for contact in contacts:
        for entry in contact.entries:
            try:
                happening = of_entry(contact.record, entry)
            except Exception:
                # a record must not be lost because others cannot be told of it
                log.exception("entry not told to webhooks", contact=contact.record["id"], kind=entry.kind)
                continue
            if happening:
                found.append(happening)
    return found
