"""Everything that the database has of one person: found, given out, and taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, false, func, insert, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.integrations.outbox import DatabaseOutbox
from ivr.adapters.database.people.audit import append
from ivr.adapters.database.privacy.emptying import take_notes, take_who, take_words
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.catalogue import TABLES
from ivr.adapters.database.store import AT_ONCE, Store
from ivr.calls.people.audit import Actor, Entry
from ivr.wire.phone_numbers import normalise
from ivr.wire.webhooks.events import person_erased

LIVE = timedelta(hours=24)
"""A call that has no end and began longer ago is one of a server that was killed."""
_LAST = 2
"""Digits by which a number is looked for, however it is written: no more stand together in every writing."""


class SeveralCustomers(Exception):
    """A number is of several; ``customers`` are their ids."""

    def __init__(self, customers: Sequence[str]) -> None:
        super().__init__(", ".join(customers))
        self.customers = tuple(customers)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is about."""

    numbers: frozenset[str]
    """Theirs alone, as E.164 and as contacts have them."""
    customer: str | None
    contacts: tuple[tuple[str, datetime], ...] = ()
    """Ids, and when they began."""
    live: tuple[str, ...] = ()
    """Those that go on."""

    @property
    def names(self) -> list[str]:
        """What they are known by, of which digests are kept."""
        return sorted({*self.numbers, *([f"customer:{self.customer}"] if self.customer else [])})

    def is_of(self, record: Mapping[str, Any], region: str) -> bool:
        """Whether a contact that is not in the database is theirs."""
        if record.get("customer_id"):
            return bool(record["customer_id"] == self.customer)
        ani = record.get("ani") or ""
        return ani in self.numbers or normalise(ani, region) in self.numbers


def _of(column: ColumnElement[str], person: Person) -> ColumnElement[bool]:
    """Rows of this customer. Of somebody who is none, no row: what has no customer belongs to other unknown callers."""
    return false() if person.customer is None else column == person.customer


