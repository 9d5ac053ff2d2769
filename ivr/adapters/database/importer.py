"""Customers and their history from CSV files: all of a file or nothing of it, every mistake with its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import Table, delete, insert, select, update

from ivr.adapters.database import tables as t
from ivr.adapters.database.store import Store
from ivr.core.caller import Language, OrderStatus, Tier
from ivr.wire.numbers import normalise

MOST_ERRORS = 20
Kind = Literal["customers", "orders", "cases", "contacts"]


class ImportFailed(Exception):
    """Nothing was imported; ``problems`` has a sentence for each wrong row, with file, row and column."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _printable(value: str) -> str:
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise ValueError("control characters are not allowed")
    return value.strip()


Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._/-]+$")]
Short = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Long = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
Maybe = BeforeValidator(_empty_is_none)
OptionalShort = Annotated[Short | None, Maybe]
OptionalTime = Annotated[AwareDatetime | None, Maybe]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Customer(_Row):
    id: Id
    name: Short
    numbers: str = ""
    """One or more telephone numbers, parted by ";"."""
    language: Annotated[Language | None, Maybe] = None
    tier: Annotated[Tier, BeforeValidator(lambda v: v or "standard")] = "standard"
    region: OptionalShort = None
    salutation: OptionalShort = None
    salutation_zh: OptionalShort = None
    email: OptionalShort = None
    note: Annotated[Long | None, Maybe] = None


class _Order(_Row):
    id: Id
    customer_id: Id
    product: Short
    status: OrderStatus
    ordered_at: AwareDatetime
    due_at: OptionalTime = None
    amount: OptionalShort = None


class _Case(_Row):
    id: Id
    customer_id: Id
    subject: Short
    status: Literal["open", "waiting", "closed"]
    opened_at: AwareDatetime
    intent: OptionalShort = None
    queue: OptionalShort = None
    order_id: OptionalShort = None


class _Contact(_Row):
    customer_id: Id
    channel: Literal["phone", "chat", "mail", "app", "sms", "device", "shop"]
    began_at: AwareDatetime
    summary: Long
    intent: OptionalShort = None
    agent_id: OptionalShort = None
    solved: Annotated[bool | None, Maybe] = None


_MODELS: dict[Kind, tuple[type[_Row], Table]] = {
    "customers": (_Customer, t.customers),
    "orders": (_Order, t.orders),
    "cases": (_Case, t.cases),
    "contacts": (_Contact, t.contacts),
}


async def import_file(store: Store, kind: Kind, name: str, text: str, region: str) -> int:
    """Import one CSV file (UTF-8, comma, a header row); returns how many rows. Raises ImportFailed, then nothing is changed.

    Rows whose id exists already are replaced, so the same file may be imported again; times need a zone
    ("2026-11-21T09:00:00+01:00").
    """
    model, table = _MODELS[kind]
    rows = list(_rows(model, name, text))
    async with store.begin() as connection:
        known = {
            "customer_id": set((await connection.execute(select(t.customers.c.id))).scalars()),
            "agent_id": set((await connection.execute(select(t.agents.c.id))).scalars()),
        }
        _check_references(name, rows, known)
        for line, row in rows:
            values = row.model_dump(exclude={"numbers"})
            if kind == "contacts":
                values["id"] = _contact_id(values)
            changed = await connection.execute(update(table).where(table.c.id == values["id"]).values(**values))
            if changed.rowcount == 0:
                await connection.execute(insert(table).values(**values))
            if isinstance(row, _Customer):
                await _import_numbers(connection, name, line, row, region)
    return len(rows)


def _rows(model: type[_Row], name: str, text: str) -> Iterator[tuple[int, _Row]]:
    """Checked rows with their line numbers; everything wrong at once, up to MOST_ERRORS."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    problems: list[str] = []
    try:
        columns = list(reader.fieldnames or [])
    except csv.Error as error:
        raise ImportFailed([f"{name}:1: not CSV: {error}"]) from error
    unknown = [c for c in columns if c not in model.model_fields]
    missing = [c for c, f in model.model_fields.items() if f.is_required() and c not in columns]
    problems += [f"{name}:1: unknown column {c!r}; known are {', '.join(model.model_fields)}" for c in unknown]
    problems += [f"{name}:1: the column {c!r} is missing" for c in missing]
    found: list[tuple[int, _Row]] = []
    ids: dict[str, int] = {}
    try:
        for raw in reader if not problems else ():
            line = reader.line_num
            row = _row(model, name, line, raw, problems)
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


def _row(model: type[_Row], name: str, line: int, raw: dict[Any, Any], problems: list[str]) -> _Row | None:
    if None in raw or any(value is None for value in raw.values()):
        problems.append(f"{name}:{line}: {'more' if None in raw else 'fewer'} values than the header has columns")
        return None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for wrong in error.errors():
            column = ".".join(str(part) for part in wrong["loc"][:1])
            problems.append(f"{name}:{line}: {column}: {wrong['msg']}, not {str(raw.get(column))[:60]!r}")
        return None


def _check_references(name: str, rows: list[tuple[int, _Row]], known: dict[str, set[Any]]) -> None:
    problems = [
        f"{name}:{line}: {column}: there is no {column.removesuffix('_id')} {value!r}"
        for line, row in rows
        for column, ids in known.items()
        if (value := getattr(row, column, None)) is not None and value not in ids
    ]
    if problems:
        raise ImportFailed(problems[:MOST_ERRORS])


async def _import_numbers(connection: Any, name: str, line: int, row: _Customer, region: str) -> None:
    await connection.execute(delete(t.numbers).where(t.numbers.c.customer_id == row.id))
    for number in {normalise(n, region) for n in row.numbers.split(";") if n.strip()}:
        taken = select(t.numbers.c.customer_id).where(t.numbers.c.number == number)
        owner = (await connection.execute(taken)).scalar()
        if owner is not None:
            raise ImportFailed([f"{name}:{line}: numbers: {number} belongs to customer {owner!r} already"])
        if not number:
            raise ImportFailed([f"{name}:{line}: numbers: no telephone number in {row.numbers!r}"])
        await connection.execute(insert(t.numbers).values(number=number, customer_id=row.id))


def _contact_id(values: dict[str, Any]) -> str:
    """The same contact gets the same id, however often its file is imported."""
    began: datetime = values["began_at"]
    return str(uuid5(NAMESPACE_URL, f"{values['customer_id']}|{values['channel']}|{began.timestamp()}"))
