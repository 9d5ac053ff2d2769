"""Customers and their history from CSV files: all of a file or nothing of it, every mistake with its row."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import ValidationError
from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.database import tables as t
from ivr.adapters.database.store import AT_ONCE, Store, upsert
from ivr.wire.customer_rows import CaseRow, ContactRow, CustomerRow, OrderRow, Row
from ivr.wire.numbers import normalise

MOST_ERRORS = 20
LONGEST_NUMBER = 32
Kind = Literal["customers", "orders", "cases", "contacts"]
_WORDS = frozenset({"tier", "language", "status"})
"""Columns in which other systems have words of their own."""


class ImportFailed(Exception):
    """Nothing was imported; ``problems`` has a sentence for each wrong row, with file, row and column."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Form:
    """How a file of another system is written. Without ``columns`` every column must have one of our names."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our field → their column, several parted by ";" for numbers; other columns are not looked at."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Their word → ours, for tiers, states and languages."""
    delimiter: str = ","


OURS = Form()
_Numbers = list[tuple[int, CustomerRow, set[str]]]
_MODELS: dict[Kind, tuple[type[Row], Table]] = {
    "customers": (CustomerRow, t.customers),
    "orders": (OrderRow, t.orders),
    "cases": (CaseRow, t.cases),
    "contacts": (ContactRow, t.contacts),
}


async def import_file(
    store: Store, kind: Kind, name: str, text: str, region: str, form: Form = OURS, whole: bool = False
) -> int:
    """Import one CSV file with a header row; returns how many rows. Raises ImportFailed, then nothing is changed.

    Rows whose id exists already are replaced, so the same file may be imported again; times need a zone
    ("2026-11-21T09:00:00+01:00"). With ``whole`` these are all customers that there are: only their numbers are
    somebody's, and columns that the file does not have stay as they were.
    """
    table = _MODELS[kind][1]
    # not in the loop: a large file must not stop anybody's sound
    rows = await asyncio.to_thread(read_rows, kind, name, text, form)
    if whole and not rows:
        raise ImportFailed([f"{name}:2: there is no customer in it"])
    numbers = await asyncio.to_thread(_numbers, name, rows, region)
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
            await _import_numbers(connection, name, numbers, whole)
    return len(rows)


def _values(kind: Kind, rows: Iterable[tuple[int, Row]], told_only: bool) -> list[dict[str, Any]]:
    """The rows as their table has them."""
    values = [row.model_dump(exclude={"numbers"}, exclude_unset=told_only) for _, row in rows]
    if kind != "contacts":
        return values
    # a contact that stands in the file twice is one
    return list({one["id"]: one for one in ({**one, "id": _contact_id(one)} for one in values)}.values())


def read_rows(kind: Kind, name: str, text: str, form: Form = OURS) -> list[tuple[int, Row]]:
    """The checked rows of a file with their line numbers. Raises ImportFailed with everything that is wrong."""
    return list(_rows(_MODELS[kind][0], name, text, form))


def _rows(model: type[Row], name: str, text: str, form: Form) -> Iterator[tuple[int, Row]]:
    """Checked rows with their line numbers; everything wrong at once, up to MOST_ERRORS."""
    source = io.StringIO(text.removeprefix("\ufeff"), newline="")
    reader = csv.DictReader(source, strict=True, delimiter=form.delimiter)
    problems: list[str] = []
    try:
        columns = list(reader.fieldnames or [])
    except csv.Error as error:
        raise ImportFailed([f"{name}:1: not CSV: {error}"]) from error
    problems += _header(model, name, columns, form)
    found: list[tuple[int, Row]] = []
    ids: dict[str, int] = {}
    try:
        for raw in reader if not problems else ():
            line = reader.line_num
            row = _row(model, name, line, raw, problems, form)
            if row is not None:
                same = getattr(row, "id", None)
                if same in ids:
                    problems.append(f"{name}:{line}: id: {same} stands in line {ids[same]} already")
                elif same:
                    ids[same] = line
                found.append((line, row))
            if len(problems) >= MOST_ERRORS:
                problems.append(f"{name}: … and perhaps more; only the first {MOST_ERRORS} are shown")
                break
    except csv.Error as error:
        problems.append(f"{name}:{reader.reader.line_num}: not CSV: {error}")
    if problems:
        raise ImportFailed(problems)
    yield from found


