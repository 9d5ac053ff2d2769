"""The table of what databases do, each under calls: nothing is lost, whatever it is called, and also if we are killed in it.

A thousand calls each (a hundred in the short run). Each call has entries before, during and after the fault; in the end the
database has every contact with every entry of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import event, text

from ivr.adapters.database import DatabaseRecords, Store
from ivr.adapters.records import AsideFiles, Journal
from ivr.calls import recorder as module
from ivr.calls.live import LiveCall
from ivr.calls.recorder import Recorder
from ivr.calls.records import Contact
from ivr.core.caller import CallId
from ivr.core.contact.ledger import Ledger
from tests.adapters.conftest import Postgres
from tests.calls.fakes import edition
from tests.conftest import ALL, PATIENCE_S
from tests.core.little_house import FLOW, STRANGER
from tests.waiting import until

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
CALLS = 1000 if ALL else 100


class Noting(Journal):
    """A journal of which one can ask what it has."""

    def __init__(self, file: Path, noted: set[tuple[str, str]]) -> None:
        super().__init__(file, 64 << 20)
        self._noted = noted

    def append(self, contacts: Sequence[Contact]) -> int:
        number = super().append(contacts)
        self._noted |= {(one.record["id"], entry.id) for one in contacts for entry in one.entries}
        return number


@dataclass
class House:
    """Calls that are recorded, by a server that can be killed."""

    url: str
    folder: Path
    lives: list[LiveCall] = field(default_factory=list)
    wanted: dict[str, set[str]] = field(default_factory=dict)
    noted: set[tuple[str, str]] = field(default_factory=set)
    moment: datetime = AT
    store: Store | None = None
    journal: Journal | None = None
    recorder: Recorder | None = None
    task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the server's part of it."""
        self.store = Store(self.url)
        self.journal = await asyncio.to_thread(Noting, self.folder / "journal", self.noted)
        self.recorder = Recorder(
            DatabaseRecords(self.store), journal=self.journal, aside=AsideFiles(self.folder / "aside")
        )
        await self.recorder.begin()
        self.task = asyncio.create_task(self.recorder.run())

    async def kill(self) -> None:
        """Nothing more is written, and what was in memory is gone."""
        assert self.task and self.journal and self.store
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self.journal.close()
        with contextlib.suppress(OSError, TimeoutError):  # a database that stands still takes no goodbye
            async with asyncio.timeout(2):
                await self.store.close()

    def calls(self, count: int) -> None:
        """So many more callers ring in."""
        for _ in range(count):
            name = CallId(uuid4())
            live = LiveCall(name, "", Ledger(name, STRANGER, self.moment, "en"), edition(FLOW))
            self.lives.append(live)
            self.happens(live, "rang")

    def happens(self, live: LiveCall, kind: Any) -> None:
        """Something happens in a call."""
        assert self.recorder
        self.moment += timedelta(milliseconds=1)
        entry = live.ledger.add(self.moment, kind)
        self.wanted.setdefault(str(live.id), set()).add(entry.id)
        self.recorder.put(live)

    async def kept(self) -> None:
        """Everything until now is in the journal."""
        wanted = {(name, entry) for name, entries in self.wanted.items() for entry in entries}
        await until(lambda: wanted <= self.noted)

    async def written(self) -> None:
        """Everything until now is in the database."""
        assert self.recorder
        await self.recorder.drain(PATIENCE_S * 2)

    async def lost(self) -> dict[str, set[str]]:
        """By contact: the entries that the database does not have."""
        assert self.store
        query = text("SELECT c.id, e.entry FROM contacts c JOIN contact_events e ON e.contact_id = c.id")
        async with self.store.begin() as connection:
            rows = (await connection.execute(query)).all()
        there: dict[str, set[str]] = {}
        for contact, entry in rows:
            there.setdefault(contact, set()).add(entry)
        return {name: missing for name, entries in self.wanted.items() if (missing := entries - there.get(name, set()))}


Fault = Callable[[House, Any], Any]


