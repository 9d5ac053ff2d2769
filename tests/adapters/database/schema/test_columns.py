"""What columns keep is the same in every database: a text that is too long for one costs no row in any."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Float, Integer, String, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.adapters.database import DatabaseRecords, Store
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import Body, Facts, Key, LongWords, UtcDateTime, Words
from tests.adapters.database.test_database import NOW, RECORD, contact

TEXTS = [
    pytest.param(column, id=f"{table.name}.{column.name}")
    for table in t.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, Words)
]
HOSTILE = ("7" * 600, "林" * 600, "🕰" * 600, "a\0b" * 300, "\ud800" * 600, "\n" * 600)


def test_no_column_has_a_length_of_its_own() -> None:
    bare = [str(c) for table in t.metadata.sorted_tables for c in table.columns if type(c.type) is String]
    assert bare == [], "only Words and Key keep their lengths in every database"


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["SQLite", "PostgreSQL"])
def test_text_fits_its_column(column: Column[str], dialect: Any) -> None:
    assert isinstance(column.type, Words)
    for text in (*HOSTILE, "short"):
        kept = column.type.process_bind_param(text, dialect)
        assert kept is not None and len(kept) <= column.type.length and "\0" not in kept and kept.encode()
    assert column.type.process_bind_param("short", dialect) == "short"


def test_two_keys_stay_two_and_one_stays_one() -> None:
    kept = [Key(64).short("k" * 100 + end) for end in ("a", "b", "a")]
    assert kept[0] == kept[2] != kept[1] and kept[0].startswith("k" * 40)


def value_of(column: Column[Any], text: str) -> Any:
    match column.type:
        case Words() | LongWords() | Body():
            return text
        case UtcDateTime():
            return datetime(2026, 11, 20, tzinfo=UTC)
        case Boolean():
            return True
        case Integer():
            return 1
        case Float():
            return 0.5
        case Facts():
            return []
    raise AssertionError(column)


def row_of(table: Table, text: str) -> dict[str, Any]:
    return {column.name: value_of(column, text) for column in table.columns}


@pytest.mark.parametrize("text", HOSTILE[:4], ids=["figures", "Chinese", "emoji", "NUL"])
async def test_every_table_takes_a_row_of_texts_that_are_too_long(text: str, store: Store) -> None:
    async with store.begin() as connection:
        for table in t.metadata.sorted_tables:
            await connection.execute(insert(table).values(**row_of(table, text)))
        for table in t.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Key):
                    query = select(table).where(column == text)
                    assert (await connection.execute(query)).first(), f"{column} is found by what it was given"


async def test_contact_of_a_caller_with_seventy_signs_is_kept(store: Store) -> None:
    long = {
        "ani": "7" * 70,
        "dnis": "8" * 70,
        "shown_name": "n" * 300,
        "line": "PJSIP/" + "l" * 300,
        "intent": "i" * 90,
    }
    await DatabaseRecords(store).write(contact({**RECORD, "customer_id": None, **long}, (NOW, "rang", {})))
    found = await DatabaseRecords(store).read(RECORD["id"])
    assert found and found[0]["ani"] == "7" * 64 and len(found[0]["shown_name"]) == 200
