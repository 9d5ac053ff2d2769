"""The customer directory in our own database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store, upsert
from ivr.calls.ports import Late, nobody_waits
from ivr.core.caller import AgentId, Caller, Case, Customer, Order, PastContact, Preferences
from ivr.wire.phone_numbers import normalise

ORDERS, CASES, CONTACTS = 10, 10, 30
"""How much of each a card can use."""


class DatabaseDirectory:
    """Looks callers up by number; ``region`` is the country of numbers without a country code."""

    def __init__(self, store: Store, region: str) -> None:
        self._store = store
        self._region = region

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        """Everything known of the person behind a number; None when nobody is. Nothing comes later.

        Of a number of several customers it is told that it is one, and nothing else: who calls is to be asked.
        """
        number = normalise(ani, self._region) or ""
        query = select(t.customers).join(t.numbers, t.numbers.c.customer_id == t.customers.c.id)
        async with self._store.begin() as connection:
            rows = (await connection.execute(query.where(t.numbers.c.number == number).limit(2))).mappings().all()
            if not rows:
                return None
            if len(rows) > 1:
                return Caller(ani, None, "", lookup="several")
            customer = Customer(**rows[0])
            return Caller(
                ani=ani,
                shown_name=None,
                dnis="",
                customer=customer,
                orders=tuple(Order(**r) for r in await _rows(connection, _orders(customer.id))),
                cases=tuple(Case(**r) for r in await _rows(connection, _cases(customer.id))),
                contacts=tuple(_contact(r) for r in await _rows(connection, _contacts(customer.id))),
                lookup="found",
                preferences=await liked(connection, customer.id),
            )


async def liked(connection: AsyncConnection, customer: str) -> Preferences:
    """What is kept of how a customer likes to be spoken to."""
    p = t.preferences.c
    query = select(p["keys"], p.slow, p.loud, p.language).where(p.customer_id == customer)
    row = (await connection.execute(query)).mappings().first()
    return Preferences(**row) if row else Preferences()


class DatabaseMemory:
    """Keeps what works for a caller; implements ``ivr.calls.caller.ports.Memory``."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def remember(self, customer: str, preferences: Preferences) -> None:
        """Keep the preferences of a customer, in place of those before."""
        values = {
            "customer_id": customer, "keys": preferences.keys, "slow": preferences.slow, "loud": preferences.loud,
            "language": preferences.language, "agreed_at": datetime.now(UTC),
        }  # fmt: skip
        async with self._store.begin() as connection:
            # in one statement: two calls of one customer may end at the same moment
            await upsert(connection, t.preferences, [values], ("customer_id",))

    async def forget(self, customer: str) -> None:
        async with self._store.begin() as connection:
            await connection.execute(delete(t.preferences).where(t.preferences.c.customer_id == customer))


async def _rows(connection: AsyncConnection, query: Select[Any]) -> Sequence[Any]:
    rows: Sequence[Any] = (await connection.execute(query)).mappings().all()
    return rows


def _orders(customer: str) -> Select[Any]:
    o = t.orders.c
    columns = (o.id, o.product, o.status, o.ordered_at, o.due_at, o.amount)
    return select(*columns).where(o.customer_id == customer).order_by(o.ordered_at.desc()).limit(ORDERS)


def _cases(customer: str) -> Select[Any]:
    c = t.cases.c
    columns = (c.id, c.subject, c.status, c.opened_at, c.intent, c.queue, c.order_id)
    return select(*columns).where(c.customer_id == customer).order_by(c.opened_at.desc()).limit(CASES)


def _contacts(customer: str) -> Select[Any]:
    c = t.contacts.c
    columns = (
        c.began_at, c.channel, c.summary, c.intent, c.agent_id, t.agents.c.name.label("agent_name"), c.solved, c.id, c.words,
        c.note, c.outcome,
    )  # fmt: skip
    joined = t.contacts.outerjoin(t.agents, t.agents.c.id == c.agent_id)
    return (
        select(*columns)
        .select_from(joined)
        .where(c.customer_id == customer)
        .order_by(c.began_at.desc())
        .limit(CONTACTS)
    )


def _contact(row: Any) -> PastContact:
    agent = AgentId(row["agent_id"]) if row["agent_id"] else None
    return PastContact(
        row["began_at"], row["channel"], row["summary"], row["intent"], agent, row["agent_name"], row["solved"],
        row["id"], row["words"], row["note"] or None, row["outcome"],
    )  # fmt: skip
