"""Customers and their history from CSV files: all of a file or nothing of it, every mistake with its row."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

import structlog
from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database.people.audit import append
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.store import AT_ONCE, Store, upsert
from ivr.calls.people.audit import Actor, Entry
from ivr.wire.customers.csv_rows import MOST_ERRORS, OURS, Form, Found, ImportFailed, read_rows
from ivr.wire.customers.rows import CaseRow, ContactRow, CustomerRow, OrderRow, Row

log = structlog.get_logger(__name__)
Kind = Literal["customers", "orders", "cases", "contacts"]
_MODELS: dict[Kind, tuple[type[Row], Table]] = {
    "customers": (CustomerRow, t.customers),
    "orders": (OrderRow, t.orders),
    "cases": (CaseRow, t.cases),
    "contacts": (ContactRow, t.contacts),
}


async def import_file(
    store: Store,
    kind: Kind,
    name: str,
    text: str,
    region: str,
    form: Form = OURS,
    whole: bool = False,
    by: Actor | None = None,
) -> int:
    """Import one CSV file with a header row; returns how many rows. Raises ImportFailed, then nothing is changed.

    Rows whose id exists already are replaced, so the same file may be imported again; times need a zone
    ("2026-11-21T09:00:00+01:00"). With ``whole`` these are all customers that there are: only their numbers are
    somebody's, and columns that the file does not have stay as they were.
    Where somebody does it, a line of the audit trail says so; a source that config.toml names is read by itself.
    """
    model, table = _MODELS[kind]
    # not in the loop: a large file must not stop anybody's sound
    rows = await asyncio.to_thread(read_rows, model, name, text, region, form)
    if whole and not rows:
        raise ImportFailed([f"{name}:2: there is no customer in it"])
    values = await asyncio.to_thread(_values, kind, rows, whole)
    async with store.begin() as connection:
        if kind != "customers":
            known = {
                "customer_id": set((await connection.execute(select(t.customers.c.id))).scalars()),
                "agent_id": set((await connection.execute(select(t.agents.c.id))).scalars()),
            }
            _check_references(name, rows, known)
        await upsert(connection, table, values, ("id",))
        if kind == "customers":
            await _import_numbers(connection, rows, whole)
        if by is not None:
            await append(connection, Entry(by, "data.imported", kind, {"rows": len(rows)}))
    return len(rows)


def _values(kind: Kind, rows: Iterable[Found], told_only: bool) -> list[dict[str, Any]]:
    """The rows as their table has them."""
    values = [one.row.model_dump(exclude={"numbers"}, exclude_unset=told_only) for one in rows]
    if kind != "contacts":
        return values
    # a contact that stands in the file twice is one
    return list({one["id"]: one for one in ({**one, "id": _contact_id(one)} for one in values)}.values())


def _check_references(name: str, rows: Iterable[Found], known: dict[str, set[Any]]) -> None:
    problems = [
        f"{name}:{one.line}: {column}: there is no {column.removesuffix('_id')} {value!r}"
        for one in rows
        for column, ids in known.items()
        if (value := getattr(one.row, column, None)) is not None and value not in ids
    ]
    if problems:
        raise ImportFailed(problems[:MOST_ERRORS])


async def _import_numbers(connection: AsyncConnection, rows: Sequence[Found], whole: bool) -> None:
    """Give the numbers to their customers, and take away those that they had before."""
    if whole:
        await connection.execute(delete(t.numbers))
    n = t.numbers.c
    for begin in range(0, len(rows), AT_ONCE):
        some = [(one.row.model_dump()["id"], one.numbers) for one in rows[begin : begin + AT_ONCE]]
        await connection.execute(delete(t.numbers).where(n.customer_id.in_([customer for customer, _ in some])))
        added = [{"number": number, "customer_id": customer} for customer, theirs in some for number in sorted(theirs)]
        if added:
            await connection.execute(insert(t.numbers), added)
    shared = select(n.number).group_by(n.number).having(func.count() > 1)
    if count := (await connection.execute(select(func.count()).select_from(shared.subquery()))).scalar_one():
        log.warning("numbers of several customers: whoever calls from one is greeted by no name", numbers=count)


def _contact_id(values: dict[str, Any]) -> str:
    """The same contact gets the same id, however often its file is imported."""
    began: datetime = values["began_at"]
    return str(uuid5(NAMESPACE_URL, f"{values['customer_id']}|{values['channel']}|{began.timestamp()}"))