async def under(house: House, fault: Fault, server: Any, killed: bool) -> list[str | None]:
    """A third of the calls before it, a third in it, a third after it; what the recorder said while it lasted."""
    said: list[str | None] = []
    await house.open()
    house.calls(CALLS // 3)
    await house.written()
    async with fault(house, server) as noticed:
        house.calls(CALLS // 3)
        for live in house.lives:
            house.happens(live, "joined")
        if noticed:
            await until(lambda: house.recorder.problem())  # type: ignore[union-attr]
        await house.kept()
        said.append(house.recorder.problem())  # type: ignore[union-attr]
        if killed:
            await house.kill()
            await house.open()
            for live in house.lives:
                house.happens(live, "hung_up")
            await house.kept()
    house.calls(CALLS - len(house.lives))
    for live in house.lives:
        house.happens(live, "closed")
    await house.written()
    return said


# -- what PostgreSQL does


def database_of(house: House) -> str:
    return house.url.rpartition("/")[2]


async def sql(server: Postgres, statement: str, database: str = "postgres") -> None:
    connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="ivr", database=database)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def away(house: House, server: Postgres) -> AsyncIterator[bool]:
    await asyncio.to_thread(server.stop)
    try:
        yield True
    finally:
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def restarting(house: House, server: Postgres) -> AsyncIterator[bool]:
    house.calls(10)
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    yield False


@asynccontextmanager
async def read_only(house: House, server: Postgres) -> AsyncIterator[bool]:
    name = database_of(house)
    await sql(server, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    await sql(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield True
    finally:
        await sql(server, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await sql(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@asynccontextmanager
async def locked(house: House, server: Postgres) -> AsyncIterator[bool]:
    other = await asyncpg.connect(host="127.0.0.1", port=server.port, user="ivr", database=database_of(house))
    await other.execute("BEGIN; LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
    try:
        yield True
    finally:
        await other.execute("ROLLBACK")
        await other.close()


@asynccontextmanager
async def no_connections(house: House, server: Postgres) -> AsyncIterator[bool]:
    async with AsyncExitStack() as taken:
        await sql(server, f"ALTER DATABASE {database_of(house)} CONNECTION LIMIT 0")
        await sql(server, "DO $$ BEGIN CREATE ROLE someone LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        await sql(
            server,
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO someone; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO someone",
            database_of(house),
        )
        house.url = house.url.replace("//ivr@", "//someone@")
        await house.kill()
        await house.open()
        taken.push_async_callback(sql, server, f"ALTER DATABASE {database_of(house)} CONNECTION LIMIT -1")
        yield True


@asynccontextmanager
async def stands_still(house: House, server: Postgres) -> AsyncIterator[bool]:
    processes = await asyncio.to_thread(server.processes)
    for one in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGSTOP)
    try:
        yield True
    finally:
        for one in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


@asynccontextmanager
async def killed_in_transactions(house: House, server: Postgres) -> AsyncIterator[bool]:
    async def again_and_again() -> None:
        name = database_of(house)
        while True:
            await sql(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            await asyncio.sleep(0.03)

    killer = asyncio.create_task(again_and_again())
    try:
        yield False
    finally:
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)


@asynccontextmanager
async def crash(house: House, server: Postgres) -> AsyncIterator[bool]:
    """A killed backend makes PostgreSQL throw out everybody and recover."""
    connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="ivr", database=database_of(house))
    os.kill(connection.get_server_pid(), signal.SIGKILL)
    connection.terminate()
    yield False
    await asyncio.to_thread(server.answers)


@asynccontextmanager
async def corrupted_page(house: House, server: Postgres) -> AsyncIterator[bool]:
    """The last page of the contacts is garbage, until somebody has put it back."""
    connection = await asyncpg.connect(host="127.0.0.1", port=server.port, user="ivr", database=database_of(house))
    await connection.execute("CHECKPOINT")
    path = server.folder / "data" / await connection.fetchval("SELECT pg_relation_filepath('contacts')")
    await connection.close()
    await asyncio.to_thread(server.stop)
    whole = path.read_bytes()
    path.write_bytes(os.urandom(len(whole)))
    await asyncio.to_thread(server.start)
    try:
        yield True
    finally:
        await asyncio.to_thread(server.stop)
        path.write_bytes(whole)
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def failover(house: House, server: Postgres) -> AsyncIterator[bool]:
    """A standby takes over that has not heard of the last transactions: a copy of some moments ago, at the same address."""
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.copy_data, "standby")
    await asyncio.to_thread(server.start)
    house.calls(20)
    await house.written()
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.take_data, "standby")
    await asyncio.to_thread(server.start)
    yield False


def refusing(state: str) -> Fault:
    """PostgreSQL itself raises it, from a trigger: the driver and we see what they would see of the real cause."""

    @asynccontextmanager
    async def fault(house: House, server: Postgres) -> AsyncIterator[bool]:
        raising = f"BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END"
        await sql(
            server, f"CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ {raising} $$", database_of(house)
        )
        trigger = "CREATE TRIGGER no BEFORE INSERT ON contact_events FOR EACH STATEMENT EXECUTE FUNCTION no()"
        await sql(server, trigger, database_of(house))
        try:
            yield True
        finally:
            await sql(server, "DROP FUNCTION no CASCADE", database_of(house))

    return fault


STATES = {
    "disk full": "53100", "out of memory": "53200", "too many connections": "53300", "lock not available": "55P03",
    "cannot connect now": "57P03", "query cancelled": "57014", "deadlock": "40P01", "serialization": "40001",
    "data corrupted": "XX001", "index corrupted": "XX002", "internal error": "XX000", "io error": "58030",
    "read-only": "25006", "no such column": "42703", "not allowed": "42501", "idle in transaction": "25P03",
    "of a later version": "ZZ999",
}  # fmt: skip
POSTGRESQL: dict[str, Fault] = {
    "away": away, "restarting": restarting, "read-only": read_only, "locked": locked, "no connections": no_connections,
    "stands still": stands_still, "killed in transactions": killed_in_transactions, "crash": crash,
    "corrupted page": corrupted_page, "failover": failover, **{name: refusing(state) for name, state in STATES.items()},
}  # fmt: skip


def rows(faults: dict[str, Fault], short: tuple[str, ...]) -> list[Any]:
    """Every fault with the server alive and killed; what is not in ``short`` only in the long run."""
    return [
        pytest.param(name, killed, id=f"{name}-server {'killed' if killed else 'lives'}",
                     marks=() if name in short and killed else pytest.mark.long)
        for name in faults for killed in (False, True)
    ]  # fmt: skip


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that are long for people are short here."""
    monkeypatch.setattr(module, "_WRITE_S", 1.0)
    monkeypatch.setattr(module, "_LONGEST_DELAY_S", 0.5)


@pytest.mark.parametrize(("name", "killed"), rows(POSTGRESQL, ("away", "read-only", "failover", "disk full")))
async def test_postgresql(name: str, killed: bool, postgres: Postgres, tmp_path: Path, impatient: None) -> None:
    house = House(postgres.migrated_database(), tmp_path)
    try:
        await under(house, POSTGRESQL[name], postgres, killed)
        assert not await house.lost()
        assert len(house.wanted) >= CALLS and house.recorder and house.recorder.problem() is None
        assert not house.recorder.backlog().aside and not house.recorder.backlog().dropped
    finally:
        await house.kill()


# -- what SQLite does


@asynccontextmanager
async def held(house: House, file: Path) -> AsyncIterator[bool]:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield True
    finally:
        other.execute("ROLLBACK")
        other.close()


@asynccontextmanager
async def garbage(house: House, file: Path) -> AsyncIterator[bool]:
    """Pages of the file are garbage, until somebody has put it back."""
    await house.kill()
    whole = await asyncio.to_thread(spoilt, file)
    await house.open()
    try:
        yield True
    finally:
        await house.kill()
        await asyncio.to_thread(put_back, file, whole)
        await house.open()


def spoilt(file: Path) -> bytes:
    """Spoil a database's pages; what it was."""
    sqlite3.connect(file).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + os.urandom(len(whole) - 100))
    return whole


def put_back(file: Path, whole: bytes) -> None:
    """From the backup."""
    for one in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-shm")):
        one.unlink(missing_ok=True)
    file.write_bytes(whole)


@asynccontextmanager
async def no_room(house: House, file: Path) -> AsyncIterator[bool]:
    assert house.store
    async with house.store.engine.connect() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar()

    def limited(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages if limit else 1 << 30}")

    limit = True
    await house.kill()
    await house.open()
    event.listen(house.store.engine.sync_engine, "connect", limited)
    event.listen(house.store.engine.sync_engine, "checkout", limited)
    try:
        yield False
    finally:
        limit = False


@asynccontextmanager
async def pool_taken(house: House, file: Path) -> AsyncIterator[bool]:
    """Somebody's reports have all connections."""
    assert house.store
    async with AsyncExitStack() as taken:
        for _ in range(15):
            await taken.enter_async_context(house.store.engine.connect())
        yield True


SQLITE: dict[str, Fault] = {"locked": held, "garbage": garbage, "full": no_room, "no connections": pool_taken}


@pytest.mark.parametrize(("name", "killed"), rows(SQLITE, ("locked", "garbage")))
async def test_sqlite(name: str, killed: bool, tmp_path: Path, impatient: None) -> None:
    file = tmp_path / "ivr.db"
    async with Store.opened(f"sqlite:///{file}"):
        pass
    house = House(f"sqlite:///{file}", tmp_path)
    try:
        await under(house, SQLITE[name], file, killed)
        assert not await house.lost()
        assert house.recorder and house.recorder.problem() is None and not house.recorder.backlog().aside
    finally:
        await house.kill()
