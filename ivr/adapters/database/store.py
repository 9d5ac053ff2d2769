"""The connection to the database, and its migrations."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
AT_ONCE = 200
"""Rows at a time: more would hold the loop up, and SQLite takes some 32,000 values in one statement."""


class StoreUnusable(Exception):
    """The database cannot be used as it is configured; the message says why, without the password."""


class Store:
    """One database, SQLite ("sqlite:///var/ivr.db") or PostgreSQL ("postgresql://user@host/name")."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = _engine(url)
        self.shown = self.engine.url.render_as_string(hide_password=True)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction; an unreachable database is a ConnectionError, whatever the driver calls it."""
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            raise ConnectionError(f"{self.shown}: {error.orig}") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise ConnectionError(f"{self.shown}: {error.orig}") from error
            raise

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[Store]:
        """A database with the newest schema, for as long as the block runs; raises StoreUnusable."""
        store = cls(url)
        try:
            await store.migrate()
            yield store
        finally:
            await store.close()

    async def migrate(self) -> None:
        """Bring the schema to the newest version; raises StoreUnusable when the database cannot be reached."""
        try:
            async with self.engine.connect() as connection:
                await connection.run_sync(_upgrade)
        except (OSError, OperationalError, InterfaceError) as error:
            raise StoreUnusable(f"database {self.shown}: {getattr(error, 'orig', error)}") from error

    async def close(self) -> None:
        """Give back all connections."""
        await self.engine.dispose()


def insert_into(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say what happens where the key is there already: each database has its own."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table)


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], keys: tuple[str, ...], mine: str = ""
) -> None:
    """Insert, or replace what is there under the same key; all rows have the same columns.

    With ``mine`` only what has the same value in that column is replaced: nobody's row becomes somebody else's.
    """
    if not rows:
        return
    statement = insert_into(connection, table)
    changed = {column: statement.excluded[column] for column in rows[0] if column not in keys}
    same = table.c[mine] == statement.excluded[mine] if mine else None
    statement = statement.on_conflict_do_update(index_elements=list(keys), set_=changed, where=same)
    for begin in range(0, len(rows), AT_ONCE):
        await connection.execute(statement, list(rows[begin : begin + AT_ONCE]))


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnusable(
            "[database] url is no database URL; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            parsed = parsed.set(drivername="sqlite+aiosqlite")
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_async_engine(parsed)
            event.listen(engine.sync_engine, "connect", _sqlite_pragmas)
            return engine
        case "postgresql":
            return create_async_engine(parsed.set(drivername="postgresql+asyncpg"), pool_pre_ping=True)
        case other:
            raise StoreUnusable(
                f"[database] url: {other} is not supported; write sqlite:///FILE or postgresql://USER@HOST/NAME"
            )


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # readers beside one writer, references held, and a busy file waited for instead of failing at once
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "busy_timeout = 5000", "synchronous = NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # SQLite changes a column by making the table anew: with references held, dropping the old one would delete
        # or empty every row that refers to it. The pragma does nothing inside a transaction, so it stands before.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    try:
        with warnings.catch_warnings():
            # where tables are made anew, those they refer to are read too, and an index over lower(email) cannot be
            warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
            command.upgrade(config, "head")
        connection.commit()
    finally:
        if sqlite:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
