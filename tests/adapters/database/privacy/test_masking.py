"""What was stored before the columns masked it: every column of words, on both databases, once, and with nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from ivr.adapters.database import DatabaseAudit, Store
from ivr.adapters.database.privacy.masking import AT_ONCE, DatabaseMasking, words_of
from ivr.adapters.database.schema import tables as t
from ivr.adapters.database.schema.columns import Facts
from ivr.calls.people.audit import Actor, AuditFilter
from ivr.config.load import load
from ivr.core.masking import MASK
from ivr.server.data.retention import night, tidy
from tests.adapters.database.privacy.test_retention import NOW, contact
from tests.adapters.database.schema.test_columns import row_of

CARD = "4111 1111 1111 1111"
BY = Actor("console:test")


async def from_before(store: Store, table: Any, *rows: dict[str, Any]) -> None:
    """Rows as they were written when no column masked anything."""
    before = Store(store.engine.url.render_as_string(hide_password=False), card_safe=False)
    async with before.begin() as connection:
        await connection.execute(insert(table), list(rows))
    await before.close()


async def everything(store: Store) -> str:
    async with store.begin() as connection:
        found = [
            (await connection.execute(select(*(c for c in table.columns if c.name in words_of(table))))).all()
            for table in t.metadata.sorted_tables
            if words_of(table)
        ]
    return str(found)


async def trail(store: Store) -> list[tuple[str, Any]]:
    return [(one.what, dict(one.detail)) for one in await DatabaseAudit(store).page(AuditFilter(), 10)]


async def test_every_column_of_words_in_every_table_is_masked(store: Store) -> None:
    roomy = {
        table.name: [name for name in words_of(table) if _has_room(table, name)] for table in t.metadata.sorted_tables
    }
    roomy = {name: columns for name, columns in roomy.items() if columns}
    assert {"contacts", "contact_events", "customers", "call_backs", "signals", "agent_openings"} <= set(roomy)
    for table in t.metadata.sorted_tables:
        if table not in (t.house, t.audit):
            await from_before(
                store, table, row_of(table, "x") | {name: _in(table, name) for name in roomy.get(table.name, ())}
            )
    assert (await everything(store)).count(CARD) == sum(map(len, roomy.values())), "the test looks in the right places"
    assert await DatabaseMasking(store).mask(BY) == len(roomy)
    left = await everything(store)
    assert CARD not in left and left.count(MASK) == sum(map(len, roomy.values()))
    assert (await trail(store))[0] == ("texts.masked", {"rows": dict.fromkeys(roomy, 1)})


def _has_room(table: Any, name: str) -> bool:
    return (getattr(table.c[name].type, "length", None) or len(CARD)) >= len(CARD)


def _in(table: Any, name: str) -> Any:
    return {"text": CARD} if isinstance(table.c[name].type, Facts) else CARD


async def test_more_rows_than_one_transaction_takes_and_nothing_else_is_changed(store: Store) -> None:
    rows = [contact(f"{n:04}", 1, note=CARD if n % 3 == 0 else "called") for n in range(2 * AT_ONCE + 5)]
    async with store.begin() as connection:
        await connection.execute(insert(t.customers).values(id="C1", name="Lin"))
    await from_before(store, t.contacts, *rows)

    async def kept() -> dict[str, dict[str, Any]]:
        async with store.begin() as connection:
            return {row["id"]: dict(row) for row in (await connection.execute(select(t.contacts))).mappings()}

    before = await kept()
    assert await DatabaseMasking(store).mask(BY) == len([row for row in rows if row["note"] == CARD])
    expected = {id: row | ({"note": MASK} if row["note"] == CARD else {}) for id, row in before.items()}
    assert await kept() == expected
    assert await DatabaseMasking(store).mask(BY) == 0, "asked for again, it looks again"


@pytest.mark.parametrize("card_safe", [True, False])
async def test_night_does_it_once_where_cards_are_masked_at_all(store: Store, tmp_path: Path, card_safe: bool) -> None:
    (tmp_path / "config.toml").write_text(f"[privacy]\ncard_safe = {str(card_safe).lower()}\n")
    config = load(tmp_path / "config.toml")
    async with store.begin() as connection:
        await connection.execute(insert(t.customers).values(id="C1", name="Lin"))
    await from_before(store, t.contacts, contact("a", 1, note=CARD))
    said = await tidy(config, store, BY, NOW)
    assert ("1 rows from before were masked" in said) is card_safe
    assert (CARD in await everything(store)) is not card_safe
    assert "masked" not in await tidy(config, store, BY, NOW)
    assert len([what for what, _ in await trail(store) if what == "texts.masked"]) == card_safe


async def test_night_empties_the_write_ahead_log_of_what_was_written_over(store: Store, tmp_path: Path) -> None:
    if store.engine.dialect.name != "sqlite":
        return  # PostgreSQL's is its own
    file = Path(store.engine.url.database or "")
    log = file.with_name(f"{file.name}-wal")
    config = tmp_path / "config.toml"
    config.write_text("")
    await everything(store)  # its connection stays open, as a server's does, and with it the log
    await from_before(store, t.contacts, contact("old", 1, customer_id=None) | {"words": "first half 4111 1111"})
    async with store.begin() as connection:
        await connection.execute(update(t.contacts).values(words=MASK))
    assert b"4111 1111" in log.read_bytes()
    assert "not rinsed" not in await night(load(config), store)
    left = [one.read_bytes() for one in (file, log)]
    assert left[1] == b"" and b"4111 1111" not in left[0]