class DatabasePersons:
    """``region`` is the country of numbers without a country code."""

    def __init__(self, store: Store, region: str) -> None:
        self._store = store
        self._region = region

    async def find(self, number: str, customer: str | None, now: datetime) -> Person:
        """Who has a number, or this customer of those who share it. Raises SeveralCustomers, and LookupError: not theirs."""
        n = t.numbers.c
        async with self._store.begin() as connection:
            owners = list((await connection.execute(select(n.customer_id).where(n.number == number))).scalars())
            if customer is not None and customer not in owners:
                raise LookupError(customer)
            if customer is None and len(owners) > 1:
                raise SeveralCustomers(sorted(owners))
            return await self._person(connection, customer or next(iter(owners), None), {number}, now)

    async def _person(
        self, connection: AsyncConnection, customer: str | None, numbers: Iterable[str], now: datetime
    ) -> Person:
        n, c = t.numbers.c, t.contacts.c
        mine = set(numbers)
        if customer is not None:
            query = select(n.number).where(n.customer_id == customer)
            mine |= set((await connection.execute(query)).scalars())
        shared = select(n.number).where(n.number.in_(mine), n.customer_id != (customer or ""))
        mine -= set((await connection.execute(shared)).scalars())
        written = {ani for one in mine for ani in await self._written(connection, one)}
        theirs = and_(c.customer_id.is_(None), c.ani.in_(written))
        if customer is not None:
            theirs = or_(c.customer_id == customer, theirs)
        rows = (await connection.execute(select(c.id, c.began_at, c.ended_at, c.line).where(theirs))).all()
        live = tuple(id for id, began, ended, line in rows if ended is None and line and began > now - LIVE)
        return Person(frozenset(mine | written), customer, tuple((id, began) for id, began, _, _ in rows), live)

    async def _written(self, connection: AsyncConnection, number: str) -> set[str]:
        """A number as contacts have it: not every network sends the country."""
        like = t.contacts.c.ani.like(f"%{number[-_LAST:]}")
        found = (await connection.execute(select(t.contacts.c.ani).where(like).distinct())).scalars()
        return {number, *(ani for ani in found if normalise(ani, self._region) == number)}

    async def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table that is of them."""
        found = {}
        async with self._store.begin() as connection:
            for table in t.metadata.sorted_tables:
                rows = (await connection.execute(select(table).where(self._rows(table, person)))).mappings()
                if some := [dict(row) for row in rows]:
                    found[table.name] = some
        for row in found.get("customer_proofs", ()):
            row["pin_hash"] = row["pin_hash"] and "(is set)"
        return found

    def _rows(self, table: Table, person: Person) -> ColumnElement[bool]:
        contacts = [id for id, _ in person.contacts]
        match TABLES[table.name].person:
            case "contact_id" | "stream" as name:
                signals = select(t.signals.c.id).where(_of(t.signals.c.customer_id, person))
                of_signals = table.c[name].in_(signals) if name == "stream" else false()
                return or_(table.c[name].in_(contacts), of_signals)
            case "customer_id" if table is t.contacts:
                return table.c.id.in_(contacts)
            case "customer_id" if table is t.call_backs:
                return or_(
                    _of(table.c.customer_id, person),
                    table.c.number.in_(person.numbers),
                    table.c.contact_id.in_(contacts),
                )
            case "":
                return false()
            case name:
                return _of(table.c[name], person)

    async def erase(self, person: Person, erasure: str, digests: Sequence[str], by: Actor, at: datetime) -> None:
        """Take them out of every table, in one transaction; other systems are told."""
        contacts = [id for id, _ in person.contacts]
        outbox = DatabaseOutbox(self._store)
        async with self._store.begin() as connection:
            await connection.execute(delete(t.webhook_events).where(self._rows(t.webhook_events, person)))
            older = t.call_backs.c.created_at <= at
            await connection.execute(delete(t.call_backs).where(self._rows(t.call_backs, person), older))
            for begin in range(0, len(contacts), AT_ONCE):
                some = contacts[begin : begin + AT_ONCE]
                await take_words(connection, some, at)
                await take_notes(connection, some)
                await take_who(connection, some)
            await connection.execute(delete(t.customers).where(_of(t.customers.c.id, person)))
            await self._note(connection, erasure, digests, at)
            await append(connection, Entry(by, "person.erased", erasure, {"contacts": len(contacts)}, at))
            await outbox.put(connection, [person_erased(erasure, person.customer, contacts, at)])

    async def erase_preferences(self, person: Person, by: Actor) -> int:
        """Take out how they like to be spoken to, and write it down; how many rows that were."""
        p = t.preferences
        async with self._store.begin() as connection:
            gone = (await connection.execute(delete(p).where(_of(p.c.customer_id, person)))).rowcount
            if gone:
                entry = Entry(by, "preferences.forgotten", person.customer, of_customer=True)
                await append(connection, entry)
            return gone

    async def _note(self, connection: AsyncConnection, erasure: str, digests: Sequence[str], at: datetime) -> None:
        e = t.erasures
        if (await connection.execute(select(e.c.id).where(e.c.id == erasure))).first() is None:
            await connection.execute(insert(e).values(id=erasure, at=at, digests=list(digests)))

    async def erasures(self) -> dict[str, tuple[datetime, list[str]]]:
        """Every erasure that the database knows: when, and the digests."""
        async with self._store.begin() as connection:
            return {row.id: (row.at, row.digests) for row in await connection.execute(select(t.erasures))}

    async def how_many_erasures(self) -> int:
        """So many persons were erased. Raises OSError while the database is away."""
        async with self._store.begin() as connection:
            return (await connection.execute(select(func.count()).select_from(t.erasures))).scalar_one()

    async def matching(self, digest: Callable[[str], str], digests: Sequence[str], before: datetime) -> Person | None:
        """Whoever is meant by digests, as far as they are older than their erasure."""
        wanted = set(digests)
        async with self._store.begin() as connection:
            anis = set(
                (
                    await connection.execute(select(t.contacts.c.ani).where(t.contacts.c.ani.is_not(None)).distinct())
                ).scalars()
            )
            numbers = anis | set((await connection.execute(select(t.numbers.c.number))).scalars())
            numbers |= set((await connection.execute(select(t.call_backs.c.number))).scalars())
            mine = {
                one for one in numbers if digest(one) in wanted or digest(normalise(one, self._region) or one) in wanted
            }
            ids = (await connection.execute(select(t.customers.c.id))).scalars()
            customer = next((one for one in ids if digest(f"customer:{one}") in wanted), None)
            if not mine and customer is None:
                return None
            found = await self._person(connection, customer, mine, before)
        older = tuple(one for one in found.contacts if one[1] <= before)
        return Person(found.numbers | mine, customer, older) if older or customer else None

    async def rinse(self, *, anew: bool = True) -> str | None:
        """Leave no byte of what was deleted in the database's own files; what keeps it from that, None: nothing.

        Not ``anew``: SQLite's write-ahead log only, which has what was written over since, and not the whole file.
        """
        try:
            async with self._store.engine.connect() as connection:
                plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
                if anew:
                    await plain.execute(text("VACUUM"))
                if plain.dialect.name != "sqlite":
                    return None
                busy = (await plain.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).scalar()
                return "somebody reads it" if busy else None
        except DBAPIError as error:
            return str(error.orig)
