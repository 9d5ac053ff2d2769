"""What was offered and accepted, what agents may still spend, and what is known of a product."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import Store, insert_into
from ivr.calls.agents.settling import Accepted, Limits, NotAllowed, Spoken
from ivr.core.caller import AgentId
from ivr.core.offers import Answers, Authority, ProductNote

MONTH = timedelta(days=30)
LOOKS_BACK = timedelta(days=365)
"""Older answers and complaints say little of today."""
COMPLAINTS = 3


class DatabaseSettlements:
    """Implements ``ivr.calls.agents.settling.Settlements``."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    async def authorities(
        self, agents: Collection[AgentId], customer: str | None, today: datetime, now: datetime
    ) -> Mapping[AgentId, Authority]:
        """What each of these agents may still decide alone; ``today`` is when the house's day began."""
        a, s = t.authority.c, t.settlements.c
        own = select(a.agent_id, a.per_call_cents, a.per_day_cents).where(a.agent_id.in_(agents))
        theirs = (s.agent_id.in_(agents)) & (s.at >= today)
        spent_today = select(s.agent_id, func.sum(s.cost_cents)).where(theirs).group_by(s.agent_id)
        async with self._store.begin() as connection:
            limits = {one: (_money(call), _money(day)) for one, call, day in await connection.execute(own)}
            spent = {one: _money(cents) for one, cents in await connection.execute(spent_today)}
            given = await self._given(connection, customer, now)
        usual, left = (self._limits.per_call, self._limits.per_day), self._limits.per_customer - given
        found = {}
        for agent in agents:
            per_call, per_day = limits.get(agent, usual)
            found[agent] = Authority(per_call, per_day - spent.get(agent, Decimal(0)), left)
        return found

    async def _authority(
        self, connection: AsyncConnection, agent: AgentId, customer: str | None, today: datetime, now: datetime
    ) -> Authority:
        a, s = t.authority.c, t.settlements.c
        row = (await connection.execute(select(a.per_call_cents, a.per_day_cents).where(a.agent_id == agent))).first()
        per_call, per_day = (_money(row[0]), _money(row[1])) if row else (self._limits.per_call, self._limits.per_day)
        spent = await _sum(connection, s.agent_id == agent, s.at >= today)
        return Authority(
            per_call, per_day - spent, self._limits.per_customer - await self._given(connection, customer, now)
        )

    @staticmethod
    async def _given(connection: AsyncConnection, customer: str | None, now: datetime) -> Decimal:
        s = t.settlements.c
        return await _sum(connection, s.customer_id == customer, s.at >= now - MONTH) if customer else Decimal(0)

    async def answers(self, intent: str, now: datetime) -> Mapping[str, Answers]:
        """How callers with this matter have answered each offer."""
        s = t.settlements.c
        query = (
            select(s.offer, func.sum(cast(s.accepted, Integer)), func.count())
            .where(s.intent == intent, s.at >= now - LOOKS_BACK)
            .group_by(s.offer)
        )
        async with self._store.begin() as connection:
            rows = (await connection.execute(query)).all()
        return {offer: Answers(int(accepted), int(asked - accepted)) for offer, accepted, asked in rows}

    async def given(self, customer: str, now: datetime) -> Mapping[str, datetime]:
        """What this customer has accepted before, with when that was last."""
        s = t.settlements.c
        query = select(s.offer, s.at).where(s.customer_id == customer, s.accepted).order_by(s.at)
        async with self._store.begin() as connection:
            return {row.offer: row.at for row in await connection.execute(query)}

    async def book(self, what: Spoken, today: datetime, now: datetime) -> Accepted:
        """Write down what the caller said; raises NotAllowed when it is more than the agent may decide.

        Limits are looked at and spent in one transaction, so that two windows cannot spend the same money.
        """
        async with self._store.begin() as connection:
            await _one_at_a_time(connection, what.agent)
            total = sum((cost for _, cost in what.offers), Decimal(0)) if what.accepted else Decimal(0)
            left = await self._authority(connection, what.agent, what.customer, today, now)
            had = await _sum(connection, t.settlements.c.contact_id == what.contact)
            if what.accepted and total and (total + had > left.per_call or total > min(left.today, left.customer)):
                raise NotAllowed(left, total, had)
            for offer, cost in what.offers:
                await _put(connection, _row(what, offer, cost, now))
        return Accepted(total, left.today - total)

    async def product(self, product: str, now: datetime) -> ProductNote:
        """What callers who have this product call about, and what they have accepted."""
        o, c, s = t.orders.c, t.contacts.c, t.settlements.c
        owners = select(o.customer_id).where(o.product == product)
        complaints = (
            select(c.intent, func.count())
            .where(c.customer_id.in_(owners), c.intent.is_not(None), c.began_at >= now - LOOKS_BACK)
            .group_by(c.intent)
            .order_by(func.count().desc(), c.intent)
        )
        settled = (
            select(s.offer, func.sum(cast(s.accepted, Integer)), func.count())
            .where(s.product == product, s.at >= now - LOOKS_BACK)
            .group_by(s.offer)
            .order_by(func.sum(cast(s.accepted, Integer)).desc(), s.offer)
        )
        async with self._store.begin() as connection:
            about = [(intent, int(count)) for intent, count in (await connection.execute(complaints)).all()]
            answers = [(offer, int(yes), int(asked)) for offer, yes, asked in (await connection.execute(settled)).all()]
        return ProductNote(
            product, sum(count for _, count in about), tuple(about[:COMPLAINTS]), tuple(answers[:COMPLAINTS])
        )


async def _one_at_a_time(connection: AsyncConnection, agent: AgentId) -> None:
    """Lock the agent's row; SQLite has one writer anyway, once it writes."""
    if connection.dialect.name == "postgresql":
        await connection.execute(select(t.agents.c.id).where(t.agents.c.id == agent).with_for_update())
    else:
        await connection.exec_driver_sql("UPDATE agents SET id = id WHERE id = ?", (agent,))


async def _sum(connection: AsyncConnection, *where: ColumnElement[bool]) -> Decimal:
    query = select(func.coalesce(func.sum(t.settlements.c.cost_cents), 0)).where(*where)
    return _money((await connection.execute(query)).scalar_one())


async def _put(connection: AsyncConnection, row: dict[str, Any]) -> None:
    """A second answer to the same offer in one contact takes the place of the first."""
    statement = insert_into(connection.dialect.name, t.settlements).values(row)
    changed = {column: statement.excluded[column] for column in ("accepted", "cost_cents", "at", "agent_id")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["contact_id", "offer"], set_=changed))


def _row(what: Spoken, offer: str, cost: Decimal, now: datetime) -> dict[str, Any]:
    return {
        "contact_id": what.contact, "agent_id": what.agent, "customer_id": what.customer, "order_id": what.order,
        "product": what.product, "intent": what.intent, "offer": offer, "accepted": what.accepted,
        "cost_cents": int(cost * 100) if what.accepted else 0, "at": now,
    }  # fmt: skip


def _money(cents: int) -> Decimal:
    return Decimal(int(cents)) / 100