def _header(model: type[Row], name: str, columns: list[str], form: Form) -> Iterator[str]:
    """What is wrong with the names of the columns."""
    required = [c for c, f in model.model_fields.items() if f.is_required()]
    if form.columns:
        named = [part for wanted in form.columns.values() for part in wanted.split(";")]
        yield from (f"{name}:1: the column {c!r} is missing" for c in named if c not in columns)
        yield from (f"{name}:1: no column is named for {c!r}" for c in required if c not in form.columns)
        return
    known = ", ".join(model.model_fields)
    yield from (f"{name}:1: unknown column {c!r}; known are {known}" for c in columns if c not in model.model_fields)
    yield from (f"{name}:1: the column {c!r} is missing" for c in required if c not in columns)


def _row(model: type[Row], name: str, line: int, raw: dict[Any, Any], problems: list[str], form: Form) -> Row | None:
    if None in raw or any(value is None for value in raw.values()):
        problems.append(f"{name}:{line}: {'more' if None in raw else 'fewer'} values than the header has columns")
        return None
    values = _ours(raw, form)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for wrong in error.errors():
            column = ".".join(str(part) for part in wrong["loc"][:1])
            theirs = form.columns.get(column, column)
            problems.append(f"{name}:{line}: {theirs}: {wrong['msg']}, not {str(values.get(column))[:60]!r}")
        return None


def _ours(raw: dict[str, str], form: Form) -> dict[str, str]:
    """A row by the names of our fields, and in our words."""
    if form.columns:
        raw = {ours: ";".join(raw[part] for part in theirs.split(";")) for ours, theirs in form.columns.items()}
    return {name: form.words.get(value.strip(), value) if name in _WORDS else value for name, value in raw.items()}


def _check_references(name: str, rows: list[tuple[int, Row]], known: dict[str, set[Any]]) -> None:
    problems = [
        f"{name}:{line}: {column}: there is no {column.removesuffix('_id')} {value!r}"
        for line, row in rows
        for column, ids in known.items()
        if (value := getattr(row, column, None)) is not None and value not in ids
    ]
    if problems:
        raise ImportFailed(problems[:MOST_ERRORS])


def _numbers(name: str, rows: Iterable[tuple[int, Row]], region: str) -> _Numbers:
    found: _Numbers = []
    for line, row in rows:
        if isinstance(row, CustomerRow):
            numbers = {normalise(n, region) for n in row.numbers.split(";") if n.strip()}
            if not all(0 < len(number) <= LONGEST_NUMBER for number in numbers):
                raise ImportFailed([f"{name}:{line}: numbers: no telephone number in {row.numbers!r}"])
            found.append((line, row, numbers))
    return found


async def _import_numbers(connection: AsyncConnection, name: str, rows: _Numbers, whole: bool) -> None:
    """Give the numbers to their customers, and take away those that they had before."""
    if whole:
        await connection.execute(delete(t.numbers))
    n = t.numbers.c
    for begin in range(0, len(rows), AT_ONCE):
        ids = [row.id for _, row, _ in rows[begin : begin + AT_ONCE]]
        await connection.execute(delete(t.numbers).where(n.customer_id.in_(ids)))
    owners: dict[str, str] = {}
    problems: list[str] = []
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        asked = select(n.number, n.customer_id).where(n.number.in_({one for _, _, numbers in some for one in numbers}))
        owners |= {row.number: row.customer_id for row in await connection.execute(asked)}
        added = []
        for line, row, numbers in some:
            for number in sorted(numbers):
                if (owner := owners.setdefault(number, row.id)) != row.id:
                    problems.append(f"{name}:{line}: numbers: {number} belongs to customer {owner!r} already")
                added.append({"number": number, "customer_id": row.id})
        if not problems:
            await upsert(connection, t.numbers, added, ("number",))
    if problems:
        raise ImportFailed(problems[:MOST_ERRORS])


def _contact_id(values: dict[str, Any]) -> str:
    """The same contact gets the same id, however often its file is imported."""
    began: datetime = values["began_at"]
    return str(uuid5(NAMESPACE_URL, f"{values['customer_id']}|{values['channel']}|{began.timestamp()}"))
