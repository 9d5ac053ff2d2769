"""Contacts of other channels and signals of other systems: each kept once, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, Table, and_, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.integrations.outbox import DatabaseOutbox
from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import as_kept, is_card
from ivr.adapters.database.store import Store
from ivr.calls.integrations.inbound import Contact, CustomerRef, Differs, NewContact, NewSignal, UnknownCustomer
from ivr.calls.paging import Place
from ivr.calls.people.audit import Actor, Entry
from ivr.core.kept import CardNumber
from ivr.core.signal import Signal
from ivr.wire.phone_numbers import normalise
from ivr.wire.webhooks.events import Happening, contact_received, signal_received

OPEN_SIGNALS = 20
"""As many as can explain one call."""


class DatabaseContacts:
    """Implements ``ivr.calls.integrations.inbound.Contacts``; ``region`` is the country of numbers without a country code."""

    def __init__(self, store: Store, region: str, outbox: DatabaseOutbox | None = None) -> None:
        self._store = store
        self._region = region
        self._outbox = outbox

    async def receive(self, contact: NewContact, by: Actor) -> tuple[Contact, bool]:
        """Keep a contact of another channel; the same one again is the one that is there."""
        given = asdict(contact) | {"customer": contact.customer}
        kept, new = await _once(self._store, _CONTACTS, given, self._region, by, self._outbox)
        return _contact(kept), new

    async def contact(self, contact: str) -> Contact | None:
        """One contact, or None."""
        async with self._store.begin() as connection:
            row = (await connection.execute(_contacts().where(t.contacts.c.id == contact))).mappings().first()
        return _contact(row) if row else None

    async def timeline(self, customer: str, limit: int, after: Place | None = None) -> list[Contact] | None:
        """A customer's contacts, the newest first; None when there is no such customer."""
        c = t.contacts.c
        query = _contacts().where(c.customer_id == customer)
        query = from_newest(query, c.began_at, c.id, after).limit(limit)
        async with self._store.begin() as connection:
            known = select(t.customers.c.id).where(t.customers.c.id == customer)
            if (await connection.execute(known)).first() is None:
                return None
            return [_contact(row) for row in (await connection.execute(query)).mappings()]


class DatabaseSignals:
    """Implements ``ivr.calls.integrations.inbound.Signals``."""

    def __init__(self, store: Store, region: str, outbox: DatabaseOutbox | None = None) -> None:
        self._store = store
        self._region = region
        self._outbox = outbox

    async def receive(self, signal: NewSignal, by: Actor) -> tuple[Signal, bool]:
        """Keep a signal; the same one again is the one that is there."""
        given = asdict(signal) | {"customer": signal.customer}
        kept, new = await _once(self._store, _SIGNALS, given, self._region, by, self._outbox)
        return _signal(kept), new

    async def open_for(self, customer: str) -> list[Signal]:
        """What may explain a customer's next call."""
        return await self.page(customer, OPEN_SIGNALS, open_only=True)

    async def page(
        self, customer: str | None, limit: int, after: Place | None = None, open_only: bool = False
    ) -> list[Signal]:
        """Signals of a customer, or of all, the newest first."""
        s, now = t.signals.c, datetime.now(UTC)
        query = select(t.signals)
        if customer is not None:
            query = query.where(s.customer_id == customer)
        if open_only:
            query = query.where(s.at <= now, s.expires_at > now)
        query = from_newest(query, s.at, s.id, after).limit(limit)
        async with self._store.begin() as connection:
            return [_signal(row) for row in (await connection.execute(query)).mappings()]


# -- what is sent twice is kept once


class _Kind:
    """What contacts and signals differ in: the table, and which column holds what the sender calls by another name."""

    def __init__(
        self,
        table: Table,
        what: str,
        stream: str,
        columns: Mapping[str, str],
        told: Callable[[Mapping[str, Any]], Happening],
    ) -> None:
        self.table = table
        self.what = what
        self.told = told
        """What other systems are told of a new one."""
        self.stream = stream
        """The column beside which the sender's id is the only one."""
        self.columns = {"external_id": "external_id", stream: stream, **columns}
        """The sender's word → the column."""


_CONTACTS = _Kind(t.contacts, "contact.added", "channel", {
    "customer": "customer_id", "at": "began_at", "summary": "summary", "words": "words", "language": "language",
    "intent": "intent",
}, contact_received)  # fmt: skip
_SIGNALS = _Kind(t.signals, "signal.added", "kind", {
    "customer": "customer_id", "at": "at", "text": "text", "expires_at": "expires_at", "product": "product",
    "order": "order_id",
}, signal_received)  # fmt: skip


