"""Contacts lose the words in them, or whoever they are of; what is counted stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.catalogue import TABLES
from ivr.core.contact.emptied import emptied


async def take_words(connection: AsyncConnection, contacts: Sequence[str], at: datetime) -> None:
    """Take out of these contacts what was said in them; notes and summaries, which agents wrote, stay."""
    c, e = t.contacts.c, t.contact_events.c
    await connection.execute(update(t.contacts).where(c.id.in_(contacts)).values(words=None, emptied_at=at))
    rows = (await connection.execute(select(e.id, e.facts).where(e.contact_id.in_(contacts)))).all()
    changed = [{"row": id, "kept": kept} for id, facts in rows if (kept := emptied(facts)) != facts]
    if changed:
        statement = update(t.contact_events).where(e.id == bindparam("row")).values(facts=bindparam("kept"))
        await connection.execute(statement, changed)


async def take_notes(connection: AsyncConnection, contacts: Sequence[str]) -> None:
    """Take out what agents wrote."""
    await connection.execute(update(t.contacts).where(t.contacts.c.id.in_(contacts)).values(note=None, summary=""))


async def take_who(connection: AsyncConnection, contacts: Sequence[str]) -> None:
    """Take out whose they were; what was offered in them is of nobody, too."""
    nobody = dict.fromkeys(TABLES["contacts"].who.split())
    await connection.execute(update(t.contacts).where(t.contacts.c.id.in_(contacts)).values(nobody))
    nobody = dict.fromkeys(TABLES["settlements"].who.split())
    await connection.execute(update(t.settlements).where(t.settlements.c.contact_id.in_(contacts)).values(nobody))
