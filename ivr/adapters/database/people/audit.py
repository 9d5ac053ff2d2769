"""The audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store, insert_into
from ivr.calls.people.audit import Actor, AuditFilter, Entry

TARGET_CHARS, ADDRESS_CHARS = 200, 64
_ALIAS = "customer-"
_OLD_REFUSAL = "sign_in_refused"
"""What was written before refusals were a kind; lines of the trail are never changed."""


class DatabaseAudit:
    """Implements ``ivr.calls.people.audit.Audit``; the table itself refuses changes and deletions."""

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
            alias = select(t.aliases.c.alias).where(t.aliases.c.customer_id == wanted.target)
            query = query.where(or_(a.target == wanted.target, a.target.in_(alias)))
        if wanted.since is not None:
            query = query.where(a.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(a.at < wanted.until)
        async with self._store.begin() as connection:
            rows = (await connection.execute(query)).mappings().all()
            known = await _customers(connection, [row["target"] for row in rows if row["target"]])
        return [_entry(row, known) for row in rows]


async def append(connection: AsyncConnection, entry: Entry) -> None:
    """Add one entry in the transaction of what it stands for: both are kept, or neither."""
    target, detail = entry.target, dict(entry.detail)
    if entry.of_customer and target is not None:
        target = await _alias(connection, target)
        if target is None:  # not what was written instead of an id: that may be anything
            detail["customer"] = "unknown"
    values = {
        "at": entry.at,
        "who": entry.by.who,
        "role": entry.by.role,
        "what": entry.what,
        "target": target[:TARGET_CHARS] if target is not None else None,
        "detail": detail,
        "address": entry.by.address[:ADDRESS_CHARS] if entry.by.address is not None else None,
    }
    await connection.execute(insert(t.audit).values(**values))


async def _alias(connection: AsyncConnection, customer: str) -> str | None:
    """By what name the trail knows a customer, from the first line on; None: nobody here has this id."""
    x = t.aliases.c
    known = select(t.customers.c.id).where(t.customers.c.id == customer)
    if (await connection.execute(known)).first() is None:
        return None
    new = insert_into(connection.dialect.name, t.aliases).values(
        customer_id=customer, alias=f"{_ALIAS}{uuid4().hex[:16]}"
    )
    await connection.execute(new.on_conflict_do_nothing(index_elements=["customer_id"]))
    return str((await connection.execute(select(x.alias).where(x.customer_id == customer))).scalar_one())


async def _customers(connection: AsyncConnection, targets: Sequence[str]) -> dict[str, str]:
    """Whom aliases lead to; whoever was erased has none any more."""
    x = t.aliases.c
    aliases = {one for one in targets if one.startswith(_ALIAS)}
    if not aliases:
        return {}
    rows = await connection.execute(select(x.alias, x.customer_id).where(x.alias.in_(aliases)))
    return {row.alias: row.customer_id for row in rows}


def _entry(row: Any, known: dict[str, str]) -> Entry:
    by, target = Actor(row["who"], row["role"], row["address"]), row["target"]
    customer = known.get(target) if target else None
    return Entry(by, row["what"], customer or target, row["detail"], row["at"], row["id"], customer is not None)
