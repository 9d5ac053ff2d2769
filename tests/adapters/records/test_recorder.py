"""The recorder with its journal: killed, behind, taken over, refused; nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.adapters.records import AsideFiles, Journal
from ivr.calls import recorder as module
from ivr.calls.recorder import Backlog, Recorder
from ivr.calls.records import Contact
from tests.calls.fakes import Records
from tests.calls.test_recorder import AT, call, ids, put
from tests.waiting import until


@asynccontextmanager
async def kept(records: Records, folder: Path, **more: Any) -> AsyncIterator[tuple[Recorder, Journal]]:
    journal = Journal(folder / "journal", 4 << 20)
    made = Recorder(records, journal=journal, **more)
    await made.begin()
    task = asyncio.ensure_future(made.run())
    try:
        yield made, journal
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        journal.close()


def told(records: Records) -> dict[str, set[str]]:
    """By call: the entries that the database was given."""
    found: dict[str, set[str]] = {}
    for one in records.written:
        found.setdefault(one.record["id"], set()).update(entry.id for entry in one.entries)
    return found


async def test_what_a_killed_server_has_in_its_journal_is_written_by_the_next(tmp_path: Path) -> None:
    away = Records(away_for=10_000)
    async with kept(away, tmp_path) as (recorder, journal):
        live = call("a")
        recorder.put(live)
        await until(lambda: journal.behind and not live.ledger.unwritten)
        await until(lambda: recorder.problem())
        assert str(recorder.problem()).startswith("writing is behind: 1 contacts wait")
        assert recorder.backlog().journal_used > 0
    records = Records()
    async with kept(records, tmp_path) as (recorder, journal):
        assert set(told(records)) == ids("a"), "before anything else happens"
        assert not journal.behind and recorder.problem() is None and recorder.backlog() == Backlog()


async def test_database_that_took_over_is_told_the_last_minutes_again(tmp_path: Path) -> None:
    records = Records()
    async with kept(records, tmp_path) as (recorder, journal):
        put(recorder, "a", "b")
        await recorder.drain(5)
        lost, records.written, records.server = told(records), [], "standby"
        with capture_logs() as logs:
            put(recorder, "c")
            await recorder.drain(5)
        assert set(told(records)) == {*lost, *ids("c")}
        assert "another database has taken over, and is told the last minutes again" in [one["event"] for one in logs]
        assert journal.server == "standby"
        records.written = []
        put(recorder, "d")
        await recorder.drain(5)
        assert set(told(records)) == ids("d"), "once"


async def test_takeover_while_the_server_was_away_is_noticed_too(tmp_path: Path) -> None:
    records = Records()
    async with kept(records, tmp_path) as (recorder, _):
        put(recorder, "a")
        await recorder.drain(5)
    standby = Records()
    standby.server = "standby"
    async with kept(standby, tmp_path) as (recorder, _):
        put(recorder, "b")
        await recorder.drain(5)
    assert set(told(standby)) == ids("a", "b")


async def test_refused_contact_is_put_aside_whole_and_the_others_are_written(tmp_path: Path) -> None:
    records, aside = Records(refuses=ids("bad")), AsideFiles(tmp_path / "aside")
    async with kept(records, tmp_path, aside=aside) as (recorder, journal):
        bad = call("bad")
        recorder.put(bad)
        put(recorder, "good")
        await recorder.drain(5)
        bad.ledger.add(AT, "hung_up")
        recorder.put(bad)
        await recorder.drain(5)
        assert not journal.behind and recorder.backlog().aside == 1
    (one,) = aside
    assert [entry.kind for entry in one.contact.entries] == ["rang", "hung_up"] and one.why == "this one never"
    assert set(told(records)) == ids("good")


async def test_full_journal_costs_nothing_while_memory_lasts(tmp_path: Path) -> None:
    records = Records(away_for=1)

    class Full(Journal):
        def append(self, contacts: Sequence[Contact]) -> int:
            raise OSError("No space left on device")

    journal = Full(tmp_path / "journal", 4 << 20)
    recorder = Recorder(records, journal=journal)
    task = asyncio.ensure_future(recorder.run())
    with capture_logs() as logs:
        put(recorder, "a", "b")
        await until(lambda: records.attempts)
        assert "in memory only: No space left on device" in str(recorder.problem())
        await recorder.drain(5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert set(told(records)) == ids("a", "b")
    assert [one["event"] for one in logs].count("contacts are not in the journal, and wait in memory") == 1


class Silent(Records):
    """Takes a transaction and never answers, until it may."""

    silent = True

    async def write(self, contacts: Sequence[Contact]) -> str:
        if self.silent:
            await asyncio.Event().wait()
        return await super().write(contacts)


async def test_database_that_takes_a_transaction_and_never_answers_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Silent()
    monkeypatch.setattr(module, "_WRITE_S", 0.2)
    async with kept(records, tmp_path) as (recorder, _):
        put(recorder, "a")
        await until(lambda: recorder.problem())
        records.silent = False
        await recorder.drain(5)
    assert set(told(records)) == ids("a")


async def test_while_a_database_takes_its_time_what_comes_is_in_the_journal(tmp_path: Path) -> None:
    async with kept(Silent(), tmp_path) as (recorder, journal):
        put(recorder, "a")
        await until(lambda: journal.waiting() == ids("a"))
        put(recorder, "b", "c")
        await until(lambda: journal.waiting() == ids("a", "b", "c"))
        with capture_logs() as logs:
            await recorder.drain(0.3)
        assert [(one["event"], one["log_level"]) for one in logs] == [
            ("contacts wait in the journal for the next start", "warning")
        ], "asked to end just then, nothing is lost"
    records = Records()
    async with kept(records, tmp_path):
        assert set(told(records)) == ids("a", "b", "c")


async def test_while_a_database_takes_its_time_and_the_journal_is_full_nothing_is_lost(tmp_path: Path) -> None:
    class Full(Journal):
        def append(self, contacts: Sequence[Contact]) -> int:
            raise OSError("No space left on device")

    records = Silent()
    recorder = Recorder(records, journal=Full(tmp_path / "journal", 4 << 20))
    task = asyncio.ensure_future(recorder.run())
    live = call("a")
    recorder.put(live)
    await until(lambda: not live.ledger.unwritten)
    live.ledger.add(AT, "joined")
    recorder.put(live)
    put(recorder, "b")
    await asyncio.sleep(module.EVERY_S * 3)
    records.silent = False
    await recorder.drain(60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (a,), (b,) = ids("a"), ids("b")
    assert {one: len(entries) for one, entries in told(records).items()} == {a: 2, b: 1}
