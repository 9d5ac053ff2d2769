"""Customers to be called, and their consent, on SQLite and on a real PostgreSQL alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from ivr.adapters.database import DatabaseAudit, DatabaseCallBacks, Store
from ivr.adapters.database.schema import tables as t
from ivr.calls.call_backs.ports import Consent
from ivr.calls.integrations.inbound import CustomerRef, UnknownCustomer
from ivr.calls.people.audit import Actor, AuditFilter
from ivr.core.call_back import CallBack
from ivr.core.caller import AgentId

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
BY = Actor("sue", "supervisor")
ONE = CallBack(
    "1", "+4930901820", "promised", NOW, NOW, "ana", "promised:x", "C1", "x", "late", "orders", AgentId("ana"), "zh",
    "我的手表呢", NOW - timedelta(hours=1), "答应今天回电",
)  # fmt: skip


async def fill(store: Store) -> DatabaseCallBacks:
    async with store.begin() as connection:
        await connection.execute(insert(t.customers), [{"id": "C1", "name": "Lin Mei"}, {"id": "C2", "name": "Tom"}])
        await connection.execute(insert(t.numbers).values(number="+4930901820", customer_id="C1"))
    return DatabaseCallBacks(store, "DE")


async def test_kept_once_however_often_and_read_back_as_it_was(store: Store) -> None:
    book = await fill(store)
    assert await book.add(ONE, BY) == (ONE, True)
    assert await book.add(replace(ONE, id="2", text="other"), BY) == (ONE, False)
    assert await book.one("1") == ONE and await book.one("2") is None
    both = await asyncio.gather(*(book.add(replace(ONE, id=n, source="twice")) for n in ("3", "4")))
    assert sorted(new for _, new in both) == [False, True]
    [entry] = await DatabaseAudit(store).page(AuditFilter(what="call_back"), 9)
    assert (entry.what, entry.target, entry.by.who) == ("call_back.added", "1", "sue")


async def test_due_are_the_oldest_first_and_each_is_taken_once(store: Store) -> None:
    book = await fill(store)
    for number, minutes in (("1", 0), ("2", -10), ("3", 10)):
        await book.add(replace(ONE, id=number, source=number, due_at=NOW + timedelta(minutes=minutes)))
    assert [one.id for one in await book.due(NOW, 9)] == ["2", "1"]
    assert await book.change("2", ("waiting",), state="calling", attempts=1, call="c")
    assert not await book.change("2", ("waiting",), state="calling"), "somebody else was faster"
    assert [one.id for one in await book.due(NOW, 9)] == ["1"]
    assert [(one.id, one.attempts, one.call) for one in await book.calling()] == [("2", 1, "c")]


async def test_only_what_waits_can_be_cancelled(store: Store) -> None:
    book = await fill(store)
    await book.add(ONE)
    assert await book.cancel("1", BY) and not await book.cancel("1", BY)
    found = await book.one("1")
    assert found and (found.state, found.last) == ("cancelled", "cancelled")
    assert await book.open_of("C1") == []
    assert len(await DatabaseAudit(store).page(AuditFilter(what="call_back.cancelled"), 9)) == 1


async def test_calls_on_our_own_initiative_are_counted(store: Store) -> None:
    book = await fill(store)
    await book.add(replace(ONE, why="signal"))
    assert await book.called_since("C1", ("signal",), NOW - timedelta(days=1)) == 0
    await book.change("1", ("waiting",), state="done", attempts=1, ended_at=NOW)
    assert await book.called_since("C1", ("signal", "system"), NOW - timedelta(days=1)) == 1
    assert await book.called_since("C1", ("signal",), NOW + timedelta(seconds=1)) == 0
    assert await book.called_since("C1", ("asked",), NOW - timedelta(days=1)) == 0
    assert await book.called_since("C1", ("signal",), NOW - timedelta(days=1), but="1") == 0
    await book.add(replace(ONE, id="2", source="2", why="signal"))
    await book.change("2", ("waiting",), state="calling", attempts=1)
    assert await book.called_since("C1", ("signal",), NOW - timedelta(days=1)) == 2, "one that is under way counts"
    assert [one.id for one in await book.open_at("+4930901820")] == ["2"]


async def test_consent_is_kept_changed_and_written_down(store: Store) -> None:
    book = await fill(store)
    assert await book.consent("C1") is None
    for calls in (True, False):
        given = Consent(calls, NOW, "web form")
        assert await book.set_consent("C1", given, BY)
        assert await book.consent("C1") == given
    assert await book.set_consent("C1", None, BY) and await book.consent("C1") is None
    assert not await book.set_consent("nobody", Consent(True, NOW, "x"), BY)
    trail = await DatabaseAudit(store).page(AuditFilter(what="consent"), 9)
    assert [entry.detail["calls"] for entry in trail] == [None, False, True]


async def test_customer_and_where_they_are_reached(store: Store) -> None:
    book = await fill(store)
    assert await book.customer(CustomerRef(number="030 901820")) == ("C1", "+4930901820")
    assert await book.customer(CustomerRef("C2")) == ("C2", None)
    with pytest.raises(UnknownCustomer):
        await book.customer(CustomerRef("C9"))


async def test_page_is_the_newest_first(store: Store) -> None:
    book = await fill(store)
    for number in range(4):
        await book.add(replace(ONE, id=str(number), source=str(number), created_at=NOW + timedelta(minutes=number)))
    await book.change("3", ("waiting",), state="done")
    assert [one.id for one in await book.page(None, 2)] == ["3", "2"]
    assert [one.id for one in await book.page("waiting", 9)] == ["2", "1", "0"]
