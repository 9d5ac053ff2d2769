"""The recorder: nothing lost, nothing out of order, whatever the database does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid4, uuid5

import pytest
from structlog.testing import capture_logs

from ivr.calls import recorder as module
from ivr.calls.live import LiveCall
from ivr.calls.recorder import Recorder
from ivr.calls.records import Contact
from ivr.core.caller import CallId
from ivr.core.contact.ledger import Ledger
from tests.calls.fakes import Records, edition
from tests.core.little_house import FLOW, STRANGER

AT = datetime(2026, 11, 20, tzinfo=UTC)


@asynccontextmanager
async def running(records: Records) -> AsyncIterator[Recorder]:
    made = Recorder(records)
    task = asyncio.ensure_future(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def call(records: str) -> LiveCall:
    """A call with one entry that is not written yet."""
    live = LiveCall(
        CallId(uuid5(NAMESPACE_OID, records)), "", Ledger(CallId(uuid4()), STRANGER, AT, "en"), edition(FLOW)
    )
    live.ledger.add(AT, "rang", of=records)
    return live


def name(contact: Contact) -> str:
    """Which of them it is."""
    return str(contact.entries[0].facts["of"])


def ids(*names: str) -> frozenset[str]:
    return frozenset(str(uuid5(NAMESPACE_OID, one)) for one in names)


def put(recorder: Recorder, *names: str) -> None:
    for one in names:
        recorder.put(call(one))


async def test_what_comes_together_is_written_together_and_once() -> None:
    records = Records()
    async with running(records) as recorder:
        first, second = call("a"), call("b")
        recorder.put(first)
        recorder.put(second)
        first.ledger.add(AT, "joined")
        recorder.put(first)
        await recorder.drain(1)
        assert records.attempts == 1
        first.ledger.add(AT, "hung_up")
        recorder.put(first)
        await recorder.drain(1)
    assert [[e.kind for e in one.entries] for one in records.written] == [["rang", "joined"], ["rang"], ["hung_up"]]
    assert not first.ledger.unwritten


async def test_database_that_was_away_loses_nothing() -> None:
    records = Records(away_for=6)
    async with running(records) as recorder:
        live = call("a")
        recorder.put(live)
        put(recorder, "b")
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(5)
        live.ledger.add(AT, "joined")
        recorder.put(live)
        await recorder.drain(100)
        took_s = asyncio.get_running_loop().time() - began
    assert sorted(name(one) for one in records.written) == ["a", "b"]
    assert {name(one): len(one.entries) for one in records.written} == {"a": 2, "b": 1}
    assert took_s == pytest.approx(0.5 + 1 + 2 + 4 + 8 + 16, abs=2), "each wait is twice the one before"
    assert records.attempts == 7


async def test_waits_do_not_grow_for_ever() -> None:
    records = Records(away_for=20)
    async with running(records) as recorder:
        put(recorder, "a")
        began = asyncio.get_running_loop().time()
        await recorder.drain(3600)
        took_s = asyncio.get_running_loop().time() - began
    assert took_s == pytest.approx(31.5 + 14 * 30, abs=6)


async def test_one_contact_that_is_refused_does_not_keep_the_others_out() -> None:
    records = Records(refuses=ids("bad"))
    async with running(records) as recorder:
        with capture_logs() as logs:
            put(recorder, "a", "bad", "b")
            await recorder.drain(1)
    assert [name(one) for one in records.written] == ["a", "b"]
    assert [(entry["event"], entry["contact"]) for entry in logs] == [
        ("contact put aside: the database refuses it", *ids("bad"))
    ]


async def test_too_much_is_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 2)
    recorder = Recorder(Records())
    with capture_logs() as logs:
        put(recorder, "a", "b", "c", "d")
    assert recorder.backlog().dropped == 2
    assert [(entry["contact"], entry["dropped"]) for entry in logs] == [(*ids("c"), 1), (*ids("d"), 2)]


async def test_end_does_not_wait_for_ever() -> None:
    async with running(Records(away_for=10_000)) as recorder:
        put(recorder, "a", "b", "c")
        began = asyncio.get_running_loop().time()
        with capture_logs() as logs:
            await recorder.drain(5)
        assert asyncio.get_running_loop().time() - began == pytest.approx(5, abs=0.1)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["contacts left unwritten at the end"]
