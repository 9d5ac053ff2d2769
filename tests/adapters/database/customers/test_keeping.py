"""What another system tells of customers, in our own database: merged, never at anybody else's cost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, text

from ivr.adapters.database import DatabaseDirectory, DatabaseMemory, Store, import_file
from ivr.adapters.database.customers.keeping import DatabaseKeeping
from ivr.core.caller import Caller, Case, Customer, Order, Preferences, Record

NUMBER = "+4930901820"
AT = datetime(2026, 11, 19, 10, tzinfo=UTC)
CASE, ORDER = Case("K-1", "Where is it?", "open", AT), Order("4711", "Watch", "late", AT)
LIN = Record("C1", {"name": "Lin Mei 林美", "tier": "gold"}, (ORDER,), (CASE,), True)


async def found(store: Store, number: str = NUMBER) -> Caller:
    caller = await DatabaseDirectory(store, "DE").find(number)
    assert caller
    return caller


async def test_somebody_new_is_known_from_now_on(store: Store) -> None:
    await DatabaseKeeping(store).keep(NUMBER, LIN)
    caller = await found(store)
    assert caller.customer == Customer("C1", "Lin Mei 林美", tier="gold")
    assert (caller.orders, caller.cases) == ((ORDER,), (CASE,))


async def test_what_we_know_ourselves_stays(store: Store) -> None:
    customers = "id,name,numbers,note,region\nC1,Old Name,+4930901820,evenings,Berlin\n"
    await import_file(store, "customers", "c.csv", customers, "DE")
    await DatabaseMemory(store).remember("C1", Preferences(slow=True))
    await DatabaseKeeping(store).keep("+4930901821", LIN)
    caller = await found(store)
    assert caller.customer == Customer("C1", "Lin Mei 林美", tier="gold", region="Berlin", note="evenings")
    assert caller.preferences.slow
    assert (await found(store, "+4930901821")).customer == caller.customer, "both numbers are theirs"


async def test_the_same_again_writes_nothing(store: Store) -> None:
    keeping = DatabaseKeeping(store)
    await keeping.keep(NUMBER, LIN)
    said: list[str] = []
    event.listen(
        store.engine.sync_engine, "before_cursor_execute", lambda c, cu, statement, *rest: said.append(statement)
    )
    await keeping.keep(NUMBER, LIN)
    assert said and all(statement.startswith("SELECT") for statement in said)


async def test_cases_that_are_not_told_any_more_are_over_and_orders_stay(store: Store) -> None:
    keeping = DatabaseKeeping(store)
    await keeping.keep(NUMBER, LIN)
    other = replace(CASE, id="K-2")
    await keeping.keep(NUMBER, replace(LIN, orders=(), cases=(other,)))
    caller = await found(store)
    assert {case.id: case.status for case in caller.cases} == {"K-1": "closed", "K-2": "open"}
    assert caller.orders == (ORDER,)
    await keeping.keep(NUMBER, replace(LIN, cases=(), all_cases=False))
    assert [case.id for case in (await found(store)).open_cases] == ["K-2"], "nothing was told"


async def test_number_moves_and_nobody_s_rows_become_somebody_else_s(store: Store) -> None:
    keeping = DatabaseKeeping(store)
    await keeping.keep(NUMBER, LIN)
    stolen = (replace(CASE, subject="mine now"),)
    await keeping.keep(NUMBER, Record("C2", {"name": "Tom"}, (replace(ORDER, product="mine now"),), stolen, True))
    tom = await found(store)
    assert tom.customer and (tom.customer.id, tom.cases, tom.orders) == ("C2", (), ())
    await keeping.keep(NUMBER, LIN)
    lin = await found(store)
    assert (lin.cases, lin.orders) == ((CASE,), (ORDER,))


async def test_many_at_once_are_all_kept(store: Store) -> None:
    keeping = DatabaseKeeping(store)
    numbers = [f"+493090182{n}" for n in range(6)]
    await asyncio.gather(*(keeping.keep(number, LIN) for number in numbers))
    assert {(await found(store, number)).customer for number in numbers} == {
        Customer("C1", "Lin Mei 林美", tier="gold")
    }


async def test_nothing_is_kept_by_halves(store: Store) -> None:
    async with store.begin() as connection:
        await connection.execute(text("ALTER TABLE orders RENAME TO elsewhere"))
    with pytest.raises(Exception, match="orders"):
        await DatabaseKeeping(store).keep(NUMBER, LIN)
    assert await DatabaseDirectory(store, "DE").find(NUMBER) is None
