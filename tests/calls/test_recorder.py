"""The recorder: nothing lost, nothing out of order, whatever the database does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from ivr.calls import recorder as module
from ivr.calls.recorder import Recorder
from tests.calls.fakes import Records

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


def put(recorder: Recorder, *names: str) -> list[bool]:
    return [recorder.put({"id": name}, [(AT, "rang", {"of": name})]) for name in names]


async def test_first_come_first_written_with_its_events() -> None:
    records = Records()
    async with running(records) as recorder:
        assert put(recorder, "a", "b", "a", "c") == [True] * 4
        await recorder.drain(1)
    assert [record["id"] for record, _ in records.written] == ["a", "b", "a", "c"]
    assert records.written[1] == ({"id": "b"}, [(AT, "rang", {"of": "b"})])


async def test_database_that_was_away_loses_nothing() -> None:
    records = Records(away_for=6)
    async with running(records) as recorder:
        put(recorder, "a", "b")
        began = asyncio.get_running_loop().time()
        await recorder.drain(100)
        took_s = asyncio.get_running_loop().time() - began
    assert [record["id"] for record, _ in records.written] == ["a", "b"]
    assert took_s == pytest.approx(0.5 + 1 + 2 + 4 + 8 + 16, abs=0.5), "each wait is twice the one before"
    assert records.attempts == 8


async def test_waits_do_not_grow_for_ever() -> None:
    records = Records(away_for=20)
    async with running(records) as recorder:
        put(recorder, "a")
        began = asyncio.get_running_loop().time()
        await recorder.drain(3600)
        took_s = asyncio.get_running_loop().time() - began
    assert took_s == pytest.approx(31.5 + 14 * 30, abs=2)


async def test_one_contact_that_is_refused_does_not_keep_the_others_out() -> None:
    records = Records(refuses=frozenset({"bad"}))
    async with running(records) as recorder:
        with capture_logs() as logs:
            put(recorder, "a", "bad", "b")
            await recorder.drain(1)
    assert [record["id"] for record, _ in records.written] == ["a", "b"]
    assert [(entry["event"], entry["contact"]) for entry in logs] == [("contact refused by the database", "bad")]


async def test_too_much_is_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 2)
    recorder = Recorder(Records())
    with capture_logs() as logs:
        assert put(recorder, "a", "b", "c", "d") == [True, True, False, False]
    assert recorder.dropped == 2
    assert [(entry["contact"], entry["dropped"]) for entry in logs] == [("c", 1), ("d", 2)]


async def test_end_does_not_wait_for_ever() -> None:
    async with running(Records(away_for=10_000)) as recorder:
        put(recorder, "a", "b", "c")
        began = asyncio.get_running_loop().time()
        with capture_logs() as logs:
            await recorder.drain(5)
        assert asyncio.get_running_loop().time() - began == pytest.approx(5, abs=0.1)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["contacts left unwritten at the end"]