async def _once(
    store: Store, kind: _Kind, given: dict[str, Any], region: str, by: Actor, outbox: DatabaseOutbox | None
) -> tuple[Any, bool]:
    """The row that is kept of what is given, and whether it is new.

    Raises ``UnknownCustomer``, ``CardNumber`` and ``Differs``.
    """
    try:
        async with store.begin() as connection:
            values = await _row(connection, kind, given, region)
            if (before := await _same(connection, kind, values)) is not None:
                return before, False
            values["id"] = str(uuid4())
            if kind is _SIGNALS:
                values["received_at"] = datetime.now(UTC)
            await connection.execute(insert(kind.table).values(**values))
            # not the sender's id: it may be a person's, and the trail forgets nothing; the row has it
            await append(connection, Entry(by, kind.what, values["id"], {kind.stream: given[kind.stream]}))
            if outbox:
                await outbox.put(connection, [kind.told(values)])
        if outbox:
            outbox.news()
        return values, True
    except IntegrityError:
        # The same was sent twice at once, and the other was faster; or else it is a fault, and is raised again.
        async with store.begin() as connection:
            if (before := await _same(connection, kind, await _row(connection, kind, given, region))) is not None:
                return before, False
        raise


async def _row(connection: AsyncConnection, kind: _Kind, given: dict[str, Any], region: str) -> dict[str, Any]:
    customer = await customer_of(connection, given["customer"], region)
    given = {**given, "customer": customer}
    row = {column: given[name] for name, column in kind.columns.items()}
    order = row.get("order_id")
    if is_card(connection.dialect, order):
        known = select(t.orders.c.id).where(t.orders.c.id == order)
        if (await connection.execute(known)).first() is None:  # long numbers of orders that are there are no cards'
            raise CardNumber("order_id")
    return as_kept(connection.dialect, kind.table, row)


async def _same(connection: AsyncConnection, kind: _Kind, values: dict[str, Any]) -> Any:
    """What is kept under the sender's id, or None. Raises ``Differs`` when it is something else."""
    c = kind.table.c
    where = and_(c[kind.stream] == values[kind.stream], c.external_id == values["external_id"])
    row = (await connection.execute(select(kind.table).where(where))).mappings().first()
    if row is None:
        return None
    different = tuple(name for name, column in kind.columns.items() if row[column] != values[column])
    if different:
        raise Differs(row["id"], different)
    return row


async def customer_of(connection: AsyncConnection, whom: CustomerRef, region: str) -> str:
    """The id of a customer; raises ``UnknownCustomer``."""
    query = select(t.customers.c.id)
    if whom.id is not None:
        query = query.where(t.customers.c.id == whom.id)
    elif whom.number is not None:
        query = select(t.numbers.c.customer_id).where(t.numbers.c.number == (normalise(whom.number, region) or ""))
    else:
        query = query.where(func.lower(t.customers.c.email) == (whom.email or "").lower())
    found = list((await connection.execute(query.limit(2))).scalars())
    if len(found) != 1:
        raise UnknownCustomer(several=bool(found))
    return str(found[0])


# -- rows


def _contacts() -> Select[Any]:
    joined = t.contacts.outerjoin(t.agents, t.agents.c.id == t.contacts.c.agent_id)
    return select(t.contacts, t.agents.c.name.label("agent_name")).select_from(joined)


def from_newest(query: Select[Any], at: Any, number: Any, after: Place | None) -> Select[Any]:
    """The rows of a query from the newest on, or from the one after a place."""
    if after is not None:
        query = query.where(or_(at < after.at, and_(at == after.at, number < after.id)))
    return query.order_by(at.desc(), number.desc())


def _contact(row: Any) -> Contact:
    row = dict(row)
    return Contact(
        row["id"], row["channel"], row["customer_id"], row["began_at"], row["summary"], row.get("ended_at"), row["words"],
        row["language"], row["intent"], row.get("agent_id"), row.get("agent_name"), row.get("outcome"), row.get("solved"),
        row["external_id"],
    )  # fmt: skip


def _signal(row: Any) -> Signal:
    return Signal(
        row["id"], row["kind"], row["customer_id"], row["at"], row["text"], row["expires_at"], row["product"], row["order_id"]
    )  # fmt: skip
