"""Customers to be called, and whether they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.contacts.channels import customer_of, from_newest
from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import as_kept
from ivr.adapters.database.store import Store, insert_into, upsert
from ivr.calls.call_backs.ports import Consent
from ivr.calls.integrations.inbound import CustomerRef
from ivr.calls.paging import Place
from ivr.calls.people.audit import Actor, Entry
from ivr.core.call_back import OPEN, CallBack, Why

_COLUMNS = {"customer": "customer_id", "contact": "contact_id", "agent": "agent_id"}
_FIELDS = [one.name for one in fields(CallBack)]


class DatabaseCallBacks:
    """Implements ``ivr.calls.call_backs.ports.CallBackBook``; ``region`` is the country of numbers without a country code."""

    def __init__(self, store: Store, region: str) -> None:
        self._store = store
        self._region = region

    async def add(self, wanted: CallBack, by: Actor | None = None) -> tuple[CallBack, bool]:
        """Keep one; the same source again is the one that is there. ``by``: who is to stand in the audit trail."""
        try:
            async with self._store.begin() as connection:
                if (before := await _of_source(connection, wanted.source)) is not None:
                    return before, False
                await connection.execute(insert(t.call_backs).values(**_values(connection, wanted)))
                if by is not None:
                    await append(connection, Entry(by, "call_back.added", wanted.id, {"why": wanted.why}))
                return await _of_source(connection, wanted.source) or wanted, True
        except IntegrityError:
            async with self._store.begin() as connection:
                if (before := await _of_source(connection, wanted.source)) is not None:
                    return before, False
            raise

    async def due(self, now: datetime, limit: int) -> Sequence[CallBack]:
        """Those that wait and whose time has come, the oldest first."""
        c = t.call_backs.c
        query = _all().where(c.state == "waiting", c.due_at <= now).order_by(c.due_at, c.id).limit(limit)
        return await self._read(query)

    async def calling(self) -> Sequence[CallBack]:
        """Those that are being called, as far as the record knows."""
        return await self._read(_all().where(t.call_backs.c.state == "calling"))

    async def open_of(self, customer: str) -> Sequence[CallBack]:
        """Those of a customer that are not over."""
        c = t.call_backs.c
        return await self._read(_all().where(c.customer_id == customer, c.state.in_(OPEN)))

    async def open_at(self, telephone: str) -> Sequence[CallBack]:
        """Those to a telephone number that are not over."""
        c = t.call_backs.c
        return await self._read(_all().where(c.number == telephone, c.state.in_(OPEN)))

    async def one(self, number: str) -> CallBack | None:
        """One of them, or None."""
        return next(iter(await self._read(_all().where(t.call_backs.c.id == number))), None)

    async def page(self, state: str | None, limit: int, after: Place | None = None) -> Sequence[CallBack]:
        """The newest, or those after a place."""
        c = t.call_backs.c
        query = _all() if state is None else _all().where(c.state == state)
        return await self._read(from_newest(query, c.created_at, c.id, after).limit(limit))

    async def change(self, number: str, only: Sequence[str], **values: Any) -> bool:
        """Change one that is in one of these states; False when it is not."""
        c = t.call_backs.c
        statement = update(t.call_backs).where(c.id == number, c.state.in_(only)).values(**values)
        async with self._store.begin() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def cancel(self, number: str, by: Actor) -> bool:
        """End one that waits, and write down who has; False when it waits no more."""
        c = t.call_backs.c
        ended = {"state": "cancelled", "last": "cancelled", "ended_at": datetime.now(UTC)}
        statement = update(t.call_backs).where(c.id == number, c.state == "waiting").values(**ended)
        async with self._store.begin() as connection:
            if not (await connection.execute(statement)).rowcount:
                return False
            await append(connection, Entry(by, "call_back.cancelled", number))
            return True

    async def called_since(self, customer: str, why: Sequence[Why], since: datetime, but: str = "") -> int:
        """How many of a customer's call backs for these reasons have been tried, and are not over since long."""
        c = t.call_backs.c
        lately = or_(c.ended_at >= since, c.state.in_(OPEN))
        query = select(func.count()).where(
            c.customer_id == customer, c.why.in_(why), c.attempts > 0, lately, c.id != but
        )
        async with self._store.begin() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def _read(self, query: Any) -> list[CallBack]:
        async with self._store.begin() as connection:
            return [_call_back(row) for row in (await connection.execute(query)).mappings()]

    # -- consent

    async def consent(self, customer: str) -> Consent | None:
        """What a customer has said of being called; None: nothing."""
        query = select(t.consents).where(t.consents.c.customer_id == customer)
        async with self._store.begin() as connection:
            row = (await connection.execute(query)).mappings().first()
        return Consent(row["calls"], row["told_at"], row["how"]) if row else None

    async def set_consent(self, customer: str, consent: Consent | None, by: Actor) -> bool:
        """Keep what a customer has said, or forget it; False when there is no such customer."""
        async with self._store.begin() as connection:
            known = select(t.customers.c.id).where(t.customers.c.id == customer)
            if (await connection.execute(known)).first() is None:
                return False
            if consent is None:
                await connection.execute(delete(t.consents).where(t.consents.c.customer_id == customer))
            else:
                await upsert(connection, t.consents, [{"customer_id": customer, **asdict(consent)}], ("customer_id",))
            # not how they have said so: the trail keeps nobody's words, since it forgets nothing
            detail = {"calls": consent.calls if consent else None}
            await append(connection, Entry(by, "consent.changed", customer, detail, of_customer=True))
            return True

    async def customer(self, whom: CustomerRef) -> tuple[str, str | None]:
        """A customer, and the number at which they are reached. Raises ``UnknownCustomer``."""
        async with self._store.begin() as connection:
            customer = await customer_of(connection, whom, self._region)
            n = t.numbers.c
            numbers = select(n.number).where(n.customer_id == customer).order_by(n.number)
            return customer, (await connection.execute(numbers)).scalars().first()


async def promised(connection: AsyncConnection, call_backs: Sequence[Mapping[str, Any]]) -> None:
    """Keep those that waited with the record of their call, which may be written again and again."""
    c = t.call_backs.c
    for one in call_backs:
        same = c.source == one["source"]
        if one["why"] == "asked":
            # who has asked twice stands in line once
            same = or_(same, (c.number == one["number"]) & (c.why == "asked") & c.state.in_(OPEN))
        if (await connection.execute(select(c.id).where(same).limit(1))).first() is None:
            new = insert_into(connection.dialect.name, t.call_backs).values(**_values(connection, CallBack(**one)))
            await connection.execute(new.on_conflict_do_nothing())


def _all() -> Any:
    return select(*(t.call_backs.c[_COLUMNS.get(name, name)].label(name) for name in _FIELDS))


async def _of_source(connection: AsyncConnection, source: str) -> CallBack | None:
    row = (await connection.execute(_all().where(t.call_backs.c.source == source))).mappings().first()
    return _call_back(row) if row else None


def _call_back(row: Any) -> CallBack:
    return CallBack(**row)


def _values(connection: AsyncConnection, one: CallBack) -> dict[str, Any]:
    row = {_COLUMNS.get(name, name): getattr(one, name) for name in _FIELDS}
    return as_kept(connection.dialect, t.call_backs, row)
